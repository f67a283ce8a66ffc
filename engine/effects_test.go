package engine

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"swarmbid/engine/lab"
	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
)

// TestBanDuration: a ban lasts as long as is set when it is spoken, and the peer may
// come back then.
func TestBanDuration(t *testing.T) {
	t.Parallel()
	p := payload(t, 16<<20)
	cfg, slow := testConfig(t, t.TempDir()), testConfig(t, t.TempDir())
	cfg.BanFor, slow.UpLimit = 3*time.Minute, 256<<10
	a, b := run(t, slow), run(t, cfg)
	a.seed(p)
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "connected", func(r *swarm.Torrent) bool { return r.Seeds == 1 })
	d, err := b.Details(t.Context(), p.InfoHash, swarm.PartPeers)
	if err != nil || len(d.Peers) != 1 {
		t.Fatalf("%+v, %v", d, err)
	}
	if err := b.BanPeer(t.Context(), p.InfoHash, d.Peers[0].Key); err != nil {
		t.Fatal(err)
	}
	now, who := time.Now(), d.Peers[0].Addr.Addr()
	b.bans.mu.Lock()
	left := b.bans.until[who].Sub(now)
	b.bans.mu.Unlock()
	if left < 170*time.Second || left > 3*time.Minute {
		t.Errorf("banned for %v", left)
	}
	b.wait(p.InfoHash, "dropped", func(r *swarm.Torrent) bool { return r.Seeds == 0 })
	connect(t, p.InfoHash, b, a)
	for refused := false; !refused; {
		_, refused = (<-b.Events()).(swarm.PeerDropped)
	}
	b.bans.mu.Lock() // as if its time had passed
	b.bans.until[who] = time.Now().Add(-time.Millisecond)
	b.bans.mu.Unlock()
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "it is back", func(r *swarm.Torrent) bool { return r.Seeds == 1 })
}

// TestSaveEvery: while a torrent runs its figures reach the disk in the set interval,
// and not before: what a kill may cost is what was set.
func TestSaveEvery(t *testing.T) {
	t.Parallel()
	p := payload(t, 16<<20)
	slow := testConfig(t, t.TempDir())
	slow.UpLimit = 400 << 10
	a := run(t, slow)
	a.seed(p)
	kept := func(every time.Duration) (at int64) {
		cfg := testConfig(t, t.TempDir())
		cfg.SaveEvery = every
		b := run(t, cfg)
		b.add(swarm.Add{Source: swarm.Source{File: p.File}})
		connect(t, p.InfoHash, b, a)
		began := time.Now()
		b.wait(p.InfoHash, "kept or not", func(r *swarm.Torrent) bool {
			at = keptDownload(t, cfg.DataDir)
			return at > 0 || r.Downloaded > 0 && time.Since(began) > 5*time.Second
		})
		if err := b.Stop(t.Context(), p.InfoHash); err != nil {
			t.Fatal(err)
		}
		return at
	}
	if n := kept(time.Second); n == 0 {
		t.Error("nothing was kept in 5 s")
	}
	if n := kept(time.Hour); n != 0 {
		t.Errorf("%d bytes were kept before the hour was over", n)
	}
}

// keptDownload reads what a running session has on the disk, from a copy.
func keptDownload(t *testing.T, data string) (n int64) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "session"), os.DirFS(filepath.Join(data, "session"))); err != nil {
		return 0 // a file was replaced under our hands; the next look has it
	}
	s, err := resume.Open(filepath.Join(dir, "session"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list, _, err := s.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		n += list[i].Downloaded
	}
	return n
}

// TestBootstrapNodes: a session that knows no node asks those that are set, also when
// they are set while it runs.
func TestBootstrapNodes(t *testing.T) {
	t.Parallel()
	with := func(bootstrap ...string) *session {
		cfg := testConfig(t, t.TempDir())
		cfg.DHT, cfg.Bootstrap = true, append([]string{}, bootstrap...)
		return run(t, cfg)
	}
	hub, alone := with(), with()
	began := time.Now()
	for time.Since(began) < 3*time.Second {
		<-alone.Changed()
	}
	if n := alone.Snapshot().Totals.DHTNodes; n != 0 {
		t.Fatalf("%d nodes out of nowhere", n)
	}
	s, err := alone.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.Bootstrap = []string{hub.addr()}
	if err := alone.SetSettings(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for alone.Snapshot().Totals.DHTNodes == 0 {
		select {
		case <-alone.Changed():
		case <-t.Context().Done():
			t.Fatal("the node was not asked")
		}
	}
}

// TestFarewell: trackers hear at the end that we stop, unless that is not wanted.
func TestFarewell(t *testing.T) {
	t.Parallel()
	for _, wanted := range []bool{true, false} {
		tr := tracked(t)
		p := payloadWith(t, 1<<20, tr.HTTP(), false)
		cfg := testConfig(t, t.TempDir())
		cfg.NoFarewell = !wanted
		s := run(t, cfg)
		s.seed(p)
		if _, err := tr.WaitAnnounce(t.Context(), func(a lab.Announce) bool { return a.Event == "started" }); err != nil {
			t.Fatal(err)
		}
		s.wait(p.InfoHash, "answered", func(r *swarm.Torrent) bool { return r.TrackerStatus == swarm.TrackerWorking })
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		told := slices.ContainsFunc(tr.Announces(p.InfoHash), func(a lab.Announce) bool { return a.Event == "stopped" })
		if told != wanted {
			t.Errorf("told %v, want %v", told, wanted)
		}
	}
}

// TestShowEvery: the window is told of new figures in the set interval, and at once of
// what was commanded.
func TestShowEvery(t *testing.T) {
	t.Parallel()
	pause := func(every time.Duration) time.Duration {
		cfg := testConfig(t, t.TempDir())
		cfg.ShowEvery = every
		s := run(t, cfg)
		s.addr()
		var gaps []time.Duration
		<-s.Changed()
		for last := time.Now(); len(gaps) < 4; last = time.Now() {
			<-s.Changed()
			gaps = append(gaps, time.Since(last))
		}
		slices.Sort(gaps)
		if every > 2*time.Second {
			<-s.Changed()
			began := time.Now()
			p := payload(t, 1<<10)
			s.add(swarm.Add{Source: swarm.Source{File: p.File}, Stopped: true})
			<-s.Changed()
			if d := time.Since(began); d > every/2 {
				t.Errorf("a command was shown after %v", d)
			}
		}
		return gaps[2]
	}
	if fast, usual, slow := pause(500*time.Millisecond), pause(time.Second), pause(3*time.Second); fast > usual*3/4 || slow < usual*2 {
		t.Errorf("told every %v, %v and %v", fast, usual, slow)
	}
}

// TestStartedPiecesFirst: if it is wanted, pieces that have begun are finished before
// others begin, so that few lie around half done.
func TestStartedPiecesFirst(t *testing.T) {
	t.Parallel()
	otherwise, first := halfDone(t, false), halfDone(t, true)
	t.Logf("%d pieces are half done, without the setting %d", first, otherwise)
	if first > otherwise/2 {
		t.Errorf("%d pieces are half done, without the setting %d", first, otherwise)
	}
}

// halfDone is the median of how many pieces have begun during a download.
func halfDone(t *testing.T, first bool) int {
	t.Helper()
	p := payload(t, 48<<20)
	slow, cfg := testConfig(t, t.TempDir()), testConfig(t, t.TempDir())
	slow.UpLimit, cfg.BegunFirst = 4<<20, first
	a, b := run(t, slow), run(t, cfg)
	a.seed(p)
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, b, a)
	var counts []int
	b.wait(p.InfoHash, "half", func(r *swarm.Torrent) bool {
		if err := b.do(t.Context(), func() error {
			if d := b.torrents[p.InfoHash].data; r.Completed > 0 {
				counts = append(counts, len(d.Begun()))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return r.Completed > r.Size/2
	})
	slices.Sort(counts)
	return counts[len(counts)/2]
}
