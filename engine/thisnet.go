package engine

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// NetLimit are limits for a network. They take the place of the usual ones while the
// machine is in it; alternative limits that the user switched on come before them.
type NetLimit struct {
	Net      netip.Prefix // of the machine's own subnet
	Down, Up int64        // bytes per second; 0 = none
}

// maxNetLimits bounds the networks that have limits of their own.
const maxNetLimits = 100

// lookAtNetEvery is how often the network of the machine is looked at.
const lookAtNetEvery = 10 * time.Second

// thisNet remembers in which network the machine is.
type thisNet struct {
	at  time.Time // when it was looked at
	net netip.Prefix
}

// look renews what is known of the network, with the given way to find it.
func (n *thisNet) look(now time.Time, find func() netip.Prefix) {
	if now.Sub(n.at) >= lookAtNetEvery {
		n.at, n.net = now, find()
	}
}

// limitsOf returns the limits of a network.
func (s *Settings) limitsOf(n netip.Prefix) (l NetLimit, ok bool) {
	i := slices.IndexFunc(s.Networks, func(l NetLimit) bool { return n.IsValid() && l.Net == n })
	if i < 0 {
		return NetLimit{}, false
	}
	return s.Networks[i], true
}

// validateNetworks reports the first limits of a network that are out of range.
func (s *Settings) validateNetworks() error {
	if len(s.Networks) > maxNetLimits {
		return fmt.Errorf("%w: limits for %d networks, at most %d", ErrConfig, len(s.Networks), maxNetLimits)
	}
	for i, l := range s.Networks {
		switch {
		case !l.Net.IsValid() || l.Net != l.Net.Masked():
			return fmt.Errorf("%w: %q is no network", ErrConfig, l.Net)
		case l.Down < 0 || l.Up < 0:
			return fmt.Errorf("%w: a limit of network %v is negative", ErrConfig, l.Net)
		case slices.ContainsFunc(s.Networks[:i], func(o NetLimit) bool { return o.Net == l.Net }):
			return fmt.Errorf("%w: network %v has limits twice", ErrConfig, l.Net)
		}
	}
	return nil
}

// Interface is a network interface of the machine.
type Interface struct {
	Up   bool
	Nets []netip.Prefix // its addresses, each with the length of its subnet
}

// networkOf is the subnet of the interface that has the address from which the machine
// reaches the internet. It is the zero value when there is none.
func networkOf(from netip.Addr, all []Interface) netip.Prefix {
	for _, i := range all {
		for _, p := range i.Nets {
			if i.Up && p.Addr() == from {
				return p.Masked()
			}
		}
	}
	return netip.Prefix{}
}

// ThisNetwork finds out in which network the machine is: the subnet of the address
// from which the system would reach the internet. It needs no privileges and sends
// nothing. It is the zero value while the machine is in none.
func ThisNetwork() netip.Prefix {
	all := interfaces()
	for _, far := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} { // documentation addresses: only the route is asked for
		if c, err := net.Dial("udp", far); err == nil { //nolint:noctx // nothing is waited for
			from, aerr := netip.ParseAddrPort(c.LocalAddr().String())
			_ = c.Close()
			if aerr == nil {
				if n := networkOf(from.Addr().Unmap().WithZone(""), all); n.IsValid() {
					return n
				}
			}
		}
	}
	return netip.Prefix{}
}

// interfaces lists the machine's interfaces; one that cannot be read is left out.
func interfaces() []Interface {
	list, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var out []Interface
	for _, i := range list {
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		x := Interface{Up: i.Flags&net.FlagUp != 0}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				x.Nets = append(x.Nets, netip.PrefixFrom(p.Addr().Unmap(), p.Bits()))
			}
		}
		out = append(out, x)
	}
	return out
}
