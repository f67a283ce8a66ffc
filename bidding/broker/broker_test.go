package broker

import (
	"errors"
	"math"
	"os"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleEnv); role != "" {
		os.Exit(child(role))
	}
	leaks(m)
}

// TestTransfer: two programs trade; a hang-up in the middle changes nothing; in the
// end both ledgers say the same, and what they say is the price of what was verified.
func TestTransfer(t *testing.T) {
	dir := t.TempDir()
	a := start(t, "a", dir, payerConfig("a"), testPrice+5, 0)
	b := start(t, "b", dir, payeeConfig("b"), 0, testPrice)
	hangUp := join(t, a, b)
	until(t, "8 MiB paid", func() bool { return b.row(t, "a", "b", true).Cumulative > 8*btt.Amount(testPrice) })
	hangUp()
	join(t, b, a) // the other way round
	until(t, "16 MiB paid", func() bool { return b.row(t, "a", "b", true).Cumulative > 16*btt.Amount(testPrice) })
	b.rest()
	until(t, "the rest", func() bool {
		out, in := a.row(t, "a", "b", false), b.row(t, "a", "b", true)
		_, _, verified := a.figures()
		return out.Bytes == verified && out.Cumulative == out.Due && in.Cumulative == out.Cumulative
	})
	out := a.row(t, "a", "b", false)
	exact, _ := testPrice.Cost(out.Bytes)
	if diff := out.Cumulative - exact; diff < 0 || diff > 4 {
		t.Errorf("paid %v for %d bytes, which cost %v", out.Cumulative, out.Bytes, exact)
	}
	given, err := a.books.Balance(t.Context(), ledger.Payable(accountOf("b").String()))
	got, err2 := b.books.Balance(t.Context(), ledger.Receivable(accountOf("a").String()))
	if err != nil || err2 != nil || given.Posted != -out.Cumulative || got.Posted != out.Cumulative {
		t.Errorf("books: payable %v, receivable %v, want %v: %v %v", given.Posted, got.Posted, out.Cumulative, err, err2)
	}
	if f, err := a.books.Flow(t.Context(), ledger.Period{}); err != nil || f.Spent != out.Cumulative || f.Earned != 0 {
		t.Errorf("flow %+v, %v", f, err)
	}
	in := b.row(t, "a", "b", true)
	d, _ := voucher.Voucher{Payer: accountOf("a"), Payee: accountOf("b"), Cumulative: in.Cumulative}.Digest(voucher.NewDomain(testChain, testWay.Escrow))
	if err := voucher.Verify(d, in.Signature, accountOf("a")); err != nil {
		t.Errorf("the voucher that is kept: %v", err)
	}
}

// rest serves no more blocks.
func (e *end) rest() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.idle = true
}

// TestOverhead: messages are at most a thousandth of the payload.
func TestOverhead(t *testing.T) {
	dir := t.TempDir()
	a := start(t, "a", dir, payerConfig("a"), testPrice, 0)
	b := start(t, "b", dir, payeeConfig("b"), 0, testPrice)
	join(t, a, b)
	until(t, "64 MiB", func() bool { _, _, n := a.figures(); return n > 64<<20 })
	payload, said, _ := b.figures()
	_, asked, _ := a.figures()
	share := float64(said+asked) / float64(payload)
	t.Logf("%d bytes of messages for %d of payload: %.4f %%", said+asked, payload, 100*share)
	if share > 0.001 {
		t.Error("more than a thousandth")
	}
}

// TestOff: without a way to pay nothing is said at all.
func TestOff(t *testing.T) {
	dir := t.TempDir()
	off := payerConfig("a")
	off.Ways = nil
	a := start(t, "a", dir, off, testPrice, 0)
	b := start(t, "b", dir, payeeConfig("b"), 0, testPrice)
	join(t, a, b)
	until(t, "hello of b", func() bool { _, said, _ := b.figures(); return said > 0 })
	a.Tell(1, wire.Reserve{}) // also nothing of the user's
	until(t, "the inbox", func() bool { a.inbox.mu.Lock(); defer a.inbox.mu.Unlock(); return len(a.inbox.queue) == 0 })
	if payload, said, _ := a.figures(); said != 0 || payload != 0 {
		t.Errorf("%d bytes said", said)
	}
	if s := b.Standing(1); s != (Standing{}) {
		t.Errorf("standing %+v", s)
	}
}

// TestCaps: each of the three caps ends the spending, and none is passed.
func TestCaps(t *testing.T) {
	const most = 3 * btt.One
	for name, caps := range map[string]Caps{
		"torrent": {most, 1 << 50, 1 << 50},
		"day":     {1 << 50, most, 1 << 50},
		"peer":    {1 << 50, 1 << 50, most},
		"nothing": {},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cfg := payerConfig("a")
			cfg.Caps = caps
			a := start(t, "a", dir, cfg, testPrice, 0)
			b := start(t, "b", dir, payeeConfig("b"), 0, testPrice)
			join(t, a, b)
			least := most - 1*btt.One
			if caps == (Caps{}) {
				least = 0
				until(t, "quote", func() bool { return a.Standing(1).Account != voucher.Address{} })
			}
			until(t, "the cap nearly used up", func() bool { return a.row(t, "a", "b", false).Cumulative >= least })
			until(t, "the end of buying", func() bool { s := a.Standing(1); return s.Price == 0 })
			if sum := a.row(t, "a", "b", false).Cumulative; sum > most {
				t.Errorf("promised %v", sum)
			}
		})
	}
}

// TestLocked: a locked wallet sends no promise; unlocked it says what is recorded.
func TestLocked(t *testing.T) {
	dir := t.TempDir()
	a := start(t, "a", dir, payerConfig("a"), testPrice, 0)
	b := start(t, "b", dir, payeeConfig("b"), 0, testPrice)
	join(t, a, b)
	until(t, "the first promise", func() bool { return b.row(t, "a", "b", true).Cumulative > 0 })
	a.keys.lock(true)
	until(t, "the window is used up", func() bool { return b.Standing(1).Phase == lane.Stalled })
	held := b.row(t, "a", "b", true).Cumulative
	until(t, "a promise that is only recorded", func() bool { return a.row(t, "a", "b", false).Cumulative > held })
	if now := b.row(t, "a", "b", true).Cumulative; now != held {
		t.Errorf("held %v, then %v", held, now)
	}
	a.keys.lock(false)
	until(t, "the rest", func() bool { return b.row(t, "a", "b", true).Cumulative > held && b.Standing(1).Phase == lane.Active })
}

// TestFailStop: a promise that cannot be recorded is not signed, and the broker ends.
func TestFailStop(t *testing.T) {
	e, err := newEnd(t.Context(), "a", t.TempDir(), payerConfig("a"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCore(t.Context(), e.Broker, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	k := lane.Key{Chain: 1, Escrow: voucher.Address{9}, Payer: accountOf("a"), Payee: accountOf("b")}
	r, err := c.relation(t.Context(), k, false)
	if err != nil {
		t.Fatal(err)
	}
	c.spending.caps = plenty
	c.conns[1] = &conn{Peer: Peer{Key: 1, Piece: testPiece}, buy: r}
	if err := c.spending.know(t.Context(), e.books, bidding.TorrentKey{}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, ev := range []lane.Event{
		lane.Opened{Conn: 1, Piece: testPiece},
		lane.Offer{Conn: 1, Bid: lane.Bid{Price: 9}},
		lane.Heard{Conn: 1, Message: lane.Quote{Price: 9, Number: 1}},
	} {
		if err := c.step(t.Context(), now, r, ev); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.books.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.step(t.Context(), now, r, lane.Verified{Conn: 1, Bytes: testPiece}); err == nil || e.keys.signed != 0 {
		t.Errorf("%v, %d signatures", err, e.keys.signed)
	}
}

// TestFlood: who sends too much loses the extension; another peer does not notice.
func TestFlood(t *testing.T) {
	dir := t.TempDir()
	b := start(t, "b", dir, payeeConfig("b"), 0, testPrice)
	a := start(t, "a", dir, payerConfig("a"), testPrice, 0)
	const bad = 99
	b.mu.Lock()
	b.links[bad] = &link{end: b, key: bad, limit: math.MaxInt64, more: make(chan struct{}, 1)}
	b.mu.Unlock()
	b.Connected(Peer{Key: bad, Piece: testPiece})
	for range 10 * maxPeer {
		b.Arrived(bad, []byte("d1:ti5e1:ci1ee"), 0)
	}
	join(t, a, b)
	until(t, "a trades", func() bool { return b.row(t, "a", "b", true).Cumulative > 0 })
	b.inbox.mu.Lock()
	n := len(b.inbox.queue)
	b.inbox.mu.Unlock()
	if n > maxQueue || b.Standing(bad) != (Standing{}) {
		t.Errorf("%d entries, standing %+v", n, b.Standing(bad))
	}
	b.Gone(bad)
}

// TestInbox: one peer has its bound, all have theirs, and the last word always fits.
func TestInbox(t *testing.T) {
	in := newInbox()
	for range maxPeer + 10 {
		in.put(1, arrived{})
	}
	in.put(2, arrived{})
	in.put(1, lane.Down{})
	got := in.take().queue
	if len(got) != maxPeer+3 {
		t.Fatalf("%d entries", len(got))
	}
	if _, ok := got[maxPeer].event.(flooded); !ok {
		t.Errorf("after its bound: %T", got[maxPeer].event)
	}
	if _, ok := got[maxPeer+2].event.(lane.Down); !ok {
		t.Errorf("last: %T", got[maxPeer+2].event)
	}
	for p := range bidding.PeerKey(maxQueue) {
		in.put(p, arrived{})
		in.put(p, arrived{})
	}
	if n := len(in.take().queue); n > 2*maxQueue {
		t.Errorf("%d entries", n)
	}
}

// TestPieces: pieces that wait are one event, as long as there is no gap.
func TestPieces(t *testing.T) {
	in := newInbox()
	for i := range int64(10 * maxPeer) {
		in.put(1, lane.Verified{Conn: 1, Pos: i * 100, Bytes: 100})
		in.put(2, arrived{})
		if i%100 == 0 {
			in.take()
		}
	}
	in.take()
	for _, pos := range []int64{0, 10, 30, 40, 20} {
		in.put(1, lane.Verified{Conn: 1, Pos: pos, Bytes: 10})
	}
	want := []lane.Verified{{Conn: 1, Pos: 0, Bytes: 20}, {Conn: 1, Pos: 30, Bytes: 20}, {Conn: 1, Pos: 20, Bytes: 10}}
	got := in.take().queue
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, w := range want {
		if got[i].event != w {
			t.Errorf("%+v, want %+v", got[i].event, w)
		}
	}
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]Config{
		"negative":   {Caps: Caps{Day: -1}},
		"too many":   {Account: accountOf("a"), Ways: make([]lane.Way, 9)},
		"no account": {Ways: []lane.Way{testWay}},
	} {
		if _, err := New(c, nil, nil, nil); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (Config{}).Validate(); err != nil {
		t.Errorf("zero: %v", err)
	}
}

func TestConvert(t *testing.T) {
	for _, m := range []lane.Message{
		lane.Auth{Signature: [65]byte{1}},
		lane.Bid{Price: 1, Demand: 2, Most: 3},
		lane.Quote{Price: 1, Rate: 2, Number: 3, Window: 4, Prepay: 5, Increment: 6, Served: 7, Held: 8},
		lane.Pay{Cumulative: 1, Signature: [65]byte{2}, Verified: 3},
		lane.Ack{Cumulative: 1},
		lane.Need{Cumulative: 1, Grace: 10 * time.Minute},
		lane.Stop{Reason: lane.ReasonProtocol},
		lane.Settled{Tx: [32]byte{1}, Amount: 2},
	} {
		b := encode(toWire(m))
		w, err := wire.Decode(b)
		if err != nil || fromWire(w) != m {
			t.Errorf("%+v comes back as %+v, %v", m, w, err)
		}
	}
	g := lane.Greeting{
		Nonce: [16]byte{1}, Account: accountOf("a"), Pays: true, Serves: true,
		Ways: []lane.Way{testWay, {Chain: 5}},
	}
	w, err := wire.Decode(encode(toWire(g)))
	if err != nil {
		t.Fatal(err)
	}
	if got := fromWire(w).(lane.Greeting); got.Account != g.Account || got.Nonce != g.Nonce || !got.Pays || !got.Serves || len(got.Ways) != 2 || got.Ways[1] != g.Ways[1] {
		t.Errorf("%+v", got)
	}
	if fromWire(wire.Proof{}) != nil {
		t.Error("a proof is about money")
	}
}

// TestDay: what was spent yesterday does not count against today's cap.
func TestDay(t *testing.T) {
	e, err := newEnd(t.Context(), "a", t.TempDir(), payerConfig("a"))
	if err != nil {
		t.Fatal(err)
	}
	defer e.books.Close()
	now := time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC)
	for i, at := range []time.Time{now.Add(-time.Hour), now} {
		if err := e.books.Record(t.Context(), ledger.Transfer{
			ID: ledger.ID{byte(i + 1)}, At: at, Kind: "x", Phase: ledger.Posted, Debit: ledger.Leeching, Credit: ledger.Payable("x"),
			Amount: btt.Amount(10 + i), Torrent: name(bidding.TorrentKey{7}),
		}); err != nil {
			t.Fatal(err)
		}
	}
	s := spending{caps: Caps{100, 100, 100}, where: time.UTC, torrent: map[bidding.TorrentKey]btt.Amount{}}
	for _, c := range []struct {
		at          time.Time
		today, left btt.Amount
	}{{now, 11, 79}, {now.Add(24 * time.Hour), 0, 79}} {
		if err := s.newDay(t.Context(), e.books, c.at); err != nil {
			t.Fatal(err)
		}
		if err := s.know(t.Context(), e.books, bidding.TorrentKey{7}); err != nil {
			t.Fatal(err)
		}
		if s.today != c.today || s.left(bidding.TorrentKey{7}, 0) != c.left {
			t.Errorf("%v: today %v, left %v", c.at, s.today, s.left(bidding.TorrentKey{7}, 0))
		}
	}
	s.add(bidding.TorrentKey{7}, 5)
	if s.today != 5 || s.left(bidding.TorrentKey{7}, 0) != 74 || s.left(bidding.TorrentKey{7}, 99) != 1 || s.left(bidding.TorrentKey{8}, 200) != 0 {
		t.Errorf("today %v", s.today)
	}
}
