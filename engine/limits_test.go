package engine

import (
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"swarmbid/engine/quota"
	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
)

// rateAt measures the payload that arrives at s for about so long, in bytes per second.
func (s *session) rateAt(d time.Duration) float64 {
	s.t.Helper()
	first := s.Snapshot()
	var last *swarm.Snapshot
	s.until("measured", func(x *swarm.Snapshot) bool {
		last = x
		return x.At.Sub(first.At) >= d
	})
	return float64(last.Totals.Downloaded-first.Totals.Downloaded) / last.At.Sub(first.At).Seconds()
}

// about measures at s until what arrives is near a limit: it is never more for long, and
// a machine that is busy may make it less.
func (s *session) about(what string, limit int64) {
	s.t.Helper()
	got := 0.0
	for range 4 {
		got = s.rateAt(5*time.Second) / float64(limit)
		s.t.Logf("%s: %.1f %% of the limit", what, 100*got)
		if got > 0.85 && got < 1.1 {
			return
		}
	}
	s.t.Errorf("%s: %.1f %% of the limit", what, 100*got)
}

// joined are a session that has a torrent and one that loads it. What is done before
// they connect holds for the first byte.
func joined(t *testing.T, size int64, from, to func(*Config), before ...func(a, b *session, ih swarm.InfoHash)) (a, b *session, ih swarm.InfoHash) {
	t.Helper()
	p := payload(t, size)
	ac, bc := testConfig(t, t.TempDir()), testConfig(t, t.TempDir())
	from(&ac)
	to(&bc)
	a, b = run(t, ac), run(t, bc)
	a.seed(p)
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	for _, f := range before {
		f(a, b, p.InfoHash)
	}
	connect(t, p.InfoHash, b, a)
	b.until("it loads", func(s *swarm.Snapshot) bool { return s.Totals.Downloaded > 0 })
	return a, b, p.InfoHash
}

func everybody(netip.Addr) bool { return true }

// TestLocalPeersAreFree: peers of the local network are served past the session's
// limits while they are not to hold for them, whichever side has the limit, and within
// them as soon as they are; limits of torrents hold for all.
func TestLocalPeersAreFree(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	for name, side := range map[string]int{"upload": 0, "download": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := func(on bool) func(c *Config) {
				return func(c *Config) {
					if on {
						c.UpLimit, c.DownLimit, c.LocalFree, c.Local = limit, limit, true, everybody
					}
				}
			}
			var limited *session
			_, b, _ := joined(t, 96<<20, set(side == 0), set(side == 1), func(a, b *session, ih swarm.InfoHash) {
				limited = []*session{a, b}[side]
				if err := limited.SetLimits(t.Context(), swarm.Limits{Up: 10 * limit, Down: 10 * limit}, ih); err != nil {
					t.Fatal(err)
				}
			})
			b.rateAt(2 * time.Second)
			b.about("past the session's limit, by the torrent's", 10*limit)
			limited.change(func(s *Settings) { s.LocalFree = false })
			b.rateAt(2 * time.Second)
			b.about("not free", limit)
			if tot := limited.Snapshot().Totals; tot.Local[side^1] < 20*limit || tot.LocalDown+tot.LocalUp < limit/2 {
				t.Errorf("local traffic %v, now %d and %d B/s", tot.Local, tot.LocalDown, tot.LocalUp)
			}
		})
	}
}

// TestUTPIsFree is the same for connections by uTP.
func TestUTPIsFree(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	only := func(a, _ *session, ih swarm.InfoHash) {
		if err := a.SetLimits(t.Context(), swarm.Limits{Up: 8 * limit}, ih); err != nil {
			t.Fatal(err)
		}
	}
	a, b, _ := joined(t, 96<<20, func(c *Config) { c.UpLimit, c.UTPFree, c.TCP = limit, true, false }, func(c *Config) { c.TCP = false }, only)
	b.rateAt(2 * time.Second)
	b.about("past the session's limit, by the torrent's", 8*limit)
	a.change(func(s *Settings) { s.UTPFree = false })
	b.rateAt(2 * time.Second)
	b.about("not free", limit)
}

// TestIdleUploadLimit: by the receiver's count the other upload limit is in force while
// nothing downloads, and the usual one from the next download on.
func TestIdleUploadLimit(t *testing.T) {
	t.Parallel()
	const usual, idle = 96 << 10, 768 << 10
	a, b, _ := joined(t, 64<<20, func(c *Config) { c.UpLimit, c.IdleUpOn, c.IdleUp = usual, true, idle }, func(*Config) {})
	b.rateAt(2 * time.Second)
	b.about("while nothing downloads", idle)
	other := payloadWith(t, 1<<20, "", false)
	a.add(swarm.Add{Source: swarm.Source{File: other.File}})
	a.wait(other.InfoHash, "downloads", func(r *swarm.Torrent) bool { return r.State == swarm.Downloading })
	b.rateAt(3 * time.Second)
	b.about("beside a download", usual)
}

// TestLimitsOfANetwork: they are in force while the machine is in that network, by the
// receiver's count, and within 30 seconds after it has come or gone.
func TestLimitsOfANetwork(t *testing.T) {
	t.Parallel()
	const usual, office = 640 << 10, 128 << 10
	home, work := netip.MustParsePrefix("192.168.178.0/24"), netip.MustParsePrefix("10.20.0.0/16")
	var here atomic.Pointer[netip.Prefix]
	here.Store(&work)
	a, b, _ := joined(t, 64<<20, func(c *Config) {
		c.UpLimit, c.Network = usual, func() netip.Prefix { return *here.Load() }
		c.Networks = []NetLimit{{Net: work, Up: office, Down: 1 << 20}}
	}, func(*Config) {})
	b.rateAt(2 * time.Second)
	b.about("at work", office)
	if tot := a.Snapshot().Totals; tot.Network != work.String() || !tot.NetLimited || tot.UpLimit != office || tot.DownLimit != 1<<20 {
		t.Errorf("at work: %+v", tot)
	}
	here.Store(&home)
	left := time.Now()
	a.until("at home", func(s *swarm.Snapshot) bool { return s.Totals.Network == home.String() && !s.Totals.NetLimited })
	if d := time.Since(left); d > 30*time.Second {
		t.Errorf("seen after %v", d)
	}
	b.rateAt(2 * time.Second)
	b.about("at home", usual)
}

// TestTransferCap: what has passed stops every torrent, forced ones too, and not before;
// after a restart it is neither forgotten nor counted twice, and torrents go on by
// themselves when the cap is raised, or when the days are forgotten.
func TestTransferCap(t *testing.T) {
	t.Parallel()
	const limit = 4 << 20
	capped := quota.Policy{On: true, Count: swarm.Downloads, Limit: limit, Days: 2}
	var bc Config
	a, b, ih := joined(t, 24<<20, func(c *Config) { c.UpLimit = 1 << 20 }, func(c *Config) {
		c.Cap, c.SaveEvery = capped, time.Second
		bc = *c
	})
	b.until("used up", func(s *swarm.Snapshot) bool { return s.Totals.Capped })
	if err := b.ForceStart(t.Context(), ih); err != nil {
		t.Fatal(err)
	}
	b.until("all is still", func(s *swarm.Snapshot) bool { return s.Totals.Peers == 0 && s.Totals.Down == 0 })
	tot, row := b.Snapshot().Totals, b.wait(ih, "queued", func(r *swarm.Torrent) bool { return r.State == swarm.Queued })
	if row.Downloaded < limit/2 /* the row lacks what came in the last second */ || row.Downloaded > limit+3<<20 || tot.CapUsed < limit || tot.CapLimit != limit || time.Until(tot.CapResumes) < 24*time.Hour {
		t.Errorf("%d were loaded: %+v", row.Downloaded, tot)
	}
	var used int64
	b.until("saved", func(*swarm.Snapshot) bool { // as a kill would find it
		left := t.TempDir() // a session that runs does not bear another beside it
		body, err := os.ReadFile(filepath.Join(bc.DataDir, "session", "session.state"))
		if err != nil {
			return false
		}
		if err := os.WriteFile(filepath.Join(left, "session.state"), body, 0o600); err != nil {
			t.Fatal(err)
		}
		st, err := resume.Open(left)
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		days := st.Session().Days
		if len(days) > 0 {
			used = days[len(days)-1].Down
		}
		return used >= limit
	})
	if err := b.stop(); err != nil {
		t.Fatal(err)
	}
	b = run(t, bc)
	b.until("still capped", func(s *swarm.Snapshot) bool { return s.Totals.Capped && len(s.Torrents) == 1 })
	days, err := b.Usage(t.Context())
	if err != nil || len(days) == 0 || days[len(days)-1].Down < used || days[len(days)-1].Down > used+64<<10 {
		t.Errorf("after a restart %v, before %d: %v", days, used, err)
	}
	b.change(func(s *Settings) { s.Cap.Limit = 8 << 20 })
	connect(t, ih, b, a)
	b.until("the next cap", func(s *swarm.Snapshot) bool { return s.Totals.Capped && s.Totals.CapUsed >= 8<<20 })
	if err := b.ResetUsage(t.Context()); err != nil {
		t.Fatal(err)
	}
	connect(t, ih, b, a)
	b.until("goes on", func(s *swarm.Snapshot) bool {
		return !s.Totals.Capped && s.Totals.CapUsed > 0 && s.Totals.CapUsed < 8<<20
	})
}

// TestLimitIsLifted: a torrent that was limited goes on without a limit, on either side.
func TestLimitIsLifted(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	for name, side := range map[string]int{"upload": 0, "download": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var limited *session
			_, b, ih := joined(t, 64<<20, func(c *Config) { c.UpLimit = 16 * limit }, func(*Config) {}, func(a, b *session, ih swarm.InfoHash) {
				limited = []*session{a, b}[side]
				if err := limited.SetLimits(t.Context(), swarm.Limits{Up: limit, Down: limit}, ih); err != nil {
					t.Fatal(err)
				}
			})
			b.rateAt(2 * time.Second)
			b.about("limited", limit)
			if err := limited.SetLimits(t.Context(), swarm.Limits{}, ih); err != nil {
				t.Fatal(err)
			}
			b.rateAt(2 * time.Second)
			b.about("by the session's limit", 16*limit)
		})
	}
}
