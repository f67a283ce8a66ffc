// Package till minds the money between the promises and the wallet: our deposit in
// the escrow, and the vouchers received on their way to BTT. What costs a fee is
// decided by a pure function, [Decide]; all transactions go through the outbox of
// package wallet/tron.
//
// Terminology: a claim is what becomes of the promise of one lane (see
// ledger.Claim), a batch the claims of one transaction, an order what the user wants
// done with the deposit or the claims.
//
// Invariants, each held by a test of the same name:
//
//   - Restart: in every state of a claim the process may die; it goes on there, and
//     no voucher is presented by two transactions at once.
//   - BookedOnce: a redemption, a draw on our deposit and an exit enter the ledger
//     once, with what the escrow's events say was paid.
//   - Announced: what is done unasked was shown for a while before, and the user
//     could forbid it.
//   - NotWorthIt: nothing is redeemed unasked whose fee is above the user's part,
//     unless the payer is leaving and something is won.
//   - NoEscrow: where the profile names no escrow nothing is asked and nothing done.
//
// One goroutine, [Till.Run], looks and settles; orders come from any goroutine, one
// at a time.
package till
