package bidding

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// random returns a policy and peers that are a function of seed alone. Figures
// are small, so that ties and full bounds are common.
func random(seed uint64) (*rand.Rand, Policy, []Peer) {
	r := rand.New(rand.NewPCG(seed, 0))
	p := Policy{
		Uplink: int64(r.IntN(4)) * int64(r.IntN(1000)), Slots: r.IntN(5), TorrentSlots: r.IntN(4), Optimistic: r.IntN(3),
		OptimisticFor: 30 * time.Second, HoldFor: 10 * time.Second, SubnetSlots: r.IntN(3),
		Market: r.IntN(4) > 0, FreeShare: r.IntN(5) * 25, QuoteFor: 10 * time.Second,
	}
	peers := make([]Peer, r.IntN(20))
	for i := range peers {
		peers[i] = randomPeer(r, PeerKey(i+1))
	}
	return r, p, peers
}

func randomPeer(r *rand.Rand, key PeerKey) Peer {
	torrent := byte(r.IntN(3))
	q := Peer{
		Key: key, Torrent: TorrentKey{torrent}, Addr: netip.AddrFrom4([4]byte{10, 0, byte(r.IntN(6)), byte(key)}),
		Interested: r.IntN(5) > 0, Seeding: torrent > 0, Received: int64(r.IntN(4)), Owed: int64(r.IntN(7) - 3),
		Slot: Slot(r.IntN(4)), Since: epoch.Add(-time.Duration(r.IntN(40)) * time.Second),
		Turn: epoch.Add(-time.Duration(r.IntN(40)) * time.Second),
		Bid:  btt.Rate(r.IntN(8)), Standing: r.IntN(8) > 0, Reserve: btt.Rate(torrent), NoBids: torrent == 2 && r.IntN(2) == 0,
	}
	if r.IntN(3) > 0 {
		q.Demand = int64(r.IntN(400))
	}
	if r.IntN(3) == 0 {
		q.Cap = int64(r.IntN(300))
	}
	if q.Slot == Paid {
		q.Quote = Quote{Price: btt.Rate(r.IntN(8)), Rate: int64(r.IntN(300)), At: q.Since}
	}
	return q
}

// forAll runs check on many random cases; a failure names the seed to replay.
func forAll(t *testing.T, cases uint64, check func(r *rand.Rand, p Policy, peers []Peer) error) {
	t.Helper()
	for seed := range cases {
		r, p, peers := random(seed)
		if err := check(r, p, peers); err != nil {
			t.Fatalf("seed %d: %v\npolicy %+v\n%s", seed, err, p, dump(p, peers))
		}
	}
}

func dump(p Policy, peers []Peer) string {
	s := ""
	grants := Allocate(epoch, p, peers)
	for _, q := range peers {
		s += fmt.Sprintf("%+v\n\t%+v\n", q, of(grants, q.Key))
	}
	return s
}

// of returns the grant of k.
func of(grants []Grant, k PeerKey) Grant {
	i, ok := slices.BinarySearchFunc(grants, k, func(g Grant, k PeerKey) int { return cmp.Compare(g.Key, k) })
	if !ok {
		return Grant{}
	}
	return grants[i]
}

func TestComplete(t *testing.T) {
	forAll(t, 5000, func(_ *rand.Rand, p Policy, peers []Peer) error {
		got := Allocate(epoch, p, peers)
		if len(got) != len(peers) {
			return fmt.Errorf("%d grants", len(got))
		}
		for _, q := range peers {
			g := of(got, q.Key)
			switch {
			case g.Key != q.Key:
				return fmt.Errorf("no grant for %d", q.Key)
			case (g.Slot == Choked) != (g.Rate == 0):
				return fmt.Errorf("%d is %v at %d B/s", q.Key, g.Slot, g.Rate)
			case (g.Slot == Choked) != (g.Reason == NotInterested || g.Reason >= Outranked):
				return fmt.Errorf("%d is %v because %v", q.Key, g.Slot, g.Reason)
			case g.Slot == Choked && g.Reason.String() == "unknown" || g.Bid.String() == "unknown" || g.Slot.String() == "unknown":
				return fmt.Errorf("%d has no word for %d, %d, %d", q.Key, g.Slot, g.Reason, g.Bid)
			case (g.Slot == Paid) != (g.Bid == Won || g.Bid == WonPart):
				return fmt.Errorf("%d is %v, its bid %v", q.Key, g.Slot, g.Bid)
			case g.Slot != Paid && (g.Price != 0 || g.Requote):
				return fmt.Errorf("%d is %v and pays %v", q.Key, g.Slot, g.Price)
			}
		}
		return nil
	})
}

func TestInterest(t *testing.T) {
	forAll(t, 5000, func(_ *rand.Rand, p Policy, peers []Peer) error {
		got := Allocate(epoch, p, peers)
		for _, q := range peers {
			if g := of(got, q.Key); !q.Interested && (g.Slot != Choked || g.Reason != NotInterested) {
				return fmt.Errorf("%d wants nothing and is %v", q.Key, g)
			}
		}
		return nil
	})
}

func TestOrder(t *testing.T) {
	forAll(t, 5000, func(r *rand.Rand, p Policy, peers []Peer) error {
		want := Allocate(epoch, p, peers)
		other := slices.Clone(peers)
		r.Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
		before := slices.Clone(other)
		if got := Allocate(epoch, p, other); !slices.Equal(got, want) {
			return fmt.Errorf("%v, shuffled %v", want, got)
		}
		if !slices.Equal(before, other) {
			return fmt.Errorf("the peers were changed")
		}
		return nil
	})
}

func TestZeroPolicyServesNobody(t *testing.T) {
	forAll(t, 1000, func(_ *rand.Rand, p Policy, peers []Peer) error {
		for _, p := range []Policy{{}, {Uplink: p.Uplink}} {
			for _, g := range Allocate(epoch, p, peers) {
				if g.Slot != Choked {
					return fmt.Errorf("%+v", g)
				}
			}
		}
		return nil
	})
}

func TestDefaultPolicy(t *testing.T) {
	if err := DefaultPolicy().Validate(); err != nil {
		t.Error(err)
	}
	for _, p := range []Policy{{}, {FreeShare: 101}, {FreeShare: 10, Uplink: -1}, {FreeShare: 10, Slots: -1}} {
		if p.Validate() == nil {
			t.Errorf("%+v passes", p)
		}
	}
}

// TestWords: every constant has a word, and the first number after them has none.
func TestWords(t *testing.T) {
	for s := Choked; s <= Paid; s++ {
		if s.String() == "unknown" {
			t.Errorf("slot %d has no word", s)
		}
	}
	for r := NotInterested; r <= Closed; r++ {
		if r.String() == "unknown" {
			t.Errorf("reason %d has no word", r)
		}
	}
	for o := NoBid; o <= Refused; o++ {
		if o.String() == "unknown" {
			t.Errorf("outcome %d has no word", o)
		}
	}
	if s := fmt.Sprint(Paid+1, Closed+1, Refused+1); s != "unknown unknown unknown" {
		t.Error(s)
	}
}

func TestDemand(t *testing.T) {
	const kib = 1 << 10
	for _, tt := range []struct{ prev, granted, drained, want int64 }{
		{0, 0, 0, 0},                                      // never served: nothing is known
		{500 * kib, 0, 0, 500 * kib},                      // not served in this round: nothing new
		{0, 100 * kib, 100 * kib, 0},                      // keeps up, no bound is known
		{0, 100 * kib, 40 * kib, 50 * kib},                // does not keep up
		{100 * kib, 100 * kib, 96 * kib, 125 * kib},       // keeps up: a quarter more
		{400 * kib, 100 * kib, 100 * kib, 500 * kib},      // keeps up with less than it can take
		{100 * kib, 100 * kib, 200 * kib, 250 * kib},      // took what others left
		{100 * kib, 100 * kib, 0, leastDemand},            // takes nothing
		{1 << 62, 1 << 62, 1 << 62, 1<<62 + 1<<60},        // no overflow
		{1<<63 - 1, 1<<63 - 1, 1<<63 - 1, 1<<63 - 1},      // at the end of the range
		{100 * kib, 1 << 62, 1 << 61, 1<<61 + 1<<59},      // a huge grant, half of it taken
		{100 * kib, 100 * kib, 95 * kib, 125 * kib},       // 95 % is keeping up
		{100 * kib, 100 * kib, 94 * kib, 1175 * kib / 10}, // 94 % is not
	} {
		if got := Demand(tt.prev, tt.granted, tt.drained); got != tt.want {
			t.Errorf("Demand(%d, %d, %d) = %d, want %d", tt.prev, tt.granted, tt.drained, got, tt.want)
		}
	}
}
