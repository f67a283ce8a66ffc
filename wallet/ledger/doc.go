// Package ledger keeps the books: who owes whom how many µBTT, and why. It is a
// double-entry ledger in one SQLite file.
//
// There are two nouns. An account has a path such as "wallet/onchain" and counts
// one unit. A [Transfer] debits one account and credits another by one positive
// amount, so the books balance by construction. It is immutable. A pending one
// reserves its amount until exactly one other posts it (all or a part, the rest
// is released) or voids it. The terms are TigerBeetle's.
//
// The caller chooses the [ID]: the hash of a lane and a sequence number, or a
// transaction's id. Recording a transfer again is no second transfer, so
// whatever may have been interrupted is repeated without harm.
//
// Invariants, each a test of the same name:
//
//   - Durable: a call that returned nil survives the death of the process, and the
//     loss of power as far as the disk keeps its word (WAL, synchronous=FULL).
//   - Balanced: in every unit debits equal credits; [Ledger.Audit] adds them up.
//   - Immutable: the file itself refuses to change or remove a transfer.
//   - Limits: an account with a limit never passes it, whatever becomes of what is
//     pending.
//   - Retry: the same transfer twice counts once, other fields are ErrConflict.
//   - SetOff: what two owe each other and set off is an expense, an income, and one
//     against the other; the sum kept for a pair is the one in the books.
//
// The schema holds these rules; Go words them. Scripts in schema are applied in
// order, each once, and never edited after a release: their hashes are in the
// file. A further table is a further script plus methods here on [Tx] and
// [Ledger]; nobody else speaks SQL.
//
// A Ledger is safe for concurrent use: one writing connection, and a pool that
// cannot write for the window.
package ledger
