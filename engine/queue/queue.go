package queue

import (
	"cmp"
	"slices"
	"time"

	"swarmbid/engine/swarm"
)

// Policy is what the user may set. The zero value lets everything run.
type Policy struct {
	MaxActive    int           // torrents that run at once; 0 = any number
	MaxDownloads int           // of them incomplete; 0 = any number
	SkipSlow     bool          // a running torrent below SlowRate takes no place
	SlowRate     int64         // bytes per second of payload, both directions together
	SlowAfter    time.Duration // how long it must have run before it counts as slow
	SeedsFirst   bool          // seeds take their places before downloads

	SeedlessFirst bool // seeds of torrents that nobody else seeds take theirs before other seeds

	GoalRatio int64         // in thousandths; a seed that reached it stops; 0 = none
	GoalTime  time.Duration // of seeding; 0 = none. With both set, both must be reached

	Mode swarm.Mode // what the schedule allows those that are not forced
}

// DefaultPolicy returns what a new user gets: five downloads, eight torrents,
// slow ones not counted, no goal.
func DefaultPolicy() Policy {
	return Policy{MaxActive: 8, MaxDownloads: 5, SkipSlow: true, SlowRate: 1 << 10, SlowAfter: time.Minute}
}

// Item is one torrent that wants to run.
type Item struct {
	Place    int // its place in the queue, smaller is earlier; seeds have one too
	Complete bool
	Seedless bool // nobody else is known to seed it
	Forced   bool
	Running  bool
	Rate     int64         // payload now, both directions
	RunFor   time.Duration // since it began to run
	Ratio    int64         // thousandths
	Seeded   time.Duration
	// Goals of its own; negative = never stop, 0 = the policy's.
	GoalRatio int64
	GoalTime  time.Duration
	Endless   bool // its goal ends something else than its run
}

// Decide returns for each item whether it may run.
func Decide(p Policy, items []Item) []bool {
	run := make([]bool, len(items))
	order := make([]int, 0, len(items))
	active, downloads := 0, 0
	for i := range items {
		it := &items[i]
		switch {
		case p.Mode == swarm.ModeCapped:
		case it.Forced:
			run[i] = true
			if !p.slow(it) {
				active++
				downloads += one(!it.Complete)
			}
		case p.Mode == swarm.ModeOff || p.Mode == swarm.ModeSeed && !it.Complete:
		case !it.Endless && p.Reached(it):
		default:
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return p.compare(&items[a], &items[b]) })
	for _, i := range order {
		it := &items[i]
		if it.Running && p.slow(it) {
			run[i] = true
			continue
		}
		if p.MaxActive > 0 && active >= p.MaxActive || !it.Complete && p.MaxDownloads > 0 && downloads >= p.MaxDownloads {
			continue
		}
		run[i] = true
		active++
		downloads += one(!it.Complete)
	}
	return run
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// compare orders by who takes a place first: downloads by place, then seeds by
// the lowest ratio, as those have given the least back.
func (p *Policy) compare(a, b *Item) int {
	if a.Complete != b.Complete {
		if a.Complete == p.SeedsFirst {
			return -1
		}
		return 1
	}
	if a.Complete && p.SeedlessFirst && a.Seedless != b.Seedless {
		return one(b.Seedless) - one(a.Seedless)
	}
	if a.Complete {
		return cmp.Or(cmp.Compare(a.Ratio, b.Ratio), cmp.Compare(a.Place, b.Place))
	}
	return cmp.Compare(a.Place, b.Place)
}

func (p *Policy) slow(it *Item) bool {
	return p.SkipSlow && it.Running && it.RunFor >= p.SlowAfter && it.Rate < p.SlowRate
}

// Reached reports whether a seed has met every goal that is set for it.
func (p *Policy) Reached(it *Item) bool {
	if !it.Complete {
		return false
	}
	ratio, span := p.GoalRatio, p.GoalTime
	if it.GoalRatio != 0 {
		ratio = it.GoalRatio
	}
	if it.GoalTime != 0 {
		span = it.GoalTime
	}
	if ratio <= 0 && span <= 0 {
		return false
	}
	return (ratio <= 0 || it.Ratio >= ratio) && (span <= 0 || it.Seeded >= span)
}
