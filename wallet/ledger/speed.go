package ledger

import (
	"context"
	"fmt"
	"time"

	"swarmbid/wallet/btt"
)

// Speed is what paying has bought one torrent. What it cost is [Ledger.FlowOf].
type Speed struct {
	Torrent      string    // in hexadecimal
	Began, Ended time.Time // first and last measurement
	Buying       time.Duration
	Bytes        int64 // payload that came while buying, from anybody
	Paid         int64 // payload of it that is paid for
	Free         int64 // payload that would have come in that time for nothing
	// The estimate that stood before the first payment.
	EstimatedFree, EstimatedPaid int64 // bytes per second, without and with paying
	EstimatedBytes               int64 // what remained
	EstimatedCost                btt.Amount
}

// AddSpeed adds a measurement: its durations and bytes are what is new since the one
// before, Ended is now. The first one of a torrent keeps Began and the estimate.
func (l *Ledger) AddSpeed(ctx context.Context, s Speed) error {
	return l.Update(ctx, func(tx *Tx) error {
		_, err := tx.sql.ExecContext(ctx, `INSERT INTO speed (torrent, began, ended, buying, bytes, paid, free, est_free, est_paid, est_bytes, est_cost)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET ended = max(ended, excluded.ended), buying = buying + excluded.buying, bytes = bytes + excluded.bytes,
			paid = paid + excluded.paid, free = free + excluded.free`,
			s.Torrent, s.Began.UnixMilli(), s.Ended.UnixMilli(), s.Buying.Milliseconds(), s.Bytes, s.Paid, s.Free,
			s.EstimatedFree, s.EstimatedPaid, s.EstimatedBytes, s.EstimatedCost)
		if err != nil {
			return fmt.Errorf("write what was bought for %s: %w", s.Torrent, explain(err))
		}
		return nil
	})
}

// Speed returns what was measured of a torrent; ok is false if nothing was.
func (l *Ledger) Speed(ctx context.Context, torrent string) (s Speed, ok bool, err error) {
	err = l.each(ctx, func(scan func(...any) error) error {
		ok = true
		var began, ended, buying int64
		err := scan(&s.Torrent, &began, &ended, &buying, &s.Bytes, &s.Paid, &s.Free, &s.EstimatedFree, &s.EstimatedPaid, &s.EstimatedBytes, &s.EstimatedCost)
		s.Began, s.Ended, s.Buying = time.UnixMilli(began).UTC(), time.UnixMilli(ended).UTC(), time.Duration(buying)*time.Millisecond
		return err
	}, `SELECT torrent, began, ended, buying, bytes, paid, free, est_free, est_paid, est_bytes, est_cost FROM speed WHERE torrent = ?`, torrent)
	if err != nil {
		return s, false, fmt.Errorf("read what was bought for %s: %w", torrent, err)
	}
	return s, ok, nil
}

// FlowOf returns what one torrent has earned and cost in a period, and how many
// peers were paid for it.
func (l *Ledger) FlowOf(ctx context.Context, torrent string, p Period) (f Flow, payees int, err error) {
	from, to := p.millis()
	err = l.read.QueryRowContext(ctx, flows+`SELECT coalesce(sum(earned), 0), coalesce(sum(spent), 0), count(DISTINCT iif(spent > 0, peer, NULL)) FROM flow WHERE torrent = ?3`,
		from, to, torrent).Scan(&f.Earned, &f.Spent, &payees)
	if err != nil {
		return Flow{}, 0, fmt.Errorf("flow of %s: %w", torrent, explain(err))
	}
	return f, payees, nil
}
