package engine

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"swarmbid/engine/swarm"
)

// TestDiskFull downloads into a file of which every write fails for lack of room.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no /dev/full")
	}
	p := payload(t, 4<<20)
	a, b := run(t, testConfig(t, t.TempDir())), run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	file := filepath.Join(b.dir, p.Name)
	if err := errors.Join(os.MkdirAll(b.dir, 0o755), os.Symlink("/dev/full", file)); err != nil {
		t.Fatal(err)
	}
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, b, a)
	r := b.wait(p.InfoHash, "stopped by the fault", func(r *swarm.Torrent) bool { return r.State == swarm.Errored })
	if r.Fault != swarm.DiskFull || r.Error == "" {
		t.Errorf("row %+v", r)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := b.Start(t.Context(), p.InfoHash); err != nil {
		t.Fatal(err)
	}
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "downloaded after room was made", seeding)
	if err := p.Compare(b.dir, true); err != nil {
		t.Fatal(err)
	}
}

func TestQueueWaitsForAPlace(t *testing.T) {
	t.Parallel()
	p, q := payload(t, 4<<20), payloadWith(t, 4<<20, "", false)
	a := run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	a.seed(q)
	cfg := testConfig(t, t.TempDir())
	cfg.Queue.MaxDownloads, cfg.Queue.SkipSlow = 1, false
	b := run(t, cfg)
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	b.add(swarm.Add{Source: swarm.Source{File: q.File}})
	b.wait(p.InfoHash, "first runs", func(r *swarm.Torrent) bool { return r.State == swarm.Downloading && r.Queue == 1 })
	b.wait(q.InfoHash, "second waits", func(r *swarm.Torrent) bool { return r.State == swarm.Queued && r.Queue == 2 })
	if err := b.MoveInQueue(t.Context(), swarm.QueueTop, q.InfoHash); err != nil {
		t.Fatal(err)
	}
	b.wait(q.InfoHash, "moved up, it runs", func(r *swarm.Torrent) bool { return r.State == swarm.Downloading && r.Queue == 1 })
	b.wait(p.InfoHash, "and the other waits", func(r *swarm.Torrent) bool { return r.State == swarm.Queued })
	if err := b.ForceStart(t.Context(), p.InfoHash); err != nil {
		t.Fatal(err)
	}
	b.wait(p.InfoHash, "forced", func(r *swarm.Torrent) bool { return r.State == swarm.Downloading && r.Forced })
	connect(t, q.InfoHash, b, a)
	connect(t, p.InfoHash, b, a)
	b.wait(q.InfoHash, "done", seeding)
	b.wait(p.InfoHash, "done", seeding)
}

// TestSequential looks at the pieces while they come in at a bounded rate: none is
// far ahead of the first one missing.
func TestSequential(t *testing.T) {
	t.Parallel()
	p := payload(t, 128<<20)
	cfg := testConfig(t, t.TempDir())
	cfg.UpLimit = 16 << 20
	a, b := run(t, cfg), run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	b.add(swarm.Add{Source: swarm.Source{File: p.File}, Sequential: true})
	connect(t, p.InfoHash, b, a)
	window := 2 * max(readaheadBytes, 2*int(cfg.UpLimit)) / int(p.PieceLen) // of 512; see window
	for looks := 0; ; looks++ {
		r := b.wait(p.InfoHash, "progress", func(r *swarm.Torrent) bool { return r.Completed > 0 })
		d, err := b.Details(t.Context(), p.InfoHash, swarm.PartPieces)
		if err != nil {
			t.Fatal(err)
		}
		first, last := -1, 0
		for i, s := range d.Pieces.State {
			if s != swarm.PieceHave && first < 0 {
				first = i
			}
			if s == swarm.PieceHave {
				last = i
			}
		}
		if first >= 0 && last-first > window {
			t.Fatalf("piece %d is here, piece %d is not", last, first)
		}
		if r.Complete() {
			if looks < 2 {
				t.Error("it was over before it could be looked at")
			}
			return
		}
		<-b.Changed()
	}
}

func TestIPv6(t *testing.T) {
	t.Parallel()
	p := payload(t, 2<<20)
	with := func() *session {
		cfg := testConfig(t, t.TempDir())
		cfg.Listen, cfg.IPv6 = append(localhost(), netip.IPv6Loopback()), true
		cfg.UpLimit = 1 << 20
		return run(t, cfg)
	}
	a, b := with(), with()
	a.seed(p)
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	port := strconv.Itoa(a.Snapshot().Totals.ListenPort)
	if err := b.AddPeer(t.Context(), p.InfoHash, "[::1]:"+port); err != nil {
		t.Fatal(err)
	}
	b.wait(p.InfoHash, "connected", func(r *swarm.Torrent) bool { return r.Seeds == 1 && r.Completed > 0 })
	d, err := b.Details(t.Context(), p.InfoHash, swarm.PartPeers)
	if err != nil || len(d.Peers) == 0 || !d.Peers[0].Addr.Addr().Is6() || d.Peers[0].Relevance != 1 {
		t.Errorf("peers %+v, %v", d.Peers, err)
	}
	b.wait(p.InfoHash, "downloaded", seeding)
	for _, bad := range []string{"", "host:1", "[::1]", "127.0.0.1:0", "127.0.0.1:99999"} {
		if err := b.AddPeer(t.Context(), p.InfoHash, bad); !errors.Is(err, ErrPeerAddress) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestPeerExchange has a leecher that knows one seed only; it hears of the other
// from that one (BEP 11).
func TestPeerExchange(t *testing.T) {
	t.Parallel()
	p := payload(t, 32<<20)
	with := func() *session {
		cfg := testConfig(t, t.TempDir())
		cfg.PEX, cfg.UpLimit = true, 256<<10
		return run(t, cfg)
	}
	a, b, c := with(), with(), with()
	a.seed(p)
	for _, s := range []*session{b, c} {
		s.add(swarm.Add{Source: swarm.Source{File: p.File}})
	}
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "connected", func(r *swarm.Torrent) bool { return r.Seeds == 1 })
	connect(t, p.InfoHash, c, b)
	c.wait(p.InfoHash, "found the seed", func(r *swarm.Torrent) bool { return r.Seeds == 1 && r.Peers == 1 })
}

func TestBannedPeerStaysAway(t *testing.T) {
	t.Parallel()
	p := payload(t, 16<<20)
	cfg := testConfig(t, t.TempDir())
	cfg.UpLimit = 256 << 10
	a, b := run(t, cfg), run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "connected", func(r *swarm.Torrent) bool { return r.Seeds == 1 && r.Completed > 0 })
	d, err := b.Details(t.Context(), p.InfoHash, swarm.PartPeers)
	if err != nil || len(d.Peers) != 1 {
		t.Fatalf("%+v, %v", d, err)
	}
	if err := b.BanPeer(t.Context(), p.InfoHash, d.Peers[0].Key); err != nil {
		t.Fatal(err)
	}
	b.wait(p.InfoHash, "dropped", func(r *swarm.Torrent) bool { return r.Seeds == 0 })
	connect(t, p.InfoHash, b, a)
	told := false
	for !told { // the ban is a fact the user can see
		ev := <-b.Events()
		d, ok := ev.(swarm.PeerDropped)
		told = ok && d.Reason != ""
	}
	if r := b.wait(p.InfoHash, "still alone", func(*swarm.Torrent) bool { return true }); r.Seeds != 0 {
		t.Errorf("the banned peer is back: %+v", r)
	}
	if err := b.LiftBans(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wait(p.InfoHash, "network opened anew", func(r *swarm.Torrent) bool { return r.State == swarm.Downloading })
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "connected again", func(r *swarm.Torrent) bool { return r.Seeds == 1 })
}

// TestSettingsWhileRunning changes what means new sockets in the middle of a
// download.
func TestSettingsWhileRunning(t *testing.T) {
	t.Parallel()
	p := payload(t, 16<<20)
	cfg := testConfig(t, t.TempDir())
	cfg.UpLimit = 4 << 20
	a, b := run(t, cfg), run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "under way", func(r *swarm.Torrent) bool { return r.Completed > 1<<20 })
	old := b.addr()
	s, err := b.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.UTP, s.Slots = false, 2
	if err := b.SetSettings(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	s.TCP = false
	if err := b.SetSettings(t.Context(), s); !errors.Is(err, ErrConfig) {
		t.Errorf("without any transport: %v", err)
	}
	b.wait(p.InfoHash, "running on new sockets", func(r *swarm.Torrent) bool {
		port := b.Snapshot().Totals.ListenPort
		return r.State == swarm.Downloading && port != 0 && old != netip.AddrPortFrom(localhost()[0], uint16(port)).String()
	})
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "downloaded", seeding)
	if err := p.Compare(b.dir, true); err != nil {
		t.Fatal(err)
	}
}

// TestDHTNodesAreKept stops a session that knows a node and starts it without any
// to begin with.
func TestDHTNodesAreKept(t *testing.T) {
	t.Parallel()
	with := func(dir string, bootstrap ...string) *session {
		cfg := testConfig(t, dir)
		cfg.DHT, cfg.Bootstrap = true, append([]string{}, bootstrap...)
		return run(t, cfg)
	}
	hub := with(t.TempDir())
	dir := t.TempDir()
	a := with(dir, hub.addr())
	known := func(s *session) {
		t.Helper()
		for s.Snapshot().Totals.DHTNodes == 0 {
			select {
			case <-s.Changed():
			case <-t.Context().Done():
				t.Fatal("no node")
			}
		}
	}
	known(a)
	if err := a.stop(); err != nil {
		t.Fatal(err)
	}
	known(with(dir))
}

// TestTakenPort starts two sessions on one port: the second one works on another
// and says so.
func TestTakenPort(t *testing.T) {
	t.Parallel()
	p := payload(t, 1<<20)
	a := run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	cfg := testConfig(t, t.TempDir())
	cfg.Port = uint16(a.Snapshot().Totals.ListenPort)
	b := run(t, cfg)
	if b.addr() == a.addr() {
		t.Fatal("two sessions on one port")
	}
	ev, ok := (<-b.Events()).(swarm.PortTaken)
	if !ok || ev.Wanted != int(cfg.Port) || ev.Got != b.Snapshot().Totals.ListenPort || ev.Reason == "" {
		t.Errorf("told %+v", ev)
	}
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "downloaded", seeding)
}

// TestSequentialWantsOnlyItsWindow asks the library itself, since a slow peer never
// gets beyond the window anyway.
func TestSequentialWantsOnlyItsWindow(t *testing.T) {
	t.Parallel()
	p := payload(t, 32<<20)
	a := run(t, testConfig(t, t.TempDir()))
	a.add(swarm.Add{Source: swarm.Source{File: p.File}, Sequential: true})
	a.wait(p.InfoHash, "running", func(r *swarm.Torrent) bool { return r.State == swarm.Downloading })
	err := a.do(t.Context(), func() error {
		m := a.torrents[p.InfoHash]
		for i := range m.meta.Pieces {
			wanted, inside := m.live.Piece(i).State().Priority != 0, i < int(readaheadBytes/p.PieceLen)
			if wanted != inside {
				t.Errorf("piece %d: wanted %v, in the window %v", i, wanted, inside)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
