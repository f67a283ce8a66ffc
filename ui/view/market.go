package view

import (
	"cmp"
	"net/netip"

	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// MarketRow is one line of the Market tab: a peer that we serve or not, or one
// that we bid to. Prices are µBTT per MiB, rates bytes per second; 0 is none.
type MarketRow struct {
	Key     swarm.PeerKey
	Addr    netip.AddrPort
	Client  string
	Buying  bool // we are the bidder
	Slot    swarm.Slot
	Why     swarm.Why
	Outcome swarm.BidOutcome
	Bid     int64
	Reserve int64 // of the provider; only while Buying
	Price   int64
	Granted int64
	Rate    int64
	Charged int64 // payload bytes served for money
}

// MarketKey identifies a line: a peer may sell and buy at the same time.
type MarketKey struct {
	Peer   swarm.PeerKey
	Buying bool
}

// ID returns the key of the line.
func (r *MarketRow) ID() MarketKey { return MarketKey{r.Key, r.Buying} }

// MarketRows builds the table of the Market tab: first our bids, then the peers
// that want something of us, each the highest bid first unless o says otherwise.
func MarketRows(f *Format, m *swarm.Market, o Order, show []string) *List[MarketRow] {
	if m == nil {
		return nil
	}
	rows := make([]MarketRow, 0, len(m.Bids)+len(m.Bidders))
	for i := range m.Bids {
		p := &m.Bids[i]
		rows = append(rows, MarketRow{
			Key: p.Key, Addr: p.Addr, Client: p.Client, Buying: true, Bid: p.Bid, Reserve: p.Reserve, Price: p.Price, Granted: p.Granted, Rate: p.Rate, Charged: p.Verified,
		})
	}
	for i := range m.Bidders {
		b := &m.Bidders[i]
		rows = append(rows, MarketRow{
			Key: b.Key, Addr: b.Addr, Client: b.Client, Slot: b.Slot, Why: b.Why, Outcome: b.Outcome, Bid: b.Bid, Price: b.Price, Granted: b.Granted, Rate: b.Rate, Charged: b.Charged,
		})
	}
	items := make([]*MarketRow, len(rows))
	for i := range rows {
		items[i] = &rows[i]
	}
	cols := MarketColumns()
	Sort(items, cols, o)
	return Build(f, cols, show, items)
}

// MarketColumns describes the table of the Market tab.
func MarketColumns() []Column[MarketRow] {
	type row = MarketRow
	price := func(id, title string, get func(*row) int64) Column[row] {
		return Column[row]{ID: id, Title: title, Width: 104, Align: Right, Text: func(b []byte, f *Format, r *row) []byte {
			if get(r) == 0 {
				return b
			}
			return append(b, f.PerGiB(get(r))...)
		}, Compare: byInt(get)}
	}
	rate := func(id, title string, get func(*row) int64) Column[row] {
		return Column[row]{ID: id, Title: title, Width: 80, Align: Right, Text: rateText(get), Compare: byInt(get)}
	}
	return []Column[row]{
		{
			ID: "ip", Title: "peer.ip", Width: 132, Text: func(b []byte, _ *Format, r *row) []byte { return r.Addr.Addr().AppendTo(b) },
			Mark: markTrade, Compare: func(a, b *row) int { return cmp.Or(a.Addr.Compare(b.Addr), cmp.Compare(a.Key, b.Key)) },
		},
		{
			ID: "client", Title: "peer.client", Width: 130, Hidden: true, Text: func(b []byte, _ *Format, r *row) []byte { return append(b, r.Client...) },
			Compare: func(a, b *row) int { return compareText(a.Client, b.Client) },
		},
		price("bid", "market.col.bid", func(r *row) int64 { return r.Bid }),
		price("price", "market.col.price", func(r *row) int64 { return r.Price }),
		rate("granted", "market.col.granted", func(r *row) int64 { return r.Granted }),
		rate("rate", "market.col.rate", func(r *row) int64 { return r.Rate }),
		{ID: "charged", Title: "market.col.charged", Width: 78, Align: Right, Hidden: true, Text: func(b []byte, f *Format, r *row) []byte {
			if r.Charged == 0 {
				return b
			}
			return f.AppendBytes(b, r.Charged)
		}, Compare: byInt(func(r *row) int64 { return r.Charged })},
		{
			ID: "why", Title: "market.col.why", Width: 300, Fill: true, Text: func(b []byte, f *Format, r *row) []byte { return append(b, f.TradeSentence(r)...) },
			Compare: func(a, b *row) int {
				return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Why, b.Why))
			},
		},
	}
}

// markTrade draws which way the data goes and whether it is paid for.
func markTrade(r *MarketRow, c *Cell) {
	switch {
	case r.Buying && r.Price > 0:
		c.Icon, c.Tone = "down", Arriving
	case r.Buying:
		c.Icon, c.Tone = "down-outline", Arriving
	case r.Slot == swarm.Paid:
		c.Icon, c.Tone = "up", Giving
	case r.Slot != swarm.NoSlot:
		c.Icon, c.Tone = "up", Resting
	default:
		c.Icon, c.Tone = "up-outline", Resting
	}
}

// PerGiB writes a price of µBTT per MiB as BTT per GiB, to three digits: finer
// differences are those of the units.
func (l *Locale) PerGiB(price int64) string {
	a, err := btt.Rate(price).PerGiB()
	if err != nil {
		return ""
	}
	return l.T("market.perGiB", l.Amount(Rough(a), BTT))
}

// AppendPerHour appends µBTT per hour to three digits; nothing for 0.
func (l *Locale) AppendPerHour(b []byte, v int64) []byte {
	if v <= 0 {
		return b
	}
	return append(b, l.T("market.perHour", l.Amount(Rough(btt.Amount(v)), BTT))...)
}

// Rough rounds an amount to its first three digits.
func Rough(a btt.Amount) btt.Amount {
	unit := btt.Amount(1)
	for a/unit >= 1000 || a/unit <= -1000 {
		unit *= 10
	}
	half := unit / 2
	if a < 0 {
		half = -half
	}
	return (a/unit + (a%unit+half)/unit) * unit
}

// about writes an estimated amount, without decimals that mean nothing.
func (l *Locale) about(a btt.Amount) string {
	const whole = btt.Amount(1_000_000)
	if a >= 10*whole {
		return l.Int(int64((Rough(a)+whole/2)/whole)) + " " + BTT.Name()
	}
	return l.Amount(Rough(a), BTT)
}
