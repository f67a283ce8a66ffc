package dialogs

import (
	"context"
	"net"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"swarmbid/ui/view"
)

// password asks for the password and hands it to f beside the main goroutine.
func (h *WalletHost) password(title, why, ok string, f func(ctx context.Context, password []byte) error, then func()) *Frame {
	const width = 420
	l, t := h.Locale, h.task()
	t.firm = true
	e := t.secret()
	content := lines(width-2*framePad, wrapped(why), newRows(pair{text(l.T("wallet.password")), e}))
	return t.open(spec{title: title, content: content, size: fyne.NewSize(width, 0), ok: ok, cancel: l.T("dlg.cancel"), focus: e, onOK: func() bool {
		if e.Text == "" {
			return t.refuse(e, l.T("wallet.noPassword"))
		}
		secret := []byte(e.Text)
		return t.run(l.T("wallet.deriving"), func(ctx context.Context) error {
			defer clear(secret)
			return f(ctx, secret)
		}, then)
	}})
}

// Unlock asks for the password and unlocks the wallet.
func (h *WalletHost) Unlock() *Frame {
	l := h.Locale
	return h.password(l.T("wallet.unlock.title"), l.T("wallet.unlock.text"), l.T("wallet.unlock.ok"), h.Wallet.Unlock, nil)
}

// Export writes a copy of the wallet to a folder that the user picks.
func (h *WalletHost) Export() {
	if h.PickFolder == nil {
		return
	}
	l := h.Locale
	h.PickFolder("", func(dir string) {
		var path string
		h.password(l.T("wallet.export.title"), l.T("wallet.export.text"), l.T("wallet.export.ok"), func(ctx context.Context, password []byte) (err error) {
			path, err = h.Wallet.Export(ctx, password, dir)
			return err
		}, func() {
			h.Message(l.T("wallet.export.title"), view.Advice{What: l.T("wallet.export.done", path), Do: l.T("wallet.export.note")})
		})
	})
}

// Import makes the wallet from an exported file.
func (h *WalletHost) Import(file string, done func()) *Frame {
	l := h.Locale
	return h.password(l.T("wallet.import.title"), l.T("wallet.import.text"), l.T("wallet.import.ok"), func(ctx context.Context, password []byte) error {
		return h.Wallet.Import(ctx, file, password)
	}, done)
}

// Backup shows the words again after asking for the password. With confirm,
// three of them are asked back, which lifts the limit on withdrawals.
func (h *WalletHost) Backup(confirm bool, done func()) *Frame {
	l := h.Locale
	why := l.T("wallet.reveal.text")
	if confirm {
		why = l.T("wallet.backup.text")
	}
	var words []string
	var kept []byte
	return h.password(l.T("wallet.reveal.title"), why, l.T("wallet.reveal.ok"), func(ctx context.Context, password []byte) (err error) {
		if words, err = h.Wallet.Reveal(ctx, password); err == nil && confirm {
			kept = append([]byte(nil), password...)
		}
		return err
	}, func() { h.reveal(words, kept, done) })
}

// reveal shows words; with a password it goes on to ask three of them back.
func (h *WalletHost) reveal(words []string, password []byte, done func()) {
	const width = 560
	l, t := h.Locale, h.task()
	grid := container.NewStack(numbered(words))
	n, on := len(words), false
	clear(words)
	t.onClose = func() {
		grid.RemoveAll()
		if !on {
			clear(password)
		}
	}
	s := spec{
		title: l.T("wallet.reveal.title"), size: fyne.NewSize(width, 0), ok: l.T("dlg.close"),
		content: lines(width-2*framePad, wrapped(l.T("wallet.show.text")), grid, dimWrapped(l.T("wallet.show.note"))),
	}
	if password != nil {
		s.ok, s.cancel = l.T("wallet.written"), l.T("dlg.cancel")
		s.onOK = func() bool {
			on = true
			return true
		}
		s.then = func() { h.confirmBackup(n, password, done) }
	}
	t.open(s)
}

func (h *WalletHost) confirmBackup(words int, password []byte, done func()) {
	l := h.Locale
	places, err := h.Wallet.Challenge(words)
	if err != nil {
		clear(password)
		h.Message(l.T("wallet.ask.title"), h.Explain(err))
		return
	}
	t, c := h.challenge(places)
	t.firm, t.onClose = true, func() { clear(password) }
	t.open(spec{title: l.T("wallet.ask.title"), content: c.box, size: fyne.NewSize(c.width, 0), ok: l.T("wallet.confirm"), cancel: l.T("dlg.cancel"), focus: c.fields[0], onOK: func() bool {
		answers := c.answers()
		return t.run(l.T("wallet.deriving"), func(ctx context.Context) error { return h.Wallet.ConfirmBackup(ctx, password, places, answers) }, done)
	}})
}

// ChangePassword gives the wallet another password.
func (h *WalletHost) ChangePassword() *Frame {
	const width = 440
	l, t := h.Locale, h.task()
	t.firm = true
	old, next, repeat := t.secret(), t.secret(), t.secret()
	form := newRows(pair{text(l.T("wallet.change.old")), old}, pair{text(l.T("wallet.change.new")), next}, pair{text(l.T("wallet.repeat")), repeat})
	content := lines(width-2*framePad, wrapped(l.T("wallet.change.text")), form)
	return t.open(spec{title: l.T("wallet.change.title"), content: content, size: fyne.NewSize(width, 0), ok: l.T("dlg.ok"), cancel: l.T("dlg.cancel"), focus: old, onOK: func() bool {
		switch {
		case old.Text == "":
			return t.refuse(old, l.T("wallet.noPassword"))
		case len([]rune(next.Text)) < minPassword:
			return t.refuse(next, l.T("wallet.short"))
		case next.Text != repeat.Text:
			return t.refuse(repeat, l.T("wallet.differ"))
		}
		a, b := []byte(old.Text), []byte(next.Text)
		return t.run(l.T("wallet.deriving"), func(ctx context.Context) error {
			defer clear(a)
			defer clear(b)
			return h.Wallet.ChangePassword(ctx, a, b)
		}, nil)
	}})
}

// maxLockMinutes is a week.
const maxLockMinutes = 7 * 24 * 60

// Options edits the wallet's settings.
func (h *WalletHost) Options(now view.WalletOptions) *Frame {
	const width = 470
	l, t := h.Locale, h.task()
	names := []string{"mainnet", "nile", "testnode"}
	var words []string
	for _, n := range names {
		words = append(words, l.NetworkName(n))
	}
	network := newSelect(t.k, words, max(0, slices.Index(names, now.Network)))
	host, contract := newEntry(t.k, now.TestNode), newEntry(t.k, now.Escrow)
	contract.SetPlaceHolder("T…")
	enable := func() {
		for e, on := range map[*Entry]bool{host: network.SelectedIndex() == 2, contract: network.SelectedIndex() > 0} {
			if on {
				e.Enable()
			} else {
				e.Disable()
			}
		}
	}
	contract.setTip(l.Tip("wallet.opt.escrow"))
	network.OnChanged = func(string) { enable() }
	enable()
	minutes := numberEntry(t.k, int64(now.LockMinutes))
	form := newRows(pair{text(l.T("wallet.opt.network")), framed(network)}, pair{text(l.T("wallet.opt.testNode")), host}, pair{text(l.T("wallet.opt.escrow")), contract},
		pair{text(l.T("wallet.opt.lock")), narrow(minutes, 70, l.T("wallet.opt.minutes"))})
	content := lines(width-2*framePad, form, dimWrapped(l.T("wallet.opt.note")))
	return t.open(spec{title: l.T("wallet.opt.title"), content: content, size: fyne.NewSize(width, 0), ok: l.T("dlg.ok"), cancel: l.T("dlg.cancel"), focus: minutes, onOK: func() bool {
		n, ok := number(minutes)
		if !ok || n > maxLockMinutes {
			return t.refuse(minutes, l.T("dlg.badNumber"))
		}
		o := view.WalletOptions{Network: names[network.SelectedIndex()], LockMinutes: int(n), TestNode: host.Text, Escrow: contract.Text}
		if _, port, err := net.SplitHostPort(host.Text); o.Network == "testnode" && (err != nil || port == "") {
			return t.refuse(host, l.T("wallet.opt.badHost"))
		}
		return t.run(l.T("wallet.opt.applying"), func(ctx context.Context) error { return h.Wallet.SetOptions(ctx, o) }, nil)
	}})
}
