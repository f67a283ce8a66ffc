package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/wire"
	"swarmbid/engine/lab"
	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// theirID is what a speaker gives btt_bid in its extended handshake.
const theirID = 9

// speaker is a raw peer that speaks the extension.
type speaker struct {
	t    *testing.T
	raw  *lab.Raw
	ids  map[string]byte // of the other end
	id   swarm.PeerID
	open bool // unchoked
}

// speak connects to s as one that wants something and offers the extension.
func speak(t *testing.T, s *session, p *lab.Payload) *speaker {
	t.Helper()
	return speakAs(t, s, p, lab.Msg(lab.MsgHaveNone), lab.Msg(lab.MsgInterested))
}

// speakAs is speak with other first messages.
func speakAs(t *testing.T, s *session, p *lab.Payload, first ...[]byte) *speaker {
	t.Helper()
	x := &speaker{t: t}
	copy(x.id[:], "-LB0001-"+rand.Text())
	raw, err := lab.Dial(t.Context(), mustAddr(s.addr()), lab.Hello{InfoHash: p.InfoHash, PeerID: x.id, Reserved: lab.Reserved(true, true, false)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	x.raw = raw
	x.send(append([][]byte{lab.Ext(0, "d1:md7:btt_bidi9eee")}, first...)...)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for x.ids == nil {
		f, err := x.read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if f.ID == lab.MsgExtended && f.Body[0] == 0 {
			x.ids = namesIn(t, f.Body[1:])
		}
	}
	return x
}

// namesIn returns the extensions that an extended handshake offers (BEP 10).
func namesIn(t *testing.T, payload []byte) map[string]byte {
	t.Helper()
	h, err := peerwire.ParseExtHandshake(payload)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]byte{}
	for _, e := range h.Extensions {
		ids[e.Name] = e.ID
	}
	return ids
}

func (x *speaker) send(frames ...[]byte) {
	x.t.Helper()
	if err := x.raw.Send(frames...); err != nil {
		x.t.Fatal(err)
	}
}

// say sends a message of the extension.
func (x *speaker) say(m wire.Message) {
	x.t.Helper()
	b, err := wire.Encode(m)
	if err != nil {
		x.t.Fatal(err)
	}
	x.send(lab.Ext(x.ids[wire.Name], string(b)))
}

// next returns the next message of the type.
func next[M wire.Message](x *speaker) M {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), 30*time.Second)
	defer cancel()
	for {
		f, err := x.read(ctx)
		if err != nil {
			x.t.Fatalf("no %T: %v", *new(M), err)
		}
		if f.ID != lab.MsgExtended || f.Body[0] != theirID {
			continue
		}
		m, err := wire.Decode(f.Body[1:])
		if err != nil {
			x.t.Fatalf("%q: %v", f.Body, err)
		}
		if want, ok := m.(M); ok {
			return want
		}
	}
}

// read returns the next frame.
func (x *speaker) read(ctx context.Context) (lab.Frame, error) {
	f, err := x.raw.Next(ctx)
	switch {
	case err != nil:
	case f.ID == lab.MsgUnchoke:
		x.open = true
	case f.ID == lab.MsgChoke:
		x.open = false
	}
	return f, err
}

// alive fails the test if the connection is not served.
func (x *speaker) alive() {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), 40*time.Second)
	defer cancel()
	asked := false
	for {
		if x.open && !asked {
			asked = true
			x.send(lab.Msg(lab.MsgRequest, lab.Words(0, 0, lab.Block)))
		}
		f, err := x.read(ctx)
		if err != nil {
			x.t.Fatalf("not served: %v", err)
		}
		switch f.ID {
		case lab.MsgPiece:
			return
		case lab.MsgChoke:
			asked = false
		}
	}
}

var helloOf = wire.Hello{Version: 1, Roles: wire.Requester | wire.Provider}

// TestBidAndQuoteByHand follows one bid through: hello, bid, quote with the reserve
// price, the account of what is served, a second quote above another bidder's
// offer, stop.
func TestBidAndQuoteByHand(t *testing.T) {
	t.Parallel()
	p := payload(t, 4<<20)
	seed, pay := trading(t, func(c *Config) { c.UpLimit = 1 << 20; c.Market.Reserve = bidding.Reserve{Price: 700} })
	seed.seed(p)
	x := speak(t, seed, p)
	x.say(helloOf)
	h := next[wire.Hello](x)
	if h.Version != 1 || h.Roles != wire.Provider|wire.Requester || len(h.Instruments) != 1 {
		t.Errorf("hello %+v", h)
	}
	if r := next[wire.Reserve](x); r.Price != 700 {
		t.Errorf("reserve %+v", r)
	}
	x.say(wire.Bid{Price: 600, Most: btt.One})
	until(t, "too low a bid", func() bool {
		m := seed.marketTab(p.InfoHash)
		return len(m.Bidders) == 1 && m.Bidders[0].Outcome == swarm.BelowReserve && m.Bidders[0].Slot == swarm.Regular
	})
	x.say(wire.Bid{Price: 5000, Demand: 512 << 10, Most: btt.One})
	q := next[wire.Quote](x)
	if q.Price != 700 || q.Number != 1 || q.Served != 0 || q.Rate != 512<<10 || q.Window != 4<<20 {
		t.Errorf("quote %+v", q)
	}
	x.alive()
	until(t, "one block is sold", func() bool { n, _ := pay.total(pay.sold); return n == lab.Block })
	x.say(wire.Stop{Reason: wire.Done})
	until(t, "no sale any more", func() bool {
		m := seed.marketTab(p.InfoHash)
		return m.Sold == 0 && m.Bidders[0].Price == 0 && m.Bidders[0].Bid == 0 && m.Bidders[0].Charged == lab.Block
	})
	x.alive()
	if n, cost := pay.total(pay.sold); n != lab.Block || cost != 11 {
		t.Errorf("%d bytes were charged, %v", n, cost)
	}
	x.say(wire.Bid{Price: 5000, Most: 11}) // all of it is spent already
	x.say(wire.Bid{Price: 5000, Most: 100})
	if q := next[wire.Quote](x); q.Number != 2 || q.Served != lab.Block {
		t.Errorf("second quote %+v", q)
	}
}

// TestHostileTraders misbehave, one way each: the extension ends for them with the
// error that the draft asks for, or goes on where it says so, and each is served on
// as an ordinary peer.
func TestHostileTraders(t *testing.T) {
	t.Parallel()
	p := payload(t, 4<<20)
	seed, pay := trading(t, func(c *Config) { c.UpLimit = 4 << 20 })
	seed.seed(p)
	for name, c := range map[string]struct {
		say  func(x *speaker)
		code wire.Code // 0 = no answer
		ends bool
	}{
		"no bencode":    {func(x *speaker) { x.send(lab.Ext(x.ids[wire.Name], "rubbish")) }, wire.CodeSyntax, true},
		"key missing":   {func(x *speaker) { x.send(lab.Ext(x.ids[wire.Name], "d1:ti2ee")) }, wire.CodeKey, true},
		"too long":      {func(x *speaker) { x.send(lab.Ext(x.ids[wire.Name], strings.Repeat("x", wire.MaxPayload+1))) }, wire.CodeLong, true},
		"unknown type":  {func(x *speaker) { x.send(lab.Ext(x.ids[wire.Name], "d1:ti99ee")) }, wire.CodeType, false},
		"bid first":     {func(x *speaker) { x.say(wire.Bid{Price: 1, Most: 1}) }, wire.CodeTurn, true},
		"hello twice":   {func(x *speaker) { x.say(helloOf); x.say(helloOf) }, wire.CodeTurn, true},
		"says err":      {func(x *speaker) { x.say(helloOf); x.say(wire.Err{Code: wire.CodeKey}) }, 0, true},
		"takes it back": {func(x *speaker) { x.send(lab.Ext(0, "d1:md7:btt_bidi0eee")) }, 0, true},
		"quote unasked": {func(x *speaker) { x.say(helloOf); x.say(wire.Quote{Price: 9, Number: 1}) }, 0, false},
		"quotes go back": {func(x *speaker) {
			x.say(helloOf)
			x.say(wire.Quote{Price: 9, Number: 2})
			x.say(wire.Quote{Price: 9, Number: 1})
		}, wire.CodeTurn, true},
		"proof unasked": {func(x *speaker) { x.say(helloOf); x.say(wire.Proof{Piece: 1}) }, 0, false},
		"no such block": {func(x *speaker) {
			x.say(helloOf)
			x.say(wire.Reserve{Challenge: &wire.Challenge{Piece: 1 << 31, Begin: 1}})
		}, 0, false},
		"floods":         {flood, 0, true},
		"bids without t": {func(x *speaker) { x.send(lab.Ext(x.ids[wire.Name], "de")) }, wire.CodeKey, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := speak(t, seed, p)
			c.say(x)
			if c.code != 0 {
				if e := next[wire.Err](x); e.Code != c.code {
					t.Errorf("answered with %+v, want %d", e, c.code)
				}
			}
			x.alive()
			until(t, "ended as it should be", func() bool {
				over := !c.ends
				err := seed.do(t.Context(), func() error {
					for _, tr := range seed.market.traders {
						if tr.link.PeerID() == x.id {
							over = tr.over
						}
					}
					return nil
				})
				return err == nil && over == c.ends
			})
		})
	}
	t.Cleanup(func() {
		if n, _ := pay.total(pay.sold); n != 0 {
			t.Errorf("%d bytes were charged", n)
		}
	})
}

// flood says more than anybody has to say.
func flood(x *speaker) {
	x.say(helloOf)
	b, err := wire.Encode(wire.Bid{Price: 1, Most: 1})
	if err != nil {
		x.t.Fatal(err)
	}
	for range 400 {
		x.send(lab.Ext(x.ids[wire.Name], string(b)))
	}
}

// TestNothingIsOfferedUnasked looks at our extended handshake: without the market,
// without a payment side, and for a private torrent (BEP 27) there is no name more
// in it than there always was; unless the user allowed that torrent.
func TestNothingIsOfferedUnasked(t *testing.T) {
	t.Parallel()
	public, private := payload(t, 1<<20), payloadWith(t, 1<<20, "", true)
	off := run(t, testConfig(t, t.TempDir()))
	unpaid, _ := trading(t, func(c *Config) { c.Payments = nil })
	on, pay := trading(t, nil)
	offers := func(s *session, p *lab.Payload) bool {
		t.Helper()
		_, ok := speak(t, s, p).ids[wire.Name]
		return ok
	}
	for _, s := range []*session{off, unpaid, on} {
		s.seed(public)
		s.seed(private)
	}
	if offers(off, public) || offers(unpaid, public) || !offers(on, public) || offers(on, private) {
		t.Error("the extension is offered where it must not be, or not where it should be")
	}
	if m := on.marketTab(private.InfoHash); !m.On || !m.Refused {
		t.Errorf("market of a private torrent: %+v", m)
	}
	if err := on.SetBandwidth(t.Context(), swarm.Bandwidth{AllowPrivate: true}, private.InfoHash); err != nil {
		t.Fatal(err)
	}
	next[wire.Hello](speak(t, on, private)) // now it is offered
	if err := on.SetBandwidth(t.Context(), swarm.Bandwidth{}, private.InfoHash); err != nil {
		t.Fatal(err)
	}
	until(t, "the trade has ended", func() bool {
		pay.mu.Lock()
		defer pay.mu.Unlock()
		return pay.gone > 0
	})
	s := DefaultMarketSettings()
	port := on.Snapshot().Totals.ListenPort
	if err := on.SetMarket(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	until(t, "the network is opened anew", func() bool { p := on.Snapshot().Totals.ListenPort; return p != 0 && p != port })
	on.wait(public.InfoHash, "back after the change", seeding)
	if offers(on, public) {
		t.Error("offered after the market was switched off")
	}
	s.FreeShare = 9
	if err := on.SetMarket(t.Context(), s); !errors.Is(err, ErrConfig) {
		t.Errorf("a free share of 9 %%: %v", err)
	}
}

// TestBuyByHand is a provider that sells to a session: it is sent a bid when it
// offers, a stop for a price above the bid, and nothing but requests for one
// within it; a choke, a stop and the user end it.
func TestBuyByHand(t *testing.T) {
	t.Parallel()
	p := payload(t, 4<<20)
	buyer, pay := trading(t, bids(2000))
	buyer.add(swarm.Add{Source: swarm.Source{File: p.File}})
	buyer.wait(p.InfoHash, "runs", func(r *swarm.Torrent) bool { return r.State == swarm.Downloading })
	x := speakAs(t, buyer, p, lab.Msg(lab.MsgHaveAll))
	next[wire.Hello](x)
	x.say(wire.Hello{Version: 1, Roles: wire.Provider})
	bid := next[wire.Bid](x)
	if bid.Price != 2000 || bid.Most != 1000*btt.One {
		t.Errorf("bid %+v", bid)
	}
	x.say(wire.Quote{Price: 2001, Number: 1})
	if s := next[wire.Stop](x); s.Reason != wire.Price {
		t.Errorf("stop %+v", s)
	}
	if again := next[wire.Bid](x); again != bid {
		t.Errorf("bid %+v after the stop", again)
	}
	paying := func() bool {
		d, err := buyer.Details(t.Context(), p.InfoHash, swarm.PartPeers)
		if err != nil {
			t.Fatal(err)
		}
		return len(d.Peers) == 1 && d.Peers[0].Flags.Has(swarm.WePay)
	}
	x.say(wire.Quote{Price: 1500, Rate: 4096, Number: 2})
	until(t, "the quote is in force", paying)
	x.send(lab.Msg(lab.MsgUnchoke), lab.Msg(lab.MsgChoke))
	until(t, "a choke ends it", func() bool { return !paying() })
	x.say(wire.Quote{Price: 1600, Number: 3})
	x.send(lab.Msg(lab.MsgUnchoke))
	until(t, "the next quote", paying)
	x.say(wire.Stop{Reason: wire.Done})
	until(t, "a stop ends it", func() bool { return !paying() })
	x.say(wire.Quote{Price: 1700, Number: 4})
	until(t, "and the next", paying)
	if err := buyer.SetBandwidth(t.Context(), swarm.Bandwidth{Mode: swarm.BidOff}, p.InfoHash); err != nil {
		t.Fatal(err)
	}
	if s := next[wire.Stop](x); s.Reason != wire.Done || paying() {
		t.Errorf("stop %+v by the user", s)
	}
	if err := buyer.SetBandwidth(t.Context(), swarm.Bandwidth{Mode: swarm.BidEco, MaxPrice: 4000, MaxTotal: 500}, p.InfoHash); err != nil {
		t.Fatal(err)
	}
	if b := next[wire.Bid](x); b.Price != 125 || b.Most != 500 { // what the total pays for 4 MiB is less than a quarter of 4,000
		t.Errorf("bid %+v after a change of the settings", b)
	}
	pay.mu.Lock()
	defer pay.mu.Unlock()
	for k, charges := range pay.bought {
		for n, c := range charges {
			if !c.Ended || c.Bytes != 0 || n < 2 {
				t.Errorf("peer %d, quote %d: %+v", k, n, c)
			}
		}
	}
}

// TestMagnetTrades adds a magnet link: while it is not known whether the torrent is
// private nothing is offered, and as soon as it is known not to be, bids are made.
func TestMagnetTrades(t *testing.T) {
	t.Parallel()
	p := payload(t, 24<<20)
	seed, _ := trading(t, func(c *Config) { c.UpLimit = 2 << 20 })
	seed.seed(p)
	buyer, _ := trading(t, bids(3000))
	link, err := seed.Magnet(t.Context(), p.InfoHash)
	if err != nil {
		t.Fatal(err)
	}
	buyer.add(swarm.Add{Source: swarm.Source{Magnet: link + "&x.pe=" + seed.addr()}})
	until(t, "the seed has its bid", func() bool {
		m := seed.marketTab(p.InfoHash)
		return len(m.Bidders) == 1 && m.Bidders[0].Bid == 3000
	})
}
