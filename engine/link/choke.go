package link

import (
	"time"

	"swarmbid/engine/peerwire"
)

// SetUnchoked says whether the peer is to be served. It is for upload; others
// decide through upload.Apply.
func (l *Link) SetUnchoked(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.granted != on {
		l.granted = on
		l.applyChoke()
	}
}

// applyChoke brings what the peer is told in line with what is wanted. mu is
// held.
func (l *Link) applyChoke() {
	open := l.granted && (l.engineOpen || l.direct) && !l.torrent.paused.Load() && !l.closed
	switch {
	case open && l.draining:
		l.draining = false
		l.drain.stop()
		l.links.wake()
	case open && !l.unchoked:
		if l.fast && time.Since(l.chokedAt) < restTime {
			l.rest.after(restTime-time.Since(l.chokedAt), l.rested)
			return
		}
		l.unchoked = true
		l.counts.Unchokes++
		l.owe(peerwire.AppendEmpty(l.owed, peerwire.Unchoke))
	case !open && l.unchoked && !l.draining:
		if l.relBytes == 0 {
			l.chokeNow()
			return
		}
		l.draining = true
		l.drain.after(drainTime, l.drained)
	}
}

// rested ends the time after a choke in which there is no unchoke.
func (l *Link) rested() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.applyChoke()
}

// drained ends the time in which released requests may be answered.
func (l *Link) drained() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.draining && !l.closed {
		l.chokeNow()
		l.recall()
	}
}

// chokeNow tells the peer that it is choked, then refuses what it has queued. mu
// is held.
func (l *Link) chokeNow() {
	l.draining, l.unchoked = false, false
	l.drain.stop()
	l.chokedAt = time.Now()
	l.counts.Chokes++
	l.owe(peerwire.AppendEmpty(l.owed, peerwire.Choke))
	l.chokePlaced()
	for _, b := range l.queue.clear() {
		l.refuse(b)
	}
}

// recall takes released requests back after a choke. With the fast extension the
// library answers each, by the block or a reject; without it nothing may follow a
// choke, and Write drops blocks that are on their way. mu is held.
func (l *Link) recall() {
	for _, r := range l.toServe {
		l.forget(l.findReleased(r.asked()))
		l.refuse(r.asked())
	}
	l.toServe = l.toServe[:0]
	frames := l.injected
	for i := len(l.released) - 1; i >= 0; i-- {
		if r := &l.released[i]; !r.direct && !r.cancelled {
			frames = peerwire.AppendBlock(frames, peerwire.Cancel, r.Block)
			r.cancelled = true
		}
		if !l.fast {
			l.forget(i)
		}
	}
	if len(frames) > 0 {
		l.inject(frames)
	}
}

// engineChoked notes whether the library would serve the peer. mu is held.
func (l *Link) engineChoked(open bool) {
	l.engineOpen = open
	if open {
		l.applyChoke()
		return
	}
	if l.direct {
		return // what the library had it rejects
	}
	if l.unchoked {
		l.chokeNow()
	}
	l.recall()
}
