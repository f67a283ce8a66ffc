package engine

import (
	"errors"
	"testing"
	"time"

	"swarmbid/engine/link"
	"swarmbid/engine/schedule"
	"swarmbid/engine/swarm"
)

// allWeek is a schedule of one mode.
func allWeek(m swarm.Mode) schedule.Policy {
	p := schedule.Policy{On: true}
	for d := range p.Table {
		for h := range p.Table[d] {
			p.Table[d][h] = m
		}
	}
	return p
}

// change applies a change of the settings.
func (s *session) change(f func(*Settings)) {
	s.t.Helper()
	set, err := s.Settings(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	f(&set)
	if err := s.SetSettings(s.t.Context(), set); err != nil {
		s.t.Fatal(err)
	}
}

// until waits for a snapshot that pleases ok.
func (s *session) until(what string, ok func(*swarm.Snapshot) bool) {
	s.t.Helper()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	for !ok(s.Snapshot()) {
		select {
		case <-s.Changed():
		case <-deadline.C:
			s.t.Fatalf("%s: never; last %+v", what, s.Snapshot().Totals)
		}
	}
}

// TestLimitsUnderARegime: which limits are in force, for each hour and switch.
func TestLimitsUnderARegime(t *testing.T) {
	base := Settings{
		DownLimit: 100, UpLimit: 50, AltDown: 20, AltUp: 0, IdleUp: 70, DHT: true,
		Schedule: schedule.Policy{Down: 60, Up: 60, NoDHT: true},
	}
	for _, c := range []struct {
		name     string
		alt      bool
		idleOn   bool
		r        regime
		down, up int64
		dht      bool
	}{
		{"usual", false, true, regime{}, 100, 50, true},
		{"idle", false, true, regime{idle: true}, 100, 70, true},
		{"idle, switched off", false, false, regime{idle: true}, 100, 50, true},
		{"alternative", true, true, regime{idle: true}, 20, 0, true},
		{"limited", false, true, regime{mode: swarm.ModeLimited}, 60, 50, true},
		{"limited, alternative", true, true, regime{mode: swarm.ModeLimited}, 20, 60, true},
		{"seeding only", false, true, regime{mode: swarm.ModeSeed}, 100, 50, true},
		{"off", false, true, regime{mode: swarm.ModeOff}, 100, 50, false},
	} {
		s := base
		s.AltOn, s.IdleUpOn = c.alt, c.idleOn
		got := s.under(c.r)
		if got.DownLimit != c.down || got.UpLimit != c.up || got.DHT != c.dht || got.Queue.Mode != c.r.mode {
			t.Errorf("%s: down %d, up %d, DHT %v, queue %v", c.name, got.DownLimit, got.UpLimit, got.DHT, got.Queue.Mode)
		}
	}
	for name, spoil := range map[string]func(*Settings){
		"alternative": func(s *Settings) { s.AltUp = -1 },
		"idle":        func(s *Settings) { s.IdleUp = -1 },
		"scheduled":   func(s *Settings) { s.Schedule.Down = -1 },
		"mode":        func(s *Settings) { s.Schedule.Table[6][23] = swarm.ModeSeed + 1 },
	} {
		s := DefaultSettings()
		spoil(&s)
		if err := s.Validate(); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestScheduleStopsAndStarts: an hour of «off» ends all traffic but that of a
// forced torrent, «seeding only» that of downloads, and both come back after it.
func TestScheduleStopsAndStarts(t *testing.T) {
	t.Parallel()
	p, q := payload(t, 4<<20), payloadWith(t, 1<<20, "", false)
	cfg := testConfig(t, t.TempDir())
	cfg.Schedule = allWeek(swarm.ModeOff)
	a, b := run(t, testConfig(t, t.TempDir())), run(t, cfg)
	a.seed(p)
	b.add(swarm.Add{Source: swarm.Source{File: q.File}, SavePath: q.Dir}) // complete, as a check finds
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, b, a)
	queued := func(r *swarm.Torrent) bool { return r.State == swarm.Queued }
	b.wait(p.InfoHash, "waits for its hour", queued)
	if r := b.wait(q.InfoHash, "waits for its hour", func(*swarm.Torrent) bool { return true }); r.State != swarm.Queued {
		t.Errorf("the other one is %v", r.State) // not even checked
	}
	if tot := b.Snapshot().Totals; tot.Mode != swarm.ModeOff || tot.Peers != 0 {
		t.Errorf("%+v", tot)
	}
	if err := b.ForceStart(t.Context(), q.InfoHash); err != nil {
		t.Fatal(err)
	}
	b.wait(q.InfoHash, "forced", seeding)
	b.change(func(s *Settings) { s.Schedule = allWeek(swarm.ModeSeed) })
	if err := b.Start(t.Context(), q.InfoHash); err != nil {
		t.Fatal(err)
	}
	b.wait(q.InfoHash, "may seed", seeding)
	b.wait(p.InfoHash, "may not download", queued)
	b.change(func(s *Settings) { s.Schedule = allWeek(swarm.ModeFull) })
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "downloaded", seeding)
	if err := p.Compare(b.dir, true); err != nil {
		t.Fatal(err)
	}
}

// TestLimitsFollowTheWork: while something downloads the usual limit counts, with
// the last download done that of an idle session; the alternative ones replace
// both, and a limit set by hand is kept where it belongs.
func TestLimitsFollowTheWork(t *testing.T) {
	t.Parallel()
	p := payload(t, 4<<20)
	cfg := testConfig(t, t.TempDir())
	cfg.UpLimit, cfg.IdleUpOn, cfg.IdleUp, cfg.AltDown, cfg.AltUp = 10<<20, true, 20<<20, 3<<20, 2<<20
	a, b := run(t, testConfig(t, t.TempDir())), run(t, cfg)
	a.seed(p)
	up := func(n int64) func(*swarm.Snapshot) bool {
		return func(s *swarm.Snapshot) bool { return s.Totals.UpLimit == n }
	}
	b.until("idle", up(20<<20))
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	b.until("busy", up(10<<20))
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "downloaded", seeding)
	b.until("idle again", up(20<<20))
	b.change(func(s *Settings) { s.AltOn = true })
	b.until("alternative", func(s *swarm.Snapshot) bool {
		return s.Totals.Alt && s.Totals.UpLimit == 2<<20 && s.Totals.DownLimit == 3<<20
	})
	if err := b.SetRateLimits(t.Context(), 5<<20, 4<<20); err != nil {
		t.Fatal(err)
	}
	if s, err := b.Settings(t.Context()); err != nil || s.AltUp != 4<<20 || s.AltDown != 5<<20 || s.UpLimit != 10<<20 {
		t.Errorf("up %d, alternative %d, %v", s.UpLimit, s.AltUp, err)
	}
	b.change(func(s *Settings) { s.AltOn = false })
	b.until("not alternative", up(20<<20))
}

// TestDHTGoesWithTheHour: with that switch on there is no DHT while everything is
// off, and there is one again afterwards.
func TestDHTGoesWithTheHour(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t, t.TempDir())
	cfg.DHT, cfg.Bootstrap, cfg.Encryption = true, []string{"127.0.0.1:9"}, link.Prefer
	s := run(t, cfg)
	nodes := func() (n int) {
		if err := s.do(t.Context(), func() error {
			if s.net != nil {
				n = len(s.net.dht)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	s.until("up", func(x *swarm.Snapshot) bool { return x.Totals.DHT && nodes() > 0 })
	s.change(func(x *Settings) { x.Schedule = allWeek(swarm.ModeOff) })
	s.until("off, with the DHT", func(x *swarm.Snapshot) bool { return x.Totals.DHT && x.Totals.Mode == swarm.ModeOff })
	s.change(func(x *Settings) { x.Schedule.NoDHT = true })
	s.until("no DHT", func(x *swarm.Snapshot) bool { return !x.Totals.DHT && x.Totals.ListenPort != 0 && nodes() == 0 })
	s.change(func(x *Settings) { x.Schedule.On = false })
	s.until("DHT again", func(x *swarm.Snapshot) bool { return x.Totals.DHT && nodes() > 0 })
}
