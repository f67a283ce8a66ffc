package link

import (
	"net"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// pipes is a rig without sockets, for virtual time.
type pipes struct {
	*rig
	accept chan net.Conn
}

// named is a pipe that has an address.
type named struct {
	net.Conn
	addr *net.TCPAddr
}

func (n named) RemoteAddr() net.Addr { return n.addr }

func (p *pipes) Accept() (net.Conn, error) {
	c, ok := <-p.accept
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func newPipes(tb testing.TB, cfg Config) *pipes {
	tb.Helper()
	p := &pipes{rig: newRig(tb, cfg), accept: make(chan net.Conn, 8)}
	p.wrap = p.Listener(p)
	return p
}

func (p *pipes) pair(fast bool) (peer, engine *wire, l *Link) {
	return p.pairOf(testHash, "127.0.0.1:6881", fast)
}

// pairOf is pair for a torrent and a peer at an address.
func (p *pipes) pairOf(ih swarm.InfoHash, addr string, fast bool) (peer, engine *wire, l *Link) {
	hello := func(fast bool) []byte {
		h := handshakeOf(fast, "-PE0001-")
		h.InfoHash = ih
		return peerwire.AppendHandshake(nil, h)
	}
	a, b := net.Pipe()
	p.tb.Cleanup(func() { a.Close() })
	p.accept <- named{b, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr))}
	peer = &wire{tb: p.tb, conn: a}
	done := make(chan struct{})
	go func() {
		defer close(done)
		peer.send(hello(fast))
		peer.welcome()
	}()
	nc, err := p.wrap.Accept()
	if err != nil {
		p.tb.Fatal(err)
	}
	engine = &wire{tb: p.tb, conn: nc}
	engine.welcome()
	engine.send(hello(true))
	<-done
	nc.SetDeadline(time.Time{})
	l = nc.(*Link)
	<-l.up
	return peer, engine, l
}

func itoa(n int) string { return strconv.Itoa(n) }
