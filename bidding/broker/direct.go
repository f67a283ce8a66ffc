package broker

import (
	"context"
	"errors"
	"time"

	"swarmbid/bidding/lane"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
)

// transferred counts a transfer of amount in lane r: what the event moved beyond it
// was set off against the lane in the other direction, which is settled by as much.
// A transaction that was counted before is refused by the ledger, and forgotten.
func (c *core) transferred(ctx context.Context, now time.Time, r *relation, e lane.Event, amount btt.Amount) error {
	if r == nil || !r.key.Direct() {
		return nil
	}
	payer, payee, before := r.payer, r.payee, r.promised()
	switch err := c.step(ctx, now, r, e); {
	case errors.Is(err, ledger.ErrSettled):
		r.payer, r.payee = payer, payee
		return nil
	case err != nil:
		return err
	}
	back := c.lanes[lane.Key{Chain: r.key.Chain, Escrow: r.key.Escrow, Payer: r.key.Payee, Payee: r.key.Payer}]
	if off := r.promised() - before - amount; off > 0 && back != nil {
		return c.step(ctx, now, back, lane.SetOff{Amount: off})
	}
	return nil
}

// promised is what the lane has settled or promised in all.
func (r *relation) promised() btt.Amount {
	if r.paid {
		return r.payee.Book.Cumulative
	}
	return r.payer.Book.Cumulative
}
