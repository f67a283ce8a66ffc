package tracker

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"swarmbid/engine/swarm"
)

// maxTrackers is how many trackers of a torrent are kept.
const maxTrackers = 200

// told is what a tracker has heard over one address family.
type told struct {
	started, completed bool
	id                 string // its «tracker id», to be sent back
}

// tracker is one tracker of one torrent. It belongs to the owner goroutine.
type tracker struct {
	raw   string
	to    target
	bad   error // the URL cannot be used; everything below stays zero
	told  [families]told
	round uint64    // the torrent's round in which it was last asked
	asked time.Time // last announce that was tried or ruled out
	tried bool      // an announce has ended
	err   error     // of the last announce; nil = it succeeded
	fails int       // in a row
	after time.Time // not to be asked before; set by failures
	never bool      // it asked to be left alone (BEP 31)
	off   bool      // the policy does not allow it

	warning                   string
	seeds, leeches, downloads int
	got                       int
	scraped                   time.Time
	scraping                  bool
}

func newTracker(raw string) *tracker {
	tr := &tracker{raw: raw, seeds: -1, leeches: -1, downloads: -1}
	tr.to, tr.bad = parseURL(raw)
	return tr
}

// heard reports whether the tracker was told started over any family.
func (tr *tracker) heard() bool { return tr.told[0].started || tr.told[1].started }

// enabled reports whether the tracker may ever be asked.
func (tr *tracker) enabled() bool { return tr.bad == nil && !tr.never && !tr.off }

// fail notes a failure. atLeast lengthens the pause, e.g. to the host's.
func (tr *tracker) fail(now time.Time, err error, atLeast time.Duration) {
	tr.fails++
	tr.tried, tr.asked, tr.err = true, now, err
	wait := max(backOff(tr.fails), atLeast)
	var no *refusal
	if errors.As(err, &no) {
		wait, tr.never = max(wait, no.retry), no.never
	}
	tr.after = now.Add(jitter(wait))
}

// succeed notes an answer.
func (tr *tracker) succeed(now time.Time, a answer) {
	tr.fails, tr.err, tr.after = 0, nil, time.Time{}
	tr.tried, tr.asked, tr.warning, tr.got = true, now, a.warning, len(a.peers)
	tr.count(a)
}

// count takes over the figures that were said.
func (tr *tracker) count(a answer) {
	if a.seeds >= 0 {
		tr.seeds = a.seeds
	}
	if a.leeches >= 0 {
		tr.leeches = a.leeches
	}
	if a.downloads >= 0 {
		tr.downloads = a.downloads
	}
}

// hear notes what was heard over each family.
func (tr *tracker) hear(r *result) {
	for i, o := range r.out {
		if !o.tried || o.err != nil {
			continue
		}
		h := &tr.told[i]
		h.started = true
		h.completed = h.completed || o.event == eventCompleted
		if o.ans.trackerID != "" {
			h.id = o.ans.trackerID
		}
	}
}

// stage is where a torrent's round is.
type stage uint8

const (
	idle    stage = iota // between rounds
	waiting              // for a place at the host of busy
	ready                // for a worker
	flying               // under way
)

// torrent is one torrent. It belongs to the owner goroutine.
type torrent struct {
	ih      swarm.InfoHash
	key     uint32
	totals  func() Totals
	tiers   [][]*tracker
	stage   stage
	busy    *tracker // the tracker being asked; nil when idle
	round   uint64
	due     time.Time // of the next round; zero = none
	place   int       // in the heap; -1 = not there
	force   bool      // this round the user asked for: pauses do not count
	done    bool      // completed since Add
	gone    bool      // removed
	current *tracker  // answered last
	patient time.Time // the user may ask again from then on
}

// setTiers replaces the trackers, keeps what is known of those that stay, and returns
// those that go. New ones are shuffled within their tier (BEP 12), behind the known.
func (t *torrent) setTiers(tiers [][]string) (gone []*tracker) {
	old := make(map[string]*tracker)
	order := make(map[string]int)
	for _, tr := range t.all() {
		old[tr.raw], order[tr.raw] = tr, len(order)
	}
	t.tiers = nil
	seen := make(map[string]bool)
	for _, urls := range tiers {
		var known, fresh []*tracker
		for _, u := range urls {
			if u == "" || seen[u] || len(seen) >= maxTrackers {
				continue
			}
			seen[u] = true
			if tr := old[u]; tr != nil {
				known = append(known, tr)
			} else {
				fresh = append(fresh, newTracker(u))
			}
		}
		slices.SortFunc(known, func(a, b *tracker) int { return order[a.raw] - order[b.raw] })
		rand.Shuffle(len(fresh), func(i, j int) { fresh[i], fresh[j] = fresh[j], fresh[i] })
		if tier := append(known, fresh...); len(tier) > 0 {
			t.tiers = append(t.tiers, tier)
		}
	}
	for u, tr := range old {
		if !seen[u] {
			gone = append(gone, tr)
		}
	}
	if t.current != nil && !seen[t.current.raw] {
		t.current = nil
	}
	return gone
}

// all lists the trackers in the order they are asked.
func (t *torrent) all() []*tracker { return slices.Concat(t.tiers...) }

// has reports whether tr is still one of the torrent's.
func (t *torrent) has(tr *tracker) bool { return slices.Contains(t.all(), tr) }

// next picks the tracker to be asked in this round: the first, tier by tier, that was
// not asked in it and is not in a pause. nil = the round is over.
func (t *torrent) next(now time.Time) *tracker {
	for _, tier := range t.tiers {
		for _, tr := range tier {
			pausing := now.Before(tr.after) && !t.force
			if tr.enabled() && tr.round != t.round && !pausing {
				return tr
			}
		}
	}
	return nil
}

// promote moves tr to the front of its tier, for it answered (BEP 12).
func (t *torrent) promote(tr *tracker) {
	for _, tier := range t.tiers {
		if i := slices.Index(tier, tr); i > 0 {
			copy(tier[1:i+1], tier[:i])
			tier[0] = tr
		}
	}
}

// retry is the earliest end of a pause; zero when no tracker is enabled.
func (t *torrent) retry() time.Time {
	var first time.Time
	for _, tr := range t.all() {
		if tr.enabled() && (first.IsZero() || tr.after.Before(first)) {
			first = tr.after
		}
	}
	return first
}

// untold reports whether a tracker that just answered still has to hear completed.
func (t *torrent) untold(r *result) bool {
	for i, o := range r.out {
		if o.tried && o.err == nil && t.done && !r.tr.told[i].completed {
			return true
		}
	}
	return false
}
