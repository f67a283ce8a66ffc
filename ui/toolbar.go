package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"swarmbid/engine/swarm"
	"swarmbid/ui/widgets"
)

// toolbar is the row of buttons with the search box at its end.
type toolbar struct {
	box                                      *fyne.Container
	start, pause, stop, remove, raise, lower *widgets.Tool
	alt                                      *widgets.Tool
}

func (u *UI) newToolbar() *toolbar {
	t := &toolbar{}
	tool := func(icon string, accent bool, tip string, tap func()) *widgets.Tool {
		return widgets.NewTool(icon, accent, u.loc.T(tip), tap)
	}
	t.remove = tool("remove", false, "tip.remove", func() { u.removeSelected(false) })
	t.start = tool("start", false, "tip.start", u.startSelected)
	t.pause = tool("pause", false, "tip.pause", u.pauseSelected)
	t.stop = tool("stop", false, "tip.stop", u.stopSelected)
	t.raise = tool("queue-up", false, "tip.queueUp", func() { u.queueSelected(swarm.QueueUp) })
	t.lower = tool("queue-down", false, "tip.queueDown", func() { u.queueSelected(swarm.QueueDown) })
	t.alt = tool("slow", false, "tip.alt", u.toggleAlt)
	gap := func() fyne.CanvasObject {
		r := canvas.NewRectangle(theme.Color(theme.ColorNameSeparator))
		r.SetMinSize(fyne.NewSize(1, 16))
		return container.New(layout.NewCustomPaddedLayout(5, 5, 4, 4), r)
	}
	left := container.New(layout.NewCustomPaddedHBoxLayout(1),
		tool("add", true, "tip.add", u.addFiles), tool("link", true, "tip.addURL", u.addURL), tool("create", true, "tip.create", u.askCreate), gap(),
		t.remove, gap(), t.start, t.pause, t.stop, gap(), t.raise, t.lower, gap(),
		t.alt, tool("feed", false, "tip.feeds", u.showFilters), tool("prefs", false, "tip.prefs", u.showPrefs))
	search := container.New(layout.NewGridWrapLayout(fyne.NewSize(210, max(24, u.parts.search.MinSize().Height))), u.parts.search)
	row := container.New(layout.NewCustomPaddedHBoxLayout(0), left, layout.NewSpacer(), container.NewVBox(layout.NewSpacer(), search, layout.NewSpacer()))
	t.box = container.New(layout.NewCustomPaddedLayout(1, 2, 4, 5), row)
	return t
}

// enable dims the buttons that would do nothing to the selection.
func (t *toolbar) enable(u *UI) {
	c := u.can()
	t.start.SetEnabled(c.start)
	t.pause.SetEnabled(c.pause)
	t.stop.SetEnabled(c.stop)
	t.remove.SetEnabled(c.any)
	t.raise.SetEnabled(c.queue)
	t.lower.SetEnabled(c.queue)
	t.alt.SetAccent(u.prefs.AltOn)
}

// can says which commands would do something to the selected torrents.
type can struct {
	any, start, force, pause, stop, queue, recheck, update bool
}

func (u *UI) can() can {
	var c can
	if u.parts.list.table.SelectedCount() == 0 || u.walletShown() || u.feedsShown() {
		return c
	}
	for _, t := range u.selected() {
		active, off := false, false
		switch t.State {
		case swarm.Downloading, swarm.Seeding, swarm.Metadata, swarm.Queued, swarm.QueuedSeed:
			active = true
		case swarm.Stopped, swarm.Finished, swarm.Errored:
			off = true
		case swarm.Paused, swarm.Checking, swarm.Moving:
		}
		c.any = true
		c.start = c.start || off || t.State == swarm.Paused || t.Forced
		c.force = c.force || !t.Forced
		c.pause = c.pause || active
		c.stop = c.stop || !off
		c.queue = c.queue || t.Queue > 0
		c.recheck = c.recheck || t.State != swarm.Checking && t.State != swarm.Moving && t.Size > 0
		c.update = c.update || active
	}
	return c
}

// searchEntry narrows the list while the user types.
type searchEntry struct {
	widget.Entry
	u *UI
}

func newSearchEntry(u *UI, text string) *searchEntry {
	e := &searchEntry{u: u}
	e.ExtendBaseWidget(e)
	e.Text = text
	e.SetPlaceHolder(u.loc.T("search.hint"))
	e.Icon = widgets.Icon("search", theme.Color(widgets.ColorDim))
	e.OnChanged = func(string) { u.publish() }
	return e
}

// TypedKey implements fyne.Focusable: Escape empties the box, Enter and Down go
// to the list.
func (e *searchEntry) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape:
		e.SetText("")
		e.u.win.Canvas().Focus(e.u.parts.list.table.Focusable())
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyDown:
		e.u.win.Canvas().Focus(e.u.parts.list.table.Focusable())
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut implements fyne.Shortcutable: what is not for text goes to the
// window, and so does a torrent on the clipboard, which nobody searches for.
func (e *searchEntry) TypedShortcut(s fyne.Shortcut) {
	if e.u.shortcut(s) {
		return
	}
	if _, paste := s.(*fyne.ShortcutPaste); paste && len(sources(e.u.p.App.Clipboard().Content())) > 0 {
		e.u.paste()
		return
	}
	e.Entry.TypedShortcut(s)
}
