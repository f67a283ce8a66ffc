package ui

import (
	"strings"

	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
)

// rotate shows the way to another spending account; its steps are the orders and the
// withdrawal that the page has anyway.
func (u *UI) rotate() {
	w := u.walletNow()
	if w.Phase != view.WalletLocked && w.Phase != view.WalletUnlocked {
		return
	}
	u.walletHost().Rotate(dialogs.RotateParams{
		Format: &view.Format{Locale: u.loc, Now: u.frame.snap.At}, Rotation: w.Rotation, Account: w.Escrow.Account, Done: func() { u.done(u.loc.T("rotate.done")) },
		Do: func(s view.RotateStep) {
			switch s {
			case view.RotateLeave:
				u.order(view.OrderExit)
			case view.RotateFinish:
				u.order(view.OrderFinish)
			case view.RotateEmpty:
				u.withdraw(view.Payment{From: w.Escrow.Account, To: w.Address, Coin: w.Rotation.Coin, Amount: w.Rotation.Left, All: true})
			case view.RotateLook, view.RotateBusy, view.RotateWait, view.RotateReady:
			}
		},
	})
}

// orderFormer carries out an order for the former spending account to which most is
// owed.
func (u *UI) orderFormer(k view.OrderKind) {
	w := u.walletNow()
	best := -1
	for i, f := range w.Former {
		if best < 0 || f.Open > w.Former[best].Open {
			best = i
		}
	}
	if best < 0 {
		return
	}
	f := w.Former[best]
	p := dialogs.OrderParams{
		Order: view.MoneyOrder{Kind: k, Account: f.Account, Withdraw: k == view.OrderRedeem}, Redeem: f.Redeem, Sent: func() { u.done(u.loc.T("wallet.sent")) },
	}
	key := "rotate.fuel"
	if k == view.OrderRedeem {
		key, p.Order.Amount = "rotate.redeem", f.Redeem.Amount
	} else {
		p.Order.Amount = usualFuel
	}
	p.Title = strings.TrimSuffix(u.loc.T(key), "…")
	u.walletHost().Order(p)
}
