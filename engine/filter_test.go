package engine

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"swarmbid/engine/swarm"
)

// TestFilter: peers in the list are neither dialled nor let in, whoever names them;
// those that are connected go when the list is read, and come back when it is off.
func TestFilter(t *testing.T) {
	t.Parallel()
	tr := tracked(t)
	p := payloadWith(t, 8<<20, tr.HTTP(), false)
	cfg := testConfig(t, t.TempDir())
	slowly(t, &cfg)
	a := run(t, cfg)
	a.seed(p)
	tr.AddPeer(p.InfoHash, netip.MustParseAddrPort(a.addr()))
	file := filepath.Join(t.TempDir(), "ipfilter.dat")
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("nonsense\n127.0.0.1 - 127.0.0.1 , 0 , ourselves\n")
	cfg = testConfig(t, t.TempDir())
	cfg.FilterOn, cfg.FilterFile = true, file
	b := run(t, cfg)
	b.totals("the list is read", func(x *swarm.Totals) bool { return x.FilterRanges == 1 && x.FilterBad == 1 && !x.FilterFault })
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, b, a)
	if err := a.AddPeer(t.Context(), p.InfoHash, b.addr()); err != nil {
		t.Fatal(err)
	}
	b.totals("addresses are refused", func(x *swarm.Totals) bool { return x.Refused >= 2 })
	if x := b.Snapshot().Totals; x.Peers != 0 {
		t.Errorf("%d peers in spite of the list", x.Peers)
	}
	if r := a.Snapshot().Torrents[0]; r.Uploaded != 0 {
		t.Errorf("%d bytes were served", r.Uploaded)
	}
	set := cfg.Settings
	set.FilterOn = false
	if err := b.SetSettings(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	b.totals("the list is off", func(x *swarm.Totals) bool { return x.FilterRanges == 0 })
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "downloads", func(r *swarm.Torrent) bool { return r.Completed > 0 })
	write("10.0.0.0/8\n")
	if err := b.SetSettings(t.Context(), cfg.Settings); err != nil {
		t.Fatal(err)
	}
	b.totals("another list", func(x *swarm.Totals) bool { return x.FilterRanges == 1 && x.FilterBad == 0 })
	if x := b.Snapshot().Totals; x.Peers == 0 {
		t.Error("a peer that is not in the list is gone")
	}
	write("127.0.0.0/8\n10.0.0.0/8\n") // noticed by itself
	b.totals("the peer is dropped", func(x *swarm.Totals) bool { return x.FilterRanges == 2 && x.Peers == 0 })
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := b.ReloadFilter(t.Context()); !errors.Is(err, ErrFilter) {
		t.Errorf("a file that is gone: %v", err)
	}
	b.totals("said, and the list stays", func(x *swarm.Totals) bool { return x.FilterFault && x.FilterRanges == 2 })
}
