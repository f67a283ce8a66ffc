package lab

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"
)

// ProxyConfig is how a Proxy behaves. The zero value connects everybody anywhere.
type ProxyConfig struct {
	User, Password string            // asked for if User is not ""
	TLS            bool              // spoken to over TLS
	Hosts          map[string]string // addresses of names that only the proxy knows
	From           netip.Addr        // where its own connections begin; invalid = anywhere
}

// Via is one connection that a Proxy made.
type Via struct {
	Kind   string // socks4, socks5, connect, forward
	Target string // host:port as it was asked for
}

// Proxy is a proxy on 127.0.0.1 that speaks SOCKS4, 4a, 5 and HTTP on one port.
type Proxy struct {
	cfg    ProxyConfig
	l      net.Listener
	roots  *x509.CertPool
	wg     sync.WaitGroup
	mu     sync.Mutex
	via    []Via
	from   map[netip.AddrPort]bool // our ends of the connections made
	open   map[net.Conn]bool
	closed bool
}

// StartProxy starts a Proxy. Close ends it.
func StartProxy(cfg ProxyConfig) (*Proxy, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{cfg: cfg, l: l, from: map[netip.AddrPort]bool{}, open: map[net.Conn]bool{}}
	if cfg.TLS {
		cert, err := p.certificate()
		if err != nil {
			return nil, errors.Join(err, l.Close())
		}
		p.l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	}
	p.wg.Go(func() {
		for {
			c, err := p.l.Accept()
			if err != nil {
				return
			}
			if p.keep(c) {
				p.wg.Go(func() {
					defer p.drop(c)
					p.serve(c)
				})
			}
		}
	})
	return p, nil
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() netip.AddrPort { return netip.MustParseAddrPort(p.l.Addr().String()) }

// Roots trusts the proxy's own certificate.
func (p *Proxy) Roots() *x509.CertPool { return p.roots }

// Via lists the connections made so far.
func (p *Proxy) Via() []Via {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.via)
}

// Made reports whether a connection that somebody sees coming from a is the proxy's.
func (p *Proxy) Made(a netip.AddrPort) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.from[netip.AddrPortFrom(a.Addr().Unmap(), a.Port())]
}

// Close ends the proxy and every connection through it.
func (p *Proxy) Close() error {
	err := p.l.Close()
	p.mu.Lock()
	p.closed = true
	for c := range p.open {
		_ = c.Close() // what was said is lost on purpose
	}
	p.mu.Unlock()
	p.wg.Wait()
	return err
}

func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = c.Close() // nothing was said
		return false
	}
	p.open[c] = true
	return true
}

func (p *Proxy) drop(c net.Conn) {
	_ = c.Close() // everything was said
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

func (p *Proxy) serve(c net.Conn) {
	r := bufio.NewReader(c)
	first, err := r.Peek(1)
	if err != nil {
		return
	}
	switch first[0] {
	case 4:
		err = p.socks4(c, r)
	case 5:
		err = p.socks5(c, r)
	default:
		err = p.http(c, r)
	}
	_ = err // the client sees the connection end
}

// dial makes a connection for a client.
func (p *Proxy) dial(kind, target string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(target)
	if err != nil {
		return nil, err
	}
	if to := p.cfg.Hosts[host]; to != "" {
		host = to
	}
	d := net.Dialer{Timeout: 5 * time.Second}
	if p.cfg.From.IsValid() {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(p.cfg.From, 0))
	}
	// Held so that nobody sees the connection before Made knows of it.
	p.mu.Lock()
	defer p.mu.Unlock()
	c, err := d.DialContext(context.Background(), "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	p.via = append(p.via, Via{kind, target})
	if a, err := netip.ParseAddrPort(c.LocalAddr().String()); err == nil {
		p.from[a] = true
	}
	p.open[c] = true
	return c, nil
}

// splice copies both ways until both ends are done.
func (p *Proxy) splice(c net.Conn, r io.Reader, to net.Conn) error {
	defer p.drop(to)
	p.wg.Go(func() {
		_, _ = io.Copy(to, r) // the other direction says how it ended
		if t, ok := to.(*net.TCPConn); ok {
			_ = t.CloseWrite() // likewise
		}
	})
	_, err := io.Copy(c, to)
	_ = c.Close() // so that the other copy ends
	return err
}

func (p *Proxy) socks4(c net.Conn, r *bufio.Reader) error {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	user, err := r.ReadString(0)
	if err != nil {
		return err
	}
	host := netip.AddrFrom4([4]byte(head[4:8])).String()
	if head[4] == 0 && head[5] == 0 && head[6] == 0 && head[7] != 0 {
		name, err := r.ReadString(0)
		if err != nil {
			return err
		}
		host = name[:len(name)-1]
	}
	answer := []byte{0, 90, 0, 0, 0, 0, 0, 0}
	if p.cfg.User != "" && user != p.cfg.User+"\x00" {
		answer[1] = 93
		_, err := c.Write(answer)
		return err
	}
	to, err := p.dial("socks4", net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(head[2:])))))
	if err != nil {
		answer[1] = 91
		_, err = c.Write(answer)
		return err
	}
	if _, err := c.Write(answer); err != nil {
		p.drop(to)
		return err
	}
	return p.splice(c, r, to)
}

// login is the part of SOCKS5 before the request.
func (p *Proxy) login(c net.Conn, r *bufio.Reader) (bool, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return false, err
	}
	methods := make([]byte, head[1])
	if _, err := io.ReadFull(r, methods); err != nil {
		return false, err
	}
	want := byte(0)
	if p.cfg.User != "" {
		want = 2
	}
	if !slices.Contains(methods, want) {
		_, err := c.Write([]byte{5, 0xff})
		return false, err
	}
	if _, err := c.Write([]byte{5, want}); err != nil || want == 0 {
		return err == nil, err
	}
	var got [2]string
	if _, err := r.Discard(1); err != nil {
		return false, err
	}
	for i := range got {
		n, err := r.ReadByte()
		if err != nil {
			return false, err
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return false, err
		}
		got[i] = string(b)
	}
	ok := got == [2]string{p.cfg.User, p.cfg.Password}
	status := byte(0)
	if !ok {
		status = 1
	}
	_, err := c.Write([]byte{1, status})
	return ok, err
}

func (p *Proxy) socks5(c net.Conn, r *bufio.Reader) error {
	if ok, err := p.login(c, r); !ok || err != nil {
		return err
	}
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	size := map[byte]int{1: 4, 4: 16}[head[3]]
	if head[3] == 3 {
		n, err := r.ReadByte()
		if err != nil {
			return err
		}
		size = int(n)
	}
	addr := make([]byte, size+2)
	if _, err := io.ReadFull(r, addr); err != nil {
		return err
	}
	host := string(addr[:size])
	if a, ok := netip.AddrFromSlice(addr[:size]); ok && head[3] != 3 {
		host = a.String()
	}
	answer := []byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	to, err := p.dial("socks5", net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(addr[size:])))))
	if err != nil {
		answer[1] = 5
		_, err = c.Write(answer)
		return err
	}
	if _, err := c.Write(answer); err != nil {
		p.drop(to)
		return err
	}
	return p.splice(c, r, to)
}

// http serves one request; a forwarded one ends the connection.
func (p *Proxy) http(c net.Conn, r *bufio.Reader) error {
	req, err := http.ReadRequest(r)
	if err != nil {
		return err
	}
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(p.cfg.User+":"+p.cfg.Password))
	if p.cfg.User != "" && req.Header.Get("Proxy-Authorization") != want {
		_, err := io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		return err
	}
	kind, target := "connect", req.Host
	if req.Method != http.MethodConnect {
		kind, target = "forward", req.URL.Host
		if req.URL.Port() == "" {
			target = net.JoinHostPort(req.URL.Hostname(), "80")
		}
	}
	to, err := p.dial(kind, target)
	if err != nil {
		_, err := io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		return err
	}
	if kind == "connect" {
		if _, err := io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
			p.drop(to)
			return err
		}
		return p.splice(c, r, to)
	}
	defer p.drop(to)
	req.Header.Del("Proxy-Authorization")
	req.Close = true
	if err := req.Write(to); err != nil {
		return err
	}
	_, err = io.Copy(c, to)
	return err
}

// certificate makes one for 127.0.0.1.
func (p *Proxy) certificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read our own certificate: %w", err)
	}
	p.roots = x509.NewCertPool()
	p.roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
