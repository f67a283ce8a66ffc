package widgets

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
)

// fitter shortens text to a width. It adds up the widths of single characters,
// each measured once, because shaping every changed text of a list once a second
// costs more than all the rest. Letters that join, as in Arabic, come out a
// little too wide. The zero value is ready.
type fitter struct {
	size  float32
	bold  bool
	ascii [128]float32 // 0 = not measured yet
	other map[rune]float32
	dots  float32 // width of the ellipsis
}

// maxRunes is how many characters beyond ASCII are remembered.
const maxRunes = 4096

// style prepares for a text size and weight.
func (f *fitter) style(size float32, bold bool) {
	if f.size == size && f.bold == bold {
		return
	}
	f.size, f.bold, f.other, f.ascii = size, bold, map[rune]float32{}, [128]float32{}
	f.dots = f.measure('…')
}

func (f *fitter) measure(r rune) float32 {
	return fyne.MeasureText(string(r), f.size, fyne.TextStyle{Bold: f.bold}).Width
}

func (f *fitter) rune(r rune) float32 {
	if r < utf8.RuneSelf {
		if f.ascii[r] == 0 {
			f.ascii[r] = f.measure(r)
		}
		return f.ascii[r]
	}
	w, ok := f.other[r]
	if !ok {
		if len(f.other) >= maxRunes {
			clear(f.other)
		}
		w = f.measure(r)
		f.other[r] = w
	}
	return w
}

// width returns how wide s is drawn.
func (f *fitter) width(s string) (w float32) {
	for _, r := range s {
		w += f.rune(r)
	}
	return w
}

// fit returns s, or as much of its beginning as fits into w with an ellipsis.
func (f *fitter) fit(s string, w float32) string {
	x, cut := float32(0), 0 // cut is what fits with the ellipsis
	for i, r := range s {
		if x+f.dots <= w {
			cut = i
		}
		if x += f.rune(r); x > w {
			if cut == 0 {
				return ""
			}
			return s[:cut] + "…"
		}
	}
	return s
}
