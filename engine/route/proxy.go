package route

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Kind is the protocol of a proxy. The zero value is None.
type Kind uint8

// The kinds.
const (
	None   Kind = iota
	SOCKS4      // with 4a for host names; TCP to IPv4 only
	SOCKS5      // RFC 1928, RFC 1929
	HTTP        // forwards http, CONNECT for all else
	HTTPS       // the same over TLS
)

// String returns the kind as the settings name it; "" for None.
func (k Kind) String() string {
	names := [...]string{"", "socks4", "socks5", "http", "https"}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// ParseKind is the inverse of String.
func ParseKind(s string) (Kind, bool) {
	for k := None; k <= HTTPS; k++ {
		if k.String() == s {
			return k, true
		}
	}
	return None, false
}

// Proxy is a server that connects for us. The zero value is none. Whatever writes
// one down leaves the password out.
type Proxy struct {
	Kind     Kind
	Host     string // name or address
	Port     uint16
	User     string // "" = it asks for none
	Password string
	// Names has the proxy look up host names; without it they are looked up here, by
	// name servers that learn them. http through HTTP and HTTPS always tells names.
	Names bool
}

// On reports whether there is a proxy.
func (p Proxy) On() bool { return p.Kind != None }

// ErrProxyConfig means that the description of a proxy cannot be used.
var ErrProxyConfig = errors.New("route: proxy settings")

// Validate reports the first value that cannot be used; it wraps ErrProxyConfig.
func (p Proxy) Validate() error {
	switch {
	case p.Kind > HTTPS:
		return fmt.Errorf("%w: kind %d", ErrProxyConfig, p.Kind)
	case len(p.User) > 255 || len(p.Password) > 255: // RFC 1929
		return fmt.Errorf("%w: user name or password of more than 255 bytes", ErrProxyConfig)
	case strings.ContainsAny(p.User+p.Password, "\x00\r\n"):
		return fmt.Errorf("%w: user name or password with a control character", ErrProxyConfig)
	case !p.On():
		return nil
	case p.Host == "" || len(p.Host) > 255 || strings.ContainsAny(p.Host, " /@\x00\r\n"):
		return fmt.Errorf("%w: host %.60q", ErrProxyConfig, p.Host)
	case p.Port == 0:
		return fmt.Errorf("%w: no port", ErrProxyConfig)
	}
	return nil
}

// address is host:port for dialling.
func (p Proxy) address() string {
	return net.JoinHostPort(strings.Trim(p.Host, "[]"), strconv.Itoa(int(p.Port)))
}

// url is the proxy for package http, which speaks HTTP and HTTPS.
func (p Proxy) url() *url.URL {
	u := &url.URL{Scheme: p.Kind.String(), Host: p.address()}
	if p.User != "" {
		u.User = url.UserPassword(p.User, p.Password)
	}
	return u
}

// String describes the proxy without the password.
func (p Proxy) String() string {
	if !p.On() {
		return "no proxy"
	}
	who := ""
	if p.User != "" {
		who = p.User + "@"
	}
	return p.Kind.String() + "://" + who + p.address()
}

// GoString is String, so that %#v does not show the password either.
func (p Proxy) GoString() string { return p.String() }

// LogValue implements slog.LogValuer.
func (p Proxy) LogValue() slog.Value { return slog.StringValue(p.String()) }

// literal is the address of host:port with a literal host.
func literal(address string) (netip.AddrPort, bool) {
	a, err := netip.ParseAddrPort(address)
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), err == nil
}
