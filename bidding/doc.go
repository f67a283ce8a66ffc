// Package bidding decides which peers are served, how fast, and what they pay.
//
// It takes the place of the choker of a torrent client. What it shares out is
// the rate of the uplink. Peers that bid are served first, the highest bid first,
// and pay what those they displace had offered; a part of the uplink, the free
// share, stays with a choker of the classic kind (BEP 3), so that an ordinary
// client trades with us as with any other. docs/bep-btt-bid.md has the rule and
// its reasons.
//
// The package is pure: it reads no clock, starts no goroutine, draws no random
// number, does no input or output and logs nothing. Time comes in as an argument,
// the decision goes out as a value. The engine carries decisions out, the broker
// moves the money.
//
// Money is in µBTT, prices in µBTT per MiB (2²⁰ bytes) of payload, rates in bytes
// per second.
package bidding
