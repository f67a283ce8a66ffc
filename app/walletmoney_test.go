package main

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// funded is a session with a wallet that has received money.
func funded(t *testing.T, trx btt.Sun, amount btt.Amount) *session {
	t.Helper()
	node, host := startChain(t)
	s := newSession(t, t.TempDir(), node, host)
	s.makeWallet()
	s.fund(trx, amount)
	return s
}

// received counts the lines of money that came in.
func received(w *view.Wallet, c view.Coin) (n int, sum btt.Amount) {
	for _, t := range w.Txs {
		if t.Kind == view.TxIn && t.Coin == c {
			n, sum = n+1, sum+t.Amount
		}
	}
	return n, sum
}

// TestWalletTopUpAndWithdraw: what arrives is seen and booked once; what is
// withdrawn is reviewed, signed, sent, confirmed and booked with its fee, through
// every state that the history shows.
func TestWalletTopUpAndWithdraw(t *testing.T) {
	s := funded(t, 100*btt.TRX, 500*btt.One)
	for range 5 {
		s.node.Seal(1)
		s.agreed()
	}
	w := s.snap()
	if n, sum := received(w, view.BTT); n != 1 || sum != 500*btt.One {
		t.Errorf("BTT received in %d lines, %v in all", n, sum)
	}
	if n, sum := received(w, view.TRX); n != 1 || sum != 100_000_000 {
		t.Errorf("TRX received in %d lines, %v in all", n, sum)
	}
	s.books(map[ledger.Account]btt.Amount{ledger.Onchain: 500 * btt.One, ledger.TRX: 100_000_000})

	s.withdraw(friend, "120.5")
	for _, want := range []string{"120.50 BTT", friend.String(), w.Address, voucher.Address(s.node.BTT()).String(), s.words().NetworkName("testnode")} {
		if !strings.Contains(s.drawn(), want) {
			t.Errorf("the review does not show %q but\n%s", want, s.drawn())
		}
	}
	s.write("not the password")
	s.enter()
	s.sees("keystore.ErrPassword")
	if tx(s.snap()).ID != "" {
		t.Fatal("a wrong password left a transaction")
	}
	s.again(sessionPassword)
	s.enter()
	s.until("sent", func(w *view.Wallet) bool { return tx(w).State == view.TxSent })
	s.node.Seal(1)
	s.until("in a block", func(w *view.Wallet) bool { return tx(w).State == view.TxInBlock })
	s.node.SealSolid()
	done := s.ends(view.TxFinal)
	if done.Fee <= 0 || done.Amount != 120_500_000 || done.Peer != friend.String() || len(done.TxID) != 64 {
		t.Errorf("ended as %+v", done)
	}
	s.agreed()
	s.books(map[ledger.Account]btt.Amount{
		ledger.Onchain: 379_500_000, ledger.World: -379_500_000, ledger.TRX: 100_000_000 - btt.Amount(done.Fee), ledger.TronFee: btt.Amount(done.Fee),
	})
	for _, c := range s.snap().Coins {
		want := map[view.Coin]btt.Amount{view.BTT: 379_500_000, view.TRX: 100_000_000 - btt.Amount(done.Fee)}[c.Coin]
		if c.Chain != want || c.In != 0 || c.Out != 0 {
			t.Errorf("the page shows %+v, want %v", c, want)
		}
	}
	s.detail(done, "")
	if f, _ := s.app.purse.CheckAddress(friend.String()); len(f) != 1 || f[0].Concern != view.ToNotChecked {
		t.Errorf("of an address that was paid before is said %v", f)
	}
}

// detail opens the details of a transaction and looks for the sentences of an
// error, "" for none.
func (s *session) detail(x view.WalletTx, name string) {
	s.Helper()
	s.settle()
	s.ui.SelectTx(x.ID)
	s.run("wallet-tx")
	defer s.leave()
	if name != "" {
		s.sees(name)
	} else if !strings.Contains(s.texts(), s.words().T("wallet.tx.final")) {
		s.Errorf("the details say\n%s", s.texts())
	}
}

// TestWalletMax: all of a coin can be sent, and of TRX all but the fee.
func TestWalletMax(t *testing.T) {
	s := funded(t, 100*btt.TRX, 500*btt.One)
	for _, c := range []view.Coin{view.BTT, view.TRX} {
		q, err := s.app.purse.Quote(t.Context(), view.Payment{To: friend.String(), Coin: c, All: true})
		s.must(err)
		want := 500 * btt.One
		if c == view.TRX {
			want = 100_000_000 - btt.Amount(q.MaxFee)
		}
		if q.Amount != want {
			t.Errorf("all %s is %v, want %v", c, q.Amount, want)
		}
	}
}

// TestWalletRefusals: what cannot be paid is refused in words before anything is
// signed, and leaves no trace in the books.
func TestWalletRefusals(t *testing.T) {
	for _, c := range []struct {
		what   string
		trx    btt.Sun
		amount btt.Amount
		to     voucher.Address
		pay    string
		want   string
	}{
		{"fee", btt.TRX / 2, 500 * btt.One, friend, "100", "tron.ErrNotEnoughTRX"},
		{"token", 100 * btt.TRX, 500 * btt.One, friend, "501", "tron.ErrNotEnough"},
		{"not activated", 0, 500 * btt.One, friend, "100", "tron.ErrNotActivated"},
		{"contract", 100 * btt.TRX, 500 * btt.One, voucher.Address{}, "100", "tron.ErrToContract"},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := funded(t, c.trx, c.amount)
			if c.to == (voucher.Address{}) {
				c.to = s.node.BTT()
			}
			s.withdraw(c.to, c.pay)
			s.sees(c.want)
			s.leave()
			if tx(s.snap()).ID != "" {
				t.Error("it left a transaction")
			}
			s.books(map[ledger.Account]btt.Amount{ledger.Onchain: c.amount, ledger.TRX: btt.Amount(c.trx), ledger.TronFee: 0})
		})
	}
}

// TestWalletToNewAccount: a recipient without an account is pointed out, and its
// activation is part of the fee that is shown and booked.
func TestWalletToNewAccount(t *testing.T) {
	s := funded(t, 100*btt.TRX, 0)
	f, err := s.app.purse.Quote(t.Context(), view.Payment{To: stranger.String(), Coin: view.TRX, Amount: 5_000_000})
	s.must(err)
	found := false
	for _, x := range f.Findings {
		found = found || x.Concern == view.ToNotActive
	}
	if !found || f.Fee != 1_100_000 {
		t.Errorf("findings %v, fee %v", f.Findings, f.Fee)
	}
	r, err := s.app.purse.Prepare(t.Context(), view.Payment{To: stranger.String(), Coin: view.TRX, Amount: 5_000_000})
	s.must(err)
	s.must(s.app.purse.Send(t.Context(), r.ID, []byte(sessionPassword)))
	s.until("sent", func(w *view.Wallet) bool { return tx(w).State == view.TxSent })
	s.node.SealSolid()
	if done := s.ends(view.TxFinal); done.Fee != 1_100_000 {
		t.Errorf("fee %v", done.Fee)
	}
	s.agreed()
	s.books(map[ledger.Account]btt.Amount{ledger.TRX: 93_900_000, ledger.TronFee: 1_100_000})
}

// TestWalletExpired: a transaction that enters no block expires; nothing is
// spent, and the amount can be sent again.
func TestWalletExpired(t *testing.T) {
	s := funded(t, 100*btt.TRX, 500*btt.One)
	s.node.Hold(true)
	s.send(friend, "500")
	s.until("sent", func(w *view.Wallet) bool { return tx(w).State == view.TxSent })
	s.withdraw(friend, "1")
	s.sees("tron.ErrNotEnough") // it is reserved
	s.leave()
	s.node.Advance(4 * time.Minute)
	s.node.Seal(25)
	s.detail(s.ends(view.TxExpired), "tron.ErrExpired")
	s.books(map[ledger.Account]btt.Amount{ledger.Onchain: 500 * btt.One, ledger.TRX: 100_000_000, ledger.TronFee: 0})
	s.node.Hold(false)
	s.send(friend, "500")
	s.until("sent", func(w *view.Wallet) bool { return tx(w).State == view.TxSent })
	s.node.SealSolid()
	done := s.ends(view.TxFinal)
	s.agreed()
	s.books(map[ledger.Account]btt.Amount{ledger.Onchain: 0, ledger.TRX: 100_000_000 - btt.Amount(done.Fee)})
}

// TestWalletRejected: a transaction that the nodes refuse says so while it could
// still enter a block, and ends with nothing moved.
func TestWalletRejected(t *testing.T) {
	s := funded(t, 20*btt.TRX, 0)
	if _, err := s.node.GiveTRX(s.address(), 100_000_000); err != nil {
		t.Fatal(err)
	}
	s.node.Seal(1) // a block that will be replaced
	back := s.node.Inject(testnode.Fault{Method: "BroadcastTransaction", Err: status.Error(codes.Unavailable, "no network")})
	r, err := s.app.purse.Prepare(t.Context(), view.Payment{To: friend.String(), Coin: view.TRX, Amount: 90_000_000})
	s.must(err)
	s.must(s.app.purse.Send(t.Context(), r.ID, []byte(sessionPassword)))
	if n := s.node.Reorg(1, false); n != 1 {
		t.Fatal("nothing was replaced")
	}
	back()
	w := s.until("refused", func(w *view.Wallet) bool { return tx(w).State == view.TxRefused })
	s.detail(tx(w), "tron.ErrRejected")
	s.node.Advance(4 * time.Minute)
	s.node.Seal(25)
	s.ends(view.TxExpired)
	s.agreed()
	s.books(map[ledger.Account]btt.Amount{ledger.TRX: 20_000_000, ledger.TronFee: 0})
}

// TestWalletReverted: a transfer that the contract refuses costs its fee and
// moves nothing else.
func TestWalletReverted(t *testing.T) {
	s := funded(t, 100*btt.TRX, 0)
	s.giveBTT(s.address(), 5*btt.One)
	s.node.Seal(1) // a block that will be replaced
	s.node.Hold(true)
	s.send(friend, "4")
	s.until("sent", func(w *view.Wallet) bool { return tx(w).State == view.TxSent })
	if n := s.node.Reorg(1, false); n != 1 {
		t.Fatal("nothing was replaced")
	}
	var resent atomic.Int32
	s.node.Inject(testnode.Fault{Method: "BroadcastTransaction", Lie: func(_, _ proto.Message) { resent.Add(1) }})
	s.until("sent again", func(*view.Wallet) bool { return resent.Load() > 0 })
	s.node.Hold(false)
	s.node.SealSolid()
	done := s.ends(view.TxFailed)
	s.detail(done, "tron.ErrReverted")
	s.agreed()
	if done.Fee <= 0 {
		t.Errorf("fee %v", done.Fee)
	}
	s.books(map[ledger.Account]btt.Amount{ledger.Onchain: 0, ledger.TRX: 100_000_000 - btt.Amount(done.Fee), ledger.TronFee: btt.Amount(done.Fee)})
}

// TestWalletRestart: the program ends while a transaction is under way; the next
// one goes on with the same transaction and books it once.
func TestWalletRestart(t *testing.T) {
	node, host := startChain(t)
	dir := t.TempDir()
	s := newSession(t, dir, node, host)
	s.makeWallet()
	s.fund(100*btt.TRX, 500*btt.One)
	node.Lose(1)
	sent := s.send(friend, "200")
	s.stop()
	var resent atomic.Int32
	node.Inject(testnode.Fault{Method: "BroadcastTransaction", Lie: func(_, _ proto.Message) { resent.Add(1) }})
	s = newSession(t, dir, node, host)
	s.run("wallet")
	if w := s.snap(); w.Phase != view.WalletLocked || tx(w).TxID != sent.TxID {
		t.Fatalf("after the restart %+v, before %+v", tx(w), sent)
	}
	s.until("sent again", func(w *view.Wallet) bool { return tx(w).State == view.TxSent && resent.Load() > 1 }) // the first may be the one that is lost
	node.SealSolid()
	done := s.ends(view.TxFinal)
	if done.TxID != sent.TxID {
		t.Error("another transaction was sent")
	}
	s.agreed()
	s.books(map[ledger.Account]btt.Amount{ledger.Onchain: 300 * btt.One, ledger.TRX: 100_000_000 - btt.Amount(done.Fee), ledger.TronFee: btt.Amount(done.Fee)})
}

// TestWalletOffline: without a network the page says so, shows what is in the
// books, and nothing can be sent or changes.
func TestWalletOffline(t *testing.T) {
	node, host := startChain(t)
	dir := t.TempDir()
	s := newSession(t, dir, node, host)
	s.makeWallet()
	s.fund(100*btt.TRX, 500*btt.One)
	back := node.Inject(testnode.Fault{Err: status.Error(codes.Unavailable, "no network")})
	w := s.until("offline", func(w *view.Wallet) bool { return w.Trust == view.TrustOffline })
	if w.Coins[0].Chain != 500*btt.One || w.At.IsZero() {
		t.Errorf("offline the page shows %+v", w)
	}
	s.withdraw(friend, "10")
	s.sees("tron.ErrOffline")
	s.leave()
	s.stop()
	s = newSession(t, dir, node, host)
	s.run("wallet")
	w = s.until("offline", func(w *view.Wallet) bool { return w.Trust == view.TrustOffline })
	if w.Coins[0].Chain != 500*btt.One || !w.At.IsZero() || len(w.Txs) != 2 {
		t.Errorf("offline after a restart the page shows %+v", w)
	}
	s.books(map[ledger.Account]btt.Amount{ledger.Onchain: 500 * btt.One})
	back()
	s.app.purse.Refresh()
	s.agreed()
}

// TestWalletNetworks: each network has books of its own, and what the page shows
// is of the one that is chosen.
func TestWalletNetworks(t *testing.T) {
	s := funded(t, 100*btt.TRX, 500*btt.One)
	other, host := testnode.Start(t, testnode.Config{})
	other.SealSolid()
	s.app.purse.tune = nil
	o := s.snap().Options
	o.Network = "nile"
	// Nile is not reached from a test: its profile is tried without a network.
	s.must(s.app.purse.leave(t.Context()))
	if got := s.app.purse.books("nile"); !strings.HasSuffix(got, "ledger-nile.db") || s.app.purse.books("mainnet") != s.app.paths.Ledger {
		t.Errorf("books of Nile are %s", got)
	}
	o.Network, o.TestNode = "testnode", host
	s.must(s.app.purse.SetOptions(t.Context(), o))
	if got := s.app.settings.Get().Wallet; got.TestNode != host || got.Network != "testnode" {
		t.Errorf("settings %+v", got)
	}
	o.TestNode = "no port"
	if err := s.app.purse.SetOptions(t.Context(), o); err == nil {
		t.Error("an address without a port was taken")
	}
}
