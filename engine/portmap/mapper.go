package portmap

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync/atomic"
	"time"
)

const (
	// lease is what is asked for; it is renewed at half of what is granted.
	lease = time.Hour
	// minLease is the shortest lease that is believed: a router that grants less is
	// asked again after half a minute all the same.
	minLease = time.Minute
	// firstRetry is doubled with each failure up to maxRetry.
	firstRetry = time.Minute
	maxRetry   = 30 * time.Minute
	// farewell bounds giving the port back at the end of Run.
	farewell = 2 * time.Second
	// tries is how many external ports are tried when others have them.
	tries = 4
)

// The errors of Status.Err.
var (
	// ErrNoRouter: nothing on the network offers to forward ports.
	ErrNoRouter = errors.New("portmap: no router answers")
	// ErrRefused: the router was asked and said no.
	ErrRefused = errors.New("portmap: the router refuses")
)

// Status is what is known of the mapping. The zero value means none.
type Status struct {
	Method   string         // «UPnP» or «NAT-PMP»; "" = no mapping
	Router   string         // name or address of the router
	External netip.AddrPort // where the internet reaches us; the address is invalid when the router does not say it
	Until    time.Time      // end of the lease
	Err      error          // why there is none; nil while it is sought for the first time
}

// Config is what a Mapper needs; the zero value is fine.
type Config struct {
	Name string       // how the mapping is labelled on the router's page; "" = «Swarmbid»
	Log  *slog.Logger // nil = discard

	ways []way // how to find a gateway: UPnP, NAT-PMP; nil = the real ones
}

// gateway is a router that can be asked. The methods block until ctx ends or the
// limits of the protocol do.
type gateway interface {
	method() string
	router() string
	// external returns the router's address on the internet.
	external(ctx context.Context) (netip.Addr, error)
	// add maps external, or another port if the router prefers, to our internal one,
	// and returns the port and time granted; errTaken says that somebody else has it.
	add(ctx context.Context, p protocol, internal, external uint16, d time.Duration) (uint16, time.Duration, error)
	remove(ctx context.Context, p protocol, internal, external uint16) error
}

// way finds a gateway.
type way func(ctx context.Context) (gateway, error)

// protocol is TCP or UDP, as both libraries want it.
type protocol string

const (
	tcp protocol = "tcp"
	udp protocol = "udp"
)

// errTaken: another host has the external port.
var errTaken = errors.New("the port is taken")

// mapping is what was granted.
type mapping struct {
	gw                 gateway
	way                int // by which the gateway was found
	internal, external uint16
	granted            time.Duration
}

// Mapper keeps one port mapped. Create it with New and start Run once.
type Mapper struct {
	cfg     Config
	port    atomic.Uint32
	off     atomic.Uint32 // ways that are not to be used, a bit each
	status  atomic.Pointer[Status]
	wake    chan struct{}
	changed chan struct{}
}

// New returns a Mapper that maps nothing until SetPort.
func New(cfg Config) *Mapper {
	if cfg.Name == "" {
		cfg.Name = "Swarmbid"
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.ways == nil {
		cfg.ways = []way{newUPnP(cfg.Name).find, newNATPMP().find}
	}
	m := &Mapper{cfg: cfg, wake: make(chan struct{}, 1), changed: make(chan struct{}, 1)}
	m.status.Store(&Status{})
	return m
}

// SetPort names the port we listen on for TCP and UDP; 0 gives the mapping back. It
// may be called on any goroutine, before and during Run.
func (m *Mapper) SetPort(port uint16) {
	m.port.Store(uint32(port))
	m.nudge()
}

// SetMethods says which methods may be used; a mapping made by another is given
// back. With neither nothing is mapped. It may be called on any goroutine, before and
// during Run; a new Mapper uses both.
func (m *Mapper) SetMethods(upnp, natPMP bool) {
	var off uint32
	for i, on := range []bool{upnp, natPMP} {
		if !on {
			off |= 1 << i
		}
	}
	if m.off.Swap(off) != off {
		m.nudge()
	}
}

func (m *Mapper) nudge() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// uses reports whether the i-th way may be used.
func (m *Mapper) uses(i int) bool { return m.off.Load()&(1<<i) == 0 }

// Status returns what is known now. It may be called on any goroutine.
func (m *Mapper) Status() Status { return *m.status.Load() }

// Changed receives after the external address, the port or the error changed; one
// reader.
func (m *Mapper) Changed() <-chan struct{} { return m.changed }

// Run keeps the port mapped until ctx ends, then gives it back and returns nil.
func (m *Mapper) Run(ctx context.Context) error {
	var cur *mapping
	failures := 0
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		select {
		case <-m.wake: // what it says is read below
		default:
		}
		port := uint16(m.port.Load())
		if !m.uses(0) && !m.uses(1) {
			port = 0
		}
		if cur != nil && (cur.internal != port || !m.uses(cur.way)) {
			m.giveBack(ctx, cur)
			cur = nil
		}
		timer.Stop()
		if port == 0 {
			m.publish(Status{})
		} else {
			next, err := m.renew(ctx, cur, port)
			switch {
			case err == nil:
				cur, failures = next, 0
				m.publish(m.describe(ctx, cur))
				timer.Reset(max(cur.granted, minLease) / 2)
			case ctx.Err() == nil:
				cur = nil
				failures++
				m.publish(Status{Err: err})
				timer.Reset(retry(failures))
			}
		}
		select {
		case <-timer.C:
		case <-m.wake:
			failures = 0
		case <-ctx.Done():
		}
	}
	if cur != nil {
		m.giveBack(ctx, cur)
	}
	m.publish(Status{})
	return nil
}

// retry is the pause after the n-th failure in a row, n from 1.
func retry(n int) time.Duration {
	d := firstRetry
	for ; n > 1 && d < maxRetry; n-- {
		d *= 2
	}
	return min(d, maxRetry)
}

func (m *Mapper) publish(s Status) {
	old := m.Status()
	m.status.Store(&s)
	if old.External == s.External && fmt.Sprint(old.Err) == fmt.Sprint(s.Err) {
		return
	}
	m.cfg.Log.Info("port mapping", "method", s.Method, "external", s.External, "err", s.Err)
	select {
	case m.changed <- struct{}{}:
	default:
	}
}

// describe fills a Status in; the router may keep its address to itself.
func (m *Mapper) describe(ctx context.Context, c *mapping) Status {
	addr, err := c.gw.external(ctx)
	if err != nil {
		m.cfg.Log.Debug("the router does not tell its address", "err", err)
		addr = netip.Addr{}
	}
	return Status{
		Method: c.gw.method(), Router: c.gw.router(),
		External: netip.AddrPortFrom(addr, c.external), Until: time.Now().Add(c.granted),
	}
}

// renew extends cur, or maps anew by the first way that works.
func (m *Mapper) renew(ctx context.Context, cur *mapping, port uint16) (*mapping, error) {
	if cur != nil {
		if next, err := m.install(ctx, cur.gw, port, cur.external); err == nil {
			next.way = cur.way
			return next, nil
		}
	}
	var errs []error
	for i, find := range m.cfg.ways {
		if !m.uses(i) {
			continue
		}
		gw, err := find(ctx)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		next, err := m.install(ctx, gw, port, port)
		if err == nil {
			next.way = i
			return next, nil
		}
		errs = append(errs, fmt.Errorf("%w: %s of %s: %w", ErrRefused, gw.method(), gw.router(), err))
	}
	for _, err := range errs { // a refusal says more than silence elsewhere
		if errors.Is(err, ErrRefused) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: %w", ErrNoRouter, errors.Join(errs...))
}

// install maps both protocols to one external port, beginning with want.
func (m *Mapper) install(ctx context.Context, gw gateway, port, want uint16) (*mapping, error) {
	var err error
	for range tries {
		var got, other uint16
		var d, e time.Duration
		if got, d, err = gw.add(ctx, tcp, port, want, lease); err == nil {
			if other, e, err = gw.add(ctx, udp, port, got, lease); err == nil && other == got {
				return &mapping{gw: gw, internal: port, external: got, granted: min(d, e)}, nil
			}
			if err == nil {
				m.giveBackOne(ctx, gw, udp, port, other)
				err = errTaken
			}
			m.giveBackOne(ctx, gw, tcp, port, got)
		}
		if !errors.Is(err, errTaken) || ctx.Err() != nil {
			return nil, err
		}
		want = uint16(49152 + rand.IntN(1<<16-49152)) // the dynamic ports of RFC 6335
	}
	return nil, err
}

// giveBack removes both mappings, also after ctx has ended.
func (m *Mapper) giveBack(ctx context.Context, c *mapping) {
	m.giveBackOne(ctx, c.gw, tcp, c.internal, c.external)
	m.giveBackOne(ctx, c.gw, udp, c.internal, c.external)
}

func (m *Mapper) giveBackOne(ctx context.Context, gw gateway, p protocol, internal, external uint16) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell/2)
	defer cancel()
	if err := gw.remove(ctx, p, internal, external); err != nil {
		m.cfg.Log.Debug("port not given back", "protocol", p, "err", err)
	}
}
