package dialogs

import (
	"fmt"
	"image/color"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
	"swarmbid/wallet/btt"
)

// Page is one page of the preferences. A page is data: to add a setting is to
// add a Setting here and a field to Prefs.
type Page struct {
	Title    string // key of its words, as are Label, Unit and Note below
	Settings []Setting
}

// Setting is one line of a page. Exactly one of Bool, Int, Rate, Money and Text is
// set; it returns the place of the value. A Setting with none of them is a headline,
// but for Opening.
type Setting struct {
	Label string
	Unit  string
	Note  string // dim lines below
	Bool  func(*Prefs) *bool
	Int   func(*Prefs) *int
	Rate  func(*Prefs) *int64 // edited in KiB/s
	Money func(*Prefs) *btt.Amount
	Text  func(*Prefs) *string

	Min, Max int      // of Int
	Choices  []Choice // of Text: one of these instead of free text
	Folder   bool     // Text is a folder

	Opening bool   // no value: what the desktop opens with the program
	Needs   string // of the desktop; "" = nothing. What is not met is not shown
}

// Choice is one value a Setting may have, with the key of its words.
type Choice struct{ Value, Label string }

// Pages describes the preferences.
func Pages() []Page {
	return []Page{
		{"prefs.general", []Setting{
			{Label: "prefs.language", Text: func(p *Prefs) *string { return &p.Language }, Choices: []Choice{{"", "prefs.system"}, {"en", "prefs.english"}, {"de", "prefs.german"}}},
			{Label: "prefs.theme", Text: func(p *Prefs) *string { return &p.Theme }, Choices: []Choice{{"", "prefs.system"}, {"light", "prefs.light"}, {"dark", "prefs.dark"}}},
			{Label: "prefs.window"},
			{Label: "prefs.speedInTitle", Bool: func(p *Prefs) *bool { return &p.SpeedInTitle }},
			{Label: "prefs.confirmRemove", Bool: func(p *Prefs) *bool { return &p.ConfirmRemove }},
			{Label: "prefs.adding"},
			{Label: "prefs.askOnAdd", Bool: func(p *Prefs) *bool { return &p.AskOnAdd }},
			{Label: "prefs.addStopped", Bool: func(p *Prefs) *bool { return &p.AddStopped }},
			{Label: "prefs.files"},
			{Label: "prefs.suffix", Bool: func(p *Prefs) *bool { return &p.Suffix }, Note: "prefs.suffixNote"},
		}},
		{"prefs.directories", []Setting{
			{Label: "prefs.downloadDir", Text: func(p *Prefs) *string { return &p.DownloadDir }, Folder: true},
			{Label: "prefs.whenDone"},
			{Label: "prefs.completedDir", Text: func(p *Prefs) *string { return &p.CompletedDir }, Folder: true},
			{Label: "prefs.completedLabel", Bool: func(p *Prefs) *bool { return &p.CompletedLabel }},
			{Label: "prefs.completedDefault", Bool: func(p *Prefs) *bool { return &p.CompletedDefault }},
			{Label: "prefs.copies"},
			{Label: "prefs.torrentsDir", Text: func(p *Prefs) *string { return &p.TorrentsDir }, Folder: true},
			{Label: "prefs.torrentsDoneDir", Text: func(p *Prefs) *string { return &p.TorrentsDoneDir }, Folder: true},
			{Label: "prefs.watching"},
			{Label: "prefs.watchDir", Text: func(p *Prefs) *string { return &p.WatchDir }, Folder: true, Note: "prefs.watchNote"},
			{Label: "prefs.watchDelete", Bool: func(p *Prefs) *bool { return &p.WatchDelete }},
		}},
		{"prefs.connection", []Setting{
			{Label: "prefs.listening"},
			{Label: "prefs.port", Int: func(p *Prefs) *int { return &p.Port }, Max: 65535, Note: "prefs.portNote"},
			{Label: "prefs.portMap", Bool: func(p *Prefs) *bool { return &p.PortMap }},
			{Label: "prefs.ipv6", Bool: func(p *Prefs) *bool { return &p.IPv6 }},
			{Label: "prefs.connections"},
			{Label: "prefs.maxPeers", Int: func(p *Prefs) *int { return &p.MaxPeers }, Min: 1, Max: 100000},
			{Label: "prefs.maxPeersPerTorrent", Int: func(p *Prefs) *int { return &p.MaxPeersPerTorrent }, Min: 1, Max: 10000},
			{Label: "prefs.slots", Int: func(p *Prefs) *int { return &p.Slots }, Min: 1, Max: 1000},
		}},
		{"prefs.bandwidth", []Setting{
			{Label: "prefs.upLimit", Rate: func(p *Prefs) *int64 { return &p.UpLimit }, Unit: "unit.kibs"},
			{Label: "prefs.downLimit", Rate: func(p *Prefs) *int64 { return &p.DownLimit }, Unit: "unit.kibs", Note: "limit.hint"},
			{Label: "market.pref.sharing"},
			{Label: "market.pref.free", Int: func(p *Prefs) *int { return &p.FreeShare }, Min: 10, Max: 100, Unit: "market.pref.percent", Note: "market.pref.freeNote"},
		}},
		marketPage(),
		{"prefs.bittorrent", []Setting{
			{Label: "prefs.finding"},
			{Label: "prefs.dht", Bool: func(p *Prefs) *bool { return &p.DHT }},
			{Label: "prefs.pex", Bool: func(p *Prefs) *bool { return &p.PEX }},
			{Label: "prefs.lsd", Bool: func(p *Prefs) *bool { return &p.LSD }},
			{Label: "prefs.transport"},
			{Label: "prefs.utp", Bool: func(p *Prefs) *bool { return &p.UTP }},
			{
				Label: "prefs.encryption", Text: func(p *Prefs) *string { return &p.Encryption },
				Choices: []Choice{{"prefer", "prefs.encPrefer"}, {"require", "prefs.encRequire"}, {"off", "prefs.encOff"}},
			},
		}},
		{"prefs.queueing", []Setting{
			{Label: "prefs.maxActive", Int: func(p *Prefs) *int { return &p.MaxActive }, Min: 1, Max: 100000},
			{Label: "prefs.maxDownloads", Int: func(p *Prefs) *int { return &p.MaxDownloads }, Min: 1, Max: 100000},
		}},
		desktopPage(),
	}
}

// preferences is an open dialog.
type preferences struct {
	h      *Host
	keys   *keys
	prefs  Prefs
	pages  []Page
	read   []func() error // one a field: checks it and puts it into prefs
	stack  *fyne.Container
	bodies []fyne.CanvasObject
	list   *widgets.Table[int]
	wrong  *widget.Label
	search *Entry
	found  *fyne.Container // the settings that match the search
	index  []indexed
}

// indexed is one setting for the search.
type indexed struct {
	words string // lower case
	pairs []pair
}

// Preferences edits prefs, beginning with the page of a title, or the first, and
// calls save with the result. If save returns an
// error the dialog stays open and shows what explain makes of it.
func (h *Host) Preferences(prefs Prefs, first string, save func(Prefs) error, explain func(error) string) *Frame {
	l := h.Locale
	d := &preferences{h: h, keys: &keys{}, prefs: prefs, pages: Pages(), stack: container.NewStack(), wrong: widget.NewLabel("")}
	d.wrong.Importance, d.wrong.Truncation = widget.DangerImportance, fyne.TextTruncateEllipsis
	for i, p := range d.pages {
		body := container.NewVScroll(d.page(i, p))
		if i > 0 {
			body.Hide()
		}
		d.bodies = append(d.bodies, body)
		d.stack.Add(body)
	}
	d.list = widgets.NewTable[int]([]widgets.Column{{ID: "title", Fill: true}})
	d.list.NoHeader, d.list.Single, d.list.Plain, d.list.RowHeight = true, true, true, 24
	d.list.SetModel(pageRows{d.pages, l})
	d.list.Select(0)
	d.list.OnSelect = func() {
		if i, ok := d.list.Cursor(); ok {
			d.turn(i)
		}
	}
	d.list.OnKey = d.keys.handle
	if i := slices.IndexFunc(d.pages, func(p Page) bool { return p.Title == first }); i > 0 {
		d.list.Select(i)
		d.turn(i)
	}
	d.search = newEntry(d.keys, "")
	d.search.SetPlaceHolder(l.T("search.hint"))
	d.search.SetIcon(widgets.Icon("search", theme.Color(widgets.ColorDim)))
	d.search.OnChanged = d.find
	left := container.New(layout.NewBorderLayout(d.search, nil, nil, nil), d.search, container.New(layout.NewCustomPaddedLayout(5, 0, 0, 0), paper(d.list)))
	content := container.New(twoColumns{140}, left, container.New(layout.NewBorderLayout(nil, d.wrong, nil, nil), d.wrong, d.stack))
	f := h.open(spec{title: l.T("prefs.title"), content: content, size: fyne.NewSize(690, 470), keys: d.keys, ok: l.T("dlg.ok"), cancel: l.T("dlg.cancel"), focus: d.list.Focusable(), onOK: func() bool {
		for _, read := range d.read {
			if err := read(); err != nil {
				d.wrong.SetText(err.Error())
				return false
			}
		}
		if err := save(d.prefs); err != nil {
			d.wrong.SetText(explain(err))
			return false
		}
		return true
	}})
	f.prefs = d
	return f
}

// turn shows a page.
func (d *preferences) turn(i int) {
	if d.found != nil {
		d.stack.Remove(d.found)
		d.found = nil
	}
	for k, b := range d.bodies {
		if k == i {
			b.Show()
			b.Refresh() // a search may have moved its fields
		} else {
			b.Hide()
		}
	}
}

// find shows the settings of all pages that hold every word; an empty search
// goes back to the page.
func (d *preferences) find(s string) {
	words := strings.Fields(strings.ToLower(s))
	page, _ := d.list.Cursor()
	d.turn(page)
	if len(words) == 0 {
		return
	}
	d.bodies[page].Hide()
	ps := []pair{}
	for _, x := range d.index {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(x.words, w) }) {
			ps = append(ps, x.pairs...)
		}
	}
	if len(ps) == 0 {
		ps = append(ps, pair{nil, dim(d.h.Locale.T("prefs.nothing"))})
	}
	found := newRows(ps...)
	found.Layout = &rows{gap: 4}
	d.found = container.NewStack(container.NewVScroll(found))
	d.stack.Add(d.found)
}

// page builds the fields of one page.
func (d *preferences) page(i int, p Page) *fyne.Container {
	l := d.h.Locale
	ps := []pair{{nil, container.New(layout.NewCustomPaddedLayout(0, 4, 0, 0), d.headline(l.T(p.Title)))}}
	for _, s := range p.Settings {
		if !d.h.meets(s.Needs) {
			continue
		}
		field := d.field(i, s)
		ps = append(ps, field...)
		if s.Bool != nil || s.Int != nil || s.Rate != nil || s.Money != nil || s.Text != nil || s.Opening {
			d.index = append(d.index, indexed{strings.ToLower(l.T(p.Title) + " " + l.T(s.Label)), field})
		}
	}
	c := newRows(ps...)
	c.Layout = &rows{gap: 4}
	return c
}

func (d *preferences) headline(s string) fyne.CanvasObject {
	t := bold(s)
	t.TextSize = 14
	return t
}

// field builds one line, and what reads it back.
func (d *preferences) field(page int, s Setting) []pair {
	l, k := d.h.Locale, d.keys
	label := func() fyne.CanvasObject { return text(l.T(s.Label)) }
	unit := ""
	if s.Unit != "" {
		unit = l.T(s.Unit)
	}
	var out []pair
	switch {
	case s.Opening:
		out = d.opening()
	case s.Bool != nil:
		c := newCheck(k, l.T(s.Label), *s.Bool(&d.prefs))
		d.read = append(d.read, func() error {
			*s.Bool(&d.prefs) = c.Checked
			return nil
		})
		out = []pair{{nil, c}}
	case s.Int != nil:
		e := numberEntry(k, int64(*s.Int(&d.prefs)))
		d.read = append(d.read, func() error {
			n, ok := number(e)
			if !ok || n < int64(s.Min) || n > int64(s.Max) {
				return d.refuse(page, e, l.T("prefs.range", l.T(s.Label), s.Min, s.Max))
			}
			*s.Int(&d.prefs) = int(n)
			return nil
		})
		out = []pair{{label(), narrow(e, 80, unit)}}
	case s.Rate != nil:
		e := numberEntry(k, *s.Rate(&d.prefs)/kib)
		d.read = append(d.read, func() error {
			n, ok := number(e)
			if !ok || n > 1<<40 {
				return d.refuse(page, e, l.T("prefs.notNumber", l.T(s.Label)))
			}
			*s.Rate(&d.prefs) = n * kib
			return nil
		})
		out = []pair{{label(), narrow(e, 80, unit)}}
	case s.Money != nil:
		out = []pair{{label(), d.money(page, s)}}
	case s.Choices != nil:
		out = []pair{{label(), d.choice(s)}}
	case s.Text != nil:
		e := newEntry(k, *s.Text(&d.prefs))
		d.read = append(d.read, func() error {
			*s.Text(&d.prefs) = strings.TrimSpace(e.Text)
			return nil
		})
		out = []pair{{label(), d.h.folderField(k, e)}}
		if !s.Folder {
			out[0].field = e
		}
	default:
		return []pair{{nil, container.New(layout.NewCustomPaddedLayout(5, 0, 0, 0), bold(l.T(s.Label)))}}
	}
	if s.Note != "" {
		for line := range strings.SplitSeq(l.T(s.Note), "\n") {
			out = append(out, pair{nil, dim(line)})
		}
	}
	return out
}

func (d *preferences) choice(s Setting) fyne.CanvasObject {
	var words []string
	for _, c := range s.Choices {
		words = append(words, d.h.Locale.T(c.Label))
	}
	now := *s.Text(&d.prefs)
	sel := newSelect(d.keys, words, max(0, slices.IndexFunc(s.Choices, func(c Choice) bool { return c.Value == now })))
	d.read = append(d.read, func() error {
		if i := sel.SelectedIndex(); i >= 0 {
			*s.Text(&d.prefs) = s.Choices[i].Value
		}
		return nil
	})
	edge := canvas.NewRectangle(color.Transparent)
	edge.StrokeColor, edge.StrokeWidth, edge.CornerRadius = theme.Color(theme.ColorNameInputBorder), 1, 3
	return narrow(container.NewStack(sel, edge), 204, "")
}

// refuse goes to the field that is wrong.
func (d *preferences) refuse(page int, e *Entry, why string) error {
	d.search.SetText("")
	d.list.Select(page)
	d.turn(page)
	d.h.Canvas.Focus(e)
	return fmt.Errorf("%s", why)
}

// pageRows is the model of the list of pages.
type pageRows struct {
	pages []Page
	l     *view.Locale
}

// Len implements widgets.Model.
func (p pageRows) Len() int { return len(p.pages) }

// Key implements widgets.Model.
func (p pageRows) Key(i int) int { return i }

// Column implements widgets.Model.
func (p pageRows) Column(string) int { return 0 }

// Cell implements widgets.Model.
func (p pageRows) Cell(i, _ int, c *view.Cell) { *c = view.Cell{Text: p.l.T(p.pages[i].Title)} }
