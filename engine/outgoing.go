package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"swarmbid/engine/route"
	"swarmbid/engine/swarm"
	"swarmbid/engine/tracker"
)

// Outgoing is how a session reaches others. The zero value leaves all to the system.
type Outgoing struct {
	Proxy      route.Proxy
	ProxyPeers bool // connections to peers go through the proxy, too; uTP cannot
	// ProxyOnly switches off what would go beside the proxy: DHT, local discovery, uTP,
	// UDP trackers, port mapping, name lookups and being connected to. It means
	// ProxyPeers.
	ProxyOnly bool
	// Over is the address, or the name of the network interface, that everything
	// listens at and begins at; "" = any. Local discovery and port mapping, which know
	// no such bounds, are off then. While it is not there nothing is exchanged.
	Over string
	// From are the addresses that connections begin at, at most one a family; empty =
	// those of Over, or the system chooses. uTP has one socket for both ways and
	// listens there.
	From []netip.Addr

	FilterOn   bool   // addresses in FilterFile are refused
	FilterFile string // absolute; "" = none

	NoUDPTrackers bool
	NoScrape      bool   // trackers are not asked for what announces do not tell
	ToldIP        string // address or name told to trackers as ours; "" = they take what they see
}

func (o *Outgoing) sameWay(x *Outgoing) bool {
	return o.Proxy == x.Proxy && o.ProxyPeers == x.ProxyPeers && o.ProxyOnly == x.ProxyOnly && o.Over == x.Over && slices.Equal(o.From, x.From)
}

// validateOutgoing reports the first value that is out of range.
func (o *Outgoing) validateOutgoing() error {
	if err := o.Proxy.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	for _, a := range o.From {
		if !a.IsValid() || a.IsUnspecified() || a.IsMulticast() {
			return fmt.Errorf("%w: connections cannot begin at %v", ErrConfig, a)
		}
	}
	if len(o.ToldIP) > 255 || len(o.Over) > 255 {
		return fmt.Errorf("%w: address told to trackers %.60q", ErrConfig, o.ToldIP)
	}
	return o.validateFilter()
}

// hidden reports whether nothing may go beside the proxy.
func (s *Settings) hidden() bool { return s.ProxyOnly && s.Proxy.On() }

// bound reports whether connections begin at chosen addresses only.
func (s *Settings) bound() bool { return s.Over != "" || len(s.From) > 0 }

// within switches off what the proxy or the chosen network cannot carry.
func (s Settings) within() Settings {
	if !s.Proxy.On() {
		s.ProxyPeers, s.ProxyOnly = false, false
	}
	if s.bound() || s.ProxyOnly {
		s.LSD, s.UPnP, s.NATPMP = false, false, false
	}
	if s.ProxyOnly {
		s.DHT, s.UTP, s.NoUDPTrackers, s.ProxyPeers, s.Proxy.Names = false, false, true, true, true
		s.TCP = true // what the proxy carries
	}
	return s
}

// reach is what the machine has of the chosen network.
type reach struct {
	listen []netip.Addr // in place of Settings.Listen; nil = as there
	from   []netip.Addr
	gone   bool // a network is chosen, and nothing of it is there
}

func (r *reach) equal(x *reach) bool {
	return r.gone == x.gone && slices.Equal(r.listen, x.listen) && slices.Equal(r.from, x.from)
}

// lookOut finds what is there of the network that s names. has reports whether the
// machine has an address, of returns those of an interface.
func lookOut(s *Settings, has func(netip.Addr) bool, of func(string) []netip.Addr) (r reach) {
	if !s.bound() {
		return reach{}
	}
	usable := func(a netip.Addr) bool { return (a.Is4() || s.IPv6) && has(a) }
	if s.Over != "" {
		all := of(s.Over)
		if a, err := netip.ParseAddr(s.Over); err == nil {
			all = []netip.Addr{a.Unmap()}
		}
		for _, a := range all {
			if usable(a) {
				r.listen = append(r.listen, a)
			}
		}
		r.from, r.gone = r.listen, len(r.listen) == 0
	}
	if len(s.From) > 0 {
		r.from = nil
		for _, a := range s.From {
			if a = a.Unmap(); usable(a) {
				r.from = append(r.from, a)
			}
		}
		r.gone = r.gone || len(r.from) == 0
	}
	return r
}

// hasAddress reports whether a socket can be bound to an address: whether this
// machine has it.
func hasAddress(a netip.Addr) bool {
	var lc net.ListenConfig
	pc, err := lc.ListenPacket(context.Background(), "udp", netip.AddrPortFrom(a, 0).String())
	if err != nil {
		return false
	}
	return pc.Close() == nil
}

// addressesOf lists the addresses of a network interface that reach other machines.
func addressesOf(name string) (out []netip.Addr) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return nil
	}
	addrs, err := i.Addrs()
	if err != nil {
		return nil
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && !p.Addr().IsLinkLocalUnicast() {
			out = append(out, p.Addr().Unmap())
		}
	}
	return out
}

// networkEvery is how often the chosen network is looked at.
const networkEvery = 5 * time.Second

// lookAtNetwork notices that the chosen network came, went or has other addresses.
func (e *Engine) lookAtNetwork(now time.Time) {
	if !e.asked.bound() {
		return
	}
	if r := lookOut(&e.set, e.hasAddress, e.addressesOf); !r.equal(&e.reach) {
		e.cfg.Log.Info("the chosen network changes", "network", e.set.Over, "from", r.from, "there", !r.gone)
		if err := e.enforce(now); err != nil {
			e.cfg.Log.Error("follow the chosen network", "err", err)
		}
	}
}

// goOut makes the way out anew if it changed, and says what trackers may hear,
// before anything is said on the new way or the last time on the old one. It reports
// whether connections of the old way must end; old is nil at the start.
func (e *Engine) goOut(old *Settings) bool {
	r := lookOut(&e.set, e.hasAddress, e.addressesOf)
	moved := old == nil || !r.equal(&e.reach) || !old.sameWay(&e.set.Outgoing)
	e.reach = r
	if r.listen != nil {
		e.set.Listen = r.listen
	}
	if moved {
		was := e.route.Swap(e.newRoute())
		was.CloseIdleConnections()
	}
	p := e.trackerPolicy()
	if moved || p != e.asking {
		e.asking = p
		ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
		defer cancel()
		if err := e.trackers.SetPolicy(ctx, p); err != nil {
			e.cfg.Log.Warn("tell the announcer the settings", "err", err)
		}
	}
	return moved
}

func (e *Engine) newRoute() *route.Route {
	return route.New(route.Config{Proxy: e.set.Proxy, Bound: e.set.bound(), From: e.reach.from})
}

func (e *Engine) trackerPolicy() tracker.Policy {
	return tracker.Policy{NoUDP: e.set.NoUDPTrackers, Scrape: !e.set.NoScrape, IP: e.set.ToldIP}
}

// netState says in a word how the session reaches others.
func (e *Engine) netState() swarm.NetState {
	fault := e.route.Load().Fault()
	switch {
	case e.reach.gone:
		return swarm.NetGone
	case errors.Is(fault, route.ErrProxyAuth):
		return swarm.NetProxyRefuses
	case fault != nil:
		return swarm.NetProxyFails
	case e.set.hidden():
		return swarm.NetProxyOnly
	}
	return swarm.NetOpen
}

// Transport carries HTTP requests the way the settings say, also after they change.
func (e *Engine) Transport() http.RoundTripper { return transport{e} }

type transport struct{ e *Engine }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-t.e.wayOut:
		return t.e.route.Load().RoundTrip(r)
	case <-t.e.done:
		return nil, ErrStopped
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// throughProxy is what carries announces over HTTP; nil = they go directly.
func (e *Engine) throughProxy() http.RoundTripper {
	if r := e.route.Load(); r.Proxied() {
		return r
	}
	return nil
}

// errWayChanged ends what was begun on another way out.
var errWayChanged = errors.New("the network settings changed meanwhile")

// dialTracker connects to a tracker without the proxy. The connection says nothing
// more once the way out has changed.
func (e *Engine) dialTracker(ctx context.Context, network, address string) (net.Conn, error) {
	r := e.route.Load()
	conn, err := r.Direct(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &lasting{conn, func() bool { return e.route.Load() == r }}, nil
}

// lasting is a connection that is silent once it is not valid any more.
type lasting struct {
	net.Conn
	valid func() bool
}

// Write implements net.Conn.
func (l *lasting) Write(b []byte) (int, error) {
	if !l.valid() {
		_ = l.Close() // what was to be said is lost on purpose
		return 0, errWayChanged
	}
	return l.Conn.Write(b)
}

// peerDialer reaches peers over TCP by the way out that is in force now.
func (e *Engine) peerDialer(network string, throughProxy bool) dialer {
	r := e.route.Load()
	if throughProxy {
		return dialer{network, func(ctx context.Context, addr string) (net.Conn, error) { return r.Dial(ctx, network, addr) }}
	}
	return dialer{network, func(ctx context.Context, addr string) (net.Conn, error) { return r.Direct(ctx, network, addr) }}
}

// udpAddr is where the UDP socket beside a listener is bound: it is for both ways, so
// that it belongs where connections begin. ok is false when there is no such address
// or another listener of the family has the socket.
func (s *Settings) udpAddr(listen netip.Addr, from []netip.Addr) (a netip.Addr, ok bool) {
	if !s.bound() {
		return listen, true
	}
	i := slices.IndexFunc(from, func(x netip.Addr) bool { return x.Is4() == listen.Is4() })
	if i < 0 {
		return a, false
	}
	return from[i], listen.IsUnspecified() || listen == from[i] || !slices.Contains(from, listen)
}
