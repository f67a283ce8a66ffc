package till

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

// The kinds of orders: the ledger's words for them.
const (
	KindApprove = "approve"      // the savings let the escrow take Amount
	KindDeposit = "deposit"      // it takes Amount into the deposit of the spending account
	KindExit    = "exit-start"   // Amount begins to leave, for seven days
	KindCancel  = "exit-cancel"  // what is leaving stays
	KindFinish  = "exit-finish"  // what has waited is paid to the spending account
	KindRedeem  = "redeem"       // vouchers become BTT
	KindFuel    = "fuel"         // the savings send the spending account TRX for fees
	KindFund    = "fund"         // they send it BTT, for transfers to peers
	minFuel     = btt.Sun(1_000) // less than any fee
)

// IsKind reports whether k is the kind of an order.
func IsKind(k string) bool {
	switch k {
	case KindApprove, KindDeposit, KindExit, KindCancel, KindFinish, KindRedeem, KindFuel, KindFund:
		return true
	}
	return false
}

// Order is something the user wants done. Amount is in µBTT, for KindFuel in sun.
type Order struct {
	Kind     string
	Amount   btt.Amount
	Withdraw bool // of KindRedeem: to the wallet, else into our deposit
	// Account is a former spending account, for KindRedeem, which is then to the
	// wallet, and KindFuel. Zero is the spending account.
	Account voucher.Address
}

// Intent is an order as the chain understands it, with an ID of its own: for
// tron.Chain's Quote and Prepare, and then [Till.Send]. It returns ErrOrder for what
// cannot be done as things are, ErrNothing where there is nothing to redeem, and
// tron.ErrEscrow unless the contract is the one this program knows.
func (t *Till) Intent(ctx context.Context, o Order) (tron.Intent, error) {
	t.work.Lock()
	defer t.work.Unlock()
	i, err := t.intent(ctx, o)
	if err != nil {
		return i, fmt.Errorf("%s: %w", o.Kind, err)
	}
	return i, nil
}

func (t *Till) intent(ctx context.Context, o Order) (i tron.Intent, err error) {
	if err := t.may(ctx, o); err != nil {
		return i, err
	}
	if o.Account == (voucher.Address{}) {
		o.Account = t.cfg.Spending
	}
	id, err := newID()
	if err != nil {
		return i, err
	}
	at := t.net.Escrow
	var data []byte
	switch o.Kind {
	case KindFuel:
		i = tron.Transfer(id, t.cfg.Savings, o.Account, tron.TRX, o.Amount)
		i.Kind = KindFuel
		return i, nil
	case KindFund:
		i = tron.Transfer(id, t.cfg.Savings, t.cfg.Spending, tron.BTT, o.Amount)
		i.Kind = KindFund
		return i, nil
	case KindApprove:
		data, err = escrow.Approve(at, o.Amount)
		return tron.Call(id, t.cfg.Savings, t.net.BTT, data, o.Kind), err
	case KindDeposit:
		data, err = escrow.Deposit(t.cfg.Spending, o.Amount)
		return tron.Call(id, t.cfg.Savings, at, data, o.Kind, tron.Booking{Debit: ledger.Deposit, Credit: ledger.Onchain, Amount: o.Amount}), err
	case KindExit:
		data, err = escrow.StartExit(o.Amount)
	case KindCancel:
		data = escrow.CancelExit()
	case KindFinish:
		data = escrow.FinishExit()
	case KindRedeem:
		return t.redemption(ctx, id, o)
	}
	return tron.Call(id, t.cfg.Spending, at, data, o.Kind), err
}

// may says whether an order fits what is known of the account.
func (t *Till) may(ctx context.Context, o Order) error {
	if !IsKind(o.Kind) {
		return fmt.Errorf("%w: no such order", ErrOrder)
	}
	if o.Kind != KindFuel && o.Kind != KindFund { // nothing is given to a contract that is not ours
		if err := t.cfg.Chain.CheckEscrow(ctx); err != nil {
			return err
		}
	}
	s := t.snap.Load()
	bad := false
	switch o.Kind {
	case KindApprove, KindFund:
		bad = o.Amount <= 0
	case KindDeposit:
		bad = o.Amount <= 0 || o.Amount > s.Account.Allowance
	case KindExit:
		bad = o.Amount <= 0 || o.Amount > s.Account.Free
	case KindCancel:
		bad = s.Account.Exiting == 0
	case KindFinish:
		bad = s.Account.Exiting == 0 || t.cfg.Now().Before(s.Account.Ready)
	case KindFuel:
		bad = btt.Sun(o.Amount) < minFuel
	}
	if a := o.Account; a != (voucher.Address{}) && (!t.own(a) || o.Kind != KindRedeem && o.Kind != KindFuel) {
		bad = true
	}
	if bad || has(s.Under, o.Kind) {
		return ErrOrder
	}
	return nil
}

func newID() (id ledger.ID, err error) {
	if _, err := rand.Read(id[:]); err != nil {
		return id, fmt.Errorf("random numbers: %w", err)
	}
	return id, nil
}

// redemption presents everything that can be paid now and is worth its own cost.
func (t *Till) redemption(ctx context.Context, id ledger.ID, o Order) (tron.Intent, error) {
	withdraw := o.Withdraw || o.Account != t.cfg.Spending
	claims, _, err := t.claims(ctx)
	if err != nil {
		return tron.Intent{}, err
	}
	p := t.cfg.Policy()
	p.Withdraw = withdraw
	var batch []ledger.Claim
	for _, n := range Decide(p, t.price, holdings(claims, o.Account, t.cfg.Now()), true).Take {
		batch = append(batch, claims[n].Claim)
	}
	i, err := t.present(id, batch, withdraw)
	if err == nil {
		t.review = redemption{id, batch, withdraw}
	}
	return i, err
}

// present is the intent that redeems a batch, all of one payee.
func (t *Till) present(id ledger.ID, batch []ledger.Claim, withdraw bool) (tron.Intent, error) {
	if len(batch) == 0 {
		return tron.Intent{}, ErrNothing
	}
	var claims []escrow.Claim
	for _, c := range batch {
		// The lane may promise more by now than when the batch was queued: only the
		// signature over the newest promise is kept, and it covers the older one.
		v := voucher.Voucher{Payer: c.Payer, Payee: c.Payee, Cumulative: c.Cumulative}
		claims = append(claims, escrow.Claim{Voucher: v, Signature: c.Signature})
	}
	data, err := escrow.Redeem(claims, withdraw)
	if err != nil {
		return tron.Intent{}, err
	}
	return tron.Call(id, batch[0].Payee, t.net.Escrow, data, KindRedeem), nil
}

// Send sends what was reviewed. Vouchers are written down as presented before
// anything is sent; where it is not sent they are free again. Errors are those of
// tron.Chain's Send, ErrOrder and ErrNothing.
func (t *Till) Send(ctx context.Context, r tron.Review, s tron.Signer) error {
	t.work.Lock()
	defer t.work.Unlock()
	defer t.Look()
	i := r.Quote.Intent
	if t.retired {
		return fmt.Errorf("%s: %w", i.Kind, ErrOrder)
	}
	if i.Kind != KindRedeem {
		return t.cfg.Chain.Send(ctx, r, s)
	}
	if t.review.id != i.ID {
		return fmt.Errorf("redeem: %w", ErrNothing)
	}
	now := t.review
	t.review = redemption{}
	batch, err := t.enqueue(ctx, now.batch, i.ID, now.withdraw, false, t.cfg.Now())
	if err != nil {
		return fmt.Errorf("redeem: %w", err)
	}
	return t.submit(ctx, r, s, batch)
}

// enqueue writes claims down as a batch. The state that they were in is the one they
// must still be in.
func (t *Till) enqueue(ctx context.Context, batch []ledger.Claim, id ledger.ID, withdraw, auto bool, due time.Time) (out []ledger.Claim, err error) {
	err = t.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error {
		for _, c := range batch {
			before := c.State
			c.State, c.Batch, c.Presented, c.Withdraw, c.Auto, c.Due, c.Changed = ledger.Queued, id, c.Cumulative, withdraw, auto, due, t.cfg.Now()
			if err := tx.SetClaim(ctx, before, c); err != nil {
				return err
			}
			out = append(out, c)
		}
		return nil
	})
	if errors.Is(err, ledger.ErrStale) || errors.Is(err, ledger.ErrInvalid) {
		return nil, fmt.Errorf("%w: %w", ErrOrder, err)
	}
	return out, books(err)
}

// submit takes a queued batch into its transaction.
func (t *Till) submit(ctx context.Context, r tron.Review, s tron.Signer, batch []ledger.Claim) error {
	t.at("queued")
	err := t.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error {
		for n, c := range batch {
			c.State, c.Changed = ledger.InTx, t.cfg.Now()
			if err := tx.SetClaim(ctx, ledger.Queued, c); err != nil {
				return err
			}
			batch[n] = c
		}
		return nil
	})
	if err != nil {
		return books(err)
	}
	t.at("in-tx")
	err = t.cfg.Chain.Send(ctx, r, s)
	t.at("sent")
	if err == nil {
		return nil
	}
	if _, ok, errLook := t.cfg.Chain.Transaction(context.WithoutCancel(ctx), r.Quote.Intent.ID); ok || errLook != nil {
		return errors.Join(err, errLook) // settle will see how it ends
	}
	return errors.Join(err, t.release(context.WithoutCancel(ctx), batch, time.Time{}))
}
