package link

import (
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"
)

// Traffic is what has passed over all links since the Links were made, those that are
// closed included, in bytes.
type Traffic struct {
	In, Out           int64 // payload
	OverIn, OverOut   int64 // the protocol's own bytes, and headers by estimate
	LocalIn, LocalOut int64 // of all these, what passed between us and peers of the local network
}

// plus returns the sum of both.
func (t Traffic) plus(o Traffic) Traffic {
	return Traffic{
		In: t.In + o.In, Out: t.Out + o.Out, OverIn: t.OverIn + o.OverIn, OverOut: t.OverOut + o.OverOut,
		LocalIn: t.LocalIn + o.LocalIn, LocalOut: t.LocalOut + o.LocalOut,
	}
}

// Traffic returns what has passed.
func (ls *Links) Traffic() Traffic {
	ls.mu.Lock()
	sum := ls.gone
	live := make([]*Link, 0, len(ls.links))
	for _, l := range ls.links {
		live = append(live, l)
	}
	ls.mu.Unlock()
	for _, l := range live {
		sum = sum.plus(l.traffic())
	}
	return sum
}

// traffic is the part of one link.
func (l *Link) traffic() Traffic {
	s := l.Stats()
	t := Traffic{In: s.PayloadIn, Out: s.PayloadOut, OverIn: s.OverheadIn + s.HeadersIn, OverOut: s.OverheadOut + s.HeadersOut}
	if l.local {
		t.LocalIn, t.LocalOut = t.In+t.OverIn, t.Out+t.OverOut
	}
	return t
}

// IsLocal reports whether an address is one of a network without a way through the
// internet: private, or of the link. A loopback address is none, since what is behind
// it is a tunnel or a proxy.
func IsLocal(a netip.Addr) bool { return a.IsPrivate() || a.IsLinkLocalUnicast() }

// SetFree says which peers the session's limits do not hold for: those of the local
// network, those that are connected by uTP. Limits of torrents hold for all.
func (ls *Links) SetFree(local, utp bool) {
	ls.freeLocal.Store(local)
	ls.freeUTP.Store(utp)
}

// Local reports whether the peer is in the local network.
func (l *Link) Local() bool { return l.local }

// Free reports whether the session's limits do not hold for this peer.
func (l *Link) Free() bool {
	return l.local && l.links.freeLocal.Load() || l.utp && l.links.freeUTP.Load()
}

// SetCountOverhead says whether the download limit counts all bytes instead of payload
// alone.
func (ls *Links) SetCountOverhead(on bool) { ls.countAll.Store(on) }

// headers estimates the bytes of the headers of IP, and of TCP or of UDP and uTP, for
// so many bytes that went one way and so many that came the other: one for each full
// packet, and one for the acknowledgement of every second packet of the other way.
func headers(network string, this, other int64) int64 {
	size, segment := int64(20), int64(1460) // TCP in an Ethernet frame
	if strings.HasPrefix(network, "udp") {
		size, segment = 8+20, 1400
	}
	if strings.HasSuffix(network, "6") {
		size, segment = size+40, segment-20
	} else {
		size += 20
	}
	packets := func(n int64) int64 { return (n + segment - 1) / segment }
	return size * (packets(this) + packets(other)/2)
}

// counted counts the bytes of a connection while its handshake lasts; from then on
// frames are counted.
type counted struct {
	net.Conn
	in, out atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.in.Add(int64(n))
	return n, err
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.out.Add(int64(n))
	return n, err
}

// greeted books the handshakes, which are complete. mu is held.
func (l *Link) greeted() {
	if c, ok := l.rawConn().(*counted); ok {
		l.counts.OverheadIn += c.in.Load()
		l.counts.OverheadOut += c.out.Load()
	}
}

// payOverhead books what is not payload with the session's download limit, if that
// counts it. Nobody waits for it: the payload that comes next waits longer.
func (l *Link) payOverhead() {
	in := &l.in
	if l.links.down.limit() == 0 || !l.links.countAll.Load() || l.Free() {
		in.charged = 0
		return
	}
	s := l.Stats()
	all := s.OverheadIn + s.HeadersIn
	if in.charged > 0 && all > in.charged {
		l.links.down.spend(time.Now(), all-in.charged)
	}
	in.charged = all
}

// asked notes a request of ours that leaves. mu is held.
func (l *Link) asked() {
	if l.counts.Asking++; l.counts.Asking == 1 {
		l.counts.AskedAt = time.Now()
	}
}

// answered notes that one of our requests is answered. mu is held.
func (l *Link) answered() {
	l.counts.Asking = max(0, l.counts.Asking-1)
	l.counts.AskedAt = time.Time{}
	if l.counts.Asking > 0 {
		l.counts.AskedAt = time.Now()
	}
}
