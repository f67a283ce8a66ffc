package lsd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	v6 "golang.org/x/net/ipv6"

	"swarmbid/engine/swarm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func hash(i int) swarm.InfoHash { return swarm.InfoHash{byte(i >> 8), byte(i), 0xab} }

func TestMessage(t *testing.T) {
	m := message{port: 6881, cookie: "c00kie", hashes: []swarm.InfoHash{hash(1), hash(2)}}
	const want = "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n" +
		"Infohash: 0001AB0000000000000000000000000000000000\r\nInfohash: 0002AB0000000000000000000000000000000000\r\n" +
		"cookie: c00kie\r\n\r\n\r\n"
	if got := string(m.encode(ipv4.host())); got != want {
		t.Errorf("packet %q", got)
	}
	got, ok := parse([]byte(want))
	if !ok || fmt.Sprint(got) != fmt.Sprint(m) {
		t.Errorf("parsed %+v, %v", got, ok)
	}
	for i := range 2 * maxHashes {
		m.hashes = append(m.hashes, hash(i))
	}
	m.cookie = strings.Repeat("c", 16)
	m.port = 65535
	for f := range families {
		b := m.encode(f.host())
		if got, ok := parse(b); !ok || len(got.hashes) != maxHashes || len(b) > maxPacket {
			t.Errorf("%d bytes with %d infohashes, %v", len(b), len(got.hashes), ok)
		}
	}
}

func TestParse(t *testing.T) {
	const ih = "0001ab0000000000000000000000000000000000"
	for name, tt := range map[string]struct {
		in string
		n  int // infohashes; -1 = refused
	}{
		"bare line feeds":    {"BT-SEARCH * HTTP/1.1\nport:1\ninfohash:" + ih + "\n", 1},
		"any case":           {"BT-SEARCH * HTTP/1.1\r\nPORT: 1\r\nINFOHASH: " + strings.ToUpper(ih) + "\r\n", 1},
		"one bad of two":     {"BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: zz\r\nInfohash: " + ih + "\r\n", 1},
		"many":               {"BT-SEARCH * HTTP/1.1\r\nPort: 1\r\n" + strings.Repeat("a:"+ih+"\n", 0) + strings.Repeat("Infohash: "+ih+"\r\n", 25), maxHashes},
		"only a bad one":     {"BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: zz\r\n", -1},
		"no infohash":        {"BT-SEARCH * HTTP/1.1\r\nPort: 1\r\n\r\n", -1},
		"no port":            {"BT-SEARCH * HTTP/1.1\r\nInfohash: " + ih + "\r\n", -1},
		"port 0":             {"BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: " + ih + "\r\n", -1},
		"port too high":      {"BT-SEARCH * HTTP/1.1\r\nPort: 65536\r\nInfohash: " + ih + "\r\n", -1},
		"other method":       {"NOTIFY * HTTP/1.1\r\nPort: 1\r\nInfohash: " + ih + "\r\n", -1},
		"empty":              {"", -1},
		"longer than it may": {"BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: " + ih + "\r\n" + strings.Repeat("x", maxPacket), -1},
	} {
		m, ok := parse([]byte(tt.in))
		if ok != (tt.n >= 0) || ok && len(m.hashes) != tt.n {
			t.Errorf("%s: %+v, %v", name, m, ok)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: 0001AB0000000000000000000000000000000000\r\ncookie: x\r\n\r\n\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		m, ok := parse(in)
		if ok && (m.port == 0 || len(m.hashes) == 0 || len(m.hashes) > maxHashes) {
			t.Fatalf("%+v", m)
		}
	})
}

// ether is a fake network of media.
type ether struct {
	mu     sync.Mutex
	sent   map[family][]sending
	taps   map[family]chan string // packets to be received
	down   map[family]error       // of open
	broken map[family]error       // of send
	opens  map[family]int
}

type sending struct {
	at time.Time
	message
}

type fakeMedium struct {
	e    *ether
	f    family
	in   chan string
	done chan struct{}
}

func newEther() *ether {
	return &ether{
		sent: map[family][]sending{}, taps: map[family]chan string{},
		down: map[family]error{}, broken: map[family]error{}, opens: map[family]int{},
	}
}

func (e *ether) open(_ context.Context, f family) (medium, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.opens[f]++
	if err := e.down[f]; err != nil {
		return nil, err
	}
	m := &fakeMedium{e, f, make(chan string), make(chan struct{})}
	e.taps[f] = m.in
	return m, nil
}

func (m *fakeMedium) receive(buf []byte) (int, netip.AddrPort, error) {
	select {
	case s := <-m.in:
		from, packet, _ := strings.Cut(s, "|")
		return copy(buf, packet), netip.MustParseAddrPort(from), nil
	case <-m.done:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

func (m *fakeMedium) send(packet []byte) error {
	m.e.mu.Lock()
	defer m.e.mu.Unlock()
	if err := m.e.broken[m.f]; err != nil {
		return err
	}
	msg, ok := parse(packet)
	if !ok {
		return fmt.Errorf("bad packet %q", packet)
	}
	m.e.sent[m.f] = append(m.e.sent[m.f], sending{time.Now(), msg})
	return nil
}

func (m *fakeMedium) join()  {}
func (m *fakeMedium) close() { close(m.done) }

func (e *ether) all(f family) []sending {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]sending(nil), e.sent[f]...)
}

func (e *ether) set(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f()
}

// ears collect what OnPeer is called with.
type ears struct {
	mu  sync.Mutex
	got []string
}

func (h *ears) on(ih swarm.InfoHash, p netip.AddrPort) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, fmt.Sprintf("%x %s", ih[:2], p))
}

func (h *ears) all() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.got, ",")
}

// bubble runs f with a running Discovery on a virtual clock.
func bubble(t *testing.T, e *ether, cfg Config, f func(d *Discovery)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if cfg.Port == nil {
			cfg.Port = func() uint16 { return 6881 }
		}
		if cfg.OnPeer == nil {
			cfg.OnPeer = func(swarm.InfoHash, netip.AddrPort) {}
		}
		cfg.open = e.open
		d, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		synctest.Wait()
		f(d)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// TestAnnouncesAsBEP14Asks: each torrent once in five minutes, many to a packet, a
// packet a second at most, on both families alike.
func TestAnnouncesAsBEP14Asks(t *testing.T) {
	const torrents = 3*maxHashes + 1
	e := newEther()
	bubble(t, e, Config{}, func(d *Discovery) {
		for i := range torrents {
			d.Add(hash(i))
			d.Add(hash(i))
		}
		after(31 * time.Minute)
	})
	for f := range families {
		last := make(map[swarm.InfoHash]time.Time)
		count := make(map[swarm.InfoHash]int)
		var before time.Time
		for _, s := range e.all(f) {
			if s.port != 6881 || s.at.Sub(before) < gap {
				t.Errorf("packet %+v after %v", s.message, s.at.Sub(before))
			}
			before = s.at
			for _, ih := range s.hashes {
				if d := s.at.Sub(last[ih]); count[ih] > 0 && (d < interval || d > interval+5*time.Second) {
					t.Errorf("family %d: %s again after %v", f, ih, d)
				}
				last[ih] = s.at
				count[ih]++
			}
		}
		for i := range torrents {
			if n := count[hash(i)]; n != 7 {
				t.Errorf("family %d: torrent %d announced %d times in 31 minutes, want 7", f, i, n)
			}
		}
	}
}

func TestAddAndRemove(t *testing.T) {
	e := newEther()
	port := uint16(0)
	var mu sync.Mutex
	cfg := Config{NoIPv6: true, Port: func() uint16 { mu.Lock(); defer mu.Unlock(); return port }}
	bubble(t, e, cfg, func(d *Discovery) {
		d.Add(hash(1))
		after(time.Minute)
		if n := len(e.all(ipv4)); n != 0 {
			t.Errorf("%d packets without a port", n)
		}
		mu.Lock()
		port = 7000
		mu.Unlock()
		after(2 * time.Second)
		d.Remove(hash(1))
		d.Add(hash(2))
		d.Add(hash(3))
		d.Remove(hash(3))
		d.Add(hash(1)) // begins anew, once
		after(gap)
		got := e.all(ipv4)
		if len(got) != 2 || len(got[0].hashes) != 1 || got[0].port != 7000 || len(got[1].hashes) != 2 {
			t.Errorf("packets %+v", got)
		}
		after(interval + gap)
		if got := e.all(ipv4)[2:]; len(got) != 1 || len(got[0].hashes) != 2 {
			t.Errorf("five minutes later: %+v, want each once", got)
		}
		d.Remove(hash(1))
		d.Remove(hash(2))
		after(time.Hour)
		if n := len(e.all(ipv4)); n != 3 {
			t.Errorf("%d packets after the last torrent went", n)
		}
		if n := len(e.all(ipv6)) + e.opens[ipv6]; n != 0 {
			t.Error("a family that is off was used")
		}
	})
}

// TestHears: peers of our torrents only, never ourselves, from our network only.
func TestHears(t *testing.T) {
	e := newEther()
	var h ears
	bubble(t, e, Config{OnPeer: h.on}, func(d *Discovery) {
		d.Add(hash(1))
		d.Add(hash(2))
		after(gap)
		say := func(f family, from string, m message) { e.taps[f] <- from + "|" + string(m.encode(f.host())) }
		all := []swarm.InfoHash{hash(1), hash(9), hash(2)}
		say(ipv4, "192.168.1.5:1234", message{port: 51413, cookie: "x", hashes: all})
		synctest.Wait()
		say(ipv6, "[fe80::1%eth0]:1234", message{port: 51414, hashes: all[:1]})
		say(ipv4, "192.168.1.6:1234", message{port: 51413, cookie: e.all(ipv4)[0].cookie, hashes: all})
		say(ipv4, "203.0.113.5:1234", message{port: 51413, hashes: all})
		e.taps[ipv4] <- "192.168.1.5:1234|BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: zz\r\n\r\n"
		synctest.Wait()
		const want = "0001 192.168.1.5:51413,0002 192.168.1.5:51413,0001 [fe80::1%eth0]:51414"
		if got := h.all(); got != want {
			t.Errorf("heard %s, want %s", got, want)
		}
		if s := d.Status(); !s.Working || s.Err != nil || s.Peers != 3 {
			t.Errorf("status %+v", s)
		}
	})
}

// TestFlood: of a thousand packets in no time only some are looked at.
func TestFlood(t *testing.T) {
	e := newEther()
	bubble(t, e, Config{}, func(d *Discovery) {
		d.Add(hash(1))
		packet := string(message{port: 1, hashes: []swarm.InfoHash{hash(1)}}.encode(ipv4.host()))
		for range 1000 {
			e.taps[ipv4] <- "192.168.1.5:1|" + packet
		}
		synctest.Wait()
		if n := d.Status().Peers; n != burst {
			t.Errorf("%d packets of a flood were looked at, want %d", n, burst)
		}
	})
}

// TestComesBack: a network that is not there yet, or goes, is tried again each minute.
func TestComesBack(t *testing.T) {
	e := newEther()
	e.down[ipv4], e.down[ipv6] = errNoInterface, errNoInterface
	bubble(t, e, Config{}, func(d *Discovery) {
		d.Add(hash(1))
		if s := d.Status(); s.Working || !errors.Is(s.Err, ErrNoMulticast) {
			t.Errorf("status %+v", s)
		}
		e.set(func() { delete(e.down, ipv4) })
		after(reopen)
		if s := d.Status(); !s.Working || s.Err == nil {
			t.Errorf("one family: %+v", s)
		}
		e.set(func() { delete(e.down, ipv6); e.broken[ipv4] = errors.New("network is down") })
		after(reopen)
		if s := d.Status(); !s.Working || s.Err != nil {
			t.Errorf("both: %+v", s)
		}
		after(interval)
		if s := d.Status(); e.opens[ipv4] < 3 {
			t.Errorf("a family that failed was opened %d times; %+v", e.opens[ipv4], s)
		}
		e.set(func() { clear(e.broken) })
		after(2 * interval)
		if n := len(e.all(ipv4)); n == 0 {
			t.Error("nothing sent after it came back")
		}
	})
}

// TestMulticast: two of us meet over real sockets, without a packet leaving the
// machine: IPv4 on the loopback interface, IPv6 with a hop limit of 0, for Linux has no
// route for it on loopback.
func TestMulticast(t *testing.T) {
	for f, tt := range map[family]struct {
		group  string
		ifaces func() ([]net.Interface, error)
	}{
		ipv4: {"239.192.152.143", loopback},
		ipv6: {"ff15::efc0:988f", multicastInterfaces},
	} {
		if f == ipv6 && !hasIPv6(t) {
			t.Log("no interface does IPv6 multicast: IPv4 only")
			continue
		}
		pc, err := net.ListenPacket("udp", ":0") // a port that nobody uses
		if err != nil {
			t.Fatal(err)
		}
		port := pc.LocalAddr().(*net.UDPAddr).Port
		pc.Close()
		meet(t, func(ctx context.Context, g family) (medium, error) {
			if g != f {
				return nil, errNoInterface
			}
			m, err := joinGroup(ctx, f, net.JoinHostPort(tt.group, fmt.Sprint(port)), tt.ifaces)
			if err != nil {
				return nil, err
			}
			if p, ok := m.sends.(*v6.PacketConn); ok {
				return m, p.SetMulticastHopLimit(0)
			}
			return m, nil
		})
	}
}

// meet runs two Discoveries until each has heard of the other.
func meet(t *testing.T, open func(context.Context, family) (medium, error)) {
	t.Helper()
	peers := make(chan netip.AddrPort, 10)
	ctx, cancel := context.WithCancel(t.Context())
	var runs sync.WaitGroup
	defer runs.Wait()
	defer cancel()
	for i := range 2 {
		d, err := New(Config{
			Port:   func() uint16 { return uint16(7000 + i) },
			OnPeer: func(_ swarm.InfoHash, p netip.AddrPort) { peers <- p },
			open:   open,
		})
		if err != nil {
			t.Fatal(err)
		}
		d.Add(hash(1))
		runs.Go(func() {
			if err := d.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	got := make(map[uint16]bool)
	limit := time.After(20 * time.Second)
	for !got[7000] || !got[7001] {
		select {
		case p := <-peers:
			if !near(p.Addr()) {
				t.Errorf("peer %s", p)
			}
			got[p.Port()] = true
		case <-limit:
			t.Fatalf("heard of %v only", got)
		}
	}
}

// hasIPv6 reports whether an interface that does multicast has an IPv6 address.
func hasIPv6(t *testing.T) bool {
	t.Helper()
	all, err := multicastInterfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		addrs, err := i.Addrs()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is6() {
				return true
			}
		}
	}
	return false
}

func loopback() ([]net.Interface, error) {
	all, err := net.Interfaces()
	var out []net.Interface
	for _, i := range all {
		if i.Flags&net.FlagLoopback != 0 {
			out = append(out, i)
		}
	}
	return out, err
}

func TestNear(t *testing.T) {
	for in, want := range map[string]bool{
		"10.0.0.1": true, "192.168.7.7": true, "fe80::1": true, "fd00::9": true, "127.0.0.1": true,
		"8.8.8.8": false, "2001:4860::1": false,
	} {
		if got := near(netip.MustParseAddr(in)); got != want {
			t.Errorf("near(%s) = %v", in, got)
		}
	}
}
