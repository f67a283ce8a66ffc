package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"swarmbid/engine/disk"
	"swarmbid/engine/swarm"
)

// halfWanted has b download the .raw file of a alone.
func halfWanted(t *testing.T, change func(*Config)) (b *session, ih swarm.InfoHash, stash string) {
	t.Helper()
	p := mixed(t)
	cfg := testConfig(t, t.TempDir())
	if change != nil {
		change(&cfg)
	}
	a, b := run(t, testConfig(t, t.TempDir())), run(t, cfg)
	a.seed(p)
	prio := make([]swarm.Priority, len(p.Files))
	for i, f := range p.Files {
		if !strings.HasSuffix(f.Path, ".raw") {
			prio[i] = swarm.Skip
		}
	}
	b.add(swarm.Add{Source: swarm.Source{File: p.File}, Priorities: prio})
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "complete", seeding)
	return b, p.InfoHash, filepath.Join(b.dir, "."+p.InfoHash.String()+".parts")
}

// madeFiles lists what lies below a folder, by base name.
func madeFiles(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			out = append(out, e.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPartFileGoesWithTheTorrent: it is the only thing beside the wanted file, moves
// with it to where it is read again, and goes when the torrent does.
func TestPartFileGoesWithTheTorrent(t *testing.T) {
	t.Parallel()
	b, ih, stash := halfWanted(t, nil)
	if got := madeFiles(t, b.dir); len(got) != 2 || !isThere(stash) {
		t.Fatalf("there are %q", got)
	}
	to := filepath.Join(t.TempDir(), "elsewhere")
	if err := b.Move(t.Context(), ih, to); err != nil {
		t.Fatal(err)
	}
	moved := filepath.Join(to, filepath.Base(stash))
	if isThere(stash) || !isThere(moved) {
		t.Fatal("the part file stayed behind")
	}
	if err := b.Recheck(t.Context(), ih); err != nil {
		t.Fatal(err)
	}
	r := b.wait(ih, "checked", func(r *swarm.Torrent) bool { return r.State == swarm.Seeding && r.SavePath == to })
	if r.Completed != r.Wanted {
		t.Errorf("after the check %d of %d", r.Completed, r.Wanted)
	}
	if err := b.Remove(t.Context(), false, ih); err != nil {
		t.Fatal(err)
	}
	if got := madeFiles(t, to); len(got) != 1 || isThere(moved) {
		t.Errorf("there are %q", got)
	}
}

// TestWithoutPartFile: with the setting off the neighbours are made, and switching it
// off while the torrent runs brings out what the part file has.
func TestWithoutPartFile(t *testing.T) {
	t.Parallel()
	b, _, stash := halfWanted(t, func(c *Config) { c.NoPartFile = true })
	if got := madeFiles(t, b.dir); len(got) < 3 || isThere(stash) {
		t.Errorf("without a part file there are %q", got)
	}
	b, ih, stash := halfWanted(t, nil)
	s, err := b.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.NoPartFile = true
	if err := b.SetSettings(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	b.wait(ih, "brought out", func(*swarm.Torrent) bool { return !isThere(stash) })
	if got := madeFiles(t, b.dir); len(got) < 3 {
		t.Errorf("there are %q", got)
	}
}

// TestAllocateTakesRoomAtOnce: the files have their full size and room before a byte
// arrives, those nobody wants are not made; without room nothing is taken and the
// torrent says why.
func TestAllocateTakesRoomAtOnce(t *testing.T) {
	t.Parallel()
	p := mixed(t)
	cfg := testConfig(t, t.TempDir())
	cfg.Allocate = true
	b := run(t, cfg)
	prio := make([]swarm.Priority, len(p.Files))
	big := ""
	for i, f := range p.Files {
		if strings.HasSuffix(f.Path, "aligned.bin") {
			prio[i] = swarm.Skip
		}
		if strings.HasSuffix(f.Path, ".iso") {
			big = filepath.Join(b.dir, filepath.FromSlash(f.Path))
		}
	}
	ih := b.add(swarm.Add{Source: swarm.Source{File: p.File}, Priorities: prio})
	b.wait(ih, "allocated", func(*swarm.Torrent) bool {
		st, err := os.Stat(big)
		return err == nil && st.Size() == 31<<20+4321
	})
	for _, name := range madeFiles(t, b.dir) {
		if name == "aligned.bin" {
			t.Error("a file nobody wants was made")
		}
	}
	huge := b.add(swarm.Add{Source: swarm.Source{Metainfo: hugeTorrent(freeSpace(b.dir) + 1<<30)}})
	r := b.wait(huge, "stopped", func(r *swarm.Torrent) bool { return r.State == swarm.Errored })
	if r.Fault != swarm.DiskFull || !strings.Contains(r.Error, disk.ErrNoRoom.Error()) {
		t.Errorf("%+v", r)
	}
	if isThere(filepath.Join(b.dir, "huge")) {
		t.Error("room was taken for a file that does not fit")
	}
}

// hugeTorrent is a .torrent file of one file that is larger than anything here.
func hugeTorrent(size int64) []byte {
	const piece = 512 << 20
	n := (size + piece - 1) / piece
	return fmt.Appendf(nil, "d4:infod6:lengthi%de4:name4:huge12:piece lengthi%de6:pieces%d:%see", size, piece, 20*n, strings.Repeat("x", int(20*n)))
}
