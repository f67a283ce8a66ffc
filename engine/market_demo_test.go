package engine

import (
	"math"
	"testing"
	"time"

	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// TestOrdinaryPeersKeepTheirShare has two clients of ours that would pay for more
// than the whole uplink, and libtorrent, aria2 and Transmission beside them: in
// every ten seconds the three together get at least 95 % of the free share.
func TestOrdinaryPeersKeepTheirShare(t *testing.T) {
	needsPrograms(t)
	t.Parallel()
	const limit = 4 << 20
	p := payload(t, 256<<20)
	seed, _ := trading(t, func(c *Config) { c.UpLimit = limit })
	seed.seed(p)
	for _, price := range []btt.Rate{9000, 4000} {
		b, _ := trading(t, func(c *Config) { bids(price)(c); c.DownLimit = percent(limit, 60) })
		b.add(swarm.Add{Source: swarm.Source{File: p.File}})
		connect(t, p.InfoHash, b, seed)
	}
	for _, kind := range others() {
		meet(t, seed, kind, ordinary(t, kind, lab.Options{}), p)
	}
	var free []*swarm.Bidder
	until(t, "all but the free share is paid for, and the three are served", func() bool {
		m := seed.marketTab(p.InfoHash)
		free = nil
		for i := range m.Bidders {
			if b := &m.Bidders[i]; b.Bid == 0 && b.Slot != swarm.NoSlot {
				free = append(free, b)
			}
		}
		return len(free) == 3 && m.Sold == limit-m.Free && m.Free == percent(limit, 20)
	})
	given := func() (n, all int64) {
		paying := map[swarm.PeerKey]bool{}
		for _, b := range seed.marketTab(p.InfoHash).Bidders {
			paying[b.Key] = b.Bid > 0
		}
		for _, l := range seed.links.All() {
			if all += l.Stats().PayloadOut; !paying[l.Key()] {
				n += l.Stats().PayloadOut
			}
		}
		return n, all
	}
	type sample struct {
		at        time.Time
		free, all int64
	}
	var seen []sample
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for len(seen) < 31 {
		n, all := given()
		seen = append(seen, sample{time.Now(), n, all})
		<-tick.C
	}
	worst, used := math.Inf(1), []float64(nil)
	for i := 10; i < len(seen); i++ {
		a, b := seen[i-10], seen[i]
		// Of what was sent, since a machine that stands still serves nobody.
		worst = min(worst, float64(b.free-a.free)/float64(percent(b.all-a.all, 20)))
		used = append(used, float64(b.all-a.all)/b.at.Sub(a.at).Seconds()/limit)
	}
	t.Logf("in ten seconds they got at least %.3f of the free share; the limit was used to %.3f", worst, median(used))
	if worst < 0.95 || median(used) < 0.98 {
		t.Errorf("in ten seconds the free share was served to %.3f; the limit was used to %.3f", worst, used)
	}
}

// TestPayingFinishesAsPredicted has three clients of ours bid different prices and
// one that does not, and predicts from the rule alone who finishes when: by a
// simulation of the flows that begins when the prices are known. The order must be
// as predicted, and each time within 5 %.
func TestPayingFinishesAsPredicted(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel()
	const limit = 6 << 20
	p := payload(t, 64<<20)
	seed, _ := trading(t, func(c *Config) { c.UpLimit = limit })
	seed.seed(p)
	var buyers []*session
	for _, price := range []btt.Rate{0, 3000, 6000, 9000} {
		b, _ := trading(t, bids(price))
		b.add(swarm.Add{Source: swarm.Source{File: p.File}})
		buyers = append(buyers, b)
	}
	for _, b := range buyers {
		connect(t, p.InfoHash, b, seed)
	}
	until(t, "all bids are in and the highest has won", func() bool {
		m := seed.marketTab(p.InfoHash)
		return len(m.Bidders) == 4 && m.Bidders[0].Bid == 9000 && m.Bidders[0].Slot == swarm.Paid &&
			m.Bidders[1].Outcome == swarm.Outbid && m.Bidders[2].Outcome == swarm.Outbid
	})
	began := time.Now()
	left := make([]float64, len(buyers))
	byID := map[swarm.PeerID]int{}
	for i, b := range buyers {
		byID[b.PeerID()] = i
	}
	for _, l := range seed.links.All() {
		left[byID[l.PeerID()]] = float64(p.Size - l.Stats().PayloadOut)
	}
	predicted := predict(left, limit)
	took := make([]float64, len(buyers))
	until(t, "everybody is done", func() bool {
		done := 0
		for i, b := range buyers {
			if took[i] == 0 && b.complete(p) {
				took[i] = time.Since(began).Seconds()
			}
			if took[i] > 0 {
				done++
			}
		}
		return done == len(buyers)
	})
	for i := range buyers {
		t.Logf("the bid of %d was predicted to finish after %.1f s and took %.1f s", 3000*i, predicted[i], took[i])
		if math.Abs(took[i]-predicted[i]) > 0.05*predicted[i] {
			t.Errorf("the bid of %d took %.1f s, predicted %.1f s", 3000*i, took[i], predicted[i])
		}
		if i > 0 && took[i] > took[i-1] {
			t.Errorf("the bid of %d finished after that of %d", 3000*i, 3000*(i-1))
		}
	}
}

// complete asks the session itself, since a snapshot may be a second old.
func (s *session) complete(p *lab.Payload) (done bool) {
	s.t.Helper()
	err := s.do(s.t.Context(), func() error {
		have, _ := s.torrents[p.InfoHash].pieces()
		done = have.Count() == p.Pieces
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return done
}

// predict tells when each is done, who bids more the later it stands in left: the
// highest gets all but the free share, which the others, losers or not bidding,
// share evenly.
func predict(left []float64, limit float64) []float64 {
	done := make([]float64, len(left))
	const step = 0.01
	for now := step; ; now += step {
		top, open := -1, 0
		for i := range left {
			if left[i] > 0 {
				open++
				if i > 0 {
					top = i
				}
			}
		}
		if open == 0 {
			return done
		}
		for i := range left {
			if left[i] <= 0 {
				continue
			}
			switch {
			case open == 1, top < 0:
				left[i] -= limit * step / float64(open)
			case i == top:
				left[i] -= 0.8 * limit * step
			default:
				left[i] -= 0.2 * limit * step / float64(open-1)
			}
			if left[i] <= 0 {
				done[i] = now
			}
		}
	}
}
