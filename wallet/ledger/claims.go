package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"swarmbid/wallet/btt"
)

// ClaimState is how far a received promise came on its way to money. The schema says
// which states may follow which.
type ClaimState string

// The states. A greater promise makes Redeemed and Dust Held again.
const (
	Held     ClaimState = "held"     // kept; nothing is being done
	Queued   ClaimState = "queued"   // decided to be redeemed, not sent before its time
	InTx     ClaimState = "in-tx"    // presented in a transaction whose end is not known
	Redeemed ClaimState = "redeemed" // paid in full
	Bounced  ClaimState = "bounced"  // the payer's deposit lacked Rest, which stays claimable
	Dust     ClaimState = "dust"     // redeeming it would cost more than it is worth
)

// Claim is what becomes of the promise of one lane in which we are paid.
type Claim struct {
	LaneKey            // Paid is always true
	State   ClaimState // never empty
	// Batch is the intent that presents it, while Queued or InTx; else zero.
	Batch     ID
	Presented btt.Amount // the promise as the batch has it, else 0
	Withdraw  bool       // to the wallet, else into our deposit
	Auto      bool       // the program's own doing
	Due       time.Time  // Queued: not sent before; Held: not queued again by itself before
	Settled   btt.Amount // what the escrow has paid in all
	Last      btt.Amount // by the last redemption
	Rest      btt.Amount // that bounced with it
	Changed   time.Time

	// Of the lane, and only read:
	Cumulative btt.Amount // the best promise, never less than Settled
	Signature  [65]byte
}

// Open is what is promised and not paid.
func (c Claim) Open() btt.Amount { return max(0, c.Cumulative-c.Settled) }

const claimColumns = `c.chain, c.escrow, c.payer, c.payee, c.state, c.batch, c.presented, c.withdraw, c.auto, c.due, c.settled, c.paid, c.rest, c.changed,
	l.cumulative, l.signature`

// Claims returns the claims on all escrows of a chain, the greatest open first, at
// most 10,000.
func (l *Ledger) Claims(ctx context.Context, chain int64) ([]Claim, error) {
	var all []Claim
	if err := l.each(ctx, func(scan func(...any) error) error {
		c := Claim{LaneKey: LaneKey{Paid: true}}
		var escrow, payer, payee, batch, signature []byte
		var due, changed int64
		err := scan(&c.Chain, &escrow, &payer, &payee, &c.State, &batch, &c.Presented, &c.Withdraw, &c.Auto, &due, &c.Settled, &c.Last, &c.Rest, &changed,
			&c.Cumulative, &signature)
		copy(c.Escrow[:], escrow)
		copy(c.Payer[:], payer)
		copy(c.Payee[:], payee)
		copy(c.Batch[:], batch)
		copy(c.Signature[:], signature)
		c.Due, c.Changed = instant(due), instant(changed)
		all = append(all, c)
		return err
	}, `SELECT `+claimColumns+` FROM claim c JOIN lane l USING (chain, escrow, payer, payee)
		WHERE l.direction = 'in' AND c.chain = ? ORDER BY l.cumulative - c.settled DESC, c.escrow, c.payer, c.payee LIMIT ?`, chain, maxLanes); err != nil {
		return nil, fmt.Errorf("read the claims: %w", err)
	}
	return all, nil
}

// SetClaim writes a claim, if it still is in state from; else it returns ErrStale.
// What is the lane's is not written. Errors: ErrStale, ErrInvalid for a step that
// there is not, ErrFalls for less settled than before.
func (tx *Tx) SetClaim(ctx context.Context, from ClaimState, c Claim) error {
	var batch []byte
	if c.Batch != (ID{}) {
		batch = c.Batch[:]
	}
	res, err := tx.sql.ExecContext(ctx, `UPDATE claim SET state = ?, batch = ?, presented = ?, withdraw = ?, auto = ?, due = ?, settled = ?, paid = ?, rest = ?, changed = ?
		WHERE chain = ? AND escrow = ? AND payer = ? AND payee = ? AND state = ?`,
		c.State, batch, c.Presented, c.Withdraw, c.Auto, millis(c.Due), c.Settled, c.Last, c.Rest, millis(c.Changed),
		c.Chain, c.Escrow[:], c.Payer[:], c.Payee[:], from)
	if err != nil {
		if strings.Contains(err.Error(), "claim: never falls") {
			err = ErrFalls
		}
		return fmt.Errorf("claim of %x from %s to %s: %w", c.Payer, from, c.State, explain(err))
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("claim of %x from %s to %s: %w", c.Payer, from, c.State, errors.Join(ErrStale, err))
	}
	return nil
}

// instant reads milliseconds; 0 is the zero time.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// millis is the inverse of instant.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// EscrowKey names an account of an escrow.
type EscrowKey struct {
	Chain           int64 // chain id of the signing domain
	Escrow, Account [20]byte
}

// EscrowSeen is what an account held when it was last looked at. The zero time is
// never.
type EscrowSeen struct {
	EscrowKey
	Free, Exiting btt.Amount
	Ready         time.Time  // from when an exit can be finished; zero if none was ever started
	Allowance     btt.Amount // what our savings let the escrow take; 0 for accounts of others
	Seen          time.Time
}

// PutEscrow writes what was seen.
func (tx *Tx) PutEscrow(ctx context.Context, s EscrowSeen) error {
	if _, err := tx.sql.ExecContext(ctx, `INSERT INTO escrow_account (chain, escrow, account, free, exiting, ready, allowance, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET free = excluded.free, exiting = excluded.exiting, ready = excluded.ready, allowance = excluded.allowance, seen = excluded.seen`,
		s.Chain, s.Escrow[:], s.Account[:], s.Free, s.Exiting, millis(s.Ready), s.Allowance, millis(s.Seen)); err != nil {
		return fmt.Errorf("write what %x holds: %w", s.Account, explain(err))
	}
	return nil
}

// Escrows returns what is known of the accounts of a chain's escrows, at most 10,000.
func (l *Ledger) Escrows(ctx context.Context, chain int64) (map[EscrowKey]EscrowSeen, error) {
	all := map[EscrowKey]EscrowSeen{}
	if err := l.each(ctx, func(scan func(...any) error) error {
		var s EscrowSeen
		var escrow, account []byte
		var ready, seen int64
		err := scan(&s.Chain, &escrow, &account, &s.Free, &s.Exiting, &ready, &s.Allowance, &seen)
		copy(s.Escrow[:], escrow)
		copy(s.Account[:], account)
		s.Ready, s.Seen = instant(ready), instant(seen)
		all[s.EscrowKey] = s
		return err
	}, `SELECT chain, escrow, account, free, exiting, ready, allowance, seen FROM escrow_account WHERE chain = ? ORDER BY seen DESC LIMIT ?`, chain, maxLanes); err != nil {
		return nil, fmt.Errorf("read the escrow's accounts: %w", err)
	}
	return all, nil
}

// Drawn returns what the payee of a lane has drawn from our deposit as far as it is
// booked.
func (l *Ledger) Drawn(ctx context.Context, k LaneKey) (total btt.Amount, err error) {
	err = l.read.QueryRowContext(ctx, `SELECT total FROM drawn WHERE chain = ? AND escrow = ? AND payer = ? AND payee = ?`,
		k.Chain, k.Escrow[:], k.Payer[:], k.Payee[:]).Scan(&total)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read what %x has drawn: %w", k.Payee, explain(err))
	}
	return total, nil
}

// SetDrawn writes what Drawn returns; ErrStale unless it was before.
func (tx *Tx) SetDrawn(ctx context.Context, k LaneKey, before, total btt.Amount) error {
	res, err := tx.sql.ExecContext(ctx, `INSERT INTO drawn (chain, escrow, payer, payee, total) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT DO UPDATE SET total = excluded.total WHERE total = ?6`, k.Chain, k.Escrow[:], k.Payer[:], k.Payee[:], total, before)
	if err != nil {
		return fmt.Errorf("write what %x has drawn: %w", k.Payee, explain(err))
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("write what %x has drawn: %w", k.Payee, errors.Join(ErrStale, err))
	}
	return nil
}

// Settled reports whether a transaction of the chain was counted, see [Tx.Settle].
func (l *Ledger) Settled(ctx context.Context, chain int64, txid ID) (bool, error) {
	var n int
	if err := l.read.QueryRowContext(ctx, `SELECT count(*) FROM settled WHERE chain = ? AND txid = ?`, chain, txid[:]).Scan(&n); err != nil {
		return false, fmt.Errorf("look for transaction %s: %w", txid, explain(err))
	}
	return n > 0, nil
}

// OutgoingOf returns one intent of a chain; ok is false if there is none.
func (l *Ledger) OutgoingOf(ctx context.Context, chain, intent ID) (o Outgoing, ok bool, err error) {
	err = l.each(ctx, func(scan func(...any) error) error {
		ok = true
		return o.scan(scan)
	}, `SELECT intent, chain, owner, body, state, txid, raw, sig, expires, block, fee, reason, created, changed FROM outbox WHERE chain = ? AND intent = ?`, chain[:], intent[:])
	if err != nil {
		return o, false, fmt.Errorf("read the outbox: %w", err)
	}
	return o, ok && bytes.Equal(o.Intent[:], intent[:]), nil
}
