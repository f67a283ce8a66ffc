package bidding

import (
	"cmp"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

// slowSale is the twin of the auction. It tries every capacity from nothing up, fills class by class, and finds each price by filling again
// without the bidder.
type slowSale struct {
	p       Policy
	bidders []Peer // those whose bids count, the highest first
	free    int64  // what the others can take
	sale    int64
	got     map[PeerKey]int64
	price   map[PeerKey]btt.Rate
}

func (s *slowSale) want(q Peer) int64 {
	w := q.demand(s.p.Uplink)
	if q.Cap > 0 {
		w = min(w, q.Cap)
	}
	return w
}

// fill shares capacity out and returns what each gets and what the losers want.
func (s *slowSale) fill(bidders []Peer, capacity int64) (got map[PeerKey]int64, losers int64) {
	got = map[PeerKey]int64{}
	for len(bidders) > 0 {
		var class []Peer
		wants := int64(0)
		for len(bidders) > 0 && (class == nil || bidders[0].Bid == class[0].Bid) {
			class, bidders = append(class, bidders[0]), bidders[1:]
			wants += s.want(class[len(class)-1])
		}
		if capacity == 0 {
			for _, q := range class {
				losers += q.demand(s.p.Uplink)
			}
			continue
		}
		if wants <= capacity {
			for _, q := range class {
				got[q.Key] = s.want(q)
			}
			capacity -= wants
			continue
		}
		left := capacity
		for _, q := range class {
			part := new(big.Int).Mul(big.NewInt(capacity), big.NewInt(s.want(q)))
			got[q.Key] = part.Div(part, big.NewInt(wants)).Int64()
			left -= got[q.Key]
		}
		for _, q := range class {
			if left > 0 && got[q.Key] < s.want(q) {
				got[q.Key]++
				left--
			}
		}
		capacity = 0
	}
	return got, losers
}

// worth returns what the capacity earns with the given rates, each byte per
// second at the bid, or at reserve where that is more; so does what is idle.
func (s *slowSale) worth(got map[PeerKey]int64, without PeerKey, capacity, reserve int64) *big.Int {
	sum := new(big.Int)
	for _, q := range s.bidders {
		if q.Key != without {
			sum.Add(sum, new(big.Int).Mul(big.NewInt(got[q.Key]), big.NewInt(max(int64(q.Bid), reserve))))
			capacity -= got[q.Key]
		}
	}
	return sum.Add(sum, new(big.Int).Mul(big.NewInt(capacity), big.NewInt(reserve)))
}

func slowAuction(p Policy, peers []Peer) *slowSale {
	s := &slowSale{p: p, price: map[PeerKey]btt.Rate{}, sale: p.Uplink}
	if p.Slots+p.Optimistic > 0 {
		s.sale = 0
	}
	for _, q := range peers {
		switch {
		case !q.Interested:
		case q.Bid > 0 && q.Bid >= q.Reserve && q.Standing && !q.NoBids:
			s.bidders = append(s.bidders, q)
		default:
			s.free += q.demand(p.Uplink)
		}
	}
	slices.SortFunc(s.bidders, func(a, b Peer) int { return cmp.Or(cmp.Compare(b.Bid, a.Bid), cmp.Compare(a.Key, b.Key)) })
	for p.Slots+p.Optimistic > 0 {
		_, losers := s.fill(s.bidders, s.sale)
		if s.sale >= p.Uplink-min(p.Uplink*int64(p.FreeShare)/100, s.free+losers) {
			break
		}
		s.sale++
	}
	s.got, _ = s.fill(s.bidders, s.sale)
	for _, q := range s.bidders {
		if s.got[q.Key] == 0 {
			continue
		}
		others := slices.DeleteFunc(slices.Clone(s.bidders), func(o Peer) bool { return o.Key == q.Key })
		without, _ := s.fill(others, s.sale)
		lost := s.worth(without, q.Key, s.sale, int64(q.Reserve))
		lost.Sub(lost, s.worth(s.got, q.Key, s.sale-s.got[q.Key], int64(q.Reserve)))
		s.price[q.Key] = btt.Rate(lost.Div(lost, big.NewInt(s.got[q.Key])).Int64())
	}
	return s
}

// forAllMarkets is forAll with the market on and a limit on the uplink.
func forAllMarkets(t *testing.T, cases uint64, check func(r *rand.Rand, p Policy, peers []Peer, got []Grant) error) {
	t.Helper()
	forAll(t, cases, func(r *rand.Rand, p Policy, peers []Peer) error {
		p.Market, p.Uplink = true, max(p.Uplink, 1)
		return check(r, p, peers, Allocate(epoch, p, peers))
	})
}

// fresh forgets the quotes in force, so that every price is that of this round.
func fresh(peers []Peer) []Peer {
	peers = slices.Clone(peers)
	for i := range peers {
		peers[i].Quote = Quote{}
	}
	return peers
}

// unspared returns peers without the bids of those that the auction spared.
func unspared(peers []Peer, got []Grant) []Peer {
	peers = slices.Clone(peers)
	for i, q := range peers {
		if of(got, q.Key).Bid == Spared {
			peers[i].Bid = 0
		}
	}
	return peers
}

// TestTwin: rates and prices are those of the slow twin among the bidders that
// are not spared.
func TestTwin(t *testing.T) {
	forAllMarkets(t, 3000, func(_ *rand.Rand, p Policy, peers []Peer, _ []Grant) error {
		got := Allocate(epoch, p, fresh(peers))
		want := slowAuction(p, unspared(peers, got))
		for _, g := range got {
			if paid := g.Slot == Paid; paid != (want.got[g.Key] > 0) {
				return fmt.Errorf("%d is %v, by the twin it has %d B/s", g.Key, g.Slot, want.got[g.Key])
			} else if paid && (g.Rate != want.got[g.Key] || g.Price != want.price[g.Key] || !g.Requote) {
				return fmt.Errorf("%d has %d B/s for %v, by the twin %d for %v", g.Key, g.Rate, g.Price, want.got[g.Key], want.price[g.Key])
			}
		}
		return nil
	})
}

// TestTwinFree: whoever wins nothing is served by the slow choker's rules, out of
// what the winners leave.
func TestTwinFree(t *testing.T) {
	forAllMarkets(t, 3000, func(_ *rand.Rand, p Policy, peers []Peer, got []Grant) error {
		left, waiting := p.Uplink, []Peer{}
		for i, g := range got {
			if g.Slot == Paid {
				left -= g.Rate
			} else if peers[i].Interested {
				waiting = append(waiting, peers[i])
			}
		}
		slots, rates := slowFree(p, waiting, left)
		for _, q := range waiting {
			g := of(got, q.Key)
			scarce := left < 2*int64(len(waiting)) // not two bytes for each
			if !scarce && (g.Slot != slots[q.Key] || max(g.Rate-rates[q.Key], rates[q.Key]-g.Rate) > 2) {
				return fmt.Errorf("%d is %v at %d B/s, by the twin %v at %d", q.Key, g.Slot, g.Rate, slots[q.Key], rates[q.Key])
			}
		}
		return nil
	})
}

// TestEligible: a peer pays only if it is interested, bids, its bid reaches the
// reserve, the payment side stands by it and bids count.
func TestEligible(t *testing.T) {
	forAll(t, 5000, func(_ *rand.Rand, p Policy, peers []Peer) error {
		for _, g := range Allocate(epoch, p, peers) {
			q := peers[g.Key-1]
			ok := p.Market && q.Interested && q.Bid > 0 && q.Bid >= q.Reserve && q.Standing && !q.NoBids
			if g.Slot == Paid && !ok || (g.Bid >= Won && g.Bid <= Spared) != ok {
				return fmt.Errorf("%d is %v, its bid %v", g.Key, g.Slot, g.Bid)
			}
		}
		return nil
	})
}

// TestPrice: a price is between the reserve and the bid; one that stands from an
// earlier round is not above the bid either.
func TestPrice(t *testing.T) {
	forAllMarkets(t, 5000, func(_ *rand.Rand, p Policy, peers []Peer, got []Grant) error {
		for _, g := range got {
			if q := peers[g.Key-1]; g.Slot == Paid && (g.Price > q.Bid || g.Requote && g.Price < q.Reserve) {
				return fmt.Errorf("%d pays %v of %v, reserve %v", g.Key, g.Price, q.Bid, q.Reserve)
			}
		}
		return nil
	})
}

// TestLone: a lone bidder pays the reserve and gets what it can take.
func TestLone(t *testing.T) {
	forAllMarkets(t, 5000, func(r *rand.Rand, p Policy, peers []Peer, _ []Grant) error {
		peers = fresh(peers)
		for i := range peers {
			peers[i].Bid = 0
		}
		p.FreeShare = 0
		q := randomPeer(r, PeerKey(len(peers)+1))
		q.Interested, q.Standing, q.NoBids, q.Quote = true, true, false, Quote{}
		q.Bid = q.Reserve + 1
		g := of(Allocate(epoch, p, append(peers, q)), q.Key)
		want := (&slowSale{p: p}).want(q)
		if g.Slot != Paid || g.Price != q.Reserve || g.Rate != want || g.Bid != Won {
			return fmt.Errorf("%+v for %+v", g, q)
		}
		return nil
	})
}

// TestFill: nobody with a lower bid gets anything while a higher one lacks, and
// equal bids are filled by demand to within a byte per second.
func TestFill(t *testing.T) {
	forAllMarkets(t, 3000, func(_ *rand.Rand, p Policy, peers []Peer, got []Grant) error {
		s := slowSale{p: p}
		paid := func(g Grant) int64 {
			if g.Slot == Paid {
				return g.Rate
			}
			return 0
		}
		for _, a := range got {
			for _, b := range got {
				if a.Bid < Won || a.Bid > Outbid || b.Bid < Won || b.Bid > Outbid {
					continue
				}
				q, o := peers[a.Key-1], peers[b.Key-1]
				if q.Bid > o.Bid && paid(a) < s.want(q) && paid(b) > 0 {
					return fmt.Errorf("%d bids more than %d and lacks %d B/s", a.Key, b.Key, s.want(q)-a.Rate)
				}
				gap := paid(a)*s.want(o) - paid(b)*s.want(q)
				if q.Bid == o.Bid && gap > s.want(q)+s.want(o) {
					return fmt.Errorf("%d and %d bid the same: %d of %d, %d of %d", a.Key, b.Key, paid(a), s.want(q), paid(b), s.want(o))
				}
			}
		}
		return nil
	})
}

// TestFreeShare: the free tier gets its share, or all that it can take.
func TestFreeShare(t *testing.T) {
	forAllMarkets(t, 5000, func(_ *rand.Rand, p Policy, peers []Peer, got []Grant) error {
		have, can := int64(0), int64(0)
		for _, g := range got {
			if q := peers[g.Key-1]; q.Interested && g.Slot != Paid {
				have += g.Rate
				can += q.demand(p.Uplink)
			}
		}
		rounded := int64(len(peers)) // losers by rounding are not counted among those who can take
		if want := min(p.Uplink*int64(p.FreeShare)/100, can); p.Slots+p.Optimistic > 0 && have < want-rounded {
			return fmt.Errorf("%d B/s for the free tier, want %d", have, want)
		}
		return nil
	})
}

// TestWorkConserving: the uplink never idles while somebody is interested.
func TestWorkConserving(t *testing.T) {
	forAllMarkets(t, 5000, func(_ *rand.Rand, p Policy, peers []Peer, got []Grant) error {
		p.Slots = max(p.Slots, 1)
		sum, can := int64(0), int64(0)
		s := slowSale{p: p}
		for _, g := range Allocate(epoch, p, peers) {
			q := peers[g.Key-1]
			sum += g.Rate
			switch {
			case g.Slot == Paid:
				can += s.want(q)
			case q.Interested:
				can += q.demand(p.Uplink)
			}
		}
		if sum != min(p.Uplink, can) {
			return fmt.Errorf("%d B/s of %d, %d could be taken", sum, p.Uplink, can)
		}
		return nil
	})
}

// TestNoWorse: a bidder that wins nothing is served as if it had not bid, and so
// is everybody else, but for the price that the winners pay.
func TestNoWorse(t *testing.T) {
	forAllMarkets(t, 3000, func(_ *rand.Rand, p Policy, peers []Peer, _ []Grant) error {
		peers = fresh(peers)
		with := Allocate(epoch, p, peers)
		least := btt.Rate(1 << 62) // the lowest bid that wins
		for _, g := range with {
			if g.Slot == Paid {
				least = min(least, peers[g.Key-1].Bid)
			}
		}
		for i, q := range peers {
			if of(with, q.Key).Bid != Outbid || q.Bid >= least {
				continue
			}
			other := slices.Clone(peers)
			other[i].Bid = 0
			for _, g := range Allocate(epoch, p, other) {
				w := of(with, g.Key)
				if g.Slot != w.Slot || g.Rate != w.Rate || g.Reason != w.Reason || g.Price > w.Price {
					return fmt.Errorf("if %d did not bid, %d would have %+v, not %+v", q.Key, g.Key, g, w)
				}
			}
		}
		return nil
	})
}

// TestSpared: whoever gets only what higher bids left would not be served faster
// for nothing if it and its equals had lost, and whoever is spared has a slot.
func TestSpared(t *testing.T) {
	forAllMarkets(t, 3000, func(_ *rand.Rand, p Policy, peers []Peer, _ []Grant) error {
		peers = fresh(peers)
		got := Allocate(epoch, p, peers)
		for _, g := range got {
			if g.Bid != WonPart {
				continue
			}
			other := unspared(peers, got)
			for i, q := range other {
				if q.Bid == peers[g.Key-1].Bid && of(got, q.Key).Slot == Paid {
					other[i].Bid = 0
				}
			}
			lower := slices.Clone(other) // nor do those win then that bid less
			for i := range lower {
				if lower[i].Bid < peers[g.Key-1].Bid {
					lower[i].Bid = 0
				}
			}
			free := p.Uplink * int64(p.FreeShare) / 100
			waiting := slices.DeleteFunc(slices.Clone(lower), func(q Peer) bool { return !q.Interested || q.Bid > 0 && of(got, q.Key).Slot == Paid })
			_, rates := slowFree(p, waiting, free)
			if r := rates[g.Key]; r > g.Rate+2 {
				return fmt.Errorf("%d pays for %d B/s, has %d for nothing", g.Key, g.Rate, r)
			}
		}
		return nil
	})
}

// TestSparedSeldomWorse: with bids that differ, few winners would be served faster
// without their bid: those where two or more are spared or not together.
func TestSparedSeldomWorse(t *testing.T) {
	winners, worse := 0, 0
	for seed := range uint64(2000) {
		r, p, peers := random(seed)
		p.Market, p.Uplink, p.FreeShare, p.Slots = true, max(p.Uplink, 1000), 20, 4
		peers = fresh(peers)
		for i := range peers {
			peers[i].Cap, peers[i].Reserve = 0, 0
			if peers[i].Bid > 0 {
				peers[i].Bid = btt.Rate(1 + r.IntN(1_000_000))
			}
		}
		got := Allocate(epoch, p, peers)
		for i, g := range got {
			if g.Slot != Paid {
				continue
			}
			winners++
			other := slices.Clone(peers)
			other[i].Bid = 0
			if h := of(Allocate(epoch, p, other), g.Key); h.Rate > g.Rate {
				worse++
			}
		}
	}
	t.Logf("%d of %d winners", worse, winners)
	if winners < 3000 || worse*200 > winners {
		t.Errorf("%d of %d winners would be served faster without their bid", worse, winners)
	}
}

// TestBid: bidding more never gets a peer less. (With a free share it can, where
// those that it outbids then have to be left their part of that share.)
func TestBid(t *testing.T) {
	forAllMarkets(t, 2000, func(_ *rand.Rand, p Policy, peers []Peer, _ []Grant) error {
		p.FreeShare = 0
		with := Allocate(epoch, p, peers)
		for i, q := range peers {
			g := of(with, q.Key)
			if g.Slot != Paid {
				continue
			}
			other := slices.Clone(peers)
			other[i].Bid++
			if h := of(Allocate(epoch, p, other), q.Key); h.Slot != Paid || h.Rate < g.Rate {
				return fmt.Errorf("%d bids one more and has %+v, not %+v", q.Key, h, g)
			}
		}
		return nil
	})
}

// TestPrivate: a peer whose torrent takes no bids neither pays nor displaces.
func TestPrivate(t *testing.T) {
	forAllMarkets(t, 3000, func(_ *rand.Rand, p Policy, peers []Peer, _ []Grant) error {
		peers = fresh(peers)
		for i := range peers {
			peers[i].NoBids = true
		}
		with := Allocate(epoch, p, peers)
		for i := range peers {
			peers[i].Bid = 0
		}
		for _, g := range Allocate(epoch, p, peers) {
			if w := of(with, g.Key); g.Slot != w.Slot || g.Rate != w.Rate {
				return fmt.Errorf("%+v, without bids %+v", w, g)
			}
		}
		return nil
	})
}

// TestUnlimited: where nothing is scarce every bid wins, at the reserve.
func TestUnlimited(t *testing.T) {
	forAll(t, 2000, func(_ *rand.Rand, p Policy, peers []Peer) error {
		p.Market, p.Uplink = true, 0
		for _, g := range Allocate(epoch, p, fresh(peers)) {
			q := peers[g.Key-1]
			if g.Bid == Outbid || g.Bid == WonPart || g.Slot == Paid && g.Price != q.Reserve || g.Slot != Choked && g.Rate != evenWeight {
				return fmt.Errorf("%+v", g)
			}
		}
		return nil
	})
}

// TestHysteresis: a quote stands for QuoteFor whatever happens but a lower bid,
// and after that while price and rate are within a tenth.
func TestHysteresis(t *testing.T) {
	p := DefaultPolicy()
	p.Market, p.Uplink, p.FreeShare = true, 1000, 0
	for _, tt := range []struct {
		quote Quote
		after time.Duration
		bid   btt.Rate
		rival btt.Rate // sets the price
		want  btt.Rate
		anew  bool
	}{
		{Quote{}, 0, 100, 50, 50, true},                                               // the first
		{Quote{Price: 80, Rate: 500, At: epoch}, 9 * time.Second, 100, 50, 80, false}, // young
		{Quote{Price: 80, Rate: 500, At: epoch}, 10 * time.Second, 100, 50, 50, true},
		{Quote{Price: 80, Rate: 500, At: epoch}, time.Second, 79, 50, 50, true}, // the bid was lowered
		{Quote{Price: 54, Rate: 1000, At: epoch}, time.Minute, 100, 50, 54, false},
		{Quote{Price: 50, Rate: 1000, At: epoch}, time.Minute, 100, 55, 50, false}, // a tenth
		{Quote{Price: 50, Rate: 1000, At: epoch}, time.Minute, 100, 56, 56, true},  // more
		{Quote{Price: 50, Rate: 900, At: epoch}, time.Minute, 100, 50, 50, true},   // the rate moved
		{Quote{Price: 39, Rate: 1000, At: epoch}, time.Minute, 100, 40, 40, true},  // the reserve was raised
	} {
		peers := []Peer{
			{Key: 1, Interested: true, Standing: true, Bid: tt.bid, Quote: tt.quote, Slot: Paid, Reserve: 40},
			{Key: 2, Interested: true, Standing: true, Bid: tt.rival},
		}
		if g := of(Allocate(epoch.Add(tt.after), p, peers), 1); g.Price != tt.want || g.Requote != tt.anew {
			t.Errorf("%+v: %+v", tt, g)
		}
	}
}
