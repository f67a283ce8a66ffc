package sim

import (
	"math/rand/v2"
	"slices"
	"time"

	"swarmbid/bidding"
	"swarmbid/wallet/btt"
)

// Market is one provider and its bidders in one round. The bids in Peers are true
// values, the caps true demands.
type Market struct {
	Policy bidding.Policy
	Peers  []bidding.Peer
}

// mbps is the uplink of a Market, in bytes per second.
const mbps = 1_000_000

// NewMarket returns a market of n bidders that is a function of seed.
func NewMarket(seed uint64, n, slots int) Market {
	r := rand.New(rand.NewPCG(seed, 10))
	m := Market{Policy: bidding.Policy{Uplink: mbps, Market: true, Slots: slots}}
	reserve := btt.Rate(r.IntN(3) * 200_000)
	for i := range n {
		m.Peers = append(m.Peers, bidding.Peer{
			Key: bidding.PeerKey(i + 1), Interested: true, Standing: true, Reserve: reserve,
			Bid: btt.Rate(1 + r.IntN(mbps)), Cap: int64(mbps/20 + r.IntN(mbps/2)),
		})
	}
	return m
}

// epoch is the start of the virtual clock.
func epoch() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// Auction is bidding.Allocate with nothing but the paid tier: no slots for those
// that pay nothing.
func Auction(now time.Time, p bidding.Policy, peers []bidding.Peer) []bidding.Grant {
	p.Slots, p.Optimistic = 0, 0
	return bidding.Allocate(now, p, peers)
}

// Welfare returns what the round is worth to the bidders, as a part of the most
// that it could be.
func (m Market) Welfare(rule Rule) float64 {
	got := 0.0
	for i, g := range rule(epoch(), m.Policy, m.Peers) {
		if g.Slot == bidding.Paid {
			got += float64(m.Peers[i].Bid) * float64(g.Rate)
		}
	}
	best, left := 0.0, m.Policy.Uplink
	order := slices.Clone(m.Peers)
	slices.SortFunc(order, func(a, b bidding.Peer) int { return int(b.Bid - a.Bid) })
	for _, q := range order {
		if q.Bid >= q.Reserve {
			n := min(left, q.Cap)
			best += float64(q.Bid) * float64(n)
			left -= n
		}
	}
	if best == 0 {
		return 1
	}
	return got / best
}

// gain returns what the peers from the given ones on, all names of q, get out of
// grants: the value of the rate up to q's demand, less the price.
func gain(q bidding.Peer, grants []bidding.Grant, names map[bidding.PeerKey]bool) float64 {
	rate, cost := int64(0), 0.0
	for _, g := range grants {
		if names[g.Key] && g.Slot == bidding.Paid {
			rate += g.Rate
			cost += float64(g.Price) * float64(g.Rate)
		}
	}
	return float64(q.Bid)*float64(min(rate, q.Cap)) - cost
}

// Tries is how many lies of a kind are tried for each bidder of a market.
const Tries = 6

// Shading returns the best gain of any bidder from a bid below its value, as a
// part of what all gain together with true bids.
func (m Market) Shading(rule Rule, seed uint64) float64 {
	r := rand.New(rand.NewPCG(seed, 11))
	return m.lie(rule, func(q bidding.Peer) []bidding.Peer {
		q.Bid = btt.Rate(float64(q.Bid) * (0.05 + 0.95*r.Float64()))
		return []bidding.Peer{q}
	})
}

// Identities likewise returns the best gain from n names instead of one, with bids
// and demands at random below the true ones.
func (m Market) Identities(rule Rule, n int, seed uint64) float64 {
	r := rand.New(rand.NewPCG(seed, 12))
	return m.lie(rule, func(q bidding.Peer) []bidding.Peer {
		names := make([]bidding.Peer, n)
		for i := range names {
			names[i] = q
			names[i].Key = bidding.PeerKey(1000*(i+1)) + q.Key
			if r.IntN(2) == 0 {
				names[i].Cap = q.Cap / int64(n)
			}
			if i > 0 && r.IntN(2) == 0 {
				names[i].Bid = max(1, btt.Rate(float64(q.Bid)*r.Float64()))
			}
		}
		return names
	})
}

// lie tries, for each bidder, what it gains with the peers that lies puts in its
// place.
func (m Market) lie(rule Rule, lies func(q bidding.Peer) []bidding.Peer) float64 {
	honest := rule(epoch(), m.Policy, m.Peers)
	all, best := 0.0, 0.0
	for i, q := range m.Peers {
		truth := gain(q, honest, map[bidding.PeerKey]bool{q.Key: true})
		all += truth
		for range Tries {
			others := slices.Delete(slices.Clone(m.Peers), i, i+1)
			names := map[bidding.PeerKey]bool{}
			for _, l := range lies(q) {
				names[l.Key] = true
				others = append(others, l)
			}
			best = max(best, gain(q, rule(epoch(), m.Policy, others), names)-truth)
		}
	}
	// A price is rounded down to 1 µBTT/MiB, a gain of 1 for each byte per second.
	if best <= 2*mbps {
		return 0
	}
	return best / max(all, best)
}
