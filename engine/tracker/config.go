package tracker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"swarmbid/engine/swarm"
)

// Totals is what a tracker is told of a torrent, and how many peers are wanted.
type Totals struct {
	Uploaded   int64 // payload bytes sent since Add: BEP 3 counts from started
	Downloaded int64 // payload bytes received since Add
	Left       int64 // bytes missing of the whole torrent; negative = not known yet
	Want       int   // addresses wanted; 0 = Config.NumWant, negative = none
}

// Config is what an Announcer needs. PeerID, Port and UserAgent must be given; the
// zero value of every other field means the default that is named.
type Config struct {
	PeerID    func() swarm.PeerID // asked before each announce, on any goroutine
	Port      func() uint16       // the port we listen on; likewise
	UserAgent string              // «Swarmbid/1.0»

	// OnPeers gets the addresses of each answer, without duplicates; source is the
	// tracker's URL. It is called on a worker: it may block shortly, also on the
	// goroutine that calls the Announcer's commands. nil = not wanted.
	OnPeers func(ih swarm.InfoHash, peers []netip.AddrPort, source string)

	// Dial connects to a literal address; network is tcp4, tcp6, udp4 or udp6, and a
	// udp connection receives from its peer only. nil = net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Lookup resolves a host name; network is «ip». nil = net.DefaultResolver.
	Lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
	// Through carries HTTP requests in place of Dial, Lookup and TLS while it gives
	// one: a proxy, which also resolves the host. It has no say over UDP trackers; see
	// Policy.NoUDP. It is asked before each request, on any goroutine. nil = none.
	Through func() http.RoundTripper
	// TLS is for https trackers. nil = the system's roots.
	TLS *tls.Config

	NoIPv4, NoIPv6 bool // a family that must not be used

	NumWant     int           // addresses asked for; 0 = 200
	Parallel    int           // requests under way; 0 = 50
	PerHost     int           // announces under way to one host and port; 0 = 8
	StartRate   int           // first announces per second when many torrents are added; 0 = 50
	Timeout     time.Duration // of one request over one family; 0 = 30 s, in which UDP sends twice
	StopTimeout time.Duration // of the farewell at the end of Run, in all; 0 = 2.5 s

	Log *slog.Logger // nil = discard
}

// Validate reports the first field that cannot be used.
func (c *Config) Validate() error {
	switch {
	case c.PeerID == nil || c.Port == nil:
		return errors.New("tracker: config without PeerID or Port")
	case c.UserAgent == "":
		return errors.New("tracker: config without UserAgent")
	case c.NoIPv4 && c.NoIPv6:
		return errors.New("tracker: both address families are off")
	case c.NumWant < 0 || c.Parallel < 0 || c.PerHost < 0 || c.StartRate < 0:
		return fmt.Errorf("tracker: negative limit in %+v", [4]int{c.NumWant, c.Parallel, c.PerHost, c.StartRate})
	case c.Timeout < 0 || c.StopTimeout < 0:
		return errors.New("tracker: negative time limit")
	}
	return nil
}

// withDefaults fills in the zero fields.
func (c Config) withDefaults() Config {
	if c.OnPeers == nil {
		c.OnPeers = func(swarm.InfoHash, []netip.AddrPort, string) {}
	}
	if c.Dial == nil {
		c.Dial = (&net.Dialer{Timeout: 20 * time.Second}).DialContext
	}
	if c.Lookup == nil {
		c.Lookup = net.DefaultResolver.LookupNetIP
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.NumWant = orDefault(c.NumWant, 200)
	c.Parallel = orDefault(c.Parallel, 50)
	c.PerHost = orDefault(c.PerHost, 8)
	c.StartRate = orDefault(c.StartRate, 50)
	c.Timeout = orDefault(c.Timeout, 30*time.Second)
	c.StopTimeout = orDefault(c.StopTimeout, 2500*time.Millisecond)
	return c
}

func orDefault[T int | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}
