package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Bounds of one fetch.
const (
	fetchTimeout   = 30 * time.Second
	fetchBytes     = 4 << 20
	fetchRedirects = 5
)

// ErrFetch means that a feed could not be got.
var ErrFetch = errors.New("feed: not fetched")

// got is the answer of a server.
type got struct {
	body           []byte // nil = nothing has changed
	etag, modified string
	base           *url.URL // after redirects
}

// fetch gets a feed unless it is as it was by etag and modified (RFC 9110, 13.1).
func fetch(ctx context.Context, rt http.RoundTripper, agent, address, etag, modified string) (*got, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFetch, err)
	}
	req.Header.Set("User-Agent", agent)
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	if modified != "" {
		req.Header.Set("If-Modified-Since", modified)
	}
	client := http.Client{Transport: rt, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > fetchRedirects {
			return fmt.Errorf("more than %d redirects", fetchRedirects)
		}
		if r.URL.Scheme != "http" && r.URL.Scheme != "https" {
			return fmt.Errorf("redirected to %s:, which is not fetched", r.URL.Scheme)
		}
		return nil
	}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFetch, err)
	}
	defer resp.Body.Close() //nolint:errcheck // a read body
	if resp.StatusCode == http.StatusNotModified {
		return &got{etag: etag, modified: modified}, nil
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: %s answered %s", ErrFetch, req.URL.Host, resp.Status)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, fetchBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%w: read the answer of %s: %w", ErrFetch, req.URL.Host, err)
	}
	if len(b) > fetchBytes {
		return nil, fmt.Errorf("%w: the feed is larger than %d bytes", ErrFetch, fetchBytes)
	}
	return &got{body: b, etag: short(resp.Header.Get("ETag")), modified: short(resp.Header.Get("Last-Modified")), base: resp.Request.URL}, nil
}

// short drops a mark that is too long to be kept.
func short(s string) string {
	if len(s) > 1024 {
		return ""
	}
	return s
}
