// Package lane is the machine of one payment relation: one [Payer], one [Payee],
// one contract (or none), all connections between the two. Each end runs it for
// its side: events in, effects out, nothing else. The broker carries the effects
// out in their order, which is a contract: what is recorded is durable before it
// is signed, and signed before it is sent.
//
// Terminology. A *quote* is a price from one place of the payload stream on, a
// *run* what was delivered under it. A *promise* is a voucher over all there ever
// was between two accounts. *Due* is what the runs add up to; the payer counts
// verified bytes, the payee bytes sent. *Trust* is how much of the window an
// address still has: bytes it left unpaid are taken off, and come back with a
// sixteenth of what it pays for.
//
//	Idle → Hello → Authed → Quoted → Active ⇄ Stalled → Prepay → Active
//	                  ↑        stop, choke ↓                ↓
//	                  └──────────────── Closed          Defaulted (1 h … 7 d)
//
// Bytes of a connection that ended before their piece was verified are not owed.
// The payee cannot tell them from a fraud, so what is not promised when a connection
// ends is in doubt and costs trust, which comes back if it is promised later. An
// address that ran out of trust pays a piece ahead, and nobody is ever banned: who
// does not pay is served for free, by rank, like any other.
//
// The case against the payer is bounded by bytes: the window W, two pieces but at
// least 4 MiB and at most 32 MiB for an address, and S, 1 MiB for each crash of the
// payee; and by money: X and a twentieth of the deposit for promises that were
// not redeemed. The case against the payee is bounded by one piece, and that only
// where it pays ahead; with one more for each crash of the payer's own, if the payee
// had delivered one since the last: what a crash took from the payer it had been sent,
// and a payer that would not bear that could never pay ahead again.
//
// Two lanes in opposite directions are netted. Where payment is by transfers, one
// transfer of the difference settles both. A voucher that was given cannot be taken
// back, so there only what is due and not yet promised is set off: [Net] agrees with the
// other end on one number that counts as paid in both lanes, and [Pair] takes it off
// both in one record. Each end goes by its own counts, so that it gives up no claim
// without being released from as much; docs/bep-btt-bid.md has the dialogue. The payer
// holds back what is proposed, and for a moment what may be ([Payer] says Ask); where
// only one direction moves nothing waits. What it promised because no answer came, and
// the other sets off all the same, it has lent, and takes off the other's window.
//
// Invariants, each held by a test of the same name:
//
//   - Order: record, then sign, then send; nothing is sent that is not recorded.
//   - Same: both ends come to the same number, whatever the prices and however
//     many connections.
//   - Verified: no promise is above what was verified, but for one prepaid piece, and
//     those that crashes of the payer cost it.
//   - Window: no address has more than W unpaid, over all its connections.
//   - Deposit: no more is served than the deposit is trusted for.
//   - Loss: the table of losses, with crashes and lost connections.
//   - Honest: two honest ends go on, and nothing is left unpaid at the end.
//   - Killed: an honest payer that is killed never defaults, however often.
//   - Regrow: what is paid ahead gives trust back like what is paid afterwards.
//   - Caps: no promise passes what the user allowed.
//   - Rising: what is promised and what is held never fall.
//   - BackOff: 1 h after the first default, twice that after each, at most 7 d.
//   - Remembered: what is verified under a price is recorded in the same step.
//   - Cadence: a promise a second, more only if half of the window is unpaid.
//   - Restart: in every phase both go on from the greater promise.
//   - Free: what is served without a quote is not charged.
//   - Netting: one transfer settles both directions, also when two cross and
//     connections are lost, and both ends come to the same numbers.
//   - NettingSame, NettingHonest, NettingRestart, NettingLoss: the same as above where
//     both directions are set off by vouchers, and what is lost in both together.
//   - NettingBounds: nobody sets off more than it owes, is owed, or may spend.
//   - NettingCadence: nothing waits where one direction moves.
//   - Patience: what waits to be set off does not wait long.
//   - OneProposal: one at a time, said again until it is answered.
//   - Loan: what was promised and then set off is taken off the other's window.
//   - Carried: a debt without a contract stays until it is paid, costs no back-off,
//     and nothing is lent beyond the line.
//   - Short: a line that never would be worth a transfer is refused.
//   - Owed: such a debt counts against the user's limits when it is made.
//   - Compact: however many prices there were, the runs are few.
//   - Value: Step changes nothing but its result.
//
// The package is pure. Money is in µBTT, prices in µBTT per MiB.
package lane
