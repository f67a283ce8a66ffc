package engine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"swarmbid/engine/metafile"
	"swarmbid/engine/swarm"
)

// TestCreateAndSeed makes a torrent of a folder, seeds it at once without reading
// it again, and another session downloads it from the file that was written.
func TestCreateAndSeed(t *testing.T) {
	t.Parallel()
	dir, out := filepath.Join(t.TempDir(), "My Holiday"), filepath.Join(t.TempDir(), "holiday.torrent")
	content := map[string]string{"a.txt": "first", "sub/b.bin": string(make([]byte, 300_000)), "film.mkv.!sb": "half a film"}
	for name, s := range content {
		p := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o755), os.WriteFile(p, []byte(s), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	a, b := run(t, testConfig(t, t.TempDir())), run(t, testConfig(t, t.TempDir()))
	var last, total int64
	made, err := a.Create(t.Context(), swarm.Create{
		Path: dir, Out: out, Comment: "two files", Source: "home", Private: true, PieceLength: 64 << 10,
		Trackers: [][]string{{"http://127.0.0.1:1/announce"}}, WebSeeds: []string{"http://127.0.0.1:1/files/"}, Seed: true,
	}, func(done, all int64) { last, total = done, all })
	if err != nil {
		t.Fatal(err)
	}
	if made.Size != 300_005 || made.Pieces != 5 || made.PieceLength != 64<<10 || made.Out != out || last != total || total != made.Size {
		t.Errorf("%+v, progress %d of %d", made, last, total)
	}
	r := a.wait(made.InfoHash, "seeding", seeding)
	if r.SavePath != filepath.Dir(dir) || !r.Private || r.Comment != "two files" || r.Downloaded != 0 || r.CreatedBy != "Swarmbid/0.1.0" {
		t.Errorf("%+v", r)
	}
	b.add(swarm.Add{Source: swarm.Source{File: out}})
	connect(t, made.InfoHash, b, a)
	b.wait(made.InfoHash, "downloaded", seeding)
	for _, name := range []string{"a.txt", "sub/b.bin"} {
		got, err := os.ReadFile(filepath.Join(b.dir, "My Holiday", name))
		if err != nil || string(got) != content[name] {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

// TestCreateRefuses: bad input gives an error with words of its own, and neither a
// file nor a torrent.
func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	a := run(t, testConfig(t, t.TempDir()))
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), "x.torrent")
	data := filepath.Join(dir, "data")
	if err := os.WriteFile(data, []byte("content"), 0o644); err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	for name, c := range map[string]struct {
		ctx  context.Context
		c    swarm.Create
		want error
	}{
		"no path":             {t.Context(), swarm.Create{Out: out}, ErrConfig},
		"nowhere to put it":   {t.Context(), swarm.Create{Path: data}, ErrConfig},
		"nothing there":       {t.Context(), swarm.Create{Path: dir + "/none", Out: out}, fs.ErrNotExist},
		"empty folder":        {t.Context(), swarm.Create{Path: t.TempDir(), Out: out}, metafile.ErrNothing},
		"into itself":         {t.Context(), swarm.Create{Path: dir, Out: dir + "/x.torrent"}, ErrInside},
		"over itself":         {t.Context(), swarm.Create{Path: data, Out: data}, ErrInside},
		"piece length":        {t.Context(), swarm.Create{Path: data, Out: out, PieceLength: 100_000}, metafile.ErrPieceLength},
		"web seed":            {t.Context(), swarm.Create{Path: data, Out: out, WebSeeds: []string{"nonsense"}}, ErrConfig},
		"cancelled":           {ended, swarm.Create{Path: data, Out: out}, context.Canceled},
		"no folder to put it": {t.Context(), swarm.Create{Path: data, Out: dir + "/none/x.torrent"}, fs.ErrNotExist},
	} {
		if _, err := a.Create(c.ctx, c.c, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(out), "*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	if n := len(a.Snapshot().Torrents); n != 0 {
		t.Errorf("%d torrents were added", n)
	}
}

func TestOptionsLast(t *testing.T) {
	t.Parallel()
	p := payload(t, 1<<20)
	cfg := testConfig(t, t.TempDir())
	a := run(t, cfg)
	a.seed(p)
	ctx := t.Context()
	want := swarm.Options{
		GoalRatio: 2500, GoalTime: -1, GoalAction: swarm.GoalLimit, NoDHT: true, NoPEX: true, NoLSD: true,
		WebSeeds: []string{"http://127.0.0.1:1/x"},
	}
	o := want
	o.WebSeeds = []string{" http://127.0.0.1:1/x ", "http://127.0.0.1:1/x"}
	if err := a.SetOptions(ctx, p.InfoHash, o); err != nil {
		t.Fatal(err)
	}
	same := func(got swarm.Options) bool {
		seeds := slices.Equal(got.WebSeeds, want.WebSeeds)
		got.WebSeeds = want.WebSeeds
		return seeds && got.GoalRatio == want.GoalRatio && got.GoalTime == want.GoalTime && got.GoalAction == want.GoalAction && got.NoDHT && got.NoPEX && got.NoLSD
	}
	if got, err := a.Options(ctx, p.InfoHash); err != nil || !same(got) {
		t.Errorf("%+v, %v", got, err)
	}
	for name, bad := range map[string]swarm.Options{
		"ratio": {GoalRatio: 1 << 60}, "action": {GoalAction: 9}, "web seed": {WebSeeds: []string{"file:///etc/passwd"}},
	} {
		if err := a.SetOptions(ctx, p.InfoHash, bad); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := a.SetOptions(ctx, swarm.InfoHash{1}, want); !errors.Is(err, ErrUnknown) {
		t.Errorf("of nothing: %v", err)
	}
	if err := a.stop(); err != nil {
		t.Fatal(err)
	}
	b := run(t, cfg)
	b.wait(p.InfoHash, "seeding again", seeding)
	if got, err := b.Options(ctx, p.InfoHash); err != nil || !same(got) {
		t.Errorf("after a restart: %+v, %v", got, err)
	}
	d, err := b.Details(ctx, p.InfoHash, swarm.PartTrackers)
	if err != nil || len(d.Trackers) != 3 || d.Trackers[0].Status != swarm.TrackerDisabled {
		t.Errorf("sources: %+v, %v", d, err)
	}
}

// TestRelevance: a peer is worth what it has of the pieces that we lack, nothing to
// who lacks none, and what it announces is counted as its own download.
func TestRelevance(t *testing.T) {
	t.Parallel()
	p := payload(t, 8<<20)
	a, b := run(t, testConfig(t, t.TempDir())), run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	ctx := t.Context()
	if err := a.SetRateLimits(ctx, 0, 1<<20); err != nil {
		t.Fatal(err)
	}
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, b, a)
	var seen, theirs float64
	b.wait(p.InfoHash, "under way", func(*swarm.Torrent) bool {
		d, err := b.Details(ctx, p.InfoHash, swarm.PartPeers)
		if err == nil && len(d.Peers) > 0 {
			seen = max(seen, d.Peers[0].Relevance)
		}
		d, err = a.Details(ctx, p.InfoHash, swarm.PartPeers)
		if err == nil && len(d.Peers) > 0 {
			theirs = max(theirs, float64(d.Peers[0].Theirs))
			if d.Peers[0].Relevance != 0 {
				t.Errorf("worth %v to a seed", d.Peers[0].Relevance)
			}
		}
		return seen == 1 && theirs > 0
	})
	if err := a.SetRateLimits(ctx, 0, 0); err != nil {
		t.Fatal(err)
	}
	b.wait(p.InfoHash, "downloaded", seeding)
}
