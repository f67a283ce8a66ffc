package upload

import (
	"context"
	"slices"
	"sync"
	"time"

	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

// Grant says that a peer is served, and why.
type Grant struct {
	Key swarm.PeerKey
	// Rate is its share of the limit relative to the other grants, by custom in
	// bytes per second; ≤ 0 = choked.
	Rate int64
	Slot swarm.Slot
}

// Config is fixed when an Upload is made. The zero value will do.
type Config struct {
	// Limit is the session's limit at the start in bytes per second of payload;
	// 0 = none.
	Limit int64
	// Serve, if set, reads blocks, which the links then write themselves: the
	// library never sees a request and counts no upload.
	Serve link.ServeFunc
}

// Upload releases the peers' requests by the grants. Its methods may be called
// from any goroutine and return at once.
type Upload struct {
	links *link.Links
	wake  chan struct{}

	mu      sync.Mutex
	limit   int64
	limits  map[swarm.InfoHash]int64
	all     bool // the session's limit counts all bytes, not payload alone
	grants  map[swarm.PeerKey]Grant
	changed bool // something above, since Run looked

	// Of Run's goroutine.
	total    bucket
	torrents map[swarm.InfoHash]*bucket
	robin    robin
	peers    []*peer // as robin.flows
	free     []*peer // those that the session's limit does not hold for
	known    []*link.Link
	overhead map[*link.Link]int64 // of known, up to which it is booked
	looked   time.Time            // when it was booked last
}

// peer is a served link in the round.
type peer struct {
	link   *link.Link
	bucket *bucket // of its torrent; nil = no limit of its own
	window int     // bytes
	hit    bool    // released in this pass
}

// New returns an Upload that serves nobody yet.
func New(cfg Config, links *link.Links) *Upload {
	u := &Upload{
		links:    links,
		wake:     make(chan struct{}, 1),
		limit:    max(0, cfg.Limit),
		limits:   make(map[swarm.InfoHash]int64),
		grants:   make(map[swarm.PeerKey]Grant),
		changed:  true,
		torrents: make(map[swarm.InfoHash]*bucket),
	}
	links.SetServe(cfg.Serve)
	return u
}

// SetLimit sets the session's limit in bytes per second of payload; 0 = none.
func (u *Upload) SetLimit(n int64) {
	u.change(func() { u.limit = max(0, n) })
}

// SetTorrentLimit sets the limit of one torrent in bytes per second of payload;
// 0 = none of its own.
func (u *Upload) SetTorrentLimit(ih swarm.InfoHash, n int64) {
	u.change(func() {
		if n > 0 {
			u.limits[ih] = n
		} else {
			delete(u.limits, ih)
		}
	})
}

// Apply replaces all grants. A peer without one is choked, also one that connects
// later. grants is not kept.
func (u *Upload) Apply(grants []Grant) {
	u.change(func() {
		clear(u.grants)
		for _, g := range grants {
			if g.Rate > 0 {
				u.grants[g.Key] = g
			}
		}
	})
}

// Granted returns the grant in force for a peer; ok is false if it is choked.
func (u *Upload) Granted(key swarm.PeerKey) (g Grant, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	g, ok = u.grants[key]
	return g, ok
}

func (u *Upload) change(f func()) {
	u.mu.Lock()
	f()
	u.changed = true
	u.mu.Unlock()
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// Run serves until ctx is done and returns nil then. It is the package's one
// goroutine; call it once.
func (u *Upload) Run(ctx context.Context) error {
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-u.wake:
		case <-u.links.Ready():
		case <-t.C:
		}
		if again := u.pass(time.Now()); again > 0 {
			t.Reset(again)
		}
	}
}

// pass releases what may be released now. It returns when to come back, 0 for not
// before something changes.
func (u *Upload) pass(now time.Time) (again time.Duration) {
	u.refresh(now)
	u.total.fill(now)
	u.payOverhead(now)
	for _, b := range u.torrents {
		b.fill(now)
	}
	u.serveFree()
	if !u.total.open() {
		return u.pause()
	}
	for i := range u.peers {
		u.look(i)
	}
	for u.total.open() {
		i := u.robin.next()
		if i < 0 {
			break
		}
		u.release(i)
	}
	for _, p := range u.peers {
		if p.hit {
			p.hit = false
			p.link.Push()
		}
	}
	return u.pause()
}

// minPause keeps the goroutine from waking for less than a buffer's worth.
const minPause = time.Millisecond

// pause is the time until the first bucket that held something back is open.
func (u *Upload) pause() (d time.Duration) {
	sooner := func(peers []*peer) {
		for _, p := range peers {
			if p.bucket != nil && !p.bucket.open() {
				if w := max(minPause, p.bucket.wait()); d == 0 || w < d {
					d = w
				}
			}
		}
	}
	sooner(u.free)
	if u.total.open() {
		sooner(u.peers)
	} else if w := max(minPause, u.total.wait()); d == 0 || w < d {
		d = w
	}
	return d
}

// look asks link i what it has to send.
func (u *Upload) look(i int) {
	p := u.peers[i]
	size, returned := p.link.Next(p.window)
	if returned > 0 {
		u.total.take(-returned)
		if p.bucket != nil {
			p.bucket.take(-returned)
		}
	}
	if p.bucket != nil && !p.bucket.open() {
		size = 0
	}
	u.robin.flows[i].size = size
}

// release hands the next request of link i on.
func (u *Upload) release(i int) {
	p := u.peers[i]
	n := int64(p.link.Release())
	u.total.take(n)
	if p.bucket != nil {
		p.bucket.take(n)
	}
	p.hit = true
	u.look(i)
}

// refresh brings the round in line with the grants, the limits and the links
// there are.
func (u *Upload) refresh(now time.Time) {
	all := u.links.All()
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.changed && slices.Equal(all, u.known) {
		return
	}
	u.changed = false
	u.known = all
	u.total.setRate(u.limit, now)
	u.refreshTorrents(now)
	before := make(map[*link.Link]flow, len(u.peers))
	for i, p := range u.peers {
		u.robin.settle(&u.robin.flows[i])
		before[p.link] = u.robin.flows[i]
	}
	u.peers, u.robin.flows, u.free = u.peers[:0], u.robin.flows[:0], u.free[:0]
	sum := int64(0)
	for _, l := range all {
		g, ok := u.grants[l.Key()]
		l.SetUnchoked(ok)
		if !ok {
			continue
		}
		if l.Free() {
			u.free = append(u.free, &peer{link: l, bucket: u.torrents[l.InfoHash()], window: mostWindow})
			continue
		}
		sum += g.Rate
		u.peers = append(u.peers, &peer{link: l, bucket: u.torrents[l.InfoHash()]})
		f := before[l]
		f.weight = g.Rate
		u.robin.flows = append(u.robin.flows, f)
	}
	u.robin.reset()
	for i, p := range u.peers {
		f := &u.robin.flows[i]
		rate := share(u.limit, f.weight, sum)
		p.window = window(u.limit, rate)
		f.most = int64(rate * makeUp.Seconds() * unit)
		f.credit = min(f.credit, u.robin.bound(f))
	}
}

// refreshTorrents makes the buckets follow the limits. mu is held.
func (u *Upload) refreshTorrents(now time.Time) {
	for ih := range u.torrents {
		if u.limits[ih] == 0 {
			delete(u.torrents, ih)
		}
	}
	for ih, n := range u.limits {
		b := u.torrents[ih]
		if b == nil {
			b = new(bucket)
			u.torrents[ih] = b
		}
		b.setRate(n, now)
	}
}

const (
	leastWindow = 4 * swarm.BlockSize
	mostWindow  = 512 << 10
	windowTime  = 250 * time.Millisecond

	// makeUp is how much of its share a peer is made up for when it asked for less.
	// Programs begin with few requests after an unchoke: Transmission takes three
	// seconds to ask for what it is granted.
	makeUp = 4 * time.Second
)

// share is a peer's part of the limit in bytes per second; 0 = there is none.
func share(limit, weight, sum int64) float64 {
	if sum <= 0 {
		return 0
	}
	return float64(limit) * (float64(weight) / float64(sum))
}

// window is how many bytes of a peer may be released and unsent: enough for the
// way through the library at its share of the limit, little enough to stop soon.
func window(limit int64, share float64) int {
	if limit == 0 || share <= 0 {
		return mostWindow
	}
	return max(leastWindow, min(mostWindow, int(share*windowTime.Seconds())))
}
