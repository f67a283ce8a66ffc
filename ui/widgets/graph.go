package widgets

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
)

// Graph draws download and upload rates over time, newest right, with limits as
// dashed lines. The curves are one raster; the texts of the axes are drawn on
// it.
type Graph struct {
	widget.BaseWidget

	curve  view.Curve
	raster *canvas.Raster
	buf    *image.NRGBA
	yText  []*canvas.Text
	xText  []*canvas.Text
	legend []*canvas.Text
	keys   []*canvas.Rectangle
	fit    fitter
}

const (
	graphLeft   = float32(72)
	graphBottom = float32(18)
	graphTop    = float32(20)
	graphRight  = float32(10)
)

// NewGraph makes an empty graph.
func NewGraph() *Graph {
	g := &Graph{}
	g.raster = canvas.NewRaster(func(w, h int) image.Image { return g.draw(w, h) })
	g.ExtendBaseWidget(g)
	return g
}

// SetCurve shows other samples.
func (g *Graph) SetCurve(c view.Curve) {
	g.curve = c
	g.retext()
	g.place(g.Size())
	canvas.Refresh(g)
}

// CreateRenderer implements fyne.Widget.
func (g *Graph) CreateRenderer() fyne.WidgetRenderer {
	g.retext()
	return &graphRenderer{g}
}

type graphRenderer struct{ g *Graph }

func (r *graphRenderer) Destroy()           {}
func (r *graphRenderer) Layout(s fyne.Size) { r.g.place(s) }
func (r *graphRenderer) MinSize() fyne.Size { return fyne.NewSize(200, 80) }
func (r *graphRenderer) Refresh() {
	r.g.retext()
	r.g.place(r.g.Size())
	canvas.Refresh(r.g)
}

func (r *graphRenderer) Objects() []fyne.CanvasObject {
	objs := []fyne.CanvasObject{r.g.raster}
	for _, set := range [][]*canvas.Text{r.g.yText, r.g.xText, r.g.legend} {
		for _, t := range set {
			objs = append(objs, t)
		}
	}
	for _, k := range r.g.keys {
		objs = append(objs, k)
	}
	return objs
}

// retext makes the texts of axes and legend, keeping those that are there.
func (g *Graph) retext() {
	p := colorsOf()
	g.fit.style(11, false)
	set := func(ts []*canvas.Text, words []string, c color.Color, align fyne.TextAlign) []*canvas.Text {
		for len(ts) < len(words) {
			t := canvas.NewText("", c)
			t.TextSize, t.Alignment = 11, align
			ts = append(ts, t)
		}
		ts = ts[:len(words)]
		for i, w := range words {
			ts[i].Text, ts[i].Color = w, c
		}
		return ts
	}
	g.yText = set(g.yText, g.curve.YLabels, p.dim, fyne.TextAlignTrailing)
	g.xText = set(g.xText, g.curve.XLabels, p.dim, fyne.TextAlignCenter)
	g.legend = set(g.legend, []string{g.curve.DownLabel, g.curve.UpLabel, g.curve.OverLabel}, p.text, fyne.TextAlignLeading)
	if g.keys == nil {
		g.keys = []*canvas.Rectangle{canvas.NewRectangle(p.accent), canvas.NewRectangle(p.accent), canvas.NewRectangle(p.accent)}
	}
	g.keys[0].FillColor, g.keys[1].FillColor, g.keys[2].FillColor = p.tone[view.Arriving], p.tone[view.Giving], p.tone[view.Dim]
}

func (g *Graph) place(s fyne.Size) {
	if s.Width <= graphLeft {
		return
	}
	w, h := s.Width-graphLeft-graphRight, max(10, s.Height-graphTop-graphBottom)
	g.raster.Move(fyne.NewPos(graphLeft, graphTop))
	if size := fyne.NewSize(w, h); g.raster.Size() != size {
		g.raster.Resize(size)
	}
	for i, t := range g.yText {
		y := graphTop + h - h*float32(i)/float32(max(1, len(g.yText)-1))
		t.Move(fyne.NewPos(0, y-8))
		t.Resize(fyne.NewSize(graphLeft-6, 16))
	}
	for i, t := range g.xText {
		x := graphLeft + w*float32(i)/float32(max(1, len(g.xText)-1))
		tw := g.fit.width(t.Text) + 2
		left := min(max(x-tw/2, graphLeft), graphLeft+w-tw)
		t.Move(fyne.NewPos(left, graphTop+h+2))
		t.Resize(fyne.NewSize(tw, 14))
	}
	x := graphLeft
	for i, t := range g.legend {
		g.keys[i].Move(fyne.NewPos(x, 8))
		g.keys[i].Resize(fyne.NewSize(10, 3))
		tw := g.fit.width(t.Text) + 4
		t.Move(fyne.NewPos(x+14, 1))
		t.Resize(fyne.NewSize(tw, 16))
		x += tw + 30
	}
}

// draw paints grid, limits and both curves.
func (g *Graph) draw(w, h int) image.Image {
	if g.buf == nil || g.buf.Rect.Dx() != w || g.buf.Rect.Dy() != h {
		g.buf = image.NewNRGBA(image.Rect(0, 0, w, h))
	}
	p, m := colorsOf(), g.buf
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, p.paper)
		}
	}
	rows, cols := max(1, len(g.curve.YLabels)-1), max(1, len(g.curve.XLabels)-1)
	for i := range rows + 1 {
		y := min(h-1, i*h/rows)
		for x := range w {
			m.SetNRGBA(x, y, p.line)
		}
	}
	for i := range cols + 1 {
		x := min(w-1, i*w/cols)
		for y := range h {
			m.SetNRGBA(x, y, p.line)
		}
	}
	if g.curve.Top <= 0 {
		return m
	}
	g.limit(m, g.curve.DownLimit, p.tone[view.Arriving])
	g.limit(m, g.curve.UpLimit, p.tone[view.Giving])
	g.series(m, g.curve.Down, p.tone[view.Arriving], 40)
	g.series(m, g.curve.Over, p.tone[view.Dim], 0)
	g.series(m, g.curve.Up, p.tone[view.Giving], 0)
	return m
}

// limit draws a dashed line.
func (g *Graph) limit(m *image.NRGBA, v int64, c color.NRGBA) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if v <= 0 || v > g.curve.Top {
		return
	}
	y := h - 1 - int(float64(v)/float64(g.curve.Top)*float64(h-1))
	for x := range w {
		if x%8 < 4 {
			m.SetNRGBA(x, y, c)
		}
	}
}

// series draws one curve, with a light ground below it when fill is not 0.
func (g *Graph) series(m *image.NRGBA, v []int64, c color.NRGBA, fill int) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if len(v) < 2 || g.curve.Points < 2 {
		return
	}
	step := float64(w-1) / float64(g.curve.Points-1)
	last := -1
	for x := range w {
		f := float64(len(v)-1) - float64(w-1-x)/step
		if f < 0 {
			continue
		}
		i := min(int(f), len(v)-2)
		val := float64(v[i]) + float64(v[i+1]-v[i])*(f-float64(i))
		y := min(h-1, max(0, h-1-int(val/float64(g.curve.Top)*float64(h-1))))
		for yy := y; fill > 0 && yy < h; yy++ {
			m.SetNRGBA(x, yy, mix(m.NRGBAAt(x, yy), c, fill))
		}
		a, b := y, y
		if last >= 0 {
			a, b = min(last, y), max(last, y)
		}
		for yy := max(0, a-1); yy <= b; yy++ {
			m.SetNRGBA(x, yy, c)
		}
		last = y
	}
}
