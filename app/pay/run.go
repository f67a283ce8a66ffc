package pay

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmbid/bidding/broker"
	"swarmbid/bidding/lane"
	"swarmbid/engine"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// ErrOpen means that the counter is open already.
var ErrOpen = errors.New("pay: open already")

// Config is what a counter is opened with.
type Config struct {
	Ledger  *ledger.Ledger  // the one that the wallet uses
	Signer  broker.Signer   // of the spending account; an error of it delays
	Account voucher.Address // the spending account
	Chain   int64           // chain id of the signing domain
	Escrow  voucher.Address // the contract; zero = there is none, and no vouchers
	Direct  bool            // transfers between the wallets are a way, after vouchers
	// Funds asks the chain what the deposit of a payer has free, 0 while it leaves.
	Funds func(ctx context.Context, payer voucher.Address) (btt.Amount, error)
	// Own is what our own deposit has free, as far as is known.
	Own func() btt.Amount
	// Caps is what the user allows now. It is asked about once a second.
	Caps func() broker.Caps
	// Terms is what is owed and lent where payment is by transfers. It is asked about once
	// a second, if Direct.
	Terms func() broker.Terms
	// Payment asks the chain what a final transaction paid us from an account. An error is
	// that it is not known yet; then it is asked again. Needed if Direct.
	Payment func(ctx context.Context, tx [32]byte, from voucher.Address) (btt.Amount, error)
	// Debts, if not nil, hears of what concerns transfers, on a goroutine of the counter.
	Debts Debts
	// Tell, if not nil, hears of every fact, on a goroutine of the counter.
	Tell func(broker.Fact)
	Log  *slog.Logger
}

// Bounds of what is asked of the chain.
const (
	fundsEvery = 10 * time.Minute // of each payer
	fundsAgain = 15 * time.Second // after a failure
	maxAsked   = 256              // payers that wait to be asked about
	maxPayers  = 10_000           // that are remembered
)

// session is a counter that is open.
type session struct {
	Config
	broker *broker.Broker
	ask    chan voucher.Address
	payers map[voucher.Address]time.Time // when each is due to be asked about
	checks chan broker.FactCheck         // transfers that peers name

	mu       sync.Mutex
	spent    map[string]btt.Amount // by torrent
	today    btt.Amount
	promised btt.Amount // and not redeemed
	owed     btt.Amount // and not transferred
	purse    btt.Amount // that debts may come to
	moved    bool       // since the ledger was last read
}

// Run opens the counter, works until ctx is done and closes it. It returns nil then,
// or what made payments end: from there on all peers are ordinary ones. ready, if not
// nil, is called when peers may be met.
func (c *Counter) Run(ctx context.Context, cfg Config, ready func()) error {
	b, err := broker.New(broker.Config{
		Account: cfg.Account, Ways: cfg.ways(), Pays: true, Serves: true, Nets: true,
		Caps: cfg.Caps(), Terms: cfg.terms(), Location: time.Local, //nolint:gosmopolitan // the user's day
	}, cfg.Ledger, cfg.Signer, c)
	if err != nil {
		return err
	}
	s := &session{
		Config: cfg, broker: b, ask: make(chan voucher.Address, maxAsked), checks: make(chan broker.FactCheck, maxChecks),
		payers: map[voucher.Address]time.Time{}, spent: map[string]btt.Amount{},
	}
	if err := s.read(ctx); err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	if !c.open.CompareAndSwap(nil, s) {
		return ErrOpen
	}
	defer c.open.Store(nil)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return b.Run(ctx) })
	g.Go(func() error { return s.follow(ctx) })
	g.Go(func() error { return s.lookUp(ctx) })
	g.Go(func() error { return s.check(ctx) })
	if ready != nil {
		ready()
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	return nil
}

// Redeemed says what the escrow has paid of the promises of payer to payee, in all;
// Funded what the deposit of a payer has free. A closed counter ignores both.
func (c *Counter) Redeemed(payer, payee voucher.Address, total btt.Amount) {
	if s := c.open.Load(); s != nil {
		s.broker.Redeemed(payer, payee, total)
		s.note()
	}
}

// Funded says what the deposit of a payer has free, 0 while it leaves.
func (c *Counter) Funded(payer voucher.Address, free btt.Amount) {
	if s := c.open.Load(); s != nil {
		s.broker.Funded(payer, free)
	}
}

// follow reads what the broker tells, and once a second what the user allows.
func (s *session) follow(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	caps, terms := s.Caps(), s.terms()
	s.carry(terms)
	for {
		select {
		case <-ctx.Done():
			return nil
		case f := <-s.broker.Facts():
			s.fact(f)
		case now := <-tick.C:
			if next := s.Caps(); next != caps {
				if err := s.broker.SetCaps(next); err != nil {
					s.Log.Warn("what may be spent", "err", err)
				}
				caps = next
			}
			if next := s.terms(); next != terms {
				if err := s.broker.SetTerms(next); err != nil {
					s.Log.Warn("what may be owed", "err", err)
				}
				terms = next
				s.carry(terms)
			}
			s.again(now)
			if err := s.readIfMoved(ctx); err != nil {
				return err
			}
		}
	}
}

// fact does what the program has to do about news of the broker.
func (s *session) fact(f broker.Fact) {
	switch f := f.(type) {
	case broker.FactMet:
		switch direct := f.Way.Escrow == (voucher.Address{}); {
		case direct && s.Debts != nil:
			s.Debts.Met(f.Account)
		case f.Payer && !direct:
			s.want(f.Account)
		}
	case broker.FactCheck:
		select {
		case s.checks <- f:
		default: // its payer names it again
		}
	case broker.FactSettle:
		if s.Debts != nil {
			s.Debts.Look()
		}
	case broker.FactMoved:
		s.note()
	case broker.FactLane:
		if f.What == lane.FactHeld {
			s.held(f)
			return
		}
		s.Log.Info("payments", "peer", f.Account.String(), "what", f.What.String(), "amount", f.Amount, "bytes", f.Bytes)
	case broker.FactEnded:
		s.Log.Info("payments ended on a connection", "why", f.Why)
	}
	if s.Tell != nil {
		s.Tell(f)
	}
}

// want has the deposit of a payer looked up.
func (s *session) want(payer voucher.Address) {
	if len(s.payers) >= maxPayers {
		clear(s.payers) // who is still here is asked about when it is met again
	}
	s.payers[payer] = time.Now().Add(fundsEvery)
	select {
	case s.ask <- payer:
	default:
		s.payers[payer] = time.Now().Add(fundsAgain)
	}
}

// again has those looked up that are due.
func (s *session) again(now time.Time) {
	for payer, due := range s.payers {
		if now.After(due) {
			s.want(payer)
		}
	}
}

// lookUp asks the chain about payers, one after the other. One that cannot be asked
// about is asked about again; until then it buys nothing.
func (s *session) lookUp(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case payer := <-s.ask:
			free, err := s.Funds(ctx, payer)
			for err != nil && ctx.Err() == nil {
				s.Log.Info("look at a payer's deposit", "payer", payer.String(), "err", err)
				select {
				case <-ctx.Done():
				case <-time.After(fundsAgain):
					free, err = s.Funds(ctx, payer)
				}
			}
			if err == nil {
				s.broker.Funded(payer, free)
			}
		}
	}
}

// note has the ledger read anew at the next tick.
func (s *session) note() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved = true
}

func (s *session) readIfMoved(ctx context.Context) error {
	s.mu.Lock()
	moved := s.moved
	s.moved = false
	s.mu.Unlock()
	if !moved {
		return nil
	}
	if err := s.read(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// maxTorrents is how many torrents' spending is kept: those with the most.
const maxTorrents = 1000

// read takes what was spent from the ledger.
func (s *session) read(ctx context.Context) error {
	y, m, d := time.Now().Date()
	day, err := s.Ledger.Flow(ctx, ledger.Period{From: time.Date(y, m, d, 0, 0, 0, 0, time.Local)}) //nolint:gosmopolitan // the user's day
	if err != nil {
		return err
	}
	all, err := s.Ledger.FlowByTorrent(ctx, ledger.Period{}, maxTorrents)
	if err != nil {
		return err
	}
	lanes, err := s.Ledger.Lanes(ctx, false)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.spent)
	for _, f := range all {
		s.spent[f.Key] = f.Spent
	}
	s.today, s.promised, s.owed = day.Spent, 0, 0
	for _, l := range lanes {
		switch {
		case l.Chain != s.Chain:
		case l.Escrow == ([20]byte{}) && l.Payer == s.Account:
			s.owed += max(0, l.Due-l.Cumulative)
		case l.Escrow == s.Escrow:
			s.promised += l.Cumulative - l.Redeemed
		}
	}
	return nil
}

// budget is what may be spent on a torrent.
func (s *session) budget(ih swarm.InfoHash) engine.Budget {
	free := s.Own()
	s.mu.Lock()
	defer s.mu.Unlock()
	balance := max(0, free-s.promised) + max(0, s.purse-s.owed)
	return engine.Budget{Balance: balance, Spent: s.spent[hex.EncodeToString(ih[:])], SpentDay: s.today}
}
