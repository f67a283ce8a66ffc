package bidding

import (
	"cmp"
	"slices"
	"time"

	"swarmbid/wallet/btt"
)

// Grant is the decision on one peer until the next round.
type Grant struct {
	Key    PeerKey
	Slot   Slot
	Reason Reason // why it has this slot

	// Rate is its part of the uplink in bytes per second: a weight, not a limit,
	// since what others leave is shared out by the same weights. 0 if it is choked.
	Rate int64

	Bid     Outcome  // what became of its bid
	Price   btt.Rate // what it pays for each byte; not above its bid; 0 in the free tier
	Requote bool     // Price and Rate have to be told to it in a new quote
}

// Reason says why a peer is served or not, for the sentence that the window shows.
type Reason uint8

// The reasons. The zero value is that of a peer that wants nothing.
const (
	NotInterested Reason = iota
	Bought               // paid: its bid was among the best
	Reciprocates         // regular: it sends us more than others do
	Owed                 // regular: of all it has waited for its part longest
	Turn                 // optimistic: its turn
	Spare                // regular: the slots are taken, but the uplink has room
	Outranked            // choked: others come first, and the uplink is in use
	SubnetFull           // choked: as Outranked, and its subnet has its slots
	SoldOut              // choked: it has rank, but all of the uplink is paid for
	Closed               // choked: the policy gives no slots
)

// String returns the reason in English lower case, for logs and tests.
func (r Reason) String() string {
	return word(r, "not interested", "bought", "reciprocates", "owed", "turn", "spare",
		"outranked", "subnet full", "sold out", "closed")
}

// Outcome says what became of a bid.
type Outcome uint8

// The outcomes. The zero value is that of a peer that does not bid.
const (
	NoBid        Outcome = iota
	Won                  // it gets all that it can take
	WonPart              // it gets what higher bids have left
	Outbid               // higher bids took everything; served as if it had not bid
	Spared               // higher bids left less than it gets for free; likewise
	BelowReserve         // less than the torrent's reserve price; likewise
	NotGood              // the payment side does not stand by it; likewise
	Refused              // no bids here: the market is off, or the torrent private; likewise
)

// String returns the outcome in English lower case, for logs and tests.
func (o Outcome) String() string {
	return word(o, "no bid", "won", "won in part", "outbid", "spared", "below reserve", "not good", "refused")
}

// Allocate decides which peers are served, how fast and at what price. There is
// one grant for each peer, also for those that stay choked, ordered by key. It is
// a function of its arguments alone and does not change peers. The engine calls
// it every 10 s and, at most once a second, on a change.
func Allocate(now time.Time, p Policy, peers []Peer) []Grant {
	r := round{now: now, Policy: p, peers: peers, grants: make([]Grant, len(peers))}
	for i := range peers {
		r.grants[i].Key = peers[i].Key
		if peers[i].Bid > 0 {
			r.grants[i].Bid = Refused
		}
	}
	r.Uplink = min(r.Uplink, maxUplink)
	r.lineUp()
	sold := int64(0)
	if p.Market {
		sold = r.sell()
	}
	r.serveFree(r.grants, r.Uplink-sold)
	slices.SortFunc(r.grants, func(a, b Grant) int { return cmp.Compare(a.Key, b.Key) })
	return r.grants
}

// round is the work of one call of Allocate. Peers are named by their index.
type round struct {
	Policy
	now    time.Time
	peers  []Peer
	grants []Grant // grants[i] is for peers[i]
	line   line
}
