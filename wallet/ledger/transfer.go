package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"swarmbid/wallet/btt"
)

// ID identifies a transfer. The caller chooses it: a transaction's id, or
// [NewID]. The zero value identifies nothing.
type ID [32]byte

// NewID returns the ID of what kind and parts name together, such as a lane and
// the cumulative amount reached: SHA-256 over all of them, each after its
// length.
func NewID(kind string, parts ...[]byte) (id ID) {
	h := sha256.New()
	for _, p := range append([][]byte{[]byte(kind)}, parts...) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		h.Write(p)
	}
	h.Sum(id[:0])
	return id
}

// String returns id in hexadecimal.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Phase says how a transfer counts.
type Phase string

// The phases of a transfer.
const (
	Posted  Phase = "posted"  // counts at once
	Pending Phase = "pending" // reserves the amount
	Post    Phase = "post"    // ends a pending transfer and counts
	Void    Phase = "void"    // ends a pending transfer and gives the amount back
)

// Transfer is one entry of the books.
type Transfer struct {
	ID     ID
	At     time.Time // when it happened, kept to the millisecond
	Kind   string    // why: a lower-case word such as "voucher", at most 32 bytes
	Phase  Phase
	Debit  Account // receives Amount
	Credit Account // gives Amount
	// Amount is positive. Between accounts that count TRX or BTTOLD it is the
	// number of their millionths, not µBTT.
	Amount btt.Amount
	// Resolves is the pending transfer that a Post or Void ends, zero for others.
	// With it Debit and Credit may be empty, and Amount zero: those of the pending
	// transfer are meant.
	Resolves ID
	Torrent  string // the torrent it is about, in hexadecimal, at most 64 bytes; empty if none
	Note     string // what a person may want to know, at most 200 characters: a recipient, a transaction
}

// Record adds transfers in the order given, all or none. A transfer that is
// there already is left as it is; At is not compared, because a retry comes
// later.
//
// Errors: ErrConflict, ErrResolved, ErrNotPending, ErrLimit, ErrClosed, ErrUnit,
// ErrInvalid.
func (l *Ledger) Record(ctx context.Context, transfers ...Transfer) error {
	return l.Update(ctx, func(tx *Tx) error { return tx.Record(ctx, transfers...) })
}

// Record adds transfers as [Ledger.Record] does, within the transaction. After
// an error the transaction must not be committed.
func (tx *Tx) Record(ctx context.Context, transfers ...Transfer) error {
	for _, t := range transfers {
		if err := tx.record(ctx, t); err != nil {
			return fmt.Errorf("record %s %s: %w", t.Kind, t.ID, explain(err))
		}
	}
	return nil
}

const insertTransfer = `INSERT INTO transfer (id, at, kind, phase, debit, credit, amount, resolves, torrent, note)
	VALUES (?, ?, ?, ?, (SELECT id FROM account WHERE path = ?), (SELECT id FROM account WHERE path = ?), ?, ?, ?, ?)`

func (tx *Tx) record(ctx context.Context, t Transfer) error {
	if t.ID == (ID{}) {
		return fmt.Errorf("%w: no ID", ErrInvalid)
	}
	t, err := tx.complete(ctx, t)
	if err != nil {
		return err
	}
	have, err := tx.transfer(ctx, t.ID)
	switch {
	case err == nil:
		have.At = t.At
		if have != t {
			return ErrConflict
		}
		return nil
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	for _, a := range []Account{t.Debit, t.Credit} {
		if err := tx.account(ctx, a); err != nil {
			return err
		}
	}
	var resolves []byte
	if t.Resolves != (ID{}) {
		resolves = t.Resolves[:]
	}
	_, err = tx.sql.StmtContext(ctx, tx.hot.insert).ExecContext(ctx, //nolint:sqlclosecheck // closed with the transaction
		t.ID[:], t.At.UnixMilli(), t.Kind, t.Phase, t.Debit, t.Credit, t.Amount, resolves, t.Torrent, t.Note)
	return err
}

// complete fills in what a resolution leaves to its pending transfer.
func (tx *Tx) complete(ctx context.Context, t Transfer) (Transfer, error) {
	if t.Resolves == (ID{}) || t.Debit != "" && t.Credit != "" && t.Amount != 0 {
		return t, nil
	}
	p, err := tx.transfer(ctx, t.Resolves)
	if errors.Is(err, sql.ErrNoRows) {
		return t, ErrNotPending
	}
	if err != nil {
		return t, err
	}
	if t.Debit == "" && t.Credit == "" {
		t.Debit, t.Credit = p.Debit, p.Credit
	}
	if t.Amount == 0 {
		t.Amount = p.Amount
	}
	return t, nil
}

// columns are what scan reads, from rows named t with accounts d and c.
const columns = `t.id, t.at, t.kind, t.phase, d.path, c.path, t.amount, t.resolves, t.torrent, t.note`

// scan reads columns, and more after them.
func (t *Transfer) scan(scan func(...any) error, more ...any) error {
	var id, resolves []byte
	var at int64
	if err := scan(append([]any{
		&id, &at, &t.Kind, &t.Phase, &t.Debit, &t.Credit, &t.Amount, &resolves, &t.Torrent, &t.Note,
	}, more...)...); err != nil {
		return err
	}
	copy(t.ID[:], id)
	copy(t.Resolves[:], resolves)
	t.At = time.UnixMilli(at).UTC()
	return nil
}

const selectTransfer = `SELECT ` + columns + ` FROM transfer t
	JOIN account d ON d.id = t.debit JOIN account c ON c.id = t.credit WHERE t.id = ?`

// transfer returns the transfer of that id, or sql.ErrNoRows.
func (tx *Tx) transfer(ctx context.Context, id ID) (t Transfer, err error) {
	row := tx.sql.StmtContext(ctx, tx.hot.transfer).QueryRowContext(ctx, id[:]) //nolint:sqlclosecheck // closed with the transaction
	return t, t.scan(row.Scan)
}
