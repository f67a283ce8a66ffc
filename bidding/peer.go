package bidding

import (
	"math"
	"net/netip"
	"time"

	"swarmbid/wallet/btt"
)

// PeerKey names one live connection. The engine chooses it; a key is never used
// for two peers of one round. The zero value names nobody.
type PeerKey uint64

// TorrentKey names a torrent, by its infohash as the wire has it.
type TorrentKey [20]byte

// Slot says how a peer is served. The zero value means that it is choked.
type Slot uint8

// The ways to be served, in the order in which the window shows them.
const (
	Choked     Slot = iota
	Regular         // in the free tier, by rank (BEP 3)
	Optimistic      // in the free tier, because its turn has come (BEP 3); never sold
	Paid            // for money, at the price of its grant
)

// String returns the slot in English lower case, for logs and tests.
func (s Slot) String() string {
	return word(s, "choked", "regular", "optimistic", "paid")
}

// word returns the word of v, or "unknown" where there is none.
func word[T ~uint8](v T, words ...string) string {
	if int(v) < len(words) {
		return words[v]
	}
	return "unknown"
}

// Peer is everything that is known of one connection when a round is held. The
// zero value is a peer that wants nothing. The engine fills it; Allocate never
// changes it.
type Peer struct {
	Key     PeerKey
	Torrent TorrentKey
	Addr    netip.Addr // for Policy.SubnetSlots; the zero value is in no subnet

	Interested bool // it wants pieces that we have (BEP 3)
	Seeding    bool // we have its whole torrent, so that it can give nothing back
	Slots      int  // regular slots of its torrent; 0 = Policy.TorrentSlots

	// Weight is that of its torrent, which all peers of a torrent have in common: where
	// torrents differ in it, they share the free tier's rate by their weights. 1 to
	// MaxWeight; 0 = NormalWeight. What is sold does not know it.
	Weight int

	// Received is the payload it sent us over the last 20 s, in bytes. It ranks
	// the peers of a torrent that we are still loading.
	Received int64
	// Owed is the part of what we gave for free that it should have had and has
	// not, in bytes; negative if it had more. [Accrue] keeps it. It ranks the
	// peers of a torrent that we seed.
	Owed int64

	// Slot is the slot that it holds now, and Since when it got it. While it is
	// choked, Since is when it began to wait: the later of the ends of its last
	// slot and of its not being interested. A newcomer waits from now on.
	Slot  Slot
	Since time.Time
	// Turn is when its last optimistic turn began, or, before the first, when it
	// became interested.
	Turn time.Time

	// Demand is the estimate of what it can take, in bytes per second, kept by
	// [Demand]; 0 = nothing is known, it may take everything.
	Demand int64

	Bid      btt.Rate // the most it pays; 0 = no bid
	Cap      int64    // bytes per second it wants at that price at most; 0 = any
	Standing bool     // the payment side says that it is good for its bid
	Reserve  btt.Rate // the least that its torrent takes
	NoBids   bool     // bids do not count: a private torrent (BEP 27) without the user's leave
	Quote    Quote    // the quote in force
}

// Quote is the price that was last told to a peer. The zero value is none.
type Quote struct {
	Price btt.Rate
	Rate  int64     // granted with it, in bytes per second
	At    time.Time // when it was sent; zero = there is no quote in force
}

// The weights of torrents.
const (
	NormalWeight = 2
	MaxWeight    = 16
)

// torrentWeight returns the weight of q's torrent.
func (q *Peer) torrentWeight() int64 {
	if q.Weight <= 0 {
		return NormalWeight
	}
	return int64(min(q.Weight, MaxWeight))
}

// leastDemand is what a peer is always believed to be able to take, in bytes per
// second: a block a second. A lower estimate could never grow again.
const leastDemand = 16 << 10

// Demand returns the next estimate of what a peer can take, in bytes per second:
// a quarter more while it keeps up with what it was granted, else what it was
// measured to drain and a quarter for growth. All three figures are in bytes per
// second over the round that ends; prev and the result 0 mean that no bound is
// known. The engine calls it once a round for every peer that held a slot
// throughout and had requests waiting at its end.
func Demand(prev, granted, drained int64) int64 {
	switch keptUp := drained >= granted-granted/20; {
	case granted <= 0 || keptUp && prev == 0:
		return prev
	case keptUp:
		return grow(max(prev, drained))
	}
	return grow(drained)
}

// grow adds a quarter to a rate, within bounds.
func grow(rate int64) int64 {
	if rate > math.MaxInt64/5*4 {
		return math.MaxInt64
	}
	return max(rate+rate/4, leastDemand)
}

// demand returns what q can take of limit, in bytes per second.
func (q *Peer) demand(limit int64) int64 {
	if q.Demand > 0 {
		limit = min(limit, q.Demand)
	}
	return limit
}

// subnet returns the block of addresses that q's owner has for the price of one:
// /24 of IPv4, /64 of IPv6. The zero value stands for an unknown address.
func (q *Peer) subnet() netip.Prefix {
	a, size := q.Addr.Unmap().WithZone(""), 64
	if a.Is4() {
		size = 24
	}
	p, err := a.Prefix(size)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
