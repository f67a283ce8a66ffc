package dialogs

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
)

// WithdrawParams are what a withdrawal begins with.
type WithdrawParams struct {
	Payers   []view.Payer
	BackedUp bool
	Payment  view.Payment // what the fields hold at first
	Backup   func()       // opens the backup; asked for where it stands in the way
	Sent     func()       // after the transaction was signed and recorded
}

// withdrawal is an open dialog.
type withdrawal struct {
	h *WalletHost
	t *task
	p WithdrawParams

	from, coin       *Select
	to, amount       *Entry
	all              bool // the amount is all there is
	findings         *fyne.Container
	have, fee, parts *widget.Label

	asked   int  // questions put to the chain so far
	asking  bool // one is under way
	again   bool // and the fields have changed since
	setting bool // the amount is being written by us
}

const withdrawWidth = 560

// Withdraw asks whom to pay how much, and shows what it would cost.
func (h *WalletHost) Withdraw(p WithdrawParams) *Frame {
	l := h.Locale
	w := &withdrawal{h: h, t: h.task(), p: p, findings: lines(withdrawWidth - 2*framePad)}
	var froms, coins []string
	for _, a := range p.Payers {
		froms = append(froms, l.T(map[view.PayerRole]string{view.Savings: "wallet.role.savings", view.Spending: "wallet.role.spending", view.Former: "wallet.role.former"}[a.Role])+"  "+a.Address)
	}
	chosen := 0
	for i, c := range view.Coins() {
		coins = append(coins, c.Name())
		if c == p.Payment.Coin {
			chosen = i
		}
	}
	from := max(0, slices.IndexFunc(p.Payers, func(a view.Payer) bool { return a.Address == p.Payment.From }))
	w.from, w.coin, w.all = newSelect(w.t.k, froms, from), newSelect(w.t.k, coins, chosen), p.Payment.All
	w.to, w.amount = newEntry(w.t.k, p.Payment.To), newEntry(w.t.k, "")
	if p.Payment.Amount > 0 {
		w.amount.SetText(l.Digits(p.Payment.Amount))
	}
	w.to.SetPlaceHolder("T…")
	w.have, w.fee, w.parts = widget.NewLabel(""), widget.NewLabel(""), dimWrapped("")
	w.have.Importance = widget.LowImportance
	w.from.OnChanged = func(string) { w.changed() }
	w.coin.OnChanged = func(string) { w.changed() }
	w.to.OnChanged = func(string) { w.changed() }
	w.amount.OnChanged = func(string) {
		if !w.setting {
			w.all = false
			w.changed()
		}
	}
	s := spec{
		title: l.T("wallet.withdraw.title"), content: w.form(), size: fyne.NewSize(withdrawWidth, 0), ok: l.T("wallet.review"), cancel: l.T("dlg.cancel"), focus: w.to, onOK: w.review,
	}
	if !p.BackedUp && p.Backup != nil {
		s.foot = newButton(w.t.k, l.T("wallet.backup.now"), func() {
			w.t.f.Close()
			p.Backup()
		})
	}
	f := w.t.open(s)
	w.changed()
	return f
}

func (w *withdrawal) form() fyne.CanvasObject {
	l := w.h.Locale
	most := newButton(w.t.k, l.T("wallet.max"), func() {
		w.all = true
		w.changed()
	})
	coin := container.New(atLeast{92}, framed(w.coin))
	side := container.New(layout.NewCustomPaddedHBoxLayout(6), coin, most)
	amount := container.New(layout.NewBorderLayout(nil, nil, nil, side), container.New(layout.NewCustomPaddedLayout(0, 0, 0, 6), w.amount), side)
	var ps []pair
	if len(w.p.Payers) > 1 {
		ps = append(ps, pair{text(l.T("wallet.from")), framed(w.from)})
	}
	ps = append(ps, pair{text(l.T("wallet.to")), w.to}, pair{text(l.T("wallet.amount")), amount}, pair{text(""), container.New(layout.NewCustomPaddedLayout(-4, -4, -4, 0), w.have)})
	cost := container.New(layout.NewCustomPaddedLayout(0, 0, -4, -4), container.New(layout.NewCustomPaddedVBoxLayout(-6), w.fee, w.parts))
	return lines(withdrawWidth-2*framePad, newRows(ps...), w.findings, cost)
}

// payment reads the fields; what is wrong with them is in words, "" if nothing.
func (w *withdrawal) payment() (p view.Payment, field *Entry, wrong string) {
	l := w.h.Locale
	p = view.Payment{To: strings.TrimSpace(w.to.Text), Coin: view.Coins()[w.coin.SelectedIndex()], All: w.all}
	if i := w.from.SelectedIndex(); i >= 0 && i < len(w.p.Payers) {
		p.From = w.p.Payers[i].Address
	}
	if p.To == "" {
		return p, w.to, l.T("wallet.noRecipient")
	}
	if _, err := w.h.Wallet.CheckAddress(p.To); err != nil {
		return p, w.to, sentence(w.h.Explain(err))
	}
	if p.All {
		return p, nil, ""
	}
	a, err := l.ParseAmount(strings.TrimSpace(w.amount.Text))
	switch {
	case strings.TrimSpace(w.amount.Text) == "":
		return p, w.amount, l.T("wallet.noAmount")
	case err != nil:
		return p, w.amount, sentence(w.h.Explain(err))
	case a <= 0:
		return p, w.amount, l.T("wallet.noAmount")
	}
	p.Amount = a
	return p, nil, ""
}

// changed checks the address as far as that can be done at once, and asks the
// chain when there is enough to ask about.
func (w *withdrawal) changed() {
	p, field, wrong := w.payment()
	w.t.say("", widget.MediumImportance)
	w.showHave(p)
	var list []view.Finding
	if p.To != "" {
		var err error
		if list, err = w.h.Wallet.CheckAddress(p.To); err != nil {
			w.show(nil)
			w.findings.Objects = []fyne.CanvasObject{tinted(sentence(w.h.Explain(err)), view.Broken)}
			w.settle()
			return
		}
		list = withoutUnchecked(list) // the chain is asked in a moment
	}
	w.show(list)
	if wrong != "" {
		w.cost(nil)
		if field == w.amount && strings.TrimSpace(w.amount.Text) != "" {
			w.t.say(wrong, widget.DangerImportance)
		}
		return
	}
	w.ask(p)
}

func withoutUnchecked(list []view.Finding) (out []view.Finding) {
	for _, f := range list {
		if f.Concern != view.ToNotChecked {
			out = append(out, f)
		}
	}
	return out
}

// showHave says what the chosen account holds.
func (w *withdrawal) showHave(p view.Payment) {
	l := w.h.Locale
	for _, a := range w.p.Payers {
		if a.Address == p.From || p.From == "" {
			w.have.SetText(l.T("wallet.have", l.Amount(a.Have[p.Coin], p.Coin), l.Amount(a.Have[view.TRX], view.TRX)))
			return
		}
	}
}

// show lists what speaks against the recipient.
func (w *withdrawal) show(list []view.Finding) {
	w.findings.RemoveAll()
	for _, f := range list {
		s, tone := w.h.Locale.Sentence(f)
		w.findings.Add(tinted(s, tone))
	}
	w.settle()
}

// cost shows a fee; nil is none yet.
func (w *withdrawal) cost(q *view.WalletQuote) {
	sum, parts := w.h.Locale.T("wallet.fee.none"), ""
	if q != nil && q.MaxFee > 0 {
		sum, parts = w.h.Locale.Fee(q)
	}
	w.fee.SetText(sum)
	w.parts.SetText(parts)
	w.settle()
}

// settle gives the dialog the height its texts need.
func (w *withdrawal) settle() {
	w.findings.Refresh()
	if w.t.f != nil {
		w.t.f.content.Refresh()
		w.t.f.Refresh()
	}
}

// ask asks what the payment costs. One question is under way at a time; the last
// one counts.
func (w *withdrawal) ask(p view.Payment) {
	w.asked++
	if w.asking {
		w.again = true
		return
	}
	w.asking = true
	w.fee.SetText(w.h.Locale.T("wallet.fee.asking"))
	n := w.asked
	var q view.WalletQuote
	w.h.Work(func(ctx context.Context) (err error) {
		q, err = w.h.Wallet.Quote(ctx, p)
		return err
	}, func(err error) {
		w.asking = false
		if w.t.f == nil || w.t.f.gone {
			return
		}
		if w.again || n != w.asked {
			w.again = false
			w.changed()
			return
		}
		w.answer(p, q, err)
	})
}

func (w *withdrawal) answer(p view.Payment, q view.WalletQuote, err error) {
	w.show(q.Findings)
	w.cost(&q)
	if q.Have > 0 || q.HaveTRX > 0 { // newer than what the page knew
		w.have.SetText(w.h.Locale.T("wallet.have", w.h.Locale.Amount(q.Have, p.Coin), w.h.Locale.Sun(q.HaveTRX)))
	}
	if p.All && q.Amount > 0 {
		w.setting = true
		w.amount.SetText(w.h.Locale.Digits(q.Amount))
		w.setting = false
	}
	if err != nil {
		w.t.wrong(err)
	}
}

// review builds the transaction and shows it.
func (w *withdrawal) review() bool {
	p, field, wrong := w.payment()
	if wrong != "" {
		return w.t.refuse(field, wrong)
	}
	var r view.WalletReview
	return w.t.run(w.h.Locale.T("wallet.preparing"), func(ctx context.Context) (err error) {
		r, err = w.h.Wallet.Prepare(ctx, p)
		return err
	}, func() { w.h.Review(r, w.p.Sent) })
}

// Review shows what will be signed, as read back from its bytes, and asks for
// the password.
func (h *WalletHost) Review(r view.WalletReview, sent func()) *Frame {
	const width = 560
	l, t := h.Locale, h.task()
	t.firm = true
	fact := func(key, value string, strong bool) pair {
		v := text(value)
		v.TextStyle.Bold = strong
		return pair{dim(l.T(key)), v}
	}
	ps := []pair{fact("wallet.review.send", l.Amount(r.Amount, r.Coin), true), fact("wallet.to", r.To, true)}
	if k := r.Order.Kind; k != "" {
		ps = []pair{fact("wallet.review.does", l.OrderDoes(k), true)}
		if r.Order.Amount > 0 {
			ps = append(ps, fact("wallet.amount", l.Amount(r.Order.Amount, coinOf(k)), true))
		}
		if k == view.OrderRedeem {
			ps = append(ps, fact("redeem.to", l.T(map[bool]string{false: "redeem.intoDeposit", true: "redeem.intoWallet"}[r.Order.Withdraw]), false))
		}
	}
	ps = append(ps, fact("wallet.from", r.From, false), fact("wallet.opt.network", l.NetworkName(r.Network), false))
	if r.Contract != "" {
		ps = append(ps, fact("wallet.review.contract", r.Contract, false), fact("wallet.review.limit", l.Sun(r.FeeLimit), false))
	}
	ps = append(ps, fact("wallet.col.fee", l.T("wallet.fee.short", l.Sun(r.Fee), l.Sun(r.MaxFee)), false), fact("wallet.review.until", l.Time(r.Expires), false), fact("wallet.col.txid", short(r.TxID), false))
	form := newRows(ps...)
	form.Layout = &rows{gap: 4}
	objs := []fyne.CanvasObject{wrapped(l.T("wallet.review.text")), paper(container.New(layout.NewCustomPaddedLayout(8, 8, 10, 10), form))}
	for _, f := range r.Findings {
		s, tone := l.Sentence(f)
		objs = append(objs, tinted(s, tone))
	}
	e := t.secret()
	objs = append(objs, newRows(pair{text(l.T("wallet.password")), e}))
	return t.open(spec{title: l.T("wallet.review.title"), content: lines(width-2*framePad, objs...), size: fyne.NewSize(width, 0), ok: l.T("wallet.send"), cancel: l.T("dlg.cancel"), focus: e, onOK: func() bool {
		if e.Text == "" {
			return t.refuse(e, l.T("wallet.noPassword"))
		}
		secret := []byte(e.Text)
		return t.run(l.T("wallet.signing"), func(ctx context.Context) error {
			defer clear(secret)
			return h.Wallet.Send(ctx, r.ID, secret)
		}, sent)
	}})
}

// short keeps both ends of an id.
func short(id string) string {
	if len(id) <= 32 {
		return id
	}
	return id[:16] + " … " + id[len(id)-16:]
}
