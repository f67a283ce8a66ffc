package engine

import (
	"testing"

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
