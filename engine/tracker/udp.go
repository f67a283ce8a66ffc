package tracker

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"swarmbid/engine/swarm"
)

const (
	// connectionLife is how long a client may use a connection id (BEP 15).
	connectionLife = time.Minute
	// firstResend is doubled with each unanswered packet, maxResends times (BEP 15).
	firstResend = 15 * time.Second
	maxResends  = 8
	// maxStray is how many packets that answer nothing are read before the next is
	// an error.
	maxStray = 64
	// maxIdle is how many sockets wait for their next use.
	maxIdle = 64
)

// session is a socket connected to one tracker with the connection id it got there.
// Trackers may tie the id to address and port, so they live and die together.
type session struct {
	conn   net.Conn
	to     netip.AddrPort
	id     uint64
	issued time.Time // zero = no id yet
}

func (s *session) fresh(now time.Time) bool {
	return !s.issued.IsZero() && now.Sub(s.issued) < connectionLife
}

// sessions keeps idle sessions for as long as their id is good. Each is used by one
// request at a time; parallel requests to one tracker use several.
type sessions struct {
	mu   sync.Mutex
	idle []*session // oldest first
}

// take returns an idle session to addr, or nil.
func (p *sessions) take(to netip.AddrPort) *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prune(time.Now())
	for i := len(p.idle) - 1; i >= 0; i-- {
		if s := p.idle[i]; s.to == to {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return s
		}
	}
	return nil
}

// give returns a session after use.
func (p *sessions) give(s *session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, s)
	p.prune(time.Now())
}

// prune closes sessions that went stale, and the oldest above maxIdle.
func (p *sessions) prune(now time.Time) {
	keep := p.idle[:0]
	for i, s := range p.idle {
		if s.fresh(now) && len(p.idle)-i <= maxIdle {
			keep = append(keep, s)
		} else {
			_ = s.conn.Close() // nothing is buffered
		}
	}
	clear(p.idle[len(keep):])
	p.idle = keep
}

func (p *sessions) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.idle {
		_ = s.conn.Close() // nothing is buffered
	}
	p.idle = nil
}

func (c *client) announceUDP(ctx context.Context, t target, f family, r *request) (answer, error) {
	var a answer
	err := c.exchange(ctx, t, f, actionAnnounce, announceBody(r, t.url.RequestURI()), func(s *session, body []byte) error {
		var err error
		a, err = parseUDPAnnounce(body, s.to.Addr().Is4())
		return err
	})
	return a, err
}

func (c *client) scrapeUDP(ctx context.Context, t target, f family, ih swarm.InfoHash) (answer, error) {
	var a answer
	err := c.exchange(ctx, t, f, actionScrape, ih[:], func(_ *session, body []byte) error {
		var err error
		a, err = parseUDPScrape(body)
		return err
	})
	return a, err
}

// exchange sends one request on an idle or new session and hands the answer's body,
// which is valid during the call, to read.
func (c *client) exchange(ctx context.Context, t target, f family, act action, body []byte, read func(*session, []byte) error) error {
	s, err := c.session(ctx, t, f)
	if err != nil {
		return err
	}
	reused := !s.issued.IsZero()
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetDeadline(time.Unix(1, 0)) })
	b, err := s.request(ctx, act, body)
	var no *refusal
	if errors.As(err, &no) && reused && ctx.Err() == nil {
		s.issued = time.Time{} // it may have forgotten the id: ask with a new one
		b, err = s.request(ctx, act, body)
	}
	if err == nil {
		err = read(s, b)
	}
	if !stop() || err != nil && !errors.As(err, &no) {
		_ = s.conn.Close() // nothing is buffered
		return err
	}
	c.udp.give(s)
	return err
}

// session returns an idle session to t, or a new one without an id.
func (c *client) session(ctx context.Context, t target, f family) (*session, error) {
	addrs, err := c.lookup(ctx, t.host)
	if err != nil {
		return nil, err
	}
	for _, a := range addrs {
		if f.holds(a) {
			if s := c.udp.take(netip.AddrPortFrom(a, t.port)); s != nil {
				return s, nil
			}
		}
	}
	conn, to, err := c.dial(ctx, "udp", f, t.host, t.port)
	if err != nil {
		return nil, bare(err)
	}
	return &session{conn: conn, to: to}, nil
}

// request sends until an answer arrives or ctx ends: after 15·2^n seconds it sends
// again, with a new connection id where the old one has run out meanwhile (BEP 15).
func (s *session) request(ctx context.Context, act action, body []byte) ([]byte, error) {
	buf := make([]byte, maxPacket)
	for n := 0; n <= maxResends; n++ {
		until := time.Now().Add(firstResend << n)
		if !s.fresh(time.Now()) {
			id, err := s.once(ctx, buf, until, packetOf{protocolID, actionConnect, nil})
			if errors.Is(err, errResend) && ctx.Err() == nil {
				continue
			}
			if err != nil {
				return nil, whyUDP(ctx, err)
			}
			if len(id) < 8 {
				return nil, fmt.Errorf("%w: short connect", errAnswer)
			}
			s.id, s.issued = binary.BigEndian.Uint64(id), time.Now()
			until = time.Now().Add(firstResend << n)
		}
		b, err := s.once(ctx, buf, until, packetOf{s.id, act, body})
		if errors.Is(err, errResend) && ctx.Err() == nil {
			continue
		}
		return b, whyUDP(ctx, err)
	}
	return nil, errSilent
}

// whyUDP names the end of ctx instead of the deadline it caused.
func whyUDP(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// errResend says that the time for an answer is over.
var errResend = errors.New("no answer in time")

// packetOf is a request without its transaction id.
type packetOf struct {
	id   uint64
	act  action
	body []byte
}

// once sends one packet and waits for the one that answers it, until then. The
// socket is connected: only the tracker's own packets arrive.
func (s *session) once(ctx context.Context, buf []byte, until time.Time, p packetOf) ([]byte, error) {
	var tid [4]byte
	_, _ = rand.Read(tid[:]) // never fails
	if err := s.conn.SetDeadline(until); err != nil {
		return nil, err
	}
	if ctx.Err() != nil { // its deadline may have been set before ours
		return nil, ctx.Err()
	}
	if _, err := s.conn.Write(packet(p.id, p.act, tid, p.body)); err != nil {
		return nil, bare(err)
	}
	for range maxStray {
		n, err := s.conn.Read(buf)
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			return nil, errResend
		}
		if err != nil {
			return nil, bare(err)
		}
		b, ours, err := unpack(buf[:n], p.act, tid)
		if ours {
			return b, err
		}
	}
	return nil, fmt.Errorf("%w: packets that answer nothing", errAnswer)
}
