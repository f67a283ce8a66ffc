// Package wire encodes and decodes the messages of btt_bid, the bidding extension
// (BEP 10). docs/bep-btt-bid.md is its specification, testdata/btt_bid.json the
// vectors.
//
// A payload is one bencoded dictionary (BEP 3) of at most 2 KiB in canonical form:
// keys in ascending order and once each, integers not negative and without leading
// zeros. Keys that are not known are ignored. Everything else that is not as
// specified is an error, and ends the extension for the connection; see [CodeOf].
//
// Invariants, each held by a test of the same name:
//
//   - RoundTrip: what Encode writes, Decode reads back unchanged.
//   - Canonical: of all payloads that Decode reads as a message, Encode writes the
//     one without unknown keys.
//   - Limits: no payload is longer than MaxPayload, none makes Decode allocate more
//     than in proportion to it, and none makes it panic.
//   - Limiter: at most 200 messages pass in any 10 s of the clock.
package wire
