package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
)

// readers is how many queries of the window run at once.
const readers = 4

// Ledger is an open ledger file. Its zero value is not usable; see [Open].
type Ledger struct {
	write *sql.DB // one connection: SQLite has one writer
	read  *sql.DB // opened read-only
	hot   statements
}

// statements are what Record runs for every transfer, compiled once: with the
// triggers behind them that takes longer than running them.
type statements struct{ transfer, account, insert *sql.Stmt }

// Tx is one write transaction, valid inside [Ledger.Update].
type Tx struct {
	sql *sql.Tx
	hot *statements
}

// Open opens the ledger in file, creates it (mode 0600) where there is none,
// brings its schema up to date and audits it.
//
// It returns ErrDamaged, ErrNewer, ErrEdited or ErrBooks, wrapped, for a file
// that must not be written to; the file is then as it was.
func Open(ctx context.Context, file string) (*Ledger, error) {
	l, err := open(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", file, explain(err))
	}
	return l, nil
}

func open(ctx context.Context, file string) (*Ledger, error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600) // SQLite would ask the umask; -wal and -shm follow the file's mode
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	l := new(Ledger)
	if l.write, err = connect(file, "rw", "immediate", 1); err != nil {
		return nil, err
	}
	if l.read, err = connect(file, "ro", "deferred", readers); err != nil {
		return nil, errors.Join(err, l.write.Close())
	}
	scripts, err := embedded()
	if err == nil {
		err = migrate(ctx, l.write, scripts)
	}
	if err == nil {
		err = l.Audit(ctx)
	}
	if err == nil {
		err = l.prepare(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// connect sets every option in the data source name: one set by a statement
// would reach a single connection of the pool.
func connect(file, mode, lock string, conns int) (*sql.DB, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(file), "/")}
	u.RawQuery = url.Values{
		"mode":          {mode},
		"_foreign_keys": {"on"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_busy_timeout": {"5000"}, // ms
		"_txlock":       {lock},
	}.Encode()
	db, err := sql.Open("sqlite3", u.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// each calls row for every row of the answer to a query.
func (l *Ledger) each(ctx context.Context, row func(scan func(...any) error) error, query string, args ...any) (err error) {
	rows, err := l.read.QueryContext(ctx, query, args...)
	if err != nil {
		return explain(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return explain(rows.Err())
}

// prepare compiles the statements on the connection that will run them.
func (l *Ledger) prepare(ctx context.Context) (err error) {
	for _, s := range []struct {
		to   **sql.Stmt
		text string
	}{{&l.hot.transfer, selectTransfer}, {&l.hot.account, insertAccount}, {&l.hot.insert, insertTransfer}} {
		if *s.to, err = l.write.PrepareContext(ctx, s.text); err != nil { //nolint:sqlclosecheck // closed with the database
			return err
		}
	}
	return nil
}

// Close releases the file. Nothing is lost without it.
func (l *Ledger) Close() error { return errors.Join(l.read.Close(), l.write.Close()) }

// Update runs f in one write transaction: all that f did is on the disk when
// Update returns nil, and none of it when it returns an error, which is f's own
// or that of the commit. f must not call methods of the Ledger, which would wait
// for it.
func (l *Ledger) Update(ctx context.Context, f func(*Tx) error) error {
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", explain(err))
	}
	defer tx.Rollback()
	if err := f(&Tx{tx, &l.hot}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", explain(err))
	}
	return nil
}
