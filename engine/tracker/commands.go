package tracker

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"swarmbid/engine/swarm"
)

// Add begins to announce a torrent; one that is there already gets the new tiers and
// totals. totals is called on a worker before each announce, also during the farewell
// of Run: it must not wait for the goroutine that calls these commands. URLs that
// cannot be used stay listed as disabled.
func (a *Announcer) Add(ctx context.Context, ih swarm.InfoHash, tiers [][]string, totals func() Totals) error {
	if totals == nil {
		return errors.New("tracker: torrent without totals")
	}
	return a.command(ctx, func(s *state) {
		if t := s.torrents[ih]; t != nil {
			t.totals = totals
			s.setTiers(t, tiers, time.Now())
			return
		}
		t := &torrent{ih: ih, key: rand.Uint32(), totals: totals, place: -1}
		t.setTiers(tiers)
		s.mark(t)
		s.torrents[ih] = t
		s.schedule(t, s.slot(time.Now()))
	})
}

// SetTiers replaces the trackers of a torrent. Those that go hear stopped; those that
// stay keep their state and order.
func (a *Announcer) SetTiers(ctx context.Context, ih swarm.InfoHash, tiers [][]string) error {
	return a.with(ctx, ih, func(s *state, t *torrent) { s.setTiers(t, tiers, time.Now()) })
}

// setTiers replaces t's trackers and begins a round unless one that stays is known to
// work or is being asked.
func (s *state) setTiers(t *torrent, tiers [][]string, now time.Time) {
	gone := t.setTiers(tiers)
	s.mark(t)
	for _, tr := range gone {
		if t.busy != tr {
			s.leave(t, tr, now)
		} else if t.stage != flying { // else its result decides
			t.stage, t.busy = idle, nil
			s.leave(t, tr, now)
		}
	}
	if t.stage == idle && (t.current == nil || t.due.IsZero()) {
		s.schedule(t, now)
	}
}

// Remove forgets a torrent and tells the trackers that heard of it, in the background. A
// torrent that is added again meanwhile begins when that is done and what was under way
// has ended, so that trackers hear the events in their order.
func (a *Announcer) Remove(ctx context.Context, ih swarm.InfoHash) error {
	return a.with(ctx, ih, func(s *state, t *torrent) {
		now := time.Now()
		t.gone = true
		delete(s.torrents, ih)
		delete(s.changed, ih)
		s.schedule(t, time.Time{})
		if t.stage == flying {
			s.leaving[ih]++ // nobody begins anew before its result is in
		}
		for _, tr := range t.all() {
			if t.busy != tr || t.stage != flying { // else its result decides
				s.leave(t, tr, now)
			}
		}
	})
}

// Completed says that the last missing byte was just verified: the tracker hears
// completed at once, and others when they are first asked after it.
func (a *Announcer) Completed(ctx context.Context, ih swarm.InfoHash) error {
	return a.with(ctx, ih, func(s *state, t *torrent) {
		if t.done {
			return
		}
		t.done = true
		if t.stage == idle && t.current != nil {
			s.schedule(t, time.Now())
		}
	})
}

// Update announces now, whatever pauses after failures are left. It returns
// ErrTooSoon and the time it becomes possible when the tracker's minimum interval (60
// s at least, 15 s after a failure of all) is not over. While an announce is under
// way it does nothing.
func (a *Announcer) Update(ctx context.Context, ih swarm.InfoHash) (from time.Time, err error) {
	var soon error
	err = a.with(ctx, ih, func(s *state, t *torrent) {
		now := time.Now()
		from = now
		if t.stage != idle {
			return
		}
		if now.Before(t.patient) {
			from, soon = t.patient, ErrTooSoon
			return
		}
		t.force = true
		for _, tr := range t.all() {
			tr.never = false
		}
		s.schedule(t, now)
	})
	if err == nil {
		err = soon
	}
	return from, err
}

// Scrape asks the tracker that answered last, else the first, for its figures; they
// appear in Status. ErrTooSoon within 60 s of the last scrape.
func (a *Announcer) Scrape(ctx context.Context, ih swarm.InfoHash) error {
	var soon error
	err := a.with(ctx, ih, func(s *state, t *torrent) {
		tr, now := t.current, time.Now()
		for _, other := range t.all() {
			if tr == nil && other.enabled() {
				tr = other
			}
		}
		switch {
		case tr == nil:
		case now.Before(tr.scraped.Add(minInterval)) || tr.scraping || len(s.aux) >= maxAux:
			soon = ErrTooSoon
		default:
			tr.scraped, tr.scraping = now, true
			s.aux = append(s.aux, s.job(scrapeJob, t, tr))
		}
	})
	if err == nil {
		err = soon
	}
	return err
}

// with runs f on the owner's goroutine for a torrent that is there.
func (a *Announcer) with(ctx context.Context, ih swarm.InfoHash, f func(*state, *torrent)) error {
	known := false
	err := a.command(ctx, func(s *state) {
		if t := s.torrents[ih]; t != nil {
			known = true
			f(s, t)
		}
	})
	if err == nil && !known {
		return ErrUnknown
	}
	return err
}
