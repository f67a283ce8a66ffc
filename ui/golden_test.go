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
)

var update = flag.Bool("update", false, "write the pictures of testdata anew; look at them before they are committed")

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
