package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"swarmbid/engine/portmap"
	"swarmbid/engine/swarm"
)

// portTestFor bounds the connection that TestPort makes to ourselves.
const portTestFor = 3 * time.Second

// TestPort finds out what can be known of our port from here: whether it answers,
// what the router said, and whether a peer has come in. Nobody outside is asked. It
// takes up to three seconds for each address we listen at.
func (e *Engine) TestPort(ctx context.Context) (swarm.PortTest, error) {
	var at []netip.AddrPort
	var asks bool
	err := e.do(ctx, func() error {
		asks = e.mapsPort()
		if e.net != nil {
			at = e.net.at
		}
		return nil
	})
	if err != nil {
		return swarm.PortTest{}, fmt.Errorf("engine: test the port: %w", err)
	}
	t := swarm.PortTest{Port: int(e.listenPort()), Reachable: e.Snapshot().Totals.Reachable}
	for _, a := range at {
		t.Answers = t.Answers || answers(ctx, a)
	}
	if asks {
		t.Forward, t.Method, t.External = forwardOf(e.mapper.Status())
	}
	return t, nil
}

// answers reports whether a connection to an address of ours is taken.
func answers(ctx context.Context, a netip.AddrPort) bool {
	if a.Addr().IsUnspecified() {
		here := netip.IPv6Loopback()
		if a.Addr().Is4() {
			here = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
		a = netip.AddrPortFrom(here, a.Port())
	}
	ctx, cancel := context.WithTimeout(ctx, portTestFor)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", a.String())
	if errors.Is(err, syscall.ECONNRESET) {
		return true // taken, and closed at once: while no torrent wants peers that may come before connect returns
	}
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// forwardOf puts the router's answer into the words of the session.
func forwardOf(s portmap.Status) (swarm.Forward, string, netip.AddrPort) {
	switch {
	case s.Method != "":
		return swarm.Forwarded, s.Method, s.External
	case s.Err == nil:
		return swarm.Asking, "", netip.AddrPort{}
	case errors.Is(s.Err, portmap.ErrRefused):
		return swarm.RouterRefused, "", netip.AddrPort{}
	}
	return swarm.NoRouter, "", netip.AddrPort{}
}
