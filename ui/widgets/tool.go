package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	ttwidget "github.com/dweymouth/fyne-tooltip/widget"
)

// Tool is a button of a toolbar: an icon with a tip, nothing else.
type Tool struct {
	ttwidget.ToolTipWidget

	OnTap func()

	icon     string
	accent   bool // in the accent colour instead of that of text
	disabled bool
	over     bool
	ground   *canvas.Rectangle
	image    *canvas.Image
}

const (
	toolSize = float32(26)
	toolIcon = float32(16)
)

// NewTool makes a button with a drawing of package assets. accent sets it apart
// from the others.
func NewTool(icon string, accent bool, tip string, tap func()) *Tool {
	t := &Tool{OnTap: tap, icon: icon, accent: accent}
	t.ExtendBaseWidget(t)
	t.SetToolTip(tip)
	return t
}

// SetEnabled dims the button or not.
func (t *Tool) SetEnabled(on bool) {
	if t.disabled == !on {
		return
	}
	t.disabled = !on
	t.Refresh()
}

// SetAccent sets the button apart from the others or not, as one that is on.
func (t *Tool) SetAccent(on bool) {
	if t.accent != on {
		t.accent = on
		t.Refresh()
	}
}

// Accent reports whether the button is set apart.
func (t *Tool) Accent() bool { return t.accent }

// Enabled reports whether a tap does something.
func (t *Tool) Enabled() bool { return !t.disabled }

// CreateRenderer implements fyne.Widget.
func (t *Tool) CreateRenderer() fyne.WidgetRenderer {
	t.ground = canvas.NewRectangle(colorsOf().hover)
	t.ground.CornerRadius = 3
	t.ground.Hidden = true
	t.image = newIcon(t.icon, t.ink(), toolIcon)
	return &toolRenderer{t}
}

// ink is the colour of the icon.
func (t *Tool) ink() (c color.NRGBA) {
	p := colorsOf()
	switch {
	case t.disabled:
		c = p.placeholder
	case t.accent:
		c = p.accent
	default:
		c = p.text
	}
	return c
}

type toolRenderer struct{ t *Tool }

func (r *toolRenderer) Destroy()           {}
func (r *toolRenderer) MinSize() fyne.Size { return fyne.NewSize(toolSize, toolSize) }
func (r *toolRenderer) Layout(s fyne.Size) {
	r.t.ground.Resize(s)
	r.t.image.Resize(fyne.NewSize(toolIcon, toolIcon))
	r.t.image.Move(fyne.NewPos((s.Width-toolIcon)/2, (s.Height-toolIcon)/2))
}

func (r *toolRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.t.ground, r.t.image}
}

func (r *toolRenderer) Refresh() {
	t := r.t
	t.ground.FillColor = colorsOf().hover
	t.ground.Hidden = !t.over || t.disabled
	t.image.Resource = Icon(t.icon, t.ink())
	t.image.Translucency = 0
	if t.disabled {
		t.image.Translucency = 0.45
	}
	t.image.Refresh()
	canvas.Refresh(t)
}

// Tapped implements fyne.Tappable.
func (t *Tool) Tapped(*fyne.PointEvent) {
	if !t.disabled && t.OnTap != nil {
		t.OnTap()
	}
}

// MouseIn implements desktop.Hoverable.
func (t *Tool) MouseIn(e *desktop.MouseEvent) {
	t.over = true
	t.Refresh()
	t.ToolTipWidget.MouseIn(e)
}

// MouseOut implements desktop.Hoverable.
func (t *Tool) MouseOut() {
	t.over = false
	t.Refresh()
	t.ToolTipWidget.MouseOut()
}

// MouseMoved implements desktop.Hoverable.
func (t *Tool) MouseMoved(e *desktop.MouseEvent) { t.ToolTipWidget.MouseMoved(e) }
