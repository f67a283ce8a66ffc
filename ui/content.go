package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	fynetooltip "github.com/dweymouth/fyne-tooltip"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// parts are the widgets of the window. They are made anew with the language.
type parts struct {
	menu    *widgets.MenuBar
	tools   *toolbar
	search  *searchEntry
	side    *widgets.Table[view.Filter]
	list    *pane[swarm.Torrent, swarm.InfoHash]
	hint    *fyne.Container // shown while there is no torrent
	tabs    *tabs
	status  *statusBar
	wallet  *walletPage      // nil = there is none
	feeds   *feedPage        // likewise
	across  *container.Split // sidebar | rest
	down    *container.Split // list / tabs
	filter  view.Filter
	closed  []view.Kind
	tooltip fyne.CanvasObject
}

// makeContent makes every widget in the current language and layout and puts
// them into the window. Selection, filter and search survive.
func (u *UI) makeContent() {
	old := u.parts
	var selected []swarm.InfoHash
	search := ""
	if old.list != nil {
		selected = old.list.table.Selection()
		search = old.search.Text
	}
	u.parts = parts{filter: old.filter, closed: u.state.Closed}
	u.parts.menu = widgets.NewMenuBar(u.win.Canvas(), u.menus)
	u.parts.search = newSearchEntry(u, search)
	u.parts.list = u.newList()
	u.parts.side = u.newSide()
	u.parts.tabs = u.newTabs()
	u.parts.status = u.newStatusBar()
	u.parts.tools = u.newToolbar()
	u.parts.hint = u.newHint()
	u.parts.wallet = u.newWalletPage()
	u.parts.feeds = u.newFeedPage()
	if len(selected) > 0 {
		u.parts.list.table.Select(selected...)
	}
	u.arrange()
	u.addShortcuts()
}

// arrange puts the visible parts together.
func (u *UI) arrange() {
	p := &u.parts
	list := container.NewStack(p.list.table, p.hint)
	main := fyne.CanvasObject(list)
	if !u.state.HideDetail {
		p.down = container.NewVSplit(list, p.tabs.box)
		p.down.SetOffset(orElse(u.state.Detail, 0.6))
		main = p.down
	}
	main = u.underFeeds(u.underWallet(main))
	if !u.state.HideSide {
		p.across = container.NewHSplit(onPanel(p.side), main)
		p.across.SetOffset(orElse(u.state.Side, 178/float64(max(600, u.state.Width))))
		main = p.across
	}
	top := container.New(tight{}, p.menu)
	if !u.state.HideToolbar {
		top.Add(onPanel(p.tools.box))
	}
	top.Add(u.hairline())
	var bottom fyne.CanvasObject
	if !u.state.HideStatus {
		bottom = container.New(tight{}, u.hairline(), onPanel(p.status.box))
	}
	// The window is cleared in the colour of the lists, and only what is not paper has a
	// ground: without a GPU a rectangle of the window's size costs 12 ms with each frame.
	body := container.New(layout.NewBorderLayout(top, bottom, nil, nil), nonNil(top, bottom, main)...)
	if p.tooltip != nil {
		fynetooltip.DestroyWindowToolTipLayer(u.win.Canvas())
	}
	p.tooltip = fynetooltip.AddWindowToolTipLayer(body, u.win.Canvas())
	u.win.SetContent(p.tooltip)
}

// onPanel lays a panel under o.
func onPanel(o fyne.CanvasObject) *fyne.Container {
	return container.NewStack(canvas.NewRectangle(theme.Color(widgets.ColorPanel)), o)
}

func nonNil(objs ...fyne.CanvasObject) []fyne.CanvasObject {
	return slices.DeleteFunc(objs, func(o fyne.CanvasObject) bool { return o == nil })
}

func orElse(v, def float64) float64 {
	if v <= 0 || v >= 1 {
		return def
	}
	return v
}

func (u *UI) hairline() fyne.CanvasObject {
	r := canvas.NewRectangle(theme.Color(theme.ColorNameSeparator))
	r.SetMinSize(fyne.NewSize(1, 1))
	return r
}

// tight stacks objects from the top without gaps.
type tight struct{}

// MinSize implements fyne.Layout.
func (tight) MinSize(objs []fyne.CanvasObject) (s fyne.Size) {
	for _, o := range objs {
		m := o.MinSize()
		s.Width, s.Height = max(s.Width, m.Width), s.Height+m.Height
	}
	return s
}

// Layout implements fyne.Layout.
func (tight) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objs {
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h
	}
}

// newHint is what an empty list says.
func (u *UI) newHint() *fyne.Container {
	head := canvas.NewText(u.loc.T("hint.title"), theme.Color(widgets.ColorDim))
	head.TextSize, head.Alignment = 15, fyne.TextAlignCenter
	line := canvas.NewText(u.loc.T("hint.how"), theme.Color(widgets.ColorDim))
	line.TextSize, line.Alignment = widgets.TextSize, fyne.TextAlignCenter
	return container.NewCenter(container.NewVBox(head, line))
}

// newSide makes the sidebar.
func (u *UI) newSide() *widgets.Table[view.Filter] {
	t := widgets.NewTable[view.Filter](columnsOf(u.loc, view.EntryColumns()))
	t.NoHeader, t.Plain, t.Clear, t.Single, t.RowHeight = true, true, true, true, 22
	t.Select(u.parts.filter)
	t.OnSelect = func() {
		if k, ok := t.Cursor(); ok && k != u.parts.filter {
			u.parts.filter = k
			u.parts.list.table.ScrollOffset(fyne.Position{})
			u.publish()
		}
	}
	t.OnFold = func(row int, open bool) {
		m, ok := t.Model().(rows[view.Entry, view.Filter])
		if !ok || row >= m.Len() || m.Item(row).Fold == view.NoFold {
			return
		}
		k := m.Item(row).Filter.Kind
		u.parts.closed = slices.DeleteFunc(slices.Clone(u.parts.closed), func(x view.Kind) bool { return x == k })
		if !open {
			u.parts.closed = append(u.parts.closed, k)
		}
		u.publish()
	}
	t.OnShortcut = u.shortcut
	return t
}

// newList makes the list of torrents.
func (u *UI) newList() *pane[swarm.Torrent, swarm.InfoHash] {
	p := newPane(u, "torrents", view.TorrentColumns(), func(t *swarm.Torrent) swarm.InfoHash { return t.InfoHash })
	p.table.Clear = true // the window is paper
	if p.table.Order().Column == "" {
		p.table.SetOrder(view.Order{Column: "queue"})
	}
	p.copy = u.copyMagnet
	t := p.table
	if _, kept := u.state.Tables[p.name]; !kept && u.prefs.Market {
		t.ShowColumn("earning", true)
		t.ShowColumn("spending", true)
	}
	t.OnSelect = u.publish
	t.OnActivate = func(int) { u.activate() }
	t.OnMenu = func(at fyne.Position) {
		if len(u.selected()) > 0 {
			widget.ShowPopUpMenuAtPosition(u.torrentMenu(), u.win.Canvas(), at)
		}
	}
	t.OnDelete = u.removeSelected
	return p
}

// selected returns the selected torrents that are shown.
func (u *UI) selected() []*swarm.Torrent { return u.parts.list.chosen() }

// hashes returns the infohashes of the selected torrents.
func (u *UI) hashes() []swarm.InfoHash { return u.parts.list.table.Selection() }

// current is the torrent the tabs show: the one under the cursor if it is
// selected, else the first selected one.
func (u *UI) current() (ih swarm.InfoHash) {
	t := u.parts.list.table
	if k, ok := t.Cursor(); ok && t.Selected(k) {
		return k
	}
	if ks := t.Selection(); len(ks) > 0 {
		return ks[0]
	}
	return ih
}

// publish says what is to be shown from now on and wakes Follow.
func (u *UI) publish() {
	p := &u.parts
	if p.list == nil || p.tabs == nil || p.side == nil {
		return // still being made
	}
	u.message = message{}
	la := p.list.ask()
	a := &ask{
		loc:      u.loc,
		query:    view.Query{Filter: p.filter, Search: p.search.Text, Order: la.order, Show: la.show},
		closed:   p.closed,
		torrent:  u.current(),
		tab:      p.tabs.open(),
		span:     p.tabs.span,
		peers:    p.tabs.peers.ask(),
		trackers: p.tabs.trackers.ask(),
		files:    p.tabs.files.ask(),
		log:      p.tabs.log.ask(),
		market:   p.tabs.market.trades.ask(),
		trading:  u.prefs.Market,
		limits:   u.prefs.LimitsInStatus,
		overhead: u.prefs.OverheadInStatus,
		wallet:   u.walletAsk(),
		feeds:    u.feedAsk(),
		folded:   p.tabs.folded,
		resolve:  u.state.Resolve,
	}
	u.ask.Store(a)
	u.nudge()
}

// apply shows a frame.
func (u *UI) apply(f *frame) {
	if u.closed {
		return
	}
	u.frame = f
	p := &u.parts
	p.side.SetModel(rows[view.Entry, view.Filter]{f.side, func(e *view.Entry) view.Filter { return e.Filter }})
	p.list.show(f.list)
	p.hint.Hidden = len(f.snap.Torrents) > 0
	p.tabs.apply(f)
	p.status.apply(f)
	p.wallet.apply(f)
	p.feeds.apply(f)
	p.tools.enable(u)
	title := u.p.Name
	if u.prefs.SpeedInTitle {
		title = f.ask.loc.T("title.rates", f.ask.loc.Rate(f.snap.Totals.Down), f.ask.loc.Rate(f.snap.Totals.Up), u.p.Name)
	}
	if u.win.Title() != title {
		u.win.SetTitle(title)
	}
	u.showTray()
	u.watch()
	u.announceMoney(f)
}

// capture takes the layout from the widgets into the state.
func (u *UI) capture() {
	p, s := &u.parts, &u.state
	if size := u.win.Canvas().Size(); size.Width >= minWidth && size.Height >= minHeight { // else it is not shown
		s.Width, s.Height = size.Width, size.Height
	}
	if p.across != nil && !s.HideSide {
		s.Side = p.across.Offset
	}
	if p.down != nil && !s.HideDetail {
		s.Detail = p.down.Offset
	}
	s.Tab, s.Span, s.Closed = p.tabs.bar.Chosen(), p.tabs.span, p.closed
	s.Tables = map[string]TableState{
		"torrents": p.list.state(), "peers": p.tabs.peers.state(), "trackers": p.tabs.trackers.state(), "files": p.tabs.files.state(), "log": p.tabs.log.state(),
		"market": p.tabs.market.trades.state(),
	}
	p.wallet.capture(s)
	if p.feeds != nil {
		s.Tables["feeds"] = p.feeds.items.state()
	}
}
