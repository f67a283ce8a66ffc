package ui

import (
	"context"
	"path/filepath"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
)

// Wallet is what the window needs of the user's money. Methods may be called
// from any goroutine; those with a context may wait and are never called on the
// main one. Nothing is opened, asked or connected before Open.
type Wallet interface {
	dialogs.Wallet
	// Snapshot returns what is known now; never nil. It may read the books.
	Snapshot(ctx context.Context) *view.Wallet
	// Notices are what the user is to be told of about money now, wherever the window
	// is. It answers at once and reads no books.
	Notices() []view.MoneyNotice
	// Changed receives when there is a new snapshot; it has room for one signal.
	Changed() <-chan struct{}
	// Open opens the file and the books, and begins to ask the network. It is
	// called whenever the page is shown; the second time it does nothing.
	Open(ctx context.Context) error
	// Lock clears the key.
	Lock()
	// Refresh asks the network now.
	Refresh()
	// WriteCSV writes the books to a new file in a folder and returns its path.
	WriteCSV(ctx context.Context, dir string) (string, error)
	// ForbidRedeem takes back what would be redeemed unasked; nothing else is done
	// with these vouchers unasked for a month.
	ForbidRedeem(ctx context.Context) error
	// HurryRedeem does it now.
	HurryRedeem(ctx context.Context) error
	// ForbidPayout takes back the transfer to a peer that is announced; its debt is left
	// alone for a month.
	ForbidPayout(ctx context.Context, peer string) error
	// HurryPayout sends it now.
	HurryPayout(ctx context.Context, peer string) error
	// Report says what paying has bought a torrent.
	Report(ctx context.Context, ih swarm.InfoHash) (view.SpeedReport, error)
}

// walletHost is what the wallet's dialogs need of this window.
func (u *UI) walletHost() *dialogs.WalletHost {
	return &dialogs.WalletHost{Host: u.host(), Wallet: u.p.Wallet, Work: u.work, Explain: u.explain, Copy: u.copy}
}

// work runs f beside the main goroutine and done on it. It is for what has a
// dialog of its own to say how it went.
func (u *UI) work(f func(ctx context.Context) error, done func(err error)) {
	u.enqueue(u.slow, func(ctx context.Context) {
		err := f(ctx)
		if ctx.Err() != nil {
			return
		}
		fyne.Do(func() {
			done(err)
			u.nudge()
		})
	})
}

// openWallet opens the wallet the first time its page is shown.
func (u *UI) openWallet() {
	if u.p.Wallet == nil {
		return
	}
	u.work(u.p.Wallet.Open, func(err error) {
		if err != nil {
			u.fail("do.wallet", err)
		}
	})
}

// walletNow is the wallet as the last frame showed it.
func (u *UI) walletNow() *view.Wallet {
	if u.frame.wallet == nil {
		return &view.Wallet{}
	}
	return u.frame.wallet
}

// walletItems are the wallet's part of the Options menu.
func (u *UI) walletItems() []*fyne.MenuItem {
	if u.p.Wallet == nil {
		return nil
	}
	toggle := func() {
		f := view.Filter{Kind: view.WalletPage}
		if u.walletShown() {
			f = view.Filter{}
		}
		u.parts.side.Select(f)
		u.win.Canvas().Unfocus() // the list may have had the focus
	}
	return []*fyne.MenuItem{fyne.NewMenuItemSeparator(), ticked(u.item("wallet.menu", toggle), u.walletShown())}
}

// ifFree runs f unless a dialog is open.
func (u *UI) ifFree(f func()) func() {
	return func() {
		if u.p.Wallet != nil && !u.busy() {
			f()
		}
	}
}

// walletCommands are the doings of the wallet page by name, for Run.
func (u *UI) walletCommands() map[string]func() {
	h := u.walletHost
	return u.withMoney(map[string]func(){
		"wallet":          func() { u.parts.side.Select(view.Filter{Kind: view.WalletPage}) },
		"wallet-create":   u.ifFree(func() { h().Create(u.nudge) }),
		"wallet-restore":  u.ifFree(func() { h().Restore(u.nudge) }),
		"wallet-import":   u.ifFree(u.importWallet),
		"wallet-unlock":   u.ifFree(func() { h().Unlock() }),
		"wallet-lock":     u.lockWallet,
		"wallet-withdraw": u.ifFree(func() { u.withdraw(view.Payment{Coin: view.BTT}) }),
		"wallet-backup":   u.ifFree(func() { h().Backup(!u.walletNow().BackedUp, u.nudge) }),
		"wallet-export":   u.ifFree(func() { h().Export() }),
		"wallet-password": u.ifFree(func() { h().ChangePassword() }),
		"wallet-options":  u.ifFree(func() { h().Options(u.walletNow().Options) }),
		"wallet-csv":      u.ifFree(u.walletCSV),
		"wallet-tx":       u.ifFree(u.showTx),
	})
}

// withdraw asks whom to pay.
func (u *UI) withdraw(p view.Payment) {
	w := u.walletNow()
	u.walletHost().Withdraw(dialogs.WithdrawParams{
		Payers: w.Payers, BackedUp: w.BackedUp, Payment: p,
		Backup: func() { u.walletHost().Backup(true, u.nudge) },
		Sent:   func() { u.done(u.loc.T("wallet.sent")) },
	})
}

func (u *UI) lockWallet() {
	if u.p.Wallet != nil {
		u.p.Wallet.Lock()
		u.nudge()
	}
}

func (u *UI) importWallet() {
	title, kind := u.loc.T("wallet.import.title"), u.loc.T("wallet.file")
	u.pick(func(ctx context.Context, p Picker) ([]string, error) {
		return p.Files(ctx, title, kind, []string{"*.btt"})
	}, func(paths []string) { u.walletHost().Import(paths[0], u.nudge) })
}

// walletCSV writes the books to a folder that the user picks.
func (u *UI) walletCSV() {
	u.pickFolder("", func(dir string) {
		var path string
		u.do("do.csv", func(ctx context.Context) (err error) {
			path, err = u.p.Wallet.WriteCSV(ctx, dir)
			return err
		}, func() { u.done(u.loc.T("wallet.csv.done", filepath.Base(path))) })
	})
}

// showTx shows the transaction under the cursor of the history.
func (u *UI) showTx() {
	p := u.parts.wallet
	if p == nil {
		return
	}
	if t := p.txs.item(p.txs.table.CursorRow()); t != nil {
		f := &view.Format{Locale: u.loc, Now: u.frame.snap.At}
		u.walletHost().Tx(u.loc.T("wallet.tx.title"), u.loc.StateAdvice(t), f.TxFacts(t), t.TxID)
	}
}

// copyTxs copies the selected lines of the history.
func (u *UI) copyTxs() {
	for _, t := range u.parts.wallet.txs.chosen() {
		u.copy(t.TxID)
	}
}

// SelectTx selects a line of the wallet's history, for pictures and tests.
func (u *UI) SelectTx(id string) {
	if u.parts.wallet != nil {
		u.parts.wallet.txs.table.Select(id)
	}
}
