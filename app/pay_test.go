package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"math/big"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmbid/app/settings"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/keystore"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// economy is a test chain with the escrow on it, and somebody rich.
type economy struct {
	*testing.T
	node   *testnode.Node
	host   string
	escrow voucher.Address
	rich   [32]byte
}

func newEconomy(t *testing.T) *economy {
	t.Helper()
	e := &economy{T: t, rich: sha256.Sum256([]byte("rich"))}
	at, err := voucher.AddressOf(e.rich[:])
	e.must(err)
	e.node, e.host = testnode.Start(t, testnode.Config{Accounts: map[[20]byte]int64{at: 900_000_000}})
	code, err := escrow.InitCode(e.node.BTT())
	e.must(err)
	made, err := e.node.Deploy(code)
	e.must(err)
	e.escrow = made.Contract
	_, err = e.node.GiveBTT(at, new(big.Int).Mul(big.NewInt(int64(10_000*btt.One)), big.NewInt(1e12)))
	e.must(err)
	e.node.SealSolid()
	return e
}

func (e *economy) must(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// deposit has somebody else pay for a deposit.
func (e *economy) deposit(account voucher.Address, amount btt.Amount) {
	e.Helper()
	approve, err1 := escrow.Approve(e.escrow, amount)
	deposit, err2 := escrow.Deposit(account, amount)
	e.must(errors.Join(err1, err2))
	for _, c := range []struct {
		at   voucher.Address
		data []byte
	}{{e.node.BTT(), approve}, {e.escrow, deposit}} {
		got, err := e.node.Call(e.rich[:], c.at, c.data)
		if err != nil || !got.OK {
			e.Fatalf("%+v, %v", got, err)
		}
	}
	e.node.SealSolid()
}

// headless is Swarmbid without a window, with a wallet.
type headless struct {
	*App
	e    *economy
	stop func()
}

const payPassword = "a password of tests"

// program makes a data folder with a wallet in it.
func (e *economy) program(dir string) *headless {
	e.Helper()
	p := &headless{e: e}
	st, problem, err := settings.Open(filepath.Join(dir, "settings.json"), settings.Default(filepath.Join(dir, "files")))
	e.must(errors.Join(problem, err))
	e.must(st.Update(func(s *settings.Settings) error {
		s.Wallet.Network, s.Wallet.TestNode, s.Wallet.Escrow = "testnode", e.host, e.escrow.String()
		s.Connection.Listen, s.Connection.Port, s.Connection.UPnP, s.Connection.NATPMP = []string{"127.0.0.1"}, 0, false, false
		s.BitTorrent.DHT, s.BitTorrent.PEX, s.BitTorrent.LSD, s.BitTorrent.UTP, s.BitTorrent.IPv6 = false, false, false, false, false
		s.Bandwidth.UpLimit = 3 << 20
		s.Pay.On, s.Pay.PeerCap = true, 1000*btt.One
		s.Market = settings.Market{
			On: true, FreeShare: 20, Reserve: 500 * btt.One, BidMode: "fast", MaxPrice: 2000 * btt.One, MaxTorrent: 1000 * btt.One, MaxDay: 1000 * btt.One,
		}
		return nil
	}))
	a, err := open(options{data: dir})
	e.must(err)
	p.App = a
	a.purse.params = keystore.Params{Passes: 2, MemoryKiB: keystore.MinMemoryKiB, Threads: 2}
	a.purse.tune = func(c *tron.Config) { c.Every, c.Timeout, c.Now = 20*time.Millisecond, 5*time.Second, e.node.Now }
	m, err := wallet.NewMnemonic(12)
	e.must(err)
	_, err = wallet.Create(a.paths.Wallet, []byte(payPassword), wallet.Setup{Mnemonic: m, Now: time.Now()}, a.purse.params)
	e.must(err)
	return p
}

// run runs it as without a window.
func (p *headless) run() {
	p.e.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var g errgroup.Group
	p.purse.start = func(run func(context.Context) error) { g.Go(func() error { return run(ctx) }) }
	g.Go(func() error { return p.engine.Run(ctx) })
	g.Go(func() error { return p.payments.restore(ctx) })
	p.stop = func() {
		cancel()
		p.e.must(g.Wait())
		p.e.must(p.close())
		p.stop = func() {}
	}
	p.e.Cleanup(func() { p.stop() })
}

func (p *headless) until(what string, ok func() bool) {
	p.e.Helper()
	ctx, cancel := context.WithTimeout(p.e.Context(), 60*time.Second)
	defer cancel()
	if err := lab.Until(ctx, func() (bool, error) { return ok(), nil }); err != nil {
		p.e.Fatalf("%s: %v", what, err)
	}
}

// account is the spending account, once the wallet is open.
func (p *headless) account() voucher.Address {
	p.e.Helper()
	p.until("the wallet is open", func() bool { _, err := p.purse.wallet(); return err == nil })
	k, err := p.purse.wallet()
	p.e.must(err)
	return k.Info().Spending.Address
}

func (p *headless) marketOn() bool {
	s, err := p.engine.Settings(p.e.Context())
	return err == nil && s.Market.On
}

// lane is this side of what payer owes payee.
func (p *headless) lane(payer, payee voucher.Address, paid bool) (l ledger.Lane) {
	p.e.Helper()
	d, free, err := p.purse.use(p.e.Context())
	p.e.must(err)
	defer free()
	l, err = d.book.Lane(p.e.Context(), ledger.LaneKey{
		Chain: int64(d.chain.Network().ChainID()), Escrow: p.e.escrow, Payer: payer, Payee: payee, Paid: paid,
	})
	p.e.must(err)
	return l
}

// TestPayments: with the switch on, two programs meet, and the one pays the other from
// its deposit, locked at first; with the switch off nothing of the market is left.
func TestPayments(t *testing.T) {
	e := newEconomy(t)
	seller, buyer := e.program(t.TempDir()), e.program(t.TempDir())
	seller.run()
	buyer.run()
	from, to := buyer.account(), seller.account()
	e.deposit(from, 800*btt.One)
	for _, p := range []*headless{seller, buyer} {
		p.until("the market is open", p.marketOn)
	}
	buyer.purse.Refresh()
	buyer.until("the deposit is known", func() bool {
		return buyer.payments.counter.Budget(swarm.InfoHash{}).Balance == 800*btt.One
	})
	p, err := lab.OneFile(t.TempDir(), 24<<20).Make()
	e.must(err)
	_, err = seller.engine.Add(t.Context(), swarm.Add{Source: swarm.Source{File: p.File}, SavePath: filepath.Dir(p.File)})
	e.must(err)
	_, err = buyer.engine.Add(t.Context(), swarm.Add{Source: swarm.Source{File: p.File}})
	e.must(err)
	e.must(buyer.engine.AddPeer(t.Context(), p.InfoHash, "127.0.0.1:"+portOf(seller)))
	e.must(seller.purse.Unlock(t.Context(), []byte(payPassword)))
	buyer.until("it loads for nothing while it is locked", func() bool {
		return len(buyer.engine.Snapshot().Torrents) == 1 && buyer.engine.Snapshot().Torrents[0].Completed > 0
	})
	if l := buyer.lane(from, to, false); l.Due != 0 {
		t.Errorf("charged %v while it was locked", l.Due)
	}
	e.must(buyer.purse.Unlock(t.Context(), []byte(payPassword)))
	buyer.until("loaded and paid", func() bool {
		a, b := buyer.lane(from, to, false), seller.lane(from, to, true)
		return buyer.engine.Snapshot().Torrents[0].Complete() && a.Cumulative > 0 && a.Cumulative == a.Due && b.Cumulative == a.Due
	})
	spent := buyer.lane(from, to, false).Cumulative
	t.Logf("paid %v", spent)
	buyer.until("the budget counts it", func() bool {
		b := buyer.payments.counter.Budget(p.InfoHash)
		return b.Balance == 800*btt.One-spent && b.Spent == spent && b.SpentDay == spent
	})
	e.must(buyer.purse.SetPay(t.Context(), view.Pay{PeerCap: btt.One, RedeemFee: 5}))
	buyer.until("the switch is off", func() bool { return !buyer.marketOn() && !buyer.payments.counter.Open() })
	e.must(buyer.purse.SetPay(t.Context(), view.Pay{On: true, PeerCap: btt.One, RedeemFee: 5}))
	buyer.until("on again", buyer.marketOn)
	seller.stop() // closes in order while it is open
	if seller.payments.counter.Open() {
		t.Error("open after the end")
	}
}

func portOf(p *headless) string {
	p.e.Helper()
	p.until("it listens", func() bool { return p.engine.Snapshot().Totals.ListenPort > 0 })
	return strconv.Itoa(p.engine.Snapshot().Totals.ListenPort)
}
