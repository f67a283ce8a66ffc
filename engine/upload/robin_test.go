package upload

import (
	"math"
	"math/rand/v2"
	"testing"

	"swarmbid/engine/swarm"
)

// fluid is the slow and obviously right twin of robin: it divides whatever is sent
// among the flows in proportion to their weights.
type fluid struct {
	weight []float64
	served []float64
}

func (f *fluid) serve(n int) {
	total := 0.0
	for _, w := range f.weight {
		total += w
	}
	for i, w := range f.weight {
		f.served[i] += float64(n) * w / total
	}
}

// TestSharesFollowTheWeights: among flows that always have something to send,
// nobody is further from the fluid than three blocks, and what it may be ahead of
// others that wait to afford their next block.
func TestSharesFollowTheWeights(t *testing.T) {
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 1))
	for range 200 {
		n := 1 + rnd.IntN(12)
		r, twin := robin{}, fluid{served: make([]float64, n)}
		for range n {
			w := 1 + rnd.Int64N(1<<(1+rnd.IntN(24)))
			r.flows = append(r.flows, flow{weight: w, size: swarm.BlockSize})
			twin.weight = append(twin.weight, float64(w))
		}
		r.reset()
		total := 0.0
		for _, w := range twin.weight {
			total += w
		}
		served := make([]int, n)
		for range 3000 {
			i := r.next()
			if i < 0 {
				t.Fatalf("seed %d: idle with %d busy flows", seed, n)
			}
			served[i] += r.flows[i].size
			twin.serve(r.flows[i].size)
			r.flows[i].size = 1 + rnd.IntN(swarm.BlockSize)
			for j := range served {
				limit := 3 + float64(n)*twin.weight[j]/total // in blocks
				if d := float64(served[j]) - twin.served[j]; math.Abs(d) > limit*swarm.BlockSize {
					t.Fatalf("seed %d: flow %d of %d is %.0f bytes off", seed, j, n, d)
				}
			}
		}
	}
}

// TestNothingIdlesWhileSomebodyIsBusy, with flows that come and go.
func TestNothingIdlesWhileSomebodyIsBusy(t *testing.T) {
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 2))
	for range 200 {
		n := 1 + rnd.IntN(8)
		r := robin{}
		for range n {
			r.flows = append(r.flows, flow{weight: 1 + rnd.Int64N(1<<rnd.Int64N(40))})
		}
		r.reset()
		for range 500 {
			busy := false
			for i := range r.flows {
				if r.flows[i].size = 0; rnd.IntN(3) == 0 {
					r.flows[i].size = 1 + rnd.IntN(128<<10)
					busy = true
				}
			}
			i := r.next()
			if busy != (i >= 0) || (busy && r.flows[i].size == 0) {
				t.Fatalf("seed %d: chose %d of %+v", seed, i, r.flows)
			}
		}
	}
}

// TestABriefGapIsMadeUp: a flow that was short of requests for some blocks gets
// them back, one that was away for long does not.
func TestABriefGapIsMadeUp(t *testing.T) {
	for _, c := range []struct{ away, owed int }{{2, 2}, {4, 4}, {8, 4}, {1000, 4}} {
		r := robin{flows: []flow{{weight: 1, size: swarm.BlockSize}, {weight: 1, size: swarm.BlockSize}}}
		r.reset()
		for range 10 {
			r.next()
		}
		r.flows[0].size = 0
		for range c.away {
			if r.next() != 1 {
				t.Fatal("the only busy flow is not served")
			}
		}
		r.flows[0].size = swarm.BlockSize
		count := [2]int{}
		for range 100 {
			count[r.next()]++
		}
		if ahead := count[0] - count[1]; ahead < c.owed-2 || ahead > c.owed+2 {
			t.Errorf("away for %d blocks: %d ahead afterwards", c.away, ahead)
		}
	}
}

// TestASlowStartIsMadeUp: a flow that may have more gets all of that back, and until
// then no more than four times what the others get.
func TestASlowStartIsMadeUp(t *testing.T) {
	const kept = 60 // blocks
	for _, c := range []struct{ away, owed int }{{30, 30}, {60, 60}, {1000, 2 * kept}} {
		r := robin{flows: []flow{{weight: 1, size: swarm.BlockSize, most: kept * swarm.BlockSize * unit}, {weight: 1, size: swarm.BlockSize}}}
		r.reset()
		r.flows[0].size = 0
		for range c.away {
			if r.next() != 1 {
				t.Fatal("the only busy flow is not served")
			}
		}
		r.flows[0].size = swarm.BlockSize
		count, inRow := [2]int{}, 0
		for range 400 {
			i := r.next()
			count[i]++
			if inRow++; i == 1 {
				inRow = 0
			}
			if inRow > catchUp {
				t.Fatalf("away for %d blocks: %d in a row afterwards", c.away, inRow)
			}
		}
		if ahead := count[0] - count[1]; ahead < c.owed-2 || ahead > c.owed+2 {
			t.Errorf("away for %d blocks: %d ahead afterwards, want %d", c.away, ahead, c.owed)
		}
	}
}

// TestTwoFreePeersStayTogether: the largest gap between equals is below 4 blocks.
func TestTwoFreePeersStayTogether(t *testing.T) {
	r := robin{}
	for range 10 {
		r.flows = append(r.flows, flow{weight: 7, size: swarm.BlockSize})
	}
	r.reset()
	served := make([]int, 10)
	for range 1000 {
		served[r.next()]++
		lo, hi := served[0], served[0]
		for _, n := range served {
			lo, hi = min(lo, n), max(hi, n)
		}
		if hi-lo > 1 {
			t.Fatalf("a gap of %d blocks: %v", hi-lo, served)
		}
	}
}

func TestNobody(t *testing.T) {
	if i := new(robin).next(); i != -1 {
		t.Errorf("chose %d of nobody", i)
	}
}

func BenchmarkNext(b *testing.B) {
	r := robin{}
	for i := range 50 {
		r.flows = append(r.flows, flow{weight: int64(1 + i*i*1000), size: swarm.BlockSize})
	}
	r.reset()
	b.ReportAllocs()
	for b.Loop() {
		r.next()
	}
}
