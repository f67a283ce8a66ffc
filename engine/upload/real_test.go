package upload

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	utp "github.com/anacrolix/go-utp"
	"github.com/anacrolix/torrent"

	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

func peerAt(addr string) []torrent.PeerInfo {
	return []torrent.PeerInfo{{Addr: torrent.StringAddr(addr), Trusted: true}}
}

// utpDialer makes a Dialer of a uTP socket.
type utpDialer struct{ utp.Socket }

func (utpDialer) DialerNetwork() string { return "udp4" }

func (d utpDialer) Dial(ctx context.Context, addr string) (net.Conn, error) {
	return d.DialContext(ctx, "udp4", addr)
}

// overUTP gives the house a uTP socket too.
func (h *house) overUTP(tb testing.TB) (addr string) {
	tb.Helper()
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	pc.(*net.UDPConn).SetReadBuffer(4 << 20) // a burst that overflows it stalls the stream
	s, err := utp.NewSocketFromPacketConn(pc)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	h.client.AddListener(h.links.Listener(s))
	h.client.AddDialer(h.links.Dialer(utpDialer{s}))
	return s.Addr().String()
}

// TestRealClientsThroughChokes copies a torrent while the leecher is choked and
// unchoked again and again: over TCP and uTP, in each degree of encryption, with
// and without the fast extension. It stays connected and nothing is asked twice
// without need.
func TestRealClientsThroughChokes(t *testing.T) {
	for name, c := range map[string]struct {
		policy link.Policy
		utp    bool
		slow   bool // without the fast extension
	}{
		"tcp plain":         {policy: link.Off},
		"tcp header":        {policy: link.Prefer},
		"tcp rc4":           {policy: link.Require},
		"tcp plain no fast": {policy: link.Off, slow: true},
		"utp header":        {policy: link.Prefer, utp: true},
		"utp rc4 no fast":   {policy: link.Require, utp: true, slow: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			mi := payload(t, dir, 4<<20+12345, 256<<10)
			var drops atomic.Int64
			lc := link.Config{Encryption: c.policy, OnDrop: func(d link.Drop) { t.Log(d.Reason); drops.Add(1) }}
			seed := newHouse(t, dir, lc, Config{Limit: 16 << 20})
			seed.add(t, mi)
			addr := seed.addr
			leech := newHouse(t, t.TempDir(), lc, Config{}, func(cfg *torrent.ClientConfig) {
				if c.slow {
					cfg.Extensions.SetBit(2, false) // BEP 6
				}
			})
			if c.utp {
				addr = seed.overUTP(t)
				leech.overUTP(t)
			}
			lt := leech.add(t, mi)
			lt.DownloadAll()
			lt.AddPeers(peerAt(addr))
			until(t, "connected", func() bool { return len(seed.links.All()) == 1 })
			l := seed.links.All()[0]
			for range 6 {
				seed.serveAll()
				got := l.Stats().PayloadOut
				until(t, "some blocks", func() bool { return l.Stats().PayloadOut > got+64<<10 || lt.BytesMissing() == 0 })
				seed.up.Apply(nil)
				until(t, "choked", func() bool { return !l.Stats().Unchoked })
			}
			seed.serveAll()
			until(t, "complete", func() bool { return lt.BytesMissing() == 0 })
			s := l.Stats()
			if all := seed.links.All(); len(all) != 1 || all[0] != l || drops.Load() != 0 {
				t.Errorf("%d links, %d drops", len(all), drops.Load())
			}
			if s.Chokes < 3 || l.Fast() == c.slow || (c.slow && s.Rejects > 0) {
				t.Errorf("%+v", s)
			}
			if extra := s.PayloadOut - lt.Length(); extra < 0 || extra > 1<<20 {
				t.Errorf("%d bytes sent twice", extra)
			}
		})
	}
}

// TestRealDownloadLimit is the limit on loopback, with a library that reads.
func TestRealDownloadLimit(t *testing.T) {
	const limit = 3 << 20
	dir := t.TempDir()
	mi := payload(t, dir, 32<<20, 1<<20)
	leech := newHouse(t, t.TempDir(), link.Config{}, Config{})
	leech.links.SetDownLimit(limit)
	lt := leech.add(t, mi)
	lt.DownloadAll()
	for range 3 {
		seed := newHouse(t, dir, link.Config{}, Config{})
		seed.add(t, mi)
		lt.AddPeers(peerAt(seed.addr))
		until(t, "connected", func() bool { return len(seed.links.All()) == 1 })
		seed.serveAll()
	}
	payload := func() (n int64) {
		for _, l := range leech.links.All() {
			n += l.Stats().PayloadIn
		}
		return n
	}
	until(t, "three connections that carry payload", func() bool {
		for _, l := range leech.links.All() {
			if l.Stats().PayloadIn == 0 {
				return false
			}
		}
		return len(leech.links.All()) == 3
	})
	start, before := time.Now(), payload()
	<-time.After(2 * time.Second)
	// Below the limit there is room for a busy machine; link has the exact test.
	if part := float64(payload()-before) / (limit * time.Since(start).Seconds()); part < 0.4 || part > 1.03 {
		t.Errorf("%.1f %% of the limit", 100*part)
	}
	leech.links.SetTorrentDownLimit(swarm.InfoHash(mi.HashInfoBytes()), 512<<10)
	leech.links.SetDownLimit(0)
	start, before = time.Now(), payload()
	<-time.After(time.Second)
	// A read of each connection more or less.
	if part := float64(payload()-before) / (512 << 10 * time.Since(start).Seconds()); part < 0.4 || part > 1.2 {
		t.Errorf("%.1f %% of the torrent's limit", 100*part)
	}
	leech.links.SetTorrentDownLimit(swarm.InfoHash(mi.HashInfoBytes()), 0)
	until(t, "complete", func() bool { return lt.BytesMissing() == 0 })
}
