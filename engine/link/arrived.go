package link

import (
	"time"

	"swarmbid/engine/peerwire"
)

// guard counts what a peer may not do too often, and knows which extended ids
// belong to whom. Guarded by Link.mu.
type guard struct {
	credit   float64 // control messages the peer may still send at once
	refilled time.Time
	lastPex  time.Time
	pex      uint8     // the id under which the peer takes ut_pex; 0 = it does not
	asked    int       // ut_metadata pieces we asked for and did not get
	theirs   [256]bool // extended ids the peer ever offered
	ours     [256]bool // extended ids the library offered
}

// spend charges cost control messages.
func (g *guard) spend(now time.Time, cost float64) error {
	if g.refilled.IsZero() {
		g.credit = controlBurst
	} else {
		g.credit = min(controlBurst, g.credit+controlRate*now.Sub(g.refilled).Seconds())
	}
	g.refilled = now
	if g.credit -= cost; g.credit < 0 {
		return ErrFlood
	}
	return nil
}

// arrived judges and accounts for one whole frame from the peer. pass says that
// the library may see it. mu is held.
func (l *Link) arrived(h peerwire.Head, body []byte) (pass bool, err error) {
	if !h.KeepAlive() && h.ID == peerwire.Piece {
		return l.pieceArrived(body)
	}
	l.counts.OverheadIn += int64(h.Size())
	if h.KeepAlive() {
		return true, l.guard.spend(time.Now(), 1)
	}
	l.learnShape()
	if err := l.checker.Check(h.ID, body); err != nil {
		return false, err
	}
	switch h.ID {
	case peerwire.Request:
		b, _ := peerwire.ParseBlock(body)
		return false, l.requested(b)
	case peerwire.Cancel:
		b, _ := peerwire.ParseBlock(body)
		if err := l.guard.spend(time.Now(), 1); err != nil {
			return false, err
		}
		return l.cancelled(b), nil
	case peerwire.Have:
		l.hasPieces++
		if l.haves++; l.haves > 2*l.pieceBound() {
			return false, ErrFlood
		}
		return true, nil
	case peerwire.Bitfield, peerwire.HaveAll, peerwire.HaveNone:
		if l.announced {
			// BEP 3 and BEP 6 allow one. On have none after have all the library
			// miscounts and panics when the torrent is closed.
			return false, l.guard.spend(time.Now(), 1)
		}
		l.announced = true
	case peerwire.Reject:
		l.answered()
		l.refused(h.ID)
		return true, nil // the library hangs up on one that answers nothing
	case peerwire.Extended:
		return l.extendedArrived(body)
	default:
	}
	l.noteState(h.ID, body)
	return true, l.guard.spend(time.Now(), 1+float64(len(body))/1024)
}

// pieceArrived accounts for a block.
func (l *Link) pieceArrived(body []byte) (pass bool, err error) {
	l.learnShape()
	if err := l.checker.CheckPiece(body); err != nil {
		return false, err
	}
	n := int64(len(body) - 8)
	l.counts.PayloadIn += n
	l.counts.OverheadIn += peerwire.PieceHead
	l.counts.LastIn = time.Now()
	l.answered()
	l.in.unpaid += n
	return true, nil
}

// noteState keeps what Stats tells about the peer.
func (l *Link) noteState(id peerwire.ID, body []byte) {
	switch id {
	case peerwire.Interested, peerwire.NotInterested:
		if is := id == peerwire.Interested; is != l.interested {
			l.interested = is
			l.in.changed = true
		}
	case peerwire.Choke, peerwire.Unchoke:
		l.counts.ChokingUs = id == peerwire.Choke
		if id == peerwire.Choke && !l.fast { // which ends all requests
			l.counts.Asking, l.counts.AskedAt = 0, time.Time{}
		}
		l.refused(id)
	case peerwire.Bitfield:
		l.hasPieces, l.hasAll, l.haves = peerwire.CountBits(body), false, 0
	case peerwire.HaveAll, peerwire.HaveNone:
		l.hasPieces, l.hasAll, l.haves = 0, id == peerwire.HaveAll, 0
	default:
	}
}

// extendedArrived judges a BEP 10 message.
func (l *Link) extendedArrived(body []byte) (pass bool, err error) {
	id, payload := body[0], body[1:]
	cost := 1 + float64(len(payload))/1024
	now := time.Now()
	switch {
	case id == 0:
		h, err := peerwire.ParseExtHandshake(payload)
		if err != nil {
			return false, err
		}
		for _, e := range h.Extensions {
			if e.ID != 0 {
				l.guard.theirs[e.ID] = true
			}
		}
		if id := h.IDs().Pex; id != 0 {
			l.guard.pex = id
		}
		l.client = h.Client
		pass = true
	case !l.guard.ours[id]:
		// Nobody offered it. The library would hang up; clients exist that mix up
		// whose ids to use.
	case id == l.checker.Ours.Metadata:
		m, err := peerwire.ParseMetadata(payload)
		if err != nil {
			return false, err
		}
		// BEP 9: unknown kinds are ignored.
		pass = m.Kind >= peerwire.MetadataRequest && m.Kind <= peerwire.MetadataReject
		if m.Kind == peerwire.MetadataData && l.guard.asked > 0 {
			l.guard.asked--
			cost = 1
		}
	case id == l.checker.Ours.Pex:
		if pass = !l.pexOff() && now.Sub(l.guard.lastPex) >= pexPause; pass {
			l.guard.lastPex = now
		}
	default:
		pass = true
	}
	return pass, l.guard.spend(now, cost)
}

// learnShape asks for the torrent's shape until it is known.
func (l *Link) learnShape() {
	if l.checker.Shape.Known() {
		return
	}
	if s, ok := l.links.cfg.Shape(l.infoHash); ok {
		l.checker.Shape = s
	}
}

// pieceBound is the number of pieces, or the most there can be.
func (l *Link) pieceBound() int {
	if l.checker.Shape.Known() {
		return l.checker.Shape.Pieces
	}
	return peerwire.MaxPieces
}
