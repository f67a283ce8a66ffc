package widgets

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
)

// Bars draws pairs of bars, what came above a line and what went below it. The bars
// are one raster; the texts of the axes are drawn around it.
type Bars struct {
	widget.BaseWidget

	bars   view.Bars
	raster *canvas.Raster
	buf    *image.NRGBA
	note   *canvas.Text
	yText  [3]*canvas.Text
	xText  []*canvas.Text
	legend [2]*canvas.Text
	keys   [2]*canvas.Rectangle
	fit    fitter
}

// NewBars makes an empty chart.
func NewBars() *Bars {
	b := &Bars{}
	b.raster = canvas.NewRaster(func(w, h int) image.Image { return b.draw(w, h) })
	b.ExtendBaseWidget(b)
	return b
}

// SetBars shows other bars.
func (b *Bars) SetBars(v view.Bars) {
	b.bars = v
	b.retext()
	b.place(b.Size())
	canvas.Refresh(b)
}

// CreateRenderer implements fyne.Widget.
func (b *Bars) CreateRenderer() fyne.WidgetRenderer {
	b.retext()
	return &barsRenderer{b}
}

type barsRenderer struct{ b *Bars }

func (r *barsRenderer) Destroy()           {}
func (r *barsRenderer) Layout(s fyne.Size) { r.b.place(s) }
func (r *barsRenderer) MinSize() fyne.Size { return fyne.NewSize(200, 90) }
func (r *barsRenderer) Refresh() {
	r.b.retext()
	r.b.place(r.b.Size())
	canvas.Refresh(r.b)
}

// Objects implements fyne.WidgetRenderer.
func (r *barsRenderer) Objects() []fyne.CanvasObject {
	objs := []fyne.CanvasObject{r.b.raster, r.b.note}
	for _, t := range append(append(r.b.yText[:], r.b.legend[:]...), r.b.xText...) {
		objs = append(objs, t)
	}
	for _, k := range r.b.keys {
		objs = append(objs, k)
	}
	return objs
}

// retext makes the texts, keeping those that are there.
func (b *Bars) retext() {
	p := colorsOf()
	b.fit.style(11, false)
	set := func(t **canvas.Text, s string, c color.Color, align fyne.TextAlign) {
		if *t == nil {
			*t = canvas.NewText("", c)
			(*t).TextSize = 11
		}
		(*t).Text, (*t).Color, (*t).Alignment = s, c, align
	}
	set(&b.note, b.bars.Note, p.dim, fyne.TextAlignCenter)
	for i := range b.yText {
		set(&b.yText[i], b.bars.YLabels[i], p.dim, fyne.TextAlignTrailing)
	}
	for len(b.xText) < len(b.bars.XLabels) {
		b.xText = append(b.xText, nil)
	}
	b.xText = b.xText[:len(b.bars.XLabels)]
	for i, s := range b.bars.XLabels {
		set(&b.xText[i], s, p.dim, fyne.TextAlignCenter)
	}
	for i, s := range []string{b.bars.UpLabel, b.bars.DnLabel} {
		set(&b.legend[i], s, p.text, fyne.TextAlignLeading)
		if b.keys[i] == nil {
			b.keys[i] = canvas.NewRectangle(p.accent)
		}
	}
	b.keys[0].FillColor, b.keys[1].FillColor = p.tone[view.Giving], p.tone[view.Arriving]
}

func (b *Bars) place(s fyne.Size) {
	if s.Width <= graphLeft || b.note == nil {
		return
	}
	w, h := s.Width-graphLeft-graphRight, max(10, s.Height-graphTop-graphBottom)
	b.raster.Move(fyne.NewPos(graphLeft, graphTop))
	if size := fyne.NewSize(w, h); b.raster.Size() != size {
		b.raster.Resize(size)
	}
	b.note.Move(fyne.NewPos(graphLeft, graphTop+h/2-9))
	b.note.Resize(fyne.NewSize(w, 18))
	for i, part := range []float32{0, float32(b.bars.Split), 1} {
		b.yText[i].Move(fyne.NewPos(0, graphTop+h*part-8))
		b.yText[i].Resize(fyne.NewSize(graphLeft-6, 16))
	}
	for i, t := range b.xText {
		x := graphLeft + w*float32(i)/float32(max(1, len(b.xText)-1))
		tw := b.fit.width(t.Text) + 2
		t.Move(fyne.NewPos(min(max(x-tw/2, graphLeft), graphLeft+w-tw), graphTop+h+2))
		t.Resize(fyne.NewSize(tw, 14))
	}
	x := graphLeft
	for i, t := range b.legend {
		b.keys[i].Move(fyne.NewPos(x, 5))
		b.keys[i].Resize(fyne.NewSize(9, 9))
		tw := b.fit.width(t.Text) + 4
		t.Move(fyne.NewPos(x+14, 1))
		t.Resize(fyne.NewSize(tw, 16))
		x += tw + 30
	}
}

// draw paints the bars.
func (b *Bars) draw(w, h int) image.Image {
	if b.buf == nil || b.buf.Rect.Dx() != w || b.buf.Rect.Dy() != h {
		b.buf = image.NewNRGBA(image.Rect(0, 0, w, h))
	}
	p, m := colorsOf(), b.buf
	fill := func(x0, y0, x1, y1 int, c color.NRGBA) {
		for y := max(0, y0); y < min(h, y1); y++ {
			for x := max(0, x0); x < min(w, x1); x++ {
				m.SetNRGBA(x, y, c)
			}
		}
	}
	fill(0, 0, w, h, p.paper)
	line := min(h-1, int(b.bars.Split*float64(h)))
	n := len(b.bars.Up)
	for i := range n {
		x0, x1 := i*w/n, (i+1)*w/n
		gap := max(1, (x1-x0)/5)
		fill(x0+gap, line-int(b.bars.Up[i]*float64(line)), x1-gap, line, p.tone[view.Giving])
		fill(x0+gap, line, x1-gap, line+int(b.bars.Down[i]*float64(h-line)), p.tone[view.Arriving])
	}
	for _, y := range []int{0, line, h - 1} {
		fill(0, y, w, y+1, p.line)
	}
	return m
}
