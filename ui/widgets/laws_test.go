package widgets

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"pgregory.net/rapid"

	"swarmbid/ui/view"
)

// twin is the selection as a file manager does it, in the plainest way: over the
// rows as they are at the time of a click.
type twin struct {
	sel    map[int]bool
	anchor int // key, 0 = none
}

func (w *twin) click(keys []int, row int, m fyne.KeyModifier) {
	if row >= len(keys) {
		if m == 0 {
			clear(w.sel)
		}
		return
	}
	k := keys[row]
	switch {
	case m&fyne.KeyModifierShift != 0:
		from := slices.Index(keys, w.anchor)
		if from < 0 {
			from, w.anchor = row, k
		}
		if m&fyne.KeyModifierControl == 0 {
			clear(w.sel)
		}
		for i := min(from, row); i <= max(from, row); i++ {
			w.sel[keys[i]] = true
		}
	case m&fyne.KeyModifierControl != 0:
		if w.sel[k] {
			delete(w.sel, k)
		} else {
			w.sel[k] = true
		}
		w.anchor = k
	default:
		clear(w.sel)
		w.sel[k] = true
		w.anchor = k
	}
}

// TestSelectionAgainstTwin: clicks with all modifiers, while rows come, go and
// change places.
func TestSelectionAgainstTwin(t *testing.T) {
	tb, _, _ := setup(t, 0)
	rapid.Check(t, func(t *rapid.T) {
		tb.Reset()
		w := &twin{sel: map[int]bool{}}
		var keys []int
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			if rapid.IntRange(0, 4).Draw(t, "kind") == 0 || keys == nil {
				keys = rapid.Permutation([]int{1, 2, 3, 4, 5, 6, 7, 8}).Draw(t, "keys")[:rapid.IntRange(0, 8).Draw(t, "n")]
				tb.SetModel(&fake{n: len(keys), keys: keys})
			} else {
				row := rapid.IntRange(0, 8).Draw(t, "row")
				m := rapid.SampledFrom([]fyne.KeyModifier{0, fyne.KeyModifierControl, fyne.KeyModifierShift, fyne.KeyModifierControl | fyne.KeyModifierShift}).Draw(t, "modifier")
				press(tb, row, desktop.MouseButtonPrimary, m)
				w.click(keys, row, m)
			}
			for _, k := range keys {
				if tb.Selected(k) != w.sel[k] {
					t.Fatalf("row of key %d: selected %v, want %v", k, tb.Selected(k), w.sel[k])
				}
			}
			var shown []int
			for _, k := range keys {
				if w.sel[k] {
					shown = append(shown, k)
				}
			}
			if !slices.Equal(tb.Selection(), shown) {
				t.Fatalf("selection %v, want %v", tb.Selection(), shown)
			}
		}
	})
}

// drawn returns the texts that stand on the canvas, by row and column, and fails
// for a cell that is drawn twice.
func drawn(t *rapid.T, tb *Table[int]) map[string]string {
	out := map[string]string{}
	for _, c := range tb.body.cols {
		for i := range c.slots {
			s := &c.slots[i]
			if s.text.Hidden {
				continue
			}
			at := fmt.Sprintf("%s %v", c.col.ID, s.text.Position().Y)
			if _, twice := out[at]; twice {
				t.Fatalf("two cells at %s", at)
			}
			out[at] = s.raw
		}
	}
	return out
}

// TestDrawnAgainstModel: after any scrolling, sizing, change of rows or of
// columns the canvas holds what the model says about the rows in view.
func TestDrawnAgainstModel(t *testing.T) {
	tb, _, w := setup(t, 0)
	rapid.Check(t, func(t *rapid.T) {
		m := &fake{n: rapid.IntRange(0, 60).Draw(t, "n")}
		tb.SetModel(m)
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "kind") {
			case 0:
				tb.ScrollOffset(fyne.NewPos(0, float32(rapid.IntRange(0, 1300).Draw(t, "y"))))
			case 1:
				w.Resize(fyne.NewSize(300, float32(rapid.IntRange(60, 500).Draw(t, "height"))))
			case 2:
				m.tick++
				tb.SetModel(m)
			case 3:
				m = &fake{n: rapid.IntRange(0, 60).Draw(t, "n"), tick: m.tick}
				tb.SetModel(m)
			case 4:
				tb.ShowColumn(rapid.SampledFrom([]string{"name", "size", "done"}).Draw(t, "column"), rapid.Bool().Draw(t, "show"))
			case 5:
				tb.ScrollTo(rapid.IntRange(0, max(0, m.n-1)).Draw(t, "row"))
			}
			checkDrawn(t, tb, m)
		}
	})
}

func checkDrawn(t *rapid.T, tb *Table[int], m *fake) {
	got := drawn(t, tb)
	off, size := tb.scroll.Offset.Y, tb.scroll.Size().Height
	if m.n > 0 && off > max(0, float32(m.n)*tb.RowHeight+12-size) {
		t.Fatalf("%d rows and the view of %v begins at %v", m.n, size, off)
	}
	var cell view.Cell
	for row := range m.n {
		y := float32(row) * tb.RowHeight
		if y+tb.RowHeight <= off || y >= off+size {
			continue
		}
		for _, id := range tb.Shown() {
			col := m.Column(id)
			if col < 0 {
				continue
			}
			m.Cell(row, col, &cell)
			if text := got[fmt.Sprintf("%s %v", id, y)]; text != cell.Text {
				t.Fatalf("row %d, column %s: %q is drawn, want %q", row, id, text, cell.Text)
			}
		}
	}
}

// TestHeaderKeepsColumns: whatever is dragged where, no column is lost, doubled
// or too narrow, and a layout restores itself.
func TestHeaderKeepsColumns(t *testing.T) {
	tb, _, _ := setup(t, 30)
	rapid.Check(t, func(t *rapid.T) {
		for range rapid.IntRange(1, 8).Draw(t, "drags") {
			from, to := rapid.IntRange(-5, 320).Draw(t, "from"), rapid.IntRange(-50, 400).Draw(t, "to")
			if rapid.Bool().Draw(t, "scrolled") {
				tb.ScrollOffset(fyne.NewPos(float32(rapid.IntRange(0, 60).Draw(t, "x")), 0))
			}
			drag(tb, float32(from), float32(to))
		}
		ids := map[string]int{}
		for _, c := range tb.Columns() {
			ids[c.ID]++
			if c.Width < minColumn {
				t.Fatalf("column %s is %v wide", c.ID, c.Width)
			}
		}
		if !maps.Equal(ids, map[string]int{"name": 1, "size": 1, "done": 1, "no": 1}) {
			t.Fatalf("columns %v", ids)
		}
		before := tb.Layout()
		tb.SetLayout(before)
		if !slices.Equal(before, tb.Layout()) {
			t.Fatalf("%v came back as %v", before, tb.Layout())
		}
	})
}

// TestFitIsLongest: shortened text fits, begins as the whole one does, and one
// character more would not fit.
func TestFitIsLongest(t *testing.T) {
	setup(t, 0)
	var f fitter
	f.style(TextSize, false)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.SampledFrom([]rune("iWm. äß日я")), 1, 20, -1).Draw(t, "s")
		w := float32(rapid.IntRange(0, 200).Draw(t, "w"))
		got := f.fit(s, w)
		if got == s {
			if f.width(s) > w {
				t.Fatalf("%q is wider than %v", s, w)
			}
			return
		}
		if got == "" {
			r := []rune(s)
			if f.width(string(r[:1]))+f.dots <= w {
				t.Fatalf("%q: nothing is left although %v is room for a character", s, w)
			}
			return
		}
		kept := []rune(got)
		kept = kept[:len(kept)-1]
		if !slices.Equal(kept, []rune(s)[:len(kept)]) || f.width(got) > w {
			t.Fatalf("%q becomes %q in %v", s, got, w)
		}
		if longer := string([]rune(s)[:len(kept)+1]) + "…"; f.width(longer) <= w {
			t.Fatalf("%q would fit as %q, is %q", s, longer, got)
		}
	})
}

func TestIconPool(t *testing.T) {
	setup(t, 0)
	p, c := &iconPool{}, colorsOf()
	pass := func(names ...string) (made int) {
		p.begin()
		for i, n := range names {
			if p.take(n, c.text, fyne.NewPos(float32(i), 0), 14) {
				made++
			}
		}
		p.end()
		return made
	}
	if n := pass("down", "down", "up"); n != 3 {
		t.Errorf("%d made at first", n)
	}
	if n := pass("down", "up"); n != 0 || len(p.all) != 3 {
		t.Errorf("%d made for icons that are there, %d in all", n, len(p.all))
	}
	hidden := 0
	for _, o := range p.all {
		if !o.Visible() {
			hidden++
		}
	}
	if hidden != 1 {
		t.Errorf("%d of 3 are hidden while 2 are lent", hidden)
	}
	if n := pass("up", "up", "stop"); n != 2 {
		t.Errorf("%d made", n)
	}
}
