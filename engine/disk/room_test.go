package disk

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// TestAllocate: wanted files have their room before anything arrives; others are not
// made, and what is there already stays.
func TestAllocate(t *testing.T) {
	p, data := skipping(t, 0)
	p.Allocate, p.Free = true, func() int64 { return 1 << 30 }
	if err := os.MkdirAll(filepath.Dir(p.Files[4].Path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.Files[4].Path, data[3000:3100], 0o644); err != nil {
		t.Fatal(err)
	}
	d := open(t, p)
	if !d.Pending() {
		t.Fatal("nothing is to be done")
	}
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{3, 4} {
		st, err := os.Stat(p.Files[i].Path)
		if err != nil || st.Size() != p.Files[i].Size || taken(st) < st.Size() {
			t.Errorf("file %d: %v, %v", i, st, err)
		}
	}
	got, err := os.ReadFile(p.Files[4].Path)
	if err != nil || !bytes.Equal(got[:100], data[3000:3100]) || exists(p.Files[0].Path) {
		t.Fatal("data was lost or an unwanted file was made", err)
	}
	skips(d)
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(p.Files[0].Path); err != nil || st.Size() != 1700 {
		t.Fatalf("a file that is wanted later: %v, %v", st, err)
	}
}

// TestRoomIsRealOnLinux: the room is on the drive, not only in the size.
func TestRoomIsRealOnLinux(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("blocks are counted on Linux")
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := allocate(f, 1<<20); errors.Is(err, errNoAllocate) {
		t.Skip("this file system allocates nothing in advance")
	} else if err != nil {
		t.Fatal(err)
	}
	if st, err := f.Stat(); err != nil || taken(st) < 1<<20 {
		t.Fatal(st, err)
	}
}

// TestNoRoom: if not all wanted files fit, none takes anything, and the owner is told
// why. A torrent that is complete needs nothing.
func TestNoRoom(t *testing.T) {
	p, data := skipping(t, 0)
	p.Allocate, p.Free = true, func() int64 { return 2500 }
	var told error
	p.OnFault = func(err error) { told = err }
	d := open(t, p)
	if err := d.Sync(); !errors.Is(err, ErrNoRoom) || !errors.Is(told, ErrNoRoom) {
		t.Fatalf("%v, told %v", err, told)
	}
	if exists(p.Files[3].Path) || exists(p.Files[4].Path) {
		t.Fatal("files took room")
	}
	p.Free = func() int64 { return 2501 }
	d = open(t, p)
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	put(t, d, data, 2, 3, 4, 5)
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	p.Have, p.Free = d.Have(), func() int64 { return 1 }
	if err := open(t, p).Sync(); err != nil {
		t.Fatalf("a complete torrent: %v", err)
	}
}

// TestFill: zeros take the room where it cannot be had otherwise, and never cover what
// is written meanwhile.
func TestFill(t *testing.T) {
	p, _ := sample(t)
	const size = 5*fillUnit + 17
	f := &p.Files[4]
	f.Size, p.Length, p.PieceLength = size, f.Offset+size, 1<<20
	p.Have, p.Unknown = NewBits(7), NewBits(7)
	d := open(t, p)
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := d.fill(4); err != nil {
			t.Error(err)
		}
	})
	mark := bytes.Repeat([]byte{7}, 1000)
	for i := range int64(50) {
		if _, err := d.WriteAt(mark, f.Offset+i*100_000); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	got, err := os.ReadFile(f.Path)
	if err != nil || len(got) != size {
		t.Fatal(len(got), err)
	}
	for i := range 50 {
		if !bytes.Equal(got[i*100_000:][:1000], mark) {
			t.Fatalf("write %d is lost", i)
		}
	}
	d.closing.Store(true)
	if err := os.Truncate(f.Path, 0); err != nil {
		t.Fatal(err)
	}
	if err := d.fill(4); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(f.Path); err != nil || st.Size() != 0 {
		t.Fatal("a torrent that closes still fills", err)
	}
}

// TestSparseFilesWork: they hold what is written, whatever the system makes of it.
func TestSparseFilesWork(t *testing.T) {
	p, data := skipping(t)
	p.Handles.SetSparse(true)
	d := open(t, p)
	put(t, d, data, 5, 4, 3, 2, 1, 0)
	readAll(t, d, data)
}
