package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"swarmbid/app/settings"
	"swarmbid/engine"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
)

// quiet are the settings of a session on loopback that talks to nobody unasked.
func quiet(t *testing.T) settings.Settings {
	t.Helper()
	s := settings.Default(t.TempDir())
	s.Connection.Listen, s.Connection.UPnP, s.Connection.NATPMP = []string{"127.0.0.1"}, false, false
	s.BitTorrent.DHT, s.BitTorrent.LSD, s.BitTorrent.PEX, s.BitTorrent.IPv6 = false, false, false, false
	return s
}

// sessionOf runs an engine with settings as the program does until the test ends or
// stop is called.
func sessionOf(t *testing.T, s settings.Settings) (e *engine.Engine, stop func()) {
	t.Helper()
	e, err := engine.New(engineConfig(s, settings.Paths{Root: t.TempDir()}, slog.New(slog.NewTextHandler(t.Output(), nil))))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	stop = func() {
		cancel()
		err := <-ended
		ended <- err
		if err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return e, stop
}

// totals waits until the session's figures please ok.
func totals(t *testing.T, e *engine.Engine, what string, ok func(*swarm.Totals) bool) swarm.Totals {
	t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	for {
		x := e.Snapshot().Totals
		if ok(&x) {
			return x
		}
		select {
		case <-e.Changed():
		case <-deadline.C:
			t.Fatalf("%s: never; last %+v", what, x)
		}
	}
}

// TestRandomPortAtEveryStart: with the switch on, each start listens at another
// port than the one in the settings, which is kept for when it is off again.
func TestRandomPortAtEveryStart(t *testing.T) {
	s := quiet(t)
	s.Connection.Port, s.Connection.Random = 21987, true
	seen := map[int]bool{}
	for range 3 {
		e, stop := sessionOf(t, s)
		x := totals(t, e, "listens", func(x *swarm.Totals) bool { return x.ListenPort != 0 })
		if x.ListenPort == 21987 {
			t.Errorf("listens at the port of the settings")
		}
		var d net.Dialer
		c, err := d.DialContext(t.Context(), "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(x.ListenPort)))
		if err == nil {
			_ = c.Close() // nothing was said
		} else if !errors.Is(err, syscall.ECONNRESET) { // no torrent wants peers, so it may be closed at once
			t.Fatal(err)
		}
		seen[x.ListenPort] = true
		stop()
	}
	if len(seen) < 2 {
		t.Errorf("three starts, one port: %v", seen)
	}
	s.Connection.Random = false
	e, _ := sessionOf(t, s)
	if x := totals(t, e, "listens", func(x *swarm.Totals) bool { return x.ListenPort != 0 }); x.ListenPort != 21987 {
		t.Logf("the port of the settings is taken by another program: %+v", x)
		if got := engineSettings(s).Port; got != 21987 {
			t.Errorf("the engine is told port %d", got)
		}
	}
}

// TestFeedsAndNamesUnderProxy: feeds come through the proxy of the preferences, and
// names of peers are not looked up while nothing may go beside it.
func TestFeedsAndNamesUnderProxy(t *testing.T) {
	st, _, err := settings.Open(filepath.Join(t.TempDir(), "settings.json"), quiet(t))
	if err != nil {
		t.Fatal(err)
	}
	px, err := lab.StartProxy(lab.ProxyConfig{From: netip.MustParseAddr("127.0.0.9"), Hosts: map[string]string{"feeds.invalid": "127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = px.Close() })
	from := make(chan string, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from <- r.RemoteAddr
		_, _ = io.WriteString(w, `<rss><channel><title>T</title></channel></rss>`)
	}))
	t.Cleanup(srv.Close)
	w := &windowSettings{store: st, log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	p := w.Prefs()
	p.ProxyKind, p.ProxyHost, p.ProxyPort = "socks5", "127.0.0.1", int(px.Addr().Port())
	if err := st.Update(func(s *settings.Settings) error { carry(&p, s); return nil }); err != nil {
		t.Fatal(err)
	}
	e, _ := sessionOf(t, st.Get())
	a := &App{settings: st, engine: e, log: w.log, paths: settings.Paths{Root: t.TempDir()}}
	if err := a.openFeeds(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.feeds.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	if _, err := (feedsOf{a.feeds}).Follow(ctx, strings.Replace(srv.URL, "127.0.0.1", "feeds.invalid", 1), ""); err != nil {
		t.Fatal(err)
	}
	select {
	case addr := <-from:
		if !strings.HasPrefix(addr, "127.0.0.9:") {
			t.Errorf("fetched beside the proxy, from %s", addr)
		}
	case <-time.After(20 * time.Second):
		t.Error("not fetched")
	}
	if name, err := a.lookup(ctx, netip.MustParseAddr("127.0.0.1")); !errors.Is(err, errNoLookup) {
		t.Errorf("looked up %q, %v", name, err)
	}
	totals(t, e, "nobody can connect", func(x *swarm.Totals) bool { return x.Net == swarm.NetProxyOnly && x.ListenPort == 0 })
	p.ProxyOnly = false
	if err := st.Update(func(s *settings.Settings) error { carry(&p, s); return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := a.lookup(ctx, netip.MustParseAddr("127.0.0.1")); errors.Is(err, errNoLookup) {
		t.Error("names are not looked up though the user allows it")
	}
}
