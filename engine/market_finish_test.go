package engine

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// gate is an allocator for tests that serves nobody until it is opened.
type gate struct{ open atomic.Bool }

func (g *gate) allocate(now time.Time, p bidding.Policy, peers []bidding.Peer) []bidding.Grant {
	if !g.open.Load() {
		return nil
	}
	return bidding.Allocate(now, p, peers)
}

// finish is how ordinary clients loaded a torrent from one seed.
type finish struct {
	took  []time.Duration // until each had all of it
	last  time.Duration
	worst float64 // the least part of the limit that they got together in ten seconds
	used  float64 // the part of the limit that they got together until the first had it all
}

// race has the ordinary clients load p, while bidders, if there are any, load another
// torrent from the same seed, each at up to 60 % of the limit.
func race(t *testing.T, p, more *lab.Payload, limit int64, bidders []btt.Rate) finish {
	t.Helper()
	var g gate
	seed, _ := tradingBy(t, func(e *Engine) { e.allocate = g.allocate }, func(c *Config) { c.UpLimit = limit })
	seed.seed(p)
	seed.seed(more)
	var who []receiver
	for _, kind := range others() {
		c := ordinary(t, kind, lab.Options{})
		meet(t, seed, kind, c, p)
		who = append(who, otherOf(t, c, p.InfoHash))
	}
	for _, price := range bidders {
		b, _ := trading(t, func(c *Config) { bids(price)(c); c.DownLimit = percent(limit, 60) })
		b.add(swarm.Add{Source: swarm.Source{File: more.File}})
		connect(t, more.InfoHash, b, seed)
	}
	until(t, "all are interested and have bid", func() bool {
		n, bid := 0, 0
		for _, l := range seed.links.All() {
			if l.Stats().Interested {
				n++
			}
		}
		if len(bidders) > 0 {
			for _, b := range seed.marketTab(more.InfoHash).Bidders {
				if b.Bid > 0 {
					bid++
				}
			}
		}
		return n == len(who)+len(bidders) && bid == len(bidders)
	})
	var clock idleClock
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	wg.Go(func() { clock.run(ctx) })
	defer wg.Wait()
	defer cancel()
	g.open.Store(true)
	seed.kickRechoke()
	until(t, "the first byte", func() bool {
		for _, l := range seed.links.All() {
			if l.Stats().PayloadOut > 0 {
				return true
			}
		}
		return false
	})
	return finished(t, who, p.Size, limit, &clock)
}

// finished reads the clients until all of them have size bytes.
func finished(t *testing.T, who []receiver, size, limit int64, clock *idleClock) finish {
	t.Helper()
	began := time.Now()
	f := finish{took: make([]time.Duration, len(who)), worst: math.Inf(1)}
	var sum readings
	first := 0 // of sum, when the first was done
	for done := 0; done < len(who); {
		r := record(t, who, 0, func() {})
		total := reading{at: r[0][0].at}
		for i := range who {
			got := min(r[i][0].got, size) // blocks may come twice at the end
			total.got += got
			if got == size && f.took[i] == 0 {
				f.took[i] = r[i][0].at.Sub(began)
				done++
				if done == 1 {
					first = len(sum)
				}
			}
		}
		sum = append(sum, total)
		if time.Since(began) > 4*time.Minute {
			t.Fatalf("after four minutes %d of %d are done", done, len(who))
		}
		<-time.After(100 * time.Millisecond)
	}
	part := func(a, b time.Time) float64 {
		span := (b.Sub(a) - clock.between(a, b)).Seconds()
		return (sum.at(b) - sum.at(a)) / (float64(limit) * span)
	}
	end := sum[len(sum)-1].at
	f.last = end.Sub(began)
	f.used = part(sum[0].at, sum[max(first, 1)].at)
	for a := sum[0].at; !a.Add(10 * time.Second).After(end); a = a.Add(time.Second) {
		f.worst = min(f.worst, part(a, a.Add(10*time.Second)))
	}
	return f
}

// TestOrdinaryClientsFinish has libtorrent, aria2 and Transmission load the same
// file from a seed with the same limit, without bidders and with two that together
// pay for more than the whole uplink. (Both win: one that is outbid is of the free tier
// and has its part of the free share.) Without them they get all of the limit.
// With them they get at least 95 % of the free share in every ten seconds, and so
// finish after 1 / φ of the time.
func TestOrdinaryClientsFinish(t *testing.T) {
	needsPrograms(t)
	if underRace {
		t.Skip("rates say nothing under the race detector")
	}
	t.Parallel()
	const limit, φ = 4 << 20, 0.20
	p, more := payload(t, 16<<20), payloadWith(t, 320<<20, "", false)
	alone := race(t, p, more, limit, nil)
	beside := race(t, p, more, limit, []btt.Rate{9000, 4000})
	t.Logf("%-14s %10s %12s %6s", "", "alone", "with bidders", "ratio")
	for i, kind := range others() {
		a, b := alone.took[i].Seconds(), beside.took[i].Seconds()
		t.Logf("%-14s %8.1f s %10.1f s %6.2f", kind.Name, a, b, b/a)
	}
	a, b := alone.last.Seconds(), beside.last.Seconds()
	t.Logf("%-14s %8.1f s %10.1f s %6.2f, 1/φ = %.2f", "all", a, b, b/a, 1/φ)
	t.Logf("together they got %.3f of the limit alone; in ten seconds beside bidders at least %.3f of the free share", alone.used, beside.worst/φ)
	if alone.used < 0.98 {
		t.Errorf("without bidders they got %.3f of the limit", alone.used)
	}
	if beside.worst < 0.95*φ {
		t.Errorf("in ten seconds they got %.3f of the free share", beside.worst/φ)
	}
	if r := b / a; r < 0.85/φ || r > 1.1/φ {
		t.Errorf("with bidders it took %.2f times as long", r)
	}
}
