package tracker

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"swarmbid/engine/swarm"
)

// serveUDP answers datagrams on a loopback socket with as many as h returns.
func serveUDP(t *testing.T, network, addr string, h func(b []byte) [][]byte) string {
	t.Helper()
	pc, err := net.ListenPacket(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			for _, out := range h(buf[:n]) {
				pc.WriteTo(out, from)
			}
		}
	})
	t.Cleanup(func() { pc.Close(); served.Wait() })
	return "udp://" + pc.LocalAddr().String()
}

func one(b []byte) [][]byte {
	if b == nil {
		return nil
	}
	return [][]byte{b}
}

// TestUDP holds the packets of both families on real sockets, and that a connection id
// is used again within its minute.
func TestUDP(t *testing.T) {
	for network, tt := range map[string]struct {
		addr, peer, want string
		fam              family
	}{
		"udp4": {"127.0.0.1:0", "\x01\x02\x03\x04\x1a\xe1", "1.2.3.4:6881", ipv4},
		"udp6": {"[::1]:0", "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x1a\xe1", "[2001:db8::1]:6881", ipv6},
	} {
		f := &fake{answer: func(hit) reply { return reply{interval: 600, seeds: 1, leeches: 2, peers: tt.peer} }}
		base := serveUDP(t, network, tt.addr, func(b []byte) [][]byte { return one(f.packet(b, network)) })
		c := testClient(t, nil)
		path := "/announce?" + strings.Repeat("k", 300)
		to := mustTarget(t, base+path)
		r := testRequest()
		for range 2 {
			a, err := c.announce(t.Context(), to, tt.fam, r)
			if err != nil || a.interval != 10*time.Minute || a.seeds != 1 || a.leeches != 2 || len(a.peers) != 1 || a.peers[0].String() != tt.want {
				t.Fatalf("%s: %+v, %v", network, a, err)
			}
		}
		if a, err := c.scrape(t.Context(), to, tt.fam, r.infoHash); err != nil || a.downloads != 77 {
			t.Errorf("%s: scrape %+v, %v", network, a, err)
		}
		h := f.all()[0]
		if h.ih != r.infoHash || h.peerID != r.peerID || h.up != 1 || h.down != 2 || h.left != 3 || h.event != "started" ||
			h.key != 0xab || h.want != 50 || h.port != 6881 || h.uri != path {
			t.Errorf("%s: %+v", network, h)
		}
		if f.connect != 1 {
			t.Errorf("%s: %d connection ids for three requests within a minute", network, f.connect)
		}
		if _, err := c.announce(t.Context(), mustTarget(t, base), tt.fam, r); err != nil || f.all()[3].uri != "" {
			t.Errorf("%s: a URL without path sends %q, %v", network, f.all()[3].uri, err)
		}
	}
}

// TestUDPMisbehaviour is the table of trackers that a client lives through.
func TestUDPMisbehaviour(t *testing.T) {
	swap := func(b []byte) []byte { // wrong transaction id
		b[4] ^= 1
		return b
	}
	act := func(b []byte) action { return action(binary.BigEndian.Uint32(b[8:])) }
	tests := map[string]struct {
		h    func(f *fake, b []byte) [][]byte
		want string // part of the error; "" = success
	}{
		"stray packets first": {func(f *fake, b []byte) [][]byte {
			return [][]byte{swap(f.packet(b, "")), nil, []byte("x"), f.packet(b, "")}
		}, ""},
		"answers thrice": {func(f *fake, b []byte) [][]byte {
			out := f.packet(b, "")
			return [][]byte{out, out, out}
		}, ""},
		"wrong transaction id": {func(f *fake, b []byte) [][]byte { return one(swap(f.packet(b, ""))) }, errSilent.Error()},
		"flood of strays": {func(f *fake, b []byte) [][]byte {
			var out [][]byte
			for range 2 * maxStray {
				out = append(out, swap(f.packet(b, "")))
			}
			return out
		}, "packets that answer nothing"},
		"wrong action": {func(f *fake, b []byte) [][]byte {
			out := f.packet(b, "")
			if act(b) == actionAnnounce {
				out[3] = byte(actionScrape)
			}
			return one(out)
		}, errSilent.Error()},
		"short connect": {func(f *fake, b []byte) [][]byte { return one(f.packet(b, "")[:12]) }, "short connect"},
		"short announce": {func(f *fake, b []byte) [][]byte {
			return one(f.packet(b, "")[:16])
		}, "announce of 8 bytes"},
		"silent": {func(*fake, []byte) [][]byte { return nil }, errSilent.Error()},
		"error": {func(f *fake, b []byte) [][]byte {
			return one(append(append([]byte{0, 0, 0, 3}, b[12:16]...), "go\x00 away"...))
		}, "go away"},
		"mute error": {func(f *fake, b []byte) [][]byte { return one(append([]byte{0, 0, 0, 3}, b[12:16]...)) }, "refused without a reason"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := &fake{answer: func(hit) reply { return reply{peers: "\x01\x02\x03\x04\x1a\xe1"} }}
			to := mustTarget(t, serveUDP(t, "udp4", "127.0.0.1:0", func(b []byte) [][]byte { return tt.h(f, b) }))
			limit := 10 * time.Second
			if tt.want == errSilent.Error() {
				limit = 100 * time.Millisecond
			}
			ctx, cancel := context.WithTimeoutCause(t.Context(), limit, errSilent)
			defer cancel()
			a, err := testClient(t, nil).announce(ctx, to, ipv4, testRequest())
			if tt.want == "" && (err != nil || len(a.peers) != 1) {
				t.Errorf("%+v, %v", a, err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// TestUDPForgottenID: a tracker that restarted refuses the old id; it is asked again
// with a new one at once.
func TestUDPForgottenID(t *testing.T) {
	f := &fake{}
	to := mustTarget(t, serveUDP(t, "udp4", "127.0.0.1:0", func(b []byte) [][]byte { return one(f.packet(b, "")) }))
	c := testClient(t, nil)
	for i := range 2 {
		if _, err := c.announce(t.Context(), to, ipv4, testRequest()); err != nil {
			t.Fatal(i, err)
		}
		f.mu.Lock()
		f.ids = nil
		f.mu.Unlock()
	}
	if f.connect != 2 {
		t.Errorf("%d connection ids, want 2", f.connect)
	}
}

func TestUDPRefusedPort(t *testing.T) {
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	to := mustTarget(t, "udp://"+pc.LocalAddr().String())
	pc.Close()
	begin := time.Now()
	_, err = testClient(t, nil).announce(t.Context(), to, ipv4, testRequest())
	if err == nil || !strings.Contains(err.Error(), "refused") || time.Since(begin) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
}

func TestUDPCancel(t *testing.T) {
	asked := make(chan struct{}, 1)
	to := mustTarget(t, serveUDP(t, "udp4", "127.0.0.1:0", func([]byte) [][]byte { asked <- struct{}{}; return nil }))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	c := testClient(t, nil)
	go func() {
		_, err := c.announce(ctx, to, ipv4, testRequest())
		done <- err
	}()
	<-asked
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestUDPResend holds the times of BEP 15 on a virtual clock: 0, 15, 45, 105 s …, and
// a new connection id where the old one ran out meanwhile.
func TestUDPResend(t *testing.T) {
	var w world
	var mu sync.Mutex
	var at []time.Duration
	var kinds []string
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		f := w.add("t.example", &fake{}, "192.0.2.1")
		f.answer = func(h hit) reply {
			mu.Lock()
			defer mu.Unlock()
			at, kinds = append(at, time.Since(begin)), append(kinds, h.event)
			return reply{silent: h.event != "connect" && len(at) < 6}
		}
		cfg := testConfig().withDefaults()
		cfg.Dial, cfg.Lookup = w.dial, w.lookup
		c := newClient(&cfg)
		defer c.close()
		if _, err := c.announce(t.Context(), mustTarget(t, "udp://t.example:80"), ipv4, testRequest()); err != nil {
			t.Fatal(err)
		}
	})
	want := []struct {
		secs int
		kind string
	}{{0, "connect"}, {0, "started"}, {15, "started"}, {45, "started"}, {105, "connect"}, {105, "started"}}
	for i, x := range want {
		if i >= len(at) || at[i] != time.Duration(x.secs)*time.Second || kinds[i] != x.kind {
			t.Fatalf("packets at %v of kinds %v, want %v", at, kinds, want)
		}
	}
}

// TestUDPConnectionLife: after a minute a new id is asked for, and idle sockets go.
func TestUDPConnectionLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w world
		f := w.add("t.example", &fake{}, "192.0.2.1")
		cfg := testConfig().withDefaults()
		cfg.Dial, cfg.Lookup = w.dial, w.lookup
		c := newClient(&cfg)
		defer c.close()
		to := mustTarget(t, "udp://t.example:80")
		for i, want := range []int{1, 1, 2} {
			if _, err := c.announce(t.Context(), to, ipv4, testRequest()); err != nil {
				t.Fatal(err)
			}
			if f.connect != want || len(c.udp.idle) != 1 {
				t.Errorf("request %d: %d ids, %d sockets", i, f.connect, len(c.udp.idle))
			}
			<-time.After(connectionLife/2 + time.Second)
		}
		for i := range maxIdle + 10 {
			c.udp.give(&session{conn: nopConn{}, issued: time.Now(), id: uint64(i)})
		}
		if n := len(c.udp.idle); n != maxIdle {
			t.Errorf("%d idle sockets, want %d", n, maxIdle)
		}
	})
}

type nopConn struct{ net.Conn }

func (nopConn) Close() error { return nil }

// TestUDPManyStops: a thousand torrents are announced and told stopped on real sockets
// well within the time that the end of the program has.
func TestUDPManyStops(t *testing.T) {
	const torrents = 1000
	f := &fake{}
	raw := serveUDP(t, "udp4", "127.0.0.1:0", func(b []byte) [][]byte { return one(f.packet(b, "")) })
	cfg := testConfig()
	cfg.StartRate = 1_000_000
	a, stop := start(t, cfg)
	for i := range torrents {
		mustAdd(t, a, hash(i), []string{raw})
	}
	eventually(t, func() bool { return len(f.all()) == torrents })
	begin := time.Now()
	stop()
	t.Logf("%d torrents told stopped in %v with %d connection ids", torrents, time.Since(begin), f.connect)
	heard := make(map[swarm.InfoHash]string)
	for _, h := range f.all() {
		heard[h.ih] += h.event + " "
	}
	for i := range torrents {
		if e := heard[hash(i)]; e != "started stopped " {
			t.Fatalf("torrent %d: %s", i, e)
		}
	}
}
