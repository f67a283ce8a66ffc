package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
)

// Facts shows groups of labels with values, as on the General tab. Labels and
// values stand in columns that line up over all groups. A right click on a value
// calls OnCopy with it.
type Facts struct {
	widget.BaseWidget

	OnCopy func(value string, at fyne.Position)

	groups []view.FactGroup
	objs   []fyne.CanvasObject
	values []factText
	heads  []factHead
	height float32
	thin   fitter
	bold   fitter
}

type factText struct {
	label, value *canvas.Text
	full         string
	row, col     int
	span         int
	y            float32
}

type factHead struct {
	ground *canvas.Rectangle
	text   *canvas.Text
}

const (
	factRow = float32(18)
	factPad = float32(8)
)

// NewFacts makes an empty sheet.
func NewFacts() *Facts {
	f := &Facts{}
	f.ExtendBaseWidget(f)
	return f
}

// SetGroups shows other facts. As long as their labels stay, only values change.
func (f *Facts) SetGroups(gs []view.FactGroup) {
	same := len(gs) == len(f.groups)
	for i := 0; same && i < len(gs); i++ {
		same = gs[i].SameLabels(&f.groups[i])
	}
	f.groups = gs
	if !same {
		f.rebuild()
		f.Refresh()
		return
	}
	i := 0
	for _, g := range gs {
		for _, x := range g.Facts {
			f.values[i].full = x.Value
			i++
		}
	}
	f.place(f.Size())
	canvas.Refresh(f)
}

// CreateRenderer implements fyne.Widget.
func (f *Facts) CreateRenderer() fyne.WidgetRenderer {
	f.rebuild()
	return &factsRenderer{f}
}

type factsRenderer struct{ f *Facts }

func (r *factsRenderer) Destroy()                     {}
func (r *factsRenderer) Layout(s fyne.Size)           { r.f.place(s) }
func (r *factsRenderer) Objects() []fyne.CanvasObject { return r.f.objs }
func (r *factsRenderer) MinSize() fyne.Size           { return fyne.NewSize(200, r.f.height) }
func (r *factsRenderer) Refresh() {
	r.f.rebuild()
	r.f.place(r.f.Size())
	canvas.Refresh(r.f)
}

func (f *Facts) rebuild() {
	p := colorsOf()
	f.thin.style(TextSize, false)
	f.bold.style(TextSize, true)
	f.objs, f.values, f.heads = nil, nil, nil
	y := float32(0)
	for _, g := range f.groups {
		h := factHead{canvas.NewRectangle(p.trough), canvas.NewText(g.Title, p.text)}
		h.text.TextSize, h.text.TextStyle.Bold = TextSize, true
		h.ground.Move(fyne.NewPos(0, y))
		h.text.Move(fyne.NewPos(factPad, y))
		f.heads = append(f.heads, h)
		f.objs = append(f.objs, h.ground, h.text)
		y += factRow + 3
		row, col := 0, 0
		for _, x := range g.Facts {
			span := max(1, x.Span)
			if col+span > view.FactColumns {
				row, col = row+1, 0
			}
			t := factText{canvas.NewText(x.Label, p.dim), canvas.NewText("", p.text), x.Value, row, col, span, y + float32(row)*factRow}
			t.label.TextSize, t.value.TextSize = TextSize, TextSize
			f.values = append(f.values, t)
			f.objs = append(f.objs, t.label, t.value)
			col += span
		}
		y += float32(row+1)*factRow + 6
	}
	f.height = y
}

func (f *Facts) place(s fyne.Size) {
	colw := (s.Width - factPad) / view.FactColumns
	var labelw [view.FactColumns]float32
	for _, v := range f.values {
		labelw[v.col] = max(labelw[v.col], f.thin.width(v.label.Text)+10)
	}
	for _, h := range f.heads {
		h.ground.Resize(fyne.NewSize(s.Width, factRow))
		h.text.Resize(fyne.NewSize(s.Width-2*factPad, factRow))
	}
	for _, v := range f.values {
		x := factPad + float32(v.col)*colw
		lw := labelw[v.col]
		w := max(0, colw*float32(v.span)-lw-factPad)
		v.label.Move(fyne.NewPos(x, v.y))
		v.label.Resize(fyne.NewSize(lw, factRow))
		v.value.Text = f.thin.fit(v.full, w)
		v.value.Move(fyne.NewPos(x+lw, v.y))
		v.value.Resize(fyne.NewSize(w, factRow))
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (f *Facts) TappedSecondary(e *fyne.PointEvent) {
	if f.OnCopy == nil {
		return
	}
	colw := (f.Size().Width - factPad) / view.FactColumns
	for _, v := range f.values {
		x := factPad + float32(v.col)*colw
		if e.Position.Y >= v.y && e.Position.Y < v.y+factRow && e.Position.X >= x && e.Position.X < x+colw*float32(v.span) && v.full != "" {
			f.OnCopy(v.full, e.AbsolutePosition)
			return
		}
	}
}
