// Package outbox is the life of one chain transaction as a pure machine:
// [Step] takes what is known and what happened, and returns what is known now
// and what to do, in order. It knows no node, file or clock.
//
// TRON has no nonce. Whoever signs a transfer twice has paid twice, so sending
// twice is never the chain's fault and always ours. From that follow the
// invariants, each a test of the same name:
//
//   - OneSignature: an intent is signed at most once; bytes and id never change.
//   - RecordedFirst: every change is saved before anything else is done about it;
//     only a saved signature is sent.
//   - SameBytes: what is sent again is what was signed, never a new transaction.
//   - EndsOnce: an end is final, and the reservation is booked or released exactly once.
//   - ExpiredIsProven: a signed transaction is given up only when a solid block
//     is later than its expiry and no endpoint knows it.
//
// Terminology: an intent is what somebody decided to do; it is live from Built
// to its end; solid means that the chain can no longer take it back.
package outbox
