package payout

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

var (
	// ErrConfig means that a Config cannot be worked with.
	ErrConfig = errors.New("payout: configuration")
	// ErrBusy means that a transfer is announced or on its way.
	ErrBusy = errors.New("payout: a transfer is under way")
	// ErrOrder means that there is no such transfer to be changed any more.
	ErrOrder = errors.New("payout: not possible now")
)

// Signer signs with the spending key while it is unlocked; package wallet is one.
type Signer interface {
	Sign(d voucher.Digest) (voucher.Signature, error)
	// Unlocked reports whether Sign would work now.
	Unlocked() bool
}

// Config says who pays. The zero values of Every, Notice and Now mean the defaults named.
type Config struct {
	Ledger  *ledger.Ledger
	Chain   *tron.Chain
	Account voucher.Address // the spending account: it owes, and pays
	Signer  Signer
	// Policy is asked before every decision; nil = nothing is paid.
	Policy func() Policy
	// Counted hears, from Run, of every transfer that is final, again and again until
	// [Payouts.Held] has heard that the payee counts it. Nil = nobody.
	Counted func(to voucher.Address, tx [32]byte, amount btt.Amount)
	// Announced hears, from Run, of a transfer when it is first shown. Nil = nobody.
	Announced func(ledger.Payout)
	Every     time.Duration    // between looks, 15 s
	Notice    time.Duration    // between showing a transfer and sending it, 1 h
	Now       func() time.Time // time.Now
}

// Snapshot is what is known, for the window. It is never changed.
type Snapshot struct {
	Debts   []Debt      // in both directions, the greatest we owe first
	Fee     btt.Sun     // of a transfer now, at most; 0 = not known
	Least   btt.Amount  // what a debt must come to; 0 = not known
	Have    btt.Amount  // BTT of the spending account
	Fuel    btt.Sun     // its TRX
	Waiting error       // why what is due is not sent, such as a locked wallet
	Err     error       // why the last look failed
	price   tron.Prices // of Fee
}

// Payouts pays debts. Make it with [New]; its methods may be called from any goroutine.
type Payouts struct {
	cfg  Config
	snap atomic.Pointer[Snapshot]
	wake chan struct{} // capacity 1: a look is wanted now
	news chan struct{} // capacity 1: there is a new snapshot

	work   sync.Mutex // one step or order at a time; guards what follows
	price  tron.Prices
	priced time.Time
	said   map[ledger.ID]time.Time
	pause  func(place string)
	over   bool // retired

	mu   sync.Mutex // guards what was said since the last step
	held map[voucher.Address]btt.Amount
	met  bool
}

// How often prices are asked for, and a transfer named to a payee that does not answer.
const (
	priceEvery = 10 * time.Minute
	sayEvery   = 20 * time.Second
)

// New makes one. It asks nobody; Run does.
func New(cfg Config) (*Payouts, error) {
	if cfg.Every == 0 {
		cfg.Every = 15 * time.Second
	}
	if cfg.Notice == 0 {
		cfg.Notice = time.Hour
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Policy == nil {
		cfg.Policy = func() Policy { return Policy{} }
	}
	if cfg.Ledger == nil || cfg.Chain == nil || cfg.Signer == nil || cfg.Account == (voucher.Address{}) || cfg.Every < 0 || cfg.Notice < 0 {
		return nil, fmt.Errorf("%w: ledger, chain, signer and account are needed", ErrConfig)
	}
	p := &Payouts{cfg: cfg, wake: make(chan struct{}, 1), news: make(chan struct{}, 1), said: map[ledger.ID]time.Time{}, held: map[voucher.Address]btt.Amount{}}
	p.snap.Store(&Snapshot{})
	return p, nil
}

// Snapshot is what is known now; never nil.
func (p *Payouts) Snapshot() *Snapshot { return p.snap.Load() }

// Changed receives when there is a new snapshot; it has room for one signal.
func (p *Payouts) Changed() <-chan struct{} { return p.news }

// Look asks for a look now.
func (p *Payouts) Look() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Run decides, sends and follows until ctx ends, then returns nil. An error is one of the
// ledger.
func (p *Payouts) Run(ctx context.Context) error {
	tick := time.NewTicker(p.cfg.Every)
	defer tick.Stop()
	for {
		if err := p.step(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("payout: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-p.wake:
		}
	}
}

// errBooks marks a failure of the ledger, after which nothing may go on.
var errBooks = errors.New("ledger")

func books(err error) error {
	if err == nil || errors.Is(err, errBooks) {
		return err
	}
	return fmt.Errorf("%w: %w", errBooks, err)
}

// step is one round. Faults of nodes are kept for the snapshot and tried again.
func (p *Payouts) step(ctx context.Context) error {
	p.work.Lock()
	defer p.work.Unlock()
	s := &Snapshot{}
	var faults []error
	for _, f := range []func(context.Context, *Snapshot) error{p.settle, p.hear, p.look, p.decide, p.proceed, p.tell, p.read} {
		err := f(ctx, s)
		if errors.Is(err, errBooks) || ctx.Err() != nil {
			return errors.Join(ctx.Err(), err)
		}
		faults = append(faults, err)
	}
	s.Err = errors.Join(faults...)
	p.publish(s)
	return nil
}

func (p *Payouts) publish(s *Snapshot) {
	p.snap.Store(s)
	select {
	case p.news <- struct{}{}:
	default:
	}
}

// chain is the id that lanes have.
func (p *Payouts) chain() int64 { return int64(p.cfg.Chain.Network().ChainID()) } //nolint:gosec // 32 bits

// look reads prices and what the spending account holds.
func (p *Payouts) look(ctx context.Context, s *Snapshot) error {
	for _, a := range p.cfg.Chain.Snapshot().Accounts {
		if a.Address == p.cfg.Account {
			s.Have, s.Fuel = a.Holding[tron.BTT].Solid, btt.Sun(a.Holding[tron.TRX].Solid)
		}
	}
	txs, err := p.cfg.Chain.Transactions(ctx, maxTxs)
	if err != nil {
		return books(err)
	}
	for _, x := range txs { // what leaves it otherwise pays no debt
		if x.State.Live() && x.Intent.From == p.cfg.Account && x.Intent.Asset == tron.BTT && x.Intent.Kind != tron.KindPayout {
			s.Have = max(0, s.Have-x.Intent.Amount)
		}
	}
	now := p.cfg.Now()
	if p.price.Energy == 0 || now.Sub(p.priced) > priceEvery {
		var price tron.Prices
		if price, err = p.cfg.Chain.Prices(ctx); err == nil {
			p.price, p.priced = price, now
		}
	}
	s.price, s.Fee = p.price, p.price.Transfer()
	s.Least, _ = p.cfg.Policy().Least(p.price)
	return err
}

// maxTxs is how far back our own transactions are looked at.
const maxTxs = 200

// read makes the debts of a snapshot anew.
func (p *Payouts) read(ctx context.Context, s *Snapshot) (err error) {
	s.Debts, err = p.debts(ctx)
	return err
}

// debts are what the lanes without a contract say, the greatest we owe first.
func (p *Payouts) debts(ctx context.Context) (out []Debt, err error) {
	at := map[voucher.Address]int{}
	of := func(peer voucher.Address) *Debt {
		i, ok := at[peer]
		if !ok {
			i = len(out)
			at[peer], out = i, append(out, Debt{Peer: peer})
		}
		return &out[i]
	}
	for _, paid := range []bool{false, true} {
		lanes, err := p.cfg.Ledger.Lanes(ctx, paid)
		if err != nil {
			return nil, books(err)
		}
		for _, l := range lanes {
			us, other := voucher.Address(l.Payer), voucher.Address(l.Payee)
			if paid {
				us, other = other, us
			}
			if l.Chain != p.chain() || l.Escrow != ([20]byte{}) || us != p.cfg.Account {
				continue
			}
			if open := max(0, l.Due-l.Cumulative); paid {
				of(other).Owing = open
			} else {
				of(other).Owed = open
			}
		}
	}
	rows, err := p.cfg.Ledger.Payouts(ctx, p.chain(), p.cfg.Account)
	if err != nil {
		return nil, books(err)
	}
	for _, r := range rows {
		of(r.Payee).Last = r
	}
	return out, nil
}

// at is where tests stop; it does nothing else.
func (p *Payouts) at(place string) {
	if p.pause != nil {
		p.pause(place)
	}
}
