package widgets

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
)

// fitter shortens text to a width. It adds up the widths of single ASCII
// characters, measured once; text with other characters is measured as a whole.
// The zero value is ready.
type fitter struct {
	size  float32
	bold  bool
	ascii [128]float32
}

// style prepares for a text size and weight.
func (f *fitter) style(size float32, bold bool) {
	if f.size == size && f.bold == bold {
		return
	}
	f.size, f.bold = size, bold
	for c := range f.ascii {
		f.ascii[c] = 0
		if c >= ' ' && c < 127 {
			f.ascii[c] = fyne.MeasureText(string(rune(c)), size, fyne.TextStyle{Bold: bold}).Width
		}
	}
}

// width returns how wide s is drawn.
func (f *fitter) width(s string) float32 {
	w := float32(0)
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return fyne.MeasureText(s, f.size, fyne.TextStyle{Bold: f.bold}).Width
		}
		w += f.ascii[s[i]]
	}
	return w
}

// fit returns s, or as much of its beginning as fits into w with an ellipsis.
func (f *fitter) fit(s string, w float32) string {
	if f.width(s) <= w {
		return s
	}
	r := []rune(s)
	lo, hi := 0, len(r)
	for lo < hi {
		m := (lo + hi + 1) / 2
		if f.width(string(r[:m])+"…") <= w {
			lo = m
		} else {
			hi = m - 1
		}
	}
	if lo == 0 {
		return ""
	}
	return string(r[:lo]) + "…"
}
