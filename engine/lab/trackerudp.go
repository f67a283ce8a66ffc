package lab

import (
	"encoding/binary"
	"net"
	"net/netip"
	"time"

	"swarmbid/engine/swarm"
)

// The magic and the actions of BEP 15.
const (
	udpMagic    = 0x41727101980
	udpConnect  = 0
	udpAnnounce = 1
	udpScrape   = 2
	udpError    = 3
)

// serveUDP answers packets until the socket is closed.
func (t *Tracker) serveUDP(c *net.UDPConn) {
	buf := make([]byte, 2048)
	for {
		n, from, err := c.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if out := t.packet(buf[:n], from); out != nil {
			if _, err := c.WriteToUDPAddrPort(out, from); err != nil {
				return
			}
		}
	}
}

// connectionID is what a client at from has to show: any number that another
// address cannot guess will do, and tests need no secrecy.
func connectionID(from netip.AddrPort) uint64 {
	return 0x5ab1d_0000_0000 + uint64(from.Port())
}

// packet answers one packet; nil = silence.
func (t *Tracker) packet(b []byte, from netip.AddrPort) []byte {
	if len(b) < 16 {
		return nil
	}
	be := binary.BigEndian
	id, action, tid := be.Uint64(b), be.Uint32(b[8:]), be.Uint32(b[12:])
	head := func(action uint32) []byte {
		return be.AppendUint32(be.AppendUint32(nil, action), tid)
	}
	if action == udpConnect && id == udpMagic {
		return be.AppendUint64(head(udpConnect), connectionID(from))
	}
	switch {
	case id != connectionID(from):
		return append(head(udpError), "connection id mismatch"...)
	case action == udpAnnounce && len(b) >= 98:
		return t.announceUDP(b, from, head)
	case action == udpScrape && (len(b)-16)%20 == 0:
		out := head(udpScrape)
		t.mu.Lock()
		defer t.mu.Unlock()
		t.scrapes++
		for h := b[16:]; len(h) > 0; h = h[20:] {
			seeds, leechers := t.count(swarm.InfoHash(h[:20]))
			for _, n := range []int{seeds, seeds, leechers} {
				out = be.AppendUint32(out, uint32(n))
			}
		}
		return out
	}
	return append(head(udpError), "malformed request"...)
}

// announceUDP reads the fixed layout of BEP 15.
func (t *Tracker) announceUDP(b []byte, from netip.AddrPort, head func(uint32) []byte) []byte {
	be := binary.BigEndian
	events := [...]string{"", "completed", "started", "stopped"}
	a := Announce{
		At: time.Now(), UDP: true, InfoHash: swarm.InfoHash(b[16:36]), PeerID: swarm.PeerID(b[36:56]), From: from.Addr(),
		Downloaded: int64(be.Uint64(b[56:])), Left: int64(be.Uint64(b[64:])), Uploaded: int64(be.Uint64(b[72:])),
		Key: str(int64(be.Uint32(b[88:]))), NumWant: int(int32(be.Uint32(b[92:]))), Port: be.Uint16(b[96:]),
	}
	if e := be.Uint32(b[80:]); int(e) < len(events) {
		a.Event = events[e]
	}
	out := t.announce(a)
	if out.Drop {
		return nil
	}
	if out.Failure != "" {
		return append(head(udpError), out.Failure...)
	}
	p := head(udpAnnounce)
	for _, n := range []int{int(out.Interval.Seconds()), out.Leechers, out.Seeds} {
		p = be.AppendUint32(p, uint32(n))
	}
	for _, peer := range out.Peers {
		if peer.Addr().Is4() == from.Addr().Is4() {
			p = compact(p, peer)
		}
	}
	return p
}
