package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
)

// Measures of a cell.
const (
	cellPad  = float32(5)
	iconSize = float32(14)
	iconGap  = float32(5)
	step     = float32(14) // of a tree
)

// body draws the visible rows. A row uses the slot of its number modulo the
// number of slots: scrolling by one row fills in one slot anew.
type body[K comparable] struct {
	widget.BaseWidget
	t *Table[K]

	ready  bool
	objs   []fyne.CanvasObject
	ground []*canvas.Rectangle // one a slot
	cols   []*strip
	cursor *canvas.Rectangle
	icons  iconPool
	thin   fitter
	bold   fitter
	pal    *palette
}

// strip is the slots of one column.
type strip struct {
	col   *Column
	index int // of the model
	x     float32
	slots []slot
}

// slot is what is drawn of one cell, and what it was made from.
type slot struct {
	text         *canvas.Text
	trough, fill *canvas.Rectangle // of a bar
	raw          string
	width        float32
}

// CreateRenderer implements fyne.Widget.
func (b *body[K]) CreateRenderer() fyne.WidgetRenderer {
	b.rebuild()
	return &bodyRenderer[K]{b}
}

type bodyRenderer[K comparable] struct{ b *body[K] }

func (r *bodyRenderer[K]) Destroy()                     {}
func (r *bodyRenderer[K]) Layout(fyne.Size)             { r.b.update() }
func (r *bodyRenderer[K]) Objects() []fyne.CanvasObject { return r.b.objs }
func (r *bodyRenderer[K]) Refresh()                     { r.b.update() }
func (r *bodyRenderer[K]) MinSize() fyne.Size {
	return r.b.t.content()
}

// rebuild starts over, after a change of columns or colours.
func (b *body[K]) rebuild() {
	b.pal = colorsOf()
	b.thin.style(TextSize, false)
	b.bold.style(TextSize, true)
	b.ground, b.cols, b.icons = nil, nil, iconPool{}
	b.cursor = canvas.NewRectangle(color.Transparent)
	b.cursor.StrokeWidth, b.cursor.StrokeColor = 1, b.pal.accent
	for _, c := range b.t.visible() {
		b.cols = append(b.cols, &strip{col: c})
	}
	b.ready = true
	b.compose()
}

// compose lists the objects in the order of drawing.
func (b *body[K]) compose() {
	b.objs = b.objs[:0]
	for _, r := range b.ground {
		b.objs = append(b.objs, r)
	}
	for _, c := range b.cols {
		for _, s := range c.slots {
			if s.fill != nil {
				b.objs = append(b.objs, s.trough, s.fill)
			}
		}
	}
	for _, c := range b.cols {
		for _, s := range c.slots {
			b.objs = append(b.objs, s.text)
		}
	}
	b.objs = append(b.objs, b.icons.all...)
	b.objs = append(b.objs, b.cursor)
}

// ensure makes at least n slots. More slots mean other numbers modulo their
// count, so everything is drawn anew.
func (b *body[K]) ensure(n int) {
	if len(b.ground) >= n {
		return
	}
	for len(b.ground) < n {
		b.ground = append(b.ground, canvas.NewRectangle(color.Transparent))
		for _, c := range b.cols {
			s := slot{text: canvas.NewText("", b.pal.text), width: -1}
			s.text.TextSize = TextSize
			switch c.col.Align {
			case view.Right:
				s.text.Alignment = fyne.TextAlignTrailing
			case view.Center:
				s.text.Alignment = fyne.TextAlignCenter
			case view.Left:
			}
			if c.col.Bar {
				s.trough, s.fill = canvas.NewRectangle(b.pal.trough), canvas.NewRectangle(color.Transparent)
				s.trough.CornerRadius, s.fill.CornerRadius = 2, 2
			}
			c.slots = append(c.slots, s)
		}
	}
	b.compose()
}

// update fills in the visible cells. It is the only hot path of the window.
func (b *body[K]) update() {
	t := b.t
	off, size := t.scroll.Offset, t.scroll.Size()
	if !b.ready || size.Height <= 0 {
		return
	}
	first := int(off.Y / t.RowHeight)
	b.ensure(int(size.Height/t.RowHeight) + 2)
	n := len(b.ground)
	total := t.model.Len()
	b.paintGround(first, total, max(size.Width, t.width()))
	x := float32(0)
	for _, c := range b.cols {
		c.x, c.index = x, t.model.Column(c.col.ID)
		x += c.col.Width
	}
	b.icons.begin()
	made := false
	var cell view.Cell
	for i := first; i < first+n; i++ {
		for _, c := range b.cols {
			s := &c.slots[i%n]
			if i >= total || c.index < 0 || c.x+c.col.Width < off.X || c.x > off.X+size.Width {
				s.hide()
				continue
			}
			t.model.Cell(i, c.index, &cell)
			made = b.paintCell(c, s, &cell, float32(i)*t.RowHeight) || made
		}
	}
	b.icons.end()
	if made {
		b.compose()
	}
}

func (s *slot) hide() {
	s.text.Hidden = true
	if s.fill != nil {
		s.fill.Hidden, s.trough.Hidden = true, true
	}
}

// paintGround draws stripes, selection and cursor.
func (b *body[K]) paintGround(first, total int, width float32) {
	t := b.t
	n := len(b.ground)
	b.cursor.Hidden = true
	for i := first; i < first+n; i++ {
		g := b.ground[i%n]
		g.Hidden = i >= total
		if g.Hidden {
			continue
		}
		k := t.model.Key(i)
		y := float32(i) * t.RowHeight
		switch {
		case t.Selected(k) && (t.focused || t.Single):
			g.FillColor = b.pal.selection
		case t.Selected(k):
			g.FillColor = b.pal.idle
		case i&1 == 1 && !t.Plain && !t.NoStripes:
			g.FillColor = b.pal.stripe
		default:
			g.Hidden = true
			g.FillColor = color.Transparent
		}
		g.Move(fyne.NewPos(0, y))
		g.Resize(fyne.NewSize(width, t.RowHeight))
		if t.focused && t.hasCur && k == t.cursor {
			b.cursor.Hidden = false
			b.cursor.Move(fyne.NewPos(1, y+1))
			b.cursor.Resize(fyne.NewSize(min(width, t.scroll.Size().Width)-5, t.RowHeight-2))
		}
	}
}

// paintCell draws one cell at height y and reports whether an icon was made.
func (b *body[K]) paintCell(c *strip, s *slot, cell *view.Cell, y float32) (made bool) {
	rh := b.t.RowHeight
	x, right := c.x+cellPad+float32(cell.Indent)*step, c.x+c.col.Width-cellPad
	mid := y + (rh-iconSize)/2
	icon := func(name string, col color.NRGBA) {
		if name != "" && right-x >= iconSize {
			made = b.icons.take(name, col, fyne.NewPos(x, mid), iconSize) || made
			x += iconSize + iconGap
		}
	}
	switch cell.Fold {
	case view.Closed:
		icon("fold-closed", b.pal.dim)
	case view.Open:
		icon("fold-open", b.pal.dim)
	case view.NoFold:
	}
	icon(tickIcon(cell.Tick), b.tickColor(cell.Tick))
	if cell.Icon != "" && c.col.Align == view.Right && cell.Text == "" {
		x = max(x, right-iconSize)
	}
	icon(cell.Icon, b.pal.tone[cell.Tone])
	if s.fill != nil {
		b.paintBar(c, s, cell, y)
	}
	w := right - x
	if s.raw != cell.Text || s.width != w || s.text.TextStyle.Bold != cell.Bold {
		s.raw, s.width, s.text.TextStyle.Bold = cell.Text, w, cell.Bold
		f := &b.thin
		if cell.Bold {
			f = &b.bold
		}
		s.text.Text = f.fit(cell.Text, w)
	}
	s.text.Hidden = s.text.Text == ""
	if s.text.Hidden {
		return made
	}
	if ink := b.pal.tone[cell.Ink]; s.text.Color != ink {
		s.text.Color = ink
	}
	s.text.Move(fyne.NewPos(x, y))
	if size := fyne.NewSize(w, rh); s.text.Size() != size {
		s.text.Resize(size)
	}
	return made
}

func (b *body[K]) paintBar(c *strip, s *slot, cell *view.Cell, y float32) {
	const inset = 3
	w, h := c.col.Width-2*cellPad, b.t.RowHeight-2*inset
	f := float32(min(1, max(0, cell.Fraction)))
	s.trough.Hidden, s.fill.Hidden = false, f == 0
	s.trough.Move(fyne.NewPos(c.x+cellPad, y+inset))
	s.trough.Resize(fyne.NewSize(w, h))
	if s.fill.Hidden {
		return
	}
	s.fill.FillColor = b.pal.bar[cell.Tone]
	s.fill.Move(fyne.NewPos(c.x+cellPad, y+inset))
	s.fill.Resize(fyne.NewSize(max(2, w*f), h))
}

func tickIcon(t view.Tick) string {
	switch t {
	case view.TickOff:
		return "box-off"
	case view.TickOn:
		return "box-on"
	case view.TickPart:
		return "box-part"
	case view.NoTick:
	}
	return ""
}

func (b *body[K]) tickColor(t view.Tick) color.NRGBA {
	if t == view.TickOff {
		return b.pal.dim
	}
	return b.pal.accent
}

// widest returns the width that shows every cell of a column in view, and its
// title.
func (b *body[K]) widest(c *Column) float32 {
	t := b.t
	b.thin.style(TextSize, false)
	w := b.thin.width(c.Title) + arrowSize + 2
	col := t.model.Column(c.ID)
	if col < 0 {
		return w + 2*cellPad
	}
	first := int(t.scroll.Offset.Y / t.RowHeight)
	n := int(t.scroll.Size().Height/t.RowHeight) + 1
	var cell view.Cell
	for i := first; i < min(first+n, t.model.Len()); i++ {
		t.model.Cell(i, col, &cell)
		x := b.thin.width(cell.Text) + float32(cell.Indent)*step
		for _, has := range []bool{cell.Icon != "", cell.Fold != view.NoFold, cell.Tick != view.NoTick} {
			if has {
				x += iconSize + iconGap
			}
		}
		w = max(w, x)
	}
	return w + 2*cellPad + 1
}
