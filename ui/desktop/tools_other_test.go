//go:build !windows

package desktop

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// fakeTools puts programs first on the path that write their arguments, one a
// line, to a file each; then does what the script says.
func fakeTools(t *testing.T, scripts map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, script := range scripts {
		text := "#!/bin/sh\nprintf '%s\\n' \"$@\" >'" + dir + "/" + name + ".tmp'\nmv '" + dir + "/" + name + ".tmp' '" + dir + "/" + name + ".args'\n" + script + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":/bin:/usr/bin")
	return dir
}

// told is what a fake tool was told; it waits for a tool that runs by itself.
func told(t *testing.T, dir, name string) []string {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if b, err := os.ReadFile(filepath.Join(dir, name+".args")); err == nil {
			return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		}
		if err := wait(t.Context(), 5*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("%s was not started", name)
	return nil
}

func TestAwake(t *testing.T) {
	dir := fakeTools(t, map[string]string{"systemd-inhibit": "for last; do :; done; \"$last\"\necho >\"$0.ended\""})
	var a Awake
	if err := a.Keep(false, ""); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := a.Keep(true, "Downloading $(calc)"); err != nil {
			t.Fatal(err)
		}
	}
	args := told(t, dir, "systemd-inhibit")
	if want := []string{"--what=sleep:idle", "--mode=block", "--who=Swarmbid", "--why=Downloading $(calc)", "cat"}; !slices.Equal(args, want) {
		t.Errorf("told %q, want %q", args, want)
	}
	ended := filepath.Join(dir, "systemd-inhibit.ended")
	if _, err := os.Stat(ended); err == nil {
		t.Error("ended while it should keep")
	}
	for range 2 {
		if err := a.Keep(false, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(ended); err != nil {
		t.Errorf("still kept: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if err := a.Keep(true, ""); !errors.Is(err, ErrUnsupported) {
		t.Errorf("without the tool: %v", err)
	}
}

// The system may refuse to be kept awake; that is no fault of ours.
func TestAwakeRefused(t *testing.T) {
	fakeTools(t, map[string]string{"systemd-inhibit": "exit 1"})
	var a Awake
	if err := errors.Join(a.Keep(true, "x"), a.Keep(false, "")); err != nil {
		t.Error(err)
	}
}

func TestPower(t *testing.T) {
	dir := fakeTools(t, map[string]string{"systemctl": "[ \"$1\" = poweroff ]"})
	if err := PowerOff(t.Context()); err != nil {
		t.Error(err)
	}
	if got := told(t, dir, "systemctl"); !slices.Equal(got, []string{"poweroff"}) {
		t.Errorf("told %q", got)
	}
	if err := Suspend(t.Context()); err == nil {
		t.Error("a refusal is not reported")
	}
	if got := told(t, dir, "systemctl"); !slices.Equal(got, []string{"suspend"}) {
		t.Errorf("told %q", got)
	}
	t.Setenv("PATH", t.TempDir())
	if err := Suspend(t.Context()); !errors.Is(err, ErrUnsupported) {
		t.Errorf("without systemd: %v", err)
	}
}

func TestReveal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a, b $(calc) #1 ä.mkv")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := fakeTools(t, map[string]string{"dbus-send": "exit 0", "xdg-open": "exit 0"})
	if err := Reveal(file); err != nil {
		t.Fatal(err)
	}
	want := "array:string:file://" + filepath.Dir(file) + "/a%2C%20b%20$%28calc%29%20%231%20%C3%A4.mkv"
	if got := told(t, dir, "dbus-send"); !slices.Contains(got, want) {
		t.Errorf("told %q, want %q in it", got, want)
	}
	if err := Open(file); err != nil {
		t.Fatal(err)
	}
	if got := told(t, dir, "xdg-open"); !slices.Equal(got, []string{file}) {
		t.Errorf("opened %q", got)
	}
	for _, f := range []func(string) error{Open, Reveal} {
		if err := f(file + ".gone"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a file that is gone: %v", err)
		}
	}
}

func TestRevealWithoutAFileManager(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := fakeTools(t, map[string]string{"dbus-send": "exit 1", "xdg-open": "exit 0"})
	if err := Reveal(file); err != nil {
		t.Fatal(err)
	}
	if got := told(t, dir, "xdg-open"); !slices.Equal(got, []string{filepath.Dir(file)}) {
		t.Errorf("opened %q, want the folder", got)
	}
	t.Setenv("PATH", t.TempDir())
	if err := Reveal(file); !errors.Is(err, ErrUnsupported) {
		t.Errorf("without any tool: %v", err)
	}
}

// The functions that the program calls, on folders of the test.
func TestAssociateOfTheUser(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_DATA_HOME", filepath.Join(dir, "data"))
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	tools := fakeTools(t, map[string]string{"update-desktop-database": "exit 0"})
	for _, c := range []struct {
		command string
		want    Associations
	}{
		{CommandRegister, Associations{Registered: true, Torrent: true, Magnet: true}},
		{CommandAutostart, Associations{Registered: true, Torrent: true, Magnet: true, Autostart: true}},
		{CommandNoAutostart, Associations{Registered: true, Torrent: true, Magnet: true}},
		{CommandUnregister, Associations{}},
	} {
		if err := Do(t.Context(), c.command, testProgram, dir); err != nil {
			t.Fatalf("%s: %v", c.command, err)
		}
		if a, err := CheckAssociations(testProgram); err != nil || a != c.want {
			t.Errorf("after %s: %+v, %v", c.command, a, err)
		}
	}
	if got := told(t, tools, "update-desktop-database"); !slices.Equal(got, []string{filepath.Join(dir, "data", "applications")}) {
		t.Errorf("told %q", got)
	}
}

func TestFoldersFromHome(t *testing.T) {
	t.Setenv("HOME", "/home/x")
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("XDG_CONFIG_HOME", "relative/is/ignored")
	if x, err := userFolders(); err != nil || x.data != "/home/x/.local/share" || x.config != "/home/x/.config" {
		t.Errorf("%+v, %v", x, err)
	}
}
