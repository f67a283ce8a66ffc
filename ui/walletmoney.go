package ui

import (
	"context"
	"maps"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"swarmbid/engine/swarm"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// The tabs of the wallet page.
const (
	moneyHistory  = "history"
	moneyTrade    = "trade"
	moneyDeposit  = "deposit"
	moneyVouchers = "vouchers"
	moneyDays     = "days"
)

// moneyPages is the lower part of the wallet page: what was paid, the switch, the
// deposit, the vouchers, and a chart by day.
type moneyPages struct {
	u     *UI
	bar   *widgets.TabBar
	pages map[string]fyne.CanvasObject

	on               *widget.Check
	setting          bool // the switch is being set by us
	meaning, blocked *widget.Label
	payNext          *widget.Label
	payWays          *widgets.Facts
	payButtons       *fyne.Container
	payNow, payNot   *widget.Button
	fund, fuel       *widget.Button
	payFacts         *widgets.Facts
	payBox           *fyne.Container
	escrowWhat       *canvas.Text
	escrowDo         *widget.Label
	escrowFacts      *widgets.Facts
	escrowBox        *fyne.Container
	escrowButtons    *fyne.Container
	offered          []view.OrderKind // what the buttons do
	redeemText       *widget.Label
	nextText         *widget.Label
	redeem           *widget.Button
	forbid, hurry    *widget.Button
	voucherHead      *fyne.Container
	vouchers         *pane[view.Voucher, string]
	noVouchers       *fyne.Container
	chart            *widgets.Bars
	shares           *widgets.Facts
}

// moneyFrame is what they show, as finished text.
type moneyFrame struct {
	pay, ways  []view.FactGroup
	payNext    string
	blocked    string
	escrow     view.Advice
	escrowTone view.Tone
	escrows    []view.FactGroup
	may        []view.OrderKind
	redeem     string
	redeemTone view.Tone
	next       string
	nextTone   view.Tone
	vouchers   *view.List[view.Voucher]
	bars       view.Bars
	shares     []view.FactGroup
}

// buildMoney makes what they show. It runs beside the main goroutine.
func buildMoney(f *view.Format, w *view.Wallet, a *walletAsk, s *swarm.Snapshot) (m moneyFrame) {
	m.pay, m.blocked = f.PayFacts(&w.Pay, &a.terms, &w.Turnover), f.PayNotice(&w.Pay, &a.terms, w)
	m.ways = f.DirectFacts(w)
	m.payNext, _ = f.PayoutWords(w)
	m.escrow, m.escrowTone = f.EscrowWords(w)
	m.escrows, m.may = f.EscrowFacts(w), view.EscrowMay(w, f.Now)
	m.redeem, m.redeemTone = f.RedeemWords(&w.Redeem)
	if former := f.FormerWords(w.Former); former != "" {
		m.redeem += "\n" + former
	}
	m.next, m.nextTone = f.NextWords(w.Next)
	m.vouchers = view.Vouchers(f, w.Vouchers, a.vouchers.order, a.vouchers.show)
	m.bars = view.DayBars(f, &w.Turnover)
	m.shares = f.Shares(&w.Turnover, func(ih swarm.InfoHash) string {
		for i := range s.Torrents {
			if s.Torrents[i].InfoHash == ih {
				return s.Torrents[i].Name
			}
		}
		return ""
	})
	return m
}

// flowing sets objects below each other, each over the whole width; wrapped text
// knows how high it is when it knows how wide.
type flowing struct{}

// MinSize implements fyne.Layout.
func (flowing) MinSize(objs []fyne.CanvasObject) (s fyne.Size) {
	for _, o := range objs {
		if o.Visible() {
			m := o.MinSize()
			s.Width, s.Height = max(s.Width, m.Width), s.Height+m.Height
		}
	}
	return s
}

// Layout implements fyne.Layout.
func (flowing) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objs {
		if !o.Visible() {
			continue
		}
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
		h := o.MinSize().Height
		o.Resize(fyne.NewSize(size.Width, h))
		o.Move(fyne.NewPos(0, y))
		y += h
	}
}

// headed gives the first object the height it needs at the width there is, and the
// rest to the second.
type headed struct{}

// MinSize implements fyne.Layout.
func (headed) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 120) }

// Layout implements fyne.Layout.
func (headed) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	head, body := objs[0], objs[1]
	head.Resize(fyne.NewSize(size.Width, head.MinSize().Height))
	h := min(head.MinSize().Height, size.Height)
	head.Resize(fyne.NewSize(size.Width, h))
	body.Move(fyne.NewPos(0, h))
	body.Resize(fyne.NewSize(size.Width, size.Height-h))
}

// newMoneyPages makes the tabs over the history.
func (u *UI) newMoneyPages(history fyne.CanvasObject) *moneyPages {
	m := &moneyPages{u: u}
	l := u.loc
	m.bar = widgets.NewTabBar([]widgets.Tab{
		{ID: moneyHistory, Title: l.T("wallet.history"), Icon: "log"},
		{ID: moneyTrade, Title: l.T("pay.tab"), Icon: "market"},
		{ID: moneyDeposit, Title: l.T("escrow.tab"), Icon: "lock"},
		{ID: moneyVouchers, Title: l.T("voucher.tab"), Icon: "done"},
		{ID: moneyDays, Title: l.T("pay.days"), Icon: "speed"},
	})
	m.pages = map[string]fyne.CanvasObject{
		moneyHistory: history, moneyTrade: m.newTrade(), moneyDeposit: m.newDeposit(), moneyVouchers: m.newVouchers(), moneyDays: m.newDays(),
	}
	m.bar.OnChoose = m.turn
	m.turn(moneyHistory)
	return m
}

// turn shows one page.
func (m *moneyPages) turn(id string) {
	for k, p := range m.pages {
		setVisible(p, k == id)
	}
}

// stack is all pages, of which one is visible.
func (m *moneyPages) stack() fyne.CanvasObject {
	return container.NewStack(m.pages[moneyHistory], m.pages[moneyTrade], m.pages[moneyDeposit], m.pages[moneyVouchers], m.pages[moneyDays])
}

func wrappedLabel(s string) *widget.Label {
	l := widget.NewLabel(s)
	l.Wrapping = fyne.TextWrapWord
	return l
}

func (m *moneyPages) button(key, command string) *widget.Button {
	return widget.NewButton(m.u.loc.T(key), func() { m.u.Run(command) })
}

// newTrade is the switch with what it means, and the limits.
func (m *moneyPages) newTrade() fyne.CanvasObject {
	l := m.u.loc
	m.on = widget.NewCheck(l.T("pay.switch"), func(on bool) {
		if !m.setting {
			m.u.switchPay(on)
		}
	})
	change := m.button("pay.change", "wallet-pay")
	head := container.New(layout.NewBorderLayout(nil, nil, nil, change), change, m.on)
	m.meaning, m.blocked, m.payFacts = wrappedLabel(l.T("pay.meaning")), wrappedLabel(""), widgets.NewFacts()
	m.blocked.Importance = widget.WarningImportance
	m.blocked.Hide()
	m.payWays, m.payNext = widgets.NewFacts(), wrappedLabel("")
	m.payNext.Importance = widget.WarningImportance
	m.payNext.Hide()
	m.payNow, m.payNot = m.button("redeem.hurry", "wallet-payout-now"), m.button("direct.forbid", "wallet-payout-forbid")
	m.fund, m.fuel = m.button("direct.do.fund", "wallet-fund"), m.button("escrow.do.fuel", "wallet-fuel")
	row := container.New(layout.NewCustomPaddedHBoxLayout(8), m.payNow, m.payNot, m.fund, m.fuel)
	m.payButtons = container.New(layout.NewCustomPaddedLayout(2, 6, 8, 8), row)
	m.payBox = container.New(flowing{}, head, m.meaning, m.blocked, m.payNext, m.payButtons, m.payFacts, m.payWays)
	return container.NewVScroll(container.New(layout.NewCustomPaddedLayout(4, 4, 8, 8), m.payBox))
}

// newDeposit is how the deposit stands and what can be done.
func (m *moneyPages) newDeposit() fyne.CanvasObject {
	m.escrowWhat = canvas.NewText("", theme.Color(theme.ColorNameForeground))
	m.escrowWhat.TextSize, m.escrowWhat.TextStyle.Bold = widgets.TextSize+1, true
	m.escrowDo, m.escrowFacts = wrappedLabel(""), widgets.NewFacts()
	m.escrowButtons = container.New(layout.NewCustomPaddedHBoxLayout(8))
	m.escrowBox = container.New(flowing{}, container.New(layout.NewCustomPaddedLayout(4, 0, 8, 8), m.escrowWhat), m.escrowDo,
		container.New(layout.NewCustomPaddedLayout(0, 8, 8, 8), m.escrowButtons), m.escrowFacts)
	return container.NewVScroll(container.New(layout.NewCustomPaddedLayout(4, 4, 8, 8), m.escrowBox))
}

// newVouchers is the list of vouchers under what redeeming them would cost.
func (m *moneyPages) newVouchers() fyne.CanvasObject {
	u := m.u
	m.vouchers = newPane(u, "vouchers", view.VoucherColumns(u.loc), func(v *view.Voucher) string { return v.Payer })
	m.vouchers.copy = func() {
		for _, v := range m.vouchers.chosen() {
			u.copy(v.Payer)
		}
	}
	m.redeemText, m.nextText = wrappedLabel(""), wrappedLabel("")
	m.redeem, m.forbid, m.hurry = m.button("redeem.do", "wallet-redeem"), m.button("redeem.forbid", "wallet-redeem-forbid"), m.button("redeem.hurry", "wallet-redeem-now")
	buttons := container.New(layout.NewCustomPaddedLayout(0, 6, 8, 8), container.New(layout.NewCustomPaddedHBoxLayout(8), m.redeem, m.hurry, m.forbid))
	m.nextText.Hide()
	m.voucherHead = container.New(flowing{}, m.redeemText, m.nextText, buttons)
	m.noVouchers = container.NewCenter(dimText(u.loc.T("voucher.none"), fyne.TextAlignCenter))
	return container.New(headed{}, m.voucherHead, container.NewStack(m.vouchers.table, m.noVouchers))
}

// newDays is the chart beside those who earned and cost most.
func (m *moneyPages) newDays() fyne.CanvasObject {
	m.chart, m.shares = widgets.NewBars(), widgets.NewFacts()
	side := container.NewVScroll(container.New(layout.NewCustomPaddedLayout(6, 4, 4, 8), m.shares))
	return container.New(beside{width: 400, height: 120}, container.New(layout.NewCustomPaddedLayout(6, 4, 4, 4), m.chart), side)
}

// apply shows a frame.
func (m *moneyPages) apply(f *frame) {
	w, x := f.wallet, &f.moneyFrame
	if m.on.Checked != w.Pay.On {
		m.setting = true
		m.on.SetChecked(w.Pay.On)
		m.setting = false
	}
	m.payFacts.SetGroups(x.pay)
	m.say(m.blocked, x.blocked, widget.WarningImportance, m.payBox)
	m.payWays.SetGroups(x.ways)
	m.say(m.payNext, x.payNext, widget.WarningImportance, m.payBox)
	m.feed(x.payNext != "", len(view.DirectMay(w)) > 0)
	setText(m.escrowWhat, x.escrow.What)
	if c := widgets.ToneColor(x.escrowTone); m.escrowWhat.Color != c {
		m.escrowWhat.Color = c
		m.escrowWhat.Refresh()
	}
	m.say(m.escrowDo, x.escrow.Do, widget.MediumImportance, m.escrowBox)
	m.escrowFacts.SetGroups(x.escrows)
	m.offer(w, x.may)
	m.say(m.redeemText, x.redeem, importanceOf(x.redeemTone), m.voucherHead)
	m.say(m.nextText, x.next, importanceOf(x.nextTone), m.voucherHead)
	queued := w.Next != nil && !w.Next.Sent
	able(m.redeem, w.Redeem.Vouchers > 0 && w.Next == nil)
	setVisible(m.forbid, queued)
	setVisible(m.hurry, queued)
	m.vouchers.show(x.vouchers)
	setVisible(m.noVouchers, x.vouchers.Len() == 0)
	m.chart.SetBars(x.bars)
	m.shares.SetGroups(x.shares)
}

// feed shows the buttons of an announced transfer, and those that feed the spending
// account.
func (m *moneyPages) feed(queued, direct bool) {
	if m.payNow.Visible() == queued && m.fund.Visible() == direct && m.payButtons.Visible() == (queued || direct) {
		return
	}
	for b, on := range map[*widget.Button]bool{m.payNow: queued, m.payNot: queued, m.fund: direct, m.fuel: direct} {
		setVisible(b, on)
	}
	setVisible(m.payButtons, queued || direct)
	m.payBox.Refresh()
}

// say shows a text that may be none, and gives it its room.
func (m *moneyPages) say(l *widget.Label, s string, i widget.Importance, box *fyne.Container) {
	if l.Text == s && l.Importance == i {
		return
	}
	l.Importance = i
	l.SetText(s)
	setVisible(l, s != "")
	box.Refresh()
	if box == m.voucherHead {
		page := m.pages[moneyVouchers].(*fyne.Container)
		page.Layout.Layout(page.Objects, page.Size())
	}
}

func importanceOf(t view.Tone) widget.Importance {
	switch t {
	case view.Broken:
		return widget.DangerImportance
	case view.Working:
		return widget.WarningImportance
	case view.Giving:
		return widget.SuccessImportance
	case view.Dim, view.Resting:
		return widget.LowImportance
	case view.Plain, view.Arriving:
	}
	return widget.MediumImportance
}

func able(b *widget.Button, on bool) {
	if on == b.Disabled() {
		if on {
			b.Enable()
		} else {
			b.Disable()
		}
	}
}

// offer makes a button for each order that makes sense now.
func (m *moneyPages) offer(w *view.Wallet, may []view.OrderKind) {
	same := len(may) == len(m.offered)
	for i := 0; same && i < len(may); i++ {
		same = may[i] == m.offered[i] && m.escrowButtons.Objects[i].(*widget.Button).Text == m.u.loc.OrderName(may[i], &w.Escrow)
	}
	if same {
		return
	}
	m.offered = may
	m.escrowButtons.RemoveAll()
	for i, k := range may {
		b := widget.NewButton(m.u.loc.OrderName(k, &w.Escrow), func() { m.u.Run("wallet-" + string(k)) })
		if i == 0 && k != view.OrderFuel {
			b.Importance = widget.HighImportance
		}
		m.escrowButtons.Add(b)
	}
	m.escrowBox.Refresh()
}

// terms are the market's part of the preferences.
func (u *UI) terms() view.Terms {
	p := u.prefs
	return view.Terms{
		BidMode: p.BidMode, Spending: p.BidSpending, MaxPrice: p.BidMaxPrice, MaxTorrent: p.BidMaxTorrent, MaxDay: p.BidMaxDay,
		Reserve: p.Reserve, ReserveRarity: p.ReserveRarity,
	}
}

// switchPay turns earning and spending on or off.
func (u *UI) switchPay(on bool) {
	y := u.walletNow().Pay
	y.On = on
	if err := u.savePay(y, u.terms()); err != nil {
		u.fail("pay.title", err)
	}
}

// savePay keeps leave and limits: those of the market where the engine has them.
func (u *UI) savePay(y view.Pay, t view.Terms) error {
	p := u.p.Settings.Prefs()
	was := p.Market
	p.Market, p.BidMode, p.BidMaxPrice, p.BidMaxTorrent, p.BidMaxDay = y.On, t.BidMode, t.MaxPrice, t.MaxTorrent, t.MaxDay
	p.Reserve, p.ReserveRarity = t.Reserve, t.ReserveRarity
	if err := u.p.Settings.SavePrefs(p); err != nil {
		return err
	}
	u.prefs = p
	if was != p.Market {
		u.moneyColumns(p.Market)
	}
	u.do("pay.title", func(ctx context.Context) error { return u.p.Wallet.SetPay(ctx, y) }, nil)
	u.publish()
	return nil
}

// askPay edits the limits.
func (u *UI) askPay() {
	u.walletHost().Pay(dialogs.PayParams{Pay: u.walletNow().Pay, Terms: u.terms(), Save: u.savePay})
}

// order asks for what an order needs; it does nothing while the order makes no sense.
func (u *UI) order(k view.OrderKind) {
	w := u.walletNow()
	if k != view.OrderRedeem {
		able := false
		for _, x := range append(view.EscrowMay(w, u.frame.snap.At), view.DirectMay(w)...) {
			able = able || x == k
		}
		if !able {
			return
		}
	} else if w.Redeem.Vouchers == 0 || w.Next != nil {
		return
	}
	p := dialogs.OrderParams{Order: view.MoneyOrder{Kind: k}, Title: strings.TrimSuffix(u.loc.OrderName(k, &w.Escrow), "…"), Redeem: w.Redeem, Sent: func() { u.done(u.loc.T("wallet.sent")) }}
	switch k {
	case view.OrderDeposit:
		p.Order.Amount = w.Escrow.Approved
	case view.OrderExit:
		p.Order.Amount = w.Escrow.Free
	case view.OrderCancel, view.OrderFinish:
		p.Order.Amount = w.Escrow.Leaving
	case view.OrderFuel:
		p.Order.Amount = usualFuel
	case view.OrderApprove, view.OrderRedeem, view.OrderFund:
	}
	u.walletHost().Order(p)
}

// payout does something about the transfer that is announced.
func (u *UI) payout(what string, f func(ctx context.Context, peer string) error) {
	if d := view.QueuedDebt(u.walletNow()); d != nil {
		peer := d.Peer
		u.do(what, func(ctx context.Context) error { return f(ctx, peer) }, nil)
	}
}

// PayStarts says why payments do not start, in the status bar and as a notice of the
// desktop; "" is that they have started after all. It is called on the main goroutine.
func (u *UI) PayStarts(fault string) {
	if fault == "" {
		u.done(u.loc.T("pay.works"))
		return
	}
	words := u.loc.PayFault(fault)
	u.say(words)
	if tray := u.p.Desktop.Tray; tray != nil && u.p.Settings.Prefs().NotifyFailed {
		tray.ShowToast(u.loc.T("pay.failed.toast"), words)
	}
}

// usualFuel is what is offered as TRX for fees: some redemptions at usual prices.
const usualFuel = 30_000_000

// moneyCommands are the doings of the tabs by name, for Run.
func (u *UI) moneyCommands() map[string]func() {
	m := map[string]func(){
		"wallet-pay":           u.ifFree(u.askPay),
		"wallet-pay-on":        u.ifFree(func() { u.switchPay(true) }),
		"wallet-pay-off":       u.ifFree(func() { u.switchPay(false) }),
		"wallet-redeem-forbid": u.ifFree(func() { u.do("redeem.forbid", u.p.Wallet.ForbidRedeem, nil) }),
		"wallet-redeem-now":    u.ifFree(func() { u.do("redeem.hurry", u.p.Wallet.HurryRedeem, nil) }),
		"wallet-rotate":        u.ifFree(u.rotate),
		"wallet-redeem-former": u.ifFree(func() { u.orderFormer(view.OrderRedeem) }),
		"wallet-fuel-former":   u.ifFree(func() { u.orderFormer(view.OrderFuel) }),
		"wallet-payout-forbid": u.ifFree(func() { u.payout("direct.forbid", u.p.Wallet.ForbidPayout) }),
		"wallet-payout-now":    u.ifFree(func() { u.payout("redeem.hurry", u.p.Wallet.HurryPayout) }),
		"speed-report":         u.showReport,
	}
	for _, k := range []view.OrderKind{view.OrderApprove, view.OrderDeposit, view.OrderExit, view.OrderCancel, view.OrderFinish, view.OrderFuel, view.OrderFund, view.OrderRedeem} {
		m["wallet-"+string(k)] = u.ifFree(func() { u.order(k) })
	}
	for _, id := range []string{moneyHistory, moneyTrade, moneyDeposit, moneyVouchers, moneyDays} {
		m["wallet-tab-"+id] = func() {
			if u.parts.wallet != nil {
				u.parts.wallet.money.bar.Choose(id)
			}
		}
	}
	return m
}

// withMoney adds them to the doings of the wallet.
func (u *UI) withMoney(m map[string]func()) map[string]func() {
	maps.Copy(m, u.moneyCommands())
	return m
}
