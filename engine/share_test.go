package engine

import (
	"errors"
	"testing"
	"time"

	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
)

// shares are two sessions with three torrents between them, of which one session has
// everything.
type shares struct {
	t     *testing.T
	from  *session
	to    *session
	loads []*lab.Payload
}

// newShares has the torrents low, normal and high on both sides, and connects them.
func newShares(t *testing.T, from, to func(*Config)) *shares {
	t.Helper()
	start := func(f func(*Config)) *session {
		cfg := testConfig(t, t.TempDir())
		f(&cfg)
		return run(t, cfg)
	}
	s := &shares{t: t, from: start(from), to: start(to)}
	for i, share := range []swarm.Priority{swarm.Low, swarm.Normal, swarm.High} {
		p := payload(t, int64(40+i)<<20)
		s.loads = append(s.loads, p)
		s.from.seed(p)
		s.to.add(swarm.Add{Source: swarm.Source{File: p.File}})
		s.share(p.InfoHash, share)
	}
	for _, p := range s.loads {
		connect(t, p.InfoHash, s.to, s.from)
	}
	return s
}

// share sets what a torrent has of the limits, on both sides.
func (s *shares) share(ih swarm.InfoHash, share swarm.Priority) {
	s.t.Helper()
	for _, x := range []*session{s.from, s.to} {
		if err := x.SetLimits(s.t.Context(), swarm.Limits{Share: share}, ih); err != nil {
			s.t.Fatal(err)
		}
	}
}

// received is the payload of each torrent at the receiver.
func (s *shares) received() (n [3]int64, at time.Time) {
	snap := s.to.Snapshot()
	for i, p := range s.loads {
		for j := range snap.Torrents {
			if r := &snap.Torrents[j]; r.InfoHash == p.InfoHash {
				n[i] = r.Downloaded
			}
		}
	}
	return n, snap.At
}

// check measures at the receiver until as many bytes have come as the limit lets
// through in eight seconds, and compares with the parts. A machine that is busy may
// spoil one measurement, so the best of three counts.
func (s *shares) check(what string, limit int64, parts ...int64) {
	s.t.Helper()
	total := func(n [3]int64) int64 { return n[0] + n[1] + n[2] }
	worst := 1.0
	for range 3 {
		first, began := s.received()
		s.to.until(what, func(*swarm.Snapshot) bool {
			n, at := s.received()
			return total(n)-total(first) > 8*limit || at.Sub(began) > 15*time.Second
		})
		last, ended := s.received()
		all, off := total(last)-total(first), 0.0
		for i, part := range parts {
			want := float64(all) * float64(part) / float64(parts[0]+parts[1]+parts[2])
			off = max(off, float64(last[i]-first[i])/want-1, 1-float64(last[i]-first[i])/want)
		}
		s.t.Logf("%s: %v of %d KiB, %.0f %% of the limit, off by %.1f %%", what, [3]int64{(last[0] - first[0]) >> 10, (last[1] - first[1]) >> 10, (last[2] - first[2]) >> 10},
			all>>10, 100*float64(all)/ended.Sub(began).Seconds()/float64(limit), 100*off)
		if worst = min(worst, off); worst < 0.1 {
			return
		}
	}
	s.t.Errorf("%s: the parts are off by %.1f %%", what, 100*worst)
}

// settled waits until all three load.
func (s *shares) settled(least int64) {
	s.t.Helper()
	before, _ := s.received()
	s.to.until("all load", func(*swarm.Snapshot) bool {
		n, _ := s.received()
		return n[0] > before[0]+least && n[1] > before[1]+least && n[2] > before[2]+least
	})
}

// TestSharesOfTheUploadLimit: low, normal and high get 1, 2 and 4 parts of what the
// uploader may send, by the receiver's count; and again when they change.
func TestSharesOfTheUploadLimit(t *testing.T) {
	t.Parallel()
	const limit = 7 * 96 << 10
	s := newShares(t, func(c *Config) { c.UpLimit = limit }, func(*Config) {})
	s.settled(64 << 10)
	s.check("low, normal, high", limit, 1, 2, 4)
	s.share(s.loads[0].InfoHash, swarm.High)
	s.share(s.loads[2].InfoHash, swarm.Low)
	s.settled(200 << 10)
	s.check("high, normal, low", limit, 4, 2, 1)
}

// TestSharesOfTheDownloadLimit is the same where the receiver is the one with a limit.
func TestSharesOfTheDownloadLimit(t *testing.T) {
	t.Parallel()
	const limit = 7 * 128 << 10
	s := newShares(t, func(*Config) {}, func(c *Config) { c.DownLimit = limit })
	s.settled(64 << 10)
	s.check("low, normal, high", limit, 1, 2, 4)
	s.share(s.loads[2].InfoHash, swarm.Normal)
	s.share(s.loads[0].InfoHash, swarm.Normal)
	s.settled(64 << 10)
	s.check("all normal", limit, 1, 1, 1)
}

// TestShareIsRemembered over a restart, and nothing but low, normal and high is taken.
func TestShareIsRemembered(t *testing.T) {
	t.Parallel()
	p := payload(t, 1<<20)
	cfg := testConfig(t, t.TempDir())
	s := run(t, cfg)
	s.seed(p)
	for _, bad := range []swarm.Priority{swarm.Skip, swarm.High + 1} {
		if err := s.SetLimits(t.Context(), swarm.Limits{Share: bad}, p.InfoHash); !errors.Is(err, ErrConfig) {
			t.Errorf("share %d: %v", bad, err)
		}
	}
	if err := s.SetLimits(t.Context(), swarm.Limits{Share: swarm.Low, Up: 1 << 20}, p.InfoHash); err != nil {
		t.Fatal(err)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	s = run(t, cfg)
	if r := s.wait(p.InfoHash, "seeding", seeding); r.Share != swarm.Low || r.UpLimit != 1<<20 {
		t.Errorf("%v, %d", r.Share, r.UpLimit)
	}
}
