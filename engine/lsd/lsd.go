package lsd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"swarmbid/engine/swarm"
)

const (
	// interval is the time between two announces of a torrent (BEP 14).
	interval = 5 * time.Minute
	// gap is the least time between two packets; new torrents are gathered as long.
	gap = time.Second
	// reopen is how often sockets that failed are opened again and new network
	// interfaces looked for.
	reopen = time.Minute
	// heard and burst limit the packets a second that are looked at.
	heard, burst = 50, 200
)

// ErrNoMulticast says that the sockets could not be opened, or failed.
var ErrNoMulticast = errors.New("lsd: no multicast")

// Config is what a Discovery needs; Port and OnPeer must be given.
type Config struct {
	Port func() uint16 // the port we listen on; 0 = do not announce. On any goroutine
	// OnPeer gets a peer of a torrent that was added; the address may have a zone. It is
	// called on a reader: it should return soon.
	OnPeer         func(ih swarm.InfoHash, peer netip.AddrPort)
	NoIPv4, NoIPv6 bool
	Log            *slog.Logger // nil = discard

	open func(context.Context, family) (medium, error) // nil = multicast sockets
}

// Status is what is known of the local network.
type Status struct {
	Working bool  // a socket of some family is open
	Err     error // of the family that failed last; nil when all enabled ones work
	Peers   int   // peers reported in this run
}

// family is an address family; its number is the place of its socket.
type family uint8

const (
	ipv4 family = iota
	ipv6
	families
)

// host is the multicast group, as the Host header has it (BEP 14).
func (f family) host() string {
	if f == ipv4 {
		return "239.192.152.143:6771"
	}
	return "[ff15::efc0:988f]:6771"
}

// medium is a family's multicast group.
type medium interface {
	// receive waits for a packet; it fails when the medium is closed.
	receive(buf []byte) (n int, from netip.AddrPort, err error)
	// send sends on every interface and fails when none took it.
	send(packet []byte) error
	// join joins the group on interfaces that are new.
	join()
	close()
}

// Discovery announces torrents on the local network and hears of others. Create it
// with New and start Run once. All methods are safe for concurrent use and do not
// block.
type Discovery struct {
	cfg    Config
	cookie string // tells our own packets from others'
	limit  *rate.Limiter
	peers  atomic.Int64
	wake   chan struct{}

	mu       sync.Mutex
	added    uint64                    // counts Add
	torrents map[swarm.InfoHash]uint64 // by the count when it was added
	fresh    []due                     // not announced yet
	queue    []due                     // announced, by time of the next
	media    [families]medium
	errs     [families]error
}

// due is the next announce of a torrent; void when it was removed since.
type due struct {
	ih    swarm.InfoHash
	added uint64
	at    time.Time // zero = now
}

// New returns a Discovery without torrents.
func New(cfg Config) (*Discovery, error) {
	if cfg.Port == nil || cfg.OnPeer == nil {
		return nil, errors.New("lsd: config without Port or OnPeer")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.open == nil {
		cfg.open = openMulticast
	}
	return &Discovery{
		cfg: cfg, cookie: rand.Text()[:16], limit: rate.NewLimiter(heard, burst),
		wake: make(chan struct{}, 1), torrents: make(map[swarm.InfoHash]uint64),
	}, nil
}

// Add announces a torrent from now on; it must not be a private one.
func (d *Discovery) Add(ih swarm.InfoHash) {
	d.mu.Lock()
	if d.torrents[ih] == 0 {
		d.added++
		d.torrents[ih] = d.added
		d.fresh = append(d.fresh, due{ih: ih, added: d.added})
	}
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Remove forgets a torrent.
func (d *Discovery) Remove(ih swarm.InfoHash) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.torrents, ih)
}

// Status returns what is known now.
func (d *Discovery) Status() Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := Status{Peers: int(d.peers.Load())}
	for f, m := range d.media {
		s.Working = s.Working || m != nil
		if d.errs[f] != nil {
			s.Err = d.errs[f]
		}
	}
	return s
}

// Run announces and listens until ctx ends, and returns nil. A network without
// multicast is no error: it tries again each minute.
func (d *Discovery) Run(ctx context.Context) error {
	var readers sync.WaitGroup
	again := time.NewTicker(reopen)
	defer again.Stop()
	next, at := time.NewTimer(gap), time.Now().Add(gap)
	defer next.Stop()
	d.open(ctx, &readers)
	for {
		select {
		case <-next.C:
			at = time.Now().Add(d.announce(time.Now()))
			next.Reset(time.Until(at))
		case <-d.wake:
			if soon := time.Now().Add(gap); soon.Before(at) {
				at = soon
				next.Reset(gap)
			}
		case <-again.C:
			d.open(ctx, &readers)
		case <-ctx.Done():
			for f := range families {
				d.drop(f, nil)
			}
			readers.Wait()
			return nil
		}
	}
}

// open opens the families that are not, each with its reader, and joins new interfaces
// on the others.
func (d *Discovery) open(ctx context.Context, readers *sync.WaitGroup) {
	for f := range families {
		if f == ipv4 && d.cfg.NoIPv4 || f == ipv6 && d.cfg.NoIPv6 {
			continue
		}
		d.mu.Lock()
		m := d.media[f]
		d.mu.Unlock()
		if m != nil {
			m.join()
			continue
		}
		m, err := d.cfg.open(ctx, f)
		if err != nil {
			d.drop(f, err)
			continue
		}
		d.mu.Lock()
		d.media[f], d.errs[f] = m, nil
		d.mu.Unlock()
		readers.Go(func() { d.read(f, m) })
	}
}

// drop closes a family's medium; err is why, nil at the end of Run.
func (d *Discovery) drop(f family, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if m := d.media[f]; m != nil {
		m.close()
	}
	d.media[f] = nil
	if err != nil {
		d.errs[f] = fmt.Errorf("%w: %w", ErrNoMulticast, err)
		d.cfg.Log.Debug("local discovery", "group", f.host(), "err", err)
	}
}

// announce sends one packet with torrents that are due, and returns the time until the
// next may be sent.
func (d *Discovery) announce(now time.Time) time.Duration {
	m := message{port: d.cfg.Port(), cookie: d.cookie}
	if m.port == 0 {
		return gap
	}
	d.mu.Lock()
	d.fresh, m.hashes = d.pick(d.fresh, m.hashes, now)
	d.queue, m.hashes = d.pick(d.queue, m.hashes, now)
	for _, ih := range m.hashes {
		d.queue = append(d.queue, due{ih, d.torrents[ih], now.Add(interval)})
	}
	media, wait := d.media, interval
	if len(d.fresh) > 0 {
		wait = gap
	} else if len(d.queue) > 0 {
		wait = max(d.queue[0].at.Sub(now), gap)
	}
	d.mu.Unlock()
	for f, medium := range media {
		if medium != nil && len(m.hashes) > 0 {
			if err := medium.send(m.encode(family(f).host())); err != nil {
				d.drop(family(f), err)
			}
		}
	}
	return wait
}

// pick moves from q to hashes what is due, as much as fits a packet, and drops what is
// void. The caller holds mu.
func (d *Discovery) pick(q []due, hashes []swarm.InfoHash, now time.Time) ([]due, []swarm.InfoHash) {
	for len(q) > 0 && len(hashes) < maxHashes && !q[0].at.After(now) {
		if d.torrents[q[0].ih] == q[0].added {
			hashes = append(hashes, q[0].ih)
		}
		q = q[1:]
	}
	return q, hashes
}

// read hands on what arrives until the medium is closed.
func (d *Discovery) read(f family, m medium) {
	buf := make([]byte, maxPacket+1)
	for {
		n, from, err := m.receive(buf)
		if err != nil {
			d.fail(f, m, err)
			return
		}
		if d.limit.Allow() && near(from.Addr()) {
			d.hear(buf[:n], from.Addr())
		}
	}
}

// fail drops m unless it was dropped before.
func (d *Discovery) fail(f family, m medium, err error) {
	d.mu.Lock()
	ours := d.media[f] == m
	d.mu.Unlock()
	if ours {
		d.drop(f, err)
	}
}

// hear reports the sender of a packet for those of its torrents that we have too.
func (d *Discovery) hear(packet []byte, from netip.Addr) {
	m, ok := parse(packet)
	if !ok || m.cookie == d.cookie {
		return
	}
	for _, ih := range m.hashes {
		d.mu.Lock()
		has := d.torrents[ih] != 0
		d.mu.Unlock()
		if has {
			d.peers.Add(1)
			d.cfg.OnPeer(ih, netip.AddrPortFrom(from, m.port))
		}
	}
}
