package desktop

import (
	"errors"
	"strings"
	"testing"
)

func TestGLVersions(t *testing.T) {
	for version, ok := range map[string]bool{
		"4.5 (Compatibility Profile) Mesa 22.3.6": true, "2.1": true, "2.1.0 - Build 8.15.10": true, "3.0 Mesa": true, "10.0": true,
		"1.1.0": false, "1.4 (Compatibility Profile) Mesa": false, "2.0.6748 WinXP Release": false, "": false, "OpenGL ES 3.2": false,
	} {
		err := GL{Version: version, Renderer: "GDI Generic"}.check()
		if ok != (err == nil) || err != nil && !errors.Is(err, ErrNoGL) {
			t.Errorf("%q: %v", version, err)
		}
	}
}

func TestNoGLText(t *testing.T) {
	problem := GL{Version: "1.1.0", Renderer: "GDI Generic"}.check()
	titles := map[string]bool{}
	for _, lang := range []string{"de", "de-AT", "en", "", "fr"} {
		title, text := NoGLText(lang, problem)
		titles[title] = true
		for _, want := range []string{"OpenGL 2.1", "sw", "-headless", "1.1", "GDI Generic"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the text does not say %q", lang, want)
			}
		}
	}
	if len(titles) != 2 {
		t.Errorf("%d languages: %v", len(titles), titles)
	}
}
