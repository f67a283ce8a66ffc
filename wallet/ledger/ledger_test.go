package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"swarmbid/wallet/btt"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func openFile(tb testing.TB, file string) *Ledger {
	tb.Helper()
	l, err := Open(tb.Context(), file)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := l.Close(); err != nil {
			tb.Error(err)
		}
	})
	return l
}

func openNew(tb testing.TB) *Ledger {
	tb.Helper()
	return openFile(tb, filepath.Join(tb.TempDir(), "ledger.db"))
}

func id(n uint64) (id ID) {
	binary.BigEndian.PutUint64(id[24:], n)
	return id
}

func audit(tb testing.TB, l *Ledger) {
	tb.Helper()
	if err := l.Audit(context.WithoutCancel(tb.Context())); err != nil {
		tb.Error(err)
	}
}

func mustRecord(tb testing.TB, l *Ledger, ts ...Transfer) {
	tb.Helper()
	if err := l.Record(tb.Context(), ts...); err != nil {
		tb.Fatal(err)
	}
}

func wantBalance(tb testing.TB, l *Ledger, a Account, want Balance) {
	tb.Helper()
	if got, err := l.Balance(tb.Context(), a); err != nil || got != want {
		tb.Errorf("balance of %s: %v, %v; want %v", a, got, err, want)
	}
}

func TestRecord(t *testing.T) {
	l := openNew(t)
	base := Transfer{ID: id(1), At: epoch, Kind: "voucher", Phase: Posted, Debit: "a/b", Credit: "c/d", Amount: 5}
	with := func(f func(*Transfer)) Transfer { t := base; f(&t); return t }
	hold := with(func(t *Transfer) { t.ID, t.Phase, t.Amount = id(2), Pending, 10 })
	post := with(func(t *Transfer) { t.ID, t.Phase, t.Amount, t.Resolves = id(3), Post, 7, id(2) })
	fresh := func(f func(*Transfer)) Transfer { return with(func(t *Transfer) { t.ID = id(99); f(t) }) }

	for _, tt := range []struct {
		name string
		t    Transfer
		err  error
		want Balance // of a/b afterwards
	}{
		{"first", base, nil, Balance{Posted: 5}},
		{"retry counts once", base, nil, Balance{Posted: 5}},
		{"retry comes later", with(func(t *Transfer) { t.At = epoch.Add(time.Hour) }), nil, Balance{Posted: 5}},
		{"same ID, other amount", with(func(t *Transfer) { t.Amount = 6 }), ErrConflict, Balance{Posted: 5}},
		{"same ID, other kind", with(func(t *Transfer) { t.Kind = "cash" }), ErrConflict, Balance{Posted: 5}},
		{"same ID, other side", with(func(t *Transfer) { t.Credit = "c/e" }), ErrConflict, Balance{Posted: 5}},
		{"same ID, other torrent", with(func(t *Transfer) { t.Torrent = "ab" }), ErrConflict, Balance{Posted: 5}},
		{"same ID, other note", with(func(t *Transfer) { t.Note = "x" }), ErrConflict, Balance{Posted: 5}},
		{"same ID, other phase", with(func(t *Transfer) { t.Phase = Pending }), ErrConflict, Balance{Posted: 5}},
		{"no ID", with(func(t *Transfer) { t.ID = ID{} }), ErrInvalid, Balance{Posted: 5}},
		{"no amount", fresh(func(t *Transfer) { t.Amount = 0 }), ErrInvalid, Balance{Posted: 5}},
		{"negative amount", fresh(func(t *Transfer) { t.Amount = -1 }), ErrInvalid, Balance{Posted: 5}},
		{"to itself", fresh(func(t *Transfer) { t.Credit = "a/b" }), ErrInvalid, Balance{Posted: 5}},
		{"no time", fresh(func(t *Transfer) { t.At = time.Time{} }), ErrInvalid, Balance{Posted: 5}},
		{"no kind", fresh(func(t *Transfer) { t.Kind = "" }), ErrInvalid, Balance{Posted: 5}},
		{"no phase", fresh(func(t *Transfer) { t.Phase = "" }), ErrInvalid, Balance{Posted: 5}},
		{"no account", fresh(func(t *Transfer) { t.Debit = "" }), ErrInvalid, Balance{Posted: 5}},
		{"path with a blank", fresh(func(t *Transfer) { t.Debit = "a/b c" }), ErrInvalid, Balance{Posted: 5}},
		{"path too long", fresh(func(t *Transfer) { t.Debit = Account("a/" + strings.Repeat("b", 127)) }), ErrInvalid, Balance{Posted: 5}},
		{"note too long", fresh(func(t *Transfer) { t.Note = strings.Repeat("x", 201) }), ErrInvalid, Balance{Posted: 5}},
		{"other unit", fresh(func(t *Transfer) { t.Credit = TronFee }), ErrUnit, Balance{Posted: 5}},
		{"beyond 63 bits", fresh(func(t *Transfer) { t.Amount = btt.MaxAmount }), ErrInvalid, Balance{Posted: 5}},
		{"pending", hold, nil, Balance{5, 10, 0}},
		{"post of nothing", with(func(t *Transfer) { *t = post; t.Resolves = id(77) }), ErrNotPending, Balance{5, 10, 0}},
		{"post of what is posted", with(func(t *Transfer) { *t = post; t.Resolves = id(1) }), ErrNotPending, Balance{5, 10, 0}},
		{"post more than pending", with(func(t *Transfer) { *t = post; t.Amount = 11 }), ErrNotPending, Balance{5, 10, 0}},
		{"post to another account", with(func(t *Transfer) { *t = post; t.Credit = "c/e" }), ErrNotPending, Balance{5, 10, 0}},
		{"void a part", with(func(t *Transfer) { *t = post; t.Phase = Void }), ErrNotPending, Balance{5, 10, 0}},
		{"post without pending", with(func(t *Transfer) { *t = post; t.Resolves = ID{} }), ErrInvalid, Balance{5, 10, 0}},
		{"pending with resolves", with(func(t *Transfer) { *t = post; t.Phase = Pending }), ErrNotPending, Balance{5, 10, 0}},
		{"post a part", post, nil, Balance{Posted: 12}},
		{"post a part again", post, nil, Balance{Posted: 12}},
		{"post twice", with(func(t *Transfer) { *t = post; t.ID = id(4) }), ErrResolved, Balance{Posted: 12}},
		{"void after post", Transfer{ID: id(5), At: epoch, Kind: "void", Phase: Void, Resolves: id(2)}, ErrResolved, Balance{Posted: 12}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := l.Record(t.Context(), tt.t); !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			wantBalance(t, l, "a/b", tt.want)
			wantBalance(t, l, "c/d", Balance{-tt.want.Posted, 0, tt.want.In})
			audit(t, l)
		})
	}
}

// TestResolveInherits: a resolution need not repeat what its pending transfer
// said.
func TestResolveInherits(t *testing.T) {
	l := openNew(t)
	for i, phase := range []Phase{Post, Void} {
		hold := Transfer{ID: id(uint64(10 * (i + 1))), At: epoch, Kind: "withdraw", Phase: Pending, Debit: World, Credit: Onchain, Amount: 4}
		end := Transfer{ID: id(uint64(10*(i+1) + 1)), At: epoch, Kind: "withdraw", Phase: phase, Resolves: hold.ID}
		mustRecord(t, l, hold, end, end)
	}
	wantBalance(t, l, Onchain, Balance{Posted: -4})
	wantBalance(t, l, World, Balance{Posted: 4})
}

func TestRecordAllOrNone(t *testing.T) {
	l := openNew(t)
	good := Transfer{ID: id(1), At: epoch, Kind: "x", Phase: Posted, Debit: "a/b", Credit: "c/d", Amount: 1}
	bad := good
	bad.ID, bad.Amount = id(2), 0
	if err := l.Record(t.Context(), good, bad); !errors.Is(err, ErrInvalid) {
		t.Errorf("error %v", err)
	}
	wantBalance(t, l, "a/b", Balance{})
}

// TestRetry records a batch that was interrupted at every place, after a restart
// each time: it counts once, and is refused once a field differs.
func TestRetry(t *testing.T) {
	hold := Transfer{ID: id(1), At: epoch, Kind: "withdraw", Phase: Pending, Debit: World, Credit: Onchain, Amount: 4, Note: "n", Torrent: "t"}
	batch := []Transfer{
		hold,
		{ID: id(2), At: epoch, Kind: "withdraw", Phase: Post, Resolves: hold.ID},
		{ID: id(3), At: epoch, Kind: "fee", Phase: Posted, Debit: TronFee, Credit: TRX, Amount: 1},
	}
	for done := range len(batch) + 1 {
		file := filepath.Join(t.TempDir(), "ledger.db")
		first, err := Open(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		mustRecord(t, first, batch[:done]...)
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		l := openFile(t, file)
		for _, again := range batch {
			again.At = again.At.Add(time.Hour)
			mustRecord(t, l, again)
		}
		wantBalance(t, l, World, Balance{Posted: 4})
		wantBalance(t, l, TronFee, Balance{Posted: 1})
		for _, other := range batch {
			other.Note += "!"
			if err := l.Record(t.Context(), other); !errors.Is(err, ErrConflict) {
				t.Errorf("%s with another note: %v", other.ID, err)
			}
		}
	}
}

func TestImmutable(t *testing.T) {
	l := openNew(t)
	mustRecord(t, l, Transfer{ID: id(1), At: epoch, Kind: "x", Phase: Pending, Debit: "a/b", Credit: "c/d", Amount: 3})
	mustRecord(t, l, Transfer{ID: id(2), At: epoch, Kind: "x", Phase: Post, Resolves: id(1)})
	const fields = ` INTO transfer (seq, id, at, kind, phase, debit, credit, amount, resolves, torrent, note) `
	for _, q := range []string{
		`UPDATE transfer SET amount = 1`,
		`UPDATE transfer SET note = 'x' WHERE seq = 1`,
		`DELETE FROM transfer`,
		`DELETE FROM account`,
		`UPDATE account SET path = 'x/y'`,
		`UPDATE account SET id = 9`,
		`INSERT OR REPLACE` + fields + `SELECT seq, randomblob(32), at, kind, phase, debit, credit, 1, resolves, '', '' FROM transfer`,
		`INSERT OR REPLACE` + fields + `SELECT NULL, id, at, kind, phase, debit, credit, 1, resolves, '', '' FROM transfer`,
		`INSERT OR REPLACE` + fields + `SELECT NULL, randomblob(32), at, kind, phase, debit, credit, 1, resolves, '', '' FROM transfer WHERE resolves NOT NULL`,
		`INSERT OR REPLACE INTO account (id, path) VALUES (1, 'x/y')`,
		`INSERT OR REPLACE INTO account (path) VALUES ('a/b')`,
		`INSERT INTO account (path, debits_posted) VALUES ('x/y', 1)`,
	} {
		if _, err := l.write.ExecContext(t.Context(), q); err == nil {
			t.Errorf("%s succeeded", q)
		}
	}
	if _, err := l.read.ExecContext(t.Context(), `INSERT INTO account (path) VALUES ('x/y')`); err == nil {
		t.Error("the window's pool can write")
	}
	wantBalance(t, l, "a/b", Balance{Posted: 3})
	audit(t, l)
}

func TestLimits(t *testing.T) {
	l := openNew(t)
	zero, two := btt.Amount(0), btt.Amount(2)
	n := uint64(0)
	try := func(phase Phase, debit, credit Account, amount btt.Amount, resolves ID, want error) ID {
		t.Helper()
		n++
		if err := l.Record(t.Context(), Transfer{
			ID: id(n), At: epoch, Kind: "x", Phase: phase, Debit: debit, Credit: credit, Amount: amount, Resolves: resolves,
		}); !errors.Is(err, want) {
			t.Errorf("transfer %d: %v, want %v", n, err, want)
		}
		return id(n)
	}
	if err := l.SetLimits(t.Context(), Onchain, Limits{Floor: &zero}); err != nil {
		t.Fatal(err)
	}
	if err := l.SetLimits(t.Context(), "peer/p/receivable", Limits{Ceiling: &two}); err != nil {
		t.Fatal(err)
	}
	try(Posted, World, Onchain, 1, ID{}, ErrLimit) // nothing there yet
	try(Posted, Onchain, World, 10, ID{}, nil)
	p := try(Pending, World, Onchain, 8, ID{}, nil)
	try(Posted, World, Onchain, 3, ID{}, ErrLimit) // reserved
	try(Pending, Onchain, World, 5, ID{}, nil)     // announced is not there
	try(Posted, World, Onchain, 3, ID{}, ErrLimit)
	try(Post, "", "", 6, p, nil) // 2 released
	try(Posted, World, Onchain, 4, ID{}, nil)
	try(Posted, World, Onchain, 1, ID{}, ErrLimit)
	try(Posted, "peer/p/receivable", Seeding, 1, ID{}, nil)
	try(Pending, "peer/p/receivable", Seeding, 1, ID{}, nil)
	q := id(n)
	try(Posted, "peer/p/receivable", Seeding, 1, ID{}, ErrLimit)
	if err := l.SetLimits(t.Context(), "peer/p/receivable", Limits{Ceiling: &zero}); !errors.Is(err, ErrLimit) {
		t.Errorf("a limit below the balance: %v", err)
	}
	if err := l.SetLimits(t.Context(), "peer/p/receivable", Limits{Closed: true}); err != nil {
		t.Fatal(err)
	}
	try(Posted, "peer/p/receivable", Seeding, 1, ID{}, ErrClosed)
	try(Posted, Seeding, "peer/p/receivable", 1, ID{}, ErrClosed)
	try(Void, "", "", 0, q, nil) // what is pending still ends
	if err := l.SetLimits(t.Context(), "bad path", Limits{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("bad path: %v", err)
	}
	wantBalance(t, l, Onchain, Balance{Posted: 0, In: 5})
	wantBalance(t, l, "peer/p/receivable", Balance{Posted: 1})
	audit(t, l)
}

func TestBalances(t *testing.T) {
	l := openNew(t)
	mustRecord(t, l,
		Transfer{ID: id(1), At: epoch, Kind: "x", Phase: Posted, Debit: Receivable("p"), Credit: Seeding, Amount: 3},
		Transfer{ID: id(2), At: epoch, Kind: "x", Phase: Pending, Debit: Leeching, Credit: Payable("q"), Amount: 4})
	got, err := l.Balances(t.Context(), "peer/")
	if err != nil || len(got) != 2 || got["peer/p/receivable"] != (Balance{Posted: 3}) || got["peer/q/payable"] != (Balance{Out: 4}) {
		t.Errorf("%v, %v", got, err)
	}
	if got := (Balance{Posted: 5, In: 9, Out: 2}).Available(); got != 3 {
		t.Errorf("available %d", int64(got))
	}
	if _, err := l.Balances(t.Context(), "*"); !errors.Is(err, ErrInvalid) {
		t.Errorf("a pattern for a prefix: %v", err)
	}
}

func TestNewID(t *testing.T) {
	if NewID("a", []byte("bc")) == NewID("ab", []byte("c")) || NewID("a", []byte("b"), nil) == NewID("a", []byte("b")) {
		t.Error("different parts, same ID")
	}
	if got := NewID("lane", []byte{1}).String(); got != "2633373871e642344e732c1f9afcaa9690bb7861a275289e94f9d673b9088073" {
		t.Errorf("an ID never changes: %s", got)
	}
}

func TestUpdateRollsBack(t *testing.T) {
	l := openNew(t)
	own := errors.New("own")
	err := l.Update(t.Context(), func(tx *Tx) error {
		if err := tx.Record(t.Context(), Transfer{ID: id(1), At: epoch, Kind: "x", Phase: Posted, Debit: "a/b", Credit: "c/d", Amount: 1}); err != nil {
			t.Error(err)
		}
		if b, err := tx.Balance(t.Context(), "a/b"); err != nil || b != (Balance{Posted: 1}) {
			t.Errorf("within the transaction: %v, %v", b, err)
		}
		return own
	})
	if !errors.Is(err, own) {
		t.Errorf("error %v", err)
	}
	wantBalance(t, l, "a/b", Balance{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Record(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestConcurrent has writers, some of them with the same transfers, and readers
// at once.
func TestConcurrent(t *testing.T) {
	l := openNew(t)
	const writers, each = 4, 25
	done := make(chan error, writers+2)
	for w := range writers {
		go func() {
			var err error
			for n := range each {
				one := Transfer{ID: id(uint64(w%2*each + n + 1)), At: epoch, Kind: "x", Phase: Posted, Debit: "a/b", Credit: "c/d", Amount: 1}
				err = errors.Join(err, l.Record(t.Context(), one))
			}
			done <- err
		}()
	}
	for range 2 {
		go func() {
			var err error
			var last btt.Amount
			for range each {
				b, e := l.Balance(t.Context(), "a/b")
				_, _, e2 := l.History(t.Context(), Page{Account: "a/b", Limit: 10})
				if err = errors.Join(err, e, e2); b.Posted < last {
					err = errors.Join(err, errors.New("a balance went back"))
				}
				last = b.Posted
			}
			done <- err
		}()
	}
	for range writers + 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	wantBalance(t, l, "a/b", Balance{Posted: 2 * each}) // each of two sets was recorded twice
	audit(t, l)
}

func TestExplain(t *testing.T) {
	for code, want := range map[sqlite3.ErrNo]error{
		sqlite3.ErrBusy: ErrBusy, sqlite3.ErrLocked: ErrBusy, sqlite3.ErrFull: ErrFull,
		sqlite3.ErrCorrupt: ErrDamaged, sqlite3.ErrNotADB: ErrDamaged, sqlite3.ErrConstraint: ErrInvalid,
	} {
		if err := explain(fmt.Errorf("wrapped: %w", sqlite3.Error{Code: code})); !errors.Is(err, want) {
			t.Errorf("%v: %v, want %v", code, err, want)
		}
	}
	if err := explain(fs.ErrNotExist); err != fs.ErrNotExist { //nolint:errorlint // the very same
		t.Error(err)
	}
	if err := explain(nil); err != nil {
		t.Error(err)
	}
}

// TestClosed: after Close nothing is answered, and nothing hangs.
func TestClosed(t *testing.T) {
	l, err := Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, errBalance := l.Balance(t.Context(), "a/b")
	_, errBalances := l.Balances(t.Context(), "")
	_, _, errHistory := l.History(t.Context(), Page{})
	_, errFlow := l.Flow(t.Context(), Period{})
	_, errDays := l.FlowByDay(t.Context(), Period{epoch, epoch.AddDate(0, 0, 1)}, time.UTC)
	_, errPeer := l.FlowByPeer(t.Context(), Period{}, 1)
	for what, err := range map[string]error{
		"record": l.Record(t.Context(), Transfer{ID: id(1)}), "limits": l.SetLimits(t.Context(), "a/b", Limits{}),
		"balance": errBalance, "balances": errBalances, "history": errHistory, "flow": errFlow, "days": errDays, "peer": errPeer,
		"csv": l.WriteCSV(t.Context(), io.Discard, Period{}), "audit": l.Audit(t.Context()),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

func TestFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "odd ?#%41 name")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "ledger.db")
	l := openFile(t, file)
	mustRecord(t, l, Transfer{ID: id(1), At: epoch, Kind: "x", Phase: Posted, Debit: "a/b", Credit: "c/d", Amount: 1})
	for _, f := range []string{file, file + "-wal"} {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v", filepath.Base(f), info.Mode())
		}
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
		var got string
		if err := l.write.QueryRowContext(t.Context(), `PRAGMA `+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %s, %v; want %s", pragma, got, err, want)
		}
	}
	if _, err := Open(t.Context(), filepath.Join(dir, "none", "ledger.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such folder: %v", err)
	}
}
