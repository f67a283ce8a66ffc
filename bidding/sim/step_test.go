package sim

import (
	"math"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/wallet/btt"
)

// scene is a swarm of the given users, in which nobody comes or goes, with a
// connection between any two.
func scene(c Config, users ...*user) *Swarm {
	s := &Swarm{Config: c, now: epoch()}
	for i, u := range users {
		u.joined = epoch()
		if u.down == 0 {
			u.down = 8 * u.up
		}
		if u.seed {
			u.have, u.done = c.Size, epoch()
		}
		n := &node{user: u}
		u.nodes = []*node{n}
		s.users, s.nodes = append(s.users, u), append(s.nodes, n)
		for _, o := range s.nodes[:i] {
			a, b := s.end(n, o), s.end(o, n)
			a.back, b.back = b, a
		}
	}
	return s
}

// plain is a swarm's rules with everything that the tests do not ask about off.
func plain() Config {
	p := bidding.DefaultPolicy()
	p.Market, p.SubnetSlots = true, 0
	return Config{Rule: bidding.Allocate, Policy: p, Size: 1 << 30, Cost: 100, Dwell: time.Minute}
}

// rounds lets n rounds pass among those that are there.
func (s *Swarm) rounds(n int) {
	for range n {
		for _, n := range s.nodes {
			n.decide(s)
		}
		s.move()
		s.now = s.now.Add(round)
	}
}

// TestMoveByTheDownlink: who cannot take all that it is offered takes the same part
// of every offer, and what it leaves goes to others that can.
func TestMoveByTheDownlink(t *testing.T) {
	const up = 1000
	slow, fast := &user{up: up, down: 300}, &user{up: up, down: 100 * up}
	s := scene(plain(), &user{seed: true, up: up}, slow, fast)
	s.rounds(1)
	if slow.have != 3000 || fast.have != 7000 {
		t.Errorf("in ten seconds the slow one took %d and the fast one %d of %d", slow.have, fast.have, 10*up)
	}
	two := &user{up: 1, down: 900}
	s = scene(plain(), &user{seed: true, up: up}, &user{seed: true, up: 2 * up}, two)
	s.rounds(1)
	a, b := s.users[0].uploaded, s.users[1].uploaded
	if two.have != 9000 || math.Abs(float64(b-2*a)) > 10 {
		t.Errorf("it took %d, of %d and %d", two.have, a, b)
	}
}

// TestMoveNoMoreThanIsLacking: the end of a download takes only what is lacking.
func TestMoveNoMoreThanIsLacking(t *testing.T) {
	c := plain()
	c.Size = 1 << 20
	last, other := &user{up: 1, down: 1 << 20, have: 1<<20 - 5000}, &user{up: 1, down: 1 << 20}
	s := scene(c, &user{seed: true, up: 10_000}, last, other)
	s.rounds(1)
	if last.have != c.Size || last.done.IsZero() || other.have < 94_000 {
		t.Errorf("%d of %d, done %v; the other has %d of what it left", last.have, c.Size, last.done, other.have)
	}
	before := other.have
	s.rounds(1)
	if last.have != c.Size || other.have-before < 99_000 {
		t.Errorf("who is done takes %d more; the other %d", last.have-c.Size, other.have-before)
	}
}

// TestPaid: a buyer pays the price of each byte, the seller earns the same, and what
// is free costs nothing.
func TestPaid(t *testing.T) {
	buyer, free := &user{strategy: Payer, up: 1, down: 1 << 20, value: 5000}, &user{up: 1, down: 1 << 20}
	seed := &user{seed: true, up: 1 << 20}
	c := plain()
	c.Policy.FreeShare = 25
	s := scene(c, seed, buyer, free)
	s.rounds(1)
	cost, err := c.Cost.Cost(buyer.bought)
	if err != nil || buyer.bought == 0 || buyer.paid != cost || seed.earned != cost || seed.sold != buyer.bought {
		t.Errorf("%d bytes for %v, want %v, %v; sold %d for %v", buyer.bought, buyer.paid, cost, err, seed.sold, seed.earned)
	}
	if part := float64(free.have) / float64(seed.uploaded); free.paid != 0 || math.Abs(part-0.25) > 0.01 {
		t.Errorf("who bids nothing has %.3f of the uplink for %v", part, free.paid)
	}
	if buyer.unearned != 0 || free.unearned != free.have {
		t.Errorf("unearned: the buyer %d, the other %d of %d", buyer.unearned, free.unearned, free.have)
	}
}

// TestWhoGives holds each strategy to its definition in one round with a seed and
// two leechers: does it give anything away while it loads?
func TestWhoGives(t *testing.T) {
	for k := range strategies {
		kind := Strategy(k)
		me, other := &user{strategy: kind, up: 100_000, have: 1 << 20}, &user{up: 100_000, have: 1 << 20}
		s := scene(plain(), &user{seed: true, up: 1000}, me, other)
		s.rounds(3)
		gives := kind != FreeRider && kind != LargeView
		if gave := me.uploaded > 0; gave != gives {
			t.Errorf("a %v gave %d", kind, me.uploaded)
		}
		if me.uploaded > 30*me.up {
			t.Errorf("a %v gave %d of %d", kind, me.uploaded, 30*me.up)
		}
	}
}

// TestWhatIsKnown: what a provider is told of each strategy.
func TestWhatIsKnown(t *testing.T) {
	c := plain()
	for k := range strategies {
		kind := Strategy(k)
		s := scene(c, &user{up: 1, have: 1}, &user{strategy: kind, up: 1, value: 900})
		at := s.nodes[0].peer(s, s.nodes[0].links[0], 0)
		want := map[Strategy]btt.Rate{Payer: 900, Shader: 450}[kind]
		if at.Bid != want || !at.Interested || !at.Standing || at.Reserve != c.Cost {
			t.Errorf("of a %v: %+v", kind, at)
		}
		of := s.nodes[1].peer(s, s.nodes[1].links[0], 0)
		reserve := c.Cost
		if kind == Liar {
			reserve = 5 * c.Cost
		}
		if of.Reserve != reserve {
			t.Errorf("a %v asks %v", kind, of.Reserve)
		}
	}
}

// TestMarketOff: who has the market off sells nothing, whatever is bid.
func TestMarketOff(t *testing.T) {
	for kind, sells := range map[Strategy]bool{Honest: true, Abstainer: false} {
		buyer := &user{strategy: Payer, up: 1, down: 1 << 20, value: 5000}
		me := &user{strategy: kind, up: 1000, have: 1 << 20}
		s := scene(plain(), me, buyer)
		s.rounds(2)
		if (me.sold > 0) != sells || buyer.have == 0 {
			t.Errorf("a %v sold %d of %d", kind, me.sold, buyer.have)
		}
	}
}

// TestUnearned: what is given for payload is earned; turns and what seeds give is not.
func TestUnearned(t *testing.T) {
	c := plain()
	c.Policy.Slots, c.Policy.TorrentSlots, c.Policy.Optimistic = 1, 1, 1
	partner := &user{up: 1000, have: 1 << 20}
	me := &user{up: 1000, have: 1 << 20}
	late := &user{strategy: FreeRider, up: 1000}
	s := scene(c, me, partner, late)
	s.rounds(30)
	if part := float64(partner.unearned) / float64(partner.have); part > 0.3 {
		t.Errorf("a partner has %.2f unearned", part)
	}
	if late.have == 0 || late.unearned < late.have*9/10 {
		t.Errorf("who gives nothing has %d, of it %d unearned", late.have, late.unearned)
	}
}

// TestTyrantLearns: what is enough is lowered after three rounds, what is not is
// raised, and it never gives more than it has.
func TestTyrantLearns(t *testing.T) {
	me := &user{strategy: Tyrant, up: 100_000, have: 1 << 20}
	good, bad := &user{up: 1, have: 1 << 20}, &user{up: 1, have: 1 << 20}
	s := scene(plain(), me, good, bad)
	n := s.nodes[0]
	back, none := n.links[0], n.links[1]
	first := back.ante
	for i := range 12 {
		back.received = [2]int64{50_000, 50_000}
		none.received = [2]int64{}
		n.tyrant()
		if sum := back.rate + none.rate; sum > me.up {
			t.Fatalf("round %d: gives %d of %d", i, sum, me.up)
		}
		if i < 3 && back.ante != first {
			t.Fatalf("round %d: lowered to %d before the third", i, back.ante)
		}
	}
	if back.ante >= first || none.ante <= first {
		t.Errorf("began with %d; %d for who returns it, %d for who does not", first, back.ante, none.ante)
	}
	if back.slot != bidding.Regular {
		t.Error("who returns is not served")
	}
	for range 200 {
		back.received = [2]int64{50_000, 50_000}
		n.tyrant()
	}
	if back.ante < 1<<10 || none.ante > me.up {
		t.Errorf("out of bounds: %d, %d", back.ante, none.ante)
	}
}

// TestTyrantPrefersReturn: it serves by what it gets for what it gives.
func TestTyrantPrefersReturn(t *testing.T) {
	me := &user{strategy: Tyrant, up: 10_000, have: 1 << 20}
	s := scene(plain(), me, &user{up: 1, have: 1}, &user{up: 1, have: 1}, &user{up: 1, have: 1})
	n := s.nodes[0]
	for i, l := range n.links {
		l.ante, l.received = 6000, [2]int64{int64(1000 * i), 0}
	}
	n.links[0].ante = 3000
	n.tyrant()
	served := [3]bool{}
	for i, l := range n.links {
		served[i] = l.slot != bidding.Choked
	}
	if served != [3]bool{true, false, true} {
		t.Errorf("served %v", served)
	}
}

// TestAccounts: what a seed owes its free peers adds up to nothing, who pays is left
// out, and in the end all free peers have been given the same.
func TestAccounts(t *testing.T) {
	users := []*user{{seed: true, up: 10_000}, {strategy: Payer, up: 1, down: 1 << 20, value: 5000}}
	for range 7 {
		users = append(users, &user{up: 1, down: 1 << 20})
	}
	s := scene(plain(), users...)
	for range 60 {
		s.rounds(1)
		sum := int64(0)
		for _, l := range s.nodes[0].links {
			sum += l.owed
		}
		if sum < -9 || sum > 9 {
			t.Fatalf("%d is owed in all", sum)
		}
	}
	least, most := int64(math.MaxInt64), int64(0)
	for _, l := range s.nodes[0].links[1:] {
		got := l.other.have
		least, most = min(least, got), max(most, got)
	}
	if s.nodes[0].links[0].owed != 0 || most-least > 10*10_000 {
		t.Errorf("from %d to %d; the payer is owed %d", least, most, s.nodes[0].links[0].owed)
	}
}

// TestStarved counts the rounds in a row without a byte.
func TestStarved(t *testing.T) {
	me := &user{up: 1, down: 1000}
	s := scene(plain(), &user{seed: true, up: 100}, me)
	s.rounds(2)
	me.down = 0
	s.rounds(5)
	me.down = 1000
	s.rounds(2)
	if me.starved != 5 || me.idle != 0 {
		t.Errorf("starved for %d rounds, now for %d", me.starved, me.idle)
	}
}
