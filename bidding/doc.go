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
// Invariants, each held by a test of the same name:
//
//   - Complete: every peer has a grant; who is choked has no rate, who is not has one.
//   - Order: the decision does not depend on the order of the peers.
//   - Interest: a peer that wants nothing gets nothing.
//   - Slots: the free tier keeps to its slots, per torrent, subnet and in all, but
//     for peers that take what would lie idle.
//   - Free: without bids the decision is that of a classic choker.
//   - Hold, Turn: an optimistic turn lasts OptimisticFor; everybody gets one.
//   - Weights: torrents of different weights share the free tier's rate by them, what
//     one cannot take going to the others; torrents of one weight do not count.
//   - Fair: free leechers of a torrent that we seed are given the same.
//   - Eligible: only bids count that reach the reserve price and are good.
//   - Fill: the highest bids are filled first, equal ones by demand.
//   - Price: nobody pays more than its bid or less than the reserve.
//   - Lone: a lone bidder pays the reserve.
//   - FreeShare: the free tier gets its share, or all that it can take.
//   - WorkConserving: the uplink does not idle while somebody is interested.
//   - NoWorse: a bidder that wins nothing is served as if it had not bid.
//   - Spared: nobody pays for less than the free tier would give it.
//   - Bid: bidding more does not get a peer less.
//   - Private: where no bids are taken, bids change nothing.
//   - Hysteresis: a quote stands for a while, and longer while little changes.
//   - Welfare, Shading, Identities: the capacity goes to those who value it most,
//     and neither a false bid, a false demand nor false names gain anything.
//
// Money is in µBTT, prices in µBTT per MiB (2²⁰ bytes) of payload, rates in bytes
// per second.
package bidding
