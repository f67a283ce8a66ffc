package main

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
)

func TestPictures(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	for _, scene := range []string{"add", "wallet-page"} {
		if err := pictures(dir, scene, fyne.NewSize(900, 500), 2); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"add-en-light.png", "add-en-dark.png", "add-de-light.png", "add-de-dark.png", "wallet-page-en-light.png"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(f)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err != nil || m.Bounds().Dx() != 1800 || m.Bounds().Dy() != 1000 {
			t.Errorf("%s: %v, %v", name, err, m.Bounds())
		}
	}
	if err := pictures("/dev/null/x", "", fyne.NewSize(10, 10), 1); err == nil {
		t.Error("a folder that cannot be made is no error")
	}
}
