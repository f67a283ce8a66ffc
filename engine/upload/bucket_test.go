package upload

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestABucketNeverPassesMoreThanItsRate over any window, except one burst and one
// block, whenever it is looked at.
func TestABucketNeverPassesMoreThanItsRate(t *testing.T) {
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 3))
	for range 300 {
		rate := 1 + rnd.Int64N(1<<(10+rnd.IntN(20)))
		b, start := bucket{}, time.Unix(0, 0)
		b.setRate(rate, start)
		now, passed := start, int64(0)
		for range 2000 {
			now = now.Add(time.Duration(rnd.Int64N(int64(20 * time.Millisecond))))
			b.fill(now)
			for b.open() {
				n := 1 + rnd.Int64N(16<<10)
				b.take(n)
				passed += n
			}
			most := float64(rate)*now.Sub(start).Seconds() + 16<<10
			if float64(passed) > most+leastBurst {
				t.Fatalf("seed %d: %d bytes in %v at %d", seed, passed, now.Sub(start), rate)
			}
			if least := float64(rate) * now.Sub(start).Seconds(); float64(passed) < least-1 {
				t.Fatalf("seed %d: only %d bytes in %v at %d", seed, passed, now.Sub(start), rate)
			}
		}
	}
}

func TestABucketSavesLittle(t *testing.T) {
	b, now := bucket{}, time.Unix(0, 0)
	b.setRate(1<<20, now)
	now = now.Add(time.Hour)
	b.fill(now)
	if want := float64(1<<20) * burstTime.Seconds(); b.tokens != want {
		t.Errorf("%v tokens after an hour, want %v", b.tokens, want)
	}
	b.take(1 << 20)
	w := b.wait()
	b.fill(now.Add(w))
	if !b.open() || w > time.Second || w < 800*time.Millisecond {
		t.Errorf("open %v after %v", b.open(), w)
	}
	b.take(-5)
	if b.wait() != 0 {
		t.Error("an open bucket makes wait")
	}
}

func TestNoLimit(t *testing.T) {
	var b bucket
	b.fill(time.Now())
	b.take(1 << 40)
	if !b.open() || b.wait() != 0 {
		t.Error("the zero bucket limits")
	}
}

func TestWindow(t *testing.T) {
	for _, c := range []struct {
		limit, weight, sum int64
		want               int
	}{
		{0, 1, 1, mostWindow},
		{1 << 30, 1, 1, mostWindow},
		{10 << 10, 1, 1, leastWindow},
		{1 << 20, 1, 2, 128 << 10},
		{1 << 20, 0, 0, mostWindow},
	} {
		if got := window(c.limit, share(c.limit, c.weight, c.sum)); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}
