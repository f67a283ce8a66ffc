package desktop

import (
	"net"
	"net/netip"
	"testing"
)

// TestNetworks: what is offered has a name the system knows and addresses that a
// socket can be bound to.
func TestNetworks(t *testing.T) {
	for _, n := range Networks() {
		if _, err := net.InterfaceByName(n.Name); err != nil || len(n.Addrs) == 0 {
			t.Errorf("%+v: %v", n, err)
		}
		for _, a := range n.Addrs {
			var lc net.ListenConfig
			pc, err := lc.ListenPacket(t.Context(), "udp", netip.AddrPortFrom(a, 0).String())
			if err != nil {
				t.Errorf("%s: %v", n.Name, err)
				continue
			}
			_ = pc.Close() // nothing was sent
			if a.IsLoopback() || a.IsLinkLocalUnicast() {
				t.Errorf("%s offers %v", n.Name, a)
			}
		}
	}
}
