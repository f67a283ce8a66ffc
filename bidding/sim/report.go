package sim

import "time"

// Group is what became of the users of one strategy.
type Group struct {
	Users    int           // that were there for at least two minutes while loading
	Finished int           // of these, that have it all
	Rate     float64       // mean rate of loading, in bytes per second of downlink time
	Speed    float64       // the same, each user measured by the honest with its uplink; 1 = as fast, 0 = there is none such
	Unearned float64       // part of its payload that it neither paid for nor was given for its own
	Starved  time.Duration // the longest that any waited for its next byte
	Price    float64       // paid for a MiB bought, in µBTT
	Profit   float64       // earned for a MiB of uplink, less the cost, in µBTT
}

// Report is the outcome of a swarm.
type Report struct {
	Groups [strategies]Group
	Used   float64 // part of the uplink of those that have it all that was used
	Free   float64 // part of the free share that free peers got where paid demand reached the uplink
}

// rate returns the mean rate of u while it was loading, and false for who was
// there too short a time to tell.
func (u *user) rate(now time.Time) (float64, bool) {
	end := u.done
	if end.IsZero() {
		end = now
	}
	d := end.Sub(u.joined)
	return float64(u.have) / d.Seconds(), !u.seed && d >= 2*time.Minute
}

// Report returns the outcome so far.
func (s *Swarm) Report() Report {
	var r Report
	honest, count := map[int64]float64{}, map[int64]float64{}
	for _, u := range s.users {
		if rate, ok := u.rate(s.now); ok && u.strategy == Honest {
			honest[u.up] += rate
			count[u.up]++
		}
	}
	var given, owed, bought, unearned, have [strategies]int64
	var sent, could float64
	var paid, earned [strategies]float64
	for _, u := range s.users {
		k := u.strategy
		given[0], owed[0] = given[0]+u.freeGiven, owed[0]+u.freeOwed
		if u.seed {
			sent += float64(u.uploaded)
			could += float64(u.up) * s.now.Sub(u.joined).Seconds()
			continue
		}
		rate, ok := u.rate(s.now)
		if !ok {
			continue
		}
		g := &r.Groups[k]
		g.Users++
		if !u.done.IsZero() {
			g.Finished++
		}
		g.Rate += rate
		if n := count[u.up]; n > 0 && honest[u.up] > 0 {
			g.Speed += rate / (honest[u.up] / n)
		}
		g.Starved = max(g.Starved, time.Duration(u.starved)*round)
		bought[k] += u.bought
		unearned[k], have[k] = unearned[k]+u.unearned, have[k]+u.have
		paid[k] += float64(u.paid)
		earned[k] += (float64(u.earned) - float64(s.Cost)*float64(u.sold)/(1<<20)) / max(float64(u.up)*s.now.Sub(u.joined).Seconds()/(1<<20), 1)
	}
	for k := range r.Groups {
		g := &r.Groups[k]
		if g.Users > 0 {
			n := float64(g.Users)
			g.Rate, g.Speed, g.Profit = g.Rate/n, g.Speed/n, earned[k]/n
		}
		g.Unearned = float64(unearned[k]) / max(float64(have[k]), 1)
		if bought[k] > 0 {
			g.Price = paid[k] / (float64(bought[k]) / (1 << 20))
		}
	}
	r.Used, r.Free = sent/max(could, 1), 1
	if owed[0] > 0 {
		r.Free = float64(given[0]) / float64(owed[0])
	}
	return r
}
