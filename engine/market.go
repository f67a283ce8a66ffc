package engine

import (
	"context"
	"sync"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/wire"
	"swarmbid/engine/disk"
	"swarmbid/engine/link"
	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// Payments is the side that moves the money; the engine decides whom to serve and
// counts bytes. All methods are called on the engine's loop and must return at
// once. What the payment side has to say to a peer it sends with [Engine.Tell],
// and it calls [Engine.Reconsider] when an answer of Ready or Standing changes.
type Payments interface {
	// Hello returns what we say of ourselves on a new connection: everything but
	// the roles. If ok is false the peer stays an ordinary one.
	Hello(p Party) (h wire.Hello, ok bool)
	// Message takes what the peer said about money: hello first, then auth, pay,
	// ack, need, settled and stop as they are; and a quote when it is accepted.
	Message(k swarm.PeerKey, m wire.Message)
	// Ready reports whether both ends have proved their accounts, so that bids may
	// be sent.
	Ready(k swarm.PeerKey) bool
	// Standing reports whether the peer is good for more service on credit, or has
	// paid for it before.
	Standing(k swarm.PeerKey) bool
	// Budget says what may be spent on a torrent.
	Budget(ih swarm.InfoHash) Budget
	// Terms completes a quote to the peer by window, prepayment, increment and the
	// promise that is held.
	Terms(k swarm.PeerKey, q wire.Quote) wire.Quote
	// Sold tells how much the peer was served under a quote of ours, about four
	// times a second while that changes.
	Sold(k swarm.PeerKey, c Charge)
	// Bought tells how many verified bytes the peer delivered under a quote of its
	// own. It may come after Gone, when a piece is complete.
	Bought(k swarm.PeerKey, c Charge)
	// Gone ends the relation: the connection, or the extension on it, is over.
	Gone(k swarm.PeerKey)
}

// Party is a peer that the market is offered to.
type Party struct {
	Key      swarm.PeerKey
	InfoHash swarm.InfoHash
	Dialler  bool  // we made the connection
	Piece    int64 // bytes of a piece
}

// Charge is the account of one quote.
type Charge struct {
	Quote int64    // its number
	Price btt.Rate // of each byte
	Bytes int64    // in all under this quote
	Ended bool     // no more will be served under it; bytes may still be verified
}

// Budget is what may be spent on a torrent. The zero value is nothing.
type Budget struct {
	Balance  btt.Amount // what can be promised
	Spent    btt.Amount // on the torrent so far, promises included
	SpentDay btt.Amount // on everything today, likewise
}

// Bounds of the market's queues, in messages of all peers together, and of the
// quotes of a connection whose blocks may still be verified.
const (
	maxHeard  = 1024
	maxSaid   = 1024
	maxQuotes = 64
)

// market is the state of the extension btt_bid. Its plain fields belong to the
// loop.
type market struct {
	offers sync.Map // swarm.InfoHash → int64: the length of its pieces; whose connections carry the extension
	unsure sync.Map // swarm.InfoHash → struct{}: without metadata it is not known who may
	ears   sync.Map // *torrent.PeerConn → *ear
	broker Broker   // nil = the engine speaks itself, for Config.Payments
	links  *link.Links
	voices sync.Map // bidding.PeerKey → *voice
	inbox  chan heard
	outbox chan said
	books  books    // what arrived and left, block by block
	disks  sync.Map // swarm.InfoHash → *disk.Torrent: where paying peers are served from

	traders map[swarm.PeerKey]*trader
	uplink  uplink
	asked   map[swarm.InfoHash]time.Time // of the last source proof
	reserve map[swarm.InfoHash]btt.Rate  // of this round
	sold    int64                        // bytes per second granted in the last round
	free    int64                        // likewise
}

func newMarket(b Broker) *market {
	return &market{
		broker: b,
		inbox:  make(chan heard, maxHeard), outbox: make(chan said, maxSaid),
		traders: map[swarm.PeerKey]*trader{}, asked: map[swarm.InfoHash]time.Time{}, reserve: map[swarm.InfoHash]btt.Rate{},
	}
}

// trader is a peer that offered the extension on a connection that offers it too.
type trader struct {
	ear    *ear
	key    swarm.PeerKey
	link   *link.Link
	over   bool // the extension ended; the connection goes on
	theirs *wire.Hello
	proofs int // of ours, under way on workers
	// standing is what the broker says, if there is one; bid, quote, charged, buying
	// and bought are then taken from it.
	standing Standing
	idle     time.Time // since when neither end wants anything; zero = one does

	// What we sell it.
	bid     wire.Bid
	quote   bidding.Quote // in force; zero = none
	number  int64         // of the last quote
	from    int64         // payload sent before the quote in force
	direct  int64         // payload sent past the library, as booked
	charged int64         // payload sent under earlier quotes
	cost    btt.Amount    // of charged
	told    int64         // payload under the quote in force that the payment side knows of
	said    btt.Rate      // the reserve price it was told
	saidAt  time.Time     // zero = never

	// What it sells us.
	offer    bidding.Offer // as it was told
	offerAt  time.Time
	changed  bool // the user changed something: the next bid is told at once
	reserve  btt.Rate
	buying   wire.Quote        // in force; Number 0 = none
	seen     wire.Quote        // the last one, also when it is over
	verified map[int64]*Charge // by quote, the last maxQuotes
	bought   int64             // bytes of all of them
	freeRate int64             // bytes per second it served for nothing when it last did
}

// trading reports whether the market is on.
func (e *Engine) trading() bool {
	return e.set.Market.On && (e.cfg.Payments != nil || e.market.broker != nil)
}

// mayTrade reports whether bids count for m: not for a private torrent (BEP 27)
// unless the user said so, and not before it is known whether it is one.
func (m *managed) mayTrade() bool {
	return m.meta != nil && (!m.meta.Private || m.rec.Market.AllowPrivate)
}

// offerMarket makes new connections of m carry the extension, or no longer.
func (e *Engine) offerMarket(m *managed) {
	e.market.unsure.Delete(m.ih())
	if e.trading() && !m.checkOnly && m.mayTrade() {
		e.market.offers.Store(m.ih(), m.meta.PieceLength)
		e.market.books.open(m)
		if m.data != nil {
			e.market.disks.Store(m.ih(), m.data)
		}
		return
	}
	e.market.offers.Delete(m.ih())
	if e.trading() && m.meta == nil {
		e.market.unsure.Store(m.ih(), struct{}{})
	}
}

// closeMarket forgets what is only known of a running torrent.
func (e *Engine) closeMarket(m *managed) {
	e.market.offers.Delete(m.ih())
	e.market.disks.Delete(m.ih())
	e.market.unsure.Delete(m.ih())
	e.market.books.close(m.ih())
	delete(e.market.asked, m.ih())
	delete(e.market.reserve, m.ih())
}

// Tell sends a message of the payment side to a peer. It waits for the loop and
// no longer; a peer that is gone is no error.
func (e *Engine) Tell(ctx context.Context, k swarm.PeerKey, m wire.Message) error {
	return e.do(ctx, func() error {
		if t := e.market.traders[k]; t != nil && !t.over {
			e.say(t, m)
		}
		return nil
	})
}

// marketChanged has our bids made anew after a change of the settings.
func (e *Engine) marketChanged() {
	for _, t := range e.market.traders {
		t.changed = true
	}
}

// Reconsider has the peers that bid looked at anew soon. It may be called from any
// goroutine.
func (e *Engine) Reconsider() { e.kickRechoke() }

// lookAtMarket is the market's part of a beat: what was served and verified is
// told, and who is gone forgotten.
func (e *Engine) lookAtMarket() {
	if len(e.market.traders) == 0 {
		return
	}
	here := make(map[swarm.PeerKey]bool, len(e.market.traders))
	for _, l := range e.links.All() {
		here[l.Key()] = true
	}
	for k, t := range e.market.traders {
		e.bookDirect(t)
		switch {
		case !here[k]:
			e.endTrade(t)
			delete(e.market.traders, k)
		case t.ear.over.Load():
			e.endTrade(t)
		case t.over:
		case e.pays():
			e.learn(t)
		default:
			e.tellSold(t)
		}
	}
}

// endTrade ends the extension on a connection, which goes on as an ordinary peer.
func (e *Engine) endTrade(t *trader) {
	if t.over {
		return
	}
	t.over = true
	t.ear.over.Store(true)
	if e.pays() {
		e.market.leave(t.ear)
		t.bid, t.quote, t.buying, t.offer = wire.Bid{}, bidding.Quote{}, wire.Quote{}, bidding.Offer{}
		e.kickRechoke()
		return
	}
	e.endSale(t, t.link.Stats())
	e.endPurchase(t)
	t.bid, t.offer = wire.Bid{}, bidding.Offer{}
	e.cfg.Payments.Gone(t.key)
	e.kickRechoke()
}

// closeTrade ends all trade at the end of the session: what is known by then is
// told to the payment side.
func (e *Engine) closeTrade() {
	if !e.trading() {
		return
	}
	for _, m := range e.order {
		if m.live != nil {
			e.countBought(m)
		}
	}
	for _, t := range e.market.traders {
		e.endTrade(t)
	}
}

// isBuying reports whether m wants bids to be made for it.
func (e *Engine) isBuying(m *managed) bool {
	return m.live != nil && m.mayTrade() && !m.complete() && m.view.unknown == 0 && m.rec.State != resume.Paused
}

// bookDirect adds to the torrent's account what was sent past the library.
func (e *Engine) bookDirect(t *trader) {
	n := t.link.Stats().DirectOut
	if m := e.torrents[t.ear.ih]; m != nil && m.live != nil {
		m.paid += n - t.direct
	}
	t.direct = n
}

// serve reads a block for a paying peer, on a goroutine of its link. What is not
// verified is not there.
func (mk *market) serve(ih swarm.InfoHash, piece, begin uint32, buf []byte) error {
	d, ok := mk.disks.Load(ih)
	if !ok {
		return ErrUnknown
	}
	mk.books.sent(ih, piece, begin)
	return d.(*disk.Torrent).ReadVerified(int(piece), int64(begin), buf)
}
