//go:build windows

package desktop

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// below is the user's registry below a key of the tests.
type below struct {
	userHive
	root string
}

func (b below) value(key, name string) (string, bool, error) {
	return b.userHive.value(b.root+key, name)
}
func (b below) set(key, name, value string) error { return b.userHive.set(b.root+key, name, value) }
func (b below) unset(key, name string) error      { return b.userHive.unset(b.root+key, name) }
func (b below) deleteTree(key string) error       { return b.userHive.deleteTree(b.root + key) }
func (b below) deleteEmpty(key string) error      { return b.userHive.deleteEmpty(b.root + key) }

// hives are the registries that a test runs on.
func hives(t *testing.T) map[string]hive {
	t.Helper()
	b := below{root: `Software\SwarmbidTests\` + t.Name() + `\`}
	t.Cleanup(func() {
		if err := errors.Join(userHive{}.deleteTree(`Software\SwarmbidTests\`+t.Name()), userHive{}.deleteEmpty(`Software\SwarmbidTests`)); err != nil {
			t.Error(err)
		}
	})
	return map[string]hive{"memory": mapHive{}, "user": b}
}

func TestHiveDeletesEmptyKeysOnly(t *testing.T) {
	h := hives(t)["user"].(below)
	if err := errors.Join(h.set(`a\b`, "n", "v"), h.deleteEmpty(`a\b`), h.deleteEmpty(`a`), h.deleteEmpty(`none`)); err != nil {
		t.Fatal(err)
	}
	if v, ok, err := h.value(`a\b`, "n"); v != "v" || !ok || err != nil {
		t.Fatalf("a key with a value was deleted: %q %v %v", v, ok, err)
	}
	if err := errors.Join(h.unset(`a\b`, "n"), h.unset(`a\b`, "n"), h.deleteEmpty(`a\b`), h.deleteEmpty(`a`)); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := h.value(`a\b`, "n"); ok {
		t.Error("an empty key is still there")
	}
}

func TestNotifyIconDataIsThatOfWindows(t *testing.T) {
	if n := unsafe.Sizeof(notifyIconData{}); n != 976 {
		t.Errorf("NOTIFYICONDATAW has %d bytes here, 976 in Windows", n)
	}
}

// The tray's window comes and goes, whether there is a taskbar or not, and a change
// at any time is taken.
func TestTrayEnds(t *testing.T) {
	for range 3 {
		tray := NewTray(TrayConfig{Tip: "one"})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- tray.Run(ctx) }()
		tray.SetTip("two\nlines")
		tray.SetMenu([]MenuItem{{Text: "a & b"}, {}, {Text: "c", Disabled: true}})
		tray.ShowToast("title", "text")
		for left := 1; left > 0; {
			if wait(t.Context(), time.Millisecond) != nil {
				t.Fatal("the toast was never taken")
			}
			_, left = tray.peek()
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		tray.SetTip("after the end")
	}
}

func TestProbeGL(t *testing.T) {
	g, err := ProbeGL()
	if err != nil && !errors.Is(err, ErrNoGL) {
		t.Fatal(err)
	}
	t.Logf("OpenGL %q by %q, %v", g.Version, g.Renderer, err)
	if err == nil && (g.Version == "" || g.Renderer == "") {
		t.Error("usable, and nameless")
	}
}

func TestOriginalOfTheSoftwareCopy(t *testing.T) {
	dir := t.TempDir()
	exe := filepath.Join(dir, "Swarmbid.exe")
	twin := filepath.Join(dir, "SW", "Swarmbid.exe")
	if got := original(twin); got != twin {
		t.Errorf("no original there, got %s", got)
	}
	if err := os.WriteFile(exe, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := original(twin); got != exe {
		t.Errorf("original is %s, want %s", got, exe)
	}
	if got := original(exe); got != exe {
		t.Errorf("the program itself: %s", got)
	}
	if _, err := SoftwareGL(); !errors.Is(err, ErrUnsupported) {
		t.Errorf("without the library: %v", err)
	}
}

func TestAwakeOnWindows(t *testing.T) {
	var a Awake
	err := a.Keep(true, "Downloading")
	if err != nil && !errors.Is(err, ErrUnsupported) { // wine has no power requests
		t.Fatal(err)
	}
	if kept := a.kept; kept != (err == nil) {
		t.Errorf("kept %v after %v", kept, err)
	}
	for range 2 {
		if err := a.Keep(false, ""); err != nil || a.kept {
			t.Errorf("ended: kept %v, %v", a.kept, err)
		}
	}
}

func TestNothingToShow(t *testing.T) {
	for _, f := range []func(string) error{Open, Reveal} {
		if err := f(filepath.Join(t.TempDir(), "gone")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a file that is gone: %v", err)
		}
	}
}

func TestAttachConsoleKeepsRedirection(t *testing.T) {
	if !redirected(windows.STD_OUTPUT_HANDLE) {
		t.Skip("standard output is a console")
	}
	old := os.Stdout
	if err := AttachConsole(); err != nil {
		t.Fatal(err)
	}
	if os.Stdout != old {
		t.Error("redirected output goes to the console")
	}
}
