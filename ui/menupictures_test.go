package ui_test

import (
	"image"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// coarse leaves sixteen steps of each colour.
func coarse(m image.Image) image.Image {
	out := opaque(m)
	for i := range out.Pix {
		out.Pix[i] = out.Pix[i]&0xf0 | out.Pix[i]>>4
	}
	return out
}

// TestMenuPictures compares the menus of the bar, of the right button and of the
// status bar.
func TestMenuPictures(t *testing.T) {
	for _, c := range variants() {
		t.Run(c.lang+"-"+c.theme, func(t *testing.T) {
			s := newStage(t, c.lang, c.theme)
			check := func(name string) {
				t.Helper()
				top := s.w.Canvas().Overlays().Top()
				if top == nil {
					t.Fatalf("%s: no menu opened", name)
				}
				pos, size, found := fyne.Position{}, fyne.Size{}, false
				for _, o := range visible(top) {
					switch o.(type) {
					case *widget.Menu, *widget.PopUpMenu:
						pos, size, found = fyne.CurrentApp().Driver().AbsolutePositionForObject(o), o.Size(), true
					}
				}
				if !found || size.Width < 40 {
					t.Fatalf("%s: no menu is seen", name)
				}
				compare(t, filepath.Join("menus", name+"-"+c.lang+"-"+c.theme+".png"), crop(s.w.Canvas().Capture(), pos, size))
				s.w.Canvas().Overlays().Remove(top)
			}
			for i, name := range []string{"file", "options", "help"} {
				s.UI.OpenBar(i)
				check(name)
				s.UI.OpenBar(-1)
			}
			s.choose("Sintel")
			context := func(name string, o fyne.Focusable) {
				t.Helper()
				o.(fyne.SecondaryTappable).TappedSecondary(&fyne.PointEvent{AbsolutePosition: fyne.NewPos(250, 40)})
				check(name)
			}
			context("torrent", s.UI.List().Focusable())
			s.UI.List().OnHeadMenu(fyne.NewPos(250, 10))
			check("columns")
			for _, tab := range []string{"trackers", "peers", "files", "market"} {
				s.run("tab-" + tab)
				s.UI.SelectFirst(tab)
				s.settle()
				context(tab, s.UI.TabTables()[tab].Focusable())
			}
		})
	}
}
