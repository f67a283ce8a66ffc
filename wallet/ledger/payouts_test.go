package ledger

import (
	"errors"
	"path/filepath"
	"testing"
	"time"
)

// TestPayouts: of a payee one transfer is live, its steps are those of the schema, and
// nothing of it is ever changed or removed.
func TestPayouts(t *testing.T) {
	ctx := t.Context()
	l, err := Open(ctx, filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	at := time.UnixMilli(1_700_000_000_000).UTC()
	p := Payout{ID: ID{1}, Chain: 5, Payer: [20]byte{1}, Payee: [20]byte{2}, Amount: 7, State: PayoutQueued, Due: at, Held: 3, Changed: at}
	add := func(p Payout) error { return l.Update(ctx, func(tx *Tx) error { return tx.AddPayout(ctx, p) }) }
	set := func(from PayoutState, p Payout) error {
		return l.Update(ctx, func(tx *Tx) error { return tx.SetPayout(ctx, from, p) })
	}
	read := func() Payout {
		all, err := l.Payouts(ctx, 5, [20]byte{1})
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		return all[0]
	}
	if err := add(p); err != nil || read() != p || !p.Live() {
		t.Fatalf("%v; %+v", err, read())
	}
	q := p
	q.ID = ID{2}
	if err := add(q); !errors.Is(err, ErrLive) {
		t.Errorf("a second one: %v", err)
	}
	if err := set(PayoutInTx, p); !errors.Is(err, ErrStale) {
		t.Errorf("from another state: %v", err)
	}
	for _, s := range []PayoutState{PayoutPaid, PayoutTold} {
		x := p
		if x.State = s; s == PayoutPaid || s == PayoutTold {
			x.TxID = ID{9}
		}
		if err := set(PayoutQueued, x); !errors.Is(err, ErrInvalid) {
			t.Errorf("queued to %s: %v", s, err)
		}
	}
	x := p
	x.Amount, x.State = 8, PayoutInTx // the amount is not written again
	if err := set(PayoutQueued, x); err != nil || read().Amount != 7 {
		t.Errorf("%v, %+v", err, read())
	}
	x.State = PayoutPaid
	if err := set(PayoutInTx, x); !errors.Is(err, ErrInvalid) {
		t.Errorf("paid without a transaction: %v", err)
	}
	if x.TxID = (ID{9}); set(PayoutInTx, x) != nil || !read().Live() || add(q) == nil {
		t.Errorf("paid: %+v", read())
	}
	x.State, x.Held = PayoutTold, 10
	if err := set(PayoutPaid, x); err != nil || read().Live() || read().Held != 10 {
		t.Errorf("told: %v, %+v", err, read())
	}
	if err := set(PayoutTold, x); !errors.Is(err, ErrInvalid) {
		t.Errorf("changed at its end: %v", err)
	}
	if err := add(q); err != nil || read().ID != q.ID {
		t.Errorf("the next: %v, %+v", err, read())
	}
	q.State, q.Why = PayoutDropped, "forbidden"
	if err := set(PayoutQueued, q); err != nil || read().Why != "forbidden" {
		t.Errorf("dropped: %v, %+v", err, read())
	}
	for _, s := range []string{`DELETE FROM payout`, `UPDATE payout SET amount = 1`, `INSERT OR REPLACE INTO payout SELECT * FROM payout`} {
		if err := l.Update(ctx, func(tx *Tx) error { _, err := tx.sql.ExecContext(ctx, s); return err }); err == nil {
			t.Errorf("%s works", s)
		}
	}
	if others, err := l.Payouts(ctx, 6, [20]byte{1}); err != nil || len(others) != 0 {
		t.Errorf("of another chain: %v, %v", others, err)
	}
}
