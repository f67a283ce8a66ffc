package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// MenuBar is a row of menus below the title of a window. A click opens a menu,
// moving over another title changes to it, Left and Right too. It is our own so
// that it is dense, looks the same in a picture and can be filled anew when the
// language changes.
type MenuBar struct {
	widget.BaseWidget

	Menus func() []*fyne.Menu // asked each time, so that items can be dimmed and ticked

	titles []string
	canvas fyne.Canvas
	open   int // index of the open menu, -1 = none
	hover  int
	popup  *menuLayer
	texts  []*canvas.Text
	ground *canvas.Rectangle
	mark   *canvas.Rectangle
	fit    fitter
}

const (
	menuPad    = float32(8)
	menuHeight = float32(23)
)

// NewMenuBar makes a bar for a window with this canvas.
func NewMenuBar(c fyne.Canvas, menus func() []*fyne.Menu) *MenuBar {
	m := &MenuBar{Menus: menus, canvas: c, open: -1, hover: -1}
	m.ExtendBaseWidget(m)
	return m
}

// CreateRenderer implements fyne.Widget.
func (m *MenuBar) CreateRenderer() fyne.WidgetRenderer {
	m.rebuild()
	return &menuBarRenderer{m}
}

type menuBarRenderer struct{ m *MenuBar }

func (r *menuBarRenderer) Destroy()           {}
func (r *menuBarRenderer) Layout(s fyne.Size) { r.m.place(s) }
func (r *menuBarRenderer) MinSize() fyne.Size { return fyne.NewSize(60, menuHeight) }
func (r *menuBarRenderer) Refresh() {
	r.m.rebuild()
	r.m.place(r.m.Size())
	canvas.Refresh(r.m)
}

func (r *menuBarRenderer) Objects() []fyne.CanvasObject {
	objs := []fyne.CanvasObject{r.m.ground, r.m.mark}
	for _, t := range r.m.texts {
		objs = append(objs, t)
	}
	return objs
}

func (m *MenuBar) rebuild() {
	p := colorsOf()
	m.fit.style(TextSize, false)
	m.ground, m.mark = canvas.NewRectangle(p.panel), canvas.NewRectangle(p.hover)
	m.mark.CornerRadius = 3
	m.titles, m.texts = nil, nil
	for _, menu := range m.Menus() {
		t := canvas.NewText(menu.Label, p.text)
		t.TextSize = TextSize
		m.titles, m.texts = append(m.titles, menu.Label), append(m.texts, t)
	}
}

func (m *MenuBar) place(s fyne.Size) {
	m.ground.Resize(s)
	m.mark.Hidden = true
	x := float32(2)
	for i, t := range m.texts {
		w := m.fit.width(m.titles[i]) + 2*menuPad
		t.Move(fyne.NewPos(x+menuPad, 0))
		t.Resize(fyne.NewSize(w-2*menuPad, s.Height))
		if i == m.open || m.open < 0 && i == m.hover {
			m.mark.Hidden = false
			m.mark.Move(fyne.NewPos(x, 2))
			m.mark.Resize(fyne.NewSize(w, s.Height-4))
		}
		x += w
	}
}

// at returns the menu at a place within the bar, -1 for none.
func (m *MenuBar) at(p fyne.Position) int {
	x := float32(2)
	if p.Y < 0 || p.Y >= m.Size().Height {
		return -1
	}
	for i := range m.titles {
		w := m.fit.width(m.titles[i]) + 2*menuPad
		if p.X >= x && p.X < x+w {
			return i
		}
		x += w
	}
	return -1
}

// Tapped implements fyne.Tappable.
func (m *MenuBar) Tapped(e *fyne.PointEvent) {
	if i := m.at(e.Position); i >= 0 {
		m.Open(i)
	}
}

// MouseIn implements desktop.Hoverable.
func (m *MenuBar) MouseIn(e *desktop.MouseEvent) { m.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (m *MenuBar) MouseMoved(e *desktop.MouseEvent) {
	if i := m.at(e.Position); i != m.hover {
		m.hover = i
		m.place(m.Size())
		canvas.Refresh(m.mark)
	}
}

// MouseOut implements desktop.Hoverable.
func (m *MenuBar) MouseOut() {
	m.hover = -1
	m.place(m.Size())
	canvas.Refresh(m.mark)
}

// Open shows a menu by its number; -1 closes the open one.
func (m *MenuBar) Open(i int) {
	if m.popup != nil {
		m.canvas.Overlays().Remove(m.popup)
		m.popup = nil
	}
	m.open = i
	m.place(m.Size())
	canvas.Refresh(m.mark)
	menus := m.Menus()
	if i < 0 || i >= len(menus) {
		m.open = -1
		return
	}
	x := float32(2)
	for k := range i {
		x += m.fit.width(m.titles[k]) + 2*menuPad
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(m)
	m.popup = newMenuLayer(m, menus[i], at.Add(fyne.NewPos(x, m.Size().Height)))
	m.canvas.Overlays().Add(m.popup)
	m.popup.Resize(m.canvas.Size())
	m.canvas.Focus(m.popup)
}

// menuLayer covers the window while a menu is open: it closes the menu at a
// click elsewhere and follows the pointer along the bar.
type menuLayer struct {
	widget.BaseWidget
	bar  *MenuBar
	menu *widget.Menu
	at   fyne.Position
}

func newMenuLayer(b *MenuBar, menu *fyne.Menu, at fyne.Position) *menuLayer {
	l := &menuLayer{bar: b, menu: widget.NewMenu(menu), at: at}
	l.menu.OnDismiss = func() { b.Open(-1) }
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer implements fyne.Widget.
func (l *menuLayer) CreateRenderer() fyne.WidgetRenderer { return &menuLayerRenderer{l} }

type menuLayerRenderer struct{ l *menuLayer }

func (r *menuLayerRenderer) Destroy()                     {}
func (r *menuLayerRenderer) MinSize() fyne.Size           { return r.l.menu.MinSize() }
func (r *menuLayerRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.l.menu} }
func (r *menuLayerRenderer) Refresh()                     { r.l.menu.Refresh() }
func (r *menuLayerRenderer) Layout(fyne.Size) {
	r.l.menu.Move(r.l.at)
	r.l.menu.Resize(r.l.menu.MinSize())
}

// Tapped implements fyne.Tappable: a click beside the menu closes it, one on
// another title opens that.
func (l *menuLayer) Tapped(e *fyne.PointEvent) {
	i := l.bar.at(l.inBar(e.AbsolutePosition))
	if i == l.bar.open {
		i = -1
	}
	l.bar.Open(i)
}

// TappedSecondary implements fyne.SecondaryTappable.
func (l *menuLayer) TappedSecondary(*fyne.PointEvent) { l.bar.Open(-1) }

func (l *menuLayer) inBar(p fyne.Position) fyne.Position {
	return p.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(l.bar))
}

// MouseIn implements desktop.Hoverable.
func (l *menuLayer) MouseIn(e *desktop.MouseEvent) { l.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (l *menuLayer) MouseMoved(e *desktop.MouseEvent) {
	if i := l.bar.at(l.inBar(e.AbsolutePosition)); i >= 0 && i != l.bar.open {
		l.bar.Open(i)
	}
}

// MouseOut implements desktop.Hoverable.
func (l *menuLayer) MouseOut() {}

// FocusGained implements fyne.Focusable.
func (l *menuLayer) FocusGained() {}

// FocusLost implements fyne.Focusable.
func (l *menuLayer) FocusLost() {}

// TypedRune implements fyne.Focusable.
func (l *menuLayer) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (l *menuLayer) TypedKey(e *fyne.KeyEvent) {
	n := len(l.bar.titles)
	switch e.Name {
	case fyne.KeyDown:
		l.menu.ActivateNext()
	case fyne.KeyUp:
		l.menu.ActivatePrevious()
	case fyne.KeyRight:
		if !l.menu.ActivateLastSubmenu() {
			l.bar.Open((l.bar.open + 1) % n)
		}
	case fyne.KeyLeft:
		if !l.menu.DeactivateLastSubmenu() {
			l.bar.Open((l.bar.open + n - 1) % n)
		}
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		l.menu.TriggerLast()
	case fyne.KeyEscape:
		l.bar.Open(-1)
	default:
	}
}
