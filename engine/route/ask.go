package route

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/net/proxy"
)

// maxAnswer bounds the header of an answer to CONNECT, in bytes.
const maxAnswer = 16 << 10

// onceDialer gives the connection that is there to package proxy.
type onceDialer struct{ net.Conn }

// Dial implements proxy.Dialer.
func (d onceDialer) Dial(string, string) (net.Conn, error) { return d.Conn, nil }

// DialContext implements proxy.ContextDialer.
func (d onceDialer) DialContext(context.Context, string, string) (net.Conn, error) {
	return d.Conn, nil
}

// socks5 asks as RFC 1928 has it.
func (r *Route) socks5(ctx context.Context, raw net.Conn, address string) error {
	p := &r.cfg.Proxy
	var auth *proxy.Auth
	if p.User != "" {
		auth = &proxy.Auth{User: p.User, Password: p.Password}
	}
	d, err := proxy.SOCKS5("tcp", p.address(), auth, onceDialer{raw})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProxy, err)
	}
	cd, ok := d.(proxy.ContextDialer)
	if !ok {
		return fmt.Errorf("%w: the library has changed", ErrProxy)
	}
	if _, err = cd.DialContext(ctx, "tcp", address); err == nil {
		return nil
	}
	err = cause(err)
	if strings.Contains(err.Error(), "authentication") { // it has no sentinel
		return ErrProxyAuth
	}
	if strings.HasPrefix(err.Error(), "unknown error") { // a reply of RFC 1928, 6
		return fmt.Errorf("%w to %s: %w", ErrTarget, address, err)
	}
	return fmt.Errorf("%w %s does not speak SOCKS5: %w", ErrProxy, p.address(), err)
}

// socks4 asks as the SOCKS 4 protocol has it, with a name as 4a does.
func (r *Route) socks4(raw net.Conn, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return err
	}
	ip, name := []byte{0, 0, 0, 1}, host // 4a: an address that cannot be, then the name
	if a, ok := literal(address); ok {
		if !a.Addr().Is4() {
			return fmt.Errorf("%w speaks SOCKS4, which has no IPv6", ErrProxy)
		}
		ip, name = a.Addr().AsSlice(), ""
	}
	b := binary.BigEndian.AppendUint16([]byte{4, 1}, uint16(n))
	b = append(append(append(b, ip...), r.cfg.Proxy.User...), 0)
	if name != "" {
		b = append(append(b, name...), 0)
	}
	if _, err := raw.Write(b); err != nil {
		return fmt.Errorf("%w: %w", ErrProxy, cause(err))
	}
	var answer [8]byte
	if _, err := io.ReadFull(raw, answer[:]); err != nil {
		return fmt.Errorf("%w %s does not speak SOCKS4: %w", ErrProxy, r.cfg.Proxy.address(), cause(err))
	}
	switch {
	case answer[0] == 0 && answer[1] == 90:
		return nil
	case answer[0] == 0 && (answer[1] == 92 || answer[1] == 93):
		return ErrProxyAuth
	case answer[0] == 0 && answer[1] == 91:
		return fmt.Errorf("%w to %s", ErrTarget, address)
	}
	return fmt.Errorf("%w %s does not speak SOCKS4", ErrProxy, r.cfg.Proxy.address())
}

// connect asks by CONNECT.
func (r *Route) connect(conn net.Conn, address string) error {
	p := &r.cfg.Proxy
	var b bytes.Buffer
	fmt.Fprintf(&b, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", address, address)
	if p.User != "" {
		fmt.Fprintf(&b, "Proxy-Authorization: Basic %s\r\n", base64.StdEncoding.EncodeToString([]byte(p.User+":"+p.Password)))
	}
	b.WriteString("\r\n")
	if _, err := conn.Write(b.Bytes()); err != nil {
		return fmt.Errorf("%w: %w", ErrProxy, cause(err))
	}
	head, err := header(conn)
	if err != nil {
		return fmt.Errorf("%w %s does not speak HTTP: %w", ErrProxy, p.address(), cause(err))
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return fmt.Errorf("%w %s does not speak HTTP: %w", ErrProxy, p.address(), err)
	}
	_ = resp.Body.Close() // an answer to CONNECT has none
	return r.answered(resp, address)
}

// answered says what an answer to CONNECT means.
func (r *Route) answered(resp *http.Response, address string) error {
	switch {
	case resp.StatusCode == http.StatusProxyAuthRequired:
		return ErrProxyAuth
	case resp.StatusCode/100 != 2:
		return fmt.Errorf("%w to %s: HTTP %d", ErrTarget, address, resp.StatusCode)
	}
	return nil
}

var errLongAnswer = errors.New("its answer does not end")

// header reads to the empty line and not one byte further: what follows is said by
// the other end of the tunnel.
func header(conn net.Conn) ([]byte, error) {
	var head []byte
	var one [1]byte
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		if len(head) >= maxAnswer {
			return nil, errLongAnswer
		}
		if _, err := io.ReadFull(conn, one[:]); err != nil {
			return nil, err
		}
		head = append(head, one[0])
	}
	return head, nil
}
