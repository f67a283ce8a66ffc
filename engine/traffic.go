package engine

import (
	"context"
	"slices"
	"time"

	dialrate "golang.org/x/time/rate"

	"swarmbid/engine/link"
	"swarmbid/engine/quota"
	"swarmbid/engine/swarm"
)

// traffic is what passes, by day and by kind.
type traffic struct {
	last       link.Traffic // at the last look
	web        int64        // payload of this run that came from no peer, at the last look
	days       []swarm.Day  // oldest first
	dirty      bool         // days changed since they were saved
	state      quota.State
	over       [2]rate // down and up
	local      [2]rate
	overRates  [2]int64
	localRates [2]int64
}

// loadTraffic brings back what passed on the days before.
func (e *Engine) loadTraffic(now time.Time) {
	e.traffic.days = e.store.Session().Days
	e.traffic.state = e.set.Cap.Decide(now, e.traffic.days)
}

// countTraffic looks at what has passed since the last look and at what that leaves of
// the transfer cap.
func (e *Engine) countTraffic(now time.Time) {
	t, all := &e.traffic, e.links.Traffic()
	// What web seeds sent passes no link. It is what is there and came from no peer.
	web := max(t.web, e.totals.down-all.In)
	down := all.In + all.OverIn - all.LocalIn + web - (t.last.In + t.last.OverIn - t.last.LocalIn + t.web)
	up := all.Out + all.OverOut - all.LocalOut - (t.last.Out + t.last.OverOut - t.last.LocalOut)
	if down > 0 || up > 0 {
		t.days, t.dirty = quota.Add(t.days, now, max(0, down), max(0, up)), true
	}
	t.last, t.web = all, web
	t.state = e.asked.Cap.Decide(now, t.days)
	t.overRates = [2]int64{t.over[0].sample(now, all.OverIn), t.over[1].sample(now, all.OverOut)}
	t.localRates = [2]int64{t.local[0].sample(now, all.LocalIn), t.local[1].sample(now, all.LocalOut)}
}

// saveTraffic keeps the days, so that a kill loses no more than what passed since.
func (e *Engine) saveTraffic() {
	if !e.traffic.dirty {
		return
	}
	s := e.store.Session()
	s.Days = e.traffic.days
	if err := e.store.SaveSession(s); err != nil {
		e.cfg.Log.Warn("save the traffic by day", "err", err)
		return
	}
	e.traffic.dirty = false
}

// fillTraffic puts into a snapshot what passes.
func (e *Engine) fillTraffic(t *swarm.Totals) {
	x := &e.traffic
	t.OverDown, t.OverUp = x.overRates[0], x.overRates[1]
	t.LocalDown, t.LocalUp = x.localRates[0], x.localRates[1]
	t.Overhead, t.Local = [2]int64{x.last.OverIn, x.last.OverOut}, [2]int64{x.last.LocalIn, x.last.LocalOut}
	t.CapUsed, t.CapLimit, t.Capped, t.CapResumes = x.state.Used, x.state.Limit, e.regime.cap, x.state.Resumes
	if t.NetLimited = e.regime.net.IsValid() && !e.asked.AltOn; e.here.net.IsValid() {
		t.Network = e.here.net.String()
	}
}

// limitLinks brings in force how many connections there may be, what concerns the limits
// of received bytes, and whom the session's limits hold for.
func (e *Engine) limitLinks() {
	e.links.SetMost(e.set.MaxPeers)
	e.links.SetOneEach(e.set.OneEach)
	e.dials.SetLimit(dialrate.Limit(e.set.ConnectSpeed))
	e.dials.SetBurst(e.set.ConnectSpeed)
	e.links.SetDownLimit(e.set.DownLimit)
	e.links.SetFree(e.set.LocalFree, e.set.UTPFree)
	e.links.SetCountOverhead(e.set.CountOverhead)
	e.upload.SetCountOverhead(e.set.CountOverhead)
	e.upload.FreeChanged()
}

// Usage returns the traffic of the last days, oldest first: payload and overhead, but
// for that of the local network.
func (e *Engine) Usage(ctx context.Context) (days []swarm.Day, err error) {
	err = e.do(ctx, func() error {
		e.countTraffic(time.Now())
		days = slices.Clone(e.traffic.days)
		return nil
	})
	return days, err
}

// ResetUsage forgets the traffic of all days; from now on the period counts from
// nothing.
func (e *Engine) ResetUsage(ctx context.Context) error {
	return e.do(ctx, func() error {
		e.countTraffic(time.Now())
		e.traffic.days, e.traffic.dirty = nil, true
		e.saveTraffic()
		e.lookAtClock(time.Now())
		return nil
	})
}
