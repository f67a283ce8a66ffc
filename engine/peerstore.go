package engine

import (
	"net/netip"
	"sync"
	"time"

	"github.com/anacrolix/dht/v2/krpc"
	peer_store "github.com/anacrolix/dht/v2/peer-store"
)

// Bounds of what our DHT node keeps for others (BEP 5).
const (
	storeHashes = 2000             // infohashes
	storePeers  = 100              // of one infohash
	storeAnswer = 50               // in one answer, so that it fits a datagram
	storeFor    = 30 * time.Minute // after an announce
)

// peerStore keeps the peers that announce to our DHT node. The library's store
// keeps one peer an address without its port, never forgets and has no bound. The
// zero value is ready; it is safe for concurrent use.
type peerStore struct {
	mu    sync.Mutex
	peers map[peer_store.InfoHash]map[netip.AddrPort]time.Time // of the last announce
}

// AddPeer notes an announce. When there is no room, an infohash or a peer of it
// that was announced long ago makes way.
func (s *peerStore) AddPeer(ih peer_store.InfoHash, a krpc.NodeAddr) { s.add(ih, a, time.Now()) }

// GetPeers returns some of the peers of ih.
func (s *peerStore) GetPeers(ih peer_store.InfoHash) []krpc.NodeAddr { return s.get(ih, time.Now()) }

func (s *peerStore) add(ih peer_store.InfoHash, a krpc.NodeAddr, now time.Time) {
	addr, ok := netip.AddrFromSlice(a.IP)
	if !ok || a.Port < 1 || a.Port > 0xffff {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.peers == nil {
		s.peers = map[peer_store.InfoHash]map[netip.AddrPort]time.Time{}
	}
	of := s.peers[ih]
	if of == nil {
		if len(s.peers) >= storeHashes {
			s.makeRoom(now)
		}
		of = map[netip.AddrPort]time.Time{}
		s.peers[ih] = of
	}
	key := netip.AddrPortFrom(addr.Unmap(), uint16(a.Port))
	if _, known := of[key]; !known && len(of) >= storePeers {
		var first netip.AddrPort
		for k, t := range of {
			if !first.IsValid() || t.Before(of[first]) {
				first = k
			}
		}
		delete(of, first)
	}
	of[key] = now
}

// makeRoom forgets what is too old, or else any one infohash.
func (s *peerStore) makeRoom(now time.Time) {
	before := len(s.peers)
	for ih, of := range s.peers {
		expire(of, now)
		if len(of) == 0 {
			delete(s.peers, ih)
		}
	}
	for ih := range s.peers {
		if len(s.peers) < before {
			return
		}
		delete(s.peers, ih)
	}
}

func expire(of map[netip.AddrPort]time.Time, now time.Time) {
	for k, t := range of {
		if now.Sub(t) > storeFor {
			delete(of, k)
		}
	}
}

func (s *peerStore) get(ih peer_store.InfoHash, now time.Time) (out []krpc.NodeAddr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.peers[ih]
	expire(of, now)
	for k := range of { // in random order, so that every peer is told of
		if len(out) == storeAnswer {
			break
		}
		out = append(out, krpc.NodeAddr{IP: k.Addr().AsSlice(), Port: int(k.Port())})
	}
	return out
}
