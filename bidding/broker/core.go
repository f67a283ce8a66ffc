package broker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/wallet/btt"
)

// idle is how long a lane without connections is kept in memory: blocks that came
// through it may still be verified.
const idle = 10 * time.Minute

// bidEvery is the least time between two bids on a connection.
const bidEvery = time.Second

// core is what the broker's goroutine owns.
type core struct {
	*Broker
	conns    map[bidding.PeerKey]*conn
	lanes    map[lane.Key]*relation
	nets     map[lane.Key]*netting // by the lane in which we pay
	spending spending
	terms    Terms
}

// conn is one connection.
type conn struct {
	Peer
	limiter wire.Limiter
	hand    lane.Handshake
	prove   *lane.Prove // our side of the handshake waits for the key; nil = it does not
	auth    *wire.Auth  // of the peer, which waits for ours; nil = none does
	want    lane.Bid    // what we are ready to pay
	bidAt   time.Time   // when it was last said
	over    bool        // the extension ended
	gone    bool        // the connection is closed
	left    time.Time   // when
	buy     *relation   // in which we pay; nil if that cannot be
	sell    *relation   // in which we are paid; likewise
}

// relation is one lane: exactly one of the machines is in use.
type relation struct {
	key   lane.Key
	paid  bool // we are the payee
	payer lane.Payer
	payee lane.Payee
	open  int       // live connections
	used  time.Time // last
	sig   [65]byte  // of the promise that is about to be sent
	net   *netting  // what it has in common with the other direction; nil until both ends set off
}

func newCore(ctx context.Context, b *Broker, now time.Time) (*core, error) {
	where := b.cfg.Location
	if where == nil {
		where = time.UTC
	}
	c := &core{
		Broker: b, conns: map[bidding.PeerKey]*conn{}, lanes: map[lane.Key]*relation{}, nets: map[lane.Key]*netting{}, terms: b.cfg.Terms,
		spending: spending{caps: b.cfg.Caps, where: where, torrent: map[bidding.TorrentKey]btt.Amount{}, own: map[bidding.TorrentKey]btt.Amount{}},
	}
	if err := c.spending.owing(ctx, b.ledger, b.cfg.Account); err != nil {
		return nil, err
	}
	return c, c.spending.newDay(ctx, b.ledger, now)
}

// drain works through what waits in the inbox. What was served comes first: promises
// may be about it.
func (c *core) drain(ctx context.Context, now time.Time) error {
	b := c.inbox.take()
	for peer, pos := range b.served {
		if err := c.served(ctx, now, peer, pos); err != nil {
			return err
		}
	}
	for payer, free := range b.funds {
		if err := c.accounts(ctx, now, payer, lane.Funded{Free: free}); err != nil {
			return err
		}
	}
	if b.terms != nil {
		if err := c.setTerms(ctx, now, *b.terms); err != nil {
			return err
		}
	}
	for _, m := range b.moves {
		if err := c.moved(ctx, now, m); err != nil {
			return err
		}
	}
	for who, total := range b.redeems {
		if err := c.redeemed(ctx, now, who, total); err != nil {
			return err
		}
	}
	for _, e := range b.queue {
		if err := c.take(ctx, now, e); err != nil {
			return err
		}
	}
	if b.caps != nil {
		c.spending.caps = *b.caps
	}
	for peer, o := range b.offers {
		if err := c.offer(ctx, now, peer, o); err != nil {
			return err
		}
	}
	for _, g := range b.grants {
		if err := c.grant(ctx, now, g); err != nil {
			return err
		}
	}
	return nil
}

// tick lets time pass for every lane.
func (c *core) tick(ctx context.Context, now time.Time) error {
	if err := c.spending.newDay(ctx, c.ledger, now); err != nil {
		return err
	}
	for _, r := range c.lanes {
		if err := c.step(ctx, now, r, lane.Tick{}); err != nil {
			return err
		}
		if r.open == 0 && now.Sub(r.used) > idle {
			c.forget(r)
		}
	}
	for _, n := range c.nets {
		if err := c.settle(ctx, now, n, func(p lane.Pair) (lane.Pair, lane.Outcome) { return p.Tick(now) }); err != nil {
			return err
		}
	}
	for key, p := range c.conns {
		if err := errors.Join(c.unlocked(ctx, now, p), c.bid(ctx, now, p)); err != nil {
			return err
		}
		if p.gone && now.Sub(p.left) > idle {
			delete(c.conns, key)
		}
	}
	return nil
}

func (c *core) served(ctx context.Context, now time.Time, peer bidding.PeerKey, pos int64) error {
	if p := c.conns[peer]; p != nil && p.sell != nil {
		return c.step(ctx, now, p.sell, lane.Served{Conn: lane.Conn(peer), Pos: pos})
	}
	return nil
}

// offer keeps what we are ready to pay a peer, and says it if that is news.
func (c *core) offer(ctx context.Context, now time.Time, peer bidding.PeerKey, o offered) error {
	p := c.conns[peer]
	if p == nil || p.over {
		return nil
	}
	p.want = o.bid
	c.spending.own[p.Torrent] = o.most
	return c.bid(ctx, now, p)
}

// bid says the offer of a connection, at most once in a while: a peer that refuses
// each time would else be told without end.
func (c *core) bid(ctx context.Context, now time.Time, p *conn) error {
	if p.buy == nil || p.over || now.Sub(p.bidAt) < bidEvery {
		return nil
	}
	last, ok := p.lastBid()
	if !ok || last.Price == p.want.Price && last.Demand == p.want.Demand {
		return nil // only what is left has changed
	}
	p.bidAt = now
	p.want.Most = c.leftFor(p.buy, p.Torrent)
	return c.step(ctx, now, p.buy, lane.Offer{Conn: lane.Conn(p.Key), Bid: p.want})
}

// lastBid is the bid in force on the connection.
func (p *conn) lastBid() (lane.Bid, bool) {
	for _, q := range p.buy.payer.Conns {
		if q.Conn == lane.Conn(p.Key) {
			return q.Bid, true
		}
	}
	return lane.Bid{}, false
}

// grant tells a lane what the allocator decided, if that is news to the peer.
func (c *core) grant(ctx context.Context, now time.Time, g bidding.Grant) error {
	p := c.conns[g.Key]
	if p == nil || p.sell == nil || p.over {
		return nil
	}
	e := lane.Granted{Conn: lane.Conn(g.Key)}
	if g.Slot == bidding.Paid {
		if e.Price, e.Rate = g.Price, g.Rate; !g.Requote {
			return nil
		}
	}
	return c.step(ctx, now, p.sell, e)
}

// take lets one event happen.
func (c *core) take(ctx context.Context, now time.Time, e entry) error {
	p := c.conns[e.peer]
	if ev, ok := e.event.(connected); ok {
		return c.connected(ev.peer)
	}
	if p == nil {
		return nil
	}
	switch ev := e.event.(type) {
	case arrived:
		return c.arrived(ctx, now, p, ev)
	case tell:
		c.send(p, ev.message)
	case flooded:
		return c.end(ctx, now, p, wire.ErrFlood)
	case lane.Down:
		return c.gone(ctx, now, p)
	case choked:
		if ev.us {
			return c.stepIf(ctx, now, p.sell, ev.Choked)
		}
		return c.stepIf(ctx, now, p.buy, ev.Choked)
	case lane.Verified:
		ev.Torrent = lane.Torrent(p.Torrent)
		return c.stepIf(ctx, now, p.buy, ev)
	case lane.Corrupt:
		return c.stepIf(ctx, now, p.buy, ev)
	}
	return nil
}

func (c *core) connected(peer Peer) error {
	if c.conns[peer.Key] != nil || peer.Key == 0 {
		return nil
	}
	p := &conn{Peer: peer, hand: lane.Handshake{
		InfoHash: peer.InfoHash, Dialler: peer.Dialler,
		Mine: lane.Greeting{Account: c.cfg.Account, Ways: c.cfg.Ways, Pays: c.cfg.Pays, Serves: c.cfg.Serves, Nets: c.cfg.Nets},
	}}
	if _, err := rand.Read(p.hand.Mine.Nonce[:]); err != nil {
		return fmt.Errorf("draw a nonce: %w", err)
	}
	c.conns[peer.Key] = p
	var out []lane.Effect
	p.hand, out = p.hand.Open()
	c.greet(p, out)
	return nil
}

// gone forgets a connection, but for blocks of it that are yet to be verified.
func (c *core) gone(ctx context.Context, now time.Time, p *conn) error {
	c.board.remove(p.Key)
	p.gone, p.over, p.left = true, true, now
	if p.buy == nil {
		delete(c.conns, p.Key)
	}
	return c.leave(ctx, now, p)
}

// end ends the extension on a connection, which goes on without it.
func (c *core) end(ctx context.Context, now time.Time, p *conn, why error) error {
	if p.over {
		return nil
	}
	if code, _ := wire.CodeOf(why); code != 0 {
		c.send(p, wire.Err{Code: code})
	}
	p.over = true
	c.board.remove(p.Key)
	c.tell(FactEnded{p.Key, why})
	return c.leave(ctx, now, p)
}

// leave takes a connection out of its lanes.
func (c *core) leave(ctx context.Context, now time.Time, p *conn) error {
	var err error
	for _, r := range []*relation{p.sell, p.buy} {
		if r != nil && r.has(p.Key) {
			r.open--
			err = errors.Join(err, c.step(ctx, now, r, lane.Down{Conn: lane.Conn(p.Key)}))
		}
	}
	if p.sell = nil; err != nil {
		return err
	}
	c.sender.Limit(p.Key, noLimit)
	return nil
}

// has reports whether a connection is one of the lane's.
func (r *relation) has(peer bidding.PeerKey) bool {
	for _, q := range r.payer.Conns {
		if q.Conn == lane.Conn(peer) {
			return true
		}
	}
	for _, q := range r.payee.Conns {
		if q.Conn == lane.Conn(peer) {
			return true
		}
	}
	return false
}
