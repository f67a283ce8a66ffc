package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"

	"swarmbid/engine/swarm"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/mse"
	"github.com/anacrolix/torrent/storage"
	"golang.org/x/time/rate"
)

// anacrolix is the plain library in this process, without anything of ours.
type anacrolix struct {
	cl       *torrent.Client
	log      lockedBuffer
	down, up *rate.Limiter
	stores   []storage.ClientImplCloser
	mu       sync.Mutex // guards stores
}

// lockedBuffer is a log that may be read while it is written. It keeps the first
// MiB.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends p, or drops it when the buffer is full.
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.b.Len() < 1<<20 {
		b.b.Write(p)
	}
	return len(p), nil
}

// String is what was written.
func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// StartAnacrolix starts a client of the library in this process. It ends with
// Close only.
func StartAnacrolix(_ context.Context, o Options) (Client, error) {
	a := &anacrolix{down: rate.NewLimiter(rate.Inf, 1<<20), up: rate.NewLimiter(rate.Inf, 1<<20)}
	cfg := torrent.NewDefaultClientConfig()
	cfg.DataDir = o.Dir
	cfg.ListenPort = 0
	cfg.ListenHost = torrent.LoopbackListenHost
	cfg.NoDHT, cfg.NoDefaultPortForwarding, cfg.DisableWebtorrent = true, true, true
	cfg.DisablePEX, cfg.DisableIPv6 = !o.PEX, !o.IPv6
	cfg.DisableTCP, cfg.DisableUTP = o.Transport == UTP, o.Transport == TCP
	cfg.Seed = true
	cfg.DownloadRateLimiter, cfg.UploadRateLimiter = a.down, a.up
	cfg.Slogger = slog.New(slog.NewTextHandler(&a.log, nil))
	cfg.HeaderObfuscationPolicy = torrent.HeaderObfuscationPolicy{Preferred: o.Encryption != Off, RequirePreferred: o.Encryption != Prefer}
	if o.Encryption != Off {
		cfg.CryptoProvides = mse.CryptoMethodRC4
		cfg.CryptoSelector = func(mse.CryptoMethod) mse.CryptoMethod { return mse.CryptoMethodRC4 }
	}
	cl, err := torrent.NewClient(cfg)
	if err != nil {
		return nil, fmt.Errorf("anacrolix: %w", err)
	}
	a.cl = cl
	return a, a.SetLimits(context.Background(), o.Down, o.Up)
}

// Name is «anacrolix».
func (a *anacrolix) Name() string { return "anacrolix" }

// PID is this process.
func (a *anacrolix) PID() int { return os.Getpid() }

// Addr is where it accepts peers.
func (a *anacrolix) Addr() netip.AddrPort { return loopback(uint16(a.cl.LocalPort())) }

// Log is what the library wrote.
func (a *anacrolix) Log() string { return a.log.String() }

// Add adds a .torrent file.
func (a *anacrolix) Add(_ context.Context, file, saveDir string) error {
	mi, err := metainfo.LoadFromFile(file)
	if err != nil {
		return fmt.Errorf("anacrolix: %w", err)
	}
	return a.add(torrent.TorrentSpecFromMetaInfo(mi), saveDir)
}

// AddMagnet adds a magnet link.
func (a *anacrolix) AddMagnet(_ context.Context, link, saveDir string) error {
	spec, err := torrent.TorrentSpecFromMagnetUri(link)
	if err != nil {
		return fmt.Errorf("anacrolix: %w", err)
	}
	return a.add(spec, saveDir)
}

// add starts a torrent and has everything downloaded as soon as it is known what
// that is.
func (a *anacrolix) add(spec *torrent.TorrentSpec, saveDir string) error {
	store := storage.NewFileOpts(storage.NewFileClientOpts{
		ClientBaseDir: saveDir, PieceCompletion: storage.NewMapPieceCompletion(),
		DisableMmap: true, // v1.62 cannot map an empty file and stops the download
	})
	a.mu.Lock()
	a.stores = append(a.stores, store)
	a.mu.Unlock()
	spec.Storage = store
	t, _, err := a.cl.AddTorrentSpec(spec)
	if err != nil {
		return fmt.Errorf("anacrolix: %w", err)
	}
	go func() {
		select {
		case <-t.GotInfo():
			t.DownloadAll()
		case <-t.Closed():
		}
	}()
	return nil
}

func (a *anacrolix) torrent(ih swarm.InfoHash) (*torrent.Torrent, error) {
	t, ok := a.cl.Torrent(metainfo.Hash(ih))
	if !ok {
		return nil, fmt.Errorf("anacrolix: %w", ErrUnknownTorrent)
	}
	return t, nil
}

// AddPeer connects to a peer.
func (a *anacrolix) AddPeer(_ context.Context, ih swarm.InfoHash, peer netip.AddrPort) error {
	t, err := a.torrent(ih)
	if err != nil {
		return err
	}
	t.AddPeers([]torrent.PeerInfo{{Addr: torrent.StringAddr(peer.String()), Trusted: true}})
	return nil
}

// Progress reports the torrent.
func (a *anacrolix) Progress(_ context.Context, ih swarm.InfoHash) (Progress, error) {
	t, err := a.torrent(ih)
	if err != nil {
		return Progress{}, err
	}
	if t.Info() == nil {
		return Progress{State: "metadata"}, nil
	}
	st := t.Stats()
	return Progress{
		Size: t.Length(), Done: t.BytesCompleted(), Complete: t.Complete().Bool(),
		Downloaded: st.BytesReadUsefulData.Int64(), Uploaded: st.BytesWrittenData.Int64(),
	}, nil
}

// Peers reports the connections of ih. The library does not tell who chokes whom
// and what is encrypted.
func (a *anacrolix) Peers(_ context.Context, ih swarm.InfoHash) ([]Peer, error) {
	t, err := a.torrent(ih)
	if err != nil {
		return nil, err
	}
	var out []Peer
	for _, c := range t.PeerConns() {
		st := c.Stats()
		p := Peer{UTP: !strings.HasPrefix(c.Network, "tcp"), Down: int64(st.DownloadRate), Up: int64(st.LastWriteUploadRate)}
		if n, ok := c.PeerClientName.Load().(string); ok {
			p.Client = n
		}
		if a, err := netip.ParseAddrPort(c.RemoteAddr.String()); err == nil {
			p.Addr = a
		}
		out = append(out, p)
	}
	return out, nil
}

// SetLimits sets the client's limits.
func (a *anacrolix) SetLimits(_ context.Context, down, up int64) error {
	for l, n := range map[*rate.Limiter]int64{a.down: down, a.up: up} {
		l.SetLimit(rate.Inf)
		if n > 0 {
			l.SetLimit(rate.Limit(n))
		}
	}
	return nil
}

// Close ends the client.
func (a *anacrolix) Close() error {
	errs := a.cl.Close()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.stores {
		if err := s.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	a.stores = nil
	return errors.Join(errs...)
}
