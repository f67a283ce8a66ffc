package sample

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
)

// SetBandwidth changes how torrents trade.
func (e *Engine) SetBandwidth(_ context.Context, b swarm.Bandwidth, ihs ...swarm.InfoHash) error {
	return e.change("bandwidth", ihs, func(_ *swarm.Torrent, r *rest) error {
		r.trade = b
		return nil
	})
}

// Bandwidth returns how a torrent trades.
func (e *Engine) Bandwidth(_ context.Context, ih swarm.InfoHash) (b swarm.Bandwidth, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.more[ih]; r != nil {
		return r.trade, nil
	}
	return b, fmt.Errorf("bandwidth of %v: %w", ih, ErrUnknown)
}

// OpenMarket turns the market on: ubuntu is sold, debian bought, and
// Gutenberg is private.
func (e *Engine) OpenMarket() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.market = true
	for i := range e.torrents {
		t := &e.torrents[i]
		switch t.InfoHash {
		case hash(8):
			t.Earning = 28_640_000
		case hash(0):
			t.Spending = 9_725_000
		case hash(13):
			t.Private = true
		}
	}
	e.signal()
}

// marketOf is what the Market tab shows of a torrent.
func (e *Engine) marketOf(ih swarm.InfoHash, r *rest) *swarm.Market {
	m := &swarm.Market{Set: r.trade, FreeShare: 20}
	if !e.market {
		for i := range r.peers {
			if p := &r.peers[i]; p.Flags.Has(swarm.Interested) {
				m.Bidders = append(m.Bidders, swarm.Bidder{Key: p.Key, Addr: p.Addr, Client: p.Client, Slot: p.Slot, Why: swarm.WhyOutranked, Rate: p.Up})
				if b := &m.Bidders[len(m.Bidders)-1]; p.Up > 0 {
					b.Slot, b.Why, b.Granted = swarm.Regular, swarm.WhyReciprocates, p.Up
				}
			}
		}
		return m
	}
	m.On, m.Uplink, m.Reserve = true, e.up, 98
	switch ih {
	case hash(8):
		selling(m)
	case hash(0):
		buying(m)
	case hash(13):
		m.Refused = !r.trade.AllowPrivate
	}
	return m
}

// selling is a seed with more paid demand than uplink.
func selling(m *swarm.Market) {
	const kib = 1 << 10
	m.Sold, m.Free = 6544*kib, 1648*kib
	m.Alone = Start().Add(-7 * time.Hour)
	for i, b := range []swarm.Bidder{
		{Client: "Swarmbid 1.0", Slot: swarm.Paid, Why: swarm.WhyBought, Outcome: swarm.Won, Bid: 1562, Price: 742, Granted: 2700 * kib, Rate: 2685 * kib, Charged: 912 << 20},
		{Client: "Swarmbid 1.0", Slot: swarm.Paid, Why: swarm.WhyBought, Outcome: swarm.Won, Bid: 1171, Price: 664, Granted: 1840 * kib, Rate: 1852 * kib, Charged: 388 << 20},
		{Client: "Swarmbid 1.0", Slot: swarm.Paid, Why: swarm.WhyBought, Outcome: swarm.WonPart, Bid: 850, Price: 605, Granted: 1204 * kib, Rate: 1190 * kib, Charged: 41 << 20},
		{Client: "Swarmbid 1.0", Slot: swarm.Regular, Why: swarm.WhyOwed, Outcome: swarm.Outbid, Bid: 605, Granted: 310 * kib, Rate: 302 * kib},
		{Client: "Swarmbid 1.0", Why: swarm.WhyOutranked, Outcome: swarm.Outbid, Bid: 488},
		{Client: "Swarmbid 1.0", Why: swarm.WhyOutranked, Outcome: swarm.NotGood, Bid: 300},
		{Client: "Swarmbid 1.0", Why: swarm.WhySubnetFull, Outcome: swarm.BelowReserve, Bid: 48},
		{Client: "qBittorrent/5.1.2", Slot: swarm.Regular, Why: swarm.WhyOwed, Granted: 446 * kib, Rate: 450 * kib},
		{Client: "Transmission 4.0.6", Slot: swarm.Regular, Why: swarm.WhyOwed, Granted: 446 * kib, Rate: 441 * kib},
		{Client: "µTorrent 3.5.5", Slot: swarm.Optimistic, Why: swarm.WhyTurn, Granted: 446 * kib, Rate: 398 * kib},
		{Client: "libtorrent/2.0.11", Why: swarm.WhySoldOut},
	} {
		b.Key, b.Addr = swarm.PeerKey(9001+i), netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(14 + i*17)}), uint16(50210+i))
		m.Bidders = append(m.Bidders, b)
	}
}

// buying is a download with bids to four providers, which serves two peers itself.
func buying(m *swarm.Market) {
	const kib = 1 << 10
	m.Reserve, m.Free = 0, 312*kib
	for i, p := range []swarm.Purchase{
		{Client: "Swarmbid 1.0", Bid: 1171, Reserve: 195, Price: 488, Granted: 1900 * kib, Rate: 1874 * kib, Verified: 722 << 20},
		{Client: "Swarmbid 1.0", Bid: 1171, Reserve: 98, Price: 634, Granted: 1400 * kib, Rate: 1402 * kib, Verified: 64 << 20},
		{Client: "Swarmbid 1.0", Bid: 1171, Reserve: 195, Price: 244, Granted: 900 * kib, Rate: 310 * kib, Verified: 9 << 20},
		{Client: "Swarmbid 1.0", Bid: 1171, Reserve: 1953},
		{Client: "Swarmbid 1.0", Reserve: 98, Rate: 624 * kib, Verified: 12 << 20},
	} {
		p.Key, p.Addr = swarm.PeerKey(9101+i), netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(21 + i*23)}), uint16(41000+i))
		m.Bids = append(m.Bids, p)
	}
	for i, b := range []swarm.Bidder{
		{Client: "qBittorrent/5.1.2", Slot: swarm.Regular, Why: swarm.WhyReciprocates, Granted: 208 * kib, Rate: 201 * kib},
		{Client: "Deluge 2.2.0", Slot: swarm.Optimistic, Why: swarm.WhyTurn, Granted: 104 * kib, Rate: 96 * kib},
	} {
		b.Key, b.Addr = swarm.PeerKey(9201+i), netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, 113, byte(7 + i*11)}), uint16(30100+i))
		m.Bidders = append(m.Bidders, b)
	}
	m.Estimate = swarm.Estimate{FreeRate: 1390 * kib, PaidRate: 4310 * kib, FreeTime: 17*time.Minute + 10*time.Second, PaidTime: 5*time.Minute + 32*time.Second, Cost: 119_600_000}
}

// NewMarketStage makes a window whose tabs have most of the height.
func NewMarketStage(app fyne.App, lang, theme string, size fyne.Size) *Stage {
	st := NewSettings(lang, theme)
	st.Layout.Detail = 0.32
	return stageOf(app, 0, st, size, nil)
}

// MarketScenes lists every view of the Market tab and its dialogs.
func MarketScenes() []Scene {
	show := func(name string, open bool, torrent int, dialog string) Scene {
		return Scene{"market-" + name, dialog != "", func(s *Stage) {
			if open {
				s.Engine.OpenMarket()
				s.Settings.Values.Market = true
			}
			s.UI.Select(hash(torrent))
			s.UI.Run("tab-market")
			s.UI.Settle(context.Background())
			if dialog != "" {
				s.UI.Run(dialog)
				s.UI.Settle(context.Background())
			}
		}}
	}
	return []Scene{
		show("off", false, 2, ""), show("seed", true, 8, ""), show("leech", true, 0, ""), show("private", true, 13, ""), show("nobody", true, 9, ""),
		show("reserve", true, 8, "reserve"), show("caps", true, 13, "caps"),
	}
}
