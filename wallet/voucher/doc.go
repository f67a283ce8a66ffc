// Package voucher makes and checks the promises with which peers pay each other:
// a signed statement "this payer owes this payee so much in all" ([Voucher]),
// and the proof that a peer holds the account it names ([Session]).
//
// Both are typed data (TIP-712) under the [Domain] of one escrow contract on one
// chain. What the contract computes, what tronweb computes and what this package
// computes is the same digest.
//
// Invariants, each a test of the same name:
//
//   - Oracle: digests and signatures are byte for byte those of tronweb.
//   - OneSignature: of the signatures that recover to an address exactly one form is
//     taken: 65 bytes, s in the lower half of the order, v 27 or 28. Everything the
//     package accepts, the contract accepts.
//   - Deterministic: the same key and digest give the same signature (RFC 6979), so a
//     voucher that is made again is the voucher that was recorded.
//
// Everything in the package is a pure function of its arguments.
package voucher
