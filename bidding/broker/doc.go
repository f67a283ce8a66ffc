// Package broker moves the money of the market: it is the shell around the pure
// machines of package lane. One goroutine, [Broker.Run], owns all of them. Events
// come in from the connections, the engine and the user, through an inbox that is
// bounded; effects go out in the order in which a machine returns them: recorded in
// the ledger, then signed, then sent. A ledger that cannot record ends the broker,
// never the client, which goes on without payments.
//
// A peer that floods the inbox loses the extension on its connection; nothing else
// is dropped. What is served is said by its position in the stream, so that only the
// last word counts.
//
// Invariants, each held by a test of the same name:
//
//   - Transfer: two brokers over a real ledger each pay for what was verified, and
//     both ledgers say the same.
//   - Kill: either of two processes may die at any moment, any number of times:
//     nothing is paid twice, the loss is bounded, the books are in order.
//   - Cheats: each cheat of the table of losses over a real connection.
//   - Caps: per torrent, day and peer; zero allows nothing.
//   - Flood: a full inbox ends the extension of the peer that fills it.
//   - Locked: without a key nothing is sent, and what is recorded is said later.
//   - FailStop: what cannot be recorded is neither signed nor sent.
//   - Off: without a way to pay there is no traffic at all.
//   - Netting: two brokers that load from each other promise the difference; both ledgers
//     say the same, with what was earned and spent in full. KillNetting is Kill for it.
//   - Direct: transfers between the wallets, netted, each counted once.
//   - Purse: without a contract no more is owed than the caps and the purse allow.
//   - Line: nor more lent than the line; a transfer counts also while its payee is away.
//   - Overhead: what is said about money is at most a thousandth of the payload.
package broker
