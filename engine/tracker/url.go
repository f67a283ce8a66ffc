package tracker

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// maxURL bounds the length of a tracker URL in bytes.
const maxURL = 2048

var errURL = errors.New("not a usable tracker address")

// target is a tracker URL that was checked. The zero value is none.
type target struct {
	url  *url.URL // never changed
	udp  bool
	host string // lower case, without brackets and port
	port uint16
}

// parseURL checks a tracker URL: http, https or udp with a host, and a port for
// udp. Its errors are for people and do not repeat the path.
func parseURL(raw string) (target, error) {
	if len(raw) > maxURL {
		return target{}, fmt.Errorf("%w: longer than %d bytes", errURL, maxURL)
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return target{}, errURL // url.Error repeats the URL
	}
	u.Scheme, u.Fragment, u.RawFragment = strings.ToLower(u.Scheme), "", ""
	t := target{url: u, host: strings.ToLower(u.Hostname())}
	switch u.Scheme {
	case "udp":
		t.udp = true
	case "http":
		t.port = 80
	case "https":
		t.port = 443
	default:
		return target{}, fmt.Errorf("%w: trackers of kind %.10q are not supported", errURL, u.Scheme)
	}
	if t.host == "" {
		return target{}, fmt.Errorf("%w: no host", errURL)
	}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return target{}, fmt.Errorf("%w: port %.10s", errURL, p)
		}
		t.port = uint16(n)
	}
	if t.port == 0 {
		return target{}, fmt.Errorf("%w: no port", errURL)
	}
	return t, nil
}

// key names the endpoint for limits and back-off: host and port.
func (t target) key() string { return net.JoinHostPort(t.host, strconv.Itoa(int(t.port))) }

// scrape returns the scrape URL of an HTTP tracker: the last path segment must
// begin with «announce» (BEP 48). UDP trackers scrape on the same endpoint.
func (t target) scrape() (target, bool) {
	if t.udp {
		return t, true
	}
	dir, last := "", t.url.Path
	if i := strings.LastIndexByte(t.url.Path, '/'); i >= 0 {
		dir, last = t.url.Path[:i+1], t.url.Path[i+1:]
	}
	rest, ok := strings.CutPrefix(last, "announce")
	if !ok {
		return target{}, false
	}
	u := *t.url
	u.Path, u.RawPath = dir+"scrape"+rest, ""
	t.url = &u
	return t, true
}

// local reports whether a is on this machine or its network: an address that a
// tracker elsewhere has no business sending an HTTP client to.
func local(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsUnspecified()
}

// usable reports whether p can be a peer's address.
func usable(p netip.AddrPort) bool {
	a := p.Addr()
	broadcast := a == netip.AddrFrom4([4]byte{255, 255, 255, 255})
	astray := a.Is6() && a.IsLinkLocalUnicast() // no zone, so no way there
	return p.Port() != 0 && a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() && !broadcast && !astray
}
