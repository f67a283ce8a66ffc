package lsd

import (
	"context"
	"errors"
	"net"
	"net/netip"

	v4 "golang.org/x/net/ipv4"
	v6 "golang.org/x/net/ipv6"
)

// membership is what the packages ipv4 and ipv6 have in common.
type membership interface {
	JoinGroup(ifi *net.Interface, group net.Addr) error
	SetMulticastInterface(ifi *net.Interface) error
	SetMulticastLoopback(on bool) error
}

// multicast is a medium of sockets. Sending is for one goroutine.
type multicast struct {
	group  *net.UDPAddr
	in     *net.UDPConn
	out    net.PacketConn
	joins  membership // of in
	sends  membership // of out
	ifaces func() ([]net.Interface, error)
	joined map[int]bool // by index of the interface
}

// openMulticast joins the group of a family on every interface that does multicast.
func openMulticast(ctx context.Context, f family) (medium, error) {
	return joinGroup(ctx, f, f.host(), multicastInterfaces)
}

func joinGroup(ctx context.Context, f family, host string, ifaces func() ([]net.Interface, error)) (*multicast, error) {
	network := "udp4"
	if f == ipv6 {
		network = "udp6"
	}
	group, err := net.ResolveUDPAddr(network, host)
	if err != nil {
		return nil, err
	}
	all, err := ifaces()
	if err != nil {
		return nil, err
	}
	in, first, err := listen(network, group, all)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	out, err := lc.ListenPacket(ctx, network, ":0")
	if err != nil {
		_ = in.Close() // nothing was sent
		return nil, err
	}
	m := &multicast{group: group, in: in, out: out, ifaces: ifaces, joined: map[int]bool{first: true}}
	if f == ipv4 {
		m.joins, m.sends = v4.NewPacketConn(in), v4.NewPacketConn(out)
	} else {
		m.joins, m.sends = v6.NewPacketConn(in), v6.NewPacketConn(out)
	}
	if err := m.sends.SetMulticastLoopback(true); err != nil { // other clients of this machine
		m.close()
		return nil, err
	}
	m.join()
	return m, nil
}

// listen joins on the first interface that can; the port is shared with other clients.
func listen(network string, group *net.UDPAddr, all []net.Interface) (in *net.UDPConn, index int, err error) {
	err = errNoInterface
	for _, i := range all {
		if in, err = net.ListenMulticastUDP(network, &i, group); err == nil {
			return in, i.Index, nil
		}
	}
	return nil, 0, err
}

var errNoInterface = errors.New("no network interface does multicast")

func (m *multicast) join() {
	all, err := m.ifaces()
	if err != nil {
		return // the old ones stay
	}
	now := make(map[int]bool, len(all))
	for _, i := range all {
		// An interface without an address of the family refuses; it is asked again.
		now[i.Index] = m.joined[i.Index] || m.joins.JoinGroup(&i, &net.UDPAddr{IP: m.group.IP}) == nil
	}
	m.joined = now
}

func (m *multicast) receive(buf []byte) (int, netip.AddrPort, error) {
	n, from, err := m.in.ReadFromUDPAddrPort(buf)
	return n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), err
}

func (m *multicast) send(packet []byte) error {
	all, err := m.ifaces()
	if err != nil {
		return err
	}
	sent, err := 0, errNoInterface
	for _, i := range all {
		if e := m.sends.SetMulticastInterface(&i); e != nil {
			err = e
			continue
		}
		if _, e := m.out.WriteTo(packet, m.group); e != nil {
			err = e
			continue
		}
		sent++
	}
	if sent == 0 {
		return err
	}
	return nil
}

func (m *multicast) close() {
	_ = m.in.Close() // datagrams: nothing is buffered
	_ = m.out.Close()
}

// multicastInterfaces lists the interfaces of networks that do multicast.
func multicastInterfaces() ([]net.Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	const want = net.FlagUp | net.FlagMulticast
	var out []net.Interface
	for _, i := range all {
		if i.Flags&want == want && i.Flags&net.FlagLoopback == 0 {
			out = append(out, i)
		}
	}
	return out, nil
}

// near reports whether a sender is on our network: a socket may also get packets that
// were sent to us alone, from anywhere.
func near(a netip.Addr) bool {
	if a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsLoopback() {
		return true
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, i := range addrs {
		if p, err := netip.ParsePrefix(i.String()); err == nil && p.Bits() > 0 && p.Contains(a) {
			return true
		}
	}
	return false
}
