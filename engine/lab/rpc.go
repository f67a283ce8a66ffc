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

// reply is what a program answered.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// do sends body and reads the answer.
func (c *caller) do(ctx context.Context, method, url, contentType string, body []byte) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	req.Header = c.header.Clone()
	req.Header.Set("Content-Type", contentType)
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer closing(resp.Body)
	b, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	return reply{resp.StatusCode, resp.Header, b}, err
}

// json posts in and decodes the answer into out, whatever its status but 409.
func (c *caller) json(ctx context.Context, url string, in, out any) (reply, error) {
	b, err := json.Marshal(in)
	if err != nil {
		return reply{}, err
	}
	r, err := c.do(ctx, http.MethodPost, url, "application/json", b)
	if err != nil || r.status == http.StatusConflict {
		return r, err
	}
	if err := json.Unmarshal(r.body, out); err != nil {
		return r, fmt.Errorf("status %d, body %.200q: %w", r.status, r.body, err)
	}
	return r, nil
}

// close drops idle connections, so that no goroutine is left.
func (c *caller) close() { c.http.CloseIdleConnections() }
