package engine

import (
	"context"
	"sync"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/wire"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// grantAll is a payment side that believes everybody and has money without end. It
// keeps what it was told. Its fields are guarded by mu.
type grantAll struct {
	mu      sync.Mutex
	nonce   byte
	bad     map[swarm.PeerKey]bool // not in good standing
	parties map[swarm.PeerKey]Party
	ready   map[swarm.PeerKey]bool // its hello came
	sold    map[swarm.PeerKey]map[int64]Charge
	bought  map[swarm.PeerKey]map[int64]Charge
	got     []wire.Message
	gone    int
}

func newGrantAll() *grantAll {
	return &grantAll{
		bad: map[swarm.PeerKey]bool{}, parties: map[swarm.PeerKey]Party{}, ready: map[swarm.PeerKey]bool{},
		sold: map[swarm.PeerKey]map[int64]Charge{}, bought: map[swarm.PeerKey]map[int64]Charge{},
	}
}

func (p *grantAll) Hello(q Party) (wire.Hello, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nonce++
	p.parties[q.Key] = q
	return wire.Hello{
		Nonce:       [wire.NonceSize]byte{p.nonce},
		Instruments: []wire.Instrument{{Kind: wire.Direct, Chain: 1}},
	}, true
}

func (p *grantAll) Message(k swarm.PeerKey, m wire.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, m)
	if m.Type() == wire.TypeHello {
		p.ready[k] = true
	}
}

func (p *grantAll) Ready(k swarm.PeerKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ready[k]
}

func (p *grantAll) Standing(k swarm.PeerKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.bad[k]
}

func (p *grantAll) Budget(swarm.InfoHash) Budget { return Budget{Balance: 1_000_000 * btt.One} }

func (p *grantAll) Terms(_ swarm.PeerKey, q wire.Quote) wire.Quote {
	q.Window = 4 << 20
	return q
}

func (p *grantAll) Sold(k swarm.PeerKey, c Charge)   { p.charge(p.sold, k, c) }
func (p *grantAll) Bought(k swarm.PeerKey, c Charge) { p.charge(p.bought, k, c) }

func (p *grantAll) charge(of map[swarm.PeerKey]map[int64]Charge, k swarm.PeerKey, c Charge) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if of[k] == nil {
		of[k] = map[int64]Charge{}
	}
	of[k][c.Quote] = c
}

func (p *grantAll) Gone(swarm.PeerKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone++
}

// total is the sum of bytes and money of charges.
func (p *grantAll) total(of map[swarm.PeerKey]map[int64]Charge) (bytes int64, cost btt.Amount) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, charges := range of {
		for _, c := range charges {
			a, _ := c.Price.Cost(c.Bytes)
			bytes, cost = bytes+c.Bytes, cost+a
		}
	}
	return bytes, cost
}

// trading is a session of a test with the market on and the payment side of it.
func trading(t *testing.T, change func(*Config)) (*session, *grantAll) {
	t.Helper()
	return tradingBy(t, nil, change)
}

// tradingBy is trading with something changed before it runs.
func tradingBy(t *testing.T, before func(*Engine), change func(*Config)) (*session, *grantAll) {
	t.Helper()
	c := testConfig(t, t.TempDir())
	pay := newGrantAll()
	c.Payments, c.Market.On = pay, true
	c.SubnetSlots = 0
	if change != nil {
		change(&c)
	}
	return runWith(t, c, before), pay
}

// bids has a session bid up to price in µBTT per MiB.
func bids(price btt.Rate) func(*Config) {
	return func(c *Config) {
		c.Market.AutoBid = bidding.AutoBid{Mode: bidding.Fast, MaxPrice: price, PerTorrent: 1000 * btt.One, PerDay: 1000 * btt.One}
	}
}

// market is the Market tab of a torrent.
func (s *session) marketTab(ih swarm.InfoHash) *swarm.Market {
	s.t.Helper()
	d, err := s.Details(s.t.Context(), ih, swarm.PartMarket)
	if err != nil {
		s.t.Fatal(err)
	}
	return d.Market
}

// until polls ok until it holds, or fails the test.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	if err := lab.Until(ctx, func() (bool, error) { return ok(), nil }); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// TestMoneyBuysBandwidth has two sessions bid at a third one with a limit. The
// higher bid gets the whole of what is for sale, at the price that the lower one
// had offered; both ends count the same bytes.
func TestMoneyBuysBandwidth(t *testing.T) {
	t.Parallel()
	p := payload(t, 24<<20)
	const limit = 3 << 20
	seed, earned := trading(t, func(c *Config) { c.UpLimit = limit })
	rich, spent := trading(t, bids(8000))
	poor, _ := trading(t, bids(3000))
	seed.seed(p)
	join := func(s *session) {
		s.add(swarm.Add{Source: swarm.Source{File: p.File}})
		connect(t, p.InfoHash, s, seed)
	}
	join(poor)
	until(t, "a lone bidder gets everything at the reserve price", func() bool {
		m := seed.marketTab(p.InfoHash)
		return len(m.Bidders) == 1 && m.Bidders[0].Outcome == swarm.Won && m.Bidders[0].Price == 0 && m.Sold == limit
	})
	join(rich)
	until(t, "the higher bid wins at the lower one's price", func() bool {
		m := seed.marketTab(p.InfoHash)
		return len(m.Bidders) == 2 && m.Bidders[0].Bid == 8000 && m.Bidders[0].Price == 3000 && m.Bidders[0].Slot == swarm.Paid &&
			m.Bidders[0].Why == swarm.WhyBought && m.Bidders[1].Outcome == swarm.Outbid && m.Bidders[1].Slot == swarm.Regular &&
			m.Sold+m.Free == limit && m.Free == percent(limit, 20)
	})
	until(t, "the buyer knows its price", func() bool {
		m := rich.marketTab(p.InfoHash)
		return len(m.Bids) == 1 && m.Bids[0].Price == 3000 && m.Bids[0].Bid == 8000 && m.Bids[0].Verified > 0
	})
	if r := seed.wait(p.InfoHash, "earning", func(r *swarm.Torrent) bool { return r.Earning > 0 }); r.Spending != 0 {
		t.Errorf("the seed spends %d", r.Spending)
	}
	if r := rich.wait(p.InfoHash, "spending", func(r *swarm.Torrent) bool { return r.Spending > 0 }); r.Earning != 0 {
		t.Errorf("the buyer earns %d", r.Earning)
	}
	rich.wait(p.InfoHash, "downloaded", seeding)
	poor.wait(p.InfoHash, "downloaded", seeding)
	until(t, "the sale ends", func() bool { return seed.marketTab(p.InfoHash).Sold == 0 })
	sold, income := earned.total(earned.sold)
	bought, cost := spent.total(spent.bought)
	t.Logf("sold %d bytes for %v, bought %d for %v", sold, income, bought, cost)
	if income < cost || income > cost+cost/50 {
		t.Errorf("sold for %v, bought for %v", income, cost)
	}
}
