package disk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"
)

// journal records what it is told and looks at the disk when it is.
type journal struct {
	mu       sync.Mutex
	begun    []int
	verified []int
	lost     []int
	err      error
	look     func()
}

func (j *journal) Begun(p int) error { return j.note(&j.begun, p) }
func (j *journal) Lost(p int) error  { return j.note(&j.lost, p) }

func (j *journal) Verified(p []int) error { return j.note(&j.verified, p...) }

func (j *journal) note(to *[]int, p ...int) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.look != nil {
		j.look()
	}
	if j.err != nil {
		return j.err
	}
	*to = append(*to, p...)
	return nil
}

const pieceLength = 1000

// sample is a torrent with odd sizes, an empty file, a pad file and a gap.
func sample(t *testing.T) (Params, *journal) {
	t.Helper()
	root := t.TempDir()
	j := &journal{}
	p := Params{Root: root, PieceLength: pieceLength, Handles: NewHandles(2), Journal: j}
	off := int64(0)
	for i, f := range []File{{Size: 1700}, {Size: 0}, {Size: 300, Pad: true}, {Size: 1}, {Size: 2500}} {
		f.Offset = off
		f.Path = filepath.Join(root, "d", string(rune('a'+i)))
		off += f.Size
		if i == 3 {
			off = 3000 // a gap, as BEP 52 has them
		}
		p.Files = append(p.Files, f)
	}
	p.Length = off
	n := int((off + pieceLength - 1) / pieceLength)
	p.Have, p.Unknown = NewBits(n), NewBits(n)
	t.Cleanup(func() { p.Handles.Close() })
	return p, j
}

func open(t *testing.T, p Params) *Torrent {
	t.Helper()
	d, err := Open(p)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// pieceOf returns the library's view of piece i.
func pieceOf(d *Torrent, i int) piece {
	off := int64(i) * pieceLength
	return piece{d, i, off, min(pieceLength, d.p.Length-off)}
}

func TestReadsBackWhatWasWritten(t *testing.T) {
	p, _ := sample(t)
	d := open(t, p)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	model := make([]byte, p.Length)
	for range 500 {
		off := r.Int64N(p.Length)
		b := make([]byte, r.Int64N(p.Length-off)+1)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		if n, err := d.WriteAt(b, off); n != len(b) || err != nil {
			t.Fatalf("write %d at %d: %d, %v", len(b), off, n, err)
		}
		copy(model[off:], b)
		clear(model[1700:2000]) // pad
		clear(model[2001:3000]) // gap
	}
	// Every byte must have been written once before a read may span it.
	if _, err := d.WriteAt(model, 0); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		off := r.Int64N(p.Length)
		b := make([]byte, r.Int64N(p.Length-off)+1)
		if n, err := d.ReadAt(b, off); n != len(b) || err != nil {
			t.Fatalf("read %d at %d: %d, %v", len(b), off, n, err)
		}
		if !bytes.Equal(b, model[off:off+int64(len(b))]) {
			t.Fatalf("read %d at %d: other bytes", len(b), off)
		}
	}
	if n, err := d.ReadAt(make([]byte, 10), p.Length-4); n != 4 || !errors.Is(err, io.EOF) {
		t.Fatalf("read over the end: %d, %v", n, err)
	}
}

func TestPad(t *testing.T) {
	p, _ := sample(t)
	d := open(t, p)
	if _, err := d.WriteAt(bytes.Repeat([]byte{7}, int(p.Length)), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(p.Files[2].Path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the pad file is on the disk: %v", err)
	}
	b := make([]byte, 300)
	if _, err := d.ReadAt(b, 1700); err != nil || !bytes.Equal(b, make([]byte, 300)) {
		t.Fatalf("the pad file does not read as zeros: %v", err)
	}
	if st, err := os.Stat(p.Files[1].Path); err != nil || st.Size() != 0 {
		t.Fatalf("the empty file: %v", err)
	}
}

func TestAhead(t *testing.T) {
	p, j := sample(t)
	d := open(t, p)
	if _, err := d.WriteAt(make([]byte, pieceLength), 0); err != nil {
		t.Fatal(err)
	}
	if err := pieceOf(d, 0).MarkComplete(); err != nil {
		t.Fatal(err)
	}
	if len(j.verified) != 0 {
		t.Fatal("recorded before a sync")
	}
	j.err = errors.New("journal is full")
	if err := d.Sync(); !errors.Is(err, j.err) {
		t.Fatalf("sync with a failing journal: %v", err)
	}
	j.err = nil
	j.look = func() {
		if d.Have().Count() != 1 {
			t.Error("the piece is not known while it is recorded")
		}
	}
	if err := d.Sync(); err != nil || !slices.Equal(j.verified, []int{0}) {
		t.Fatalf("second try: %v, %v", err, j.verified)
	}
	if err := d.Sync(); err != nil || len(j.verified) != 1 {
		t.Fatalf("recorded twice: %v, %v", err, j.verified)
	}
}

// TestAheadOfData makes the sync of the data fail: the claim must not be made.
func TestAheadOfData(t *testing.T) {
	p, j := sample(t)
	d := open(t, p)
	if _, err := d.WriteAt(make([]byte, pieceLength), 0); err != nil {
		t.Fatal(err)
	}
	if err := pieceOf(d, 0).MarkComplete(); err != nil {
		t.Fatal(err)
	}
	for i := range p.Files { // Windows removes no folder of open files
		p.Handles.Release(p.Files[i].Path)
	}
	if err := os.RemoveAll(p.Root); err != nil {
		t.Fatal(err)
	}
	if err := d.Sync(); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("sync without the folder: %v", err)
	}
	if len(j.verified) != 0 {
		t.Fatal("recorded although the data was not synced")
	}
	if _, err := os.Stat(p.Root); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("the missing save path was created anew")
	}
}

func TestBegun(t *testing.T) {
	p, j := sample(t)
	d := open(t, p)
	j.look = func() {
		if st, err := os.Stat(p.Files[4].Path); err == nil && st.Size() > 0 {
			t.Error("data was written before the piece was recorded as begun")
		}
	}
	if _, err := d.WriteAt(make([]byte, 1200), 3900); err != nil {
		t.Fatal(err)
	}
	j.look = nil
	if _, err := d.WriteAt(make([]byte, 100), 4000); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(j.begun, []int{3, 4, 5}) {
		t.Fatalf("begun %v", j.begun)
	}
	j.err = errors.New("journal is full")
	if _, err := d.WriteAt([]byte{1}, 0); !errors.Is(err, j.err) {
		t.Fatalf("write with a failing journal: %v", err)
	}
}

func TestFault(t *testing.T) {
	p, j := sample(t)
	var faults []error
	p.OnFault = func(err error) { faults = append(faults, err) }
	p.Have = FullBits(p.Have.Len())
	d := open(t, p)
	if err := os.MkdirAll(p.Files[0].Path, 0o755); err != nil { // a folder where a file belongs
		t.Fatal(err)
	}
	b := make([]byte, 100)
	if _, err := pieceOf(d, 0).ReadAt(b, 0); err == nil {
		t.Fatal("read a folder")
	}
	if _, err := pieceOf(d, 0).ReadAt(b, 0); err == nil || len(faults) != 1 {
		t.Fatalf("%d faults were told, want the first only", len(faults))
	}
	if err := pieceOf(d, 0).MarkNotComplete(); err != nil {
		t.Fatal(err)
	}
	if d.Have().Count() != p.Have.Len() || len(j.lost) != 0 {
		t.Fatal("a fault of the disk unverified a piece")
	}
}

func TestWriteToStopsAtMissingData(t *testing.T) {
	p, _ := sample(t)
	p.OnFault = func(err error) { t.Errorf("missing data while hashing is no fault: %v", err) }
	d := open(t, p)
	if _, err := d.WriteAt(bytes.Repeat([]byte{9}, 500), 0); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := pieceOf(d, 0).WriteTo(&got); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("hashing half a piece: %v", err)
	}
	got.Reset()
	if _, err := d.WriteAt(bytes.Repeat([]byte{9}, int(p.Length)), 0); err != nil {
		t.Fatal(err)
	}
	if n, err := pieceOf(d, 5).WriteTo(&got); n != 500 || err != nil || got.Len() != 500 {
		t.Fatalf("hashing the last piece: %d, %v", n, err)
	}
}

func TestLostPieceIsRecorded(t *testing.T) {
	p, j := sample(t)
	p.Have, p.Unknown = FullBits(6), FullBits(6)
	var seen []bool
	p.OnPiece = func(_ int, ok bool) { seen = append(seen, ok) }
	d := open(t, p)
	if c := pieceOf(d, 1).Completion(); c.Ok {
		t.Fatal("an unchecked piece is taken as known")
	}
	if err := errors.Join(pieceOf(d, 1).MarkNotComplete(), pieceOf(d, 2).MarkComplete()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(j.lost, []int{1}) || !slices.Equal(seen, []bool{false, true}) || d.Unknown() != 4 {
		t.Fatalf("lost %v, seen %v, unknown %d", j.lost, seen, d.Unknown())
	}
	if c := pieceOf(d, 1).Completion(); !c.Ok || c.Complete {
		t.Fatalf("after the check: %+v", c)
	}
}

func TestMissing(t *testing.T) {
	p, _ := sample(t)
	d := open(t, p)
	have := NewBits(6)
	check := func(want string) {
		t.Helper()
		if got, err := Missing(p.Files, have, pieceLength, p.Root, ""); err != nil || got != want {
			t.Fatalf("missing %q, %v; want %q", got, err, want)
		}
	}
	check("")
	have.Set(4)
	check(p.Files[4].Path)
	if _, err := d.WriteAt(make([]byte, 1999), 3000); err != nil {
		t.Fatal(err)
	}
	check(p.Files[4].Path)
	if _, err := d.WriteAt(make([]byte, 1), 4999); err != nil {
		t.Fatal(err)
	}
	check("")
}

func TestHandlesStayBounded(t *testing.T) {
	p, _ := sample(t)
	h := p.Handles
	for i := range 10 {
		path := filepath.Join(p.Root, string(rune('a'+i)))
		if err := h.use(p.Root, path, true, func(*os.File) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if len(h.open) != 2 || h.lru.Len() != 2 {
		t.Fatalf("%d open, %d idle, want 2", len(h.open), h.lru.Len())
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 200 {
				path := filepath.Join(p.Root, string(rune('a'+(i+k)%10)))
				err := h.use(p.Root, path, k%3 == 0, func(f *os.File) error {
					_, err := f.Stat()
					return err
				})
				if err != nil {
					t.Error(err)
				}
				if k%7 == 0 {
					h.Release(path)
				}
			}
		})
	}
	wg.Wait()
	if len(h.open) > 2 {
		t.Fatalf("%d open, want at most 2", len(h.open))
	}
}

func TestClosedTorrentRefusesWrites(t *testing.T) {
	p, _ := sample(t)
	d := open(t, p)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.WriteAt([]byte{1}, 0); !errors.Is(err, ErrClosed) {
		t.Fatalf("write after close: %v", err)
	}
}

func TestBegunPieces(t *testing.T) {
	p, _ := sample(t)
	d := open(t, p)
	if _, err := d.WriteAt(make([]byte, 2), 3999); err != nil {
		t.Fatal(err)
	}
	if got := d.Begun(); !slices.Equal(got, []int{3, 4}) {
		t.Errorf("begun %v", got)
	}
	if err := pieceOf(d, 4).MarkComplete(); err != nil {
		t.Fatal(err)
	}
	if got := d.Begun(); !slices.Equal(got, []int{3}) {
		t.Errorf("begun %v", got)
	}
}

func TestBits(t *testing.T) {
	b := BitsFromBytes([]byte{0x80, 0x01, 0xff}, 17)
	if b.Count() != 3 || !b.Has(0) || !b.Has(15) || !b.Has(16) || b.Has(17) || b.Has(-1) {
		t.Fatalf("bits %+v", b)
	}
	if !bytes.Equal(b.Bytes(), []byte{0x80, 0x01, 0x80}) {
		t.Fatalf("bytes %x", b.Bytes())
	}
	if !slices.Equal(b.List(), []int{0, 15, 16}) {
		t.Fatalf("list %v", b.List())
	}
	c := b.Clone()
	c.Clear(0)
	if !b.Has(0) || FullBits(70).Count() != 70 {
		t.Fatal("a clone shares its bits")
	}
}

// TestAsStorage runs the library's own storage wrapper over a Torrent.
func TestAsStorage(t *testing.T) {
	p, j := sample(t)
	d := open(t, p)
	info := &metainfo.Info{PieceLength: pieceLength, Name: "x", Length: p.Length, Pieces: make([]byte, 20*6)}
	s, err := storage.NewClient(d).OpenTorrent(context.Background(), info, metainfo.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	sp := s.Piece(info.Piece(5))
	want := bytes.Repeat([]byte{3}, 500)
	if _, err := sp.WriteAt(want, 0); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 500)
	if n, err := sp.ReadAt(got, 0); n != 500 || err != nil && !errors.Is(err, io.EOF) || !bytes.Equal(got, want) {
		t.Fatalf("%d, %v", n, err)
	}
	if err := sp.MarkComplete(); err != nil || !sp.Completion().Complete {
		t.Fatalf("mark complete: %v", err)
	}
	if err := s.Close(); err != nil || !slices.Equal(j.verified, []int{5}) {
		t.Fatalf("close made %v durable: %v", j.verified, err)
	}
}
