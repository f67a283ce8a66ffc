package widgets

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"swarmbid/ui/view"
)

func window(t testing.TB, o fyne.CanvasObject, w, h float32) fyne.Window {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(&Theme{Mode: Light})
	win := test.NewTempWindow(t, o)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	return win
}

func TestMenuBar(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(&Theme{Mode: Light})
	w := test.NewTempWindow(t, nil)
	w.SetPadded(false)
	var log []string
	item := func(s string) *fyne.MenuItem { return fyne.NewMenuItem(s, func() { log = append(log, s) }) }
	bar := NewMenuBar(w.Canvas(), func() []*fyne.Menu {
		return []*fyne.Menu{fyne.NewMenu("File", item("Add"), item("Exit")), fyne.NewMenu("Help", item("About"))}
	})
	w.SetContent(bar)
	w.Resize(fyne.NewSize(400, 300))
	open := func() int { return len(w.Canvas().Overlays().List()) }
	k := func(n fyne.KeyName) { bar.popup.TypedKey(&fyne.KeyEvent{Name: n}) }

	bar.Tapped(&fyne.PointEvent{Position: fyne.NewPos(12, 8)})
	if open() != 1 || bar.open != 0 {
		t.Fatalf("%d overlays, menu %d", open(), bar.open)
	}
	k(fyne.KeyDown)
	k(fyne.KeyDown)
	k(fyne.KeyReturn)
	if open() != 0 || strings.Join(log, " ") != "Exit" {
		t.Errorf("%d overlays, %v", open(), log)
	}
	bar.Open(0)
	bar.popup.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{AbsolutePosition: fyne.NewPos(60, 8)}})
	if bar.open != 1 || open() != 1 {
		t.Errorf("moving along the bar opened %d, %d overlays", bar.open, open())
	}
	k(fyne.KeyRight)
	if bar.open != 0 {
		t.Errorf("Right went to %d", bar.open)
	}
	k(fyne.KeyLeft)
	k(fyne.KeyEscape)
	if bar.open != -1 || open() != 0 {
		t.Errorf("Escape left menu %d open", bar.open)
	}
	bar.Open(0)
	bar.popup.Tapped(&fyne.PointEvent{AbsolutePosition: fyne.NewPos(300, 200)})
	bar.Tapped(&fyne.PointEvent{Position: fyne.NewPos(390, 8)})
	if open() != 0 || len(log) != 1 {
		t.Error("a click beside the menu did something")
	}
}

func TestTabBar(t *testing.T) {
	b := NewTabBar([]Tab{{"a", "First", "info"}, {"b", "Second", "peers"}, {"c", "Third", ""}})
	window(t, b, 300, 25)
	var log []string
	b.OnChoose = func(id string) { log = append(log, id) }
	b.Tapped(&fyne.PointEvent{Position: fyne.NewPos(b.marks[1].x+5, 8)})
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	b.Choose("no such tab")
	b.Tapped(&fyne.PointEvent{Position: fyne.NewPos(299, 8)})
	if got := strings.Join(log, " "); got != "b c a c" || b.Chosen() != "c" {
		t.Errorf("%s, chosen %s", got, b.Chosen())
	}
	b.SetTabs([]Tab{{"a", "Only", ""}})
	if b.Chosen() != "a" {
		t.Errorf("chosen %s of one", b.Chosen())
	}
}

func TestTool(t *testing.T) {
	n := 0
	b := NewTool("start", false, "Start", func() { n++ })
	w := window(t, b, 26, 26)
	on := w.Canvas().Capture()
	b.Tapped(nil)
	b.SetEnabled(false)
	b.Tapped(nil)
	if n != 1 || b.Enabled() {
		t.Errorf("%d taps counted, enabled %v", n, b.Enabled())
	}
	if lum(on) >= lum(w.Canvas().Capture()) {
		t.Error("a disabled button does not look dimmer")
	}
}

func TestField(t *testing.T) {
	n := 0
	f := NewField(func(fyne.Position) { n++ })
	window(t, f, 200, 22)
	f.Set("down", view.Arriving, "D: 10 MiB/s")
	wide := f.MinSize().Width
	f.Set("down", view.Arriving, "D: 9 MiB/s")
	if f.Text() != "D: 9 MiB/s" || f.MinSize().Width != wide {
		t.Error("the field moves its neighbours with every digit")
	}
	f.Tapped(&fyne.PointEvent{})
	f.TappedSecondary(&fyne.PointEvent{})
	if n != 2 {
		t.Errorf("%d clicks", n)
	}
	NewField(nil).Tapped(&fyne.PointEvent{}) // only read
}

func TestFacts(t *testing.T) {
	f := NewFacts()
	window(t, f, 600, 200)
	group := func(v string) []view.FactGroup {
		return []view.FactGroup{{Title: "Transfer", Facts: []view.Fact{{Label: "A:", Value: v}, {Label: "B:", Value: "2"}, {Label: "Long:", Value: strings.Repeat("x", 300), Span: 3}}}}
	}
	f.SetGroups(group("1"))
	objs := len(f.objs)
	first := f.values[0].value
	f.SetGroups(group("9"))
	if f.values[0].value != first || first.Text != "9" || len(f.objs) != objs {
		t.Error("a change of values made new objects")
	}
	if long := f.values[2]; !strings.HasSuffix(long.value.Text, "…") || long.row != 1 {
		t.Errorf("row %d, %q", long.row, long.value.Text)
	}
	got := ""
	f.OnCopy = func(v string, _ fyne.Position) { got = v }
	f.TappedSecondary(&fyne.PointEvent{Position: fyne.NewPos(20, f.values[2].y+4)})
	if len(got) != 300 {
		t.Errorf("copied %q, want the whole value", got)
	}
}

func at(m image.Image, x, y int) color.NRGBA {
	return color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
}

func TestStrip(t *testing.T) {
	s := NewStrip()
	window(t, s, 100, 14)
	p := colorsOf()
	s.SetMarks([]view.Mark{{Tone: view.Arriving, Weight: 255}, {}})
	m := s.draw(100, 14)
	if at(m, 20, 7) != p.tone[view.Arriving] || at(m, 80, 7) != p.trough || at(m, 0, 7) != p.border {
		t.Errorf("%v %v %v", at(m, 20, 7), at(m, 80, 7), at(m, 0, 7))
	}
	s.SetMarks(make([]view.Mark, 5000)) // more pieces than pixels
	s.SetMarks(append(make([]view.Mark, 1000), make([]view.Mark, 1000)...))
	if at(s.draw(100, 14), 50, 7) != p.trough {
		t.Error("missing pieces have a colour")
	}
	s.SetMarks(nil)
	if at(s.draw(100, 14), 50, 7) != p.trough {
		t.Error("no pieces have a colour")
	}
}

func TestBoard(t *testing.T) {
	b := NewBoard()
	window(t, b, 100, 60)
	p := colorsOf()
	b.SetMarks([]view.Mark{{Tone: view.Giving, Weight: 255}, {Tone: view.Broken, Weight: 255}})
	m := b.draw(100, 60)
	if at(m, 3, 3) != p.tone[view.Giving] || at(m, 17, 3) != p.tone[view.Broken] || at(m, 60, 40) != p.paper {
		t.Errorf("%v %v %v", at(m, 3, 3), at(m, 17, 3), at(m, 60, 40))
	}
	for _, n := range []int{1, 100, 5000, 1_000_000} {
		side, share := Side(n, 600, 150)
		if rows := (600 / side) * (150 / side); rows*share < n || side < 3 {
			t.Errorf("%d pieces: side %d, %d a square have no room", n, side, share)
		}
	}
	b.SetMarks(make([]view.Mark, 100000))
	b.draw(30, 20)
}

func TestGraph(t *testing.T) {
	g := NewGraph()
	w := window(t, g, 400, 200)
	p := colorsOf()
	c := view.Curve{Points: 3, Top: 100, Down: []int64{0, 100, 100}, Up: []int64{0, 0, 0}, DownLimit: 50, YLabels: []string{"0", "100"}, XLabels: []string{"-5m", "now"}, DownLabel: "Download", UpLabel: "Upload"}
	g.SetCurve(c)
	m := g.draw(200, 101)
	if at(m, 150, 0) != p.tone[view.Arriving] {
		t.Errorf("the curve is not at its height: %v", at(m, 150, 0))
	}
	if at(m, 1, 50) != p.tone[view.Arriving] {
		t.Errorf("no line at the limit: %v", at(m, 1, 50))
	}
	if at(m, 150, 100) != p.tone[view.Giving] {
		t.Errorf("the upload of nothing is not at the foot: %v", at(m, 150, 100))
	}
	if g.yText[1].Text != "100" || g.xText[1].Text != "now" || g.legend[0].Text != "Download" {
		t.Error("axes without texts")
	}
	g.SetCurve(view.Curve{})
	w.Canvas().Capture()
}

func TestTheme(t *testing.T) {
	test.NewTempApp(t)
	light, dark, system := &Theme{Mode: Light}, &Theme{Mode: Dark}, &Theme{}
	if light.Color(ColorPaper, theme.VariantDark) != light.Color(ColorPaper, theme.VariantLight) {
		t.Error("a chosen theme follows the system")
	}
	if system.Color(ColorPaper, theme.VariantDark) != dark.Color(ColorPaper, theme.VariantLight) {
		t.Error("the theme does not follow the system")
	}
	for _, th := range []*Theme{light, dark} {
		fg, bg := luminance(th.Color(theme.ColorNameForeground, 0)), luminance(th.Color(ColorPaper, 0))
		if c := contrast(fg, bg); c < 7 {
			t.Errorf("contrast of text %.1f", c)
		}
		for tone := view.Arriving; tone <= view.Dim; tone++ {
			p := th.palette(0)
			if c := contrast(luminance(p.tone[tone]), luminance(p.paper)); c < 3 {
				t.Errorf("tone %d: contrast %.1f", tone, c)
			}
			if c := contrast(luminance(p.text), luminance(p.bar[tone])); c < 4 {
				t.Errorf("text on a bar of tone %d: contrast %.1f", tone, c)
			}
		}
		for _, under := range []fyne.ThemeColorName{theme.ColorNameMenuBackground, theme.ColorNameButton, theme.ColorNamePrimary} {
			p := th.Color(under, 0)
			if c := contrast(luminance(over(th.Color(theme.ColorNameFocus, 0), p)), luminance(p)); c < 1.15 {
				t.Errorf("%s: what is chosen cannot be told from the rest, contrast %.2f", under, c)
			}
		}
		if _, _, _, a := (&Theme{Mode: th.Mode, flat: true}).Color(theme.ColorNameShadow, 0).RGBA(); a != 0 {
			t.Error("shadows inside scroll containers")
		}
	}
}

// over is what is seen of a colour through another.
func over(top, bottom color.Color) color.Color {
	r, g, b, a := top.RGBA()
	x, y, z, _ := bottom.RGBA()
	mix := func(t, u uint32) uint16 { return uint16(t + u*(0xffff-a)/0xffff) }
	return color.RGBA64{mix(r, x), mix(g, y), mix(b, z), 0xffff}
}

// luminance is the relative luminance of WCAG 2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	f := func(v uint32) float64 {
		x := float64(v) / 0xffff
		return x * x // close enough to the gamma of sRGB
	}
	return 0.2126*f(r) + 0.7152*f(g) + 0.0722*f(b)
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

func TestIcons(t *testing.T) {
	test.NewTempApp(t)
	if Icon("no such icon", color.Black) != nil {
		t.Error("an icon out of nothing")
	}
	r := Icon("down", color.NRGBA{0x12, 0x34, 0x56, 0xff})
	if !strings.Contains(string(r.Content()), `"#123456"`) || r.Name() != "down-123456.svg" {
		t.Errorf("%s %s", r.Name(), r.Content())
	}
}
