package dialogs

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
)

// OrderParams are what an order begins with.
type OrderParams struct {
	Order  view.MoneyOrder // Amount is what the field holds at first, or all there is to say
	Title  string
	Redeem view.Redeem // of OrderRedeem: what is known before the chain is asked
	Sent   func()      // after the transaction was signed and recorded
}

// ordering is an open dialog.
type ordering struct {
	h *WalletHost
	t *task
	p OrderParams

	amount     *Entry  // nil = there is nothing to choose
	to         *Select // of a redemption; nil = it is none
	fee, parts *widget.Label
	verdict    *fyne.Container // of a redemption: worth it, or not yet

	asked  int
	asking bool
	again  bool
}

const orderWidth = 540

// asksAmount reports whether the user says how much.
func asksAmount(k view.OrderKind) bool {
	return k == view.OrderApprove || k == view.OrderExit || k == view.OrderFuel || k == view.OrderFund
}

// coinOf is what the amount of an order counts.
func coinOf(k view.OrderKind) view.Coin {
	if k == view.OrderFuel {
		return view.TRX
	}
	return view.BTT
}

// Order asks for what an order needs, and shows what it would cost before anything
// is signed.
func (h *WalletHost) Order(p OrderParams) *Frame {
	l := h.Locale
	o := &ordering{h: h, t: h.task(), p: p, fee: wrapped(""), parts: dimWrapped(""), verdict: lines(orderWidth - 2*framePad)}
	objs := []fyne.CanvasObject{wrapped(l.OrderText(p.Order.Kind))}
	s := spec{title: p.Title, size: fyne.NewSize(orderWidth, 0), ok: l.T("wallet.review"), cancel: l.T("dlg.cancel"), onOK: o.review}
	coin := coinOf(p.Order.Kind)
	switch {
	case asksAmount(p.Order.Kind):
		o.amount = newEntry(o.t.k, "")
		if p.Order.Amount > 0 {
			o.amount.SetText(l.Digits(p.Order.Amount))
		}
		o.amount.OnChanged = func(string) { o.changed() }
		s.focus = o.amount
		objs = append(objs, newRows(pair{text(l.T("wallet.amount")), narrow(o.amount, 160, coin.Name())}))
	case p.Order.Kind == view.OrderRedeem && p.Order.Account == "": // that of a former account goes to the wallet
		o.to = newSelect(o.t.k, []string{l.T("redeem.intoDeposit"), l.T("redeem.intoWallet")}, 0)
		o.to.OnChanged = func(string) { o.changed() }
		s.focus = o.to
		objs = append(objs, newRows(pair{text(l.T("redeem.to")), framed(o.to)}))
	case p.Order.Amount > 0:
		objs = append(objs, newRows(pair{text(l.T("wallet.amount")), text(l.Amount(p.Order.Amount, coin))}))
	}
	cost := container.New(layout.NewCustomPaddedLayout(0, 0, -4, -4), container.New(layout.NewCustomPaddedVBoxLayout(-6), o.fee, o.parts))
	s.content = lines(orderWidth-2*framePad, append(objs, o.verdict, cost)...)
	f := o.t.open(s)
	o.changed()
	return f
}

// order reads the fields; what is wrong with them is in words.
func (o *ordering) order() (out view.MoneyOrder, wrong string) {
	l := o.h.Locale
	out = o.p.Order
	if o.to != nil {
		out.Withdraw = o.to.SelectedIndex() == 1
	}
	if o.amount == nil {
		return out, ""
	}
	typed := strings.TrimSpace(o.amount.Text)
	a, err := l.ParseAmount(typed)
	switch {
	case typed == "" || err == nil && a <= 0:
		return out, l.T("wallet.noAmount")
	case err != nil:
		return out, sentence(o.h.Explain(err))
	}
	out.Amount = a
	return out, ""
}

// changed asks what the order costs, if there is enough to ask about.
func (o *ordering) changed() {
	order, wrong := o.order()
	o.t.say("", widget.MediumImportance)
	if wrong != "" {
		o.cost(nil)
		if o.amount != nil && strings.TrimSpace(o.amount.Text) != "" {
			o.t.say(wrong, widget.DangerImportance)
		}
		return
	}
	o.ask(order)
}

// ask asks the chain. One question is under way at a time; the last one counts.
func (o *ordering) ask(order view.MoneyOrder) {
	o.asked++
	if o.asking {
		o.again = true
		return
	}
	o.asking = true
	o.fee.SetText(o.h.Locale.T("wallet.fee.asking"))
	n := o.asked
	var q view.OrderQuote
	o.h.Work(func(ctx context.Context) (err error) {
		q, err = o.h.Wallet.QuoteOrder(ctx, order)
		return err
	}, func(err error) {
		o.asking = false
		if o.t.f == nil || o.t.f.gone {
			return
		}
		if o.again || n != o.asked {
			o.again = false
			o.changed()
			return
		}
		o.cost(&q)
		if err != nil {
			o.t.wrong(err)
		}
	})
}

// cost shows a fee; nil is none yet.
func (o *ordering) cost(q *view.OrderQuote) {
	l := o.h.Locale
	sum, parts := l.T("wallet.fee.none"), ""
	o.verdict.RemoveAll()
	if q != nil && q.MaxFee > 0 {
		sum, parts = l.Fee(&q.WalletQuote)
		if q.Later > 0 {
			sum += "\n" + l.T("escrow.later", l.Sun(q.Later))
		}
		if o.p.Order.Kind == view.OrderRedeem {
			f := &view.Format{Locale: l}
			words, tone := f.RedeemWords(&q.Redeem)
			o.verdict.Add(tinted(words, tone))
		}
	}
	o.fee.SetText(sum)
	o.parts.SetText(parts)
	o.verdict.Refresh()
	if o.t.f != nil {
		o.t.f.content.Refresh()
		o.t.f.Refresh()
	}
}

// review builds the transaction and shows it.
func (o *ordering) review() bool {
	order, wrong := o.order()
	if wrong != "" {
		return o.t.refuse(o.amount, wrong)
	}
	var r view.WalletReview
	return o.t.run(o.h.Locale.T("wallet.preparing"), func(ctx context.Context) (err error) {
		r, err = o.h.Wallet.PrepareOrder(ctx, order)
		return err
	}, func() { o.h.Review(r, o.p.Sent) })
}

// PayParams are what the settings of earning and spending begin with.
type PayParams struct {
	Pay   view.Pay
	Terms view.Terms
	// Save keeps both; its error is shown and the dialog stays.
	Save func(view.Pay, view.Terms) error
}

// paying is an open dialog.
type paying struct {
	h                                            *WalletHost
	t                                            *task
	on, rare, auto, direct                       *Check
	mode                                         *Select
	price, torrent, day, peer, reserve, fee, trx *Entry
	floor, line                                  *Entry
}

// bidModes are those of the preferences, in the order of the field.
func bidModes() []string { return []string{"off", "eco", "balanced", "fast", "paper"} }

// Pay edits under which limits is earned and spent.
func (h *WalletHost) Pay(p PayParams) *Frame {
	const width, w, short = 560, 120, 100
	l, d := h.Locale, &paying{h: h, t: h.task()}
	k := d.t.k
	var words []string
	chosen := 0
	for i, m := range bidModes() {
		words = append(words, l.BidModeName(m))
		if m == p.Terms.BidMode {
			chosen = i
		}
	}
	money := func(a btt.Amount) *Entry { return newEntry(k, l.Digits(a)) }
	d.on, d.mode = newCheck(k, l.T("pay.switch"), p.Pay.On), newSelect(k, words, chosen)
	d.price, d.torrent, d.day, d.peer = money(p.Terms.MaxPrice), money(p.Terms.MaxTorrent), money(p.Terms.MaxDay), money(p.Pay.PeerCap)
	d.reserve, d.rare = money(p.Terms.Reserve), newCheck(k, l.T("market.pref.rarity"), p.Terms.ReserveRarity)
	d.auto, d.fee, d.trx = newCheck(k, l.T("pay.autoRedeem"), p.Pay.AutoRedeem), numberEntry(k, int64(p.Pay.RedeemFee)), money(p.Pay.TRXWorth)
	d.direct, d.floor, d.line = newCheck(k, l.T("direct.allow"), p.Pay.Direct), money(p.Pay.Floor), money(p.Pay.Line)
	tips(l, map[string]hinted{"pay.fee": d.fee, "pay.trx": d.trx})
	unit, coin := l.T("market.unit"), l.T("market.btt")
	form := newRows(
		pair{nil, d.on}, pair{nil, bold(l.T("pay.spend"))}, pair{text(l.T("market.modeOf")), framed(d.mode)},
		pair{text(l.T("pay.price")), narrow(d.price, w, unit)}, pair{text(l.T("pay.torrent")), narrow(d.torrent, w, coin)},
		pair{text(l.T("pay.day")), narrow(d.day, w, coin)}, pair{text(l.T("pay.peer")), narrow(d.peer, w, coin)},
		pair{nil, bold(l.T("pay.earn"))}, pair{text(l.T("pay.reserve")), narrow(d.reserve, w, unit)}, pair{nil, d.rare},
		pair{nil, bold(l.T("pay.redeem"))}, pair{nil, d.auto}, pair{text(l.T("pay.fee")), twice(narrow(d.fee, 60, "%"), l.T("pay.trx"), narrow(d.trx, w, coin))},
		pair{nil, bold(l.T("direct.head"))}, pair{nil, d.direct}, pair{text(l.T("direct.floor")), twice(narrow(d.floor, short, coin), l.T("direct.lend"), narrow(d.line, short, coin))},
	)
	form.Layout = &rows{gap: 4}
	return d.t.open(spec{
		title: l.T("pay.title"), content: lines(width-2*framePad, form, dimWrapped(l.T("pay.note"))), size: fyne.NewSize(width, 0),
		ok: l.T("dlg.ok"), cancel: l.T("dlg.cancel"), focus: d.on, onOK: func() bool { return d.save(p) },
	})
}

// twice sets a second field with its words beside the first.
func twice(first fyne.CanvasObject, words string, second fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedHBoxLayout(8), first, text(words), second)
}

// save reads the fields and keeps what they say.
func (d *paying) save(p PayParams) bool {
	l := d.h.Locale
	y, t := p.Pay, p.Terms
	for _, f := range []struct {
		e  *Entry
		to *btt.Amount
	}{{d.price, &t.MaxPrice}, {d.torrent, &t.MaxTorrent}, {d.day, &t.MaxDay}, {d.peer, &y.PeerCap}, {d.reserve, &t.Reserve}, {d.trx, &y.TRXWorth}, {d.floor, &y.Floor}, {d.line, &y.Line}} {
		a, ok := amount(l, f.e)
		if !ok {
			return d.t.refuse(f.e, l.T("market.badAmount", l.T("market.amount")))
		}
		*f.to = a
	}
	n, ok := number(d.fee)
	if !ok || n < 1 || n > 100 {
		return d.t.refuse(d.fee, l.T("prefs.range", l.T("pay.fee"), 1, 100))
	}
	y.On, y.AutoRedeem, y.RedeemFee, t.ReserveRarity = d.on.Checked, d.auto.Checked, int(n), d.rare.Checked
	y.Direct = d.direct.Checked
	if i := d.mode.SelectedIndex(); i >= 0 {
		t.BidMode = bidModes()[i]
	}
	if err := p.Save(y, t); err != nil {
		d.t.wrong(err)
		return false
	}
	return true
}

// Report shows what paying has bought a torrent.
func (h *Host) Report(name, head string, facts [][2]string) *Frame {
	const width = 560
	var ps []pair
	for _, f := range facts {
		ps = append(ps, pair{dim(f[0]), text(f[1])})
	}
	form := newRows(ps...)
	form.Layout = &rows{gap: 4}
	what := wrapped(head)
	what.TextStyle.Bold = true
	title := widget.NewLabel(name)
	title.Truncation = fyne.TextTruncateEllipsis
	box := lines(width-2*framePad, title, what, paper(container.New(layout.NewCustomPaddedLayout(8, 8, 10, 10), form)))
	f := h.open(spec{title: h.Locale.T("report.title"), content: box, size: fyne.NewSize(width, 0), ok: h.Locale.T("dlg.close")})
	f.Refresh() // wrapped text knows its height only now
	return f
}
