package sim

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"swarmbid/bidding"
	"swarmbid/wallet/btt"
)

// Strategy is how a peer behaves.
type Strategy uint8

// The strategies.
const (
	Honest    Strategy = iota // gives what it can, pays nothing
	FreeRider                 // gives nothing, pays nothing
	LargeView                 // gives nothing and connects to four times as many
	Tyrant                    // gives just enough to be given to (BitTyrant)
	Crowd                     // pays nothing and has four names
	Payer                     // gives what it can and bids what it is worth to it
	Shader                    // bids half of that
	Liar                      // gives, but asks five times its cost
	Abstainer                 // honest with the market off: pays nothing, sells nothing
)

// strategies is their number.
const strategies = int(Abstainer) + 1

// String returns the name for tables.
func (s Strategy) String() string {
	names := [strategies]string{
		"honest", "free rider", "large view", "BitTyrant", "four names", "payer", "shading payer", "lying provider",
		"market off",
	}
	if int(s) < strategies {
		return names[s]
	}
	return "unknown"
}

// Config is a swarm. The zero value of a field that is not optional is an error of
// the caller.
type Config struct {
	Seed     uint64
	Rule     Rule
	Policy   bidding.Policy // Uplink is set for each peer
	Peers    int            // how many there are at a time
	Seeds    int            // of these, how many have it all and stay
	Size     int64          // of the torrent, in bytes
	View     int            // connections that a newcomer makes
	MaxLinks int            // connections that a peer has at most
	Dwell    time.Duration  // how long one stays when it has it all
	Mix      [strategies]int
	Cost     btt.Rate // what serving costs a provider: the honest reserve
}

// DefaultConfig is a swarm of 1,000 with all strategies and the market on.
func DefaultConfig() Config {
	p := bidding.DefaultPolicy()
	p.Slots, p.Market = 4, true
	return Config{
		Seed: 1, Rule: bidding.Allocate, Policy: p, Peers: 1000, Seeds: 20, Size: 200 << 20, View: 30, MaxLinks: 80,
		Dwell: 2 * time.Minute, Mix: DefaultMix(),
		Cost: 100_000,
	}
}

// DefaultMix returns the strategies of DefaultConfig, in percent.
func DefaultMix() [strategies]int {
	return [strategies]int{
		Honest: 62, FreeRider: 5, LargeView: 3, Tyrant: 3, Crowd: 2, Payer: 12, Shader: 4, Liar: 4, Abstainer: 5,
	}
}

// BarterMix returns strategies none of which pays.
func BarterMix() [strategies]int {
	return [strategies]int{Honest: 80, FreeRider: 5, LargeView: 5, Tyrant: 5, Abstainer: 5}
}

// user is who is behind one peer or several.
type user struct {
	strategy Strategy
	seed     bool // there from the beginning, with all of it
	up, down int64
	value    btt.Rate // of a MiB
	have     int64
	joined   time.Time
	done     time.Time // zero while it is loading
	nodes    []*node

	inbound   float64 // bytes per second that it is offered in this pass
	room      float64 // bytes per second that it can still take in this round
	idle      int     // rounds without a byte, in a row
	starved   int     // the most of these
	paid      btt.Amount
	bought    int64 // bytes for money
	unearned  int64 // bytes for neither money nor payload: turns, idle capacity, and what seeds gave
	earned    btt.Amount
	sold      int64
	uploaded  int64
	freeGiven int64 // bytes to those that pay nothing, in rounds in which the paid demand reached the uplink
	freeOwed  int64 // the free share of these rounds
}

// node is one peer of the swarm: a name of a user.
type node struct {
	*user
	addr  netip.Addr
	links []*link
	left  float64 // bytes per second that it can still give in this round
	gone  bool
}

// link is one end of a connection: what its owner knows and decides of the other.
type link struct {
	owner, other *node
	back         *link // the other end
	at           int   // place in owner.links
	received     [2]int64
	slot         bidding.Slot
	since, turn  time.Time
	owed         int64
	demand       int64
	rate         int64 // granted
	offered      float64
	flow         float64 // taken by the other end in this round, in bytes per second
	full         bool    // the other end takes no more
	price        btt.Rate
	why          bidding.Reason
	quote        bidding.Quote
	ante         int64 // Tyrant: what it gives, in bytes per second
	kept         int   // Tyrant: rounds in which it was given to, in a row
}

// Swarm is a swarm in progress. It has one owner.
type Swarm struct {
	Config
	now   time.Time
	rand  *rand.Rand
	users []*user // all that ever were
	nodes []*node // those that are here
	mix   []Strategy

	subnets int // given out, one for each user
}

// round is the time of one round.
const round = 10 * time.Second

// New returns a swarm of c at its beginning: everybody has just come, but those
// that have it all.
func New(c Config) *Swarm {
	s := &Swarm{Config: c, now: epoch(), rand: rand.New(rand.NewPCG(c.Seed, 20))}
	for kind, n := range c.Mix {
		for range n {
			s.mix = append(s.mix, Strategy(kind))
		}
	}
	for range c.Seeds {
		s.arrive(Honest, true)
	}
	for len(s.nodes) < c.Peers {
		s.arrive(s.mix[s.rand.IntN(len(s.mix))], false)
	}
	return s
}

// Run lets d pass.
func (s *Swarm) Run(d time.Duration) {
	for end := s.now.Add(d); s.now.Before(end); {
		s.step()
	}
}

func (s *Swarm) step() {
	for _, n := range s.nodes {
		n.decide(s)
	}
	s.move()
	s.now = s.now.Add(round)
	s.depart()
	for len(s.nodes) < s.Peers {
		s.arrive(s.mix[s.rand.IntN(len(s.mix))], false)
	}
}

// names is how many peers and connections a strategy has, as multiples.
func (s Strategy) names() (nodes, view int) {
	switch s {
	case Crowd:
		return 4, 1
	case LargeView:
		return 1, 4
	case Honest, FreeRider, Tyrant, Payer, Shader, Liar, Abstainer:
	}
	return 1, 1
}

// arrive adds a user with its names. Its rates do not depend on its strategy.
func (s *Swarm) arrive(k Strategy, seed bool) {
	up := []int64{64, 128, 128, 256, 512}[s.rand.IntN(5)] << 10
	u := &user{
		strategy: k, seed: seed, up: up, down: 8 * up, joined: s.now, value: btt.Rate(500_000 + s.rand.IntN(4_000_000)),
	}
	if seed {
		u.have, u.up, u.done = s.Size, 1<<20, s.now
	}
	s.users = append(s.users, u)
	nodes, view := k.names()
	s.subnets++
	for i := range nodes { // all names of a user are in one subnet
		n := &node{user: u, addr: netip.AddrFrom4([4]byte{byte(64 + s.subnets>>16), byte(s.subnets >> 8), byte(s.subnets), byte(i + 1)})}
		u.nodes = append(u.nodes, n)
		s.connect(n, view*s.View)
		s.nodes = append(s.nodes, n)
	}
}

// connect links n to up to want others that have room.
func (s *Swarm) connect(n *node, want int) {
	known := map[*node]bool{n: true}
	for _, l := range n.links {
		known[l.other] = true
	}
	for range 4 * want {
		if len(s.nodes) == 0 || len(n.links) >= want {
			return
		}
		o := s.nodes[s.rand.IntN(len(s.nodes))]
		if known[o] || o.user == n.user || len(o.links) >= s.MaxLinks {
			continue
		}
		known[o] = true
		a, b := s.end(n, o), s.end(o, n)
		a.back, b.back = b, a
	}
}

func (s *Swarm) end(n, o *node) *link {
	l := &link{owner: n, other: o, at: len(n.links), since: s.now, turn: s.now, ante: n.up / 8}
	n.links = append(n.links, l)
	return l
}

// drop removes one end.
func (l *link) drop() {
	n := l.owner
	last := n.links[len(n.links)-1]
	n.links[l.at], last.at = last, l.at
	n.links = n.links[:len(n.links)-1]
}

// depart lets those go that have had it all for long enough, and those that stay
// look for others where they have lost half of their connections.
func (s *Swarm) depart() {
	here := s.nodes[:0]
	for _, n := range s.nodes {
		if u := n.user; !u.seed && !u.done.IsZero() && s.now.Sub(u.done) >= s.Dwell {
			n.gone = true
			for _, l := range n.links {
				l.back.drop()
			}
			continue
		}
		here = append(here, n)
	}
	s.nodes = here
	for _, n := range s.nodes {
		if _, view := n.strategy.names(); len(n.links) < view*s.View/2 {
			s.connect(n, view*s.View)
		}
	}
}
