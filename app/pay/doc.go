// Package pay joins the two halves of the market that do not know each other: the
// engine, which decides whom to serve and counts bytes, and the broker, which moves
// the money. A [Counter] is the engine's Broker for as long as the program lives;
// [Counter.Run] opens it with a ledger, a key and a deposit, and until it returns
// peers are paid and pay.
//
// Invariants, each held by a test of the same name:
//
//   - Closed: a counter that is not open greets nobody and allows nothing.
//   - Deposits: a payer may buy only when its deposit was seen on the chain.
//   - Budget: what may be spent is what the deposit has free and is not promised yet.
//   - OneBuysFromAnother: over real sockets the ledgers of payer and payee say the
//     same, to the µBTT and the byte, and what is said about money is at most a
//     thousandth of the payload. The second act of app/demo holds both against the
//     escrow.
//   - UnlockedLater: a wallet that is locked when a peer is met pays once unlocked.
//   - Direct: without a contract debts are paid by transfers; payer, payee and chain say the
//     same, and a transfer of somebody else, too small, not final or used counts nothing.
//   - Kill: either side may be killed at any moment of a paid transfer.
package pay
