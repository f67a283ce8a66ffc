package ui

import (
	"fyne.io/fyne/v2"

	"swarmbid/ui/view"
)

// WalletPage returns the wallet's page, nil if there is none.
func (u *UI) WalletPage() fyne.CanvasObject {
	if u.parts.wallet == nil {
		return nil
	}
	return u.parts.wallet.box
}

// WalletUnder returns what the page hides.
func (u *UI) WalletUnder() fyne.CanvasObject { return u.parts.wallet.under }

// WalletTxs returns the history as it is shown.
func (u *UI) WalletTxs() *view.List[view.WalletTx] { return u.frame.txs }
