package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
)

// Field is one part of a status bar: an icon, a text, and what a click of either
// button opens.
type Field struct {
	widget.BaseWidget

	OnTap func(at fyne.Position) // nil = the field is only read

	icon   string
	tone   view.Tone
	text   string
	over   bool
	ground *canvas.Rectangle
	line   *canvas.Rectangle
	image  *canvas.Image
	label  *canvas.Text
	fit    fitter
	widest float32 // so that neighbours do not move with every digit
}

const fieldHeight = float32(22)

// NewField makes an empty field.
func NewField(tap func(at fyne.Position)) *Field {
	f := &Field{OnTap: tap}
	f.ExtendBaseWidget(f)
	return f
}

// Set shows another text; icon may be "".
func (f *Field) Set(icon string, tone view.Tone, text string) {
	if f.icon == icon && f.tone == tone && f.text == text {
		return
	}
	f.icon, f.tone, f.text = icon, tone, text
	f.Refresh()
}

// Text returns what the field shows.
func (f *Field) Text() string { return f.text }

// CreateRenderer implements fyne.Widget.
func (f *Field) CreateRenderer() fyne.WidgetRenderer {
	p := colorsOf()
	f.ground, f.line = canvas.NewRectangle(p.hover), canvas.NewRectangle(p.line)
	f.label = canvas.NewText(f.text, p.text)
	f.label.TextSize = TextSize
	f.image = newIcon("port", p.dim, iconSize)
	r := &fieldRenderer{f}
	r.paint()
	return r
}

type fieldRenderer struct{ f *Field }

func (r *fieldRenderer) Destroy() {}
func (r *fieldRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.f.ground, r.f.line, r.f.image, r.f.label}
}

func (r *fieldRenderer) MinSize() fyne.Size {
	f := r.f
	f.fit.style(TextSize, false)
	w := f.fit.width(f.text) + 20
	if f.icon != "" {
		w += iconSize + iconGap
	}
	if w > f.widest || w < f.widest-40 {
		f.widest = w
	}
	return fyne.NewSize(f.widest, fieldHeight)
}

func (r *fieldRenderer) Layout(s fyne.Size) {
	f := r.f
	f.ground.Resize(s)
	f.line.Resize(fyne.NewSize(1, s.Height-8))
	f.line.Move(fyne.NewPos(0, 4))
	x := float32(10)
	if f.icon != "" {
		f.image.Resize(fyne.NewSize(iconSize, iconSize))
		f.image.Move(fyne.NewPos(x, (s.Height-iconSize)/2))
		x += iconSize + iconGap
	}
	f.label.Move(fyne.NewPos(x, 0))
	f.label.Resize(fyne.NewSize(max(0, s.Width-x), s.Height))
}

func (r *fieldRenderer) paint() {
	f, p := r.f, colorsOf()
	f.ground.FillColor, f.line.FillColor = p.hover, p.line
	f.ground.Hidden = !f.over || f.OnTap == nil
	f.label.Text, f.label.Color = f.text, p.text
	f.image.Hidden = f.icon == ""
	if f.icon != "" {
		f.image.Resource = Icon(f.icon, p.tone[f.tone])
		f.image.Refresh()
	}
}

func (r *fieldRenderer) Refresh() {
	r.paint()
	r.Layout(r.f.Size())
	canvas.Refresh(r.f)
}

// Tapped implements fyne.Tappable.
func (f *Field) Tapped(e *fyne.PointEvent) {
	if f.OnTap != nil {
		f.OnTap(e.AbsolutePosition)
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (f *Field) TappedSecondary(e *fyne.PointEvent) { f.Tapped(e) }

// MouseIn implements desktop.Hoverable.
func (f *Field) MouseIn(*desktop.MouseEvent) {
	f.over = true
	f.Refresh()
}

// MouseMoved implements desktop.Hoverable.
func (f *Field) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (f *Field) MouseOut() {
	f.over = false
	f.Refresh()
}
