package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"swarmbid/ui/view"
)

// TestBars: what came stands above the line, what went below it, and nothing is drawn
// outside.
func TestBars(t *testing.T) {
	test.NewTempApp(t)
	b := NewBars()
	w := test.NewTempWindow(t, b)
	w.Resize(fyne.NewSize(400, 200))
	b.SetBars(view.Bars{Up: []float64{1, 0}, Down: []float64{0, 1}, Split: 0.5, YLabels: [3]string{"+2", "0", "-2"}, XLabels: []string{"a", "b"}, UpLabel: "up", DnLabel: "down"})
	p := colorsOf()
	b.draw(100, 80)
	img := b.buf
	for _, c := range []struct {
		x, y int
		want any
	}{{25, 20, p.tone[view.Giving]}, {25, 60, p.paper}, {75, 20, p.paper}, {75, 60, p.tone[view.Arriving]}, {50, 40, p.line}} {
		if got := img.NRGBAAt(c.x, c.y); got != c.want {
			t.Errorf("at %d,%d: %v, want %v", c.x, c.y, got, c.want)
		}
	}
	if len(b.xText) != 2 || b.xText[1].Text != "b" || b.note.Text != "" {
		t.Errorf("texts %v", b.xText)
	}
	b.SetBars(view.Bars{Note: "nothing"})
	if b.draw(10, 10); b.note.Text != "nothing" || len(b.xText) != 0 {
		t.Errorf("empty: %q", b.note.Text)
	}
	b.Resize(fyne.NewSize(10, 10)) // too narrow for anything
}
