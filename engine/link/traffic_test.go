package link

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// TestOverheadCounts: with the switch on, payload, the protocol's bytes and the headers
// together are within the download limit, and switching it on charges nothing of before.
func TestOverheadCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 1 << 20
		p := newPipes(t, Config{})
		p.SetDownLimit(limit)
		peer, engine, l := p.pair(true)
		flood(peer, engine)
		measure := func() (payload, all int64) {
			a := p.Traffic()
			<-time.After(20 * time.Second)
			b := p.Traffic()
			return b.In - a.In, b.In + b.OverIn - a.In - a.OverIn
		}
		<-time.After(time.Minute)
		payload, all := measure()
		within(t, "payload alone", payload, 20*limit, 0.01)
		if over := float64(all-payload) / float64(payload); over < 0.027 || over > 0.031 { // 40 of 1460 bytes and 13 of 16384
			t.Errorf("overhead is %.2f %% of the payload", 100*over)
		}
		p.SetCountOverhead(true)
		first := l.Stats().PayloadIn
		<-time.After(2 * time.Second)
		within(t, "at once", l.Stats().PayloadIn-first, 2*limit, 0.06)
		_, all = measure()
		within(t, "all bytes", all, 20*limit, 0.01)
		p.SetCountOverhead(false)
		payload, _ = measure()
		within(t, "payload alone again", payload, 20*limit, 0.01)
	})
}

// TestFreePeers: the session's limit does not hold for a peer of the local network
// while that is switched on, but its torrent's does.
func TestFreePeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t, Config{})
		p.SetDownLimit(100 << 10)
		p.SetTorrentDownLimit(testHash, 1<<20)
		p.SetFree(true, true)
		var links []*Link
		for _, addr := range []string{"192.168.1.7:6881", "203.0.113.7:6881"} {
			peer, engine, l := p.pairOf(testHash, addr, true)
			flood(peer, engine)
			links = append(links, l)
		}
		if !links[0].Local() || !links[0].Free() || links[1].Local() || links[1].Free() {
			t.Error("who is local?")
		}
		received(links, 2*time.Second)
		got := received(links, 20*time.Second)
		within(t, "from the internet", got[1], 20*100<<10, 0.02)
		within(t, "both, by the torrent's limit", sum(got), 20<<20, 0.02)
		if tr := p.Traffic(); tr.LocalIn != links[0].traffic().In+links[0].traffic().OverIn || tr.LocalIn == 0 {
			t.Errorf("%+v", tr)
		}
		p.SetFree(false, true)
		received(links, 2*time.Second)
		within(t, "nobody is free", sum(received(links, 20*time.Second)), 20*100<<10, 0.02)
	})
}

// TestTrafficStays: what a link has carried counts after its end, once, and the
// handshakes are part of it.
func TestTrafficStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t, Config{})
		peer, engine, l := p.pair(true)
		if s := l.Stats(); s.OverheadIn != peerwire.HandshakeSize || s.OverheadOut != peerwire.HandshakeSize {
			t.Errorf("after the handshakes %d and %d", s.OverheadIn, s.OverheadOut)
		}
		ask(peer, engine)
		engine.pump()
		peer.send(pieceOf(0, 0, 16384))
		engine.expect(pieceOf(0, 0, 16384))
		before := p.Traffic()
		if want := int64(peerwire.HandshakeSize + peerwire.PieceHead); before.In != 16384 || before.OverIn < want+40 || before.Out != 0 || before.OverOut < peerwire.HandshakeSize+17 {
			t.Errorf("%+v", before)
		}
		l.Close()
		if after := p.Traffic(); after != before {
			t.Errorf("%+v, before the end %+v", after, before)
		}
	})
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		network     string
		this, other int64
		want        int64
	}{
		{"tcp4", 0, 0, 0},
		{"tcp4", 1, 0, 40},
		{"tcp4", 14600, 0, 400},
		{"tcp4", 0, 14600, 200},
		{"tcp6", 1440 * 3, 0, 180},
		{"udp4", 1400 * 2, 1400 * 4, 48 * 4},
		{"udp6", 1380, 0, 68},
	} {
		if got := headers(c.network, c.this, c.other); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

func TestIsLocal(t *testing.T) {
	for s, want := range map[string]bool{
		"10.1.2.3": true, "172.31.0.1": true, "192.168.178.2": true, "169.254.1.1": true, "fe80::1": true, "fd00::1": true,
		"127.0.0.1": false, "::1": false, "203.0.113.1": false, "2001:db8::1": false, "172.32.0.1": false,
	} {
		if got := IsLocal(netip.MustParseAddr(s)); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
}

// TestAskedAt: a peer is waited for from the first request on, anew from every answer,
// and no longer when nothing is asked for.
func TestAskedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t, Config{})
		peer, engine, l := p.pair(true)
		check := func(what string, n int, waited time.Duration) {
			t.Helper()
			synctest.Wait()
			s := l.Stats()
			if s.Asking != n || s.AskedAt.IsZero() != (n == 0) || n > 0 && time.Since(s.AskedAt) != waited {
				t.Errorf("%s: %d requests, since %v", what, s.Asking, time.Since(s.AskedAt))
			}
		}
		request := func(begin uint32) {
			go engine.send(blk(peerwire.Request, 0, begin))
			peer.expect(blk(peerwire.Request, 0, begin))
		}
		engine.pump()
		check("at first", 0, 0)
		request(0)
		request(swarm.BlockSize)
		<-time.After(3 * time.Second)
		check("two", 2, 3*time.Second)
		peer.send(pieceOf(0, 0, 16384))
		engine.expect(pieceOf(0, 0, 16384))
		<-time.After(time.Second)
		check("one answered", 1, time.Second)
		peer.send(blk(peerwire.Reject, 0, swarm.BlockSize))
		check("the other refused", 0, 0)
		request(0)
		check("again", 1, 0)
	})
}
