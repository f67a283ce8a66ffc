package dialogs

import (
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// Feed asks for the address and the name of a feed.
func (h *Host) Feed(title, address, name string, done func(address, name string)) *Frame {
	k, l := &keys{}, h.Locale
	a, n := newEntry(k, address), newEntry(k, name)
	a.setTip(l.Tip("feed.address"))
	a.SetPlaceHolder("https://example.org/rss.xml")
	n.SetPlaceHolder(l.T("feed.ownName"))
	wrong := text("")
	form := newRows(pair{text(l.T("feed.address")), a}, pair{text(l.T("feed.name")), n}, pair{nil, wrong})
	return h.open(spec{title: title, content: form, size: fyne.NewSize(560, 0), keys: k, ok: l.T("dlg.ok"), cancel: l.T("dlg.cancel"), focus: a, onOK: func() bool {
		return h.filled(a, wrong)
	}, then: func() { done(a.Text, n.Text) }})
}

// FiltersParams are what the filters of feeds begin with.
type FiltersParams struct {
	Feeds   []swarm.Feed
	Filters []swarm.FeedFilter
	Loads   []swarm.FeedLoad               // what was added from feeds, newest first
	Check   func(*swarm.FeedFilter) string // what is wrong with one; "" = nothing
	Save    func([]swarm.FeedFilter)
}

// filters is an open dialog of filters: a list, and the fields of the chosen one.
type filters struct {
	h       *Host
	p       FiltersParams
	list    *widgets.Table[int]
	now     int // the one whose fields are shown; -1 = none
	fields  *fyne.Container
	feed    *Select
	wrong   *canvas.Text
	on      *Check
	smart   *Check
	stopped *Check
	pause   *Select
	loads   fyne.CanvasObject // what was added, in place of the fields

	name, match, not, saveIn, label, episodes, quality *Entry
}

// FeedFilters edits which items of feeds are added by themselves.
func (h *Host) FeedFilters(p FiltersParams) *Frame {
	k, l := &keys{}, h.Locale
	d := &filters{h: h, p: p, now: -1}
	d.p.Filters = slices.Clone(p.Filters)
	d.makeFields(k)
	d.list = widgets.NewTable[int]([]widgets.Column{{ID: "name", Fill: true}})
	d.list.NoHeader, d.list.Single, d.list.Plain, d.list.RowHeight = true, true, true, 22
	d.list.OnKey = k.handle
	d.list.OnSelect = func() {
		if i, ok := d.list.Cursor(); ok {
			d.keep()
			d.show(i)
		}
	}
	d.loads = d.newLoads(k)
	more, less := newButton(k, l.T("filter.new"), d.add), newButton(k, l.T("filter.remove"), d.remove)
	past := newButton(k, l.T("filter.history"), d.turn)
	buttons := container.New(layout.NewCustomPaddedLayout(6, 0, 0, 0), container.New(layout.NewCustomPaddedVBoxLayout(6), container.New(layout.NewCustomPaddedHBoxLayout(6), more, less), past))
	left := container.New(layout.NewBorderLayout(nil, buttons, nil, nil), paper(d.list), buttons)
	d.show(-1)
	if len(d.p.Filters) > 0 {
		d.list.SetModel(filterRows{d})
		d.list.Select(0)
		d.show(0)
	}
	f := h.open(spec{title: l.T("filter.title"), content: container.New(twoColumns{190}, left, container.NewStack(d.fields, d.loads)), size: fyne.NewSize(680, 480), keys: k, ok: l.T("dlg.ok"), cancel: l.T("dlg.cancel"), focus: d.list.Focusable(), onOK: func() bool {
		d.keep()
		for i := range d.p.Filters {
			if why := p.Check(&d.p.Filters[i]); why != "" {
				d.list.Select(i)
				d.show(i)
				setText(d.wrong, why, widgets.ToneColor(view.Broken))
				return false
			}
		}
		return true
	}, then: func() { p.Save(d.p.Filters) }})
	f.filters = d
	return f
}

func (d *filters) makeFields(k *keys) {
	l := d.h.Locale
	for _, e := range []**Entry{&d.name, &d.match, &d.not, &d.saveIn, &d.label, &d.episodes, &d.quality} {
		*e = newEntry(k, "")
	}
	names := []string{l.T("filter.allFeeds")}
	for i := range d.p.Feeds {
		names = append(names, d.p.Feeds[i].Label())
	}
	d.feed = newSelect(k, names, 0)
	d.on, d.smart, d.stopped = newCheck(k, l.T("filter.on"), false), newCheck(k, l.T("filter.smart"), false), newCheck(k, l.T("add.stopped"), false)
	tips(l, map[string]hinted{"filter.smart": d.smart, "add.label": d.label})
	d.wrong = text("")
	d.episodes.SetPlaceHolder("1x12-14")
	d.quality.SetPlaceHolder("HDTV, 720p, 1080p")
	d.pause = newSelect(k, pauseWords(l), 0)
	d.name.OnChanged = func(s string) {
		if d.now >= 0 {
			d.p.Filters[d.now].Name = s
			d.list.SetModel(filterRows{d})
		}
	}
	d.fields = newRows(
		pair{nil, d.on},
		pair{text(l.T("filter.name")), d.name}, pair{text(l.T("filter.match")), d.match}, pair{text(l.T("filter.not")), d.not},
		pair{nil, dim(l.T("filter.note"))},
		pair{text(l.T("filter.feed")), d.feed}, pair{text(l.T("filter.saveIn")), d.h.folderField(k, d.saveIn)}, pair{text(l.T("filter.label")), d.label},
		pair{text(l.T("filter.episodes")), d.episodes}, pair{nil, d.smart},
		pair{text(l.T("filter.quality")), d.quality}, pair{text(l.T("filter.pause")), d.pause}, pair{nil, d.stopped}, pair{nil, d.wrong},
	)
	d.fields.Layout = &rows{gap: 4}
}

// keep takes what the fields say.
func (d *filters) keep() {
	if d.now < 0 {
		return
	}
	f := &d.p.Filters[d.now]
	*f = swarm.FeedFilter{
		Name: strings.TrimSpace(d.name.Text), On: d.on.Checked, Match: d.match.Text, Not: d.not.Text, Feed: f.Feed, SaveIn: strings.TrimSpace(d.saveIn.Text),
		Label: strings.TrimSpace(d.label.Text), Episodes: strings.TrimSpace(d.episodes.Text), Smart: d.smart.Checked, Stopped: d.stopped.Checked,
		Quality: strings.TrimSpace(d.quality.Text), PauseHours: f.PauseHours,
	}
	if i := d.pause.SelectedIndex(); i >= 0 {
		f.PauseHours = pauses()[i]
	}
	if i := d.feed.SelectedIndex(); i > 0 {
		f.Feed = d.p.Feeds[i-1].ID
	} else if i == 0 {
		f.Feed = ""
	}
}

// show fills the fields with a filter; -1 is none.
func (d *filters) show(i int) {
	setShown(d.fields, i >= 0)
	setShown(d.loads, false)
	d.now = -1 // so that filling in changes nothing
	if i < 0 {
		return
	}
	setText(d.wrong, "", d.wrong.Color)
	f := d.p.Filters[i]
	d.name.SetText(f.Name)
	d.match.SetText(f.Match)
	d.not.SetText(f.Not)
	d.saveIn.SetText(f.SaveIn)
	d.label.SetText(f.Label)
	d.episodes.SetText(f.Episodes)
	d.quality.SetText(f.Quality)
	if i := slices.Index(pauses(), f.PauseHours); i >= 0 {
		d.pause.SetSelectedIndex(i)
	} else {
		d.pause.ClearSelected() // a pause that only a file can say stays
	}
	d.on.SetChecked(f.On)
	d.smart.SetChecked(f.Smart)
	d.stopped.SetChecked(f.Stopped)
	d.feed.SetSelectedIndex(1 + slices.IndexFunc(d.p.Feeds, func(x swarm.Feed) bool { return x.ID == f.Feed }))
	d.now = i
}

// pauses are the least intervals between two finds to choose from, in hours.
func pauses() []int { return []int{0, -1, 12, 24, 48, 72, 96, 168, 336, 720} }

func pauseWords(l *view.Locale) (words []string) {
	for _, h := range pauses() {
		switch {
		case h == 0:
			words = append(words, l.T("filter.always"))
		case h < 0:
			words = append(words, l.T("filter.once"))
		case h < 24:
			words = append(words, l.T("filter.hours", h))
		case h == 24:
			words = append(words, l.T("filter.day"))
		default:
			words = append(words, l.T("filter.days", h/24))
		}
	}
	return words
}

// turn shows what was added in place of the fields, and the fields again.
func (d *filters) turn() {
	past := !d.loads.Visible()
	setShown(d.loads, past)
	setShown(d.fields, !past && d.now >= 0)
}

// newLoads is the list of what was added.
func (d *filters) newLoads(k *keys) fyne.CanvasObject {
	l := d.h.Locale
	t := widgets.NewTable[int]([]widgets.Column{
		{ID: "title", Title: l.T("feed.title"), Width: 210, Fill: true}, {ID: "filter", Title: l.T("filter.byFilter"), Width: 90}, {ID: "at", Title: l.T("filter.loaded"), Width: 120},
	})
	t.Single, t.OnKey = true, k.handle
	t.SetModel(loadRows{d})
	if len(d.p.Loads) > 0 {
		return paper(t)
	}
	return container.NewCenter(dim(l.T("filter.noLoads")))
}

// loadRows is the model of that list.
type loadRows struct{ d *filters }

// Len implements widgets.Model.
func (r loadRows) Len() int { return len(r.d.p.Loads) }

// Key implements widgets.Model.
func (r loadRows) Key(i int) int { return i }

// Column implements widgets.Model.
func (r loadRows) Column(id string) int { return slices.Index([]string{"title", "filter", "at"}, id) }

// Cell implements widgets.Model.
func (r loadRows) Cell(i, col int, c *view.Cell) {
	x, l := &r.d.p.Loads[i], r.d.h.Locale
	*c = view.Cell{Text: x.Title}
	switch {
	case col == 1 && x.Filter == "":
		*c = view.Cell{Text: l.T("filter.byHand"), Ink: view.Dim}
	case col == 1:
		c.Text = x.Filter
	case col == 2:
		c.Text = l.Time(x.At)
	}
}

func setShown(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

func (d *filters) add() {
	d.keep()
	d.p.Filters = append(d.p.Filters, swarm.FeedFilter{On: true, Name: d.h.Locale.T("filter.new") + " " + strconv.Itoa(len(d.p.Filters)+1)})
	d.list.SetModel(filterRows{d})
	d.list.Select(len(d.p.Filters) - 1)
	d.show(len(d.p.Filters) - 1)
	d.h.Canvas.Focus(d.name)
}

func (d *filters) remove() {
	if d.now < 0 {
		return
	}
	d.p.Filters = slices.Delete(d.p.Filters, d.now, d.now+1)
	next := min(d.now, len(d.p.Filters)-1)
	d.now = -1
	d.list.SetModel(filterRows{d})
	if next >= 0 {
		d.list.Select(next)
	}
	d.show(next)
}

// filterRows is the model of the list.
type filterRows struct{ d *filters }

// Len implements widgets.Model.
func (r filterRows) Len() int { return len(r.d.p.Filters) }

// Key implements widgets.Model.
func (r filterRows) Key(i int) int { return i }

// Column implements widgets.Model.
func (r filterRows) Column(string) int { return 0 }

// Cell implements widgets.Model.
func (r filterRows) Cell(i, _ int, c *view.Cell) {
	f := &r.d.p.Filters[i]
	*c = view.Cell{Text: f.Name}
	if !f.On {
		c.Ink = view.Dim
	}
}

// TurnHistory shows what was added from feeds in place of the filter's fields, and back;
// for a Frame of FeedFilters alone.
func (f *Frame) TurnHistory() { f.filters.turn() }
