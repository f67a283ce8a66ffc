package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// caller makes HTTP requests to a program's remote control.
type caller struct {
	http   *http.Client
	header http.Header // sent with each request
}

func newCaller() *caller {
	return &caller{
		http:   &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 4}},
		header: http.Header{},
	}
}

// do sends body and returns the answer's status, header and body.
func (c *caller) do(ctx context.Context, method, url, contentType string, body []byte) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header = c.header.Clone()
	req.Header.Set("Content-Type", contentType)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	return resp, b, err
}

// json posts in and decodes the answer into out, whatever its status.
func (c *caller) json(ctx context.Context, url string, in, out any) (*http.Response, error) {
	b, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	resp, got, err := c.do(ctx, http.MethodPost, url, "application/json", b)
	if err != nil || resp.StatusCode == http.StatusConflict {
		return resp, err
	}
	if err := json.Unmarshal(got, out); err != nil {
		return resp, fmt.Errorf("status %s, body %.200q: %w", resp.Status, got, err)
	}
	return resp, nil
}

// close drops idle connections, so that no goroutine is left.
func (c *caller) close() { c.http.CloseIdleConnections() }
