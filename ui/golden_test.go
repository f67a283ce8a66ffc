package ui_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"swarmbid/ui/sample"
)

var update = flag.Bool("update", false, "write the pictures of testdata anew; look at them before they are committed")

// TestPictures compares every view with its picture, pixel by pixel: the whole
// window once in each language and theme, then of each tab and dialog the part
// that differs. Pictures depend on Fyne's bundled fonts alone, so the tests need
// the tag ci.
func TestPictures(t *testing.T) {
	for _, c := range []struct{ lang, theme string }{{"en", "light"}, {"de", "dark"}, {"en", "dark"}, {"de", "light"}} {
		t.Run(c.lang+"-"+c.theme, func(t *testing.T) {
			s := newStage(t, c.lang, c.theme)
			s.Play(2)
			var speed sample.Scene
			for _, sc := range sample.Scenes() {
				switch sc.Name {
				case "error": // differs from general in words alone, which are tested as words
				case "speed":
					speed = sc
				default:
					s.run("tab-general") // what is behind a dialog shows at its corners
					picture(s, sc, c.lang+"-"+c.theme)
				}
			}
			s = newStage(t, c.lang, c.theme)
			s.Play(200)
			picture(s, speed, c.lang+"-"+c.theme)
		})
	}
}

// picture compares one view and closes what it opened.
func picture(s *stage, sc sample.Scene, variant string) {
	s.t.Helper()
	sc.Set(s.Stage)
	got := s.w.Canvas().Capture()
	switch {
	case sc.Dialog:
		pos, size := s.mustDialog("").Card()
		got = crop(got, pos, size)
	case sc.Name != "general":
		pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.UI.DetailBox())
		got = crop(got, pos, s.UI.DetailBox().Size())
	}
	compare(s.t, sc.Name+"-"+variant+".png", got)
	for s.dialog() != nil {
		s.key(fyne.KeyEscape)
	}
}

func crop(m image.Image, pos fyne.Position, size fyne.Size) image.Image {
	r := image.Rect(int(pos.X), int(pos.Y), int(pos.X+size.Width), int(pos.Y+size.Height))
	out := image.NewNRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(out, out.Rect, m, r.Min, draw.Src)
	return out
}

// compare holds a picture against testdata. One that differs is written beside
// it below failed/.
func compare(t testing.TB, name string, got image.Image) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		write(t, path, got)
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if n := differ(got, want); n != 0 {
		failed := filepath.Join("testdata", "failed", name)
		write(t, failed, got)
		t.Errorf("%d pixels differ from %s; see %s", n, path, failed)
	}
}

func differ(a, b image.Image) (n int) {
	x, y := opaque(a), opaque(b)
	if x.Rect != y.Rect {
		return -1
	}
	for i := 0; i < len(x.Pix); i += 4 {
		if !bytes.Equal(x.Pix[i:i+4], y.Pix[i:i+4]) {
			n++
		}
	}
	return n
}

func write(t testing.TB, path string, m image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, small(opaque(m))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// small gives a picture of few colours a palette: the same picture in a smaller file.
func small(m *image.RGBA) image.Image {
	out := image.NewPaletted(m.Rect, nil)
	index := map[color.RGBA]uint8{}
	for i := 0; i < len(m.Pix); i += 4 {
		c := color.RGBA{m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3]}
		k, ok := index[c]
		if !ok {
			if len(out.Palette) == 256 {
				return m
			}
			k = uint8(len(out.Palette))
			index[c], out.Palette = k, append(out.Palette, c)
		}
		out.Pix[i/4] = k
	}
	return out
}

// opaque drops the transparency nothing in a window has, which makes files
// smaller.
func opaque(m image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, m.Bounds().Dx(), m.Bounds().Dy()))
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = 0xff
	}
	return out
}

// TestNothingOverflows looks for texts that are wider than their place, in every
// view, both languages and two scales.
func TestNothingOverflows(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		phrases := words(t, lang)
		for _, scale := range []float32{1, 1.5} {
			s := newStage(t, lang, "light")
			if c, ok := s.w.Canvas().(software.WindowlessCanvas); ok {
				c.SetScale(scale)
				s.w.Resize(fyne.NewSize(1000, 640))
			}
			for _, sc := range sample.Scenes() {
				sc.Set(s.Stage)
				roots := []fyne.CanvasObject{s.w.Content()}
				if top := s.w.Canvas().Overlays().Top(); top != nil {
					roots = []fyne.CanvasObject{top}
				}
				seen := 0
				for _, r := range roots {
					for _, o := range test.LaidOutObjects(r) {
						seen++
						why := overflow(o)
						if why == "" {
							why = shortened(o, phrases)
						}
						if why != "" {
							t.Errorf("%s in %s at %v: %s", sc.Name, lang, scale, why)
						}
					}
				}
				if seen < 15 {
					t.Errorf("%s: only %d objects were looked at", sc.Name, seen)
				}
				for s.dialog() != nil {
					s.key(fyne.KeyEscape)
				}
			}
		}
	}
}
