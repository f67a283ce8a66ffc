package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"swarmbid/wallet/btt"
)

var (
	// ErrFalls means that a promise, or what was redeemed of it, would become less.
	ErrFalls = errors.New("ledger: a promise never falls")
	// ErrSettled means that a transaction of the chain was counted before.
	ErrSettled = errors.New("ledger: transaction counted before")
)

// LaneKey names one direction of what two accounts owe each other.
type LaneKey struct {
	Chain        int64    // chain id of the signing domain
	Escrow       [20]byte // the contract, zero if payment is by transfers
	Payer, Payee [20]byte // TRON addresses without 0x41
	Paid         bool     // we are the payee
}

// Lane is the state of one direction. Amounts are in µBTT; package bidding/lane
// says what the fields mean. The zero values are those of two that never met.
type Lane struct {
	LaneKey
	Cumulative btt.Amount // the best promise
	Signature  [65]byte   // the payer's; zero where we are the payer
	Due        btt.Amount
	Bytes      int64
	Unpaid     int64 // bytes
	Repay      int64 // bytes
	Lost       btt.Amount
	Strikes    int
	Until      time.Time  // zero if there is no back-off
	Redeemed   btt.Amount // of Cumulative
	Changed    time.Time
}

// maxLanes bounds what Lanes returns.
const maxLanes = 10_000

const laneColumns = `chain, escrow, payer, payee, direction, cumulative, signature, due, bytes, unpaid, repay, lost, strikes, until, redeemed, changed`

// PutLane writes a lane. It returns ErrFalls for a promise below the one that is
// kept, or the same one with another signature.
func (tx *Tx) PutLane(ctx context.Context, l Lane) error {
	until := int64(0)
	if !l.Until.IsZero() {
		until = l.Until.UnixMilli()
	}
	_, err := tx.sql.ExecContext(ctx, `INSERT INTO lane (`+laneColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET cumulative = excluded.cumulative, signature = excluded.signature, due = excluded.due, bytes = excluded.bytes,
		unpaid = excluded.unpaid, repay = excluded.repay, lost = excluded.lost, strikes = excluded.strikes, until = excluded.until,
		redeemed = excluded.redeemed, changed = excluded.changed`,
		l.Chain, l.Escrow[:], l.Payer[:], l.Payee[:], l.direction(), l.Cumulative, l.Signature[:], l.Due, l.Bytes, l.Unpaid, l.Repay, l.Lost,
		l.Strikes, until, l.Redeemed, l.Changed.UnixMilli())
	if err != nil {
		if strings.Contains(err.Error(), "lane: never falls") {
			err = ErrFalls
		}
		return fmt.Errorf("write the lane %x to %x: %w", l.Payer, l.Payee, explain(err))
	}
	return nil
}

func (k LaneKey) direction() string {
	if k.Paid {
		return "in"
	}
	return "out"
}

// Lane returns the lane of a key; its zero state if there is none.
func (l *Ledger) Lane(ctx context.Context, k LaneKey) (Lane, error) {
	var all []Lane
	if err := l.each(ctx, scanLanes(&all), `SELECT `+laneColumns+` FROM lane
		WHERE chain = ? AND escrow = ? AND payer = ? AND payee = ? AND direction = ?`,
		k.Chain, k.Escrow[:], k.Payer[:], k.Payee[:], k.direction()); err != nil {
		return Lane{}, fmt.Errorf("read the lane %x to %x: %w", k.Payer, k.Payee, err)
	}
	if len(all) == 0 {
		return Lane{LaneKey: k}, nil
	}
	return all[0], nil
}

// Lanes returns the lanes in which we are paid, or those in which we pay, the
// greatest part that is not redeemed first, at most 10,000. What is not redeemed
// of those in which we are paid is money, and belongs into every backup.
func (l *Ledger) Lanes(ctx context.Context, paid bool) ([]Lane, error) {
	var all []Lane
	if err := l.each(ctx, scanLanes(&all), `SELECT `+laneColumns+` FROM lane WHERE direction = ?
		ORDER BY cumulative - redeemed DESC, chain, escrow, payer, payee LIMIT ?`, LaneKey{Paid: paid}.direction(), maxLanes); err != nil {
		return nil, fmt.Errorf("read the lanes: %w", err)
	}
	return all, nil
}

func scanLanes(all *[]Lane) func(scan func(...any) error) error {
	return func(scan func(...any) error) error {
		var l Lane
		var escrow, payer, payee, signature []byte
		var direction string
		var until, changed int64
		err := scan(&l.Chain, &escrow, &payer, &payee, &direction, &l.Cumulative, &signature, &l.Due, &l.Bytes, &l.Unpaid, &l.Repay, &l.Lost,
			&l.Strikes, &until, &l.Redeemed, &changed)
		copy(l.Escrow[:], escrow)
		copy(l.Payer[:], payer)
		copy(l.Payee[:], payee)
		copy(l.Signature[:], signature)
		l.Paid = direction == "in"
		if until != 0 {
			l.Until = time.UnixMilli(until).UTC()
		}
		l.Changed = time.UnixMilli(changed).UTC()
		*all = append(*all, l)
		return err
	}
}

// Settle marks a transaction of the chain as counted, or returns ErrSettled.
func (tx *Tx) Settle(ctx context.Context, chain int64, txid ID, amount btt.Amount, at time.Time) error {
	var one int
	err := tx.sql.QueryRowContext(ctx, `SELECT 1 FROM settled WHERE chain = ? AND txid = ?`, chain, txid[:]).Scan(&one)
	switch {
	case err == nil:
		return fmt.Errorf("count transaction %s: %w", txid, ErrSettled)
	case !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("count transaction %s: %w", txid, explain(err))
	}
	if _, err := tx.sql.ExecContext(ctx, `INSERT INTO settled (chain, txid, amount, at) VALUES (?, ?, ?, ?)`, chain, txid[:], amount, at.UnixMilli()); err != nil {
		return fmt.Errorf("count transaction %s: %w", txid, explain(err))
	}
	return nil
}
