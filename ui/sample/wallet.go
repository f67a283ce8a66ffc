package sample

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
)

// NameError is an error that is nothing but the name of its sentinel, such as
// "tron.ErrOffline".
type NameError string

// Error implements error.
func (f NameError) Error() string { return string(f) }

// errName names a NameError, and what btt says about text.
func errName(err error) string {
	for name, is := range map[string]error{
		"btt.ErrSyntax": btt.ErrSyntax, "btt.ErrAmbiguous": btt.ErrAmbiguous, "btt.ErrPrecision": btt.ErrPrecision, "btt.ErrOverflow": btt.ErrOverflow,
	} {
		if errors.Is(err, is) {
			return name
		}
	}
	if f, ok := errors.AsType[NameError](err); ok {
		return string(f)
	}
	return ""
}

// WalletPassword opens the sample wallet.
const WalletPassword = "correct horse"

// Wallet is a wallet in memory: it holds sample money and signs nothing. It
// implements ui.Wallet.
type Wallet struct {
	mu      sync.Mutex
	state   view.Wallet
	after   view.WalletPhase // once it is opened
	pass    string
	reviews map[string]view.Payment
	notices []view.MoneyNotice
	changed chan struct{}

	// Fail makes the method of that name fail.
	Fail map[string]error
	// Calls counts how often methods were called, by name.
	Calls map[string]int
	// Sent are the payments that were sent.
	Sent []view.Payment
	// Ordered is the order that was reviewed last.
	Ordered view.MoneyOrder
}

// NewWallet returns a wallet that will be in a phase once its page is opened.
func NewWallet(p view.WalletPhase) *Wallet {
	w := &Wallet{after: p, pass: WalletPassword, reviews: map[string]view.Payment{}, changed: make(chan struct{}, 1), Fail: map[string]error{}, Calls: map[string]int{}}
	w.state = view.Wallet{Network: "mainnet", Options: view.WalletOptions{Network: "mainnet", LockMinutes: 5, TestNode: "127.0.0.1:50051"}}
	return w
}

// call counts a call and returns the error it shall return.
func (w *Wallet) call(method string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Calls[method]++
	return w.Fail[method]
}

// Edit changes what the wallet shows.
func (w *Wallet) Edit(f func(*view.Wallet)) {
	w.mu.Lock()
	f(&w.state)
	w.mu.Unlock()
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// Notices implements ui.Wallet.
func (w *Wallet) Notices() []view.MoneyNotice {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.notices)
}

// Notify adds a notice, as if it had come up now.
func (w *Wallet) Notify(n view.MoneyNotice) {
	w.mu.Lock()
	w.notices = append(w.notices, n)
	w.mu.Unlock()
	w.Edit(func(*view.Wallet) {})
}

// Changed implements ui.Wallet.
func (w *Wallet) Changed() <-chan struct{} { return w.changed }

// Snapshot implements ui.Wallet.
func (w *Wallet) Snapshot(context.Context) *view.Wallet {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.state
	s.Txs, s.Coins = slices.Clone(s.Txs), slices.Clone(s.Coins)
	return &s
}

// Open implements ui.Wallet.
func (w *Wallet) Open(context.Context) error {
	if err := w.call("Open"); err != nil {
		return err
	}
	w.Edit(func(s *view.Wallet) {
		if s.Phase == view.WalletAsleep {
			w.fill(s, w.after)
		}
	})
	return nil
}

// Addresses of the sample: valid ones of nobody.
const (
	WalletAddress = "TMuA6YqfCeX8EhbfYEg5y7S4DqzSJireY9"
	FriendAddress = "TAUN6FwrnwwmaEqYcckffC7wYmbaS6cBiX"
	TwinAddress   = "TAUN8vRqEDmfG3ddyoBJvVqGn1TckqBcBiX"
)

// fill puts money into the wallet.
func (w *Wallet) fill(s *view.Wallet, p view.WalletPhase) {
	s.Phase = p
	switch p {
	case view.WalletFailed:
		s.Fault = "keystore.ErrDamaged"
		return
	case view.WalletNone, view.WalletAsleep:
		return
	case view.WalletLocked, view.WalletUnlocked:
	}
	now := Start()
	s.Address, s.Trust, s.At, s.Block = WalletAddress, view.TrustAgreed, now, 77_123_456
	s.Coins = []view.CoinState{
		{Coin: view.TRX, Chain: 102_500_000, Out: 1_350_000},
		{Coin: view.BTT, Chain: 1_250_000_123_450, Escrow: 20_000_000_000, In: 50_000_000_000, Out: 120_000_000_000},
		{Coin: view.BTTOLD, Chain: 3_000_000},
	}
	s.Payers = []view.Payer{{Address: WalletAddress, Have: map[view.Coin]btt.Amount{view.BTT: 1_250_000_123_450, view.BTTOLD: 3_000_000, view.TRX: 102_500_000}}}
	s.Txs = sampleTxs(now)
}

func sampleTxs(now time.Time) []view.WalletTx {
	id := func(c string) string { return strings.Repeat(c, 32) }
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	return []view.WalletTx{
		{ID: "1", At: ago(30 * time.Second), Kind: view.TxOut, State: view.TxSent, Coin: view.BTT, Amount: 120_000_000_000, Peer: FriendAddress, Fee: 2_900_000, TxID: id("1a"), Expires: now.Add(time.Minute)},
		{ID: "2", At: ago(time.Hour), Kind: view.TxIn, Coin: view.BTT, Amount: 1_000_000_000_000, Peer: FriendAddress, TxID: id("2b"), Block: 77_122_200},
		{ID: "3", At: ago(26 * time.Hour), Kind: view.TxOut, State: view.TxFailed, Coin: view.BTT, Amount: 5_000_000_000, Peer: FriendAddress, Fee: 1_320_500, TxID: id("3c"), Block: 77_091_000, Fault: "tron.ErrReverted", Reason: "REVERT"},
		{ID: "4", At: ago(50 * time.Hour), Kind: view.TxOut, State: view.TxExpired, Coin: view.TRX, Amount: 10_000_000, Peer: FriendAddress, TxID: id("4d"), Fault: "tron.ErrExpired"},
		{ID: "5", At: ago(51 * time.Hour), Kind: view.TxOut, Coin: view.TRX, Amount: 7_500_000, Peer: FriendAddress, Fee: 268_000, TxID: id("5e"), Block: 77_050_300},
		{ID: "6", At: ago(9 * 24 * time.Hour), Kind: view.TxIn, Coin: view.TRX, Amount: 120_000_000, TxID: id("6f"), Block: 76_900_000},
		{ID: "7", At: ago(9*24*time.Hour + time.Minute), Kind: view.TxIn, Coin: view.BTTOLD, Amount: 3_000_000, Peer: FriendAddress, TxID: id("70"), Block: 76_899_000},
	}
}

// Lock implements ui.Wallet.
func (w *Wallet) Lock() {
	w.Edit(func(s *view.Wallet) {
		if s.Phase == view.WalletUnlocked {
			s.Phase = view.WalletLocked
		}
	})
}

// Refresh implements ui.Wallet.
func (w *Wallet) Refresh() { _ = w.call("Refresh") }

// WriteCSV implements ui.Wallet.
func (w *Wallet) WriteCSV(_ context.Context, dir string) (string, error) {
	return dir + "/transactions.csv", w.call("WriteCSV")
}

// NewWords implements dialogs.Wallet.
func (w *Wallet) NewWords(words int) (dialogs.WalletDraft, error) {
	list := slices.Repeat(Words(), 2)
	return &draft{w: w, words: list[:words]}, w.call("NewWords")
}

// FromWords implements dialogs.Wallet.
func (w *Wallet) FromWords(words []byte) (dialogs.WalletDraft, error) {
	c := w.CheckWords(words)
	switch {
	case c.Complete:
		return &draft{w: w, words: Words()}, w.call("FromWords")
	case c.Unknown > 0:
		return nil, NameError("wallet.ErrWord")
	case c.Mismatch:
		return nil, NameError("wallet.ErrMnemonic")
	}
	return nil, NameError("wallet.ErrWordCount")
}

// Words are the words of the sample wallet, from BIP-39's test vectors.
func Words() []string {
	return strings.Fields("legal winner thank year wave sausage worth useful legal winner thank yellow")
}

// CheckWords implements dialogs.Wallet. It knows the words of the sample.
func (w *Wallet) CheckWords(words []byte) (c view.WordsCheck) {
	list := strings.Fields(string(words))
	c.Count = len(list)
	for i, x := range list {
		if !slices.Contains(Words(), x) && c.Unknown == 0 {
			c.Unknown = i + 1
		}
	}
	c.Complete = slices.Equal(list, Words())
	c.Mismatch = c.Count == 12 && c.Unknown == 0 && !c.Complete
	return c
}

// Suggest implements dialogs.Wallet.
func (w *Wallet) Suggest(typed string) (out []string) {
	for _, x := range Words() {
		if strings.HasPrefix(x, typed[:min(2, len(typed))]) && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// Challenge implements dialogs.Wallet.
func (w *Wallet) Challenge(int) ([3]int, error) { return [3]int{3, 7, 12}, w.call("Challenge") }

// check is every password's way in.
func (w *Wallet) check(method string, password []byte) error {
	if err := w.call(method); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if string(password) != w.pass {
		return NameError("keystore.ErrPassword")
	}
	return nil
}

// Import implements dialogs.Wallet.
func (w *Wallet) Import(_ context.Context, _ string, password []byte) error {
	if err := w.check("Import", password); err != nil {
		return err
	}
	w.Edit(func(s *view.Wallet) { w.fill(s, view.WalletLocked) })
	return nil
}

// Export implements dialogs.Wallet.
func (w *Wallet) Export(_ context.Context, password []byte, dir string) (string, error) {
	return dir + "/wallet-2026-11-20.btt", w.check("Export", password)
}

// Unlock implements dialogs.Wallet.
func (w *Wallet) Unlock(_ context.Context, password []byte) error {
	if err := w.check("Unlock", password); err != nil {
		return err
	}
	w.Edit(func(s *view.Wallet) { s.Phase, s.LockAt = view.WalletUnlocked, Start().Add(5*time.Minute) })
	return nil
}

// Reveal implements dialogs.Wallet.
func (w *Wallet) Reveal(_ context.Context, password []byte) ([]string, error) {
	return Words(), w.check("Reveal", password)
}

// ConfirmBackup implements dialogs.Wallet.
func (w *Wallet) ConfirmBackup(_ context.Context, password []byte, places [3]int, answers [3]string) error {
	if err := w.check("ConfirmBackup", password); err != nil {
		return err
	}
	if err := answered(Words(), places, answers); err != nil {
		return err
	}
	w.Edit(func(s *view.Wallet) { s.BackedUp = true })
	return nil
}

func answered(words []string, places [3]int, answers [3]string) error {
	for i, p := range places {
		if words[p-1] != answers[i] {
			return NameError("wallet.ErrAnswer")
		}
	}
	return nil
}

// ChangePassword implements dialogs.Wallet.
func (w *Wallet) ChangePassword(_ context.Context, old, next []byte) error {
	if err := w.check("ChangePassword", old); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pass = string(next)
	return nil
}

// Rotate implements dialogs.Wallet.
func (w *Wallet) Rotate(_ context.Context, password []byte) error {
	if err := w.check("Rotate", password); err != nil {
		return err
	}
	w.Edit(func(s *view.Wallet) {
		s.Escrow.Account, s.Rotation = FriendAddress, view.Rotation{Step: view.RotateReady}
	})
	return nil
}

// CheckAddress implements dialogs.Wallet: what is no T and 33 more is none.
func (w *Wallet) CheckAddress(to string) ([]view.Finding, error) {
	switch {
	case !strings.HasPrefix(to, "T") || len(to) < 34:
		return nil, NameError("voucher.ErrAddress")
	case to == WalletAddress:
		return []view.Finding{{Concern: view.ToOwn}}, nil
	case to == TwinAddress:
		return []view.Finding{{Concern: view.ToLookAlike, Like: FriendAddress}, {Concern: view.ToFirstUse}}, nil
	case to == FriendAddress:
		return nil, nil
	}
	return []view.Finding{{Concern: view.ToFirstUse}}, nil
}

// Quote implements dialogs.Wallet.
func (w *Wallet) Quote(_ context.Context, p view.Payment) (q view.WalletQuote, err error) {
	if err := w.call("Quote"); err != nil {
		return q, err
	}
	q = view.WalletQuote{
		Amount: p.Amount, Have: 1_250_000_123_450, HaveTRX: 102_500_000, Energy: 13_205, Price: 100, EnergyFee: 1_320_500, Bytes: 345, Fee: 1_320_500, MaxFee: 3_495_000,
	}
	if q.Findings, err = w.CheckAddress(p.To); err != nil {
		return q, err
	}
	if p.All {
		q.Amount = q.Have
	}
	if q.Amount > q.Have {
		return q, NameError("tron.ErrNotEnough")
	}
	return q, nil
}

// sampleLimit is the largest withdrawal before the backup.
const sampleLimit = 1_000_000_000_000

// Prepare implements dialogs.Wallet.
func (w *Wallet) Prepare(ctx context.Context, p view.Payment) (r view.WalletReview, err error) {
	if err := w.call("Prepare"); err != nil {
		return r, err
	}
	q, err := w.Quote(ctx, p)
	if err != nil {
		return r, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.state.BackedUp && q.Amount > sampleLimit {
		return r, NameError("wallet.ErrNotBackedUp")
	}
	p.Amount = q.Amount
	w.reviews["1"] = p
	return view.WalletReview{
		ID: "1", TxID: strings.Repeat("8c5f", 16), Network: "mainnet", From: WalletAddress, To: p.To, Coin: p.Coin, Amount: q.Amount,
		Contract: "TAFjULxiVgT4qWk6UZwjqwZXTSaGaqnVp4", FeeLimit: 3_150_000, Fee: q.Fee, MaxFee: q.MaxFee, Expires: Start().Add(90 * time.Second), Findings: q.Findings,
	}, nil
}

// Send implements dialogs.Wallet.
func (w *Wallet) Send(_ context.Context, review string, password []byte) error {
	if err := w.check("Send", password); err != nil {
		return err
	}
	w.mu.Lock()
	p, ok := w.reviews[review]
	delete(w.reviews, review)
	w.mu.Unlock()
	if !ok {
		return NameError("tron.ErrSent")
	}
	w.Edit(func(s *view.Wallet) {
		w.Sent = append(w.Sent, p)
		s.Txs = append([]view.WalletTx{{ID: "new", At: Start(), Kind: view.TxOut, State: view.TxSigned, Coin: p.Coin, Amount: p.Amount, Peer: p.To, Fee: 3_495_000, TxID: strings.Repeat("8c5f", 16), Expires: Start().Add(90 * time.Second)}}, s.Txs...)
	})
	return nil
}

// SetOptions implements dialogs.Wallet.
func (w *Wallet) SetOptions(_ context.Context, o view.WalletOptions) error {
	if err := w.call("SetOptions"); err != nil {
		return err
	}
	w.Edit(func(s *view.Wallet) { s.Options, s.Network = o, o.Network })
	return nil
}

// draft is a sample wallet being made.
type draft struct {
	w     *Wallet
	words []string
	safe  bool
}

// Words implements dialogs.WalletDraft.
func (d *draft) Words() []string { return slices.Clone(d.words) }

// Challenge implements dialogs.WalletDraft.
func (d *draft) Challenge() ([3]int, error) { return d.w.Challenge(len(d.words)) }

// Answer implements dialogs.WalletDraft.
func (d *draft) Answer(places [3]int, answers [3]string) error {
	err := answered(d.words, places, answers)
	d.safe = err == nil
	return err
}

// Address implements dialogs.WalletDraft.
func (d *draft) Address(context.Context, []byte) (string, error) {
	return WalletAddress, d.w.call("Address")
}

// Discover implements dialogs.WalletDraft.
func (d *draft) Discover(context.Context, []byte) (int, error) { return 2, d.w.call("Discover") }

// Create implements dialogs.WalletDraft.
func (d *draft) Create(_ context.Context, _, password []byte) error {
	if err := d.w.call("Create"); err != nil {
		return err
	}
	pass, safe := string(password), d.safe
	d.w.Edit(func(s *view.Wallet) {
		d.w.pass = pass
		d.w.fill(s, view.WalletLocked)
		s.BackedUp = safe
	})
	return nil
}

// Discard implements dialogs.WalletDraft.
func (d *draft) Discard() {
	clear(d.words)
	_ = d.w.call("Discard")
}
