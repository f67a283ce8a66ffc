package engine

import (
	"net/netip"
	"strings"
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

// dealing is a seed with a limit that grants what x deals.
func dealing(t *testing.T, x *shuffle, limit int64) *session {
	t.Helper()
	s, _ := tradingBy(t, func(e *Engine) { x.e, e.allocate = e, x.allocate }, func(c *Config) { c.UpLimit = limit })
	return s
}

// TestGrantsAreCarriedOut has one seed with 4 MiB/s serve two paying clients of ours,
// one over uTP and one over encrypted TCP, and as ordinary ones libtorrent over uTP
// under RC4, aria2 over encrypted TCP and Transmission over plain TCP. They are
// granted 60, 30, 10, 0 and 0 %, reshuffled every round of 10 s for a minute. By the
// receivers' own count each gets its share within 2 % of the limit over 30 s, all
// together get at least 98 % of the limit, and nobody is disconnected, banned or
// snubbed for it.
func TestGrantsAreCarriedOut(t *testing.T) {
	needsPrograms(t)
	if underRace {
		t.Skip("rates say nothing under the race detector")
	}
	t.Parallel()
	const limit = 4 << 20
	p := payload(t, 512<<20)
	x := &shuffle{shares: []float64{0.6, 0.3, 0.1, 0, 0}, each: rechokeEvery}
	seed := dealing(t, x, limit)
	seed.seed(p)
	var who []receiver
	for name, change := range map[string]func(*Config){
		"ours, uTP":           func(c *Config) { c.TCP = false },
		"ours, encrypted TCP": func(c *Config) { c.UTP, c.Encryption = false, link.Require },
	} {
		b, _ := trading(t, func(c *Config) { bids(5000)(c); change(c) })
		b.add(swarm.Add{Source: swarm.Source{File: p.File}})
		connect(t, p.InfoHash, b, seed)
		who = append(who, buyerOf(b, name))
	}
	how := map[string]lab.Options{
		"libtorrent":   {Transport: lab.UTP, Encryption: lab.Require},
		"aria2":        {Encryption: lab.Require},
		"transmission": {Encryption: lab.Off},
	}
	clients := map[string]lab.Client{}
	for _, kind := range others() {
		c := ordinary(t, kind, how[kind.Name])
		meet(t, seed, kind, c, p)
		who = append(who, otherOf(t, c, p.InfoHash))
		clients[kind.Name] = c
	}
	find(t, seed, who)
	before := map[string]int{}
	for name, c := range clients {
		before[name] = len(c.Log())
	}
	for _, w := range who {
		t.Log(w.name)
	}
	x.carriedOut(t, seed, who, 6, 0.02, limit)
	for name, c := range clients {
		for _, line := range strings.Split(c.Log()[before[name]:], "\n") {
			for _, word := range []string{"snub", "banned", "peer_ban", "peer_error", "peer_disconnected"} {
				if strings.Contains(strings.ToLower(line), word) {
					t.Errorf("%s: %s", name, line)
				}
			}
		}
	}
}

// TestGrantsAreCarriedOutBriefly is the same among our own clients, for `make unit`.
func TestGrantsAreCarriedOutBriefly(t *testing.T) {
	if !testing.Short() {
		t.Skip("TestGrantsAreCarriedOut has it with other programs")
	}
	if underRace {
		t.Skip("rates say nothing under the race detector")
	}
	t.Parallel()
	const limit = 4 << 20
	p := payload(t, 64<<20)
	x := &shuffle{shares: []float64{0.6, 0.3, 0.1, 0}, each: 2 * time.Second}
	seed := dealing(t, x, limit)
	seed.seed(p)
	var who []receiver
	for i, encryption := range []link.Policy{link.Off, link.Require, link.Require, link.Prefer} {
		b, _ := trading(t, func(c *Config) {
			bids(5000)(c)
			c.TCP, c.Encryption = i%2 == 0, encryption
		})
		b.add(swarm.Add{Source: swarm.Source{File: p.File}})
		connect(t, p.InfoHash, b, seed)
		who = append(who, buyerOf(b, "ours "+string(rune('A'+i))))
	}
	find(t, seed, who)
	x.carriedOut(t, seed, who, 4, 0.02, limit)
}
