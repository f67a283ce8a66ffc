// Package btt holds the units of money of the program.
//
// On the chain a BTT has 18 decimals, so 19 BTT overflow an uint64. Off the
// chain (bids, vouchers, the ledger, the window) sums are counted in µBTT,
// 10⁻⁶ BTT, in an int64: at most 9.2·10¹² BTT. Only the package that talks to
// the chain handles base units, as a [Word].
//
// Invariants, each a test of the same name:
//
//   - Exact: every operation gives the result of unbounded integers or an error.
//   - CostCumulative: the price of n bytes depends on n alone, never on the steps
//     in which they were delivered.
//   - RoundTrip: what Format writes, Parse reads back unchanged, in every Locale.
//   - Word: an Amount survives the way to base units and back without a rest.
//
// Everything in the package is a pure function of its arguments.
package btt
