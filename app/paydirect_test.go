package main

import (
	"context"
	"errors"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"swarmbid/app/pay"
	"swarmbid/app/settings"
	"swarmbid/bidding/broker"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/keystore"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

// direct makes a program for a chain without a contract, as the main network is, that pays
// and is paid by transfers from so little on.
func (e *economy) direct(dir string) *headless {
	e.Helper()
	p := e.program(dir)
	p.purse.notice = time.Minute
	e.must(p.settings.Update(func(s *settings.Settings) error {
		s.Wallet.Escrow, s.Wallet.TRXWorth = "", btt.One/10
		s.Pay.Direct, s.Pay.Line, s.Bandwidth.UpLimit = true, 500*btt.One, 8<<20
		return nil
	}))
	return p
}

// again is the program after its process has ended, with the same folder.
func (e *economy) again(dir string) *headless {
	e.Helper()
	a, err := open(options{data: dir})
	e.must(err)
	p := &headless{App: a, e: e}
	a.purse.params = keystore.Params{Passes: 2, MemoryKiB: keystore.MinMemoryKiB, Threads: 2}
	a.purse.tune = func(c *tron.Config) { c.Every, c.Timeout, c.Now = 20*time.Millisecond, 5*time.Second, e.node.Now }
	a.purse.notice = time.Minute
	return p
}

// flows makes blocks until the test is over.
func (e *economy) flows() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.node.Run(ctx, 150*time.Millisecond) }()
	e.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			e.Error(err)
		}
	})
}

// fund gives an account BTT and TRX.
func (e *economy) fund(a voucher.Address, amount btt.Amount) {
	e.Helper()
	_, err1 := e.node.GiveTRX(a, 100_000_000)
	_, err2 := e.node.GiveBTT(a, new(big.Int).Mul(big.NewInt(int64(amount)), big.NewInt(1e12)))
	e.must(errors.Join(err1, err2))
}

// holds is what the chain says an account has.
func (e *economy) holds(a voucher.Address) btt.Amount {
	e.Helper()
	out, err := e.node.View(e.node.BTT(), append([]byte{0x70, 0xa0, 0x82, 0x31, 11: 0, 15: 0}, a[:]...))
	e.must(err)
	return btt.Amount(new(big.Int).Div(new(big.Int).SetBytes(out), big.NewInt(1e12)).Int64())
}

// owed is this side of what payer owes payee without a contract.
func (p *headless) owed(payer, payee voucher.Address, paid bool) (l ledger.Lane) {
	p.e.Helper()
	d, free, err := p.purse.use(p.e.Context())
	p.e.must(err)
	defer free()
	l, err = d.book.Lane(p.e.Context(), ledger.LaneKey{Chain: int64(d.chain.Network().ChainID()), Payer: payer, Payee: payee, Paid: paid})
	p.e.must(err)
	return l
}

// payouts are the transfers of a program to peers.
func (p *headless) payouts(payer voucher.Address) (all []ledger.Payout) {
	p.e.Helper()
	d, free, err := p.purse.use(p.e.Context())
	p.e.must(err)
	defer free()
	all, err = d.book.Payouts(p.e.Context(), int64(d.chain.Network().ChainID()), payer)
	p.e.must(err)
	return all
}

// audit checks the books of a program.
func (p *headless) audit() {
	p.e.Helper()
	d, free, err := p.purse.use(p.e.Context())
	p.e.must(err)
	defer free()
	p.e.must(d.book.Audit(p.e.Context()))
}

// share has a program seed a file, and another load it from there.
func (e *economy) share(from, to *headless, size int64) swarm.InfoHash {
	e.Helper()
	f, err := lab.OneFile(e.TempDir(), size).Make()
	e.must(err)
	_, err = from.engine.Add(e.Context(), swarm.Add{Source: swarm.Source{File: f.File}, SavePath: filepath.Dir(f.File)})
	e.must(err)
	_, err = to.engine.Add(e.Context(), swarm.Add{Source: swarm.Source{File: f.File}})
	e.must(err)
	e.must(to.engine.AddPeer(e.Context(), f.InfoHash, "127.0.0.1:"+portOf(from)))
	return f.InfoHash
}

func (p *headless) complete(ih swarm.InfoHash) bool {
	for _, t := range p.engine.Snapshot().Torrents {
		if t.InfoHash == ih {
			return t.Complete()
		}
	}
	return false
}

// ready waits until a program trades.
func (p *headless) ready() {
	p.e.Helper()
	p.account()
	p.e.must(p.purse.Unlock(p.e.Context(), []byte(payPassword)))
	p.until("the market is open", p.marketOn)
	p.until("what debts may come to is known", func() bool { return p.payments.counter.Budget(swarm.InfoHash{}).Balance > 0 })
}

// TestDirectPayments: on a chain without a contract two programs trade in both directions.
// One transfer pays the difference; the books of both say the same, and the chain too. One
// of them ends and begins again meanwhile.
func TestDirectPayments(t *testing.T) {
	e := newEconomy(t)
	e.flows()
	folder := t.TempDir()
	a, b := e.direct(t.TempDir()), e.direct(folder)
	a.run()
	b.run()
	at, bt := a.account(), b.account()
	const had = 300 * btt.One
	e.fund(at, had)
	e.fund(bt, had)
	a.ready()
	b.ready()
	one, two := e.share(a, b, 48<<20), e.share(b, a, 16<<20)
	b.until("loaded", func() bool { return b.complete(one) && a.complete(two) })
	paid := func(p *headless, payer voucher.Address) func() bool {
		return func() bool {
			all := p.payouts(payer)
			return len(all) == 1 && (all[0].State == ledger.PayoutInTx || all[0].State == ledger.PayoutPaid || all[0].State == ledger.PayoutTold)
		}
	}
	b.until("a transfer is on its way", paid(b, bt))
	b.stop()
	b = e.again(folder)
	b.run()
	b.ready()
	e.must(b.engine.AddPeer(t.Context(), one, "127.0.0.1:"+portOf(a)))
	b.until("the seller counts it, and the buyer knows", func() bool {
		all := b.payouts(bt)
		return len(all) == 1 && all[0].State == ledger.PayoutTold
	})
	b.until("the same books", func() bool {
		return b.owed(bt, at, false).Cumulative == a.owed(bt, at, true).Cumulative && b.owed(at, bt, true).Cumulative == a.owed(at, bt, false).Cumulative
	})
	out, back := b.owed(bt, at, false), b.owed(at, bt, true)
	sum := out.Cumulative - back.Cumulative
	if got := e.holds(at) - had; got != sum || e.holds(bt) != had-sum || sum < 6*btt.One || back.Cumulative == 0 {
		t.Errorf("the chain moved %v, the books say %v less %v; the buyer has %v", got, out.Cumulative, back.Cumulative, e.holds(bt))
	}
	if s := a.owed(bt, at, true); out.Due > s.Due {
		t.Errorf("owed %v, served for %v", out.Due, s.Due)
	}
	w := b.purse.Snapshot(t.Context())
	if n := len(w.Direct.Peers); w.PayFault != "" || n != 1 || w.Direct.Peers[0].Peer != at.String() || w.Direct.Least == 0 || w.Direct.Have != had-sum {
		t.Errorf("shown %+v, %q", w.Direct, w.PayFault)
	}
	a.audit()
	b.audit()
	t.Logf("paid %v and was paid %v; one transfer of %v", out.Cumulative, back.Cumulative, sum)
}

// TestForbidPayout: what was announced can be forbidden from the page.
func TestForbidPayout(t *testing.T) {
	e := newEconomy(t)
	e.flows()
	a, b := e.direct(t.TempDir()), e.direct(t.TempDir())
	b.purse.notice = 0 // an hour
	a.run()
	b.run()
	at, bt := a.account(), b.account()
	e.fund(bt, 300*btt.One)
	a.purse.Refresh()
	e.must(a.purse.Unlock(t.Context(), []byte(payPassword)))
	a.until("the market is open", a.marketOn)
	b.ready()
	one := e.share(a, b, 32<<20)
	b.until("loaded", func() bool { return b.complete(one) })
	b.until("it is announced", func() bool {
		w := b.purse.Snapshot(t.Context())
		return len(w.Direct.Peers) == 1 && w.Direct.Peers[0].State == 1 && w.Direct.Peers[0].Amount > 0
	})
	e.must(b.purse.ForbidPayout(t.Context(), at.String()))
	if all := b.payouts(bt); len(all) != 1 || all[0].State != ledger.PayoutDropped {
		t.Errorf("%+v", all)
	}
	e.must(b.purse.ForbidPayout(t.Context(), at.String())) // it is taken back by now
	if err := b.purse.HurryPayout(t.Context(), "nobody"); err == nil {
		t.Error("an address that is none")
	}
	if e.holds(at) != 0 {
		t.Errorf("paid %v", e.holds(at))
	}
}

// TestPayFault: what keeps payments from starting is shown and told once, and no longer when
// they have started.
func TestPayFault(t *testing.T) {
	e := newEconomy(t)
	p := e.direct(t.TempDir())
	p.payments.resting = 10 * time.Millisecond
	told := make(chan string, 64)
	p.payments.notify = func(fault string) { told <- fault }
	book, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "other.db"))
	e.must(err)
	ctx, cancel := context.WithCancel(t.Context())
	opened, ended := make(chan struct{}), make(chan error, 1)
	go func() { // somebody else is at the counter
		ended <- p.payments.counter.Run(ctx, pay.Config{
			Ledger: book, Account: voucher.Address{1}, Chain: 1, Direct: true, Log: p.log,
			Caps: func() broker.Caps { return broker.Caps{} }, Own: func() btt.Amount { return 0 },
		}, func() { close(opened) })
	}()
	<-opened
	p.run()
	p.account()
	p.until("it is shown", func() bool { return p.purse.Snapshot(t.Context()).PayFault != "" })
	if got := <-told; got != p.purse.Snapshot(t.Context()).PayFault {
		t.Errorf("told %q", got)
	}
	cancel()
	e.must(errors.Join(<-ended, book.Close()))
	p.until("it works", func() bool { return p.marketOn() && p.purse.Snapshot(t.Context()).PayFault == "" })
	if got := <-told; got != "" {
		t.Errorf("told %q when it works", got)
	}
	if len(told) != 0 {
		t.Error("told more than once")
	}
}
