// Package tron is the chain: balances, building, signing, sending and confirming
// transactions. It is the only user of gotron-sdk.
//
// A node is believed in nothing that it could gain from. Transactions are built
// here and decoded again before they are signed; a node contributes a reference
// block and fees, which are bounded. Answers have a deadline and are checked for
// missing fields and absurd numbers. Every endpoint must show the genesis block
// of the chain. Where two endpoints are configured, a balance counts as true
// only when both agree, and a transaction as failed or expired, which is when one
// may pay again, only on the word of both; an endpoint that is gone for good has
// to be taken out of the profile.
//
// Terminology: an endpoint is a host with the services Wallet (the head's view)
// and WalletSolidity (what can no longer change); an intent is what somebody
// decided to do, a quote what it will cost, the outbox where it lives until the
// chain has settled it (package wallet/tron/outbox).
//
// Invariants, each a test of the same name:
//
//   - SignedIsIntended: what is signed decodes to exactly the intent.
//   - OneLive: of an intent there is never more than one transaction that a block
//     could still take, whenever the process dies.
//   - BookedOnce: a top-up, a payment and a fee enter the ledger once.
//   - NoFalseBalance: a wrong answer of a node changes no balance that is shown as agreed.
//   - NoPanic: no answer of a node ends the program.
//
// One goroutine, [Chain.Run], owns the outbox after signing, the balances and
// the back-off; everything else reads [Chain.Snapshot] or asks the nodes itself.
package tron
