package pay

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"swarmbid/bidding/broker"
	"swarmbid/bidding/lane"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// errNotFinal is what a chain says of a transaction that it does not know as final.
var errNotFinal = errors.New("not final")

// chain is what it says about transactions.
type chain struct {
	mu   sync.Mutex
	paid map[[32]byte]map[voucher.Address]btt.Amount
}

func (c *chain) payment(_ context.Context, tx [32]byte, from voucher.Address) (btt.Amount, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	by, ok := c.paid[tx]
	if !ok {
		return 0, errNotFinal
	}
	return by[from], nil
}

func (c *chain) pays(tx byte, from voucher.Address, amount btt.Amount) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paid[[32]byte{tx}] = map[voucher.Address]btt.Amount{from: amount}
}

// TestDirect: a payee that is told of a transfer of somebody else, one that is too small,
// not final or used credits nothing; the right one it credits once, when it is final.
func TestDirect(t *testing.T) {
	t.Parallel()
	me, payer, thief := newPen("me").at, newPen("payer").at, newPen("thief").at
	book, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	must(t, err)
	defer book.Close()
	c := &chain{paid: map[[32]byte]map[voucher.Address]btt.Amount{}}
	var counter Counter
	opened, done := make(chan struct{}), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		done <- counter.Run(ctx, Config{
			Ledger: book, Signer: newPen("me"), Account: me, Chain: testChain, Direct: true, Payment: c.payment, Log: slog.New(slog.DiscardHandler),
			Caps: plenty, Own: func() btt.Amount { return 0 }, Terms: func() broker.Terms { return broker.Terms{Purse: 70 * btt.One} },
		}, func() { close(opened) })
	}()
	<-opened
	s := counter.open.Load()
	lanes := func() (sum btt.Amount) {
		all, err := book.Lanes(t.Context(), true)
		must(t, err)
		for _, l := range all {
			sum += l.Cumulative
		}
		return sum
	}
	named := func(tx byte, from voucher.Address, amount btt.Amount) broker.FactCheck {
		return broker.FactCheck{Peer: 1, From: from, Tx: [32]byte{tx}, Amount: amount}
	}
	c.pays(1, payer, 10*btt.One)
	c.pays(2, payer, 5*btt.One)
	c.pays(3, thief, 0)
	for what, x := range map[string]struct {
		fact broker.FactCheck
		done bool
	}{
		"somebody else's": {named(1, thief, 10*btt.One), true}, "too small": {named(2, payer, 6*btt.One), true},
		"not to us": {named(3, thief, 1), true}, "not final": {named(4, payer, btt.One), false}, "nothing": {named(1, payer, 0), true},
	} {
		if done, err := s.inspect(t.Context(), x.fact); done != x.done || (err == nil) != x.done {
			t.Errorf("%s: %v, %v", what, done, err)
		}
	}
	for range 3 { // used: it counts once, whoever names it
		if done, err := s.inspect(t.Context(), named(1, payer, 10*btt.One)); !done || err != nil {
			t.Errorf("the right one: %v, %v", done, err)
		}
		until(t, "counted", func() bool { return lanes() == 10*btt.One })
		_, err := s.inspect(t.Context(), named(1, thief, 10*btt.One))
		must(t, err)
	}
	s.checks <- named(4, payer, btt.One) // by the way that facts take
	c.pays(4, payer, 2*btt.One)
	until(t, "counted when it is final", func() bool { return lanes() == 12*btt.One })
	if b := counter.Budget(swarm.InfoHash{}); b.Balance != 70*btt.One {
		t.Errorf("budget %+v", b)
	}
	b, err := book.Balance(t.Context(), ledger.Receivable(payer.String()))
	if must(t, err); b.Posted != 0 {
		t.Errorf("still to come: %v", b.Posted)
	}
	must(t, book.Audit(t.Context()))
	cancel()
	must(t, <-done)
}

// TestWays: vouchers come before transfers, and each only where it can be.
func TestWays(t *testing.T) {
	t.Parallel()
	v, d := lane.Way{Chain: 1, Escrow: testEscrow}, lane.Way{Chain: 1}
	for _, c := range []struct {
		escrow voucher.Address
		direct bool
		want   []lane.Way
	}{{testEscrow, true, []lane.Way{v, d}}, {testEscrow, false, []lane.Way{v}}, {voucher.Address{}, true, []lane.Way{d}}, {voucher.Address{}, false, nil}} {
		cfg := Config{Chain: 1, Escrow: c.escrow, Direct: c.direct, Terms: func() broker.Terms { return broker.Terms{Line: 1} }}
		got := cfg.ways()
		if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] || (cfg.terms().Line == 1) != c.direct {
			t.Errorf("%+v: %v, %+v", c, got, cfg.terms())
		}
	}
	all := map[[32]byte]*checking{{1}: {FactCheck: broker.FactCheck{From: voucher.Address{1}}}, {2}: {FactCheck: broker.FactCheck{From: voucher.Address{1}}}, {3}: {due: time.Time{}}}
	if n := ofPayer(all, voucher.Address{1}); n != 2 {
		t.Errorf("%d of a payer", n)
	}
}
