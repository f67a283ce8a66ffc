package engine

import (
	"context"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/anacrolix/torrent"
	pp "github.com/anacrolix/torrent/peer_protocol"

	"swarmbid/bidding"
	"swarmbid/bidding/wire"
	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

// ear is what the library's callbacks know of a connection that carries the
// extension. Plain fields are guarded by the library's lock, which every callback
// of the connection holds.
type ear struct {
	conn *torrent.PeerConn
	ih   swarm.InfoHash
	id   swarm.PeerID
	addr netip.AddrPort
	over atomic.Bool // nothing more is taken in
	// missed says that the peer offers the extension on a connection that was made
	// before we could; such an ear is over from the start.
	missed atomic.Bool
	// trader is set when the loop first heard of the connection.
	trader atomic.Pointer[trader]
	voice  atomic.Pointer[voice] // of a peer of the broker

	limit   wire.Limiter
	quote   int64 // the blocks that arrive are under this quote; 0 = none
	pos, at int64 // bytes of blocks that arrived, with the one that is being read and without
}

// heard is something a peer said.
type heard struct {
	ear *ear
	m   wire.Message // nil = it offers the extension, or err
	err error        // of wire
}

// said is something to be said to a peer.
type said struct {
	ear     *ear
	payload []byte
	last    bool // said also when the extension is over
}

// joinLibrary has the library offer the extension and hand us its messages (BEP
// 10). With the market off nothing is offered and nothing is called.
func (e *Engine) joinLibrary(c *torrent.ClientConfig) {
	if !e.trading() {
		return
	}
	mk := e.market
	cb := &c.Callbacks
	cb.PeerConnAdded = append(cb.PeerConnAdded, mk.connAdded)
	cb.PeerConnClosed = func(pc *torrent.PeerConn) {
		if x, ok := mk.ears.LoadAndDelete(pc); ok {
			mk.leave(x.(*ear))
		}
	}
	cb.ReadExtendedHandshake = mk.greeted
	cb.PeerConnReadExtensionMessage = append(cb.PeerConnReadExtensionMessage, mk.spoken)
	cb.ReadMessage = mk.read
	cb.ReceivedUsefulData = append(cb.ReceivedUsefulData, mk.received)
}

// connAdded adds our name to the extensions of a connection. The map it finds is
// shared by all of them.
func (mk *market) connAdded(pc *torrent.PeerConn) {
	ih := swarm.InfoHash(pc.Torrent().InfoHash())
	_, offer := mk.offers.Load(ih)
	_, unsure := mk.unsure.Load(ih)
	if !offer && !unsure {
		return
	}
	addr, err := netip.ParseAddrPort(pc.RemoteAddr.String())
	if err != nil {
		return // not one of our links
	}
	addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	x := &ear{conn: pc, ih: ih, id: swarm.PeerID(pc.PeerID), addr: addr}
	mk.ears.Store(pc, x)
	if !offer {
		x.over.Store(true)
		return
	}
	own := torrent.LocalLtepProtocolMap{
		Index:      slices.Clone(pc.LocalLtepProtocolMap.Index),
		NumBuiltin: pc.LocalLtepProtocolMap.NumBuiltin,
	}
	own.AddUserProtocol(wire.Name)
	pc.LocalLtepProtocolMap = &own
}

func (mk *market) earOf(pc *torrent.PeerConn) *ear {
	if x, ok := mk.ears.Load(pc); ok {
		return x.(*ear)
	}
	return nil
}

// greeted hears that a peer offers the extension. The library stores the ids of
// the peer after this call, before it gives up its lock.
func (mk *market) greeted(pc *torrent.PeerConn, h *pp.ExtendedHandshakeMessage) {
	x := mk.earOf(pc)
	id, named := h.M[wire.Name]
	switch {
	case x == nil || !named:
	case id == 0:
		mk.leave(x) // taken back
	case x.over.Load():
		x.missed.Store(true)
	default:
		if mk.broker != nil {
			mk.meet(x, byte(id))
		}
		mk.hear(x, nil, nil)
	}
}

// spoken takes in a message of the extension. It is decoded here, which copies it.
func (mk *market) spoken(ev torrent.PeerConnReadExtensionMessageEvent) {
	x := mk.earOf(ev.PeerConn)
	if x == nil || x.over.Load() {
		return
	}
	name, builtin, err := ev.PeerConn.LocalLtepProtocolMap.LookupId(ev.ExtensionNumber)
	if err != nil || builtin || name != wire.Name {
		return
	}
	if mk.broker != nil {
		mk.relay(x, ev.Payload)
		return
	}
	m, err := wire.Decode(ev.Payload)
	switch m := m.(type) {
	case wire.Quote:
		x.quote = m.Number
	case wire.Stop:
		x.quote = 0
	}
	mk.hear(x, m, err)
}

// hear puts something into the inbox. A peer that says too much, or something when
// the inbox is full, is not listened to any more.
func (mk *market) hear(x *ear, m wire.Message, err error) {
	var ok bool
	if x.limit, ok = x.limit.Take(time.Now()); !ok {
		x.over.Store(true)
		return
	}
	select {
	case mk.inbox <- heard{x, m, err}:
	default:
		x.over.Store(true)
	}
}

// read sees every frame that the library reads: a choke ends the quote in force,
// a block moves the position, and a request is one that was released to be served.
func (mk *market) read(pc *torrent.PeerConn, msg *pp.Message) {
	if msg.Keepalive {
		return
	}
	switch msg.Type {
	case pp.Choke:
		if x := mk.earOf(pc); x != nil {
			x.quote = 0
			mk.chokedBy(x)
		}
	case pp.Piece:
		if mk.broker != nil {
			mk.blockComes(pc, len(msg.Piece))
		}
	case pp.Request:
		mk.books.sent(swarm.InfoHash(pc.Torrent().InfoHash()), uint32(msg.Index), uint32(msg.Begin))
	default:
	}
}

// received notes under which quote a block came that the library had a use for.
func (mk *market) received(ev torrent.ReceivedUsefulDataEvent) {
	pc, ok := ev.Peer.TryAsPeerConn()
	if !ok {
		return // a web seed
	}
	from := delivery{n: int64(len(ev.Message.Piece))}
	if x := mk.earOf(pc); x != nil && (x.quote != 0 || x.voice.Load() != nil) {
		from.ear, from.quote, from.pos = x, x.quote, x.at
	}
	mk.books.got(swarm.InfoHash(pc.Torrent().InfoHash()), uint32(ev.Message.Index), uint32(ev.Message.Begin), from)
}

// speak sends what the loop has to say until ctx is done. It has a goroutine of
// its own, since the library takes its lock to send.
func (mk *market) speak(ctx context.Context) error {
	for {
		select {
		case s := <-mk.outbox:
			if s.ear.over.Load() && !s.last {
				continue
			}
			if err := s.ear.conn.WriteExtendedMessage(wire.Name, s.payload); err != nil {
				s.ear.over.Store(true) // the peer took its offer back
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// say sends m to t.
func (e *Engine) say(t *trader, m wire.Message) {
	if e.pays() {
		e.market.broker.Tell(bidding.PeerKey(t.key), m)
		return
	}
	payload, err := wire.Encode(m)
	if err != nil {
		e.cfg.Log.Error("message of the market", "type", m.Type(), "err", err)
		e.endTrade(t)
		return
	}
	select {
	case e.market.outbox <- said{t.ear, payload, m.Type() == wire.TypeErr}:
	default:
		e.endTrade(t)
	}
}

// hear does what a peer asked for.
func (e *Engine) hear(h heard) {
	t := e.traderOf(h.ear)
	switch {
	case t == nil || t.over:
	case h.err != nil:
		e.misheard(t, h.err)
	case h.m != nil:
		e.heard(t, h.m)
	}
}

// traderOf returns the trader behind an ear, made when it is first heard: then it
// is told our hello. It returns nil if there is no such link any more.
func (e *Engine) traderOf(x *ear) *trader {
	l := e.linkOf(x)
	if v := x.voice.Load(); v != nil {
		l = v.link
	}
	if l == nil || !e.trading() {
		return nil
	}
	if t := e.market.traders[l.Key()]; t != nil {
		return t
	}
	t := &trader{ear: x, key: l.Key(), link: l, verified: map[int64]*Charge{}}
	e.market.traders[t.key] = t
	x.trader.Store(t)
	if e.pays() {
		return t
	}
	var h wire.Hello
	m := e.torrents[x.ih]
	may := m != nil && m.mayTrade() // the user may have changed it since
	if may {
		h, may = e.cfg.Payments.Hello(Party{Key: t.key, InfoHash: x.ih, Dialler: !l.Incoming()})
	}
	if !may {
		t.over = true
		x.over.Store(true)
		return t
	}
	h.Version, h.Roles = wire.Version, wire.Requester|wire.Provider
	e.say(t, h)
	return t
}

// meetAnew dials those peers of m again that offer the extension on a connection
// that was made before it was known that m is not private.
func (e *Engine) meetAnew(m *managed) {
	if !e.trading() || !m.mayTrade() {
		return
	}
	e.market.ears.Range(func(_, v any) bool {
		x := v.(*ear)
		if x.ih != m.ih() || !x.missed.Load() {
			return true
		}
		if l := e.linkOf(x); l != nil && !l.Incoming() { // else it is for the other end to dial
			_ = l.Close() // there is nothing to be lost
			e.addAddrs(m, []netip.AddrPort{x.addr}, torrent.PeerSourceDirect)
		}
		return true
	})
}

// linkOf finds the link under a library's connection: by torrent, peer id and
// address, and if two are alike the one that has no other trader.
func (e *Engine) linkOf(x *ear) (found *link.Link) {
	for _, l := range e.links.All() {
		if l.InfoHash() != x.ih || l.PeerID() != x.id || l.Addr() != x.addr {
			continue
		}
		t := e.market.traders[l.Key()]
		if t != nil && t.ear == x {
			return l
		}
		if t == nil {
			found = l
		}
	}
	return found
}

// misheard answers a message that is not as it should be.
func (e *Engine) misheard(t *trader, err error) {
	code, ends := wire.CodeOf(err)
	if code == 0 {
		return
	}
	e.say(t, wire.Err{Code: code})
	if ends {
		e.cfg.Log.Info("market ended on a connection", "torrent", t.ear.ih, "addr", t.ear.addr, "err", err)
		e.endTrade(t)
	}
}

// heard does what a message that was understood asks for.
func (e *Engine) heard(t *trader, m wire.Message) {
	if e.pays() {
		switch m := m.(type) {
		case wire.Reserve:
			e.heardReserve(t, m)
		case wire.Proof:
			e.heardProof(t, m)
		}
		return
	}
	if _, hello := m.(wire.Hello); hello == (t.theirs != nil) {
		if m.Type() != wire.TypeErr {
			e.misheard(t, wire.ErrTurn)
		}
		return
	}
	switch m := m.(type) {
	case wire.Hello:
		t.theirs = &m
		e.cfg.Payments.Message(t.key, m)
	case wire.Bid:
		t.bid = m
		e.kickRechoke()
	case wire.Quote:
		e.quoted(t, m)
	case wire.Stop:
		e.stopped(t, m)
	case wire.Reserve:
		e.heardReserve(t, m)
	case wire.Proof:
		e.heardProof(t, m)
	case wire.Err:
		if errorEnds(m.Code) {
			e.endTrade(t)
		}
	default:
		e.cfg.Payments.Message(t.key, m)
	}
}

// errorEnds reports whether an err of the peer ends the extension.
func errorEnds(c wire.Code) bool { return c >= wire.CodeSyntax && c <= wire.CodeTurn }

// stopped ends all quotes on the connection, and the bid of who says stop.
func (e *Engine) stopped(t *trader, m wire.Stop) {
	e.endSale(t, t.link.Stats())
	e.endPurchase(t)
	t.bid = wire.Bid{}
	e.cfg.Payments.Message(t.key, m)
	e.kickRechoke()
}
