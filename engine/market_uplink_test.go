package engine

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

// line is a line of a given rate between a seed and all that load from it: what the
// seed sends passes at that rate, whoever it is for. The other direction is free.
type line struct {
	t    *testing.T
	l    net.Listener
	to   string
	wg   sync.WaitGroup
	mu   sync.Mutex
	rate float64 // bytes per second
	free time.Time
	open []net.Conn
}

// newLine opens a line to the seed at to.
func newLine(t *testing.T, to string, rate float64) *line {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &line{t: t, l: l, to: to, rate: rate}
	s.wg.Go(s.accept)
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		for _, c := range s.open {
			_ = c.Close() // it may have ended by itself
		}
		s.mu.Unlock()
		s.wg.Wait()
	})
	return s
}

func (s *line) addr() netip.AddrPort { return netip.MustParseAddrPort(s.l.Addr().String()) }

func (s *line) accept() {
	for {
		c, err := s.l.Accept()
		if err != nil {
			return
		}
		d := net.Dialer{}
		up, err := d.DialContext(context.Background(), "tcp4", s.to)
		if err != nil {
			s.t.Errorf("the line does not reach the seed: %v", err)
			_ = c.Close()
			continue
		}
		// A router's queue is small; the kernel's buffers on loopback are not.
		if err := errors.Join(up.(*net.TCPConn).SetReadBuffer(64<<10), c.(*net.TCPConn).SetWriteBuffer(64<<10)); err != nil {
			s.t.Error(err)
		}
		s.mu.Lock()
		s.open = append(s.open, c, up)
		s.mu.Unlock()
		s.wg.Go(func() { _, _ = io.Copy(up, c) })
		s.wg.Go(func() { s.carry(c, up) })
	}
}

// carry passes on what the seed sends, as the line has room.
func (s *line) carry(to, from net.Conn) {
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		s.mu.Lock()
		now := time.Now()
		if s.free.Before(now) {
			s.free = now
		}
		s.free = s.free.Add(time.Duration(float64(n) / s.rate * float64(time.Second)))
		wait := s.free.Sub(now)
		s.mu.Unlock()
		<-time.After(wait)
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// setRate makes the line faster or slower.
func (s *line) setRate(rate float64) {
	s.mu.Lock()
	s.rate = rate
	s.mu.Unlock()
}

// TestUplinkIsMeasured has a seed without a limit, whose market is on, send over a
// line of 2 MiB/s to two peers that always want more. The estimate of its uplink
// settles within a tenth of what the line carries, a probe for more is given up, and
// what is shared out then is less than the line carries, so that the queue is ours.
// When the line gets four times as fast the estimate follows.
func TestUplinkIsMeasured(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("takes two minutes, and a rate")
	}
	t.Parallel()
	const rate = 2 << 20
	p := payload(t, 64<<20)
	seed, _ := trading(t, func(c *Config) { c.UTP = false })
	seed.seed(p)
	way := newLine(t, seed.addr(), rate)
	for i := range 2 {
		l, err := lab.Leech(t.Context(), way.addr(), lab.LeecherConfig{Shape: p.Shape(), First: int64(i) * 1000, Pipeline: 128})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	var u uplink
	look := func() uplink {
		if err := seed.do(t.Context(), func() error { u = seed.market.uplink; return nil }); err != nil {
			t.Fatal(err)
		}
		return u
	}
	settle := func(what string, ok func(uplink) bool) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		began := time.Now()
		if err := lab.Until(ctx, func() (bool, error) { return ok(look()), nil }); err != nil {
			t.Fatalf("%s: never; the estimate is %d, the rounds were %d", what, u.limit, u.rates[:u.known])
		}
		t.Logf("%s after %.0f s: %.3f of the line; rounds %d", what, time.Since(began).Seconds(), float64(u.limit)/rate, u.rates[:u.known])
	}
	settle("known", func(u uplink) bool { return u.limit > 0 })
	if u.known < leastRounds || u.limit < rate*85/100 || u.limit > rate*105/100 {
		t.Errorf("the first estimate is %d of %d", u.limit, rate)
	}
	settle("probed and given up", func(u uplink) bool { return u.held > 0 })
	if u.limit < rate*90/100 || u.limit >= rate {
		t.Errorf("%d of %d are shared out", u.limit, rate)
	}
	way.setRate(4 * rate)
	if err := seed.do(t.Context(), func() error { seed.market.uplink.held = 0; return nil }); err != nil {
		t.Fatal(err)
	}
	grown := u.limit * 115 / 100
	settle("following a faster line", func(u uplink) bool { return u.limit > grown })
}
