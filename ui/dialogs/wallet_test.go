package dialogs

import (
	"context"
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
)

// fakeWallet answers what a test tells it to.
type fakeWallet struct {
	Wallet
	quotes  []view.Payment
	quote   func(p view.Payment) (view.WalletQuote, error)
	unlock  func() error
	options view.WalletOptions
}

func (w *fakeWallet) CheckAddress(to string) ([]view.Finding, error) {
	if len(to) < 3 {
		return nil, errors.New("too short")
	}
	return []view.Finding{{Concern: view.ToFirstUse}, {Concern: view.ToNotChecked}}, nil
}

func (w *fakeWallet) Quote(_ context.Context, p view.Payment) (view.WalletQuote, error) {
	w.quotes = append(w.quotes, p)
	return w.quote(p)
}

func (w *fakeWallet) Prepare(context.Context, view.Payment) (view.WalletReview, error) {
	return view.WalletReview{ID: "1"}, nil
}

func (w *fakeWallet) Unlock(context.Context, []byte) error { return w.unlock() }

func (w *fakeWallet) SetOptions(_ context.Context, o view.WalletOptions) error {
	w.options = o
	return nil
}

// work keeps what the dialogs want done until a test does it.
type work struct {
	t    *testing.T
	jobs []func()
}

func (w *work) add(f func(context.Context) error, done func(error)) {
	w.jobs = append(w.jobs, func() { done(f(w.t.Context())) })
}

// next does the oldest job.
func (w *work) next() {
	w.t.Helper()
	if len(w.jobs) == 0 {
		w.t.Fatal("nothing is being worked at")
	}
	j := w.jobs[0]
	w.jobs = w.jobs[1:]
	j()
}

func newWalletHost(t *testing.T) (*WalletHost, *fakeWallet, *work) {
	t.Helper()
	w, k := &fakeWallet{}, &work{t: t}
	w.quote = func(p view.Payment) (view.WalletQuote, error) {
		return view.WalletQuote{Amount: p.Amount, Fee: btt.Sun(p.Amount), MaxFee: btt.Sun(p.Amount)}, nil
	}
	return &WalletHost{Host: newHost(t), Wallet: w, Work: k.add, Explain: func(err error) view.Advice { return view.Advice{What: err.Error()} }}, w, k
}

func shown(f *Frame) string {
	var all []string
	for _, o := range test.LaidOutObjects(f) {
		if l, ok := o.(*widget.Label); ok && l.Visible() {
			all = append(all, l.Text)
		}
	}
	return strings.Join(all, "\n")
}

func typeIn(h *WalletHost, s string) {
	for _, r := range s {
		if r == '\t' {
			h.Canvas.FocusNext()
		} else {
			h.Canvas.Focused().TypedRune(r)
		}
	}
}

// TestLastQuoteCounts: while one question is under way no other is asked, and an
// answer to fields that have changed since is not shown.
func TestLastQuoteCounts(t *testing.T) {
	h, w, k := newWalletHost(t)
	f := h.Withdraw(WithdrawParams{Payers: []view.Payer{{Address: "Tme"}}, BackedUp: true})
	typeIn(h, "Tyou\t1234")
	if len(k.jobs) != 1 {
		t.Fatalf("%d questions at a time", len(k.jobs))
	}
	k.next()
	if s := shown(f); len(w.quotes) != 1 || w.quotes[0].Amount != btt.One || strings.Contains(s, h.Locale.Sun(1_000_000)) {
		t.Errorf("an old answer is shown: %v\n%s", w.quotes, s)
	}
	k.next()
	if len(w.quotes) != 2 || w.quotes[1].Amount != 1234*btt.One || !strings.Contains(shown(f), h.Locale.Sun(btt.Sun(1234*btt.One))) || len(k.jobs) != 0 {
		t.Errorf("asked %v\n%s", w.quotes, shown(f))
	}
	w.quote = func(p view.Payment) (view.WalletQuote, error) {
		return view.WalletQuote{Have: 77 * btt.One, HaveTRX: 8 * btt.TRX}, errors.New("refused")
	}
	typeIn(h, "5")
	k.next()
	if s := shown(f); !strings.Contains(s, h.Locale.T("wallet.have", h.Locale.Amount(77*btt.One, view.BTT), h.Locale.Sun(8*btt.TRX))) || !strings.Contains(s, "refused") {
		t.Errorf("what is there now is not shown:\n%s", s)
	}
	f.Close()
	h.Withdraw(WithdrawParams{Payers: []view.Payer{{Address: "Tme"}}, BackedUp: true, Payment: view.Payment{To: "Tyou", Amount: 7 * btt.One}})
	h.Canvas.Overlays().Top().(*Frame).Close()
	k.next() // an answer after the dialog is gone is nobody's
}

// TestPayers: an account to pay from can be chosen where there are several.
func TestPayers(t *testing.T) {
	h, w, k := newWalletHost(t)
	h.Withdraw(WithdrawParams{BackedUp: true, Payers: []view.Payer{
		{Address: "Tone", Have: map[view.Coin]btt.Amount{view.BTT: btt.One}}, {Address: "Ttwo", Role: view.Former, Have: map[view.Coin]btt.Amount{view.BTT: 2 * btt.One}},
	}, Payment: view.Payment{To: "Tyou", Amount: btt.One, Coin: view.BTT}})
	f := h.Canvas.Overlays().Top().(*Frame)
	if !strings.Contains(shown(f), h.Locale.Amount(btt.One, view.BTT)) {
		t.Errorf("what the first account holds is not shown:\n%s", shown(f))
	}
	for _, o := range test.LaidOutObjects(f) {
		if s, ok := o.(*Select); ok && strings.Contains(s.Selected, "Tone") {
			s.SetSelectedIndex(1)
		}
	}
	for len(k.jobs) > 0 {
		k.next()
	}
	if last := w.quotes[len(w.quotes)-1]; last.From != "Ttwo" || !strings.Contains(shown(f), h.Locale.Amount(2*btt.One, view.BTT)) {
		t.Errorf("asked about %+v\n%s", last, shown(f))
	}
}

// TestBusyStays: while a key is derived the dialog cannot be left or confirmed
// twice; a failure brings it back with the reason, success takes it away.
func TestBusyStays(t *testing.T) {
	h, w, k := newWalletHost(t)
	tries := 0
	w.unlock = func() error {
		if tries++; tries == 1 {
			return errors.New("not the one")
		}
		return nil
	}
	f := h.Unlock()
	typeIn(h, "secret")
	press(h.Host, fyne.KeyReturn)
	press(h.Host, fyne.KeyReturn)
	press(h.Host, fyne.KeyEscape)
	if len(k.jobs) != 1 || f.Closed() || !f.buttons[0].Disabled() || !f.buttons[1].Disabled() {
		t.Fatalf("%d jobs, closed %v", len(k.jobs), f.Closed())
	}
	k.next()
	if f.Closed() || f.buttons[0].Disabled() || !strings.Contains(shown(f), "not the one") {
		t.Errorf("after a failure: %s", shown(f))
	}
	press(h.Host, fyne.KeyReturn)
	k.next()
	if !f.Closed() || tries != 2 {
		t.Error("it stays after success")
	}
	f = h.Unlock()
	typeIn(h, "secret")
	press(h.Host, fyne.KeyEscape)
	if !f.Closed() || len(k.jobs) != 0 {
		t.Error("Escape does not leave an idle dialog")
	}
}

// TestNetworkCanBeLeftWaiting: a dialog that waits for a node can be left, and
// nothing follows.
func TestNetworkCanBeLeftWaiting(t *testing.T) {
	h, _, k := newWalletHost(t)
	f := h.Withdraw(WithdrawParams{Payers: []view.Payer{{Address: "Tme"}}, BackedUp: true, Payment: view.Payment{To: "Tyou", Amount: btt.One, Coin: view.BTT}})
	press(h.Host, fyne.KeyReturn)
	press(h.Host, fyne.KeyEscape)
	if !f.Closed() {
		t.Fatal("it cannot be left")
	}
	for len(k.jobs) > 0 {
		k.next()
	}
	if h.Canvas.Overlays().Top() != nil {
		t.Error("the review opens although the user has left")
	}
}

// TestOptions: the address of a test node is needed for one only.
func TestOptions(t *testing.T) {
	h, w, k := newWalletHost(t)
	f := h.Options(view.WalletOptions{Network: "nile", LockMinutes: 5, TestNode: "broken"})
	press(h.Host, fyne.KeyReturn)
	k.next()
	if !f.Closed() || w.options.Network != "nile" || w.options.LockMinutes != 5 {
		t.Errorf("%+v", w.options)
	}
	f = h.Options(view.WalletOptions{Network: "testnode", LockMinutes: 5, TestNode: "broken"})
	h.Canvas.Focused().(*Entry).SetText("x")
	press(h.Host, fyne.KeyReturn)
	if len(k.jobs) != 0 || !strings.Contains(shown(f), h.Locale.T("dlg.badNumber")) {
		t.Errorf("minutes: %s", shown(f))
	}
	h.Canvas.Focused().(*Entry).SetText("0")
	press(h.Host, fyne.KeyReturn)
	if len(k.jobs) != 0 || !strings.Contains(shown(f), h.Locale.T("wallet.opt.badHost")) {
		t.Errorf("address: %s", shown(f))
	}
}
