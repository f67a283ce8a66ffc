package sim

import (
	"math/rand/v2"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/wallet/btt"
)

// line returns peers with these bids, all interested and good for them.
func line(bids ...btt.Rate) []bidding.Peer {
	var peers []bidding.Peer
	for i, b := range bids {
		peers = append(peers, bidding.Peer{Key: bidding.PeerKey(i + 1), Interested: true, Standing: true, Bid: b, Reserve: 2, Since: epoch()})
	}
	return peers
}

// TestSlots follows the white paper: the highest bids win, all pay the highest
// losing one, at least the reserve, and the optimistic slot is not sold.
func TestSlots(t *testing.T) {
	p := bidding.Policy{Uplink: 300, Market: true, Slots: 2, Optimistic: 1, OptimisticFor: 30 * time.Second}
	for _, tt := range []struct {
		bids  []btt.Rate
		slots []bidding.Slot
		price btt.Rate
	}{
		{[]btt.Rate{9, 7, 5, 0}, []bidding.Slot{bidding.Paid, bidding.Paid, bidding.Choked, bidding.Optimistic}, 5},
		{[]btt.Rate{9, 7, 0, 0}, []bidding.Slot{bidding.Paid, bidding.Paid, bidding.Optimistic, bidding.Choked}, 2},
		{[]btt.Rate{9, 1, 0, 0}, []bidding.Slot{bidding.Paid, bidding.Regular, bidding.Optimistic, bidding.Choked}, 2},
		{[]btt.Rate{0, 0, 0}, []bidding.Slot{bidding.Optimistic, bidding.Regular, bidding.Regular}, 0},
	} {
		peers := line(tt.bids...)
		for i := range peers { // who is last has waited longest
			peers[i].Since = epoch().Add(-time.Duration(i%3) * time.Second)
			if tt.bids[0] == 0 {
				peers[i].Since = epoch().Add(time.Duration(i) * time.Second)
			}
		}
		if len(tt.bids) == 4 {
			peers[2].Since = epoch().Add(-9 * time.Second)
			if tt.bids[2] > 0 {
				peers[3].Since = epoch().Add(-10 * time.Second)
			}
			peers[1].Received = 5
		}
		for i, g := range Slots(epoch().Add(time.Minute), p, peers) {
			if g.Slot != tt.slots[i] || (g.Rate == 0) != (g.Slot == bidding.Choked) || g.Slot == bidding.Paid && g.Price != tt.price {
				t.Errorf("%v: %+v, want %v at %v", tt.bids, g, tt.slots[i], tt.price)
			}
			if g.Slot != bidding.Choked && g.Rate != 100 {
				t.Errorf("%v: a slot of %d", tt.bids, g.Rate)
			}
		}
	}
}

// TestSlotsTurn: an optimistic turn lasts, then it goes to the longest wait.
func TestSlotsTurn(t *testing.T) {
	p := bidding.Policy{Uplink: 300, Optimistic: 1, OptimisticFor: 30 * time.Second}
	peers := line(0, 0)
	peers[0].Slot, peers[1].Since = bidding.Optimistic, epoch().Add(time.Second)
	for after, want := range map[time.Duration]int{29 * time.Second: 0, 30 * time.Second: 1} {
		if g := Slots(epoch().Add(after), p, peers)[want]; g.Slot != bidding.Optimistic {
			t.Errorf("after %v: %+v", after, g)
		}
	}
}

// TestProportional: shares follow bids, everybody pays its own, and who does not
// bid gets what is left.
func TestProportional(t *testing.T) {
	p := bidding.Policy{Uplink: 1000, Market: true}
	peers := line(6, 4, 0)
	for i, want := range []int64{600, 400, 0} {
		if g := Proportional(epoch(), p, peers)[i]; g.Rate != want || g.Slot == bidding.Paid && g.Price != peers[i].Bid {
			t.Errorf("%+v, want %d", g, want)
		}
	}
	peers[0].Cap, peers[1].Cap = 100, 300
	for i, want := range []int64{100, 300, 600} {
		if g := Proportional(epoch(), p, peers)[i]; g.Rate != want {
			t.Errorf("%+v, want %d", g, want)
		}
	}
}

// TestRules holds every rule to what any must keep: no more than the uplink, no
// more than one can take, nothing for who wants nothing, no price above the bid.
func TestRules(t *testing.T) {
	for _, e := range entries() {
		for seed := range uint64(500) {
			r := rand.New(rand.NewPCG(seed, 30))
			p := bidding.Policy{
				Uplink: 1 + int64(r.IntN(5000)), Market: r.IntN(3) > 0, Slots: r.IntN(5), Optimistic: r.IntN(2),
				OptimisticFor: 30 * time.Second, FreeShare: r.IntN(101),
			}
			peers := line(make([]btt.Rate, r.IntN(15))...)
			for i := range peers {
				q := &peers[i]
				q.Interested, q.Bid, q.Reserve = r.IntN(5) > 0, btt.Rate(r.IntN(9)), btt.Rate(r.IntN(3))
				q.Received, q.Slot = int64(r.IntN(9)), bidding.Slot(r.IntN(3))
				if r.IntN(2) == 0 {
					q.Demand = 1 + int64(r.IntN(2000))
				}
			}
			sum := int64(0)
			for i, g := range e.rule(epoch(), p, peers) {
				q := peers[i]
				sum += g.Rate
				switch {
				case g.Key != q.Key, g.Rate < 0, q.Demand > 0 && g.Rate > q.Demand:
					t.Fatalf("%s, seed %d: %+v for %+v", e.name, seed, g, q)
				case !q.Interested && (g.Slot != bidding.Choked || g.Rate > 0):
					t.Fatalf("%s, seed %d: %+v wants nothing", e.name, seed, g)
				case g.Slot == bidding.Paid && (!p.Market || g.Price > q.Bid || g.Price < q.Reserve):
					t.Fatalf("%s, seed %d: %+v pays for %+v", e.name, seed, g, q)
				}
			}
			if sum > p.Uplink {
				t.Fatalf("%s, seed %d: %d of %d", e.name, seed, sum, p.Uplink)
			}
		}
	}
}

// TestWelfare: no rule reaches more than the best, and a market is a function of
// its seed.
func TestWelfare(t *testing.T) {
	for seed := range uint64(100) {
		for _, e := range entries() {
			m := NewMarket(seed, 12, e.slots)
			if w := m.Welfare(e.alone); w < 0 || w > 1.000001 || w != NewMarket(seed, 12, e.slots).Welfare(e.alone) {
				t.Errorf("%s, seed %d: %.3f", e.name, seed, w)
			}
		}
	}
	if w := (Market{Policy: bidding.Policy{Uplink: 1, Market: true}}).Welfare(Auction); w != 1 {
		t.Errorf("nobody: %.3f", w)
	}
}

// TestGain: what goes beyond the demand of the one behind the names is worth
// nothing, and is paid all the same.
func TestGain(t *testing.T) {
	q := bidding.Peer{Key: 1, Bid: 10, Cap: 100}
	grants := []bidding.Grant{
		{Key: 1, Slot: bidding.Paid, Rate: 60, Price: 4},
		{Key: 2, Slot: bidding.Paid, Rate: 60, Price: 5},
		{Key: 3, Slot: bidding.Paid, Rate: 9, Price: 1},
		{Key: 4, Slot: bidding.Regular, Rate: 50},
	}
	if g := gain(q, grants, map[bidding.PeerKey]bool{1: true, 2: true, 4: true}); g != 10*100-60*4-60*5 {
		t.Errorf("%.0f", g)
	}
}

// TestPopulation: as many come as go, those that have it all stay for Dwell and no
// longer, and those that were there from the beginning stay.
func TestPopulation(t *testing.T) {
	c := small(5)
	s := New(c)
	for range 90 {
		s.step()
		seeds := 0
		for _, n := range s.nodes {
			if n.seed {
				seeds++
			} else if !n.done.IsZero() && s.now.Sub(n.done) >= c.Dwell {
				t.Fatalf("%v stays %v", n.strategy, s.now.Sub(n.done))
			}
		}
		if len(s.nodes) < c.Peers || len(s.nodes) > c.Peers+3 || seeds != c.Seeds {
			t.Fatalf("%d peers, %d seeds", len(s.nodes), seeds)
		}
	}
	if len(s.users) < 2*c.Peers {
		t.Errorf("only %d users in 15 minutes", len(s.users))
	}
}

// TestStrategiesKept: who gives nothing gives nothing, the names of a crowd are in
// one subnet and nobody else's are, and who does not bid pays nothing.
func TestStrategiesKept(t *testing.T) {
	s := New(small(6))
	s.Run(15 * time.Minute)
	crowds := 0
	for _, u := range s.users {
		if (u.strategy == FreeRider || u.strategy == LargeView) && !u.seed && u.uploaded > 0 {
			t.Errorf("a %v gave %d", u.strategy, u.uploaded)
		}
		if u.strategy != Payer && u.strategy != Shader && (u.paid > 0 || u.bought > 0) {
			t.Errorf("a %v paid %v", u.strategy, u.paid)
		}
		subnets := map[[3]byte]bool{}
		for _, n := range u.nodes {
			a := n.addr.As4()
			subnets[[3]byte(a[:3])] = true
		}
		if len(subnets) != 1 || (len(u.nodes) > 1) != (u.strategy == Crowd && !u.seed) {
			t.Errorf("a %v has %d names in %d subnets", u.strategy, len(u.nodes), len(subnets))
		}
		if len(u.nodes) > 1 {
			crowds++
		}
	}
	if crowds == 0 {
		t.Error("no crowd came")
	}
}
