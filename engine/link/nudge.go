package link

import (
	"time"

	"swarmbid/engine/peerwire"
)

// alarm is a timer that is made when it is first needed. The zero value is off.
type alarm struct{ timer *time.Timer }

// after makes f be called once, d from now, instead of what was set before. f
// has to be the same each time.
func (a *alarm) after(d time.Duration, f func()) {
	if a.timer == nil {
		a.timer = time.AfterFunc(d, f)
		return
	}
	a.timer.Reset(d)
}

// stop turns the alarm off; a call that has begun goes on.
func (a *alarm) stop() {
	if a.timer != nil {
		a.timer.Stop()
	}
}

// refused notes that the peer rejected a request or unchoked us. On a reject the
// library (v1.62.0, requesting.go, applyRequestState) asks for nothing new, also
// when an unchoke arrived before it came to that; if it had nothing else open it
// never asks again. So it is reminded. mu is held.
func (l *Link) refused(id peerwire.ID) {
	switch id {
	case peerwire.Reject:
		l.rejected = true
	case peerwire.Unchoke:
	default:
		return
	}
	if l.rejected && !l.closed {
		l.remind.after(remindTime, l.reminded)
	}
}

// reminded makes the library look again what it could ask for, unless it did so
// since the reject. It does that for each suggestion of a piece (BEP 6) and
// ignores which piece it is.
func (l *Link) reminded() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.rejected || l.closed || l.counts.ChokingUs || !l.counts.Interesting {
		return
	}
	l.rejected = false
	l.inject(peerwire.AppendIndex(l.injected, peerwire.Suggest, 0))
}
