package dialogs

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// checks returns the words of the boxes of the preferences.
func checks(f *Frame) (out []string) {
	for _, b := range f.prefs.bodies {
		for _, o := range test.LaidOutObjects(b) {
			if c, ok := o.(*Check); ok {
				out = append(out, c.Text)
			}
		}
	}
	return out
}

// TestNeedsOfSettings: a setting that can do nothing here is not shown.
func TestNeedsOfSettings(t *testing.T) {
	all := []string{"prefs.closeToTray", "prefs.minimiseToTray", "prefs.autostart"}
	for name, c := range map[string]struct {
		desk  *Desktop
		shown []string
	}{
		"none":         {nil, nil},
		"tray":         {&Desktop{Tray: true}, all[:1]},
		"minimises":    {&Desktop{Minimises: true, Autostart: true}, all[2:]},
		"everything":   {&Desktop{Tray: true, Minimises: true, Autostart: true}, all},
		"half opening": {&Desktop{Tray: true, Check: func(func(string)) {}}, all[:1]},
	} {
		h := newHost(t)
		h.Desktop = c.desk
		f := h.Preferences(PrefsParams{First: "prefs.desk", Save: func(Prefs) error { return nil }, Explain: error.Error})
		boxes := checks(f)
		for _, key := range all {
			if got, want := slices.Contains(boxes, h.Locale.T(key)), slices.Contains(c.shown, key); got != want {
				t.Errorf("%s: %s shown %v", name, key, got)
			}
		}
		f.Close()
	}
}

// TestNeedsOfKeys: a key that can do nothing here is not in the table.
func TestNeedsOfKeys(t *testing.T) {
	for _, on := range []bool{false, true} {
		h := newHost(t)
		h.Desktop = &Desktop{Sparse: on}
		d, _ := openPage(t, h, "prefs.advanced", values())
		var keys []string
		for i := range (keyRows{d.table}).Len() {
			keys = append(keys, keyRows{d.table}.Key(i))
		}
		if got := slices.Contains(keys, "diskio.sparse_files"); got != on || !slices.Contains(keys, "diskio.use_partfile") {
			t.Errorf("with %v there are %v", on, keys)
		}
	}
}

func TestNoticeChanges(t *testing.T) {
	h := newHost(t)
	n := h.Notice("Done", "in 60 s", "Cancel")
	closed := 0
	n.OnClosed = func() { closed++ }
	n.Say("in 59 s")
	if n.Words() != "in 59 s" || !strings.Contains(shown(n.Frame), "in 59 s") {
		t.Errorf("says %q: %q", n.Words(), shown(n.Frame))
	}
	press(h, fyne.KeyReturn)
	if n.Close(); closed != 1 || !n.Closed() {
		t.Errorf("closed %d times", closed)
	}
}

func TestCrashOffers(t *testing.T) {
	h := newHost(t)
	copied := 0
	f := h.Crash("panic: x\n"+strings.Repeat("line\n", 500), "/data/crash.txt.last", func() { copied++ }, nil)
	var labels []string
	for _, o := range test.LaidOutObjects(f) {
		if b, ok := o.(*Button); ok {
			labels = append(labels, b.Text)
			if b.Text == "Copy" {
				b.OnTapped()
			}
		}
	}
	if copied != 1 || f.Closed() || slices.Contains(labels, "Open folder") {
		t.Errorf("copied %d times, closed %v, buttons %q", copied, f.Closed(), labels)
	}
	if _, size := f.Card(); size.Height > h.Canvas.Size().Height {
		t.Errorf("a long report makes the dialog %v high", size.Height)
	}
	if press(h, fyne.KeyEscape); !f.Closed() {
		t.Error("Escape does not close it")
	}
}
