package portmap

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakePMP is a NAT-PMP gateway on a loopback address of its own: the port of the
// protocol is fixed.
type fakePMP struct {
	addr netip.Addr
	mu   sync.Mutex
	log  []string
	code uint16 // result code of mappings
	move uint16 // added to the port that is asked for
	lie  bool   // answers name another internal port
	drop int    // requests lost
}

func startPMP(t *testing.T, g *fakePMP) *fakePMP {
	t.Helper()
	var pc net.PacketConn
	var err error
	for range 50 {
		g.addr = netip.AddrFrom4([4]byte{127, byte(1 + rand.IntN(250)), byte(rand.IntN(250)), byte(2 + rand.IntN(250))})
		if pc, err = net.ListenPacket("udp4", netip.AddrPortFrom(g.addr, 5351).String()); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		buf := make([]byte, 64)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			if out := g.packet(buf[:n]); out != nil {
				pc.WriteTo(out, from)
			}
		}
	})
	t.Cleanup(func() { pc.Close(); served.Wait() })
	return g
}

// packet answers as RFC 6886 has it.
func (g *fakePMP) packet(b []byte) []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.drop > 0 {
		g.drop--
		return nil
	}
	out := append([]byte{0, b[1] | 0x80, 0, 0}, 0, 0, 0, 9)
	if b[1] == 0 {
		return append(out, 203, 0, 113, 9)
	}
	in, ext, secs := binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:]), binary.BigEndian.Uint32(b[8:])
	g.log = append(g.log, fmt.Sprintf("%d:%d>%d/%d", b[1], ext, in, secs))
	binary.BigEndian.PutUint16(out[2:], g.code)
	if g.lie {
		in++
	}
	if ext != 0 {
		ext += g.move
	}
	out = binary.BigEndian.AppendUint16(out, in)
	out = binary.BigEndian.AppendUint16(out, ext)
	return binary.BigEndian.AppendUint32(out, secs)
}

func (g *fakePMP) set(code uint16, lie bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.code, g.lie = code, lie
}

func (g *fakePMP) way() way {
	return (&natPMP{gateways: func() ([]netip.Addr, error) { return []netip.Addr{g.addr}, nil }}).find
}

// TestNATPMP maps and unmaps through a gateway that loses packets and prefers another
// port.
func TestNATPMP(t *testing.T) {
	g := startPMP(t, &fakePMP{drop: 1})
	m := New(Config{ways: []way{g.way()}})
	m.SetPort(7000)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	<-m.Changed()
	if s := m.Status(); s.Method != "NAT-PMP" || s.Router != g.addr.String() || s.External.String() != "203.0.113.9:7000" {
		t.Errorf("status %+v", s)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	const want = "2:7000>7000/3600 1:7000>7000/3600 2:0>7000/0 1:0>7000/0"
	g.mu.Lock()
	defer g.mu.Unlock()
	if got := strings.Join(g.log, " "); got != want {
		t.Errorf("the gateway heard %s, want %s", got, want)
	}
}

func TestNATPMPAnswers(t *testing.T) {
	g := startPMP(t, &fakePMP{move: 5})
	gw, err := g.way()(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if ext, d, err := gw.add(t.Context(), tcp, 7000, 7000, time.Hour); err != nil || ext != 7005 || d != time.Hour {
		t.Errorf("another port: %d, %v, %v", ext, d, err)
	}
	g.set(2, false)
	if _, _, err := gw.add(t.Context(), tcp, 7000, 7000, time.Hour); err == nil || !strings.Contains(err.Error(), "2") {
		t.Errorf("not authorised: %v", err)
	}
	g.set(0, true)
	if _, _, err := gw.add(t.Context(), tcp, 7000, 7000, time.Hour); err == nil {
		t.Error("an answer for another port passed")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.way()(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
	none := &natPMP{gateways: func() ([]netip.Addr, error) { return nil, nil }}
	if _, err := none.find(t.Context()); err == nil {
		t.Error("a gateway was found where none is")
	}
}

func TestDefaultGateways(t *testing.T) {
	addrs, err := defaultGateways()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if !a.Is4() || a.IsUnspecified() {
			t.Errorf("gateway %s", a)
		}
	}
}
