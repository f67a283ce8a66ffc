package sim

import (
	"net/netip"
	"testing"
	"time"
)

// TestConnections: nobody is connected to itself, to another name of its own or
// twice to anybody, and nobody has more connections than it may.
func TestConnections(t *testing.T) {
	c := small(11)
	s := New(c)
	for range 60 {
		s.step()
		for _, n := range s.nodes {
			_, view := n.strategy.names()
			if most := max(c.MaxLinks, view*c.View); len(n.links) > most {
				t.Fatalf("a %v has %d connections", n.strategy, len(n.links))
			}
			known := map[*node]bool{}
			for _, l := range n.links {
				if known[l.other] || l.other.user == n.user {
					t.Fatalf("a %v is connected to %v twice or to itself", n.strategy, l.other.strategy)
				}
				known[l.other] = true
			}
		}
	}
}

// TestView: a large view has more connections than others, as far as those have room.
func TestView(t *testing.T) {
	c := small(12)
	c.Peers, c.Mix = 200, [strategies]int{Honest: 9, LargeView: 1}
	s := New(c)
	s.Run(5 * time.Minute)
	links, count := [strategies]int{}, [strategies]int{}
	for _, n := range s.nodes {
		if !n.seed {
			links[n.strategy] += len(n.links)
			count[n.strategy]++
		}
	}
	honest, large := float64(links[Honest])/float64(count[Honest]), float64(links[LargeView])/float64(count[LargeView])
	if large < 1.5*honest || honest < float64(c.View)/2 {
		t.Errorf("the honest have %.1f connections, a large view %.1f", honest, large)
	}
}

// TestNoRoom: who is full takes no more, and a newcomer does not wait for it.
func TestNoRoom(t *testing.T) {
	c := small(13)
	c.Peers, c.Seeds, c.MaxLinks, c.View = 3, 1, 1, 5
	s := New(c)
	for _, n := range s.nodes {
		if len(n.links) > c.MaxLinks+1 {
			t.Errorf("%d connections", len(n.links))
		}
	}
	if s.connect(s.nodes[0], 9); len(s.nodes[0].links) > c.MaxLinks+1 {
		t.Errorf("%d connections to others that are full", len(s.nodes[0].links))
	}
}

// TestAddresses: every name has an address of its own, every user a subnet.
func TestAddresses(t *testing.T) {
	c := small(14)
	c.Mix = [strategies]int{Honest: 1, Crowd: 1}
	s := New(c)
	s.Run(20 * time.Minute)
	of, owner := map[netip.Addr]bool{}, map[netip.Prefix]*user{}
	for _, u := range s.users {
		for _, n := range u.nodes {
			net, err := n.addr.Prefix(24)
			if err != nil || of[n.addr] || owner[net] != nil && owner[net] != u {
				t.Fatalf("%v is not its own: %v", n.addr, err)
			}
			of[n.addr], owner[net] = true, u
		}
	}
	if len(owner) < 2*c.Peers/4 {
		t.Errorf("%d subnets", len(owner))
	}
}

// TestArrivals: as many of each strategy come as the mix says, and what they have in
// uplink and value does not depend on it.
func TestArrivals(t *testing.T) {
	c := small(15)
	c.Mix = [strategies]int{Honest: 50, Payer: 30, FreeRider: 20}
	s := New(c)
	for range 3000 {
		s.arrive(s.mix[s.rand.IntN(len(s.mix))], false)
		s.nodes = s.nodes[:c.Peers] // or each would look for connections among all before
	}
	var count [strategies]int
	var up [strategies]float64
	all := 0
	for _, u := range s.users {
		if !u.seed {
			all++
			count[u.strategy]++
			up[u.strategy] += float64(u.up)
			if u.down != 8*u.up || u.value < 500_000 || u.value >= 4_500_000 || u.have != 0 {
				t.Fatalf("%+v", u)
			}
		}
	}
	mean := 217.6 * 1024
	for k, n := range c.Mix {
		if n == 0 {
			continue
		}
		if got := 100 * float64(count[k]) / float64(all); got < float64(n)-3 || got > float64(n)+3 {
			t.Errorf("%.1f %% are %v, want %d", got, Strategy(k), n)
		}
		if got := up[k] / float64(count[k]); got < 0.93*mean || got > 1.07*mean {
			t.Errorf("a %v has an uplink of %.0f, want %.0f", Strategy(k), got, mean)
		}
	}
}

// TestDeparture: who goes leaves no end behind, and who lost half of its connections
// looks for others.
func TestDeparture(t *testing.T) {
	c := small(16)
	s := New(c)
	n := s.nodes[c.Seeds]
	others := make([]*node, 0, len(n.links))
	for _, l := range n.links {
		others = append(others, l.other)
	}
	n.have, n.done, s.now = c.Size, s.now, s.now.Add(c.Dwell-time.Second)
	if s.depart(); n.gone {
		t.Fatal("gone before its time")
	}
	s.now = s.now.Add(time.Second)
	if s.depart(); !n.gone {
		t.Fatal("stays for ever")
	}
	for _, o := range others {
		for _, l := range o.links {
			if l.other == n {
				t.Fatal("a connection to who is gone")
			}
		}
	}
	m := s.nodes[c.Seeds]
	for len(m.links) > 2 {
		l := m.links[len(m.links)-1]
		l.back.drop()
		l.drop()
	}
	if s.depart(); len(m.links) < c.View/2 {
		t.Errorf("%d connections after it looked for others", len(m.links))
	}
}

// TestDrop: the last end takes the place of the one that is removed.
func TestDrop(t *testing.T) {
	s := scene(plain(), &user{up: 1}, &user{up: 1}, &user{up: 1}, &user{up: 1})
	n := s.nodes[0]
	last := n.links[2].other
	n.links[0].drop()
	if len(n.links) != 2 || n.links[0].other != last || n.links[0].at != 0 || n.links[1].at != 1 {
		t.Errorf("%+v", n.links)
	}
}

// TestRateIndependentOfOrder: how long a swarm runs at a time makes no difference.
func TestRateIndependentOfOrder(t *testing.T) {
	a, b := New(small(17)), New(small(17))
	a.Run(10 * time.Minute)
	for range 60 {
		b.Run(round)
	}
	if a.Report() != b.Report() || !a.now.Equal(b.now) || a.now.Sub(epoch()) != 10*time.Minute {
		t.Errorf("%+v\n%+v", a.Report(), b.Report())
	}
}

// TestConfigs: the swarms of the tables have every strategy, and theirs add up.
func TestConfigs(t *testing.T) {
	for name, mix := range map[string][strategies]int{"default": DefaultMix(), "barter": BarterMix()} {
		sum := 0
		for k, n := range mix {
			sum += n
			pays := Strategy(k) == Payer || Strategy(k) == Shader
			if n == 0 && name == "default" || n > 0 && pays && name == "barter" {
				t.Errorf("%s: %d of %v", name, n, Strategy(k))
			}
		}
		if sum > 100 || sum < 99 {
			t.Errorf("%s adds up to %d", name, sum)
		}
	}
	if c := DefaultConfig(); c.Policy.Validate() != nil || c.Peers != 1000 || c.Mix != DefaultMix() {
		t.Errorf("%+v", c)
	}
}
