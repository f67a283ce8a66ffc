package assets

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"regexp"
	"strings"
	"testing"
)

// TestIcons: every drawing is well-formed, of 16 units, and has no colours but
// the two that are replaced.
func TestIcons(t *testing.T) {
	files, err := icons.ReadDir("icons")
	if err != nil {
		t.Fatal(err)
	}
	colour := regexp.MustCompile(`(fill|stroke)="([^"]*)"`)
	for _, f := range files {
		svg := Icon(strings.TrimSuffix(f.Name(), ".svg"))
		d := xml.NewDecoder(bytes.NewReader(svg))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f.Name(), err)
			}
		}
		if !bytes.Contains(svg, []byte(`viewBox="0 0 16 16"`)) {
			t.Errorf("%s is not of 16 units", f.Name())
		}
		for _, m := range colour.FindAllSubmatch(svg, -1) {
			if c := string(m[2]); c != "#000" && c != "#fff" && c != "none" {
				t.Errorf("%s has the colour %s", f.Name(), c)
			}
		}
	}
	if len(files) < 40 || Icon("no such icon") != nil {
		t.Errorf("%d icons", len(files))
	}
}

func TestAppIcon(t *testing.T) {
	m, err := png.Decode(bytes.NewReader(AppIcon()))
	if err != nil || m.Bounds().Dx() != 256 || m.Bounds().Dy() != 256 {
		t.Errorf("%v", err)
	}
	if _, _, _, a := m.At(0, 0).RGBA(); a != 0 {
		t.Error("the corners are not round")
	}
	if !bytes.Contains(AppIconSVG(), []byte("<svg")) {
		t.Error("no drawing")
	}
}

func TestWords(t *testing.T) {
	for _, lang := range Languages() {
		var m map[string]string
		if err := json.Unmarshal(Words(lang), &m); err != nil || len(m) < 300 {
			t.Errorf("%s: %d words, %v", lang, len(m), err)
		}
	}
	if Words("xx") != nil {
		t.Error("words of a language that is none")
	}
}
