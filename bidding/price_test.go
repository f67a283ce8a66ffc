package bidding

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestWide holds sums and averages of products against unbounded integers.
func TestWide(t *testing.T) {
	for seed := range uint64(5000) {
		r := rand.New(rand.NewPCG(seed, 7))
		figure := func() int64 { return r.Int64N(1 << r.IntN(63)) }
		var w wide
		want := new(big.Int)
		for range 1 + r.IntN(5) {
			a, b := figure(), figure()
			w = w.plus(product(a, b))
			want.Add(want, new(big.Int).Mul(big.NewInt(a), big.NewInt(b)))
		}
		a, b := figure(), figure()
		w = w.plus(product(a, b)).minus(product(a, b))
		if got := new(big.Int).Add(new(big.Int).Lsh(new(big.Int).SetUint64(w.hi), 64), new(big.Int).SetUint64(w.lo)); got.Cmp(want) != 0 {
			t.Fatalf("seed %d: %s, want %s", seed, got, want)
		}
		n := figure() + 1
		if want.Div(want, big.NewInt(n)); !want.IsInt64() {
			want.SetInt64(math.MaxInt64)
		}
		if got := w.over(n); got != want.Int64() {
			t.Fatalf("seed %d: over %d: %d, want %s", seed, n, got, want)
		}
	}
}

// TestHostile: no figure that a peer can send makes Allocate fail or give away
// more than there is.
func TestHostile(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 8))
		figure := func() int64 { return r.Int64N(1 << r.IntN(63)) }
		p := DefaultPolicy()
		p.Market, p.Uplink, p.FreeShare = true, figure(), r.IntN(101)
		peers := make([]Peer, r.IntN(12))
		for i := range peers {
			peers[i] = randomPeer(r, PeerKey(i+1))
			q := &peers[i]
			q.Demand, q.Cap, q.Received, q.Owed = figure(), figure(), figure(), -figure()
			if r.IntN(2) == 0 {
				q.Bid = math.MaxInt64 - 1
			}
		}
		sum := int64(0)
		for _, g := range Allocate(epoch, p, peers) {
			sum += g.Rate
			if g.Rate < 0 || g.Price < 0 || g.Price > peers[g.Key-1].Bid {
				t.Fatalf("seed %d: %+v for %+v", seed, g, peers[g.Key-1])
			}
		}
		if p.Uplink > 0 && sum > p.Uplink {
			t.Fatalf("seed %d: %d of %d", seed, sum, p.Uplink)
		}
	}
}
