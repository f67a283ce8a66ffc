package tracker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"swarmbid/engine/swarm"
)

const (
	maxRedirects = 5
	maxHeader    = 32 << 10
	idleTimeout  = 15 * time.Second
	// unknownLeft is told while the metadata of a magnet link is not known: not 0,
	// which would say seed.
	unknownLeft = swarm.BlockSize
)

var errRedirect = errors.New("the tracker redirects to where it must not")

// newHTTP returns a client whose connections are all of family f.
func (c *client) newHTTP(f family) *http.Client {
	if f == anyFamily {
		return &http.Client{Transport: viaProxy{c}, CheckRedirect: c.checkRedirect}
	}
	tr := &http.Transport{
		DialContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
			host, p, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			port, err := strconv.ParseUint(p, 10, 16)
			if err != nil {
				return nil, err
			}
			conn, _, err := c.dial(ctx, "tcp", f, host, uint16(port))
			return conn, err
		},
		TLSClientConfig:        c.cfg.TLS.Clone(),
		TLSHandshakeTimeout:    15 * time.Second,
		MaxIdleConnsPerHost:    2,
		MaxIdleConns:           32,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeader,
	}
	return &http.Client{Transport: tr, CheckRedirect: c.checkRedirect}
}

// checkRedirect bounds redirects, keeps them to HTTP, and does not let a tracker of
// the open internet point at a host of the local network.
func (c *client) checkRedirect(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("%w: more than %d times", errRedirect, maxRedirects)
	}
	from, to := via[0].URL, r.URL
	if to.Scheme != "http" && to.Scheme != "https" || from.Scheme == "https" && to.Scheme == "http" {
		return fmt.Errorf("%w: from %s to %.10s", errRedirect, from.Scheme, to.Scheme)
	}
	r.Header.Del("Referer") // it would carry the passkey
	if strings.EqualFold(from.Host, to.Host) || c.proxied(target{url: to}) {
		return nil
	}
	addrs, err := c.lookup(r.Context(), strings.ToLower(from.Hostname()))
	if err != nil || local(addrs[0]) {
		return err
	}
	if addrs, err = c.lookup(r.Context(), strings.ToLower(to.Hostname())); err != nil {
		return err
	}
	for _, a := range addrs {
		if local(a) {
			return fmt.Errorf("%w: into the local network", errRedirect)
		}
	}
	return nil
}

func (c *client) announceHTTP(ctx context.Context, t target, f family, r *request) (answer, error) {
	if err := c.permit(ctx, t, f); err != nil {
		return answer{}, err
	}
	body, err := c.get(ctx, f, t.url, announceQuery(r))
	if err != nil {
		return answer{}, err
	}
	return parseAnnounce(body)
}

func (c *client) scrapeHTTP(ctx context.Context, t target, f family, ih swarm.InfoHash) (answer, error) {
	if err := c.permit(ctx, t, f); err != nil {
		return answer{}, err
	}
	body, err := c.get(ctx, f, t.url, "info_hash="+escape(ih[:]))
	if err != nil {
		return answer{}, err
	}
	return parseScrape(body, ih)
}

// permit refuses URLs that would make a torrent file call some other service of this
// machine: on loopback the path must be a tracker's.
func (c *client) permit(ctx context.Context, t target, f family) error {
	p := t.url.Path
	if f == anyFamily || strings.Contains(p, "announce") || strings.Contains(p, "scrape") {
		return nil
	}
	addrs, err := c.lookup(ctx, t.host)
	if err != nil {
		return err
	}
	for _, a := range addrs {
		if a.IsLoopback() {
			return fmt.Errorf("%w: on this machine the path must be /announce", errURL)
		}
	}
	return nil
}

// announceQuery writes the parameters of BEP 3, 7, 8 and 23, info_hash first.
func announceQuery(r *request) string {
	left := r.totals.Left
	if left < 0 {
		left = unknownLeft
	}
	q := fmt.Sprintf("info_hash=%s&peer_id=%s&port=%d&uploaded=%d&downloaded=%d&left=%d"+
		"&key=%08X&numwant=%d&compact=1&no_peer_id=1&supportcrypto=1",
		escape(r.infoHash[:]), escape(r.peerID[:]), r.port, max(r.totals.Uploaded, 0),
		max(r.totals.Downloaded, 0), left, r.key, r.want)
	if r.event != eventNone {
		q += "&event=" + r.event.String()
	}
	if r.ip != "" {
		q += "&ip=" + escape([]byte(r.ip))
	}
	if r.trackerID != "" {
		q += "&trackerid=" + escape([]byte(r.trackerID))
	}
	return q
}

// escape percent-encodes every byte that is not unreserved (RFC 3986, 2.3).
func escape(b []byte) string {
	const hex, mark = "0123456789ABCDEF", "-_.~"
	var s strings.Builder
	for _, c := range b {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte(mark, c) >= 0 {
			s.WriteByte(c)
		} else {
			s.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return s.String()
}

// get fetches a body of at most maxBody bytes. A failure reason sent with an error
// status is returned as the body.
func (c *client) get(ctx context.Context, f family, u *url.URL, query string) ([]byte, error) {
	full := *u
	if full.RawQuery != "" {
		full.RawQuery += "&" // a passkey given in the query stays first
	}
	full.RawQuery += query
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, full.String(), nil)
	if err != nil {
		return nil, errURL
	}
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	resp, err := c.http[f].Do(req)
	if err != nil {
		return nil, httpError(ctx, err)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing was written
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case len(body) > maxBody:
		return nil, fmt.Errorf("%w: more than %d bytes", errAnswer, maxBody)
	case err != nil:
		return nil, httpError(ctx, err)
	case resp.StatusCode == http.StatusOK || isFailure(body):
		return body, nil
	}
	no := &refusal{reason: fmt.Sprintf("HTTP %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))}
	if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && n > 0 {
		no.retry = min(time.Duration(min(n, 1<<20))*time.Second, maxInterval)
	}
	return nil, no
}

func isFailure(body []byte) bool {
	_, err := parseAnnounce(body)
	var no *refusal
	return errors.As(err, &no)
}

// httpError says why a request failed without the URL, which may hold a passkey.
func httpError(ctx context.Context, err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return bare(err)
}
