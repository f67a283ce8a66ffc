package sim

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/wallet/btt"
)

// small is a swarm that runs in a moment.
func small(seed uint64) Config {
	c := DefaultConfig()
	c.Seed, c.Peers, c.Seeds, c.View, c.MaxLinks, c.Size = seed, 60, 3, 12, 30, 40<<20
	return c
}

// TestDeterministic: a swarm is a function of its seed.
func TestDeterministic(t *testing.T) {
	var got []Report
	for _, seed := range []uint64{1, 1, 2} {
		s := New(small(seed))
		s.Run(10 * time.Minute)
		got = append(got, s.Report())
	}
	if !reflect.DeepEqual(got[0], got[1]) || reflect.DeepEqual(got[0], got[2]) {
		t.Errorf("%+v\n%+v\n%+v", got[0], got[1], got[2])
	}
}

// TestConserved: what is taken was given, what is paid is earned, nobody gives or
// takes more than its line carries, and connections have two ends.
func TestConserved(t *testing.T) {
	for _, e := range entries() {
		c := small(3)
		c.Rule = e.rule
		s := New(c)
		for n := range 60 {
			before := map[*user]int64{}
			for _, u := range s.users {
				before[u] = u.have
			}
			s.step()
			var have, uploaded, bought, sold int64
			var paid, earned btt.Amount
			for _, u := range s.users {
				if !u.seed {
					have += u.have
				}
				uploaded += u.uploaded
				bought, sold = bought+u.bought, sold+u.sold
				paid, earned = paid+u.paid, earned+u.earned
				if got := u.have - before[u]; got > u.down*10+s.Size/1000 && !u.seed {
					t.Fatalf("%s, round %d: %v takes %d of %d", e.name, n, u.strategy, got, u.down*10)
				}
			}
			slack := int64(len(s.users)) * s.Size / 1000 // the end of a download is rounded up
			if have < uploaded-int64(len(s.users))*1000 || have > uploaded+slack || bought != sold || paid != earned {
				t.Fatalf("%s, round %d: %d taken, %d given; %d bought, %d sold; %v paid, %v earned", e.name, n, have, uploaded, bought, sold, paid, earned)
			}
			for _, n := range s.nodes {
				rate := int64(0)
				for i, l := range n.links {
					rate += l.rate
					if l.at != i || l.owner != n || l.other.gone || l.back.back != l || l.back.owner != l.other {
						t.Fatalf("%s: a loose end", e.name)
					}
				}
				if rate > n.up {
					t.Fatalf("%s: %v gives %d of %d", e.name, n.strategy, rate, n.up)
				}
			}
		}
	}
}

// TestLies: the bars on lies, and that the other rules do not meet them, which is
// why this rule was chosen.
func TestLies(t *testing.T) {
	const markets = 600
	if l := Measure(Auction, markets, 0); l.Welfare < 0.99 || l.Shading.Most > 0.01 || l.Three.Most > 0.01 || l.Eight.Most > 0.01 {
		t.Errorf("ours: %+v", l)
	}
	if l := Measure(Slots, 100, 4); l.Welfare > 0.97 || l.Three.Draws < 0.1 {
		t.Errorf("the white paper's, 4 slots: %+v", l)
	}
	if l := Measure(Slots, 100, 8); l.Welfare > 0.85 || l.Three.Draws < 0.9 {
		t.Errorf("the white paper's, 8 slots: %+v", l)
	}
	if l := Measure(Proportional, 100, 0); l.Welfare > 0.9 || l.Shading.Draws < 0.9 {
		t.Errorf("proportional: %+v", l)
	}
}

// TestCrush: with paid demand of ten times the uplink the free tier has its share
// in every round, everybody has a turn, and all are given the same.
func TestCrush(t *testing.T) {
	c := DefaultCrush()
	r := c.Run(bidding.Allocate)
	share := float64(c.Policy.FreeShare) / 100
	const block = 16 << 10
	if r.Worst < 0.95*share || r.Jain < 0.99 || r.Gap > 4*block+c.Policy.Uplink*10 || r.Wait > time.Duration(c.Free)*c.Policy.OptimisticFor {
		t.Errorf("%+v", r)
	}
	if p := c.Run(Proportional); p.Mean != 0 {
		t.Errorf("proportional: %+v", p)
	}
}

// TestStrategicClient: neither a large view nor BitTyrant's rule makes a client more
// than a tenth faster than an honest one that sells no more than it does, and giving
// nothing makes it much slower; with payers and without, with many connections and
// with few. The mean of several swarms, since few of a kind are in each.
func TestStrategicClient(t *testing.T) {
	swarms, d := 6, 40*time.Minute
	if testing.Short() {
		swarms, d = 3, 25*time.Minute
	}
	for _, e := range Settings() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			c := DefaultConfig()
			c.Peers, c.Seeds = 300, 6
			r := e.Run(c, swarms, d)
			t.Logf("free rider %.2f, large view %.2f ± %.2f, BitTyrant %.2f ± %.2f, four names %.2f; unearned %.2f",
				r.Speed[FreeRider], r.Speed[LargeView], r.Error[LargeView], r.Speed[Tyrant], r.Error[Tyrant], r.Speed[Crowd], r.Unearned)
			if r.Speed[LargeView] > 1.1 || r.Speed[Tyrant] > 1.1 || r.Speed[FreeRider] > 0.6 {
				t.Errorf("%.2f ± %.2f", r.Speed, r.Error)
			}
		})
	}
}

// TestMarketSwarm: payers are faster than the honest, who are not starved; the
// free tier has its share wherever the paid demand reaches the uplink, and the
// uplink of the seeds is in use.
func TestMarketSwarm(t *testing.T) {
	c := DefaultConfig()
	c.Peers, c.Seeds = 300, 6
	s := New(c)
	s.Run(20 * time.Minute)
	r := s.Report()
	if r.Groups[Payer].Speed < 2 || r.Free < 0.95 || r.Used < 0.98 || r.Groups[Honest].Starved > 10*time.Minute {
		t.Errorf("%+v", r)
	}
	if p := r.Groups[Payer].Price; p < float64(c.Cost) || p > 4_500_000 {
		t.Errorf("payers pay %.0f", p)
	}
}

// TestNames: a crowd of names in one subnet has no more slots of a provider than
// the cap, and so gets no more than its part of the free tier there.
func TestNames(t *testing.T) {
	p := DefaultCrush().Policy
	p.Market, p.SubnetSlots = false, 1
	peers := make([]bidding.Peer, 12)
	got := make([]int64, len(peers))
	crowd := New(small(1)).nodes[0].addr
	for i := range peers {
		peers[i] = bidding.Peer{Key: bidding.PeerKey(i + 1), Interested: true, Seeding: true, Since: epoch(), Turn: epoch()}
		if i < 8 {
			peers[i].Addr = crowd // eight names
		}
	}
	for n := range 90 {
		var books []bidding.Account
		for i, g := range bidding.Allocate(epoch().Add(time.Duration(n)*round), p, peers) {
			got[i] += g.Rate
			books = append(books, bidding.Account{Key: g.Key, Owed: peers[i].Owed, Sent: g.Rate * 10})
		}
		bidding.Accrue(books)
		for i := range books {
			peers[i].Owed = books[i].Owed
		}
	}
	names, others := int64(0), int64(0)
	for i, n := range got {
		if i < 8 {
			names += n
		} else {
			others = max(others, n)
		}
	}
	if names > others*11/10 {
		t.Errorf("eight names have %d, one other %d", names, others)
	}
}

// TestTable prints the table: go test -run Table -v.
func TestTable(t *testing.T) {
	var b strings.Builder
	if err := Table(&b, 40, 80, 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + b.String())
	if n := strings.Count(b.String(), "ours"); n != 3 {
		t.Errorf("%d lines of ours", n)
	}
}

func TestStrategies(t *testing.T) {
	for k := range strategies {
		if Strategy(k).String() == "unknown" {
			t.Errorf("%d has no name", k)
		}
	}
}

// BenchmarkTable prints the table in full, for make bench.
func BenchmarkTable(b *testing.B) {
	var out strings.Builder
	for b.Loop() {
		out.Reset()
		if err := errors.Join(Table(&out, 600, 400, 30*time.Minute), Strategic(&out, 3, 300, 25*time.Minute)); err != nil {
			b.Fatal(err)
		}
	}
	fmt.Fprintf(os.Stdout, "\n%s\n", out.String()) // b.Log would cut it off
}

// BenchmarkSwarm is 1,000 peers for an hour of swarm time.
func BenchmarkSwarm(b *testing.B) {
	for b.Loop() {
		c := DefaultConfig()
		c.View, c.MaxLinks = 15, 40
		s := New(c)
		s.Run(time.Hour)
	}
}
