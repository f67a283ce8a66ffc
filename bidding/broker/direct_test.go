package broker

import (
	"encoding/binary"
	"testing"
	"time"

	"swarmbid/bidding/lane"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
)

// wallets is the configuration of an end that buys and sells and pays by transfers.
func wallets(name string) Config {
	return Config{
		Account: accountOf(name), Ways: []lane.Way{{Chain: testChain}}, Pays: true, Serves: true, Caps: plenty,
		Terms: Terms{Least: 3 * btt.One, Line: 10 * btt.One, Purse: 1000 * btt.One},
	}
}

// directRow is a book of what payer owes payee by transfers.
func (e *end) directRow(t *testing.T, payer, payee string, paid bool) ledger.Lane {
	t.Helper()
	l, err := e.books.Lane(t.Context(), rowKey(lane.Key{Chain: testChain, Payer: accountOf(payer), Payee: accountOf(payee)}, paid))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// balance is what an account of the books has.
func (e *end) balance(t *testing.T, a ledger.Account) btt.Amount {
	t.Helper()
	b, err := e.books.Balance(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return b.Posted
}

// bank carries transfers out and looks after them, as the chain does.
type bank struct {
	last uint64
	sent map[*end]btt.Amount
}

// work does what the two ends ask for. Each transfer is named and counted more than
// once.
func (k *bank) work(a, b *end) {
	for _, p := range [][2]*end{{a, b}, {b, a}} {
		select {
		case f := <-p[0].transfer:
			k.last++
			var tx [32]byte
			binary.BigEndian.PutUint64(tx[:], k.last)
			k.sent[p[0]] += f.Amount
			for range 3 {
				p[0].Transferred(f.To, tx, f.Amount)
			}
		case f := <-p[0].check:
			for range 2 {
				p[0].Final(f, f.Amount)
			}
		default:
		}
	}
}

// TestDirect: two wallets that trade in both directions. One transfer of the difference
// settles both lanes, each transaction counts once, and both ledgers say the same.
func TestDirect(t *testing.T) {
	dir := t.TempDir()
	a, b := start(t, "a", dir, wallets("a"), testPrice, testPrice), start(t, "b", dir, wallets("b"), testPrice, testPrice/3)
	k := &bank{sent: map[*end]btt.Amount{}}
	for _, e := range []*end{a, b} {
		e.transfer, e.check = make(chan FactSettle, 16), make(chan FactCheck, 64)
	}
	join(t, a, b)
	until(t, "some transfers", func() bool {
		k.work(a, b)
		return k.last >= 3
	})
	for _, e := range []*end{a, b} {
		e.mu.Lock()
		e.idle = true
		e.mu.Unlock()
	}
	quiet := func() bool {
		k.work(a, b)
		return a.directRow(t, "a", "b", false).Cumulative-a.directRow(t, "b", "a", true).Cumulative == k.sent[a]-k.sent[b] &&
			a.directRow(t, "a", "b", false).Cumulative == b.directRow(t, "a", "b", true).Cumulative &&
			a.directRow(t, "b", "a", true).Cumulative == b.directRow(t, "b", "a", false).Cumulative && len(a.transfer)+len(b.transfer)+len(a.check)+len(b.check) == 0
	}
	until(t, "the same books", quiet)
	net := k.sent[a] - k.sent[b]
	for _, e := range []*end{a, b} {
		me, other := "a", "b"
		if e == b {
			me, other, net = "b", "a", -net
		}
		out, in := e.directRow(t, me, other, false), e.directRow(t, other, me, true)
		if out.Cumulative == 0 || in.Cumulative == 0 || out.Cumulative-in.Cumulative != net {
			t.Errorf("%s paid %v and was paid %v, the chain says %v", me, out.Cumulative, in.Cumulative, net)
		}
		if x := e.balance(t, ledger.Receivable(accountOf(other).String())); x != 0 {
			t.Errorf("%s has %v to come, of what was paid", me, x)
		}
		if x := e.balance(t, ledger.Leeching); x != out.Due {
			t.Errorf("%s has spent %v, owed %v", me, x, out.Due)
		}
		if x := e.balance(t, ledger.Seeding); x != -in.Cumulative {
			t.Errorf("%s has earned %v, was paid %v", me, -x, in.Cumulative)
		}
		if open := out.Due - out.Cumulative; e.balance(t, ledger.Payable(accountOf(other).String())) != -open-k.sent[e] { // which the outbox would have booked
			t.Errorf("%s owes %v by the lane", me, open)
		}
	}
	t.Logf("%d transfers, net %v", k.last, net)
}

// TestPurse: debts come to no more than the purse allows, nor to more than the caps,
// and go on when there is more.
func TestPurse(t *testing.T) {
	for name, c := range map[string]Config{
		"purse": {Caps: plenty, Terms: Terms{Purse: 2 * btt.One}},
		"day":   {Caps: Caps{Torrent: 1 << 50, Day: 2 * btt.One, Peer: 1 << 50}, Terms: Terms{Purse: 1 << 50}},
		"peer":  {Caps: Caps{Torrent: 1 << 50, Day: 1 << 50, Peer: 2 * btt.One}, Terms: Terms{Purse: 1 << 50}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, cfg := t.TempDir(), wallets("a")
			cfg.Caps, cfg.Terms, cfg.Terms.Least = c.Caps, c.Terms, btt.One
			a, b := start(t, "a", dir, cfg, testPrice, 0), start(t, "b", dir, wallets("b"), 0, testPrice)
			join(t, a, b)
			until(t, "the limit", func() bool {
				s := a.Standing(1)
				return a.directRow(t, "a", "b", false).Due > btt.One && (s.Buying == lane.Closed || s.Buying == lane.Authed)
			})
			owed := a.directRow(t, "a", "b", false).Due
			if owed > 2*btt.One {
				t.Errorf("owes %v", owed)
			}
			if err := a.SetTerms(Terms{Least: btt.One, Purse: 4 * btt.One}); err != nil {
				t.Fatal(err)
			}
			if err := a.SetCaps(plenty); err != nil {
				t.Fatal(err)
			}
			until(t, "more", func() bool { return a.directRow(t, "a", "b", false).Due > owed })
		})
	}
}

// TestLine: what is lent ends the sale; a longer line goes on, and so does a payment
// that comes while the payer is away.
func TestLine(t *testing.T) {
	dir := t.TempDir()
	seller := wallets("b")
	seller.Terms.Line = 2 * btt.One
	buyer := wallets("a")
	buyer.Terms.Least = btt.One
	a, b := start(t, "a", dir, buyer, testPrice, 0), start(t, "b", dir, seller, 0, testPrice)
	b.check = make(chan FactCheck, 16)
	hangUp := join(t, a, b)
	until(t, "the end of the line", func() bool {
		return b.Standing(1).Phase == lane.Closed || b.Standing(1).Phase == lane.Authed && !b.Standing(1).Good
	})
	worth, _ := testPrice.Cost(lane.Window(testPiece))
	owed := func() btt.Amount { return b.directRow(t, "a", "b", true).Due }
	if got := owed(); got > max(worth, 2*btt.One) {
		t.Errorf("lent %v", got)
	}
	hangUp()
	until(t, "gone", func() bool { return a.Standing(1).Buying == lane.Idle })
	sum := a.directRow(t, "a", "b", false).Due
	a.Transferred(accountOf("b"), [32]byte{1}, sum)
	until(t, "counted while it is away", func() bool { return a.directRow(t, "a", "b", false).Cumulative == sum })
	join(t, a, b)
	var f FactCheck
	deadline := time.Now().Add(20 * time.Second)
	for f.Tx == ([32]byte{}) && time.Now().Before(deadline) { // it is said again until it is heard
		a.Transferred(accountOf("b"), [32]byte{1}, sum)
		select {
		case f = <-b.check:
		case <-time.After(10 * time.Millisecond):
		}
	}
	before := owed()
	b.Final(f, f.Amount)
	until(t, "paid and served again", func() bool {
		return b.directRow(t, "a", "b", true).Cumulative == sum && owed() > before
	})
}
