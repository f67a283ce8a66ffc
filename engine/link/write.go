package link

import (
	"time"

	"swarmbid/engine/peerwire"
)

// outbound is the write side of a link, guarded by Link.wmu.
type outbound struct {
	hello   []byte // of the handshake, while it is incomplete
	greeted bool
	tail    []byte   // an incomplete frame
	parts   [][]byte // what of a Write goes to the network
	blocks  []release
	spare   []byte // for owed, reused
	err     error  // a write failed: the stream is broken
}

// Write is part of net.Conn. The library's choke, unchoke and allowed fast are
// dropped, everything else is sent as it is, after what we owe.
func (l *Link) Write(b []byte) (int, error) {
	l.wmu.Lock()
	defer l.wmu.Unlock()
	total := len(b)
	if !l.out.greeted {
		rest, err := l.writeHello(b)
		if err != nil || len(rest) == 0 {
			return total - len(rest), err
		}
		b = rest
	}
	if len(l.out.tail) > 0 {
		b = append(l.out.tail, b...)
		l.out.tail = nil
	}
	n, owed := l.sortOut(b)
	if n < len(b) {
		l.out.tail = append([]byte(nil), b[n:]...)
	}
	if err := l.writeTaken(owed); err != nil {
		return 0, err
	}
	for _, part := range l.out.parts {
		if err := l.writeRaw(part); err != nil {
			return 0, err
		}
	}
	l.sent()
	return total, l.writeOwed()
}

// writeHello collects the library's handshake, sends it, and returns what follows
// it.
func (l *Link) writeHello(b []byte) (rest []byte, err error) {
	o := &l.out
	n := min(len(b), peerwire.HandshakeSize-len(o.hello))
	o.hello = append(o.hello, b[:n]...)
	if len(o.hello) < peerwire.HandshakeSize {
		return nil, nil
	}
	h, err := peerwire.ParseHandshake(o.hello)
	if err != nil {
		l.secure(nil, nil, Plain, ErrPlaintext)
		return b, ErrPlaintext
	}
	if l.incoming {
		l.listenOnce.Do(l.secureIncoming)
	} else {
		l.secureOutgoing(o.hello)
	}
	<-l.secured
	if l.secureErr != nil {
		return b, l.secureErr
	}
	if l.incoming {
		if err := l.writeRaw(o.hello); err != nil {
			return b, err
		}
	}
	o.greeted, o.hello = true, nil
	l.greet(h)
	return b[n:], nil
}

// greet is called with each side's handshake; with the second the link is up.
func (l *Link) greet(h peerwire.Handshake) {
	l.mu.Lock()
	l.handshakes++
	if l.handshakes == 1 {
		l.checker.Fast, l.checker.Extended = h.Fast(), h.Extended()
		l.mu.Unlock()
		return
	}
	l.checker.Fast = l.checker.Fast && h.Fast()
	l.checker.Extended = l.checker.Extended && h.Extended()
	l.fast = l.checker.Fast
	l.greeted()
	l.mu.Unlock()
	if !l.links.joined(l) {
		_ = l.Close() // a second one, or closed already
		return
	}
	close(l.up)
	l.links.cfg.OnChange()
}

// sortOut goes through the whole frames of b and returns their length. out.parts
// are then the bytes to send and out.blocks the answers among them; owed goes
// before them.
func (l *Link) sortOut(b []byte) (n int, owed []byte) {
	o := &l.out
	o.parts, o.blocks = o.parts[:0], o.blocks[:0]
	start := 0
	cut := func() {
		if n > start {
			o.parts = append(o.parts, b[start:n])
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	owed = l.takeOwed()
	l.placing = true
	for {
		h, ok := peerwire.Peek(b[n:])
		if !ok || len(b)-n < h.Size() {
			break
		}
		keep, instead := l.leaving(h, h.Body(b[n:]))
		if keep {
			n += h.Size()
			continue
		}
		cut()
		if instead != nil {
			o.parts = append(o.parts, instead)
		}
		n += h.Size()
		start = n
	}
	cut()
	payload := int64(0)
	for _, r := range o.blocks {
		payload += int64(r.want)
	}
	l.placed(payload)
	return n, owed
}

// leaving judges a frame of the library. instead, if any, is sent in its place.
// mu is held.
func (l *Link) leaving(h peerwire.Head, body []byte) (keep bool, instead []byte) {
	if h.KeepAlive() {
		return true, nil
	}
	switch h.ID {
	case peerwire.Choke, peerwire.Unchoke:
		l.engineChoked(h.ID == peerwire.Unchoke)
		return false, nil
	case peerwire.AllowedFast:
		return false, nil
	case peerwire.Interested, peerwire.NotInterested:
		l.counts.Interesting = h.ID == peerwire.Interested
	case peerwire.Request:
		l.checker.Asked, l.rejected = true, false
		l.asked()
	case peerwire.Cancel:
		if !l.fast { // else it is answered by the block or a reject
			l.answered()
		}
	case peerwire.Piece:
		return l.blockLeaving(body)
	case peerwire.Reject:
		return l.rejectLeaving(body)
	case peerwire.Extended:
		return l.extendedLeaving(body), nil
	default:
	}
	return true, nil
}

// blockLeaving notes a block of the library. One that nobody waits for is
// dropped: without the fast extension a choke ended all requests.
func (l *Link) blockLeaving(body []byte) (keep bool, instead []byte) {
	b, data, _ := peerwire.ParsePiece(body)
	i := l.findAnswered(b)
	if i < 0 {
		return false, nil
	}
	r := l.take(i)
	l.out.blocks = append(l.out.blocks, r)
	if r.want == r.Length {
		return true, nil
	}
	return false, padded(r, data)
}

// padded is the piece frame of r, with zeros after the data.
func padded(r release, data []byte) []byte {
	frame := make([]byte, 0, peerwire.PieceHead+r.want)
	frame = peerwire.AppendPieceHead(frame, r.asked())
	return append(frame, data...)[:cap(frame)]
}

// rejectLeaving notes that the library refuses a released request.
func (l *Link) rejectLeaving(body []byte) (keep bool, instead []byte) {
	b, _ := peerwire.ParseBlock(body)
	i := l.findAnswered(b)
	if i < 0 {
		return false, nil
	}
	b.Length = l.released[i].want
	l.forget(i)
	l.counts.Rejects++
	return false, peerwire.AppendBlock(nil, peerwire.Reject, b)
}

// findAnswered returns which released request the library answers with b, or -1.
func (l *Link) findAnswered(b peerwire.Block) int {
	for i := range l.released {
		if l.released[i].Block == b {
			return i
		}
	}
	return -1
}

// extendedLeaving notes the library's extended ids and keeps back messages that
// the peer never offered to take: aria2 hangs up on those.
func (l *Link) extendedLeaving(body []byte) (keep bool) {
	if len(body) == 0 {
		return false
	}
	id, payload := body[0], body[1:]
	if id != 0 {
		if m, err := peerwire.ParseMetadata(payload); err == nil && m.Kind == peerwire.MetadataRequest && m.Piece >= 0 {
			l.guard.asked++
		}
		if id == l.guard.pex && l.pexOff() {
			return false
		}
		return l.guard.theirs[id]
	}
	l.offerLeaves()
	h, err := peerwire.ParseExtHandshake(payload)
	if err != nil {
		return true
	}
	l.checker.Ours = h.IDs()
	for _, e := range h.Extensions {
		l.guard.ours[e.ID] = e.ID != 0
	}
	return true
}

// sent accounts for what sortOut found and Write sent.
func (l *Link) sent() {
	o := &l.out
	l.mu.Lock()
	defer l.mu.Unlock()
	total, payload := int64(0), int64(0)
	for _, part := range o.parts {
		total += int64(len(part))
	}
	for _, r := range o.blocks {
		payload += int64(r.want)
		l.settle(r, false)
	}
	l.account(payload, total)
}

// account books bytes that were sent, and how many of them are payload. mu is
// held.
func (l *Link) account(payload, total int64) {
	l.counts.PayloadOut += payload
	l.counts.OverheadOut += total - payload
	if payload > 0 {
		l.counts.LastOut = time.Now()
	}
}

// writeRaw writes to the network. wmu is held. After a failure the stream is
// broken and, if it is encrypted, the cipher too.
func (l *Link) writeRaw(b []byte) error {
	if l.out.err != nil {
		return l.out.err
	}
	if _, err := l.w.Write(b); err != nil {
		l.out.err = err
		return err
	}
	return nil
}
