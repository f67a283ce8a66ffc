package broker

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
)

// netsConfig is that of an end that buys and sells, and sets off.
func netsConfig(name string) Config {
	cfg := bothConfig(name)
	cfg.Nets = true
	return cfg
}

// totals is what is set off, as an end's ledger has it.
func (e *end) totals(t testing.TB, other string) ledger.Netting {
	t.Helper()
	n, err := e.books.Netting(t.Context(), ledger.NetKey{Chain: testWay.Chain, Escrow: testWay.Escrow, Own: accountOf(e.name), Other: accountOf(other)})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// square reports whether all that is due between two ends is paid, and both say so.
func square(t testing.TB, a, b *end) bool {
	for _, s := range [][2]*end{{a, b}, {b, a}} {
		me, peer := s[0], s[1]
		out, in, off := me.row(t, me.name, peer.name, false), peer.row(t, me.name, peer.name, true), me.totals(t, peer.name)
		me.mu.Lock()
		verified := me.verified
		me.mu.Unlock()
		if out.Bytes != verified || out.Cumulative+off.Total != out.Due || in.Cumulative != out.Cumulative || peer.totals(t, me.name).Total != off.Total {
			return false
		}
	}
	return true
}

// reconciled holds the books of one end against what its lanes say.
func reconciled(t testing.TB, me, peer *end) {
	t.Helper()
	ctx := t.Context()
	out, in, off := me.row(t, me.name, peer.name, false), me.row(t, peer.name, me.name, true), me.totals(t, peer.name).Total
	account := accountOf(peer.name).String()
	for a, want := range map[ledger.Account]btt.Amount{
		ledger.Leeching: out.Cumulative + off, ledger.Seeding: -in.Cumulative - off,
		ledger.Payable(account): -out.Cumulative, ledger.Receivable(account): in.Cumulative,
	} {
		if b, err := me.books.Balance(ctx, a); err != nil || b.Posted != want {
			t.Errorf("%s: %s is %v, want %v: %v", me.name, a, b.Posted, want, err)
		}
	}
	if f, err := me.books.Flow(ctx, ledger.Period{}); err != nil || f != (ledger.Flow{Earned: in.Cumulative + off, Spent: out.Cumulative + off}) {
		t.Errorf("%s: flow %+v, %v", me.name, f, err)
	}
	if err := me.books.Audit(ctx); err != nil {
		t.Errorf("%s: %v", me.name, err)
	}
}

// trade lets two ends load from each other over loopback, at the same price, until each
// has verified so much and all is paid, with a hang-up in the middle.
func trade(t *testing.T, a, b *end, size int64) {
	t.Helper()
	for _, e := range []*end{a, b} {
		e.pace = 1 // 8 MB/s each way
	}
	loaded := func(n int64) func() bool {
		return func() bool {
			_, _, x := a.figures()
			_, _, y := b.figures()
			return x >= n && y >= n
		}
	}
	hangUp := join(t, a, b)
	until(t, "half of it", loaded(size/2))
	hangUp()
	join(t, b, a)
	until(t, "all of it", loaded(size))
	a.rest()
	b.rest()
	until(t, "all is paid", func() bool { return square(t, a, b) })
	reconciled(t, a, b)
	reconciled(t, b, a)
}

// TestNetting: two programs load from each other. What is due in both directions is set
// off before it is promised; in the end both ledgers say the same, and the books have
// what was earned and spent in full.
func TestNetting(t *testing.T) {
	const size = 48 << 20
	promised, signed := map[bool]btt.Amount{}, map[bool]int{}
	for _, nets := range []bool{false, true} {
		dir := t.TempDir()
		cfg := func(name string) Config {
			c := netsConfig(name)
			c.Nets = nets
			return c
		}
		a := start(t, "a", dir, cfg("a"), testPrice, testPrice)
		b := start(t, "b", dir, cfg("b"), testPrice, testPrice)
		trade(t, a, b, size)
		for _, s := range [][2]*end{{a, b}, {b, a}} {
			promised[nets] += s[0].row(t, s[0].name, s[1].name, false).Cumulative
			signed[nets] += s[0].keys.count() - 2 // two connections
		}
		if off := a.totals(t, "b").Total; (off > 0) != nets {
			t.Errorf("netting %v: set off %v", nets, off)
		}
		_, said, _ := a.figures()
		payload, more, _ := b.figures()
		t.Logf("netting %v: promised %v with %d vouchers, set off %v, %d bytes of messages for %d MiB", nets, promised[nets], signed[nets], a.totals(t, "b").Total, said+more, payload>>19)
	}
	if promised[true] > promised[false]/2 || signed[true] > signed[false] {
		t.Errorf("promised %v and without netting %v, %d and %d vouchers", promised[true], promised[false], signed[true], signed[false])
	}
}

func (k *keys) count() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.signed
}

// TestNettingConnections: three connections between the same two accounts, of which messages
// overtake each other, come and go: one number for all, and the books as with one.
func TestNettingConnections(t *testing.T) {
	dir := t.TempDir()
	a := start(t, "a", dir, netsConfig("a"), testPrice, testPrice)
	b := start(t, "b", dir, netsConfig("b"), testPrice, testPrice)
	a.pace, b.pace = 1, 1
	hangUps := []func(){join(t, a, b), join(t, b, a), join(t, a, b)}
	for i := range 6 {
		until(t, "more is loaded", func() bool {
			_, _, x := a.figures()
			_, _, y := b.figures()
			return min(x, y) > int64(i+1)*6<<20
		})
		hangUps[i%3]()
		hangUps[i%3] = join(t, a, b)
	}
	a.rest()
	b.rest()
	until(t, "all is paid", func() bool { return square(t, a, b) })
	reconciled(t, a, b)
	reconciled(t, b, a)
	if a.totals(t, "b").Total == 0 {
		t.Error("nothing was set off")
	}
}

// TestNettingWithOlder: with a peer that does not know of it nothing is said of it, and
// all is paid by vouchers, whichever of the two it is.
func TestNettingWithOlder(t *testing.T) {
	for _, older := range []string{"a", "b"} {
		dir, said := t.TempDir(), 0
		var ends []*end
		for _, name := range []string{"a", "b"} {
			cfg := netsConfig(name)
			cfg.Nets = name != older
			e := start(t, name, dir, cfg, testPrice, testPrice)
			e.tamper = func(b []byte) []byte {
				if m, err := wire.Decode(b); err == nil && m.Type() == wire.TypeNetted {
					said++
				}
				return b
			}
			ends = append(ends, e)
		}
		trade(t, ends[0], ends[1], 16<<20)
		for _, e := range ends {
			e.mu.Lock()
			if said != 0 || e.over != 0 {
				t.Errorf("older %s: %d messages of it, %d extensions ended", older, said, e.over)
			}
			e.mu.Unlock()
		}
	}
}

// TestNettingCheats: a peer that lies about what is set off, over real connections: what
// the other gives for nothing in both directions together is within a window.
func TestNettingCheats(t *testing.T) {
	for name, lie := range map[string]func(m *wire.Netted) bool{ // false: nothing is said
		"mute":                func(*wire.Netted) bool { return false },
		"more than proposed":  func(m *wire.Netted) bool { m.Total, m.Proposed = m.Total+1000, m.Proposed+1000; return true },
		"less than before":    func(m *wire.Netted) bool { m.Total /= 2; return true },
		"numbers never used":  func(m *wire.Netted) bool { m.Number += 7; return true },
		"all that there is":   func(m *wire.Netted) bool { m.Total, m.Proposed = 1<<60, 1<<60; return true },
		"agrees to the whole": func(m *wire.Netted) bool { m.Total = m.Proposed; return true },
	} {
		for _, liar := range []string{"a", "b"} { // one of them proposes
			t.Run(name+" "+liar, func(t *testing.T) {
				t.Parallel()
				cheated(t, liar, lie)
			})
		}
	}
}

// cheated lets one of two ends lie to the other, and holds what that lost.
func cheated(t *testing.T, liar string, lie func(m *wire.Netted) bool) {
	t.Helper()
	dir := t.TempDir()
	a := start(t, "a", dir, netsConfig("a"), testPrice, testPrice)
	b := start(t, "b", dir, netsConfig("b"), testPrice, testPrice)
	if liar == "a" {
		a, b = b, a
	}
	a.pace, b.pace = 1, 1
	lied := make(chan struct{}, 1)
	b.tamper = func(x []byte) []byte {
		m, err := wire.Decode(x)
		n, ok := m.(wire.Netted)
		if err != nil || !ok {
			return x
		}
		select {
		case lied <- struct{}{}:
		default:
		}
		if !lie(&n) {
			return nil
		}
		return encode(n)
	}
	join(t, a, b)
	until(t, "enough", func() bool { _, _, n := a.figures(); return n >= 24<<20 && len(lied) > 0 })
	a.rest()
	b.rest()
	until(t, "what it has verified is paid", func() bool {
		out := a.row(t, a.name, b.name, false)
		_, _, verified := a.figures()
		return out.Bytes == verified && out.Cumulative+a.totals(t, b.name).Total >= out.Due
	})
	reconciled(t, a, b)
	off, out, in := a.totals(t, b.name).Total, a.row(t, a.name, b.name, false), a.row(t, b.name, a.name, true)
	passed, _, _ := a.figures()
	worth, _ := testPrice.Bytes(in.Cumulative + off)
	given, _ := testPrice.Bytes(max(out.Cumulative+off-out.Due, 0))
	if loss := max(passed-worth, 0) + given; loss > lane.Window(testPiece)+worth/lane.Regrow+2*testPiece {
		t.Errorf("lost %d bytes; set off %v, promised %v for %v, got %v for %d bytes", loss, off, out.Cumulative, out.Due, in.Cumulative, passed)
	}
}

// TestNettingTurn: what is not agreed on is out of turn.
func TestNettingTurn(t *testing.T) {
	d := newDesk(t, t.TempDir(), "a", netsConfig("a"))
	d.meet(1, "b", 1) // which does not set off
	d.hear(1, wire.Netted{Number: 1, Proposed: 5})
	if got, ok := d.last(1).(wire.Err); !ok || got.Code != wire.CodeTurn || !d.conns[1].over {
		t.Errorf("answered %+v", d.last(1))
	}
}

// netsDesk is a core with its peer b, both buying and selling, and setting off.
func netsDesk(t *testing.T, dir, name, peer string, key bidding.PeerKey) *desk {
	t.Helper()
	d := newDesk(t, dir, name, netsConfig(name))
	d.peersNet = true
	d.meet(key, peer, 1)
	d.trades(t, key, peer)
	return d
}

// trades puts quotes into force in both directions.
func (d *desk) trades(t *testing.T, key bidding.PeerKey, peer string) {
	t.Helper()
	if err := d.accounts(t.Context(), d.now, accountOf(peer), lane.Funded{Free: btt.One * 1000}); err != nil {
		t.Fatal(err)
	}
	if err := d.offer(t.Context(), d.now, key, offered{bid: lane.Bid{Price: 1000}, most: 100 * btt.One}); err != nil {
		t.Fatal(err)
	}
	d.hear(key, wire.Bid{Price: 1000, Most: 1 << 40})
	if err := d.grant(t.Context(), d.now, bidding.Grant{Key: key, Slot: bidding.Paid, Price: 1000, Rate: 77, Requote: true}); err != nil {
		t.Fatal(err)
	}
	d.hear(key, wire.Quote{Price: 1000, Rate: 5, Number: 1, Window: 4 << 20, Increment: 1, Held: d.conns[key].buy.payer.Book.Cumulative})
}

// nettings is what of setting off was said on a connection.
func (d *desk) nettings(key bidding.PeerKey) (all []wire.Netted, pays int) {
	for _, m := range d.said[key] {
		switch m := m.(type) {
		case wire.Netted:
			all = append(all, m)
		case wire.Pay:
			pays++
		}
	}
	return all, pays
}

// proposer is the one of two names whose account is the smaller.
func proposer(x, y string) (first, second string) {
	a, b := accountOf(x), accountOf(y)
	if string(a[:]) < string(b[:]) {
		return x, y
	}
	return y, x
}

// TestNettingSteps takes the proposer through a proposal message by message: recorded
// before it is said, said again after a restart, answered once, booked with both lanes.
func TestNettingSteps(t *testing.T) {
	me, peer := proposer("a", "b")
	dir := t.TempDir()
	d := netsDesk(t, dir, me, peer, 1)
	d.happen(1, lane.Verified{Conn: 1, Bytes: 1 << 20}) // we owe 1000; nothing is owed to us
	if all, pays := d.nettings(1); len(all) != 0 || pays != 1 {
		t.Fatalf("one direction: said %+v, %d promises", all, pays)
	}
	d.now = d.now.Add(2 * time.Second)
	if err := d.served(t.Context(), d.now, 1, 3<<19); err != nil { // and 1500 to us
		t.Fatal(err)
	}
	d.happen(1, lane.Verified{Conn: 1, Pos: 1 << 20, Bytes: 1 << 20})
	all, pays := d.nettings(1)
	if len(all) != 1 || pays != 1 || all[0] != (wire.Netted{Number: 1, Proposed: 1000}) {
		t.Fatalf("both directions: said %+v, %d promises", all, pays)
	}
	key := ledger.NetKey{Chain: testWay.Chain, Escrow: testWay.Escrow, Own: accountOf(me), Other: accountOf(peer)}
	if n, err := d.ledger.Netting(t.Context(), key); err != nil || n.Offered != 1000 || n.Total != 0 || n.Number != 1 {
		t.Errorf("recorded %+v, %v", n, err)
	}
	d = netsDesk(t, dir, me, peer, 2) // a restart: the same proposal on a new connection
	if all, pays = d.nettings(2); len(all) != 1 || pays != 0 || all[0] != (wire.Netted{Number: 1, Proposed: 1000}) {
		t.Fatalf("after a restart: said %+v, %d promises", all, pays)
	}
	d.hear(2, wire.Netted{Number: 1, Total: 700, Proposed: 700})
	n, err := d.ledger.Netting(t.Context(), key)
	if err != nil || n.Total != 700 || n.Offered != 700 {
		t.Errorf("set off %+v, %v", n, err)
	}
	buy, sell := d.conns[2].buy, d.conns[2].sell
	if buy.payer.Book.Off != 700 || sell.payee.Book.Off != 700 || d.spending.today != 1700 {
		t.Errorf("lanes %v and %v; today %v", buy.payer.Book.Off, sell.payee.Book.Off, d.spending.today)
	}
	if f, err := d.ledger.Flow(t.Context(), ledger.Period{}); err != nil || f != (ledger.Flow{Earned: 700, Spent: 1700}) {
		t.Errorf("flow %+v, %v", f, err)
	}
	d.hear(2, wire.Netted{Number: 1, Total: 700, Proposed: 700}) // again: nothing
	for range 8 {
		d.now = d.now.Add(time.Second)
		if err := d.tick(t.Context(), d.now); err != nil {
			t.Fatal(err)
		}
	}
	if l, err := d.ledger.Lane(t.Context(), rowKey(buy.key, false)); err != nil || l.Cumulative != 1300 || l.Due != 2000 {
		t.Errorf("the rest: %+v, %v", l, err)
	}
	d.hear(2, wire.Netted{Number: 1, Total: 800, Proposed: 800}) // beyond what was proposed
	if n, err := d.ledger.Netting(t.Context(), key); err != nil || n.Total != 700 || d.conns[2].over {
		t.Errorf("a lie: %+v, %v", n, err)
	}
	if err := d.ledger.Audit(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestNettingAnswers: the other end sets off what both owe, no more, once.
func TestNettingAnswers(t *testing.T) {
	peer, me := proposer("a", "b")
	d := netsDesk(t, t.TempDir(), me, peer, 1)
	if err := d.served(t.Context(), d.now, 1, 1<<20); err != nil { // 1000 is owed to us
		t.Fatal(err)
	}
	d.now = d.now.Add(2 * time.Second)
	d.happen(1, lane.Verified{Conn: 1, Bytes: 2 << 20}) // we owe 2000
	all, pays := d.nettings(1)
	if len(all) != 1 || pays != 1 || all[0] != (wire.Netted{Proposed: 1000}) {
		t.Fatalf("a wish, and a promise of the rest: said %+v, %d promises", all, pays)
	}
	d.hear(1, wire.Netted{Number: 1, Proposed: 5000})
	all, _ = d.nettings(1)
	if got := all[len(all)-1]; got != (wire.Netted{Number: 1, Total: 1000, Proposed: 1000}) {
		t.Errorf("answered %+v", got)
	}
	d.hear(1, wire.Netted{Number: 1, Proposed: 5000}, wire.Netted{Number: 2, Total: 1000, Proposed: 9000})
	all, _ = d.nettings(1)
	if got := all[len(all)-1]; got != (wire.Netted{Number: 2, Total: 1000, Proposed: 1000}) {
		t.Errorf("answered %+v", got)
	}
	buy, sell := d.conns[1].buy, d.conns[1].sell
	if buy.payer.Book.Off != 1000 || buy.payer.Book.Cumulative != 1000 || sell.payee.Book.Off != 1000 || sell.payee.Exposure() != 0 {
		t.Errorf("%+v\n%+v", buy.payer.Book, sell.payee.Book)
	}
	if err := d.ledger.Audit(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestNettingFailStop: what cannot be recorded is not said.
func TestNettingFailStop(t *testing.T) {
	peer, me := proposer("a", "b")
	d := netsDesk(t, t.TempDir(), me, peer, 1)
	if err := d.ledger.Close(); err != nil {
		t.Fatal(err)
	}
	before, _ := d.nettings(1)
	if err := d.take(t.Context(), d.now, entry{1, arrived{encode(wire.Netted{Number: 1, Proposed: 1}), d.pos}}); err == nil {
		t.Error("no error")
	}
	if after, _ := d.nettings(1); len(after) != len(before) {
		t.Errorf("said %+v", after)
	}
}

// TestKillNetting is TestKill where the two load from each other and set off: either
// process is killed while both directions move. SWARMBID_NET_KILLS is how often.
func TestKillNetting(t *testing.T) {
	kills := 25
	if n, err := strconv.Atoi(os.Getenv("SWARMBID_NET_KILLS")); err == nil && n > 0 {
		kills = n
	} else if testing.Short() {
		kills = 8
	}
	dir, x, r := t.TempDir(), newEther(t), rand.New(rand.NewPCG(21, 22))
	x.nets = true
	roles := []string{"payer", "payee"}
	running, dead := map[string]*program{}, map[string]int{}
	for _, role := range roles {
		running[role] = x.launch(t, role, dir, false)
	}
	pass := func(what string, n int64) {
		t.Helper()
		one, two := x.passed.Load()+n, x.back.Load()+n
		until(t, what, func() bool { return x.passed.Load() >= one && x.back.Load() >= two })
	}
	began := time.Now()
	for i := range kills {
		stretch := 4<<20 + r.Int64N(6<<20)
		if i%5 == 4 {
			stretch += 80 << 20 // trust is back, and what is due is set off again: who has none pays ahead
		}
		pass(fmt.Sprintf("payload both ways after %d kills (%v)", i, dead), stretch)
		role := roles[r.IntN(2)]
		running[role].kill()
		dead[role]++
		running[role] = x.launch(t, role, dir, false)
	}
	took := time.Since(began)
	pass("payload after the last kill", 8<<20)
	for _, role := range roles {
		running[role].end(t)
	}
	for _, role := range roles { // once more without blocks: all is said
		running[role] = x.launch(t, role, dir, true)
	}
	read := func() (ends [2]*end, closeAll func()) {
		for i, role := range roles {
			e, err := newEnd(t.Context(), role, dir, Config{})
			if err != nil {
				t.Fatal(err)
			}
			ends[i] = e
		}
		return ends, func() { _ = ends[0].books.Close(); _ = ends[1].books.Close() }
	}
	until(t, "all is paid", func() bool {
		e, done := read()
		defer done()
		ok := e[0].totals(t, "payee").Total == e[1].totals(t, "payer").Total
		for _, s := range [][2]*end{{e[0], e[1]}, {e[1], e[0]}} {
			out, in := s[0].row(t, s[0].name, s[1].name, false), s[1].row(t, s[0].name, s[1].name, true)
			ok = ok && in.Cumulative == out.Cumulative && out.Cumulative+s[0].totals(t, s[1].name).Total >= out.Due
		}
		return ok
	})
	for _, role := range roles {
		running[role].end(t)
	}
	e, done := read()
	defer done()
	off := e[0].totals(t, "payee").Total
	for i, passed := range []int64{x.passed.Load(), x.back.Load()} {
		me, peer := e[i], e[1-i]
		reconciled(t, me, peer)
		out, in := me.row(t, me.name, peer.name, false), peer.row(t, me.name, peer.name, true)
		exact, _ := testPrice.Cost(out.Bytes + testPiece)
		if out.Bytes > passed || out.Cumulative+off > exact+btt.Amount(kills)+lane.Slack {
			t.Errorf("%s paid %v for %d of %d bytes", me.name, out.Cumulative+off, out.Bytes, passed)
		}
		paid, _ := testPrice.Bytes(in.Cumulative + off)
		loss, bound := passed-paid, lane.Window(testPiece)+int64(dead[peer.name])*lane.Flush+paid/lane.Regrow
		if loss > bound || in.Strikes > 0 {
			t.Errorf("%s lost %d bytes, bound %d; %+v", peer.name, loss, bound, in)
		}
		t.Logf("%s: %d MiB passed, %d MiB paid, %d KiB lost, bound %d KiB; promised %v, set off %v", me.name, passed>>20, paid>>20, loss>>10, bound>>10, out.Cumulative, off)
	}
	if off == 0 {
		t.Error("nothing was set off")
	}
	t.Logf("%d kills (%v) in %v", kills, dead, took.Round(time.Second))
}
