package disk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// skipping is the sample with a part file and some files nobody wants.
func skipping(t *testing.T, files ...int) (p Params, data []byte) {
	t.Helper()
	p, _ = sample(t)
	p.Stash = filepath.Join(p.Root, ".parts")
	for _, i := range files {
		p.Files[i].Skip = true
	}
	data = make([]byte, p.Length)
	for i := range data {
		data[i] = byte(i*7 + i/256 + 1)
	}
	clear(data[1700:2000]) // pad
	clear(data[2001:3000]) // gap
	return p, data
}

// again opens the torrent as after a kill, with what it has verified.
func again(t *testing.T, d *Torrent, skip ...int) *Torrent {
	t.Helper()
	p := d.p
	p.Handles = NewHandles(2)
	t.Cleanup(func() { p.Handles.Close() })
	p.Files, p.Have, p.Unknown = slices.Clone(p.Files), d.Have(), NewBits(d.Have().Len())
	for i := range p.Files {
		p.Files[i].Skip = slices.Contains(skip, i)
	}
	return open(t, p)
}

func skips(d *Torrent, files ...int) {
	skip := make([]bool, len(d.p.Files))
	for _, i := range files {
		skip[i] = true
	}
	d.SetSkip(skip)
}

func readAll(t *testing.T, d *Torrent, data []byte) {
	t.Helper()
	got := make([]byte, len(data))
	if _, err := d.ReadAt(got, 0); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if !bytes.Equal(got, data) {
		t.Fatal("other bytes are read")
	}
}

// TestAside: pieces that reach into a file nobody wants do not make it; their data
// outlives a kill, and the file is whole as soon as it is wanted, without the part
// file then.
func TestAside(t *testing.T) {
	p, data := skipping(t, 0, 3)
	d := open(t, p)
	put(t, d, data, 0, 1, 2, 3, 4, 5)
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, p.Root); !slices.Equal(got, []string{"b", "e"}) || !exists(p.Stash) {
		t.Fatalf("there are %v, part file %v", got, exists(p.Stash))
	}
	readAll(t, d, data)

	d = again(t, d, 0, 3)
	readAll(t, d, data)
	if gone, err := Missing(p.Files, d.Have(), pieceLength, p.Root, p.Stash); gone != "" || err != nil {
		t.Fatalf("missing %q, %v", gone, err)
	}
	skips(d, 3)
	if !d.Pending() {
		t.Fatal("nothing is to be done")
	}
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	readAll(t, d, data)
	if got, err := os.ReadFile(p.Files[0].Path); err != nil || !bytes.Equal(got, data[:1700]) || !exists(p.Stash) || !d.Aside(3) {
		t.Fatalf("%d bytes, %v; part file %v", len(got), err, exists(p.Stash))
	}
	skips(d)
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	readAll(t, d, data)
	if got, err := os.ReadFile(p.Files[3].Path); err != nil || !bytes.Equal(got, data[2000:2001]) || exists(p.Stash) {
		t.Fatalf("%v; part file %v", err, exists(p.Stash))
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestAFileThatIsThereStays: what has begun goes on in its own file.
func TestAFileThatIsThereStays(t *testing.T) {
	p, data := skipping(t)
	d := open(t, p)
	put(t, d, data, 4)
	skips(d, 4, 1)
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	put(t, d, data, 5)
	if err := d.Sync(); err != nil || exists(p.Stash) || d.Aside(4) {
		t.Fatalf("%v; part file %v", err, exists(p.Stash))
	}
	if st, err := os.Stat(p.Files[4].Path); err != nil || st.Size() != 2500 {
		t.Fatal(st, err)
	}
}

// TestWithoutAPartFile: where none is made a piece makes every file it reaches into.
func TestWithoutAPartFile(t *testing.T) {
	p, data := skipping(t, 0, 1)
	p.Stash = ""
	d := open(t, p)
	put(t, d, data, 1)
	skips(d, 0)
	if got := names(t, p.Root); !slices.Equal(got, []string{"a", "b"}) || d.Pending() && d.Sync() != nil {
		t.Fatalf("there are %v", got)
	}
}

// TestKilledWhileMovingOut: data copied out but not yet noted so is copied again, and
// data that left is never brought back over what is newer.
func TestKilledWhileMovingOut(t *testing.T) {
	p, data := skipping(t, 0)
	d := open(t, p)
	put(t, d, data, 0, 1)
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 999, 1700} { // bytes of the copy that reached the disk
		if err := os.WriteFile(p.Files[0].Path, data[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		x := again(t, d, 0)
		readAll(t, &Torrent{p: func() Params { q := x.p; q.Length = 2000; return q }(), stash: x.stash, aside: x.aside}, data[:2000])
	}
	x := again(t, d)
	if err := x.Sync(); err != nil || exists(p.Stash) {
		t.Fatal(err)
	}
	newer := bytes.Repeat([]byte{9}, 1000)
	if _, err := x.WriteAt(newer, 0); err != nil {
		t.Fatal(err)
	}
	y := again(t, x, 0)
	got := make([]byte, 1000)
	if _, err := y.ReadAt(got, 0); err != nil || !bytes.Equal(got, newer) {
		t.Fatalf("old data came back: %v", err)
	}
}

// TestAsideAgainstAModel writes, wants and skips files at random and is killed at
// random; each byte written is read back. Random cases print their seed.
func TestAsideAgainstAModel(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	p, data := skipping(t, 0, 1, 3, 4)
	d := open(t, p)
	var skip []int
	for range 400 {
		switch r.IntN(4) {
		case 0:
			skip = slices.DeleteFunc([]int{0, 1, 3, 4}, func(int) bool { return r.IntN(2) == 0 })
			skips(d, skip...)
		case 1:
			if err := d.Sync(); err != nil {
				t.Fatal(err)
			}
		case 2:
			d = again(t, d, skip...)
		default:
			i := r.IntN(6)
			for k := i * pieceLength; k < min((i+1)*pieceLength, len(data)); k++ {
				if data[k] != 0 {
					data[k] = byte(1 + r.IntN(255))
				}
			}
			put(t, d, data, i)
		}
		for i := range 6 {
			if x := pieceOf(d, i); d.Have().Has(i) {
				got := make([]byte, x.n)
				if _, err := d.ReadAt(got, x.off); err != nil || !bytes.Equal(got, data[x.off:x.off+x.n]) {
					t.Fatalf("piece %d: other bytes, %v", i, err)
				}
			}
		}
		for i := range p.Files {
			if d.Aside(i) && exists(p.Files[i].Path) && !d.stash.keeps(i) {
				t.Fatalf("file %d is there and yet aside", i)
			}
		}
	}
	skips(d)
	if err := d.Sync(); err != nil || exists(p.Stash) {
		t.Fatalf("%v, part file %v", err, exists(p.Stash))
	}
}

// TestPartFileIsGone: what was verified in it is told as missing, and nothing is read
// of a part file that is another torrent's or damaged.
func TestPartFileIsGone(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"deleted": os.Remove,
		"empty":   func(p string) error { return os.Truncate(p, 0) },
		"header":  func(p string) error { return os.Truncate(p, 30) },
		"slots":   func(p string) error { return os.Truncate(p, stashAlign) },
		"another": func(p string) error { return os.WriteFile(p, bytes.Repeat([]byte("x"), 9000), 0o644) },
		"two pieces in one slot": func(p string) error {
			f, err := os.OpenFile(p, os.O_RDWR, 0)
			if err != nil {
				return err
			}
			s := stash{kept: make([]bool, 5)}
			_, err = f.WriteAt(binary.LittleEndian.AppendUint32(nil, 1), s.entry(1))
			return errors.Join(err, f.Close())
		},
	} {
		p, data := skipping(t, 0)
		d := open(t, p)
		put(t, d, data, 0, 1)
		if err := d.Sync(); err != nil {
			t.Fatal(err)
		}
		if err := harm(p.Stash); err != nil {
			t.Fatal(err)
		}
		if gone, err := Missing(p.Files, d.Have(), pieceLength, p.Root, p.Stash); gone == "" || err != nil {
			t.Errorf("%s: missing %q, %v", name, gone, err)
		}
		x := again(t, d, 0)
		if _, err := x.ReadAt(make([]byte, 10), 0); !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: read of what is gone: %v", name, err)
		}
		put(t, x, data, 0, 1)
		got := make([]byte, 1700)
		if _, err := x.ReadAt(got, 0); err != nil || !bytes.Equal(got, data[:1700]) || exists(p.Files[0].Path) {
			t.Errorf("%s: written anew: %v", name, err)
		}
	}
}

// TestFilesAreUsedWhileTheyMoveOut: readers and writers meet nothing but their bytes.
func TestFilesAreUsedWhileTheyMoveOut(t *testing.T) {
	p, data := skipping(t, 0, 4)
	p.Handles = NewHandles(8)
	d := open(t, p)
	put(t, d, data, 0, 1, 3, 4, 5)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for k := range 200 {
				x := pieceOf(d, []int{0, 1, 3, 4, 5}[(g+k)%5])
				got := make([]byte, x.n)
				if _, err := d.ReadAt(got, x.off); err != nil || !bytes.Equal(got, data[x.off:x.off+x.n]) {
					t.Errorf("piece %d: %v", x.index, err)
				}
				if _, err := d.WriteAt(data[x.off:x.off+x.n], x.off); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for k := range 50 {
		skips(d, []int{0, 4}[k%2])
		if err := d.Sync(); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
}

// FuzzStash reads any header without harm and never gives one slot to two pieces.
func FuzzStash(f *testing.F) {
	p := Params{Files: make([]File, 3), PieceLength: 16}
	s := &stash{kept: make([]bool, 3), slots: make([]uint32, 4), pieceLength: 16}
	f.Add(append(s.fixed(), 1, 0, 1, 0, 1, 0, 0, 0, 2, 0, 0, 0), int64(stashAlign+20))
	f.Add([]byte(stashMagic), int64(0))
	f.Fuzz(func(t *testing.T, head []byte, size int64) {
		q := p
		q.Root = t.TempDir()
		q.Stash, q.Handles = filepath.Join(q.Root, "s"), NewHandles(1)
		defer q.Handles.Close()
		if err := errors.Join(os.WriteFile(q.Stash, head, 0o600), os.Truncate(q.Stash, max(int64(len(head)), min(max(0, size), 1<<16)))); err != nil {
			t.Fatal(err)
		}
		s, err := newStash(&q, 4)
		if err != nil {
			t.Fatal(err)
		}
		for i := range int64(4) {
			if err := s.write(1, i*16, bytes.Repeat([]byte{byte(i + 1)}, 16)); err != nil {
				t.Fatal(err)
			}
		}
		got := make([]byte, 64)
		if err := s.read(1, 0, got); err != nil || got[0] != 1 || got[16] != 2 || got[32] != 3 || got[63] != 4 {
			t.Fatalf("%x, %v", got, err)
		}
	})
}
