package dialogs

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
	"swarmbid/wallet/btt"
)

// marketPage is the page of the preferences on the market.
func marketPage() Page {
	return Page{"market.pref.title", []Setting{
		{Label: "market.pref.on", Bool: func(p *Prefs) *bool { return &p.Market }, Note: "market.pref.onNote"},
		{Label: "market.sell"},
		{Label: "market.pref.reserve", Money: func(p *Prefs) *btt.Amount { return &p.Reserve }, Unit: "market.unit"},
		{Label: "market.pref.rarity", Bool: func(p *Prefs) *bool { return &p.ReserveRarity }},
		{Label: "market.buy"},
		{
			Label: "market.modeOf", Text: func(p *Prefs) *string { return &p.BidMode },
			Choices: []Choice{{"off", "market.mode.off"}, {"eco", "market.mode.eco"}, {"balanced", "market.mode.balanced"}, {"fast", "market.mode.fast"}, {"paper", "market.mode.paper"}},
		},
		{Label: "market.maxPrice", Money: func(p *Prefs) *btt.Amount { return &p.BidMaxPrice }, Unit: "market.unit"},
		{Label: "market.maxTorrent", Money: func(p *Prefs) *btt.Amount { return &p.BidMaxTorrent }, Unit: "market.btt"},
		{Label: "market.maxDay", Money: func(p *Prefs) *btt.Amount { return &p.BidMaxDay }, Unit: "market.btt", Note: "market.pref.capsNote"},
		{Label: "market.pref.spending", Int: func(p *Prefs) *int { return &p.BidSpending }, Max: 10, Unit: "market.pref.ofBalance", Note: "market.pref.spendingNote"},
	}}
}

// money builds the field of an amount.
func (d *preferences) money(page int, s Setting) fyne.CanvasObject {
	l := d.h.Locale
	e := newEntry(d.keys, l.Digits(*s.Money(&d.prefs)))
	d.read = append(d.read, func() error {
		a, ok := amount(l, e)
		if !ok {
			return d.refuse(page, e, l.T("market.badAmount", l.T(s.Label)))
		}
		*s.Money(&d.prefs) = a
		return nil
	})
	return narrow(e, 110, l.T(s.Unit))
}

// amount reads an amount of 0 or more; an empty field is 0.
func amount(l *view.Locale, e *Entry) (btt.Amount, bool) {
	if e.Text == "" {
		return 0, true
	}
	a, err := l.ParseAmount(e.Text)
	return a, err == nil && a >= 0 && a <= maxAmount
}

// maxAmount bounds what is typed, so that no price overflows: ten billion BTT.
const maxAmount = btt.Amount(1e16)

// BandwidthParams are what the trade of a torrent begins with.
type BandwidthParams struct {
	Name    string
	Private bool // it may be allowed to trade nevertheless
	Now     swarm.Bandwidth
	Caps    bool // begin with the limits on what is bid, else with the reserve price
	Done    func(swarm.Bandwidth)
}

// trade are the fields of a Bandwidth dialog.
type trade struct {
	l       *view.Locale
	reserve *Select
	price   *Entry
	mode    *Select
	most    *Entry
	total   *Entry
	private *Check // nil = the torrent is public
}

// Bandwidth edits what one torrent asks for and bids.
func (h *Host) Bandwidth(p BandwidthParams) *Frame {
	k, l := &keys{}, h.Locale
	t := newTrade(l, k, p)
	wrong := dim(l.T("market.zero"))
	const w = 110
	ps := []pair{
		{nil, bold(l.T("market.sell"))},
		{text(l.T("market.reserveOf")), t.reserve},
		{text(l.T("market.price")), narrow(t.price, w, l.T("market.unit"))},
		{nil, dim(l.T("market.rarityNote"))},
		{nil, bold(l.T("market.buy"))},
		{text(l.T("market.modeOf")), t.mode},
		{text(l.T("market.maxPrice")), narrow(t.most, w, l.T("market.unit"))},
		{text(l.T("market.maxTotal")), narrow(t.total, w, l.T("market.btt"))},
		{nil, wrong},
	}
	if t.private != nil {
		warn := canvas.NewText(l.T("market.privateWarn"), widgets.ToneColor(view.Working))
		warn.TextSize = widgets.TextSize
		ps = append(ps, pair{nil, t.private}, pair{nil, warn})
	}
	name := widget.NewLabel(p.Name)
	name.Truncation = fyne.TextTruncateEllipsis
	top := container.New(layout.NewCustomPaddedLayout(-8, -2, -8, 0), name)
	focus := fyne.Focusable(t.price)
	if p.Caps {
		focus = t.most
	}
	var next swarm.Bandwidth
	box := container.New(layout.NewBorderLayout(top, nil, nil, nil), top, newRows(ps...))
	return h.open(spec{title: l.T("market.title"), content: box, size: fyne.NewSize(500, 0), keys: k, ok: l.T("dlg.ok"), cancel: l.T("dlg.cancel"), focus: focus, onOK: func() bool {
		b, bad := t.read(p.Now)
		if bad != nil {
			setText(wrong, l.T("market.badAmount", l.T("market.amount")), widgets.ToneColor(view.Broken))
			h.Canvas.Focus(bad)
			return false
		}
		next = b
		return true
	}, then: func() {
		if next != p.Now {
			p.Done(next)
		}
	}})
}

func newTrade(l *view.Locale, k *keys, p BandwidthParams) *trade {
	reserve := 0
	switch {
	case p.Now.OwnReserve && p.Now.ByRarity:
		reserve = 2
	case p.Now.OwnReserve:
		reserve = 1
	}
	modes := []string{}
	for _, m := range BidModes() {
		modes = append(modes, l.BidMode(m))
	}
	t := &trade{
		l: l, reserve: newSelect(k, []string{l.T("market.mode.session"), l.T("market.fixed"), l.T("market.byRarity")}, reserve),
		price: newEntry(k, priceText(l, p.Now.Reserve)), mode: newSelect(k, modes, int(p.Now.Mode)),
		most: newEntry(k, priceText(l, p.Now.MaxPrice)), total: newEntry(k, l.Digits(btt.Amount(p.Now.MaxTotal))),
	}
	t.price.OnChanged = func(string) {
		if t.reserve.SelectedIndex() == 0 { // who types a price means it
			t.reserve.SetSelectedIndex(1)
		}
	}
	if p.Private {
		t.private = newCheck(k, l.T("market.allowPrivate"), p.Now.AllowPrivate)
	}
	return t
}

// BidModes lists every mode, in the order of their values.
func BidModes() []swarm.BidMode {
	return []swarm.BidMode{swarm.BidAsSession, swarm.BidOff, swarm.BidEco, swarm.BidBalanced, swarm.BidFast, swarm.BidPaper}
}

// priceText writes a price for a field.
func priceText(l *view.Locale, price int64) string {
	a, err := btt.Rate(price).PerGiB()
	if err != nil {
		return ""
	}
	return l.Digits(view.Rough(a))
}

// read takes what the fields say; bad is one that cannot be read. A price whose
// text was not touched stays as exact as it was.
func (t *trade) read(now swarm.Bandwidth) (b swarm.Bandwidth, bad *Entry) {
	b = now
	price := func(e *Entry, old int64) int64 {
		if e.Text == priceText(t.l, old) {
			return old
		}
		a, ok := amount(t.l, e)
		r, err := btt.RatePerGiB(a)
		if !ok || err != nil {
			bad = e
		}
		return int64(r)
	}
	b.MaxPrice, b.Reserve = price(t.most, now.MaxPrice), price(t.price, now.Reserve)
	total, ok := amount(t.l, t.total)
	if !ok {
		bad = t.total
	}
	b.MaxTotal = int64(total)
	if i := t.reserve.SelectedIndex(); i >= 0 {
		b.OwnReserve, b.ByRarity = i > 0, i == 2
	}
	if i := t.mode.SelectedIndex(); i >= 0 {
		b.Mode = BidModes()[i]
	}
	if t.private != nil {
		b.AllowPrivate = t.private.Checked
	}
	return b, bad
}

// Confirm asks before something that may harm; ok is the word of its button.
func (h *Host) Confirm(title string, a view.Advice, ok string, done func()) *Frame {
	box := container.New(layout.NewCustomPaddedVBoxLayout(4), wrapped(a.What), wrapped(a.Do))
	return h.open(spec{title: title, content: box, size: fyne.NewSize(440, 150), ok: ok, cancel: h.Locale.T("dlg.cancel"), danger: true, then: done})
}
