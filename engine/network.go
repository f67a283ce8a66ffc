package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/dht/v2/krpc"
	utp "github.com/anacrolix/go-utp"
	"github.com/anacrolix/torrent"
	pp "github.com/anacrolix/torrent/peer_protocol"

	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

const (
	// utpHeadStart is how long a TCP connection attempt runs before uTP is tried as
	// well: uTP costs several times the CPU and the first that answers wins.
	utpHeadStart = 200 * time.Millisecond
	// handshakeTimeout bounds the library's handshakes; MSE and the fall-back to
	// plaintext happen inside.
	handshakeTimeout = 12 * time.Second
	// portTries is how often a free port is looked for that both TCP and UDP have.
	portTries = 20
)

// network is one incarnation of the library's client with its sockets. Settings
// that the library cannot change while it runs mean a new one.
type network struct {
	client  *torrent.Client
	sockets []io.Closer
	dht     []*dht.Server
	port    uint16
	at      []netip.AddrPort // where TCP is taken
}

// openNetwork opens the sockets and a client on them. When the port that the user
// chose is taken it takes another one and says so: a session that is reached on
// another port beats none. The error wraps ErrListen when no socket could be opened.
func openNetwork(e *Engine, s *Settings) (_ *network, err error) {
	n := &network{}
	defer func() {
		if err != nil {
			n.close()
		}
	}()
	var socks []*socket
	switch {
	case e.reach.gone:
		return nil, fmt.Errorf("%w: nothing of the chosen network is there", ErrListen)
	case !s.hidden():
		if socks, err = e.listenAnywhere(s); err != nil {
			return nil, err
		}
	}
	for _, x := range socks {
		n.sockets = append(n.sockets, x)
		n.port = x.port
	}
	cfg := e.clientConfig(s)
	if n.client, err = torrent.NewClient(cfg); err != nil {
		return nil, fmt.Errorf("engine: start the library: %w", err)
	}
	if s.DHT {
		if err := n.startDHT(socks); err != nil {
			return nil, err
		}
		n.addNodes(e.store.Session().Nodes)
	}
	n.join(e, s, socks)
	return n, nil
}

// join gives the library its listeners and dialers.
func (n *network) join(e *Engine, s *Settings, socks []*socket) {
	for _, x := range socks {
		if x.tcp != nil {
			n.at = append(n.at, netip.AddrPortFrom(x.addr, x.port))
			n.client.AddListener(e.links.Listener(x.tcp))
			if !s.ProxyPeers && !s.bound() {
				n.client.AddDialer(e.links.Dialer(x.tcpDialer()))
			}
		}
		if x.utp != nil && s.UTP {
			n.client.AddListener(e.links.Listener(x.utp))
			if !s.ProxyPeers {
				n.client.AddDialer(e.links.Dialer(x.utpDialer(s.TCP)))
			}
		}
	}
	if !s.TCP || !s.ProxyPeers && !s.bound() {
		return
	}
	n.client.AddDialer(e.links.Dialer(e.peerDialer("tcp4", s.ProxyPeers)))
	if s.IPv6 {
		n.client.AddDialer(e.links.Dialer(e.peerDialer("tcp6", s.ProxyPeers)))
	}
}

// listenAnywhere listens at the port of the settings, or at another one if that is
// taken.
func (e *Engine) listenAnywhere(s *Settings) ([]*socket, error) {
	socks, err := listen(s, e.reach.from)
	if err == nil || s.Port == 0 {
		return socks, err
	}
	free := *s
	free.Port = 0
	first := err
	if socks, err = listen(&free, e.reach.from); err == nil {
		e.tell(swarm.PortTaken{Wanted: int(s.Port), Got: int(socks[0].port), Reason: first.Error()})
	}
	return socks, err
}

// clientConfig keeps the library willing to serve everybody and without sockets,
// rules, trackers and port mapping of its own.
func (e *Engine) clientConfig(s *Settings) *torrent.ClientConfig {
	c := torrent.NewDefaultClientConfig()
	c.DisableTCP, c.DisableUTP, c.NoDHT = true, true, true
	c.DisableTrackers = true
	c.DisableWebtorrent = true
	c.NoDefaultPortForwarding = true
	c.DisablePEX = !s.PEX
	c.DisableIPv6 = !s.IPv6
	c.Seed = true
	c.HeaderObfuscationPolicy = torrent.HeaderObfuscationPolicy{RequirePreferred: true, Preferred: false}
	c.HandshakesTimeout = handshakeTimeout
	c.PeerID = string(e.peerID[:])
	c.Bep20 = peerIDPrefix(e.cfg.Version)
	c.ExtendedHandshakeClientVersion = "Swarmbid " + e.cfg.Version
	c.HTTPUserAgent = "Swarmbid/" + e.cfg.Version
	c.WebTransport = e.Transport()
	c.IPBlocklist = &e.filter
	c.UpnpID = "Swarmbid"
	c.Callbacks.ReadExtendedHandshake = func(_ *torrent.PeerConn, m *pp.ExtendedHandshakeMessage) {
		// Transmission announces 512 and takes 511; the library does not ask again
		// after the last of its open requests was rejected.
		m.Reqq -= m.Reqq / 16
	}
	c.EstablishedConnsPerTorrent = s.MaxPeersPerTorrent
	c.DialRateLimiter = e.dials
	c.TotalHalfOpenConns, c.HalfOpenConnsPerTorrent = s.HalfOpen, min(s.HalfOpen, max(25, s.HalfOpen/4))
	c.Slogger = e.cfg.Log.With("part", "library")
	c.DropDuplicatePeerIds = true
	c.DropMutuallyCompletePeers = !e.pays() // see partFromSeeds
	c.DefaultStorage = noStorage{}
	c.PeriodicallyAnnounceTorrentsToDht = false
	e.joinLibrary(c)
	if s.Bootstrap != nil {
		nodes := s.Bootstrap
		c.DhtStartingNodes = func(network string) dht.StartingNodesGetter {
			return func() ([]dht.Addr, error) { return dht.ResolveHostPorts(nodes) }
		}
	}
	c.ConfigureAnacrolixDhtServer = func(sc *dht.ServerConfig) {
		sc.PeerStore = &peerStore{}
		if s.localOnly() {
			sc.NoSecurity = true // BEP 42 ids follow from public addresses
		}
	}
	return c
}

// localOnly reports whether the session listens on loopback only, as in tests.
func (s *Settings) localOnly() bool {
	for _, a := range s.Listen {
		if !a.IsLoopback() {
			return false
		}
	}
	return len(s.Listen) > 0
}

// startDHT runs a DHT node on every UDP socket (BEP 5, BEP 32).
func (n *network) startDHT(socks []*socket) error {
	for _, x := range socks {
		if x.utp == nil {
			continue
		}
		d, err := n.client.NewAnacrolixDhtServer(x.utp)
		if err != nil {
			return fmt.Errorf("engine: start the DHT on %s: %w", x.utp.Addr(), err)
		}
		n.dht = append(n.dht, d)
		n.client.AddDhtServer(torrent.AnacrolixDhtServerWrapper{Server: d})
	}
	return nil
}

// addNodes gives the DHT nodes that were good in an earlier run.
func (n *network) addNodes(nodes []string) {
	for _, s := range nodes {
		a, err := netip.ParseAddrPort(s)
		if err != nil {
			continue // a resume record of another version; the others are as good
		}
		for _, d := range n.dht {
			ua := net.UDPAddrFromAddrPort(a)
			if own, ok := d.Addr().(*net.UDPAddr); ok && (own.IP.To4() == nil) == (ua.IP.To4() == nil) {
				go d.Ping(ua) //nolint:contextcheck // the library has no other call; bounded by its own time-out
			}
		}
	}
}

// nodes returns the addresses of the good DHT nodes, at most limit.
func (n *network) nodes(limit int) (out []string) {
	for _, d := range n.dht {
		for _, x := range d.Nodes() {
			if len(out) == limit {
				return out
			}
			out = append(out, nodeAddr(x).String())
		}
	}
	return out
}

func nodeAddr(x krpc.NodeInfo) netip.AddrPort {
	a, _ := netip.AddrFromSlice(x.Addr.IP)
	return netip.AddrPortFrom(a.Unmap(), uint16(x.Addr.Port)) //nolint:gosec // a port by construction
}

// goodNodes is the figure of the status bar.
func (n *network) goodNodes() (good int) {
	for _, d := range n.dht {
		good += d.Stats().GoodNodes
	}
	return good
}

// close ends every connection. Torrents must have been dropped before, so that
// their data was synced on purpose and not in passing.
func (n *network) close() {
	for _, d := range n.dht {
		d.Close()
	}
	if n.client != nil {
		n.client.Close()
	}
	for _, s := range n.sockets {
		_ = s.Close() // nothing is written to a listening socket
	}
}

// socket is one address with TCP, UDP or both on one port.
type socket struct {
	addr netip.Addr
	port uint16
	tcp  net.Listener
	utp  utp.Socket
}

func (x *socket) family() string {
	if x.addr.Is4() {
		return "4"
	}
	return "6"
}

// Close closes both.
func (x *socket) Close() error {
	var err error
	if x.tcp != nil {
		err = x.tcp.Close()
	}
	if x.utp != nil {
		err = errors.Join(err, x.utp.Close())
	}
	return err
}

// listen opens every address on one port. An address family the machine lacks is
// left out; it is an error only if nothing is left.
func listen(s *Settings, from []netip.Addr) ([]*socket, error) {
	addrs := s.Listen
	if len(addrs) == 0 {
		addrs = []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	}
	var last error
	for range portTries {
		socks, err := listenAll(addrs, s, from)
		if err == nil && len(socks) > 0 {
			return socks, nil
		}
		last = err
		if s.Port != 0 {
			break // the user named the port: another one will not do
		}
	}
	return nil, fmt.Errorf("%w on port %d: %w", ErrListen, s.Port, last)
}

func listenAll(addrs []netip.Addr, s *Settings, from []netip.Addr) (socks []*socket, err error) {
	port := s.Port
	for _, a := range addrs {
		if a.Is6() && !s.IPv6 {
			continue
		}
		x, xerr := listenOne(a, port, s, from)
		if xerr != nil {
			err = errors.Join(err, xerr)
			if a.Is6() && a.IsUnspecified() {
				continue // no IPv6 on this machine
			}
			for _, y := range socks {
				_ = y.Close()
			}
			return nil, err
		}
		port = x.port
		socks = append(socks, x)
	}
	return socks, err2nil(err, socks)
}

// err2nil drops the error of a missing address family once another one is open.
func err2nil(err error, socks []*socket) error {
	if len(socks) > 0 {
		return nil
	}
	return err
}

func listenOne(a netip.Addr, port uint16, s *Settings, from []netip.Addr) (*socket, error) {
	x := &socket{addr: a, port: port}
	var err error
	if s.TCP {
		var lc net.ListenConfig
		x.tcp, err = lc.Listen(context.Background(), "tcp"+x.family(), netip.AddrPortFrom(a, port).String())
		if err != nil {
			return nil, err
		}
		x.port = portOf(x.tcp.Addr())
	}
	if udp, ok := s.udpAddr(a, from); ok && (s.UTP || s.DHT) {
		x.utp, err = listenUTP("udp"+x.family(), netip.AddrPortFrom(udp, x.port).String())
		if err != nil {
			_ = x.Close()
			return nil, err
		}
		x.port = portOf(x.utp.Addr())
	}
	return x, nil
}

// udpBuffer is asked of the system for datagrams that wait to be read. With the
// usual 200 KiB the bursts of a fast uTP peer were dropped until the stream stalled.
const udpBuffer = 4 << 20

func listenUTP(network, addr string) (utp.Socket, error) {
	var lc net.ListenConfig
	pc, err := lc.ListenPacket(context.Background(), network, addr)
	if err != nil {
		return nil, err
	}
	if u, ok := pc.(*net.UDPConn); ok {
		_ = u.SetReadBuffer(udpBuffer) // as much as the system allows
	}
	s, err := utp.NewSocketFromPacketConn(pc)
	if err != nil {
		_ = pc.Close() // nothing was sent
		return nil, err
	}
	return s, nil
}

func portOf(a net.Addr) uint16 {
	_, s, _ := net.SplitHostPort(a.String())
	n, _ := strconv.ParseUint(s, 10, 16)
	return uint16(n)
}

// dialer is the library's view of one way to reach peers.
type dialer struct {
	network string
	dial    func(ctx context.Context, addr string) (net.Conn, error)
}

// Dial connects to addr, which is host:port.
func (d dialer) Dial(ctx context.Context, addr string) (net.Conn, error) { return d.dial(ctx, addr) }

// DialerNetwork names the network as package net does.
func (d dialer) DialerNetwork() string { return d.network }

var _ link.Dialer = dialer{}

func (x *socket) tcpDialer() dialer {
	network := "tcp" + x.family()
	nd := net.Dialer{KeepAlive: -1, FallbackDelay: -1}
	if !x.addr.IsUnspecified() {
		nd.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(x.addr, 0))
	}
	return dialer{network, func(ctx context.Context, addr string) (net.Conn, error) {
		return nd.DialContext(ctx, network, addr)
	}}
}

func (x *socket) utpDialer(afterTCP bool) dialer {
	network := "udp" + x.family()
	return dialer{network, func(ctx context.Context, addr string) (net.Conn, error) {
		if afterTCP {
			wait := time.NewTimer(utpHeadStart)
			defer wait.Stop()
			select {
			case <-wait.C:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		return x.utp.DialContext(ctx, network, addr)
	}}
}

// peerIDPrefix is the client part of the peer id in the manner of BEP 20: «-SB»,
// four digits of the version, «-».
func peerIDPrefix(version string) string {
	var v [3]int
	_, _ = fmt.Sscanf(version, "%d.%d.%d", &v[0], &v[1], &v[2]) // what does not parse counts as 0
	digit := func(n int) byte { return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[min(max(n, 0), 35)] }
	return "-SB" + string([]byte{digit(v[0]), digit(v[1]), digit(v[2]), '0'}) + "-"
}
