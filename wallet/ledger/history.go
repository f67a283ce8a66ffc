package ledger

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Entry is a transfer as the history shows it.
type Entry struct {
	Transfer
	// Ended is Post or Void once a pending transfer was ended, empty while it is
	// open and for transfers that were never pending.
	Ended Phase
}

// Cursor is a place in the history. The zero value is its newest end.
type Cursor struct{ at, seq int64 }

// Page asks for a part of the history, newest first.
type Page struct {
	Account Account // one side of the transfers, empty for all
	Kind    string  // their kind, empty for all
	After   Cursor  // the place where the page before ended
	Limit   int     // entries, 1 to 1,000; others mean 100
}

// History returns a page, and the place where the next one goes on. A page with
// fewer entries than the limit is the last.
func (l *Ledger) History(ctx context.Context, p Page) ([]Entry, Cursor, error) {
	if p.Limit < 1 || p.Limit > 1000 {
		p.Limit = 100
	}
	if p.After == (Cursor{}) {
		p.After = Cursor{math.MaxInt64, math.MaxInt64}
	}
	const part = `AND (at, seq) < (?2, ?3) AND (?4 = '' OR kind = ?4) ORDER BY at DESC, seq DESC LIMIT ?5)`
	from := `SELECT * FROM (SELECT seq FROM transfer WHERE ?1 = '' ` + part
	if p.Account != "" {
		from = `SELECT * FROM (SELECT seq FROM transfer WHERE debit = (SELECT id FROM account WHERE path = ?1) ` + part + `
			UNION ALL SELECT * FROM (SELECT seq FROM transfer WHERE credit = (SELECT id FROM account WHERE path = ?1) ` + part
	}
	query := `SELECT ` + columns + `, coalesce(r.phase, ''), t.seq FROM transfer t
		JOIN account d ON d.id = t.debit JOIN account c ON c.id = t.credit
		LEFT JOIN transfer r ON r.resolves = t.id
		WHERE t.seq IN (` + from + `) ORDER BY t.at DESC, t.seq DESC LIMIT ?5`
	var page []Entry
	next := p.After
	if err := l.each(ctx, func(scan func(...any) error) error {
		var e Entry
		err := e.scan(scan, &e.Ended, &next.seq)
		next.at = e.At.UnixMilli()
		page = append(page, e)
		return err
	}, query, p.Account, p.After.at, p.After.seq, p.Kind, p.Limit); err != nil {
		return nil, Cursor{}, fmt.Errorf("history: %w", err)
	}
	return page, next, nil
}

// Period is a stretch of time, From included, To excluded. The zero value is
// all time: a zero To is no end.
type Period struct{ From, To time.Time }

// millis returns the bounds of p as the schema counts them.
func (p Period) millis() (from, to int64) {
	to = math.MaxInt64
	if !p.To.IsZero() {
		to = p.To.UnixMilli()
	}
	return p.From.UnixMilli(), to
}
