package engine

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"swarmbid/engine/quota"
	"swarmbid/engine/swarm"
)

// TestNetworkOf: the network is the subnet of the interface that has the address that
// the internet is reached from.
func TestNetworkOf(t *testing.T) {
	nets := func(s ...string) (out []netip.Prefix) {
		for _, x := range s {
			out = append(out, netip.MustParsePrefix(x))
		}
		return out
	}
	all := []Interface{
		{Up: true, Nets: nets("127.0.0.1/8", "::1/128")},
		{Up: false, Nets: nets("10.9.0.4/16")},
		{Up: true, Nets: nets("192.168.178.23/24", "2001:db8:1:2:3:4:5:6/64")},
		{Up: true, Nets: nets("10.8.0.2/30")},
	}
	for from, want := range map[string]string{
		"192.168.178.23": "192.168.178.0/24", "10.8.0.2": "10.8.0.0/30", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"10.9.0.4": "", "203.0.113.5": "",
	} {
		got := networkOf(netip.MustParseAddr(from), all)
		if got.IsValid() != (want != "") || want != "" && got.String() != want {
			t.Errorf("from %s: %v, want %q", from, got, want)
		}
	}
}

// TestThisNetwork: it is one that an interface of this machine is in, or none.
func TestThisNetwork(t *testing.T) {
	n := ThisNetwork()
	if !n.IsValid() {
		t.Skip("this machine has no way to the internet")
	}
	if n != n.Masked() || !slices.ContainsFunc(interfaces(), func(i Interface) bool {
		return slices.ContainsFunc(i.Nets, func(p netip.Prefix) bool { return p.Masked() == n })
	}) {
		t.Errorf("%v is no network of this machine", n)
	}
}

func TestNetworkIsLookedAtSeldom(t *testing.T) {
	var n thisNet
	calls, now := 0, time.Now()
	find := func() netip.Prefix { calls++; return netip.MustParsePrefix("10.0.0.0/8") }
	for range 100 {
		n.look(now, find)
		now = now.Add(time.Second)
	}
	if calls != 10 {
		t.Errorf("%d times in 100 s", calls)
	}
}

// TestLimitsUnderANetwork: alternative limits come before those of the network, which
// come before the usual ones and those of an idle session; a cap stops everything.
func TestLimitsUnderANetwork(t *testing.T) {
	n := netip.MustParsePrefix("10.0.0.0/8")
	s := Settings{DownLimit: 100, UpLimit: 50, AltDown: 20, AltUp: 10, IdleUpOn: true, IdleUp: 70, Networks: []NetLimit{{Net: n, Down: 9, Up: 0}}}
	for _, c := range []struct {
		r        regime
		alt      bool
		down, up int64
	}{
		{regime{}, false, 100, 50},
		{regime{net: n}, false, 9, 0},
		{regime{net: n, idle: true}, false, 9, 0},
		{regime{net: n}, true, 20, 10},
		{regime{net: netip.MustParsePrefix("10.0.0.0/16"), idle: true}, false, 100, 70},
	} {
		s.AltOn = c.alt
		if got := s.under(c.r); got.DownLimit != c.down || got.UpLimit != c.up || got.Queue.Mode != swarm.ModeFull {
			t.Errorf("%+v: %d, %d, %v", c, got.DownLimit, got.UpLimit, got.Queue.Mode)
		}
	}
	for _, m := range []swarm.Mode{swarm.ModeFull, swarm.ModeLimited, swarm.ModeOff, swarm.ModeSeed} {
		if got := s.under(regime{mode: m, cap: true}); got.Queue.Mode != swarm.ModeCapped {
			t.Errorf("%v with the cap reached: %v", m, got.Queue.Mode)
		}
	}
	bad := map[string]func(*Settings){
		"no network":       func(s *Settings) { s.Networks = []NetLimit{{}} },
		"host bits":        func(s *Settings) { s.Networks = []NetLimit{{Net: netip.MustParsePrefix("10.0.0.1/8")}} },
		"negative":         func(s *Settings) { s.Networks = []NetLimit{{Net: n, Up: -1}} },
		"twice":            func(s *Settings) { s.Networks = []NetLimit{{Net: n}, {Net: n}} },
		"more than enough": func(s *Settings) { s.Networks = make([]NetLimit, maxNetLimits+1) },
		"cap":              func(s *Settings) { s.Cap = quota.Policy{On: true} },
	}
	for name, spoil := range bad {
		d := DefaultSettings()
		spoil(&d)
		if err := d.Validate(); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
