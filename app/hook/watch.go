package hook

import (
	"time"

	"swarmbid/engine/swarm"
)

// Change is something that happened to a torrent.
type Change struct {
	Torrent  swarm.Torrent
	Before   swarm.State
	Finished bool // its download is complete; else only its state is another one
}

// Watch finds changes in one snapshot after another. What is there before start is
// not news.
type Watch struct {
	start time.Time
	seen  map[swarm.InfoHash]seen
}

type seen struct {
	state swarm.State
	done  time.Time
}

// NewWatch returns a Watch of a session that began at start.
func NewWatch(start time.Time) *Watch {
	return &Watch{start: start, seen: map[swarm.InfoHash]seen{}}
}

// Look returns what changed since the last snapshot it was given. A torrent that is
// seen for the first time has changed only if it was added after the start.
func (w *Watch) Look(s *swarm.Snapshot) (out []Change) {
	now := make(map[swarm.InfoHash]seen, len(s.Torrents))
	for i := range s.Torrents {
		t := &s.Torrents[i]
		was, known := w.seen[t.InfoHash]
		now[t.InfoHash] = seen{t.State, t.Done}
		if !known && !t.Added.After(w.start) {
			continue
		}
		if t.Done.After(was.done) && t.Done.After(w.start) {
			out = append(out, Change{Torrent: *t, Before: was.state, Finished: true})
		}
		if t.State != was.state {
			out = append(out, Change{Torrent: *t, Before: was.state})
		}
	}
	w.seen = now
	return out
}
