package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"swarmbid/engine/swarm"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// marketFrame is what the Market tab shows, as finished text; all nil while it is
// not shown.
type marketFrame struct {
	notice  view.Advice
	offer   bool // what the notice says can be switched on
	selling *view.Auction
	buying  *view.Auction
	trades  *view.List[view.MarketRow]
}

// buildMarket makes what the Market tab shows.
func buildMarket(f *view.Format, m *swarm.Market, a *ask) marketFrame {
	return marketFrame{
		notice: f.MarketNotice(m, a.trading), offer: m != nil && !m.On && !a.trading,
		selling: view.SellingChart(f, m), buying: view.BuyingChart(f, m), trades: view.MarketRows(f, m, a.market.order, a.market.show),
	}
}

// marketPage is the Market tab: charts, or a notice why there are none, over a
// table.
type marketPage struct {
	box             *fyne.Container
	charts          *fyne.Container
	selling, buying *widgets.Auction
	notice          *fyne.Container
	what            *canvas.Text
	do              *widget.Label
	prefs           *widget.Button
	trades          *pane[view.MarketRow, view.MarketKey]
}

func (u *UI) newMarketPage() *marketPage {
	p := &marketPage{selling: widgets.NewAuction(), buying: widgets.NewAuction()}
	p.trades = newPane(u, "market", view.MarketColumns(), (*view.MarketRow).ID)
	p.trades.copy = u.copyTraders
	p.trades.table.OnMenu = func(at fyne.Position) {
		if !u.current().IsZero() {
			widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", u.marketItems()...), u.win.Canvas(), at)
		}
	}
	p.trades.table.OnSelect = u.publish
	choose := func(k view.MarketKey) { p.trades.table.Select(k) }
	p.selling.OnTap, p.buying.OnTap = choose, choose
	p.charts = container.New(abreast{}, p.selling, p.buying)
	p.what = canvas.NewText("", theme.Color(theme.ColorNameForeground))
	p.what.TextSize, p.what.TextStyle.Bold = widgets.TextSize, true
	p.do = widget.NewLabel("")
	p.do.Wrapping = fyne.TextWrapWord
	p.prefs = widget.NewButton(u.loc.T("market.switch"), u.showMarketPrefs)
	p.notice = container.New(noticeRows{}, p.what, p.do, p.prefs)
	p.box = container.New(marketRows{p.notice}, container.NewStack(p.charts, p.notice), u.hairline(), p.trades.table)
	return p
}

// apply shows the tab's part of a frame.
func (p *marketPage) apply(f *frame) {
	noted := f.notice != view.Advice{}
	turned := noted != p.notice.Visible()
	setVisible(p.notice, noted)
	setVisible(p.charts, !noted)
	setText(p.what, f.notice.What)
	if p.do.Text != f.notice.Do {
		p.do.SetText(f.notice.Do)
		p.notice.Refresh()
	}
	setVisible(p.prefs, f.offer)
	if turned {
		p.box.Refresh()
	}
	before := [2]bool{p.selling.Visible(), p.buying.Visible()}
	setVisible(p.selling, f.selling != nil)
	setVisible(p.buying, f.buying != nil)
	if before != [2]bool{p.selling.Visible(), p.buying.Visible()} {
		p.charts.Refresh()
	}
	p.trades.show(f.trades)
	p.selling.SetChart(p.titled(f, f.selling, false))
	p.buying.SetChart(p.titled(f, f.buying, true))
}

// titled puts the sentence of the one selected line over its chart: the column of
// the table may be too narrow for it.
func (p *marketPage) titled(f *frame, a *view.Auction, buying bool) *view.Auction {
	r := p.trades.chosen()
	if a == nil || len(r) != 1 || r[0].Buying != buying {
		return a
	}
	t := *a
	t.Title = r[0].Addr.Addr().String() + ": " + f.ask.loc.TradeSentence(r[0])
	return &t
}

// abreast shares the width among what is visible.
type abreast struct{}

// MinSize implements fyne.Layout.
func (abreast) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 80) }

// Layout implements fyne.Layout.
func (abreast) Layout(objs []fyne.CanvasObject, s fyne.Size) {
	n := 0
	for _, o := range objs {
		if o.Visible() {
			n++
		}
	}
	x, w := float32(0), s.Width/float32(max(1, n))
	for _, o := range objs {
		if o.Visible() {
			o.Move(fyne.NewPos(x, 0))
			o.Resize(fyne.NewSize(w, s.Height))
			x += w
		}
	}
}

// marketRows gives charts a little more than half of the height, or the notice
// what it needs, and the rest to the table.
type marketRows struct{ notice fyne.CanvasObject }

// MinSize implements fyne.Layout.
func (marketRows) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 120) }

// Layout implements fyne.Layout.
func (m marketRows) Layout(objs []fyne.CanvasObject, s fyne.Size) {
	top := min(240, float32(int(s.Height*0.52)))
	if m.notice.Visible() {
		top = min(top, 112)
	}
	objs[0].Resize(fyne.NewSize(s.Width, top))
	objs[1].Move(fyne.NewPos(0, top))
	objs[1].Resize(fyne.NewSize(s.Width, 1))
	objs[2].Move(fyne.NewPos(0, top+1))
	objs[2].Resize(fyne.NewSize(s.Width, max(0, s.Height-top-1)))
}

// noticeRows sets out head, sentences and, at the right, a button.
type noticeRows struct{}

// MinSize implements fyne.Layout.
func (noticeRows) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 80) }

// Layout implements fyne.Layout.
func (noticeRows) Layout(objs []fyne.CanvasObject, s fyne.Size) {
	const pad = 14
	room := s.Width - 2*pad
	if b := objs[2]; b.Visible() {
		m := b.MinSize()
		b.Move(fyne.NewPos(s.Width-pad-m.Width, pad))
		b.Resize(m)
		room -= m.Width + pad
	}
	objs[0].Move(fyne.NewPos(pad, 8))
	objs[0].Resize(fyne.NewSize(room, 20))
	objs[1].Move(fyne.NewPos(pad-theme.InnerPadding(), 24))
	objs[1].Resize(fyne.NewSize(min(640, room)+theme.InnerPadding(), s.Height-24))
}

// marketItems is the context menu of the Market tab.
func (u *UI) marketItems() []*fyne.MenuItem {
	n := len(u.parts.tabs.market.trades.chosen())
	return []*fyne.MenuItem{
		u.item("market.menu.reserve", func() { u.askBandwidth(false) }), u.item("market.menu.caps", func() { u.askBandwidth(true) }), u.bidModeMenu(),
		fyne.NewMenuItemSeparator(), enabled(u.item("menu.copyPeers", u.copyTraders), n > 0), u.item("market.switch", u.showMarketPrefs),
	}
}

// tradeItems are the part of the menu Bandwidth that is about the market.
func (u *UI) tradeItems(sel []*swarm.Torrent) []*fyne.MenuItem {
	one := len(sel) == 1
	items := []*fyne.MenuItem{
		enabled(u.item("market.menu.limits", u.showProperties), one), fyne.NewMenuItemSeparator(),
		enabled(u.item("market.menu.reserve", func() { u.askBandwidth(false) }), one),
		u.bidModeMenu(),
		enabled(u.item("market.menu.caps", func() { u.askBandwidth(true) }), one),
	}
	items = append(items, u.reportItem(one)...)
	if one && sel[0].Private {
		items = append(items, ticked(u.item("market.allowPrivate", u.togglePrivate), u.frame.trade.AllowPrivate))
	}
	return items
}

// togglePrivate lets the selected private torrents trade, after a warning, or not.
func (u *UI) togglePrivate() {
	if u.frame.trade.AllowPrivate {
		u.setTrade(func(b *swarm.Bandwidth) { b.AllowPrivate = false })
		return
	}
	u.host().Confirm(u.loc.T("market.allowPrivate"), view.Advice{What: u.loc.T("market.privateWarn"), Do: u.loc.T("market.privateAsk")}, u.loc.T("market.allow"), func() {
		u.setTrade(func(b *swarm.Bandwidth) { b.AllowPrivate = true })
	})
}

// bidModeMenu chooses how the selected torrents bid; the present mode is ticked
// while one is selected.
func (u *UI) bidModeMenu() *fyne.MenuItem {
	one := len(u.selected()) == 1
	var items []*fyne.MenuItem
	for _, m := range dialogs.BidModes() {
		items = append(items, ticked(fyne.NewMenuItem(u.loc.BidMode(m), func() {
			u.setTrade(func(b *swarm.Bandwidth) { b.Mode = m })
		}), one && u.frame.trade.Mode == m))
	}
	return submenu(u.loc.T("market.mode"), items...)
}

// setTrade changes how every selected torrent trades and leaves the rest of its
// settings.
func (u *UI) setTrade(change func(*swarm.Bandwidth)) {
	u.onSelected("market.title", func(ctx context.Context, ihs ...swarm.InfoHash) error {
		for _, ih := range ihs {
			b, err := u.p.Engine.Bandwidth(ctx, ih)
			if err != nil {
				return err
			}
			change(&b)
			if err := u.p.Engine.SetBandwidth(ctx, b, ih); err != nil {
				return err
			}
		}
		return nil
	})
}

// askBandwidth edits how the current torrent trades.
func (u *UI) askBandwidth(caps bool) {
	t := u.frame.find(u.current())
	if t == nil || u.busy() {
		return
	}
	ih, name, private := t.InfoHash, t.Name, t.Private
	var now swarm.Bandwidth
	u.do("market.title", func(ctx context.Context) (err error) {
		now, err = u.p.Engine.Bandwidth(ctx, ih)
		return err
	}, func() {
		if u.busy() {
			return
		}
		u.host().Bandwidth(dialogs.BandwidthParams{Name: name, Private: private, Now: now, Caps: caps, Done: func(b swarm.Bandwidth) {
			u.do("market.title", func(ctx context.Context) error { return u.p.Engine.SetBandwidth(ctx, b, ih) }, nil)
		}})
	})
}

// copyTraders copies the addresses of the selected lines.
func (u *UI) copyTraders() {
	s := ""
	for _, r := range u.parts.tabs.market.trades.chosen() {
		if s != "" {
			s += "\n"
		}
		s += r.Addr.String()
	}
	u.copy(s)
}

// moneyColumns are shown while the market is on, and hidden when it goes off;
// between, the user may choose otherwise.
func (u *UI) moneyColumns(on bool) {
	for _, id := range []string{"earning", "spending"} {
		u.parts.list.table.ShowColumn(id, on)
	}
}
