package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"swarmbid/app/settings"
	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/keystore"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// market is a chain with the escrow on it, and a session whose wallet has money.
func market(t *testing.T) (*session, voucher.Address) {
	t.Helper()
	node, host := startChain(t)
	code, err := escrow.InitCode(node.BTT())
	if err != nil {
		t.Fatal(err)
	}
	made, err := node.Deploy(code)
	if err != nil {
		t.Fatal(err)
	}
	node.SealSolid()
	s := newSession(t, t.TempDir(), node, host)
	s.name(made.Contract)
	s.makeWallet()
	s.fund(400*btt.TRX, 1000*btt.One)
	return s, made.Contract
}

// name puts the contract's address into the options.
func (s *session) name(at voucher.Address) {
	s.Helper()
	s.must(s.app.settings.Update(func(x *settings.Settings) error {
		x.Wallet.Escrow = at.String()
		return nil
	}))
}

// order carries an order out as the user does: dialog, review, password; and waits
// for its end.
func (s *session) order(command, amount string) *view.Wallet {
	s.Helper()
	s.until("the deposit was looked at", func(w *view.Wallet) bool { return !w.Escrow.Seen.IsZero() })
	s.run(command)
	if s.dialog() == nil {
		s.Fatalf("%s opens no dialog: %+v", command, s.snap().Escrow)
	}
	if amount != "" {
		s.again(amount)
	}
	s.enter()
	if s.dialog() == nil || s.dialog().Title != s.words().T("wallet.review.title") {
		s.Fatalf("%s: no review, but\n%s", command, s.texts())
	}
	s.write(sessionPassword)
	s.enter()
	if s.dialog() != nil {
		s.Fatalf("%s: not sent:\n%s", command, s.texts())
	}
	kind := view.OrderKind(strings.TrimPrefix(command, "wallet-"))
	return s.until(command+" is through", func(w *view.Wallet) bool {
		for _, t := range w.Txs {
			if t.Order != kind || !t.Live() {
				continue
			}
			if t.State == view.TxSent || t.State == view.TxInBlock {
				s.node.SealSolid()
			}
			return false
		}
		return !w.Escrow.Busy(kind)
	})
}

func (s *session) phase(want view.EscrowPhase) *view.Wallet {
	s.Helper()
	return s.until("the deposit's phase", func(w *view.Wallet) bool { return w.Escrow.Phase == want && len(w.Escrow.Under) == 0 })
}

// again opens the program anew on the same folder.
func (s *session) reopen(node *testnode.Node, dir string) *session {
	s.Helper()
	host := s.app.settings.Get().Wallet.TestNode
	at, err := voucher.ParseAddress(s.app.settings.Get().Wallet.Escrow)
	s.must(err)
	s.stop()
	next := newSession(s.T, dir, node, host)
	next.name(at)
	next.run("wallet")
	return next
}

// TestDepositInTheWindow takes the deposit through its life by what a user presses,
// with a restart in between; page, books and chain say the same.
func TestDepositInTheWindow(t *testing.T) {
	s, _ := market(t)
	w := s.phase(view.EscrowNone)
	if w.Escrow.Account == "" || w.Escrow.Account == w.Address {
		t.Errorf("spending account %q", w.Escrow.Account)
	}
	s.run("wallet-approve")
	s.again("1001")
	s.enter()
	s.sees("tron.ErrNotEnough")
	s.leave()
	s.order("wallet-approve", "300")
	s.phase(view.EscrowApproved)
	s.order("wallet-deposit", "")
	s.phase(view.EscrowFunded)
	s.books(map[ledger.Account]btt.Amount{ledger.Onchain: 700 * btt.One, ledger.Deposit: 300 * btt.One})
	s.order("wallet-fuel", "60")
	s.until("fuel", func(w *view.Wallet) bool { return w.Escrow.TRX == 60*btt.TRX })
	s.order("wallet-exit-start", "120.5")
	w = s.phase(view.EscrowExiting)
	if days := w.Escrow.Ready.Sub(s.node.Now()).Hours() / 24; w.Escrow.Leaving != 120_500_000 || w.Escrow.Free != 179_500_000 || days < 6.9 || days > 7 {
		t.Errorf("leaving %+v", w.Escrow)
	}
	s = s.reopen(s.node, s.app.paths.Root)
	s.phase(view.EscrowExiting)
	s.run("wallet-exit-finish")
	if s.dialog() != nil {
		t.Fatal("it is offered before its time")
	}
	s.order("wallet-exit-cancel", "")
	s.phase(view.EscrowFunded)
	s.order("wallet-exit-start", "300")
	s.phase(view.EscrowExiting)
	s.node.Advance(7*24*time.Hour + time.Minute)
	s.node.SealSolid()
	s.app.purse.Refresh()
	s.agreed()
	d, free, err := s.app.purse.use(t.Context())
	s.must(err)
	free()
	order, err := orderOf(view.MoneyOrder{Kind: view.OrderFinish})
	s.must(err)
	i, err := d.tillNow().Intent(t.Context(), order)
	s.must(err)
	if i.Kind != string(view.OrderFinish) {
		t.Errorf("intent %+v", i)
	}
	r, err := s.app.purse.PrepareOrder(t.Context(), view.MoneyOrder{Kind: view.OrderFinish, Amount: 300 * btt.One})
	s.must(err)
	s.must(s.app.purse.Send(t.Context(), r.ID, []byte(sessionPassword)))
	s.until("it is out", func(w *view.Wallet) bool {
		for _, x := range w.Txs {
			if x.Live() && (x.State == view.TxSent || x.State == view.TxInBlock) {
				s.node.SealSolid()
			}
		}
		for _, c := range w.Coins {
			if c.Coin == view.BTT && c.Escrow != 0 {
				return false
			}
		}
		return w.Escrow.Phase == view.EscrowExited
	})
	s.books(map[ledger.Account]btt.Amount{ledger.Onchain: 1000 * btt.One, ledger.Deposit: 0})
}

// TestNoEscrowInTheWindow: on a network without a contract nothing is offered, and an
// order that is given all the same is refused before anything is signed.
func TestNoEscrowInTheWindow(t *testing.T) {
	s := funded(t, 100*btt.TRX, 500*btt.One)
	w := s.snap()
	if w.Escrow.Contract != "" || view.EscrowMay(w, s.node.Now()) != nil {
		t.Errorf("offered %+v", w.Escrow)
	}
	s.run("wallet-tab-deposit")
	for _, c := range []string{"wallet-approve", "wallet-deposit", "wallet-redeem"} {
		s.run(c)
		if s.dialog() != nil {
			t.Errorf("%s opens a dialog", c)
		}
	}
	if _, err := s.app.purse.PrepareOrder(t.Context(), view.MoneyOrder{Kind: view.OrderApprove, Amount: btt.One}); errName(err) != "tron.ErrEscrow" {
		t.Errorf("an order: %v", err)
	}
	if n := networkOf(settings.Wallet{Network: "mainnet", Escrow: friend.String()}); n.Escrow != (voucher.Address{}) {
		t.Error("somebody can choose the main network's contract")
	}
	if err := s.app.purse.SetOptions(t.Context(), view.WalletOptions{Network: "nile", LockMinutes: 5, TestNode: "127.0.0.1:1", Escrow: "Tnonsense"}); errName(err) != "voucher.ErrAddress" {
		t.Errorf("a contract that is no address: %v", err)
	}
}

// payer is somebody with a deposit who promises.
type payer struct {
	secret [32]byte
	at     voucher.Address
}

func newPayer(s *session, at voucher.Address, name string, amount btt.Amount) payer {
	s.Helper()
	p := payer{secret: sha256.Sum256([]byte(name))}
	p.at, _ = voucher.AddressOf(p.secret[:])
	_, err := s.node.GiveTRX(p.at, 200_000_000)
	s.must(err)
	s.giveBTT(p.at, amount)
	s.node.SealSolid()
	for _, c := range []struct {
		to   voucher.Address
		make func() ([]byte, error)
	}{
		{s.node.BTT(), func() ([]byte, error) { return escrow.Approve(at, amount) }},
		{at, func() ([]byte, error) { return escrow.Deposit(p.at, amount) }},
	} {
		data, err := c.make()
		s.must(err)
		if got, err := s.node.Call(p.secret[:], c.to, data); err != nil || !got.OK {
			s.Fatalf("%+v, %v", got, err)
		}
	}
	s.node.SealSolid()
	return p
}

// promises records what the broker records when a promise comes.
func (p payer) promises(s *session, at voucher.Address, sum btt.Amount) {
	s.Helper()
	d, free, err := s.app.purse.use(s.Context())
	s.must(err)
	defer free()
	payee, err := voucher.ParseAddress(s.snap().Escrow.Account)
	s.must(err)
	chain := d.chain.Network().ChainID()
	digest, err := voucher.Voucher{Payer: p.at, Payee: payee, Cumulative: sum}.Digest(voucher.NewDomain(chain, at))
	s.must(err)
	sig, err := voucher.Sign(digest, p.secret[:])
	s.must(err)
	k := ledger.LaneKey{Chain: int64(chain), Escrow: at, Payer: p.at, Payee: payee, Paid: true}
	s.must(d.book.Update(s.Context(), func(tx *ledger.Tx) error {
		if err := tx.PutLane(s.Context(), ledger.Lane{LaneKey: k, Cumulative: sum, Signature: sig, Due: sum, Changed: s.node.Now()}); err != nil {
			return err
		}
		return tx.Record(s.Context(), ledger.Transfer{
			ID: ledger.NewID("test", p.at[:]), At: s.node.Now(), Kind: "promise-received", Phase: ledger.Posted, Debit: ledger.Receivable(p.at.String()), Credit: ledger.Seeding,
			Amount: sum, Torrent: hex.EncodeToString(p.at[:]),
		})
	}))
	s.app.purse.Refresh()
}

// ears keeps what a broker would be told.
type ears struct {
	mu    sync.Mutex
	total map[voucher.Address]btt.Amount
	free  map[voucher.Address]btt.Amount
}

// Redeemed implements listener.
func (e *ears) Redeemed(payer, _ voucher.Address, total btt.Amount) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.total[payer] = total
}

// Funded implements listener.
func (e *ears) Funded(payer voucher.Address, free btt.Amount) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.free[payer] = free
}

// Transferred implements listener.
func (e *ears) Transferred(voucher.Address, [32]byte, btt.Amount) {}

func (e *ears) heard(payer voucher.Address) (total, free btt.Amount) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.total[payer], e.free[payer]
}

func newEars() *ears {
	return &ears{total: map[voucher.Address]btt.Amount{}, free: map[voucher.Address]btt.Amount{}}
}

// TestRedeemInTheWindow: vouchers are shown with what redeeming them costs, come back
// from a backup, and are redeemed, one of them only in part; a broker hears of it.
func TestRedeemInTheWindow(t *testing.T) {
	s, at := market(t)
	heard := newEars()
	s.must(s.app.purse.hear(t.Context(), heard))
	s.order("wallet-fuel", "100")
	rich, poor := newPayer(s, at, "rich", 100*btt.One), newPayer(s, at, "poor", 10*btt.One)
	rich.promises(s, at, 40*btt.One)
	poor.promises(s, at, 25*btt.One)
	w := s.until("both were looked at", func(w *view.Wallet) bool {
		return len(w.Vouchers) == 2 && w.Vouchers[0].Looked && w.Vouchers[1].Looked && w.Redeem.Amount == 50*btt.One
	})
	if w.Redeem.Vouchers != 2 || w.Redeem.Fee <= 0 || w.Redeem.Worth || w.Turnover.Today.Earned != 65*btt.One || len(w.Turnover.Days) != shownDays || len(w.Turnover.Peers) != 2 {
		t.Errorf("shown %+v, %+v", w.Redeem, w.Turnover)
	}
	if _, free := heard.heard(rich.at); free != 100*btt.One {
		t.Errorf("the broker heard that %v are free", free)
	}

	// A backup has them, and another installation gets them back.
	file, err := s.app.purse.Export(t.Context(), []byte(sessionPassword), t.TempDir())
	s.must(err)
	if b, err := os.ReadFile(file); err != nil || strings.Contains(string(b), hex.EncodeToString(rich.at[:])) {
		t.Errorf("the vouchers stand in the clear: %v", err)
	}
	other := newSession(t, t.TempDir(), s.node, s.app.settings.Get().Wallet.TestNode)
	other.name(at)
	for range 2 { // importing twice is refused, and does no harm
		err = other.app.purse.Import(t.Context(), file, []byte(sessionPassword))
	}
	if errName(err) != errName(keystore.ErrExists) {
		t.Errorf("a second import: %v", err)
	}
	other.run("wallet")
	w = other.until("the vouchers are back", func(w *view.Wallet) bool { return len(w.Vouchers) == 2 && w.Redeem.Amount == 50*btt.One })
	if w.Turnover.Today != (view.Flow{}) {
		t.Errorf("restoring is income: %+v", w.Turnover.Today)
	}
	other.order("wallet-redeem", "")
	w = other.until("redeemed", func(w *view.Wallet) bool { return w.Vouchers[0].Paid+w.Vouchers[1].Paid == 50*btt.One })
	other.books(map[ledger.Account]btt.Amount{ledger.Deposit: 50 * btt.One, ledger.Receivable(rich.at.String()): 0, ledger.Receivable(poor.at.String()): 15 * btt.One})
	states := map[view.VoucherState]btt.Amount{}
	for _, v := range w.Vouchers {
		states[v.State] = v.Rest
	}
	if len(states) != 2 || states[view.VoucherBounced] != 15*btt.One {
		t.Errorf("states %v", states)
	}
	late := newEars() // a broker that begins later is told all the same
	other.must(other.app.purse.hear(t.Context(), late))
	if total, _ := late.heard(rich.at); total != 40*btt.One {
		t.Errorf("a late broker heard %v", total)
	}
	if free, err := other.app.purse.funds(t.Context(), rich.at); err != nil || free != 60*btt.One {
		t.Errorf("funds of a payer: %v, %v", free, err)
	}
	other.stop()

	// Here, where it was not done, the chain is believed.
	s.node.Advance(2 * time.Hour)
	s.node.SealSolid()
	s.app.purse.Refresh()
	s.until("seen here too", func(w *view.Wallet) bool { return len(w.Vouchers) == 2 && w.Redeem.Vouchers == 0 })
	if total, _ := heard.heard(rich.at); total != 40*btt.One {
		t.Errorf("the broker heard %v", total)
	}
}

// TestUnaskedInTheWindow: what is done unasked is shown, can be forbidden, and is not
// done while the wallet is locked.
func TestUnaskedInTheWindow(t *testing.T) {
	s, at := market(t)
	s.order("wallet-fuel", "100")
	p := newPayer(s, at, "payer", 100*btt.One)
	p.promises(s, at, 40*btt.One)
	s.must(s.app.purse.SetPay(t.Context(), view.Pay{On: true, PeerCap: btt.One, AutoRedeem: true, RedeemFee: 5, TRXWorth: 1000}))
	if x := s.app.settings.Get(); !x.Pay.On || !x.Pay.AutoRedeem || x.Wallet.TRXWorth != 1000 {
		t.Errorf("kept %+v", x.Pay)
	}
	w := s.until("announced", func(w *view.Wallet) bool { return w.Next != nil })
	if w.Next.Sent || !w.Next.Auto || w.Next.Amount != 40*btt.One || w.Next.At.Before(s.node.Now()) {
		t.Errorf("announced %+v", w.Next)
	}
	s.until("it is said in the window", func(*view.Wallet) bool {
		s.settle()
		return s.dialog() != nil && s.dialog().Title == s.words().T("notice.redeem") && strings.Contains(s.texts(), "40.00 BTT")
	})
	s.leave()
	if n := s.app.purse.Notices(); len(n) != 1 || n[0].Kind != view.NoticeRedeem || n[0].Redeem.Amount != 40*btt.One || n[0].Redeem.Fee <= 0 {
		t.Errorf("notices %+v", n)
	}
	s.run("wallet-redeem-now")
	s.until("it waits for the key", func(w *view.Wallet) bool { return w.Next != nil && w.Next.Waiting == "wallet.ErrLocked" })
	s.run("wallet-redeem-forbid")
	s.until("forbidden", func(w *view.Wallet) bool { return w.Next == nil })
	if n := s.app.purse.Notices(); len(n) != 0 {
		t.Errorf("notices of what was forbidden: %+v", n)
	}
	if err := s.app.purse.ForbidRedeem(t.Context()); err != nil {
		t.Errorf("forbidding it twice: %v", err)
	}
	s.must(s.app.purse.SetPay(t.Context(), view.Pay{RedeemFee: 5}))
	if err := s.app.purse.SetPay(t.Context(), view.Pay{RedeemFee: 101}); err == nil {
		t.Error("a fee of 101 % was taken")
	}
}

// TestLeavingIsSaid: a payer that owes us and takes its deposit out is a notice, until it
// owes nothing.
func TestLeavingIsSaid(t *testing.T) {
	s, at := market(t)
	s.order("wallet-fuel", "100")
	p := newPayer(s, at, "payer", 100*btt.One)
	p.promises(s, at, 40*btt.One)
	s.until("looked", func(w *view.Wallet) bool { return len(w.Vouchers) == 1 && w.Vouchers[0].Looked })
	if n := s.app.purse.Notices(); len(n) != 0 {
		t.Errorf("notices %+v", n)
	}
	data, err := escrow.StartExit(100 * btt.One)
	s.must(err)
	if got, err := s.node.Call(p.secret[:], at, data); err != nil || !got.OK {
		t.Fatalf("%+v, %v", got, err)
	}
	s.node.Advance(2 * time.Hour)
	s.node.SealSolid()
	s.app.purse.Refresh()
	s.until("it leaves", func(w *view.Wallet) bool { return len(s.app.purse.Notices()) == 1 })
	if n := s.app.purse.Notices()[0]; n.Kind != view.NoticeLeaves || n.Peer != p.at.String() || n.Amount != 40*btt.One || n.At.Sub(s.node.Now()) < 6*24*time.Hour {
		t.Errorf("notice %+v", n)
	}
	s.until("it is said in the window", func(*view.Wallet) bool {
		s.settle()
		return s.dialog() != nil && s.dialog().Title == s.words().T("notice.leaves")
	})
	s.leave()
	s.order("wallet-redeem", "")
	s.until("it owes nothing", func(w *view.Wallet) bool { return len(s.app.purse.Notices()) == 0 })
}
