package sim

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/wallet/btt"
)

// TestNewMarket: a market is a function of its seed, and within its bounds.
func TestNewMarket(t *testing.T) {
	reserves := map[btt.Rate]bool{}
	for seed := range uint64(50) {
		m := NewMarket(seed, 12, 4)
		if !reflect.DeepEqual(m, NewMarket(seed, 12, 4)) || reflect.DeepEqual(m.Peers, NewMarket(seed+1, 12, 4).Peers) {
			t.Fatalf("seed %d is not one market", seed)
		}
		for i, q := range m.Peers {
			if q.Key != bidding.PeerKey(i+1) || q.Bid < 1 || q.Bid > mbps || q.Cap < mbps/20 || q.Cap >= mbps/20+mbps/2 || q.Reserve != m.Peers[0].Reserve {
				t.Fatalf("seed %d: %+v", seed, q)
			}
		}
		reserves[m.Peers[0].Reserve] = true
	}
	if len(reserves) != 3 {
		t.Errorf("reserves %v", reserves)
	}
}

// TestBestWelfare: the most that a market can be worth is found by trying every
// order in which bidders could be filled.
func TestBestWelfare(t *testing.T) {
	for seed := range uint64(40) {
		m := NewMarket(seed, 5, 0)
		best := 0.0
		permute(m.Peers, func(order []bidding.Peer) {
			left, sum := m.Policy.Uplink, 0.0
			for _, q := range order {
				if q.Bid >= q.Reserve {
					n := min(left, q.Cap)
					sum += float64(q.Bid) * float64(n)
					left -= n
				}
			}
			best = max(best, sum)
		})
		all := func(_ time.Time, p bidding.Policy, peers []bidding.Peer) []bidding.Grant {
			grants := make([]bidding.Grant, len(peers)) // the first that are willing, in order
			left := p.Uplink
			for i, q := range peers {
				if q.Bid >= q.Reserve {
					n := min(left, q.Cap)
					grants[i] = bidding.Grant{Key: q.Key, Slot: bidding.Paid, Rate: n}
					left -= n
				}
			}
			return grants
		}
		naive := 0.0
		for i, g := range all(epoch(), m.Policy, m.Peers) {
			naive += float64(m.Peers[i].Bid) * float64(g.Rate)
		}
		if want := naive / best; best > 0 && (m.Welfare(all)-want > 1e-9 || want-m.Welfare(all) > 1e-9) {
			t.Errorf("seed %d: %.6f, want %.6f", seed, m.Welfare(all), want)
		}
	}
}

func permute(list []bidding.Peer, f func([]bidding.Peer)) {
	var rec func(done, rest []bidding.Peer)
	rec = func(done, rest []bidding.Peer) {
		if len(rest) == 0 {
			f(done)
		}
		for i := range rest {
			rec(append(slices.Clone(done), rest[i]), slices.Delete(slices.Clone(rest), i, i+1))
		}
	}
	rec(nil, list)
}

// TestLiesAreFound: a lie that pays by construction is found, with its gain.
func TestLiesAreFound(t *testing.T) {
	m := NewMarket(3, 4, 0)
	for i := range m.Peers {
		m.Peers[i].Bid, m.Peers[i].Cap, m.Peers[i].Reserve = mbps, 200_000, 0
	}
	// Who bids half or less gets everything it wants for nothing, others at their bid.
	fool := func(_ time.Time, _ bidding.Policy, peers []bidding.Peer) (grants []bidding.Grant) {
		for _, q := range peers {
			g := bidding.Grant{Key: q.Key, Slot: bidding.Paid, Rate: q.Cap, Price: q.Bid}
			if q.Bid <= mbps/2 {
				g.Price = 0
			}
			grants = append(grants, g)
		}
		return grants
	}
	if g := m.Shading(fool, 1); g < 0.99 || g > 1.01 {
		t.Errorf("a shader gains %.2f of all", g)
	}
	// Every name gets a present.
	gifts := func(_ time.Time, _ bidding.Policy, peers []bidding.Peer) (grants []bidding.Grant) {
		for _, q := range peers {
			grants = append(grants, bidding.Grant{Key: q.Key, Slot: bidding.Paid, Rate: 10_000})
		}
		return grants
	}
	if three, eight := m.Identities(gifts, 3, 1), m.Identities(gifts, 8, 1); three < 0.3 || eight < three {
		t.Errorf("three names gain %.2f, eight %.2f", three, eight)
	}
	// Nobody gets anything, so that there is nothing to gain.
	none := func(_ time.Time, _ bidding.Policy, peers []bidding.Peer) []bidding.Grant {
		return make([]bidding.Grant, len(peers))
	}
	if m.Shading(none, 1) != 0 || m.Identities(none, 3, 1) != 0 || m.Welfare(none) != 0 {
		t.Error("a gain out of nothing")
	}
}

// TestGains counts draws with a gain of more than a hundredth, and the largest.
func TestGains(t *testing.T) {
	var g Gains
	for _, v := range []float64{0, 0.01, 0.02, 0.5} {
		g.add(v, 4)
	}
	if g.Draws != 0.5 || g.Most != 0.5 || g.String() != "50 %\t50.0 %\t" {
		t.Errorf("%+v: %s", g, g)
	}
}

// slowShare is the twin of share: it hands out byte after byte, each to whoever has
// the least by its weight and can still take one.
func slowShare(rate int64, list []bidder, weights []int64) []int64 {
	got := make([]int64, len(list))
	for range rate {
		next := -1
		for i := range list {
			if got[i] < list[i].want && (next < 0 || got[i]*weights[next] < got[next]*weights[i]) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		got[next]++
	}
	return got
}

// TestShare: shares are those of the twin but for a few bytes of rounding, nobody
// gets more than it wants, and what is left is told.
func TestShare(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 31))
		n := 1 + r.IntN(6)
		list, weights, grants := make([]bidder, n), make([]int64, n), make([]bidding.Grant, n)
		for i := range list {
			list[i] = bidder{at: i, want: int64(r.IntN(500))}
			weights[i] = 1 + int64(r.IntN(9))
		}
		rate := int64(r.IntN(1500))
		left := share(rate, list, weights, grants)
		sum := int64(0)
		for i, want := range slowShare(rate, list, weights) {
			got := grants[i].Rate
			sum += got
			if got > list[i].want || max(got-want, want-got) > int64(n)+1 {
				t.Fatalf("seed %d: %d has %d of %d, by the twin %d", seed, i, got, list[i].want, want)
			}
		}
		if sum+left != rate {
			t.Fatalf("seed %d: %d shared out and %d left of %d", seed, sum, left, rate)
		}
	}
}

// TestCrushIsConserved: in every round of every rule no more is given than there is,
// and what each has in the end adds up.
func TestCrushIsConserved(t *testing.T) {
	for _, e := range entries() {
		c := Crush{Policy: DefaultCrush().Policy, Payers: 3, Free: 5, Rounds: 30}
		rounds := 0
		out := c.Run(func(now time.Time, p bidding.Policy, peers []bidding.Peer) []bidding.Grant {
			rounds++
			if len(peers) != 8 || now.Sub(epoch()) != time.Duration(rounds-1)*round {
				t.Fatalf("%d peers after %v", len(peers), now.Sub(epoch()))
			}
			grants := e.rule(now, p, peers)
			sum := int64(0)
			for _, g := range grants {
				sum += g.Rate
			}
			if sum > p.Uplink || sum < p.Uplink*99/100 {
				t.Fatalf("%s: %d of %d", e.name, sum, p.Uplink)
			}
			return grants
		})
		if rounds != c.Rounds || out.Worst > out.Mean+1e-9 || out.Jain < 0 || out.Jain > 1+1e-9 || out.Gap < 0 {
			t.Errorf("%s: %+v after %d rounds", e.name, out, rounds)
		}
	}
}

// TestCrushCompares: equal parts have an index of 1, one for all of n one of 1 / n.
func TestCrushCompares(t *testing.T) {
	for _, tt := range []struct {
		sent []int64
		gap  int64
		jain float64
	}{{[]int64{5, 5, 5, 5}, 0, 1}, {[]int64{0, 0, 0, 8}, 8, 0.25}, {[]int64{3, 1}, 2, 0.8}, {[]int64{0, 0}, 0, 0}} {
		var s Served
		if s.compare(tt.sent); s.Gap != tt.gap || s.Jain != tt.jain {
			t.Errorf("%v: %+v", tt.sent, s)
		}
	}
}
