package dialogs

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"swarmbid/ui/view"
)

// TestManualTurns: the chapters are reached with the keyboard and read beside their
// titles.
func TestManualTurns(t *testing.T) {
	h := newHost(t)
	f := h.Manual("Manual", []view.Chapter{{Title: "One", Paragraphs: []string{"alpha", "beta"}}, {Title: "Two", Paragraphs: []string{"gamma"}}})
	if s := shown(f); !strings.Contains(s, "alpha") || !strings.Contains(s, "beta") || strings.Contains(s, "gamma") {
		t.Errorf("first %q", s)
	}
	press(h, fyne.KeyDown)
	if s := shown(f); !strings.Contains(s, "gamma") || strings.Contains(s, "alpha") {
		t.Errorf("then %q", s)
	}
	if press(h, fyne.KeyEscape); !f.Closed() {
		t.Error("it does not close")
	}
}
