package bidding

import (
	"math/rand/v2"
	"slices"
	"testing"

	"swarmbid/wallet/btt"
)

// The economics of the rule, in 600 random markets without a free tier: 12
// bidders, each with a value per MiB up to a cap, for an uplink of 1 MB/s.
const (
	markets  = 600
	bidders  = 12
	unit     = 1_000_000
	identity = 100 // keys from here on are the other names of a bidder
)

func forMarkets(t *testing.T, check func(t *testing.T, seed uint64, r *rand.Rand, p Policy, peers []Peer)) {
	t.Helper()
	p := Policy{Uplink: unit, Market: true}
	for seed := range uint64(markets) {
		r := rand.New(rand.NewPCG(seed, 2))
		reserve := btt.Rate(r.IntN(3) * 200_000)
		peers := make([]Peer, bidders)
		for i := range peers {
			peers[i] = Peer{
				Key: PeerKey(i + 1), Interested: true, Standing: true, Reserve: reserve,
				Bid: btt.Rate(1 + r.IntN(unit)), Cap: int64(unit/20 + r.IntN(unit/2)),
			}
			if i > 0 && r.IntN(5) == 0 {
				peers[i].Bid = peers[i-1].Bid
			}
		}
		check(t, seed, r, p, peers)
		if t.Failed() {
			return
		}
	}
}

// gain returns what the grants of the names of q are worth to it less what they
// cost, in the unit of value times bytes per second. What goes beyond its cap is
// worth nothing.
func gain(q Peer, grants []Grant, names ...PeerKey) float64 {
	rate, cost := int64(0), 0.0
	for _, k := range append(names, q.Key) {
		if g := of(grants, k); g.Slot == Paid {
			rate += g.Rate
			cost += float64(g.Price) * float64(g.Rate)
		}
	}
	return float64(q.Bid)*float64(min(rate, q.Cap)) - cost
}

// exceeds reports whether got is more than a hundredth above want. A price is
// rounded to 1 µBTT/MiB, which is a unit of gain for each byte per second.
func exceeds(got, want float64) bool { return got > want*1.01+unit }

// TestWelfare: the capacity goes to those who value it most.
func TestWelfare(t *testing.T) {
	forMarkets(t, func(t *testing.T, seed uint64, _ *rand.Rand, p Policy, peers []Peer) {
		t.Helper()
		got := 0.0
		for _, g := range Allocate(epoch, p, peers) {
			got += float64(peers[g.Key-1].Bid) * float64(g.Rate)
		}
		var units []btt.Rate // what each kB/s is worth, to whoever values it
		for _, q := range peers {
			for range q.Cap / 1000 {
				if q.Bid >= q.Reserve {
					units = append(units, q.Bid)
				}
			}
		}
		slices.Sort(units)
		best := 0.0
		for _, v := range units[max(0, len(units)-unit/1000):] {
			best += float64(v) * 1000
		}
		if got < 0.99*best {
			t.Errorf("seed %d: welfare %.3f of the best", seed, got/best)
		}
	})
}

// TestShading: no bid gains more than the true value, be it lower or higher, nor
// does a false demand.
func TestShading(t *testing.T) {
	forMarkets(t, func(t *testing.T, seed uint64, r *rand.Rand, p Policy, peers []Peer) {
		t.Helper()
		honest := Allocate(epoch, p, peers)
		for i, q := range peers {
			for range 8 {
				other := slices.Clone(peers)
				other[i].Bid = btt.Rate(1 + r.IntN(unit*5/4))
				if r.IntN(2) == 0 {
					other[i].Cap = q.Cap/4 + int64(r.IntN(int(2*q.Cap)))
				}
				if r.IntN(4) == 0 {
					other[i].Bid = other[r.IntN(len(other))].Bid + btt.Rate(r.IntN(3)-1)
				}
				if got, want := gain(q, Allocate(epoch, p, other), 0), gain(q, honest); exceeds(got, want) {
					t.Fatalf("seed %d: %d gains %.0f with a bid of %d for %d, %.0f with the truth, %d for %d",
						seed, q.Key, got, other[i].Bid, other[i].Cap, want, q.Bid, q.Cap)
				}
			}
		}
	})
}

// TestIdentities: three and eight false names gain nothing over one true one,
// whatever they bid and however they split the demand.
func TestIdentities(t *testing.T) {
	forMarkets(t, func(t *testing.T, seed uint64, r *rand.Rand, p Policy, peers []Peer) {
		t.Helper()
		honest := Allocate(epoch, p, peers)
		for i, q := range peers {
			for _, n := range []int{2, 3, 8} {
				other, names := slices.Clone(peers), []PeerKey{}
				for k := range n - 1 {
					alias := q
					alias.Key = PeerKey(identity + k)
					alias.Cap = q.Cap / int64(n)
					if r.IntN(2) == 0 {
						alias.Bid = max(1, q.Bid-btt.Rate(r.IntN(int(q.Bid))))
					}
					other, names = append(other, alias), append(names, alias.Key)
				}
				other[i].Cap -= int64(n-1) * (q.Cap / int64(n))
				if got, want := gain(q, Allocate(epoch, p, other), names...), gain(q, honest); exceeds(got, want) {
					t.Fatalf("seed %d: %d gains %.0f with %d names, %.0f with one", seed, q.Key, got, n, want)
				}
			}
		}
	})
}

func benchmark(b *testing.B, n int, market bool) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, uint64(n)))
	p := DefaultPolicy()
	p.Uplink, p.Market = 4<<20, market
	peers := make([]Peer, n)
	for i := range peers {
		peers[i] = randomPeer(r, PeerKey(i+1))
		peers[i].Interested, peers[i].Standing, peers[i].NoBids = true, true, false
		peers[i].Bid, peers[i].Demand = btt.Rate(1+r.IntN(unit)), int64(1+r.IntN(2<<20))
	}
	b.ReportAllocs()
	for b.Loop() {
		Allocate(epoch, p, peers)
	}
}

func BenchmarkAllocate50(b *testing.B)         { benchmark(b, 50, true) }
func BenchmarkAllocate500(b *testing.B)        { benchmark(b, 500, true) }
func BenchmarkAllocate10000(b *testing.B)      { benchmark(b, 10_000, true) }
func BenchmarkAllocate500Classic(b *testing.B) { benchmark(b, 500, false) }
