package ledger

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// outboxStates are the states of the schema; the first four are live.
var outboxStates = []string{"built", "signed", "broadcast", "in-block", "solid-ok", "solid-failed", "expired", "void"}

func openOutbox(t *testing.T) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func outgoing(n byte) Outgoing {
	at := time.UnixMilli(1_760_000_000_000).UTC()
	return Outgoing{Intent: ID{n}, Chain: ID{9}, Owner: "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH", Body: []byte{n}, Created: at, Changed: at}
}

func signed(o Outgoing, state string) Outgoing {
	o.State, o.TxID, o.Raw, o.Sig, o.Expires = state, ID{o.Intent[0], 1}, []byte("raw"), slices.Repeat([]byte{7}, 65), o.Created.Add(time.Minute)
	return o
}

func TestOutgoingIsAddedOnce(t *testing.T) {
	l, o := openOutbox(t), outgoing(1)
	add := func(o Outgoing) (added bool, err error) {
		err = l.Update(t.Context(), func(tx *Tx) error {
			added, err = tx.AddOutgoing(t.Context(), o)
			return err
		})
		return added, err
	}
	for i := range 2 {
		if added, err := add(o); err != nil || added != (i == 0) {
			t.Errorf("time %d: %v, %v", i, added, err)
		}
	}
	o.Body = []byte("another")
	if _, err := add(o); !errors.Is(err, ErrConflict) {
		t.Errorf("other body: %v", err)
	}
	all, err := l.Outgoing(t.Context(), ID{9}, true, 0)
	if err != nil || len(all) != 1 || all[0].State != "built" || all[0].Body[0] != 1 || all[0].TxID != (ID{}) {
		t.Errorf("outbox %+v, %v", all, err)
	}
	if other, err := l.Outgoing(t.Context(), ID{8}, false, 0); err != nil || len(other) != 0 {
		t.Errorf("other chain: %v, %v", other, err)
	}
}

// TestOutgoingSteps tries every pair of states against the list of the design.
func TestOutgoingSteps(t *testing.T) {
	allowed := map[string][]string{
		"built":     {"built", "signed", "void"},
		"signed":    {"signed", "broadcast", "in-block", "solid-ok", "solid-failed", "expired"},
		"broadcast": {"broadcast", "in-block", "solid-ok", "solid-failed", "expired"},
		"in-block":  {"in-block", "broadcast", "solid-ok", "solid-failed", "expired"},
	}
	path := map[string][]string{
		"signed": {"signed"}, "broadcast": {"signed", "broadcast"}, "in-block": {"signed", "in-block"}, "solid-ok": {"signed", "solid-ok"},
		"solid-failed": {"signed", "solid-failed"}, "expired": {"signed", "expired"}, "void": {"void"},
	}
	l, n := openOutbox(t), byte(0)
	at := func(o Outgoing, state string) Outgoing {
		if state == "built" || state == "void" {
			o.State = state
			return o
		}
		return signed(o, state)
	}
	for _, from := range outboxStates {
		for _, to := range outboxStates {
			n++
			o, have := outgoing(n), "built"
			err := l.Update(t.Context(), func(tx *Tx) error {
				if _, err := tx.AddOutgoing(t.Context(), o); err != nil {
					return err
				}
				for _, s := range path[from] {
					if err := tx.SetOutgoing(t.Context(), have, at(o, s)); err != nil {
						return err
					}
					have = s
				}
				return nil
			})
			if err != nil {
				t.Fatalf("reach %s: %v", from, err)
			}
			err = l.Update(t.Context(), func(tx *Tx) error { return tx.SetOutgoing(t.Context(), from, at(o, to)) })
			if want := slices.Contains(allowed[from], to); want != (err == nil) {
				t.Errorf("%s to %s: %v", from, to, err)
			}
		}
	}
}

func TestWhatWasSignedIsNeverChanged(t *testing.T) {
	l, o := openOutbox(t), outgoing(1)
	if err := l.Update(t.Context(), func(tx *Tx) error {
		if _, err := tx.AddOutgoing(t.Context(), o); err != nil {
			return err
		}
		return tx.SetOutgoing(t.Context(), "built", signed(o, "signed"))
	}); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*Outgoing){
		"txid":    func(o *Outgoing) { o.TxID[5]++ },
		"raw":     func(o *Outgoing) { o.Raw = []byte("other") },
		"sig":     func(o *Outgoing) { o.Sig = make([]byte, 65) },
		"expires": func(o *Outgoing) { o.Expires = o.Expires.Add(time.Second) },
	} {
		s := signed(o, "broadcast")
		edit(&s)
		if err := l.Update(t.Context(), func(tx *Tx) error { return tx.SetOutgoing(t.Context(), "signed", s) }); err == nil {
			t.Errorf("%s was changed", name)
		}
	}
	if err := l.Update(t.Context(), func(tx *Tx) error { return tx.SetOutgoing(t.Context(), "built", signed(o, "signed")) }); !errors.Is(err, ErrStale) {
		t.Errorf("from a state it is not in: %v", err)
	}
	for _, q := range []string{
		`DELETE FROM outbox`, `UPDATE outbox SET body = x'00'`,
		`INSERT OR REPLACE INTO outbox (intent, chain, owner, body, state, created, changed) SELECT intent, chain, owner, body, 'built', 1, 1 FROM outbox`,
	} {
		if _, err := l.write.ExecContext(t.Context(), q); err == nil {
			t.Errorf("%s was allowed", q)
		}
	}
	all, err := l.Outgoing(t.Context(), ID{9}, false, 10)
	want := signed(o, "signed")
	if err != nil || len(all) != 1 || all[0].TxID != want.TxID || string(all[0].Raw) != "raw" || !all[0].Expires.Equal(want.Expires) {
		t.Errorf("read back %+v, %v", all, err)
	}
}

func TestObserveComparesAndSets(t *testing.T) {
	l := openOutbox(t)
	first, err := l.Observed(t.Context(), ID{9}, "TX", "btt")
	if err != nil || first.Height != -1 || first.Amount != 0 {
		t.Fatalf("before anything: %+v, %v", first, err)
	}
	set := func(before, now Observed) error {
		return l.Update(t.Context(), func(tx *Tx) error { return tx.Observe(t.Context(), before, now) })
	}
	second := first
	second.Height, second.Amount = 10, 500
	if err := set(first, second); err != nil {
		t.Fatal(err)
	}
	if err := set(first, second); !errors.Is(err, ErrStale) {
		t.Errorf("the same step twice: %v", err)
	}
	if err := l.Update(t.Context(), func(tx *Tx) error { return tx.Moved(t.Context(), ID{9}, "TX", "btt", 12, -70) }); err != nil {
		t.Fatal(err)
	}
	now, err := l.Observed(t.Context(), ID{9}, "TX", "btt")
	if err != nil || now.Amount != 430 || now.Height != 12 {
		t.Errorf("after moving: %+v, %v", now, err)
	}
	back := now
	back.Height = 11
	if err := set(now, back); !errors.Is(err, ErrStale) {
		t.Errorf("to an older block: %v", err)
	}
	if err := l.Update(t.Context(), func(tx *Tx) error { return tx.Moved(t.Context(), ID{9}, "TY", "btt", 12, -70) }); err != nil {
		t.Fatal(err)
	}
	if o, err := l.Observed(t.Context(), ID{9}, "TY", "btt"); err != nil || o.Amount != -70 || o.Height != 12 {
		t.Errorf("moved before it was ever observed: %+v, %v", o, err)
	}
}
