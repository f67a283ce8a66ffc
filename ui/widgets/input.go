package widgets

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"swarmbid/ui/view"
)

func (b *body[K]) row(p fyne.Position) int {
	if p.Y < 0 {
		return -1
	}
	return int(p.Y / b.t.RowHeight)
}

// hit says whether a click falls on the triangle or the box of a cell.
func (b *body[K]) hit(row int, p fyne.Position) (fold view.Fold, tick bool) {
	if row < 0 || row >= b.t.model.Len() {
		return view.NoFold, false
	}
	for _, c := range b.cols {
		if c.index < 0 || p.X < c.x || p.X >= c.x+c.col.Width {
			continue
		}
		var cell view.Cell
		b.t.model.Cell(row, c.index, &cell)
		x := c.x + cellPad + float32(cell.Indent)*step
		if cell.Fold != view.NoFold {
			if p.X >= x-2 && p.X < x+iconSize+2 {
				return cell.Fold, false
			}
			x += iconSize + iconGap
		}
		return view.NoFold, cell.Tick != view.NoTick && p.X >= x-2 && p.X < x+iconSize+2
	}
	return view.NoFold, false
}

// MouseDown selects at once; a tap would wait for a second click.
func (b *body[K]) MouseDown(e *desktop.MouseEvent) {
	t := b.t
	if c := fyne.CurrentApp().Driver().CanvasForObject(b); c != nil {
		c.Focus(b)
	}
	row := b.row(e.Position)
	if e.Button == desktop.MouseButtonSecondary && row < t.model.Len() && t.Selected(t.model.Key(row)) {
		t.cursor, t.hasCur = t.model.Key(row), true
		t.changed()
		return // a right click inside the selection keeps it
	}
	if e.Button == desktop.MouseButtonPrimary {
		switch fold, tick := b.hit(row, e.Position); {
		case fold != view.NoFold && t.OnFold != nil:
			t.OnFold(row, fold == view.Closed)
			return
		case tick && t.OnTick != nil:
			t.click(row, 0)
			t.OnTick(row)
			return
		}
	}
	t.click(row, e.Modifier)
}

// MouseUp implements desktop.Mouseable.
func (b *body[K]) MouseUp(*desktop.MouseEvent) {}

// DoubleTapped implements fyne.DoubleTappable.
func (b *body[K]) DoubleTapped(e *fyne.PointEvent) {
	row := b.row(e.Position)
	if row < 0 || row >= b.t.model.Len() || b.t.OnActivate == nil {
		return
	}
	if fold, tick := b.hit(row, e.Position); fold == view.NoFold && !tick {
		b.t.OnActivate(row)
	}
}

// TappedSecondary implements fyne.SecondaryTappable. The menu opens when the click
// is over: Fyne 2.8 takes an overlay that a click opens over a dialog for the end of
// the dialog, and clicks again, which closes the menu.
func (b *body[K]) TappedSecondary(e *fyne.PointEvent) {
	if b.t.OnMenu != nil {
		fyne.Do(func() { b.t.OnMenu(e.AbsolutePosition) })
	}
}

// FocusGained implements fyne.Focusable.
func (b *body[K]) FocusGained() {
	b.t.focused = true
	b.update()
	b.t.dirty.Refresh()
}

// FocusLost implements fyne.Focusable.
func (b *body[K]) FocusLost() {
	b.t.focused = false
	b.update()
	b.t.dirty.Refresh()
}

// TypedRune goes to the next row that starts with a letter.
func (b *body[K]) TypedRune(r rune) {
	t := b.t
	n := t.model.Len()
	if n == 0 || r == ' ' {
		return
	}
	col := -1
	for _, c := range b.cols {
		if c.col.Align == view.Left && !c.col.Bar {
			col = c.index
			break
		}
	}
	if col < 0 {
		return
	}
	start := t.CursorRow()
	var cell view.Cell
	for k := 1; k <= n; k++ {
		row := (start + k + n) % n
		t.model.Cell(row, col, &cell)
		if strings.IndexFunc(cell.Text, func(x rune) bool { return unicode.ToLower(x) == unicode.ToLower(r) }) == 0 {
			t.moveTo(row, 0)
			return
		}
	}
}

// modifiers returns the keys held down; a key event has none of its own.
func modifiers() fyne.KeyModifier {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		return d.CurrentKeyModifiers()
	}
	return 0
}

// TypedKey implements fyne.Focusable.
func (b *body[K]) TypedKey(e *fyne.KeyEvent) {
	t := b.t
	if t.OnKey != nil && t.OnKey(e) {
		return
	}
	m, cur := modifiers(), t.CursorRow()
	page := max(1, int(t.scroll.Size().Height/t.RowHeight)-1)
	switch e.Name {
	case fyne.KeyUp:
		t.moveTo(cur-1, m)
	case fyne.KeyDown:
		t.moveTo(cur+1, m)
	case fyne.KeyPageUp:
		t.moveTo(cur-page, m)
	case fyne.KeyPageDown:
		t.moveTo(cur+page, m)
	case fyne.KeyHome:
		t.moveTo(0, m)
	case fyne.KeyEnd:
		t.moveTo(t.model.Len()-1, m)
	case fyne.KeyLeft, fyne.KeyRight:
		if t.OnFold != nil && cur >= 0 {
			t.OnFold(cur, e.Name == fyne.KeyRight)
		}
	case fyne.KeySpace:
		b.space(cur)
	case fyne.KeyReturn, fyne.KeyEnter:
		if t.OnActivate != nil && cur >= 0 {
			t.OnActivate(cur)
		}
	case fyne.KeyDelete:
		if t.OnDelete != nil {
			t.OnDelete(m&fyne.KeyModifierShift != 0)
		}
	case desktop.KeyMenu:
		b.menuKey(cur)
	default:
	}
}

// space ticks the box of the row, or adds it to the selection or takes it out.
func (b *body[K]) space(cur int) {
	switch {
	case cur < 0:
	case b.t.OnTick != nil:
		b.t.OnTick(cur)
	default:
		b.t.click(cur, fyne.KeyModifierShortcutDefault)
	}
}

func (b *body[K]) menuKey(cur int) {
	if b.t.OnMenu == nil {
		return
	}
	p := fyne.CurrentApp().Driver().AbsolutePositionForObject(b)
	b.t.OnMenu(p.Add(fyne.NewPos(30, float32(cur+1)*b.t.RowHeight)))
}

// TypedShortcut implements fyne.Shortcutable. What is not the table's own goes
// to the window, which would not see it otherwise.
func (b *body[K]) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutSelectAll:
		b.t.SelectAll()
		return
	case *fyne.ShortcutCut:
		if s.Secondary { // Fyne reports Shift+Del as «cut»
			if b.t.OnDelete != nil {
				b.t.OnDelete(true)
			}
			return
		}
	case *desktop.CustomShortcut:
		if s.Modifier == fyne.KeyModifierControl && (s.KeyName == fyne.KeyUp || s.KeyName == fyne.KeyDown || s.KeyName == fyne.KeySpace) {
			b.ctrlKey(s.KeyName)
			return
		}
	}
	if b.t.OnShortcut != nil && b.t.OnShortcut(s) {
		return
	}
	PassShortcut(b, s)
}

// ctrlKey moves the cursor without the selection, and selects with Ctrl+Space.
func (b *body[K]) ctrlKey(k fyne.KeyName) {
	cur := b.t.CursorRow()
	switch k {
	case fyne.KeyUp:
		b.t.moveTo(cur-1, fyne.KeyModifierShortcutDefault)
	case fyne.KeyDown:
		b.t.moveTo(cur+1, fyne.KeyModifierShortcutDefault)
	default:
		b.t.click(cur, fyne.KeyModifierShortcutDefault)
	}
}

// PassShortcut hands a shortcut that a focused object does not know to its
// window. Fyne itself gives it to the focused object alone.
func PassShortcut(o fyne.CanvasObject, s fyne.Shortcut) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil {
		if h, ok := c.(fyne.Shortcutable); ok {
			h.TypedShortcut(s)
		}
	}
}
