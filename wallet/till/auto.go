package till

import (
	"context"
	"errors"
	"fmt"
	"time"

	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

// forbidden is how long nothing is done unasked with vouchers of which the user said
// so.
const forbidden = 30 * 24 * time.Hour

// redeem decides about what is done unasked, shows it, and does it in its time.
func (t *Till) redeem(ctx context.Context) error {
	claims, _, err := t.claims(ctx)
	if err != nil {
		return err
	}
	if err := t.sift(ctx, claims); err != nil {
		return err
	}
	var queued, broken []ledger.Claim
	for _, c := range claims {
		switch {
		case c.State == ledger.InTx:
			return nil // one at a time
		case c.State == ledger.Queued && c.Auto:
			queued = append(queued, c.Claim)
		case c.State == ledger.Queued: // the process died between an order and its transaction
			broken = append(broken, c.Claim)
		}
	}
	if len(broken) > 0 {
		return t.release(ctx, broken, time.Time{})
	}
	p := t.cfg.Policy()
	if len(queued) > 0 {
		return t.proceed(ctx, p, queued)
	}
	plan := Decide(p, t.price, holdings(claims, t.cfg.Spending, t.cfg.Now()), false)
	if !plan.Auto || t.cfg.Signer == nil {
		return nil
	}
	id, err := newID()
	if err != nil {
		return err
	}
	var batch []ledger.Claim
	for _, n := range plan.Take {
		batch = append(batch, claims[n].Claim)
	}
	due := t.cfg.Now().Add(t.cfg.Notice)
	if half := plan.Leaving.Sub(t.cfg.Now()) / 2; !plan.Leaving.IsZero() && half < t.cfg.Notice {
		due = t.cfg.Now().Add(max(0, half))
	}
	if _, err = t.enqueue(ctx, batch, id, p.Withdraw, true, due); err == nil && t.cfg.Announced != nil {
		t.cfg.Announced(Next{Batch: id, At: due, Vouchers: len(batch), Amount: plan.Amount, Fee: plan.Fee, Withdraw: p.Withdraw, Auto: true})
	}
	return err
}

// sift writes down which claims are dust at today's prices, and which no longer are.
func (t *Till) sift(ctx context.Context, claims []Claim) error {
	dust := map[int]bool{}
	for _, a := range append([]voucher.Address{t.cfg.Spending}, t.cfg.Former...) {
		for _, n := range Decide(t.cfg.Policy(), t.price, holdings(claims, a, t.cfg.Now()), true).Dust {
			dust[n] = true
		}
	}
	return books(t.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error {
		for n := range claims {
			c := &claims[n]
			before := c.State
			switch {
			case before == ledger.Held && dust[n]:
				c.State = ledger.Dust
			case before == ledger.Dust && !dust[n]:
				c.State = ledger.Held
			default:
				continue
			}
			c.Changed = t.cfg.Now()
			if err := tx.SetClaim(ctx, before, c.Claim); err != nil {
				return err
			}
		}
		return nil
	}))
}

// proceed sends what is queued, when it is time, still allowed and still worth it.
func (t *Till) proceed(ctx context.Context, p Policy, queued []ledger.Claim) error {
	now := t.cfg.Now()
	if !p.Auto || queued[0].Payee != t.cfg.Spending { // the user has changed the policy, or the account
		return t.release(ctx, queued, time.Time{})
	}
	if now.Before(queued[0].Due) || t.cfg.Signer == nil {
		return nil
	}
	i, err := t.present(queued[0].Batch, queued, queued[0].Withdraw)
	if err != nil {
		return errors.Join(err, t.release(ctx, queued, now.Add(restAfter)))
	}
	if !t.cfg.Signer.Unlocked() { // asked first, so that a locked wallet leaves no trace in the outbox
		return t.wait(fmt.Errorf("redeem: %w", wallet.ErrLocked))
	}
	q, err := t.cfg.Chain.Quote(ctx, i)
	if err != nil {
		return t.wait(err)
	}
	worth := Plan{Amount: sumOf(queued), Fee: q.Fee, Cost: p.worth(q.Fee)}
	if worth.Cost <= 0 || worth.Cost >= worth.Amount || !within(worth.Cost, worth.Amount, p.Fee) && !t.leaving(queued) {
		return t.release(ctx, queued, now.Add(t.cfg.Notice))
	}
	r, err := t.cfg.Chain.Prepare(ctx, q)
	if err != nil {
		return t.wait(err)
	}
	return t.submit(ctx, r, pen{t.cfg.Signer, t.cfg.Spending}, queued)
}

// wait notes why what is due is not sent.
func (t *Till) wait(why error) error {
	s := *t.snap.Load()
	if s.Next != nil {
		n := *s.Next
		n.Waiting = why
		s.Next = &n
		t.snap.Store(&s)
	}
	return why
}

// leaving reports whether a payer of the batch is about to be gone.
func (t *Till) leaving(batch []ledger.Claim) bool {
	for _, c := range t.snap.Load().Claims {
		for _, b := range batch {
			if c.LaneKey == b.LaneKey && !c.Leaving().IsZero() {
				return true
			}
		}
	}
	return false
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

// Forbid takes back what would be done unasked; its vouchers are left alone for 30
// days, or until the user redeems them. It returns ErrOrder if nothing is queued.
func (t *Till) Forbid(ctx context.Context) error {
	return t.queued(ctx, func(batch []ledger.Claim) error { return t.release(ctx, batch, t.cfg.Now().Add(forbidden)) })
}

// Hurry does what would be done unasked now, at the next look. It returns ErrOrder if
// nothing is queued.
func (t *Till) Hurry(ctx context.Context) error {
	return t.queued(ctx, func(batch []ledger.Claim) error {
		return books(t.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error {
			for _, c := range batch {
				c.Due = t.cfg.Now()
				if err := tx.SetClaim(ctx, ledger.Queued, c); err != nil {
					return err
				}
			}
			return nil
		}))
	})
}

func (t *Till) queued(ctx context.Context, f func([]ledger.Claim) error) error {
	t.work.Lock()
	defer t.work.Unlock()
	claims, _, err := t.claims(ctx)
	if err != nil {
		return err
	}
	var batch []ledger.Claim
	for _, c := range claims {
		if c.State == ledger.Queued && c.Auto {
			batch = append(batch, c.Claim)
		}
	}
	if len(batch) == 0 {
		return ErrOrder
	}
	if err := f(batch); err != nil {
		return err
	}
	t.Look()
	return t.publish(ctx, t.snap.Load().Err)
}

func sumOf(batch []ledger.Claim) (sum btt.Amount) {
	for _, c := range batch {
		sum += c.Open()
	}
	return sum
}
