package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"swarmbid/wallet/btt"
)

// Outgoing is one intended transaction of the chain and how far it came. Its
// states, and which may follow which, are those of package wallet/tron/outbox;
// the schema holds them too.
type Outgoing struct {
	Intent  ID     // chosen by whoever wants it: the same intent twice is one
	Chain   ID     // id of the chain's genesis block
	Owner   string // the address that pays, base58
	Body    []byte // the intent as wallet/tron writes it
	State   string
	TxID    ID        // zero until signed
	Raw     []byte    // raw_data, nil until signed
	Sig     []byte    // 65 bytes, nil until signed
	Expires time.Time // zero until signed
	Block   int64     // the block it is in, 0 if in none
	Fee     btt.Sun   // burnt, known once solid
	Reason  string    // the node's words for a refusal or a failure, at most 200 characters
	Created time.Time
	Changed time.Time
}

// Observed is a balance of one address that the books agree with.
type Observed struct {
	Chain  ID
	Owner  string     // base58
	Asset  string     // a lower-case word
	Height int64      // the solid block it was read at
	Amount btt.Amount // millionths of the asset
}

// ErrStale means that a row changed since it was read.
var ErrStale = errors.New("ledger: changed meanwhile")

// maxOutgoing bounds what Outgoing returns.
const maxOutgoing = 1000

// AddOutgoing begins an intent in state "built" and reports whether it is new.
// One that is there already is left as it is; it is ErrConflict if it differs in
// chain, owner or body.
func (tx *Tx) AddOutgoing(ctx context.Context, o Outgoing) (added bool, err error) {
	var chain, body []byte
	var owner string
	err = tx.sql.QueryRowContext(ctx, `SELECT chain, owner, body FROM outbox WHERE intent = ?`, o.Intent[:]).Scan(&chain, &owner, &body)
	switch {
	case err == nil && bytes.Equal(chain, o.Chain[:]) && owner == o.Owner && bytes.Equal(body, o.Body):
		return false, nil
	case err == nil:
		return false, fmt.Errorf("add intent %s: %w", o.Intent, ErrConflict)
	case !errors.Is(err, sql.ErrNoRows):
		return false, fmt.Errorf("add intent %s: %w", o.Intent, explain(err))
	}
	if _, err := tx.sql.ExecContext(ctx, `INSERT INTO outbox (intent, chain, owner, body, state, created, changed)
		VALUES (?, ?, ?, ?, 'built', ?, ?)`, o.Intent[:], o.Chain[:], o.Owner, o.Body, o.Created.UnixMilli(), o.Created.UnixMilli()); err != nil {
		return false, fmt.Errorf("add intent %s: %w", o.Intent, explain(err))
	}
	return true, nil
}

// SetOutgoing writes how far an intent has come, if it still is in state from;
// else it returns ErrStale.
func (tx *Tx) SetOutgoing(ctx context.Context, from string, o Outgoing) error {
	var txid []byte
	expires := int64(0)
	if o.TxID != (ID{}) {
		txid, expires = o.TxID[:], o.Expires.UnixMilli()
	}
	res, err := tx.sql.ExecContext(ctx, `UPDATE outbox SET state = ?, txid = ?, raw = ?, sig = ?, expires = ?, block = ?, fee = ?, reason = ?, changed = ?
		WHERE intent = ? AND state = ?`, o.State, txid, o.Raw, o.Sig, expires, o.Block, o.Fee, o.Reason, o.Changed.UnixMilli(), o.Intent[:], from)
	if err != nil {
		return fmt.Errorf("intent %s from %s to %s: %w", o.Intent, from, o.State, explain(err))
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("intent %s from %s to %s: %w", o.Intent, from, o.State, errors.Join(ErrStale, err))
	}
	return nil
}

// Outgoing returns the intents of one chain, newest first: the live ones, which
// have not come to an end, or all, at most limit and at most 1,000.
func (l *Ledger) Outgoing(ctx context.Context, chain ID, live bool, limit int) ([]Outgoing, error) {
	if limit < 1 || limit > maxOutgoing {
		limit = maxOutgoing
	}
	var all []Outgoing
	if err := l.each(ctx, func(scan func(...any) error) error {
		var o Outgoing
		err := o.scan(scan)
		all = append(all, o)
		return err
	}, `SELECT intent, chain, owner, body, state, txid, raw, sig, expires, block, fee, reason, created, changed
		FROM outbox WHERE chain = ? AND (NOT ? OR state IN ('built', 'signed', 'broadcast', 'in-block')) ORDER BY seq DESC LIMIT ?`,
		chain[:], live, limit); err != nil {
		return nil, fmt.Errorf("read the outbox: %w", explain(err))
	}
	return all, nil
}

func (o *Outgoing) scan(scan func(...any) error) error {
	var intent, chain, txid []byte
	var expires, created, changed int64
	if err := scan(&intent, &chain, &o.Owner, &o.Body, &o.State, &txid, &o.Raw, &o.Sig, &expires, &o.Block, &o.Fee, &o.Reason, &created, &changed); err != nil {
		return err
	}
	copy(o.Intent[:], intent)
	copy(o.Chain[:], chain)
	copy(o.TxID[:], txid)
	if expires != 0 {
		o.Expires = time.UnixMilli(expires).UTC()
	}
	o.Created, o.Changed = time.UnixMilli(created).UTC(), time.UnixMilli(changed).UTC()
	return nil
}

// Observed returns the balance of an address that the books agree with; before
// the first observation it is nothing at height -1.
func (l *Ledger) Observed(ctx context.Context, chain ID, owner, asset string) (Observed, error) {
	return observed(ctx, l.read, chain, owner, asset)
}

// querier is what reading and writing connections have in common.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func observed(ctx context.Context, q querier, chain ID, owner, asset string) (Observed, error) {
	o := Observed{Chain: chain, Owner: owner, Asset: asset, Height: -1}
	err := q.QueryRowContext(ctx, `SELECT height, amount FROM observed WHERE chain = ? AND owner = ? AND asset = ?`, chain[:], owner, asset).
		Scan(&o.Height, &o.Amount)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return o, fmt.Errorf("read the balance observed of %s: %w", owner, explain(err))
	}
	return o, nil
}

// Observe replaces the observation before, which must be as it was read, else
// the result is ErrStale.
func (tx *Tx) Observe(ctx context.Context, before, now Observed) error {
	have, err := observed(ctx, tx.sql, before.Chain, before.Owner, before.Asset)
	if err != nil {
		return err
	}
	if have != before || now.Height < before.Height || now.Chain != before.Chain || now.Owner != before.Owner || now.Asset != before.Asset {
		return fmt.Errorf("observe %s of %s: %w", now.Asset, now.Owner, ErrStale)
	}
	if _, err := tx.sql.ExecContext(ctx, `INSERT INTO observed (chain, owner, asset, height, amount) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET height = excluded.height, amount = excluded.amount`,
		now.Chain[:], now.Owner, now.Asset, now.Height, now.Amount); err != nil {
		return fmt.Errorf("observe %s of %s: %w", now.Asset, now.Owner, explain(err))
	}
	return nil
}

// Moved adds what one of our own transactions, in solid block height, did to a
// balance. It was booked, so the next observation must not see it as news, even
// if it is the first.
func (tx *Tx) Moved(ctx context.Context, chain ID, owner, asset string, height int64, by btt.Amount) error {
	if _, err := tx.sql.ExecContext(ctx, `INSERT INTO observed (chain, owner, asset, height, amount) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET height = max(height, excluded.height), amount = amount + excluded.amount`,
		chain[:], owner, asset, height, by); err != nil {
		return fmt.Errorf("move the balance observed of %s: %w", owner, explain(err))
	}
	return nil
}
