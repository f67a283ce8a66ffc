package ui_test

import (
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"swarmbid/ui/sample"
)

// newMarketStage is a window with room for the charts.
func newMarketStage(t testing.TB, lang, theme string) *stage {
	t.Helper()
	a := test.NewTempApp(t)
	size := fyne.NewSize(1100, 680)
	s := &stage{Stage: sample.NewMarketStage(a, lang, theme, size), t: t}
	s.w = s.UI.Window()
	t.Cleanup(s.w.Close)
	s.w.Resize(size)
	s.UI.Show()
	s.settle()
	return s
}

// TestMarketPictures compares the Market tab and its dialogs with their pictures.
func TestMarketPictures(t *testing.T) {
	for _, c := range []struct{ lang, theme string }{{"en", "light"}, {"de", "dark"}, {"en", "dark"}, {"de", "light"}} {
		s := newMarketStage(t, c.lang, c.theme)
		for _, sc := range sample.MarketScenes() {
			sc.Set(s.Stage)
			got := s.w.Canvas().Capture()
			if sc.Dialog {
				pos, size := s.mustDialog("").Card()
				got = crop(got, pos, size)
			} else {
				pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.UI.DetailBox())
				got = crop(got, pos, s.UI.DetailBox().Size())
			}
			compare(t, filepath.Join("market", sc.Name+"-"+c.lang+"-"+c.theme+".png"), got)
			for s.dialog() != nil {
				s.key(fyne.KeyEscape)
			}
		}
	}
}

// TestMarketNothingOverflows looks for texts that are wider than their place.
func TestMarketNothingOverflows(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		phrases := words(t, lang)
		for _, scale := range []float32{1, 1.5} {
			s := newMarketStage(t, lang, "light")
			if c, ok := s.w.Canvas().(software.WindowlessCanvas); ok {
				c.SetScale(scale)
				s.w.Resize(fyne.NewSize(1100, 680))
			}
			for _, sc := range sample.MarketScenes() {
				sc.Set(s.Stage)
				root := s.w.Content()
				if top := s.w.Canvas().Overlays().Top(); top != nil {
					root = top
				}
				for _, o := range test.LaidOutObjects(root) {
					why := overflow(o)
					if why == "" {
						why = shortened(o, phrases)
					}
					if why != "" {
						t.Errorf("%s in %s at %v: %s", sc.Name, lang, scale, why)
					}
				}
				for s.dialog() != nil {
					s.key(fyne.KeyEscape)
				}
			}
		}
	}
}
