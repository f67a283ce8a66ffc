package engine

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/lab"
	"swarmbid/engine/metafile"
	"swarmbid/engine/swarm"
)

// mixed makes the torrent with everything that clients trip over.
func mixed(t *testing.T) *lab.Payload {
	t.Helper()
	p, err := lab.MixedFiles(t.TempDir()).Make()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// connect tells b of a.
func connect(t *testing.T, ih swarm.InfoHash, from, to *session) {
	t.Helper()
	if err := from.AddPeer(t.Context(), ih, to.addr()); err != nil {
		t.Fatal(err)
	}
}

func TestMagnetOverEverything(t *testing.T) {
	t.Parallel()
	p := mixed(t)
	a, b := run(t, testConfig(t, t.TempDir())), run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	link, err := a.Magnet(t.Context(), p.InfoHash)
	if err != nil {
		t.Fatal(err)
	}
	b.add(swarm.Add{Source: swarm.Source{Magnet: link + "&x.pe=" + a.addr()}})
	r := b.wait(p.InfoHash, "downloaded", seeding)
	if r.Name != p.Name || r.Done.IsZero() || r.Downloaded < r.Size-1<<20 {
		t.Errorf("row after the download: %+v", r)
	}
	if err := p.Compare(b.dir, true); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(b.dir, p.Name, ".pad")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("pad files reached the disk")
	}
}

func TestChosenFilesOnly(t *testing.T) {
	t.Parallel()
	p := mixed(t)
	a, b := run(t, testConfig(t, t.TempDir())), run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	prio := make([]swarm.Priority, len(p.Files))
	want := ""
	for i, f := range p.Files {
		prio[i] = swarm.Skip
		if strings.HasSuffix(f.Path, ".raw") {
			prio[i], want = swarm.High, f.Path
		}
	}
	b.add(swarm.Add{Source: swarm.Source{File: p.File}, Priorities: prio})
	connect(t, p.InfoHash, b, a)
	r := b.wait(p.InfoHash, "complete", seeding)
	if r.Wanted == r.Size || r.Completed != r.Wanted {
		t.Errorf("wanted %d of %d, completed %d", r.Wanted, r.Size, r.Completed)
	}
	if st, err := os.Stat(filepath.Join(b.dir, filepath.FromSlash(want))); err != nil || st.Size() != r.Wanted {
		t.Errorf("the chosen file: %v", err)
	}
	if _, err := os.Stat(filepath.Join(b.dir, p.Name, "rest with  spaces.iso")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a skipped file is there")
	}
	// The rest afterwards.
	if err := b.SetPriority(t.Context(), p.InfoHash, swarm.Normal); err != nil {
		t.Fatal(err)
	}
	b.wait(p.InfoHash, "the rest", func(r *swarm.Torrent) bool { return r.State == swarm.Seeding && r.Completed == r.Size })
	if err := p.Compare(b.dir, true); err != nil {
		t.Fatal(err)
	}
}

func TestStopPauseAndRemove(t *testing.T) {
	t.Parallel()
	p := payload(t, 4<<20)
	a, b := run(t, testConfig(t, t.TempDir())), run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	ctx := t.Context()
	b.add(swarm.Add{Source: swarm.Source{File: p.File}, Stopped: true})
	connect(t, p.InfoHash, b, a)
	if r := b.wait(p.InfoHash, "stopped", func(r *swarm.Torrent) bool { return r.State == swarm.Stopped }); r.Peers+r.Seeds != 0 {
		t.Errorf("a stopped torrent has peers: %+v", r)
	}
	if err := b.Pause(ctx, p.InfoHash); err != nil {
		t.Fatal(err)
	}
	looks := 0 // several snapshots, as an unpaused one would be done in one or two
	if r := b.wait(p.InfoHash, "paused", func(r *swarm.Torrent) bool {
		if r.State == swarm.Paused {
			looks++
		}
		return looks > 4
	}); r.Downloaded != 0 {
		t.Errorf("a torrent that begins paused got %d bytes", r.Downloaded)
	}
	if err := errors.Join(a.SetRateLimits(ctx, 0, 256<<10), b.Start(ctx, p.InfoHash)); err != nil {
		t.Fatal(err)
	}
	b.wait(p.InfoHash, "under way", func(r *swarm.Torrent) bool { return r.State == swarm.Downloading && r.Down > 0 })
	if err := b.Pause(ctx, p.InfoHash); err != nil {
		t.Fatal(err)
	}
	r := b.wait(p.InfoHash, "quiet and connected", func(r *swarm.Torrent) bool { return r.State == swarm.Paused && r.Down == 0 && r.Seeds == 1 })
	if r.Complete() {
		t.Error("a paused torrent went on to the end")
	}
	if err := errors.Join(a.SetRateLimits(ctx, 0, 0), b.Start(ctx, p.InfoHash)); err != nil {
		t.Fatal(err)
	}
	b.wait(p.InfoHash, "downloaded", seeding)
	if err := b.Stop(ctx, p.InfoHash); err != nil {
		t.Fatal(err)
	}
	b.wait(p.InfoHash, "finished", func(r *swarm.Torrent) bool { return r.State == swarm.Finished })
	mine := filepath.Join(b.dir, "mine.txt")
	if err := os.WriteFile(mine, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := b.Remove(ctx, true, p.InfoHash); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(b.dir)
	if err != nil || len(left) != 1 || left[0].Name() != "mine.txt" {
		t.Errorf("left after remove with data: %v %v", left, err)
	}
	if err := b.Start(ctx, p.InfoHash); !errors.Is(err, ErrUnknown) {
		t.Errorf("start of a removed torrent: %v", err)
	}
	a.add(swarm.Add{Source: swarm.Source{File: p.File}}) // there already: no second row
	if n := len(a.Snapshot().Torrents); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestRecheckFindsDamage(t *testing.T) {
	t.Parallel()
	p := payload(t, 4<<20)
	a, b := run(t, testConfig(t, t.TempDir())), run(t, testConfig(t, t.TempDir()))
	b.seed(p)
	copyTo := filepath.Join(a.dir, p.Name)
	if err := os.MkdirAll(a.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := copyFile(filepath.Join(p.Dir, p.Name), copyTo); err != nil {
		t.Fatal(err)
	}
	a.add(swarm.Add{Source: swarm.Source{File: p.File}})
	a.wait(p.InfoHash, "checked", seeding)
	f, err := os.OpenFile(copyTo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt([]byte("damage"), 1<<20+5)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.Stop(t.Context(), p.InfoHash), a.Recheck(t.Context(), p.InfoHash)); err != nil {
		t.Fatal(err)
	}
	a.wait(p.InfoHash, "one piece missing", func(r *swarm.Torrent) bool {
		return r.State == swarm.Stopped && r.Remaining() == p.PieceLen
	})
	if err := a.Start(t.Context(), p.InfoHash); err != nil {
		t.Fatal(err)
	}
	connect(t, p.InfoHash, a, b)
	a.wait(p.InfoHash, "repaired", seeding)
	if err := p.Compare(a.dir, true); err != nil {
		t.Fatal(err)
	}
}

func TestMissingDataStopsWithAReasonAndForgetsNothing(t *testing.T) {
	t.Parallel()
	p := payload(t, 2<<20)
	a := run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	if err := a.Stop(t.Context(), p.InfoHash); err != nil {
		t.Fatal(err)
	}
	a.wait(p.InfoHash, "finished", func(r *swarm.Torrent) bool { return r.State == swarm.Finished })
	away := p.Dir + ".away"
	if err := os.Rename(p.Dir, away); err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context(), p.InfoHash); err != nil {
		t.Fatal(err)
	}
	r := a.wait(p.InfoHash, "error", func(r *swarm.Torrent) bool { return r.State == swarm.Errored })
	if r.Fault != swarm.MissingData || r.Error == "" || r.Completed != r.Size {
		t.Errorf("row: %+v", r)
	}
	if _, err := os.Stat(p.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the missing folder was created")
	}
	if err := os.Rename(away, p.Dir); err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context(), p.InfoHash); err != nil {
		t.Fatal(err)
	}
	if r := a.wait(p.InfoHash, "seeding again", seeding); r.Error != "" {
		t.Errorf("row: %+v", r)
	}
}

func TestMoveAndRename(t *testing.T) {
	t.Parallel()
	p := mixed(t)
	a, b := run(t, testConfig(t, t.TempDir())), run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	ctx := t.Context()
	to := filepath.Join(t.TempDir(), "elsewhere")
	if err := a.Move(ctx, p.InfoHash, to); err != nil {
		t.Fatal(err)
	}
	if err := a.Rename(ctx, p.InfoHash, "another name"); err != nil {
		t.Fatal(err)
	}
	r := a.wait(p.InfoHash, "seeding from there", func(r *swarm.Torrent) bool { return r.State == swarm.Seeding && r.SavePath == to })
	if r.Name != "another name" {
		t.Errorf("name %q", r.Name)
	}
	if _, err := os.Stat(filepath.Join(to, "another name", "aligned.bin")); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"../x", "", "con/", "a\\b"} {
		if err := a.Rename(ctx, p.InfoHash, bad); !errors.Is(err, ErrConfig) {
			t.Errorf("rename to %q: %v", bad, err)
		}
	}
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "downloaded", seeding)
	r = a.wait(p.InfoHash, "uploaded", func(r *swarm.Torrent) bool { return r.Uploaded >= r.Size })
	if r.State != swarm.Seeding {
		t.Errorf("row %+v", r)
	}
}

func TestAddFromAddress(t *testing.T) {
	t.Parallel()
	p := payload(t, 1<<20)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ok":
			http.Redirect(w, r, "/file", http.StatusFound)
		case "/file":
			http.ServeFile(w, r, p.File)
		case "/page":
			_, _ = w.Write([]byte("<html>please log in</html>"))
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	a := run(t, testConfig(t, t.TempDir()))
	pv, err := a.Preview(t.Context(), swarm.Source{URL: srv.URL + "/ok"})
	if err != nil || pv.Name != p.Name || pv.Size != p.Size || len(pv.Files) != 1 || pv.Known {
		t.Fatalf("preview %+v, %v", pv, err)
	}
	a.add(swarm.Add{Source: swarm.Source{URL: srv.URL + "/ok"}, SavePath: p.Dir})
	if r := a.wait(p.InfoHash, "seeding", seeding); r.SourceURL != srv.URL+"/ok" {
		t.Errorf("source %q", r.SourceURL)
	}
	for path, want := range map[string]error{"/page": metafile.ErrBencode, "/loop": ErrFetch, "/none": ErrFetch} {
		if _, err := a.Add(t.Context(), swarm.Add{Source: swarm.Source{URL: srv.URL + path}}); !errors.Is(err, want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, u := range []string{"ftp://127.0.0.1/x", "http://", "nonsense"} {
		if _, err := a.Preview(t.Context(), swarm.Source{URL: u}); !errors.Is(err, ErrFetch) {
			t.Errorf("%s: %v", u, err)
		}
	}
}

func TestWatchFolder(t *testing.T) {
	t.Parallel()
	p := payload(t, 1<<20)
	cfg := testConfig(t, t.TempDir())
	cfg.WatchDir, cfg.WatchEvery = t.TempDir(), 200*time.Millisecond
	good, bad := filepath.Join(cfg.WatchDir, "good.torrent"), filepath.Join(cfg.WatchDir, "bad.torrent")
	if err := errors.Join(copyFile(p.File, good), os.WriteFile(bad, []byte("junk"), 0o644)); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Minute)
	if err := errors.Join(os.Chtimes(good, old, old), os.Chtimes(bad, old, old)); err != nil {
		t.Fatal(err)
	}
	a := run(t, cfg)
	a.wait(p.InfoHash, "added", func(*swarm.Torrent) bool { return true })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := lab.Until(ctx, func() (bool, error) {
		_, err1 := os.Stat(good + addedSuffix)
		_, err2 := os.Stat(bad + refusedSuffix)
		return err1 == nil && err2 == nil, nil
	})
	if err != nil {
		t.Fatal("the files were not marked")
	}
	for {
		select {
		case ev := <-a.Events():
			if w, ok := ev.(swarm.WatchFailed); ok {
				if w.File != bad || w.Reason == "" {
					t.Fatalf("%+v", w)
				}
				return
			}
		case <-ctx.Done():
			t.Fatal("nobody was told of the bad file")
		}
	}
}
