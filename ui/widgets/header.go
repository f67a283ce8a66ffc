package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
)

// Measures of the header.
const (
	arrowSize = float32(12)
	grip      = float32(4) // to either side of an edge
	doubleTap = 400 * time.Millisecond
)

// header shows the titles. A click sorts, a drag moves a column, a drag of an
// edge sizes it, a double click on an edge fits it to its text.
type header[K comparable] struct {
	widget.BaseWidget
	t *Table[K]

	ground *canvas.Rectangle
	under  *canvas.Rectangle
	marker *canvas.Rectangle // where a dragged column would go
	arrow  *canvas.Image
	cells  []headCell
	clip   *container.Clip
	objs   []fyne.CanvasObject
	thin   fitter

	onEdge  bool // the pointer is over an edge
	drag    int  // dragged column, -1 = none
	sizing  bool
	fromX   float32
	fromW   float32
	dropAt  int
	lastTap time.Time // on an edge
	lastCol int
}

type headCell struct {
	col  *Column
	text *canvas.Text
	line *canvas.Rectangle
}

// CreateRenderer implements fyne.Widget.
func (h *header[K]) CreateRenderer() fyne.WidgetRenderer {
	h.rebuild()
	return &headRenderer[K]{h}
}

type headRenderer[K comparable] struct{ h *header[K] }

func (r *headRenderer[K]) Destroy()                     {}
func (r *headRenderer[K]) Layout(fyne.Size)             { r.h.place() }
func (r *headRenderer[K]) MinSize() fyne.Size           { return fyne.NewSize(10, r.h.t.RowHeight+1) }
func (r *headRenderer[K]) Objects() []fyne.CanvasObject { return r.h.objs }
func (r *headRenderer[K]) Refresh()                     { r.h.rebuild() }

// rebuild makes the titles anew, after a change of columns or colours.
func (h *header[K]) rebuild() {
	p := colorsOf()
	h.thin.style(TextSize, false)
	h.ground, h.under = canvas.NewRectangle(p.panel), canvas.NewRectangle(p.line)
	h.marker = canvas.NewRectangle(p.accent)
	h.marker.Hidden = true
	h.arrow = newIcon("sort-up", p.dim, arrowSize)
	h.cells = h.cells[:0]
	box := container.NewWithoutLayout()
	for _, c := range h.t.visible() {
		x := headCell{c, canvas.NewText("", p.text), canvas.NewRectangle(p.line)}
		x.text.TextSize = TextSize
		switch c.Align {
		case view.Right:
			x.text.Alignment = fyne.TextAlignTrailing
		case view.Center:
			x.text.Alignment = fyne.TextAlignCenter
		case view.Left:
		}
		h.cells = append(h.cells, x)
		box.Objects = append(box.Objects, x.text, x.line)
	}
	box.Objects = append(box.Objects, h.arrow, h.marker)
	h.clip = container.NewClip(box)
	h.objs = []fyne.CanvasObject{h.ground, h.under, h.clip}
	h.place()
}

// place moves everything to where the columns are.
func (h *header[K]) place() {
	if h.ground == nil {
		return
	}
	size := h.Size()
	h.ground.Resize(size)
	h.under.Move(fyne.NewPos(0, size.Height-1))
	h.under.Resize(fyne.NewSize(size.Width, 1))
	h.clip.Resize(size)
	h.arrow.Hidden = true
	x := -h.t.scroll.Offset.X
	for _, c := range h.cells {
		left, w := x+cellPad, c.col.Width-2*cellPad
		if c.col.ID == h.t.order.Column && w > arrowSize {
			w -= arrowSize
			h.showArrow(c.col, left, w)
		}
		title := h.thin.fit(c.col.Title, w)
		if c.text.Text != title {
			c.text.Text = title
			c.text.Refresh()
		}
		at := left
		if c.col.ID == h.t.order.Column && c.col.Align == view.Right {
			at += arrowSize
		}
		c.text.Move(fyne.NewPos(at, 0))
		c.text.Resize(fyne.NewSize(w, size.Height-1))
		x += c.col.Width
		c.line.Move(fyne.NewPos(x-1, 4))
		c.line.Resize(fyne.NewSize(1, size.Height-9))
	}
	h.t.dirty.Refresh()
}

// showArrow draws the arrow of the order behind the title, before it when the
// title stands on the right.
func (h *header[K]) showArrow(c *Column, left, w float32) {
	name := "sort-up"
	if h.t.order.Desc {
		name = "sort-down"
	}
	if res := Icon(name, colorsOf().dim); h.arrow.Resource == nil || h.arrow.Resource.Name() != res.Name() {
		h.arrow.Resource = res
		h.arrow.Refresh()
	}
	tw := min(w, h.thin.width(c.Title))
	x := left
	switch c.Align {
	case view.Left:
		x += tw + 1
	case view.Center:
		x += (w+tw)/2 + 1
	case view.Right:
		x += w - tw - 1
	}
	h.arrow.Hidden = false
	h.arrow.Move(fyne.NewPos(x, (h.Size().Height-arrowSize)/2))
}

// find returns the column below x and the one whose right edge is near it; -1
// for none.
func (h *header[K]) find(px float32) (edge, col int) {
	edge, col = -1, -1
	x := -h.t.scroll.Offset.X
	for i, c := range h.cells {
		if px >= x && px < x+c.col.Width {
			col = i
		}
		x += c.col.Width
		if px > x-grip && px < x+grip && !c.col.Fill {
			edge = i
		}
	}
	return edge, col
}

// Cursor implements desktop.Cursorable.
func (h *header[K]) Cursor() desktop.Cursor {
	if h.onEdge || h.sizing {
		return desktop.HResizeCursor
	}
	return desktop.DefaultCursor
}

// MouseIn implements desktop.Hoverable.
func (h *header[K]) MouseIn(e *desktop.MouseEvent) { h.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (h *header[K]) MouseMoved(e *desktop.MouseEvent) {
	edge, _ := h.find(e.Position.X)
	h.onEdge = edge >= 0
}

// MouseOut implements desktop.Hoverable.
func (h *header[K]) MouseOut() { h.onEdge = false }

// Tapped sorts by a column. Double clicks on an edge are told apart here: with
// fyne.DoubleTappable every click would wait for a second one.
func (h *header[K]) Tapped(e *fyne.PointEvent) {
	edge, col := h.find(e.Position.X)
	if edge >= 0 {
		if now := time.Now(); h.lastCol == edge && now.Sub(h.lastTap) < doubleTap {
			h.t.FitColumn(h.cells[edge].col.ID)
		} else {
			h.lastTap, h.lastCol = now, edge
		}
		return
	}
	if col < 0 || h.cells[col].col.Fixed {
		return
	}
	o := view.Order{Column: h.cells[col].col.ID}
	o.Desc = h.t.order.Column == o.Column && !h.t.order.Desc
	h.t.SetOrder(o)
	if h.t.OnSort != nil {
		h.t.OnSort(o)
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (h *header[K]) TappedSecondary(e *fyne.PointEvent) {
	if h.t.OnHeadMenu != nil {
		h.t.OnHeadMenu(e.AbsolutePosition)
	}
}

// Dragged implements fyne.Draggable.
func (h *header[K]) Dragged(e *fyne.DragEvent) {
	if h.drag < 0 {
		h.fromX = e.Position.X - e.Dragged.DX
		edge, col := h.find(h.fromX)
		switch {
		case edge >= 0:
			h.drag, h.sizing, h.fromW = edge, true, h.cells[edge].col.Width
		case col >= 0:
			h.drag = col
		default:
			return
		}
	}
	if h.sizing {
		h.cells[h.drag].col.Width = max(minColumn, h.fromW+e.Position.X-h.fromX)
		h.t.scroll.Refresh()
		h.t.body.update()
		h.place()
		return
	}
	h.showDrop(e.Position.X)
}

// showDrop marks the gap between columns that is nearest to x.
func (h *header[K]) showDrop(px float32) {
	x := -h.t.scroll.Offset.X
	h.dropAt = len(h.cells)
	at := x
	for i, c := range h.cells {
		if px < x+c.col.Width/2 {
			h.dropAt = i
			break
		}
		x += c.col.Width
		at = x
	}
	h.marker.Hidden = false
	h.marker.Move(fyne.NewPos(max(0, at-1), 0))
	h.marker.Resize(fyne.NewSize(2, h.Size().Height-1))
	h.t.dirty.Refresh()
}

// DragEnd implements fyne.Draggable.
func (h *header[K]) DragEnd() {
	drag, sizing := h.drag, h.sizing
	h.drag, h.sizing = -1, false
	if h.marker != nil {
		h.marker.Hidden = true
	}
	if drag < 0 {
		return
	}
	if !sizing {
		h.move(drag, h.dropAt)
	}
	h.t.layoutChanged()
}

// move brings a visible column before another one.
func (h *header[K]) move(from, before int) {
	if before == from || before == from+1 {
		h.place()
		return
	}
	c := h.cells[from].col
	var cols []*Column
	for _, x := range h.t.cols {
		if before < len(h.cells) && x == h.cells[before].col {
			cols = append(cols, c)
		}
		if x != c {
			cols = append(cols, x)
		}
	}
	if before >= len(h.cells) {
		cols = append(cols, c)
	}
	h.t.cols = cols
	h.t.relayout()
}
