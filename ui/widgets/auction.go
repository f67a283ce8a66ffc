package widgets

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
)

// Auction draws who has a link and at what price: a bar a peer, as wide as its
// rate and as high as its bid, filled up to the price it pays, so that the filled
// areas are the money. What is kept for those that do not pay has a ground of its
// own at the right. The bars are one raster; texts are drawn around it.
type Auction struct {
	widget.BaseWidget

	OnTap func(view.MarketKey) // a bar was tapped; nil = nothing

	chart  view.Auction
	raster *canvas.Raster
	buf    *image.NRGBA
	title  *canvas.Text
	note   *canvas.Text
	yText  []*canvas.Text
	xText  [2]*canvas.Text
	legend []*canvas.Text
	names  []*canvas.Text
	keys   []*canvas.Rectangle
	fit    fitter
}

const (
	auctionPad     = float32(10)
	auctionTop     = float32(30)
	auctionBottom  = float32(20)
	auctionWaiting = float32(9) // width of a bar that is not served, with its gap
	auctionCalm    = 0.24       // height of a bar without a bid
	auctionText    = float32(11)
)

// NewAuction makes an empty chart.
func NewAuction() *Auction {
	a := &Auction{}
	a.raster = canvas.NewRaster(func(w, h int) image.Image { return a.draw(w, h) })
	a.ExtendBaseWidget(a)
	return a
}

// SetChart shows other bars; nil is none.
func (a *Auction) SetChart(c *view.Auction) {
	if c == nil {
		c = &view.Auction{}
	}
	a.chart = *c
	a.retext()
	a.place(a.Size())
	canvas.Refresh(a)
}

// Title returns the line above the bars, as it is drawn.
func (a *Auction) Title() string { return a.title.Text }

// CreateRenderer implements fyne.Widget.
func (a *Auction) CreateRenderer() fyne.WidgetRenderer {
	a.retext()
	return &auctionRenderer{a}
}

type auctionRenderer struct{ a *Auction }

func (r *auctionRenderer) Destroy()           {}
func (r *auctionRenderer) Layout(s fyne.Size) { r.a.place(s) }
func (r *auctionRenderer) MinSize() fyne.Size { return fyne.NewSize(200, 80) }
func (r *auctionRenderer) Refresh() {
	r.a.retext()
	r.a.place(r.a.Size())
	canvas.Refresh(r.a)
}

func (r *auctionRenderer) Objects() []fyne.CanvasObject {
	a := r.a
	objs := []fyne.CanvasObject{a.raster, a.title, a.note, a.xText[0], a.xText[1]}
	for _, set := range [][]*canvas.Text{a.yText, a.legend, a.names} {
		for _, t := range set {
			objs = append(objs, t)
		}
	}
	for _, k := range a.keys {
		objs = append(objs, k)
	}
	return objs
}

// retext makes the texts, keeping those that are there.
func (a *Auction) retext() {
	p := colorsOf()
	a.fit.style(auctionText, false)
	text := func(t *canvas.Text, s string, c color.Color, align fyne.TextAlign) *canvas.Text {
		if t == nil {
			t = canvas.NewText("", c)
			t.TextSize = auctionText
		}
		t.Text, t.Color, t.Alignment = s, c, align
		return t
	}
	list := func(ts []*canvas.Text, n int, word func(int) string, c color.Color, align fyne.TextAlign) []*canvas.Text {
		for len(ts) < n {
			ts = append(ts, nil)
		}
		ts = ts[:n]
		for i := range ts {
			ts[i] = text(ts[i], word(i), c, align)
		}
		return ts
	}
	c := &a.chart
	a.title = text(a.title, c.Title, p.text, fyne.TextAlignLeading)
	a.title.TextSize = TextSize
	a.note = text(a.note, c.Note, p.dim, fyne.TextAlignCenter)
	a.xText[0] = text(a.xText[0], c.XLabels[0], p.dim, fyne.TextAlignLeading)
	a.xText[1] = text(a.xText[1], c.XLabels[1], p.dim, fyne.TextAlignTrailing)
	a.yText = list(a.yText, len(c.YLabels), func(i int) string { return c.YLabels[i] }, p.dim, fyne.TextAlignTrailing)
	a.legend = list(a.legend, len(c.Legend), func(i int) string { return c.Legend[i].Text }, p.dim, fyne.TextAlignLeading)
	a.names = list(a.names, len(c.Bars), func(i int) string { return c.Bars[i].Label }, p.text, fyne.TextAlignCenter)
	for len(a.keys) < len(c.Legend) {
		a.keys = append(a.keys, canvas.NewRectangle(p.text))
	}
	a.keys = a.keys[:len(c.Legend)]
	for i, k := range a.keys {
		k.FillColor = a.markColor(p, c.Legend[i].Mark)
	}
}

func (a *Auction) markColor(p *palette, m view.AuctionMark) color.NRGBA {
	switch m {
	case view.MarkPays:
		return p.tone[a.chart.Tone]
	case view.MarkBids:
		return p.bar[a.chart.Tone]
	case view.MarkReserve:
		return p.tone[view.Working]
	case view.MarkElsewhere:
		return p.line
	case view.MarkFree:
	}
	return p.bar[view.Resting]
}

// plot is the place of the raster within s.
func (a *Auction) plot(s fyne.Size) (at fyne.Position, size fyne.Size) {
	left := auctionPad
	for _, y := range a.chart.YLabels {
		left = max(left, a.fit.width(y)+14)
	}
	return fyne.NewPos(left, auctionTop), fyne.NewSize(max(20, s.Width-left-auctionPad), max(10, s.Height-auctionTop-auctionBottom))
}

func (a *Auction) place(s fyne.Size) {
	if s.Width < 40 || a.title == nil {
		return
	}
	at, size := a.plot(s)
	a.raster.Move(at)
	if a.raster.Size() != size {
		a.raster.Resize(size)
	}
	var wide fitter
	wide.style(TextSize, false)
	a.title.Text = wide.fit(a.chart.Title, s.Width-2*auctionPad)
	a.title.Move(fyne.NewPos(auctionPad, 3))
	a.title.Resize(fyne.NewSize(s.Width-2*auctionPad, 18))
	a.note.Text = a.fit.fit(a.chart.Note, size.Width)
	a.note.Move(fyne.NewPos(at.X, at.Y+size.Height/2-8))
	a.note.Resize(fyne.NewSize(size.Width, 16))
	for i, t := range a.yText {
		y := at.Y + size.Height*(1-float32(i)/float32(max(1, len(a.yText)-1)))
		t.Move(fyne.NewPos(0, y-8))
		t.Resize(fyne.NewSize(at.X-5, 16))
	}
	a.placeBelow(at, size)
	a.placeNames(at, size)
}

// placeBelow sets out what stands below the bars: both ends of the axis, and
// between them as much of the legend as there is room for.
func (a *Auction) placeBelow(at fyne.Position, size fyne.Size) {
	y, end := at.Y+size.Height+2, at.X+size.Width
	w := [2]float32{a.fit.width(a.xText[0].Text) + 4, a.fit.width(a.xText[1].Text) + 4}
	a.xText[0].Move(fyne.NewPos(at.X, y))
	a.xText[0].Resize(fyne.NewSize(w[0], 16))
	a.xText[1].Move(fyne.NewPos(end-w[1], y))
	a.xText[1].Resize(fyne.NewSize(w[1], 16))
	x, limit := at.X+w[0]+18, end-w[1]-8
	for i, t := range a.legend {
		tw := a.fit.width(t.Text) + 4
		t.Hidden = x+14+tw > limit
		a.keys[i].Hidden = t.Hidden
		h := float32(9)
		if a.chart.Legend[i].Mark == view.MarkReserve {
			h = 2
		}
		a.keys[i].Move(fyne.NewPos(x, y+8-h/2))
		a.keys[i].Resize(fyne.NewSize(9, h))
		t.Move(fyne.NewPos(x+13, y))
		t.Resize(fyne.NewSize(tw, 16))
		x += tw + 26
	}
}

// placeNames writes the names at the feet of the bars that are wide enough.
func (a *Auction) placeNames(at fyne.Position, size fyne.Size) {
	lift := float32(0) // above the line of the reserve price
	if r := float32(a.chart.Reserve) * size.Height; r < 24 {
		lift = r
	}
	for i, s := range a.spans(size.Width) {
		t, b := a.names[i], &a.chart.Bars[i]
		w := s.right - s.left - 6
		t.Text = a.fit.fit(b.Label, w)
		t.Hidden = t.Text != b.Label && w < 60 || t.Text == "" || size.Height < 30
		t.Move(fyne.NewPos(at.X+s.left+3, at.Y+size.Height-17-lift))
		t.Resize(fyne.NewSize(max(0, w), 16))
	}
}

// span is where a bar stands, from the left edge of the plot.
type span struct{ left, right float32 }

// link returns the width of the link on a plot of width w: bars that are not
// served stand beside it.
func (a *Auction) link(w float32) float32 {
	n := 0
	for i := range a.chart.Bars {
		if a.chart.Bars[i].Kind == view.Waiting {
			n++
		}
	}
	if n == 0 {
		return w
	}
	return max(w/2, w-float32(n)*auctionWaiting-8)
}

// spans sets out the bars on a plot of width w.
func (a *Auction) spans(w float32) []span {
	out := make([]span, len(a.chart.Bars))
	link := a.link(w)
	left, right, beside := float32(0), link, link+8
	for i := range a.chart.Bars {
		b := &a.chart.Bars[i]
		bw := float32(b.Width) * link
		switch {
		case b.Kind == view.Waiting:
			out[i] = span{beside, min(w, beside+auctionWaiting-3)}
			beside += auctionWaiting
		case b.Right:
			out[i] = span{max(left, right-bw), right}
			right = max(left, right-bw)
		default:
			out[i] = span{left, min(right, left+bw)}
			left = min(right, left+bw)
		}
	}
	return out
}

// Tapped implements fyne.Tappable.
func (a *Auction) Tapped(e *fyne.PointEvent) {
	if a.OnTap == nil {
		return
	}
	at, size := a.plot(a.Size())
	x := e.Position.X - at.X
	for i, s := range a.spans(size.Width) {
		if x >= s.left && x < s.right && a.chart.Bars[i].Kind != view.Elsewhere {
			a.OnTap(a.chart.Bars[i].Row)
			return
		}
	}
}

// draw paints ground, bars and lines.
func (a *Auction) draw(w, h int) image.Image {
	if a.buf == nil || a.buf.Rect.Dx() != w || a.buf.Rect.Dy() != h {
		a.buf = image.NewNRGBA(image.Rect(0, 0, w, h))
	}
	p, at := colorsOf(), paint{a.buf, w, h}
	c := &a.chart
	at.fill(0, w, 0, h, p.paper)
	units := a.raster.Size().Width
	if units <= 0 || len(c.Legend) == 0 {
		return a.buf
	}
	px := func(x float32) int { return int(x/units*float32(w) + 0.5) }
	y := func(v float64) int { return h - int(v*float64(h)+0.5) }
	end := px(a.link(units))
	at.fill(int(float64(end)*(1-c.Free)+0.5), end, 0, h, p.trough)
	for i := range max(0, len(c.YLabels)) {
		at.fill(0, w, y(float64(i)/float64(len(c.YLabels)-1)), 0, p.line)
	}
	for i, s := range a.spans(units) {
		a.bar(at, p, &c.Bars[i], px(s.left), px(s.right), y)
	}
	if c.Reserve > 0 {
		for x := 0; x < end; x += 8 {
			at.fill(x, x+4, y(c.Reserve), 0, p.tone[view.Working])
		}
	}
	at.fill(0, end, h-1, h, p.border)
	return a.buf
}

// bar paints one bar between two columns of pixels; neighbours are parted by a
// line of the ground.
func (a *Auction) bar(at paint, p *palette, b *view.AuctionBar, left, right int, y func(float64) int) {
	if right > left+2 {
		right--
	}
	right = max(right, left+1)
	switch b.Kind {
	case view.Paying:
		at.fill(left, right, y(b.Bid), at.h, p.bar[a.chart.Tone])
		at.fill(left, right, y(b.Price), at.h, mix(p.bar[a.chart.Tone], p.tone[a.chart.Tone], 110))
		at.fill(left, right, y(b.Price), y(b.Price)+2, p.tone[a.chart.Tone])
	case view.ForFree:
		at.fill(left, right, y(auctionCalm), at.h, p.bar[view.Resting])
	case view.Elsewhere:
		at.hatch(left, right, y(auctionCalm), p.border)
	case view.Waiting:
		at.frame(left, right, y(max(b.Bid, 0.04)), at.h, p.dim)
	}
}

// paint is a picture being painted; what is outside is left out.
type paint struct {
	*image.NRGBA
	w, h int
}

// fill paints a rectangle; a bottom that is not below the top is one line.
func (m paint) fill(x0, x1, y0, y1 int, c color.NRGBA) {
	if y1 <= y0 {
		y0 = max(0, min(y0, m.h-1))
		y1 = y0 + 1
	}
	for y := max(0, y0); y < min(y1, m.h); y++ {
		for x := max(0, x0); x < min(x1, m.w); x++ {
			m.SetNRGBA(x, y, c)
		}
	}
}

// hatch paints thin slanted lines down to the bottom.
func (m paint) hatch(x0, x1, y0 int, c color.NRGBA) {
	for y := max(0, y0); y < m.h; y++ {
		for x := max(0, x0); x < min(x1, m.w); x++ {
			if (x+y)%5 == 0 {
				m.SetNRGBA(x, y, c)
			}
		}
	}
}

// frame paints the edge of a rectangle.
func (m paint) frame(x0, x1, y0, y1 int, c color.NRGBA) {
	m.fill(x0, x1, y0, y0+1, c)
	m.fill(x0, x1, y1-1, y1, c)
	m.fill(x0, x0+1, y0, y1, c)
	m.fill(x1-1, x1, y0, y1, c)
}
