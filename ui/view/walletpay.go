package view

import (
	"strings"
	"time"

	"swarmbid/wallet/btt"
)

// Terms are the limits under which the user trades, beside Pay: what the preferences
// say of the market.
type Terms struct {
	BidMode                      string     // "off", "eco", "balanced", "fast", "paper"
	Spending                     int        // "paper": percent of the balance
	MaxPrice, MaxTorrent, MaxDay btt.Amount // of a GiB; 0 = nothing is bid
	Reserve                      btt.Amount // of a GiB
	ReserveRarity                bool       // only as a torrent becomes rare
}

// BidModeName names a mode of the preferences.
func (l *Locale) BidModeName(mode string) string {
	switch mode {
	case "eco", "balanced", "fast", "paper":
		return l.T("market.mode." + mode)
	}
	return l.T("market.mode.off")
}

// PayFacts are the limits under which is traded, and what came of it.
func (f *Format) PayFacts(p *Pay, t *Terms, w *Turnover) []FactGroup {
	fact := func(key, value string) Fact { return Fact{Label: f.T(key), Value: value} }
	limit := func(a btt.Amount, perGiB bool) string {
		switch {
		case a == 0:
			return f.T("pay.nothing")
		case perGiB:
			return f.T("report.perGiB", f.Amount(a, BTT))
		}
		return f.Amount(a, BTT)
	}
	reserve := f.T("pay.free")
	if t.Reserve > 0 {
		reserve = f.T("report.perGiB", f.Amount(t.Reserve, BTT))
		if t.ReserveRarity {
			reserve = f.T("pay.whenRare", reserve)
		}
	}
	redeem := f.T("pay.askFirst")
	if p.AutoRedeem {
		redeem = f.T("pay.auto", p.RedeemFee)
	}
	return []FactGroup{
		{f.T("pay.spend"), []Fact{
			{Label: f.T("pay.mode"), Value: f.BidModeName(t.BidMode), Span: 1},
			fact("pay.price", limit(t.MaxPrice, true)), fact("pay.torrent", limit(t.MaxTorrent, false)),
			fact("pay.day", limit(t.MaxDay, false)), fact("pay.peer", limit(p.PeerCap, false)),
		}},
		{f.T("pay.earn"), []Fact{{Label: f.T("pay.reserve"), Value: reserve, Span: 2}, {Label: f.T("pay.redeem"), Value: redeem}}},
		{f.T("pay.sofar"), []Fact{
			fact("pay.today", f.flowWords(w.Today)), {Label: f.T("pay.week"), Value: f.flowWords(w.Week), Span: 2},
		}},
	}
}

// flowWords is what was earned and spent.
func (f *Format) flowWords(x Flow) string {
	var parts []string
	if x.Earned != 0 {
		parts = append(parts, "+"+f.round(x.Earned))
	}
	if x.Spent != 0 {
		parts = append(parts, "-"+f.round(x.Spent))
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, "  ") + " " + BTT.Name()
}

// round writes an amount to three digits, large ones without a fraction.
func (f *Format) round(a btt.Amount) string {
	if a = Rough(a); a >= 100*btt.One || a <= -100*btt.One {
		return f.Int(int64(a / btt.One))
	}
	return f.Digits(a)
}

// PayNotice says what keeps the switch from doing anything, "" if nothing does.
func (l *Locale) PayNotice(p *Pay, t *Terms, w *Wallet) string {
	switch {
	case !p.On:
		return ""
	case w.PayFault != "":
		return l.PayFault(w.PayFault)
	case w.Escrow.Contract == "" && !p.Direct:
		return l.T("pay.noEscrow")
	case w.Phase == WalletLocked:
		return l.T("pay.locked")
	case t.BidMode != "off" && t.BidMode != "" && (t.MaxPrice == 0 || t.MaxTorrent == 0 || t.MaxDay == 0 || p.PeerCap == 0):
		return l.T("pay.noCaps")
	case w.Escrow.Contract == "":
		return l.directNotice(p, t, w)
	case t.BidMode != "off" && t.BidMode != "" && w.Escrow.Free == 0 && !p.Direct:
		return l.T("pay.noDeposit")
	}
	return ""
}

// EscrowWords say in sentences how the deposit stands, and what can be done.
func (f *Format) EscrowWords(w *Wallet) (Advice, Tone) {
	e := &w.Escrow
	two := func(key string, args ...any) Advice { return Advice{f.T(key+".what", args...), f.T(key + ".do")} }
	switch {
	case e.Contract == "" && w.Network == "mainnet":
		return two("escrow.mainnet"), Dim
	case e.Contract == "":
		return two("escrow.unnamed"), Dim
	case e.Seen.IsZero():
		if a, ok := f.Explain(e.Why); ok && e.Why != "" {
			return a, Working
		}
		return two("escrow.unseen"), Dim
	}
	switch e.Phase {
	case EscrowApproved:
		if e.Busy(OrderDeposit) {
			return two("escrow.depositing"), Arriving
		}
		return two("escrow.approved", f.Amount(e.Approved, BTT)), Working
	case EscrowFunded:
		if e.Busy(OrderApprove) {
			return two("escrow.approving"), Arriving
		}
		return two("escrow.funded", f.Amount(e.Free, BTT)), Giving
	case EscrowToppingUp:
		return two("escrow.toppingUp", f.Amount(e.Free, BTT), f.Amount(e.Approved, BTT)), Giving
	case EscrowExiting:
		if !f.Now.Before(e.Ready) {
			return two("escrow.ready", f.Amount(e.Leaving, BTT)), Giving
		}
		return two("escrow.exiting", f.Amount(e.Leaving, BTT), f.Time(e.Ready)), Working
	case EscrowExited:
		return two("escrow.exited"), Resting
	case EscrowNone:
	}
	if e.Busy(OrderApprove) {
		return two("escrow.approving"), Arriving
	}
	return two("escrow.none"), Dim
}

// EscrowFacts are the figures of the deposit.
func (f *Format) EscrowFacts(w *Wallet) []FactGroup {
	e := &w.Escrow
	if e.Contract == "" {
		return nil
	}
	g := FactGroup{Title: f.T("escrow.title"), Facts: []Fact{{Label: f.T("escrow.free"), Value: f.Amount(e.Free, BTT)}, {Label: f.T("escrow.leaving"), Value: f.Amount(e.Leaving, BTT)}}}
	when := "-"
	if e.Leaving > 0 {
		when = f.Time(e.Ready)
	}
	g.Facts = append(
		g.Facts, Fact{Label: f.T("escrow.readyAt"), Value: when}, Fact{Label: f.T("escrow.allowed"), Value: f.Amount(e.Approved, BTT)},
		Fact{Label: f.T("escrow.fuel"), Value: f.Sun(e.TRX)}, Fact{Label: f.T("escrow.seen"), Value: f.seenAt(e.Seen)},
		Fact{Label: f.T("escrow.account"), Value: e.Account, Span: FactColumns}, Fact{Label: f.T("escrow.contract"), Value: e.Contract, Span: FactColumns},
	)
	return []FactGroup{g}
}

func (f *Format) seenAt(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return f.Time(t)
}

// EscrowMay are the orders that make sense now, the most likely first.
func EscrowMay(w *Wallet, now time.Time) (out []OrderKind) {
	e := &w.Escrow
	if e.Contract == "" || e.Seen.IsZero() || w.Phase != WalletLocked && w.Phase != WalletUnlocked {
		return nil
	}
	add := func(k OrderKind, on bool) {
		if on && !e.Busy(k) {
			out = append(out, k)
		}
	}
	add(OrderDeposit, e.Approved > 0 && !e.Busy(OrderApprove))
	add(OrderFinish, e.Leaving > 0 && !now.Before(e.Ready))
	add(OrderCancel, e.Leaving > 0 && !e.Busy(OrderFinish))
	add(OrderApprove, e.Approved == 0 && !e.Busy(OrderDeposit))
	add(OrderExit, e.Free > 0)
	add(OrderFuel, true)
	return out
}

// DirectMay are the orders that feed plain transfers.
func DirectMay(w *Wallet) []OrderKind {
	if !w.Pay.Direct || w.Phase != WalletLocked && w.Phase != WalletUnlocked {
		return nil
	}
	return []OrderKind{OrderFund, OrderFuel}
}

// orderKeys are the words of the orders: of a button, what it does, and that in a word
// or two.
func orderKeys(k OrderKind) (button, text, short string) {
	switch k {
	case OrderApprove:
		return "escrow.do.approve", "escrow.text.approve", "escrow.kind.approve"
	case OrderDeposit:
		return "escrow.do.deposit", "escrow.text.deposit", "escrow.kind.deposit"
	case OrderExit:
		return "escrow.do.exitStart", "escrow.text.exitStart", "escrow.kind.exitStart"
	case OrderCancel:
		return "escrow.do.exitCancel", "escrow.text.exitCancel", "escrow.kind.exitCancel"
	case OrderFinish:
		return "escrow.do.exitFinish", "escrow.text.exitFinish", "escrow.kind.exitFinish"
	case OrderRedeem:
		return "escrow.do.redeem", "escrow.text.redeem", "escrow.kind.redeem"
	case OrderFund:
		return "direct.do.fund", "direct.text.fund", "direct.kind.fund"
	case OrderFuel:
	}
	return "escrow.do.fuel", "escrow.text.fuel", "escrow.kind.fuel"
}

// OrderName names an order for a button.
func (l *Locale) OrderName(k OrderKind, e *Escrow) string {
	if k == OrderApprove && e.Free > 0 {
		return l.T("escrow.do.topUp")
	}
	button, _, _ := orderKeys(k)
	return l.T(button)
}

// OrderText says what an order does.
func (l *Locale) OrderText(k OrderKind) string {
	_, text, _ := orderKeys(k)
	return l.T(text)
}

// OrderDoes says that in a word or two, for the history.
func (l *Locale) OrderDoes(k OrderKind) string {
	_, _, short := orderKeys(k)
	return l.T(short)
}

// RedeemWords say what redeeming would bring and cost, and whether it is worth it.
func (f *Format) RedeemWords(r *Redeem) (string, Tone) {
	if r.Vouchers == 0 {
		return f.T("redeem.none"), Dim
	}
	s := []string{f.T("redeem.would", f.N("redeem.vouchers", r.Vouchers), f.Amount(r.Amount, BTT), f.Sun(r.Fee))}
	tone := Plain
	switch {
	case r.Cost == 0:
		s = append(s, f.T("redeem.unknown"))
	case r.Worth:
		s, tone = append(s, f.T("redeem.worth", f.share(r.Cost, r.Amount))), Giving
	case !r.Leaving.IsZero():
		s = append(s, f.T("redeem.above", f.share(r.Cost, r.Amount), f.Percent(float64(r.Limit)/100)))
	default:
		s, tone = append(s, f.T("redeem.notYet", f.share(r.Cost, r.Amount), f.Percent(float64(r.Limit)/100))), Working
	}
	if !r.Leaving.IsZero() {
		s, tone = append(s, f.T("redeem.leaving", f.Time(r.Leaving))), Broken
	}
	return strings.Join(s, " "), tone
}

// share writes a part of a whole in percent.
func (f *Format) share(part, whole btt.Amount) string {
	thousandths, ok := ratio(int64(part), 1000, int64(max(1, whole)))
	if !ok || thousandths > 10_000 {
		return f.T("redeem.over", f.Percent(10))
	}
	return f.Percent(float64(thousandths) / 1000)
}

// NextWords say what will be redeemed unasked, and when; "" is nothing.
func (f *Format) NextWords(n *NextRedeem) (string, Tone) {
	if n == nil {
		return "", Plain
	}
	many := f.N("redeem.vouchers", n.Vouchers)
	to := f.T("redeem.toDeposit")
	if n.Withdraw {
		to = f.T("redeem.toWallet")
	}
	if n.Sent {
		return f.T("redeem.sent", many, f.Amount(n.Amount, BTT), to), Arriving
	}
	s := f.T("redeem.next", f.Time(n.At), many, f.Amount(n.Amount, BTT), to, f.Sun(n.Fee))
	if a, ok := f.Explain(n.Waiting); n.Waiting != "" {
		why := n.Waiting
		if ok {
			why = a.What
		}
		return s + " " + f.T("redeem.waits", why), Working
	}
	return s, Working
}

// Date writes the day of a time; the zero time is nothing.
func (f *Format) Date(t time.Time) string {
	day, _, _ := strings.Cut(f.Time(t), " ")
	return day
}

// VoucherWord is a state in a word or two.
func (l *Locale) VoucherWord(v *Voucher) (string, Tone) {
	switch v.State {
	case VoucherQueued:
		return l.T("voucher.queued"), Working
	case VoucherInTx:
		return l.T("voucher.inTx"), Arriving
	case VoucherRedeemed:
		return l.T("voucher.redeemed"), Giving
	case VoucherBounced:
		return l.T("voucher.bounced"), Broken
	case VoucherDust:
		return l.T("voucher.dust"), Resting
	case VoucherHeld:
	}
	return l.T("voucher.held"), Plain
}

// voucherNote is what is to be said beside its figures.
func (f *Format) voucherNote(v *Voucher) string {
	switch {
	case !v.Leaving.IsZero():
		return f.T("voucher.leaving", f.Date(v.Leaving))
	case v.Former && v.Open() > 0:
		return f.T("voucher.former")
	case v.State == VoucherBounced && v.Rest > 0:
		return f.T("voucher.rest", f.Amount(v.Rest, BTT))
	case v.Looked && v.Has < v.Open():
		return f.T("voucher.lacks", f.Amount(v.Has, BTT))
	}
	return ""
}

// Vouchers builds the list of received vouchers.
func Vouchers(f *Format, all []Voucher, o Order, show []string) *List[Voucher] {
	items := make([]*Voucher, len(all))
	for i := range all {
		items[i] = &all[i]
	}
	cols := VoucherColumns(f.Locale)
	Sort(items, cols, o)
	return Build(f, cols, show, items)
}

// VoucherColumns describes the list of vouchers. Words of its cells are those of l.
func VoucherColumns(l *Locale) []Column[Voucher] {
	money := func(id, title string, value func(*Voucher) btt.Amount) Column[Voucher] {
		return Column[Voucher]{
			ID: id, Title: title, Width: 90, Align: Right,
			Text:    func(b []byte, f *Format, v *Voucher) []byte { return append(b, f.Digits(value(v))...) },
			Compare: func(a, b *Voucher) int { return compareAmounts(value(a), value(b)) },
		}
	}
	return []Column[Voucher]{
		{
			ID: "payer", Title: "voucher.col.payer", Width: 262, Text: func(b []byte, _ *Format, v *Voucher) []byte { return append(b, v.Payer...) },
			Compare: func(a, b *Voucher) int { return strings.Compare(a.Payer, b.Payer) },
		},
		{
			ID: "state", Title: "wallet.col.state", Width: 86,
			Text: func(b []byte, f *Format, v *Voucher) []byte {
				w, _ := f.VoucherWord(v)
				return append(b, w...)
			},
			Mark: func(v *Voucher, c *Cell) { _, c.Ink = l.VoucherWord(v) }, Compare: func(a, b *Voucher) int { return int(a.State) - int(b.State) },
		},
		money("open", "voucher.col.open", (*Voucher).Open),
		money("promised", "voucher.col.promised", func(v *Voucher) btt.Amount { return v.Promised }),
		money("paid", "voucher.col.paid", func(v *Voucher) btt.Amount { return v.Paid }),
		{
			ID: "note", Width: 150, Fill: true, Mark: func(_ *Voucher, c *Cell) { c.Ink = Working },
			Text: func(b []byte, f *Format, v *Voucher) []byte { return append(b, f.voucherNote(v)...) },
		},
	}
}
