package engine

import (
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/wire"
	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// bidOf adds to what the allocator is told of a peer what the market knows of it.
func (e *Engine) bidOf(m *managed, b *bidding.Peer) {
	if !e.trading() {
		return
	}
	b.NoBids = !m.mayTrade()
	b.Reserve = e.market.reserve[m.ih()]
	t := e.market.traders[swarm.PeerKey(b.Key)]
	if t == nil || t.over {
		return
	}
	if e.pays() {
		e.learn(t)
		b.Quote, b.Bid, b.Cap, b.Standing = t.quote, t.bid.Price, t.bid.Demand, t.standing.Good
		return
	}
	b.Quote = t.quote
	if t.bid.Price > 0 && !t.spent() {
		b.Bid, b.Cap = t.bid.Price, t.bid.Demand
		b.Standing = e.cfg.Payments.Ready(t.key) && e.cfg.Payments.Standing(t.key)
	}
}

// spent reports whether the peer was charged all that it would pay in all.
func (t *trader) spent() bool {
	cost, err := t.quote.Price.Cost(t.sale(t.link.Stats()))
	if err == nil {
		cost, err = cost.Add(t.cost)
	}
	return err != nil || cost >= t.bid.Most
}

// endQuote closes the account of the quote in force, of which n bytes were sent.
func (e *Engine) endQuote(t *trader, n int64) {
	t.charged += n
	cost, err := t.quote.Price.Cost(n)
	if err == nil {
		cost, err = t.cost.Add(cost)
	}
	if t.cost = cost; err != nil {
		t.cost = btt.MaxAmount
	}
	e.cfg.Payments.Sold(t.key, Charge{Quote: t.number, Price: t.quote.Price, Bytes: n, Ended: true})
	t.quote = bidding.Quote{}
}

// sale is the payload that was sent under the quote in force.
func (t *trader) sale(s link.Stats) int64 {
	if t.quote.At.IsZero() || t.standing.Met {
		return 0
	}
	return max(0, s.PayloadOut-t.from)
}

// quoteAll carries out the prices of a round: who has to be told of one is sent a
// quote, who is not served for money any more is told so.
func (e *Engine) quoteAll(now time.Time, grants []bidding.Grant) {
	if !e.trading() {
		return
	}
	e.market.sold, e.market.free = 0, 0
	paid := make(map[swarm.PeerKey]bidding.Slot, len(e.market.traders))
	for i := range grants {
		g := &grants[i]
		if g.Slot == bidding.Paid {
			e.market.sold += g.Rate
		} else {
			e.market.free += g.Rate
		}
		t := e.market.traders[swarm.PeerKey(g.Key)]
		if t == nil {
			continue
		}
		paid[t.key] = g.Slot
		t.link.SetDirect(g.Slot == bidding.Paid)
		if e.pays() {
			continue
		}
		if g.Slot == bidding.Paid && g.Requote {
			e.quote(t, now, g)
		}
	}
	if e.pays() {
		e.market.broker.Grants(grants)
		return
	}
	for k, t := range e.market.traders {
		slot := paid[k]
		if slot == bidding.Paid || t.quote.At.IsZero() {
			continue
		}
		e.endSale(t, t.link.Stats())
		if slot != bidding.Choked { // a choke ends it by itself
			e.say(t, wire.Stop{Reason: wire.Done})
			t.offer = bidding.Offer{} // stop took our bid back
		}
	}
}

// quote tells t the price from now on. What was released before it is on its way
// ahead of it and still belongs to the account before.
func (e *Engine) quote(t *trader, now time.Time, g *bidding.Grant) {
	s := t.link.Stats()
	s.PayloadOut += int64(s.ReleasedBytes)
	if !t.quote.At.IsZero() {
		e.endQuote(t, t.sale(s))
	}
	t.number++
	t.from, t.told = s.PayloadOut, 0
	t.quote = bidding.Quote{Price: g.Price, Rate: g.Rate, At: now}
	q := wire.Quote{Price: g.Price, Rate: g.Rate, Number: t.number, Served: t.charged}
	e.say(t, e.cfg.Payments.Terms(t.key, q))
}

// endSale ends the quote in force. What is released already is still sent and
// counted.
func (e *Engine) endSale(t *trader, s link.Stats) {
	if t.quote.At.IsZero() {
		return
	}
	s.PayloadOut += int64(s.ReleasedBytes)
	e.endQuote(t, t.sale(s))
}

// tellSold tells what was served so far under the quote in force.
func (e *Engine) tellSold(t *trader) {
	if n := t.sale(t.link.Stats()); n > t.told {
		t.told = n
		e.cfg.Payments.Sold(t.key, Charge{Quote: t.number, Price: t.quote.Price, Bytes: n})
	}
}

// priceOf is the reserve price of m now.
func (e *Engine) priceOf(m *managed, now time.Time) btt.Rate {
	if !m.mayTrade() {
		return 0
	}
	r := e.set.Market.Reserve
	if b := m.rec.Market; b.OwnReserve {
		r = bidding.Reserve{ByRarity: b.ByRarity, Price: btt.Rate(b.Reserve)}
	}
	return r.At(now, m.rec.Alone)
}
