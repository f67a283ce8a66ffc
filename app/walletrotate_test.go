package main

import (
	"strings"
	"testing"
	"time"

	"swarmbid/ui/view"
	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
)

// rotation waits for a step of the way and opens its dialog, which says so.
func (s *session) rotation(want view.RotateStep) *view.Wallet {
	s.Helper()
	w := s.until("the step of the rotation", func(w *view.Wallet) bool { return w.Rotation.Step == want })
	s.run("wallet-rotate")
	if s.dialog() == nil || s.dialog().Title != s.words().T("rotate.title") {
		s.Fatalf("no dialog for step %d", want)
	}
	return w
}

// signed reviews what the next step has opened, signs it and waits for its end.
func (s *session) signed(what string) {
	s.Helper()
	s.enter()
	if s.dialog() == nil {
		s.Fatalf("%s opens nothing", what)
	}
	s.until("it is priced", func(*view.Wallet) bool {
		s.settle()
		return !strings.Contains(s.texts(), s.words().T("wallet.fee.asking"))
	})
	s.enter()
	if s.dialog() == nil || s.dialog().Title != s.words().T("wallet.review.title") {
		s.Fatalf("%s: no review, but\n%s", what, s.texts())
	}
	s.write(sessionPassword)
	s.enter()
	if s.dialog() != nil {
		s.Fatalf("%s: not sent:\n%s", what, s.texts())
	}
	s.through(what)
}

// through seals blocks until no transaction of ours is under way.
func (s *session) through(what string) {
	s.Helper()
	s.until(what+" is through", func(w *view.Wallet) bool {
		for _, x := range w.Txs {
			if !x.Live() {
				continue
			}
			if x.State == view.TxSent || x.State == view.TxInBlock {
				s.node.SealSolid()
			}
			return false
		}
		return len(w.Escrow.Under) == 0
	})
}

// TestRotateInTheWindow goes the whole way from a spending account with a deposit to
// the next one by what a user presses, with restarts between; what was promised to the
// account before is not lost: it is in a copy, in another installation, and redeemable.
func TestRotateInTheWindow(t *testing.T) {
	s, at := market(t)
	s.order("wallet-approve", "300")
	s.phase(view.EscrowApproved)
	s.order("wallet-deposit", "")
	s.phase(view.EscrowFunded)
	s.order("wallet-fuel", "60")
	p := newPayer(s, at, "payer", 100*btt.One)
	p.promises(s, at, 40*btt.One)
	s.until("promised", func(w *view.Wallet) bool { return w.Rotation.Open == 40*btt.One })
	old := s.snap().Escrow.Account

	w := s.rotation(view.RotateLeave)
	if w.Rotation.Deposit != 300*btt.One || w.Rotation.Fee <= 0 || !strings.Contains(s.texts(), "seven days") || !strings.Contains(s.texts(), s.words().Sun(w.Rotation.Fee)) {
		t.Errorf("before leaving: %+v\n%s", w.Rotation, s.texts())
	}
	s.leave()
	if err := s.app.purse.Rotate(t.Context(), []byte(sessionPassword)); errName(err) != "till.ErrDeposit" {
		t.Errorf("rotating with a deposit: %v", err)
	}
	if err := s.app.purse.Rotate(t.Context(), []byte("not the password")); errName(err) != "keystore.ErrPassword" {
		t.Errorf("rotating with a wrong password: %v", err)
	}
	s.rotation(view.RotateLeave)
	s.signed("leaving")
	s.rotation(view.RotateWait)
	s.enter() // there is nothing to do but close it
	if s.dialog() != nil {
		t.Errorf("waiting opens\n%s", s.texts())
	}
	s = s.reopen(s.node, s.app.paths.Root)
	s.until("still waiting", func(w *view.Wallet) bool { return w.Rotation.Step == view.RotateWait })
	s.node.Advance(7*24*time.Hour + time.Minute)
	s.node.SealSolid()
	s.app.purse.Refresh()
	s.rotation(view.RotateFinish)
	s.leave() // the window's clock is not that of the chain: for it the seven days are not over
	r, err := s.app.purse.PrepareOrder(t.Context(), view.MoneyOrder{Kind: view.OrderFinish, Amount: 300 * btt.One})
	s.must(err)
	s.must(s.app.purse.Send(t.Context(), r.ID, []byte(sessionPassword)))
	s.through("taking out")
	w = s.rotation(view.RotateEmpty)
	if w.Rotation.Coin != view.BTT || w.Rotation.Left != 300*btt.One {
		t.Errorf("to be emptied: %+v", w.Rotation)
	}
	s.signed("emptying")
	s.until("emptied", func(w *view.Wallet) bool { return w.Rotation.Step == view.RotateReady })
	s = s.reopen(s.node, s.app.paths.Root)
	s.rotation(view.RotateReady) // its TRX stay: they pay for redeeming
	s.enter()
	s.write(sessionPassword)
	s.enter()
	if s.dialog() != nil {
		t.Fatalf("not rotated:\n%s", s.texts())
	}
	w = s.until("another account", func(w *view.Wallet) bool {
		return w.Escrow.Account != "" && w.Escrow.Account != old && len(w.Former) == 1 && w.Former[0].Redeem.Amount > 0
	})
	keys, err := s.app.purse.wallet()
	s.must(err)
	if i := keys.Info(); i.Spending.Path != (wallet.Path{Account: 2}) || len(i.Others) != 1 || i.Others[0].Address.String() != old {
		t.Errorf("accounts %+v", i)
	}
	if w.Former[0].Account != old || w.Former[0].Open != 40*btt.One || len(w.Vouchers) != 1 || !w.Vouchers[0].Former || w.Redeem.Vouchers != 0 {
		t.Errorf("after it: %+v, %+v", w.Former, w.Vouchers)
	}
	s.books(map[ledger.Account]btt.Amount{ledger.Onchain: 1000 * btt.One, ledger.Deposit: 0, ledger.Receivable(p.at.String()): 40 * btt.One})

	// A copy has the index and the vouchers.
	file, err := s.app.purse.Export(t.Context(), []byte(sessionPassword), t.TempDir())
	s.must(err)
	host := s.app.settings.Get().Wallet.TestNode
	s.stop()
	other := newSession(t, t.TempDir(), s.node, host)
	other.name(at)
	other.must(other.app.purse.Import(t.Context(), file, []byte(sessionPassword)))
	other.run("wallet")
	other.until("the vouchers are back", func(w *view.Wallet) bool {
		return len(w.Former) == 1 && w.Former[0].Redeem.Amount == 40*btt.One && w.Escrow.Account != old
	})
	other.run("wallet-redeem-former")
	if other.dialog() == nil || !strings.Contains(other.texts(), "40") {
		t.Fatalf("redeeming for the former account:\n%s", other.texts())
	}
	other.enter()
	other.write(sessionPassword)
	other.enter()
	other.through("redeeming")
	other.until("redeemed", func(w *view.Wallet) bool { return len(w.Former) == 0 && w.Vouchers[0].Paid == 40*btt.One })
	other.books(map[ledger.Account]btt.Amount{ledger.Receivable(p.at.String()): 0, ledger.Deposit: 0})
	other.rotation(view.RotateReady)
}

// TestRotatedWords: who has only the words finds the account again if it was used, be it
// only as the owner of a deposit.
func TestRotatedWords(t *testing.T) {
	s, _ := market(t)
	s.until("ready", func(w *view.Wallet) bool { return w.Rotation.Step == view.RotateReady })
	s.must(s.app.purse.Rotate(t.Context(), []byte(sessionPassword)))
	s.run("wallet")
	s.until("looked", func(w *view.Wallet) bool { return !w.Escrow.Seen.IsZero() })
	s.order("wallet-approve", "30")
	s.phase(view.EscrowApproved)
	s.order("wallet-deposit", "")
	s.phase(view.EscrowFunded)
	at := s.snap().Escrow.Account
	words, err := s.app.purse.Reveal(t.Context(), []byte(sessionPassword))
	s.must(err)
	d, err := s.app.purse.FromWords([]byte(strings.Join(words, " ")))
	s.must(err)
	found, err := d.Discover(t.Context(), nil)
	s.must(err)
	m, err := wallet.ParseMnemonic([]byte(strings.Join(words, " ")))
	s.must(err)
	keys, err := wallet.Create(t.TempDir()+"/w.btt", []byte(sessionPassword), wallet.Setup{Mnemonic: m, Restored: true, Found: d.(*draft).found, Now: time.Now()}, s.app.purse.params)
	s.must(err)
	if i := keys.Info(); found == 0 || i.Spending.Address.String() != at || i.Spending.Path.Account != 2 {
		t.Errorf("%d accounts found, spending %+v, want %s", found, i.Spending, at)
	}
}
