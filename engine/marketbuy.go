package engine

import (
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/wire"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// autoBid is how m bids: the session's way, changed by what the user set for it.
func (e *Engine) autoBid(m *managed) bidding.AutoBid {
	a := e.set.Market.AutoBid
	b := m.rec.Market
	if b.Mode != swarm.BidAsSession {
		a.Mode = modeOf(b.Mode)
	}
	if b.MaxPrice > 0 {
		a.MaxPrice = btt.Rate(b.MaxPrice)
	}
	if b.MaxTotal > 0 {
		a.PerTorrent = btt.Amount(b.MaxTotal)
	}
	return a
}

func modeOf(m swarm.BidMode) bidding.Mode {
	switch m {
	case swarm.BidEco:
		return bidding.Eco
	case swarm.BidBalanced:
		return bidding.Balanced
	case swarm.BidFast:
		return bidding.Fast
	case swarm.BidPaper:
		return bidding.Paper
	case swarm.BidAsSession, swarm.BidOff:
	}
	return bidding.Off
}

// buy brings our bids up to date, about once a second.
func (e *Engine) buy(now time.Time) {
	for _, t := range e.market.traders {
		if m := e.torrents[t.ear.ih]; m != nil && !t.over && t.met() {
			e.bid(m, t, now)
		}
	}
}

// bid tells t what we offer it now, if that is something else than before.
func (e *Engine) bid(m *managed, t *trader, now time.Time) {
	s := t.link.Stats()
	if s.ChokingUs && !e.pays() {
		e.endPurchase(t)
	}
	if t.buying.Number == 0 {
		if p, ok := e.peers.of[t.key]; ok && p.rates.down > 0 {
			t.freeRate = p.rates.down
		}
	}
	var next bidding.Offer
	sells := t.sells() && (e.pays() || e.cfg.Payments.Ready(t.key))
	if sells && s.Interesting && e.isBuying(m) {
		next = e.autoBid(m).Offer(e.downloadOf(m, t))
	}
	tell := bidding.Rebid(now, t.offerAt, t.offer, next) || t.changed && next != t.offer
	t.changed = false
	if !tell {
		return
	}
	if e.pays() {
		e.offerTo(m, t, now, next)
		return
	}
	t.offer, t.offerAt = next, now
	if next.Price == 0 && t.buying.Number != 0 {
		e.stop(t, wire.Done)
		return
	}
	e.say(t, wire.Bid{Price: next.Price, Demand: next.Demand, Most: next.Most})
}

// downloadOf is what auto-bid is told of m and one provider.
func (e *Engine) downloadOf(m *managed, t *trader) bidding.Download {
	b := e.budget(m.ih())
	d := bidding.Download{
		Remaining: m.view.wanted - m.view.completed,
		Spent:     b.Spent, SpentDay: b.SpentDay, Balance: b.Balance,
		Wanted: e.wantedRate(m), Reserve: t.reserve,
	}
	if t.buying.Number == 0 {
		d.Free = t.freeRate
	}
	return d
}

// wantedRate is the least of the limits on what m may load, 0 = none.
func (e *Engine) wantedRate(m *managed) int64 {
	own, all := m.rec.Limits.Down, e.set.DownLimit
	if own == 0 || all > 0 && all < own {
		return all
	}
	return own
}

// quoted takes in a price. One that is above our bid is refused before anything
// more is asked for.
func (e *Engine) quoted(t *trader, q wire.Quote) {
	e.endPurchase(t)
	if q.Number <= t.seen.Number {
		e.misheard(t, wire.ErrTurn) // quotes count up
		return
	}
	t.seen = q
	if t.offer.Price == 0 || q.Price > t.offer.Price {
		e.stop(t, wire.Price)
		return
	}
	t.buying = q
	for n := range t.verified {
		if n <= q.Number-maxQuotes || n > q.Number {
			delete(t.verified, n)
		}
	}
	t.verified[q.Number] = &Charge{Quote: q.Number, Price: q.Price}
	e.cfg.Payments.Message(t.key, q)
}

// stop ends all quotes on the connection; our bid ends with them.
func (e *Engine) stop(t *trader, why wire.Reason) {
	e.endPurchase(t)
	e.endSale(t, t.link.Stats())
	t.offer = bidding.Offer{}
	e.say(t, wire.Stop{Reason: why})
}

// endPurchase ends the quote in force. Blocks that came under it may still be
// verified.
func (e *Engine) endPurchase(t *trader) {
	if t.buying.Number == 0 {
		return
	}
	if c := t.verified[t.buying.Number]; c != nil {
		c.Ended = true
		e.cfg.Payments.Bought(t.key, *c)
	}
	t.buying = wire.Quote{}
}

// countBought books the blocks of the pieces that were verified since the last
// look. Blocks under a quote that was refused are for nothing.
func (e *Engine) countBought(m *managed) {
	if !e.trading() || e.pays() {
		return
	}
	have, _ := m.pieces()
	for d, n := range e.market.books.verified(m.ih(), have) {
		t := d.ear.trader.Load()
		if t == nil {
			continue
		}
		if c := t.verified[d.quote]; c != nil {
			c.Bytes += n
			t.bought += n
			e.cfg.Payments.Bought(t.key, *c)
		}
	}
}

// estimate is what bidding our highest price to every provider of m would buy.
func (e *Engine) estimate(m *managed) bidding.Estimate {
	var seen []bidding.Sighting
	for _, t := range e.market.traders {
		if t.ear.ih == m.ih() && !t.over && t.sells() {
			x := bidding.Sighting{Free: t.freeRate, Price: t.reserve}
			if t.seen.Number > 0 {
				x.Price, x.Rate = t.seen.Price, t.seen.Rate
			}
			seen = append(seen, x)
		}
	}
	if len(seen) == 0 {
		return bidding.Estimate{}
	}
	est, err := bidding.Estimates(e.autoBid(m).MaxPrice, m.view.wanted-m.view.completed, e.wantedRate(m), seen)
	if err != nil {
		return bidding.Estimate{} // it would cost more than there is
	}
	return est
}
