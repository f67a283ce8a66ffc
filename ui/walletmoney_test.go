package ui_test

import (
	"strings"
	"testing"
	"time"

	"swarmbid/ui/dialogs"
	"swarmbid/ui/sample"
	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
)

// scene shows one of the wallet's scenes.
func walletScene(t *testing.T, name string) *stage {
	t.Helper()
	for _, sc := range sample.WalletScenes() {
		if sc.Name == "wallet-"+name {
			s := newWalletStage(t, sc.Phase, "en", "light")
			sc.Set(s.Stage)
			return s
		}
	}
	t.Fatalf("no scene %q", name)
	return nil
}

// TestPaySwitch: off at first; the switch turns the market on with it, keeps the
// limits, and says what keeps it from doing anything.
func TestPaySwitch(t *testing.T) {
	s := walletScene(t, "trade-off")
	w := s.Wallet.Snapshot(t.Context())
	if w.Pay.On || s.Settings.Values.Market {
		t.Fatal("a new user earns and spends")
	}
	if n := strings.Count(s.UI.Words().T("pay.meaning"), ". ") + 1; n != 3 {
		t.Errorf("what it means takes %d sentences", n)
	}
	s.sees("pay.meaning")
	s.run("wallet-pay-on")
	if w := s.Wallet.Snapshot(t.Context()); !w.Pay.On || !s.Settings.Values.Market || s.Settings.Values.BidMaxPrice != 4000*btt.One {
		t.Errorf("on: %+v, %+v", w.Pay, s.Settings.Values)
	}
	s.settle()
	s.sees("pay.noEscrow") // the main network
	s.run("wallet-pay-off")
	if w := s.Wallet.Snapshot(t.Context()); w.Pay.On || s.Settings.Values.Market {
		t.Errorf("off: %+v", w.Pay)
	}
}

// TestPayLimits: the dialog writes the engine's limits and the wallet's, and refuses
// what it cannot read.
func TestPayLimits(t *testing.T) {
	s := walletScene(t, "pay")
	s.mustDialog(s.UI.Words().T("pay.title"))
	for range 2 {
		s.w.Canvas().FocusNext()
	}
	s.write("lots")
	s.Enter()
	l := s.UI.Words()
	if !strings.Contains(s.texts(), l.T("market.badAmount", l.T("market.amount"))) || s.dialog() == nil || s.Settings.Values.BidMaxPrice != 4000*btt.One {
		t.Fatal("nonsense was taken")
	}
	s.write("1500")
	s.Enter()
	if s.dialog() != nil || s.Settings.Values.BidMaxPrice != 1500*btt.One || s.Settings.Values.BidMode != "balanced" {
		t.Errorf("kept %+v\n%s", s.Settings.Values, s.texts())
	}
	if w := s.Wallet.Snapshot(t.Context()); w.Pay.PeerCap != 2000*btt.One || w.Pay.RedeemFee != 5 || s.Wallet.Calls["SetPay"] != 1 {
		t.Errorf("kept %+v, calls %v", w.Pay, s.Wallet.Calls)
	}
	s.Settings.Values.Port = 1 // the engine refuses
	s.run("wallet-pay")
	s.Enter()
	if s.dialog() == nil || s.Wallet.Calls["SetPay"] != 1 {
		t.Error("a refusal of the engine is not shown, or the rest was kept")
	}
}

// TestNothingOfferedWithoutEscrow: on the main network the page offers no order, and
// none can be reached by its command.
func TestNothingOfferedWithoutEscrow(t *testing.T) {
	s := walletScene(t, "deposit-mainnet")
	for _, c := range []string{"approve", "deposit", "exit-start", "exit-cancel", "exit-finish", "fuel", "redeem", "redeem-now", "redeem-forbid"} {
		s.run("wallet-" + c)
		if s.dialog() != nil {
			t.Errorf("%s opens a dialog", c)
		}
	}
	if got := s.Wallet.Calls["QuoteOrder"]; got != 0 {
		t.Errorf("the chain was asked %d times", got)
	}
}

// TestOrders: every order that makes sense has its button, shows its cost before the
// review and wants the password.
func TestOrders(t *testing.T) {
	s := walletScene(t, "deposit")
	s.button("escrow.do.topUp")
	s.mustDialog("Top up")
	s.Type("9000000")
	if !strings.Contains(s.texts(), s.UI.Words().Sun(4_200_000)) {
		t.Errorf("the second step's cost is not shown:\n%s", s.texts())
	}
	s.Enter()
	s.sees("wallet.error.notEnough.what")
	s.w.Canvas().Focused().(*dialogs.Entry).SetText("5000")
	s.settle()
	s.Enter()
	s.mustDialog(s.UI.Words().T("wallet.review.title"))
	s.Type(sample.WalletPassword)
	s.Enter()
	if s.dialog() != nil || len(s.Wallet.Sent) != 1 || s.Wallet.Sent[0].To != "approve" || s.Wallet.Sent[0].Amount != 5000*btt.One {
		t.Errorf("sent %+v\n%s", s.Wallet.Sent, s.texts())
	}
	s = walletScene(t, "exit")
	s.Enter()
	s.mustDialog(s.UI.Words().T("wallet.review.title"))
	s = walletScene(t, "deposit-approved")
	s.button("escrow.do.deposit")
	s.Enter()
	s.Type("not it")
	s.Enter()
	s.sees("wallet.error.password.what")
}

// TestRedeemUnaskedIsShown: what will be done unasked is on the page, can be forbidden
// and had at once.
func TestRedeemUnaskedIsShown(t *testing.T) {
	s := walletScene(t, "vouchers-next")
	f := &view.Format{Locale: s.UI.Words(), Now: sample.Start()}
	if want, _ := f.NextWords(s.Wallet.Snapshot(t.Context()).Next); !strings.Contains(s.texts(), want) {
		t.Errorf("%q is not shown, but\n%s", want, s.texts())
	}
	s.button("redeem.hurry")
	if n := s.Wallet.Snapshot(t.Context()).Next; n == nil || !n.Sent {
		t.Errorf("now: %+v", n)
	}
	s = walletScene(t, "vouchers-next")
	s.button("redeem.forbid")
	if n := s.Wallet.Snapshot(t.Context()).Next; n != nil || s.Wallet.Calls["ForbidRedeem"] != 1 {
		t.Errorf("forbidden: %+v", n)
	}
}

// TestSpeedReport is reachable from the menu of a torrent, and not without a wallet.
func TestSpeedReport(t *testing.T) {
	s := newWalletStage(t, view.WalletUnlocked, "en", "light")
	s.choose("Sintel")
	s.pick("torrent", s.UI.Words().T("report.menu"))
	s.mustDialog(s.UI.Words().T("report.title"))
	r := sample.PaidReport()
	f := &view.Format{Locale: s.UI.Words(), Now: sample.Start()}
	if want := f.ReportHead(&r); !strings.Contains(s.texts(), want) || !strings.Contains(want, f.Duration(82*time.Minute+40*time.Second)) {
		t.Errorf("%q is not shown, but\n%s", want, s.texts())
	}
	s = newStage(t, "en", "light")
	s.choose("Sintel")
	if it := item(s.UI.AllMenus()["torrent"], s.UI.Words().T("report.menu")); it != nil {
		t.Error("a report without a wallet")
	}
	s.run("speed-report")
	if s.dialog() != nil {
		t.Error("a report without a wallet")
	}
}
