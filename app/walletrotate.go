package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"swarmbid/ui/view"
	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/payout"
	"swarmbid/wallet/till"
	"swarmbid/wallet/voucher"
)

// leastLeft is what of TRX is worth a transaction of its own when an account is given
// up: less may be what one costs.
const leastLeft = btt.Amount(2 * btt.TRX)

// formers are the accounts that may have been the spending account.
func formers(i wallet.Info) (out []voucher.Address) {
	for _, a := range i.Others {
		out = append(out, a.Address)
	}
	return out
}

// rotationOf is the way to another spending account as the window shows it: what is
// left in the account is to be moved before.
func rotationOf(s *till.Snapshot, now time.Time, payers []view.Payer) view.Rotation {
	r := s.Rotation(now)
	out := view.Rotation{
		Deposit: r.Deposit, Ready: r.Ready, Open: r.Open, Fee: r.Fee,
		Step: map[till.Step]view.RotateStep{
			till.StepLook: view.RotateLook, till.StepBusy: view.RotateBusy, till.StepLeave: view.RotateLeave, till.StepWait: view.RotateWait,
			till.StepFinish: view.RotateFinish, till.StepRotate: view.RotateReady,
		}[r.Step],
	}
	if out.Step != view.RotateReady {
		return out
	}
	for _, p := range payers {
		if p.Role != view.Spending {
			continue
		}
		for _, c := range []view.Coin{view.BTT, view.BTTOLD, view.TRX} { // TRX last: it pays for the others
			least := btt.Amount(0)
			if c == view.TRX {
				least = leastLeft
			}
			if have := p.Have[c]; have > least && (c != view.TRX || r.Open == 0) { // it will pay for redeeming
				out.Step, out.Coin, out.Left = view.RotateEmpty, c, have
				return out
			}
		}
	}
	return out
}

// Rotate implements dialogs.Wallet. Payments end before the key changes and begin
// again with the new one: a promise of one account is never signed by another.
func (p *purse) Rotate(ctx context.Context, password []byte) error {
	keys, err := p.wallet()
	if err != nil {
		return err
	}
	d, free, err := p.use(ctx)
	if err != nil {
		return err
	}
	t := d.tillNow()
	if t == nil {
		free()
		return errNoWallet
	}
	_, err = keys.SignAs(password, keys.Info().Spending.Path, voucher.Digest{1}) // nothing is closed for a wrong password
	if err == nil {
		err = d.debtsNow().Retire(ctx)
	}
	if errors.Is(err, payout.ErrBusy) {
		err = fmt.Errorf("%w: %w", till.ErrDeposit, err)
	}
	if err == nil {
		err = t.Retire(ctx)
	}
	free()
	if err != nil {
		return err
	}
	unlocked := keys.Unlocked()
	defer p.tell()
	if err := p.leave(ctx); err != nil {
		return err
	}
	_, err = keys.Rotate(password)
	if err == nil && unlocked {
		err = p.Unlock(ctx, password)
	}
	opened := p.adopt(ctx, keys)
	p.failed(opened)
	return errors.Join(err, opened)
}

// used reports whether an account was ever used: on the chain, or in the escrow, whose
// deposits are made by another account than that which owns them.
func (d *desk) used(ctx context.Context, a voucher.Address) (bool, error) {
	ok, err := d.chain.Used(ctx, a)
	if ok || err != nil || d.chain.Network().Escrow == (voucher.Address{}) {
		return ok, err
	}
	return till.HasAccount(ctx, d.chain, a)
}
