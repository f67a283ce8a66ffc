package ui_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"swarmbid/ui/sample"
	"swarmbid/ui/view"
)

func newWalletStage(t testing.TB, p view.WalletPhase, lang, theme string) *stage {
	t.Helper()
	a := test.NewTempApp(t)
	size := fyne.NewSize(1000, 640)
	s := &stage{Stage: sample.NewWalletStage(a, sample.NewWallet(p), lang, theme, size), t: t}
	s.w = s.UI.Window()
	t.Cleanup(s.w.Close)
	s.w.Resize(size)
	s.UI.Show()
	s.settle()
	return s
}

// TestWalletPictures compares the wallet's page and each of its dialogs with
// their pictures.
func TestWalletPictures(t *testing.T) {
	for _, c := range []struct{ lang, theme string }{{"en", "light"}, {"de", "dark"}, {"en", "dark"}, {"de", "light"}} {
		for _, sc := range sample.WalletScenes() {
			name := fmt.Sprintf("%s-%s-%s.png", sc.Name, c.lang, c.theme)
			t.Run(name, func(t *testing.T) {
				s := newWalletStage(t, sc.Phase, c.lang, c.theme)
				sc.Set(s.Stage)
				got := s.w.Canvas().Capture()
				if sc.Dialog {
					pos, size := s.mustDialog("").Card()
					got = crop(got, pos, size)
				} else {
					size := fyne.NewSize(820, 420)
					if sc.Name == "wallet-days" {
						size.Height = 560 // the chart is as high as the page
					}
					got = crop(got, fyne.NewPos(180, 54), size)
				}
				compare(t, filepath.Join("wallet", name), got)
			})
		}
	}
}

// TestWalletNothingOverflows looks for texts that are wider than their place.
func TestWalletNothingOverflows(t *testing.T) {
	for _, c := range []struct {
		lang  string
		scale float32
	}{{"de", 1}, {"de", 1.5}, {"en", 1}, {"en", 1.5}} {
		phrases := words(t, c.lang)
		for _, sc := range sample.WalletScenes() {
			s := newWalletStage(t, sc.Phase, c.lang, "light")
			if x, ok := s.w.Canvas().(software.WindowlessCanvas); ok {
				x.SetScale(c.scale)
				s.w.Resize(fyne.NewSize(1000, 640))
			}
			sc.Set(s.Stage)
			root := s.w.Content()
			if top := s.w.Canvas().Overlays().Top(); top != nil {
				root = top
			}
			seen := 0
			for _, o := range test.LaidOutObjects(root) {
				seen++
				why := overflow(o)
				if why == "" {
					why = shortened(o, phrases)
				}
				if why != "" {
					t.Errorf("%s in %s at %v: %s", sc.Name, c.lang, c.scale, why)
				}
			}
			if seen < 10 {
				t.Errorf("%s: only %d objects were looked at", sc.Name, seen)
			}
		}
	}
}
