package till

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

var (
	// ErrConfig means that a Config cannot be worked with.
	ErrConfig = errors.New("till: configuration")
	// ErrOrder means that an order cannot be carried out as things are.
	ErrOrder = errors.New("till: not possible now")
	// ErrNothing means that no voucher could be redeemed.
	ErrNothing = errors.New("till: nothing to redeem")
)

// Signer signs with the spending key while it is unlocked; package wallet is one.
type Signer interface {
	Sign(d voucher.Digest) (voucher.Signature, error)
	// Unlocked reports whether Sign would work now.
	Unlocked() bool
}

// Config says whose till it is. The zero values of Every, Notice and Now mean the
// defaults named.
type Config struct {
	Ledger   *ledger.Ledger
	Chain    *tron.Chain
	Savings  voucher.Address // pays deposits
	Spending voucher.Address // owns the deposit, is the payee of the vouchers
	// Former are spending accounts of before: what was promised to them is redeemed by
	// order, to the wallet. Nothing is done with it unasked, as their keys are not at hand.
	Former []voucher.Address
	Signer Signer // for what is done unasked; nil = nothing is
	// Policy is asked before every decision; nil = nothing is done unasked.
	Policy func() Policy
	// Settled hears, from Run, of every total that the escrow has paid of the promises
	// of payer to payee; one of them is Spending. What was said may be said again.
	// broker.Redeemed wants to know it. Nil = nobody.
	Settled func(payer, payee voucher.Address, total btt.Amount)
	// Funded hears, from Run, what the deposit of a payer of ours has free, 0 while it
	// is leaving. broker.Funded wants to know it. Nil = nobody.
	Funded func(payer voucher.Address, free btt.Amount)
	// Announced hears, from Run, of what will be done unasked, when it is first shown.
	// Nil = nobody.
	Announced func(Next)
	Every     time.Duration    // between looks, 15 s
	Notice    time.Duration    // between showing what will be done unasked and doing it, 1 h
	Now       func() time.Time // time.Now
}

// Till is the money between promises and wallet. Make it with [New]; its methods may
// be called from any goroutine.
type Till struct {
	cfg  Config
	net  tron.Network
	snap atomic.Pointer[Snapshot]
	wake chan struct{} // capacity 1: a look is wanted now
	news chan struct{} // capacity 1: there is a new snapshot

	work sync.Mutex // one step or order at a time; guards what follows

	review  redemption                       // the vouchers that are being reviewed
	booked  map[[32]byte]bool                // exits that are in the books
	looked  map[[2]voucher.Address]time.Time // payer and payee
	told    map[[2]voucher.Address]btt.Amount
	price   tron.Prices // zero until asked
	priced  time.Time
	retired bool      // nothing more is sent
	calm    time.Time // no look before, unless something is under way or wanted
	pause   func(place string)
}

// redemption is a batch that is not written down yet.
type redemption struct {
	id       ledger.ID
	batch    []ledger.Claim
	withdraw bool
}

// Snapshot is what is known, for the window. It is never changed.
type Snapshot struct {
	Escrow  voucher.Address // zero where the network has none
	Phase   escrow.Phase
	Account ledger.EscrowSeen // ours; Seen is zero before the first look
	Under   []string          // kinds of the orders that are under way, see the Kinds
	Claims  []Claim           // the greatest open first
	Plan    Plan              // of redeeming all that can be, if the user asked; indices are of Claims
	Former  []Former          // the same for former spending accounts that are owed something
	Next    *Next             // what will be done unasked; nil = nothing
	Energy  btt.Sun           // price of a unit; 0 = unknown
	Err     error             // why the last look failed, nil if it did not
}

// Claim is a received voucher as it stands.
type Claim struct {
	ledger.Claim
	Payer ledger.EscrowSeen // its payer's deposit; Seen is zero if it was never looked at
}

// Former is a former spending account to which something was promised.
type Former struct {
	Account voucher.Address
	Open    btt.Amount
	Plan    Plan // indices are of Claims
}

// Leaving is from when the payer can be gone; zero if it is not leaving.
func (c Claim) Leaving() time.Time {
	if c.Payer.Exiting > 0 {
		return c.Payer.Ready
	}
	return time.Time{}
}

// Next is a redemption that is about to be sent, or is on its way.
type Next struct {
	Batch    ledger.ID // the same until it is done or taken back
	At       time.Time // not before
	Vouchers int
	Amount   btt.Amount
	Fee      btt.Sun // at most
	Withdraw bool
	Auto     bool  // unasked
	Sent     bool  // in a transaction
	Waiting  error // why it is not sent although it is time, such as a locked wallet; nil = it is not time
}

// New makes a till. It asks nobody; Run does.
func New(ctx context.Context, cfg Config) (*Till, error) {
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
	if cfg.Ledger == nil || cfg.Chain == nil || cfg.Spending == (voucher.Address{}) || cfg.Savings == cfg.Spending || cfg.Every < 0 || cfg.Notice < 0 ||
		slices.Contains(cfg.Former, cfg.Spending) || slices.Contains(cfg.Former, cfg.Savings) {
		return nil, fmt.Errorf("%w: ledger, chain and two accounts are needed", ErrConfig)
	}
	t := &Till{
		cfg: cfg, net: cfg.Chain.Network(), wake: make(chan struct{}, 1), news: make(chan struct{}, 1),
		booked: map[[32]byte]bool{}, looked: map[[2]voucher.Address]time.Time{}, told: map[[2]voucher.Address]btt.Amount{},
	}
	t.snap.Store(&Snapshot{Escrow: t.net.Escrow})
	return t, t.publish(ctx, nil)
}

// Snapshot is what is known now; never nil.
func (t *Till) Snapshot() *Snapshot { return t.snap.Load() }

// Changed receives when there is a new snapshot; it has room for one signal.
func (t *Till) Changed() <-chan struct{} { return t.news }

// Look asks for a look at the chain now.
func (t *Till) Look() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// idle is how long there is no look while there is nothing to look after.
const idle = 5 * time.Minute

// Run looks, settles and redeems until ctx ends, then returns nil. An error is one of
// the ledger. Without an escrow it only waits.
func (t *Till) Run(ctx context.Context) error {
	if t.net.Escrow == (voucher.Address{}) {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(t.cfg.Every)
	defer tick.Stop()
	wanted := true
	for {
		if err := t.step(ctx, wanted); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("till: %w", err)
		}
		wanted = false
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-t.wake:
			wanted = true
		}
	}
}

// step is one round. Faults of nodes are kept for the snapshot and tried again.
func (t *Till) step(ctx context.Context, wanted bool) error {
	t.work.Lock()
	defer t.work.Unlock()
	if !wanted && t.cfg.Now().Before(t.calm) && t.cfg.Now().Sub(t.calm) > -idle {
		return nil
	}
	var faults []error
	steps := []func(context.Context) error{t.settle, t.finished, t.look, t.redeem}
	if t.retired {
		steps = steps[:3]
	}
	for _, f := range steps {
		err := f(ctx)
		if errors.Is(err, errBooks) {
			return err
		}
		if err != nil {
			faults = append(faults, err)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return t.publish(ctx, errors.Join(faults...))
}

// errBooks marks a failure of the ledger, after which nothing may go on.
var errBooks = errors.New("ledger")

func books(err error) error {
	if err == nil || errors.Is(err, errBooks) {
		return err
	}
	return fmt.Errorf("%w: %w", errBooks, err)
}

// chain is the id that lanes have.
func (t *Till) chain() int64 { return int64(t.net.ChainID()) }

func (t *Till) key(account voucher.Address) ledger.EscrowKey {
	return ledger.EscrowKey{Chain: t.chain(), Escrow: t.net.Escrow, Account: account}
}

// claims are ours under the escrow of the network, with their payers.
func (t *Till) claims(ctx context.Context) ([]Claim, map[ledger.EscrowKey]ledger.EscrowSeen, error) {
	rows, err := t.cfg.Ledger.Claims(ctx, t.chain())
	if err != nil {
		return nil, nil, books(err)
	}
	seen, err := t.cfg.Ledger.Escrows(ctx, t.chain())
	if err != nil {
		return nil, nil, books(err)
	}
	var out []Claim
	for _, c := range rows {
		if c.Escrow == t.net.Escrow && t.own(c.Payee) {
			out = append(out, Claim{c, seen[t.key(c.Payer)]})
		}
	}
	return out, seen, nil
}

// own reports whether a is the spending account, or was.
func (t *Till) own(a voucher.Address) bool {
	return a == t.cfg.Spending || slices.Contains(t.cfg.Former, a)
}

// publish makes the snapshot anew.
func (t *Till) publish(ctx context.Context, fault error) error {
	claims, seen, err := t.claims(ctx)
	if err != nil {
		return err
	}
	under, err := t.under(ctx)
	if err != nil {
		return err
	}
	s := &Snapshot{Escrow: t.net.Escrow, Account: seen[t.key(t.cfg.Spending)], Under: under, Claims: claims, Err: fault}
	s.Phase = escrow.PhaseOf(escrow.State{Free: s.Account.Free, Exiting: s.Account.Exiting, Ready: s.Account.Ready}, s.Account.Allowance, has(under, KindDeposit))
	s.Plan = Decide(t.cfg.Policy(), t.price, holdings(claims, t.cfg.Spending, t.cfg.Now()), true)
	s.Former, s.Energy = t.former(claims), t.price.Energy
	s.Next = t.next(claims)
	if busy := len(under) > 0 || s.Next != nil; !busy && len(claims) == 0 && (s.Phase == escrow.None || s.Phase == escrow.Exited) {
		t.calm = t.cfg.Now().Add(idle)
	} else {
		t.calm = time.Time{}
	}
	t.snap.Store(s)
	select {
	case t.news <- struct{}{}:
	default:
	}
	return nil
}

// former is what former accounts are owed.
func (t *Till) former(claims []Claim) (out []Former) {
	p := t.cfg.Policy()
	p.Withdraw = true // a deposit of theirs would have to leave again
	for _, a := range t.cfg.Former {
		f := Former{Account: a}
		for _, c := range claims {
			if c.Payee == a {
				f.Open += c.Open()
			}
		}
		if f.Open > 0 {
			f.Plan = Decide(p, t.price, holdings(claims, a, t.cfg.Now()), true)
			out = append(out, f)
		}
	}
	return out
}

// holdings are claims as Decide sees them; those in a batch are not to be had, nor
// those of another account: a transaction redeems for its sender.
func holdings(claims []Claim, payee voucher.Address, now time.Time) []Holding {
	out := make([]Holding, len(claims))
	for i, c := range claims {
		if c.State == ledger.Queued || c.State == ledger.InTx || c.Payee != payee {
			continue
		}
		h := Holding{Open: c.Open(), Reach: -1, Known: c.Settled > 0, Leaving: c.Leaving(), Rested: now.Before(c.Due)}
		if !c.Payer.Seen.IsZero() {
			h.Reach = c.Payer.Free + c.Payer.Exiting
		}
		out[i] = h
	}
	return out
}

// next is the batch that is queued or on its way.
func (t *Till) next(claims []Claim) *Next {
	var n *Next
	var batch ledger.ID
	var taken []Holding
	for _, c := range claims {
		if c.State != ledger.Queued && c.State != ledger.InTx || n != nil && c.Batch != batch {
			continue
		}
		if n == nil {
			batch = c.Batch
			n = &Next{Batch: c.Batch, At: c.Due, Withdraw: c.Withdraw, Auto: c.Auto, Sent: c.State == ledger.InTx}
		}
		n.Vouchers++
		n.Amount += max(0, c.Presented-c.Settled)
		taken = append(taken, Holding{Known: c.Settled > 0})
	}
	if n != nil {
		n.Fee = feeOf(t.price, taken, n.Withdraw)
		if old := t.snap.Load().Next; old != nil && !n.Sent {
			n.Waiting = old.Waiting
		}
	}
	return n
}

// under are the kinds of our orders that are under way.
func (t *Till) under(ctx context.Context) (out []string, err error) {
	if t.net.Escrow == (voucher.Address{}) {
		return nil, nil
	}
	txs, err := t.cfg.Chain.Transactions(ctx, maxTxs)
	if err != nil {
		return nil, books(err)
	}
	for _, x := range txs {
		if x.State.Live() && IsKind(x.Intent.Kind) {
			out = append(out, x.Intent.Kind)
		}
	}
	return out, nil
}

func has(all []string, s string) bool {
	for _, x := range all {
		if x == s {
			return true
		}
	}
	return false
}

// maxTxs is how far back our own transactions are looked at.
const maxTxs = 200

// at is where tests stop; it does nothing else.
func (t *Till) at(place string) {
	if t.pause != nil {
		t.pause(place)
	}
}
