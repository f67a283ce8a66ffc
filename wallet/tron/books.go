package tron

import (
	"context"
	"fmt"
	"slices"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/voucher"
)

// reservations are the pending transfers of an intent: its fee, and what it
// moves out of or into this wallet.
func reservations(s sent, at time.Time) []ledger.Transfer {
	note := s.Note
	if note == "" {
		note = s.To.String()
	}
	var all []ledger.Transfer
	add := func(part string, b Booking) {
		if b.Amount > 0 {
			all = append(all, ledger.Transfer{
				ID: reservation(s.ID, part), At: at, Kind: s.Kind, Phase: ledger.Pending, Debit: b.Debit, Credit: b.Credit, Amount: b.Amount, Note: note,
			})
		}
	}
	for n, b := range s.Bookings {
		add(fmt.Sprintf("amount %d", n), b)
	}
	add("fee", Booking{ledger.TronFee, ledger.TRX, btt.Amount(s.MaxFee)})
	return all
}

func reservation(intent ledger.ID, part string) ledger.ID {
	return ledger.NewID("chain reservation", intent[:], []byte(part))
}

func resolution(reserved ledger.ID) ledger.ID { return ledger.NewID("chain resolution", reserved[:]) }

// moves are the bookings of an intent. What goes from one of our addresses to
// another moves nothing.
func (c *Chain) moves(i Intent) []Booking {
	if i.Asset == "" || len(i.Bookings) > 0 {
		return i.Bookings
	}
	if slices.Contains(c.watched(), i.To) {
		return nil
	}
	own, world := i.Asset.accounts()
	return []Booking{{world, own, i.Amount}}
}

// save writes a row after a step, with the end of its reservation if there is one.
func (c *Chain) save(ctx context.Context, r *row, next outbox.Tx, end outbox.Effect, effects moved) error {
	now := c.cfg.Now()
	o := r.stored
	o.State, o.TxID, o.Block, o.Fee, o.Reason, o.Changed = next.State.String(), next.ID, next.Block, next.Fee, next.Reason, now
	if next.Expires != 0 {
		o.Expires = time.UnixMilli(next.Expires).UTC()
	}
	err := c.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error {
		if err := tx.SetOutgoing(ctx, r.stored.State, o); err != nil {
			return err
		}
		if end == 0 {
			return nil
		}
		if err := tx.Record(ctx, resolutions(r, next, now)...); err != nil {
			return err
		}
		for k, by := range effects {
			if err := tx.Moved(ctx, o.Chain, k.address.String(), string(k.asset), next.Block, by); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errLedger, err)
	}
	r.stored, r.tx = o, next
	return nil
}

// resolutions end the pending transfers of a row: amounts are posted if it was
// carried out, the fee if it was in a block at all, the rest is given back. The
// reservations are those written then, whatever addresses are watched now.
func resolutions(r *row, next outbox.Tx, now time.Time) []ledger.Transfer {
	var all []ledger.Transfer
	end := func(part string, paid bool, amount btt.Amount) {
		p := reservation(r.sent.ID, part)
		t := ledger.Transfer{ID: resolution(p), At: now, Kind: r.sent.Kind, Phase: ledger.Void, Resolves: p, Note: next.Reason}
		if paid {
			t.Phase, t.Amount, t.Note = ledger.Post, amount, fmt.Sprintf("%x", next.ID)
		}
		all = append(all, t)
	}
	for n, b := range r.sent.Bookings {
		if b.Amount > 0 {
			end(fmt.Sprintf("amount %d", n), next.State == outbox.SolidOK, b.Amount)
		}
	}
	if r.sent.MaxFee == 0 {
		return append(all, excess(r, next, now)...)
	}
	burnt := min(next.Fee, r.sent.MaxFee)
	end("fee", burnt > 0 && next.State != outbox.Expired && next.State != outbox.Void, btt.Amount(burnt))
	return append(all, excess(r, next, now)...)
}

// excess is a fee above what was reserved: the parameters changed meanwhile.
func excess(r *row, next outbox.Tx, now time.Time) []ledger.Transfer {
	if next.Fee <= r.sent.MaxFee {
		return nil
	}
	return []ledger.Transfer{{
		ID: reservation(r.sent.ID, "fee above"), At: now, Kind: r.sent.Kind, Phase: ledger.Posted, Debit: ledger.TronFee, Credit: ledger.TRX,
		Amount: btt.Amount(next.Fee - r.sent.MaxFee), Note: fmt.Sprintf("%x", next.ID),
	}}
}

// balanceKey is one balance of one of our addresses.
type balanceKey struct {
	address voucher.Address
	asset   Asset
}

// moved is what a transaction did to our balances.
type moved map[balanceKey]btt.Amount

// movedBy reads from a receipt what the transaction did to our addresses.
func (c *Chain) movedBy(i Intent, f fate) moved {
	own, m := c.watched(), moved{}
	add := func(a voucher.Address, asset Asset, by btt.Amount) {
		if by != 0 && slices.Contains(own, a) {
			m[balanceKey{a, asset}] += by
		}
	}
	add(i.From, TRX, -btt.Amount(f.fee))
	switch {
	case !f.ok:
	case i.Asset != "":
		add(i.From, i.Asset, -i.Amount)
		add(i.To, i.Asset, i.Amount)
	default:
		for _, t := range tokenTransfers(f.logs, c.cfg.Network.BTT) {
			add(t.from, BTT, -t.amount)
			add(t.to, BTT, t.amount)
		}
	}
	return m
}
