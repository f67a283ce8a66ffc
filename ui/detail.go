package ui

import (
	"maps"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// The tabs below the list.
const (
	tabGeneral  = "general"
	tabTrackers = "trackers"
	tabPeers    = "peers"
	tabPieces   = "pieces"
	tabFiles    = "files"
	tabSpeed    = "speed"
	tabLog      = "log"
	tabMarket   = "market"
)

// tabs is the detailed info below the list.
type tabs struct {
	u     *UI
	box   *fyne.Container
	bar   *widgets.TabBar
	pages map[string]fyne.CanvasObject

	facts       *widgets.Facts
	have, avail *widgets.Strip
	haveText    *canvas.Text
	availText   *canvas.Text
	board       *widgets.Board
	boardText   *canvas.Text
	graph       *widgets.Graph
	span        view.Span
	spans       *widgets.TabBar
	peers       *pane[swarm.Peer, swarm.PeerKey]
	trackers    *pane[swarm.Tracker, string]
	files       *pane[view.FileNode, string]
	log         *pane[view.LogLine, int]
	market      *marketPage
	folded      map[string]bool // folders of the Files tab; never changed, replaced
	lastLog     int
	torrent     swarm.InfoHash // shown last
}

func (u *UI) newTabs() *tabs {
	t := &tabs{u: u, span: u.state.Span}
	t.peers = newPane(u, "peers", view.PeerColumns(), func(p *swarm.Peer) swarm.PeerKey { return p.Key })
	t.trackers = newPane(u, "trackers", view.TrackerColumns(), func(x *swarm.Tracker) string { return x.URL })
	t.files = newPane(u, "files", view.FileColumns(), func(n *view.FileNode) string { return n.Path })
	t.log = newPane(u, "log", view.LogColumns(), func(l *view.LogLine) int { return l.N })
	t.peers.copy, t.trackers.copy, t.files.copy, t.log.copy = u.copyPeers, u.copyTrackers, u.copyNames, u.copyLog
	t.market = u.newMarketPage()
	for _, c := range []*bool{&t.peers.table.Clear, &t.trackers.table.Clear, &t.files.table.Clear, &t.log.table.Clear} {
		*c = true // the window is paper
	}
	t.wireTables()
	t.pages = map[string]fyne.CanvasObject{
		tabGeneral: t.newGeneral(), tabTrackers: t.trackers.table, tabPeers: t.peers.table, tabPieces: t.newPieces(),
		tabFiles: t.files.table, tabMarket: t.market.box, tabSpeed: t.newSpeed(), tabLog: t.log.table,
	}
	stack := container.NewStack()
	for _, id := range []string{tabGeneral, tabTrackers, tabPeers, tabPieces, tabFiles, tabMarket, tabSpeed, tabLog} {
		stack.Add(t.pages[id])
	}
	t.bar = widgets.NewTabBar(u.tabTitles())
	t.bar.OnChoose = func(id string) {
		t.turn(id)
		u.publish()
	}
	if u.state.Tab != "" {
		t.bar.Choose(u.state.Tab)
	}
	t.turn(t.bar.Chosen())
	t.box = container.New(layout.NewBorderLayout(t.bar, nil, nil, nil), t.bar, stack)
	return t
}

func (u *UI) tabTitles() []widgets.Tab {
	l := u.loc
	tabs := []widgets.Tab{
		{ID: tabGeneral, Title: l.T("tab.general"), Icon: "info"},
		{ID: tabTrackers, Title: l.T("tab.trackers"), Icon: "tracker"},
		{ID: tabPeers, Title: l.T("tab.peers"), Icon: "peers"},
		{ID: tabPieces, Title: l.T("tab.pieces"), Icon: "pieces"},
		{ID: tabFiles, Title: l.T("tab.files"), Icon: "file"},
		{ID: tabMarket, Title: l.T("market.tab"), Icon: "market"},
		{ID: tabSpeed, Title: l.T("tab.speed"), Icon: "speed"},
		{ID: tabLog, Title: l.T("tab.log"), Icon: "log"},
	}
	if u.state.HideIcons {
		for i := range tabs {
			tabs[i].Icon = ""
		}
	}
	return tabs
}

// open returns the tab that is shown, "" while all are hidden.
func (t *tabs) open() string {
	if t.u.state.HideDetail {
		return ""
	}
	return t.bar.Chosen()
}

// turn shows one page.
func (t *tabs) turn(id string) {
	for k, p := range t.pages {
		if k == id {
			p.Show()
		} else {
			p.Hide()
		}
	}
}

// wireTables connects the tables of the tabs with what they do.
func (t *tabs) wireTables() {
	u := t.u
	menu := func(items func() []*fyne.MenuItem) func(fyne.Position) {
		return func(at fyne.Position) {
			if u.current().IsZero() {
				return
			}
			widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items()...), u.win.Canvas(), at)
		}
	}
	t.peers.table.OnMenu = menu(u.peerItems)
	t.trackers.table.OnMenu = menu(u.trackerItems)
	t.files.table.OnMenu = menu(u.fileItems)
	t.files.table.OnActivate = func(int) { u.openFile() }
	t.files.table.OnTick = u.tickFile
	t.files.table.OnFold = func(row int, open bool) {
		n := t.files.item(row)
		if n == nil || !n.Folder || n.Open == open {
			return
		}
		t.folded = maps.Clone(t.folded)
		if t.folded == nil {
			t.folded = map[string]bool{}
		}
		t.folded[n.Path] = !open
		u.publish()
	}
	t.log.table.OnMenu = func(at fyne.Position) {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", u.item("menu.copy", u.copyLog)), u.win.Canvas(), at)
	}
}

// newGeneral is two bars over a sheet of facts.
func (t *tabs) newGeneral() fyne.CanvasObject {
	t.have, t.avail, t.facts = widgets.NewStrip(), widgets.NewStrip(), widgets.NewFacts()
	t.facts.OnCopy = func(value string, at fyne.Position) {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", t.u.item("menu.copy", func() { t.u.copy(value) })), t.u.win.Canvas(), at)
	}
	t.haveText, t.availText = dimText("", fyne.TextAlignTrailing), dimText("", fyne.TextAlignTrailing)
	bars := container.New(barRows{}, dimText(t.u.loc.T("general.downloadedBar"), fyne.TextAlignLeading), t.have, t.haveText,
		dimText(t.u.loc.T("general.availBar"), fyne.TextAlignLeading), t.avail, t.availText)
	return container.New(layout.NewBorderLayout(bars, nil, nil, nil), bars, container.NewVScroll(container.New(layout.NewCustomPaddedLayout(2, 2, 8, 8), t.facts)))
}

func dimText(s string, a fyne.TextAlign) *canvas.Text {
	x := canvas.NewText(s, theme.Color(widgets.ColorDim))
	x.TextSize, x.Alignment = widgets.TextSize, a
	return x
}

// barRows sets out rows of label, bar and value; the labels are as wide as the
// widest.
type barRows struct{}

const barRow = float32(20)

// MinSize implements fyne.Layout.
func (barRows) MinSize(objs []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(200, barRow*float32(len(objs)/3)+8)
}

// Layout implements fyne.Layout.
func (barRows) Layout(objs []fyne.CanvasObject, s fyne.Size) {
	const value, pad = 64, 16
	label := float32(0)
	for i := 0; i < len(objs); i += 3 {
		label = max(label, objs[i].MinSize().Width+8)
	}
	for i := 0; i < len(objs); i += 3 {
		y := 6 + barRow*float32(i/3)
		objs[i].Move(fyne.NewPos(pad, y))
		objs[i].Resize(fyne.NewSize(label, barRow-4))
		objs[i+1].Move(fyne.NewPos(pad+label, y))
		objs[i+1].Resize(fyne.NewSize(max(10, s.Width-label-value-2*pad), barRow-4))
		objs[i+2].Move(fyne.NewPos(s.Width-value-pad, y))
		objs[i+2].Resize(fyne.NewSize(value, barRow-4))
	}
}

func (t *tabs) newPieces() fyne.CanvasObject {
	t.board, t.boardText = widgets.NewBoard(), dimText("", fyne.TextAlignLeading)
	return container.NewPadded(container.New(layout.NewBorderLayout(t.boardText, nil, nil, nil), t.boardText, container.NewPadded(t.board)))
}

func (t *tabs) newSpeed() fyne.CanvasObject {
	t.graph = widgets.NewGraph()
	var spans []widgets.Tab
	for _, s := range view.Spans() {
		spans = append(spans, widgets.Tab{ID: s.Label(t.u.loc), Title: s.Label(t.u.loc)})
	}
	t.spans = widgets.NewTabBar(spans)
	t.spans.Plain = true
	t.spans.Choose(t.span.Label(t.u.loc))
	t.spans.OnChoose = func(id string) {
		for _, s := range view.Spans() {
			if s.Label(t.u.loc) == id {
				t.span = s
			}
		}
		t.u.publish()
	}
	return container.NewStack(container.NewPadded(t.graph), container.NewVBox(container.NewHBox(layout.NewSpacer(), t.spans)))
}

// apply shows the part of a frame that belongs to the open tab.
func (t *tabs) apply(f *frame) {
	l := f.ask.loc
	if f.ask.torrent != t.torrent { // what was scrolled and selected was another's
		t.torrent = f.ask.torrent
		t.peers.table.Reset()
		t.trackers.table.Reset()
		t.files.table.Reset()
		t.market.trades.table.Reset()
	}
	switch f.ask.tab {
	case tabGeneral:
		t.facts.SetGroups(f.general)
		t.have.SetMarks(f.have)
		t.avail.SetMarks(f.avail)
		have, avail := "", ""
		if f.torrent != nil {
			have, avail = l.Percent(view.Done(f.torrent)), string(l.AppendFixed(nil, f.torrent.Availability, 3))
		}
		setText(t.haveText, have)
		setText(t.availText, avail)
	case tabPieces:
		t.board.SetMarks(f.have)
		setText(t.boardText, view.PiecesLine(l, f.details))
	case tabTrackers:
		t.trackers.show(f.trackers)
	case tabPeers:
		t.peers.show(f.peers)
	case tabFiles:
		t.files.show(f.files)
	case tabMarket:
		t.market.apply(f)
	case tabSpeed:
		t.graph.SetCurve(f.curve)
	case tabLog:
		t.log.show(f.log)
		if n := f.log.Len(); n > 0 && f.log.Item(n-1).N != t.lastLog {
			t.lastLog = f.log.Item(n - 1).N
			if t.log.table.SelectedCount() == 0 { // else the user is reading
				t.log.table.ScrollTo(n - 1)
			}
		}
	}
}

func setText(t *canvas.Text, s string) {
	if t.Text != s {
		t.Text = s
		t.Refresh()
	}
}
