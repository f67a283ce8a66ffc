package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// partial is the sample with every file under the name of an incomplete one.
func partial(t *testing.T) (p Params, data []byte) {
	t.Helper()
	p, _ = sample(t)
	p.Suffix = ".!sb"
	for i := range p.Files {
		if f := &p.Files[i]; f.Size > 0 && !f.Pad {
			f.Path, f.Part = f.Path+p.Suffix, true
		}
	}
	data = make([]byte, p.Length)
	for i := range data {
		data[i] = byte(i*7 + 1)
	}
	return p, data
}

// put writes and verifies pieces.
func put(t *testing.T, d *Torrent, data []byte, pieces ...int) {
	t.Helper()
	for _, i := range pieces {
		p := pieceOf(d, i)
		if _, err := p.WriteAt(data[p.off:p.off+p.n], 0); err != nil {
			t.Fatal(err)
		}
		if err := p.MarkComplete(); err != nil {
			t.Fatal(err)
		}
	}
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "d"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// TestCompleteFilesGetTheirNames: a file has its real name as soon as its last
// piece is safe, and not before; its neighbours keep theirs.
func TestCompleteFilesGetTheirNames(t *testing.T) {
	p, data := partial(t)
	d, err := Open(p)
	if err != nil {
		t.Fatal(err)
	}
	put(t, d, data, 0)
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, p.Root); !slices.Contains(got, "a.!sb") || slices.Contains(got, "a") {
		t.Errorf("with half of the first file: %v", got)
	}
	put(t, d, data, 1) // the end of a
	if got := names(t, p.Root); slices.Contains(got, "a") {
		t.Errorf("before the data is durable: %v", got)
	}
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	got := names(t, p.Root)
	if !slices.Contains(got, "a") || slices.Contains(got, "a.!sb") || slices.Contains(got, "e") {
		t.Errorf("with the first file: %v", got)
	}
	if d.Part(0) || !d.Part(4) || d.Pending() {
		t.Errorf("parts %v %v, pending %v", d.Part(0), d.Part(4), d.Pending())
	}
	for i := 2; i < d.have.Len(); i++ {
		put(t, d, data, i)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for _, n := range names(t, p.Root) {
		if strings.HasSuffix(n, p.Suffix) {
			t.Errorf("%s at the end", n)
		}
	}
	for _, f := range d.Files() {
		if f.Pad {
			continue
		}
		b, err := os.ReadFile(f.Path)
		if err != nil || string(b) != string(data[f.Offset:f.Offset+f.Size]) {
			t.Errorf("%s: %d bytes, %v", f.Path, len(b), err)
		}
	}
}

// TestATakenNameIsNotReplaced: a file of somebody else with the real name stays,
// and the torrent goes on with the other name.
func TestATakenNameIsNotReplaced(t *testing.T) {
	p, data := partial(t)
	theirs := filepath.Join(p.Root, "d", "a")
	if err := errors.Join(os.MkdirAll(filepath.Dir(theirs), 0o755), os.WriteFile(theirs, []byte("mine"), 0o644)); err != nil {
		t.Fatal(err)
	}
	d, err := Open(p)
	if err != nil {
		t.Fatal(err)
	}
	put(t, d, data, 0, 1)
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(theirs); err != nil || string(b) != "mine" {
		t.Errorf("their file holds %q, %v", b, err)
	}
	got := make([]byte, 1700)
	if _, err := d.ReadAt(got, 0); err != nil || string(got) != string(data[:1700]) || !d.Part(0) {
		t.Errorf("ours cannot be read: %v, part %v", err, d.Part(0))
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// TestNamesAfterAKill: whichever of its two moments a kill meets, the next start
// ends with the real name.
func TestNamesAfterAKill(t *testing.T) {
	for _, renamed := range []bool{false, true} {
		p, data := partial(t)
		d, err := Open(p)
		if err != nil {
			t.Fatal(err)
		}
		put(t, d, data, 0)
		if err := d.Sync(); err != nil {
			t.Fatal(err)
		}
		// Verified by the journal, and the process is gone before or after the rename,
		// and its open files with it.
		for i := range p.Files {
			p.Handles.Release(p.Files[i].Path)
			p.Handles.Release(p.Files[i].Path + p.Suffix)
		}
		p.Have = NewBits(d.have.Len())
		p.Have.Set(0)
		p.Have.Set(1)
		path := filepath.Join(p.Root, "d", "a")
		if err := os.WriteFile(path+p.Suffix, data[:1700], 0o644); err != nil {
			t.Fatal(err)
		}
		if renamed {
			if err := os.Rename(path+p.Suffix, path); err != nil {
				t.Fatal(err)
			}
			p.Files[0].Path, p.Files[0].Part = path, false // as the owner finds it
		}
		again, err := Open(p)
		if err != nil {
			t.Fatal(err)
		}
		if !again.Pending() {
			t.Error("nobody would look")
		}
		if err := again.Sync(); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != string(data[:1700]) || again.Part(0) {
			t.Errorf("renamed %v: %d bytes, %v", renamed, len(b), err)
		}
	}
}

// TestRenamesBesideReaders reads and writes all the time while files get their
// names; the race detector watches.
func TestRenamesBesideReaders(t *testing.T) {
	p, data := partial(t)
	d, err := Open(p)
	if err != nil {
		t.Fatal(err)
	}
	put(t, d, data, 0)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			b := make([]byte, 500)
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := d.ReadAt(b, 100); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := 1; i < d.have.Len(); i++ {
		put(t, d, data, i)
		if err := d.Sync(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	wg.Wait()
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	for i := range p.Files {
		if d.Part(i) {
			t.Errorf("file %d has still the other name", i)
		}
	}
}
