package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"swarmbid/wallet/btt"
)

// PayoutState is how far a transfer came that settles a debt to a peer. The schema says
// which states may follow which.
type PayoutState string

// The states.
const (
	PayoutQueued  PayoutState = "queued"  // decided and shown, not sent before its time
	PayoutInTx    PayoutState = "in-tx"   // its intent may be in the outbox
	PayoutPaid    PayoutState = "paid"    // final; the payee has not said that it holds it
	PayoutTold    PayoutState = "told"    // the payee holds it
	PayoutDropped PayoutState = "dropped" // nothing was paid, for Why
)

// Payout is one such transfer.
type Payout struct {
	ID           ID       // of its intent
	Chain        int64    // chain id of the signing domain
	Payer, Payee [20]byte // TRON addresses without 0x41
	Amount       btt.Amount
	State        PayoutState // never empty
	Ask          bool        // sent only when the user says so
	Due          time.Time   // queued: not sent before; dropped: not decided again before
	TxID         ID          // zero until it is final
	Held         btt.Amount  // paid: what the payee must say it holds; else what it said last
	Why          string      // dropped; at most 200 characters
	Changed      time.Time
}

// Live reports whether it is not at its end.
func (p Payout) Live() bool {
	return p.State == PayoutQueued || p.State == PayoutInTx || p.State == PayoutPaid
}

// ErrLive means that a transfer to the payee is under way.
var ErrLive = errors.New("ledger: a transfer to this payee is under way")

// AddPayout begins one as queued. Errors: ErrLive, ErrInvalid.
func (tx *Tx) AddPayout(ctx context.Context, p Payout) error {
	_, err := tx.sql.ExecContext(ctx, `INSERT INTO payout (id, chain, payer, payee, amount, state, ask, due, held, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.ID[:], p.Chain, p.Payer[:], p.Payee[:], p.Amount, PayoutQueued, p.Ask, millis(p.Due), p.Held, millis(p.Changed))
	if err != nil && strings.Contains(err.Error(), "UNIQUE") {
		err = ErrLive
	}
	if err != nil {
		return fmt.Errorf("payout to %x: %w", p.Payee, explain(err))
	}
	return nil
}

// SetPayout writes one, if it still is in state from; else it returns ErrStale. It is
// ErrInvalid for a step that there is not.
func (tx *Tx) SetPayout(ctx context.Context, from PayoutState, p Payout) error {
	var txid []byte
	if p.TxID != (ID{}) {
		txid = p.TxID[:]
	}
	res, err := tx.sql.ExecContext(ctx, `UPDATE payout SET state = ?, ask = ?, due = ?, txid = ?, held = ?, why = ?, changed = ? WHERE id = ? AND state = ?`,
		p.State, p.Ask, millis(p.Due), txid, p.Held, p.Why, millis(p.Changed), p.ID[:], from)
	if err != nil {
		return fmt.Errorf("payout to %x from %s to %s: %w", p.Payee, from, p.State, explain(err))
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("payout to %x from %s to %s: %w", p.Payee, from, p.State, errors.Join(ErrStale, err))
	}
	return nil
}

// maxPayouts bounds what Payouts returns.
const maxPayouts = 10_000

// Payouts returns for each payee of payer the last one, and all that are live, the
// newest first, at most 10,000.
func (l *Ledger) Payouts(ctx context.Context, chain int64, payer [20]byte) (all []Payout, err error) {
	if err := l.each(ctx, func(scan func(...any) error) error {
		p := Payout{Chain: chain, Payer: payer}
		var id, payee, txid []byte
		var due, changed int64
		err := scan(&id, &payee, &p.Amount, &p.State, &p.Ask, &due, &txid, &p.Held, &p.Why, &changed)
		copy(p.ID[:], id)
		copy(p.Payee[:], payee)
		copy(p.TxID[:], txid)
		p.Due, p.Changed = instant(due), instant(changed)
		all = append(all, p)
		return err
	}, `SELECT id, payee, amount, state, ask, due, txid, held, why, changed FROM payout p WHERE chain = ?1 AND payer = ?2 AND rowid =
		(SELECT max(rowid) FROM payout q WHERE q.chain = ?1 AND q.payer = ?2 AND q.payee = p.payee) ORDER BY changed DESC, rowid DESC LIMIT ?3`,
		chain, payer[:], maxPayouts); err != nil {
		return nil, fmt.Errorf("read the payouts: %w", err)
	}
	return all, nil
}
