package bidding

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// weighed gives every torrent of peers a weight.
func weighed(peers []Peer, weight func(TorrentKey) int) []Peer {
	out := append([]Peer(nil), peers...)
	for i := range out {
		out[i].Weight = weight(out[i].Torrent)
	}
	return out
}

// filled is what each of those that are served for free gets when rate is poured in
// by weight until it is gone or all are full: the level is found by halving.
func filled(p Policy, peers []Peer, slots map[PeerKey]Slot, rate int64) map[PeerKey]float64 {
	all := map[TorrentKey]float64{}
	for _, q := range peers {
		all[q.Torrent] += float64(weightOf(slots[q.Key], q))
	}
	at := func(level float64) (sum float64, each map[PeerKey]float64) {
		each = map[PeerKey]float64{}
		for _, q := range peers {
			if w := float64(weightOf(slots[q.Key], q)); w > 0 {
				part := float64(q.Weight) * w / all[q.Torrent]
				each[q.Key] = min(float64(q.demand(p.Uplink)), level*part)
				sum += each[q.Key]
			}
		}
		return sum, each
	}
	low, high := 0.0, float64(p.Uplink)*1e6
	for range 200 {
		if sum, _ := at((low + high) / 2); sum > float64(rate) {
			high = (low + high) / 2
		} else {
			low = (low + high) / 2
		}
	}
	_, each := at(low)
	return each
}

// TestWeights: torrents of one weight, whichever, are served as without; where they
// differ the same peers have the slots, and the torrents share by their weights, the
// seats of each by theirs, what one cannot take going to the others.
func TestWeights(t *testing.T) {
	differ := 0
	forAll(t, 4000, func(r *rand.Rand, p Policy, peers []Peer) error {
		p.Uplink = max(p.Uplink, 1<<20) // rounding is small beside it
		for i := range peers {
			peers[i].Bid = 0
		}
		plain := Allocate(epoch, p, peers)
		same := 1 + r.IntN(MaxWeight)
		slots := map[PeerKey]Slot{}
		for i, g := range Allocate(epoch, p, weighed(peers, func(TorrentKey) int { return same })) {
			if g != plain[i] {
				return fmt.Errorf("all at %d: %+v, without %+v", same, g, plain[i])
			}
			if slots[g.Key] = g.Slot; g.Slot == Choked && g.Reason == SoldOut {
				return fmt.Errorf("%d has no rate", g.Key)
			}
		}
		weights := map[TorrentKey]int{}
		peers = weighed(peers, func(k TorrentKey) int {
			if weights[k] == 0 {
				weights[k] = []int{1, NormalWeight, 4}[r.IntN(3)]
			}
			return weights[k]
		})
		want, seen := filled(p, peers, slots, p.Uplink), map[int]bool{}
		for _, g := range Allocate(epoch, p, peers) {
			if g.Slot != slots[g.Key] {
				return fmt.Errorf("%d is %v, without weights %v", g.Key, g.Slot, slots[g.Key])
			}
			if g.Slot != Choked {
				seen[peers[g.Key-1].Weight] = true
			}
		}
		if len(seen) < 2 {
			return nil // every seat counts
		}
		differ++
		for _, g := range Allocate(epoch, p, peers) {
			if d := float64(g.Rate) - want[g.Key]; d > 2+want[g.Key]/500 || d < -2-want[g.Key]/500 {
				return fmt.Errorf("%d has %d B/s, poured in %.1f", g.Key, g.Rate, want[g.Key])
			}
		}
		return nil
	})
	if differ < 500 {
		t.Errorf("torrents differed in %d cases", differ)
	}
}

// TestWeightsOfTorrents: one peer of a torrent of weight 4, three of one of weight 2
// and one of one of weight 1 get 4, 2 and 1 sevenths, each torrent; and nothing of
// what is sold.
func TestWeightsOfTorrents(t *testing.T) {
	p := Policy{Uplink: 700_000, Slots: 9, Market: true, FreeShare: 20}
	var peers []Peer
	for i, w := range []int{4, 2, 2, 2, 1} {
		peers = append(peers, Peer{Key: PeerKey(i + 1), Torrent: TorrentKey{byte(w)}, Weight: w, Interested: true, Seeding: true, Standing: true})
	}
	rates := func() (sum [5]int64) {
		for _, g := range Allocate(epoch, p, peers) {
			if g.Slot == Regular {
				sum[peers[g.Key-1].Weight] += g.Rate
			}
		}
		return sum
	}
	check := func(what string, unit int64) {
		t.Helper()
		got := rates()
		for _, w := range []int{1, 2, 4} {
			n := got[w]
			if want := int64(w) * unit; n < want-unit/100 || n > want+unit/100 {
				t.Errorf("%s: the torrent of weight %d has %d B/s, want %d", what, w, n, want)
			}
		}
	}
	check("three torrents", 100_000)
	peers = append(peers, Peer{Key: 6, Torrent: TorrentKey{1}, Weight: 1, Interested: true, Seeding: true, Standing: true, Bid: 100})
	check("and one that pays", 20_000)
	if g := of(Allocate(epoch, p, peers), 6); g.Slot != Paid || g.Rate != 560_000 {
		t.Errorf("who pays has %+v", g)
	}
}
