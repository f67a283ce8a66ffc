package metafile

import (
	"context"
	"testing"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"
)

// nowhere is storage that keeps nothing, so that adding a torrent touches no disk.
type nowhere struct{}

func (nowhere) OpenTorrent(context.Context, *metainfo.Info, metainfo.Hash) (storage.TorrentImpl, error) {
	return storage.TorrentImpl{
		Piece: func(metainfo.Piece) storage.PieceImpl { return nowhere{} },
		Close: func() error { return nil },
	}, nil
}
func (nowhere) ReadAt(p []byte, _ int64) (int, error)  { clear(p); return len(p), nil }
func (nowhere) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }
func (nowhere) MarkComplete() error                    { return nil }
func (nowhere) MarkNotComplete() error                 { return nil }
func (nowhere) Completion() storage.Completion         { return storage.Completion{Ok: true} }

// newClient returns the engine's library without any network.
func newClient(t *testing.T) *torrent.Client {
	t.Helper()
	cfg := torrent.NewDefaultClientConfig()
	cfg.DataDir = t.TempDir()
	cfg.DefaultStorage = nowhere{}
	cfg.DisableTCP, cfg.DisableUTP, cfg.NoDHT, cfg.NoDefaultPortForwarding = true, true, true, true
	cfg.DisableTrackers, cfg.DisableWebseeds, cfg.DisableWebtorrent, cfg.DisablePEX = true, true, true, true
	cl, err := torrent.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !t.Failed() { // a panic inside the library leaves its lock held
			cl.Close()
		}
	})
	return cl
}

// addToClient hands m to the library as the engine does.
func addToClient(t *testing.T, cl *torrent.Client, m *Metafile) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("the library panics: %v", r)
		}
	}()
	spec, err := torrent.TorrentSpecFromMetaInfoErr(m.MetaInfo())
	if err != nil {
		t.Fatalf("spec: %v", err)
	}
	tor, _, err := cl.AddTorrentSpec(spec)
	if err != nil {
		t.Fatalf("add: %v", err)
	}
	if n := tor.NumPieces(); n != m.Pieces || len(tor.Files()) != len(m.Files) {
		t.Errorf("the library has %d pieces and %d files, here %d and %d", n, len(tor.Files()), m.Pieces, len(m.Files))
	}
	for i, f := range tor.Files() {
		if f.Length() != m.Files[i].Size || f.Offset() != m.Files[i].Offset {
			t.Errorf("file %d: the library has %d bytes at %d, here %+v", i, f.Length(), f.Offset(), m.Files[i])
		}
	}
	tor.Drop()
}

func TestTheLibraryTakesWhatParseTakes(t *testing.T) {
	info, layers := v2("temp", map[string]int{"0": 0, "a": 3 * testPiece, "b/c": testPiece, "b/d": 1})
	one, oneLayers := v2("temp", map[string]int{"temp": 5})
	for name, b := range map[string][]byte{
		"single":        torrentBytes(t, single(nil), dict{"announce": "udp://a/"}),
		"tiny pieces":   torrentBytes(t, single(dict{"piece length": 1, "length": 3, "pieces": hashes(3)}), nil),
		"multi":         torrentBytes(t, multi(file(5, "..", "a"), file(0, "e"), file(5, "a"), dict{"length": 7, "attr": "p"}), nil),
		"v2":            torrentBytes(t, info, dict{"piece layers": layers}),
		"v2, no layers": torrentBytes(t, info, nil),
		"v2 single":     torrentBytes(t, one, dict{"piece layers": oneLayers}),
		"hybrid":        torrentBytes(t, edit(single(dict{"length": 5}), one), dict{"piece layers": oneLayers}),
	} {
		t.Run(name, func(t *testing.T) {
			m, err := ParseWith(b, Posix)
			if err != nil {
				t.Fatal(err)
			}
			addToClient(t, newClient(t), m)
		})
	}
}
