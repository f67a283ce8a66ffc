package tracker

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

// testClient is a client on real sockets.
func testClient(t *testing.T, change func(*Config)) *client {
	t.Helper()
	cfg := testConfig()
	if change != nil {
		change(&cfg)
	}
	cfg = cfg.withDefaults()
	c := newClient(&cfg)
	t.Cleanup(c.close)
	return c
}

func serveHTTP(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func mustTarget(t *testing.T, raw string) target {
	t.Helper()
	to, err := parseURL(raw)
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func testRequest() *request {
	r := &request{
		peerID: swarm.PeerID([]byte("-SB0001-abcdefghijkl")), port: 6881, key: 0xab, event: eventStarted,
		want: 50, totals: Totals{Uploaded: 1, Downloaded: 2, Left: 3}, trackerID: "i d&",
	}
	for i := range r.infoHash {
		r.infoHash[i] = byte(i * 13)
	}
	return r
}

const goodBody = "d8:intervali1800e5:peers6:\x01\x02\x03\x04\x1a\xe1e"

// TestHTTPQuery holds the request byte by byte.
func TestHTTPQuery(t *testing.T) {
	var got *http.Request
	s := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) { got = r; io.WriteString(w, goodBody) })
	c := testClient(t, nil)
	r := testRequest()
	a, err := c.announce(t.Context(), mustTarget(t, s.URL+"/p4ss/announce?pk=a%20b&x=1"), ipv4, r)
	if err != nil || a.interval != 30*time.Minute || len(a.peers) != 1 {
		t.Fatalf("%+v, %v", a, err)
	}
	const want = "/p4ss/announce?pk=a%20b&x=1&info_hash=%00%0D%1A%274AN%5Bhu%82%8F%9C%A9%B6%C3%D0%DD%EA%F7" +
		"&peer_id=-SB0001-abcdefghijkl&port=6881&uploaded=1&downloaded=2&left=3&key=000000AB&numwant=50" +
		"&compact=1&no_peer_id=1&supportcrypto=1&event=started&trackerid=i%20d%26"
	if got.RequestURI != want {
		t.Errorf("request\n%s, want\n%s", got.RequestURI, want)
	}
	if got.UserAgent() != "Swarmbid/0.1" || got.Method != http.MethodGet {
		t.Errorf("%s by %q", got.Method, got.UserAgent())
	}
	if q := got.URL.Query(); q.Get("info_hash") != string(r.infoHash[:]) || q.Has("ip") {
		t.Errorf("query %v", q)
	}
	r.event, r.trackerID, r.totals.Left = eventNone, "", -1
	if _, err := c.announce(t.Context(), mustTarget(t, s.URL+"/announce"), ipv4, r); err != nil {
		t.Fatal(err)
	}
	if q := got.URL.Query(); q.Has("event") || q.Has("trackerid") || q.Get("left") != "16384" {
		t.Errorf("without event, id and metadata: %v", q)
	}
}

// TestHTTPAnswers is the table of answers, good and bad, that a client lives through.
func TestHTTPAnswers(t *testing.T) {
	zip := func(w http.ResponseWriter, body io.Reader) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.Copy(z, body)
		z.Close()
	}
	tests := map[string]struct {
		h    http.HandlerFunc
		want string // part of the error; "" = success
	}{
		"gzip": {func(w http.ResponseWriter, _ *http.Request) { zip(w, strings.NewReader(goodBody)) }, ""},
		"chunked": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, goodBody[:9])
			w.(http.Flusher).Flush()
			io.WriteString(w, goodBody[9:])
		}, ""},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/b/announce") {
				http.Redirect(w, r, "/b/announce?"+r.URL.RawQuery, http.StatusFound)
				return
			}
			io.WriteString(w, goodBody)
		}, ""},
		"failure reason": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "d14:failure reason4:fulle") }, "full"},
		"failure with status": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(403)
			io.WriteString(w, "d14:failure reason4:fulle")
		}, "full"},
		"not found":   {http.NotFound, "HTTP 404 Not Found"},
		"5xx":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502); io.WriteString(w, "<html>secret") }, "HTTP 502 Bad Gateway"},
		"bad bencode": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, "makes no sense"},
		"empty":       {func(http.ResponseWriter, *http.Request) {}, "makes no sense"},
		"huge": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "d5:peers2000000:"+strings.Repeat("x", 2_000_000)+"e")
		}, "more than"},
		"zip bomb": {func(w http.ResponseWriter, _ *http.Request) { zip(w, io.LimitReader(zeros{}, 100<<20)) }, "more than"},
		"endless": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				io.WriteString(w, strings.Repeat("l", 1<<16))
			}
		}, "more than"},
		"huge header":   {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) }, ""},
		"redirect loop": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/announce", http.StatusFound) }, "redirects to where it must not: more than 5 times"},
		"redirect away": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "ftp://x/", http.StatusFound) }, "redirects to where it must not"},
		"slow":          {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, errSilent.Error()},
		"slow body": {func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "d8:interval")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, errSilent.Error()},
		"hangs up": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
		}, "EOF"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := serveHTTP(t, tt.h)
			c := testClient(t, nil)
			limit := 10 * time.Second
			if strings.HasPrefix(name, "slow") {
				limit = 100 * time.Millisecond
			}
			ctx, cancel := context.WithTimeoutCause(t.Context(), limit, errSilent)
			defer cancel()
			a, err := c.announce(ctx, mustTarget(t, s.URL+"/announce?passkey=geheim"), ipv4, testRequest())
			switch {
			case name == "huge header":
				if err == nil {
					t.Errorf("a header of 1 MiB passed: %+v", a)
				}
			case tt.want == "" && (err != nil || len(a.peers) != 1):
				t.Errorf("%+v, %v", a, err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if err != nil && (strings.Contains(err.Error(), "geheim") || len(err.Error()) > 300) {
				t.Errorf("error %q", err)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestHTTPMemory: an answer of a hundred megabytes of zeros, compressed, costs some
// megabytes at most.
func TestHTTPMemory(t *testing.T) {
	s := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, "d5:peers104857600:")
		io.Copy(z, io.LimitReader(zeros{}, 100<<20))
		z.Close()
	})
	c := testClient(t, nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := c.announce(t.Context(), mustTarget(t, s.URL+"/announce"), ipv4, testRequest()); !errors.Is(err, errAnswer) {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 24 {
		t.Errorf("%d MiB allocated for an answer that is refused", n)
	}
}

func TestHTTPRedirectsAreBounded(t *testing.T) {
	calls := 0
	s := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		calls++
		http.Redirect(w, r, "/announce", http.StatusFound)
	})
	_, err := testClient(t, nil).announce(t.Context(), mustTarget(t, s.URL+"/announce"), ipv4, testRequest())
	if !errors.Is(err, errRedirect) || calls != 1+maxRedirects {
		t.Errorf("%d requests, %v", calls, err)
	}
}

func TestHTTPRetryAfter(t *testing.T) {
	s := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, err := testClient(t, nil).announce(t.Context(), mustTarget(t, s.URL+"/announce"), ipv4, testRequest())
	var no *refusal
	if !errors.As(err, &no) || no.retry != 2*time.Hour {
		t.Errorf("%+v, want a refusal for two hours", err)
	}
}

// TestHTTPStaysOffThisMachine: neither a torrent file nor a tracker elsewhere makes us
// call services of this machine or its network.
func TestHTTPStaysOffThisMachine(t *testing.T) {
	var called []string
	var mu sync.Mutex
	s := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		called = append(called, r.Host+r.URL.Path)
		mu.Unlock()
		to := r.URL.Query().Get("to")
		if to == "" {
			io.WriteString(w, goodBody)
			return
		}
		http.Redirect(w, r, to, http.StatusFound)
	})
	listening := s.Listener.Addr().String()
	c := testClient(t, func(cfg *Config) {
		cfg.Lookup = func(_ context.Context, _, host string) ([]netip.Addr, error) {
			switch host {
			case "pub.example", "other.example":
				return []netip.Addr{netip.MustParseAddr("203.0.113.7")}, nil
			case "inner.example":
				return []netip.Addr{netip.MustParseAddr("10.0.0.7")}, nil
			}
			return net.DefaultResolver.LookupNetIP(t.Context(), "ip", host)
		}
		cfg.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, listening)
		}
	})
	for to, want := range map[string]error{
		"http://other.example/announce":           nil,
		"http://127.0.0.1:8080/announce":          errRedirect,
		"http://localhost/announce":               errRedirect,
		"http://inner.example/announce":           errRedirect,
		"http://[::1]/announce":                   errRedirect,
		"http://169.254.169.254/latest/meta-data": errRedirect,
	} {
		_, err := c.announce(t.Context(), mustTarget(t, "http://pub.example/announce?to="+url.QueryEscape(to)), ipv4, testRequest())
		if !errors.Is(err, want) {
			t.Errorf("redirect to %s: %v, want %v", to, err, want)
		}
	}
	called = nil
	if _, err := c.announce(t.Context(), mustTarget(t, s.URL+"/api/v2/shutdown"), ipv4, testRequest()); !errors.Is(err, errURL) {
		t.Errorf("a path of some other service on loopback: %v", err)
	}
	if len(called) != 0 {
		t.Errorf("called %v", called)
	}
}

func TestHTTPS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("down") {
			http.Redirect(w, r, "http://"+r.Host+"/announce", http.StatusFound)
			return
		}
		io.WriteString(w, goodBody)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	if _, err := testClient(t, nil).announce(t.Context(), mustTarget(t, s.URL+"/announce"), ipv4, testRequest()); err == nil ||
		!strings.Contains(err.Error(), "certificate") {
		t.Errorf("an unknown certificate: %v", err)
	}
	c := testClient(t, func(cfg *Config) {
		cfg.TLS = &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, MinVersion: tls.VersionTLS12}
	})
	if a, err := c.announce(t.Context(), mustTarget(t, s.URL+"/announce"), ipv4, testRequest()); err != nil || len(a.peers) != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := c.announce(t.Context(), mustTarget(t, s.URL+"/announce?down=1"), ipv4, testRequest()); !errors.Is(err, errRedirect) {
		t.Errorf("down to http: %v", err)
	}
}

// TestHTTPProxy: through a proxy the host is not looked up and told once.
func TestHTTPProxy(t *testing.T) {
	var asked []string
	p := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Host+r.URL.Path)
		io.WriteString(w, goodBody)
	})
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	via := &http.Transport{Proxy: http.ProxyURL(u)}
	t.Cleanup(via.CloseIdleConnections)
	c := testClient(t, func(cfg *Config) { cfg.Through = func() http.RoundTripper { return via } })
	to := mustTarget(t, "http://hidden.invalid/announce")
	fams, err := c.families(t.Context(), to)
	if err != nil || len(fams) != 1 || fams[0] != anyFamily {
		t.Fatalf("families %v, %v", fams, err)
	}
	if a, err := c.announce(t.Context(), to, fams[0], testRequest()); err != nil || len(a.peers) != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	if len(asked) != 1 || asked[0] != "hidden.invalid/announce" {
		t.Errorf("the proxy saw %v", asked)
	}
}

// TestHTTPEndToEnd runs the Announcer against HTTP trackers on both loopback families.
func TestHTTPEndToEnd(t *testing.T) {
	type seen struct{ host, event, left, up string }
	var mu sync.Mutex
	var hits []seen
	heard := make(chan struct{}, 100)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		mu.Lock()
		if r.URL.Path == "/scrape" {
			fmt.Fprintf(w, "d5:filesd20:%sd8:completei5e10:downloadedi50e10:incompletei10eeee", q.Get("info_hash"))
			hits = append(hits, seen{event: "scrape"})
		} else {
			hits = append(hits, seen{r.Host, q.Get("event"), q.Get("left"), q.Get("uploaded")})
			io.WriteString(w, "d8:completei1e10:incompletei2e8:intervali1800e5:peers6:\x01\x02\x03\x04\x1a\xe16:peers60:15:warning message4:soone")
		}
		mu.Unlock()
		heard <- struct{}{}
	})
	l4, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l4.Addr().(*net.TCPAddr).Port
	l6, err := net.Listen("tcp6", fmt.Sprintf("[::1]:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: handler}
	var served sync.WaitGroup
	for _, l := range []net.Listener{l4, l6} {
		served.Go(func() { _ = srv.Serve(l) })
	}
	defer served.Wait()
	defer srv.Close()

	cfg := testConfig()
	cfg.Lookup = func(context.Context, string, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")}, nil
	}
	got := make(chan string, 10)
	cfg.OnPeers = func(_ swarm.InfoHash, p []netip.AddrPort, _ string) { got <- p[0].String() }
	a, stop := start(t, cfg)
	raw := fmt.Sprintf("http://localhost:%d/announce", port)
	left := make(chan int64, 10)
	for _, n := range []int64{9, 9, 0, 0, 0, 0} {
		left <- n
	}
	totals := func() Totals { return Totals{Uploaded: 5, Left: <-left} }
	if err := a.Add(t.Context(), hash(1), [][]string{{raw}}, totals); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		<-heard
		if p := <-got; p != "1.2.3.4:6881" {
			t.Errorf("peer %s", p)
		}
	}
	eventually(t, func() bool { return row(t, a, hash(1), raw).Status == swarm.TrackerWorking })
	if r := row(t, a, hash(1), raw); r.Message != "soon" || r.Seeds != 1 || r.Peers != 2 {
		t.Errorf("row %+v", r)
	}
	if err := a.Completed(t.Context(), hash(1)); err != nil {
		t.Fatal(err)
	}
	<-heard
	<-heard
	if err := a.Scrape(t.Context(), hash(1)); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return row(t, a, hash(1), raw).Downloads == 50 })
	stop()
	mu.Lock()
	defer mu.Unlock()
	var seq []string
	for _, h := range hits {
		seq = append(seq, strings.TrimSuffix(h.host, fmt.Sprint(":", port))+" "+h.event+" "+h.left+" "+h.up)
	}
	// Host is the name in both families; the order is IPv4 first.
	want := []string{
		"localhost started 9 5", "localhost started 9 5", "localhost completed 0 5", "localhost completed 0 5",
		" scrape  ", " scrape  ", "localhost stopped 0 5", "localhost stopped 0 5",
	}
	if g, w := strings.Join(seq, ","), strings.Join(want, ","); g != w {
		t.Errorf("the tracker saw\n%s, want\n%s", g, w)
	}
}

// eventually polls a condition that another goroutine will make true.
func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("the condition never came true")
		}
	}
}
