package widgets

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
)

// Strip is a bar that stands for a whole torrent, first piece left: which pieces
// are here, or how many peers have them.
type Strip struct {
	widget.BaseWidget

	marks  []view.Mark
	raster *canvas.Raster
	buf    *image.NRGBA
}

// NewStrip makes an empty bar.
func NewStrip() *Strip {
	s := &Strip{}
	s.raster = canvas.NewRaster(func(w, h int) image.Image { return s.draw(w, h) })
	s.ExtendBaseWidget(s)
	return s
}

// SetMarks shows other pieces; nil is an empty bar.
func (s *Strip) SetMarks(m []view.Mark) {
	s.marks = m
	s.raster.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (s *Strip) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.raster) }

// MinSize implements fyne.CanvasObject.
func (s *Strip) MinSize() fyne.Size { return fyne.NewSize(60, 14) }

// draw scales the pieces to pixels: a pixel has the mean of its pieces.
func (s *Strip) draw(w, h int) image.Image {
	if s.buf == nil || s.buf.Rect.Dx() != w || s.buf.Rect.Dy() != h {
		s.buf = image.NewNRGBA(image.Rect(0, 0, w, h))
	}
	p := colorsOf()
	for x := range w {
		c := p.trough
		if n := len(s.marks); n > 0 {
			a := x * n / w
			c = blend(p, s.marks[a:max(a+1, (x+1)*n/w)])
		}
		if x == 0 || x == w-1 {
			c = p.border
		}
		for y := range h {
			if y == 0 || y == h-1 {
				s.buf.SetNRGBA(x, y, p.border)
			} else {
				s.buf.SetNRGBA(x, y, c)
			}
		}
	}
	return s.buf
}

// blend mixes the colours of marks.
func blend(p *palette, ms []view.Mark) color.NRGBA {
	var r, g, b, n int
	for _, m := range ms {
		c := markColor(p, m)
		r, g, b, n = r+int(c.R), g+int(c.G), b+int(c.B), n+1
	}
	return color.NRGBA{uint8(r / n), uint8(g / n), uint8(b / n), 0xff}
}

// markColor is between the empty trough and the tone, by the weight of a mark.
func markColor(p *palette, m view.Mark) color.NRGBA {
	return mix(p.trough, p.tone[m.Tone], int(m.Weight))
}

// mix is a at weight 0 and b at 255.
func mix(a, b color.NRGBA, weight int) color.NRGBA {
	f := func(x, y uint8) uint8 { return uint8((int(x)*(255-weight) + int(y)*weight) / 255) }
	return color.NRGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), 0xff}
}

// Board draws every piece as a small square, in rows, as on the Pieces tab.
type Board struct {
	widget.BaseWidget

	marks  []view.Mark
	raster *canvas.Raster
	buf    *image.NRGBA
}

// NewBoard makes an empty board.
func NewBoard() *Board {
	b := &Board{}
	b.raster = canvas.NewRaster(func(w, h int) image.Image { return b.draw(w, h) })
	b.ExtendBaseWidget(b)
	return b
}

// SetMarks shows other pieces.
func (b *Board) SetMarks(m []view.Mark) {
	b.marks = m
	b.raster.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (b *Board) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(b.raster) }

// MinSize implements fyne.CanvasObject.
func (b *Board) MinSize() fyne.Size { return fyne.NewSize(80, 40) }

// Side returns the side of a square in pixels for n pieces in w by h pixels, and
// how many pieces share a square when there is no room for one each.
func Side(n, w, h int) (side, share int) {
	for side = 14; side > 3; side-- {
		if (w/side)*(h/side) >= n {
			return side, 1
		}
	}
	room := max(1, (w/side)*(h/side))
	return side, (n + room - 1) / room
}

func (b *Board) draw(w, h int) image.Image {
	if b.buf == nil || b.buf.Rect.Dx() != w || b.buf.Rect.Dy() != h {
		b.buf = image.NewNRGBA(image.Rect(0, 0, w, h))
	}
	p := colorsOf()
	for y := range h {
		for x := range w {
			b.buf.SetNRGBA(x, y, p.paper)
		}
	}
	if len(b.marks) == 0 || w < 4 || h < 4 {
		return b.buf
	}
	side, share := Side(len(b.marks), w, h)
	perRow := max(1, w/side)
	for i := 0; i < len(b.marks); i += share {
		c := blend(p, b.marks[i:min(i+share, len(b.marks))])
		k := i / share
		x0, y0 := k%perRow*side, k/perRow*side
		for y := y0; y < y0+side-1 && y < h; y++ {
			for x := x0; x < x0+side-1 && x < w; x++ {
				b.buf.SetNRGBA(x, y, c)
			}
		}
	}
	return b.buf
}
