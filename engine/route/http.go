package route

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Bounds of HTTP connections.
const (
	httpIdle    = 15 * time.Second
	httpHeader  = 64 << 10
	httpPerHost = 10 // of web seeds, which serve little more to one client
)

// transport makes HTTP connections go the way of the Route.
func (r *Route) transport() *http.Transport {
	p := r.cfg.Proxy
	tr := &http.Transport{
		DialContext: r.Dial, TLSClientConfig: r.cfg.TLS.Clone(),
		TLSHandshakeTimeout: 15 * time.Second, IdleConnTimeout: httpIdle, MaxResponseHeaderBytes: httpHeader,
		MaxConnsPerHost: httpPerHost, MaxIdleConnsPerHost: 2, MaxIdleConns: 64,
	}
	if p.Kind != HTTP && p.Kind != HTTPS {
		return tr
	}
	tr.MaxConnsPerHost = 0 // the host would be the proxy
	tr.Proxy = http.ProxyURL(p.url())
	tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, err := r.reachProxy(ctx)
		r.note(err)
		return conn, err
	}
	tr.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, req *http.Request, resp *http.Response) error {
		return r.answered(resp, req.URL.Host)
	}
	return tr
}

// RoundTrip implements http.RoundTripper. That the proxy wants another password is
// an error and no answer.
func (r *Route) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.http.RoundTrip(req)
	if !r.Proxied() {
		return resp, err
	}
	if err == nil && resp.StatusCode == http.StatusProxyAuthRequired && r.forwards(req) {
		_ = resp.Body.Close() // the proxy's own words
		resp, err = nil, fmt.Errorf("%s: %w", req.URL.Host, ErrProxyAuth)
	}
	if err == nil || errors.Is(err, ErrProxy) {
		r.note(err)
	}
	return resp, err
}

// forwards reports whether the proxy sees the request, so that an answer may be its
// own.
func (r *Route) forwards(req *http.Request) bool {
	return req.URL.Scheme == "http" && (r.cfg.Proxy.Kind == HTTP || r.cfg.Proxy.Kind == HTTPS)
}

// CloseIdleConnections closes what waits for another request.
func (r *Route) CloseIdleConnections() { r.http.CloseIdleConnections() }
