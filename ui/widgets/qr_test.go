package widgets

import (
	"image"
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// TestQR: modules are squares of whole pixels at every scale, with the three
// finder patterns in their corners and a quiet zone of four modules around them.
func TestQR(t *testing.T) {
	test.NewTempApp(t)
	q := NewQR(148)
	test.WidgetRenderer(q)
	if got := q.MinSize(); got != fyne.NewSquareSize(148) {
		t.Errorf("size %v", got)
	}
	q.SetText("TMuA6YqfCeX8EhbfYEg5y7S4DqzSJireY9")
	n := len(q.modules)
	if n != 37 || q.Text() == "" {
		t.Fatalf("%d modules", n)
	}
	for _, side := range []int{37, 148, 200, 222, 450} {
		m, unit := q.draw(side, side), side/n
		at := func(x, y int) bool { // of a module, by its middle
			off := (side - unit*n) / 2
			return black(m, off+x*unit+unit/2, off+y*unit+unit/2)
		}
		for y := range n {
			for x := range n {
				if at(x, y) != q.modules[y][x] {
					t.Fatalf("module %d, %d at side %d", x, y, side)
				}
				if quiet := x < 4 || y < 4 || x >= n-4 || y >= n-4; quiet && at(x, y) {
					t.Fatalf("module %d, %d of the quiet zone is black", x, y)
				}
			}
		}
		for _, corner := range [][2]int{{4, 4}, {n - 11, 4}, {4, n - 11}} {
			x, y := corner[0], corner[1]
			if !at(x, y) || at(x+1, y+1) || !at(x+3, y+3) {
				t.Errorf("no finder pattern at %v, side %d", corner, side)
			}
		}
		if pixels := blackPixels(m); pixels%(unit*unit) != 0 {
			t.Errorf("%d black pixels are not whole modules at side %d", pixels, side)
		}
	}
	if m := q.draw(20, 20); blackPixels(m) != 0 {
		t.Error("a code with less than a pixel for a module")
	}
	q.SetText("")
	if _, _, _, a := q.draw(50, 50).At(25, 25).RGBA(); a != 0 {
		t.Error("no text is not blank")
	}
}

func black(m image.Image, x, y int) bool {
	return color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y < 128
}

func blackPixels(m image.Image) (n int) {
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			if black(m, x, y) {
				n++
			}
		}
	}
	return n
}
