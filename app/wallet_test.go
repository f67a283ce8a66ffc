package main

import (
	"context"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"swarmbid/app/settings"
	"swarmbid/ui"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/keystore"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// Secrets of the session; TestWalletLeaksNothing looks for them.
const (
	sessionPassword   = "correct horse staple"
	sessionPassphrase = "extra ñandú"
	sessionWords      = "legal winner thank year wave sausage worth useful legal winner thank yellow"
)

// friend is somebody to pay; stranger has no account yet.
var (
	friend   = voucher.Address{1, 2, 3}
	stranger = voucher.Address{9, 9, 31}
)

// session is the program with its real window over a test chain. Everything is
// done by pressing what a user presses.
type session struct {
	*testing.T
	node *testnode.Node
	app  *App
	ui   *ui.UI
	win  fyne.Window
	stop func()
}

// newSession opens the program on a data folder. The wallet's cost and clock are
// those of tests, all else is the program's own.
func newSession(t *testing.T, dir string, node *testnode.Node, host string) *session {
	t.Helper()
	s := &session{T: t, node: node}
	a, err := open(options{data: dir})
	s.must(err)
	s.app = a
	a.purse.params = keystore.Params{Passes: 2, MemoryKiB: keystore.MinMemoryKiB, Threads: 2}
	a.purse.tune = func(c *tron.Config) { c.Every, c.Timeout, c.Now = 2*time.Millisecond, 2*time.Second, node.Now }
	s.must(a.settings.Update(func(x *settings.Settings) error {
		x.Wallet = settings.Wallet{Network: "testnode", LockMinutes: 5, TestNode: host}
		x.Language, x.Theme = "en", "light"
		x.FirstRunDone = true // the guide would keep what it asks through an engine that does not run
		return nil
	}))
	var g errgroup.Group
	ctx, cancel := context.WithCancel(context.Background())
	a.purse.start = func(run func(context.Context) error) { g.Go(func() error { return run(ctx) }) }
	fa := test.NewTempApp(t)
	s.ui = ui.New(a.windowParams(fa, ui.Desktop{}))
	s.win = s.ui.Window()
	s.win.Resize(fyne.NewSize(1000, 640))
	s.ui.Show()
	s.settle()
	stopped := false
	s.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		s.must(g.Wait())
		s.win.Close()
		s.must(a.close())
	}
	t.Cleanup(s.stop)
	return s
}

// startChain makes a chain with a friend on it.
func startChain(t *testing.T) (*testnode.Node, string) {
	t.Helper()
	node, host := testnode.Start(t, testnode.Config{Accounts: map[[20]byte]int64{friend: 5_000_000}})
	node.SealSolid()
	return node, host
}

func (s *session) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *session) settle() { s.ui.Settle(s.Context()) }

// run carries out a command of the window.
func (s *session) run(command string) {
	s.Helper()
	if !s.ui.Run(command) {
		s.Fatalf("no command %q", command)
	}
	s.settle()
}

func (s *session) dialog() *dialogs.Frame {
	f, _ := s.win.Canvas().Overlays().Top().(*dialogs.Frame)
	return f
}

// write types where the focus is; a tab goes to the next field.
func (s *session) write(text string) {
	for _, r := range text {
		if r == '\t' {
			s.win.Canvas().FocusNext()
		} else if o := s.win.Canvas().Focused(); o != nil {
			o.TypedRune(r)
		}
	}
	s.settle()
}

// enter presses OK.
func (s *session) enter() {
	s.Helper()
	if s.dialog() == nil {
		s.Fatal("no dialog is open")
	}
	s.dialog().Key(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.settle()
}

// again types another text into the field that has the focus.
func (s *session) again(text string) {
	s.Helper()
	e, ok := s.win.Canvas().Focused().(*dialogs.Entry)
	if !ok {
		s.Fatal("no field has the focus")
	}
	e.SetText("")
	s.write(text)
}

// texts are the texts of what is on top.
func (s *session) texts() string {
	root := s.win.Content()
	if top := s.win.Canvas().Overlays().Top(); top != nil {
		root = top
	}
	var all []string
	for _, o := range test.LaidOutObjects(root) {
		if l, ok := o.(*widget.Label); ok && l.Visible() {
			all = append(all, l.Text)
		}
	}
	return strings.Join(all, "\n")
}

// sees fails unless the sentences of an error are shown.
func (s *session) sees(name string) {
	s.Helper()
	l := s.words()
	a, ok := l.Explain(name)
	if !ok || !strings.Contains(s.texts(), a.What) || !strings.Contains(s.texts(), a.Do) {
		s.Fatalf("the sentences of %s are not shown, but\n%s", name, s.texts())
	}
}

func (s *session) words() *view.Locale {
	s.Helper()
	return english(s.T)
}

// leave closes the open dialog.
func (s *session) leave() {
	for s.dialog() != nil {
		s.dialog().Close()
		s.settle()
	}
}

func (s *session) snap() *view.Wallet { return s.app.purse.Snapshot(s.Context()) }

// until waits until the window's wallet is as wanted; step is done between looks.
func (s *session) until(what string, is func(w *view.Wallet) bool) *view.Wallet {
	s.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		s.settle()
		if w := s.snap(); is(w) {
			return w
		}
		select {
		case <-deadline.C:
			s.Fatalf("never came true: %s; %+v", what, *s.snap())
		case <-tick.C:
		}
	}
}

// agreed waits until the balances are those of the newest solid block.
func (s *session) agreed() *view.Wallet {
	s.Helper()
	_, solid := s.node.Height()
	return s.until("balances agreed", func(w *view.Wallet) bool { return w.Trust == view.TrustAgreed && w.Block >= solid })
}

// makeWallet restores the session's words through the dialogs.
func (s *session) makeWallet() {
	s.Helper()
	s.run("wallet")
	s.run("wallet-restore")
	s.write(sessionWords + "\t" + sessionPassword + "\t" + sessionPassword)
	s.enter()
	s.enter()
	if s.dialog() != nil || s.snap().Phase != view.WalletLocked {
		s.Fatalf("no wallet was made: %+v, %s", s.snap(), s.texts())
	}
}

func (s *session) address() voucher.Address {
	s.Helper()
	a, err := voucher.ParseAddress(s.snap().Address)
	s.must(err)
	return a
}

func (s *session) giveBTT(to voucher.Address, amount btt.Amount) {
	s.Helper()
	_, err := s.node.GiveBTT(to, new(big.Int).Mul(big.NewInt(int64(amount)), big.NewInt(1e12)))
	s.must(err)
}

// fund gives the wallet money and waits for it to be booked.
func (s *session) fund(trx btt.Sun, amount btt.Amount) {
	s.Helper()
	if trx > 0 {
		_, err := s.node.GiveTRX(s.address(), int64(trx))
		s.must(err)
	}
	if amount > 0 {
		s.giveBTT(s.address(), amount)
	}
	s.node.SealSolid()
	s.agreed()
}

// withdraw fills in the dialog up to the review, or to a refusal.
func (s *session) withdraw(to voucher.Address, amount string) {
	s.Helper()
	s.run("wallet-withdraw")
	s.write(to.String() + "\t" + amount)
	s.enter()
}

// send withdraws with the password and returns the transaction.
func (s *session) send(to voucher.Address, amount string) view.WalletTx {
	s.Helper()
	s.withdraw(to, amount)
	if s.dialog() == nil || s.dialog().Title != s.words().T("wallet.review.title") {
		s.Fatalf("no review, but\n%s", s.texts())
	}
	s.write(sessionPassword)
	s.enter()
	if s.dialog() != nil {
		s.Fatalf("not sent:\n%s", s.texts())
	}
	for _, t := range s.snap().Txs {
		if t.Kind == view.TxOut {
			return t
		}
	}
	s.Fatal("the history does not show it")
	return view.WalletTx{}
}

// tx is the newest transaction that was sent.
func tx(w *view.Wallet) (t view.WalletTx) {
	for _, t := range w.Txs {
		if t.Kind == view.TxOut {
			return t
		}
	}
	return t
}

// ends waits for the newest transaction to come to an end and opens its details.
func (s *session) ends(want view.TxState) view.WalletTx {
	s.Helper()
	w := s.until("the transaction ends", func(w *view.Wallet) bool {
		t := tx(w)
		return !t.Live()
	})
	if t := tx(w); t.State != want {
		s.Fatalf("it ended as %v (%s), want %v", t.State, t.Reason, want)
	}
	return tx(w)
}

// books compares the ledger with what should be in it, and audits it.
func (s *session) books(want map[ledger.Account]btt.Amount) {
	s.Helper()
	d, free, err := s.app.purse.use(s.Context())
	s.must(err)
	defer free()
	s.must(d.book.Audit(s.Context()))
	for a, v := range want {
		b, err := d.book.Balance(s.Context(), a)
		s.must(err)
		if b.Posted != v || b.In != 0 || b.Out != 0 {
			s.Errorf("%s has %v (pending %v, %v), want %v", a, b.Posted, b.In, b.Out, v)
		}
	}
}

func english(t *testing.T) *view.Locale {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "assets", "tr", "en.json"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := view.ParseLocale("en", b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestWalletIsOptional: the program with its window open and its page unopened
// makes no file of the wallet, no books and no connection; nor does a page
// without a wallet.
func TestWalletIsOptional(t *testing.T) {
	dir := t.TempDir()
	node, host := startChain(t)
	var asked atomic.Bool
	node.Inject(testnode.Fault{Lie: func(_, _ proto.Message) { asked.Store(true) }})
	s := newSession(t, dir, node, host)
	s.run("wallet")
	s.run("wallet")
	if w := s.snap(); w.Phase != view.WalletNone {
		t.Errorf("phase %v", w.Phase)
	}
	if s.app.purse.desk != nil || asked.Load() {
		t.Error("the chain was opened")
	}
	for _, name := range []string{"wallet.btt", "ledger.db", "ledger-testnode.db"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Error(name, "was made")
		}
	}
}

// drawn are all texts of what is on top, canvas texts among them.
func (s *session) drawn() string {
	all := []string{s.texts()}
	for _, o := range test.LaidOutObjects(s.win.Canvas().Overlays().Top()) {
		if x, ok := o.(*canvas.Text); ok && x.Visible() {
			all = append(all, x.Text)
		}
	}
	return strings.Join(all, "\n")
}
