package widgets

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"swarmbid/ui/view"
)

// fake is a model of n rows whose keys are the numbers from 1.
type fake struct {
	n    int
	tick int // changes every text
	keys []int
}

func (f *fake) Len() int { return f.n }

func (f *fake) Key(i int) int {
	if f.keys != nil {
		return f.keys[i]
	}
	return i + 1
}

func (f *fake) Column(id string) int { return slices.Index([]string{"name", "size", "done"}, id) }

func (f *fake) Cell(i, col int, c *view.Cell) {
	k := f.Key(i)
	switch col {
	case 0:
		*c = view.Cell{Text: fmt.Sprintf("%c torrent %d äöü", 'a'+rune(k%26), k), Icon: "down", Tone: view.Arriving}
	case 1:
		*c = view.Cell{Text: fmt.Sprintf("%d.%d MiB", k, f.tick)}
	case 2:
		*c = view.Cell{Text: fmt.Sprintf("%d %%", k%100), Fraction: float64(k%100) / 100, Tone: view.Giving}
	}
}

// setup shows a table of 300 by 221 units: ten rows below the header.
func setup(t testing.TB, n int) (*Table[int], *fake, fyne.Window) {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(&Theme{Mode: Light})
	tb := NewTable[int]([]Column{{ID: "name", Title: "Name", Width: 160}, {ID: "size", Title: "Size", Width: 70, Align: view.Right}, {ID: "done", Title: "Done", Width: 60, Bar: true, Align: view.Center}, {ID: "no", Title: "None", Width: 30, Hidden: true}})
	w := test.NewTempWindow(t, tb)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(300, 221))
	m := &fake{n: n}
	tb.SetModel(m)
	return tb, m, w
}

func press(tb *Table[int], row int, b desktop.MouseButton, m fyne.KeyModifier) {
	tb.body.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(80, float32(row)*20+10)}, Button: b, Modifier: m})
}

func key(tb *Table[int], k fyne.KeyName) { tb.body.TypedKey(&fyne.KeyEvent{Name: k}) }

func selection(tb *Table[int]) string { return strings.Trim(fmt.Sprint(tb.Selection()), "[]") }

func TestTableSelection(t *testing.T) {
	tb, _, _ := setup(t, 500)
	const left, right = desktop.MouseButtonPrimary, desktop.MouseButtonSecondary
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"click", func() { press(tb, 1, left, 0) }, "2"},
		{"shift extends", func() { press(tb, 5, left, fyne.KeyModifierShift) }, "2 3 4 5 6"},
		{"ctrl takes one out", func() { press(tb, 3, left, fyne.KeyModifierControl) }, "2 3 5 6"},
		{"ctrl adds one", func() { press(tb, 8, left, fyne.KeyModifierControl) }, "2 3 5 6 9"},
		{"shift and ctrl add a range", func() { press(tb, 9, left, fyne.KeyModifierShift|fyne.KeyModifierControl) }, "2 3 5 6 9 10"},
		{"right click inside keeps", func() { press(tb, 4, right, 0) }, "2 3 5 6 9 10"},
		{"right click outside selects", func() { press(tb, 6, right, 0) }, "7"},
		{"shift upwards", func() { press(tb, 5, left, fyne.KeyModifierShift) }, "6 7"},
		{"below the rows nothing", func() { press(tb, 600, left, 0) }, ""},
	} {
		if step.do(); selection(tb) != step.want {
			t.Errorf("%s: %s, want %s", step.name, selection(tb), step.want)
		}
	}
	tb.body.TypedShortcut(&fyne.ShortcutSelectAll{})
	if tb.SelectedCount() != 500 {
		t.Errorf("%d selected by Ctrl+A", tb.SelectedCount())
	}
}

func TestTableSelectionFollowsKeys(t *testing.T) {
	tb, _, _ := setup(t, 5)
	tb.Select(4, 2)
	tb.SetModel(&fake{n: 4, keys: []int{9, 4, 7, 2}})
	if got := selection(tb); got != "4 2" {
		t.Errorf("after sorting anew %s", got)
	}
	tb.SetModel(&fake{n: 2, keys: []int{9, 2}})
	if got := selection(tb); got != "2" {
		t.Errorf("a hidden row is selected: %s", got)
	}
	if k, ok := tb.Cursor(); !ok || k != 4 || tb.CursorRow() != -1 {
		t.Errorf("cursor %v %v at row %d", k, ok, tb.CursorRow())
	}
}

func TestTableKeys(t *testing.T) {
	tb, _, _ := setup(t, 500)
	var log []string
	tb.OnActivate = func(row int) { log = append(log, fmt.Sprint("activate ", row)) }
	tb.OnDelete = func(data bool) { log = append(log, fmt.Sprint("delete ", data)) }
	tb.OnMenu = func(fyne.Position) { log = append(log, "menu") }
	tb.OnFold = func(row int, open bool) { log = append(log, fmt.Sprint("fold ", row, open)) }
	for _, c := range []struct {
		k   fyne.KeyName
		row int
	}{
		{fyne.KeyDown, 0}, {fyne.KeyDown, 1}, {fyne.KeyUp, 0}, {fyne.KeyUp, 0}, {fyne.KeyPageDown, 9}, {fyne.KeyEnd, 499}, {fyne.KeyPageUp, 490}, {fyne.KeyHome, 0},
	} {
		if key(tb, c.k); tb.CursorRow() != c.row {
			t.Errorf("%s: row %d, want %d", c.k, tb.CursorRow(), c.row)
		}
	}
	key(tb, fyne.KeyEnd)
	if y := tb.Offset().Y; y < 9000 {
		t.Errorf("the last row is not in view: offset %v", y)
	}
	key(tb, fyne.KeyReturn)
	key(tb, fyne.KeyDelete)
	tb.body.TypedShortcut(&fyne.ShortcutCut{Secondary: true}) // Shift+Del
	key(tb, desktop.KeyMenu)
	key(tb, fyne.KeyRight)
	if got := strings.Join(log, ", "); got != "activate 499, delete false, delete true, menu, fold 499 true" {
		t.Error(got)
	}
	key(tb, fyne.KeySpace)
	if tb.SelectedCount() != 0 {
		t.Error("Space did not take the row out of the selection")
	}
	ctrl := func(k fyne.KeyName) {
		tb.body.TypedShortcut(&desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierControl})
	}
	ctrl(fyne.KeyUp)
	ctrl(fyne.KeySpace)
	if got := selection(tb); got != "499" {
		t.Errorf("Ctrl+Up and Ctrl+Space selected %s", got)
	}
	tb.body.TypedRune('C')
	if got := tb.CursorRow(); got != 1 { // the next row that begins with c, from the end on
		t.Errorf("typing C went to row %d", got)
	}
	tb.OnKey = func(*fyne.KeyEvent) bool { return true }
	key(tb, fyne.KeyEnd)
	if tb.CursorRow() != 1 {
		t.Error("a key that OnKey took was not left alone")
	}
}

func TestTableEmpty(t *testing.T) {
	tb, _, _ := setup(t, 0)
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyUp, fyne.KeyHome, fyne.KeyEnd, fyne.KeyPageDown, fyne.KeySpace, fyne.KeyReturn, fyne.KeyRight} {
		key(tb, k)
	}
	tb.body.TypedRune('x')
	press(tb, 0, desktop.MouseButtonPrimary, 0)
	if tb.SelectedCount() != 0 {
		t.Error("a row of an empty table is selected")
	}
}

func TestTableShrinks(t *testing.T) {
	tb, m, _ := setup(t, 500)
	tb.ScrollTo(499)
	m.n = 3
	tb.SetModel(m)
	if tb.Offset().Y != 0 {
		t.Errorf("the view stands at %v behind three rows", tb.Offset().Y)
	}
}

// cells returns the texts in view as they are drawn, by row.
func cells(tb *Table[int]) (out []string) {
	rows := map[int][]string{}
	for _, c := range tb.body.cols {
		for _, s := range c.slots {
			if !s.text.Hidden {
				row := int(s.text.Position().Y / tb.RowHeight)
				rows[row] = append(rows[row], s.text.Text)
			}
		}
	}
	for i := range 600 {
		if r := rows[i]; r != nil {
			out = append(out, strings.Join(r, "|"))
		}
	}
	return out
}

func TestTableDrawsWhatIsInView(t *testing.T) {
	tb, m, _ := setup(t, 500)
	if got := cells(tb); got[0] != "b torrent 1 äöü|1.0 MiB|1 %" || len(got) > 13 {
		t.Errorf("%d rows, first %q", len(got), got[0])
	}
	tb.ScrollOffset(fyne.NewPos(0, 2005))
	if got := cells(tb); got[0] != "x torrent 101 äöü|101.0 MiB|1 %" {
		t.Errorf("after scrolling %q", got[0])
	}
	m.tick = 7
	tb.SetModel(m)
	if got := cells(tb); got[0] != "x torrent 101 äöü|101.7 MiB|1 %" {
		t.Errorf("after a change %q", got[0])
	}
	if n := len(tb.body.objs); n > 160 {
		t.Errorf("%d canvas objects for eleven rows", n)
	}
}

func TestTableShortensText(t *testing.T) {
	tb, _, _ := setup(t, 3)
	tb.SetLayout([]ColumnLayout{{ID: "name", Width: 80}})
	if got := cells(tb)[0]; !strings.HasPrefix(got, "b torr") || !strings.Contains(got, "…|") {
		t.Errorf("%q", got)
	}
}

// drag moves the pointer over the header in steps.
func drag(tb *Table[int], from, to float32) {
	const n = 4
	x := from
	for range n {
		x += (to - from) / n
		tb.head.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, 8)}, Dragged: fyne.NewDelta((to-from)/n, 0)})
	}
	tb.head.DragEnd()
}

func TestHeader(t *testing.T) {
	tb, _, _ := setup(t, 500)
	layouts := 0
	tb.OnLayout = func() { layouts++ }
	var order view.Order
	tb.OnSort = func(o view.Order) { order = o }
	tap := func(x float32) { tb.head.Tapped(&fyne.PointEvent{Position: fyne.NewPos(x, 8)}) }
	tap(180)
	if order != (view.Order{Column: "size"}) {
		t.Errorf("order %+v", order)
	}
	tap(180)
	if order != (view.Order{Column: "size", Desc: true}) || tb.head.arrow.Hidden {
		t.Errorf("order %+v, arrow hidden %v", order, tb.head.arrow.Hidden)
	}
	drag(tb, 160, 200) // the edge behind the name
	if w := tb.cols[0].Width; w != 200 {
		t.Errorf("the dragged column is %v wide", w)
	}
	drag(tb, 200, 1)
	if w := tb.cols[0].Width; w != minColumn {
		t.Errorf("a column shrank to %v", w)
	}
	drag(tb, 50, 140) // size behind done
	if got := strings.Join(tb.Shown(), " "); got != "name done size" {
		t.Errorf("order of columns %s", got)
	}
	drag(tb, 130, 1) // size to the front
	if got := strings.Join(tb.Shown(), " "); got != "size name done" {
		t.Errorf("order of columns %s", got)
	}
	if layouts != 4 {
		t.Errorf("%d changes reported, want 4", layouts)
	}
	menu := false
	tb.OnHeadMenu = func(fyne.Position) { menu = true }
	tb.head.TappedSecondary(&fyne.PointEvent{})
	if !menu {
		t.Error("no menu on the header")
	}
}

func TestHeaderFitsColumn(t *testing.T) {
	tb, _, _ := setup(t, 500)
	tb.SetLayout([]ColumnLayout{{ID: "name", Width: 40}})
	edge := fyne.PointEvent{Position: fyne.NewPos(40, 8)}
	tb.head.Tapped(&edge)
	tb.head.Tapped(&edge)
	if got := cells(tb)[0]; tb.cols[0].Width < 90 || strings.Contains(got, "…") {
		t.Errorf("%v wide after a double click: %q", tb.cols[0].Width, got)
	}
	tb.head.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(tb.cols[0].Width, 5)}})
	if tb.head.Cursor() != desktop.HResizeCursor {
		t.Error("no resize cursor over an edge")
	}
	tb.head.MouseOut()
	if tb.head.Cursor() != desktop.DefaultCursor {
		t.Error("a resize cursor beside the header")
	}
}

func TestColumnsAndLayout(t *testing.T) {
	tb, _, _ := setup(t, 5)
	tb.ShowColumn("no", true)
	tb.ShowColumn("name", false)
	if got := strings.Join(tb.Shown(), " "); got != "size done no" {
		t.Errorf("shown %s", got)
	}
	saved := tb.Layout()
	other, _, _ := setup(t, 5)
	other.SetLayout(append([]ColumnLayout{{ID: "gone", Width: 9}, saved[2]}, saved...))
	if got := strings.Join(other.Shown(), " "); got != "done size no" {
		t.Errorf("restored %s", got)
	}
	for _, id := range []string{"size", "done", "no"} {
		tb.ShowColumn(id, false)
	}
	if len(tb.Shown()) != 1 {
		t.Error("the last column could be hidden")
	}
}

func TestFillColumn(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(&Theme{Mode: Light})
	tb := NewTable[int]([]Column{{ID: "name", Title: "Name", Width: 10, Fill: true}, {ID: "size", Title: "Size", Width: 60}})
	w := test.NewTempWindow(t, tb)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(300, 221))
	tb.SetModel(&fake{n: 3})
	few := tb.cols[0].Width
	tb.SetModel(&fake{n: 300})
	if few != 240 || tb.cols[0].Width >= few || tb.cols[0].Width < 225 {
		t.Errorf("%v wide with three rows, %v with a scroll bar", few, tb.cols[0].Width)
	}
}

// tree is a model with triangles and boxes.
type tree struct{ fake }

func (tree) Cell(i, col int, c *view.Cell) {
	*c = view.Cell{Text: "x", Indent: i, Tick: view.TickOn}
	if i == 0 {
		c.Fold = view.Open
	}
}

func TestTreeClicks(t *testing.T) {
	tb, _, _ := setup(t, 0)
	tb.SetModel(&tree{fake{n: 3}})
	var log []string
	tb.OnTick = func(row int) { log = append(log, fmt.Sprint("tick ", row)) }
	tb.OnFold = func(row int, open bool) { log = append(log, fmt.Sprint("fold ", row, open)) }
	tb.OnActivate = func(row int) { log = append(log, fmt.Sprint("open ", row)) }
	at := func(x, y float32) {
		tb.body.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}, Button: desktop.MouseButtonPrimary})
	}
	at(cellPad+2, 10)                       // the triangle of the first row
	at(cellPad+step+2, 30)                  // the box of the second
	at(cellPad+step+iconSize+iconGap+6, 30) // its text
	tb.body.DoubleTapped(&fyne.PointEvent{Position: fyne.NewPos(cellPad+2, 10)})
	tb.body.DoubleTapped(&fyne.PointEvent{Position: fyne.NewPos(100, 50)})
	key(tb, fyne.KeySpace)
	if got := strings.Join(log, ", "); got != "fold 0 false, tick 1, open 2, tick 1" {
		t.Error(got)
	}
}

func TestShortcutsAreOffered(t *testing.T) {
	tb, _, _ := setup(t, 3)
	var got []string
	tb.OnShortcut = func(s fyne.Shortcut) bool {
		got = append(got, s.ShortcutName())
		return true
	}
	for _, s := range []fyne.Shortcut{&fyne.ShortcutSelectAll{}, &fyne.ShortcutCopy{}, &fyne.ShortcutPaste{}, &fyne.ShortcutCut{}} {
		tb.body.TypedShortcut(s)
	}
	if strings.Join(got, " ") != "Copy Paste Cut" {
		t.Errorf("%v: all but what is the table's own go on", got)
	}
}

func TestEllipsisWidthIsExact(t *testing.T) {
	test.NewTempApp(t)
	var f fitter
	f.style(TextSize, false)
	for _, s := range []string{"", "debian-13.2.0-amd64-DVD-1.iso", "AVATAR To We 1,234.5 KiB/s", "Überarbeitete Fassung"} {
		want := fyne.MeasureText(s, TextSize, fyne.TextStyle{}).Width
		if d := f.width(s) - want; d < -1 || d > 4 {
			t.Errorf("%q: %v wide, measured %v", s, f.width(s), want)
		}
	}
	for w := float32(0); w < 200; w += 7 {
		if s := f.fit("a rather long name of a torrent", w); s != "" && f.width(s) > w {
			t.Errorf("%q is wider than %v", s, w)
		}
	}
}

func TestTableRedrawsInAnotherTheme(t *testing.T) {
	tb, _, w := setup(t, 30)
	tb.Select(3)
	before := w.Canvas().Capture()
	fyne.CurrentApp().Settings().SetTheme(&Theme{Mode: Dark})
	after := w.Canvas().Capture()
	if lum(before) < 200 || lum(after) > 70 {
		t.Errorf("mean brightness %d in light, %d in dark", lum(before), lum(after))
	}
}

// lum is the mean brightness of a picture, 0 to 255.
func lum(m image.Image) int {
	b := m.Bounds()
	sum, n := 0, 0
	for y := b.Min.Y; y < b.Max.Y; y += 2 {
		for x := b.Min.X; x < b.Max.X; x += 2 {
			r, g, bl, _ := m.At(x, y).RGBA()
			sum, n = sum+int(r+g+bl)/3>>8, n+1
		}
	}
	return sum / n
}

// BenchmarkTableUpdate is a tick of a list of 5,000 rows that all changed, in a
// window of 39 rows.
func BenchmarkTableUpdate(b *testing.B) {
	tb, m, w := setup(b, 5000)
	w.Resize(fyne.NewSize(1200, 800))
	b.ReportAllocs()
	for b.Loop() {
		m.tick++
		tb.SetModel(m)
	}
}

// BenchmarkTableScroll is a turn of the wheel.
func BenchmarkTableScroll(b *testing.B) {
	tb, _, w := setup(b, 5000)
	w.Resize(fyne.NewSize(1200, 800))
	y := float32(0)
	for b.Loop() {
		y += 60
		if y > 90000 {
			y = 0
		}
		tb.ScrollOffset(fyne.NewPos(0, y))
	}
}
