package engine

import (
	"cmp"
	"slices"
	"time"

	"swarmbid/bidding"
	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

// marketOf is what the Market tab shows of m.
func (e *Engine) marketOf(m *managed, now time.Time) *swarm.Market {
	v := &swarm.Market{On: e.trading(), Set: m.rec.Market, FreeShare: e.set.Market.FreeShare}
	v.Uplink = e.shareUplink()
	v.Measured = v.On && e.set.UpLimit == 0 && v.Uplink > 0
	v.Sold, v.Free = e.market.sold, e.market.free
	v.Refused = m.meta != nil && !m.mayTrade()
	if v.On {
		v.Reserve, v.Alone = int64(e.priceOf(m, now)), m.rec.Alone
	}
	for _, l := range e.links.All() {
		if l.InfoHash() != m.ih() {
			continue
		}
		s := l.Stats()
		t := e.market.traders[l.Key()]
		if s.Interested || t != nil && t.bid.Price > 0 {
			v.Bidders = append(v.Bidders, e.bidderRow(l, &s, t))
		}
		if t != nil && (t.offer.Price > 0 || t.buying.Number > 0 || t.bought > 0) {
			v.Bids = append(v.Bids, e.purchaseRow(l, t))
		}
	}
	slices.SortFunc(v.Bidders, func(a, b swarm.Bidder) int {
		return cmp.Or(cmp.Compare(b.Bid, a.Bid), cmp.Compare(b.Granted, a.Granted), cmp.Compare(a.Key, b.Key))
	})
	slices.SortFunc(v.Bids, func(a, b swarm.Purchase) int {
		return cmp.Or(cmp.Compare(b.Bid, a.Bid), cmp.Compare(a.Key, b.Key))
	})
	if v.On && e.isBuying(m) {
		est := e.estimate(m)
		v.Estimate = swarm.Estimate{
			FreeRate: est.FreeRate, PaidRate: est.PaidRate, FreeTime: est.FreeTime, PaidTime: est.PaidTime, Cost: int64(est.Cost),
		}
	}
	return v
}

func (e *Engine) bidderRow(l *link.Link, s *link.Stats, t *trader) swarm.Bidder {
	b := swarm.Bidder{Key: l.Key(), Addr: l.Addr(), Client: l.Client()}
	if b.Client == "" {
		b.Client = clientOf(l.PeerID())
	}
	if p, ok := e.peers.of[l.Key()]; ok {
		g := p.grant
		b.Slot, b.Why, b.Outcome, b.Granted, b.Rate = slotOf(g.Slot), whyOf(g.Reason), outcomeOf(g.Bid), g.Rate, p.rates.up
	}
	if t != nil {
		b.Bid, b.Price, b.Charged = int64(t.bid.Price), int64(t.quote.Price), t.charged+t.sale(*s)
	}
	return b
}

func (e *Engine) purchaseRow(l *link.Link, t *trader) swarm.Purchase {
	p := swarm.Purchase{
		Key: l.Key(), Addr: l.Addr(), Client: l.Client(), Bid: int64(t.offer.Price), Reserve: int64(t.reserve),
		Price: int64(t.buying.Price), Granted: t.buying.Rate, Verified: t.bought,
	}
	if past, ok := e.peers.of[l.Key()]; ok {
		p.Rate = past.rates.down
	}
	return p
}

// turnover is what a torrent earns and spends now, in µBTT per hour.
type turnover struct{ earning, spending int64 }

// turnovers are those of the torrents that trade.
func (e *Engine) turnovers() map[swarm.InfoHash]turnover {
	if len(e.market.traders) == 0 {
		return nil
	}
	out := map[swarm.InfoHash]turnover{}
	for k, t := range e.market.traders {
		p, ok := e.peers.of[k]
		if !ok || t.quote.At.IsZero() && t.buying.Number == 0 {
			continue
		}
		x := out[t.ear.ih]
		if !t.quote.At.IsZero() {
			x.earning += perHour(int64(t.quote.Price), p.rates.up)
		}
		if t.buying.Number > 0 {
			x.spending += perHour(int64(t.buying.Price), p.rates.down)
		}
		out[t.ear.ih] = x
	}
	return out
}

// perHour is what bytes per second at a price per MiB come to in an hour.
func perHour(price, rate int64) int64 {
	return int64(float64(price) * float64(rate) * 3600 / (1 << 20))
}

// moneyFlags are the flags of a peer that trades with us.
func (e *Engine) moneyFlags(k swarm.PeerKey) (f swarm.PeerFlags) {
	t := e.market.traders[k]
	if t == nil {
		return 0
	}
	if !t.quote.At.IsZero() {
		f |= swarm.PaysUs
	}
	if t.buying.Number > 0 {
		f |= swarm.WePay
	}
	return f
}

func whyOf(r bidding.Reason) swarm.Why {
	switch r {
	case bidding.Bought:
		return swarm.WhyBought
	case bidding.Reciprocates:
		return swarm.WhyReciprocates
	case bidding.Owed:
		return swarm.WhyOwed
	case bidding.Turn:
		return swarm.WhyTurn
	case bidding.Spare:
		return swarm.WhySpare
	case bidding.Outranked:
		return swarm.WhyOutranked
	case bidding.SubnetFull:
		return swarm.WhySubnetFull
	case bidding.SoldOut:
		return swarm.WhySoldOut
	case bidding.Closed:
		return swarm.WhyClosed
	case bidding.NotInterested:
	}
	return swarm.WantsNothing
}

func outcomeOf(o bidding.Outcome) swarm.BidOutcome {
	switch o {
	case bidding.Won:
		return swarm.Won
	case bidding.WonPart:
		return swarm.WonPart
	case bidding.Outbid:
		return swarm.Outbid
	case bidding.Spared:
		return swarm.Spared
	case bidding.BelowReserve:
		return swarm.BelowReserve
	case bidding.NotGood:
		return swarm.NotGood
	case bidding.Refused:
		return swarm.Refused
	case bidding.NoBid:
	}
	return swarm.NoBid
}
