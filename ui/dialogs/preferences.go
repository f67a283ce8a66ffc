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

// Setting is one line of a page. Exactly one of Bool, Int, Rate, Money, Text, Nets,
// Week and Keys is set; it returns the place of the value. A Setting with none of them is
// a headline, but for Opening, Port and Usage.
type Setting struct {
	Label string
	Unit  string
	Note  string // dim lines below
	Bool  func(*Prefs) *bool
	Int   func(*Prefs) *int
	Rate  func(*Prefs) *int64 // edited in KiB/s
	Money func(*Prefs) *btt.Amount
	Text  func(*Prefs) *string
	Nets  func(*Prefs) *string // networks with limits of their own; see ParseNetworks
	Week  func(*Prefs) *string // a mode for each hour; see Prefs.ScheduleTable
	Keys  []Setting            // a table of settings by name

	Min, Max int      // of Int
	Choices  []Choice // of Text: one of these instead of free text
	Folder   bool     // Text is a folder
	Wide     bool     // Text has a line of its own
	// Check reports whether Text may have a part, for a list with commas of Keys.
	Check func(string) bool

	Opening bool // no value: what the desktop opens with the program
	Port    bool // no value: a test of the port
	Usage   bool // no value: the traffic of the last days

	RandomPort bool   // Int is a port, with a button for another one
	Secret     bool   // Text is a password
	File       bool   // Text is a file
	Networks   bool   // Text is one of the networks of this computer
	Needs      string // of the desktop; "" = nothing. What is not met is not shown
}

// Choice is one value a Setting may have, with the key of its words.
type Choice struct{ Value, Label string }

// preferences is an open dialog.
type preferences struct {
	h      *Host
	keys   *keys
	prefs  Prefs
	def    Prefs
	pages  []Page
	read   []func() error // one a field: checks it and puts it into prefs
	stack  *fyne.Container
	scroll *container.Scroll
	bodies []fyne.CanvasObject
	list   *widgets.Table[int]
	wrong  *widget.Label
	search *Entry
	found  *fyne.Container // the settings that match the search
	index  []indexed
	table  *keyTable // of the page «Advanced»
}

// indexed is one setting for the search.
type indexed struct {
	words string // lower case
	pairs []pair
}

// PrefsParams are what the preferences begin with.
type PrefsParams struct {
	Now     Prefs
	Default Prefs  // what Reset goes back to
	First   string // title of the page to begin with; "" = the first
	// Save takes the result. If it returns an error the dialog stays open and shows
	// what Explain makes of it.
	Save    func(Prefs) error
	Explain func(error) string
}

// Preferences edits the preferences.
func (h *Host) Preferences(p PrefsParams) *Frame {
	l := h.Locale
	d := &preferences{h: h, keys: &keys{}, prefs: p.Now, def: p.Default, pages: Pages(), stack: container.NewStack(), wrong: widget.NewLabel("")}
	d.wrong.Importance, d.wrong.Truncation = widget.DangerImportance, fyne.TextTruncateEllipsis
	for i, p := range d.pages {
		body := d.page(i, p)
		body.Hidden = i > 0
		d.bodies = append(d.bodies, body)
		d.stack.Add(body)
	}
	d.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 1, 3), d.stack)) // room for the frames of fields
	d.keys.seen = d.reveal
	d.makeList(p.First)
	d.search = newEntry(d.keys, "")
	d.search.SetPlaceHolder(l.T("search.hint"))
	d.search.SetIcon(widgets.Icon("search", theme.Color(widgets.ColorDim)))
	d.search.OnChanged = d.find
	left := container.New(layout.NewBorderLayout(d.search, nil, nil, nil), d.search, container.New(layout.NewCustomPaddedLayout(5, 0, 0, 0), paper(d.list)))
	content := container.New(twoColumns{150}, left, container.New(layout.NewBorderLayout(nil, d.wrong, nil, nil), d.wrong, d.scroll))
	f := h.open(spec{title: l.T("prefs.title"), content: content, size: fyne.NewSize(720, 590), keys: d.keys, ok: l.T("dlg.ok"), cancel: l.T("dlg.cancel"), focus: d.list.Focusable(), onOK: func() bool {
		for _, read := range d.read {
			if err := read(); err != nil {
				d.wrong.SetText(err.Error())
				return false
			}
		}
		if err := p.Save(d.prefs); err != nil {
			d.wrong.SetText(p.Explain(err))
			return false
		}
		return true
	}})
	f.prefs = d
	return f
}

// makeList makes the list of pages and shows the first one.
func (d *preferences) makeList(first string) {
	d.list = widgets.NewTable[int]([]widgets.Column{{ID: "title", Fill: true}})
	d.list.NoHeader, d.list.Single, d.list.Plain, d.list.RowHeight = true, true, true, 24
	d.list.SetModel(pageRows{d.pages, d.h.Locale})
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
}

// turn shows a page.
func (d *preferences) turn(i int) {
	d.found = nil
	d.stack.Objects = d.bodies
	for k, b := range d.bodies {
		if k == i {
			b.Show()
			b.Refresh() // a search may have moved its fields
		} else {
			b.Hide()
		}
	}
	d.scroll.ScrollToTop()
	d.scroll.Refresh()
}

// Page returns the title of the page of the preferences that is shown; "" in other
// dialogs.
func (f *Frame) Page() string {
	if f.prefs == nil {
		return ""
	}
	i, _ := f.prefs.list.Cursor()
	return f.prefs.pages[i].Title
}

// reveal scrolls to the field that the keyboard has come to.
func (d *preferences) reveal(o fyne.CanvasObject) {
	drv := fyne.CurrentApp().Driver()
	top := drv.AbsolutePositionForObject(d.scroll).Y
	y := drv.AbsolutePositionForObject(o).Y - top
	room, h := d.scroll.Size().Height, o.Size().Height
	if y < -h || y > d.stack.Size().Height { // it is not in there
		return
	}
	switch {
	case y < 0:
		d.scroll.ScrollToOffset(fyne.NewPos(0, d.scroll.Offset.Y+y))
	case y+h > room:
		d.scroll.ScrollToOffset(fyne.NewPos(0, d.scroll.Offset.Y+y+h-room))
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
	d.found = newRows(ps...)
	d.found.Layout = &rows{gap: 4}
	d.stack.Objects = []fyne.CanvasObject{d.found} // a field that is below a hidden page, too, gets no keyboard
	d.stack.Refresh()
	d.scroll.Refresh()
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
		for _, x := range field {
			if tipped(l, s.Label, x.field) {
				break
			}
		}
		switch {
		case s.Keys != nil: // findable one by one
		case !s.headline():
			d.index = append(d.index, indexed{strings.ToLower(l.T(p.Title) + " " + l.T(s.Label) + " " + l.Tip(s.Label)), field})
		}
	}
	c := newRows(ps...)
	c.Layout = &rows{gap: 4}
	return c
}

// headline reports whether a setting has no value.
func (s *Setting) headline() bool {
	return s.Bool == nil && s.Int == nil && s.Rate == nil && s.Money == nil && s.Text == nil && s.Week == nil && s.Keys == nil && s.Nets == nil && !s.Opening && !s.Port && !s.Usage
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
	case s.Port:
		out = d.portTest(s)
	case s.Bool != nil:
		out = d.check(s)
	case s.Int != nil:
		out = []pair{{label(), d.number(page, s, unit)}}
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
	case s.Week != nil:
		out = d.week(s)
	case s.Nets != nil:
		out = d.nets(page, s)
	case s.Usage:
		out = d.usage()
	case s.Keys != nil:
		out = d.keyed(page, s.Keys)
	case s.Money != nil:
		out = []pair{{label(), d.money(page, s)}}
	case s.Networks:
		s.Choices = d.h.networks(*s.Text(&d.prefs))
		out = []pair{{label(), d.choice(s)}}
	case s.Choices != nil:
		out = []pair{{label(), d.choice(s)}}
	case s.Text != nil:
		out = d.line(s)
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

// number is the field of a whole number.
func (d *preferences) number(page int, s Setting, unit string) fyne.CanvasObject {
	l := d.h.Locale
	e := numberEntry(d.keys, int64(*s.Int(&d.prefs)))
	d.read = append(d.read, func() error {
		n, ok := number(e)
		if !ok || n < int64(s.Min) || n > int64(s.Max) {
			return d.refuse(page, e, l.T("prefs.range", l.T(s.Label), s.Min, s.Max))
		}
		*s.Int(&d.prefs) = int(n)
		return nil
	})
	if s.RandomPort {
		return container.New(layout.NewCustomPaddedHBoxLayout(6), narrow(e, 80, unit), randomPort(d.keys, l, e))
	}
	return narrow(e, 80, unit)
}

// line is a field of free text.
func (d *preferences) line(s Setting) []pair {
	e := newEntry(d.keys, *s.Text(&d.prefs))
	e.Password = s.Secret
	d.read = append(d.read, func() error {
		*s.Text(&d.prefs) = e.Text
		if !s.Secret {
			*s.Text(&d.prefs) = strings.TrimSpace(e.Text)
		}
		return nil
	})
	label := text(d.h.Locale.T(s.Label))
	switch {
	case s.Folder:
		return []pair{{label, d.h.folderField(d.keys, e)}}
	case s.File:
		return []pair{{label, d.h.pickField(d.keys, e, d.h.PickFile)}}
	case s.Wide:
		return []pair{{nil, label}, {nil, e}}
	}
	return []pair{{label, e}}
}

// check is a field of a setting that is on or off.
func (d *preferences) check(s Setting) []pair {
	c := newCheck(d.keys, d.h.Locale.T(s.Label), *s.Bool(&d.prefs))
	d.read = append(d.read, func() error {
		*s.Bool(&d.prefs) = c.Checked
		return nil
	})
	return []pair{{nil, c}}
}

func (d *preferences) choice(s Setting) fyne.CanvasObject {
	var words []string
	for _, c := range s.Choices {
		if s.Networks {
			words = append(words, c.Label)
		} else {
			words = append(words, d.h.Locale.T(c.Label))
		}
	}
	now := *s.Text(&d.prefs)
	sel := newSelect(d.keys, words, max(0, slices.IndexFunc(s.Choices, func(c Choice) bool { return c.Value == now })))
	d.read = append(d.read, func() error {
		if i := sel.SelectedIndex(); i >= 0 {
			*s.Text(&d.prefs) = s.Choices[i].Value
		}
		return nil
	})
	return narrow(edged(sel), 204, "")
}

// edged draws the border of an entry around a field that has none.
func edged(o fyne.CanvasObject) fyne.CanvasObject {
	edge := canvas.NewRectangle(color.Transparent)
	edge.StrokeColor, edge.StrokeWidth, edge.CornerRadius = theme.Color(theme.ColorNameInputBorder), 1, 3
	return container.NewStack(o, edge)
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
