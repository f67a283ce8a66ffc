package engine

import (
	"context"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"swarmbid/bidding/wire"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// TestIncompleteSells has a client that is still downloading sell what it has to
// one that gives nothing back: far more than the 100 KiB beyond what it got that
// the library would give, and without being paid by anything but money.
func TestIncompleteSells(t *testing.T) {
	t.Parallel()
	p := payload(t, 24<<20)
	source := run(t, testConfig(t, t.TempDir()))
	source.seed(p)
	middle, earned := trading(t, func(c *Config) { c.UpLimit, c.DownLimit = 8<<20, 6<<20 })
	middle.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, middle, source)
	middle.wait(p.InfoHash, "a half", func(r *swarm.Torrent) bool { return r.Completed >= 12<<20 })
	if err := middle.SetLimits(t.Context(), swarm.Limits{Down: 64 << 10}, p.InfoHash); err != nil {
		t.Fatal(err)
	}
	buyer, _ := trading(t, bids(5000))
	buyer.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, buyer, middle)
	got := buyer.wait(p.InfoHash, "far more than it gave", func(r *swarm.Torrent) bool { return r.Completed >= 8<<20 })
	r := middle.wait(p.InfoHash, "the row tells of it", func(r *swarm.Torrent) bool { return r.Uploaded >= got.Completed && r.Earning >= 0 })
	if r.Complete() {
		t.Error("the seller was complete")
	}
	if got.Uploaded != 0 {
		t.Errorf("the buyer gave %d bytes", got.Uploaded)
	}
	until(t, "the sale is told to the payment side", func() bool {
		n, _ := earned.total(earned.sold)
		return n >= 8<<20
	})
}

// TestOtherSeedsSeeNothingOdd loads from a seed of each other make with the market
// on and bids out. It sees one more name in the extended handshake: the download
// goes on as always, and its log has no error in it that it does not write of a
// client without the market too: aria2 does of every connection that ends.
func TestOtherSeedsSeeNothingOdd(t *testing.T) {
	needsPrograms(t)
	t.Parallel()
	p := payload(t, 8<<20)
	for _, kind := range others() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			c := ordinary(t, kind, lab.Options{})
			if err := lab.Seed(t.Context(), c, p, p.Dir); err != nil {
				t.Fatal(err)
			}
			plain := run(t, testConfig(t, t.TempDir()))
			plain.add(swarm.Add{Source: swarm.Source{File: p.File}})
			joinOther(t, plain, kind, c, p)
			plain.wait(p.InfoHash, "downloaded without the market", seeding)
			if err := plain.stop(); err != nil {
				t.Fatal(err)
			}
			until(t, "the connection is over", func() bool {
				peers, err := c.Peers(t.Context(), p.InfoHash)
				return err == nil && len(peers) == 0
			})
			before := len(c.Log())
			usual := errorsIn(c.Log())
			buyer, paid := trading(t, bids(5000))
			buyer.add(swarm.Add{Source: swarm.Source{File: p.File}})
			joinOther(t, buyer, kind, c, p)
			buyer.wait(p.InfoHash, "downloaded", seeding)
			if m := buyer.marketTab(p.InfoHash); len(m.Bids) != 0 || len(m.Bidders) != 0 {
				t.Errorf("a market with an ordinary client: %+v", m)
			}
			if len(paid.got) != 0 || len(paid.parties) != 0 {
				t.Errorf("the payment side was told %+v of %+v", paid.got, paid.parties)
			}
			log := c.Log()[before:]
			if kind.Name == "aria2" && !strings.Contains(log, "btt_bid") {
				t.Error("aria2 logs the extended handshakes, and there was none with our name in it")
			}
			for line := range errorsIn(log) {
				if !usual[line] {
					t.Errorf("%s logs: %s", kind.Name, line)
				}
			}
		})
	}
}

// errorsIn returns the lines of a log that tell of a fault, with every number left
// out.
func errorsIn(log string) map[string]bool {
	found := map[string]bool{}
	for line := range strings.Lines(log) {
		if strings.Contains(line, "SocketCore.cc") {
			continue // aria2, of a connection that ended or could not be made
		}
		if strings.Contains(line, "Client is in seed state") {
			continue // aria2, of a peer that has become a seed like itself: by a message, or by the end of the connection, whichever comes first
		}
		for _, w := range []string{"error", "exception", "invalid", "malformed", "unexpected", "banned", "violation"} {
			if strings.Contains(strings.ToLower(line), w) {
				found[regexp.MustCompile(`[0-9]+`).ReplaceAllString(strings.TrimSpace(line), "#")] = true
			}
		}
	}
	return found
}

// BenchmarkRechoke is a round with 500 connected peers that want something, with
// the market off and on.
func BenchmarkRechoke(b *testing.B) {
	for name, on := range map[string]bool{"market off": false, "market on": true} {
		b.Run(name, func(b *testing.B) { benchRechoke(b, on) })
	}
}

func benchRechoke(b *testing.B, on bool) {
	b.Helper()
	const peers = 500
	p, err := lab.OneFile(b.TempDir(), 16<<20).Make()
	if err != nil {
		b.Fatal(err)
	}
	c := DefaultConfig()
	c.DataDir, c.DownloadDir, c.Listen = b.TempDir(), p.Dir, localhost()
	c.DHT, c.PEX, c.LSD, c.UPnP, c.NATPMP, c.IPv6, c.UTP, c.SubnetSlots = false, false, false, false, false, false, false, 0
	c.MaxPeers, c.MaxPeersPerTorrent, c.UpLimit = 2*peers, 2*peers, 4<<20
	c.Market.On, c.Payments = on, newGrantAll()
	e, err := New(c)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
	if _, err := e.Add(ctx, swarm.Add{Source: swarm.Source{File: p.File}}); err != nil {
		b.Fatal(err)
	}
	if err := lab.Until(ctx, func() (bool, error) {
		s := e.Snapshot()
		return len(s.Torrents) == 1 && seeding(&s.Torrents[0]) && s.Totals.ListenPort > 0, nil
	}); err != nil {
		b.Fatal(err)
	}
	to := netip.AddrPortFrom(localhost()[0], uint16(e.Snapshot().Totals.ListenPort))
	for range peers {
		l, err := lab.Leech(ctx, to, lab.LeecherConfig{Hello: lab.Hello{Reserved: lab.Reserved(true, true, false)}, Shape: p.Shape()})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = l.Close() })
		if err := l.Raw().Send(lab.Ext(0, "d1:md7:btt_bidi7eee")); err != nil {
			b.Fatal(err)
		}
	}
	wanting := func() (n int) {
		for _, l := range e.links.All() {
			if l.Stats().Interested {
				n++
			}
		}
		return n
	}
	if err := lab.Until(ctx, func() (bool, error) { return wanting() == peers, nil }); err != nil {
		b.Fatal(err)
	}
	if err := lab.Until(ctx, func() (done bool, err error) {
		err = e.do(ctx, func() error { done = !on || e.everyOtherBids(peers); return nil })
		return done, err
	}); err != nil {
		b.Fatal(err)
	}
	var took []float64
	for b.Loop() {
		err := e.do(ctx, func() error {
			began := time.Now()
			e.rechokeNow(began)
			took = append(took, float64(time.Since(began).Microseconds()))
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(median(took), "µs/round")
}

// everyOtherBids has every other of the peers bid something else, once all of them
// offered the extension.
func (e *Engine) everyOtherBids(peers int) bool {
	if len(e.market.traders) < peers {
		return false
	}
	price := btt.Rate(1000)
	for _, t := range e.market.traders {
		e.heard(t, wire.Hello{Version: 1, Roles: wire.Requester})
		if price++; price%2 == 0 {
			e.heard(t, wire.Bid{Price: price, Most: 1000 * btt.One})
		}
	}
	return true
}
