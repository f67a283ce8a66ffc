package widgets

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
	"github.com/skip2/go-qrcode"
)

// QR shows a text as a QR code (ISO/IEC 18004, error correction M), black on
// white in every theme, as cameras expect it. Its modules are whole pixels of the
// screen at every scale.
type QR struct {
	widget.BaseWidget

	text    string
	modules [][]bool // with the quiet zone around them
	side    float32
	raster  *canvas.Raster
}

// NewQR makes an empty code of a side length.
func NewQR(side float32) *QR {
	q := &QR{side: side}
	q.ExtendBaseWidget(q)
	return q
}

// SetText shows another text; what does not fit into a code, or "", is blank.
func (q *QR) SetText(s string) {
	if s == q.text {
		return
	}
	q.text, q.modules = s, nil
	if code, err := qrcode.New(s, qrcode.Medium); err == nil && s != "" {
		q.modules = code.Bitmap()
	}
	q.Refresh()
}

// Text returns the text shown.
func (q *QR) Text() string { return q.text }

// CreateRenderer implements fyne.Widget.
func (q *QR) CreateRenderer() fyne.WidgetRenderer {
	q.raster = canvas.NewRaster(q.draw)
	return &qrRenderer{q}
}

// draw makes the picture for a number of pixels.
func (q *QR) draw(w, h int) image.Image {
	m := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.White, color.Black, color.Transparent})
	n := len(q.modules)
	if n == 0 {
		for i := range m.Pix {
			m.Pix[i] = 2
		}
		return m
	}
	size := min(w, h) / n
	if size == 0 {
		return m
	}
	left, top := (w-size*n)/2, (h-size*n)/2
	for y, row := range q.modules {
		for x, black := range row {
			if !black {
				continue
			}
			for py := top + y*size; py < top+(y+1)*size; py++ {
				for px := left + x*size; px < left+(x+1)*size; px++ {
					m.SetColorIndex(px, py, 1)
				}
			}
		}
	}
	return m
}

type qrRenderer struct{ q *QR }

func (r *qrRenderer) Destroy()                     {}
func (r *qrRenderer) Layout(s fyne.Size)           { r.q.raster.Resize(s) }
func (r *qrRenderer) MinSize() fyne.Size           { return fyne.NewSize(r.q.side, r.q.side) }
func (r *qrRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.q.raster} }
func (r *qrRenderer) Refresh()                     { r.q.raster.Refresh() }
