package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"swarmbid/engine/lab"
	"swarmbid/engine/route"
	"swarmbid/engine/swarm"
)

// proxyAt is the address that connections of the lab's proxies begin at, so that
// whoever sees another knows that it came beside the proxy.
func proxyAt() netip.Addr { return netip.MustParseAddr("127.0.0.9") }

func startProxy(t *testing.T, cfg lab.ProxyConfig) (*lab.Proxy, route.Proxy) {
	t.Helper()
	cfg.From = proxyAt()
	p, err := lab.StartProxy(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p, route.Proxy{Host: "127.0.0.1", Port: p.Addr().Port(), User: cfg.User, Password: cfg.Password, Names: true}
}

// sink is a UDP socket that counts what it gets.
func sink(t *testing.T) (addr string, got *atomic.Int64) {
	t.Helper()
	var lc net.ListenConfig
	pc, err := lc.ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got = new(atomic.Int64)
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 2048)
		for {
			if _, _, err := pc.ReadFrom(buf); err != nil {
				return
			}
			got.Add(1)
		}
	})
	t.Cleanup(func() {
		_ = pc.Close()
		wg.Wait()
	})
	return pc.LocalAddr().String(), got
}

// sawFrom fails unless every peer that s sees of a torrent has one address, and
// there is one.
func (s *session) sawFrom(ih swarm.InfoHash, want netip.Addr) {
	s.t.Helper()
	d, err := s.Details(s.t.Context(), ih, swarm.PartPeers)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, p := range d.Peers {
		if p.Addr.Addr() != want {
			s.t.Errorf("a peer comes from %v, want %v", p.Addr, want)
		}
	}
	if len(d.Peers) == 0 {
		s.t.Error("no peer is seen")
	}
}

// slowly has downloads take long enough to be looked at.
func slowly(t *testing.T, c *Config) { t.Helper(); c.UpLimit = 1 << 20 }

// TestProxyOnly: through each kind of proxy a torrent is found, announced and
// downloaded, and nothing goes beside it: no connection, no datagram of a DHT, of uTP
// or to a UDP tracker, and nobody can connect to us.
func TestProxyOnly(t *testing.T) {
	t.Parallel()
	for _, kind := range []route.Kind{route.SOCKS4, route.SOCKS5, route.HTTP} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			tr := tracked(t)
			r := lab.OneFile(t.TempDir(), 3<<20)
			r.Seed, r.Trackers = 31, []string{strings.Replace(tr.HTTP(), "127.0.0.1", "tracker.invalid", 1), tr.UDP()}
			p, err := r.Make()
			if err != nil {
				t.Fatal(err)
			}
			cfg := testConfig(t, t.TempDir())
			slowly(t, &cfg)
			a := run(t, cfg)
			a.seed(p)
			tr.AddPeer(p.InfoHash, netip.MustParseAddrPort(a.addr()))
			px, at := startProxy(t, lab.ProxyConfig{User: "anna", Password: "pass", Hosts: map[string]string{"tracker.invalid": "127.0.0.1"}})
			node, datagrams := sink(t)
			at.Kind = kind
			cfg = testConfig(t, t.TempDir())
			cfg.DHT, cfg.Bootstrap, cfg.UPnP, cfg.Listen = true, []string{node}, true, localhost()
			cfg.Proxy, cfg.ProxyOnly = at, true
			b := run(t, cfg)
			b.add(swarm.Add{Source: swarm.Source{File: p.File}})
			b.wait(p.InfoHash, "downloads", func(r *swarm.Torrent) bool { return r.Completed > 0 })
			a.sawFrom(p.InfoHash, proxyAt())
			b.wait(p.InfoHash, "downloaded", seeding)
			if err := p.Compare(b.dir, true); err != nil {
				t.Error(err)
			}
			ours := 0
			for _, x := range tr.Announces(p.InfoHash) {
				if x.PeerID != b.PeerID() {
					continue
				}
				ours++
				if x.UDP || x.From != proxyAt() || x.Port != portOfNobody {
					t.Errorf("announced beside the proxy: %+v", x)
				}
			}
			if ours == 0 {
				t.Error("nothing was announced")
			}
			x := b.Snapshot().Totals
			if x.ListenPort != 0 || x.DHT || x.Net != swarm.NetProxyOnly || datagrams.Load() != 0 {
				t.Errorf("%+v, %d datagrams", x, datagrams.Load())
			}
			d, err := b.Details(t.Context(), p.InfoHash, swarm.PartTrackers)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range d.Trackers {
				if strings.HasPrefix(row.URL, "udp:") && (row.Status != swarm.TrackerDisabled || row.Message == "") {
					t.Errorf("UDP tracker %+v", row)
				}
			}
			if len(px.Via()) < 2 {
				t.Errorf("via %v", px.Via())
			}
		})
	}
}

// TestProxyWithoutPeers: where the user does not want it, peers are reached directly
// and trackers through the proxy.
func TestProxyWithoutPeers(t *testing.T) {
	t.Parallel()
	tr := tracked(t)
	p := payloadWith(t, 3<<20, tr.HTTP(), false)
	cfg := testConfig(t, t.TempDir())
	slowly(t, &cfg)
	a := run(t, cfg)
	a.seed(p)
	tr.AddPeer(p.InfoHash, netip.MustParseAddrPort(a.addr()))
	_, at := startProxy(t, lab.ProxyConfig{})
	at.Kind = route.SOCKS5
	cfg = testConfig(t, t.TempDir())
	cfg.Proxy = at
	b := run(t, cfg)
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	b.wait(p.InfoHash, "downloads", func(r *swarm.Torrent) bool { return r.Completed > 0 })
	a.sawFrom(p.InfoHash, localhost()[0])
	for _, x := range tr.Announces(p.InfoHash) {
		if x.PeerID == b.PeerID() && x.From != proxyAt() {
			t.Errorf("announced beside the proxy: %+v", x)
		}
	}
	if x := b.Snapshot().Totals; x.ListenPort == 0 || x.Net != swarm.NetOpen {
		t.Errorf("%+v", x)
	}
}

// TestProxyPassword: a wrong password is said where it is seen, nothing goes on
// without the proxy, and the right one works at once.
func TestProxyPassword(t *testing.T) {
	t.Parallel()
	tr := tracked(t)
	p := payloadWith(t, 1<<20, tr.HTTP(), false)
	_, at := startProxy(t, lab.ProxyConfig{User: "anna", Password: "right"})
	at.Kind, at.Password = route.SOCKS5, "wr0ng"
	cfg := testConfig(t, t.TempDir())
	cfg.Proxy, cfg.ProxyPeers = at, true
	b := run(t, cfg)
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	b.totals("the proxy refuses", func(x *swarm.Totals) bool { return x.Net == swarm.NetProxyRefuses })
	row := b.wait(p.InfoHash, "the tracker is said to fail", func(r *swarm.Torrent) bool { return r.TrackerStatus == swarm.TrackerFailed })
	if !strings.Contains(row.TrackerMessage, "user name or password") || strings.Contains(row.TrackerMessage, "wr0ng") {
		t.Errorf("message %q", row.TrackerMessage)
	}
	if _, err := b.Preview(t.Context(), swarm.Source{URL: "http://127.0.0.1:1/x.torrent"}); !errors.Is(err, route.ErrProxyAuth) || !errors.Is(err, ErrFetch) {
		t.Errorf("fetched: %v", err)
	}
	if n := tr.Announces(p.InfoHash); len(n) != 0 {
		t.Errorf("announced without the proxy: %+v", n)
	}
	set := cfg.Settings
	set.Proxy.Password = "right"
	if err := b.SetSettings(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if x, err := tr.WaitAnnounce(ctx, func(lab.Announce) bool { return true }); err != nil || x.From != proxyAt() {
		t.Errorf("%+v, %v", x, err)
	}
	b.totals("the proxy works", func(x *swarm.Totals) bool { return x.Net == swarm.NetOpen })
}

// TestProxyCarriesFiles: .torrent files and web seeds come through the proxy, whose
// business their names are.
func TestProxyCarriesFiles(t *testing.T) {
	t.Parallel()
	p := payload(t, 1<<20)
	var mu sync.Mutex
	from := map[string]string{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		from[r.URL.Path] = r.RemoteAddr
		mu.Unlock()
		http.FileServer(http.Dir(filepath.Dir(p.File))).ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	seeds := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		from["seed"] = r.RemoteAddr
		mu.Unlock()
		http.FileServer(http.Dir(p.Dir)).ServeHTTP(w, r)
	}))
	t.Cleanup(seeds.Close)
	_, at := startProxy(t, lab.ProxyConfig{Hosts: map[string]string{"files.invalid": "127.0.0.1"}})
	at.Kind = route.HTTP
	cfg := testConfig(t, t.TempDir())
	cfg.Proxy, cfg.ProxyOnly = at, true
	b := run(t, cfg)
	named := func(u string) string { return strings.Replace(u, "127.0.0.1", "files.invalid", 1) }
	b.add(swarm.Add{Source: swarm.Source{URL: named(srv.URL) + "/" + filepath.Base(p.File)}})
	if err := b.SetOptions(t.Context(), p.InfoHash, swarm.Options{WebSeeds: []string{named(seeds.URL) + "/" + p.Name}}); err != nil {
		t.Fatal(err)
	}
	b.wait(p.InfoHash, "downloaded from the web seed", seeding)
	mu.Lock()
	defer mu.Unlock()
	for what, a := range from {
		if !strings.HasPrefix(a, proxyAt().String()+":") {
			t.Errorf("%s was fetched from %s", what, a)
		}
	}
	if len(from) < 2 {
		t.Errorf("fetched %v", from)
	}
}

// TestFrom: connections to peers over TCP and uTP and announces over HTTP and UDP
// begin at the chosen address.
func TestFrom(t *testing.T) {
	t.Parallel()
	two := netip.MustParseAddr("127.0.0.2")
	for _, tcp := range []bool{true, false} {
		t.Run(fmt.Sprint("tcp ", tcp), func(t *testing.T) {
			t.Parallel()
			tr := tracked(t)
			r := lab.OneFile(t.TempDir(), 3<<20)
			r.Seed, r.Trackers = 5, []string{tr.HTTP()}
			if !tcp {
				r.Trackers = []string{tr.UDP()}
			}
			p, err := r.Make()
			if err != nil {
				t.Fatal(err)
			}
			cfg := testConfig(t, t.TempDir())
			slowly(t, &cfg)
			a := run(t, cfg)
			a.seed(p)
			cfg = testConfig(t, t.TempDir())
			cfg.From, cfg.TCP, cfg.UTP = []netip.Addr{two}, tcp, !tcp
			b := run(t, cfg)
			b.add(swarm.Add{Source: swarm.Source{File: p.File}})
			connect(t, p.InfoHash, b, a)
			b.wait(p.InfoHash, "downloads", func(r *swarm.Torrent) bool { return r.Completed > 0 })
			a.sawFrom(p.InfoHash, two)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			x, err := tr.WaitAnnounce(ctx, func(x lab.Announce) bool { return x.PeerID == b.PeerID() })
			if err != nil || x.From != two || x.UDP == tcp {
				t.Errorf("announced %+v, %v", x, err)
			}
		})
	}
}

// TestNetworkGoesAndComes: a session on a chosen network listens and connects from
// there alone. When the network is gone nothing is exchanged and it says so; when it
// is back everything goes on by itself.
func TestNetworkGoesAndComes(t *testing.T) {
	t.Parallel()
	three := netip.MustParseAddr("127.0.0.3")
	tr := tracked(t)
	p := payloadWith(t, 8<<20, tr.HTTP(), false)
	cfg := testConfig(t, t.TempDir())
	slowly(t, &cfg)
	a := run(t, cfg)
	a.seed(p)
	cfg = testConfig(t, t.TempDir())
	cfg.Over, cfg.Listen = "tunnel7", nil
	var there atomic.Bool
	there.Store(true)
	b := runWith(t, cfg, func(e *Engine) {
		e.addressesOf = func(name string) []netip.Addr {
			if name == "tunnel7" && there.Load() {
				return []netip.Addr{three}
			}
			return nil
		}
	})
	b.add(swarm.Add{Source: swarm.Source{File: p.File}})
	port := b.totals("listens", func(x *swarm.Totals) bool { return x.ListenPort != 0 }).ListenPort
	if listens(t, port) || !answers(t.Context(), netip.AddrPortFrom(three, uint16(port))) {
		t.Error("does not listen on the chosen network alone")
	}
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "downloads", func(r *swarm.Torrent) bool { return r.Completed > 0 })
	a.sawFrom(p.InfoHash, three)
	there.Store(false)
	b.totals("the network is gone", func(x *swarm.Totals) bool { return x.Net == swarm.NetGone && x.ListenPort == 0 && x.Peers == 0 })
	a.wait(p.InfoHash, "the peer is gone", func(r *swarm.Torrent) bool { return r.Peers+r.Seeds == 0 })
	if answers(t.Context(), netip.AddrPortFrom(three, uint16(port))) {
		t.Error("listens all the same")
	}
	before := len(tr.Announces(p.InfoHash))
	_ = b.Reannounce(t.Context(), p.InfoHash) // it may not be announced at all
	if _, err := b.Preview(t.Context(), swarm.Source{URL: tr.HTTP()}); !errors.Is(err, route.ErrUnbound) {
		t.Errorf("fetched: %v", err)
	}
	for _, x := range tr.Announces(p.InfoHash)[before:] {
		if x.PeerID == b.PeerID() {
			t.Errorf("announced %+v", x)
		}
	}
	there.Store(true)
	b.wait(p.InfoHash, "goes on", func(r *swarm.Torrent) bool { return r.State == swarm.Downloading })
	connect(t, p.InfoHash, b, a)
	b.wait(p.InfoHash, "downloaded", seeding)
	if x := b.Snapshot().Totals; x.Net != swarm.NetOpen {
		t.Errorf("%+v", x)
	}
}

// TestLookOut: what of a chosen network counts, decided without a network.
func TestLookOut(t *testing.T) {
	four, six, other := netip.MustParseAddr("10.8.0.2"), netip.MustParseAddr("fd00::2"), netip.MustParseAddr("192.0.2.1")
	has := func(a netip.Addr) bool { return a == four || a == six }
	of := func(name string) []netip.Addr {
		if name == "tun0" {
			return []netip.Addr{four, six, other}
		}
		return nil
	}
	list := func(a ...netip.Addr) []netip.Addr { return a }
	for name, c := range map[string]struct {
		set  Settings
		want reach
	}{
		"nothing":        {Settings{IPv6: true}, reach{}},
		"interface":      {Settings{IPv6: true, Outgoing: Outgoing{Over: "tun0"}}, reach{listen: list(four, six), from: list(four, six)}},
		"without IPv6":   {Settings{Outgoing: Outgoing{Over: "tun0"}}, reach{listen: list(four), from: list(four)}},
		"address":        {Settings{Outgoing: Outgoing{Over: "10.8.0.2"}}, reach{listen: list(four), from: list(four)}},
		"gone interface": {Settings{Outgoing: Outgoing{Over: "tun1"}}, reach{gone: true}},
		"gone address":   {Settings{Outgoing: Outgoing{Over: "192.0.2.1"}}, reach{gone: true}},
		"from":           {Settings{Outgoing: Outgoing{From: list(other, four)}}, reach{from: list(four)}},
		"gone from":      {Settings{Outgoing: Outgoing{From: list(other)}}, reach{gone: true}},
		"both":           {Settings{IPv6: true, Outgoing: Outgoing{Over: "tun0", From: list(four)}}, reach{listen: list(four, six), from: list(four)}},
	} {
		if got := lookOut(&c.set, has, of); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
