package pay

import (
	"sync/atomic"

	"swarmbid/bidding"
	"swarmbid/bidding/broker"
	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/engine"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// Counter stands between an engine and a broker that comes and goes. Its zero value
// is closed: the engine meets nobody through it. All methods may be called from any
// goroutine.
type Counter struct {
	engine atomic.Pointer[engine.Engine]
	open   atomic.Pointer[session]
}

var (
	_ engine.Broker = (*Counter)(nil)
	_ broker.Sender = (*Counter)(nil)
)

// Join says whose counter it is. It is called once, before Run.
func (c *Counter) Join(e *engine.Engine) { c.engine.Store(e) }

// broker returns the one in office, or nil.
func (c *Counter) broker() *broker.Broker {
	if s := c.open.Load(); s != nil {
		return s.broker
	}
	return nil
}

// Open reports whether Run is at work.
func (c *Counter) Open() bool { return c.open.Load() != nil }

// Send implements broker.Sender.
func (c *Counter) Send(k bidding.PeerKey, payload func(pos int64) []byte) bool {
	e := c.engine.Load()
	return e != nil && e.Send(k, payload)
}

// Limit implements broker.Sender.
func (c *Counter) Limit(k bidding.PeerKey, pos int64) {
	if e := c.engine.Load(); e != nil {
		e.Limit(k, pos)
	}
}

// Connected implements engine.Broker.
func (c *Counter) Connected(p engine.Party) {
	if b := c.broker(); b != nil {
		peer := broker.Peer{
			Key: bidding.PeerKey(p.Key), Torrent: bidding.TorrentKey(p.InfoHash), Dialler: p.Dialler, Piece: p.Piece,
		}
		copy(peer.InfoHash[:], p.InfoHash[:])
		b.Connected(peer)
	}
}

// Arrived implements engine.Broker.
func (c *Counter) Arrived(k bidding.PeerKey, payload []byte, pos int64) {
	if b := c.broker(); b != nil {
		b.Arrived(k, payload, pos)
	}
}

// Gone implements engine.Broker.
func (c *Counter) Gone(k bidding.PeerKey) {
	if b := c.broker(); b != nil {
		b.Gone(k)
	}
}

// Tell implements engine.Broker.
func (c *Counter) Tell(k bidding.PeerKey, m wire.Message) {
	if b := c.broker(); b != nil {
		b.Tell(k, m)
	}
}

// Served implements engine.Broker.
func (c *Counter) Served(k bidding.PeerKey, pos int64) {
	if b := c.broker(); b != nil {
		b.Served(k, pos)
	}
}

// Choked implements engine.Broker.
func (c *Counter) Choked(k bidding.PeerKey, pos int64) {
	if b := c.broker(); b != nil {
		b.Choked(k, pos)
	}
}

// ChokedBy implements engine.Broker.
func (c *Counter) ChokedBy(k bidding.PeerKey, pos int64) {
	if b := c.broker(); b != nil {
		b.ChokedBy(k, pos)
	}
}

// Verified implements engine.Broker.
func (c *Counter) Verified(k bidding.PeerKey, pos, n int64) {
	if b := c.broker(); b != nil {
		b.Verified(k, pos, n)
	}
}

// Corrupt implements engine.Broker.
func (c *Counter) Corrupt(k bidding.PeerKey) {
	if b := c.broker(); b != nil {
		b.Corrupt(k)
	}
}

// Offer implements engine.Broker.
func (c *Counter) Offer(k bidding.PeerKey, price btt.Rate, demand int64, most btt.Amount) {
	if b := c.broker(); b != nil {
		b.Offer(k, price, demand, most)
	}
}

// Grants implements engine.Broker.
func (c *Counter) Grants(grants []bidding.Grant) {
	if b := c.broker(); b != nil {
		b.Grants(grants)
	}
}

// Standing implements engine.Broker.
func (c *Counter) Standing(k bidding.PeerKey) engine.Standing {
	b := c.broker()
	if b == nil {
		return engine.Standing{}
	}
	s := b.Standing(k)
	return engine.Standing{
		Met: s.Phase >= lane.Authed || s.Sells, Bid: s.Bid, Cap: s.Cap, Good: s.Good, Quote: s.Quote, Charged: s.Charged,
		Sells: s.Sells, Price: s.Price, Rate: s.Rate, Bought: s.Bought,
	}
}

// Budget implements engine.Broker.
func (c *Counter) Budget(ih swarm.InfoHash) engine.Budget {
	s := c.open.Load()
	if s == nil {
		return engine.Budget{}
	}
	return s.budget(ih)
}
