package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed schema/*.sql
var schema embed.FS

// script is one step of the schema.
type script struct{ name, text string }

// hash does not depend on the line ends that a checkout may have given the file.
func (s script) hash() string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s.text))) }

// embedded returns the scripts of the program in order. Script n brings a file
// from version n-1 to n.
func embedded() ([]script, error) {
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	scripts := make([]script, len(names))
	for i, name := range names {
		if !strings.HasPrefix(path.Base(name), fmt.Sprintf("%04d-", i+1)) {
			return nil, fmt.Errorf("schema script %s: not numbered without a gap", name)
		}
		b, err := schema.ReadFile(name)
		if err != nil {
			return nil, err
		}
		scripts[i] = script{path.Base(name), string(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))}
	}
	return scripts, nil
}

// migrate applies the scripts that the file lacks, each in a transaction of its
// own, and holds the others against the hashes in the file.
func migrate(ctx context.Context, db *sql.DB, scripts []script) error {
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS migration (
		version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT`); err != nil {
		return err
	}
	var last int
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM migration`).Scan(&last); err != nil {
		return err
	}
	if last > len(scripts) {
		return fmt.Errorf("%w: version %d, the program knows %d", ErrNewer, last, len(scripts))
	}
	for i, s := range scripts {
		if err := apply(ctx, db, i+1, s); err != nil {
			return fmt.Errorf("schema script %s: %w", s.name, err)
		}
	}
	return nil
}

func apply(ctx context.Context, db *sql.DB, version int, s script) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var have string
	err = tx.QueryRowContext(ctx, `SELECT sha256 FROM migration WHERE version = ?`, version).Scan(&have)
	switch {
	case err == nil && have == s.hash():
		return nil
	case err == nil:
		return ErrEdited
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	if _, err := tx.ExecContext(ctx, s.text); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO migration VALUES (?, ?, ?)`, version, s.name, s.hash()); err != nil {
		return err
	}
	return tx.Commit()
}
