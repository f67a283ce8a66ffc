package ledger

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mattn/go-sqlite3"
)

var (
	// ErrConflict means that the ID is taken by a transfer with other fields.
	ErrConflict = errors.New("ledger: ID of another transfer")
	// ErrResolved means that the pending transfer was posted or voided before.
	ErrResolved = errors.New("ledger: pending transfer already resolved")
	// ErrNotPending means that there is no pending transfer of that ID, of these
	// accounts and of at least that amount. A void gives back the whole amount.
	ErrNotPending = errors.New("ledger: no such pending transfer")
	// ErrLimit means that an account would pass its limit.
	ErrLimit = errors.New("ledger: limit of the account")
	// ErrClosed means that an account takes no new transfers.
	ErrClosed = errors.New("ledger: account closed")
	// ErrUnit means that the two accounts count different units.
	ErrUnit = errors.New("ledger: accounts of different units")
	// ErrInvalid means that a field of the transfer or a path is out of bounds.
	ErrInvalid = errors.New("ledger: invalid transfer")
	// ErrDamaged means that the file is no ledger or is damaged.
	ErrDamaged = errors.New("ledger: file damaged")
	// ErrBusy means that another program holds the file for more than five seconds.
	ErrBusy = errors.New("ledger: file in use")
	// ErrFull means that the disk has no room left. What was recorded before is safe.
	ErrFull = errors.New("ledger: disk full")
	// ErrNewer means that a later version of the program wrote the file.
	ErrNewer = errors.New("ledger: file of a newer version")
	// ErrEdited means that a script of the schema differs from the one that was
	// applied to the file: a mistake of the program, not of the user.
	ErrEdited = errors.New("ledger: schema script edited after it was applied")
	// ErrBooks means that the books do not add up.
	ErrBooks = errors.New("ledger: books do not add up")
)

// explain wraps what SQLite says in the sentinel that the schema means by it.
func explain(err error) error {
	e, ok := errors.AsType[sqlite3.Error](err)
	if !ok {
		return err
	}
	switch e.Code {
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	case sqlite3.ErrFull:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case sqlite3.ErrConstraint:
	default:
		return err
	}
	text := err.Error()
	for _, m := range []struct {
		text string
		is   error
	}{
		{"ledger: id taken", ErrConflict},
		{"ledger: resolved before", ErrResolved},
		{"ledger: not as pending", ErrNotPending},
		{"ledger: units differ", ErrUnit},
		{"ledger: account closed", ErrClosed},
		{"CHECK constraint failed: floor", ErrLimit},
		{"CHECK constraint failed: ceiling", ErrLimit},
	} {
		if strings.Contains(text, m.text) {
			return m.is
		}
	}
	return fmt.Errorf("%w: %w", ErrInvalid, err)
}
