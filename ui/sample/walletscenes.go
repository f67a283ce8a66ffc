package sample

import (
	"context"

	"fyne.io/fyne/v2"

	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
)

// WalletScene is a scene of the wallet page; Phase is what its wallet is in.
type WalletScene struct {
	Scene
	Phase view.WalletPhase
}

// NewWalletStage makes a window with a wallet and shows its page.
func NewWalletStage(app fyne.App, w *Wallet, lang, theme string, size fyne.Size) *Stage {
	set := NewSettings(lang, theme)
	set.Values.BidMode, set.Values.BidMaxPrice, set.Values.BidMaxTorrent, set.Values.BidMaxDay = "balanced", 4000*btt.One, 50_000*btt.One, 100_000*btt.One
	return stageOf(app, 0, set, size, w)
}

// Dialog returns the open dialog, nil if there is none.
func (s *Stage) Dialog() *dialogs.Frame {
	f, _ := s.UI.Window().Canvas().Overlays().Top().(*dialogs.Frame)
	return f
}

// Type types where the focus is, and goes on to the next field with each tab.
func (s *Stage) Type(text string) {
	c := s.UI.Window().Canvas()
	for _, r := range text {
		switch o := c.Focused(); {
		case r == '\t':
			c.FocusNext()
		case o != nil:
			o.TypedRune(r)
		}
		s.UI.Settle(context.Background())
	}
}

// Enter presses OK of the open dialog.
func (s *Stage) Enter() {
	if f := s.Dialog(); f != nil {
		f.Key(&fyne.KeyEvent{Name: fyne.KeyReturn})
		s.UI.Settle(context.Background())
	}
}

// Do carries out a command by its name.
func (s *Stage) Do(command string) {
	s.UI.Run(command)
	s.UI.Settle(context.Background())
}

// scene shows the page and acts on it.
func scene(name string, dialog bool, p view.WalletPhase, act func(s *Stage)) WalletScene {
	return WalletScene{Scene{"wallet-" + name, dialog, func(s *Stage) {
		s.Do("wallet")
		if act != nil {
			act(s)
		}
		s.UI.Settle(context.Background())
	}}, p}
}

// WalletScenes lists every view of the wallet.
func WalletScenes() []WalletScene {
	return append(append(pageScenes(), dialogScenes()...), moneyScenes()...)
}

// pageScenes are the states of the page.
func pageScenes() []WalletScene {
	edit := func(f func(*view.Wallet)) func(s *Stage) {
		return func(s *Stage) { s.Wallet.Edit(f) }
	}
	return []WalletScene{
		scene("page", false, view.WalletLocked, edit(func(w *view.Wallet) { w.BackedUp = true })),
		scene("none", false, view.WalletNone, nil), scene("failed", false, view.WalletFailed, nil),
		scene("offline", false, view.WalletUnlocked, edit(func(w *view.Wallet) { w.Trust, w.Why = view.TrustOffline, "tron.ErrOffline" })),
		scene("claimed", false, view.WalletLocked, edit(func(w *view.Wallet) {
			w.Trust, w.Txs = view.TrustOneNode, nil
			for i := range w.Coins {
				w.Coins[i].HasClaim, w.Coins[i].Claimed = true, w.Coins[i].Chain+1_000_000
			}
		})),
	}
}

// dialogScenes are the dialogs.
func dialogScenes() []WalletScene {
	run := func(commands ...string) func(s *Stage) {
		return func(s *Stage) {
			for _, c := range commands {
				s.Do(c)
			}
		}
	}
	create := func(s *Stage) {
		s.Do("wallet-create")
		s.Type(WalletPassword + "\t" + WalletPassword)
		s.Enter()
	}
	withdraw := func(s *Stage) {
		s.Wallet.Edit(func(w *view.Wallet) { w.BackedUp = true })
		s.UI.Settle(context.Background())
		s.Do("wallet-withdraw")
		s.Type(TwinAddress + "\t25000")
	}
	return []WalletScene{
		scene("create", true, view.WalletNone, run("wallet-create")), scene("words", true, view.WalletNone, create),
		scene("ask", true, view.WalletNone, func(s *Stage) {
			create(s)
			s.Enter()
			s.Type("thank\tworth\tyear")
			s.Enter()
		}),
		scene("restore", true, view.WalletNone, func(s *Stage) {
			s.Do("wallet-restore")
			s.Type("legal winner thank year wav")
		}),
		scene("found", true, view.WalletNone, func(s *Stage) {
			s.Do("wallet-restore")
			s.Type("legal winner thank year wave sausage worth useful legal winner thank yellow\t" + WalletPassword + "\t" + WalletPassword)
			s.Enter()
		}),
		scene("unlock", true, view.WalletLocked, func(s *Stage) {
			s.Do("wallet-unlock")
			s.Type("wrong one")
			s.Enter()
		}),
		scene("withdraw", true, view.WalletLocked, withdraw),
		scene("blocked", true, view.WalletLocked, func(s *Stage) {
			s.Do("wallet-withdraw")
			s.Type(FriendAddress + "\t1200000")
			s.Enter()
		}),
		scene("review", true, view.WalletLocked, func(s *Stage) {
			withdraw(s)
			s.Enter()
		}),
		scene("tx", true, view.WalletLocked, func(s *Stage) {
			s.UI.SelectTx("3")
			s.Do("wallet-tx")
		}),
		scene("password", true, view.WalletLocked, run("wallet-password")), scene("options", true, view.WalletLocked, run("wallet-options")),
		scene("export", true, view.WalletLocked, run("wallet-export")), scene("import", true, view.WalletNone, run("wallet-import")),
		scene("backup-ask", true, view.WalletLocked, func(s *Stage) {
			s.Do("wallet-backup")
			s.Type(WalletPassword)
			s.Enter()
			s.Enter()
		}),
		scene("backup", true, view.WalletLocked, func(s *Stage) {
			s.Do("wallet-backup")
			s.Type(WalletPassword)
			s.Enter()
		}),
	}
}
