package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"swarmbid/engine/disk"
	"swarmbid/engine/swarm"
)

func TestRateIsTheMeanOfTheLastSeconds(t *testing.T) {
	var r rate
	now, n := time.Unix(1000, 0), int64(0)
	if got := r.sample(now, n); got != 0 {
		t.Fatalf("the first sample gives %d", got)
	}
	for range 20 {
		now, n = now.Add(time.Second), n+700
		if got := r.sample(now, n); got != 700 {
			t.Fatalf("a steady 700 B/s is shown as %d", got)
		}
	}
	var got int64
	for range 6 {
		now = now.Add(time.Second)
		got = r.sample(now, n)
	}
	if got != 0 {
		t.Fatalf("six idle seconds are shown as %d", got)
	}
	now = now.Add(time.Second)
	if got := r.sample(now, 10); got != 0 {
		t.Fatalf("a counter that began anew is shown as %d", got)
	}
}

func TestReorder(t *testing.T) {
	list := []string{"a", "b", "c", "d", "e"}
	for _, c := range []struct {
		mv     swarm.QueueMove
		chosen string
		want   string
	}{
		{swarm.QueueUp, "bd", "badce"},
		{swarm.QueueUp, "ab", "abcde"},
		{swarm.QueueDown, "bd", "acbed"},
		{swarm.QueueDown, "de", "abcde"},
		{swarm.QueueTop, "bd", "bdace"},
		{swarm.QueueBottom, "ab", "cdeab"},
	} {
		chosen := map[string]bool{}
		for _, r := range c.chosen {
			chosen[string(r)] = true
		}
		got := ""
		for _, s := range reorder(list, chosen, c.mv) {
			got += s
		}
		if got != c.want {
			t.Errorf("move %d of %q gives %q, want %q", c.mv, c.chosen, got, c.want)
		}
	}
}

func TestFaultOf(t *testing.T) {
	for want, err := range map[swarm.Fault]error{
		swarm.NoFault:     nil,
		swarm.DiskFull:    fmt.Errorf("write: %w", &fs.PathError{Err: syscall.ENOSPC}),
		swarm.MissingData: fmt.Errorf("%w: x", errMissing),
		swarm.ReadOnly:    &fs.PathError{Err: syscall.EROFS},
		swarm.IOFault:     errors.New("the platter caught fire"),
	} {
		if got := faultOf(err); got != want {
			t.Errorf("%v is fault %d, want %d", err, got, want)
		}
	}
}

func TestUsableName(t *testing.T) {
	for _, bad := range []string{"", ".", "..", "a/b", `a\b`, "a:b", "x.", "x ", "a\x00", "a\nb", string(make([]byte, 300))} {
		if usableName(bad) {
			t.Errorf("%q is taken for a name", bad)
		}
	}
	for _, good := range []string{"a", "Ünïcode …", ".hidden", "a.b"} {
		if !usableName(good) {
			t.Errorf("%q is refused", good)
		}
	}
}

func TestClientOf(t *testing.T) {
	for id, want := range map[string]string{
		"-SB0100-abcdefghijkl": "Swarmbid 0.1",
		"-qB4650-abcdefghijkl": "qBittorrent 4.6.5",
		"-TR3000-abcdefghijkl": "Transmission 3",
		"-??1234-abcdefghijkl": "",
		"M7-9-2--abcdefghijkl": "BitTorrent 7",
		"abcdefghijklmnopqrst": "",
	} {
		if got := clientOf(swarm.PeerID([]byte(id))); got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
	if got := peerIDPrefix("12.3.99"); got != "-SBC3Z0-" {
		t.Errorf("prefix %s", got)
	}
}

func TestBansEnd(t *testing.T) {
	var b bans
	now := time.Now()
	a := netip.MustParseAddr("192.0.2.1")
	b.add(netip.MustParseAddr("::ffff:192.0.2.1"), now.Add(time.Minute))
	if !b.has(a, now) || b.has(a, now.Add(2*time.Minute)) || b.has(a, now) {
		t.Fatal("a ban does not begin or end as told")
	}
	for i := range maxBans + 10 {
		b.add(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now.Add(time.Duration(i)*time.Second))
	}
	if len(b.until) != maxBans || b.has(netip.AddrFrom4([4]byte{10}), now) {
		t.Fatalf("%d bans are kept", len(b.until))
	}
	b.clear()
	if b.has(netip.AddrFrom4([4]byte{10, 0, 1, 1}), now) {
		t.Fatal("a lifted ban is in force")
	}
}

// layout writes files with one byte each and returns them.
func layout(t *testing.T, root string, names ...string) []disk.File {
	t.Helper()
	var out []disk.File
	for i, n := range names {
		p := filepath.Join(root, filepath.FromSlash(n))
		if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o755), os.WriteFile(p, []byte{byte(i)}, 0o644)); err != nil {
			t.Fatal(err)
		}
		out = append(out, disk.File{Path: p, Size: 1, Offset: int64(i)})
	}
	return out
}

func moved(files []disk.File, from, to string) []disk.File {
	out := slices.Clone(files)
	for i := range out {
		out[i].Path = filepath.Join(to, out[i].Path[len(from):])
	}
	return out
}

func TestMoveAll(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "new")
	files := layout(t, from, "x/a", "x/y/b", "x/c")
	var bytes int64
	if err := moveAll(to, files, moved(files, from, to), func(n int64) { bytes += n }); err != nil || bytes != 3 {
		t.Fatalf("%v, %d bytes told", err, bytes)
	}
	pruneEmpty(from, files)
	if left, err := os.ReadDir(from); err != nil || len(left) != 0 {
		t.Fatalf("left behind: %v %v", left, err)
	}
	for i, f := range moved(files, from, to) {
		if b, err := os.ReadFile(f.Path); err != nil || b[0] != byte(i) {
			t.Fatalf("%s: %v", f.Path, err)
		}
	}
}

// TestMoveAllOrNothing finds a file in the way of the last one.
func TestMoveAllOrNothing(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	files := layout(t, from, "x/a", "x/b", "x/c")
	layout(t, to, "x/c")
	err := moveAll(to, files, moved(files, from, to), func(int64) {})
	if !errors.Is(err, fs.ErrExist) {
		t.Fatalf("moved over a foreign file: %v", err)
	}
	for _, f := range files {
		if _, err := os.Stat(f.Path); err != nil {
			t.Errorf("not moved back: %v", err)
		}
	}
	if b, err := os.ReadFile(filepath.Join(to, "x", "c")); err != nil || b[0] != 0 {
		t.Errorf("the foreign file: %v %v", b, err)
	}
}

func TestCopyFileIsWholeOrAbsent(t *testing.T) {
	dir := t.TempDir()
	files := layout(t, dir, "a")
	to := filepath.Join(dir, "b")
	if err := copyFile(files[0].Path, to); err != nil {
		t.Fatal(err)
	}
	st1, err1 := os.Stat(files[0].Path)
	st2, err2 := os.Stat(to)
	if err := errors.Join(err1, err2); err != nil || st1.Size() != st2.Size() || !st1.ModTime().Equal(st2.ModTime()) {
		t.Fatalf("%v: the copy differs in size or time", err)
	}
	if err := copyFile(files[0].Path, filepath.Join(dir, "none", "c")); err == nil {
		t.Fatal("copied into a folder that is not there")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.moving")); len(left) > 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestDeleteFilesLeavesForeignOnes(t *testing.T) {
	root := t.TempDir()
	files := layout(t, root, "x/a", "x/y/b")
	layout(t, root, "x/mine")
	if err := deleteFiles(root, files); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "x", "mine")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "x", "y")); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("an empty folder stays")
	}
}
