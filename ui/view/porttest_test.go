package view

import (
	"net/netip"
	"strings"
	"testing"

	"swarmbid/engine/swarm"
)

// TestPortWords: every finding has words of its own, always one line for the program,
// one for the router, one for the peers.
func TestPortWords(t *testing.T) {
	at := netip.MustParseAddrPort("203.0.113.9:51413")
	seen := map[string]swarm.PortTest{}
	for _, c := range []struct {
		test swarm.PortTest
		has  [3]string
	}{
		{swarm.PortTest{}, [3]string{"no port", "not asked", "Nobody"}},
		{swarm.PortTest{Port: 6881}, [3]string{"6881", "not asked", "Nobody"}},
		{swarm.PortTest{Port: 6881, Answers: true, Forward: swarm.Asking}, [3]string{"6881", "being asked", "Nobody"}},
		{swarm.PortTest{Port: 6881, Answers: true, Forward: swarm.Forwarded, Method: "NAT-PMP"}, [3]string{"6881", "NAT-PMP", "Nobody"}},
		{swarm.PortTest{Port: 6881, Answers: true, Forward: swarm.Forwarded, Method: "UPnP", External: at}, [3]string{"6881", "203.0.113.9:51413", "Nobody"}},
		{swarm.PortTest{Port: 6881, Answers: true, Forward: swarm.NoRouter}, [3]string{"6881", "No router", "Nobody"}},
		{swarm.PortTest{Port: 6881, Answers: true, Forward: swarm.RouterRefused, Reachable: true}, [3]string{"6881", "refuses", "open"}},
	} {
		words := locale(t, "en").PortWords(&c.test)
		lines := strings.Split(words, "\n")
		if len(lines) != 3 {
			t.Fatalf("%+v: %q", c.test, words)
		}
		for i, l := range lines {
			if !strings.Contains(l, c.has[i]) {
				t.Errorf("%+v: %q lacks %q", c.test, l, c.has[i])
			}
		}
		if old, twice := seen[words]; twice {
			t.Errorf("%+v and %+v have the same words", old, c.test)
		}
		seen[words] = c.test
	}
}
