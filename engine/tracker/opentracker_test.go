package tracker

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"swarmbid/engine/swarm"
)

// startOpentracker runs the tracker of Debian on loopback, for the torrents given: it
// is built to serve a whitelist. It returns the port of both protocols.
func startOpentracker(t *testing.T, torrents ...swarm.InfoHash) int {
	t.Helper()
	path, err := exec.LookPath("opentracker")
	if err != nil {
		t.Fatal("opentracker is not installed: apt-get install opentracker")
	}
	port := freePort(t)
	dir := t.TempDir()
	var list strings.Builder
	for _, ih := range torrents {
		fmt.Fprintln(&list, ih)
	}
	if err := os.WriteFile(filepath.Join(dir, "list"), []byte(list.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil { // it reads them as nobody
			t.Fatal(err)
		}
	}
	p := fmt.Sprint(port)
	cmd := exec.CommandContext(t.Context(), path, "-i", "127.0.0.1", "-p", p, "-P", p, "-d", dir, "-u", "nobody", "-w", "list")
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 1)
	go func() {
		var b strings.Builder
		for s := bufio.NewScanner(out); s.Scan(); {
			b.WriteString(s.Text())
		}
		said <- b.String()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		words := <-said
		_ = cmd.Wait()
		if t.Failed() {
			t.Log("opentracker:", words)
		}
	})
	eventually(t, func() bool {
		c, err := net.Dial("tcp4", net.JoinHostPort("127.0.0.1", p))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return port
}

// freePort finds a port that is free for TCP and UDP.
func freePort(t *testing.T) int {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		pc, err := net.ListenPacket("udp4", l.Addr().String())
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		if err == nil {
			pc.Close()
			return port
		}
	}
	t.Fatal("no port is free for both protocols")
	return 0
}

// TestOpentracker: two of us meet through a real tracker, over HTTP and UDP; it counts
// the seed, the leech and the completed download, and forgets who stopped.
func TestOpentracker(t *testing.T) {
	ih, other := hash(7), hash(8)
	port := startOpentracker(t, ih)
	for _, raw := range []string{
		fmt.Sprintf("udp://127.0.0.1:%d/announce", port),
		fmt.Sprintf("http://127.0.0.1:%d/announce", port),
	} {
		peers := make(chan netip.AddrPort, 10)
		mk := func(name byte, port uint16) Config {
			cfg := testConfig()
			cfg.PeerID = func() swarm.PeerID { return swarm.PeerID{'-', name} }
			cfg.Port = func() uint16 { return port }
			return cfg
		}
		seed, stopSeed := start(t, mk('s', 7001))
		if err := seed.Add(t.Context(), ih, [][]string{{raw}}, func() Totals { return Totals{Uploaded: 9} }); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool { return row(t, seed, ih, raw).Status == swarm.TrackerWorking })
		cfg := mk('l', 7002)
		cfg.OnPeers = func(_ swarm.InfoHash, p []netip.AddrPort, _ string) {
			for _, a := range p {
				peers <- a
			}
		}
		leech, stopLeech := start(t, cfg)
		var left atomic.Int64
		left.Store(1000)
		if err := leech.Add(t.Context(), ih, [][]string{{raw}}, func() Totals { return Totals{Left: left.Load()} }); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool {
			p := <-peers
			return p == netip.MustParseAddrPort("127.0.0.1:7001")
		})
		eventually(t, func() bool { return row(t, leech, ih, raw).Status == swarm.TrackerWorking })
		if r := row(t, leech, ih, raw); r.Seeds != 1 || r.Peers != 1 || r.NextAnnounce.IsZero() {
			t.Errorf("%s: row %+v", raw, r)
		}
		c := testClient(t, nil)
		scrape := func() answer {
			a, err := c.scrape(t.Context(), mustTarget(t, raw), ipv4, ih)
			if err != nil {
				t.Fatal(raw, err)
			}
			return a
		}
		before := scrape().downloads
		left.Store(0)
		if err := leech.Completed(t.Context(), ih); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool { return scrape().downloads == before+1 })
		if strings.HasPrefix(raw, "http:") {
			if err := leech.Add(t.Context(), other, [][]string{{raw}}, leeching); err != nil {
				t.Fatal(err)
			}
			eventually(t, func() bool { return row(t, leech, other, raw).Status == swarm.TrackerFailed })
			if r := row(t, leech, other, raw); !strings.Contains(r.Message, "not authorized") {
				t.Errorf("a torrent it does not serve: %+v", r)
			}
		}
		stopLeech()
		stopSeed()
		eventually(t, func() bool {
			a := scrape()
			return a.seeds == 0 && a.leeches == 0
		})
	}
}
