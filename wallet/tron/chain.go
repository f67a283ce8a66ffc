package tron

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/status"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// Config says which chain, whose addresses, and how patient to be. The zero
// values of Every, Timeout, MaxFee and Now mean the defaults named.
type Config struct {
	Network Network
	Ledger  *ledger.Ledger
	Watch   []voucher.Address // our addresses, at most 16; see also [Chain.SetWatch]
	APIKey  string            // of the provider, may be empty
	Every   time.Duration     // between polls, 15 s; live transactions make it 3 s at most
	Timeout time.Duration     // of one request, 5 s
	MaxFee  btt.Sun           // no transaction may burn more, 500 TRX
	Now     func() time.Time  // the computer's clock, time.Now; a chain with time of its own needs that
}

const maxWatch = 16

func (c Config) withDefaults() (Config, error) {
	if c.Every == 0 {
		c.Every = 15 * time.Second
	}
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second
	}
	if c.MaxFee == 0 {
		c.MaxFee = 500 * btt.TRX
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Ledger == nil || c.Every < 0 || c.Timeout < 0 || c.MaxFee < 0 || len(c.Watch) > maxWatch {
		return c, fmt.Errorf("%w: a ledger, positive times and fees and at most %d addresses are needed", ErrIntent, maxWatch)
	}
	return c, c.Network.Validate()
}

// Chain is one network seen from this wallet. Make it with [Open]; its methods
// may be called from any goroutine.
type Chain struct {
	cfg    Config
	nodes  []*node
	events chan Event
	wake   chan struct{} // capacity 1: a poll is wanted now
	snap   atomic.Pointer[Snapshot]

	sending sync.Mutex // one Send at a time, so that no two spend the same balance

	mu    sync.Mutex
	watch []voucher.Address
	lost  int // events nobody took

	scanned map[voucher.Address]int64 // Run's: solid height of the last reconciliation, absent before the first

	pauseAt func(place string) // set by tests
}

// Trust says how far the balances of a snapshot can be relied on.
type Trust uint8

// The degrees of trust. The zero value is none.
const (
	Unknown  Trust = iota // never read, or the nodes contradict each other since
	Offline               // no node answers; the balances are old
	OneNode               // two are configured, one answers; the balances are old
	Agreed                // read from every node that is configured, at least two or the only one
	Disputed              // the nodes contradict each other; the balances are those agreed before
)

// Holding is the balance of one asset. Solid is what every node agrees on and
// nothing can take back; Latest includes what may still be taken back.
type Holding struct {
	Solid, Latest btt.Amount // millionths
	Rest          uint64     // base units of BTT below a µBTT, in Solid
}

// Account is one of our addresses on the chain.
type Account struct {
	Address voucher.Address
	Active  bool // exists on the chain
	Holding map[Asset]Holding
}

// Snapshot is what is known, for the window. It is never changed.
type Snapshot struct {
	Network  string
	Trust    Trust
	Err      error     // why Trust is not Agreed, nil if it is
	Head     int64     // newest block, 0 if unknown
	Solid    int64     // newest solid block, 0 if unknown
	At       time.Time // when the balances were read, zero if never
	Accounts []Account
	// Claimed is what a single node says while two are configured and Trust is
	// OneNode; nil otherwise. It is shown as unconfirmed and never booked.
	Claimed []Account
	Lost    int // events that nobody took
}

// maxEvents is how many events wait for their reader before they are lost.
const maxEvents = 256

// Open prepares a chain without asking anybody. Intents that an earlier process
// did not get to sign are given up: nothing of them was sent.
func Open(ctx context.Context, cfg Config) (*Chain, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("open the chain: %w", err)
	}
	c := &Chain{cfg: cfg, events: make(chan Event, maxEvents), wake: make(chan struct{}, 1), watch: slices.Clone(cfg.Watch), scanned: map[voucher.Address]int64{}}
	c.snap.Store(&Snapshot{Network: cfg.Network.Name, Err: ErrOffline})
	for _, e := range cfg.Network.Endpoints {
		n, err := dial(e, cfg.APIKey, cfg.Timeout)
		if err != nil {
			c.Close()
			return nil, fmt.Errorf("open the chain: %w", err)
		}
		c.nodes = append(c.nodes, n)
	}
	if err := c.abandonUnsigned(ctx); err != nil {
		c.Close()
		return nil, fmt.Errorf("open the chain: %w", err)
	}
	return c, nil
}

// Close ends the connections; Run must have returned.
func (c *Chain) Close() {
	for _, n := range c.nodes {
		n.close()
	}
}

// Network is the profile in use.
func (c *Chain) Network() Network { return c.cfg.Network }

// Snapshot is what is known now; never nil.
func (c *Chain) Snapshot() *Snapshot { return c.snap.Load() }

// Events are the facts, for one reader. It is never closed.
func (c *Chain) Events() <-chan Event { return c.events }

// SetWatch replaces the addresses that are ours, at most 16.
func (c *Chain) SetWatch(all []voucher.Address) error {
	if len(all) > maxWatch {
		return fmt.Errorf("watch %d addresses: %w", len(all), ErrIntent)
	}
	c.mu.Lock()
	c.watch = slices.Clone(all)
	c.mu.Unlock()
	c.poke()
	return nil
}

func (c *Chain) watched() []voucher.Address {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.watch)
}

// Refresh asks for a poll now.
func (c *Chain) Refresh() { c.poke() }

func (c *Chain) poke() {
	select {
	case c.wake <- struct{}{}:
	default: // one is wanted already
	}
}

// tell hands an event to the reader, or counts it as lost.
func (c *Chain) tell(e Event) {
	select {
	case c.events <- e:
	default:
		c.mu.Lock()
		c.lost++
		c.mu.Unlock()
	}
}

// Poll intervals.
const (
	liveEvery  = 3 * time.Second // at most, while a transaction is under way
	maxBackoff = 5 * time.Minute
)

// Run polls, sends and confirms until ctx ends. It is called once.
func (c *Chain) Run(ctx context.Context) error {
	failures := 0
	for {
		live, err := c.poll(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, errLedger) {
			return err // the books cannot be written: nothing may go on
		}
		if failures++; err == nil {
			failures = 0
		}
		t := time.NewTimer(c.pause(live, failures))
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		case <-c.wake:
			t.Stop()
		}
	}
}

// pause is the time to the next poll: doubled by each failure in a row.
func (c *Chain) pause(live bool, failures int) time.Duration {
	d := c.cfg.Every
	if live {
		d = min(d, liveEvery)
	}
	for range min(failures, 10) {
		d = min(2*d, max(maxBackoff, c.cfg.Every))
	}
	return d
}

// errLedger marks a failure to read or write the ledger.
var errLedger = errors.New("tron: ledger")

// view is one endpoint that answers, with its newest blocks.
type view struct {
	*node
	top, solid block
}

// views asks every endpoint for its newest blocks. The error says why the others
// are missing.
func (c *Chain) views(ctx context.Context) ([]view, error) {
	var all []view
	var errs []error
	for _, n := range c.nodes {
		v, err := c.view(ctx, n)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, v)
	}
	return all, errors.Join(errs...)
}

// maxSkew is how far the newest block may be from the computer's clock.
const maxSkew = 5 * time.Minute

func (c *Chain) view(ctx context.Context, n *node) (v view, err error) {
	v.node = n
	if err := n.checkChain(ctx, c.cfg.Network.Genesis); err != nil {
		return v, err
	}
	if v.solid, err = n.head(ctx, true); err != nil {
		return v, err
	}
	if v.top, err = n.head(ctx, false); err != nil {
		return v, err
	}
	skew := c.cfg.Now().Sub(time.UnixMilli(v.top.time))
	switch {
	case v.solid.num > v.top.num || v.solid.time > v.top.time:
		return v, fmt.Errorf("newest blocks at %s: %w: %d is solid, %d the newest", n.host, ErrAnswer, v.solid.num, v.top.num)
	case skew > maxSkew:
		return v, fmt.Errorf("newest block at %s is %v old: %w or %w", n.host, skew.Round(time.Second), ErrStaleNode, ErrClock)
	case skew < -maxSkew:
		return v, fmt.Errorf("newest block at %s is %v ahead: %w", n.host, (-skew).Round(time.Second), ErrClock)
	}
	return v, nil
}

// ask lets f ask the first endpoint that is on the chain and answers properly.
// What f finds out about our own matters ends the search, a fault of the node
// does not.
func (c *Chain) ask(ctx context.Context, f func(*node) error) error {
	var errs []error
	for _, n := range c.nodes {
		err := n.checkChain(ctx, c.cfg.Network.Genesis)
		if err == nil {
			err = f(n)
		}
		if err == nil || ctx.Err() != nil || !nodeFault(err) {
			return err
		}
		errs = append(errs, err)
	}
	return fmt.Errorf("%w: %w", ErrOffline, errors.Join(errs...))
}

// nodeFault reports whether another endpoint may do better.
func nodeFault(err error) bool {
	_, transport := status.FromError(err)
	for _, fault := range []error{ErrAnswer, ErrWrongChain, ErrStaleNode, context.DeadlineExceeded} {
		transport = transport || errors.Is(err, fault)
	}
	return transport
}

// poll is one round: the outbox, then the balances. It reports whether a
// transaction is under way.
func (c *Chain) poll(ctx context.Context) (live bool, err error) {
	views, missing := c.views(ctx)
	if len(views) == 0 {
		c.publish(func(s *Snapshot) { s.Trust, s.Err = Offline, fmt.Errorf("%w: %w", ErrOffline, missing) })
		return false, missing
	}
	rows, err := c.advance(ctx, views)
	if err != nil {
		return true, err
	}
	return len(rows) > 0, errors.Join(missing, c.refresh(ctx, views, missing, rows))
}

// publish replaces the snapshot by an edited copy.
func (c *Chain) publish(edit func(*Snapshot)) {
	s := *c.snap.Load()
	c.mu.Lock()
	s.Lost = c.lost
	c.mu.Unlock()
	edit(&s)
	c.snap.Store(&s)
}
