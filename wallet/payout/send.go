package payout

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/voucher"
)

// Reasons why nothing was paid, as they are in the ledger.
const (
	WhyForbidden = "forbidden" // by the user
	WhyOwed      = "not owed"  // or not worth its fee, any more
	WhyUnsent    = "unsent"    // it did not come to be sent
	WhyFailed    = "failed"    // on the chain
	WhyExpired   = "expired"   // on the chain: nothing was moved
)

// How long a debt is left alone: after the user said so, and after a failure that cost a
// fee.
const (
	forbidden = 30 * 24 * time.Hour
	restAfter = 24 * time.Hour
)

// set writes a row that was in state from.
func (p *Payouts) set(ctx context.Context, from ledger.PayoutState, r ledger.Payout) error {
	r.Changed = p.cfg.Now()
	return books(p.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error { return tx.SetPayout(ctx, from, r) }))
}

// drop ends a row: nothing was paid.
func (p *Payouts) drop(ctx context.Context, r ledger.Payout, why string, rest time.Duration) error {
	from := r.State
	r.State, r.Why, r.Due = ledger.PayoutDropped, why, p.cfg.Now().Add(rest)
	return p.set(ctx, from, r)
}

// Retire sees to it that nothing more is announced or sent, for an account that is given
// up; it returns ErrBusy, and changes nothing, while a transfer is announced or on its way.
func (p *Payouts) Retire(ctx context.Context) error {
	p.work.Lock()
	defer p.work.Unlock()
	rows, err := p.cfg.Ledger.Payouts(ctx, p.chain(), p.cfg.Account)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.State == ledger.PayoutQueued || r.State == ledger.PayoutInTx {
			return ErrBusy
		}
	}
	p.over = true
	return nil
}

// decide announces what is to be paid. What expired or failed before is not sent by
// itself again.
func (p *Payouts) decide(ctx context.Context, s *Snapshot) error {
	all, err := p.debts(ctx)
	if err != nil || p.over {
		return err
	}
	for _, d := range Decide(p.cfg.Policy(), s.price, s.Have, all, p.cfg.Now()) {
		r := ledger.Payout{
			Chain: p.chain(), Payer: p.cfg.Account, Payee: d.Peer, Amount: d.Net(), State: ledger.PayoutQueued,
			Ask: d.Last.Why == WhyExpired || d.Last.Why == WhyFailed, Due: p.cfg.Now().Add(p.cfg.Notice), Held: d.Last.Held, Changed: p.cfg.Now(),
		}
		if _, err := rand.Read(r.ID[:]); err != nil {
			return fmt.Errorf("random numbers: %w", err)
		}
		if err := p.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error { return tx.AddPayout(ctx, r) }); err != nil {
			return books(err)
		}
		if p.cfg.Announced != nil {
			p.cfg.Announced(r)
		}
	}
	return nil
}

// proceed sends what it is time for, one transfer after the other.
func (p *Payouts) proceed(ctx context.Context, s *Snapshot) error {
	all, err := p.debts(ctx)
	if err != nil {
		return err
	}
	policy, now := p.cfg.Policy(), p.cfg.Now()
	var next *Debt
	for i := range all {
		switch d := &all[i]; {
		case d.Last.State == ledger.PayoutInTx:
			return nil // one at a time
		case d.Last.State != ledger.PayoutQueued:
		case !policy.On || d.Net() < d.Last.Amount:
			return p.drop(ctx, d.Last, WhyOwed, 0)
		case !d.Last.Ask && !now.Before(d.Last.Due) && (next == nil || d.Last.Due.Before(next.Last.Due)):
			next = d
		}
	}
	if next == nil {
		return nil
	}
	if s.Waiting = p.send(ctx, policy, next.Last); errors.Is(s.Waiting, errBooks) {
		return s.Waiting
	}
	return nil
}

// send takes a queued row into its transaction.
func (p *Payouts) send(ctx context.Context, policy Policy, r ledger.Payout) error {
	if !p.cfg.Signer.Unlocked() { // asked first, so that a locked wallet leaves no trace in the outbox
		return wallet.ErrLocked
	}
	to := voucher.Address(r.Payee)
	q, err := p.cfg.Chain.Quote(ctx, tron.Payout(r.ID, p.cfg.Account, to, r.Amount, ledger.Payable(to.String())))
	if err != nil {
		return err
	}
	if least, ok := policy.Least(p.price); !ok || least > r.Amount || q.Fee > p.price.Transfer() {
		p.priced = time.Time{} // ask again what it costs
		return p.drop(ctx, r, WhyOwed, 0)
	}
	review, err := p.cfg.Chain.Prepare(ctx, q)
	if err != nil {
		return err
	}
	p.at("queued")
	r.State = ledger.PayoutInTx
	if err := p.set(ctx, ledger.PayoutQueued, r); err != nil {
		return err
	}
	p.at("in-tx")
	err = p.cfg.Chain.Send(ctx, review, pen{p.cfg.Signer, p.cfg.Account})
	p.at("sent")
	if err == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	if _, ok, errLook := p.cfg.Chain.Transaction(ctx, r.ID); ok || errLook != nil {
		return errors.Join(err, errLook) // settle will see how it ends
	}
	return errors.Join(err, p.drop(ctx, r, WhyUnsent, 0))
}

// pen signs with the spending key.
type pen struct {
	signer  Signer
	account voucher.Address
}

// Sign implements tron.Signer.
func (p pen) Sign(_ context.Context, account voucher.Address, digest [32]byte) (voucher.Signature, error) {
	if account != p.account {
		return voucher.Signature{}, tron.ErrSigner
	}
	return p.signer.Sign(digest)
}

// settle brings what is in a transaction to its end.
func (p *Payouts) settle(ctx context.Context, _ *Snapshot) error {
	rows, err := p.cfg.Ledger.Payouts(ctx, p.chain(), p.cfg.Account)
	if err != nil {
		return books(err)
	}
	for _, r := range rows {
		if r.State != ledger.PayoutInTx {
			continue
		}
		tx, ok, err := p.cfg.Chain.Transaction(ctx, r.ID)
		switch {
		case err != nil:
			return books(err)
		case !ok || tx.State == outbox.Void: // the process died before it was signed: nothing was sent
			err = p.drop(ctx, r, WhyUnsent, 0)
		case tx.State == outbox.SolidOK:
			r.State, r.TxID = ledger.PayoutPaid, tx.TxID
			r.Held, err = p.mustHold(ctx, r)
			if err == nil {
				err = p.set(ctx, ledger.PayoutInTx, r)
			}
			p.at("paid")
		case tx.State == outbox.SolidFailed: // its fee is gone; not again at once
			err = p.drop(ctx, r, WhyFailed, restAfter)
		case tx.State == outbox.Expired:
			err = p.drop(ctx, r, WhyExpired, 0)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mustHold is what a payee holds in all when it has counted a transfer: what it said
// before, or what the lane had, and the amount.
func (p *Payouts) mustHold(ctx context.Context, r ledger.Payout) (btt.Amount, error) {
	l, err := p.cfg.Ledger.Lane(ctx, ledger.LaneKey{Chain: r.Chain, Payer: r.Payer, Payee: r.Payee})
	if err != nil {
		return 0, books(err)
	}
	if r.Held > 0 {
		return r.Held + r.Amount, nil
	}
	return l.Cumulative + r.Amount, nil
}

// tell names what is final to those that do not hold it yet.
func (p *Payouts) tell(ctx context.Context, _ *Snapshot) error {
	if p.cfg.Counted == nil {
		return nil
	}
	rows, err := p.cfg.Ledger.Payouts(ctx, p.chain(), p.cfg.Account)
	if err != nil {
		return books(err)
	}
	for _, r := range rows {
		if at := p.said[r.ID]; r.State == ledger.PayoutPaid && time.Since(at) >= sayEvery {
			p.said[r.ID] = time.Now()
			p.cfg.Counted(r.Payee, r.TxID, r.Amount)
		}
	}
	return nil
}

// Met says that a payee is here: what it does not hold yet is named to it at the next
// look.
func (p *Payouts) Met(voucher.Address) {
	p.mu.Lock()
	p.met = true
	p.mu.Unlock()
	p.Look()
}

// Held says what a payee says that it holds of ours in all.
func (p *Payouts) Held(payee voucher.Address, sum btt.Amount) {
	p.mu.Lock()
	p.held[payee] = max(sum, p.held[payee])
	p.mu.Unlock()
	p.Look()
}

// hear takes what was said since the last step.
func (p *Payouts) hear(ctx context.Context, _ *Snapshot) error {
	p.mu.Lock()
	held, met := p.held, p.met
	p.held, p.met = map[voucher.Address]btt.Amount{}, false
	p.mu.Unlock()
	if met {
		clear(p.said)
	}
	if len(held) == 0 {
		return nil
	}
	rows, err := p.cfg.Ledger.Payouts(ctx, p.chain(), p.cfg.Account)
	if err != nil {
		return books(err)
	}
	for _, r := range rows {
		if sum, ok := held[r.Payee]; ok && r.State == ledger.PayoutPaid && sum >= r.Held {
			r.State, r.Held = ledger.PayoutTold, sum
			delete(p.said, r.ID)
			if err := p.set(ctx, ledger.PayoutPaid, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// Forbid takes back the transfer to a payee that was announced; its debt is left alone for
// 30 days. Hurry sends it at the next look. Both return ErrOrder if none waits.
func (p *Payouts) Forbid(ctx context.Context, payee voucher.Address) error {
	return p.queued(ctx, payee, func(r ledger.Payout) error { return p.drop(ctx, r, WhyForbidden, forbidden) })
}

// Hurry sends an announced transfer at the next look; see Forbid.
func (p *Payouts) Hurry(ctx context.Context, payee voucher.Address) error {
	return p.queued(ctx, payee, func(r ledger.Payout) error {
		r.Ask, r.Due = false, p.cfg.Now()
		return p.set(ctx, ledger.PayoutQueued, r)
	})
}

func (p *Payouts) queued(ctx context.Context, payee voucher.Address, f func(ledger.Payout) error) error {
	p.work.Lock()
	defer p.work.Unlock()
	rows, err := p.cfg.Ledger.Payouts(ctx, p.chain(), p.cfg.Account)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.State == ledger.PayoutQueued && r.Payee == payee {
			if err := f(r); err != nil {
				return err
			}
			s := *p.snap.Load()
			err := p.read(ctx, &s)
			p.publish(&s)
			p.Look()
			return err
		}
	}
	return ErrOrder
}
