package ui

import (
	"context"

	"swarmbid/ui/view"
)

// maxNoticed bounds which notices are remembered as shown.
const maxNoticed = 1000

// announceMoney tells of every notice once: by a toast at once, and in the window as
// soon as it is in front and nothing else is asked there.
func (u *UI) announceMoney(f *frame) {
	for i := range f.notices {
		n := &f.notices[i]
		if u.noticed[n.ID] > 0 {
			continue
		}
		if u.noticed == nil || len(u.noticed) >= maxNoticed {
			u.noticed = map[string]uint8{}
		}
		u.noticed[n.ID] = toasted
		if tray := u.p.Desktop.Tray; tray != nil {
			title, a := (&view.Format{Locale: u.loc, Now: f.snap.At}).Notice(n)
			tray.ShowToast(title, a.What)
		}
	}
	for i := range f.notices {
		if n := f.notices[i]; u.noticed[n.ID] == toasted && !u.hidden && !u.busy() {
			u.noticed[n.ID] = asked
			u.askNotice(&n, f)
		}
	}
}

// How far a notice was shown.
const (
	toasted = 1
	asked   = 2
)

// askNotice shows a notice with what can be done about it.
func (u *UI) askNotice(n *view.MoneyNotice, f *frame) {
	title, a := (&view.Format{Locale: u.loc, Now: f.snap.At}).Notice(n)
	key, do := "notice.show", func() {
		u.Run("wallet")
		u.Run("wallet-tab-" + moneyVouchers)
	}
	switch n.Kind {
	case view.NoticeRedeem:
		key, do = "redeem.forbid", func() { u.do("redeem.forbid", u.p.Wallet.ForbidRedeem, nil) }
	case view.NoticePayout:
		key, do = "direct.forbid", func() {
			u.do("direct.forbid", func(ctx context.Context) error { return u.p.Wallet.ForbidPayout(ctx, n.Peer) }, nil)
		}
	case view.NoticeLeaves:
	}
	u.host().Told(title, a, u.loc.T(key), do)
}
