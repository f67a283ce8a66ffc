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
//   - Reconciles: after real transfers over real sockets, the ledgers of payer and
//     payee and the escrow say the same, to the µBTT.
package pay
