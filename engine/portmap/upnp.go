package portmap

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/huin/goupnp"
	"github.com/huin/goupnp/dcps/internetgateway2"
	"github.com/huin/goupnp/httpu"
	"github.com/huin/goupnp/soap"
	"github.com/huin/goupnp/ssdp"
)

const (
	ssdpGroup = "239.255.255.250:1900"
	// searchTime is how long a search listens; SSDP wants it in whole seconds.
	searchTime = 2500 * time.Millisecond
	// callTime bounds one request to the router.
	callTime = 5 * time.Second
	// maxDescription bounds a description or answer in bytes.
	maxDescription = 256 << 10
	// maxFound is how many answers to a search are looked at.
	maxFound = 16

	faultConflict  = 718 // ConflictInMappingEntry
	faultSamePort  = 724 // SamePortValuesRequired
	faultPermanent = 725 // OnlyPermanentLeasesSupported
)

var (
	errForeign  = errors.New("it points to another host than its own")
	errTooBig   = errors.New("its answer is too long")
	errNoDevice = errors.New("UPnP: no internet gateway answers")
)

// upnp finds gateways by SSDP.
type upnp struct {
	name  string
	group string        // where the search goes
	wait  time.Duration // how long it listens
	from  func() ([]netip.Addr, error)
	http  http.Client
}

func newUPnP(name string) *upnp {
	return &upnp{name: name, group: ssdpGroup, wait: searchTime, from: localAddrs, http: routerClient()}
}

// routerClient is an HTTP client for one host of the local network: no proxy, no
// redirect, no long answer, no connection kept.
func routerClient() http.Client {
	return http.Client{
		Transport:     bounded{&http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errForeign },
		Timeout:       callTime,
	}
}

// bounded ends answers at maxDescription.
type bounded struct{ http.RoundTripper }

// RoundTrip is for http.Client.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.ContentLength > maxDescription {
		_ = resp.Body.Close() // nothing of it is wanted
		return nil, errTooBig
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxDescription), resp.Body}
	return resp, nil
}

// find searches for the kinds of gateway in turn and returns the first that is
// connected.
func (u *upnp) find(ctx context.Context) (gateway, error) {
	err := errNoDevice
	for _, target := range []string{
		"urn:schemas-upnp-org:device:InternetGatewayDevice:1", // version 2 answers to it too
		"urn:schemas-upnp-org:device:InternetGatewayDevice:2",
		ssdp.UPNPRootDevice,
	} {
		found, searchErr := u.search(ctx, target)
		if searchErr != nil {
			return nil, fmt.Errorf("UPnP: searching: %w", searchErr)
		}
		for _, loc := range found {
			gw, e := u.open(ctx, loc)
			if e == nil {
				return gw, nil
			}
			if target != ssdp.UPNPRootDevice { // which also finds televisions
				err = fmt.Errorf("UPnP: %s: %w", loc.Host, e)
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return nil, err
}

// search returns where the devices that answer describe themselves.
func (u *upnp) search(ctx context.Context, target string) ([]*url.URL, error) {
	addrs, err := u.from()
	if err != nil {
		return nil, err
	}
	var all []httpu.ClientInterfaceCtx
	for _, a := range addrs {
		c, err := httpu.NewHTTPUClientAddr(a.String())
		if err != nil {
			continue // the interface went meanwhile
		}
		defer c.Close() //nolint:errcheck // nothing was written
		all = append(all, searcher{c, u.group})
	}
	ctx, cancel := context.WithTimeout(ctx, u.wait)
	defer cancel()
	answers, err := ssdp.RawSearch(ctx, httpu.NewMultiClientCtx(all), target, 2) //nolint:bodyclose // datagrams have none
	if err != nil {
		return nil, err
	}
	var out []*url.URL
	for _, r := range answers[:min(len(answers), maxFound)] {
		if loc, err := r.Location(); err == nil {
			out = append(out, loc)
		}
	}
	return out, nil
}

// searcher sends to its own group and lets an interface without a way be silent.
type searcher struct {
	*httpu.HTTPUClient
	group string
}

// DoWithContext is for ssdp.RawSearch.
func (s searcher) DoWithContext(r *http.Request, sends int) ([]*http.Response, error) {
	r = r.WithContext(r.Context())
	r.Host = s.group
	answers, err := s.HTTPUClient.DoWithContext(r, sends) //nolint:bodyclose // datagrams have none
	if err != nil {
		return nil, nil //nolint:nilerr // other interfaces go on
	}
	return answers, nil
}

// connection is what the three services have in common.
type connection interface {
	GetServiceClient() *goupnp.ServiceClient
	AddPortMappingCtx(ctx context.Context, remote string, external uint16, protocol string, internal uint16, client string,
		enabled bool, description string, lease uint32) error
	DeletePortMappingCtx(ctx context.Context, remote string, external uint16, protocol string) error
	GetExternalIPAddressCtx(ctx context.Context) (string, error)
}

// open reads a description and returns the gateway it describes.
func (u *upnp) open(ctx context.Context, loc *url.URL) (gateway, error) {
	host, err := netip.ParseAddr(loc.Hostname())
	if err != nil || loc.Scheme != "http" || !host.IsPrivate() && !host.IsLinkLocalUnicast() && !host.IsLoopback() {
		return nil, errForeign
	}
	root, err := u.description(ctx, loc)
	if err != nil {
		return nil, err
	}
	us, err := localTo(ctx, loc.Host)
	if err != nil {
		return nil, err
	}
	var first *igd
	for _, c := range connections(root, loc) {
		client := c.GetServiceClient().SOAPClient
		if client.EndpointURL.Scheme != "http" || client.EndpointURL.Hostname() != loc.Hostname() {
			return nil, errForeign
		}
		client.HTTPClient = u.http
		g := &igd{c, root.Device.FriendlyName, u.name, us}
		if a, err := g.external(ctx); err == nil && !a.IsUnspecified() {
			return g, nil // of several, the one that is connected
		}
		if first == nil {
			first = g
		}
	}
	if first == nil {
		return nil, errors.New("it forwards no ports")
	}
	return first, nil
}

func (u *upnp) description(ctx context.Context, loc *url.URL) (*goupnp.RootDevice, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, loc.String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := u.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing was written
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	root := new(goupnp.RootDevice)
	d := xml.NewDecoder(resp.Body)
	d.DefaultSpace = goupnp.DeviceXMLNamespace
	if err := d.Decode(root); err != nil {
		return nil, fmt.Errorf("description: %w", err)
	}
	base := loc
	if root.URLBaseStr != "" {
		if base, err = url.Parse(root.URLBaseStr); err != nil {
			return nil, fmt.Errorf("description: %w", err)
		}
	}
	root.SetURLBase(base)
	return root, nil
}

// connections lists the services that map ports, the newest version first.
func connections(root *goupnp.RootDevice, loc *url.URL) []connection {
	var out []connection
	if cs, err := internetgateway2.NewWANIPConnection2ClientsFromRootDevice(root, loc); err == nil {
		for _, c := range cs {
			out = append(out, c)
		}
	}
	if cs, err := internetgateway2.NewWANIPConnection1ClientsFromRootDevice(root, loc); err == nil {
		for _, c := range cs {
			out = append(out, c)
		}
	}
	if cs, err := internetgateway2.NewWANPPPConnection1ClientsFromRootDevice(root, loc); err == nil {
		for _, c := range cs {
			out = append(out, c)
		}
	}
	return out
}

// igd is a gateway that speaks UPnP.
type igd struct {
	connection
	friendly string
	name     string
	us       netip.Addr // our address on the router's network
}

func (g *igd) method() string { return "UPnP" }

func (g *igd) router() string {
	if len(g.friendly) > 0 && len(g.friendly) <= 64 {
		return g.friendly
	}
	return g.GetServiceClient().Location.Hostname()
}

func (g *igd) external(ctx context.Context) (netip.Addr, error) {
	s, err := g.GetExternalIPAddressCtx(ctx)
	if err != nil {
		return netip.Addr{}, fault(err)
	}
	return netip.ParseAddr(s)
}

func (g *igd) add(ctx context.Context, p protocol, internal, external uint16, d time.Duration) (uint16, time.Duration, error) {
	ask := func(secs uint32) error {
		return fault(g.AddPortMappingCtx(ctx, "", external, upper(p), internal, g.us.String(), true, g.name, secs))
	}
	err := ask(uint32(d / time.Second))
	var f *soap.SOAPFaultError
	if errors.As(err, &f) {
		switch f.Detail.UPnPError.Errorcode {
		case faultPermanent:
			err = ask(0) // renewed all the same: a restart of the router forgets it
		case faultConflict:
			err = errTaken
		case faultSamePort:
			external = internal
			err = ask(uint32(d / time.Second))
		}
	}
	return external, d, err
}

func (g *igd) remove(ctx context.Context, p protocol, _, external uint16) error {
	return fault(g.DeletePortMappingCtx(ctx, "", external, upper(p)))
}

func upper(p protocol) string {
	if p == tcp {
		return "TCP"
	}
	return "UDP"
}

// fault words an error of the router shortly.
func fault(err error) error {
	var f *soap.SOAPFaultError
	if !errors.As(err, &f) {
		return err
	}
	e := f.Detail.UPnPError
	return faultError{f, fmt.Sprintf("%.100s (UPnP %d)", e.ErrorDescription, e.Errorcode)}
}

type faultError struct {
	*soap.SOAPFaultError
	words string
}

// Error returns the short words.
func (f faultError) Error() string { return f.words }

// Unwrap gives the whole fault.
func (f faultError) Unwrap() error { return f.SOAPFaultError }

// localTo returns the address we have on the way to a host.
func localTo(ctx context.Context, host string) (netip.Addr, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "udp", host) // sends nothing
	if err != nil {
		return netip.Addr{}, err
	}
	defer c.Close() //nolint:errcheck // nothing was written
	a, err := netip.ParseAddrPort(c.LocalAddr().String())
	return a.Addr().Unmap(), err
}

// localAddrs lists our IPv4 addresses on networks that do multicast.
func localAddrs() ([]netip.Addr, error) {
	ifaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var out []netip.Addr
	for _, i := range ifaces {
		addrs, err := i.Addrs()
		if err != nil || i.Flags&net.FlagMulticast == 0 || i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
				out = append(out, p.Addr())
			}
		}
	}
	return out, nil
}
