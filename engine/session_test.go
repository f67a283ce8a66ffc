package engine

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
)

func localhost() []netip.Addr { return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})} }

// session is a running engine of a test.
type session struct {
	*Engine
	t    *testing.T
	dir  string
	stop func() error
}

// testConfig is a session on loopback that talks to nobody unasked.
func testConfig(t *testing.T, dir string) Config {
	t.Helper()
	c := DefaultConfig()
	c.DataDir, c.DownloadDir = dir+"/data", dir+"/files"
	c.Version = "0.1.0"
	c.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	c.Listen = localhost()
	c.DHT, c.PEX, c.LSD, c.UPnP, c.NATPMP, c.IPv6 = false, false, false, false, false, false
	return c
}

// run starts a session that ends with the test.
func run(t *testing.T, cfg Config) *session {
	t.Helper()
	return runWith(t, cfg, nil)
}

// runWith is run with something changed before the session runs.
func runWith(t *testing.T, cfg Config, before func(*Engine)) *session {
	t.Helper()
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if before != nil {
		before(e)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	s := &session{Engine: e, t: t, dir: cfg.DownloadDir}
	s.stop = func() error {
		cancel()
		err := <-ended
		ended <- err
		return err
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("the session ended with %v", err)
		}
	})
	return s
}

// wait blocks until the torrent's row pleases ok, or fails the test.
func (s *session) wait(ih swarm.InfoHash, what string, ok func(*swarm.Torrent) bool) swarm.Torrent {
	s.t.Helper()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	for {
		snap := s.Snapshot()
		for i := range snap.Torrents {
			if r := &snap.Torrents[i]; r.InfoHash == ih && ok(r) {
				return *r
			}
		}
		select {
		case <-s.Changed():
		case <-deadline.C:
			s.t.Fatalf("%s: never; last %+v", what, snap.Torrents)
		}
	}
}

// totals blocks until the session's figures please ok, or fails the test.
func (s *session) totals(what string, ok func(*swarm.Totals) bool) swarm.Totals {
	s.t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	for {
		t := s.Snapshot().Totals
		if ok(&t) {
			return t
		}
		select {
		case <-s.Changed():
		case <-deadline.C:
			s.t.Fatalf("%s: never; last %+v", what, t)
		}
	}
}

func (s *session) add(a swarm.Add) swarm.InfoHash {
	s.t.Helper()
	ih, err := s.Add(s.t.Context(), a)
	if err != nil && !errors.Is(err, ErrKnown) {
		s.t.Fatal(err)
	}
	return ih
}

// addr is where the session listens.
func (s *session) addr() string {
	s.t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	for s.Snapshot().Totals.ListenPort == 0 {
		select {
		case <-s.Changed():
		case <-deadline.C:
			s.t.Fatal("does not listen")
		}
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(s.Snapshot().Totals.ListenPort)).String()
}

func seeding(r *swarm.Torrent) bool { return r.State == swarm.Seeding }

// payload makes a test torrent.
func payload(t *testing.T, size int64) *lab.Payload {
	t.Helper()
	p, err := lab.OneFile(t.TempDir(), size).Make()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// seed adds p with its data and waits until it is seeded.
func (s *session) seed(p *lab.Payload) {
	s.t.Helper()
	s.add(swarm.Add{Source: swarm.Source{File: p.File}, SavePath: p.Dir})
	s.wait(p.InfoHash, "seeding", seeding)
}

func TestDownloadFromAnotherSession(t *testing.T) {
	t.Parallel()
	p := payload(t, 8<<20)
	a, b := run(t, testConfig(t, t.TempDir())), run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	if err := b.AddPeer(t.Context(), p.InfoHash, a.addr()); err != nil {
		t.Fatal(err)
	}
	b.wait(p.InfoHash, "downloaded", seeding)
	if err := p.Compare(b.dir, true); err != nil {
		t.Fatal(err)
	}
}

// tracked starts a tracker of the lab.
func tracked(t *testing.T) *lab.Tracker {
	t.Helper()
	tr, err := lab.StartTracker(lab.TrackerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	})
	return tr
}

// payloadWith makes a test torrent with a tracker, "" for none.
func payloadWith(t *testing.T, size int64, tracker string, private bool) *lab.Payload {
	t.Helper()
	r := lab.OneFile(t.TempDir(), size)
	r.Private, r.Seed = private, 7
	if tracker != "" {
		r.Trackers = []string{tracker}
	}
	p, err := r.Make()
	if err != nil {
		t.Fatal(err)
	}
	return p
}
