package portmap

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	natpmp "github.com/jackpal/go-nat-pmp"
)

// natpmpTime bounds one request: packets at 0, 250 and 750 ms (RFC 6886, 3.1).
const natpmpTime = 1750 * time.Millisecond

// natPMP finds gateways that speak NAT-PMP.
type natPMP struct {
	gateways func() ([]netip.Addr, error)
}

func newNATPMP() *natPMP { return &natPMP{gateways: defaultGateways} }

// find asks each default gateway for its address.
func (n *natPMP) find(ctx context.Context) (gateway, error) {
	addrs, err := n.gateways()
	if err != nil {
		return nil, fmt.Errorf("NAT-PMP: %w", err)
	}
	err = errors.New("NAT-PMP: no default gateway")
	for _, a := range addrs {
		g := &pmp{addr: a, client: natpmp.NewClientWithTimeout(a.AsSlice(), natpmpTime)}
		if _, err = g.external(ctx); err == nil {
			return g, nil
		}
		err = fmt.Errorf("NAT-PMP: %s: %w", a, err)
	}
	return nil, err
}

// pmp is a gateway that speaks NAT-PMP. The library does not know contexts: a call
// ends after natpmpTime, none begins after ctx has ended.
type pmp struct {
	addr   netip.Addr
	client *natpmp.Client
}

func (g *pmp) method() string { return "NAT-PMP" }

func (g *pmp) router() string { return g.addr.String() }

func (g *pmp) external(ctx context.Context) (netip.Addr, error) {
	if ctx.Err() != nil {
		return netip.Addr{}, ctx.Err()
	}
	r, err := g.client.GetExternalAddress()
	if err != nil {
		return netip.Addr{}, err
	}
	return netip.AddrFrom4(r.ExternalIPAddress), nil
}

func (g *pmp) add(ctx context.Context, p protocol, internal, external uint16, d time.Duration) (uint16, time.Duration, error) {
	if ctx.Err() != nil {
		return 0, 0, ctx.Err()
	}
	r, err := g.client.AddPortMapping(string(p), int(internal), int(external), int(d/time.Second))
	if err != nil {
		return 0, 0, err
	}
	if r.InternalPort != internal || r.MappedExternalPort == 0 {
		return 0, 0, fmt.Errorf("it mapped port %d to %d", r.MappedExternalPort, r.InternalPort)
	}
	granted := min(time.Duration(r.PortMappingLifetimeInSeconds)*time.Second, d)
	return r.MappedExternalPort, granted, nil
}

// remove deletes by the internal port, as RFC 6886, 3.4 has it.
func (g *pmp) remove(ctx context.Context, p protocol, internal, _ uint16) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	_, err := g.client.AddPortMapping(string(p), int(internal), 0, 0)
	return err
}
