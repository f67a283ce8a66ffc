package engine

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"swarmbid/engine/swarm"
)

// listens reports whether something takes connections at a port of this machine.
func listens(t *testing.T, port int) bool {
	t.Helper()
	return answers(t.Context(), netip.AddrPortFrom(localhost()[0], uint16(port)))
}

// freePort is a port that nobody has, outside of the range the system gives away.
func freePort(t *testing.T) uint16 {
	t.Helper()
	set := Settings{TCP: true, UTP: true, Listen: localhost()}
	for range 100 {
		set.Port = uint16(20000 + rand.IntN(12000))
		if socks, err := listen(&set, nil); err == nil {
			for _, x := range socks {
				_ = x.Close() // nothing was accepted
			}
			return set.Port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// TestPortChangesLive: another port in the settings is listened at at once, and the
// old one no more.
func TestPortChangesLive(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t, t.TempDir())
	cfg.Port = freePort(t)
	s := run(t, cfg)
	if at := s.addr(); !listens(t, int(cfg.Port)) {
		t.Fatalf("does not listen at %d but at %s", cfg.Port, at)
	}
	set := cfg.Settings
	set.Port = freePort(t)
	if err := s.SetSettings(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	s.totals("the new port", func(x *swarm.Totals) bool { return x.ListenPort == int(set.Port) })
	if !listens(t, int(set.Port)) || listens(t, int(cfg.Port)) {
		t.Errorf("new port %v, old port %v", listens(t, int(set.Port)), listens(t, int(cfg.Port)))
	}
}
