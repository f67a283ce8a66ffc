package desktop

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// hostile are names that mean something to a shell, a menu, a markup or a log.
var hostile = []string{
	"$(calc) `id` \"quoted\" 'single' %PATH% äöü", "<b>bold</b><img src=\"http://x/\">", "a & b && c", "line one\nline two",
	"\u202egnp.exe", "emoji 🐝🐝", strings.Repeat("🐝", 400),
}

func decode(field []uint16) string {
	for i, u := range field {
		if u == 0 {
			return string(utf16.Decode(field[:i]))
		}
	}
	return ""
}

func TestVerbatim(t *testing.T) {
	for _, name := range hostile {
		var field [256]uint16
		fit(field[:], name)
		got := decode(field[:])
		if len(utf16.Encode([]rune(name))) < len(field) {
			if got != name {
				t.Errorf("shown %q, want %q", got, name)
			}
			continue
		}
		body, ok := strings.CutSuffix(got, "…")
		if !ok || !strings.HasPrefix(name, body) || !utf8.ValidString(got) || len(utf16.Encode([]rune(got))) < len(field)-2 {
			t.Errorf("%.40q is cut to %q", name, got)
		}
	}
}

func TestFitIsAlwaysEnded(t *testing.T) {
	for size := 2; size < 40; size++ {
		for _, name := range append(hostile, "", "a\x00b", "tab\tand\x1b[31mred") {
			field := make([]uint16, size)
			for i := range field {
				field[i] = 'X'
			}
			fit(field, name)
			if field[size-1] != 0 {
				t.Fatalf("%q in %d: no end", name, size)
			}
			if got := decode(field); strings.ContainsAny(got, "\x00\t\x1b") || strings.ContainsRune(got, utf8.RuneError) {
				t.Fatalf("%q in %d becomes %q", name, size, got)
			}
		}
	}
}

func TestMenuText(t *testing.T) {
	if got := menuText("Tom & Jerry && x"); got != "Tom && Jerry &&&& x" {
		t.Errorf("got %q", got)
	}
}

func TestToastsAreBounded(t *testing.T) {
	tray := NewTray(TrayConfig{})
	for _, n := range numbered(3 * maxToasts) {
		tray.ShowToast("title", n)
	}
	_, _, toasts := tray.take()
	if len(toasts) != maxToasts || toasts[maxToasts-1].text != "23" {
		t.Errorf("%d wait, want the last %d: %v", len(toasts), maxToasts, toasts)
	}
	if _, _, again := tray.take(); len(again) != 0 {
		t.Errorf("a toast is shown twice: %v", again)
	}
}

func TestOnlyChangesWake(t *testing.T) {
	tray := NewTray(TrayConfig{Tip: "a"})
	tray.SetTip("b") // before Run
	woken := 0
	tray.begin(func() { woken++ })
	tray.SetTip("b")
	if woken != 0 {
		t.Error("the same tooltip wakes the system")
	}
	tray.SetTip("c")
	tray.SetMenu([]MenuItem{{Text: "x"}})
	tray.ShowToast("a", "b")
	if woken != 3 {
		t.Errorf("woken %d times, want 3", woken)
	}
	tray.begin(nil)
	tray.SetTip("d")
	if tip, _, _ := tray.take(); tip != "d" || woken != 3 {
		t.Errorf("after the end: %q, woken %d times", tip, woken)
	}
}

func TestWaitFor(t *testing.T) {
	asked := 0
	never := func(context.Context) bool { asked++; return false }
	if waitFor(t.Context(), 0, never) || asked < 1 || asked > 2 {
		t.Errorf("without patience asked %d times", asked)
	}
	asked = 0
	if third := func(context.Context) bool { asked++; return asked == 3 }; !waitFor(t.Context(), time.Minute, third) {
		t.Error("the third answer is yes")
	}
	ctx, cancel := context.WithCancel(t.Context())
	if waitFor(ctx, time.Hour, func(context.Context) bool { cancel(); return false }) {
		t.Error("after the end of ctx the answer is yes")
	}
}
