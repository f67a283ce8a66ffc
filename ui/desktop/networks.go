package desktop

import (
	"net"
	"net/netip"
)

// Network is a network interface of this computer that is up.
type Network struct {
	Name  string
	Addrs []netip.Addr // without those that reach only the next router
}

// Networks lists the network interfaces with an address, without loopback.
func Networks() (out []Network) {
	all, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // it went meanwhile
		}
		n := Network{Name: i.Name}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil && !p.Addr().IsLinkLocalUnicast() {
				n.Addrs = append(n.Addrs, p.Addr().Unmap())
			}
		}
		if len(n.Addrs) > 0 {
			out = append(out, n)
		}
	}
	return out
}
