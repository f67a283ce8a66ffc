package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
)

// Model supplies the rows of a Table. K identifies a row whatever its place; a
// selection is kept by it.
type Model[K comparable] interface {
	Len() int
	Key(row int) K
	Column(id string) int // index of a column for Cell, -1 = not supplied
	Cell(row, col int, c *view.Cell)
}

// Column is the state of one column.
type Column struct {
	ID, Title string
	Width     float32
	Align     view.Align
	Bar       bool // a progress bar
	Fill      bool // takes the width that is left
	Hidden    bool
	Fixed     bool // not sortable
}

// minColumn is the least width of a column.
const minColumn = 20

// Table shows the rows of a Model. Only visible cells exist, as plain canvas
// objects. Call SetModel with every new state of the rows: it compares with what
// is on the screen and touches what differs.
type Table[K comparable] struct {
	widget.BaseWidget

	RowHeight float32
	NoHeader  bool
	Plain     bool // without stripes and lines, as for a sidebar
	NoStripes bool
	Clear     bool // without a ground of its own: what is below shows
	Single    bool // at most one selected row

	OnSort     func(view.Order)            // the user chose another order
	OnSelect   func()                      // the selection or the cursor changed
	OnActivate func(row int)               // double click or Enter
	OnMenu     func(at fyne.Position)      // right click or menu key; at is absolute
	OnHeadMenu func(at fyne.Position)      // right click on the header
	OnDelete   func(withData bool)         // Del, Shift+Del
	OnLayout   func()                      // columns were moved, sized or chosen
	OnTick     func(row int)               // the box of a row was clicked, or Space
	OnFold     func(row int, open bool)    // the triangle of a row, or Left and Right
	OnKey      func(e *fyne.KeyEvent) bool // sees keys first; true = handled
	OnShortcut func(s fyne.Shortcut) bool  // sees shortcuts that are not the table's

	model   Model[K]
	cols    []*Column
	order   view.Order
	sel     map[K]struct{}
	cursor  K
	hasCur  bool
	anchor  K
	hasAnch bool
	focused bool

	head   *header[K]
	body   *body[K]
	scroll *container.Scroll
	dirty  *canvas.Rectangle // refreshing it marks the canvas, not the tree
	last   int               // rows at the last update
}

// NewTable makes an empty table.
func NewTable[K comparable](cols []Column) *Table[K] {
	t := &Table[K]{RowHeight: 20, sel: map[K]struct{}{}, model: none[K]{}}
	for i := range cols {
		t.cols = append(t.cols, &cols[i])
	}
	t.head = &header[K]{t: t, drag: -1}
	t.head.ExtendBaseWidget(t.head)
	t.body = &body[K]{t: t}
	t.body.ExtendBaseWidget(t.body)
	t.scroll = container.NewScroll(t.body)
	if t.filled() {
		t.scroll.Direction = container.ScrollVerticalOnly
	}
	t.head.thin.style(TextSize, false)
	for _, c := range t.cols { // no title is cut off at first, not even with the arrow
		c.Width = max(c.Width, t.head.thin.width(c.Title)+2*cellPad+arrowSize+1)
	}
	t.scroll.OnScrolled = func(fyne.Position) { t.body.update(); t.head.place() }
	t.dirty = canvas.NewRectangle(nil)
	t.ExtendBaseWidget(t)
	return t
}

// none is the model of a new table.
type none[K comparable] struct{}

func (none[K]) Len() int                  { return 0 }
func (none[K]) Key(int) (k K)             { return k }
func (none[K]) Column(string) int         { return -1 }
func (none[K]) Cell(int, int, *view.Cell) {}

// SetModel shows another state of the rows.
func (t *Table[K]) SetModel(m Model[K]) {
	t.model = m
	if n := m.Len(); n != t.last {
		t.last = n
		t.stretch(t.Size().Width)
		t.clampScroll()
		t.scroll.Refresh()
	}
	t.body.update()
	t.dirty.Refresh()
}

// clampScroll keeps the view from standing behind the last row.
func (t *Table[K]) clampScroll() {
	most := max(0, t.content().Height-t.scroll.Size().Height)
	if t.scroll.Offset.Y > most {
		t.scroll.Offset.Y = most
	}
}

// Model returns the rows shown.
func (t *Table[K]) Model() Model[K] { return t.model }

// Focusable returns the part of the table that takes the keyboard.
func (t *Table[K]) Focusable() fyne.Focusable { return t.body }

// Order returns the order shown in the header.
func (t *Table[K]) Order() view.Order { return t.order }

// SetOrder shows an order in the header. The rows are the model's matter.
func (t *Table[K]) SetOrder(o view.Order) {
	t.order = o
	t.head.place()
}

// Shown returns the IDs of the visible columns.
func (t *Table[K]) Shown() []string {
	var ids []string
	for _, c := range t.cols {
		if !c.Hidden {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// Columns returns the state of all columns in their order.
func (t *Table[K]) Columns() []Column {
	out := make([]Column, len(t.cols))
	for i, c := range t.cols {
		out[i] = *c
	}
	return out
}

// ColumnLayout is what a user may change of a column.
type ColumnLayout struct {
	ID     string  `json:"id"`
	Width  float32 `json:"width"`
	Hidden bool    `json:"hidden,omitempty"`
}

// Layout returns order, widths and visibility of the columns, to be kept.
func (t *Table[K]) Layout() []ColumnLayout {
	out := make([]ColumnLayout, len(t.cols))
	for i, c := range t.cols {
		out[i] = ColumnLayout{c.ID, c.Width, c.Hidden}
	}
	return out
}

// SetLayout restores what Layout returned. Columns it does not know stay behind
// the others as they are; unknown ones are ignored.
func (t *Table[K]) SetLayout(ls []ColumnLayout) {
	var cols []*Column
	for _, l := range ls {
		i := slices.IndexFunc(t.cols, func(c *Column) bool { return c.ID == l.ID })
		if i < 0 || slices.Contains(cols, t.cols[i]) {
			continue
		}
		c := t.cols[i]
		c.Width, c.Hidden = max(minColumn, l.Width), l.Hidden
		cols = append(cols, c)
	}
	for _, c := range t.cols {
		if !slices.Contains(cols, c) {
			cols = append(cols, c)
		}
	}
	t.cols = cols
	t.relayout()
}

// SetTitles replaces the titles, after a change of language.
func (t *Table[K]) SetTitles(title func(id string) string) {
	for _, c := range t.cols {
		c.Title = title(c.ID)
	}
	t.head.rebuild()
}

// ShowColumn shows or hides a column. The last visible one cannot be hidden.
func (t *Table[K]) ShowColumn(id string, show bool) {
	if !show && len(t.Shown()) == 1 {
		return
	}
	for _, c := range t.cols {
		if c.ID == id && c.Hidden == show {
			c.Hidden = !show
			t.relayout()
			t.layoutChanged()
		}
	}
}

func (t *Table[K]) layoutChanged() {
	if t.OnLayout != nil {
		t.OnLayout()
	}
}

func (t *Table[K]) relayout() {
	t.head.rebuild()
	t.body.rebuild()
	t.scroll.Refresh()
	t.body.update()
	t.dirty.Refresh()
}

func (t *Table[K]) visible() []*Column {
	out := make([]*Column, 0, len(t.cols))
	for _, c := range t.cols {
		if !c.Hidden {
			out = append(out, c)
		}
	}
	return out
}

func (t *Table[K]) width() (w float32) {
	for _, c := range t.cols {
		if !c.Hidden {
			w += c.Width
		}
	}
	return w
}

// content is the size of all rows. Where a bar scrolls them it lies beside the
// rows, not on them.
func (t *Table[K]) content() fyne.Size {
	bar := t.Theme().Size(theme.SizeNameScrollBarSmall) + 1
	view := t.scroll.Size()
	s := fyne.NewSize(t.width(), float32(t.model.Len())*t.RowHeight)
	if s.Height > view.Height && !t.filled() {
		s.Width += bar
	}
	if s.Width > view.Width {
		s.Height += bar
	}
	return s
}

// filled reports whether a column takes the width that is left.
func (t *Table[K]) filled() bool {
	return slices.ContainsFunc(t.cols, func(c *Column) bool { return c.Fill && !c.Hidden })
}

// stretch gives the Fill column what the others leave of the view.
func (t *Table[K]) stretch(view float32) {
	rest := view
	if float32(t.model.Len())*t.RowHeight > t.scroll.Size().Height {
		rest -= t.Theme().Size(theme.SizeNameScrollBarSmall) + 2
	}
	var fill *Column
	for _, c := range t.visible() {
		if c.Fill && fill == nil {
			fill = c
			continue
		}
		rest -= c.Width
	}
	if fill != nil {
		fill.Width = max(minColumn*3, rest)
	}
}

// FitColumn sets the width of a column to its widest visible text.
func (t *Table[K]) FitColumn(id string) {
	for _, c := range t.cols {
		if c.ID == id {
			c.Width = max(minColumn, t.body.widest(c))
			t.relayout()
			t.layoutChanged()
		}
	}
}

// CreateRenderer implements fyne.Widget.
func (t *Table[K]) CreateRenderer() fyne.WidgetRenderer {
	ground := canvas.NewRectangle(nil)
	inner := container.NewThemeOverride(t.scroll, flatTheme{})
	r := &tableRenderer[K]{t: t, ground: ground, inner: inner, objs: []fyne.CanvasObject{ground, inner, t.head, t.dirty}}
	r.paint()
	return r
}

type tableRenderer[K comparable] struct {
	t      *Table[K]
	ground *canvas.Rectangle
	inner  *container.ThemeOverride
	objs   []fyne.CanvasObject
}

func (r *tableRenderer[K]) Destroy()                     {}
func (r *tableRenderer[K]) Objects() []fyne.CanvasObject { return r.objs }
func (r *tableRenderer[K]) MinSize() fyne.Size           { return fyne.NewSize(60, 40) }

func (r *tableRenderer[K]) Layout(s fyne.Size) {
	h := float32(0)
	if !r.t.NoHeader {
		h = r.t.RowHeight + 1
	}
	r.t.head.Hidden = r.t.NoHeader
	r.ground.Resize(s)
	r.t.head.Resize(fyne.NewSize(s.Width, h))
	r.inner.Move(fyne.NewPos(0, h))
	r.inner.Resize(fyne.NewSize(s.Width, max(0, s.Height-h)))
	r.t.stretch(s.Width)
	r.t.clampScroll()
	r.t.body.update()
	r.t.head.place()
}

func (r *tableRenderer[K]) paint() {
	p := colorsOf()
	r.ground.FillColor = p.paper
	if r.t.Plain {
		r.ground.FillColor = p.panel
	}
	r.ground.Hidden = r.t.Clear
}

func (r *tableRenderer[K]) Refresh() {
	r.paint()
	r.t.head.rebuild()
	r.t.body.rebuild()
	r.t.body.update()
	canvas.Refresh(r.t)
}
