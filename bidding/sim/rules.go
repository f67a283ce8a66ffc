package sim

import (
	"cmp"
	"slices"
	"time"

	"swarmbid/bidding"
	"swarmbid/wallet/btt"
)

// Rule decides one round, as bidding.Allocate does.
type Rule func(now time.Time, p bidding.Policy, peers []bidding.Peer) []bidding.Grant

// bidder is a peer that wants to be served, with what it gets.
type bidder struct {
	*bidding.Peer
	at   int // place in the grants
	want int64
}

// wants lists the interested peers that bid enough, the highest bid first, and the
// others, by what they sent.
func wants(p bidding.Policy, peers []bidding.Peer) (paying, free []bidder, grants []bidding.Grant) {
	grants = make([]bidding.Grant, len(peers))
	for i := range peers {
		q := &peers[i]
		grants[i].Key = q.Key
		b := bidder{Peer: q, at: i, want: p.Uplink}
		for _, bound := range []int64{q.Cap, q.Demand} {
			if bound > 0 {
				b.want = min(b.want, bound)
			}
		}
		switch {
		case !q.Interested:
		case p.Market && q.Bid > 0 && q.Bid >= q.Reserve && q.Standing:
			paying = append(paying, b)
		default:
			free = append(free, b)
		}
	}
	slices.SortFunc(paying, func(a, b bidder) int { return cmp.Or(cmp.Compare(b.Bid, a.Bid), cmp.Compare(a.Key, b.Key)) })
	slices.SortFunc(free, func(a, b bidder) int {
		return cmp.Or(cmp.Compare(b.Received, a.Received), a.Since.Compare(b.Since), cmp.Compare(a.Key, b.Key))
	})
	return paying, free, grants
}

// Slots is the rule of the BTT white paper: the highest bids win a slot each and
// pay the highest losing bid, at least the reserve; slots without a bidder go by
// what peers sent; one optimistic slot is not sold. Slots share the uplink evenly.
func Slots(now time.Time, p bidding.Policy, peers []bidding.Peer) []bidding.Grant {
	paying, free, grants := wants(p, peers)
	won := min(len(paying), p.Slots)
	price := btt.Rate(0)
	if won < len(paying) {
		price = paying[won].Bid
	}
	var seated []bidder
	seat := func(b bidder, s bidding.Slot) {
		grants[b.at].Slot = s
		seated = append(seated, b)
	}
	for _, b := range paying[:won] {
		grants[b.at].Price = max(price, b.Reserve)
		seat(b, bidding.Paid)
	}
	rest := slices.Concat(free, paying[won:])
	if p.Optimistic > 0 && len(rest) > 0 {
		longest := slices.MinFunc(rest, func(a, b bidder) int {
			return cmp.Or(waitsFrom(now, p, a).Compare(waitsFrom(now, p, b)), cmp.Compare(a.Key, b.Key))
		})
		seat(longest, bidding.Optimistic)
	}
	for _, b := range rest {
		if len(seated) < p.Slots+p.Optimistic && grants[b.at].Slot == bidding.Choked {
			seat(b, bidding.Regular)
		}
	}
	weights := make([]int64, len(seated))
	for i := range weights {
		weights[i] = 1
	}
	share(p.Uplink, seated, weights, grants)
	return grants
}

// waitsFrom returns since when b waits for an optimistic slot; a turn lasts.
func waitsFrom(now time.Time, p bidding.Policy, b bidder) time.Time {
	switch {
	case b.Slot == bidding.Optimistic && now.Sub(b.Since) < p.OptimisticFor:
		return time.Time{}
	case b.Slot != bidding.Choked:
		return now
	}
	return b.Since
}

// Proportional shares the uplink in proportion to bids, and everybody pays its own
// bid. Who does not bid is served from what bidders leave.
func Proportional(_ time.Time, p bidding.Policy, peers []bidding.Peer) []bidding.Grant {
	paying, free, grants := wants(p, peers)
	weights := make([]int64, len(paying))
	for i, b := range paying {
		weights[i] = int64(b.Bid)
		grants[b.at].Slot, grants[b.at].Price = bidding.Paid, b.Bid
	}
	left := share(p.Uplink, paying, weights, grants)
	even := make([]int64, len(free))
	for i, b := range free {
		even[i] = 1
		grants[b.at].Slot = bidding.Regular
	}
	share(left, free, even, grants)
	for i := range grants {
		if grants[i].Rate == 0 {
			grants[i] = bidding.Grant{Key: grants[i].Key}
		}
	}
	return grants
}

// share divides rate among list by weights, nobody getting more than it wants, and
// returns what is left.
func share(rate int64, list []bidder, weights []int64, grants []bidding.Grant) int64 {
	order := make([]int, len(list))
	sum := 0.0
	for i := range list {
		order[i] = i
		sum += float64(weights[i])
	}
	need := func(i int) float64 { return float64(list[i].want) / float64(weights[i]) }
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(need(i), need(j)), cmp.Compare(i, j)) })
	for _, i := range order { // those that are satisfied first come first
		part := min(int64(float64(rate)*float64(weights[i])/sum), list[i].want)
		grants[list[i].at].Rate = part
		rate -= part
		sum -= float64(weights[i])
	}
	return rate
}
