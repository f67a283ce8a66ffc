package ui_test

import (
	"strings"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

// TestStatusOfTraffic: the status bar shows overhead and local traffic when it is to,
// and what has stopped or limits everything.
func TestStatusOfTraffic(t *testing.T) {
	s := newStage(t, "en", "light")
	words := func(x swarm.Totals, overhead bool) string {
		return strings.Join(s.UI.StatusOf(&swarm.Snapshot{At: time.Now(), Totals: x}, overhead), "|")
	}
	busy := swarm.Totals{Down: 1 << 20, DownLimit: 2 << 20, OverDown: 30 << 10, LocalUp: 5 << 10, OverUp: 7 << 10, Downloaded: 1 << 30}
	for _, c := range []struct {
		name      string
		x         swarm.Totals
		overhead  bool
		has, lack []string
	}{
		{"with overhead", busy, true, []string{"D: 1.0 MiB/s [2.0 MiB/s]  O: 30.0 KiB/s  T: 1.00 GiB", "L: 5.0 KiB/s  O: 7.0 KiB/s"}, nil},
		{"without", busy, false, []string{"D: 1.0 MiB/s [2.0 MiB/s]  T: 1.00 GiB"}, []string{"O:", "L:"}},
		{"capped", swarm.Totals{Capped: true, CapResumes: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), Alt: true}, false, []string{"Transfer cap reached, until 2026-11-21"}, []string{"Alternative"}},
		{"in a network", swarm.Totals{NetLimited: true, Network: "10.0.0.0/8"}, false, []string{"Limits of 10.0.0.0/8"}, nil},
		{"alternative limits first", swarm.Totals{Alt: true, Network: "10.0.0.0/8"}, false, []string{"Alternative limits"}, []string{"10.0.0.0"}},
	} {
		got := words(c.x, c.overhead)
		for _, w := range c.has {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q lacks %q", c.name, got, w)
			}
		}
		for _, w := range c.lack {
			if strings.Contains(got, w) {
				t.Errorf("%s: %q has %q", c.name, got, w)
			}
		}
	}
}

// TestUsageIsForgotten: the page of the transfer cap shows the days of the engine, and
// the button makes the engine forget them.
func TestUsageIsForgotten(t *testing.T) {
	s := newStage(t, "en", "light")
	s.run("page-prefs.cap")
	if days, err := s.Engine.Usage(t.Context()); err != nil || len(days) != 7 {
		t.Fatalf("%d days, %v", len(days), err)
	}
	s.press(s.dialog(), "Reset History")
	s.settle()
	if days, err := s.Engine.Usage(t.Context()); err != nil || len(days) != 0 {
		t.Errorf("%d days are left, %v", len(days), err)
	}
}
