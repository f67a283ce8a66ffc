package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"swarmbid/ui/view"
)

// walletAsk is what the wallet page is to show.
type walletAsk struct {
	shown bool
	txs   tableAsk
	coins []string

	vouchers tableAsk
	terms    view.Terms
}

// walletFrame is what the wallet page shows, as finished text; all nil while it
// is not shown.
type walletFrame struct {
	wallet *view.Wallet
	coins  *view.List[view.CoinState]
	txs    *view.List[view.WalletTx]
	moneyFrame
}

// walletShown reports whether the page stands in place of the list.
func (u *UI) walletShown() bool {
	return u.p.Wallet != nil && u.parts.filter.Kind == view.WalletPage
}

// inFront is what keys are for while nothing has the focus: the list, or what the
// wallet page shows in its place. Torrents that are not seen must not be removed.
func (u *UI) inFront() fyne.Focusable {
	if u.feedsShown() {
		return u.parts.feeds.items.table.Focusable()
	}
	switch p := u.parts.wallet; {
	case !u.walletShown():
		return u.parts.list.table.Focusable()
	case p.sheet.Visible() && p.box.Visible() && p.money.bar.Chosen() == moneyVouchers:
		return p.money.vouchers.table.Focusable()
	case p.sheet.Visible() && p.box.Visible() && p.money.bar.Chosen() == moneyHistory:
		return p.txs.table.Focusable()
	}
	return u.parts.side.Focusable()
}

// walletChanged is never ready without a wallet.
func (u *UI) walletChanged() <-chan struct{} {
	if u.p.Wallet == nil {
		return nil
	}
	return u.p.Wallet.Changed()
}

// withWallet adds the wallet's entry to the sidebar.
func (u *UI) withWallet(f *view.Format, rows []*view.Entry) []*view.Entry {
	if u.p.Wallet == nil {
		return rows
	}
	return view.WithWallet(f, rows)
}

// walletAsk says what the page is to show, and opens the wallet when it is shown
// for the first time.
func (u *UI) walletAsk() (a walletAsk) {
	p := u.parts.wallet
	if p == nil || !u.walletShown() {
		return a
	}
	if !p.opened {
		p.opened = true
		u.openWallet()
	}
	return walletAsk{true, p.txs.ask(), p.coins.Shown(), p.money.vouchers.ask(), u.terms()}
}

// buildWallet adds what the page shows. It runs beside the main goroutine.
func (u *UI) buildWallet(ctx context.Context, f *view.Format, a *ask, fr *frame) {
	if u.p.Wallet == nil {
		return
	}
	if fr.notices = u.p.Wallet.Notices(); !a.wallet.shown {
		return
	}
	w := u.p.Wallet.Snapshot(ctx)
	fr.walletFrame = walletFrame{w, view.CoinRows(f, w.Coins, a.wallet.coins), view.WalletTxs(f, w.Txs, a.wallet.txs.order, a.wallet.txs.show), buildMoney(f, w, &a.wallet, fr.snap)}
}

// underWallet lays the page over list and tabs, of which one is visible.
func (u *UI) underWallet(main fyne.CanvasObject) fyne.CanvasObject {
	p := u.parts.wallet
	if p == nil {
		return main
	}
	p.under = main
	setVisible(p.box, u.walletShown())
	setVisible(p.under, !u.walletShown())
	return container.NewStack(main, p.box)
}

// capture keeps the layout of the history.
func (p *walletPage) capture(s *State) {
	if p != nil {
		s.Tables[p.txs.name] = p.txs.state()
		s.Tables[p.money.vouchers.name] = p.money.vouchers.state()
	}
}
