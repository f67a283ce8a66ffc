package upload

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"

	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

// house is one library client behind links and an upload, as the engine joins
// them.
type house struct {
	client *torrent.Client
	links  *link.Links
	up     *Upload
	addr   string
}

// tcp is the dialer of the loopback.
type tcp struct{}

func (tcp) DialerNetwork() string { return "tcp4" }

func (tcp) Dial(ctx context.Context, addr string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp4", addr)
}

func baseConfig(dir string) *torrent.ClientConfig {
	cfg := torrent.NewDefaultClientConfig()
	cfg.DisableTCP, cfg.DisableUTP, cfg.NoDHT = true, true, true
	cfg.DisablePEX, cfg.DisableTrackers, cfg.DisableWebtorrent = true, true, true
	cfg.NoDefaultPortForwarding = true
	cfg.Seed = true
	cfg.HeaderObfuscationPolicy = torrent.HeaderObfuscationPolicy{RequirePreferred: true}
	cfg.Slogger = slog.New(slog.DiscardHandler)
	cfg.DefaultStorage = storage.NewFileOpts(storage.NewFileClientOpts{
		ClientBaseDir:   dir,
		PieceCompletion: storage.NewMapPieceCompletion(),
		Logger:          cfg.Slogger,
	})
	return cfg
}

// newHouse starts a client over files in dir.
func newHouse(tb testing.TB, dir string, lc link.Config, uc Config, more ...func(*torrent.ClientConfig)) *house {
	tb.Helper()
	cfg := baseConfig(dir)
	for _, f := range more {
		f(cfg)
	}
	client, err := torrent.NewClient(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	h := &house{client: client}
	known := shapes{}
	if lc.Shape == nil {
		lc.Shape = func(ih swarm.InfoHash) (link.Shape, bool) { return known.of(client, ih) }
	}
	lc.InfoHashes = func(yield func(swarm.InfoHash) bool) {
		for _, t := range client.Torrents() {
			if !yield(swarm.InfoHash(t.InfoHash())) {
				return
			}
		}
	}
	h.links = link.New(lc)
	h.up = New(uc, h.links)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	h.addr = l.Addr().String()
	client.AddListener(h.links.Listener(l))
	client.AddDialer(h.links.Dialer(tcp{}))
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { h.up.Run(ctx) })
	tb.Cleanup(func() {
		client.Close()
		l.Close()
		h.links.Close()
		cancel()
		wg.Wait()
	})
	return h
}

// shapes asks the library once for each torrent, as the engine does.
type shapes struct{ m sync.Map }

func (s *shapes) of(c *torrent.Client, ih swarm.InfoHash) (link.Shape, bool) {
	if v, ok := s.m.Load(ih); ok {
		return v.(link.Shape), true
	}
	t, ok := c.Torrent(metainfo.Hash(ih))
	if !ok || t.Info() == nil {
		return link.Shape{}, false
	}
	info := t.Info()
	shape := link.Shape{
		Pieces:      info.NumPieces(),
		PieceLength: func(i uint32) uint32 { return uint32(info.Piece(int(i)).Length()) },
		PieceSize:   uint32(info.PieceLength),
	}
	s.m.Store(ih, shape)
	return shape, true
}

// payload writes size random bytes and returns their metainfo.
func payload(tb testing.TB, dir string, size, pieceLength int64) *metainfo.MetaInfo {
	tb.Helper()
	file := filepath.Join(dir, "payload.bin")
	data := make([]byte, size)
	rand.Read(data)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	info := metainfo.Info{PieceLength: pieceLength}
	if err := info.BuildFromFilePath(file); err != nil {
		tb.Fatal(err)
	}
	b, err := bencode.Marshal(info)
	if err != nil {
		tb.Fatal(err)
	}
	return &metainfo.MetaInfo{InfoBytes: b}
}

// add adds mi and waits until what is on disk is verified.
func (h *house) add(tb testing.TB, mi *metainfo.MetaInfo) *torrent.Torrent {
	tb.Helper()
	t, err := h.client.AddTorrent(mi)
	if err != nil {
		tb.Fatal(err)
	}
	if err := t.VerifyDataContext(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return t
}

// until polls ok, since the library has no event for what tests wait for.
func until(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	late := time.After(20 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			tb.Fatalf("timeout: %s", what)
		}
	}
}

// serveAll grants every link the same.
func (h *house) serveAll() {
	var g []Grant
	for _, l := range h.links.All() {
		g = append(g, Grant{Key: l.Key(), Rate: 1, Slot: swarm.Regular})
	}
	h.up.Apply(g)
}
