package ledger

import (
	"context"
	"fmt"
)

// Audit checks the file and the books: the pages, the references, that every
// running total is the sum of its transfers, that in every unit debits equal
// credits, and that what was set off with a peer is what the books say. [Open] runs it.
// It returns ErrDamaged or ErrBooks, wrapped.
func (l *Ledger) Audit(ctx context.Context) error {
	var text string
	if err := l.read.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&text); err != nil {
		return fmt.Errorf("audit: %w", explain(err))
	}
	if text != "ok" {
		return fmt.Errorf("audit: %w: %s", ErrDamaged, text)
	}
	for _, check := range []struct{ what, query string }{
		{"dangling reference", `SELECT count(*), coalesce(min("table"), '') FROM pragma_foreign_key_check`},
		{"total that is not the sum of its transfers", auditTotals},
		{"unit whose debits are not its credits", `SELECT count(*), coalesce(min(unit), '') FROM (SELECT unit FROM account
			GROUP BY unit HAVING sum(debits_posted) <> sum(credits_posted) OR sum(debits_pending) <> sum(credits_pending))`},
		{"sum set off that is not the one in the books", auditNetting},
	} {
		var n int
		var first string
		if err := l.read.QueryRowContext(ctx, check.query).Scan(&n, &first); err != nil {
			return fmt.Errorf("audit: %w", explain(err))
		}
		if n > 0 {
			return fmt.Errorf("audit: %w: %d × %s, such as %s", ErrBooks, n, check.what, first)
		}
	}
	return nil
}

// auditTotals counts the accounts whose totals are wrong.
const auditTotals = `
WITH leg (account, dp, cp, dr, cr) AS (
	SELECT debit, iif(phase IN ('posted', 'post'), amount, 0), 0,
		CASE phase WHEN 'pending' THEN amount WHEN 'posted' THEN 0 ELSE -(SELECT amount FROM transfer p WHERE p.id = t.resolves) END, 0
		FROM transfer t
	UNION ALL
	SELECT credit, 0, iif(phase IN ('posted', 'post'), amount, 0), 0,
		CASE phase WHEN 'pending' THEN amount WHEN 'posted' THEN 0 ELSE -(SELECT amount FROM transfer p WHERE p.id = t.resolves) END
		FROM transfer t
), total AS (
	SELECT account, sum(dp) AS dp, sum(cp) AS cp, sum(dr) AS dr, sum(cr) AS cr FROM leg GROUP BY account
)
SELECT count(*), coalesce(min(path), '') FROM account a LEFT JOIN total s ON s.account = a.id
WHERE debits_posted <> coalesce(dp, 0) OR credits_posted <> coalesce(cp, 0)
	OR debits_pending <> coalesce(dr, 0) OR credits_pending <> coalesce(cr, 0)`
