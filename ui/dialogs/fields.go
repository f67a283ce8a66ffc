package dialogs

import (
	"image/color"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// The fields below are Fyne's, but Enter and Escape reach their dialog.

// Button is a button that Enter presses while it has the focus.
type Button struct {
	widget.Button
	hint
	keys *keys
}

func newButton(k *keys, text string, tap func()) *Button {
	b := &Button{keys: k}
	b.Text, b.OnTapped = text, tap
	b.ExtendBaseWidget(b)
	return b
}

// FocusGained implements fyne.Focusable.
func (b *Button) FocusGained() {
	b.Button.FocusGained()
	b.keys.show(b)
}

// TypedKey implements fyne.Focusable.
func (b *Button) TypedKey(e *fyne.KeyEvent) {
	if (e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter) && !b.Disabled() {
		b.OnTapped()
		return
	}
	if !b.keys.handle(e) {
		b.Button.TypedKey(e)
	}
}

// MouseIn implements desktop.Hoverable.
func (b *Button) MouseIn(m *desktop.MouseEvent) {
	b.Button.MouseIn(m)
	b.keys.over(b.tip, m.AbsolutePosition)
}

// MouseMoved implements desktop.Hoverable.
func (b *Button) MouseMoved(m *desktop.MouseEvent) {
	b.Button.MouseMoved(m)
	b.keys.over(b.tip, m.AbsolutePosition)
}

// MouseOut implements desktop.Hoverable.
func (b *Button) MouseOut() {
	b.Button.MouseOut()
	b.keys.leave()
}

// Entry is a line of text; as many lines if it is MultiLine, where Enter begins
// a new one.
type Entry struct {
	widget.Entry
	hint
	keys *keys
	kept bool // the text can be selected and copied, not changed
}

// newKept shows a text that can be selected and copied. Fyne's labels that can are no
// place for the keyboard: they keep Escape to themselves and do not show that they have
// it.
func newKept(k *keys, text string) *Entry {
	e := newEntry(k, text)
	e.kept = true
	return e
}

// TypedRune implements fyne.Focusable.
func (e *Entry) TypedRune(r rune) {
	if !e.kept {
		e.Entry.TypedRune(r)
	}
}

func newEntry(k *keys, text string) *Entry {
	e := &Entry{keys: k}
	e.ExtendBaseWidget(e)
	e.SetText(text)
	return e
}

// FocusGained implements fyne.Focusable.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	e.keys.show(e)
}

// TypedShortcut implements fyne.Shortcutable. Ctrl+Enter is OK in a field of several
// lines too.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	if x, ok := s.(*desktop.CustomShortcut); ok && x.Modifier == fyne.KeyModifierShortcutDefault && (x.KeyName == fyne.KeyReturn || x.KeyName == fyne.KeyEnter) {
		e.keys.handle(&fyne.KeyEvent{Name: x.KeyName})
		return
	}
	switch s.(type) {
	case *fyne.ShortcutCopy, *fyne.ShortcutSelectAll, *desktop.CustomShortcut:
	default:
		if e.kept {
			return
		}
	}
	e.Entry.TypedShortcut(s)
}

// TypedKey implements fyne.Focusable.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape, fyne.KeyF1:
		e.keys.handle(k)
		return
	case fyne.KeyBackspace, fyne.KeyDelete:
		if e.kept {
			return
		}
	default:
	}
	if e.MultiLine && !e.kept || !e.keys.handle(k) {
		e.Entry.TypedKey(k)
	}
}

// AcceptsTab implements fyne.Tabbable: Tab leaves a field of several lines too, or the
// keyboard could not get out of it.
func (e *Entry) AcceptsTab() bool { return false }

// MouseIn implements desktop.Hoverable.
func (e *Entry) MouseIn(m *desktop.MouseEvent) {
	e.keys.over(e.tip, m.AbsolutePosition)
}

// MouseMoved implements desktop.Hoverable.
func (e *Entry) MouseMoved(m *desktop.MouseEvent) {
	e.keys.over(e.tip, m.AbsolutePosition)
}

// MouseOut implements desktop.Hoverable.
func (e *Entry) MouseOut() {
	e.keys.leave()
}

// TappedSecondary implements fyne.SecondaryTappable. Its menu opens when the click
// is over; see the body of widgets.Table.
func (e *Entry) TappedSecondary(p *fyne.PointEvent) {
	if e.kept { // the menu would offer to change it
		return
	}
	fyne.Do(func() { e.Entry.TappedSecondary(p) })
}

// Check is a box with a text.
type Check struct {
	widget.Check
	hint
	keys *keys
}

func newCheck(k *keys, text string, on bool) *Check {
	c := &Check{keys: k}
	c.Text, c.Checked = text, on
	c.ExtendBaseWidget(c)
	return c
}

// FocusGained implements fyne.Focusable.
func (c *Check) FocusGained() {
	c.Check.FocusGained()
	c.keys.show(c)
}

// TypedKey implements fyne.Focusable.
func (c *Check) TypedKey(e *fyne.KeyEvent) {
	if !c.keys.handle(e) {
		c.Check.TypedKey(e)
	}
}

// MouseIn implements desktop.Hoverable.
func (c *Check) MouseIn(m *desktop.MouseEvent) {
	c.Check.MouseIn(m)
	c.keys.over(c.tip, m.AbsolutePosition)
}

// MouseMoved implements desktop.Hoverable.
func (c *Check) MouseMoved(m *desktop.MouseEvent) {
	c.Check.MouseMoved(m)
	c.keys.over(c.tip, m.AbsolutePosition)
}

// MouseOut implements desktop.Hoverable.
func (c *Check) MouseOut() {
	c.Check.MouseOut()
	c.keys.leave()
}

// Select is a choice of one.
type Select struct {
	widget.Select
	hint
	keys *keys
}

func newSelect(k *keys, options []string, chosen int) *Select {
	s := &Select{keys: k}
	s.Options = options
	if chosen >= 0 && chosen < len(options) {
		s.Selected = options[chosen]
	}
	s.ExtendBaseWidget(s)
	return s
}

// FocusGained implements fyne.Focusable.
func (s *Select) FocusGained() {
	s.Select.FocusGained()
	s.keys.show(s)
}

// TypedKey implements fyne.Focusable.
func (s *Select) TypedKey(e *fyne.KeyEvent) {
	if !s.keys.handle(e) {
		s.Select.TypedKey(e)
	}
}

// MouseIn implements desktop.Hoverable.
func (s *Select) MouseIn(m *desktop.MouseEvent) {
	s.Select.MouseIn(m)
	s.keys.over(s.tip, m.AbsolutePosition)
}

// MouseMoved implements desktop.Hoverable.
func (s *Select) MouseMoved(m *desktop.MouseEvent) {
	s.Select.MouseMoved(m)
	s.keys.over(s.tip, m.AbsolutePosition)
}

// MouseOut implements desktop.Hoverable.
func (s *Select) MouseOut() {
	s.Select.MouseOut()
	s.keys.leave()
}

// text makes a line of text.
func text(s string) *canvas.Text {
	t := canvas.NewText(s, theme.Color(theme.ColorNameForeground))
	t.TextSize = widgets.TextSize
	return t
}

// dim makes a line of text of lesser weight.
func dim(s string) *canvas.Text {
	t := text(s)
	t.Color = theme.Color(widgets.ColorDim)
	return t
}

// bold makes a headline.
func bold(s string) *canvas.Text {
	t := text(s)
	t.TextStyle.Bold = true
	return t
}

// wrapped makes text that breaks into lines.
func wrapped(s string) *widget.Label {
	l := widget.NewLabel(s)
	l.Wrapping = fyne.TextWrapWord
	return l
}

func setText(t *canvas.Text, s string, c color.Color) {
	if t.Text != s || t.Color != c {
		t.Text, t.Color = s, c
		t.Refresh()
	}
}

// numberEntry is an entry for a whole number. An unreadable text counts as bad.
func numberEntry(k *keys, n int64) *Entry { return newEntry(k, strconv.FormatInt(n, 10)) }

// number reads a numberEntry.
func number(e *Entry) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(e.Text), 10, 64)
	return n, err == nil && n >= 0
}

// kib is the unit rates are edited in.
const kib = 1024

// rows sets out pairs of label and field in two columns that line up; an object
// alone in a row takes both. It is made with pair and whole.
type rows struct {
	labels float32 // least width of the first column
	gap    float32
}

// pair is one row of label and field.
type pair struct{ label, field fyne.CanvasObject }

// newRows builds a form; a pair without a label spans both columns.
func newRows(ps ...pair) *fyne.Container {
	var objs []fyne.CanvasObject
	for _, p := range ps {
		l := p.label
		if l == nil {
			l = canvas.NewRectangle(color.Transparent)
			l.Hide()
		}
		objs = append(objs, l, p.field)
	}
	return container.New(&rows{gap: 7}, objs...)
}

func (r *rows) first(objs []fyne.CanvasObject) float32 {
	w := r.labels
	for i := 0; i < len(objs); i += 2 {
		if objs[i].Visible() {
			w = max(w, objs[i].MinSize().Width+12)
		}
	}
	return w
}

// MinSize implements fyne.Layout.
func (r *rows) MinSize(objs []fyne.CanvasObject) (s fyne.Size) {
	first := r.first(objs)
	for i := 0; i < len(objs); i += 2 {
		m := objs[i+1].MinSize()
		if objs[i].Visible() {
			m.Width += first
			m.Height = max(m.Height, objs[i].MinSize().Height)
		}
		s.Width = max(s.Width, m.Width)
		s.Height += m.Height + r.gap
	}
	s.Height = max(0, s.Height-r.gap)
	return s
}

// Layout implements fyne.Layout.
func (r *rows) Layout(objs []fyne.CanvasObject, s fyne.Size) {
	first, y := r.first(objs), float32(0)
	for i := 0; i < len(objs); i += 2 {
		h := objs[i+1].MinSize().Height
		x := float32(0)
		if objs[i].Visible() {
			h = max(h, objs[i].MinSize().Height)
			objs[i].Move(fyne.NewPos(0, y))
			objs[i].Resize(fyne.NewSize(first, h))
			x = first
		}
		objs[i+1].Move(fyne.NewPos(x, y))
		objs[i+1].Resize(fyne.NewSize(s.Width-x, h))
		y += h + r.gap
	}
}

// narrow keeps a field from growing wider than it needs, with a unit behind it.
func narrow(o fyne.CanvasObject, width float32, unit string) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedHBoxLayout(6), container.New(atLeast{width}, o), container.New(layout.NewCenterLayout(), dim(unit)))
}

// folderField is an entry for a folder with a button that lets one be picked.
func (h *Host) folderField(k *keys, e *Entry) fyne.CanvasObject {
	return h.pickField(k, e, h.PickFolder)
}

// pickField is an entry with a button that opens a picker; nil = there is none.
func (h *Host) pickField(k *keys, e *Entry, open func(start string, done func(string))) fyne.CanvasObject {
	pick := newButton(k, "…", func() {
		if open != nil {
			open(e.Text, e.SetText)
		}
	})
	pick.setTip(h.Locale.Tip("folder.pick"))
	return container.New(layout.NewBorderLayout(nil, nil, nil, pick), container.New(layout.NewCustomPaddedLayout(0, 0, 0, 4), e), pick)
}

// paper puts an object on the ground of lists with a thin border.
func paper(o fyne.CanvasObject) fyne.CanvasObject {
	r := canvas.NewRectangle(theme.Color(widgets.ColorPaper))
	r.StrokeColor, r.StrokeWidth = theme.Color(theme.ColorNameInputBorder), 1
	return container.NewStack(r, container.New(layout.NewCustomPaddedLayout(1, 1, 1, 1), o))
}

// columns translates the columns of a view for a table in a dialog.
func columns[T any](l *view.Locale, cols []view.Column[T], show ...string) []widgets.Column {
	var out []widgets.Column
	for _, id := range show {
		for _, c := range cols {
			if c.ID == id {
				out = append(out, widgets.Column{ID: c.ID, Title: l.T(c.Title), Width: c.Width, Align: c.Align, Bar: c.Bar, Fill: c.Fill, Fixed: c.Compare == nil})
			}
		}
	}
	return out
}
