package tracker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"swarmbid/engine/swarm"
)

// event is the BEP 15 number of an announce's event.
type event uint32

const (
	eventNone      event = 0
	eventCompleted event = 1
	eventStarted   event = 2
	eventStopped   event = 3
)

// String returns the BEP 3 word; "" for none.
func (e event) String() string {
	return [...]string{"", "completed", "started", "stopped"}[e&3]
}

// family is the address family of a request. Its number is the place of what is
// known about it; anyFamily, through a proxy, shares the first.
type family uint8

const (
	ipv4 family = iota
	ipv6
	anyFamily
)

const families = 2

func (f family) slot() int { return int(f) % families }

// holds reports whether a belongs to f.
func (f family) holds(a netip.Addr) bool { return f == anyFamily || a.Is4() == (f == ipv4) }

// request is one announce.
type request struct {
	infoHash  swarm.InfoHash
	peerID    swarm.PeerID
	port      uint16
	key       uint32 // the same over both families and for the torrent's life
	event     event
	want      int // addresses wanted
	totals    Totals
	trackerID string
	ip        string // told as ours; "" = none
}

const (
	lookupTTL = 5 * time.Minute
	maxLookup = 1024 // names remembered
	maxAddrs  = 8    // addresses of one name that are used
)

// client speaks with trackers. Its methods block and are safe for concurrent use.
type client struct {
	cfg   *Config
	http  [families + 1]*http.Client // by family
	udp   sessions
	mu    sync.Mutex
	names map[string]lookup
}

type lookup struct {
	addrs []netip.Addr
	until time.Time
}

func newClient(cfg *Config) *client {
	c := &client{cfg: cfg, names: make(map[string]lookup)}
	for f := range c.http {
		c.http[f] = c.newHTTP(family(f))
	}
	return c
}

// close frees the idle connections of both kinds.
func (c *client) close() {
	for _, h := range c.http {
		h.CloseIdleConnections()
	}
	c.udp.close()
}

// families lists over which families t can be told.
func (c *client) families(ctx context.Context, t target) ([]family, error) {
	if c.proxied(t) {
		return []family{anyFamily}, nil
	}
	addrs, err := c.lookup(ctx, t.host)
	if err != nil {
		return nil, err
	}
	var out []family
	for _, f := range []family{ipv4, ipv6} {
		for _, a := range addrs {
			if f.holds(a) {
				out = append(out, f)
				break
			}
		}
	}
	return out, nil
}

// proxied reports whether requests to t go through a proxy, so that the
// proxy and not we look up its host.
func (c *client) proxied(t target) bool {
	return !t.udp && c.through() != nil
}

// through is what carries HTTP requests now; nil = they go directly.
func (c *client) through() http.RoundTripper {
	if c.cfg.Through == nil {
		return nil
	}
	return c.cfg.Through()
}

// errProxyGone: the proxy was switched off while a request was made for it.
var errProxyGone = errors.New("the proxy was changed meanwhile")

// viaProxy is the transport of anyFamily.
type viaProxy struct{ c *client }

// RoundTrip is for http.Client.
func (v viaProxy) RoundTrip(r *http.Request) (*http.Response, error) {
	if rt := v.c.through(); rt != nil {
		return rt.RoundTrip(r)
	}
	return nil, errProxyGone
}

// lookup returns the addresses of host in the enabled families, at least one.
func (c *client) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	c.mu.Lock()
	l, ok := c.names[host]
	c.mu.Unlock()
	if ok && time.Now().Before(l.until) {
		return l.addrs, nil
	}
	found, err := c.cfg.Lookup(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("looking up %s: %w", host, bare(err))
	}
	var addrs []netip.Addr
	for _, a := range found {
		a = a.Unmap()
		off := a.Is4() && c.cfg.NoIPv4 || a.Is6() && c.cfg.NoIPv6 || a.IsUnspecified()
		if !off && len(addrs) < maxAddrs {
			addrs = append(addrs, a)
		}
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("looking up %s: %w", host, errNoFamily)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.names) >= maxLookup {
		clear(c.names)
	}
	c.names[host] = lookup{addrs, time.Now().Add(lookupTTL)}
	return addrs, nil
}

var errNoFamily = errors.New("no address of a family that is switched on")

// dial connects to the first of host's addresses in f that accepts.
func (c *client) dial(ctx context.Context, network string, f family, host string, port uint16) (net.Conn, netip.AddrPort, error) {
	addrs, err := c.lookup(ctx, host)
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	err = fmt.Errorf("dialling %s: %w", host, errNoFamily)
	for _, a := range addrs {
		if !f.holds(a) {
			continue
		}
		to := netip.AddrPortFrom(a, port)
		n := network + "6"
		if a.Is4() {
			n = network + "4"
		}
		var conn net.Conn
		if conn, err = c.cfg.Dial(ctx, n, to.String()); err == nil {
			return conn, to, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, netip.AddrPort{}, err
}

// announce sends r over one family and reads the answer.
func (c *client) announce(ctx context.Context, t target, f family, r *request) (answer, error) {
	if t.udp {
		return c.announceUDP(ctx, t, f, r)
	}
	return c.announceHTTP(ctx, t, f, r)
}

// scrape asks for the figures of one torrent.
func (c *client) scrape(ctx context.Context, t target, f family, ih swarm.InfoHash) (answer, error) {
	if t.udp {
		return c.scrapeUDP(ctx, t, f, ih)
	}
	s, ok := t.scrape()
	if !ok {
		return answer{}, &refusal{reason: "this tracker cannot be scraped"}
	}
	return c.scrapeHTTP(ctx, s, f, ih)
}

// bare shortens an error of net to its cause, for people: the address is known.
func bare(err error) error {
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		if dns.IsNotFound {
			return errors.New("no such host")
		}
		return errors.New("the name server does not answer")
	case errors.As(err, &op) && op.Err != nil:
		return op.Err
	}
	return err
}
