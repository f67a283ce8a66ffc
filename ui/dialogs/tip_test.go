package dialogs

import (
	"bytes"
	"image"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// clock stands in for the time a tip waits.
type clock struct {
	due     func()
	stopped int
}

func (c *clock) after(_ time.Duration, f func()) func() {
	c.due = f
	return func() {
		c.due = nil
		c.stopped++
	}
}

func (c *clock) ring() {
	if f := c.due; f != nil {
		c.due = nil
		f()
	}
}

// hover moves the pointer to the middle of an object.
func hover(h *Host, o fyne.CanvasObject) fyne.Position {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Add(fyne.NewPos(o.Size().Width/2, o.Size().Height/2))
	test.MoveMouse(h.Canvas, at)
	return at
}

// tipText is what the tip of a dialog says, "" while there is none.
func tipText(f *Frame) string {
	var lines []string
	if f.tips.box.Visible() {
		for _, o := range f.tips.box.Objects {
			if x, ok := o.(*canvas.Text); ok {
				lines = append(lines, x.Text)
			}
		}
	}
	return strings.Join(lines, " ")
}

func same(a, b image.Image) bool {
	return bytes.Equal(a.(*image.NRGBA).Pix, b.(*image.NRGBA).Pix)
}

// TestTipOfThePreferences: the tip of a field appears below the pointer once it has
// rested there, and goes with it, with a key, and with the dialog.
func TestTipOfThePreferences(t *testing.T) {
	h := newHost(t)
	d, _ := openPage(t, h, "prefs.bittorrent", values())
	f := h.Canvas.Overlays().Top().(*Frame)
	c := &clock{}
	f.tips.after = c.after
	box := find[*Check](d.bodies[pageNo("prefs.bittorrent")])
	before := h.Canvas.Capture()
	at := hover(h, box)
	if tipText(f) != "" || c.due == nil {
		t.Fatalf("a tip at once: %q", tipText(f))
	}
	c.ring()
	want := h.Locale.Tip("prefs.dht")
	if want == "" || tipText(f) != want {
		t.Fatalf("the tip is %q, want %q", tipText(f), want)
	}
	if p := f.tips.box.Position(); p.X > at.X || p.Y <= at.Y || p.Y > at.Y+40 {
		t.Errorf("the tip is at %v, the pointer at %v", p, at)
	}
	shown := h.Canvas.Capture()
	if same(before, shown) {
		t.Error("the tip is not drawn")
	}
	test.MoveMouse(h.Canvas, at.Add(fyne.NewPos(3, 0)))
	if tipText(f) != want {
		t.Error("a movement within the field takes the tip away")
	}
	other := findAll[*Check](d.bodies[pageNo("prefs.bittorrent")])[1]
	hover(h, other)
	if tipText(f) != "" {
		t.Error("the tip stays on another field")
	}
	c.ring()
	if tipText(f) != h.Locale.Tip("prefs.pex") {
		t.Errorf("the tip of the next field is %q", tipText(f))
	}
	h.Canvas.Focus(box)
	if tipText(f) != "" {
		t.Error("the tip stays while the keyboard is used")
	}
	test.MoveMouse(h.Canvas, fyne.NewPos(1, 1))
	hover(h, box)
	late := c.due
	f.Close()
	late()
	if tipText(f) != "" || c.stopped == 0 {
		t.Error("a tip comes after the dialog is gone")
	}
}

// TestF1ShowsTheTip: the field that has the keyboard shows its tip on F1; a field
// without one shows nothing.
func TestF1ShowsTheTip(t *testing.T) {
	h := newHost(t)
	f := h.Create("", nil)
	h.Canvas.Focus(f.maker.source)
	press(h, fyne.KeyF1)
	if want := h.Locale.Tip("create.source"); tipText(f) != want {
		t.Errorf("F1 shows %q, want %q", tipText(f), want)
	}
	y, e := f.tips.box.Position().Y, fyne.CurrentApp().Driver().AbsolutePositionForObject(f.maker.source)
	if y < e.Y+f.maker.source.Size().Height {
		t.Errorf("the tip at %v covers the field at %v", y, e)
	}
	press(h, fyne.KeyF1)
	h.Canvas.Focus(f.maker.comment)
	press(h, fyne.KeyF1)
	if tipText(f) != "" {
		t.Errorf("a field without a tip shows %q", tipText(f))
	}
	h.Canvas.Focus(f.maker.piece)
	press(h, fyne.KeyF1)
	press(h, fyne.KeyEscape)
	if !f.Closed() {
		t.Error("Escape does not close a dialog that shows a tip")
	}
}

// TestTipStaysInTheWindow: near an edge a tip moves aside, or above the pointer.
func TestTipStaysInTheWindow(t *testing.T) {
	h := newHost(t)
	f := h.Message("x", view.Advice{What: "y"})
	room := h.Canvas.Size()
	for _, at := range []fyne.Position{{X: room.Width - 1, Y: 5}, {X: 3, Y: room.Height - 1}, {X: room.Width - 1, Y: room.Height - 1}, {}} {
		f.tips.leave()
		f.tips.words, f.tips.at = strings.Repeat("many words ", 20), at
		f.tips.show()
		p, s := f.tips.box.Position(), f.tips.box.Size()
		if p.X < 0 || p.Y < 0 || p.X+s.Width > room.Width || p.Y+s.Height > room.Height {
			t.Errorf("at %v the tip lies at %v, %v large, in %v", at, p, s, room)
		}
		if p.Y <= at.Y && p.Y+s.Height > at.Y {
			t.Errorf("at %v the tip lies under the pointer", at)
		}
		if s.Width > tipWidth+2*tipPad+1 {
			t.Errorf("the tip is %v wide", s.Width)
		}
	}
}

// TestBreakLines: no word is lost or broken, no line is too wide unless it is one word.
func TestBreakLines(t *testing.T) {
	newHost(t)
	for _, c := range []struct {
		text  string
		width float32
		lines int
	}{{"", 100, 1}, {"one", 1, 1}, {"one two", 1, 2}, {"one two three", 1000, 1}, {strings.Repeat("word ", 30), 200, 0}} {
		got := breakLines(c.text, c.width)
		if c.lines != 0 && len(got) != c.lines {
			t.Errorf("%q in %v: %q", c.text, c.width, got)
		}
		if strings.Join(got, " ") != strings.Join(strings.Fields(c.text), " ") {
			t.Errorf("%q becomes %q", c.text, got)
		}
		for _, line := range got {
			if w := fyne.MeasureText(line, widgets.TextSize, fyne.TextStyle{}).Width; w > c.width && strings.Contains(line, " ") {
				t.Errorf("%q is %v wide", line, w)
			}
		}
	}
}

// TestTipTimer: the real clock calls once, unless it was stopped.
func TestTipTimer(t *testing.T) {
	newHost(t)
	tips := newTipper(&Frame{})
	came := make(chan struct{})
	stop := tips.after(time.Millisecond, func() { close(came) })
	<-came
	stop()
	never := tips.after(time.Hour, func() { t.Error("a stopped tip comes") })
	never()
}

// TestTipsSayMore: a tip is more than its label again, and stands in the dialogs it
// belongs to.
func TestTipsSayMore(t *testing.T) {
	h := newHost(t)
	l := h.Locale
	n := 0
	for _, k := range l.Keys() {
		key, ok := strings.CutSuffix(k, ".tip")
		if !ok {
			continue
		}
		n++
		label := strings.TrimSuffix(l.T(key), ":")
		if tip := l.Tip(key); len(tip) <= len(label) && label != key || strings.EqualFold(tip, label) {
			t.Errorf("%s: %q says no more than %q", key, tip, label)
		}
	}
	if n < 30 {
		t.Errorf("only %d tips", n)
	}
	f := h.Add(AddParams{Preview: preview(), Dir: "/d"})
	for o, key := range map[hinted]string{f.adder.seq: "add.sequential", f.adder.ends: "add.endsFirst", f.adder.check: "add.skipCheck"} {
		if o.Tip() != l.Tip(key) || o.Tip() == "" {
			t.Errorf("%s: the tip is %q", key, o.Tip())
		}
	}
	f.Close()
	p := h.Properties(PropertiesParams{Name: "x"}).props
	for o, key := range map[hinted]string{p.slots: "props.slots", p.share: "props.share", p.ratio: "props.ratio", p.dht: "prefs.dht"} {
		if o.Tip() != l.Tip(key) || o.Tip() == "" {
			t.Errorf("%s: the tip is %q", key, o.Tip())
		}
	}
}
