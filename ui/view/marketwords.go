package view

import (
	"strings"

	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// TradeSentence says in plain words why a peer is served or not, or how a bid of
// ours stands.
func (l *Locale) TradeSentence(r *MarketRow) string {
	if r.Buying {
		return l.purchase(r)
	}
	if r.Outcome == swarm.NoBid {
		return l.Why(r.Why)
	}
	if r.Why == swarm.WhyBought {
		return l.Outcome(r.Outcome)
	}
	return l.Outcome(r.Outcome) + " " + l.Why(r.Why)
}

// purchase says how a bid of ours stands.
func (l *Locale) purchase(r *MarketRow) string {
	switch {
	case r.Price > 0 && r.Rate < r.Granted/2:
		return l.T("market.buy.less")
	case r.Price > 0:
		return l.T("market.buy.served")
	case r.Bid == 0 && r.Reserve > 0:
		return l.T("market.buy.none", l.PerGiB(r.Reserve))
	case r.Bid == 0:
		return l.T("market.buy.over")
	case r.Reserve > r.Bid:
		return l.T("market.buy.reserve", l.PerGiB(r.Reserve))
	}
	return l.T("market.buy.waits")
}

// Why says why a peer is served or not.
func (l *Locale) Why(w swarm.Why) string {
	switch w {
	case swarm.WhyBought:
		return l.T("market.why.bought")
	case swarm.WhyReciprocates:
		return l.T("market.why.reciprocates")
	case swarm.WhyOwed:
		return l.T("market.why.owed")
	case swarm.WhyTurn:
		return l.T("market.why.turn")
	case swarm.WhySpare:
		return l.T("market.why.spare")
	case swarm.WhyOutranked:
		return l.T("market.why.outranked")
	case swarm.WhySubnetFull:
		return l.T("market.why.subnetFull")
	case swarm.WhySoldOut:
		return l.T("market.why.soldOut")
	case swarm.WhyClosed:
		return l.T("market.why.closed")
	case swarm.WantsNothing:
	}
	return l.T("market.why.nothing")
}

// Outcome says what became of a peer's bid; "" for one that did not bid.
func (l *Locale) Outcome(o swarm.BidOutcome) string {
	switch o {
	case swarm.Won:
		return l.T("market.bid.won")
	case swarm.WonPart:
		return l.T("market.bid.wonPart")
	case swarm.Outbid:
		return l.T("market.bid.outbid")
	case swarm.Spared:
		return l.T("market.bid.spared")
	case swarm.BelowReserve:
		return l.T("market.bid.belowReserve")
	case swarm.NotGood:
		return l.T("market.bid.notGood")
	case swarm.Refused:
		return l.T("market.bid.refused")
	case swarm.NoBid:
	}
	return ""
}

// BidMode names a mode.
func (l *Locale) BidMode(m swarm.BidMode) string {
	switch m {
	case swarm.BidOff:
		return l.T("market.mode.off")
	case swarm.BidEco:
		return l.T("market.mode.eco")
	case swarm.BidBalanced:
		return l.T("market.mode.balanced")
	case swarm.BidFast:
		return l.T("market.mode.fast")
	case swarm.BidPaper:
		return l.T("market.mode.paper")
	case swarm.BidAsSession:
	}
	return l.T("market.mode.session")
}

// MarketNotice says why there is nothing to draw: the market is off, cannot work
// or nobody takes part. wanted is whether the user switched it on. Nothing is said
// where there is something to see.
func (f *Format) MarketNotice(m *swarm.Market, wanted bool) Advice {
	switch {
	case m == nil:
		return Advice{}
	case !m.On && !wanted:
		return Advice{f.T("market.off.what"), f.T("market.off.do")}
	case !m.On:
		return Advice{f.T("market.noWallet.what"), f.T("market.noWallet.do")}
	case m.Refused:
		return Advice{f.T("market.private.what"), f.T("market.private.do")}
	case len(m.Bidders) == 0 && len(m.Bids) == 0 && m.Estimate == (swarm.Estimate{}):
		return Advice{f.T("market.nobody.what"), f.T("market.nobody.do", f.PerGiB(m.Reserve))}
	}
	return Advice{}
}

// uplinkLine sums up who has the uplink.
func (f *Format) uplinkLine(m *swarm.Market) string {
	uplink := f.T("market.uplink", f.Rate(m.Uplink))
	switch {
	case m.Uplink == 0:
		uplink = f.T("market.unlimited")
	case m.Measured:
		uplink = f.T("market.measured", f.Rate(m.Uplink))
	}
	reserve := f.T("market.reserve", f.PerGiB(m.Reserve))
	if m.Reserve == 0 {
		reserve = f.T("market.noReserve")
	}
	if !m.Alone.IsZero() {
		reserve += " " + f.T("market.alone", f.Duration(f.Now.Sub(m.Alone)))
	}
	sold := f.T("market.noneSold")
	if m.Sold > 0 {
		sold = f.T("market.sold", f.Rate(m.Sold))
	}
	return strings.Join([]string{uplink, sold, f.T("market.free", f.Rate(m.Free)), reserve}, " · ")
}

// Estimate says what bids would buy; "" while nothing is known.
func (l *Locale) Estimate(e swarm.Estimate) string {
	cost := l.about(btt.Amount(e.Cost))
	switch {
	case e == (swarm.Estimate{}):
		return ""
	case e.FreeRate == 0 && e.PaidRate > 0:
		return l.T("market.estimate.only", l.Rate(e.PaidRate), cost)
	case e.PaidRate*100 < e.FreeRate*105:
		return l.T("market.estimate.nothing")
	}
	times := string(l.AppendFixed(nil, float64(e.PaidRate)/float64(e.FreeRate), 1))
	return l.T("market.estimate.faster", times, cost, l.Duration(e.PaidTime), l.Duration(e.FreeTime))
}
