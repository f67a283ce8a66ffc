package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"swarmbid/wallet/btt"
)

// Account is the path of an account: two or more names of ASCII letters, digits,
// - and _, at most 128 bytes in all. An account comes to be with its first
// transfer.
type Account string

// The accounts of the program. An asset grows by debits, a debt and an income by
// credits; [Balance] counts debits less credits.
const (
	Onchain  Account = "wallet/onchain"   // BTT in our two addresses
	Deposit  Account = "escrow/deposit"   // BTT in the escrow contract
	Seeding  Account = "income/seeding"   // earned by serving
	Leeching Account = "expense/leeching" // spent on being served
	World    Account = "outside/world"    // where top-ups come from and withdrawals go

	TRX      Account = "trx/wallet/onchain"    // TRX in our addresses, in sun
	TronFee  Account = "fee/tron"              // burnt for transactions, in sun
	TRXWorld Account = "trx/outside/world"     // the other side of TRX
	Old      Account = "bttold/wallet/onchain" // BTTOLD in our addresses
	OldWorld Account = "bttold/outside/world"  // the other side of BTTOLD
)

// Receivable is what the peer of that address owes us.
func Receivable(address string) Account { return Account("peer/" + address + "/receivable") }

// Payable is what we owe the peer of that address.
func Payable(address string) Account { return Account("peer/" + address + "/payable") }

// Balance is the state of one account. The zero value is that of an account
// nobody used.
type Balance struct {
	Posted btt.Amount // debits less credits
	In     btt.Amount // pending debits: may come
	Out    btt.Amount // pending credits: reserved
}

// Available is what may still be spent of an asset: what is there less what is
// reserved.
func (b Balance) Available() btt.Amount { return b.Posted - b.Out }

// Limits bounds an account whatever becomes of its pending transfers. The zero
// value is no limit.
type Limits struct {
	Floor   *btt.Amount // lowest Posted - Out, nil for none; zero for an asset that cannot be overdrawn
	Ceiling *btt.Amount // highest Posted + In, nil for none: a credit line
	Closed  bool        // takes no new transfer; pending ones may still end
}

// SetLimits replaces the limits of an account. It returns ErrLimit, and changes
// nothing, where the account is beyond them already.
func (l *Ledger) SetLimits(ctx context.Context, a Account, lim Limits) error {
	err := l.Update(ctx, func(tx *Tx) error {
		if err := tx.account(ctx, a); err != nil {
			return err
		}
		_, err := tx.sql.ExecContext(ctx, `UPDATE account SET floor = ?, ceiling = ?, closed = ? WHERE path = ?`,
			lim.Floor, lim.Ceiling, lim.Closed, a)
		return err
	})
	if err != nil {
		return fmt.Errorf("limit account %s: %w", a, explain(err))
	}
	return nil
}

const insertAccount = `INSERT INTO account (path) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM account WHERE path = ?1)`

// account makes sure that there is an account of that path.
func (tx *Tx) account(ctx context.Context, a Account) error {
	_, err := tx.sql.StmtContext(ctx, tx.hot.account).ExecContext(ctx, a) //nolint:sqlclosecheck // closed with the transaction
	return err
}

// Balance returns the balance of an account, zero if it is unknown.
func (l *Ledger) Balance(ctx context.Context, a Account) (Balance, error) {
	return balance(ctx, l.read.QueryRowContext, a)
}

// Balance returns the balance of an account as it is within the transaction.
func (tx *Tx) Balance(ctx context.Context, a Account) (Balance, error) {
	return balance(ctx, tx.sql.QueryRowContext, a)
}

func balance(ctx context.Context, query func(context.Context, string, ...any) *sql.Row, a Account) (b Balance, err error) {
	err = query(ctx, `SELECT debits_posted - credits_posted, debits_pending, credits_pending
		FROM account WHERE path = ?`, a).Scan(&b.Posted, &b.In, &b.Out)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Balance{}, fmt.Errorf("balance of %s: %w", a, explain(err))
	}
	return b, nil
}

// maxAccounts bounds what Balances returns.
const maxAccounts = 10_000

// Balances returns the accounts whose path begins with prefix, at most 10,000.
func (l *Ledger) Balances(ctx context.Context, prefix string) (map[Account]Balance, error) {
	fail := func(err error) (map[Account]Balance, error) {
		return nil, fmt.Errorf("balances of %s: %w", prefix, explain(err))
	}
	if strings.ContainsAny(prefix, "*?[") {
		return fail(ErrInvalid)
	}
	all := make(map[Account]Balance)
	if err := l.each(ctx, func(scan func(...any) error) error {
		var a Account
		var b Balance
		err := scan(&a, &b.Posted, &b.In, &b.Out)
		all[a] = b
		return err
	}, `SELECT path, debits_posted - credits_posted, debits_pending, credits_pending
		FROM account WHERE path GLOB ? LIMIT ?`, prefix+"*", maxAccounts); err != nil {
		return fail(err)
	}
	return all, nil
}
