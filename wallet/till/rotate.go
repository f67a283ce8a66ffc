package till

import (
	"context"
	"errors"
	"fmt"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

// ErrDeposit means that the spending account cannot be given up: it has a deposit, or
// had one when it was last seen, or an order is under way.
var ErrDeposit = errors.New("till: the spending account is still in use")

// Step is what comes next on the way to another spending account. Nothing of it is
// kept: it follows from what chain and books say, so a restart changes nothing.
type Step uint8

// The steps, in their order.
const (
	StepLook   Step = iota // the chain was not asked yet
	StepBusy               // an order or a redemption is under way
	StepLeave              // the deposit has to leave
	StepWait               // it is leaving, until Ready
	StepFinish             // it can be paid out
	StepRotate             // nothing of the account is in the escrow
)

// Rotation is how far the way to another spending account is.
type Rotation struct {
	Step    Step
	Deposit btt.Amount // of the account, leaving or not
	Ready   time.Time  // StepWait: from when it can be paid out
	Open    btt.Amount // promised to the account and not paid: stays redeemable with its key
	Fee     btt.Sun    // estimate of the escrow's steps that are left; 0 = none, or unknown
}

// Rotation says what comes next at now. It is pure.
func (s *Snapshot) Rotation(now time.Time) Rotation {
	r := Rotation{Deposit: s.Account.Free + s.Account.Exiting}
	if s.Account.Free > 0 {
		r.Fee += escrow.EnergyStartExit * s.Energy
	}
	if r.Deposit > 0 {
		r.Fee += escrow.EnergyFinish * s.Energy
	}
	for _, c := range s.Claims {
		if c.Payee == s.Account.Account {
			r.Open += c.Open()
		}
	}
	switch {
	case s.Escrow == (voucher.Address{}):
		r.Step = StepRotate
	case s.Account.Seen.IsZero():
		r.Step = StepLook
	case len(s.Under) > 0 || s.Next != nil && s.Next.Sent:
		r.Step = StepBusy
	case s.Account.Exiting > 0 && now.Before(s.Account.Ready):
		r.Step, r.Ready = StepWait, s.Account.Ready
	case s.Account.Exiting > 0:
		r.Step = StepFinish
	case s.Account.Free > 0:
		r.Step = StepLeave
	default:
		r.Step = StepRotate
	}
	return r
}

// HasAccount asks the chain whether an account has, or had, a deposit in the escrow of
// the network: a wallet that is restored from its words finds its accounts by it.
func HasAccount(ctx context.Context, c *tron.Chain, a voucher.Address) (bool, error) {
	ret, err := c.View(ctx, c.Network().Escrow, escrow.StateOf(a))
	if err != nil {
		return false, fmt.Errorf("look for a deposit of %s: %w", a, err)
	}
	s, err := escrow.ParseState(ret)
	return s.Free > 0 || s.Exiting > 0 || !s.Ready.IsZero(), err
}

// Retire asks the chain whether the spending account can be given up now, and returns
// ErrDeposit if not: what is in its deposit only its key gets out. After it this till
// sends nothing more; the next one is made for the next account, or again for this one.
func (t *Till) Retire(ctx context.Context) error {
	t.work.Lock()
	defer t.work.Unlock()
	if t.net.Escrow == (voucher.Address{}) {
		t.retired = true
		return nil
	}
	quiet, err := t.quiet(ctx)
	if err != nil {
		return err
	}
	s, err := t.stateOf(ctx, t.cfg.Spending)
	if err != nil {
		return err
	}
	b, err := t.cfg.Ledger.Balance(ctx, ledger.Deposit)
	switch {
	case err != nil:
		return books(err)
	case quiet == "":
		return fmt.Errorf("%w: something is under way", ErrDeposit)
	case s.Free+s.Exiting > 0:
		return fmt.Errorf("%w: it holds %v", ErrDeposit, s.Free+s.Exiting)
	case b.Posted != 0: // what payees drew last is booked with the account that they drew on
		return fmt.Errorf("%w: its end is not in the books yet", ErrDeposit)
	}
	t.retired = true
	return nil
}
