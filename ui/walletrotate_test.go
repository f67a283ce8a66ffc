package ui_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"swarmbid/ui/sample"
	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
)

// rotating is the page of a wallet whose way to another account is at a step.
func rotating(t *testing.T, r view.Rotation) *stage {
	s := walletScene(t, "deposit")
	s.Wallet.Edit(func(w *view.Wallet) { w.Rotation = r })
	s.settle()
	s.run("wallet-rotate")
	s.mustDialog(s.UI.Words().T("rotate.title"))
	return s
}

// TestRotateSteps: each step of the way leads where it is done, and none goes on by
// itself.
func TestRotateSteps(t *testing.T) {
	ready := sample.Start().Add(5 * 24 * time.Hour)
	for name, c := range map[string]struct {
		r     view.Rotation
		title string // of what the button leads to; "" = nothing
		says  []string
	}{
		"leave": {view.Rotation{Step: view.RotateLeave, Deposit: 20_000 * btt.One, Fee: 6_350_000, Open: 5 * btt.One}, "escrow.do.exitStart", []string{"1. Leave the contract: next", "6.35 TRX", "5.00 BTT", "seven days"}},
		"wait":  {view.Rotation{Step: view.RotateWait, Ready: ready}, "", []string{"1. Leave the contract: done", "2. Wait until 2026"}},
		"look":  {view.Rotation{}, "", []string{"not asked yet", "1. Leave the contract\n"}},
		"busy":  {view.Rotation{Step: view.RotateBusy}, "", []string{"under way"}},
		"empty": {view.Rotation{Step: view.RotateEmpty, Coin: view.TRX, Left: 41_300_000}, "wallet.withdraw.title", []string{"3. Take out what has left: done", "4. Empty", "41.30 TRX"}},
		"ready": {view.Rotation{Step: view.RotateReady}, "rotate.title", []string{"main one: done", "5. Change to the next account: next"}},
	} {
		s := rotating(t, c.r)
		for _, want := range c.says {
			if !strings.Contains(s.texts(), want) {
				t.Errorf("%s: %q is not said, but\n%s", name, want, s.texts())
			}
		}
		s.Enter()
		s.settle()
		switch d := s.dialog(); {
		case c.title == "" && d != nil:
			t.Errorf("%s leads to %s", name, d.Title)
		case c.title != "" && (d == nil || d.Title != strings.TrimSuffix(s.UI.Words().T(c.title), "…")):
			t.Errorf("%s leads to\n%s", name, s.texts())
		}
		if s.Wallet.Calls["Rotate"] > 0 {
			t.Errorf("%s rotated without a password", name)
		}
	}
}

// TestRotateAsks: the last step wants the password, and says that it is done.
func TestRotateAsks(t *testing.T) {
	s := rotating(t, view.Rotation{Step: view.RotateReady})
	s.Enter()
	s.write("wrong")
	s.Enter()
	if s.dialog() == nil || s.Wallet.Snapshot(t.Context()).Escrow.Account != sample.SpendingAddress {
		t.Fatal("it was done with a wrong password")
	}
	for range len("wrong") {
		s.w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	}
	s.write(sample.WalletPassword)
	s.Enter()
	if s.dialog() != nil || s.Wallet.Snapshot(t.Context()).Escrow.Account == sample.SpendingAddress {
		t.Errorf("not done:\n%s", s.texts())
	}
}

// TestFormerAccount: what a former account is owed is said, and its order names it.
func TestFormerAccount(t *testing.T) {
	s := walletScene(t, "deposit")
	s.run("wallet-redeem-former")
	if s.dialog() != nil {
		t.Fatal("there is none")
	}
	s = walletScene(t, "vouchers-former")
	if f := (&view.Format{Locale: s.UI.Words()}).FormerWords(s.Wallet.Snapshot(t.Context()).Former); !strings.Contains(s.texts(), f) {
		t.Errorf("%q is not said", f)
	}
	s.run("wallet-redeem-former")
	s.mustDialog(strings.TrimSuffix(s.UI.Words().T("rotate.redeem"), "…"))
	if strings.Contains(s.texts(), s.UI.Words().T("redeem.intoDeposit")) {
		t.Error("it can be put into the deposit of the account that was given up")
	}
	s.Enter()
	s.settle()
	if o := s.Wallet.Ordered; o.Kind != view.OrderRedeem || o.Account != sample.FriendAddress || !o.Withdraw {
		t.Errorf("ordered %+v", o)
	}
}
