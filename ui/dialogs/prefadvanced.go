package dialogs

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// keyTable is the page «Advanced»: settings by name with a field for the chosen
// one. Set and Reset change the preferences of the dialog at once; they count when
// the dialog is left with OK.
type keyTable struct {
	d      *preferences
	page   int
	keys   []Setting
	shown  []*Setting
	list   *widgets.Table[string]
	filter *Entry
	value  *Entry
	note   *canvas.Text
	kind   *canvas.Text
}

// keyed builds the page.
func (d *preferences) keyed(page int, settings []Setting) []pair {
	l := d.h.Locale
	settings = slices.DeleteFunc(slices.Clone(settings), func(s Setting) bool { return !d.h.meets(s.Needs) })
	t := &keyTable{d: d, page: page, keys: settings, note: dim(""), kind: dim("")}
	d.table = t
	t.list = widgets.NewTable[string]([]widgets.Column{
		{ID: "name", Title: l.T("adv.name"), Width: 190, Fixed: true}, {ID: "value", Title: l.T("adv.value"), Width: 100, Fill: true, Fixed: true},
	})
	t.list.Single = true
	t.list.OnSelect = t.choose
	t.list.OnActivate = func(int) { d.h.Canvas.Focus(t.value) }
	t.list.OnKey = d.keys.handle
	inner := &keys{escape: func() { d.keys.escape() }, enter: t.set, seen: d.keys.show}
	t.filter = newEntry(d.keys, "")
	t.filter.SetPlaceHolder(l.T("search.hint"))
	t.filter.OnChanged = func(string) { t.fill() }
	t.value = newEntry(inner, "")
	set, reset := newButton(d.keys, l.T("adv.set"), t.set), newButton(d.keys, l.T("adv.reset"), t.reset)
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(6), set, reset)
	row := container.New(layout.NewBorderLayout(nil, nil, nil, buttons), container.New(layout.NewCustomPaddedLayout(0, 0, 0, 6), t.value), buttons)
	list := container.New(tallEnough{250}, paper(t.list))
	t.fill()
	t.list.Select(settings[0].Label)
	t.choose()
	d.read = append(d.read, t.pending)
	for i := range settings {
		name := settings[i].Label
		jump := newButton(d.keys, name, func() { t.show(name) })
		d.index = append(d.index, indexed{strings.ToLower(l.T("prefs.advanced") + " " + name + " " + l.T(settings[i].Note)), []pair{{text(l.T("prefs.advanced")), jump}, {nil, dim(l.T(settings[i].Note))}}})
	}
	return []pair{{nil, t.filter}, {nil, list}, {nil, t.note}, {nil, t.kind}, {nil, row}}
}

// tallEnough gives its one object a least height.
type tallEnough struct{ height float32 }

// MinSize implements fyne.Layout.
func (l tallEnough) MinSize(objs []fyne.CanvasObject) fyne.Size {
	return objs[0].MinSize().Max(fyne.NewSize(0, l.height))
}

// Layout implements fyne.Layout.
func (l tallEnough) Layout(objs []fyne.CanvasObject, s fyne.Size) { objs[0].Resize(s) }

// fill shows the settings whose name or meaning holds the filter.
func (t *keyTable) fill() {
	t.shown = nil
	want := strings.ToLower(strings.TrimSpace(t.filter.Text))
	for i := range t.keys {
		s := &t.keys[i]
		if strings.Contains(strings.ToLower(s.Label+" "+t.d.h.Locale.T(s.Note)), want) {
			t.shown = append(t.shown, s)
		}
	}
	t.list.SetModel(keyRows{t})
}

// now is the chosen setting, nil if there is none.
func (t *keyTable) now() *Setting {
	k, ok := t.list.Cursor()
	if i := slices.IndexFunc(t.keys, func(s Setting) bool { return s.Label == k }); ok && i >= 0 {
		return &t.keys[i]
	}
	return nil
}

// choose shows the chosen setting below the list.
func (t *keyTable) choose() {
	s, l := t.now(), t.d.h.Locale
	if s == nil {
		return
	}
	t.value.SetText(s.write(&t.d.prefs))
	setText(t.note, l.T(s.Note), t.note.Color)
	kind := l.T("adv.text", s.write(&t.d.def))
	switch {
	case s.Bool != nil:
		kind = l.T("adv.bool", s.write(&t.d.def))
	case s.Int != nil:
		kind = l.T("adv.int", s.Min, s.Max, s.write(&t.d.def))
	case s.Rate != nil:
		kind = l.T("adv.rate", s.write(&t.d.def))
	}
	setText(t.kind, kind, t.kind.Color)
}

// show goes to a setting of the table.
func (t *keyTable) show(name string) {
	t.d.search.SetText("")
	t.filter.SetText("")
	t.d.list.Select(t.page)
	t.d.turn(t.page)
	t.list.Select(name)
	t.choose()
	t.d.h.Canvas.Focus(t.value)
}

// set takes what is typed.
func (t *keyTable) set() {
	t.d.wrong.SetText("")
	if err := t.pending(); err != nil {
		t.d.wrong.SetText(err.Error())
		return
	}
	t.choose()
	t.list.SetModel(keyRows{t})
}

// reset goes back to the default of the chosen setting.
func (t *keyTable) reset() {
	if s := t.now(); s != nil {
		t.value.SetText(s.write(&t.d.def))
		t.set()
	}
}

// pending takes what is typed but not set yet.
func (t *keyTable) pending() error {
	s := t.now()
	if s == nil || t.value.Text == s.write(&t.d.prefs) {
		return nil
	}
	if err := s.parse(&t.d.prefs, t.value.Text); err != nil {
		name, value := s.Label, t.value.Text
		t.show(name)
		t.value.SetText(value)
		return errors.New(t.d.h.Locale.T("adv.bad", name, t.kind.Text))
	}
	return nil
}

// errValue: a text is no value of its setting.
var errValue = errors.New("not a value of this setting")

// write puts the value of a setting into words that parse reads.
func (s *Setting) write(p *Prefs) string {
	switch {
	case s.Bool != nil:
		return strconv.FormatBool(*s.Bool(p))
	case s.Int != nil:
		return strconv.Itoa(*s.Int(p))
	case s.Rate != nil:
		return strconv.FormatInt(*s.Rate(p), 10)
	}
	return *s.Text(p)
}

// parse reads a value by the type of the setting, and changes nothing if it is none.
func (s *Setting) parse(p *Prefs, text string) error {
	text = strings.TrimSpace(text)
	switch {
	case s.Bool != nil:
		b, err := strconv.ParseBool(strings.ToLower(text))
		if err != nil {
			return errValue
		}
		*s.Bool(p) = b
	case s.Int != nil:
		n, err := strconv.Atoi(text)
		if err != nil || n < s.Min || n > s.Max {
			return errValue
		}
		*s.Int(p) = n
	case s.Rate != nil:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || n > 1<<50 {
			return errValue
		}
		*s.Rate(p) = n
	default:
		list := SplitList(text)
		if s.Check != nil && slices.ContainsFunc(list, func(x string) bool { return !s.Check(x) }) {
			return errValue
		}
		*s.Text(p) = strings.Join(list, ", ")
	}
	return nil
}

// SplitList reads a list with commas; spaces and empty parts are left out.
func SplitList(s string) (list []string) {
	for x := range strings.SplitSeq(s, ",") {
		if x = strings.TrimSpace(x); x != "" {
			list = append(list, x)
		}
	}
	return list
}

func isAddr(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

func isHostPort(s string) bool {
	host, port, err := net.SplitHostPort(s)
	n, perr := strconv.ParseUint(port, 10, 16)
	return err == nil && perr == nil && n > 0 && host != ""
}

// keyRows is the model of the table.
type keyRows struct{ t *keyTable }

// Len implements widgets.Model.
func (r keyRows) Len() int { return len(r.t.shown) }

// Key implements widgets.Model.
func (r keyRows) Key(i int) string { return r.t.shown[i].Label }

// Column implements widgets.Model.
func (r keyRows) Column(id string) int { return slices.Index([]string{"name", "value"}, id) }

// Cell implements widgets.Model. What is not the default stands out.
func (r keyRows) Cell(i, col int, c *view.Cell) {
	s := r.t.shown[i]
	now := s.write(&r.t.d.prefs)
	*c = view.Cell{Text: now, Bold: now != s.write(&r.t.d.def)}
	if col == 0 {
		c.Text = s.Label
	}
}
