package broker

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// desk is a core whose connections are lists of what was said.
type desk struct {
	*core
	t        testing.TB
	now      time.Time
	said     map[bidding.PeerKey][]wire.Message
	pos      int64 // of every stream
	limit    map[bidding.PeerKey]int64
	gone     bool // Send fails
	peersNet bool // peers that it meets set off
}

func (d *desk) Send(peer bidding.PeerKey, payload func(int64) []byte) bool {
	if d.gone {
		return false
	}
	m, err := wire.Decode(payload(d.pos))
	if err != nil {
		d.t.Fatal(err)
	}
	d.said[peer] = append(d.said[peer], m)
	return true
}

func (d *desk) Limit(peer bidding.PeerKey, pos int64) { d.limit[peer] = pos }

func newDesk(t testing.TB, dir, name string, cfg Config) *desk {
	t.Helper()
	l, err := ledger.Open(t.Context(), dir+"/"+name+".db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	d := &desk{t: t, now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), said: map[bidding.PeerKey][]wire.Message{}, limit: map[bidding.PeerKey]int64{}}
	b, err := New(cfg, l, &keys{key: keyOf(name)}, d)
	if err != nil {
		t.Fatal(err)
	}
	if d.core, err = newCore(t.Context(), b, d.now); err != nil {
		t.Fatal(err)
	}
	return d
}

// hear lets messages of a peer arrive.
func (d *desk) hear(peer bidding.PeerKey, ms ...wire.Message) {
	d.t.Helper()
	for _, m := range ms {
		d.raw(peer, encode(m))
	}
}

func (d *desk) raw(peer bidding.PeerKey, payload []byte) {
	d.t.Helper()
	d.now = d.now.Add(time.Second)
	if err := d.take(d.t.Context(), d.now, entry{peer, arrived{payload, d.pos}}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) happen(peer bidding.PeerKey, e any) {
	d.t.Helper()
	if err := d.take(d.t.Context(), d.now, entry{peer, e}); err != nil {
		d.t.Fatal(err)
	}
}

// last is what was last said to a peer.
func (d *desk) last(peer bidding.PeerKey) wire.Message {
	if n := len(d.said[peer]); n > 0 {
		return d.said[peer][n-1]
	}
	return nil
}

// meet opens a connection with an honest peer of that name, in all roles.
func (d *desk) meet(peer bidding.PeerKey, name string, torrent byte) {
	d.t.Helper()
	d.happen(peer, connected{Peer{Key: peer, Torrent: bidding.TorrentKey{torrent}, InfoHash: [32]byte{torrent}, Dialler: true, Piece: 1 << 20}})
	mine := d.last(peer).(wire.Hello)
	theirs := lane.Greeting{Nonce: [16]byte{byte(peer), 77}, Account: accountOf(name), Ways: []lane.Way{testWay}, Pays: true, Serves: true, Nets: d.peersNet}
	said := voucher.Session{
		InfoHash: [32]byte{torrent}, Nonces: voucher.Nonces(mine.Nonce, theirs.Nonce), Me: theirs.Account, Peer: mine.Account,
	}
	sig, err := voucher.Sign(said.Digest(voucher.NewDomain(testChain, testWay.Escrow)), keyOf(name))
	if err != nil {
		d.t.Fatal(err)
	}
	d.hear(peer, toWire(theirs), wire.Auth{Signature: sig})
	if d.conns[peer].hand.Phase != lane.Authed {
		d.t.Fatalf("not met: %v", d.conns[peer].hand.Phase)
	}
}

func bothConfig(name string) Config {
	return Config{Account: accountOf(name), Ways: []lane.Way{testWay}, Pays: true, Serves: true, Caps: plenty}
}

// TestMalformed: each class of faults is answered with its code; all but an unknown
// type end the extension, after which nothing is said or heard.
func TestMalformed(t *testing.T) {
	for name, c := range map[string]struct {
		payload string
		code    wire.Code
		ends    bool
	}{
		"unknown type": {"d1:ti99ee", wire.CodeType, false},
		"no bencode":   {"hello", wire.CodeSyntax, true},
		"key missing":  {"d1:ti5ee", wire.CodeKey, true},
		"too long":     {string(make([]byte, wire.MaxPayload+1)), wire.CodeLong, true},
	} {
		d := newDesk(t, t.TempDir(), "a", bothConfig("a"))
		d.meet(1, "b", 1)
		d.raw(1, []byte(c.payload))
		if got, ok := d.last(1).(wire.Err); !ok || got.Code != c.code || d.conns[1].over != c.ends {
			t.Errorf("%s: answered %+v, over %v", name, d.last(1), d.conns[1].over)
		}
		n := len(d.said[1])
		d.raw(1, []byte("x"))
		d.happen(1, tell{wire.Reserve{Price: 1}})
		if c.ends && len(d.said[1]) != n {
			t.Errorf("%s: still speaks", name)
		}
		if c.ends && d.Standing(1) != (Standing{}) {
			t.Errorf("%s: standing %+v", name, d.Standing(1))
		}
	}
}

// TestTurn: what the roles do not allow is out of turn.
func TestTurn(t *testing.T) {
	for name, m := range map[string]wire.Message{
		"quote to one that only serves": wire.Quote{Price: 1, Number: 1},
		"ack to one that only serves":   wire.Ack{},
		"second hello":                  wire.Hello{Version: 1},
	} {
		cfg := bothConfig("a")
		cfg.Pays = false
		d := newDesk(t, t.TempDir(), "a", cfg)
		d.meet(1, "b", 1)
		d.hear(1, m)
		if got, ok := d.last(1).(wire.Err); !ok || got.Code != wire.CodeTurn || !d.conns[1].over {
			t.Errorf("%s: answered %+v", name, d.last(1))
		}
	}
}

// TestRate: more messages than the limit end the extension.
func TestRate(t *testing.T) {
	d := newDesk(t, t.TempDir(), "a", bothConfig("a"))
	d.meet(1, "b", 1)
	at := d.now
	for range 300 {
		d.now = at // all in one second
		d.hear(1, wire.Proof{})
	}
	if got, ok := d.last(1).(wire.Err); !ok || got.Code != wire.CodeFlood || !d.conns[1].over {
		t.Errorf("answered %+v", d.last(1))
	}
}

// TestNews: reserve prices, proofs, meetings and quotes are told.
func TestNews(t *testing.T) {
	d := newDesk(t, t.TempDir(), "a", bothConfig("a"))
	d.meet(1, "b", 1)
	d.hear(1, wire.Reserve{Price: 7}, wire.Proof{Piece: 3}, wire.Quote{Price: 5, Number: 1})
	want := []Fact{
		FactMet{1, accountOf("b"), testWay, true},
		FactReserve{1, wire.Reserve{Price: 7}},
		FactProof{1, wire.Proof{Piece: 3}},
		FactQuoted{Peer: 1, Price: 5},
		FactLane{accountOf("b"), lane.FactRefused, 0, 0},
	}
	for _, w := range want {
		if got := <-d.facts; got != w {
			t.Errorf("told %+v, want %+v", got, w)
		}
	}
	for range maxFacts + 10 { // nobody reads: news is lost, the broker goes on
		d.hear(1, wire.Reserve{Price: 7})
	}
	if len(d.facts) != maxFacts {
		t.Errorf("%d facts wait", len(d.facts))
	}
	d.happen(1, tell{wire.Reserve{Price: 9}})
	if d.last(1) != (wire.Reserve{Price: 9}) {
		t.Errorf("said %+v", d.last(1))
	}
}

// buy lets connection peer buy from the payee at a price until n bytes are verified.
func (d *desk) buy(peer bidding.PeerKey, price btt.Rate, n int64) {
	d.t.Helper()
	if err := d.offer(d.t.Context(), d.now, peer, offered{bid: lane.Bid{Price: price}}); err != nil {
		d.t.Fatal(err)
	}
	d.hear(peer, wire.Quote{Price: price, Number: 1, Increment: 1, Held: d.conns[peer].buy.payer.Book.Cumulative})
	d.happen(peer, lane.Verified{Conn: lane.Conn(peer), Pos: d.pos, Bytes: n})
	d.now = d.now.Add(5 * time.Second)
	if err := d.tick(d.t.Context(), d.now); err != nil {
		d.t.Fatal(err)
	}
}

// TestTorrents: two connections with one account about two torrents are one lane,
// and each torrent is charged with its own.
func TestTorrents(t *testing.T) {
	cfg := bothConfig("a")
	cfg.Caps.Torrent = 5 * btt.One
	d := newDesk(t, t.TempDir(), "a", cfg)
	d.meet(1, "b", 1)
	d.meet(2, "b", 2)
	d.buy(1, 1_000_000, 2<<20)
	d.buy(2, 1_000_000, 3<<20)
	if len(d.lanes) != 2 || d.conns[1].buy != d.conns[2].buy {
		t.Fatalf("%d lanes", len(d.lanes))
	}
	if sum := d.conns[1].buy.payer.Book.Cumulative; sum != 5*btt.One {
		t.Errorf("promised %v", sum)
	}
	flows, err := d.ledger.FlowByTorrent(t.Context(), ledger.Period{}, 10)
	if err != nil || len(flows) != 2 || flows[0].Spent != 3*btt.One || flows[1].Spent != 2*btt.One || flows[0].Key != name(bidding.TorrentKey{2}) {
		t.Errorf("%+v, %v", flows, err)
	}
	if left := d.spending.left(bidding.TorrentKey{2}, 5*btt.One); left != 2*btt.One {
		t.Errorf("left %v", left)
	}
	d.happen(1, lane.Down{Conn: 1})
	d.happen(1, lane.Verified{Conn: 1, Pos: 2 << 20, Bytes: 1 << 20}) // a block that came before
	if due := d.conns[2].buy.payer.Book.Due; due != 6*btt.One {
		t.Errorf("due %v", due)
	}
	d.now = d.now.Add(2 * idle)
	if err := d.tick(t.Context(), d.now); err != nil || d.conns[1] != nil || d.conns[2] == nil || len(d.lanes) != 2 {
		t.Errorf("after a while: %d connections, %d lanes, %v", len(d.conns), len(d.lanes), err)
	}
}

// TestReopen: a lane is what the ledger says, in the next run and after it was idle.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	d := newDesk(t, dir, "a", bothConfig("a"))
	d.meet(1, "b", 1)
	d.buy(1, 1_000_000, 4<<20)
	d.happen(1, lane.Down{Conn: 1})
	d.now = d.now.Add(2 * idle)
	if err := d.tick(t.Context(), d.now); err != nil || len(d.lanes) != 0 || len(d.conns) != 0 {
		t.Fatalf("%d lanes, %d connections, %v", len(d.lanes), len(d.conns), err)
	}
	for range 2 {
		d.meet(2, "b", 1)
		if b := d.conns[2].buy.payer.Book; b.Cumulative != 4*btt.One || b.Bytes != 4<<20 || b.Due != b.Cumulative {
			t.Errorf("%+v", b)
		}
		if d.spending.today != 4*btt.One || d.spending.torrent[bidding.TorrentKey{1}] != 4*btt.One {
			t.Errorf("spent today %v", d.spending.today)
		}
		d = newDesk(t, dir, "a", bothConfig("a"))
	}
}

// TestRedeemed: what was settled on the chain is written down in the lane of the
// pair, in either role, whether it is at hand or not, and never above the promise.
func TestRedeemed(t *testing.T) {
	dir := t.TempDir()
	d := newDesk(t, dir, "a", bothConfig("a"))
	d.meet(1, "b", 1)
	d.buy(1, 1_000_000, 4<<20)
	for i, c := range []struct{ total, want btt.Amount }{{btt.One, btt.One}, {9 * btt.One, 4 * btt.One}, {0, 4 * btt.One}} {
		if i == 1 { // as after a restart
			d = newDesk(t, dir, "a", bothConfig("a"))
		}
		d.Redeemed(accountOf("a"), accountOf("b"), c.total)
		d.Redeemed(accountOf("b"), accountOf("a"), c.total) // there is no such lane
		if err := d.drain(t.Context(), d.now); err != nil {
			t.Fatal(err)
		}
		rows, err := d.ledger.Lanes(t.Context(), false)
		if err != nil || len(rows) != 1 || rows[0].Redeemed != c.want || rows[0].Cumulative != 4*btt.One {
			t.Errorf("%v redeemed: %+v, %v", c.total, rows, err)
		}
	}
}

// TestGrant: a grant becomes a quote once, at its place in the stream; its end, a stop.
func TestGrant(t *testing.T) {
	d := newDesk(t, t.TempDir(), "a", bothConfig("a"))
	d.meet(1, "b", 1)
	grant := func(g bidding.Grant) {
		t.Helper()
		g.Key = 1
		if err := d.grant(t.Context(), d.now, g); err != nil {
			t.Fatal(err)
		}
	}
	d.hear(1, wire.Bid{Price: 9, Most: 100})
	if s := d.Standing(1); s.Bid != 9 || s.Good {
		t.Errorf("without a deposit: %+v", s)
	}
	if err := d.accounts(t.Context(), d.now, accountOf("b"), lane.Funded{Free: btt.One * 1000}); err != nil {
		t.Fatal(err)
	}
	if s := d.Standing(1); !s.Good || s.Account != accountOf("b") {
		t.Errorf("with one: %+v", s)
	}
	d.pos = 12345
	grant(bidding.Grant{Slot: bidding.Paid, Price: 8, Rate: 77, Requote: true})
	q, ok := d.last(1).(wire.Quote)
	if !ok || q.Price != 8 || q.Rate != 77 || q.Number != 1 || q.Served != 0 {
		t.Fatalf("said %+v", d.last(1))
	}
	if s := d.Standing(1); s.Quote.Price != 8 || s.Quote.Rate != 77 || !s.Quote.At.Equal(d.now) || s.Phase != lane.Quoted {
		t.Errorf("standing %+v", s)
	}
	if d.limit[1] <= d.pos || d.limit[1] > d.pos+lane.LeastWindow {
		t.Errorf("limit %d", d.limit[1])
	}
	n := len(d.said[1])
	grant(bidding.Grant{Slot: bidding.Paid, Price: 8, Rate: 77})
	if len(d.said[1]) != n {
		t.Errorf("said again: %+v", d.last(1))
	}
	if err := d.served(t.Context(), d.now, 1, d.pos+1<<20); err != nil {
		t.Fatal(err)
	}
	d.pos += 2 << 20 // a MiB is on its way to be reported
	grant(bidding.Grant{Slot: bidding.Paid, Price: 7, Rate: 50, Requote: true})
	if q := d.last(1).(wire.Quote); q.Served != 2<<20 || q.Number != 2 {
		t.Errorf("said %+v", q)
	}
	grant(bidding.Grant{Slot: bidding.Regular})
	if d.last(1) != (wire.Stop{}) || d.limit[1] != noLimit || d.Standing(1).Quote != (bidding.Quote{}) {
		t.Errorf("said %+v, limit %d, standing %+v", d.last(1), d.limit[1], d.Standing(1))
	}
	d.gone = true
	grant(bidding.Grant{Slot: bidding.Paid, Price: 7, Rate: 50, Requote: true})
	if s := d.Standing(1); s.Quote != (bidding.Quote{}) {
		t.Errorf("quoted to nobody: %+v", s)
	}
}

// FuzzMessages lets a peer that has proved its account say anything in any order:
// nothing panics, nothing is paid for that was not verified.
func FuzzMessages(f *testing.F) {
	f.Add([]byte("d1:di0e1:mi5e1:pi9e1:ti2ee"))
	f.Add([]byte("d1:ci0e1:di1e1:gi1e1:ki1e1:pi5e1:qi0e1:ti3e1:wi5e1:yi0ee\nd1:ci9e1:ti5ee\nd1:ri0e1:ti7ee"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := ledger.Open(context.Background(), dir+"/fuzz.db")
		if err != nil {
			t.Skip("another worker has the file")
		}
		defer l.Close()
		d := &desk{t: t, now: time.Unix(1_800_000_000, 0), said: map[bidding.PeerKey][]wire.Message{}, limit: map[bidding.PeerKey]int64{}}
		broker, err := New(bothConfig("a"), l, &keys{key: keyOf("a")}, d)
		if err != nil {
			t.Fatal(err)
		}
		if d.core, err = newCore(context.Background(), broker, d.now); err != nil {
			t.Fatal(err)
		}
		d.meet(1, "b", 1)
		before := d.conns[1].buy.payer.Book.Cumulative
		for i, start := 0, 0; i <= len(b); i++ {
			if i == len(b) || b[i] == '\n' {
				d.raw(1, b[start:i])
				start = i + 1
			}
		}
		if after := d.conns[1].buy.payer.Book.Cumulative; after != before {
			t.Fatalf("promised %v for nothing", after-before)
		}
	})
}

// TestStopped: an error that comes of the end of the program is none.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	if err := stopped(ctx, ledger.ErrFull); !errors.Is(err, ledger.ErrFull) {
		t.Errorf("%v", err)
	}
	cancel()
	if err := stopped(ctx, ledger.ErrFull); err != nil {
		t.Errorf("%v", err)
	}
}

// TestUnlockedLater: a wallet that is locked when a peer is met proves its account
// when it is unlocked; until then nothing of the peer is heard but its proof.
func TestUnlockedLater(t *testing.T) {
	d := newDesk(t, t.TempDir(), "a", bothConfig("a"))
	d.signer.(*keys).lock(true)
	d.happen(1, connected{Peer{Key: 1, Torrent: bidding.TorrentKey{1}, InfoHash: [32]byte{1}, Dialler: true, Piece: 1 << 20}})
	mine := d.last(1).(wire.Hello)
	theirs := lane.Greeting{Nonce: [16]byte{77}, Account: accountOf("b"), Ways: []lane.Way{testWay}, Pays: true, Serves: true}
	said := voucher.Session{
		InfoHash: [32]byte{1}, Nonces: voucher.Nonces(mine.Nonce, theirs.Nonce), Me: theirs.Account, Peer: mine.Account,
	}
	sig, err := voucher.Sign(said.Digest(voucher.NewDomain(testChain, testWay.Escrow)), keyOf("b"))
	if err != nil {
		t.Fatal(err)
	}
	d.hear(1, toWire(theirs), wire.Auth{Signature: sig}, wire.Reserve{Price: 3})
	if err := d.offer(t.Context(), d.now, 1, offered{bid: lane.Bid{Price: 5}}); err != nil {
		t.Fatal(err)
	}
	tick := func() {
		t.Helper()
		d.now = d.now.Add(2 * bidEvery)
		if err := d.tick(t.Context(), d.now); err != nil {
			t.Fatal(err)
		}
	}
	tick()
	if len(d.said[1]) != 1 || d.conns[1].over || d.Standing(1).Sells {
		t.Fatalf("said %+v", d.said[1])
	}
	d.signer.(*keys).lock(false)
	tick()
	if len(d.said[1]) != 3 || d.said[1][1].Type() != wire.TypeAuth || d.last(1).(wire.Bid).Price != 5 || !d.Standing(1).Sells {
		t.Errorf("said %+v, standing %+v", d.said[1], d.Standing(1))
	}
}

// TestCapsMayChange: a torrent's own cap goes before that of all, and a lower cap
// holds at once.
func TestCapsMayChange(t *testing.T) {
	cfg := bothConfig("a")
	cfg.Caps = Caps{Torrent: 3 * btt.One, Day: 100 * btt.One, Peer: 100 * btt.One}
	d := newDesk(t, t.TempDir(), "a", cfg)
	left := func(own btt.Amount) btt.Amount {
		t.Helper()
		d.Offer(1, 5, 0, own)
		if err := d.drain(t.Context(), d.now); err != nil {
			t.Fatal(err)
		}
		return d.spending.left(bidding.TorrentKey{1}, btt.One)
	}
	d.meet(1, "b", 1)
	if got := []btt.Amount{left(0), left(7 * btt.One), left(btt.One), left(0)}; !slices.Equal(got, []btt.Amount{3 * btt.One, 7 * btt.One, btt.One, 3 * btt.One}) {
		t.Errorf("left %v", got)
	}
	if err := d.SetCaps(Caps{Torrent: 9 * btt.One, Day: 2 * btt.One, Peer: 100 * btt.One}); err != nil {
		t.Fatal(err)
	}
	if got := left(0); got != 2*btt.One {
		t.Errorf("left %v of the day", got)
	}
	if err := d.SetCaps(Caps{Peer: -1}); !errors.Is(err, ErrConfig) {
		t.Errorf("negative: %v", err)
	}
}
