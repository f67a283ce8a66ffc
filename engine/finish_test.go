package engine

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"swarmbid/engine/disk"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
)

// TestSuffix: an incomplete file bears the suffix, keeps it over a restart although
// the setting is off by then, and loses it when it is complete; a file that was
// there under its name keeps that.
func TestSuffix(t *testing.T) {
	t.Parallel()
	p := payload(t, 4<<20)
	a := run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	ctx := t.Context()
	cfg := testConfig(t, t.TempDir())
	cfg.Suffix = ".!sb"
	b := run(t, cfg)
	if err := a.SetRateLimits(ctx, 0, 512<<10); err != nil {
		t.Fatal(err)
	}
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "begun", func(r *swarm.Torrent) bool { return r.Completed > 0 })
	name := filepath.Join(b.dir, p.Name)
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) || !isThere(name+".!sb") {
		t.Errorf("while it is incomplete: %v", err)
	}
	d, err := b.Details(ctx, p.InfoHash, swarm.PartFiles)
	if err != nil || d.Files[0].Path != p.Name {
		t.Errorf("the window shows %q, %v", d.Files[0].Path, err)
	}
	if at, err := b.Path(ctx, p.InfoHash, 0); err != nil || at != name+".!sb" {
		t.Errorf("the file is opened as %q, %v", at, err)
	}
	if err := b.RenameFile(ctx, p.InfoHash, 0, "other.bin"); err != nil {
		t.Fatal(err)
	}
	if other := filepath.Join(b.dir, "other.bin.!sb"); !isThere(other) || isThere(name+".!sb") {
		t.Error("a renamed file loses its suffix")
	}
	if err := b.stop(); err != nil {
		t.Fatal(err)
	}
	cfg.Suffix = ""
	c := run(t, cfg)
	if r := c.wait(p.InfoHash, "back", func(r *swarm.Torrent) bool { return r.State == swarm.Downloading }); r.Completed == 0 {
		t.Error("the file was not found again")
	}
	if err := a.SetRateLimits(ctx, 0, 0); err != nil {
		t.Fatal(err)
	}
	connect(t, p.InfoHash, c, a)
	c.wait(p.InfoHash, "downloaded", seeding)
	final := filepath.Join(cfg.DownloadDir, "other.bin")
	c.wait(p.InfoHash, "named", func(*swarm.Torrent) bool { return isThere(final) })
	if isThere(final + ".!sb") {
		t.Error("two files")
	}
	if err := c.do(ctx, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := c.Remove(ctx, true, p.InfoHash); err != nil || isThere(final) {
		t.Errorf("removed with data: %v", err)
	}
}

// TestRemoveWithDataTakesIncompleteFiles: the suffix hides no file from deletion.
func TestRemoveWithDataTakesIncompleteFiles(t *testing.T) {
	t.Parallel()
	p := payload(t, 4<<20)
	a := run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	cfg := testConfig(t, t.TempDir())
	cfg.Suffix = ".!sb"
	b := run(t, cfg)
	if err := a.SetRateLimits(t.Context(), 0, 256<<10); err != nil {
		t.Fatal(err)
	}
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "begun", func(r *swarm.Torrent) bool { return r.Completed > 0 })
	if err := b.Remove(t.Context(), true, p.InfoHash); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(b.dir); err != nil || len(left) != 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

// TestMoveWhenComplete: complete data goes to its folder, below the label, the copy
// of the .torrent to its own, and the torrent seeds on from there.
func TestMoveWhenComplete(t *testing.T) {
	t.Parallel()
	p := mixed(t)
	a := run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	cfg := testConfig(t, t.TempDir())
	top := t.TempDir()
	cfg.Suffix = ".!sb"
	cfg.Completed, cfg.CompletedLabel, cfg.CompletedDefault = filepath.Join(top, "done"), true, true
	cfg.CopyDir, cfg.CopyDoneDir = filepath.Join(top, "torrents"), filepath.Join(top, "finished")
	b := run(t, cfg)
	ctx := t.Context()
	b.add(swarm.Add{Source: swarm.Source{File: p.File}, Label: "Films: new", Name: "a/b"})
	copied := filepath.Join(cfg.CopyDir, "a_b.torrent")
	b.wait(p.InfoHash, "put aside", func(*swarm.Torrent) bool { return isThere(copied) })
	connect(t, p.InfoHash, b, a)
	dir := filepath.Join(cfg.Completed, "Films_ new")
	r := b.wait(p.InfoHash, "moved", func(r *swarm.Torrent) bool { return r.State == swarm.Seeding && r.SavePath == dir })
	if r.Completed != r.Size {
		t.Errorf("%+v", r)
	}
	if err := p.Compare(dir, true); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(b.dir); err != nil || len(left) != 0 {
		t.Errorf("left in the download folder: %v %v", left, err)
	}
	finished := filepath.Join(cfg.CopyDoneDir, "a_b.torrent")
	b.wait(p.InfoHash, "copy moved", func(*swarm.Torrent) bool { return isThere(finished) && !isThere(copied) })
	if err := b.do(ctx, func() error { return nil }); err != nil { // the loop knows of it
		t.Fatal(err)
	}
	if err := b.DeleteCopies(ctx, p.InfoHash); err != nil || isThere(finished) {
		t.Errorf("the copy: %v", err)
	}
	if err := b.Remove(ctx, false, p.InfoHash); err != nil {
		t.Fatal(err)
	}
	if err := p.Compare(dir, true); err != nil {
		t.Error(err)
	}
}

func TestCompletedDir(t *testing.T) {
	e := &Engine{cfg: Config{DownloadDir: "/d"}}
	for _, c := range []struct {
		set         Settings
		path, label string
		want        string
	}{
		{Settings{}, "/d", "", ""},
		{Settings{Completed: "/done"}, "/d", "x", "/done"},
		{Settings{Completed: "/done"}, "/done/", "x", ""},
		{Settings{Completed: "/done", CompletedLabel: true}, "/elsewhere", "x", "/done/x"},
		{Settings{Completed: "/done", CompletedLabel: true}, "/d", "../..", "/done/.._"},
		{Settings{Completed: "/done", CompletedLabel: true}, "/d", "..", "/done/_"},
		{Settings{Completed: "/done", CompletedLabel: true}, "/done/x", "x", ""},
		{Settings{Completed: "/done", CompletedDefault: true}, "/elsewhere", "", ""},
		{Settings{Completed: "/done", CompletedDefault: true}, "/d/", "", "/done"},
	} {
		e.set = c.set
		m := &managed{}
		m.rec.SavePath, m.rec.Label = c.path, c.label
		if got := filepath.ToSlash(e.completedDir(m)); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// TestAMoveGoesOnAfterAKill: whichever file a kill met, the move ends as it was
// meant to and every file is there once.
func TestAMoveGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"before the first", "between two", "between copy and deletion"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			p := mixed(t)
			cfg := testConfig(t, t.TempDir())
			a := run(t, cfg)
			a.seed(p)
			whole := contents(t, p.Dir)
			maps.DeleteFunc(whole, func(name string, _ [32]byte) bool { // what is not of the torrent stays
				return !strings.HasPrefix(name, p.Name+string(filepath.Separator)) || strings.Contains(name, ".pad")
			})
			to := filepath.Join(t.TempDir(), "elsewhere")
			if err := a.do(t.Context(), func() error {
				m := a.torrents[p.InfoHash]
				m.rec.MoveTo = to
				return a.save(m)
			}); err != nil {
				t.Fatal(err)
			}
			if err := a.stop(); err != nil {
				t.Fatal(err)
			}
			var from, where string
			for _, f := range p.Files {
				if strings.HasSuffix(f.Path, ".raw") {
					from, where = filepath.Join(p.Dir, filepath.FromSlash(f.Path)), filepath.Join(to, filepath.FromSlash(f.Path))
				}
			}
			switch at {
			case "between two":
				if _, err := moveFile(from, where); err != nil {
					t.Fatal(err)
				}
			case "between copy and deletion":
				if err := errors.Join(os.MkdirAll(filepath.Dir(where), 0o755), copyFile(from, where)); err != nil {
					t.Fatal(err)
				}
			}
			b := run(t, cfg)
			r := b.wait(p.InfoHash, "moved", func(r *swarm.Torrent) bool { return r.State == swarm.Seeding && r.SavePath == to })
			if r.Completed != r.Size || isThere(from) {
				t.Errorf("%+v; the old file is there: %v", r, isThere(from))
			}
			if got := contents(t, to); !maps.Equal(got, whole) {
				t.Errorf("%d files are there, want %d as they were", len(got), len(whole))
			}
		})
	}
}

// contents maps the files below a folder to their hashes.
func contents(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	out := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		rel, rerr := filepath.Rel(dir, path)
		out[rel] = sha256.Sum256(b)
		return errors.Join(err, rerr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestMoveAgainDeletesOnlyCopies: a file that only has the name of the other is not
// taken for its copy.
func TestMoveAgainDeletesOnlyCopies(t *testing.T) {
	dir := t.TempDir()
	put := func(name, s string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
		return p
	}
	a, same, other := put("a", "content"), put("same", "content"), put("other", "Content")
	if err := moveAgain([]disk.File{{Path: a}}, []disk.File{{Path: other}}); !errors.Is(err, fs.ErrExist) || !isThere(a) || !isThere(other) {
		t.Errorf("another file: %v", err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Link(a, link); err != nil {
		t.Fatal(err)
	}
	if err := moveAgain([]disk.File{{Path: a}}, []disk.File{{Path: link}}); !errors.Is(err, fs.ErrExist) || !isThere(a) {
		t.Errorf("a link to itself: %v", err)
	}
	if err := moveAgain([]disk.File{{Path: a}}, []disk.File{{Path: same}}); err != nil || isThere(a) || !isThere(same) {
		t.Errorf("a copy: %v", err)
	}
	if err := moveAgain([]disk.File{{Path: a}}, []disk.File{{Path: same}}); err != nil {
		t.Errorf("nothing left: %v", err)
	}
}

// TestADriveThatIsNotThereLosesNothing: data on a drive that is gone is not moved.
func TestADriveThatIsNotThereLosesNothing(t *testing.T) {
	t.Parallel()
	p := payload(t, 1<<20)
	a := run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	if err := a.Stop(t.Context(), p.InfoHash); err != nil {
		t.Fatal(err)
	}
	a.wait(p.InfoHash, "finished", func(r *swarm.Torrent) bool { return r.State == swarm.Finished })
	if err := os.Rename(p.Dir, p.Dir+".away"); err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	err := lab.Until(t.Context(), func() (bool, error) {
		err := a.Move(t.Context(), p.InfoHash, to)
		if errors.Is(err, ErrBusy) {
			return false, nil // its files are still being closed
		}
		return true, err
	})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("move: %v", err)
	}
	a.wait(p.InfoHash, "still there", func(r *swarm.Torrent) bool {
		return r.State == swarm.Finished && r.SavePath == p.Dir && r.Completed == r.Size
	})
}

func TestRelocateAndClearPeers(t *testing.T) {
	t.Parallel()
	p := payload(t, 1<<20)
	a := run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	ctx := t.Context()
	to := filepath.Join(t.TempDir(), "there")
	if err := errors.Join(os.MkdirAll(to, 0o755), copyFile(filepath.Join(p.Dir, p.Name), filepath.Join(to, p.Name))); err != nil {
		t.Fatal(err)
	}
	if err := a.Relocate(ctx, p.InfoHash, "relative"); !errors.Is(err, ErrConfig) {
		t.Errorf("a relative folder: %v", err)
	}
	if err := a.Relocate(ctx, p.InfoHash, to); err != nil {
		t.Fatal(err)
	}
	a.wait(p.InfoHash, "seeding from there", func(r *swarm.Torrent) bool { return r.State == swarm.Seeding && r.SavePath == to })
	if !isThere(filepath.Join(p.Dir, p.Name)) {
		t.Error("something was moved")
	}
	if err := errors.Join(a.AddPeer(ctx, p.InfoHash, "127.0.0.1:9"), a.ClearPeers(ctx, p.InfoHash)); err != nil {
		t.Fatal(err)
	}
	if err := a.do(ctx, func() error {
		if n := len(a.torrents[p.InfoHash].book); n != 0 {
			t.Errorf("%d addresses are left", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestRenameFileRefuses(t *testing.T) {
	t.Parallel()
	p := mixed(t)
	a := run(t, testConfig(t, t.TempDir()))
	a.seed(p)
	ctx := t.Context()
	taken, mine := p.Files[0].Path, 1
	for p.Files[mine].Path == taken || strings.Contains(p.Files[mine].Path, ".pad") {
		mine++
	}
	for path, want := range map[string]error{
		taken: ErrName, strings.ToUpper(taken): ErrName, taken + "/x": ErrName, p.Name: ErrName,
		"": ErrConfig, "../x": ErrConfig, "a//b": ErrConfig, p.Name + "/con?": ErrConfig,
	} {
		if err := a.RenameFile(ctx, p.InfoHash, mine, path); !errors.Is(err, want) {
			t.Errorf("%q: %v", path, err)
		}
	}
	if err := a.RenameFile(ctx, p.InfoHash, 10_000, "x"); !errors.Is(err, ErrConfig) {
		t.Errorf("no such file: %v", err)
	}
	if err := a.RenameFile(ctx, p.InfoHash, mine, p.Name+"/new place/x.bin"); err != nil {
		t.Fatal(err)
	}
	a.wait(p.InfoHash, "seeding", seeding)
	if at, err := a.Path(ctx, p.InfoHash, mine); err != nil || !isThere(at) || filepath.Base(at) != "x.bin" {
		t.Errorf("%q, %v", at, err)
	}
}
