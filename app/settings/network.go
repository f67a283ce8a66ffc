package settings

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
)

// Secret is a text that is kept in the file, which only its owner may read, and in
// no log. The zero value is none.
type Secret string

// String hides a Secret from everything that prints.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(hidden)"
}

// GoString is String, for %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Proxy is the server that connections go through.
type Proxy struct {
	Kind     string `json:"kind"` // "socks4", "socks5", "http", "https"; "" = none
	Host     string `json:"host"`
	Port     uint16 `json:"port"`
	User     string `json:"user"` // "" = it asks for none
	Password Secret `json:"password"`
	Names    bool   `json:"names"` // it looks up host names
	Peers    bool   `json:"peers"` // connections to peers go through it, too
	Only     bool   `json:"only"`  // what cannot go through it is off
}

// DefaultProxy returns what a new user gets: none, and with one the safe choices.
func DefaultProxy() Proxy { return Proxy{Port: 1080, Names: true, Peers: true, Only: true} }

// Validate reports every value that is out of range.
func (p *Proxy) Validate() error {
	on := p.Kind != ""
	return errors.Join(
		oneOf("proxy", p.Kind, "", "socks4", "socks5", "http", "https"),
		check(!on || p.Host != "", "a proxy without a host"),
		check(len(p.Host) <= 255 && !strings.ContainsAny(p.Host, " /@\x00\r\n"), "proxy %.60q", p.Host),
		check(!on || p.Port != 0, "a proxy without a port"),
		check(len(p.User) <= 255 && len(p.Password) <= 255 && !strings.ContainsAny(p.User+string(p.Password), "\x00\r\n"), "the proxy's user name or password"))
}

// validateOutgoing reports what is out of range of how others are reached.
func (c *Connection) validateOutgoing() error {
	errs := []error{c.Proxy.Validate(), check(len(c.Network) <= 255, "network %.60q", c.Network), check(len(c.Outgoing) <= 16, "%d addresses of outgoing connections", len(c.Outgoing))}
	errs = append(errs, check(c.FilterFile == "" || filepath.IsAbs(c.FilterFile), "address filter %.60q is not an absolute path", c.FilterFile))
	for _, a := range c.Outgoing {
		x, err := netip.ParseAddr(a)
		errs = append(errs, check(err == nil && !x.IsUnspecified() && !x.IsMulticast(), "connections cannot begin at %q", a))
	}
	return errors.Join(errs...)
}

// isHost reports whether s is an IP address or can be a host name.
func isHost(s string) bool {
	if net.ParseIP(s) != nil {
		return true
	}
	return len(s) <= 253 && !strings.ContainsAny(s, " \t\r\n/@:?&#%\"'<>\x00")
}
