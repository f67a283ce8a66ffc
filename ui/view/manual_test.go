package view

import (
	"os"
	"strings"
	"testing"
)

func TestManual(t *testing.T) {
	got := Manual("lost\n\n# One\n\na\nb\n\n\n\nc\n\n# Two\r\n\r\nd\n")
	if len(got) != 2 || got[0].Title != "One" || strings.Join(got[0].Paragraphs, "|") != "a b|c" || got[1].Title != "Two" || got[1].Paragraphs[0] != "d" {
		t.Errorf("%+v", got)
	}
	if Manual("") != nil {
		t.Error("nothing has chapters")
	}
}

// TestManualIsTheSameInEachLanguage: every language has the same chapters with as many
// paragraphs, none so long that it is not read, and names pages by the words they have.
func TestManualIsTheSameInEachLanguage(t *testing.T) {
	read := func(lang string) []Chapter {
		b, err := os.ReadFile("../../assets/manual/" + lang + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		return Manual(string(b))
	}
	en, de := read("en"), read("de")
	if len(en) < 5 || len(en) != len(de) {
		t.Fatalf("%d and %d chapters", len(en), len(de))
	}
	for i := range en {
		if len(en[i].Paragraphs) != len(de[i].Paragraphs) || len(en[i].Paragraphs) == 0 || len(en[i].Paragraphs) > 5 {
			t.Errorf("%s has %d paragraphs, %s %d", en[i].Title, len(en[i].Paragraphs), de[i].Title, len(de[i].Paragraphs))
		}
		for _, p := range append(append([]string(nil), en[i].Paragraphs...), de[i].Paragraphs...) {
			if len(p) > 320 {
				t.Errorf("%d bytes: %s", len(p), p)
			}
		}
	}
	for lang, list := range map[string][]Chapter{"en": en, "de": de} {
		l, all := locale(t, lang), ""
		for _, c := range list {
			all += strings.Join(c.Paragraphs, "\n") + "\n"
		}
		for _, key := range []string{"prefs.interface", "prefs.directories", "prefs.bandwidth", "prefs.queueing", "prefs.connection", "prefs.general", "prefs.title", "prefs.allocate", "menu.file", "menu.options", "menu.forceStart", "tab.general", "tab.trackers", "tab.log", "tab.files", "market.pref.title"} {
			if !strings.Contains(all, l.T(key)) {
				t.Errorf("%s: the manual does not call %s «%s»", lang, key, l.T(key))
			}
		}
	}
}
