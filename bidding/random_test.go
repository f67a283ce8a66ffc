package bidding

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestHysteresisAnywhere: in every market a winner's quote stands while it is young
// and not above the bid; a new one is sent only where the price or the rate moved by
// more than a tenth, the bid fell below it, or there was none.
func TestHysteresisAnywhere(t *testing.T) {
	stood, anew := 0, 0
	forAllMarkets(t, 5000, func(_ *rand.Rand, p Policy, peers []Peer, got []Grant) error {
		prices := map[PeerKey]Grant{}
		for _, g := range Allocate(epoch, p, fresh(peers)) {
			prices[g.Key] = g
		}
		for _, g := range got {
			if g.Slot != Paid {
				continue
			}
			q, now := peers[g.Key-1], prices[g.Key]
			none := q.Quote.At.IsZero()
			young := !none && epoch.Sub(q.Quote.At) < p.QuoteFor
			little := near(int64(q.Quote.Price), int64(now.Price)) && near(q.Quote.Rate, g.Rate) && q.Quote.Price >= q.Reserve
			stands := !none && q.Quote.Price <= q.Bid && (young || little)
			switch {
			case stands && (g.Requote || g.Price != q.Quote.Price):
				return fmt.Errorf("%d: %+v stands, but it has %+v", g.Key, q.Quote, g)
			case !stands && (!g.Requote || g.Price != now.Price):
				return fmt.Errorf("%d: %+v is over, but it has %+v, not %+v", g.Key, q.Quote, g, now)
			case stands:
				stood++
			default:
				anew++
			}
		}
		return nil
	})
	if stood < 200 || anew < 200 {
		t.Errorf("%d quotes stood, %d were new", stood, anew)
	}
}

// TestFairAnywhere: whatever the uplink and the slots, and whoever pays beside them,
// free leechers that can take it are given the same: the largest gap is at most four
// blocks and one round's worth, or, where there is a single regular slot, an optimistic
// turn's worth, which then is more.
func TestFairAnywhere(t *testing.T) {
	const block = 16 << 10
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 40))
		s := swarm{now: epoch, sent: map[PeerKey]int64{}, p: DefaultPolicy()}
		s.p.Uplink = int64(64<<10 + r.IntN(8<<20))
		s.p.Slots, s.p.TorrentSlots, s.p.SubnetSlots, s.p.Market = 1+r.IntN(8), 0, 0, true
		free, payers := 2+r.IntN(30), r.IntN(4)
		for i := range free + payers {
			q := Peer{Key: PeerKey(i + 1), Interested: true, Standing: true, Seeding: true, Since: epoch, Turn: epoch}
			if i >= free {
				q.Bid, q.Cap = 1000, s.p.Uplink/int64(1+r.IntN(8))
			}
			s.peers = append(s.peers, q)
		}
		for range 360 {
			s.round()
		}
		least, most := int64(1)<<62, int64(0)
		for _, q := range s.peers[:free] {
			least, most = min(least, s.sent[q.Key]), max(most, s.sent[q.Key])
		}
		round, turn := 10*s.p.Uplink, 30*s.p.Uplink/int64(s.p.Slots+1)
		if gap := most - least; gap > 4*block+max(round, turn) {
			t.Errorf("seed %d, %d free, %d pay: %d to %d, a gap of %.2f rounds", seed, free, payers, least, most, float64(gap)/float64(10*s.p.Uplink))
		}
	}
}

// TestTurnAnywhere: everybody of the free tier is served within as many turns as there
// are peers for each optimistic slot, whoever has the regular slots.
func TestTurnAnywhere(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 41))
		s := swarm{now: epoch, sent: map[PeerKey]int64{}, p: DefaultPolicy()}
		s.p.Uplink = int64(r.IntN(2)) * (1 << 20)
		s.p.Slots, s.p.TorrentSlots, s.p.SubnetSlots, s.p.Optimistic = r.IntN(5), 0, 0, 1+r.IntN(3)
		n, seeding := 2+r.IntN(30), r.IntN(2) == 0
		for i := range n {
			s.peers = append(s.peers, Peer{
				Key: PeerKey(i + 1), Interested: true, Seeding: seeding, Since: epoch, Turn: epoch, Received: int64(r.IntN(9)),
			})
		}
		turns := map[PeerKey]bool{}
		for range 3 * (n/s.p.Optimistic + 1) {
			for _, g := range s.round() {
				turns[g.Key] = turns[g.Key] || g.Slot != Choked
			}
		}
		for _, q := range s.peers {
			if !turns[q.Key] {
				t.Errorf("seed %d: %d of %d with %d turns at a time has waited for %v", seed, q.Key, n, s.p.Optimistic, s.now.Sub(epoch).Round(time.Second))
			}
		}
	}
}
