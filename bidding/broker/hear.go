package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/wallet/voucher"
)

// errDecline means that the handshake ended without payments.
var errDecline = errors.New("broker: no payments with this peer")

// arrived reads a message of a peer.
func (c *core) arrived(ctx context.Context, now time.Time, p *conn, e arrived) error {
	if p.over {
		return nil
	}
	var ok bool
	if p.limiter, ok = p.limiter.Take(now); !ok {
		return c.end(ctx, now, p, wire.ErrFlood)
	}
	m, err := wire.Decode(e.payload)
	if err != nil {
		if code, ends := wire.CodeOf(err); !ends {
			c.send(p, wire.Err{Code: code})
			return nil
		}
		return c.end(ctx, now, p, err)
	}
	switch m := m.(type) {
	case wire.Err:
		if m.Code != wire.CodeType {
			return c.end(ctx, now, p, fmt.Errorf("%w: it says %d", errDecline, m.Code))
		}
	case wire.Reserve:
		c.tell(FactReserve{p.Key, m})
	case wire.Proof:
		c.tell(FactProof{p.Key, m})
	default:
		if auth, ok := m.(wire.Auth); ok && p.prove != nil && p.auth == nil {
			p.auth = &auth // to be heard when ours is said: until then it takes nothing else
			return nil
		}
		if p.hand.Phase != lane.Authed {
			return c.shake(ctx, now, p, fromWire(m))
		}
		return c.heard(ctx, now, p, fromWire(m), e.pos)
	}
	return nil
}

// shake goes on with the handshake.
func (c *core) shake(ctx context.Context, now time.Time, p *conn, m lane.Message) error {
	var out []lane.Effect
	p.hand, out = p.hand.Step(m)
	c.greet(p, out)
	switch p.hand.Phase {
	case lane.Closed:
		p.over = true
		c.tell(FactEnded{p.Key, errDecline})
	case lane.Authed:
		return c.met(ctx, now, p)
	default:
	}
	return nil
}

// greet carries out what the handshake wants.
func (c *core) greet(p *conn, out []lane.Effect) {
	for _, e := range out {
		switch e := e.(type) {
		case lane.Send:
			c.send(p, toWire(e.Message))
		case lane.Prove:
			p.prove = &e
			c.prove(p)
		}
	}
	if p.hand.Phase == lane.Closed {
		p.over = true
	}
}

// prove says who we are, if that is due. Without a key it stays due: until the
// wallet is unlocked we are an ordinary peer.
func (c *core) prove(p *conn) {
	if p.prove == nil || p.over {
		return
	}
	d := p.prove.Session.Digest(voucher.NewDomain(uint64(p.prove.Way.Chain), p.prove.Way.Escrow))
	sig, err := c.signer.Sign(d)
	if err != nil {
		return
	}
	p.prove = nil
	c.send(p, wire.Auth{Signature: sig})
}

// unlocked goes on with a handshake that waited for our key.
func (c *core) unlocked(ctx context.Context, now time.Time, p *conn) error {
	if p.prove == nil {
		return nil
	}
	if c.prove(p); p.prove != nil || p.auth == nil || p.over {
		return nil
	}
	auth := *p.auth
	p.auth = nil
	return c.shake(ctx, now, p, lane.Auth(auth))
}

// met enters a proved connection in its lanes.
func (c *core) met(ctx context.Context, now time.Time, p *conn) error {
	buy, sell := p.hand.Lanes()
	if err := c.spending.know(ctx, c.ledger, p.Torrent); err != nil {
		return err
	}
	opened := lane.Opened{Conn: lane.Conn(p.Key), Torrent: lane.Torrent(p.Torrent), Piece: p.Piece, Nets: p.hand.Nets()}
	for _, k := range []struct {
		key  lane.Key
		paid bool
		to   **relation
	}{{buy, false, &p.buy}, {sell, true, &p.sell}} {
		if k.key == (lane.Key{}) {
			continue
		}
		r, err := c.relation(ctx, k.key, k.paid)
		if err != nil {
			return err
		}
		*k.to = r
		if k.paid && k.key.Direct() {
			if err := c.step(ctx, now, r, lane.Funded{Free: c.terms.Line}); err != nil {
				return err
			}
		}
		if err := c.step(ctx, now, r, opened); err != nil {
			return err
		}
		if r.has(p.Key) {
			r.open++
		}
	}
	if p.hand.Nets() {
		if err := c.join(ctx, now, p); err != nil {
			return err
		}
	}
	c.tell(FactMet{p.Key, p.hand.Theirs.Account, p.hand.Way, p.sell != nil})
	return nil
}

// relation returns the lane of a key, read from the ledger if it is not at hand.
func (c *core) relation(ctx context.Context, k lane.Key, paid bool) (*relation, error) {
	if r := c.lanes[k]; r != nil {
		return r, nil
	}
	l, err := c.ledger.Lane(ctx, rowKey(k, paid))
	if err != nil {
		return nil, err
	}
	ours := k
	if paid {
		ours = k.Back()
	}
	off, err := c.ledger.Netting(ctx, netKey(ours))
	if err != nil {
		return nil, err
	}
	r := &relation{key: k, paid: paid}
	if paid {
		r.payee = lane.NewPayee(k, book(l, off.Total))
	} else {
		r.payer = lane.NewPayer(k, book(l, off.Total))
	}
	c.lanes[k] = r
	return r, nil
}

// heard passes a message to the machine whose business it is. One that is nobody's,
// because the roles do not allow it, is out of turn.
func (c *core) heard(ctx context.Context, now time.Time, p *conn, m lane.Message, pos int64) error {
	e := lane.Heard{Conn: lane.Conn(p.Key), Message: m, Pos: pos}
	var to []*relation
	switch m := m.(type) {
	case lane.Bid, lane.Pay, lane.Settled:
		to = []*relation{p.sell}
	case lane.Quote:
		c.tell(FactQuoted{p.Key, m.Price, m.Rate})
		to = []*relation{p.buy}
	case lane.Ack, lane.Need:
		to = []*relation{p.buy}
	case lane.Netted:
		return c.netted(ctx, now, p, m)
	case lane.Stop:
		return errors.Join(c.stepIf(ctx, now, p.sell, e), c.stepIf(ctx, now, p.buy, e))
	}
	if len(to) == 0 || to[0] == nil {
		return c.end(ctx, now, p, wire.ErrTurn)
	}
	return c.step(ctx, now, to[0], e)
}

// post writes what the allocator has to know of a connection.
func (c *core) post(now time.Time, peer bidding.PeerKey) {
	p := c.conns[peer]
	if p == nil || p.over {
		return
	}
	s := Standing{Account: p.hand.Theirs.Account, Quote: c.board.get(p.Key).Quote}
	if p.sell != nil {
		s.Good = p.sell.payee.Good(now)
		for _, q := range p.sell.payee.Conns {
			if q.Conn == lane.Conn(p.Key) {
				s.Bid, s.Cap, s.Phase, s.Charged = q.Bid.Price, q.Bid.Demand, q.Phase, q.Charged
			}
		}
		if s.Phase == lane.Closed {
			s.Bid, s.Cap = 0, 0 // until it bids again
		}
		if s.Phase < lane.Quoted || s.Phase > lane.Prepay {
			s.Quote = bidding.Quote{}
		}
	}
	if p.buy != nil {
		for _, q := range p.buy.payer.Conns {
			if q.Conn == lane.Conn(p.Key) {
				s.Sells, s.Bought = true, q.Bytes
				if s.Buying = q.Phase; q.Phase >= lane.Quoted && q.Phase <= lane.Prepay {
					s.Price, s.Rate = q.Quote.Price, q.Quote.Rate
				}
			}
		}
	}
	c.board.set(p.Key, s)
}
