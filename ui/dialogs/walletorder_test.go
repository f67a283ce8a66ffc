package dialogs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
)

// orderWallet answers questions about orders.
type orderWallet struct {
	vault
	quoted, prepared []view.MoneyOrder
	answer           func(o view.MoneyOrder) (view.OrderQuote, error)
	refuse           error // of PrepareOrder
}

func (w *orderWallet) QuoteOrder(_ context.Context, o view.MoneyOrder) (view.OrderQuote, error) {
	w.quoted = append(w.quoted, o)
	return w.answer(o)
}

func (w *orderWallet) PrepareOrder(_ context.Context, o view.MoneyOrder) (view.WalletReview, error) {
	w.prepared = append(w.prepared, o)
	return view.WalletReview{ID: "9", Order: o, Fee: 1, MaxFee: 2}, w.refuse
}

func newOrders(t *testing.T) (*WalletHost, *orderWallet, *work) {
	t.Helper()
	h, v, k := newVault(t)
	w := &orderWallet{vault: *v, answer: func(o view.MoneyOrder) (view.OrderQuote, error) {
		return view.OrderQuote{WalletQuote: view.WalletQuote{Amount: o.Amount, Fee: 2_000_000, MaxFee: 3_000_000}}, nil
	}}
	h.Wallet = w
	return h, w, k
}

// texts is every text of a dialog, of labels and of lines.
func texts(f *Frame) string {
	var all []string
	for _, o := range test.LaidOutObjects(f) {
		if x, ok := o.(*canvas.Text); ok && x.Visible() {
			all = append(all, x.Text)
		}
	}
	return shown(f) + "\n" + strings.Join(all, "\n")
}

// TestOrderNeedsAnAmount: what cannot be read as an amount is neither asked about nor
// prepared, and the reason is told.
func TestOrderNeedsAnAmount(t *testing.T) {
	for _, typed := range []string{"", "0", "0.00", "x", "1.0000001", "-5"} {
		h, w, k := newOrders(t)
		f := h.Order(OrderParams{Order: view.MoneyOrder{Kind: view.OrderApprove}, Title: "T"})
		find[*Entry](f).SetText(typed)
		press(h.Host, fyne.KeyReturn)
		if len(k.jobs) != 0 || f.Closed() || len(w.prepared) != 0 {
			t.Errorf("%q is taken for an amount: %d questions, %v", typed, len(k.jobs), w.prepared)
		}
		if (typed == "" || typed == "0") && !strings.Contains(shown(f), h.Locale.T("wallet.noAmount")) {
			t.Errorf("%q: nothing is said:\n%s", typed, shown(f))
		}
	}
}

// TestOrderIsReviewed: an order is priced while it is typed, prepared once it is
// confirmed, and signed from its review alone.
func TestOrderIsReviewed(t *testing.T) {
	for _, c := range []struct {
		kind  view.OrderKind
		typed string // "" = there is nothing to type
		want  btt.Amount
	}{
		{view.OrderApprove, "5000", 5000 * btt.One},
		{view.OrderExit, "1.5", 3 * btt.One / 2},
		{view.OrderFuel, "30", 30 * btt.One},
		{view.OrderDeposit, "", 7 * btt.One},
		{view.OrderCancel, "", 7 * btt.One},
		{view.OrderFinish, "", 7 * btt.One},
	} {
		h, w, k := newOrders(t)
		now := view.MoneyOrder{Kind: c.kind}
		if c.typed == "" {
			now.Amount = c.want
		}
		sent := 0
		f := h.Order(OrderParams{Order: now, Title: "T", Sent: func() { sent++ }})
		typeIn(h, c.typed)
		for len(k.jobs) > 0 {
			k.next()
		}
		if last := w.quoted[len(w.quoted)-1]; last.Kind != c.kind || last.Amount != c.want {
			t.Errorf("%s: asked about %+v", c.kind, last)
		}
		if sum, _ := h.Locale.Fee(&view.WalletQuote{Fee: 2_000_000, MaxFee: 3_000_000}); !strings.Contains(shown(f), sum) {
			t.Errorf("%s: the fee is not shown:\n%s", c.kind, shown(f))
		}
		w.refuse = errors.New("chain says no")
		press(h.Host, fyne.KeyReturn)
		k.next()
		if f.Closed() || !strings.Contains(shown(f), "chain says no") {
			t.Errorf("%s: what cannot be prepared goes on", c.kind)
		}
		w.refuse = nil
		press(h.Host, fyne.KeyReturn)
		k.next()
		r := h.top(t)
		if !f.Closed() || r.Title != h.Locale.T("wallet.review.title") || !strings.Contains(texts(r), h.Locale.OrderDoes(c.kind)) {
			t.Fatalf("%s: %q follows:\n%s", c.kind, r.Title, texts(r))
		}
		if !strings.Contains(texts(r), h.Locale.Amount(c.want, coinOf(c.kind))) {
			t.Errorf("%s: the review lacks the amount:\n%s", c.kind, texts(r))
		}
		if sent != 0 || slices.Contains(w.calls, "Send 9") {
			t.Errorf("%s is sent before the password", c.kind)
		}
		typeIn(h, "secret")
		press(h.Host, fyne.KeyReturn)
		k.next()
		if sent != 1 || !slices.Contains(w.calls, "Send 9") || !w.cleared() {
			t.Errorf("%s: sent %d, %v", c.kind, sent, w.calls)
		}
	}
}

// TestRedeem: vouchers go into the deposit unless the user wants them in the wallet, and
// whether it is worth its fee is said.
func TestRedeem(t *testing.T) {
	h, w, k := newOrders(t)
	w.answer = func(o view.MoneyOrder) (q view.OrderQuote, err error) {
		q.WalletQuote = view.WalletQuote{Fee: 2_000_000, MaxFee: 3_000_000}
		q.Redeem = view.Redeem{Vouchers: 3, Amount: 900 * btt.One, Fee: 2_000_000, Cost: 100 * btt.One, Limit: 5}
		return q, nil
	}
	f := h.Order(OrderParams{Order: view.MoneyOrder{Kind: view.OrderRedeem}, Title: "T"})
	k.next()
	q, _ := w.answer(view.MoneyOrder{})
	fm := &view.Format{Locale: h.Locale}
	if words, _ := fm.RedeemWords(&q.Redeem); !strings.Contains(shown(f), words) {
		t.Errorf("want %q in\n%s", words, shown(f))
	}
	find[*Select](f).SetSelectedIndex(1)
	k.next()
	if len(w.quoted) != 2 || w.quoted[0].Withdraw || !w.quoted[1].Withdraw {
		t.Errorf("asked %+v", w.quoted)
	}
	press(h.Host, fyne.KeyReturn)
	k.next()
	if r := h.top(t); !strings.Contains(texts(r), h.Locale.T("redeem.intoWallet")) || !w.prepared[0].Withdraw {
		t.Errorf("prepared %+v:\n%s", w.prepared, texts(r))
	}
}

// TestOldOrderAnswerIsNotShown: of two questions the last counts, and an answer after
// the dialog is gone is nobody's.
func TestOldOrderAnswerIsNotShown(t *testing.T) {
	h, w, k := newOrders(t)
	w.answer = func(o view.MoneyOrder) (view.OrderQuote, error) {
		return view.OrderQuote{WalletQuote: view.WalletQuote{Fee: btt.Sun(o.Amount), MaxFee: btt.Sun(o.Amount)}}, nil
	}
	f := h.Order(OrderParams{Order: view.MoneyOrder{Kind: view.OrderFuel}, Title: "T"})
	typeIn(h, "12")
	if len(k.jobs) != 1 {
		t.Fatalf("%d questions at a time", len(k.jobs))
	}
	k.next()
	if strings.Contains(shown(f), h.Locale.Sun(1_000_000)) {
		t.Error("the fee of 1 is shown for 12")
	}
	k.next()
	if !strings.Contains(shown(f), h.Locale.Sun(12_000_000)) || len(w.quoted) != 2 {
		t.Errorf("asked %+v:\n%s", w.quoted, shown(f))
	}
	typeIn(h, "3")
	f.Close()
	k.next()
	if h.Canvas.Overlays().Top() != nil {
		t.Error("an answer opens something")
	}
}

// TestReviewShowsWhatIsSigned: every fact of the bytes stands there, with what speaks
// against it.
func TestReviewShowsWhatIsSigned(t *testing.T) {
	h, _, _ := newVault(t)
	l := h.Locale
	r := view.WalletReview{
		ID: "1", TxID: strings.Repeat("ab", 32), Network: "nile", From: "Tfrom", To: "Tto", Coin: view.BTT, Amount: 1234 * btt.One, Contract: "Tcontract", FeeLimit: 9_000_000,
		Fee: 1_000_000, MaxFee: 2_000_000, Expires: time.Date(2026, 11, 20, 14, 5, 0, 0, time.UTC), Findings: []view.Finding{{Concern: view.ToFirstUse}},
	}
	s := texts(h.Review(r, nil))
	found, _ := l.Sentence(r.Findings[0])
	for _, want := range []string{
		l.Amount(r.Amount, view.BTT), "Tfrom", "Tto", "Tcontract", l.Sun(r.FeeLimit), l.NetworkName("nile"), l.T("wallet.fee.short", l.Sun(r.Fee), l.Sun(r.MaxFee)), l.Time(r.Expires),
		strings.Repeat("ab", 8) + " … " + strings.Repeat("ab", 8), found,
	} {
		if !strings.Contains(s, want) {
			t.Errorf("%q is not shown:\n%s", want, s)
		}
	}
}

// TestPay: what is typed is kept to the last digit; what cannot be read keeps the
// dialog open at its field.
func TestPay(t *testing.T) {
	now := view.Pay{On: true, PeerCap: 2000 * btt.One, AutoRedeem: true, RedeemFee: 5, TRXWorth: 60_000 * btt.One}
	terms := view.Terms{BidMode: "eco", MaxPrice: 4000 * btt.One, MaxTorrent: 5 * btt.One, MaxDay: 123_450_000, Reserve: 1, ReserveRarity: true, Spending: 7}
	h, _, _ := newVault(t)
	var gotPay view.Pay
	var gotTerms view.Terms
	saves, fault := 0, error(nil)
	open := func() *Frame {
		return h.Pay(PayParams{Pay: now, Terms: terms, Save: func(p view.Pay, t view.Terms) error {
			saves++
			gotPay, gotTerms = p, t
			return fault
		}})
	}
	f := open()
	press(h.Host, fyne.KeyReturn)
	if !f.Closed() || gotPay != now || gotTerms != terms {
		t.Errorf("untouched, it keeps\n%+v\n%+v", gotPay, gotTerms)
	}
	f = open()
	money := findAll[*Entry](f)
	saves = 0
	for i, e := range money {
		old := e.Text
		e.SetText("nonsense")
		press(h.Host, fyne.KeyReturn)
		if saves != 0 || f.Closed() || h.Canvas.Focused() != fyne.Focusable(e) {
			t.Fatalf("field %d takes nonsense: saved %d, closed %v", i, saves, f.Closed())
		}
		e.SetText(old)
	}
	if len(money) < 7 {
		t.Errorf("only %d fields", len(money))
	}
	fault = errors.New("disk full")
	press(h.Host, fyne.KeyReturn)
	if f.Closed() || saves != 1 || !strings.Contains(shown(f), "disk full") {
		t.Errorf("after a fault: closed %v, saved %d\n%s", f.Closed(), saves, shown(f))
	}
	fault = nil
	buttonOf(t, f, h.Locale.T("dlg.cancel")).OnTapped()
	if saves != 1 {
		t.Error("Cancel saves")
	}
}

// TestTxCanBeCopied: an address is in a field that can be copied of and not changed.
func TestTxCanBeCopied(t *testing.T) {
	h, _, _ := newVault(t)
	address, copied := "TAUN6FwrnwwmaEqYcckffC7wYmbaS6cBiX", ""
	h.Copy = func(s string) { copied = s }
	f := h.Tx("T", view.Advice{What: "sent"}, [][2]string{{"What", "Sent"}, {"To", address}}, "ab12")
	e := find[*Entry](f)
	if e == nil || e.Text != address || len(findAll[*Entry](f)) != 1 {
		t.Fatalf("the fields are %v", findAll[*Entry](f))
	}
	h.Canvas.Focus(e)
	typeIn(h, "xyz")
	for _, k := range []fyne.KeyName{fyne.KeyBackspace, fyne.KeyDelete} {
		e.TypedKey(&fyne.KeyEvent{Name: k})
	}
	board := fyne.CurrentApp().Clipboard()
	board.SetContent("other")
	e.TypedShortcut(&fyne.ShortcutPaste{Clipboard: board})
	e.TypedShortcut(&fyne.ShortcutSelectAll{})
	e.TypedShortcut(&fyne.ShortcutCut{Clipboard: board})
	if e.Text != address {
		t.Errorf("it can be changed: %q", e.Text)
	}
	e.TypedShortcut(&fyne.ShortcutCopy{Clipboard: board})
	if board.Content() != address {
		t.Errorf("copied %q", board.Content())
	}
	buttonOf(t, f, h.Locale.T("wallet.copyID")).OnTapped()
	if copied != "ab12" {
		t.Errorf("the button copies %q", copied)
	}
	press(h.Host, fyne.KeyEscape)
	if !f.Closed() {
		t.Error("Escape in the field does not close the dialog")
	}
}
