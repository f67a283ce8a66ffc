package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmbid/app/pay"
	"swarmbid/app/settings"
	"swarmbid/bidding/broker"
	"swarmbid/engine"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// payments have peers paid and pay while the user wants it, there is a wallet, and
// its network has an escrow. Otherwise nothing of the market is offered to anybody.
// They use the ledger and the keys of the wallet's desk and end before it.
type payments struct {
	settings *settings.Store
	log      *slog.Logger
	engine   *engine.Engine
	purse    *purse
	counter  pay.Counter
	open     atomic.Bool // the engine offers the market
}

func newPayments(s *settings.Store, log *slog.Logger) *payments {
	return &payments{settings: s, log: log}
}

// join tells the parts of each other, before anything runs.
func (p *payments) join(e *engine.Engine, purse *purse) {
	p.engine, p.purse = e, purse
	p.counter.Join(e)
	purse.pay = p.mind
}

// How often mind looks whether something has changed, and how long it leaves things
// as they are after payments have failed.
const (
	payLook = time.Second
	payRest = time.Minute
)

// wanted reports whether peers are to be paid by the settings.
func wanted(s *settings.Settings) bool { return s.Pay.On && s.Market.On }

// restore opens the wallet of a user who wants payments, without its page.
func (p *payments) restore(ctx context.Context) error {
	s := p.settings.Get()
	if !wanted(&s) || networkOf(s.Wallet).Escrow == (voucher.Address{}) {
		return nil
	}
	return p.purse.Open(ctx)
}

// apply is e as it may be given to the engine now: the market is on only while
// somebody is at the counter.
func (p *payments) apply(e engine.Settings) engine.Settings {
	e.Market.On = p != nil && e.Market.On && p.open.Load()
	return e
}

// mind opens the counter over a desk whenever it may be open, until ctx ends.
func (p *payments) mind(ctx context.Context, d *desk) {
	tick := time.NewTicker(payLook)
	defer tick.Stop()
	for {
		if s := p.settings.Get(); wanted(&s) && d.tillNow() != nil && d.chain.Network().Escrow != (voucher.Address{}) {
			if err := p.trade(ctx, d); err != nil {
				p.log.Error("nothing is paid or earned for a while", "err", err)
				select {
				case <-ctx.Done():
				case <-time.After(payRest):
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// trade keeps the counter open until the settings or ctx end it. The market is
// offered after it has opened and before it closes, so that nobody is met who cannot
// be served.
func (p *payments) trade(ctx context.Context, d *desk) error {
	cfg, err := p.config(d)
	if err != nil {
		return err
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ready := make(chan struct{})
	var g errgroup.Group
	g.Go(func() error {
		defer stop()
		return p.counter.Run(work, cfg, func() { close(ready) })
	})
	select {
	case <-work.Done():
		return g.Wait()
	case <-ready:
	}
	err = errors.Join(p.purse.hear(ctx, &p.counter), p.offer(true))
	if err == nil {
		p.log.Info("bandwidth is paid for from now on", "network", d.chain.Network().Name)
		p.attend(ctx, work, d)
	}
	err = errors.Join(err, p.offer(false), p.purse.hear(ctx, nil))
	stop()
	return errors.Join(err, g.Wait())
}

// attend waits until the counter has to close.
func (p *payments) attend(ctx, work context.Context, d *desk) {
	tick := time.NewTicker(payLook)
	defer tick.Stop()
	for {
		if s := p.settings.Get(); !wanted(&s) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-work.Done():
			return
		case <-d.quit:
			return
		case <-tick.C:
		}
	}
}

// offer has the engine offer the market, or no longer. An engine that has ended
// offers nothing.
func (p *payments) offer(on bool) error {
	p.open.Store(on)
	ctx, cancel := context.WithTimeout(context.Background(), applyTimeout)
	defer cancel()
	m := p.apply(engineSettings(p.settings.Get())).Market
	if err := p.engine.SetMarket(ctx, m); err != nil && !errors.Is(err, engine.ErrStopped) {
		return fmt.Errorf("offer the market: %w", err)
	}
	return nil
}

// config is the counter's over a desk.
func (p *payments) config(d *desk) (pay.Config, error) {
	keys, err := p.purse.wallet()
	if err != nil {
		return pay.Config{}, err
	}
	n := d.chain.Network()
	return pay.Config{
		Ledger: d.book, Signer: keys, Account: keys.Info().Spending.Address, Chain: int64(n.ChainID()), Escrow: n.Escrow, //nolint:gosec // 32 bits
		Funds: d.tillNow().Funds,
		Own:   func() btt.Amount { return d.tillNow().Snapshot().Account.Free },
		Caps:  func() broker.Caps { return capsOf(p.settings.Get()) },
		Tell: func(f broker.Fact) {
			if _, ok := f.(broker.FactMoved); ok {
				p.purse.tell()
			}
		},
		Log: p.log,
	}, nil
}

// capsOf is what the user allows to be spent.
func capsOf(s settings.Settings) broker.Caps {
	return broker.Caps{Torrent: s.Market.MaxTorrent, Day: s.Market.MaxDay, Peer: s.Pay.PeerCap}
}
