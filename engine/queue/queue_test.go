package queue

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

func random(r *rand.Rand) (Policy, []Item) {
	p := Policy{
		MaxActive: r.IntN(6), MaxDownloads: r.IntN(4), SkipSlow: r.IntN(2) == 0, SlowRate: 100,
		SlowAfter: time.Minute, SeedsFirst: r.IntN(3) == 0, SeedlessFirst: r.IntN(2) == 0,
		GoalRatio: int64(r.IntN(3)) * 500, GoalTime: time.Duration(r.IntN(3)) * time.Hour,
	}
	if r.IntN(3) == 0 {
		p.Mode = swarm.Mode(r.IntN(4))
	}
	items := make([]Item, r.IntN(12))
	for i := range items {
		items[i] = Item{
			Place: i + 1, Complete: r.IntN(2) == 0, Seedless: r.IntN(2) == 0, Forced: r.IntN(8) == 0, Running: r.IntN(2) == 0,
			Rate: r.Int64N(200), RunFor: time.Duration(r.IntN(3)) * time.Minute,
			Ratio: r.Int64N(1500), Seeded: time.Duration(r.IntN(4)) * time.Hour,
			GoalRatio: int64(r.IntN(3) - 1), GoalTime: time.Duration(r.IntN(3)-1) * time.Hour, Endless: r.IntN(5) == 0,
		}
	}
	r.Shuffle(len(items), func(a, b int) { items[a], items[b] = items[b], items[a] })
	return p, items
}

// each runs f on many random cases and names the one that failed.
func each(t *testing.T, f func(t *testing.T, p Policy, items []Item, run []bool)) {
	t.Helper()
	for seed := range uint64(3000) {
		p, items := random(rand.New(rand.NewPCG(seed, 7)))
		before := slices.Clone(items)
		run := Decide(p, items)
		if !slices.Equal(before, items) {
			t.Fatalf("seed %d: items were changed", seed)
		}
		f(t, p, items, run)
		if t.Failed() {
			t.Fatalf("seed %d: %+v\n%+v\n%v", seed, p, items, run)
		}
	}
}

func TestForced(t *testing.T) {
	each(t, func(t *testing.T, _ Policy, items []Item, run []bool) {
		for i, it := range items {
			if it.Forced && !run[i] {
				t.Error("a forced torrent does not run")
			}
		}
	})
}

func TestLimit(t *testing.T) {
	each(t, func(t *testing.T, p Policy, items []Item, run []bool) {
		active, downloads, forced, forcedDownloads := 0, 0, 0, 0
		for i, it := range items {
			if !run[i] || p.slow(&it) {
				continue
			}
			active++
			downloads += one(!it.Complete)
			if it.Forced {
				forced++
				forcedDownloads += one(!it.Complete)
			}
		}
		if p.MaxActive > 0 && active > max(p.MaxActive, forced) {
			t.Errorf("%d run", active)
		}
		if p.MaxDownloads > 0 && downloads > max(p.MaxDownloads, forcedDownloads) {
			t.Errorf("%d downloads run", downloads)
		}
	})
}

func TestOrder(t *testing.T) {
	each(t, func(t *testing.T, p Policy, items []Item, run []bool) {
		for i, a := range items {
			for k, b := range items {
				if !a.Complete && !b.Complete && a.Place < b.Place && !run[i] && run[k] && !b.Forced && !p.slow(&b) && p.allows(&a) {
					t.Errorf("place %d waits while %d runs", a.Place, b.Place)
				}
			}
		}
	})
}

func TestGoal(t *testing.T) {
	each(t, func(t *testing.T, p Policy, items []Item, run []bool) {
		for i, it := range items {
			if !it.Forced && !it.Endless && p.Reached(&it) && run[i] {
				t.Error("a seed runs after its goal")
			}
		}
	})
	p := Policy{GoalRatio: 1000, GoalTime: time.Hour}
	for _, c := range []struct {
		it   Item
		want bool
	}{
		{Item{Complete: true, Ratio: 1000, Seeded: time.Hour}, true},
		{Item{Ratio: 1000, Seeded: time.Hour}, false}, // it downloads again
		{Item{Complete: true, Ratio: 999, Seeded: time.Hour}, false},
		{Item{Complete: true, Ratio: 1000, Seeded: time.Minute}, false},
		{Item{Complete: true, Ratio: 5000, Seeded: 9 * time.Hour, GoalRatio: -1, GoalTime: -1}, false},
		{Item{Complete: true, Ratio: 2000, GoalRatio: 2000, GoalTime: -1}, true},
	} {
		if got := p.Reached(&c.it); got != c.want {
			t.Errorf("%+v reached its goal: %v", c.it, got)
		}
	}
}

func TestIdle(t *testing.T) {
	each(t, func(t *testing.T, p Policy, items []Item, run []bool) {
		active, downloads := 0, 0
		for i, it := range items {
			if run[i] && !p.slow(&it) {
				active++
				downloads += one(!it.Complete)
			}
		}
		for i, it := range items {
			blocked := !it.Endless && p.Reached(&it) || !p.allows(&it) || p.MaxActive > 0 && active >= p.MaxActive ||
				!it.Complete && p.MaxDownloads > 0 && downloads >= p.MaxDownloads
			if !run[i] && !blocked {
				t.Errorf("place %d waits although there is room", it.Place)
			}
		}
	})
}

// allows says again what the schedule does.
// TestSeedless: no other seed runs while one waits that nobody else seeds, if that is
// wanted; the order of downloads is none of its business.
func TestSeedless(t *testing.T) {
	each(t, func(t *testing.T, p Policy, items []Item, run []bool) {
		for i, a := range items {
			for k, b := range items {
				if p.SeedlessFirst && a.Complete && b.Complete && a.Seedless && !b.Seedless && !run[i] && run[k] &&
					!b.Forced && !p.slow(&b) && p.allows(&a) && (a.Endless || !p.Reached(&a)) {
					t.Errorf("place %d waits while %d runs", a.Place, b.Place)
				}
			}
		}
	})
	items := []Item{{Place: 1, Complete: true}, {Place: 2, Complete: true, Ratio: 9, Seedless: true}}
	for _, on := range []bool{false, true} {
		if run := Decide(Policy{MaxActive: 1, SeedlessFirst: on}, items); run[0] == on || run[1] != on {
			t.Errorf("wanted %v: %v", on, run)
		}
	}
}

func (p *Policy) allows(it *Item) bool {
	switch p.Mode {
	case swarm.ModeOff, swarm.ModeCapped:
		return false
	case swarm.ModeSeed:
		return it.Complete
	case swarm.ModeFull, swarm.ModeLimited:
	}
	return true
}

func TestHours(t *testing.T) {
	seen := map[swarm.Mode]bool{}
	each(t, func(t *testing.T, p Policy, items []Item, run []bool) {
		seen[p.Mode] = true
		for i, it := range items {
			if run[i] && !it.Forced && !p.allows(&it) {
				t.Errorf("place %d runs while the schedule says %v", it.Place, p.Mode)
			}
		}
	})
	if len(seen) != 4 {
		t.Errorf("only %v were tried", seen)
	}
	if (&Policy{GoalRatio: 1}).Reached(&Item{Ratio: 5}) {
		t.Error("a download reached the goal of seeds")
	}
}

// TestCapped: when the traffic of the period is used up nothing runs, forced or not.
func TestCapped(t *testing.T) {
	for i, on := range Decide(Policy{Mode: swarm.ModeCapped}, []Item{{Forced: true, Running: true}, {Complete: true, Running: true}, {}}) {
		if on {
			t.Errorf("item %d runs", i)
		}
	}
}
