package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

func newWeek(t *testing.T) *Week {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(&Theme{Mode: Light})
	w := NewWeek([]string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"})
	win := test.NewTempWindow(t, w)
	win.SetPadded(false)
	win.Resize(w.MinSize())
	w.Resize(w.MinSize())
	return w
}

// middle is the middle of an hour; -1 is the head or the name of the day.
func (w *Week) middle(day, hour int) fyne.Position {
	return fyne.NewPos(weekLeft+(float32(hour)+0.5)*w.hourWidth(), weekTop+(float32(day)+0.5)*weekRow)
}

func (w *Week) click(day, hour int) {
	p := w.middle(day, hour)
	if day < 0 {
		p.Y = 1
	}
	if hour < 0 {
		p.X = 1
	}
	w.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: p}, Button: desktop.MouseButtonPrimary})
	w.MouseUp(nil)
}

func (w *Week) count(mode uint8) (n int) {
	for _, day := range w.Modes() {
		for _, m := range day {
			if m == mode {
				n++
			}
		}
	}
	return n
}

func TestWeekByMouse(t *testing.T) {
	w := newWeek(t)
	changes := 0
	w.OnChange = func() { changes++ }
	for want := range uint8(2 * WeekModes) { // an hour goes round
		if got := w.Modes()[2][5]; got != want%WeekModes {
			t.Fatalf("click %d: mode %d", want, got)
		}
		w.click(2, 5)
	}
	if changes != 2*WeekModes || w.count(0) != 168 {
		t.Errorf("%d changes", changes)
	}
	w.click(3, -1) // the name of the day
	w.click(-1, 7) // the hour of the head
	if w.count(1) != 24+7-1 || w.Modes()[3][7] != 1 || w.Modes()[0][7] != 1 || w.Modes()[3][23] != 1 {
		t.Errorf("%d hours are limited", w.count(1))
	}
	w.click(-1, -1) // the corner means nothing
	if w.count(1) != 30 {
		t.Error("the corner changed something")
	}
	w.Set([7][24]uint8{})
	w.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: w.middle(0, 0)}, Button: desktop.MouseButtonPrimary})
	for h := range 10 {
		w.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: w.middle(h/5, h)}})
	}
	w.DragEnd()
	w.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: w.middle(6, 6)}})
	if w.count(1) != 10 {
		t.Errorf("the drag painted %d hours", w.count(1))
	}
	w.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: w.middle(6, 6)}, Button: desktop.MouseButtonSecondary})
	if w.count(1) != 10 {
		t.Error("the other button paints")
	}
}

func TestWeekByKeyboard(t *testing.T) {
	w := newWeek(t)
	var day, hour int
	w.OnHover = func(d, h int) { day, hour = d, h }
	others := 0
	w.OnKey = func(*fyne.KeyEvent) bool { others++; return true }
	press := func(keys ...fyne.KeyName) {
		for _, k := range keys {
			w.TypedKey(&fyne.KeyEvent{Name: k})
		}
	}
	w.FocusGained()
	press(fyne.KeyUp, fyne.KeyLeft, fyne.KeyDown, fyne.KeyEnd, fyne.KeyRight)
	if day != 1 || hour != 23 {
		t.Errorf("at day %d, hour %d", day, hour)
	}
	press(fyne.KeySpace)
	w.TypedRune('4')
	w.TypedRune('9')
	if w.Modes()[1][23] != 3 {
		t.Errorf("mode %d", w.Modes()[1][23])
	}
	w.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	press(fyne.KeyLeft, fyne.KeyLeft, fyne.KeyDown)
	w.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	press(fyne.KeyHome)
	if w.count(3) != 4 || w.Modes()[2][21] != 3 || w.Modes()[2][0] != 0 {
		t.Errorf("%d hours seed only", w.count(3))
	}
	press(fyne.KeyEscape, fyne.KeyReturn)
	if others != 2 {
		t.Errorf("%d keys were passed on", others)
	}
	w.FocusLost()
	w.Set([7][24]uint8{0: {7}})
	if w.Modes()[0][0] != 0 {
		t.Error("a mode out of range is kept")
	}
}

// TestWeekShapes: the modes can be told apart without colour, in the week and in its
// legend.
func TestWeekShapes(t *testing.T) {
	w := newWeek(t)
	w.Set([7][24]uint8{{0, 1, 2, 3}})
	w.Refresh()
	seen := map[[3]float32]bool{}
	for h := range WeekModes {
		c := w.cells[0][h]
		size := c.Size()
		if !c.Visible() {
			size = fyne.Size{}
		}
		seen[[3]float32{size.Width, size.Height, c.Position().Y}] = true
		if s := NewWeekSign(uint8(h)); s.MinSize().Width <= 0 {
			t.Errorf("no sign for mode %d", h)
		}
	}
	if len(seen) != WeekModes {
		t.Errorf("%d shapes for %d modes", len(seen), WeekModes)
	}
}

// TestWeekHover: where the mouse or the cursor is is told, and when it has left.
func TestWeekHover(t *testing.T) {
	w := newWeek(t)
	var at [][2]int
	w.OnHover = func(d, h int) { at = append(at, [2]int{d, h}) }
	move := func(day, hour int) {
		w.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: w.middle(day, hour)}})
	}
	w.MouseIn(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: w.middle(6, 23)}})
	move(0, 0)
	w.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(1, 1)}}) // the corner
	w.MouseOut()
	want := [][2]int{{6, 23}, {0, 0}, {-1, -1}}
	if len(at) != len(want) || at[0] != want[0] || at[1] != want[1] || at[2] != want[2] {
		t.Errorf("%v", at)
	}
	focused := 0
	w.OnFocus = func() { focused++ }
	w.FocusGained()
	if focused != 1 || w.cursor.Hidden {
		t.Error("the cursor is not shown")
	}
}
