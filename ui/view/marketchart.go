package view

import (
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// Auction is what an auction chart draws: bars side by side, as wide as the rate
// a peer has and as high as it bids. Widths and heights are parts of the whole,
// 0..1. The zero value draws nothing.
type Auction struct {
	Title   string
	Note    string       // in the middle; "" = none
	Bars    []AuctionBar // from the left; those without a width stand beside the chart
	Free    float64      // part of the width kept for those that do not pay, at the right
	Reserve float64      // height of the least price taken; 0 = none
	Tone    Tone         // of what is paid
	YLabels []string     // from the bottom up, evenly spaced; nil = nobody bids
	XLabels [2]string    // at the left and right end
	Legend  []AuctionKey
}

// AuctionBar is one peer.
type AuctionBar struct {
	Row   MarketKey
	Label string
	Kind  BarKind
	Right bool // stacked from the right end
	Width float64
	Bid   float64
	Price float64 // that it pays
}

// BarKind is what a bar stands for.
type BarKind uint8

// The kinds of bars.
const (
	Paying    BarKind = iota // served for money
	ForFree                  // served for nothing
	Elsewhere                // served on other torrents
	Waiting                  // bids and is not served
)

// AuctionKey is one entry of the legend.
type AuctionKey struct {
	Mark AuctionMark
	Text string
}

// AuctionMark is what a legend explains.
type AuctionMark uint8

// The marks.
const (
	MarkPays AuctionMark = iota
	MarkBids
	MarkFree
	MarkElsewhere
	MarkReserve
)

// maxWaiting bounds the bars of bidders that are not served.
const maxWaiting = 10

// SellingChart draws who has our uplink; nil while nobody wants anything.
func SellingChart(f *Format, m *swarm.Market) *Auction {
	if m == nil || !m.On || m.Refused || len(m.Bidders) == 0 {
		return nil
	}
	a := &Auction{Title: f.uplinkLine(m), Tone: Giving}
	var sold, free, top int64
	for i := range m.Bidders {
		b := &m.Bidders[i]
		top = max(top, b.Bid)
		switch g := grantOf(b); {
		case b.Slot == swarm.Paid:
			sold += g
		case b.Slot != swarm.NoSlot:
			free += g
		}
	}
	soldElse, freeElse := max(0, m.Sold-sold), max(0, m.Free-free)
	whole := max(m.Uplink, sold+free+soldElse+freeElse, 1)
	scale := a.prices(f, max(top, m.Reserve*5/4), top > 0)
	part := func(n int64) float64 { return float64(n) / float64(whole) }
	waiting := 0
	var right []AuctionBar
	for i := range m.Bidders {
		b := &m.Bidders[i]
		bar := AuctionBar{Row: MarketKey{b.Key, false}, Label: b.Addr.Addr().String(), Width: part(grantOf(b)), Bid: scale(b.Bid), Price: scale(b.Price)}
		switch {
		case b.Slot == swarm.Paid:
			a.Bars = append(a.Bars, bar)
		case b.Slot != swarm.NoSlot:
			bar.Kind, bar.Right, bar.Bid, bar.Price = ForFree, true, 0, 0
			right = append(right, bar)
		case b.Bid > 0 && waiting < maxWaiting:
			waiting++
			bar.Kind, bar.Width = Waiting, 0
			right = append(right, bar)
		}
	}
	if soldElse > 0 {
		a.Bars = append(a.Bars, AuctionBar{Kind: Elsewhere, Width: part(soldElse), Label: f.T("market.elsewhere")})
	}
	a.Bars = append(a.Bars, right...)
	if freeElse > 0 {
		a.Bars = append(a.Bars, AuctionBar{Kind: Elsewhere, Right: true, Width: part(freeElse), Label: f.T("market.elsewhere")})
	}
	a.Free, a.Reserve = float64(m.FreeShare)/100, scale(m.Reserve)
	a.XLabels = [2]string{f.T("market.axis.up"), f.Rate(whole)}
	if top > 0 {
		a.Legend = append(a.Legend, AuctionKey{MarkPays, f.T("market.key.pays")}, AuctionKey{MarkBids, f.T("market.key.bids")})
	}
	a.Legend = append(a.Legend, AuctionKey{MarkFree, f.T("market.key.free", m.FreeShare)})
	if a.Reserve > 0 {
		a.Legend = append(a.Legend, AuctionKey{MarkReserve, f.T("market.key.reserve")})
	}
	return a
}

// grantOf is the rate of a peer that is served; without a limit nothing is
// granted and what was measured counts.
func grantOf(b *swarm.Bidder) int64 {
	if b.Granted == 0 && b.Slot != swarm.NoSlot {
		return b.Rate
	}
	return b.Granted
}

// BuyingChart draws what we bid and get; nil while we bid nothing and nothing is
// known of what bids would buy.
func BuyingChart(f *Format, m *swarm.Market) *Auction {
	if m == nil || !m.On || m.Refused || len(m.Bids) == 0 && m.Estimate == (swarm.Estimate{}) {
		return nil
	}
	a := &Auction{Title: f.Estimate(m.Estimate), Tone: Arriving}
	if a.Title == "" {
		a.Title = f.T("market.bids")
	}
	var whole, top int64
	for i := range m.Bids {
		whole, top = whole+m.Bids[i].Rate, max(top, m.Bids[i].Bid, m.Bids[i].Price)
	}
	if top == 0 {
		a.Note = f.T("market.noBids")
	}
	scale := a.prices(f, top, top > 0)
	for i := range m.Bids {
		p := &m.Bids[i]
		bar := AuctionBar{Row: MarketKey{p.Key, true}, Label: p.Addr.Addr().String(), Width: float64(p.Rate) / float64(max(1, whole)), Bid: scale(p.Bid), Price: scale(p.Price)}
		switch {
		case p.Rate > 0 && p.Price == 0:
			bar.Kind, bar.Bid = ForFree, 0
		case p.Rate == 0 && p.Bid > 0:
			bar.Kind = Waiting
		case p.Rate == 0:
			continue
		}
		a.Bars = append(a.Bars, bar)
	}
	a.XLabels = [2]string{f.T("market.axis.down"), f.Rate(whole)}
	a.Legend = []AuctionKey{{MarkPays, f.T("market.key.wePay")}, {MarkBids, f.T("market.key.weBid")}}
	return a
}

// prices gives the chart an axis up to top, µBTT per MiB, and returns what
// measures prices on it.
func (a *Auction) prices(f *Format, top int64, labels bool) func(int64) float64 {
	high, err := btt.Rate(top).PerGiB()
	if err != nil || high <= 0 {
		return func(int64) float64 { return 0 }
	}
	step := niceAmount(high)
	for i := range btt.Amount(3) {
		if labels {
			a.YLabels = append(a.YLabels, f.Digits(step*i))
		}
	}
	if labels {
		a.YLabels[0] = "0"
	}
	return func(v int64) float64 {
		p, err := btt.Rate(v).PerGiB()
		if err != nil {
			return 1
		}
		return min(1, float64(p)/float64(2*step))
	}
}

// niceAmount is a half of an axis that holds top: 1, 2, 3 or 5 times a power of
// ten.
func niceAmount(top btt.Amount) btt.Amount {
	for pow := btt.Amount(1); ; pow *= 10 {
		for _, m := range []btt.Amount{1, 2, 3, 5} {
			if pow*m*2 >= top || pow >= 1e17 {
				return pow * m
			}
		}
	}
}
