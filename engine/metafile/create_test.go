package metafile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/anacrolix/torrent/metainfo"
)

// tree writes files of random content; sizes are by path with slashes.
func tree(t *testing.T, sizes map[string]int) (root string) {
	t.Helper()
	root = filepath.Join(t.TempDir(), "shäre")
	r := rand.NewChaCha8([32]byte{1})
	for p, size := range sizes {
		path := filepath.Join(root, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, size)
		_, _ = r.Read(b)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestCreateAgainstTheLibrary(t *testing.T) {
	root := tree(t, map[string]int{
		"b": 100_000, "a/x": 1, "a/empty": 0, "a.b": 70_000, "z/last": 3 * testPiece, "z/Thumbs.db": 9, "half.part": 9,
	})
	var last, total, calls int64
	m, err := Create(t.Context(), CreateParams{
		Path: root + string(filepath.Separator), PieceLength: testPiece, Private: true, Source: "S", Comment: "c", CreatedBy: "me",
		Created: time.Unix(77, 0), Trackers: [][]string{{"udp://a/", " udp://b/"}, {""}, {"udp://c/"}}, WebSeeds: []string{"http://w/"},
		Progress: func(done, all int64) {
			if done <= last {
				t.Errorf("progress went from %d to %d", last, done)
			}
			last, total = done, all
			calls++
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != total || total != m.Size || calls != int64(m.Pieces) {
		t.Errorf("progress ended at %d of %d after %d calls for %d pieces", last, total, calls, m.Pieces)
	}
	if fmt.Sprint(m.Trackers) != "[[udp://a/ udp://b/] [udp://c/]]" || m.WebSeeds[0] != "http://w/" || !m.Private ||
		m.Source != "S" || m.Comment != "c" || m.CreatedBy != "me" || m.Created.Unix() != 77 || m.Name != "shäre" {
		t.Errorf("got %+v", m)
	}
	var paths []string
	for _, f := range m.Files {
		paths = append(paths, f.Path)
	}
	if want := []string{"shäre/a/empty", "shäre/a/x", "shäre/a.b", "shäre/b", "shäre/z/last"}; !slices.Equal(paths, want) {
		t.Errorf("files %q", paths)
	}
	// The library hashes the same files by its own code.
	info, err := m.MetaInfo().UnmarshalInfo()
	if err != nil {
		t.Fatal(err)
	}
	ours := info.Pieces
	err = info.GeneratePieces(func(fi metainfo.FileInfo) (io.ReadCloser, error) {
		return os.Open(filepath.Join(append([]string{root}, fi.Path...)...))
	})
	if err != nil || !bytes.Equal(info.Pieces, ours) {
		t.Errorf("the library hashes otherwise: %v", err)
	}
}

func TestCreateIsDeterministic(t *testing.T) {
	root := tree(t, map[string]int{"a": 500_000, "b/c": 300_000})
	var before []byte
	for range 5 {
		m, err := Create(t.Context(), CreateParams{Path: root, PieceLength: testPiece})
		if err != nil {
			t.Fatal(err)
		}
		if before != nil && !bytes.Equal(before, m.Raw) {
			t.Fatal("the same files gave another torrent")
		}
		before = m.Raw
	}
}

func TestCreateOfOneFile(t *testing.T) {
	root := tree(t, map[string]int{"film.part": 40_000}) // asked for by name, so it is meant
	m, err := Create(t.Context(), CreateParams{Path: filepath.Join(root, "film.part")})
	if err != nil {
		t.Fatal(err)
	}
	if !m.Single || m.Name != "film.part" || m.PieceLength != minCreatePiece || m.Pieces != 3 || len(m.Trackers) != 0 {
		t.Errorf("got %+v", m)
	}
}

func TestCreateRefuses(t *testing.T) {
	root := tree(t, map[string]int{"a": 10, "empty/e": 0})
	for name, c := range map[string]struct {
		p    CreateParams
		want error
	}{
		"missing":      {CreateParams{Path: filepath.Join(root, "none")}, os.ErrNotExist},
		"empty":        {CreateParams{Path: filepath.Join(root, "empty")}, ErrNothing},
		"empty file":   {CreateParams{Path: filepath.Join(root, "empty", "e")}, ErrNothing},
		"odd length":   {CreateParams{Path: root, PieceLength: 20_000}, ErrPieceLength},
		"small pieces": {CreateParams{Path: root, PieceLength: 8 << 10}, ErrPieceLength},
		"large pieces": {CreateParams{Path: root, PieceLength: 32 << 20}, ErrPieceLength},
	} {
		if _, err := Create(t.Context(), c.p); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestCreateNoticesAChange(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"longer":  func(path string) error { return os.Truncate(path, 200_001) },
		"shorter": func(path string) error { return os.Truncate(path, 20_000) },
		"touched": func(path string) error { return os.Chtimes(path, time.Unix(1, 0), time.Unix(1, 0)) },
	} {
		root := tree(t, map[string]int{"a": 200_000, "b": 1})
		done := false
		_, err := Create(t.Context(), CreateParams{Path: root, PieceLength: testPiece, Progress: func(int64, int64) {
			if !done {
				done = true
				if err := change(filepath.Join(root, "a")); err != nil {
					t.Error(err)
				}
			}
		}})
		if !errors.Is(err, ErrChanged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCreateStops(t *testing.T) {
	root := tree(t, map[string]int{"a": 2_000_000})
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := Create(ctx, CreateParams{Path: root, PieceLength: testPiece, Progress: func(int64, int64) {
		calls++
		cancel()
	}})
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("%v after %d pieces", err, calls)
	}
}

func TestCreateReadsLinksAndRefusesDevices(t *testing.T) {
	root := tree(t, map[string]int{"a": 10})
	if err := os.Symlink("a", filepath.Join(root, "link")); err != nil {
		t.Skipf("this system makes no links here: %v", err)
	}
	m, err := Create(t.Context(), CreateParams{Path: root})
	if err != nil || len(m.Files) != 2 || m.Size != 20 {
		t.Errorf("got %+v, %v", m, err)
	}
	if err := os.Symlink("nowhere", filepath.Join(root, "broken")); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(t.Context(), CreateParams{Path: root}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("broken link: %v", err)
	}
}

func TestPieceLengthFor(t *testing.T) {
	for _, c := range []struct{ total, want int64 }{
		{1, 16 << 10}, {23 << 20, 16 << 10}, {100 << 20, 128 << 10}, {4 << 30, 4 << 20}, {1 << 50, 16 << 20},
	} {
		if got := pieceLengthFor(c.total); got != c.want {
			t.Errorf("%d bytes: %d, want %d", c.total, got, c.want)
		}
	}
}

func TestLeftovers(t *testing.T) {
	for _, name := range []string{".DS_Store", "THUMBS.DB", "x.part", "x.!ut", "._x"} {
		if !leftover(name) {
			t.Errorf("%s is shared", name)
		}
	}
	for _, name := range []string{"part", "a.partial", ".hidden", "x_.y"} {
		if leftover(name) {
			t.Errorf("%s is not shared", name)
		}
	}
}

// BenchmarkCreate hashes 256 MiB that are in the page cache.
func BenchmarkCreate(b *testing.B) {
	path := filepath.Join(b.TempDir(), "big")
	if err := os.WriteFile(path, make([]byte, 256<<20), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(256 << 20)
	for b.Loop() {
		if _, err := Create(b.Context(), CreateParams{Path: path}); err != nil {
			b.Fatal(err)
		}
	}
}
