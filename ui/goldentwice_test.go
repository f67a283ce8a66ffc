package ui_test

import (
	"image"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/dialogs"
)

// variants are the languages and themes of which there are pictures.
func variants() []struct{ lang, theme string } {
	return []struct{ lang, theme string }{{"en", "light"}, {"de", "dark"}, {"en", "dark"}, {"de", "light"}}
}

// TestPicturesTwice compares the window, each tab and each page of the preferences at
// twice the scale. The pictures have 16 steps of each colour, which keeps them small;
// the exact ones are those of TestPictures.
func TestPicturesTwice(t *testing.T) {
	for _, c := range variants() {
		t.Run(c.lang+"-"+c.theme, func(t *testing.T) {
			s := newStage(t, c.lang, c.theme)
			s.w.Canvas().(software.WindowlessCanvas).SetScale(2)
			s.w.Resize(fyne.NewSize(1000, 640))
			s.Play(2)
			check := func(name string, pos fyne.Position, size fyne.Size) {
				t.Helper()
				got := crop(s.w.Canvas().Capture(), fyne.NewPos(pos.X*2, pos.Y*2), fyne.NewSize(size.Width*2, size.Height*2))
				compare(t, filepath.Join("twice", name+"-"+c.lang+"-"+c.theme+".png"), coarse(got))
			}
			s.choose("Sintel")
			check("window", fyne.Position{}, s.w.Canvas().Size())
			for _, tab := range []string{"trackers", "peers", "pieces", "files", "market", "log"} {
				s.run("tab-" + tab)
				check(tab, fyne.CurrentApp().Driver().AbsolutePositionForObject(s.UI.DetailBox()), s.UI.DetailBox().Size())
			}
			s.run("tab-general")
			s.run("preferences")
			for _, p := range dialogs.Pages() {
				pos, size := s.mustDialog("").Card()
				check("preferences-"+strings.TrimPrefix(p.Title, "prefs."), pos, size)
				s.key(fyne.KeyDown)
			}
		})
	}
}

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
