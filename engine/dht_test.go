package engine

import (
	"net"
	"testing"
	"time"

	"github.com/anacrolix/dht/v2/krpc"
	peer_store "github.com/anacrolix/dht/v2/peer-store"

	"swarmbid/engine/swarm"
)

// TestDHTFindsPeers has three nodes: one both others begin with, a seed, and a
// magnet link that names nobody.
func TestDHTFindsPeers(t *testing.T) {
	t.Parallel()
	p := payload(t, 1<<20)
	with := func(bootstrap ...string) *session {
		cfg := testConfig(t, t.TempDir())
		cfg.DHT, cfg.Bootstrap = true, append([]string{}, bootstrap...)
		return run(t, cfg)
	}
	hub := with()
	a := with(hub.addr())
	b := with(hub.addr())
	a.seed(p)
	b.add(swarm.Add{Source: swarm.Source{Magnet: "magnet:?xt=urn:btih:" + p.InfoHash.String()}})
	b.wait(p.InfoHash, "downloaded", seeding)
	if n := b.Snapshot().Totals.DHTNodes; n == 0 {
		t.Error("no good node")
	}
}

func TestPeerStoreIsBoundedAndForgets(t *testing.T) {
	t.Parallel()
	var s peerStore
	now := time.Now()
	one := func(host byte, port int) krpc.NodeAddr {
		return krpc.NodeAddr{IP: net.IPv4(10, 0, 0, host), Port: port}
	}
	ih := peer_store.InfoHash{1}
	s.add(ih, one(1, 1000), now)
	s.add(ih, one(1, 1001), now)
	s.add(ih, one(1, 0), now)
	if got := s.get(ih, now); len(got) != 2 {
		t.Fatalf("two ports of one host give %v", got)
	}
	if got := s.get(ih, now.Add(storeFor+time.Second)); len(got) != 0 {
		t.Fatalf("after half an hour: %v", got)
	}
	for i := range 3 * storePeers {
		s.add(ih, one(2, 2000+i), now.Add(time.Duration(i)))
	}
	if n := len(s.peers[ih]); n != storePeers {
		t.Fatalf("%d peers of one infohash", n)
	}
	if got := s.get(ih, now); len(got) != storeAnswer {
		t.Fatalf("%d peers in an answer", len(got))
	}
	for i := range 2 * storeHashes {
		s.add(peer_store.InfoHash{2, byte(i >> 8), byte(i)}, one(3, 3000), now)
	}
	if n := len(s.peers); n > storeHashes {
		t.Fatalf("%d infohashes", n)
	}
}
