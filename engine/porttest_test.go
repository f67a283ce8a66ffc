package engine

import (
	"fmt"
	"net/netip"
	"testing"

	"swarmbid/engine/portmap"
	"swarmbid/engine/swarm"
)

// TestPortTest: the port that we listen at answers and the test itself is no peer; one
// that is closed does not answer.
func TestPortTest(t *testing.T) {
	e := run(t, testConfig(t, t.TempDir()))
	e.addr()
	got, err := e.TestPort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := int(e.listenPort()); got.Port != want || want == 0 || !got.Answers || got.Reachable || got.Forward != swarm.NotAsked {
		t.Errorf("%+v, listening at %d", got, want)
	}
	if again, err := e.TestPort(t.Context()); err != nil || again.Reachable {
		t.Errorf("the test counts as a peer: %+v, %v", again, err)
	}
	if err := e.stop(); err != nil {
		t.Fatal(err)
	}
	closed := netip.AddrPortFrom(localhost()[0], uint16(got.Port)) //nolint:gosec // a port
	if answers(t.Context(), closed) {
		t.Errorf("%v is closed and answers", closed)
	}
}

// TestForwardOf: each answer of a router is told apart.
func TestForwardOf(t *testing.T) {
	at := netip.MustParseAddrPort("203.0.113.9:6881")
	for _, c := range []struct {
		s    portmap.Status
		want swarm.Forward
	}{
		{portmap.Status{}, swarm.Asking},
		{portmap.Status{Method: "UPnP", External: at}, swarm.Forwarded},
		{portmap.Status{Err: fmt.Errorf("a: %w", portmap.ErrRefused)}, swarm.RouterRefused},
		{portmap.Status{Err: portmap.ErrNoRouter}, swarm.NoRouter},
	} {
		if got, method, ext := forwardOf(c.s); got != c.want || method != c.s.Method || ext != c.s.External {
			t.Errorf("%+v: %v %q %v", c.s, got, method, ext)
		}
	}
}
