package ui_test

import (
	"strings"
	"testing"
	"time"

	"swarmbid/ui/sample"
	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
)

func redeemNotice() view.MoneyNotice {
	return view.MoneyNotice{ID: "1", Kind: view.NoticeRedeem, Redeem: view.NextRedeem{
		At: sample.Start().Add(time.Hour), Vouchers: 2, Amount: 4_900_000 * btt.One, Fee: 8_860_000, Auto: true,
	}}
}

// TestNoticeOfMoney: what is done unasked is told by a toast and in the window, wherever
// it is, once; Do not is at hand in it.
func TestNoticeOfMoney(t *testing.T) {
	s := newWalletStage(t, view.WalletUnlocked, "en", "light")
	l := s.UI.Words()
	s.Wallet.Notify(redeemNotice())
	s.settle()
	d := s.mustDialog(l.T("notice.redeem"))
	if got := s.Desk.Tray.Toasts; len(got) != 1 || got[0][0] != l.T("notice.redeem") || !strings.Contains(got[0][1], "4,900,000.00 BTT") || !strings.Contains(got[0][1], "8.86 TRX") || !strings.Contains(s.texts(), got[0][1]) {
		t.Errorf("toasts %q, dialog\n%s", got, s.texts())
	}
	s.settle()
	if len(s.Desk.Tray.Toasts) != 1 {
		t.Errorf("told again: %q", s.Desk.Tray.Toasts)
	}
	s.press(d, l.T("redeem.forbid"))
	s.settle()
	if s.dialog() != nil || s.Wallet.Calls["ForbidRedeem"] != 1 {
		t.Errorf("Do not: %v, dialog %v", s.Wallet.Calls, s.dialog())
	}
}

// TestNoticeWaits: while something is asked, or the window is hidden, there is the
// toast; the window tells when it can.
func TestNoticeWaits(t *testing.T) {
	s := newWalletStage(t, view.WalletUnlocked, "de", "light")
	s.run("wallet-password")
	asking := s.dialog()
	if asking == nil {
		t.Fatal("no dialog")
	}
	s.Wallet.Notify(view.MoneyNotice{ID: "2", Kind: view.NoticeLeaves, Peer: sample.FriendAddress, Amount: 5 * btt.One, At: sample.Start().Add(5 * 24 * time.Hour)})
	s.settle()
	if s.dialog() != asking || len(s.Desk.Tray.Toasts) != 1 || !strings.Contains(s.Desk.Tray.Toasts[0][1], sample.FriendAddress) {
		t.Errorf("toasts %q, dialog %v", s.Desk.Tray.Toasts, s.dialog())
	}
	asking.Close()
	s.settle()
	d := s.mustDialog(s.UI.Words().T("notice.leaves"))
	if !strings.Contains(s.texts(), "5,00 BTT") {
		t.Errorf("it says\n%s", s.texts())
	}
	s.press(d, s.UI.Words().T("notice.show"))
	s.settle()
	if s.dialog() != nil || s.Wallet.Calls["ForbidRedeem"] != 0 {
		t.Error("showing forbids, or the notice stays")
	}
}

// TestNoticeOfPayment: a transfer to a peer is told and can be forbidden in the notice.
func TestNoticeOfPayment(t *testing.T) {
	s := newWalletStage(t, view.WalletUnlocked, "en", "light")
	s.Wallet.Notify(view.MoneyNotice{ID: "3", Kind: view.NoticePayout, Peer: sample.FriendAddress, Amount: 7 * btt.One, At: sample.Start().Add(time.Hour)})
	s.settle()
	s.mustDialog(s.UI.Words().T("notice.payout"))
	if !strings.Contains(s.texts(), "7.00 BTT") || !strings.Contains(s.texts(), sample.FriendAddress) {
		t.Errorf("it says\n%s", s.texts())
	}
	s.button("direct.forbid")
	if s.dialog() != nil || s.Wallet.Calls["ForbidPayout"] != 1 || s.Wallet.Calls["ForbidRedeem"] != 0 {
		t.Errorf("calls %v", s.Wallet.Calls)
	}
}
