package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// walletPage stands in place of the list while the sidebar says «Wallet».
type walletPage struct {
	u   *UI
	box *fyne.Container
	// under is what the page hides: list and tabs.
	under fyne.CanvasObject

	opened bool // Open was called

	intro                     *fyne.Container // while there is no wallet
	introHead, introText      *widget.Label
	create, restore, fromFile *widget.Button
	retry, options            *widget.Button // while it cannot be opened

	sheet     *fyne.Container // while there is one
	head      *fyne.Container
	buttons   *fyne.Container
	standing  *widgets.Field
	network   *widgets.Field
	lock      *widgets.Field
	coins     *widgets.Table[view.Coin]
	qr        *widgets.QR
	address   *canvas.Text
	notice    *fyne.Container
	noticeTxt *widget.Label
	withdraw  *widget.Button
	backup    *widget.Button // while the words are not confirmed
	txs       *pane[view.WalletTx, string]
	empty     *fyne.Container
	money     *moneyPages
}

// qrSide is the side of the code; an address makes 37 modules with the quiet
// zone, so that each is four pixels at scale 1.
const qrSide = 148

func (u *UI) newWalletPage() *walletPage {
	if u.p.Wallet == nil {
		return nil
	}
	p := &walletPage{u: u}
	p.txs = newPane(u, "wallet", view.TxColumns(u.loc), func(t *view.WalletTx) string { return t.ID })
	if p.txs.table.Order().Column == "" {
		p.txs.table.SetOrder(view.Order{Column: "at", Desc: true})
	}
	p.txs.copy = u.copyTxs
	p.txs.table.OnActivate = func(int) { u.ifFree(u.showTx)() }
	p.txs.table.OnMenu = func(at fyne.Position) {
		on := len(p.txs.chosen()) > 0
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", enabled(u.item("wallet.details", u.ifFree(u.showTx)), on),
			enabled(u.item("wallet.copyID", u.copyTxs), on)), u.win.Canvas(), at)
	}
	p.makeIntro()
	p.makeSheet()
	p.sheet.Hide()
	p.box = container.NewStack(p.intro, p.sheet)
	return p
}

// button runs a command by its name.
func (p *walletPage) button(key, command string) *widget.Button {
	return widget.NewButton(p.u.loc.T(key), func() { p.u.Run(command) })
}

// makeIntro is what the page says while there is no wallet.
func (p *walletPage) makeIntro() {
	p.introHead = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	p.introText = widget.NewLabel("")
	p.introText.Wrapping = fyne.TextWrapWord
	p.create, p.restore, p.fromFile = p.button("wallet.create", "wallet-create"), p.button("wallet.restore", "wallet-restore"), p.button("wallet.import", "wallet-import")
	p.create.Importance = widget.HighImportance
	p.retry = widget.NewButton(p.u.loc.T("wallet.retry"), p.u.openWallet)
	p.options = p.button("wallet.options", "wallet-options")
	row := container.New(layout.NewCustomPaddedHBoxLayout(8), p.create, p.restore, p.fromFile, p.retry, p.options)
	body := container.New(layout.NewCustomPaddedVBoxLayout(8), p.introHead, p.introText, row)
	p.intro = container.New(layout.NewCustomPaddedLayout(24, 0, 24, 24), container.New(column{560}, body))
}

// column keeps its one object from growing wider than can be read.
type column struct{ width float32 }

// MinSize implements fyne.Layout.
func (c column) MinSize(objs []fyne.CanvasObject) fyne.Size { return objs[0].MinSize() }

// Layout implements fyne.Layout.
func (c column) Layout(objs []fyne.CanvasObject, s fyne.Size) {
	w := min(c.width, s.Width)
	objs[0].Resize(fyne.NewSize(w, s.Height))
	objs[0].Resize(fyne.NewSize(w, min(s.Height, objs[0].MinSize().Height)))
}

// makeSheet is balances, address and history.
func (p *walletPage) makeSheet() {
	u, l := p.u, p.u.loc
	p.standing = widgets.NewField(func(fyne.Position) { u.p.Wallet.Refresh() })
	p.network = widgets.NewField(func(fyne.Position) { u.Run("wallet-options") })
	p.lock = widgets.NewField(func(fyne.Position) {
		if u.walletNow().Phase == view.WalletUnlocked {
			u.lockWallet()
		} else {
			u.Run("wallet-unlock")
		}
	})
	right := container.New(layout.NewCustomPaddedHBoxLayout(0), p.network, p.lock)
	ground := canvas.NewRectangle(theme.Color(widgets.ColorPanel))
	p.head = container.New(layout.NewBorderLayout(nil, nil, nil, right), right, p.standing)
	head := container.NewStack(ground, p.head)
	p.coins = widgets.NewTable[view.Coin](columnsOf(l, view.CoinColumns()))
	p.coins.Single = true
	p.coins.RowHeight = 22
	p.coins.OnShortcut = u.shortcut
	p.withdraw = p.button("wallet.withdraw", "wallet-withdraw")
	p.withdraw.Importance = widget.HighImportance
	p.backup = p.button("wallet.backup", "wallet-backup")
	var more *widget.Button
	more = widget.NewButton(l.T("wallet.more"), func() {
		widget.ShowPopUpMenuAtRelativePosition(fyne.NewMenu("", p.moreItems()...), u.win.Canvas(), fyne.NewPos(0, more.Size().Height), more)
	})
	p.noticeTxt = widget.NewLabel("")
	p.noticeTxt.Wrapping = fyne.TextWrapWord
	p.noticeTxt.Importance = widget.WarningImportance
	p.notice = container.NewStack(p.noticeTxt)
	p.buttons = container.New(layout.NewCustomPaddedHBoxLayout(8), p.withdraw, p.backup, more)
	buttons := container.New(layout.NewCustomPaddedLayout(8, 6, 8, 8), p.buttons)
	below := container.New(tight{}, buttons, p.notice)
	balances := container.New(layout.NewBorderLayout(nil, below, nil, nil), below, p.coins)
	top := container.New(beside{width: 286, height: 232}, balances, p.newReceive())
	p.empty = container.NewCenter(dimText(l.T("wallet.noTxs"), fyne.TextAlignCenter))
	over := container.New(tight{}, top, u.hairline())
	p.money = u.newMoneyPages(container.New(layout.NewBorderLayout(over, nil, nil, nil), over, container.NewStack(p.txs.table, p.empty)))
	title := container.NewStack(canvas.NewRectangle(theme.Color(widgets.ColorPanel)), p.historyHead())
	upper := container.New(tight{}, head, u.hairline(), title)
	p.sheet = container.New(layout.NewBorderLayout(upper, nil, nil, nil), upper, p.money.stack())
}

func (p *walletPage) historyHead() fyne.CanvasObject {
	save := widgets.NewField(func(fyne.Position) { p.u.Run("wallet-csv") })
	save.Set("file", view.Dim, p.u.loc.T("wallet.csv"))
	return container.New(layout.NewBorderLayout(nil, nil, nil, save), save, p.money.bar)
}

// newReceive is the address in full with its code.
func (p *walletPage) newReceive() fyne.CanvasObject {
	l := p.u.loc
	p.qr = widgets.NewQR(qrSide)
	p.address = canvas.NewText("", theme.Color(theme.ColorNameForeground))
	p.address.TextSize, p.address.TextStyle.Monospace, p.address.Alignment = 11.5, true, fyne.TextAlignCenter
	head := dimText(l.T("wallet.receive"), fyne.TextAlignCenter)
	copyIt := widget.NewButton(l.T("wallet.copy"), func() {
		p.u.copy(p.u.walletNow().Address)
		p.u.done(l.T("wallet.copied"))
	})
	edge := canvas.NewRectangle(color.Transparent)
	edge.SetMinSize(fyne.NewSize(1, 1))
	code := container.NewCenter(p.qr)
	return container.New(layout.NewCustomPaddedVBoxLayout(3), edge, head, code, p.address, container.NewCenter(copyIt))
}

// beside puts the second object to the right of the first, with a width of its
// own.
type beside struct{ width, height float32 }

// MinSize implements fyne.Layout.
func (b beside) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(b.width+200, b.height) }

// Layout implements fyne.Layout.
func (b beside) Layout(objs []fyne.CanvasObject, s fyne.Size) {
	objs[0].Resize(fyne.NewSize(s.Width-b.width, s.Height))
	objs[1].Move(fyne.NewPos(s.Width-b.width, 0))
	objs[1].Resize(fyne.NewSize(b.width, s.Height))
}

// moreItems is the menu of what is rarely wanted.
func (p *walletPage) moreItems() []*fyne.MenuItem {
	run := func(key, command string) *fyne.MenuItem {
		return p.u.item(key, func() { p.u.Run(command) })
	}
	lock := run("wallet.unlock", "wallet-unlock")
	if p.u.walletNow().Phase == view.WalletUnlocked {
		lock = run("wallet.lock", "wallet-lock")
	}
	items := []*fyne.MenuItem{
		lock, fyne.NewMenuItemSeparator(),
		run("wallet.password.change", "wallet-password"), run("wallet.words.show", "wallet-backup"), run("wallet.export", "wallet-export"), run("wallet.csv", "wallet-csv"),
		fyne.NewMenuItemSeparator(), run("rotate.menu", "wallet-rotate"),
	}
	if len(p.u.walletNow().Former) > 0 {
		items = append(items, run("rotate.redeem", "wallet-redeem-former"), run("rotate.fuel", "wallet-fuel-former"))
	}
	return append(items, fyne.NewMenuItemSeparator(), run("wallet.options", "wallet-options"))
}

// apply shows a frame.
func (p *walletPage) apply(f *frame) {
	if p == nil {
		return
	}
	setVisible(p.box, f.ask.wallet.shown)
	setVisible(p.under, !f.ask.wallet.shown)
	w := f.wallet
	if w == nil {
		return
	}
	l := f.ask.loc
	here := w.Phase == view.WalletLocked || w.Phase == view.WalletUnlocked
	setVisible(p.sheet, here)
	setVisible(p.intro, !here)
	if !here {
		p.applyIntro(l, w)
		return
	}
	p.coins.SetModel(rows[view.CoinState, view.Coin]{f.coins, func(c *view.CoinState) view.Coin { return c.Coin }})
	p.txs.show(f.txs)
	setVisible(p.empty, f.txs.Len() == 0)
	p.money.apply(f)
	fm := &view.Format{Locale: l, Now: f.snap.At}
	s, tone := fm.WalletStanding(w)
	p.standing.Set("active", tone, s)
	p.network.Set("", view.Plain, l.NetworkName(w.Network))
	p.lock.Set("lock", view.Dim, l.T("wallet.isLocked"))
	if w.Phase == view.WalletUnlocked {
		p.lock.Set("unlock", view.Giving, l.T("wallet.isUnlocked"))
		if !w.LockAt.IsZero() {
			p.lock.Set("unlock", view.Giving, l.T("wallet.locksAt", l.Time(w.LockAt)))
		}
	}
	p.head.Layout.Layout(p.head.Objects, p.head.Size()) // its fields have other widths now
	p.qr.SetText(w.Address)
	setText(p.address, w.Address)
	notice := ""
	if !w.BackedUp {
		notice = l.T("wallet.notBackedUp")
	}
	if p.noticeTxt.Text != notice {
		p.noticeTxt.SetText(notice)
	}
	setVisible(p.notice, notice != "")
	if p.backup.Visible() != (notice != "") {
		setVisible(p.backup, notice != "")
		p.buttons.Refresh()
	}
}

func (p *walletPage) applyIntro(l *view.Locale, w *view.Wallet) {
	head, text, buttons := l.T("wallet.intro.title"), l.T("wallet.intro.text"), w.Phase == view.WalletNone
	if w.Phase == view.WalletAsleep {
		text = l.T("wallet.intro.opening")
	}
	if a, ok := l.Explain(w.Fault); w.Phase == view.WalletFailed {
		head = l.T("wallet.intro.failed")
		if text = a.What + " " + a.Do; !ok {
			text = w.Fault
		}
	}
	if p.introHead.Text != head || p.introText.Text != text {
		p.introHead.SetText(head)
		p.introText.SetText(text)
	}
	for _, b := range []*widget.Button{p.create, p.restore, p.fromFile} {
		setVisible(b, buttons)
	}
	for _, b := range []*widget.Button{p.retry, p.options} {
		setVisible(b, w.Phase == view.WalletFailed)
	}
	p.intro.Refresh()
}

func setVisible(o fyne.CanvasObject, on bool) {
	if o.Visible() == on {
		return
	}
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}
