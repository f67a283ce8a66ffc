package link

import (
	"time"
)

// deadlines are those the library set and what the socket was told. The read
// deadline of the socket doubles as the way to wake a blocked reader, hence the
// book-keeping. Guarded by Link.mu.
type deadlines struct {
	read, write time.Time
	applied     time.Time // read deadline the socket has
	reading     bool      // a read of the socket is under way
	waiting     bool      // the reader waits for the download limit
	kicked      bool      // woken on purpose
}

// lateDeadline is how much earlier than asked a read deadline may be in the
// socket. The library moves it before every read; telling the socket each time
// would cost more than the read.
const lateDeadline = 20 * time.Second

// SetDeadline is part of net.Conn.
func (l *Link) SetDeadline(t time.Time) error {
	if err := l.SetReadDeadline(t); err != nil {
		return err
	}
	return l.SetWriteDeadline(t)
}

// SetReadDeadline is part of net.Conn.
func (l *Link) SetReadDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read = t
	if l.stale() && !l.kicked && (l.reading || l.waiting) {
		l.wakeReader()
	}
	return nil
}

// SetWriteDeadline is part of net.Conn.
func (l *Link) SetWriteDeadline(t time.Time) error {
	l.mu.Lock()
	l.write = t
	l.mu.Unlock()
	select {
	case <-l.secured:
		return l.rawConn().SetWriteDeadline(t)
	default:
		return nil // the handshake has a deadline of its own and applies this one after it
	}
}

// stale reports whether the socket's read deadline has to be set anew. mu is
// held.
func (l *Link) stale() bool {
	return l.read.IsZero() != l.applied.IsZero() ||
		l.read.Before(l.applied) || l.read.Sub(l.applied) > lateDeadline
}

// passed reports whether the library's read deadline is over. mu is held.
func (l *Link) passed(now time.Time) bool { return !l.read.IsZero() && !now.Before(l.read) }

// wakeReader makes a blocked reader look at injected and the deadline. mu is
// held.
func (l *Link) wakeReader() {
	switch {
	case l.waiting:
		select {
		case l.resume <- struct{}{}:
		default:
		}
	case l.reading && !l.kicked:
		l.kicked = true
		l.applied = time.Unix(1, 0)
		_ = l.rawConn().SetReadDeadline(l.applied)
	}
}
