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
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/voucher"
)

// restAfter is how long a claim is left alone by itself after its transaction failed.
const restAfter = 24 * time.Hour

// settle brings claims in a transaction to their end.
func (t *Till) settle(ctx context.Context) error {
	claims, _, err := t.claims(ctx)
	if err != nil {
		return err
	}
	batches := map[ledger.ID][]ledger.Claim{}
	for _, c := range claims {
		if c.State == ledger.InTx {
			batches[c.Batch] = append(batches[c.Batch], c.Claim)
		}
		if c.Settled > 0 { // what was settled in an earlier run is said again
			t.tellSettled(c.LaneKey.Payer, c.Payee, c.Settled)
		}
	}
	var faults []error
	for id, batch := range batches {
		tx, ok, err := t.cfg.Chain.Transaction(ctx, id)
		switch {
		case err != nil:
			return books(err)
		case !ok: // the process died before it was recorded: nothing was sent
			err = t.release(ctx, batch, time.Time{})
		case tx.State == outbox.SolidOK:
			err = t.outcome(ctx, tx, batch)
		case tx.State == outbox.SolidFailed: // its fee is gone; not again at once
			err = t.release(ctx, batch, t.cfg.Now().Add(restAfter))
		case !tx.State.Live():
			err = t.release(ctx, batch, time.Time{})
		}
		if errors.Is(err, errBooks) {
			return err
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// release gives claims back: nothing of them was paid.
func (t *Till) release(ctx context.Context, batch []ledger.Claim, rest time.Time) error {
	now := t.cfg.Now()
	return books(t.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error {
		for _, c := range batch {
			before := c.State
			c.State, c.Batch, c.Presented, c.Due, c.Changed, c.Auto = ledger.Held, ledger.ID{}, 0, rest, now, false
			if err := tx.SetClaim(ctx, before, c); err != nil {
				return err
			}
		}
		return nil
	}))
}

// outcome reads from the escrow's events what a redemption has paid, and books it.
func (t *Till) outcome(ctx context.Context, x tron.Tx, batch []ledger.Claim) error {
	events, err := t.cfg.Chain.EscrowEvents(ctx, x.TxID)
	if err != nil {
		return fmt.Errorf("read what was redeemed: %w", err)
	}
	payee := voucher.Address(batch[0].Payee) // of all: it sent the transaction
	paid, bounced := map[voucher.Address]btt.Amount{}, map[voucher.Address]btt.Amount{}
	for _, e := range events {
		switch e := e.(type) {
		case escrow.Redeemed:
			if e.Payee == payee {
				paid[e.Payer] += e.Amount
			}
		case escrow.Bounced:
			if e.Payee == payee {
				bounced[e.Payer] += e.Missing
			}
		}
	}
	now, own := t.cfg.Now(), ledger.Deposit
	err = t.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error {
		for _, c := range batch {
			if c.Withdraw {
				own = ledger.Onchain
			}
			c.Last, c.Rest = paid[c.Payer], bounced[c.Payer]
			c.Settled += c.Last
			c.Batch, c.Presented, c.Changed, c.Due, c.Auto = ledger.ID{}, 0, now, time.Time{}, false
			c.State = ending(c)
			if err := tx.SetClaim(ctx, ledger.InTx, c); err != nil {
				return err
			}
			if c.Last == 0 {
				continue
			}
			if err := tx.Record(ctx, ledger.Transfer{
				ID: t.pairID("redeemed", c.LaneKey, c.Settled), At: now, Kind: "redeemed", Phase: ledger.Posted, Debit: own,
				Credit: ledger.Receivable(voucher.Address(c.Payer).String()), Amount: c.Last, Note: fmt.Sprintf("%x", x.TxID),
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return books(err)
	}
	t.at("settled")
	for _, c := range batch {
		delete(t.looked, [2]voucher.Address{c.Payer, payee}) // its deposit has changed
		t.tellSettled(c.Payer, payee, c.Settled+paid[c.Payer])
	}
	return nil
}

// ending is the state that a claim comes to after its redemption.
func ending(c ledger.Claim) ledger.ClaimState {
	switch {
	case c.Rest > 0:
		return ledger.Bounced
	case c.Open() == 0:
		return ledger.Redeemed
	}
	return ledger.Held // more was promised meanwhile, or it was redeemed elsewhere
}

// finished books exits that are through: what they paid is in the escrow's event,
// since a payee may have drawn on it until the last moment.
func (t *Till) finished(ctx context.Context) error {
	txs, err := t.cfg.Chain.Transactions(ctx, maxTxs)
	if err != nil {
		return books(err)
	}
	for _, x := range txs {
		if x.Intent.Kind != KindFinish || x.State != outbox.SolidOK || t.booked[x.TxID] {
			continue
		}
		events, err := t.cfg.Chain.EscrowEvents(ctx, x.TxID)
		if err != nil {
			return fmt.Errorf("read what was paid out: %w", err)
		}
		for _, e := range events {
			f, ok := e.(escrow.ExitFinished)
			if !ok || f.Account != t.cfg.Spending || f.Amount <= 0 {
				continue
			}
			if err := t.cfg.Ledger.Record(ctx, ledger.Transfer{
				ID: ledger.NewID("exit finished", x.TxID[:]), At: x.Changed, Kind: KindFinish, Phase: ledger.Posted, Debit: ledger.Onchain, Credit: ledger.Deposit,
				Amount: f.Amount, Note: fmt.Sprintf("%x", x.TxID),
			}); err != nil {
				return books(err)
			}
		}
		t.booked[x.TxID] = true
	}
	return nil
}
