package link

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"time"

	"swarmbid/engine/swarm"
)

// Listener and Dialer are what the library takes and what we wrap.
type (
	// Listener accepts connections of one network.
	Listener interface {
		Accept() (net.Conn, error)
		Addr() net.Addr
	}
	// Dialer dials in one network, "tcp4" for example.
	Dialer interface {
		Dial(ctx context.Context, addr string) (net.Conn, error)
		DialerNetwork() string
	}
)

// Listener wraps l: each connection it accepts is a Link. Closing l stays the
// caller's business.
func (ls *Links) Listener(l Listener) Listener { return listener{l, ls} }

// Dialer wraps d: each connection it makes is a Link.
func (ls *Links) Dialer(d Dialer) Dialer { return dialer{d, ls} }

type listener struct {
	Listener
	links *Links
}

// Accept returns the next connection that is not refused. When the listener is
// closed it waits for Links.Close, since the library would ask again at once.
func (l listener) Accept() (net.Conn, error) {
	pause := 5 * time.Millisecond
	for {
		nc, err := l.Listener.Accept()
		select {
		case <-l.links.done:
			if err == nil {
				_ = nc.Close()
			}
			return nil, net.ErrClosed
		default:
		}
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				<-l.links.done
				return nil, err
			}
			if !l.links.wait(pause) {
				return nil, net.ErrClosed
			}
			pause = min(2*pause, time.Second)
			continue
		}
		pause = 5 * time.Millisecond
		if c := l.links.newLink(nc, true, ""); c != nil {
			return c, nil
		}
		_ = nc.Close()
	}
}

// wait returns false when the Links were closed before d was over.
func (ls *Links) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ls.done:
		return false
	}
}

type dialer struct {
	Dialer
	links *Links
}

// Dial connects to addr unless it is refused or there are connections enough.
func (d dialer) Dial(ctx context.Context, addr string) (net.Conn, error) {
	d.links.mu.Lock()
	full := d.links.full()
	d.links.mu.Unlock()
	if full {
		return nil, ErrFull
	}
	if ap, err := netip.ParseAddrPort(addr); err == nil && d.links.cfg.Refuse(ap.Addr().Unmap()) {
		return nil, ErrRefused
	}
	nc, err := d.Dialer.Dial(ctx, addr)
	if err != nil {
		return nil, err
	}
	l := d.links.newLink(nc, false, d.DialerNetwork())
	if l == nil {
		_ = nc.Close()
		return nil, ErrRefused
	}
	l.redial = func(ctx context.Context) (net.Conn, error) { return d.Dialer.Dial(ctx, addr) }
	return l, nil
}

// newLink makes a Link of a connection, or returns nil if it is refused.
func (ls *Links) newLink(nc net.Conn, incoming bool, network string) *Link {
	addr, err := addrPort(nc.RemoteAddr())
	if err != nil || ls.cfg.Refuse(addr.Addr()) {
		return nil
	}
	tune(nc)
	l := &Link{
		links:    ls,
		key:      swarm.PeerKey(ls.nextKey.Add(1)),
		incoming: incoming,
		network:  networkOf(nc.RemoteAddr(), addr, network),
		addr:     addr,
		opened:   time.Now(),
		local:    ls.cfg.Local(addr.Addr()),
		raw:      &counted{Conn: nc},
		secured:  make(chan struct{}),
		up:       make(chan struct{}),
		done:     make(chan struct{}),
		resume:   make(chan struct{}, 1),
		writeUp:  make(chan struct{}, 1),
	}
	l.counts.ChokingUs = true
	l.utp = strings.HasPrefix(l.network, "udp")
	if strings.HasPrefix(l.network, "tcp") {
		l.remote = net.TCPAddrFromAddrPort(addr)
	} else {
		l.remote = net.UDPAddrFromAddrPort(addr)
	}
	if !ls.add(l) {
		return nil
	}
	return l
}

// addrPort reads the address of any net.Addr.
func addrPort(a net.Addr) (netip.AddrPort, error) {
	var ap netip.AddrPort
	switch a := a.(type) {
	case *net.TCPAddr:
		ap = a.AddrPort()
	case *net.UDPAddr:
		ap = a.AddrPort()
	default:
		var err error
		if ap, err = netip.ParseAddrPort(a.String()); err != nil {
			return ap, err
		}
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), nil
}

// networkOf names the network of a connection, with the address family.
func networkOf(remote net.Addr, addr netip.AddrPort, dialled string) string {
	name := "tcp"
	if dialled == "" {
		dialled = remote.Network()
	}
	if strings.Contains(dialled, "udp") {
		name = "udp"
	}
	if addr.Addr().Is4() {
		return name + "4"
	}
	return name + "6"
}

// tune sets what the library would set on a bare TCP connection, and bounds what
// the kernel holds unsent, since a choke has to wait for it.
func tune(nc net.Conn) {
	if w, ok := nc.(interface{ NetConn() net.Conn }); ok { // a proxy's
		nc = w.NetConn()
	}
	if tc, ok := nc.(*net.TCPConn); ok {
		_ = tc.SetLinger(0) // a connection to a peer is not worth a TIME_WAIT
		boundUnsent(tc)
	}
}
