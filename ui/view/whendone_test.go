package view

import (
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

// clock gives snapshots a second apart.
type clock struct{ now time.Time }

func (c *clock) after(d time.Duration, states ...swarm.State) *swarm.Snapshot {
	c.now = c.now.Add(d)
	s := &swarm.Snapshot{At: c.now}
	for _, st := range states {
		s.Torrents = append(s.Torrents, swarm.Torrent{State: st})
	}
	return s
}

func newClock() *clock { return &clock{time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)} }

// count looks once a second until the deed is due and returns how often.
func count(t *testing.T, v *Vigil, c *clock, states ...swarm.State) (n int, due Deed) {
	t.Helper()
	for n = range 200 {
		if _, counting, due := v.Look(c.after(time.Second, states...)); due != Nothing {
			return n, due
		} else if !counting {
			t.Fatalf("after %d s nothing counts", n)
		}
	}
	return n, Nothing
}

func TestVigilWaitsForItsWork(t *testing.T) {
	for _, x := range []struct {
		all     bool
		busy    swarm.State
		ended   []swarm.State
		waiting []swarm.State
	}{
		{false, swarm.Downloading, []swarm.State{swarm.Seeding, swarm.Paused, swarm.Stopped, swarm.Errored}, []swarm.State{swarm.Moving}},
		{false, swarm.Metadata, nil, []swarm.State{swarm.Queued}},
		{true, swarm.Seeding, []swarm.State{swarm.Finished, swarm.Stopped}, []swarm.State{swarm.QueuedSeed}},
		{true, swarm.Downloading, []swarm.State{swarm.Finished}, []swarm.State{swarm.Seeding}},
	} {
		c, v := newClock(), &Vigil{}
		v.Set(WhenDone{Shutdown, x.all})
		for _, before := range [][]swarm.State{nil, {swarm.Stopped}, {x.busy}, x.waiting} {
			for range 3 {
				if _, counting, due := v.Look(c.after(time.Minute, before...)); counting || due != Nothing {
					t.Errorf("%+v counts while %v", x, before)
				}
			}
		}
		if n, due := count(t, v, c, x.ended...); n != int(CountdownTime/time.Second) || due != Shutdown {
			t.Errorf("%+v: %v after %d s, want Shutdown after %v", x, due, n, CountdownTime)
		}
		if _, counting, due := v.Look(c.after(time.Second)); counting || due != Nothing || v.Want != (WhenDone{}) {
			t.Error("the deed is done twice")
		}
	}
}

func TestVigilStartsAnew(t *testing.T) {
	c, v := newClock(), &Vigil{}
	v.Set(WhenDone{Deed: Standby})
	v.Look(c.after(time.Second, swarm.Downloading))
	for _, what := range []func(){
		func() { v.Look(c.after(time.Second, swarm.Downloading)) }, // a new download
		func() { v.Look(c.after(time.Hour)) },                      // the computer slept
		func() { v.Look(c.after(-time.Hour)) },                     // the clock was set
	} {
		for range 50 {
			if _, _, due := v.Look(c.after(time.Second)); due != Nothing {
				t.Fatal("too early")
			}
		}
		what()
		if left, _, due := v.Look(c.after(time.Second)); left < CountdownTime-2*time.Second || due != Nothing {
			t.Errorf("%v left, %v due", left, due)
		}
	}
	v.Set(WhenDone{})
	if _, counting, _ := v.Look(c.after(time.Second)); counting {
		t.Error("cancelled and counting")
	}
}
