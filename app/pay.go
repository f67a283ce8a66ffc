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
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

// payments have peers paid and pay while the user wants it, there is a wallet, and
// there is a way: the escrow of its network, or plain transfers that the user allows. Otherwise nothing of the market is offered to anybody.
// They use the ledger and the keys of the wallet's desk and end before it.
type payments struct {
	settings *settings.Store
	log      *slog.Logger
	engine   *engine.Engine
	purse    *purse
	counter  pay.Counter
	open     atomic.Bool        // the engine offers the market
	resting  time.Duration      // after a failure; 0 = payRest
	notify   func(fault string) // hears why payments do not start, "" when they do; nil = nobody
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

// trades reports whether peers are to be paid, and can be on a network.
func trades(s *settings.Settings, n tron.Network) bool {
	return wanted(s) && (s.Pay.Direct || n.Escrow != (voucher.Address{}))
}

// wanted reports whether peers are to be paid by the settings.
func wanted(s *settings.Settings) bool { return s.Pay.On && s.Market.On }

// restore opens the wallet of a user who wants payments, without its page.
func (p *payments) restore(ctx context.Context) error {
	s := p.settings.Get()
	if !trades(&s, networkOf(s.Wallet)) {
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
		s := p.settings.Get()
		if on := trades(&s, d.chain.Network()); !on {
			p.failed(nil)
		} else if d.tillNow() != nil {
			if err := p.trade(ctx, d); err != nil {
				p.log.Error("nothing is paid or earned for a while", "err", err)
				p.failed(err)
				p.rest(ctx)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// rest waits after a failure, until it is time to try again or the user changes what is
// wanted.
func (p *payments) rest(ctx context.Context) {
	before, end := p.settings.Get(), time.After(p.pause())
	tick := time.NewTicker(payLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-end:
			return
		case <-tick.C:
			if s := p.settings.Get(); s.Pay != before.Pay || s.Wallet != before.Wallet || s.Market != before.Market {
				return
			}
		}
	}
}

// pause is how long a failure is left alone.
func (p *payments) pause() time.Duration {
	if p.resting > 0 {
		return p.resting
	}
	return payRest
}

// failed shows on the page why nothing is paid or earned, and tells what is news; nil is
// that nothing is wrong.
func (p *payments) failed(err error) {
	if p.purse.payFailed(err) && p.notify != nil {
		p.notify(nameOr(err))
	}
}

// payFailed notes why nothing is paid or earned, and reports whether that is news.
func (p *purse) payFailed(err error) (news bool) {
	p.mu.Lock()
	news = (p.payErr == nil) != (err == nil) || nameOr(p.payErr) != nameOr(err)
	p.payErr = err
	p.mu.Unlock()
	if news {
		p.tell()
	}
	return news
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
		p.failed(nil)
		p.attend(ctx, work, d)
	}
	err = errors.Join(err, p.offer(false), p.purse.hear(ctx, nil))
	stop()
	return errors.Join(err, g.Wait())
}

// attend waits until the counter has to close, if only to open with other ways.
func (p *payments) attend(ctx, work context.Context, d *desk) {
	direct := p.settings.Get().Pay.Direct
	tick := time.NewTicker(payLook)
	defer tick.Stop()
	for {
		if s := p.settings.Get(); !trades(&s, d.chain.Network()) || s.Pay.Direct != direct {
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
		Direct: p.settings.Get().Pay.Direct,
		Funds:  d.tillNow().Funds,
		Terms:  func() broker.Terms { return termsOf(p.settings.Get(), d.debtsNow().Snapshot()) },
		Payment: func(ctx context.Context, tx [32]byte, from voucher.Address) (btt.Amount, error) {
			return d.chain.Payment(ctx, tx, from, keys.Info().Spending.Address)
		},
		Debts: d.debtsNow(),
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
