package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// filled makes a ledger of a few hundred transfers, closed again.
func filled(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "ledger.db")
	l, err := Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	var batch []Transfer
	for n := uint64(1); n <= 300; n++ {
		batch = append(batch, Transfer{
			ID: id(n), At: epoch, Kind: "x", Phase: Posted, Debit: Receivable(fmt.Sprintf("p%d", n%50)), Credit: Seeding, Amount: 1,
		})
	}
	mustRecord(t, l, batch...)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDamaged(t *testing.T) {
	for name, harm := range map[string]func([]byte) []byte{
		"no database":    func(b []byte) []byte { return bytes.Repeat([]byte("not a database\n"), 100) },
		"truncated":      func(b []byte) []byte { return b[:len(b)/2] },
		"header cut off": func(b []byte) []byte { return b[:50] },
		"zeroed pages":   func(b []byte) []byte { clear(b[4096:]); return b },
		"page of noise":  func(b []byte) []byte { copy(b[len(b)-8192:], bytes.Repeat([]byte{0xa5}, 4096)); return b },
	} {
		t.Run(name, func(t *testing.T) {
			file := filled(t)
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			b = harm(b)
			if err := os.WriteFile(file, b, 0o600); err != nil {
				t.Fatal(err)
			}
			l, err := Open(t.Context(), file)
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), file) {
				t.Errorf("error %v, want ErrDamaged with the name of the file", err)
			}
			if l != nil {
				_ = l.Close()
			}
			if after, err := os.ReadFile(file); err != nil || !bytes.Equal(after, b) {
				t.Errorf("the damaged file was changed, %v", err)
			}
		})
	}
}

// TestBooks changes what no trigger can guard; the audit finds it at the next
// start.
func TestBooks(t *testing.T) {
	for _, q := range []string{
		`UPDATE account SET debits_posted = debits_posted + 1 WHERE path = 'peer/p1/receivable'`,
		`UPDATE account SET credits_pending = 1 WHERE path = 'income/seeding'`,
		`DROP TRIGGER transfer_no_update; UPDATE transfer SET amount = 2 WHERE seq = 7`,
		`DROP TRIGGER transfer_no_delete; DELETE FROM transfer WHERE seq = 7`,
		`DROP TRIGGER transfer_no_update; UPDATE transfer SET phase = 'pending' WHERE seq = 7`,
		`DROP TRIGGER transfer_book; INSERT INTO transfer SELECT 999, randomblob(32), at, kind, phase, debit, credit, amount, NULL, '', '' FROM transfer WHERE seq = 7`,
		`PRAGMA foreign_keys = off; DROP TRIGGER transfer_no_update; UPDATE transfer SET debit = 4711 WHERE seq = 7`,
	} {
		file := filled(t)
		db, err := sql.Open("sqlite3", file)
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), file); !errors.Is(err, ErrBooks) {
			t.Errorf("%s: %v, want ErrBooks", q, err)
		}
	}
}

func TestNewer(t *testing.T) {
	file := filled(t)
	l := openFile(t, file)
	if _, err := l.write.Exec(`INSERT INTO migration VALUES (99, 'future', '')`); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), file); !errors.Is(err, ErrNewer) {
		t.Errorf("error %v, want ErrNewer", err)
	}
}

func TestEdited(t *testing.T) {
	file := filled(t)
	l := openFile(t, file)
	if _, err := l.write.Exec(`UPDATE migration SET sha256 = 'x' WHERE version = 1`); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), file); !errors.Is(err, ErrEdited) {
		t.Errorf("error %v, want ErrEdited", err)
	}
}

// TestMigrate goes on from a file of an older version, and leaves a file alone
// where a script fails.
func TestMigrate(t *testing.T) {
	ctx := t.Context()
	l := openNew(t)
	scripts, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	n := len(scripts)
	version := func() (v int, tables string) {
		t.Helper()
		if err := l.write.QueryRow(`SELECT (SELECT max(version) FROM migration),
			(SELECT coalesce(group_concat(name), '') FROM sqlite_schema WHERE name IN ('more', 'half'))`).Scan(&v, &tables); err != nil {
			t.Fatal(err)
		}
		return v, tables
	}
	broken := append(scripts[:n:n], script{"more", `CREATE TABLE more (x)`}, script{"half", `CREATE TABLE half (x); CREATE TABLE more (x)`})
	if err := migrate(ctx, l.write, broken); err == nil || !strings.Contains(err.Error(), "half") {
		t.Errorf("a script that fails: %v", err)
	}
	if v, tables := version(); v != n+1 || tables != "more" {
		t.Errorf("version %d with %q, want %d with more", v, tables, n+1)
	}
	if err := migrate(ctx, l.write, broken[:n+1]); err != nil {
		t.Errorf("applied twice: %v", err)
	}
	if err := migrate(ctx, l.write, append(scripts[:n:n], script{"more", `CREATE TABLE more (y)`})); !errors.Is(err, ErrEdited) {
		t.Errorf("edited: %v", err)
	}
	if err := migrate(ctx, l.write, scripts); !errors.Is(err, ErrNewer) {
		t.Errorf("newer: %v", err)
	}
}

func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			l := openNew(b)
			n := uint64(0)
			batch := make([]Transfer, size)
			for b.Loop() {
				for i := range batch {
					n++
					batch[i] = Transfer{
						ID: id(n), At: epoch, Kind: "voucher", Phase: Posted,
						Debit: Receivable(fmt.Sprintf("p%d", n%100)), Credit: Seeding, Amount: 1, Torrent: "t",
					}
				}
				if err := l.Record(b.Context(), batch...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "transfers/s")
		})
	}
}

// BenchmarkMillion measures the start and the window's queries on a ledger of a
// million transfers.
func BenchmarkMillion(b *testing.B) {
	if testing.Short() {
		b.Skip("fills a ledger")
	}
	l := openNew(b)
	if _, err := l.write.Exec(`INSERT INTO account (path) VALUES ('income/seeding');
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
		INSERT INTO account (path) SELECT 'peer/p' || i || '/receivable' FROM n;
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
		INSERT INTO transfer SELECT i, randomblob(32), 1767225600000 + i * 1000, 'voucher', 'posted', 2 + i % 100, 1, 1 + i % 7, NULL, 't' || (i % 20), '' FROM n`,
	); err != nil {
		b.Fatal(err)
	}
	for name, f := range map[string]func(context.Context) error{
		"audit":   l.Audit,
		"flow":    func(ctx context.Context) error { _, err := l.Flow(ctx, Period{}); return err },
		"torrent": func(ctx context.Context) error { _, err := l.FlowByTorrent(ctx, Period{}, 20); return err },
		"today": func(ctx context.Context) error {
			_, err := l.Flow(ctx, Period{From: epoch.AddDate(0, 0, 11)})
			return err
		},
		"history": func(ctx context.Context) error { _, _, err := l.History(ctx, Page{Account: Seeding}); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := f(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
