package widgets

import (
	"image"
	"math"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"swarmbid/ui/view"
)

// unlike counts the pixels in which two pictures differ.
func unlike(a, b image.Image) (n int) {
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) {
				n++
			}
		}
	}
	return n
}

// TestHoverIsSeen: what can be clicked shows that the pointer is on it, and looks as
// before once it has gone.
func TestHoverIsSeen(t *testing.T) {
	menus := func() []*fyne.Menu { return []*fyne.Menu{fyne.NewMenu("File"), fyne.NewMenu("Help")} }
	tabs := NewTabBar([]Tab{{"a", "First", ""}, {"b", "Second", "peers"}})
	field := NewField(func(fyne.Position) {})
	tool := NewTool("start", false, "Start", func() {})
	idle := NewField(nil)
	dead := NewTool("start", false, "Start", func() {})
	for name, c := range map[string]struct {
		o    fyne.CanvasObject
		at   fyne.Position
		seen bool
	}{
		"tab": {tabs, fyne.NewPos(80, 8), true}, "field": {field, fyne.NewPos(20, 8), true}, "tool": {tool, fyne.NewPos(12, 12), true},
		"field that does nothing": {idle, fyne.NewPos(20, 8), false}, "disabled tool": {dead, fyne.NewPos(12, 12), false},
	} {
		w := window(t, c.o, 160, 26)
		field.Set("down", view.Plain, "1 MiB/s")
		dead.SetEnabled(false)
		before := w.Canvas().Capture()
		test.MoveMouse(w.Canvas(), c.at)
		if n := unlike(before, w.Canvas().Capture()); (n > 10) != c.seen {
			t.Errorf("%s: %d pixels change under the pointer", name, n)
		}
		c.o.(desktop.Hoverable).MouseOut()
		if n := unlike(before, w.Canvas().Capture()); n != 0 {
			t.Errorf("%s: %d pixels stay changed", name, n)
		}
	}
	w := window(t, nil, 200, 26)
	bar := NewMenuBar(w.Canvas(), menus)
	w.SetContent(bar)
	before := w.Canvas().Capture()
	test.MoveMouse(w.Canvas(), fyne.NewPos(60, 8))
	if bar.hover != 1 || unlike(before, w.Canvas().Capture()) < 10 {
		t.Errorf("the title %d of the menu is under the pointer", bar.hover)
	}
	bar.MouseOut()
	if n := unlike(before, w.Canvas().Capture()); bar.hover != -1 || n != 0 {
		t.Errorf("title %d, %d pixels stay changed", bar.hover, n)
	}
}

// TestHitTests: a place belongs to the tab or title that is drawn there, and to no other.
func TestHitTests(t *testing.T) {
	tabs := NewTabBar([]Tab{{"a", "First", "info"}, {"b", "The second one", ""}, {"c", "3", "peers"}})
	window(t, tabs, 400, 25)
	for x := float32(0); x < 400; x++ {
		want := -1
		for i, m := range tabs.marks {
			if x >= m.x && x < m.x+m.w {
				want = i
			}
		}
		if got := tabs.at(fyne.NewPos(x, 5)); got != want {
			t.Fatalf("at %v is tab %d, drawn is %d", x, got, want)
		}
	}
	for i := 1; i < len(tabs.marks); i++ {
		if a, b := tabs.marks[i-1], tabs.marks[i]; a.x+a.w > b.x || a.text.Position().X+a.text.MinSize().Width > a.x+a.w {
			t.Errorf("tab %d lies over the next, or its words over its edge", i-1)
		}
	}
	w := window(t, nil, 400, 25)
	bar := NewMenuBar(w.Canvas(), func() []*fyne.Menu {
		return []*fyne.Menu{fyne.NewMenu("File"), fyne.NewMenu("Options"), fyne.NewMenu("?")}
	})
	w.SetContent(bar)
	last := -1
	for x := float32(0); x < 400; x++ {
		got := bar.at(fyne.NewPos(x, 5))
		if got >= 0 && (got < last || got > last+1) {
			t.Fatalf("at %v is title %d after %d", x, got, last)
		}
		if got >= 0 {
			last = got
		}
	}
	if last != 2 || bar.at(fyne.NewPos(20, -1)) != -1 || bar.at(fyne.NewPos(20, 300)) != -1 {
		t.Errorf("the last title is %d", last)
	}
}

// TestTableRows: every height within the table is the row that is drawn there, while it
// is scrolled as well; below the last row is none.
func TestTableRows(t *testing.T) {
	tb, _, w := setup(t, 7)
	for y := float32(-5); y < 400; y += 3 {
		want := int(math.Floor(float64(y / tb.RowHeight)))
		if y < 0 {
			want = -1
		}
		if got := tb.body.row(fyne.NewPos(5, y)); got != want {
			t.Fatalf("at %v is row %d, want %d", y, got, want)
		}
	}
	tb.Select(2, 3)
	press(tb, 9, desktop.MouseButtonPrimary, 0) // below the rows
	if got := selection(tb); got != "" {
		t.Errorf("a click below the rows leaves %q", got)
	}
	tb.Select(2, 3)
	press(tb, 9, desktop.MouseButtonPrimary, fyne.KeyModifierShortcutDefault)
	if got := selection(tb); got != "2 3" {
		t.Errorf("Ctrl and a click below the rows leave %q", got)
	}
	w.Canvas().Focus(tb.Focusable())
	with := w.Canvas().Capture()
	w.Canvas().Unfocus()
	if unlike(with, w.Canvas().Capture()) < 50 {
		t.Error("that the table has the keyboard is not seen")
	}
}

// TestRangesFromTheAnchor: Shift selects from the row clicked last, to both sides, by
// mouse and by keys; Ctrl adds and takes out.
func TestRangesFromTheAnchor(t *testing.T) {
	const ctrl, shift = fyne.KeyModifierShortcutDefault, fyne.KeyModifierShift
	type click struct {
		row int
		mod fyne.KeyModifier
	}
	for _, c := range []struct {
		name   string
		clicks []click
		want   string
		cursor int // row
	}{
		{"one", []click{{3, 0}}, "4", 3},
		{"another instead", []click{{3, 0}, {5, 0}}, "6", 5},
		{"a range down", []click{{2, 0}, {5, shift}}, "3 4 5 6", 5},
		{"a range up", []click{{5, 0}, {2, shift}}, "3 4 5 6", 2},
		{"the range follows its end", []click{{4, 0}, {7, shift}, {2, shift}}, "3 4 5", 2},
		{"one more", []click{{1, 0}, {4, ctrl}}, "2 5", 4},
		{"one less", []click{{1, 0}, {4, ctrl}, {1, ctrl}}, "5", 1},
		{"a range from what Ctrl chose", []click{{1, 0}, {4, ctrl}, {6, shift}}, "5 6 7", 6},
		{"a range more", []click{{1, 0}, {4, ctrl}, {6, shift | ctrl}}, "2 5 6 7", 6},
		{"Shift at first", []click{{4, shift}}, "5", 4},
		{"of nothing", nil, "", -1},
	} {
		tb, _, _ := setup(t, 9)
		for _, x := range c.clicks {
			press(tb, x.row, desktop.MouseButtonPrimary, x.mod)
		}
		if got := selection(tb); got != c.want || tb.CursorRow() != c.cursor {
			t.Errorf("%s: selected %q, cursor %d, want %q, %d", c.name, got, tb.CursorRow(), c.want, c.cursor)
		}
		if n := len(strings.Fields(c.want)); tb.SelectedCount() != n {
			t.Errorf("%s: counted %d, want %d", c.name, tb.SelectedCount(), n)
		}
	}
}

// TestSingleTables: a list of which one row is chosen never has two, and never none once
// one was chosen.
func TestSingleTables(t *testing.T) {
	tb, _, w := setup(t, 6)
	tb.Single, tb.Plain = true, true
	press(tb, 2, desktop.MouseButtonPrimary, 0)
	for _, m := range []fyne.KeyModifier{fyne.KeyModifierShift, fyne.KeyModifierShortcutDefault, fyne.KeyModifierShift | fyne.KeyModifierShortcutDefault} {
		press(tb, 4, desktop.MouseButtonPrimary, m)
		if got := selection(tb); got != "5" {
			t.Errorf("with %v: %q", m, got)
		}
		press(tb, 2, desktop.MouseButtonPrimary, 0)
	}
	tb.SelectAll()
	press(tb, 20, desktop.MouseButtonPrimary, 0)
	if got := selection(tb); got != "3" {
		t.Errorf("%q", got)
	}
	w.Canvas().Focus(tb.Focusable())
	with := w.Canvas().Capture()
	w.Canvas().Unfocus()
	if unlike(with, w.Canvas().Capture()) < 50 {
		t.Error("that the list has the keyboard is not seen")
	}
}

// TestMenuKey: the context menu opens with the right button at the pointer and with the
// menu key at the row; a right click within the selection keeps it, one outside
// chooses that row.
func TestMenuKey(t *testing.T) {
	tb, _, _ := setup(t, 9)
	var at []fyne.Position
	tb.OnMenu = func(p fyne.Position) { at = append(at, p) }
	tb.Select(2, 3)
	press(tb, 2, desktop.MouseButtonSecondary, 0)
	if got := selection(tb); got != "2 3" || tb.CursorRow() != 2 {
		t.Errorf("a right click within keeps %q, row %d", got, tb.CursorRow())
	}
	press(tb, 5, desktop.MouseButtonSecondary, 0)
	if got := selection(tb); got != "6" {
		t.Errorf("a right click outside chooses %q", got)
	}
	tb.body.TappedSecondary(&fyne.PointEvent{AbsolutePosition: fyne.NewPos(33, 44)})
	key(tb, desktop.KeyMenu)
	if len(at) != 2 || at[0] != fyne.NewPos(33, 44) || at[1].Y < 5*20 || at[1].Y > 9*20 {
		t.Errorf("menus at %v", at)
	}
	tb.OnMenu = nil
	key(tb, desktop.KeyMenu) // nothing to open
}

// TestShortcutsOfATable: its own are done, all others are offered to the window.
func TestShortcutsOfATable(t *testing.T) {
	tb, _, _ := setup(t, 5)
	var offered []string
	tb.OnShortcut = func(s fyne.Shortcut) bool {
		offered = append(offered, s.ShortcutName())
		return true
	}
	other := &desktop.CustomShortcut{KeyName: fyne.KeyL, Modifier: fyne.KeyModifierControl}
	tb.body.TypedShortcut(other)
	tb.body.TypedShortcut(&fyne.ShortcutSelectAll{})
	if !slices.Equal(offered, []string{other.ShortcutName()}) || tb.SelectedCount() != 5 {
		t.Errorf("offered %v, %d rows are selected", offered, tb.SelectedCount())
	}
	deleted := []bool{}
	tb.OnDelete = func(data bool) { deleted = append(deleted, data) }
	key(tb, fyne.KeyDelete)
	tb.body.TypedShortcut(&fyne.ShortcutCut{Secondary: true}) // Shift+Del
	if !slices.Equal(deleted, []bool{false, true}) {
		t.Errorf("deleted %v", deleted)
	}
}

// TestColoursAreTold: in both themes texts stand out from what they lie on, as the rules
// for contrast want it: 4.5 for what is read, 3 for what is large or dim.
func TestColoursAreTold(t *testing.T) {
	for _, mode := range []Mode{Light, Dark} {
		test.NewTempApp(t).Settings().SetTheme(&Theme{Mode: mode})
		th := &Theme{Mode: mode}
		v := theme.VariantLight
		lumOf := func(n fyne.ThemeColorName) float64 {
			r, g, b, _ := th.Color(n, v).RGBA()
			part := func(c uint32) float64 {
				x := float64(c) / 0xffff
				if x <= 0.03928 {
					return x / 12.92
				}
				return math.Pow((x+0.055)/1.055, 2.4)
			}
			return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
		}
		for _, c := range []struct {
			text, ground fyne.ThemeColorName
			least        float64
		}{
			{theme.ColorNameForeground, ColorPanel, 7},
			{theme.ColorNameForeground, ColorPaper, 7},
			{theme.ColorNameForeground, ColorStripe, 7},
			{theme.ColorNameForeground, theme.ColorNameSelection, 4.5},
			{theme.ColorNameForeground, ColorIdleSel, 4.5},
			{theme.ColorNameForeground, theme.ColorNameButton, 4.5},
			{theme.ColorNameForeground, theme.ColorNameInputBackground, 7},
			{theme.ColorNameForeground, theme.ColorNameMenuBackground, 7},
			{ColorDim, ColorPanel, 4},
			{ColorDim, ColorPaper, 4.5},
			{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary, 3},
			{theme.ColorNameForegroundOnError, theme.ColorNameError, 4.5},
			{theme.ColorNameError, ColorPanel, 4},
			{theme.ColorNameWarning, ColorPanel, 3},
			{theme.ColorNameSuccess, ColorPanel, 3},
			{theme.ColorNamePlaceHolder, theme.ColorNameInputBackground, 3},
		} {
			a, b := lumOf(c.text), lumOf(c.ground)
			if got := (max(a, b) + 0.05) / (min(a, b) + 0.05); got < c.least {
				t.Errorf("mode %d: %s on %s has a contrast of %.2f, wanted are %v", mode, c.text, c.ground, got, c.least)
			}
		}
	}
}

// TestThemeFollowsTheSystem: only where the user has not chosen.
func TestThemeFollowsTheSystem(t *testing.T) {
	for _, c := range []struct {
		mode    Mode
		variant fyne.ThemeVariant
		dark    bool
	}{{FollowSystem, theme.VariantLight, false}, {FollowSystem, theme.VariantDark, true}, {Light, theme.VariantDark, false}, {Light, theme.VariantLight, false}, {Dark, theme.VariantLight, true}, {Dark, theme.VariantDark, true}} {
		th := &Theme{Mode: c.mode}
		want := light()
		if c.dark {
			want = dark()
		}
		if th.IsDark(c.variant) != c.dark || th.Color(ColorPaper, c.variant) != want.paper || th.Color(theme.ColorNameForeground, c.variant) != want.text {
			t.Errorf("mode %d in a system of %d is dark: %v", c.mode, c.variant, th.IsDark(c.variant))
		}
		for _, n := range []fyne.ThemeColorName{ColorStripe, ColorIdleSel, ColorTrough, ColorPanel, ColorDim, ColorBackdrop} {
			if th.Color(n, c.variant) == nil {
				t.Errorf("mode %d has no colour %s", c.mode, n)
			}
		}
		// A colour we do not know is Fyne's, of the same side.
		if th.Color(theme.ColorNameForegroundOnSuccess, c.variant) == nil {
			t.Errorf("mode %d has no colour of Fyne's", c.mode)
		}
	}
}
