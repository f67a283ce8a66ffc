package engine

import (
	"bytes"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/anacrolix/torrent"

	"swarmbid/bidding"
	"swarmbid/bidding/wire"
	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// Broker pays and is paid for real. Unlike [Payments] it speaks of money on the wire
// by itself, through [Engine.Send]: to the byte where in the stream a price begins
// is known there alone. The engine tells it what arrives and leaves, in the order of
// the stream, and asks it for the standing of each peer. The methods are called on
// the library's goroutines, the links' and the loop; they must return at once and
// call neither the library nor the engine.
//
// Positions are bytes of blocks of one direction of a connection since it was made.
type Broker interface {
	// Connected begins the extension with a peer that offers it too.
	Connected(p Party)
	// Arrived takes the payload of an extension message, which becomes the broker's,
	// and the position at which it arrived.
	Arrived(k bidding.PeerKey, payload []byte, pos int64)
	// Gone ends the extension; blocks may still be said to be verified.
	Gone(k bidding.PeerKey)
	// Tell says something that is not about money.
	Tell(k bidding.PeerKey, m wire.Message)
	// Served says that blocks up to pos were put into the stream to a peer.
	Served(k bidding.PeerKey, pos int64)
	// Choked says that we choked a peer at pos, ChokedBy that it choked us.
	Choked(k bidding.PeerKey, pos int64)
	ChokedBy(k bidding.PeerKey, pos int64)
	// Verified says, once for each block, that what arrived from pos on, n bytes
	// without a gap, belongs to pieces that passed their hash.
	Verified(k bidding.PeerKey, pos, n int64)
	// Corrupt says that all of a piece that failed its hash came from this peer.
	Corrupt(k bidding.PeerKey)
	// Offer is what auto-bid is ready to pay; most is what the torrent may cost in
	// all if it has a cap of its own, else 0.
	Offer(k bidding.PeerKey, price btt.Rate, demand int64, most btt.Amount)
	// Grants is the outcome of a rechoke.
	Grants(grants []bidding.Grant)
	// Standing says what the allocator and the window have to know of a peer.
	Standing(k bidding.PeerKey) Standing
	// Budget says what may be spent on a torrent.
	Budget(ih swarm.InfoHash) Budget
}

// Standing is what a broker knows of a peer. The zero value is that of an ordinary
// one.
type Standing struct {
	Met     bool // both accounts are proved
	Bid     btt.Rate
	Cap     int64 // bytes per second
	Good    bool  // it may buy now
	Quote   bidding.Quote
	Charged int64    // bytes it was sent for money
	Sells   bool     // it may be bid to
	Price   btt.Rate // that we pay it; 0 if none
	Rate    int64    // bytes per second, as it said with the price
	Bought  int64    // verified bytes that we pay for
}

// voice is where a peer of the broker is spoken to.
type voice struct {
	link *link.Link
	key  bidding.PeerKey
	id   atomic.Uint32 // the peer's number of the extension
}

// pays reports whether the broker speaks of money, not the engine.
func (e *Engine) pays() bool { return e.market.broker != nil }

// Send puts one message of the extension into the stream to a peer, and calls
// payload with its position before it returns. It reports false, without calling,
// if the connection is gone. It is for the broker, on any goroutine.
func (e *Engine) Send(k bidding.PeerKey, payload func(pos int64) []byte) bool {
	v, ok := e.market.voices.Load(k)
	if !ok {
		return false
	}
	x := v.(*voice)
	return x.link.Say(byte(x.id.Load()), payload)
}

// Limit says up to which position blocks may be sent to a peer; math.MaxInt64
// lifts the bound. It is for the broker, on any goroutine.
func (e *Engine) Limit(k bidding.PeerKey, pos int64) {
	if v, ok := e.market.voices.Load(k); ok {
		v.(*voice).link.SetCredit(pos)
	}
}

// placed and chokedAt pass on what a link says of its stream.
func (mk *market) placed(k swarm.PeerKey, pos int64) {
	if mk.broker != nil {
		mk.broker.Served(bidding.PeerKey(k), pos)
	}
}

func (mk *market) chokedAt(k swarm.PeerKey, pos int64) {
	if mk.broker != nil {
		mk.broker.Choked(bidding.PeerKey(k), pos)
	}
}

// meet begins the extension with a peer whose extended handshake gives it a number.
// It is called under the library's lock, as all that follows.
func (mk *market) meet(x *ear, id byte) {
	if v := x.voice.Load(); v != nil {
		v.id.Store(uint32(id))
		return
	}
	piece, ok := mk.offers.Load(x.ih)
	l := mk.find(x)
	if !ok || l == nil {
		x.over.Store(true)
		return
	}
	v := &voice{link: l, key: bidding.PeerKey(l.Key())}
	v.id.Store(uint32(id))
	x.voice.Store(v)
	mk.voices.Store(v.key, v)
	mk.broker.Connected(Party{Key: l.Key(), InfoHash: x.ih, Dialler: !l.Incoming(), Piece: piece.(int64)})
}

// find finds the link under a library's connection: by torrent, peer id, address
// and transport, and one that has no voice yet.
func (mk *market) find(x *ear) *link.Link {
	for _, l := range mk.links.All() {
		if l.InfoHash() != x.ih || l.PeerID() != x.id || l.Addr() != x.addr {
			continue
		}
		if _, taken := mk.voices.Load(bidding.PeerKey(l.Key())); !taken {
			return l
		}
	}
	return nil
}

// leave ends the extension on a connection, once.
func (mk *market) leave(x *ear) {
	x.over.Store(true)
	if v := x.voice.Load(); v != nil {
		if _, was := mk.voices.LoadAndDelete(v.key); was {
			mk.broker.Gone(v.key)
		}
	}
}

// relay passes a message on to the broker, and to the loop what is its business.
func (mk *market) relay(x *ear, payload []byte) {
	v := x.voice.Load()
	if v == nil {
		return
	}
	mk.broker.Arrived(v.key, bytes.Clone(payload), x.pos)
	switch m, _ := wire.Decode(payload); m.(type) {
	case wire.Reserve, wire.Proof:
		mk.hear(x, m, nil)
	}
}

// blockComes counts a block of n bytes along.
func (mk *market) blockComes(pc *torrent.PeerConn, n int) {
	if x := mk.earOf(pc); x != nil {
		x.at = x.pos
		x.pos += int64(n)
	}
}

// chokedBy passes on a choke of the peer.
func (mk *market) chokedBy(x *ear) {
	if v := x.voice.Load(); v != nil {
		mk.broker.ChokedBy(v.key, x.pos)
	}
}

// pieceDone tells the broker whose blocks a piece was made of, when it passed its
// hash, or who is to blame when it did not and only one can be.
func (mk *market) pieceDone(ih swarm.InfoHash, piece int, ok bool) {
	blocks, whole := mk.books.take(ih, uint32(piece)) //nolint:gosec // the index of a piece
	if !ok {
		if k := blame(blocks); whole && k != 0 {
			mk.broker.Corrupt(k)
		}
		return
	}
	slices.SortFunc(blocks, func(a, b delivery) int { return int(min(max(a.pos-b.pos, -1), 1)) })
	for len(blocks) > 0 {
		d := blocks[0]
		rest := blocks[:0]
		for _, b := range blocks[1:] {
			if b.ear == d.ear && b.pos == d.pos+d.n {
				d.n += b.n
			} else {
				rest = append(rest, b)
			}
		}
		blocks = rest
		if v := d.ear.voice.Load(); v != nil {
			mk.broker.Verified(v.key, d.pos, d.n)
		}
	}
}

// blame is the one peer that all blocks came from, 0 if there is none.
func blame(blocks []delivery) bidding.PeerKey {
	for _, d := range blocks {
		if d.ear != blocks[0].ear {
			return 0
		}
	}
	if len(blocks) == 0 {
		return 0
	}
	if v := blocks[0].ear.voice.Load(); v != nil {
		return v.key
	}
	return 0
}

// learn takes over what the broker knows of a peer, and has a rechoke follow what
// changes whom to serve.
func (e *Engine) learn(t *trader) {
	s := e.market.broker.Standing(bidding.PeerKey(t.key))
	was := t.standing
	t.standing = s
	t.bid, t.quote, t.charged, t.bought = wire.Bid{Price: s.Bid, Demand: s.Cap, Most: math.MaxInt64}, s.Quote, s.Charged, s.Bought
	t.buying = wire.Quote{}
	if s.Price > 0 {
		t.buying = wire.Quote{Number: 1, Price: s.Price, Rate: s.Rate}
		t.seen = t.buying
	}
	if s.Bid != was.Bid || s.Cap != was.Cap || s.Good != was.Good || s.Quote.At.IsZero() && !was.Quote.At.IsZero() {
		e.kickRechoke()
	}
}

// offerTo tells the broker what we are ready to pay t, if that is something else
// than before.
func (e *Engine) offerTo(m *managed, t *trader, now time.Time, next bidding.Offer) {
	t.offer, t.offerAt = next, now
	e.market.broker.Offer(bidding.PeerKey(t.key), next.Price, next.Demand, btt.Amount(m.rec.Market.MaxTotal))
}

// budget is what may be spent on a torrent.
func (e *Engine) budget(ih swarm.InfoHash) Budget {
	if e.pays() {
		return e.market.broker.Budget(ih)
	}
	return e.cfg.Payments.Budget(ih)
}

// met reports whether t may be told a reserve price, sells whether it may be bid to.
func (t *trader) met() bool { return t.theirs != nil || t.standing.Met }

func (t *trader) sells() bool {
	return t.theirs != nil && t.theirs.Roles&wire.Provider != 0 || t.standing.Sells
}

// partAfter is how long a connection between two seeds is kept while the last
// promise for what one of them loaded may be under way: one a second is made, and
// one that was not acknowledged is sent again after two.
const partAfter = 10 * time.Second

// partFromSeeds closes connections on which neither end has anything to load. The
// library would do it with the last piece, before that is paid for.
func (e *Engine) partFromSeeds(now time.Time) {
	if !e.pays() {
		return
	}
	for _, l := range e.links.All() {
		m := e.torrents[l.InfoHash()]
		if m == nil || m.live == nil || m.meta == nil {
			continue
		}
		s, t := l.Stats(), e.market.traders[l.Key()]
		done := m.view.unknown == 0 && m.view.pieces == m.meta.Pieces && (s.HasAll || s.Has >= m.meta.Pieces)
		switch {
		case !done && t != nil:
			t.idle = time.Time{}
		case !done:
		case t == nil || t.over:
			_ = l.Close() // there is nothing to be lost
		case t.idle.IsZero():
			t.idle = now
		case now.Sub(t.idle) >= partAfter:
			if c, ok := m.book[l.Addr()]; ok { // one that the user named is not dialled again at once
				c.next, c.tries = now.Add(redialMost), redialTries-1
			}
			_ = l.Close() // likewise
		}
	}
}
