package ui_test

import (
	"slices"
	"strings"
	"testing"

	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
)

// TestDirectPage: what is owed to whom, what settling would cost, and the transfer that is
// announced, which can be forbidden or sent now.
func TestDirectPage(t *testing.T) {
	for command, want := range map[string]view.DebtState{"wallet-payout-forbid": view.DebtForbidden, "wallet-payout-now": view.DebtInTx} {
		s := walletScene(t, "trade-direct")
		l := s.UI.Words()
		w := s.Wallet.Snapshot(t.Context())
		f := &view.Format{Locale: l, Now: w.Direct.Peers[0].At.Add(-1)}
		words, _ := f.PayoutWords(w)
		s.seesText(words)
		s.run(command)
		s.settle()
		if d := s.Wallet.Snapshot(t.Context()).Direct.Peers[0]; d.State != want {
			t.Errorf("%s: %v", command, d.State)
		}
		s.run(command) // nothing waits any more
		if n := s.Wallet.Calls["ForbidPayout"] + s.Wallet.Calls["HurryPayout"]; n != 1 {
			t.Errorf("%s: called %d times", command, n)
		}
	}
}

// TestDirectLimits: the dialog keeps the ways and the bounds of plain transfers.
func TestDirectLimits(t *testing.T) {
	s := walletScene(t, "trade-direct")
	s.run("wallet-pay")
	s.mustDialog(s.UI.Words().T("pay.title"))
	s.Enter()
	if p := s.Wallet.Snapshot(t.Context()).Pay; !p.Direct || p.Floor != 1_000_000*btt.One || p.Line != 5_000_000*btt.One {
		t.Errorf("%+v", p)
	}
	s = walletScene(t, "trade-off")
	s.run("wallet-fund")
	if s.w.Canvas().Overlays().Top() != nil {
		t.Error("BTT is asked for where no transfers are allowed")
	}
}

// TestPayStarts: a failure to start is said where it is seen, and its end too.
func TestPayStarts(t *testing.T) {
	s := walletScene(t, "trade-failed")
	l := s.UI.Words()
	s.seesText(l.PayFault("ledger.ErrFull"))
	s.run("wallet-tab-history")
	for fault, words := range map[string]string{"ledger.ErrFull": l.PayFault("ledger.ErrFull"), "": l.T("pay.works")} {
		s.UI.PayStarts(fault)
		if !slices.Contains(s.UI.Status(), words) {
			t.Errorf("status %q, want %q", s.UI.Status(), words)
		}
	}
}

// seesText looks for a text that is shown.
func (s *stage) seesText(want string) {
	s.t.Helper()
	if !strings.Contains(s.texts(), want) {
		s.t.Errorf("%q is not shown, but\n%s", want, s.texts())
	}
}
