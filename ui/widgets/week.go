package widgets

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
)

// WeekModes is how many values an hour of a Week may have: full, limited, off and
// seeding only, in this order.
const WeekModes = 4

const (
	weekDays, weekHours = 7, 24
	weekLeft            = float32(34) // of the names of the days
	weekTop             = float32(16) // of the hours
	weekRow             = float32(20)
	weekLeast           = float32(15) // width of an hour
)

// Week shows and edits a mode for every hour of the week. A click on an hour goes
// to its next mode and a drag paints with it; a click on the name of a day or on an
// hour of the head does so for its row or column. With the keyboard the arrows move,
// Space goes to the next mode, 1 to 4 choose one, and Shift with an arrow takes the
// mode along.
type Week struct {
	widget.BaseWidget

	OnChange func()                    // after the user changed a mode
	OnHover  func(day, hour int)       // the mouse or the cursor is there; -1 = nowhere
	OnFocus  func()                    // it got the keyboard
	OnKey    func(*fyne.KeyEvent) bool // sees keys that are not of the week; may be nil

	modes    [weekDays][weekHours]uint8
	days     []string
	cells    [weekDays][weekHours]*canvas.Rectangle
	grounds  [weekDays][weekHours]*canvas.Rectangle
	dayText  [weekDays]*canvas.Text
	hourText [weekHours]*canvas.Text
	cursor   *canvas.Rectangle
	day, at  int // of the cursor
	focused  bool
	painting bool
	brush    uint8
	shift    bool
}

// NewWeek makes a week with short names of the days, Monday first.
func NewWeek(days []string) *Week {
	w := &Week{days: days}
	for d := range w.cells {
		for h := range w.cells[d] {
			w.grounds[d][h], w.cells[d][h] = canvas.NewRectangle(nil), canvas.NewRectangle(nil)
			w.grounds[d][h].CornerRadius, w.cells[d][h].CornerRadius = 2, 2
		}
		name := ""
		if d < len(days) {
			name = days[d]
		}
		w.dayText[d] = canvas.NewText(name, nil)
		w.dayText[d].TextSize = TextSize
	}
	for h := range w.hourText {
		w.hourText[h] = canvas.NewText(strconv.Itoa(h), nil)
		w.hourText[h].TextSize, w.hourText[h].Alignment = TextSize-2, fyne.TextAlignCenter
	}
	w.cursor = canvas.NewRectangle(nil)
	w.cursor.StrokeWidth, w.cursor.CornerRadius = 2, 3
	w.ExtendBaseWidget(w)
	return w
}

// Set shows other modes; what is out of range counts as full.
func (w *Week) Set(modes [7][24]uint8) {
	w.modes = modes
	for d := range w.modes {
		for h := range w.modes[d] {
			if w.modes[d][h] >= WeekModes {
				w.modes[d][h] = 0
			}
		}
	}
	w.Refresh()
}

// Modes returns what is shown.
func (w *Week) Modes() [7][24]uint8 { return w.modes }

// CreateRenderer implements fyne.Widget.
func (w *Week) CreateRenderer() fyne.WidgetRenderer {
	r := &weekRenderer{w: w}
	for d := range w.cells {
		r.objs = append(r.objs, w.dayText[d])
		for h := range w.cells[d] {
			r.objs = append(r.objs, w.grounds[d][h], w.cells[d][h])
		}
	}
	for _, t := range w.hourText {
		r.objs = append(r.objs, t)
	}
	r.objs = append(r.objs, w.cursor)
	r.paint()
	return r
}

type weekRenderer struct {
	w    *Week
	objs []fyne.CanvasObject
}

func (r *weekRenderer) Destroy()                     {}
func (r *weekRenderer) Objects() []fyne.CanvasObject { return r.objs }
func (r *weekRenderer) MinSize() fyne.Size {
	return fyne.NewSize(weekLeft+weekHours*weekLeast, weekTop+weekDays*weekRow)
}

func (r *weekRenderer) Layout(fyne.Size) {
	w := r.w
	width := w.hourWidth()
	for h, t := range w.hourText {
		t.Move(fyne.NewPos(weekLeft+float32(h)*width, 0))
		t.Resize(fyne.NewSize(width, weekTop))
	}
	for d := range w.cells {
		y := weekTop + float32(d)*weekRow
		w.dayText[d].Move(fyne.NewPos(0, y))
		w.dayText[d].Resize(fyne.NewSize(weekLeft, weekRow))
		for h := range w.cells[d] {
			pos, size := fyne.NewPos(weekLeft+float32(h)*width+1, y+1), fyne.NewSize(width-2, weekRow-2)
			w.grounds[d][h].Move(pos)
			w.grounds[d][h].Resize(size)
			pos, size = shapeOf(w.modes[d][h], pos, size)
			w.cells[d][h].Move(pos)
			w.cells[d][h].Resize(size)
		}
	}
	w.cursor.Move(fyne.NewPos(weekLeft+float32(w.at)*width, weekTop+float32(w.day)*weekRow))
	w.cursor.Resize(fyne.NewSize(width, weekRow))
}

// shapeOf is the filled part of an hour: all of it, the lower third while limited,
// a bar in the middle for seeding, nothing while off. So the modes differ without
// colour, too.
func shapeOf(mode uint8, pos fyne.Position, size fyne.Size) (fyne.Position, fyne.Size) {
	switch mode {
	case 1:
		return pos.AddXY(0, size.Height*0.62), fyne.NewSize(size.Width, size.Height*0.38)
	case 3:
		return pos.AddXY(size.Width*0.3, 0), fyne.NewSize(size.Width*0.4, size.Height)
	}
	return pos, size
}

// paint colours every hour by its mode.
func (r *weekRenderer) paint() {
	w, p := r.w, colorsOf()
	for d := range w.cells {
		w.dayText[d].Color = p.text
		for h := range w.cells[d] {
			w.grounds[d][h].FillColor, w.grounds[d][h].StrokeColor, w.grounds[d][h].StrokeWidth = p.paper, p.line, 1
			c := w.cells[d][h]
			c.Hidden = w.modes[d][h] == 2
			c.FillColor = p.tone[view.Arriving]
			if w.modes[d][h] == 3 {
				c.FillColor = p.tone[view.Giving]
			}
		}
	}
	for _, t := range w.hourText {
		t.Color = p.dim
	}
	w.cursor.StrokeColor = theme.Color(theme.ColorNamePrimary)
	w.cursor.Hidden = !w.focused
}

func (r *weekRenderer) Refresh() {
	r.paint()
	r.Layout(r.w.Size())
	canvas.Refresh(r.w)
}

func (w *Week) hourWidth() float32 {
	return max(weekLeast, float32(int((w.Size().Width-weekLeft)/weekHours)))
}

// cellAt returns the hour at a place; -1 for the head or the names of the days.
func (w *Week) cellAt(p fyne.Position) (day, hour int) {
	day, hour = int((p.Y-weekTop)/weekRow), int((p.X-weekLeft)/w.hourWidth())
	if p.Y < weekTop {
		day = -1
	}
	if p.X < weekLeft {
		hour = -1
	}
	return min(day, weekDays-1), min(hour, weekHours-1)
}

// MouseDown implements desktop.Mouseable.
func (w *Week) MouseDown(e *desktop.MouseEvent) {
	if e.Button != desktop.MouseButtonPrimary {
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(w); c != nil {
		c.Focus(w)
	}
	day, hour := w.cellAt(e.Position)
	if day < 0 && hour < 0 {
		return
	}
	w.brush = (w.modes[max(day, 0)][max(hour, 0)] + 1) % WeekModes
	w.painting = day >= 0 && hour >= 0
	w.fill(day, hour)
}

// MouseUp implements desktop.Mouseable.
func (w *Week) MouseUp(*desktop.MouseEvent) { w.painting = false }

// Dragged implements fyne.Draggable.
func (w *Week) Dragged(e *fyne.DragEvent) {
	if day, hour := w.cellAt(e.Position); w.painting && day >= 0 && hour >= 0 {
		w.fill(day, hour)
	}
}

// DragEnd implements fyne.Draggable.
func (w *Week) DragEnd() { w.painting = false }

// fill paints an hour with the brush; -1 stands for all.
func (w *Week) fill(day, hour int) {
	changed := false
	for d := range w.modes {
		for h := range w.modes[d] {
			if (day < 0 || d == day) && (hour < 0 || h == hour) && w.modes[d][h] != w.brush {
				w.modes[d][h], changed = w.brush, true
			}
		}
	}
	if day >= 0 && hour >= 0 {
		w.day, w.at = day, hour
	}
	w.hover(w.day, w.at)
	if changed {
		w.Refresh()
		if w.OnChange != nil {
			w.OnChange()
		}
	}
}

func (w *Week) hover(day, hour int) {
	if w.OnHover != nil {
		w.OnHover(day, hour)
	}
}

// MouseIn implements desktop.Hoverable.
func (w *Week) MouseIn(e *desktop.MouseEvent) { w.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (w *Week) MouseMoved(e *desktop.MouseEvent) {
	if day, hour := w.cellAt(e.Position); day >= 0 && hour >= 0 {
		w.hover(day, hour)
	}
}

// MouseOut implements desktop.Hoverable.
func (w *Week) MouseOut() { w.hover(-1, -1) }

// FocusGained implements fyne.Focusable.
func (w *Week) FocusGained() {
	w.focused = true
	if w.OnFocus != nil {
		w.OnFocus()
	}
	w.hover(w.day, w.at)
	w.Refresh()
}

// FocusLost implements fyne.Focusable.
func (w *Week) FocusLost() {
	w.focused, w.shift = false, false
	w.Refresh()
}

// KeyDown implements desktop.Keyable.
func (w *Week) KeyDown(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		w.shift = true
	}
}

// KeyUp implements desktop.Keyable.
func (w *Week) KeyUp(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		w.shift = false
	}
}

// TypedRune implements fyne.Focusable.
func (w *Week) TypedRune(r rune) {
	if r >= '1' && r < '1'+WeekModes {
		w.brush = uint8(r - '1') //nolint:gosec // below WeekModes
		w.fill(w.day, w.at)
	}
}

// TypedKey implements fyne.Focusable.
func (w *Week) TypedKey(e *fyne.KeyEvent) {
	day, hour := w.day, w.at
	switch e.Name {
	case fyne.KeyUp:
		day--
	case fyne.KeyDown:
		day++
	case fyne.KeyLeft:
		hour--
	case fyne.KeyRight:
		hour++
	case fyne.KeyHome:
		hour = 0
	case fyne.KeyEnd:
		hour = weekHours - 1
	case fyne.KeySpace:
		w.brush = (w.modes[day][hour] + 1) % WeekModes
		w.fill(day, hour)
		return
	default:
		if w.OnKey != nil {
			w.OnKey(e)
		}
		return
	}
	day, hour = min(max(day, 0), weekDays-1), min(max(hour, 0), weekHours-1)
	if w.shift {
		w.brush = w.modes[w.day][w.at]
		w.fill(day, hour)
	}
	w.day, w.at = day, hour
	w.hover(day, hour)
	w.Refresh()
}

// NewWeekSign makes the sign of a mode, for a legend of the week.
func NewWeekSign(mode uint8) fyne.CanvasObject {
	p := colorsOf()
	ground, sign := canvas.NewRectangle(p.paper), canvas.NewRectangle(p.tone[view.Arriving])
	if mode == 3 {
		sign.FillColor = p.tone[view.Giving]
	}
	sign.Hidden = mode == 2
	ground.StrokeColor, ground.StrokeWidth = p.line, 1
	ground.CornerRadius, sign.CornerRadius = 2, 2
	size := fyne.NewSize(weekLeast-2, weekRow-6)
	pos, part := shapeOf(mode, fyne.Position{}, size)
	ground.Resize(size)
	sign.Move(pos)
	sign.Resize(part)
	return container.New(fixed{size}, container.NewWithoutLayout(ground, sign))
}

// fixed gives its one object a size.
type fixed struct{ size fyne.Size }

// MinSize implements fyne.Layout.
func (f fixed) MinSize([]fyne.CanvasObject) fyne.Size { return f.size }

// Layout implements fyne.Layout.
func (f fixed) Layout(objs []fyne.CanvasObject, _ fyne.Size) { objs[0].Resize(f.size) }
