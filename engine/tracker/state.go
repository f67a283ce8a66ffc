package tracker

import (
	"container/heap"
	"context"
	"errors"
	"time"

	"swarmbid/engine/swarm"
)

const (
	// familyPause is how long a family is left out at a host where only the other works.
	familyPause = time.Hour
	// maxHosts is how many hosts are remembered before failures that ended are dropped.
	maxHosts = 1024
	// maxAux bounds the stop jobs that wait; more are dropped: trackers notice anyway.
	maxAux = 10_000
	// startBurst is how many first announces go at once before Config.StartRate counts.
	startBurst = 20
)

// host is an endpoint that trackers of many torrents share.
type host struct {
	flying  int // announces ready or under way
	waiting []wait
	fails   int       // silent in a row
	dead    time.Time // until then announces fail without being tried
	err     error
	broken  [families]time.Time // until then a family is left out
}

// wait is a torrent that waits for a place at the host. It is void when the torrent
// has gone on meanwhile.
type wait struct {
	t  *torrent
	tr *tracker
}

func (w wait) valid(st stage) bool { return !w.t.gone && w.t.stage == st && w.t.busy == w.tr }

// state is all that the owner goroutine owns.
type state struct {
	cfg      *Config
	policy   Policy
	torrents map[swarm.InfoHash]*torrent
	due      dueHeap
	hosts    map[string]*host
	ready    []wait // announces for the next free worker
	aux      []job  // stops and scrapes, likewise
	auxTurn  bool   // the two queues take turns
	leaving  map[swarm.InfoHash]int
	flying   int // jobs with workers
	closing  bool
	bye      farewell  // in place of ready and aux when closing
	nextSlot time.Time // of the first announce of the next torrent added
	changed  map[swarm.InfoHash]bool
}

func newState(cfg *Config) *state {
	return &state{
		cfg:      cfg,
		torrents: make(map[swarm.InfoHash]*torrent),
		hosts:    make(map[string]*host),
		leaving:  make(map[swarm.InfoHash]int),
		changed:  make(map[swarm.InfoHash]bool),
	}
}

// schedule sets the time of t's next round; the zero time takes it off the heap.
func (s *state) schedule(t *torrent, at time.Time) {
	t.due = at
	switch {
	case at.IsZero() && t.place >= 0:
		heap.Remove(&s.due, t.place)
	case at.IsZero():
	case t.place >= 0:
		heap.Fix(&s.due, t.place)
	default:
		heap.Push(&s.due, t)
	}
}

// slot spreads the first announces of torrents that are added together.
func (s *state) slot(now time.Time) time.Time {
	gap := time.Second / time.Duration(s.cfg.StartRate)
	if floor := now.Add(-startBurst * gap); s.nextSlot.Before(floor) {
		s.nextSlot = floor
	}
	s.nextSlot = s.nextSlot.Add(gap)
	if s.nextSlot.Before(now) {
		return now
	}
	return s.nextSlot
}

// nextDue returns the time until the next round.
func (s *state) nextDue(now time.Time) (time.Duration, bool) {
	if len(s.due) == 0 {
		return 0, false
	}
	return max(s.due[0].due.Sub(now), 0), true
}

// beginDue starts the rounds that are due.
func (s *state) beginDue(now time.Time) {
	for len(s.due) > 0 && !s.due[0].due.After(now) {
		t := s.due[0]
		s.schedule(t, time.Time{})
		if s.leaving[t.ih] > 0 {
			continue // left comes back to it
		}
		t.round++
		s.goOn(t, now)
	}
}

// goOn asks the next tracker of t's round, or ends the round when there is none.
func (s *state) goOn(t *torrent, now time.Time) {
	t.stage, t.busy = idle, nil
	for {
		tr := t.next(now)
		if tr == nil {
			t.force, t.patient = false, now.Add(retryAfterFailure)
			s.schedule(t, t.retry())
			return
		}
		tr.round = t.round
		h := s.host(tr.to.key(), now)
		if now.Before(h.dead) && !t.force {
			tr.fail(now, h.err, h.dead.Sub(now))
			continue
		}
		t.busy = tr
		if h.flying >= s.cfg.PerHost {
			t.stage = waiting
			h.waiting = append(h.waiting, wait{t, tr})
			return
		}
		h.flying++
		t.stage = ready
		s.ready = append(s.ready, wait{t, tr})
		return
	}
}

// host returns what is known of an endpoint.
func (s *state) host(key string, now time.Time) *host {
	h := s.hosts[key]
	if h != nil {
		return h
	}
	if len(s.hosts) >= maxHosts {
		for k, h := range s.hosts {
			if h.flying == 0 && len(h.waiting) == 0 && now.After(h.dead) {
				delete(s.hosts, k)
			}
		}
	}
	h = new(host)
	s.hosts[key] = h
	return h
}

// release frees a place at the host and lets those who wait have it; where the host
// turned out to be dead they all fail now.
func (s *state) release(h *host, now time.Time) {
	h.flying--
	for len(h.waiting) > 0 && (h.flying < s.cfg.PerHost || now.Before(h.dead)) {
		w := h.waiting[0]
		h.waiting = h.waiting[1:]
		if !w.valid(waiting) {
			continue
		}
		if now.Before(h.dead) && !w.t.force {
			w.tr.fail(now, h.err, h.dead.Sub(now))
			s.goOn(w.t, now)
			continue
		}
		h.flying++
		w.t.stage = ready
		s.ready = append(s.ready, w)
	}
}

// head returns the next job for a worker and leaves it queued; void entries go.
func (s *state) head(now time.Time) (job, bool) {
	if s.closing {
		return s.bye.head(s.cfg.Parallel)
	}
	for len(s.ready) > 0 && !s.ready[0].valid(ready) {
		tr := s.ready[0].tr
		s.ready = s.ready[1:]
		s.release(s.host(tr.to.key(), now), now)
	}
	if len(s.aux) > 0 && (s.auxTurn || len(s.ready) == 0) {
		return s.aux[0], true
	}
	if len(s.ready) == 0 {
		return job{}, false
	}
	w := s.ready[0]
	j := s.job(announceJob, w.t, w.tr)
	h := s.host(w.tr.to.key(), now)
	for i := range j.skip {
		j.skip[i] = now.Before(h.broken[i])
	}
	return j, true
}

func (s *state) job(k jobKind, t *torrent, tr *tracker) job {
	return job{
		kind: k, t: t, tr: tr, to: tr.to, source: tr.raw, ih: t.ih, key: t.key,
		totals: t.totals, done: t.done, told: tr.told,
	}
}

// taken notes that a worker has the job that head returned.
func (s *state) taken(j job) {
	s.flying++
	if s.closing {
		s.bye.taken()
		return
	}
	s.auxTurn = j.kind == announceJob
	if j.kind == announceJob {
		s.ready = s.ready[1:]
		j.t.stage = flying
	} else {
		s.aux = s.aux[1:]
	}
}

// handle takes the result of a job.
func (s *state) handle(r result, now time.Time) {
	s.flying--
	err, silent := r.failure()
	if errors.Is(err, context.Canceled) {
		silent = false // we broke it off
	} else if err != nil {
		s.cfg.Log.Debug("tracker failed", "host", r.to.host, "torrent", r.ih, "err", err)
	}
	h := s.host(r.to.key(), now)
	h.note(&r, err, silent, now)
	switch r.kind {
	case stopJob:
		s.left(r.t, now)
		s.bye.over(r.job)
	case scrapeJob:
		r.tr.scraping = false
		if err == nil {
			r.tr.count(r.merged())
			s.changed[r.ih] = true
		}
	case announceJob:
		s.announced(&r, err, now)
		s.release(h, now)
	}
}

// note keeps the host's record.
func (h *host) note(r *result, err error, silent bool, now time.Time) {
	if silent {
		if !now.Before(h.dead) {
			h.fails++
			h.dead = now.Add(backOff(h.fails))
		}
		h.err, h.broken = err, [families]time.Time{}
		return
	}
	if err != nil {
		return
	}
	h.fails, h.dead, h.err = 0, time.Time{}, nil
	for i, o := range r.out {
		var no *refusal
		if o.tried && o.err != nil && !errors.As(o.err, &no) {
			h.broken[i] = now.Add(familyPause)
		}
	}
}

// announced takes the result of an announce.
func (s *state) announced(r *result, err error, now time.Time) {
	t, tr := r.t, r.tr
	tr.hear(r)
	if s.closing || t.gone || !t.has(tr) {
		s.presume(r)
		s.leave(t, tr, now)
		t.stage, t.busy = idle, nil
		switch {
		case s.closing:
		case t.gone:
			s.left(t, now) // Remove counted it
		default:
			s.schedule(t, now)
		}
		return
	}
	s.changed[t.ih] = true
	if err != nil {
		tr.fail(now, err, 0)
		s.goOn(t, now)
		return
	}
	a := r.merged()
	tr.succeed(now, a)
	t.promote(tr)
	s.wantScrape(t, tr, now)
	t.stage, t.busy, t.force, t.current = idle, nil, false, tr
	t.patient = now.Add(patience(a))
	next := now.Add(pause(a))
	if t.untold(r) {
		next = now
	}
	s.schedule(t, next)
}

// presume counts a started that was broken off as heard: it may have been.
func (s *state) presume(r *result) {
	for i, o := range r.out {
		if o.event == eventStarted && errors.Is(o.err, context.Canceled) {
			r.tr.told[i].started = true
		}
	}
}

// leave queues a stopped event for a tracker that heard started.
func (s *state) leave(t *torrent, tr *tracker, now time.Time) {
	dead := now.Before(s.host(tr.to.key(), now).dead)
	if !tr.heard() || dead || tr.off || len(s.aux) >= maxAux {
		return
	}
	j := s.job(stopJob, t, tr)
	s.leaving[t.ih]++
	if s.closing {
		s.bye.add(j)
	} else {
		s.aux = append(s.aux, j)
	}
	tr.told = [families]told{}
}

// left notes that a stopped event is over; a torrent that was added again meanwhile
// begins now, so that the tracker hears the two in this order.
func (s *state) left(t *torrent, now time.Time) {
	if s.leaving[t.ih]--; s.leaving[t.ih] > 0 {
		return
	}
	delete(s.leaving, t.ih)
	if again := s.torrents[t.ih]; again != nil && again.stage == idle && again.due.IsZero() {
		s.schedule(again, now)
	}
}
