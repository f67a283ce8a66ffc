package ui_test

import (
	"strings"
	"testing"
)

// TestPortTestIsSaid: the button of the page asks the session and shows all three
// findings.
func TestPortTestIsSaid(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"Test the Port", "Port 6881 answers", "203.0.113.9:6881", "Nobody has connected"},
		"de": {"Port prüfen", "Port 6881 antwortet", "203.0.113.9:6881", "niemand verbunden"},
	} {
		s := newStage(t, lang, "light")
		s.run("page-prefs.connection")
		if strings.Contains(s.shown(), want[1]) {
			t.Fatalf("%s: said before it was asked", lang)
		}
		s.press(s.dialog(), want[0])
		s.settle()
		for _, w := range want[1:] {
			if !strings.Contains(s.shown(), w) {
				t.Errorf("%s: %q is not said; seen:\n%s", lang, w, s.shown())
			}
		}
	}
}
