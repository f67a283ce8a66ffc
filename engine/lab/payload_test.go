package lab_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"swarmbid/engine/lab"

	"github.com/anacrolix/torrent/metainfo"
)

// small is a quick recipe with every kind of file.
func small(dir string) lab.Recipe {
	return lab.Recipe{Dir: dir, Name: "small é", Seed: 7, PieceLen: 32 << 10, Files: []lab.PayloadFile{
		{Path: "a/b/ç.bin", Size: 70_001},
		{Path: ".pad/28303", Size: 28_303, Pad: true},
		{Path: "empty", Size: 0},
		{Path: "last", Size: 5},
	}}
}

func mustMake(t *testing.T, r lab.Recipe) *lab.Payload {
	t.Helper()
	p, err := r.Make()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEqualRecipesGiveEqualTorrents(t *testing.T) {
	a, b := mustMake(t, small(t.TempDir())), mustMake(t, small(t.TempDir()))
	if a.InfoHash != b.InfoHash {
		t.Errorf("infohashes %v and %v", a.InfoHash, b.InfoHash)
	}
	if err := a.Compare(b.Dir, true); err != nil {
		t.Error(err)
	}
	other := small(t.TempDir())
	other.Seed++
	if c := mustMake(t, other); c.InfoHash == a.InfoHash {
		t.Error("another seed gives the same torrent")
	}
}

// TestTorrentFitsItsData has the library hash the files by itself.
func TestTorrentFitsItsData(t *testing.T) {
	for _, r := range []lab.Recipe{small(t.TempDir()), lab.MixedFiles(t.TempDir(), "http://127.0.0.1:1/announce"), lab.OneFile(t.TempDir(), 100_001)} {
		p := mustMake(t, r)
		mi, err := metainfo.LoadFromFile(p.File)
		if err != nil {
			t.Fatal(err)
		}
		info, err := mi.UnmarshalInfo()
		if err != nil {
			t.Fatal(err)
		}
		if got := mi.HashInfoBytes(); got != metainfo.Hash(p.InfoHash) || info.TotalLength() != p.Size || info.NumPieces() != p.Pieces {
			t.Errorf("%s: hash %v, size %d, %d pieces; want %v, %d, %d", p.Name, got, info.TotalLength(), info.NumPieces(), p.InfoHash, p.Size, p.Pieces)
		}
		want := info.Pieces
		err = info.GeneratePieces(func(fi metainfo.FileInfo) (io.ReadCloser, error) {
			return os.Open(filepath.Join(p.Dir, p.Name, filepath.Join(fi.Path...)))
		})
		if err != nil || !bytes.Equal(info.Pieces, want) {
			t.Errorf("%s: pieces differ from the library's (%v)", p.Name, err)
		}
		if s := p.Shape(); int64(s.Pieces-1)*s.PieceLen >= s.Size || int64(s.Pieces)*s.PieceLen < s.Size {
			t.Errorf("%s: shape %+v", p.Name, s)
		}
	}
}

func TestMixedFilesHasItAll(t *testing.T) {
	var sum int64
	var empty, pad, nonASCII, nested int
	for _, f := range mustMake(t, lab.MixedFiles(t.TempDir())).Files {
		if f.Pad {
			pad++
			if (sum+f.Size)%(256<<10) != 0 {
				t.Errorf("pad file %s does not end on a piece", f.Path)
			}
		}
		sum += f.Size
		if f.Size == 0 {
			empty++
		}
		if strings.ContainsFunc(f.Path, func(r rune) bool { return r > 0x3000 }) {
			nonASCII++
		}
		if strings.Count(f.Path, "/") > 3 {
			nested++
		}
	}
	if empty == 0 || pad < 2 || nonASCII == 0 || nested == 0 || sum < 63<<20 || sum > 66<<20 {
		t.Errorf("%d empty, %d pad, %d non-ASCII, %d nested, %d bytes", empty, pad, nonASCII, nested, sum)
	}
}

func TestCompareFindsEveryDifference(t *testing.T) {
	p := mustMake(t, small(t.TempDir()))
	for _, c := range []struct {
		name    string
		empties bool
		change  func(dir string) error
		same    bool
	}{
		{"nothing", true, func(string) error { return nil }, true},
		{"pad file missing", true, func(d string) error { return os.RemoveAll(filepath.Join(d, ".pad")) }, true},
		{"pad file spoilt", true, func(d string) error { return os.WriteFile(filepath.Join(d, ".pad/28303"), []byte("x"), 0o600) }, false},
		{"empty file missing", true, func(d string) error { return os.Remove(filepath.Join(d, "empty")) }, false},
		{"empty file missing, tolerated", false, func(d string) error { return os.Remove(filepath.Join(d, "empty")) }, true},
		{"file missing", false, func(d string) error { return os.Remove(filepath.Join(d, "last")) }, false},
		{"one byte changed", true, func(d string) error { return poke(filepath.Join(d, "a/b/ç.bin"), 70_000) }, false},
		{"one byte more", true, func(d string) error { return poke(filepath.Join(d, "last"), 5) }, false},
		{"one byte less", true, func(d string) error { return os.Truncate(filepath.Join(d, "last"), 4) }, false},
		{"another file", true, func(d string) error { return os.WriteFile(filepath.Join(d, "a/new"), nil, 0o600) }, false},
	} {
		dir := t.TempDir()
		if err := os.CopyFS(filepath.Join(dir, p.Name), os.DirFS(filepath.Join(p.Dir, p.Name))); err != nil {
			t.Fatal(err)
		}
		if err := c.change(filepath.Join(dir, p.Name)); err != nil {
			t.Fatal(err)
		}
		if err := p.Compare(dir, c.empties); (err == nil) != c.same || !c.same && !errors.Is(err, lab.ErrDiffers) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// poke changes the byte at off.
func poke(file string, off int64) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, off); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	b[0] ^= 0x55
	_, err = f.WriteAt(b, off)
	return err
}
