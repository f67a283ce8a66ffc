package engine

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

// TestConnectionsInAll: the bound of the session's connections holds for all torrents
// together, and a change of it from then on.
func TestConnectionsInAll(t *testing.T) {
	t.Parallel()
	p := payload(t, 16<<20)
	cfg := testConfig(t, t.TempDir())
	slowly(t, &cfg)
	cfg.MaxPeers = 1
	a := run(t, cfg)
	a.seed(p)
	b, c := run(t, testConfig(t, t.TempDir())), run(t, testConfig(t, t.TempDir()))
	for _, x := range []*session{b, c} {
		x.add(swarm.Add{Source: swarm.Source{File: p.File}})
	}
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "downloads", func(r *swarm.Torrent) bool { return r.Downloaded > 0 })
	for range 3 {
		if err := c.AddPeer(t.Context(), p.InfoHash, a.addr()); err != nil {
			t.Fatal(err)
		}
		before := c.Snapshot().At
		c.totals("three seconds", func(*swarm.Totals) bool { return c.Snapshot().At.Sub(before).Seconds() > 1 })
	}
	if r := c.Snapshot().Torrents[0]; r.Downloaded != 0 || a.Snapshot().Totals.Peers != 1 {
		t.Errorf("%d bytes to the second, %d connections of one", r.Downloaded, a.Snapshot().Totals.Peers)
	}
	set := cfg.Settings
	set.MaxPeers = 2
	if err := a.SetSettings(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	connect(t, p.InfoHash, c, a)
	c.wait(p.InfoHash, "downloads", func(r *swarm.Torrent) bool { return r.Downloaded > 0 })
}

// TestDialling: no more connections are begun in a second, and none beside those that
// are being made, than the settings say. The others take a connection and say nothing.
func TestDialling(t *testing.T) {
	t.Parallel()
	p := payload(t, 1<<20)
	mute := func(t *testing.T) (addrs []string, now, most *atomic.Int64) {
		now, most = new(atomic.Int64), new(atomic.Int64)
		for range 24 {
			l, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
			addrs = append(addrs, l.Addr().String())
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					for n := now.Add(1); ; {
						if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
							break
						}
					}
					go func() {
						_, _ = io.Copy(io.Discard, c)
						_ = c.Close()
						now.Add(-1)
					}()
				}
			}()
		}
		return addrs, now, most
	}
	load := func(t *testing.T, change func(*Settings)) (most *atomic.Int64, began time.Time) {
		addrs, _, most := mute(t)
		cfg := testConfig(t, t.TempDir())
		cfg.UTP, cfg.Encryption = false, link.Off
		change(&cfg.Settings)
		s := run(t, cfg)
		s.add(swarm.Add{Source: swarm.Source{File: p.File}})
		began = time.Now()
		for _, a := range addrs {
			if err := s.AddPeer(t.Context(), p.InfoHash, a); err != nil {
				t.Fatal(err)
			}
		}
		return most, began
	}
	t.Run("at the same time", func(t *testing.T) {
		t.Parallel()
		most, began := load(t, func(s *Settings) { s.HalfOpen, s.ConnectSpeed = 3, 100 })
		until(t, "three are being made for three seconds", func() bool { return most.Load() == 3 && time.Since(began) > 3*time.Second })
		if n := most.Load(); n != 3 {
			t.Errorf("%d were being made at the same time", n)
		}
	})
	t.Run("in a second", func(t *testing.T) {
		t.Parallel()
		most, began := load(t, func(s *Settings) { s.ConnectSpeed = 2 })
		until(t, "eight have begun", func() bool { return most.Load() >= 8 })
		if d := time.Since(began); d < 2500*time.Millisecond { // two at once, then one each half second
			t.Errorf("eight were begun in %v", d)
		}
	})
}

// TestOneEach: where an address may have one connection in a torrent, another of its
// programs is let in when the first has gone.
func TestOneEach(t *testing.T) {
	t.Parallel()
	p := payload(t, 16<<20)
	cfg := testConfig(t, t.TempDir())
	slowly(t, &cfg)
	cfg.OneEach = true
	a := run(t, cfg)
	a.seed(p)
	b, c := run(t, testConfig(t, t.TempDir())), run(t, testConfig(t, t.TempDir()))
	for _, x := range []*session{b, c} {
		x.add(swarm.Add{Source: swarm.Source{File: p.File}})
	}
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "downloads", func(r *swarm.Torrent) bool { return r.Downloaded > 0 })
	connect(t, p.InfoHash, c, a)
	before := c.Snapshot().At
	c.totals("three seconds", func(*swarm.Totals) bool { return c.Snapshot().At.Sub(before) > 3*time.Second })
	if r := c.Snapshot().Torrents[0]; r.Downloaded != 0 {
		t.Errorf("%d bytes to the second", r.Downloaded)
	}
	if err := b.Stop(t.Context(), p.InfoHash); err != nil {
		t.Fatal(err)
	}
	connect(t, p.InfoHash, c, a)
	c.wait(p.InfoHash, "downloads", func(r *swarm.Torrent) bool { return r.Downloaded > 0 })
}
