package engine

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/wire"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// auditor is a Broker that moves no money: each end tells the other all the time
// where in the stream it speaks, and notes what it is told itself.
type auditor struct {
	engine *Engine
	bid    btt.Rate // what it says each peer bids

	mu       sync.Mutex
	of       map[bidding.PeerKey]*audited
	faults   []string
	offers   map[bidding.PeerKey]btt.Rate
	sales    int // grants for money
	corrupt  []bidding.PeerKey
	messages int
}

// audited is one connection of an auditor.
type audited struct {
	Party
	gone             bool
	heard, served    int64
	verified         [][2]int64 // from, to
	chokes, chokedBy []int64
}

func newAuditor(bid btt.Rate) *auditor {
	return &auditor{bid: bid, of: map[bidding.PeerKey]*audited{}, offers: map[bidding.PeerKey]btt.Rate{}}
}

// with does f for a connection; one that is not known is a fault.
func (a *auditor) with(k bidding.PeerKey, what string, f func(*audited)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.of[k]
	if c == nil || c.gone && what != "verified" && what != "served" && what != "choked" {
		a.faults = append(a.faults, fmt.Sprintf("%s of peer %d, %+v", what, k, c))
		return
	}
	f(c)
}

func (a *auditor) Connected(p Party) {
	a.mu.Lock()
	if a.of[bidding.PeerKey(p.Key)] != nil {
		a.faults = append(a.faults, "connected twice")
	}
	a.of[bidding.PeerKey(p.Key)] = &audited{Party: p}
	a.mu.Unlock()
	a.say(bidding.PeerKey(p.Key))
}

// say says where it is said. The tiny message is no message of the extension, which
// is the broker's business.
func (a *auditor) say(k bidding.PeerKey) bool {
	return a.engine.Send(k, func(pos int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(pos)) })
}

func (a *auditor) Arrived(k bidding.PeerKey, payload []byte, pos int64) {
	a.with(k, "arrived", func(c *audited) {
		a.messages++
		if len(payload) != 8 {
			return
		}
		if said := int64(binary.BigEndian.Uint64(payload)); said != pos {
			a.faults = append(a.faults, fmt.Sprintf("a message that was said at %d arrived at %d", said, pos))
		}
		if pos < c.heard {
			a.faults = append(a.faults, "the position falls")
		}
		c.heard = pos
	})
}

func (a *auditor) Gone(k bidding.PeerKey) {
	a.with(k, "gone", func(c *audited) { c.gone = true })
}

func (a *auditor) Tell(k bidding.PeerKey, m wire.Message) {
	a.engine.Send(k, func(int64) []byte { b, _ := wire.Encode(m); return b })
}

func (a *auditor) Served(k bidding.PeerKey, pos int64) {
	a.with(k, "served", func(c *audited) {
		if pos <= c.served {
			a.faults = append(a.faults, fmt.Sprintf("served %d, then %d", c.served, pos))
		}
		c.served = pos
	})
}

func (a *auditor) Choked(k bidding.PeerKey, pos int64) {
	a.with(k, "choked", func(c *audited) { c.chokes = append(c.chokes, pos) })
}

func (a *auditor) ChokedBy(k bidding.PeerKey, pos int64) {
	a.with(k, "choked by", func(c *audited) { c.chokedBy = append(c.chokedBy, pos) })
}

func (a *auditor) Verified(k bidding.PeerKey, pos, n int64) {
	a.with(k, "verified", func(c *audited) { c.verified = append(c.verified, [2]int64{pos, pos + n}) })
}

func (a *auditor) Corrupt(k bidding.PeerKey) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.corrupt = append(a.corrupt, k)
}

func (a *auditor) Offer(k bidding.PeerKey, price btt.Rate, _ int64, _ btt.Amount) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.offers[k] = price
}

func (a *auditor) Grants(grants []bidding.Grant) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, g := range grants {
		if g.Slot == bidding.Paid {
			a.sales++
		}
	}
}

func (a *auditor) Standing(k bidding.PeerKey) Standing {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.of[k]; c == nil || c.gone {
		return Standing{}
	}
	return Standing{Met: true, Sells: true, Bid: a.bid, Good: true, Price: 7, Rate: 5, Bought: 3}
}

func (a *auditor) Budget(swarm.InfoHash) Budget { return Budget{Balance: 1000 * btt.One} }

// check fails the test for every fault.
func (a *auditor) check(t *testing.T, who string) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range a.faults[:min(len(a.faults), 10)] {
		t.Errorf("%s: %s", who, f)
	}
}

// verifiedBytes is what was said to be verified; a byte said twice is a fault.
func (a *auditor) verifiedBytes(t *testing.T) (sum int64) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for k, c := range a.of {
		slices.SortFunc(c.verified, func(x, y [2]int64) int { return int(min(max(x[0]-y[0], -1), 1)) })
		for i, v := range c.verified {
			if i > 0 && v[0] < c.verified[i-1][1] {
				t.Errorf("peer %d: %d is verified again", k, v[0])
			}
			sum += v[1] - v[0]
		}
	}
	return sum
}

// auditedSession starts a session with an auditor.
func auditedSession(t *testing.T, bid btt.Rate, change func(*Config)) (*session, *auditor) {
	t.Helper()
	a := newAuditor(bid)
	c := testConfig(t, t.TempDir())
	c.Broker, c.Market.On, c.SubnetSlots = a, true, 0
	if change != nil {
		change(&c)
	}
	return runWith(t, c, func(e *Engine) { a.engine = e }), a
}

// TestTheStreamIsTheSameAtBothEnds has two sessions load from a third while all talk
// without pause and connections are cut: every message arrives where it was said,
// and each byte of the file is said to be verified once.
func TestTheStreamIsTheSameAtBothEnds(t *testing.T) {
	t.Parallel()
	p := payload(t, 24<<20)
	seed, sold := auditedSession(t, 500, func(c *Config) { c.UpLimit = 6 << 20 })
	seed.seed(p)
	var leeches []*session
	var bought []*auditor
	for range 2 {
		s, a := auditedSession(t, 0, bids(5000))
		s.add(swarm.Add{Source: swarm.Source{File: p.File}})
		connect(t, p.InfoHash, s, seed)
		leeches, bought = append(leeches, s), append(bought, a)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for _, a := range append(bought, sold) {
		wg.Go(func() {
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-stop:
					return
				case <-tick.C:
				}
				a.mu.Lock()
				var live []bidding.PeerKey
				for k, c := range a.of {
					if !c.gone {
						live = append(live, k)
					}
				}
				a.mu.Unlock()
				for _, k := range live {
					a.say(k)
				}
			}
		})
	}
	cut := func() {
		all := seed.links.All()
		_ = all[rand.IntN(len(all))].Close()
	}
	for _, s := range leeches {
		s.wait(p.InfoHash, "a third", func(r *swarm.Torrent) bool { return r.Completed > p.Size/3 })
		cut()
		connect(t, p.InfoHash, s, seed)
		until(t, "the buyer knows its price", func() bool {
			m := s.marketTab(p.InfoHash)
			return len(m.Bids) > 0 && m.Bids[0].Price == 7 && m.Bids[0].Granted == 5 && m.Bids[0].Bid == 5000
		})
	}
	for _, s := range leeches {
		s.wait(p.InfoHash, "downloaded", seeding)
	}
	close(stop)
	wg.Wait()
	for i, a := range bought {
		a.check(t, "buyer")
		if n := a.verifiedBytes(t); n != p.Size {
			t.Errorf("buyer %d: %d bytes were said to be verified, the file has %d", i, n, p.Size)
		}
	}
	sold.check(t, "seed")
	sold.mu.Lock()
	defer sold.mu.Unlock()
	served, length := int64(0), seed.torrents[p.InfoHash].meta.PieceLength
	for _, c := range sold.of {
		served += c.served
		if c.Piece != length || c.InfoHash != p.InfoHash {
			t.Errorf("party %+v", c.Party)
		}
	}
	if served < 2*p.Size || sold.messages < 1000 || sold.sales == 0 {
		t.Errorf("served %d, %d messages, %d sales", served, sold.messages, sold.sales)
	}
}

// TestCreditHoldsTheStream: a peer gets no byte beyond what the broker allows, and
// goes on when it allows more.
func TestCreditHoldsTheStream(t *testing.T) {
	t.Parallel()
	p := payload(t, 2<<20)
	seed, sold := auditedSession(t, 500, nil)
	seed.seed(p)
	leech, _ := auditedSession(t, 0, nil)
	const credit = 300 << 10
	sold.mu.Lock() // so that the bound is there before the first block
	leech.add(swarm.Add{Source: swarm.Source{File: p.File}})
	sold.mu.Unlock()
	connect(t, p.InfoHash, leech, seed)
	var k bidding.PeerKey
	until(t, "met", func() bool {
		sold.mu.Lock()
		defer sold.mu.Unlock()
		for x := range sold.of {
			k = x
		}
		return k != 0
	})
	seed.Limit(k, credit)
	served := func() int64 {
		sold.mu.Lock()
		defer sold.mu.Unlock()
		return sold.of[k].served
	}
	until(t, "the credit is used up", func() bool { return served() > credit-lab.Block })
	before := served()
	seed.kickRechoke()
	for range 5 {
		_ = seed.marketTab(p.InfoHash) // the loop goes round
	}
	if now := served(); now != before && before <= credit || before > credit && now != before {
		t.Errorf("served %d, then %d, of %d", before, now, credit)
	}
	seed.Limit(k, math.MaxInt64)
	leech.wait(p.InfoHash, "downloaded", seeding)
	if seed.Send(k+1000, func(int64) []byte { t.Error("called"); return nil }) {
		t.Error("said to nobody")
	}
	sold.check(t, "seed")
}

// TestOneThatSentAPieceThatIsWrongIsNamed: only if nobody else had a part in it.
func TestOneThatSentAPieceThatIsWrongIsNamed(t *testing.T) {
	p := payload(t, 1<<20)
	a := newAuditor(0)
	mk := newMarket(a)
	e := &Engine{market: mk}
	s := run(t, testConfig(t, t.TempDir()))
	s.seed(p)
	e.market.books.open(s.torrents[p.InfoHash])
	length := s.torrents[p.InfoHash].meta.PieceLength
	x, y := &ear{}, &ear{}
	x.voice.Store(&voice{key: 1})
	y.voice.Store(&voice{key: 2})
	a.of[1], a.of[2] = &audited{}, &audited{}
	fill := func(piece uint32, who func(int64) *ear) {
		for at := int64(0); at < length; at += lab.Block {
			mk.books.got(p.InfoHash, piece, uint32(at), delivery{ear: who(at), pos: at, n: lab.Block})
		}
	}
	only := func(x *ear) func(int64) *ear { return func(int64) *ear { return x } }
	fill(0, only(x))
	mk.pieceDone(p.InfoHash, 0, false)
	fill(0, func(at int64) *ear {
		if at == lab.Block {
			return y
		}
		return x
	})
	mk.pieceDone(p.InfoHash, 0, false)
	fill(0, func(at int64) *ear {
		if at == lab.Block {
			return nil // an ordinary peer
		}
		return y
	})
	mk.pieceDone(p.InfoHash, 0, false)
	if !slices.Equal(a.corrupt, []bidding.PeerKey{1}) {
		t.Errorf("blamed %v", a.corrupt)
	}
	fill(1, only(y))
	mk.pieceDone(p.InfoHash, 1, true)
	mk.pieceDone(p.InfoHash, 1, true)
	if v := a.of[2].verified; len(v) != 1 || v[0] != [2]int64{0, length} {
		t.Errorf("verified %v", v)
	}
	if got := a.verifiedBytes(t); got != length {
		t.Errorf("%d bytes", got)
	}
}
