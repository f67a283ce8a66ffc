package swarm

import (
	"net/netip"
	"time"
)

// Money here is in µBTT and prices are in µBTT per MiB of payload, as in package
// wallet/btt, which this package does not import.

// BidMode is how a torrent bids. The zero value is as the session does.
type BidMode uint8

// The modes.
const (
	BidAsSession BidMode = iota
	BidOff
	BidEco
	BidBalanced
	BidFast
	BidPaper // by the formula of the BTT white paper, for comparison
)

// String returns the mode in English lower case, for logs and tests.
func (m BidMode) String() string {
	return word(m, "as session", "off", "eco", "balanced", "fast", "paper")
}

// word returns the word of v, or "unknown" where there is none.
func word[T ~uint8](v T, words ...string) string {
	if int(v) < len(words) {
		return words[v]
	}
	return "unknown"
}

// Bandwidth is what the user set for the trade of one torrent. The zero value
// leaves everything to the session's settings.
type Bandwidth struct {
	OwnReserve bool  // the next two count, else the session's
	ByRarity   bool  // Reserve is the cap of a price that follows rarity
	Reserve    int64 // least price taken, µBTT per MiB
	Mode       BidMode
	MaxPrice   int64 // never bid more, µBTT per MiB; 0 = the session's
	MaxTotal   int64 // never spend more on the torrent, µBTT; 0 = the session's
	// AllowPrivate lets bids be sent and taken although the torrent is private
	// (BEP 27).
	AllowPrivate bool
}

// Why says why a peer is served or not. The zero value is that of a peer that
// wants nothing.
type Why uint8

// The reasons; the first six serve.
const (
	WantsNothing    Why = iota
	WhyBought           // its bid was among the best
	WhyReciprocates     // it sends us more than others do
	WhyOwed             // it has waited for its part longest
	WhyTurn             // its optimistic turn (BEP 3)
	WhySpare            // the uplink has room
	WhyOutranked        // others come first
	WhySubnetFull       // as WhyOutranked, and its subnet has its slots
	WhySoldOut          // all of the uplink is paid for
	WhyClosed           // there are no slots
)

// String returns the reason in English lower case, for logs and tests.
func (w Why) String() string {
	return word(w, "wants nothing", "bought", "reciprocates", "owed", "turn", "spare", "outranked",
		"subnet full", "sold out", "closed")
}

// BidOutcome says what became of a bid. The zero value is that of a peer that does
// not bid.
type BidOutcome uint8

// The outcomes. Who did not win is served as if it had not bid.
const (
	NoBid        BidOutcome = iota
	Won                     // all that it can take
	WonPart                 // what higher bids have left
	Outbid                  // higher bids took everything
	Spared                  // higher bids left less than it gets for nothing
	BelowReserve            // less than the torrent's reserve price
	NotGood                 // the payment side does not stand by it
	Refused                 // no bids here
)

// String returns the outcome in English lower case, for logs and tests.
func (o BidOutcome) String() string {
	return word(o, "no bid", "won", "won in part", "outbid", "spared", "below reserve", "not good", "refused")
}

// Market is what the Market tab shows of one torrent. It is immutable once
// returned.
type Market struct {
	On      bool // the market is on; else only Set has something to say
	Refused bool // no bids here: a private torrent without the user's leave
	Set     Bandwidth

	Uplink    int64 // bytes per second that are shared out, all torrents; 0 = unlimited
	Measured  bool  // Uplink follows from what was measured, not from a limit
	FreeShare int   // percent of Uplink kept for those that do not pay
	Sold      int64 // bytes per second granted for money, all torrents
	Free      int64 // bytes per second granted for nothing, all torrents

	Reserve int64     // least price taken now, µBTT per MiB
	Alone   time.Time // since when nobody else is known to have the whole torrent; zero = somebody is

	Bidders  []Bidder   // every peer that wants something or bids, the highest bid first
	Bids     []Purchase // our bids, the highest first
	Estimate Estimate   // what bidding our highest price would buy; the zero value = nothing is known
}

// Bidder is a peer that we serve or not.
type Bidder struct {
	Key     PeerKey
	Addr    netip.AddrPort
	Client  string
	Slot    Slot
	Why     Why
	Outcome BidOutcome
	Bid     int64 // µBTT per MiB; 0 = none
	Price   int64 // that it pays, µBTT per MiB; 0 = nothing
	Granted int64 // bytes per second
	Rate    int64 // bytes per second, measured
	Charged int64 // payload bytes of this connection served for money
}

// Purchase is a bid of ours to one provider.
type Purchase struct {
	Key      PeerKey
	Addr     netip.AddrPort
	Client   string
	Bid      int64 // µBTT per MiB; 0 = none in force
	Reserve  int64 // the least it takes, as far as it said
	Price    int64 // that we pay, µBTT per MiB; 0 = no quote in force
	Granted  int64 // bytes per second, by its quote; 0 = no quote in force
	Rate     int64 // bytes per second, measured
	Verified int64 // bytes of this connection to be paid for: verified, and under a quote
}

// Estimate is what a bid would buy. The zero value is that nothing is known.
type Estimate struct {
	FreeRate, PaidRate int64         // bytes per second without and with bidding
	FreeTime, PaidTime time.Duration // to the end; 0 = never
	Cost               int64         // µBTT
}
