package sim

import (
	"time"

	"swarmbid/bidding"
	"swarmbid/wallet/btt"
)

// Crush is one seed with more paid demand than uplink and free leechers that all
// could take everything.
type Crush struct {
	Policy bidding.Policy
	Payers int
	Free   int
	Rounds int
}

// DefaultCrush is half an hour of a seed with 4 MiB/s, 10 payers and 40 others.
func DefaultCrush() Crush {
	p := bidding.DefaultPolicy()
	p.Uplink, p.Market, p.Slots, p.TorrentSlots, p.SubnetSlots = 4<<20, true, 4, 4, 0
	return Crush{Policy: p, Payers: 10, Free: 40, Rounds: 180}
}

// Served is what became of the free leechers of a Crush.
type Served struct {
	Worst float64       // the least part of the uplink that they got together in a round
	Mean  float64       // the mean part
	Wait  time.Duration // the longest that any of them waited, at the end of the run or between two rounds of service
	Gap   int64         // between the one that was given most and the one that was given least, in bytes
	Jain  float64       // fairness index of what each was given: 1 = all the same
}

// Run holds the rounds by rule.
func (c Crush) Run(rule Rule) Served {
	peers := make([]bidding.Peer, c.Payers+c.Free)
	for i := range peers {
		q := &peers[i]
		*q = bidding.Peer{Key: bidding.PeerKey(i + 1), Interested: true, Standing: true, Seeding: true, Since: epoch(), Turn: epoch()}
		if i < c.Payers {
			q.Bid = btt.Rate(1_000_000 + 10_000*i)
		}
	}
	sent, last := make([]int64, len(peers)), make([]int, len(peers))
	out := Served{Worst: 1}
	for n := range c.Rounds {
		now := epoch().Add(time.Duration(n) * round)
		free := int64(0)
		var books []bidding.Account
		for i, g := range rule(now, c.Policy, peers) {
			q := &peers[i]
			if g.Slot != q.Slot {
				q.Slot, q.Since = g.Slot, now
				if g.Slot == bidding.Optimistic {
					q.Turn = now
				}
			}
			if g.Slot == bidding.Paid {
				continue
			}
			free += g.Rate // also to those whose bids are too low
			books = append(books, bidding.Account{Key: q.Key, Owed: q.Owed, Sent: g.Rate * 10})
			if i < c.Payers {
				continue
			}
			if g.Rate > 0 {
				last[i] = n + 1
			}
			out.Wait = max(out.Wait, time.Duration(n+1-last[i])*round)
			sent[i] += g.Rate * 10
		}
		bidding.Accrue(books)
		for _, b := range books {
			peers[b.Key-1].Owed = b.Owed
		}
		part := float64(free) / float64(c.Policy.Uplink)
		out.Worst = min(out.Worst, part)
		out.Mean += part / float64(c.Rounds)
	}
	out.compare(sent[c.Payers:])
	return out
}

// compare fills in Gap and Jain.
func (s *Served) compare(sent []int64) {
	least, most, sum, squares := sent[0], sent[0], 0.0, 0.0
	for _, n := range sent {
		least, most = min(least, n), max(most, n)
		sum += float64(n)
		squares += float64(n) * float64(n)
	}
	s.Gap = most - least
	if squares > 0 {
		s.Jain = sum * sum / (float64(len(sent)) * squares)
	}
}
