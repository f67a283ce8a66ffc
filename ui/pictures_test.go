package ui_test

import (
	"fmt"
	"image"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"swarmbid/ui/sample"
	"swarmbid/ui/view"
)

// shot is a view of which there are pictures: below testdata in both languages, both
// themes and at two scales.
type shot struct {
	sample.Scene
	dir   string // below testdata
	share string // shots of one name follow each other in one window; "" = a window of its own
	size  fyne.Size
	open  func(a fyne.App, lang, theme string, size fyne.Size) *sample.Stage
}

// shots lists every view. A new scene of package sample is among them, and so is a new
// page of the preferences.
func shots() (out []shot) {
	usual := fyne.NewSize(1000, 640)
	open := func(seconds int) func(a fyne.App, lang, theme string, size fyne.Size) *sample.Stage {
		return func(a fyne.App, lang, theme string, size fyne.Size) *sample.Stage {
			s := sample.NewStage(a, 0, lang, theme, size)
			s.Play(seconds)
			return s
		}
	}
	for _, sc := range sample.Scenes() {
		x := shot{Scene: sc, share: "window", size: usual, open: open(2)}
		switch sc.Name {
		case "speed":
			x.share, x.open = "", open(200) // so that there is a curve
		case "progress", "countdown": // what they leave behind would be seen in the next
			x.share = ""
		}
		out = append(out, x)
	}
	for _, sc := range sample.MarketScenes() {
		out = append(out, shot{Scene: sc, dir: "market", share: "market", size: fyne.NewSize(1100, 680), open: sample.NewMarketStage})
	}
	for _, sc := range sample.WalletScenes() {
		out = append(out, shot{Scene: sc.Scene, dir: "wallet", size: usual, open: func(a fyne.App, lang, theme string, size fyne.Size) *sample.Stage {
			return sample.NewWalletStage(a, sample.NewWallet(sc.Phase), lang, theme, size)
		}})
	}
	return out
}

// gallery sets one shot after the other, in as few windows as that takes.
type gallery struct {
	t           testing.TB
	lang, theme string
	now         *stage
	share       string
}

// set shows a shot to a test.
func (g *gallery) set(t testing.TB, x *shot) *stage {
	t.Helper()
	if g.now == nil || x.share == "" || x.share != g.share {
		if g.now != nil {
			g.now.w.Close()
		}
		a := test.NewTempApp(g.t)
		g.now, g.share = &stage{Stage: x.open(a, g.lang, g.theme, x.size), t: t}, x.share
		g.now.w = g.now.UI.Window()
		g.now.w.Resize(x.size)
		g.now.UI.Show()
	}
	s := g.now
	s.t = t
	s.closeDialogs()
	if x.dir == "" {
		s.UI.Filter(view.Filter{})
		s.run("tab-general")
	}
	s.settle()
	x.Set(s.Stage)
	return s
}

func (g *gallery) close() {
	if g.now != nil {
		g.now.w.Close()
	}
}

// closeDialogs closes what is open above the window.
func (s *stage) closeDialogs() {
	for i := 0; s.w.Canvas().Overlays().Top() != nil && i < 20; i++ {
		if s.dialog() == nil {
			s.w.Canvas().Overlays().Remove(s.w.Canvas().Overlays().Top())
			continue
		}
		s.key(fyne.KeyEscape)
	}
}

// place is the part of the window that a shot is about.
func (s *stage) place(x *shot) (fyne.Position, fyne.Size) {
	s.t.Helper()
	switch {
	case x.Dialog:
		return s.mustDialog("").Card()
	case x.Name == "general", x.Name == "feeds-page":
		return fyne.Position{}, s.w.Canvas().Size()
	case x.dir == "wallet":
		size := fyne.NewSize(820, 420)
		if x.Name == "wallet-days" {
			size.Height = 560 // the chart is as high as the page
		}
		return fyne.NewPos(180, 54), size
	default:
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(s.UI.DetailBox()), s.UI.DetailBox().Size()
	}
}

// photograph draws a shot at a scale. Of a dialog the window behind is left out: it
// would show at the corners, as it happens to be, and it takes most of the time. So it
// is with the list above a tab at twice the scale.
func (s *stage) photograph(x *shot, scale float32) image.Image {
	s.t.Helper()
	defer s.scale(scale, x.size)()
	hide := []fyne.CanvasObject{}
	switch {
	case x.Dialog:
		_, size := s.mustDialog("").Card()
		hide = append(hide, s.w.Content())
		s.w.Resize(size.Add(fyne.NewSquareSize(16)))
		if _, now := s.mustDialog("").Card(); now != size {
			s.t.Errorf("in a smaller window the dialog is %v instead of %v", now, size)
		}
	case x.Name != "general" && x.Name != "feeds-page" && scale != 1:
		hide = append(hide, s.UI.Side(), s.UI.List())
	}
	for _, o := range hide {
		if o.Visible() {
			o.Hide()
			defer o.Show()
		}
	}
	pos, size := s.place(x)
	return crop(s.w.Canvas().Capture(), fyne.NewPos(pos.X*scale, pos.Y*scale), fyne.NewSize(size.Width*scale, size.Height*scale))
}

// scale shows the window at a scale until the function it returns is called.
func (s *stage) scale(scale float32, size fyne.Size) (back func()) {
	s.t.Helper()
	c, ok := s.w.Canvas().(software.WindowlessCanvas)
	if !ok {
		s.t.Fatal("the canvas has no scale")
	}
	c.SetScale(scale)
	s.w.Resize(size)
	return func() {
		c.SetScale(1)
		s.w.Resize(size)
	}
}

// variants are the languages and themes of which there are pictures.
func variants() []struct{ lang, theme string } {
	return []struct{ lang, theme string }{{"en", "light"}, {"de", "dark"}, {"en", "dark"}, {"de", "light"}}
}

// file is the picture of a shot, below testdata.
func (x *shot) file(lang, theme string, scale float32) string {
	name := fmt.Sprintf("%s-%s-%s.png", x.Name, lang, theme)
	if scale == 1 {
		return filepath.Join(x.dir, name)
	}
	return filepath.Join("twice", name)
}

// TestPictures compares every view with its pictures: the window, each tab, each page
// of the wallet, each dialog and each page of the preferences, in both languages, both
// themes and at two scales. Pictures depend on Fyne's bundled fonts alone, so the tests
// need the tag ci. Those of twice the scale have 16 steps of each colour, which keeps
// them small; the others are exact.
func TestPictures(t *testing.T) {
	for _, c := range variants() {
		t.Run(c.lang+"-"+c.theme, func(t *testing.T) {
			g := &gallery{t: t, lang: c.lang, theme: c.theme}
			for _, x := range shots() {
				t.Run(x.Name, func(t *testing.T) {
					s := g.set(t, &x)
					compare(t, x.file(c.lang, c.theme, 1), s.photograph(&x, 1))
					compare(t, x.file(c.lang, c.theme, 2), coarse(s.photograph(&x, 2)))
				})
			}
			g.close()
		})
	}
}

// TestNothingOverflows looks for texts that are wider than their place, in every view,
// both languages and two scales; in dialogs also for those that lie outside and those
// without words.
func TestNothingOverflows(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		phrases := words(t, lang)
		g := &gallery{t: t, lang: lang, theme: "light"}
		for _, x := range shots() {
			s := g.set(t, &x)
			for _, scale := range []float32{1, 1.5} {
				back := s.scale(scale, x.size)
				s.nothingOverflows(&x, phrases, scale)
				back()
			}
		}
		g.close()
	}
}

func (s *stage) nothingOverflows(x *shot, phrases map[string]string, scale float32) {
	s.t.Helper()
	name := fmt.Sprintf("%s in %s at %v", x.Name, s.UI.Words().Lang(), scale)
	if x.Dialog {
		s.mustDialog("")
		fitter{s, phrases}.check(name)
		return
	}
	objects := test.LaidOutObjects(s.w.Content())
	for _, o := range objects {
		why := overflow(o)
		if why == "" {
			why = shortened(o, phrases)
		}
		if why != "" {
			s.t.Errorf("%s: %s", name, why)
		}
	}
	if len(objects) < 15 {
		s.t.Errorf("%s: only %d objects were looked at", name, len(objects))
	}
}

// inAllShots reports what look finds in any shot, in English.
func inAllShots(t *testing.T, look func(x *shot, s *stage)) {
	t.Helper()
	g := &gallery{t: t, lang: "en", theme: "light"}
	for _, x := range shots() {
		look(&x, g.set(t, &x))
	}
	g.close()
}

// TestNoShotTwice: two views of one name would share a picture.
func TestNoShotTwice(t *testing.T) {
	var names []string
	for _, x := range shots() {
		if slices.Contains(names, x.Name) {
			t.Errorf("there are two views %s", x.Name)
		}
		names = append(names, x.Name)
	}
}
