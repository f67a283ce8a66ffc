package ledger

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// WriteCSV writes the transfers of a period to w, oldest first, under a line of
// headings (RFC 4180). Times are UTC, amounts exact decimals with a point.
//
// Text that a spreadsheet would take for a formula gets an apostrophe before it:
// notes may carry what others wrote.
func (l *Ledger) WriteCSV(ctx context.Context, w io.Writer, p Period) error {
	from, to := p.millis()
	out := csv.NewWriter(w)
	_ = out.Write([]string{"time", "id", "kind", "phase", "resolves", "debit", "credit", "amount", "unit", "torrent", "note"}) // an error stays in out
	err := l.each(ctx, func(scan func(...any) error) error {
		var t Transfer
		var unit, resolves string
		if err := t.scan(scan, &unit); err != nil {
			return err
		}
		if t.Resolves != (ID{}) {
			resolves = t.Resolves.String()
		}
		amount, _, _ := strings.Cut(t.Amount.String(), " ")
		return out.Write([]string{
			t.At.Format("2006-01-02T15:04:05.000Z07:00"), t.ID.String(), t.Kind, string(t.Phase), resolves,
			string(t.Debit), string(t.Credit), amount, unit, inert(t.Torrent), inert(t.Note),
		})
	}, `SELECT `+columns+`, d.unit FROM transfer t
		JOIN account d ON d.id = t.debit JOIN account c ON c.id = t.credit
		WHERE t.at >= ? AND t.at < ? ORDER BY t.at, t.seq`, from, to)
	out.Flush()
	if err := errors.Join(err, out.Error()); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// inert returns s such that no spreadsheet evaluates it.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
