package sim

import (
	"math"
	"testing"
	"time"

	"swarmbid/bidding"
)

// after is a swarm of users that were there for d.
func after(d time.Duration, users ...*user) *Swarm {
	c := plain()
	c.Cost = 1 << 20 // a µBTT for a byte
	s := scene(c, users...)
	s.now = epoch().Add(d)
	return s
}

// TestReportRates: a rate is what was loaded by the time until it was all there, and
// speed is by the honest with the same uplink.
func TestReportRates(t *testing.T) {
	r := after(
		1000*time.Second,
		&user{up: 100, have: 1_000_000},
		&user{up: 100, have: 3_000_000},
		&user{up: 700, have: 8_000_000},
		&user{strategy: Tyrant, up: 100, have: 4_000_000},
		&user{strategy: Payer, up: 700, have: 8_000_000, done: epoch().Add(500 * time.Second)},
		&user{strategy: Shader, up: 50, have: 8_000_000},
	).Report()
	for k, want := range map[Strategy]Group{
		Honest: {Users: 3, Rate: 4000, Speed: 1},
		Tyrant: {Users: 1, Rate: 4000, Speed: 2},
		Payer:  {Users: 1, Finished: 1, Rate: 16000, Speed: 2},
		Shader: {Users: 1, Rate: 8000}, // no honest user has such an uplink
	} {
		g := r.Groups[k]
		if g.Users != want.Users || g.Finished != want.Finished || g.Rate != want.Rate || math.Abs(g.Speed-want.Speed) > 1e-9 {
			t.Errorf("%v: %+v, want %+v", k, g, want)
		}
	}
}

// TestReportWithoutMeasure: where the honest have nothing there is no speed.
func TestReportWithoutMeasure(t *testing.T) {
	r := after(time.Hour, &user{up: 100}, &user{strategy: Payer, up: 100, have: 1 << 20}).Report()
	if r.Groups[Honest].Speed != 0 || r.Groups[Payer].Speed != 0 || r.Groups[Payer].Rate == 0 {
		t.Errorf("%+v", r.Groups)
	}
}

// TestReportLeavesOut: who was there for less than two minutes says nothing, nor do
// seeds of their loading.
func TestReportLeavesOut(t *testing.T) {
	late := &user{up: 100, have: 1}
	s := after(10*time.Minute, &user{up: 100, have: 600_000}, late, &user{seed: true, up: 100})
	late.joined = s.now.Add(-119 * time.Second)
	if g := s.Report().Groups[Honest]; g.Users != 1 || g.Rate != 1000 {
		t.Errorf("%+v", g)
	}
	late.joined = s.now.Add(-120 * time.Second)
	if g := s.Report().Groups[Honest]; g.Users != 2 {
		t.Errorf("%+v", g)
	}
}

// TestReportMoney: a price is by the MiB bought; a profit is what was earned beyond
// the cost of what was sold, by the MiB that the uplink could carry.
func TestReportMoney(t *testing.T) {
	const mib = 1 << 20
	r := after(
		1024*time.Second,
		&user{strategy: Payer, up: 1, have: 9 * mib, paid: 30, bought: 3 * mib, unearned: mib},
		&user{strategy: Payer, up: 1, have: 9 * mib, paid: 90, bought: 3 * mib, unearned: 2 * mib},
		&user{strategy: Liar, up: 2048, have: mib, earned: 5 * mib, sold: mib},
	).Report()
	if g := r.Groups[Payer]; g.Price != 20 || math.Abs(g.Unearned-3.0/18) > 1e-9 {
		t.Errorf("payers: %+v", g)
	}
	if g := r.Groups[Liar]; math.Abs(g.Profit-4*mib/2) > 1e-6 || g.Price != 0 {
		t.Errorf("a seller: %+v", g)
	}
}

// TestReportUse: how far the seeds' uplink was used, and how much of the free share
// was given; without any demand for it that is all.
func TestReportUse(t *testing.T) {
	s := after(100*time.Second, &user{seed: true, up: 1000, uploaded: 30_000}, &user{seed: true, up: 3000, uploaded: 70_000})
	if r := s.Report(); math.Abs(r.Used-0.25) > 1e-9 || r.Free != 1 {
		t.Errorf("%+v", r)
	}
	s.users[0].freeGiven, s.users[0].freeOwed, s.users[1].freeOwed = 90, 60, 60
	if r := s.Report(); math.Abs(r.Free-0.75) > 1e-9 {
		t.Errorf("%+v", r)
	}
}

// TestReportStarved is the longest wait of any.
func TestReportStarved(t *testing.T) {
	if r := after(time.Hour, &user{up: 1, starved: 4}, &user{up: 1, starved: 17}).Report(); r.Groups[Honest].Starved != 170*time.Second {
		t.Errorf("%+v", r.Groups[Honest])
	}
}

// TestFreeShareIsCounted: where paid demand reaches the uplink and somebody waits who
// bids nothing, what the free tier gets is held against its share.
func TestFreeShareIsCounted(t *testing.T) {
	buyer := &user{strategy: Payer, up: 1, down: 1 << 20, value: 5000}
	seed := &user{seed: true, up: 10_000}
	s := scene(plain(), seed, buyer)
	s.rounds(3)
	if seed.freeOwed != 0 {
		t.Errorf("%d owed to nobody", seed.freeOwed)
	}
	s = scene(plain(), seed, buyer, &user{up: 1, down: 1 << 20})
	s.rounds(3)
	want := 3 * 10 * seed.up * int64(bidding.DefaultPolicy().FreeShare) / 100
	if seed.freeOwed != want || seed.freeGiven != want {
		t.Errorf("%d of %d given, want %d", seed.freeGiven, seed.freeOwed, want)
	}
}
