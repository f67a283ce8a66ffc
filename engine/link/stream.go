package link

import (
	"encoding/binary"
	"math"

	"swarmbid/engine/peerwire"
)

// NoCredit lifts the bound of SetCredit.
const NoCredit = math.MaxInt64

// stream is what of a link counts the bytes of blocks that are put into what the
// peer is sent. Guarded by Link.mu.
type stream struct {
	pos     int64  // bytes of blocks chosen to be sent
	taken   int64  // of pos: what is on its way to the network
	placing bool   // owed was taken and blocks are being chosen, behind which goes what is owed now
	chokes  bool   // a choke is owed since placing
	offered bool   // the library's extended handshake has left
	early   []byte // frames of Say from before
	spoken  bool   // Say was used
	credit  int64  // up to where blocks may be sent, if bounded
	bounded bool
}

// placed books the bytes of blocks that were chosen and are to be written after
// what takeOwed returned. mu is held, and was since then.
func (l *Link) placed(payload int64) {
	l.placing = false
	l.pos += payload
	if payload > 0 && l.spoken {
		l.links.cfg.OnPlaced(l.key, l.pos)
	}
	if l.chokes {
		l.chokes = false
		l.chokePlaced()
	}
}

// chokePlaced tells where a choke that is owed now stands. mu is held.
func (l *Link) chokePlaced() {
	switch {
	case l.placing:
		l.chokes = true
	case l.spoken:
		l.links.cfg.OnChoked(l.key, l.pos)
	}
}

// creditFor reports whether a request may be released: what is released before it
// counts as sent. mu is held.
func (l *Link) creditFor(b peerwire.Block) bool {
	return !l.bounded || l.pos+int64(l.relBytes)-l.taken+int64(b.Length) <= l.credit
}

// Say sends the peer one extended message (BEP 10) under the number id. It calls
// payload once, before it returns, with the number of bytes of blocks that stand
// before the message in what the peer is sent; payload must not call this package.
// What is said before the library's extended handshake has left follows it.
// It reports false, without calling, for a link that is closed or whose peer does
// not read.
func (l *Link) Say(id byte, payload func(pos int64) []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.owed)+len(l.early) > maxOwed {
		return false
	}
	l.spoken = true
	body := payload(l.pos)
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(body)+2)) //nolint:gosec // a message of ours
	frame = append(append(frame, byte(peerwire.Extended), id), body...)
	if l.offered {
		l.owe(append(l.owed, frame...))
	} else {
		l.early = append(l.early, frame...)
	}
	return true
}

// offerLeaves lets out what was said before the peer could know our extensions. No
// block is sent before them. mu is held.
func (l *Link) offerLeaves() {
	l.offered = true
	if len(l.early) > 0 {
		l.owe(append(l.owed, l.early...))
		l.early = nil
	}
}

// SetCredit bounds what the peer is sent to the first pos bytes of blocks;
// NoCredit lifts the bound, which there is none of at first. What was released
// before is still sent.
func (l *Link) SetCredit(pos int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	more := pos > l.credit || pos == NoCredit
	l.credit, l.bounded = pos, pos != NoCredit
	if more && l.queue.len() > 0 {
		l.links.wake()
	}
}

// Placed returns how many bytes of blocks were put into what the peer is sent.
func (l *Link) Placed() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pos
}
