package route

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// connectTime bounds one TCP connection, tunnelTime what a proxy may take after it.
	connectTime = 20 * time.Second
	tunnelTime  = 30 * time.Second
)

// The errors of connections.
var (
	// ErrProxy: the proxy cannot be reached, or did not connect us.
	ErrProxy = errors.New("the proxy")
	// ErrProxyAuth: the proxy wants another user name or password. It wraps ErrProxy.
	ErrProxyAuth = fmt.Errorf("%w refuses the user name or password", ErrProxy)
	// ErrTarget: the proxy works, but did not get through to where it was asked for.
	// It wraps ErrProxy.
	ErrTarget = fmt.Errorf("%w does not get through", ErrProxy)
	// ErrUnbound: none of the addresses that connections may begin at can be used.
	ErrUnbound = errors.New("route: the chosen network has no such address")
)

// Config is what a Route is made of. The zero value leaves all to the system.
type Config struct {
	Proxy Proxy
	// Bound has every connection begin at one of From, so that an empty From allows
	// none. Otherwise the system chooses.
	Bound bool
	From  []netip.Addr
	// TLS is for https and for a proxy of kind HTTPS; nil = the system's roots.
	TLS *tls.Config
	// Lookup resolves host names that are not left to the proxy; network is «ip».
	// nil = the system's resolver.
	Lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Route makes connections. All methods are safe for concurrent use.
type Route struct {
	cfg   Config
	http  *http.Transport
	fault atomic.Pointer[error] // of the proxy, since the last connection through it
}

// New returns a Route. The proxy must be valid.
func New(cfg Config) *Route {
	if cfg.Lookup == nil {
		cfg.Lookup = net.DefaultResolver.LookupNetIP
	}
	r := &Route{cfg: cfg}
	r.http = r.transport()
	return r
}

// Proxied reports whether Dial and RoundTrip go through a proxy.
func (r *Route) Proxied() bool { return r.cfg.Proxy.On() }

// Fault is why the proxy did not work when it was last used; nil = it did, or was
// not used yet.
func (r *Route) Fault() error {
	if p := r.fault.Load(); p != nil {
		return *p
	}
	return nil
}

// note keeps how the last use of the proxy went. What we broke off says nothing.
func (r *Route) note(err error) {
	switch {
	case err == nil, errors.Is(err, ErrTarget):
		r.fault.Store(nil)
	case errors.Is(err, ErrProxy) && !errors.Is(err, context.Canceled):
		r.fault.Store(&err)
	}
}

// Direct connects to host:port without the proxy. network is tcp or udp, with 4 or
// 6 for one family.
func (r *Route) Direct(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: connectTime, KeepAlive: -1}
	if !r.cfg.Bound {
		return d.DialContext(ctx, network, address)
	}
	base := strings.TrimRight(network, "46")
	err := fmt.Errorf("%w: %s to %s", ErrUnbound, network, address)
	to, isLiteral := literal(address)
	for _, from := range r.cfg.From {
		from = from.Unmap()
		family := map[bool]string{true: base + "4", false: base + "6"}[from.Is4()]
		if network != base && network != family || isLiteral && to.Addr().Is4() != from.Is4() {
			continue
		}
		if base == "udp" {
			d.LocalAddr = net.UDPAddrFromAddrPort(netip.AddrPortFrom(from, 0))
		} else {
			d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))
		}
		var conn net.Conn
		if conn, err = d.DialContext(ctx, family, address); err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, err
}

// Dial connects to host:port, through the proxy if there is one; network is then
// tcp, with 4 or 6 for one family. RemoteAddr of the connection is host:port if the
// host is literal. Errors of the proxy wrap ErrProxy.
func (r *Route) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if !r.Proxied() {
		return r.Direct(ctx, network, address)
	}
	if !strings.HasPrefix(network, "tcp") {
		return nil, fmt.Errorf("%w carries no %s", ErrProxy, network)
	}
	if to, ok := literal(address); ok && network != "tcp" && (network == "tcp4") != to.Addr().Is4() {
		return nil, &net.AddrError{Err: "no address of " + network, Addr: address}
	}
	return r.tunnel(ctx, address)
}

// tunnel asks the proxy for a connection.
func (r *Route) tunnel(ctx context.Context, address string) (net.Conn, error) {
	to, err := r.named(ctx, address)
	if err != nil {
		return nil, err
	}
	raw, err := r.reachProxy(ctx)
	if err != nil {
		r.note(err)
		return nil, err
	}
	until := time.Now().Add(tunnelTime)
	if d, ok := ctx.Deadline(); ok && d.Before(until) {
		until = d
	}
	_ = raw.SetDeadline(until) // a closed connection says so below
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	conn := raw
	switch r.cfg.Proxy.Kind {
	case SOCKS5:
		err = r.socks5(ctx, raw, to)
	case SOCKS4:
		err = r.socks4(raw, to)
	case HTTPS:
		conn, err = r.secure(ctx, raw)
		if err == nil {
			err = r.connect(conn, to)
		}
	case HTTP, None:
		err = r.connect(raw, to)
	}
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = raw.Close() // nothing of ours was sent
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w: %w", err, ctx.Err()) // the other end may be slow, not the proxy
		}
		r.note(err)
		return nil, err
	}
	r.note(nil)
	_ = raw.SetDeadline(time.Time{}) // a closed connection says so at its first use
	return newTunnel(conn, raw, address), nil
}

// reachProxy connects to the proxy itself.
func (r *Route) reachProxy(ctx context.Context) (net.Conn, error) {
	conn, err := r.Direct(ctx, "tcp", r.cfg.Proxy.address())
	if err != nil {
		return nil, fmt.Errorf("%w %s is not reached: %w", ErrProxy, r.cfg.Proxy.address(), cause(err))
	}
	return conn, nil
}

// secure wraps a connection to the proxy in TLS.
func (r *Route) secure(ctx context.Context, raw net.Conn) (net.Conn, error) {
	cfg := r.cfg.TLS.Clone()
	if cfg == nil {
		cfg = new(tls.Config)
	}
	if cfg.ServerName == "" {
		cfg.ServerName = strings.Trim(r.cfg.Proxy.Host, "[]")
	}
	cfg.NextProtos = nil
	c := tls.Client(raw, cfg)
	if err := c.HandshakeContext(ctx); err != nil {
		return raw, fmt.Errorf("%w %s does not speak TLS as it must: %w", ErrProxy, r.cfg.Proxy.address(), err)
	}
	return c, nil
}

// named looks a host name up here unless that is the proxy's work.
func (r *Route) named(ctx context.Context, address string) (string, error) {
	if _, ok := literal(address); ok || r.cfg.Proxy.Names {
		return address, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	found, err := r.cfg.Lookup(ctx, "ip", host)
	if err != nil {
		return "", err
	}
	for _, a := range found {
		if a = a.Unmap(); a.Is4() || r.cfg.Proxy.Kind != SOCKS4 {
			return net.JoinHostPort(a.String(), port), nil
		}
	}
	return "", &net.DNSError{Err: "no usable address", Name: host, IsNotFound: true}
}

// cause leaves out what package net adds to an error: the address is known.
func cause(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		return op.Err
	}
	return err
}

// tunnel is a connection through a proxy.
type tunnel struct {
	net.Conn
	raw    net.Conn
	remote net.Addr
}

func newTunnel(conn, raw net.Conn, address string) *tunnel {
	t := &tunnel{Conn: conn, raw: raw, remote: conn.RemoteAddr()}
	if a, ok := literal(address); ok {
		t.remote = net.TCPAddrFromAddrPort(a)
	}
	return t
}

// RemoteAddr is the address at the other end of the tunnel.
func (t *tunnel) RemoteAddr() net.Addr { return t.remote }

// NetConn is the connection to the proxy, for options of the socket.
func (t *tunnel) NetConn() net.Conn { return t.raw }
