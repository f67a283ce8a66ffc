package engine

import (
	"net"
	"net/netip"
	"time"

	"github.com/anacrolix/torrent"
)

// Bounds of a torrent's address book.
const (
	maxCandidates = 300
	redialFirst   = 3 * time.Second // after the first attempt; each further pause is twice as long
	redialMost    = 10 * time.Minute
	redialTries   = 12 // in vain, then the address is forgotten
	redialEvery   = 2 * time.Second
)

// candidate is an address at which a peer may be. The library tries an address
// once and forgets it; but a peer may be checking its files, or may have dropped
// us for a reason that has passed.
type candidate struct {
	next  time.Time // of the next attempt
	tries int       // since it was last connected
	src   torrent.PeerSource
}

// note puts an address into the book; one that is there is tried again at once if
// the user gave it.
func (m *managed) note(a netip.AddrPort, src torrent.PeerSource, now time.Time) {
	if c, ok := m.book[a]; ok {
		if src == torrent.PeerSourceDirect {
			c.tries, c.next, c.src = 0, now.Add(redialFirst), src
		}
		return
	}
	if m.book == nil {
		m.book = map[netip.AddrPort]*candidate{}
	}
	if len(m.book) >= maxCandidates {
		if src != torrent.PeerSourceDirect {
			return
		}
		for x, c := range m.book {
			if c.src != torrent.PeerSourceDirect {
				delete(m.book, x)
				break
			}
		}
	}
	m.book[a] = &candidate{next: now.Add(redialFirst), src: src}
}

// redial gives the library addresses again that are not connected. A complete
// torrent dials only whom the user named: others come by themselves.
func (e *Engine) redial(now time.Time) {
	connected := map[netip.AddrPort]bool{}
	for _, l := range e.links.All() {
		connected[l.Addr()] = true
	}
	for _, m := range e.order {
		if m.live == nil || m.checkOnly || len(m.book) == 0 {
			continue
		}
		var again []torrent.PeerInfo
		for a, c := range m.book {
			switch {
			case connected[a]:
				c.tries, c.next = 0, now.Add(redialFirst)
			case now.Before(c.next), m.complete() && c.src != torrent.PeerSourceDirect:
			case c.tries >= redialTries || e.bans.has(a.Addr(), now):
				delete(m.book, a)
			default:
				c.next = now.Add(min(redialMost, redialFirst<<c.tries))
				c.tries++
				again = append(again, torrent.PeerInfo{Addr: net.TCPAddrFromAddrPort(a), Source: c.src})
			}
		}
		if len(again) > 0 {
			m.live.AddPeers(again)
		}
	}
}
