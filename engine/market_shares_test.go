package engine

import (
	"net/netip"
	"testing"
	"time"

	"swarmbid/engine/lab"
	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

func clientName(l *link.Link) string {
	if c := l.Client(); c != "" {
		return c
	}
	return clientOf(l.PeerID())
}

func mustAddr(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// TestGrantsAreCarriedOut has one seed serve a client of ours over uTP, libtorrent
// over uTP under RC4, aria2 over encrypted TCP and Transmission over plain TCP with
// 60, 30, 10 and 0 % of 4 MiB/s, reshuffled every 15 s for a minute. Each
// gets its share within 2 % over 30 s, nothing is left over, and nobody is
// disconnected, banned or dropped for it.
func TestGrantsAreCarriedOut(t *testing.T) {
	needsPrograms(t)
	t.Parallel()
	const limit = 4 << 20
	p := payload(t, 256<<20)
	x := &turns{shares: []float64{0.6, 0.3, 0.1, 0}, each: 15 * time.Second, settle: 5 * time.Second, limit: limit}
	seed, _ := tradingWith(t, x, func(c *Config) { c.UpLimit = limit })
	seed.seed(p)
	buyer, _ := trading(t, func(c *Config) { bids(5000)(c); c.TCP = false })
	buyer.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, buyer, seed)
	how := map[string]lab.Options{
		"libtorrent":   {Transport: lab.UTP, Encryption: lab.Require},
		"aria2":        {Encryption: lab.Require},
		"transmission": {Encryption: lab.Off},
	}
	for _, kind := range others() {
		meet(t, seed, kind, ordinary(t, kind, how[kind.Name]), p)
	}
	keys, names := participants(t, seed, 4)
	x.run(t, keys, 60*time.Second, 30*time.Second, func() { stillThere(t, seed, keys) })
	x.verify(t, names)
}

// TestGrantsAreCarriedOutBriefly is the same among our own clients, for `make unit`.
func TestGrantsAreCarriedOutBriefly(t *testing.T) {
	if !testing.Short() {
		t.Skip("TestGrantsAreCarriedOut has it with other programs")
	}
	t.Parallel()
	const limit = 4 << 20
	p := payload(t, 64<<20)
	x := &turns{shares: []float64{0.6, 0.3, 0.1, 0}, each: 2 * time.Second, settle: time.Second, limit: limit}
	seed, _ := tradingWith(t, x, func(c *Config) { c.UpLimit = limit })
	seed.seed(p)
	for i := range 4 {
		b, _ := trading(t, func(c *Config) {
			bids(5000)(c)
			c.TCP = i%2 == 0
			c.Encryption = []link.Policy{link.Off, link.Require, link.Require, link.Prefer}[i]
		})
		b.add(swarm.Add{Source: swarm.Source{File: p.File}})
		connect(t, p.InfoHash, b, seed)
	}
	keys, names := participants(t, seed, 4)
	x.run(t, keys, 8*time.Second, 3*time.Second, func() { stillThere(t, seed, keys) })
	x.verify(t, names)
}

// tradingWith is trading with another allocator.
func tradingWith(t *testing.T, x *turns, change func(*Config)) (*session, *grantAll) {
	t.Helper()
	return tradingBy(t, func(e *Engine) { x.e, e.allocate = e, x.allocate }, change)
}

// participants waits until n peers are interested and served, and returns them.
func participants(t *testing.T, s *session, n int) (keys []swarm.PeerKey, names []string) {
	t.Helper()
	until(t, "everybody takes part", func() bool {
		keys, names = nil, nil
		for _, l := range s.links.All() {
			if st := l.Stats(); st.Interested && st.PayloadOut > 0 {
				keys, names = append(keys, l.Key()), append(names, clientName(l))
			}
		}
		return len(keys) == n
	})
	return keys, names
}

// stillThere fails the test if one of the connections is gone.
func stillThere(t *testing.T, s *session, keys []swarm.PeerKey) {
	t.Helper()
	here := map[swarm.PeerKey]bool{}
	for _, l := range s.links.All() {
		here[l.Key()] = true
	}
	for _, k := range keys {
		if !here[k] {
			t.Errorf("connection %d was lost", k)
		}
	}
	for {
		select {
		case ev := <-s.Events():
			if d, ok := ev.(swarm.PeerDropped); ok {
				t.Errorf("dropped: %+v", d)
			}
			continue
		default:
		}
		break
	}
}
