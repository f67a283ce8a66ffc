package engine

import (
	"fmt"
	"net/netip"
	"time"

	"swarmbid/engine/resume"
	"swarmbid/engine/schedule"
	"swarmbid/engine/swarm"
)

// regime is what the hour and the work of the session make of the settings.
type regime struct {
	mode swarm.Mode
	idle bool         // nothing downloads
	net  netip.Prefix // of the machine, if it has limits
	cap  bool         // the traffic of the period is used up
}

// regimeAt looks at the clock and at the torrents.
func (e *Engine) regimeAt(now time.Time) regime {
	r := regime{mode: e.asked.Schedule.At(now), idle: true}
	for _, m := range e.order {
		if m.live != nil && !m.checkOnly && !m.complete() && m.rec.State != resume.Paused {
			r.idle = false
			break
		}
	}
	if !e.asked.IdleUpOn {
		r.idle = false // so that it changes nothing
	}
	if _, ok := e.asked.limitsOf(e.here.net); ok {
		r.net = e.here.net
	}
	r.cap = e.traffic.state.Reached
	return r
}

// under returns the settings in force under a regime. Alternative limits replace
// the usual ones; the schedule can only make both stricter.
func (s *Settings) under(r regime) Settings {
	out := *s
	here, known := s.limitsOf(r.net)
	switch {
	case s.AltOn:
		out.DownLimit, out.UpLimit = s.AltDown, s.AltUp
	case known:
		out.DownLimit, out.UpLimit = here.Down, here.Up
	case r.idle && s.IdleUpOn:
		out.UpLimit = s.IdleUp
	}
	out.Queue.Mode = r.mode
	switch r.mode {
	case swarm.ModeLimited:
		out.DownLimit = schedule.Stricter(out.DownLimit, s.Schedule.Down)
		out.UpLimit = schedule.Stricter(out.UpLimit, s.Schedule.Up)
	case swarm.ModeOff:
		out.DHT = s.DHT && !s.Schedule.NoDHT
	case swarm.ModeFull, swarm.ModeSeed, swarm.ModeCapped:
	}
	if r.cap {
		out.Queue.Mode = swarm.ModeCapped
	}
	return out.within()
}

// lookAtClock brings in force what the hour or the end of the last download
// changes.
func (e *Engine) lookAtClock(now time.Time) {
	e.here.look(now, e.network)
	e.countTraffic(now)
	r := e.regimeAt(now)
	if r == e.regime {
		return
	}
	if r.cap != e.regime.cap {
		e.cfg.Log.Info("the transfer cap", "reached", r.cap, "used", e.traffic.state.Used, "resumes", e.traffic.state.Resumes)
	}
	if r.net != e.regime.net {
		e.cfg.Log.Info("the limits of a network", "network", r.net)
	}
	if r.mode != e.regime.mode {
		e.cfg.Log.Info("the schedule changes", "mode", r.mode.String())
	}
	if err := e.enforce(now); err != nil {
		e.cfg.Log.Error("bring the settings of the hour in force", "err", err)
	}
}

// enforce brings what the user wants in force, as far as the hour allows.
func (e *Engine) enforce(now time.Time) error {
	old := e.set
	e.traffic.state = e.asked.Cap.Decide(now, e.traffic.days)
	e.regime = e.regimeAt(now)
	e.set = e.asked.under(e.regime)
	e.trackers.SetFarewell(!e.set.NoFarewell)
	e.handles.SetSparse(e.set.Sparse && !e.set.Allocate)
	moved := e.goOut(&old)
	e.lookAtFilter()
	e.links.SetEncryption(e.set.Encryption)
	e.limitLinks()
	e.upload.SetLimit(e.shareUplink())
	e.marketChanged()
	if e.net != nil && (moved || old.needsNewClient(&e.set)) {
		if err := e.renewNetwork(); err != nil {
			return err
		}
	}
	e.mapPort()
	for _, m := range e.order {
		if m.live != nil {
			e.configure(m)
		}
	}
	e.schedule(now)
	e.kickRechoke()
	return nil
}

// validateHours reports the first value of alternative limits and schedule that
// is out of range.
func (s *Settings) validateHours() error {
	if min(s.AltDown, s.AltUp, s.IdleUp, s.Schedule.Down, s.Schedule.Up) < 0 {
		return fmt.Errorf("%w: a rate limit is negative", ErrConfig)
	}
	for _, day := range s.Schedule.Table {
		for _, m := range day {
			if m > swarm.ModeSeed {
				return fmt.Errorf("%w: mode %d of the schedule", ErrConfig, m)
			}
		}
	}
	return nil
}
