package desktop

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCrashIsReportedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "crash.txt")
	cmd := childCommand(t, "crash", path)
	cmd.Stderr = nil
	if err := cmd.Run(); err == nil {
		t.Fatal("the child did not crash")
	}
	c, err := OpenCrashFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(c.Report, "panic: deliberate") || !strings.Contains(c.Report, "desktop.child") {
		t.Errorf("report:\n%s", c.Report)
	}
	if b, err := os.ReadFile(c.Kept); err != nil || string(b) != c.Report {
		t.Errorf("put aside: %q, %v", b, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a run that ended well left a crash file: %v", err)
	}
	if c, err = OpenCrashFile(path); err != nil || c.Report != "" || c.Kept != "" {
		t.Fatalf("second start: %+v, %v", c, err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestCrashReportIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "crash.txt")
	if err := os.WriteFile(path, make([]byte, 2*maxCrash), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := OpenCrashFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if len(c.Report) != maxCrash {
		t.Errorf("%d bytes, want %d", len(c.Report), maxCrash)
	}
}

func TestCrashFileInAMissingFolder(t *testing.T) {
	if _, err := OpenCrashFile(filepath.Join(t.TempDir(), "none", "crash.txt")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
