// Package payout pays what is owed to peers where no contract holds a deposit: when a
// debt, less what the peer owes us, is worth the fee, one transfer of BTT is announced,
// sent from the spending account and, once it is final, named to the peer. What is paid is
// decided by a pure function, [Decide], from the lanes in the ledger; all transactions
// go through the outbox of package wallet/tron.
//
// Only what is on the spending account can be lost: its key signs without asking while the
// wallet is unlocked. A debt is never more than the caps of the user allowed when it
// was made.
//
// Invariants, each held by a test of the same name:
//
//   - Restart: in every state the process may die; it goes on there, and no debt is paid
//     by two transactions.
//   - Announced: every transfer was shown for a while before, and the user could forbid it.
//   - Expired: what expired or failed is sent again only as a new intent that the user
//     confirms.
//   - Never: nothing is paid that is owed no longer, that the user does not allow, or whose
//     fee is more than a twentieth.
//
// One goroutine, [Payouts.Run], decides and sends; orders come from any goroutine, one at
// a time.
package payout
