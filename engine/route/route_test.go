package route

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"swarmbid/engine/lab"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo is a server that writes back what it reads and remembers who came.
type echo struct {
	net.Listener
	mu   sync.Mutex
	from []netip.AddrPort
}

func startEcho(t *testing.T, addr string) *echo {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	e := &echo{Listener: l}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			e.mu.Lock()
			e.from = append(e.from, netip.MustParseAddrPort(c.RemoteAddr().String()))
			e.mu.Unlock()
			wg.Go(func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	return e
}

func (e *echo) came() []netip.AddrPort {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.from
}

func startProxy(t *testing.T, cfg lab.ProxyConfig) *lab.Proxy {
	t.Helper()
	p, err := lab.StartProxy(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// through is a Route through a proxy of the lab.
func through(t *testing.T, k Kind, p *lab.Proxy, change func(*Config)) *Route {
	t.Helper()
	cfg := Config{Proxy: Proxy{Kind: k, Host: "127.0.0.1", Port: p.Addr().Port(), Names: true}}
	cfg.Lookup = func(context.Context, string, string) ([]netip.Addr, error) {
		t.Error("a name was looked up here")
		return nil, errors.New("no")
	}
	if k == HTTPS {
		cfg.TLS = &tls.Config{RootCAs: p.Roots()}
	}
	if change != nil {
		change(&cfg)
	}
	if err := cfg.Proxy.Validate(); err != nil {
		t.Fatal(err)
	}
	r := New(cfg)
	t.Cleanup(r.CloseIdleConnections)
	return r
}

func kinds() []Kind { return []Kind{SOCKS4, SOCKS5, HTTP, HTTPS} }

// say sends words through a connection and expects them back.
func say(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	words := []byte("four words of text")
	if _, err := c.Write(words); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(words))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != string(words) {
		t.Fatalf("came back %q, %v", got, err)
	}
}

// TestEveryKindConnects: through each kind, with and without a password, bytes go
// both ways, the server sees the proxy alone, and the connection says whom it is with.
func TestEveryKindConnects(t *testing.T) {
	for _, k := range kinds() {
		for _, user := range []string{"", "anna"} {
			t.Run(fmt.Sprint(k, user), func(t *testing.T) {
				srv := startEcho(t, "127.0.0.1:0")
				p := startProxy(t, lab.ProxyConfig{User: user, Password: "s3cret: ß", TLS: k == HTTPS})
				r := through(t, k, p, func(c *Config) { c.Proxy.User, c.Proxy.Password = user, "s3cret: ß" })
				c, err := r.Dial(t.Context(), "tcp4", srv.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				say(t, c)
				if c.RemoteAddr().String() != srv.Addr().String() {
					t.Errorf("with %v, want %v", c.RemoteAddr(), srv.Addr())
				}
				if _, ok := c.(interface{ NetConn() net.Conn }).NetConn().(*net.TCPConn); !ok {
					t.Error("the socket is hidden")
				}
				for _, from := range srv.came() {
					if !p.Made(from) {
						t.Errorf("%v came beside the proxy", from)
					}
				}
				if len(p.Via()) != 1 || r.Fault() != nil {
					t.Errorf("via %v, fault %v", p.Via(), r.Fault())
				}
			})
		}
	}
}

// TestNames: with Names the proxy hears the name and nobody looks it up here;
// without it the proxy hears an address.
func TestNames(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.String(), func(t *testing.T) {
			srv := startEcho(t, "127.0.0.1:0")
			_, port, _ := net.SplitHostPort(srv.Addr().String())
			p := startProxy(t, lab.ProxyConfig{TLS: k == HTTPS, Hosts: map[string]string{"tracker.invalid": "127.0.0.1"}})
			r := through(t, k, p, nil)
			c, err := r.Dial(t.Context(), "tcp", "tracker.invalid:"+port)
			if err != nil {
				t.Fatal(err)
			}
			say(t, c)
			_ = c.Close() // a test's end
			asked := ""
			local := through(t, k, p, func(c *Config) {
				c.Proxy.Names = false
				c.Lookup = func(_ context.Context, _, host string) ([]netip.Addr, error) {
					asked = host
					return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
				}
			})
			if c, err = local.Dial(t.Context(), "tcp", "other.invalid:"+port); err != nil {
				t.Fatal(err)
			}
			_ = c.Close() // a test's end
			via := p.Via()
			if len(via) != 2 || via[0].Target != "tracker.invalid:"+port || via[1].Target != "127.0.0.1:"+port || asked != "other.invalid" {
				t.Errorf("via %v, looked up %q", via, asked)
			}
		})
	}
}

// TestWrongPassword: every kind, for connections and for requests, says that it is
// the password, and nothing goes beside the proxy. (SOCKS4 has a user name only.)
func TestWrongPassword(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.String(), func(t *testing.T) {
			srv := startEcho(t, "127.0.0.1:0")
			p := startProxy(t, lab.ProxyConfig{User: "anna", Password: "right", TLS: k == HTTPS})
			for _, user := range []string{"berta", ""} {
				r := through(t, k, p, func(c *Config) { c.Proxy.User, c.Proxy.Password = user, "wr0ng" })
				_, err := r.Dial(t.Context(), "tcp", srv.Addr().String())
				if !errors.Is(err, ErrProxyAuth) || !errors.Is(r.Fault(), ErrProxyAuth) {
					t.Errorf("connection as %q: %v, fault %v", user, err, r.Fault())
				}
				for _, scheme := range []string{"http", "https"} {
					req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, scheme+"://"+srv.Addr().String()+"/announce", http.NoBody)
					if err != nil {
						t.Fatal(err)
					}
					resp, err := r.RoundTrip(req)
					if err == nil {
						_ = resp.Body.Close() // not wanted
					}
					if !errors.Is(err, ErrProxyAuth) || strings.Contains(fmt.Sprint(err), "wr0ng") {
						t.Errorf("%s as %q: %v", scheme, user, err)
					}
				}
			}
			if n := srv.came(); len(n) != 0 {
				t.Errorf("%v came all the same", n)
			}
		})
	}
}

// TestNothingFallsBack: a proxy that is gone, or that does not connect, is an error
// that names it; nothing is tried without it.
func TestNothingFallsBack(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.String(), func(t *testing.T) {
			srv := startEcho(t, "127.0.0.1:0")
			p := startProxy(t, lab.ProxyConfig{TLS: k == HTTPS})
			r := through(t, k, p, nil)
			if _, err := r.Dial(t.Context(), "tcp", "127.0.0.1:1"); !errors.Is(err, ErrTarget) || !errors.Is(err, ErrProxy) || r.Fault() != nil {
				t.Errorf("a target that refuses: %v, fault %v", err, r.Fault())
			}
			if _, err := r.Dial(t.Context(), "udp", srv.Addr().String()); !errors.Is(err, ErrProxy) {
				t.Errorf("UDP: %v", err)
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Dial(t.Context(), "tcp", srv.Addr().String()); !errors.Is(err, ErrProxy) || !errors.Is(r.Fault(), ErrProxy) {
				t.Errorf("without the proxy: %v, fault %v", err, r.Fault())
			}
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+srv.Addr().String(), http.NoBody)
			if resp, err := r.RoundTrip(req); !errors.Is(err, ErrProxy) {
				if err == nil {
					_ = resp.Body.Close() // not wanted
				}
				t.Errorf("request without the proxy: %v", err)
			}
			if n := srv.came(); len(n) != 0 {
				t.Errorf("%v came beside the proxy", n)
			}
		})
	}
}

// TestRequests: http and https go through each kind, with the name told to the proxy.
func TestRequests(t *testing.T) {
	for _, k := range kinds() {
		for _, scheme := range []string{"http", "https"} {
			t.Run(k.String()+"-"+scheme, func(t *testing.T) {
				p := startProxy(t, lab.ProxyConfig{User: "anna", Password: "x", TLS: k == HTTPS, Hosts: map[string]string{"example.com": "127.0.0.1"}})
				var from []string
				srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					from = append(from, r.RemoteAddr)
					if r.Header.Get("Proxy-Authorization") != "" {
						t.Error("the server gets the password")
					}
					_, _ = io.WriteString(w, "here")
				}))
				if scheme == "https" {
					srv.StartTLS()
				} else {
					srv.Start()
				}
				t.Cleanup(srv.Close)
				r := through(t, k, p, func(c *Config) {
					c.Proxy.User, c.Proxy.Password = "anna", "x"
					roots := p.Roots()
					if scheme == "https" {
						if roots == nil {
							roots = srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
						} else {
							roots.AddCert(srv.Certificate())
						}
					}
					c.TLS = &tls.Config{RootCAs: roots}
				})
				_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, scheme+"://example.com:"+port+"/x", http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := r.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close() // read
				if string(b) != "here" || err != nil {
					t.Fatalf("%q, %v", b, err)
				}
				if len(from) != 1 || !p.Made(netip.MustParseAddrPort(from[0])) {
					t.Errorf("came from %v beside the proxy", from)
				}
				if v := p.Via(); len(v) != 1 || v[0].Target != "example.com:"+port {
					t.Errorf("via %v", v)
				}
			})
		}
	}
}

// TestBound: connections begin at the chosen address, of the family that fits, and
// without one there is no connection.
func TestBound(t *testing.T) {
	srv := startEcho(t, "127.0.0.1:0")
	two := netip.MustParseAddr("127.0.0.2")
	r := New(Config{Bound: true, From: []netip.Addr{netip.MustParseAddr("::1"), two}})
	for _, network := range []string{"tcp", "tcp4"} {
		c, err := r.Direct(t.Context(), network, srv.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		say(t, c)
		_ = c.Close() // a test's end
	}
	for _, from := range srv.came() {
		if from.Addr() != two {
			t.Errorf("came from %v", from)
		}
	}
	u, err := r.Direct(t.Context(), "udp4", "127.0.0.1:9")
	if err != nil || netip.MustParseAddrPort(u.LocalAddr().String()).Addr() != two {
		t.Errorf("UDP from %v, %v", u, err)
	} else {
		_ = u.Close() // nothing was sent
	}
	for _, c := range []Config{
		{Bound: true},
		{Bound: true, From: []netip.Addr{netip.MustParseAddr("::1")}},
		{Bound: true, From: []netip.Addr{netip.MustParseAddr("192.0.2.77")}}, // nobody's here
	} {
		if conn, err := New(c).Direct(t.Context(), "tcp", srv.Addr().String()); err == nil {
			t.Errorf("from %v: connected from %v", c.From, conn.LocalAddr())
		}
	}
	if _, err := New(Config{Bound: true}).Direct(t.Context(), "tcp4", srv.Addr().String()); !errors.Is(err, ErrUnbound) {
		t.Errorf("%v", err)
	}
	p := startProxy(t, lab.ProxyConfig{})
	gone := through(t, SOCKS5, p, func(c *Config) { c.Bound = true })
	if _, err := gone.Dial(t.Context(), "tcp", srv.Addr().String()); !errors.Is(err, ErrUnbound) && !errors.Is(err, ErrProxy) {
		t.Errorf("to the proxy: %v", err)
	}
	if n := len(srv.came()); n != 2 {
		t.Errorf("%d came", n)
	}
}

// TestPasswordIsNotWritten: no way to print a proxy shows its password.
func TestPasswordIsNotWritten(t *testing.T) {
	p := Proxy{Kind: SOCKS5, Host: "::1", Port: 1080, User: "anna", Password: "s3cret"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "proxy", p, "pointer", &p)
	for _, s := range []string{fmt.Sprint(p), fmt.Sprintf("%+v %#v %q", p, p, p), fmt.Sprintf("%+v", struct{ P Proxy }{p}), log.String()} {
		if strings.Contains(s, "s3cret") || !strings.Contains(s, "anna@[::1]:1080") {
			t.Errorf("%s", s)
		}
	}
}

func TestValidate(t *testing.T) {
	good := Proxy{Kind: HTTP, Host: "proxy.example", Port: 3128}
	for name, change := range map[string]func(*Proxy){
		"kind": func(p *Proxy) { p.Kind = 9 }, "host": func(p *Proxy) { p.Host = "" }, "space": func(p *Proxy) { p.Host = "a b" },
		"port": func(p *Proxy) { p.Port = 0 }, "long": func(p *Proxy) { p.Password = strings.Repeat("x", 256) }, "lines": func(p *Proxy) { p.User = "a\r\nHost: x" },
	} {
		p := good
		change(&p)
		if err := p.Validate(); !errors.Is(err, ErrProxyConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := errors.Join(good.Validate(), Proxy{}.Validate(), Proxy{Host: "kept", User: "kept"}.Validate()); err != nil {
		t.Error(err)
	}
	for k := None; k <= HTTPS; k++ {
		if got, ok := ParseKind(k.String()); !ok || got != k {
			t.Errorf("%v is read as %v", k, got)
		}
	}
	if _, ok := ParseKind("ftp"); ok {
		t.Error("ftp is a kind")
	}
}

// TestHostileProxy: a proxy that answers nonsense, or for ever, ends in an error of
// the proxy within the time given.
func TestHostileProxy(t *testing.T) {
	var lc net.ListenConfig
	for name, answer := range map[string]string{
		"nothing": "", "nonsense": "\x00\xff\x07garbage\r\n\r\n", "endless": strings.Repeat("X-Long: y\r\n", 5000), "a web server": "HTTP/1.1 400 Bad Request\r\n\r\n",
	} {
		for _, k := range []Kind{SOCKS4, SOCKS5, HTTP} {
			t.Run(name+k.String(), func(t *testing.T) {
				l, err := lc.Listen(t.Context(), "tcp4", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				var wg sync.WaitGroup
				wg.Go(func() {
					c, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = io.WriteString(c, answer) // it may hang up on us
					_, _ = io.Copy(io.Discard, c)
					_ = c.Close()
				})
				defer wg.Wait()
				defer l.Close()
				a := netip.MustParseAddrPort(l.Addr().String())
				r := New(Config{Proxy: Proxy{Kind: k, Host: a.Addr().String(), Port: a.Port()}})
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				c, err := r.Dial(ctx, "tcp", "127.0.0.1:9")
				if err == nil || !errors.Is(err, ErrProxy) {
					t.Errorf("%v, %v", c, err)
				}
			})
		}
	}
}
