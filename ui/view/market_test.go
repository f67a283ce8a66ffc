package view

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"swarmbid/bidding"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// TestEveryReasonHasWords: each reason, outcome, both together and each mode has
// words of its own in every language, and there are as many as bidding knows.
func TestEveryReasonHasWords(t *testing.T) {
	for r := bidding.NotInterested; ; r++ {
		if r.String() == "unknown" {
			if n := swarm.Why(r); n.String() != "unknown" || (n-1).String() == "unknown" {
				t.Errorf("bidding has %d reasons, swarm another number", r)
			}
			break
		}
	}
	for o := bidding.NoBid; ; o++ {
		if o.String() == "unknown" {
			if n := swarm.BidOutcome(o); n.String() != "unknown" || (n-1).String() == "unknown" {
				t.Errorf("bidding has %d outcomes, swarm another number", o)
			}
			break
		}
	}
	for _, lang := range []string{"en", "de"} {
		l := locale(t, lang)
		seen := map[string]string{}
		once := func(what, s string) {
			t.Helper()
			if s == "" || strings.Contains(s, "market.") || strings.Contains(s, "%!") {
				t.Errorf("%s: %s has no words: %q", lang, what, s)
			}
			if seen[s] != "" {
				t.Errorf("%s: %s and %s are both %q", lang, what, seen[s], s)
			}
			seen[s] = what
		}
		for w := swarm.WantsNothing; w.String() != "unknown"; w++ {
			once("why "+w.String(), l.Why(w))
			for o := swarm.Won; o.String() != "unknown"; o++ {
				s := l.TradeSentence(&MarketRow{Why: w, Outcome: o})
				if !strings.HasPrefix(s, l.Outcome(o)) || w != swarm.WhyBought && !strings.HasSuffix(s, l.Why(w)) {
					t.Errorf("%s: %v and %v: %q", lang, o, w, s)
				}
			}
		}
		for o := swarm.Won; o.String() != "unknown"; o++ {
			once("outcome "+o.String(), l.Outcome(o))
		}
		for m := swarm.BidAsSession; m.String() != "unknown"; m++ {
			once("mode "+m.String(), l.BidMode(m))
		}
		if l.Outcome(swarm.NoBid) != "" {
			t.Error("who does not bid has an outcome")
		}
	}
}

func TestPurchaseSentences(t *testing.T) {
	l := locale(t, "en")
	for _, c := range []struct {
		row  MarketRow
		want string
	}{
		{MarketRow{Bid: 2000, Price: 1000, Granted: 100, Rate: 90}, "Your bid won"},
		{MarketRow{Bid: 2000, Price: 1000, Granted: 100, Rate: 49}, "Serves less"},
		{MarketRow{Bid: 1000, Reserve: 1953}, "It takes no less than 2.00 BTT/GiB, which is above"},
		{MarketRow{Bid: 1000, Reserve: 10}, "It has your bid"},
		{MarketRow{Reserve: 977}, "You do not bid to it; it takes no less than 1.00 BTT/GiB"},
		{MarketRow{}, "You do not bid to it: it serves"},
	} {
		c.row.Buying = true
		if got := l.TradeSentence(&c.row); !strings.HasPrefix(got, c.want) {
			t.Errorf("%+v: %q", c.row, got)
		}
	}
}

func TestMoneyFormats(t *testing.T) {
	en, de := locale(t, "en"), locale(t, "de")
	for _, c := range []struct {
		got, want string
	}{
		{en.PerGiB(1171), "1.20 BTT/GiB"},
		{de.PerGiB(1171), "1,20 BTT/GiB"},
		{en.PerGiB(1), "0.00102 BTT/GiB"},
		{en.PerGiB(0), "0.00 BTT/GiB"},
		{en.PerGiB(1 << 62), ""}, // more than there is
		{string(en.AppendPerHour(nil, 28_640_000)), "28.60 BTT/h"},
		{string(de.AppendPerHour(nil, 1_234_567_000_000)), "1.230.000,00 BTT/h"},
		{string(en.AppendPerHour(nil, 0)), ""},
		{en.about(119_600_000), "120 BTT"},
		{de.about(1_234_567_000_000), "1.230.000 BTT"},
		{en.about(1_234_567), "1.23 BTT"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// TestRoughIsNear: rounding keeps three digits, the sign, and its own result.
func TestRoughIsNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := btt.Amount(rapid.Int64Range(-1e17, 1e17).Draw(t, "a"))
		r := Rough(a)
		d := a - r
		if d < 0 {
			d = -d
		}
		if m := max(a, -a); d > m/199 || Rough(r) != r || m < 1000 && r != a {
			t.Fatalf("%d is rounded to %d", a, r)
		}
	})
}

func TestEarningColumns(t *testing.T) {
	s := snapshot()
	s.Torrents[2].Earning, s.Torrents[0].Spending, s.Torrents[1].Spending = 1_500_000, 2_000_000, 700_000
	for f, want := range map[*Format]string{english(t): "1.50 BTT/h", german(t): "1,50 BTT/h"} {
		l := Torrents(f, s, Query{Order: Order{"earning", true}, Show: []string{"earning", "spending"}})
		var c Cell
		l.Cell(0, l.Column("earning"), &c)
		if c.Text != want || l.Item(0).Name != "Ärger" {
			t.Errorf("%s earns %q", l.Item(0).Name, c.Text)
		}
		l = Torrents(f, s, Query{Order: Order{"spending", false}, Show: []string{"spending"}})
		if n := l.Len(); l.Item(n-1).Spending != 2_000_000 || l.Item(n-2).Spending != 700_000 {
			t.Error("spending does not sort")
		}
	}
	for _, c := range TorrentColumns() {
		if (c.ID == "earning" || c.ID == "spending") && !c.Hidden {
			t.Errorf("%s is shown to everybody", c.ID)
		}
	}
}

func TestMarketNotice(t *testing.T) {
	f := english(t)
	some := []swarm.Bidder{{Key: 1}}
	for _, c := range []struct {
		name   string
		m      *swarm.Market
		wanted bool
		want   string
	}{
		{"nothing known", nil, false, ""},
		{"off", &swarm.Market{}, false, "Nobody bids here: the market is off"},
		{"off with peers", &swarm.Market{Bidders: some}, false, "Nobody bids here: the market is off"},
		{"no wallet", &swarm.Market{}, true, "The market is switched on, but"},
		{"private", &swarm.Market{On: true, Refused: true, Bidders: some}, true, "This torrent is private"},
		{"nobody", &swarm.Market{On: true, Reserve: 977}, true, "Nobody bids here at the moment"},
		{"peers", &swarm.Market{On: true, Bidders: some}, true, ""},
		{"bids", &swarm.Market{On: true, Bids: []swarm.Purchase{{Key: 1}}}, true, ""},
		{"estimate", &swarm.Market{On: true, Estimate: swarm.Estimate{PaidRate: 1}}, true, ""},
	} {
		a := f.MarketNotice(c.m, c.wanted)
		if !strings.HasPrefix(a.What, c.want) || (a.What == "") != (c.want == "") || (a.What == "") != (a.Do == "") {
			t.Errorf("%s: %+v", c.name, a)
		}
		drawn := SellingChart(f, c.m) != nil || BuyingChart(f, c.m) != nil
		if drawn == (a.What != "") && c.m != nil {
			t.Errorf("%s: drawn %v, said %q", c.name, drawn, a.What)
		}
	}
}

func TestEstimate(t *testing.T) {
	l := locale(t, "en")
	for _, c := range []struct {
		e    swarm.Estimate
		want string
	}{
		{swarm.Estimate{}, ""},
		{swarm.Estimate{FreeRate: 1000, PaidRate: 3100, FreeTime: time.Hour, PaidTime: 20 * time.Minute, Cost: 119_600_000}, "About 3.1 × faster for about 120 BTT at your highest bid (20m, not 1h)"},
		{swarm.Estimate{PaidRate: 1 << 20, Cost: 5_000_000}, "About 1.0 MiB/s for about 5.00 BTT at your highest bid; nothing comes without"},
		{swarm.Estimate{FreeRate: 1000, PaidRate: 1010}, "Bidding would not make this faster."},
	} {
		if got := l.Estimate(c.e); got != strings.ReplaceAll(c.want, "1.0 MiB/s", l.Rate(1<<20)) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestUplinkLine(t *testing.T) {
	f := english(t)
	for want, m := range map[string]swarm.Market{
		"Uplink without a limit · nothing sold · 0 B/s for nothing · no reserve price":                                       {},
		"Uplink about 1.00 MiB/s · 512.0 KiB/s sold · 0 B/s for nothing · reserve 1.00 BTT/GiB":                              {Uplink: 1 << 20, Measured: true, Sold: 512 << 10, Reserve: 977},
		"Uplink 1.00 MiB/s · nothing sold · 1.0 KiB/s for nothing · no reserve price (for 2h nobody else has had all of it)": {Uplink: 1 << 20, Free: 1024, Alone: at().Add(-2 * time.Hour)},
	} {
		want = strings.ReplaceAll(want, "1.00 MiB/s", f.Rate(1<<20))
		if got := f.uplinkLine(&m); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// anyMarket draws a market whose grants may or may not fit its uplink.
func anyMarket(t *rapid.T) *swarm.Market {
	m := &swarm.Market{On: true, FreeShare: rapid.IntRange(10, 100).Draw(t, "share"), Uplink: rapid.SampledFrom([]int64{0, 1000, 1 << 20}).Draw(t, "uplink"), Reserve: rapid.Int64Range(0, 2000).Draw(t, "reserve")}
	num := func(name string, n int64) int64 { return rapid.Int64Range(0, n).Draw(t, name) }
	for i := range rapid.IntRange(0, 20).Draw(t, "bidders") {
		b := swarm.Bidder{Key: swarm.PeerKey(i + 1), Slot: swarm.Slot(num("slot", 3)), Bid: num("bid", 3000), Rate: num("rate", 500)}
		if b.Slot != swarm.NoSlot {
			b.Granted = num("granted", 500)
		}
		if b.Slot == swarm.Paid {
			b.Price = num("price", b.Bid)
		}
		m.Bidders = append(m.Bidders, b)
	}
	m.Sold, m.Free = num("sold", 4000), num("free", 4000)
	for i := range rapid.IntRange(0, 8).Draw(t, "bids") {
		p := swarm.Purchase{Key: swarm.PeerKey(i + 1), Bid: num("bid", 3000), Rate: num("rate", 500), Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), 1)}
		p.Price = num("price", p.Bid)
		m.Bids = append(m.Bids, p)
	}
	return m
}

// TestChartsAreTrue: bars are within the link and the axis, nobody pays more than
// its bid, widths are to each other as the rates, and nobody stands twice.
func TestChartsAreTrue(t *testing.T) {
	f := german(t)
	rapid.Check(t, func(t *rapid.T) {
		m := anyMarket(t)
		for _, a := range []*Auction{SellingChart(f, m), BuyingChart(f, m)} {
			if a == nil {
				continue
			}
			sum, waiting, seen := 0.0, 0, map[MarketKey]bool{}
			for _, b := range a.Bars {
				sum += b.Width
				if b.Kind == Waiting {
					waiting++
				}
				if b.Bid < 0 || b.Bid > 1 || b.Price > b.Bid || b.Width < 0 || b.Kind == Waiting && b.Width != 0 {
					t.Fatalf("bar %+v", b)
				}
				if b.Kind != Elsewhere && seen[b.Row] {
					t.Fatalf("%v stands twice", b.Row)
				}
				seen[b.Row] = true
			}
			if sum > 1.000001 || a.Reserve > 1 || waiting > maxWaiting && !a.Bars[0].Row.Buying {
				t.Fatalf("%v of the link, reserve %v, %d wait", sum, a.Reserve, waiting)
			}
			if len(a.YLabels) != 0 && len(a.YLabels) != 3 {
				t.Fatalf("axis %v", a.YLabels)
			}
		}
		if a := SellingChart(f, m); a != nil {
			width := map[swarm.PeerKey]float64{}
			for _, b := range a.Bars {
				if b.Kind == Paying || b.Kind == ForFree {
					width[b.Row.Peer] = b.Width
				}
			}
			for i := range m.Bidders {
				for k := range m.Bidders {
					x, y := &m.Bidders[i], &m.Bidders[k]
					if x.Slot != swarm.NoSlot && y.Slot != swarm.NoSlot && grantOf(x) > grantOf(y) && width[x.Key] <= width[y.Key] {
						t.Fatalf("%d of %d is not wider than %d of %d", x.Key, grantOf(x), y.Key, grantOf(y))
					}
				}
			}
		}
	})
}

// TestNiceAmountHolds: two steps hold the top and one and a half of a step less
// would not do.
func TestNiceAmountHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		top := btt.Amount(rapid.Int64Range(1, 1e16).Draw(t, "top"))
		if s := niceAmount(top); 2*s < top || s > 1 && s >= 3*top {
			t.Fatalf("steps of %d for %d", s, top)
		}
	})
}

func TestMarketRows(t *testing.T) {
	m := &swarm.Market{
		On:      true,
		Bidders: []swarm.Bidder{{Key: 1, Slot: swarm.Paid, Bid: 977, Price: 488, Granted: 2048, Rate: 1024, Charged: 1 << 20, Client: "a"}, {Key: 2, Why: swarm.WhyOutranked}, {Key: 3, Slot: swarm.Regular, Why: swarm.WhyOwed}},
		Bids:    []swarm.Purchase{{Key: 1, Bid: 1953, Price: 977, Rate: 1, Granted: 1, Verified: 5}, {Key: 4, Bid: 1953}},
	}
	show := []string{}
	for _, c := range MarketColumns() {
		show = append(show, c.ID)
		if c.Compare == nil {
			t.Errorf("%s does not sort", c.ID)
		}
	}
	l := MarketRows(english(t), m, Order{}, show)
	var icons []string
	var c Cell
	for i := range l.Len() {
		l.Cell(i, 0, &c)
		icons = append(icons, c.Icon)
	}
	if got := strings.Join(icons, " "); got != "down down-outline up up-outline up" {
		t.Errorf("%s", got)
	}
	if l.Item(0).ID() == l.Item(2).ID() {
		t.Error("a peer that sells and buys has one key")
	}
	text := func(l *List[MarketRow], row int, col string) string {
		l.Cell(row, l.Column(col), &c)
		return c.Text
	}
	if got := text(l, 2, "bid") + " " + text(l, 2, "price") + " " + text(l, 2, "granted") + " " + text(l, 2, "charged"); got != "1.00 BTT/GiB 0.50 BTT/GiB 2.0 KiB/s 1.0 MiB" {
		t.Errorf("%q", strings.TrimSpace(got))
	}
	if text(l, 3, "bid") != "" || text(l, 3, "charged") != "" {
		t.Error("nothing is written as a number")
	}
	if l := MarketRows(english(t), m, Order{"bid", false}, show); l.Item(l.Len()-1).Bid != 1953 || l.Item(0).Bid != 0 {
		t.Error("bids do not sort")
	}
	if MarketRows(english(t), nil, Order{}, show).Len() != 0 {
		t.Error("rows of nothing")
	}
}
