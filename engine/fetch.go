package engine

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"swarmbid/engine/metafile"
)

const (
	fetchTimeout   = 30 * time.Second
	fetchRedirects = 8
)

// fetch gets a .torrent file from an http or https address. Errors wrap ErrFetch
// and say what the other side answered.
func (e *Engine) fetch(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%w: %q is no http or https address", ErrFetch, address)
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFetch, err)
	}
	req.Header.Set("User-Agent", "Swarmbid/"+e.cfg.Version)
	client := http.Client{Transport: e.Transport(), CheckRedirect: func(r *http.Request, via []*http.Request) error {
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
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: %s answered %s", ErrFetch, u.Host, resp.Status)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, metafile.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%w: read the answer of %s: %w", ErrFetch, u.Host, err)
	}
	return b, nil
}
