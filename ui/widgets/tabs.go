package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Tab is one entry of a TabBar.
type Tab struct {
	ID, Title, Icon string
}

// TabBar is a row of tabs, an icon and a title each. The chosen one stands out
// by its ground and a line in the accent colour. It takes the keyboard: Left and
// Right choose.
type TabBar struct {
	widget.BaseWidget

	OnChoose func(id string)
	Plain    bool // a choice within a page: no ground of its own

	tabs    []Tab
	chosen  int
	hover   int
	focused bool
	ground  *canvas.Rectangle
	line    *canvas.Rectangle
	card    *canvas.Rectangle
	accent  *canvas.Rectangle
	marks   []tabMark
	fit     fitter
}

type tabMark struct {
	text *canvas.Text
	icon *canvas.Image
	x, w float32
}

const (
	tabHeight = float32(25)
	tabPad    = float32(9)
)

// NewTabBar makes a bar; the first tab is chosen.
func NewTabBar(tabs []Tab) *TabBar {
	b := &TabBar{tabs: tabs, hover: -1}
	b.ExtendBaseWidget(b)
	return b
}

// Tabs returns the tabs in their order.
func (b *TabBar) Tabs() []Tab { return b.tabs }

// Chosen returns the ID of the chosen tab.
func (b *TabBar) Chosen() string { return b.tabs[b.chosen].ID }

// Choose chooses a tab by its ID and calls OnChoose; an unknown ID is ignored.
func (b *TabBar) Choose(id string) {
	for i, t := range b.tabs {
		if t.ID != id {
			continue
		}
		b.chosen = i
		b.place(b.Size())
		canvas.Refresh(b)
		if b.OnChoose != nil {
			b.OnChoose(id)
		}
	}
}

// SetTabs replaces the titles; the chosen place stays.
func (b *TabBar) SetTabs(tabs []Tab) {
	b.tabs = tabs
	b.chosen = min(b.chosen, len(tabs)-1)
	b.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (b *TabBar) CreateRenderer() fyne.WidgetRenderer {
	b.rebuild()
	b.place(fyne.NewSize(0, tabHeight))
	return &tabRenderer{b}
}

type tabRenderer struct{ b *TabBar }

func (r *tabRenderer) Destroy()           {}
func (r *tabRenderer) Layout(s fyne.Size) { r.b.place(s) }
func (r *tabRenderer) MinSize() fyne.Size {
	if !r.b.Plain {
		return fyne.NewSize(80, tabHeight)
	}
	w := float32(8)
	for _, m := range r.b.marks {
		w += m.w + 1
	}
	return fyne.NewSize(w, tabHeight-4)
}

func (r *tabRenderer) Refresh() {
	r.b.rebuild()
	r.b.place(r.b.Size())
	canvas.Refresh(r.b)
}

func (r *tabRenderer) Objects() []fyne.CanvasObject {
	objs := []fyne.CanvasObject{r.b.ground, r.b.line, r.b.card, r.b.accent}
	for _, m := range r.b.marks {
		objs = append(objs, m.text)
		if m.icon != nil {
			objs = append(objs, m.icon)
		}
	}
	return objs
}

func (b *TabBar) rebuild() {
	p := colorsOf()
	b.fit.style(TextSize, false)
	b.ground, b.line = canvas.NewRectangle(p.panel), canvas.NewRectangle(p.line)
	b.card, b.accent = canvas.NewRectangle(p.paper), canvas.NewRectangle(p.accent)
	b.marks = b.marks[:0]
	for _, t := range b.tabs {
		m := tabMark{text: canvas.NewText(t.Title, p.text)}
		m.text.TextSize = TextSize
		if t.Icon != "" {
			m.icon = newIcon(t.Icon, p.dim, iconSize)
		}
		b.marks = append(b.marks, m)
	}
}

func (b *TabBar) place(s fyne.Size) {
	if b.ground == nil {
		return
	}
	p := colorsOf()
	b.ground.Hidden, b.line.Hidden = b.Plain, b.Plain
	b.ground.Resize(s)
	b.line.Move(fyne.NewPos(0, s.Height-1))
	b.line.Resize(fyne.NewSize(s.Width, 1))
	x := float32(4)
	for i := range b.marks {
		m := &b.marks[i]
		m.x = x
		m.w = b.fit.width(m.text.Text) + 2*tabPad
		at := x + tabPad
		if m.icon != nil {
			m.icon.Move(fyne.NewPos(at, (s.Height-iconSize)/2))
			m.w += iconSize + iconGap
			at += iconSize + iconGap
		}
		m.text.Move(fyne.NewPos(at, 0))
		m.text.Resize(fyne.NewSize(m.w, s.Height-1))
		m.text.Color = p.dim
		if i == b.hover {
			m.text.Color = p.text
		}
		if i == b.chosen {
			m.text.Color = p.text
			b.card.Move(fyne.NewPos(x, 2))
			b.card.Resize(fyne.NewSize(m.w, s.Height-2))
			b.accent.Move(fyne.NewPos(x, 1))
			b.accent.Resize(fyne.NewSize(m.w, 2))
		}
		x += m.w + 1
	}
}

func (b *TabBar) at(p fyne.Position) int {
	for i, m := range b.marks {
		if p.X >= m.x && p.X < m.x+m.w {
			return i
		}
	}
	return -1
}

// Tapped implements fyne.Tappable.
func (b *TabBar) Tapped(e *fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(b); c != nil {
		c.Focus(b)
	}
	if i := b.at(e.Position); i >= 0 {
		b.Choose(b.tabs[i].ID)
	}
}

// MouseIn implements desktop.Hoverable.
func (b *TabBar) MouseIn(e *desktop.MouseEvent) { b.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (b *TabBar) MouseMoved(e *desktop.MouseEvent) {
	if i := b.at(e.Position); i != b.hover {
		b.hover = i
		b.place(b.Size())
		canvas.Refresh(b)
	}
}

// MouseOut implements desktop.Hoverable.
func (b *TabBar) MouseOut() {
	b.hover = -1
	b.place(b.Size())
	canvas.Refresh(b)
}

// FocusGained implements fyne.Focusable.
func (b *TabBar) FocusGained() { b.focused = true }

// FocusLost implements fyne.Focusable.
func (b *TabBar) FocusLost() { b.focused = false }

// TypedRune implements fyne.Focusable.
func (b *TabBar) TypedRune(rune) {}

// TypedShortcut implements fyne.Shortcutable.
func (b *TabBar) TypedShortcut(s fyne.Shortcut) { PassShortcut(b, s) }

// TypedKey implements fyne.Focusable.
func (b *TabBar) TypedKey(e *fyne.KeyEvent) {
	n := len(b.tabs)
	switch e.Name {
	case fyne.KeyRight:
		b.Choose(b.tabs[(b.chosen+1)%n].ID)
	case fyne.KeyLeft:
		b.Choose(b.tabs[(b.chosen+n-1)%n].ID)
	default:
	}
}
