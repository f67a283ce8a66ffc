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

// ErrNetting means that more would be set off than was proposed, or less than before.
var ErrNetting = errors.New("ledger: set off beyond what was proposed")

// NetKey names a pair of accounts under one contract: ours and another.
type NetKey struct {
	Chain      int64    // chain id of the signing domain
	Escrow     [20]byte // the contract; never zero
	Own, Other [20]byte // TRON addresses without 0x41
}

// Netting is what a pair has set off of what it owed in both directions. Amounts are in
// µBTT; package bidding/lane says what the fields mean. The zero values are those of
// two that never did.
type Netting struct {
	NetKey
	Peer    string     // Other, as its accounts in the books are called
	Total   btt.Amount // in all
	Offered btt.Amount // what Total may become by an answer, not below it
	Number  int64      // of the last proposal, made or answered; from 1
	Changed time.Time
}

// The kinds of the three transfers of a set-off.
const (
	kindOffGiven    = "netted-given"
	kindOffReceived = "netted-received"
	kindOff         = "netted"
)

// SetOff writes a netting, and books what is more than before: as an expense for the
// torrent given, as an income from the torrent received, and what we owe the peer
// against what it owes us. It returns what is more. The lanes are the caller's to
// write, in the same transaction.
//
// It returns ErrNetting for a total or a number below the one that is kept, or a
// total above what was offered under the same number; ErrInvalid for other faults.
func (tx *Tx) SetOff(ctx context.Context, n Netting, given, received string) (btt.Amount, error) {
	fail := func(err error) (btt.Amount, error) {
		if strings.Contains(err.Error(), "netting: never falls") || strings.Contains(err.Error(), "netting: more than was proposed") {
			err = ErrNetting
		}
		return 0, fmt.Errorf("set off with %s: %w", n.Peer, explain(err))
	}
	var before btt.Amount
	err := tx.sql.QueryRowContext(ctx, `SELECT total FROM netting WHERE chain = ? AND escrow = ? AND own = ? AND other = ?`,
		n.Chain, n.Escrow[:], n.Own[:], n.Other[:]).Scan(&before)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fail(err)
	}
	if _, err := tx.sql.ExecContext(ctx, `INSERT INTO netting (chain, escrow, own, other, peer, total, offered, number, changed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET peer = excluded.peer, total = excluded.total, offered = excluded.offered, number = excluded.number, changed = excluded.changed`,
		n.Chain, n.Escrow[:], n.Own[:], n.Other[:], n.Peer, n.Total, n.Offered, n.Number, n.Changed.UnixMilli()); err != nil {
		return fail(err)
	}
	more := n.Total - before
	if more == 0 {
		return 0, nil
	}
	id := func(kind string) ID {
		return NewID(kind, fmt.Appendf(nil, "%d", n.Chain), n.Escrow[:], n.Own[:], n.Other[:], fmt.Appendf(nil, "%d", n.Total))
	}
	t := Transfer{At: n.Changed, Phase: Posted, Amount: more}
	gave, got, off := t, t, t
	gave.ID, gave.Kind, gave.Debit, gave.Credit, gave.Torrent, gave.Note = id(kindOffGiven), kindOffGiven, Leeching, Payable(n.Peer), given, "to "+n.Peer
	got.ID, got.Kind, got.Debit, got.Credit, got.Torrent, got.Note = id(kindOffReceived), kindOffReceived, Receivable(n.Peer), Seeding, received, "from "+n.Peer
	off.ID, off.Kind, off.Debit, off.Credit = id(kindOff), kindOff, Payable(n.Peer), Receivable(n.Peer)
	if err := tx.Record(ctx, gave, got, off); err != nil {
		return fail(err)
	}
	return more, nil
}

// Netting returns the netting of a key; its zero state if there is none.
func (l *Ledger) Netting(ctx context.Context, k NetKey) (Netting, error) {
	n := Netting{NetKey: k}
	var changed int64
	err := l.read.QueryRowContext(ctx, `SELECT peer, total, offered, number, changed FROM netting
		WHERE chain = ? AND escrow = ? AND own = ? AND other = ?`, k.Chain, k.Escrow[:], k.Own[:], k.Other[:]).
		Scan(&n.Peer, &n.Total, &n.Offered, &n.Number, &changed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return n, nil
	case err != nil:
		return Netting{}, fmt.Errorf("read what is set off with %x: %w", k.Other, explain(err))
	}
	n.Changed = time.UnixMilli(changed).UTC()
	return n, nil
}

// auditNetting counts the peers for which the books have another sum set off, in one of
// the three transfers, than the nettings.
const auditNetting = `
WITH kept (peer, sum) AS (SELECT peer, sum(total) FROM netting GROUP BY peer), booked (peer, kind, sum) AS (
	SELECT a.peer, t.kind, sum(t.amount) FROM transfer t JOIN account a ON a.id = iif(t.kind = 'netted-received', t.debit, t.credit)
	WHERE t.kind IN ('netted', 'netted-given', 'netted-received') GROUP BY a.peer, t.kind
), want (peer, kind, sum) AS (
	SELECT peer, column1, sum FROM kept, (VALUES ('netted'), ('netted-given'), ('netted-received')) WHERE sum > 0
)
SELECT count(*), coalesce(min(peer), '') FROM (
	SELECT * FROM (SELECT * FROM want EXCEPT SELECT * FROM booked) UNION ALL SELECT * FROM (SELECT * FROM booked EXCEPT SELECT * FROM want))`
