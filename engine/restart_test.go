package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
)

// TestRestart stops a session in order and starts it again: «Restart» of the package
// comment, of which TestKilledWhileLibtorrentSeeds is the other half.
func TestRestart(t *testing.T) {
	t.Parallel()
	p, q := payload(t, 4<<20), mixed(t)
	cfg := testConfig(t, t.TempDir())
	a := run(t, cfg)
	ctx := t.Context()
	a.seed(p)
	a.add(swarm.Add{Source: swarm.Source{File: q.File}, Stopped: true, Label: "later", Top: true})
	err := errors.Join(
		a.SetPriority(ctx, q.InfoHash, swarm.Skip, 2), a.SetOrder(ctx, q.InfoHash, true, true),
		a.SetLimits(ctx, swarm.Limits{Down: 1000, Up: 2000}, q.InfoHash),
		a.SetTrackers(ctx, q.InfoHash, [][]string{{"http://127.0.0.1:1/announce"}}),
	)
	if err != nil {
		t.Fatal(err)
	}
	before := a.wait(q.InfoHash, "labelled", func(r *swarm.Torrent) bool { return r.Label == "later" && r.UpLimit == 2000 })
	if err := a.stop(); err != nil {
		t.Fatal(err)
	}
	b := run(t, cfg)
	after := b.wait(q.InfoHash, "back", func(r *swarm.Torrent) bool { return r.State == swarm.Stopped })
	before.Added, after.Added = before.Added.Round(0), after.Added.Round(0)
	if !before.Added.Equal(after.Added) {
		t.Errorf("added %v, then %v", before.Added, after.Added)
	}
	before.Added = after.Added
	if before != after {
		t.Errorf("before the restart %+v\nafter it %+v", before, after)
	}
	d, err := b.Details(ctx, q.InfoHash, swarm.PartFiles|swarm.PartTrackers)
	if err != nil || d.Files[2].Priority != swarm.Skip || len(d.Trackers) != 4 {
		t.Errorf("details %+v, %v", d, err)
	}
	r := b.wait(p.InfoHash, "seeding", func(r *swarm.Torrent) bool { return r.State == swarm.Seeding || r.State == swarm.Checking })
	if r.State == swarm.Checking {
		t.Error("verified data is checked again after a clean stop")
	}
}

// TestKept damages one torrent's records and data; nothing happens to the other.
func TestKept(t *testing.T) {
	t.Parallel()
	p, q := payload(t, 2<<20), mixed(t)
	cfg := testConfig(t, t.TempDir())
	a := run(t, cfg)
	a.seed(p)
	a.seed(q)
	if err := a.stop(); err != nil {
		t.Fatal(err)
	}
	records, err := filepath.Glob(filepath.Join(cfg.DataDir, "session", p.InfoHash.String()+".*"))
	if err != nil || len(records) < 3 {
		t.Fatalf("records %v, %v", records, err)
	}
	for _, f := range records {
		if strings.HasSuffix(f, ".torrent") {
			continue
		}
		if err := os.WriteFile(f, []byte("damaged"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b := run(t, cfg)
	b.wait(q.InfoHash, "the other one seeds", seeding)
	b.wait(p.InfoHash, "the damaged one is there", func(*swarm.Torrent) bool { return true })
}

// TestStopped and TestPrivate hold the other invariants of the package comment.
func TestStopped(t *testing.T) {
	t.Parallel()
	tr := tracked(t)
	p := payloadWith(t, 1<<20, tr.HTTP(), false)
	a := run(t, testConfig(t, t.TempDir()))
	a.add(swarm.Add{Source: swarm.Source{File: p.File}, SavePath: p.Dir, Stopped: true})
	b := run(t, testConfig(t, t.TempDir()))
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "announced", func(r *swarm.Torrent) bool { return r.Tracker != "" })
	for _, x := range tr.Announces(p.InfoHash) {
		if x.PeerID == a.PeerID() {
			t.Errorf("a stopped torrent announced %q", x.Event)
		}
	}
	if err := a.Start(t.Context(), p.InfoHash); err != nil {
		t.Fatal(err)
	}
	b.wait(p.InfoHash, "downloaded once it runs", seeding)
	if err := a.Stop(t.Context(), p.InfoHash); err != nil {
		t.Fatal(err)
	}
	a.wait(p.InfoHash, "alone again", func(r *swarm.Torrent) bool { return r.State == swarm.Finished && r.Peers+r.Seeds == 0 })
	last, err := tr.WaitAnnounce(t.Context(), func(x lab.Announce) bool { return x.PeerID == b.PeerID() && x.Event == "completed" })
	if err != nil || last.Left != 0 || last.Downloaded != p.Size {
		t.Errorf("completed with %d left and %d downloaded, %v", last.Left, last.Downloaded, err)
	}
	events := map[string]int{}
	for _, x := range tr.Announces(p.InfoHash) {
		if x.PeerID == b.PeerID() {
			events[x.Event]++
		}
	}
	if events["started"] != 1 || events["completed"] != 1 {
		t.Errorf("events of the leecher: %v", events)
	}
}

// TestPrivate shares a private torrent among two nodes of one DHT, of which only
// one knows the tracker: they must not find each other.
func TestPrivate(t *testing.T) {
	t.Parallel()
	p := payloadWith(t, 1<<20, "", true)
	with := func(bootstrap ...string) *session {
		cfg := testConfig(t, t.TempDir())
		cfg.DHT, cfg.PEX, cfg.Bootstrap = true, true, append([]string{}, bootstrap...)
		return run(t, cfg)
	}
	hub := with()
	a, b := with(hub.addr()), with(hub.addr())
	a.seed(p)
	q := payload(t, 1<<20) // an ordinary one beside it
	a.seed(q)
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	b.add(swarm.Add{Source: swarm.Source{Magnet: "magnet:?xt=urn:btih:" + q.InfoHash.String()}})
	b.wait(q.InfoHash, "the ordinary one is found", seeding)
	r := b.wait(p.InfoHash, "the private one is there", func(*swarm.Torrent) bool { return true })
	if !r.Private || r.Peers+r.Seeds != 0 || r.Downloaded != 0 {
		t.Errorf("the private one: %+v", r)
	}
	d, err := b.Details(t.Context(), p.InfoHash, swarm.PartTrackers)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range d.Trackers {
		if x.Status != swarm.TrackerDisabled {
			t.Errorf("%s is on for a private torrent", x.URL)
		}
	}
}
