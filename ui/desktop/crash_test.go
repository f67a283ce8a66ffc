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

// TestCrashWithoutSecrets: a child dies with secrets in its message; neither the
// report nor any file has them afterwards, and the trace is still of use.
func TestCrashWithoutSecrets(t *testing.T) {
	words := strings.TrimSpace(strings.Repeat("abandon ", 11)) + " about"
	key, hash := strings.Repeat("0123456789abcdef", 4), strings.Repeat("DEADBEEF", 5)
	home, err := os.UserHomeDir()
	if err != nil {
		t.Skip("nobody is at home here")
	}
	secret := words + "; key 0x" + key + ", " + key + ", magnet:?xt=urn:btih:" + hash + "&dn=x, " + hash
	path := filepath.Join(t.TempDir(), "crash.txt")
	cmd := childCommand(t, "crash", path)
	cmd.Env = append(cmd.Env, "SWARMBID_CRASH_WITH="+secret+" in "+filepath.Join(home, "wallet.btt"))
	cmd.Stderr = nil
	if err := cmd.Run(); err == nil {
		t.Fatal("the child did not crash")
	}
	if b, err := os.ReadFile(path); err != nil || !strings.Contains(string(b), secret) {
		t.Fatalf("the child did not say its secret: %v", err)
	}
	c, err := OpenCrashFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	left := c.Report
	for _, file := range []string{path, c.Kept} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		left += string(b)
	}
	for _, s := range []string{"abandon", "about", key, hash, "magnet:?", home + string(filepath.Separator)} {
		if strings.Contains(left, s) {
			t.Errorf("%q is left", s)
		}
	}
	for _, s := range []string{"panic: deliberate", "[words]", "[hex digits]", "[magnet link]", "~", "desktop.child", "goroutine "} {
		if !strings.Contains(c.Report, s) {
			t.Errorf("%q is missing:\n%s", s, c.Report)
		}
	}
}
