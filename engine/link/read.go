package link

import (
	"net"
	"os"
	"time"

	"swarmbid/engine/peerwire"
)

// inbound is the read side of a link. It belongs to the reading goroutine.
type inbound struct {
	buf        []byte
	start, end int      // what of buf is not handed on yet
	pass       int      // bytes at start that the library may have
	hello      []byte   // of the handshake, while it is incomplete
	greeted    bool     // the peer's handshake is complete
	unpaid     int64    // payload read and not yet booked with the pacers
	charged    int64    // other bytes up to which they were looked at; 0 = not yet
	turns      [2]*turn // that are waited for: of the session and of the torrent
	changed    bool     // OnChange is due
}

const (
	minBuffer = 4 << 10
	maxBuffer = 128 << 10
	// pacedRead is the most that is read at once under a download limit, so that
	// nobody's turn is long.
	pacedRead = 16 << 10
)

// Read is part of net.Conn. One goroutine may read.
func (l *Link) Read(p []byte) (int, error) {
	if l.incoming {
		l.listenOnce.Do(l.secureIncoming)
	}
	<-l.secured
	if l.secureErr != nil {
		return 0, l.secureErr
	}
	if len(p) == 0 {
		return 0, nil
	}
	if !l.in.greeted {
		return l.readHello(p)
	}
	select {
	case <-l.up:
	default:
		if err := l.awaitUp(); err != nil {
			return 0, err
		}
	}
	return l.readFrames(p)
}

// readHello hands on the peer's handshake and nothing after it.
func (l *Link) readHello(p []byte) (int, error) {
	in := &l.in
	p = p[:min(len(p), peerwire.HandshakeSize-len(in.hello))]
	n, err := l.r.Read(p)
	in.hello = append(in.hello, p[:n]...)
	if len(in.hello) < peerwire.HandshakeSize {
		return n, err
	}
	h, herr := peerwire.ParseHandshake(in.hello)
	if herr != nil {
		l.drop(herr, herr.Error())
		return n, herr
	}
	in.greeted, in.hello = true, nil
	if l.isDone() {
		return n, net.ErrClosed
	}
	l.mu.Lock()
	l.infoHash, l.peerID = h.InfoHash, h.PeerID
	l.mu.Unlock()
	l.greet(h)
	return n, err
}

// awaitUp waits for our own handshake to be sent.
func (l *Link) awaitUp() error {
	var late <-chan time.Time
	l.mu.Lock()
	if !l.read.IsZero() {
		t := time.NewTimer(time.Until(l.read))
		defer t.Stop()
		late = t.C
	}
	l.mu.Unlock()
	select {
	case <-l.up:
		return nil
	case <-l.done:
		return net.ErrClosed
	case <-late:
		return os.ErrDeadlineExceeded
	}
}

// readFrames hands on what the library may see of the frames that arrive, and
// the requests that are released.
func (l *Link) readFrames(p []byte) (int, error) {
	for {
		l.mu.Lock()
		n, err := l.deliver(p)
		l.mu.Unlock()
		if l.in.changed {
			l.in.changed = false
			l.links.cfg.OnChange()
		}
		if err != nil {
			l.drop(err, err.Error())
			return 0, err
		}
		if n > 0 {
			return n, nil
		}
		if err := l.pay(); err != nil {
			return 0, err
		}
		if err := l.fill(); err != nil {
			return 0, err
		}
	}
}

// deliver fills p from the buffer and from what is injected. mu is held.
func (l *Link) deliver(p []byte) (n int, err error) {
	in := &l.in
	for n < len(p) {
		switch {
		case in.pass > 0:
			k := copy(p[n:], in.buf[in.start:in.start+in.pass])
			n += k
			in.start += k
			in.pass -= k
		case len(l.injected) > 0:
			k := copy(p[n:], l.injected)
			n += k
			l.injected = l.injected[:copy(l.injected, l.injected[k:])]
		default:
			more, err := l.nextFrame()
			if err != nil || !more {
				return n, err
			}
		}
	}
	return n, nil
}

// nextFrame judges the frame at the start of the buffer. more is false while it is
// incomplete: a frame is held until then, so that an injected one never waits for
// a slow peer. mu is held.
func (l *Link) nextFrame() (more bool, err error) {
	in := &l.in
	have := in.buf[in.start:in.end]
	h, ok := peerwire.Peek(have)
	if !ok {
		return false, nil
	}
	if err := l.checker.CheckHead(h); err != nil {
		return false, err
	}
	if len(have) < h.Size() {
		return false, nil
	}
	pass, err := l.arrived(h, h.Body(have))
	if err != nil {
		return false, err
	}
	if len(l.owed) > maxOwed {
		return false, ErrBacklog
	}
	if pass {
		in.pass = h.Size()
	} else {
		in.start += h.Size()
	}
	return true, nil
}

// pay waits until the payload read so far is within the download limits, or
// until there is something injected to read.
func (l *Link) pay() error {
	in := &l.in
	l.payOverhead()
	if in.unpaid > 0 && in.unpaid >= l.torrent.turn(l.links) {
		now, t := time.Now(), l.torrent
		in.turns[0] = nil
		if !l.Free() {
			in.turns[0] = l.links.down.reserve(now, &t.flow, t.weight.Load(), in.unpaid)
		}
		in.turns[1] = t.down.reserve(now, &t.own, 1, in.unpaid)
		in.unpaid = 0
	}
	for in.waits() {
		l.mu.Lock()
		now := time.Now()
		until := l.read
		if l.passed(now) {
			l.mu.Unlock()
			return os.ErrDeadlineExceeded
		}
		if len(l.injected) > 0 {
			l.mu.Unlock()
			return nil
		}
		l.waiting = true
		l.mu.Unlock()
		if err := l.waitUntil(until); err != nil {
			return err
		}
	}
	return nil
}

// waits reports whether a turn is not over.
func (in *inbound) waits() bool { return !in.turns[0].over() || !in.turns[1].over() }

// waitUntil waits for a turn, for a deadline (zero = none), or for wakeReader.
func (l *Link) waitUntil(deadline time.Time) (err error) {
	var late <-chan time.Time
	if !deadline.IsZero() {
		t := time.NewTimer(time.Until(deadline))
		defer t.Stop()
		late = t.C
	}
	turn := l.in.turns[0]
	if turn.over() {
		turn = l.in.turns[1]
	}
	select {
	case <-turn.done:
	case <-late:
	case <-l.resume:
	case <-l.done:
		err = net.ErrClosed
	}
	l.mu.Lock()
	l.waiting = false
	l.mu.Unlock()
	return err
}

// fill reads from the network once. It returns nil when it was woken instead.
func (l *Link) fill() error {
	in := &l.in
	in.room()
	into := in.buf[in.end:]
	if (l.links.down.limit() > 0 || l.torrent.down.limit() > 0) && len(into) > pacedRead {
		into = into[:pacedRead]
	}
	l.mu.Lock()
	if len(l.injected) > 0 || in.waits() {
		l.mu.Unlock()
		return nil
	}
	if l.kicked || l.stale() {
		l.kicked = false
		l.applied = l.read
		_ = l.rawConn().SetReadDeadline(l.read)
	}
	l.reading = true
	l.mu.Unlock()

	n, err := l.r.Read(into)
	in.end += n

	l.mu.Lock()
	defer l.mu.Unlock()
	l.reading = false
	if isTimeout(err) && !l.passed(time.Now()) {
		// Woken on purpose, or the socket's deadline was earlier than the library's.
		l.kicked = true
		return nil
	}
	if n > 0 {
		return nil
	}
	return err
}

// room makes space to read into. The buffer grows while reads fill it.
func (in *inbound) room() {
	if in.start == in.end {
		in.start, in.end = 0, 0
	}
	if in.buf == nil {
		in.buf = make([]byte, minBuffer)
	}
	if len(in.buf)-in.end >= len(in.buf)/2 {
		return
	}
	if in.start > 0 {
		in.end = copy(in.buf, in.buf[in.start:in.end])
		in.start = 0
	}
	if len(in.buf)-in.end < len(in.buf)/2 && len(in.buf) < maxBuffer {
		bigger := make([]byte, 2*len(in.buf))
		copy(bigger, in.buf[:in.end])
		in.buf = bigger
	}
}
