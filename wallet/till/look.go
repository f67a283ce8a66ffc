package till

import (
	"context"
	"fmt"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/voucher"
)

// How often payers and prices are asked about: leaving takes seven days.
const (
	payerEvery = time.Hour
	priceEvery = 10 * time.Minute
	maxLooks   = 20 // payers in one round
)

// look reads our account, the payers that are due, and the prices.
func (t *Till) look(ctx context.Context) error {
	now := t.cfg.Now()
	if t.price.Energy == 0 || now.Sub(t.priced) > priceEvery {
		p, err := t.cfg.Chain.Prices(ctx)
		if err != nil {
			return err
		}
		t.price, t.priced = p, now
	}
	if err := t.lookAtOurs(ctx, now); err != nil {
		return err
	}
	claims, _, err := t.claims(ctx)
	if err != nil {
		return err
	}
	looks := 0
	for _, c := range claims {
		at := t.looked[c.pair()]
		if c.Open() == 0 || !at.IsZero() && now.Sub(at) < payerEvery {
			continue
		}
		if looks++; looks > maxLooks {
			break
		}
		if err := t.lookAtPayer(ctx, c, now); err != nil {
			return err
		}
		t.looked[c.pair()] = now
	}
	return nil
}

// stateOf reads an account of the escrow as it can no longer change.
func (t *Till) stateOf(ctx context.Context, a voucher.Address) (escrow.State, error) {
	ret, err := t.cfg.Chain.View(ctx, t.net.Escrow, escrow.StateOf(a))
	if err != nil {
		return escrow.State{}, fmt.Errorf("look at the deposit of %s: %w", a, err)
	}
	return escrow.ParseState(ret)
}

// paid reads what a pair has settled in all.
func (t *Till) paid(ctx context.Context, payer, payee voucher.Address) (btt.Amount, error) {
	ret, err := t.cfg.Chain.View(ctx, t.net.Escrow, escrow.Paid(payer, payee))
	if err != nil {
		return 0, fmt.Errorf("look at what %s has paid: %w", payer, err)
	}
	return escrow.ParsePaid(ret)
}

// lookAtOurs reads our account and books what payees drew from it.
func (t *Till) lookAtOurs(ctx context.Context, now time.Time) error {
	before, err := t.quiet(ctx)
	if err != nil {
		return err
	}
	s, err := t.stateOf(ctx, t.cfg.Spending)
	if err != nil {
		return err
	}
	ret, err := t.cfg.Chain.View(ctx, t.net.BTT, escrow.Allowance(t.cfg.Savings, t.net.Escrow))
	if err != nil {
		return fmt.Errorf("look at what the escrow may take: %w", err)
	}
	allowance, err := escrow.ParsePaid(ret)
	if err != nil {
		return err
	}
	seen := ledger.EscrowSeen{EscrowKey: t.key(t.cfg.Spending), Free: s.Free, Exiting: s.Exiting, Ready: s.Ready, Allowance: allowance, Seen: now}
	if err := t.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error { return tx.PutEscrow(ctx, seen) }); err != nil {
		return books(err)
	}
	b, err := t.cfg.Ledger.Balance(ctx, ledger.Deposit)
	if err != nil {
		return books(err)
	}
	if b.Posted == s.Free+s.Exiting {
		return nil
	}
	if err := t.drawn(ctx, now); err != nil {
		return err
	}
	after, err := t.quiet(ctx)
	if err != nil || before == "" || before != after {
		return err // an order of ours is under way, and will say what it moved
	}
	return t.found(ctx, s.Free+s.Exiting, now)
}

// quiet names the state of our own transactions while none is under way and all that
// ended are in the books; "" else.
func (t *Till) quiet(ctx context.Context) (string, error) {
	txs, err := t.cfg.Chain.Transactions(ctx, maxTxs)
	if err != nil {
		return "", books(err)
	}
	name := "none"
	for i, x := range txs {
		if x.State.Live() || x.Intent.Kind == KindFinish && x.State == outbox.SolidOK && !t.booked[x.TxID] {
			return "", nil
		}
		if i == 0 {
			name = x.Intent.ID.String()
		}
	}
	claims, _, err := t.claims(ctx)
	for _, c := range claims {
		if c.State == ledger.InTx {
			name = ""
		}
	}
	return name, err
}

// drawn books what payees have redeemed from our deposit.
func (t *Till) drawn(ctx context.Context, now time.Time) error {
	lanes, err := t.cfg.Ledger.Lanes(ctx, false)
	if err != nil {
		return books(err)
	}
	for _, l := range lanes {
		if l.Chain != t.chain() || l.Escrow != t.net.Escrow || l.Payer != t.cfg.Spending {
			continue
		}
		before, err := t.cfg.Ledger.Drawn(ctx, l.LaneKey)
		if err != nil {
			return books(err)
		}
		if before >= l.Cumulative {
			continue
		}
		total, err := t.paid(ctx, l.Payer, l.Payee)
		if err != nil {
			return err
		}
		if total > before {
			if err := t.bookDrawn(ctx, l.LaneKey, before, total, now); err != nil {
				return err
			}
		}
		t.tellSettled(l.Payer, l.Payee, total)
	}
	return nil
}

func (t *Till) bookDrawn(ctx context.Context, k ledger.LaneKey, before, total btt.Amount, now time.Time) error {
	payee := voucher.Address(k.Payee).String()
	return books(t.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error {
		if err := tx.SetDrawn(ctx, k, before, total); err != nil {
			return err
		}
		return tx.Record(ctx, ledger.Transfer{
			ID: t.pairID("drawn", k, total), At: now, Kind: "drawn", Phase: ledger.Posted, Debit: ledger.Payable(payee), Credit: ledger.Deposit, Amount: total - before, Note: "by " + payee,
		})
	}))
}

// found books a deposit that the books know nothing of: the wallet was restored, or
// somebody deposited for us.
func (t *Till) found(ctx context.Context, have btt.Amount, now time.Time) error {
	b, err := t.cfg.Ledger.Balance(ctx, ledger.Deposit)
	if err != nil || b.Posted == have || b.In != 0 || b.Out != 0 {
		return books(err)
	}
	x := ledger.Transfer{
		ID: ledger.NewID("deposit found", t.net.Escrow[:], t.cfg.Spending[:], fmt.Appendf(nil, "%d %d %d", b.Posted, have, now.UnixMilli())),
		At: now, Kind: "deposit-found", Phase: ledger.Posted, Debit: ledger.Deposit, Credit: ledger.World, Amount: have - b.Posted,
	}
	if x.Amount < 0 {
		x.Kind, x.Debit, x.Credit, x.Amount = "deposit-lost", ledger.World, ledger.Deposit, -x.Amount
	}
	return books(t.cfg.Ledger.Record(ctx, x))
}

// pairID names what brought a pair to a total, for ever.
func (t *Till) pairID(what string, k ledger.LaneKey, total btt.Amount) ledger.ID {
	return ledger.NewID(what, fmt.Appendf(nil, "%d", k.Chain), k.Escrow[:], k.Payer[:], k.Payee[:], fmt.Appendf(nil, "%d", total))
}

// lookAtPayer reads what a payer has, and what it has paid us already: with the same
// words elsewhere, or before a backup was restored.
func (t *Till) lookAtPayer(ctx context.Context, c Claim, now time.Time) error {
	payer, payee := voucher.Address(c.LaneKey.Payer), voucher.Address(c.Payee)
	s, err := t.stateOf(ctx, payer)
	if err != nil {
		return err
	}
	total, err := t.paid(ctx, payer, payee)
	if err != nil {
		return err
	}
	seen := ledger.EscrowSeen{EscrowKey: t.key(payer), Free: s.Free, Exiting: s.Exiting, Ready: s.Ready, Seen: now}
	err = t.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error {
		if err := tx.PutEscrow(ctx, seen); err != nil || total <= c.Settled || c.State == ledger.InTx || c.State == ledger.Queued {
			return err
		}
		x, before := c.Claim, c.State
		x.Settled, x.Changed, x.Last, x.Rest = total, now, total-c.Settled, 0
		if x.Open() == 0 {
			x.State = ledger.Redeemed
		}
		if err := tx.SetClaim(ctx, before, x); err != nil {
			return err
		}
		return tx.Record(ctx, ledger.Transfer{
			ID: t.pairID("redeemed", c.LaneKey, total), At: now, Kind: "redeemed", Phase: ledger.Posted, Debit: ledger.World,
			Credit: ledger.Receivable(payer.String()), Amount: total - c.Settled, Note: "not by this program",
		})
	})
	if err != nil {
		return books(err)
	}
	t.tellSettled(payer, payee, total)
	if t.cfg.Funded != nil {
		free := s.Free
		if s.Exiting > 0 {
			free = 0
		}
		t.cfg.Funded(payer, free)
	}
	return nil
}

// pair is who has promised and to whom.
func (c Claim) pair() [2]voucher.Address { return [2]voucher.Address{c.LaneKey.Payer, c.Payee} }

// tellSettled says a total that was not said before.
func (t *Till) tellSettled(payer, payee voucher.Address, total btt.Amount) {
	k := [2]voucher.Address{payer, payee}
	if t.cfg.Settled == nil || total == 0 || t.told[k] >= total {
		return
	}
	t.told[k] = total
	t.cfg.Settled(payer, payee, total)
}

// Settlement is what the escrow has paid of the promises of a pair.
type Settlement struct {
	Payer, Payee voucher.Address
	Total        btt.Amount
}

// Settlements are all totals that are known, for a broker that begins.
func (t *Till) Settlements(ctx context.Context) (out []Settlement, err error) {
	claims, _, err := t.claims(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range claims {
		if c.Settled > 0 {
			out = append(out, Settlement{c.LaneKey.Payer, c.Payee, c.Settled})
		}
	}
	lanes, err := t.cfg.Ledger.Lanes(ctx, false)
	if err != nil {
		return nil, books(err)
	}
	for _, l := range lanes {
		if l.Chain != t.chain() || l.Escrow != t.net.Escrow || l.Payer != t.cfg.Spending {
			continue
		}
		total, err := t.cfg.Ledger.Drawn(ctx, l.LaneKey)
		if err != nil {
			return nil, books(err)
		}
		if total > 0 {
			out = append(out, Settlement{l.Payer, l.Payee, total})
		}
	}
	return out, nil
}

// Funds asks what the deposit of a payer has free, 0 while it is leaving: what a
// broker wants to know of somebody it meets.
func (t *Till) Funds(ctx context.Context, payer voucher.Address) (btt.Amount, error) {
	s, err := t.stateOf(ctx, payer)
	if err != nil || s.Exiting > 0 {
		return 0, err
	}
	return s.Free, nil
}
