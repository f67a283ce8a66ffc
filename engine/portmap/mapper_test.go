package portmap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // the UPnP library tells it about every odd packet
	goleak.VerifyTestMain(m)
}

// fakeGateway remembers what it is asked.
type fakeGateway struct {
	name string
	mu   sync.Mutex
	log  []string                  // «+tcp 1>2», «-tcp 1>2»
	maps map[string]uint16         // external port by protocol and internal port
	fail error                     // of add
	took map[uint16]bool           // external ports of others
	udp  uint16                    // if set, the external port of UDP, whatever is asked
	give time.Duration             // lease granted; 0 = what is asked
	addr netip.Addr                // on the internet
	slow func(ctx context.Context) // before add
}

func (g *fakeGateway) method() string { return g.name }
func (g *fakeGateway) router() string { return "box" }

func (g *fakeGateway) external(context.Context) (netip.Addr, error) {
	if !g.addr.IsValid() {
		return g.addr, errors.New("unknown")
	}
	return g.addr, nil
}

func (g *fakeGateway) add(ctx context.Context, p protocol, internal, external uint16, d time.Duration) (uint16, time.Duration, error) {
	if g.slow != nil {
		g.slow(ctx)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fail != nil {
		return 0, 0, g.fail
	}
	if ctx.Err() != nil {
		return 0, 0, ctx.Err()
	}
	if g.took[external] {
		return 0, 0, errTaken
	}
	if p == udp && g.udp != 0 {
		external = g.udp
	}
	if g.give != 0 {
		d = g.give
	}
	g.log = append(g.log, fmt.Sprintf("+%s %d>%d", p, external, internal))
	if g.maps == nil {
		g.maps = make(map[string]uint16)
	}
	g.maps[fmt.Sprint(p, internal)] = external
	return external, d, nil
}

func (g *fakeGateway) remove(ctx context.Context, p protocol, internal, external uint16) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	g.log = append(g.log, fmt.Sprintf("-%s %d>%d", p, external, internal))
	delete(g.maps, fmt.Sprint(p, internal))
	return nil
}

// said returns the log since the last call.
func (g *fakeGateway) said() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := strings.Join(g.log, " ")
	g.log = nil
	return s
}

func (g *fakeGateway) set(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f()
}

// found is a way to g that fails while *err is set.
func found(g *fakeGateway, err *error) way {
	return func(context.Context) (gateway, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if err != nil && *err != nil {
			return nil, *err
		}
		return g, nil
	}
}

// bubble runs f with a running Mapper on a virtual clock.
func bubble(t *testing.T, ways []way, port uint16, f func(m *Mapper)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := New(Config{ways: ways})
		m.SetPort(port)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- m.Run(ctx) }()
		synctest.Wait()
		f(m)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if s := m.Status(); s != (Status{}) {
			t.Errorf("status after Run: %+v", s)
		}
	})
}

func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (g *fakeGateway) want(t *testing.T, want string) {
	t.Helper()
	if got := g.said(); got != want {
		t.Errorf("the router heard %q, want %q", got, want)
	}
}

// TestMapsRenewsGivesBack is the life of a mapping: both protocols, again at half the
// lease, and removed at the end.
func TestMapsRenewsGivesBack(t *testing.T) {
	g := &fakeGateway{name: "UPnP", addr: netip.MustParseAddr("203.0.113.9")}
	bubble(t, []way{found(g, nil)}, 7000, func(m *Mapper) {
		g.want(t, "+tcp 7000>7000 +udp 7000>7000")
		s := m.Status()
		if s.Method != "UPnP" || s.Router != "box" || s.External.String() != "203.0.113.9:7000" || s.Err != nil ||
			!s.Until.Equal(time.Now().Add(lease)) {
			t.Errorf("status %+v", s)
		}
		select {
		case <-m.Changed():
		default:
			t.Error("nobody was told")
		}
		after(lease/2 - time.Second)
		g.want(t, "")
		after(time.Second)
		g.want(t, "+tcp 7000>7000 +udp 7000>7000")
		select {
		case <-m.Changed():
			t.Error("a renewal is no change")
		default:
		}
		g.set(func() { g.give = 10 * time.Minute })
		after(lease / 2)
		g.said()
		after(5 * time.Minute)
		g.want(t, "+tcp 7000>7000 +udp 7000>7000")
		g.set(func() { g.give = time.Second })
		after(5 * time.Minute)
		g.said()
		after(29 * time.Second)
		g.want(t, "") // a tiny lease does not make us flood the router
	})
	g.want(t, "-tcp 7000>7000 -udp 7000>7000")
}

func TestPortChanges(t *testing.T) {
	g := &fakeGateway{name: "UPnP"}
	bubble(t, []way{found(g, nil)}, 0, func(m *Mapper) {
		g.want(t, "")
		m.SetPort(7000)
		synctest.Wait()
		g.want(t, "+tcp 7000>7000 +udp 7000>7000")
		if s := m.Status(); s.External.Port() != 7000 || s.External.Addr().IsValid() {
			t.Errorf("a router that keeps its address to itself: %+v", s)
		}
		m.SetPort(7001)
		synctest.Wait()
		g.want(t, "-tcp 7000>7000 -udp 7000>7000 +tcp 7001>7001 +udp 7001>7001")
		m.SetPort(0)
		synctest.Wait()
		g.want(t, "-tcp 7001>7001 -udp 7001>7001")
		if s := m.Status(); s != (Status{}) {
			t.Errorf("status without a port: %+v", s)
		}
		after(10 * time.Hour)
	})
	g.want(t, "")
}

// TestTakenPort: when another host has the port, or UDP comes out at another one, an
// external port that is free for both is found and the rest given back.
func TestTakenPort(t *testing.T) {
	g := &fakeGateway{name: "UPnP", took: map[uint16]bool{7000: true}}
	bubble(t, []way{found(g, nil)}, 7000, func(m *Mapper) {
		ext := m.Status().External.Port()
		if ext < 49152 {
			t.Errorf("external port %d", ext)
		}
		g.want(t, fmt.Sprintf("+tcp %d>7000 +udp %d>7000", ext, ext))
		after(lease / 2)
		g.want(t, fmt.Sprintf("+tcp %d>7000 +udp %d>7000", ext, ext))
	})
	g = &fakeGateway{name: "UPnP", udp: 9}
	bubble(t, []way{found(g, nil)}, 7000, func(m *Mapper) {
		if s := m.Status(); !errors.Is(s.Err, ErrRefused) || !strings.Contains(s.Err.Error(), "taken") {
			t.Errorf("status %+v", s)
		}
		if len(g.maps) != 0 {
			t.Errorf("left behind: %v", g.maps)
		}
	})
}

// TestFailures: pauses of 1, 2, 4 … 30 minutes, the second way when the first fails, and
// the refusal shown rather than the silence of the other way.
func TestFailures(t *testing.T) {
	var at []time.Duration
	silence := errors.New("silence")
	g := &fakeGateway{name: "NAT-PMP", fail: errors.New("not allowed")}
	var begin time.Time
	first := func(context.Context) (gateway, error) {
		g.set(func() {
			if begin.IsZero() {
				begin = time.Now()
			}
			at = append(at, time.Since(begin))
		})
		return nil, silence
	}
	bubble(t, []way{first, found(g, nil)}, 7000, func(m *Mapper) {
		if s := m.Status(); !errors.Is(s.Err, ErrRefused) || !strings.Contains(s.Err.Error(), "not allowed") {
			t.Errorf("status %+v", s)
		}
		after(100 * time.Minute)
		want := []time.Duration{0, 1, 3, 7, 15, 31, 61, 91}
		if len(at) != len(want) {
			t.Fatalf("searched at %v", at)
		}
		for i, d := range want {
			if at[i].Minutes() != float64(d) {
				t.Errorf("search %d at %v, want %d minutes", i, at[i], d)
			}
		}
		g.set(func() { g.fail = nil })
		m.SetPort(7000) // the user presses the button: no pause
		synctest.Wait()
		if s := m.Status(); s.Method != "NAT-PMP" || s.Err != nil {
			t.Errorf("status %+v", s)
		}
		fails := func(yes bool) {
			g.set(func() {
				if g.fail = nil; yes {
					g.fail = silence
				}
			})
		}
		fails(true)
		after(lease/2 + 3*time.Minute) // two failures and a third
		fails(false)
		after(5 * time.Minute) // it comes back by itself
		if s := m.Status(); s.Err != nil {
			t.Errorf("status %+v", s)
		}
		fails(true)
		g.set(func() { at = nil })
		after(lease/2 + 2*time.Minute)
		if len(at) < 2 || at[1]-at[0] != firstRetry {
			t.Errorf("searched at %v: an answer ends the longer pauses", at)
		}
	})
	var gone error
	g = &fakeGateway{name: "UPnP"}
	other := &fakeGateway{name: "NAT-PMP"}
	bubble(t, []way{found(g, &gone), found(other, nil)}, 7000, func(m *Mapper) {
		g.set(func() { g.fail, gone = silence, silence })
		after(lease / 2) // the router was exchanged
		if s := m.Status(); s.Method != "NAT-PMP" {
			t.Errorf("status %+v", s)
		}
		other.want(t, "+tcp 7000>7000 +udp 7000>7000")
	})
	none := func(context.Context) (gateway, error) { return nil, silence }
	bubble(t, []way{none, none}, 7000, func(m *Mapper) {
		if s := m.Status(); !errors.Is(s.Err, ErrNoRouter) || errors.Is(s.Err, ErrRefused) {
			t.Errorf("status %+v", s)
		}
	})
}

// TestEndDuringRequest: what was granted before or during the request is given back.
func TestEndDuringRequest(t *testing.T) {
	for _, adds := range []int{1, 2, 3, 4} {
		n := 0
		g := &fakeGateway{name: "UPnP"}
		g.slow = func(ctx context.Context) {
			if n++; n == adds {
				<-ctx.Done()
			}
		}
		bubble(t, []way{found(g, nil)}, 7000, func(*Mapper) { after(lease) })
		if len(g.maps) != 0 {
			t.Errorf("stopped at request %d: left behind %v", adds, g.maps)
		}
	}
}

func TestParseRoutes(t *testing.T) {
	const head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
	line := func(dst string, gw [4]byte, flags, mask string) string {
		n := uint32(gw[0]) | uint32(gw[1])<<8 | uint32(gw[2])<<16 | uint32(gw[3])<<24
		return fmt.Sprintf("eth0\t%s\t%08X\t%s\t0\t0\t0\t%s\t0\t0\t0\n", dst, n, flags, mask)
	}
	gw := [4]byte{192, 168, 1, 1}
	for name, tt := range map[string]struct {
		table string
		want  []string
	}{
		"one":            {head + line("00000000", gw, "0003", "00000000") + line("0001A8C0", [4]byte{}, "0001", "00FFFFFF"), []string{"192.168.1.1"}},
		"two":            {line("00000000", gw, "0003", "00000000") + line("00000000", [4]byte{10, 0, 0, 1}, "0003", "00000000"), []string{"192.168.1.1", "10.0.0.1"}},
		"down":           {line("00000000", gw, "0002", "00000000"), nil},
		"no gateway":     {line("00000000", gw, "0001", "00000000"), nil},
		"half a default": {line("00000000", gw, "0003", "00000080"), nil},
		"junk":           {"x\ny z\n" + head + "eth0\t00000000\tZZ\t3\t0\t0\t0\t00000000\t0\n", nil},
		"empty":          {"", nil},
	} {
		var got []string
		for _, a := range parseRoutes(tt.table) {
			got = append(got, a.String())
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// TestMethodsAreSwitched: only what is switched on is asked, what the other has
// mapped is given back at once, and with neither nothing is mapped.
func TestMethodsAreSwitched(t *testing.T) {
	u, p := &fakeGateway{name: "UPnP"}, &fakeGateway{name: "NAT-PMP"}
	both := func(wantU, wantP string) {
		t.Helper()
		synctest.Wait()
		u.want(t, wantU)
		p.want(t, wantP)
	}
	const mapped, back = "+tcp 7000>7000 +udp 7000>7000", "-tcp 7000>7000 -udp 7000>7000"
	bubble(t, []way{found(u, nil), found(p, nil)}, 7000, func(m *Mapper) {
		both(mapped, "")
		m.SetMethods(false, true)
		both(back, mapped)
		if s := m.Status(); s.Method != "NAT-PMP" {
			t.Errorf("status %+v", s)
		}
		after(lease / 2)
		both("", mapped) // a renewal stays with its way
		m.SetMethods(false, false)
		both("", back)
		if s := m.Status(); s != (Status{}) {
			t.Errorf("status without a method %+v", s)
		}
		after(2 * lease)
		both("", "")
		m.SetMethods(true, false)
		both(mapped, "")
		m.SetMethods(true, true)
		both(mapped, "") // what works is renewed, not moved
	})
}
