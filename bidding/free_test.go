package bidding

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// slowFree is the twin of serveFree: it hands out one slot after the other, and
// looks at all peers for each. It returns the slots and, byte by byte, the rates.
func slowFree(p Policy, peers []Peer, rate int64) (slots map[PeerKey]Slot, rates map[PeerKey]int64) {
	slots, rates = map[PeerKey]Slot{}, map[PeerKey]int64{}
	waits := func(a, b Peer) bool { // a before b
		switch {
		case (a.Slot == Choked) != (b.Slot == Choked):
			return a.Slot == Choked
		case !a.Since.Equal(b.Since):
			return a.Since.Before(b.Since)
		}
		return a.Key < b.Key
	}
	waited := func(q Peer) time.Duration {
		if q.Slot == Optimistic || q.Slot != Choked && !q.Seeding {
			return 0
		} else if q.Seeding {
			return epoch.Sub(q.Turn)
		}
		return epoch.Sub(q.Since)
	}
	turn := func(a, b Peer) bool {
		if x, y := waited(a), waited(b); x != y {
			return x > y
		}
		return waits(a, b)
	}
	better := func(a, b Peer) bool {
		switch {
		case a.Seeding && a.Owed != b.Owed:
			return a.Owed > b.Owed
		case !a.Seeding && a.Received != b.Received:
			return a.Received > b.Received
		}
		return waits(a, b)
	}
	place := func(q Peer) (n int) {
		for _, o := range peers {
			if o.Torrent == q.Torrent && better(o, q) {
				n++
			}
		}
		return n
	}
	count := func(same func(Peer) bool) (n int) {
		for _, q := range peers {
			if slots[q.Key] != Choked && same(q) {
				n++
			}
		}
		return n
	}
	crowded := func(q Peer) bool {
		return p.SubnetSlots > 0 && count(func(o Peer) bool { return o.subnet() == q.subnet() }) >= p.SubnetSlots
	}
	take := func(kind Slot, ok func(Peer) bool, before func(a, b Peer) bool) bool {
		var best *Peer
		for i := range peers {
			if q := peers[i]; slots[q.Key] == Choked && ok(q) && (best == nil || before(q, *best)) {
				best = &peers[i]
			}
		}
		if best != nil {
			slots[best.Key] = kind
		}
		return best != nil
	}
	ranked := func(a, b Peer) bool {
		if x, y := place(a), place(b); x != y {
			return x < y
		}
		return waits(a, b)
	}
	fits := func(q Peer) bool {
		return !crowded(q) && count(func(o Peer) bool { return slots[o.Key] == Regular && o.Torrent == q.Torrent }) < p.torrentSlots(&q)
	}
	n := func(kind Slot) int { return count(func(q Peer) bool { return slots[q.Key] == kind }) }
	held := func(kind Slot, d time.Duration) func(Peer) bool {
		return func(q Peer) bool { return q.Slot == kind && epoch.Sub(q.Since) < d }
	}
	lasting, holding := held(Optimistic, p.OptimisticFor), held(Regular, p.HoldFor)
	for n(Optimistic) < p.Optimistic && take(Optimistic, func(q Peer) bool { return lasting(q) && !crowded(q) }, turn) {
	}
	for n(Regular) < p.Slots && take(Regular, func(q Peer) bool { return holding(q) && fits(q) }, ranked) {
	}
	for n(Regular) < p.Slots && take(Regular, fits, ranked) {
	}
	for n(Optimistic) < p.Optimistic && take(Optimistic, func(q Peer) bool { return !crowded(q) }, turn) {
	}
	idle := func() bool {
		sum := int64(0)
		for _, q := range peers {
			if slots[q.Key] != Choked {
				sum += q.demand(p.Uplink)
			}
		}
		return p.Uplink > 0 && p.Slots+p.Optimistic > 0 && sum < rate
	}
	for idle() && take(Regular, func(q Peer) bool { return !crowded(q) }, ranked) {
	}
	for idle() && take(Regular, func(Peer) bool { return true }, ranked) {
	}
	for given := true; given; {
		given = false
		for _, q := range peers {
			for range weightOf(slots[q.Key], q) {
				if rates[q.Key] < q.demand(p.Uplink) && rate > 0 {
					rates[q.Key]++
					rate, given = rate-1, true
				}
			}
		}
	}
	return slots, rates
}

// weightOf is how many bytes q gets while others get as many as theirs says.
func weightOf(s Slot, q Peer) int {
	switch {
	case s == Choked:
		return 0
	case s == Optimistic && !q.Seeding:
		return 1
	}
	return 2
}

// TestFree: without bids the decision is that of the twin, a choker of the
// classic kind, whether the market is on or off. Rates may differ by the two
// bytes that a division leaves.
func TestFree(t *testing.T) {
	forAll(t, 4000, func(_ *rand.Rand, p Policy, peers []Peer) error {
		for i := range peers {
			peers[i].Bid = 0
		}
		waiting := slices.DeleteFunc(slices.Clone(peers), func(q Peer) bool { return !q.Interested })
		slots, rates := slowFree(p, waiting, p.Uplink)
		for _, g := range Allocate(epoch, p, peers) {
			want := slots[g.Key]
			if p.Uplink > 0 && rates[g.Key] == 0 {
				want = Choked
			}
			scarce := p.Uplink > 0 && p.Uplink < 2*int64(len(peers)) // not two bytes for each
			if g.Slot != want && !scarce {
				return fmt.Errorf("%d is %v, by the twin %v", g.Key, g.Slot, want)
			}
			if p.Uplink > 0 && max(g.Rate-rates[g.Key], rates[g.Key]-g.Rate) > 2 {
				return fmt.Errorf("%d has %d B/s, by the twin %d", g.Key, g.Rate, rates[g.Key])
			}
		}
		return nil
	})
}

// TestSlots: the regular and optimistic slots are never more than the policy has,
// except for those that take what would lie idle.
func TestSlots(t *testing.T) {
	forAll(t, 5000, func(_ *rand.Rand, p Policy, peers []Peer) error {
		regular, optimistic, torrents, nets := 0, 0, map[TorrentKey]int{}, map[netip.Prefix]int{}
		for _, g := range Allocate(epoch, p, peers) {
			q := peers[g.Key-1]
			switch {
			case g.Slot == Optimistic:
				optimistic++
			case g.Slot == Regular && g.Reason != Spare:
				regular++
				torrents[q.Torrent]++
			default:
				continue
			}
			nets[q.subnet()]++
			if p.SubnetSlots > 0 && nets[q.subnet()] > p.SubnetSlots {
				return fmt.Errorf("%v has %d slots", q.subnet(), nets[q.subnet()])
			}
			if torrents[q.Torrent] > p.torrentSlots(&q) {
				return fmt.Errorf("torrent %d has %d slots", q.Torrent[0], torrents[q.Torrent])
			}
		}
		if regular > p.Slots || optimistic > p.Optimistic {
			return fmt.Errorf("%d regular, %d optimistic", regular, optimistic)
		}
		return nil
	})
}

// TestHold: a turn that has begun lasts OptimisticFor, although others wait
// longer; then it goes to the longest wait, not back to its holder.
func TestHold(t *testing.T) {
	p := Policy{Optimistic: 1, OptimisticFor: 30 * time.Second}
	a := Peer{Key: 1, Interested: true, Slot: Optimistic, Since: epoch, Turn: epoch}
	b := Peer{Key: 2, Interested: true, Since: epoch.Add(5 * time.Second)}
	c := Peer{Key: 3, Interested: true, Since: epoch.Add(6 * time.Second)}
	for _, tt := range []struct {
		after time.Duration
		want  PeerKey
	}{{10 * time.Second, 1}, {29 * time.Second, 1}, {30 * time.Second, 2}} {
		got := Allocate(epoch.Add(tt.after), p, []Peer{a, b, c})
		if of(got, tt.want).Slot != Optimistic {
			t.Errorf("after %v: %v, want %d", tt.after, got, tt.want)
		}
	}
}

// TestHoldRegular: a regular slot is not taken back within HoldFor, not even for
// a peer that sends more; after that it is.
func TestHoldRegular(t *testing.T) {
	p := Policy{Slots: 1, HoldFor: 10 * time.Second}
	a := Peer{Key: 1, Interested: true, Slot: Regular, Since: epoch, Received: 1}
	b := Peer{Key: 2, Interested: true, Since: epoch, Received: 2}
	for after, want := range map[time.Duration]PeerKey{9 * time.Second: 1, 10 * time.Second: 2} {
		if got := Allocate(epoch.Add(after), p, []Peer{a, b}); of(got, want).Slot != Regular {
			t.Errorf("after %v: %v, want %d", after, got, want)
		}
	}
}

// TestTitForTat: while we load, the regular slots go to those that send us most.
func TestTitForTat(t *testing.T) {
	p := Policy{Slots: 2}
	var peers []Peer
	for i := range 6 {
		peers = append(peers, Peer{Key: PeerKey(i + 1), Interested: true, Received: int64(i%4) * 1000, Owed: 100 - int64(i)})
	}
	for _, g := range Allocate(epoch, p, peers) {
		if want := g.Key == 4 || g.Key == 3; (g.Slot == Regular) != want || want && g.Reason != Reciprocates {
			t.Errorf("%+v", g)
		}
	}
}

// TestTurnWeighsHalf: while we load, an optimistic turn is half a regular slot; while
// we seed, all slots are the same. What a slot cannot take goes to the others.
func TestTurnWeighsHalf(t *testing.T) {
	p := Policy{Uplink: 900, Slots: 1, Optimistic: 1, OptimisticFor: 30 * time.Second}
	for _, tt := range []struct {
		seeding       bool
		demand        [2]int64 // of the regular slot and of the turn
		regular, turn int64
	}{
		{false, [2]int64{}, 600, 300},
		{true, [2]int64{}, 450, 450},
		{false, [2]int64{500, 0}, 500, 400},
		{false, [2]int64{0, 100}, 800, 100},
		{false, [2]int64{100, 100}, 100, 100},
	} {
		peers := []Peer{
			{Key: 1, Interested: true, Seeding: tt.seeding, Received: 9, Owed: 9, Demand: tt.demand[0], Turn: epoch},
			{Key: 2, Interested: true, Seeding: tt.seeding, Demand: tt.demand[1], Turn: epoch.Add(-time.Second)},
		}
		got := Allocate(epoch, p, peers)
		if got[0].Slot != Regular || got[1].Slot != Optimistic || got[0].Rate != tt.regular || got[1].Rate != tt.turn {
			t.Errorf("%+v: %+v", tt, got)
		}
	}
}

// TestTorrents: each torrent gets a regular slot before any gets a second.
func TestTorrents(t *testing.T) {
	p := Policy{Slots: 4}
	var peers []Peer
	for i := range 12 {
		n := TorrentKey{byte(min(i, 3))} // three torrents with one peer, one with nine
		peers = append(peers, Peer{Key: PeerKey(i + 1), Torrent: n, Interested: true, Received: int64(i)})
	}
	served := map[TorrentKey]int{}
	for _, g := range Allocate(epoch, p, peers) {
		if g.Slot == Regular {
			served[peers[g.Key-1].Torrent]++
		}
	}
	if len(served) != 4 {
		t.Errorf("served %v", served)
	}
}

// swarm holds rounds of 10 s on a virtual clock and keeps what the engine keeps.
type swarm struct {
	now   time.Time
	p     Policy
	peers []Peer
	sent  map[PeerKey]int64 // free payload, in bytes
}

func (s *swarm) round() []Grant {
	grants := Allocate(s.now, s.p, s.peers)
	s.now = s.now.Add(10 * time.Second)
	var books []Account
	for i := range s.peers {
		q := &s.peers[i]
		g := of(grants, q.Key)
		if g.Slot != q.Slot {
			q.Slot, q.Since = g.Slot, s.now.Add(-10*time.Second)
			if g.Slot == Optimistic {
				q.Turn = q.Since
			}
		}
		if g.Slot != Paid {
			sent := g.Rate * 10
			s.sent[q.Key] += sent
			books = append(books, Account{Key: q.Key, Owed: q.Owed, Sent: sent})
		}
	}
	Accrue(books)
	for _, a := range books {
		s.peers[a.Key-1].Owed = a.Owed
	}
	return grants
}

// TestTurn: every interested peer of the free tier gets an optimistic turn in
// bounded time, although four that send hold the regular slots and newcomers
// keep arriving.
func TestTurn(t *testing.T) {
	s := swarm{now: epoch, p: Policy{Slots: 4, Optimistic: 1, OptimisticFor: 30 * time.Second}, sent: map[PeerKey]int64{}}
	for i := range 34 {
		q := Peer{Key: PeerKey(i + 1), Interested: true, Since: epoch, Turn: epoch.Add(-time.Second)}
		if i < 4 {
			q.Received = 1000
		}
		s.peers = append(s.peers, q)
	}
	served := map[PeerKey]bool{}
	for n := range 30 * 3 {
		for _, g := range s.round() {
			if g.Slot == Optimistic && g.Key <= 34 {
				served[g.Key] = true
			}
		}
		s.peers = append(s.peers, Peer{Key: PeerKey(35 + n), Interested: true, Since: s.now, Turn: s.now})
	}
	if len(served) != 30 {
		t.Errorf("%d of 30 had a turn", len(served))
	}
}

// TestFair: among free leechers of a torrent that we seed, the largest gap
// between any two is at most 4 blocks and one round's worth of a slot.
func TestFair(t *testing.T) {
	const uplink, block = 1 << 20, 16 << 10
	for _, n := range []int{2, 5, 20, 63} {
		s := swarm{now: epoch, sent: map[PeerKey]int64{}, p: Policy{
			Uplink: uplink, Slots: 4, Optimistic: 1, OptimisticFor: 30 * time.Second, HoldFor: 10 * time.Second,
		}}
		for i := range n {
			s.peers = append(s.peers, Peer{Key: PeerKey(i + 1), Interested: true, Seeding: true, Since: epoch, Turn: epoch})
		}
		for range 360 {
			s.round()
		}
		least, most := int64(1)<<62, int64(0)
		for _, q := range s.peers {
			least, most = min(least, s.sent[q.Key]), max(most, s.sent[q.Key])
		}
		if gap := most - least; gap > 4*block+10*uplink {
			t.Errorf("%d peers: %d to %d, gap %d blocks", n, least, most, gap/block)
		}
	}
}

// TestAccrue: what is owed adds up to nothing, whatever was sent.
func TestAccrue(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		books := make([]Account, r.IntN(9))
		for round := range 5 {
			sum := int64(0)
			for i := range books {
				if round == 0 {
					books[i].Key = PeerKey(i + 1)
				}
				books[i].Sent = int64(r.IntN(1000))
			}
			Accrue(books)
			for _, a := range books {
				sum += a.Owed
			}
			if sum != 0 {
				t.Fatalf("seed %d: %d is owed in all: %+v", seed, sum, books)
			}
		}
	}
	books := []Account{{Key: 1, Sent: 1 << 40}, {Key: 2}}
	if Accrue(books); books[0].Owed != -maxOwed || books[1].Owed != maxOwed {
		t.Errorf("not bounded: %+v", books)
	}
}

// TestSubnet: the cap counts /24 of IPv4, also where it is mapped into IPv6, and
// /64 of IPv6; an unknown address is in no subnet.
func TestSubnet(t *testing.T) {
	for _, tt := range []struct {
		addrs []string
		want  int
	}{
		{[]string{"192.0.2.1", "192.0.2.2", "::ffff:192.0.2.3"}, 1},
		{[]string{"192.0.2.1", "192.0.3.1", "192.1.2.1"}, 3},
		{[]string{"2001:db8::1", "2001:db8::2:0:0:1", "2001:db8:0:1::1"}, 2},
		{[]string{"fe80::1%eth0", "fe80::2%eth1"}, 1},
		{[]string{"", "", ""}, 3},
	} {
		var peers []Peer
		for i, a := range tt.addrs {
			addr, _ := netip.ParseAddr(a)
			peers = append(peers, Peer{Key: PeerKey(i + 1), Interested: true, Addr: addr})
		}
		served := 0
		for _, g := range Allocate(epoch, Policy{Slots: 4, SubnetSlots: 1}, peers) {
			if g.Slot != Choked {
				served++
			} else if g.Reason != SubnetFull {
				t.Errorf("%v: %v", tt.addrs, g.Reason)
			}
		}
		if served != tt.want {
			t.Errorf("%v: %d served, want %d", tt.addrs, served, tt.want)
		}
	}
}
