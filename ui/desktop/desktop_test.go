package desktop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// childEnv makes the test binary play another start of the program.
const childEnv = "SWARMBID_TEST_CHILD"

func TestMain(m *testing.M) {
	if role := os.Getenv(childEnv); role != "" {
		os.Exit(child(role, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// child is what another process does, told on standard output.
func child(role string, args []string) int {
	switch role {
	case "start": // data folder, arguments
		i, err := Acquire(context.Background(), "SwarmbidTest", args[0], Message{Dir: args[0], Args: args[1:]})
		if errors.Is(err, ErrHandedOff) {
			return 0
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return childProgram(i)
	case "crash": // file
		if _, err := OpenCrashFile(args[0]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		panic("deliberate " + os.Getenv("SWARMBID_CRASH_WITH")) //nolint:forbidigo // what the test is about
	}
	return 3
}

// childProgram is the program until its standard input ends: it tells what it is
// handed.
func childProgram(i *Instance) int {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- i.Run(ctx) }()
	out := json.NewEncoder(os.Stdout)
	_ = out.Encode(Message{Dir: "ready"})
	input := make(chan struct{})
	go func() {
		defer close(input)
		_, _ = os.Stdin.Read(make([]byte, 1))
	}()
	for {
		select {
		case m := <-i.Messages():
			_ = out.Encode(m)
			if !m.Quit {
				continue
			}
		case <-input:
		}
		cancel()
		if err := errors.Join(<-done, i.Close()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
}

func TestFolderKeyIsOfTheFolder(t *testing.T) {
	dir := t.TempDir()
	key := func(p string) string {
		t.Helper()
		k, err := folderKey(p)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	a := key(dir)
	if b := key(dir + string(filepath.Separator) + "x" + string(filepath.Separator) + ".."); a != b {
		t.Errorf("two spellings, two keys: %s %s", a, b)
	}
	t.Chdir(dir)
	if b := key("."); a != b {
		t.Errorf("relative: %s, want %s", b, a)
	}
	if b := key(filepath.Join(dir, "other")); a == b {
		t.Error("two folders, one key")
	}
	if runtime.GOOS == "windows" {
		if b := key(strings.ToUpper(dir)); a != b {
			t.Errorf("capitals: %s, want %s", b, a)
		}
		return // links to folders are rare there
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if b := key(link); a != b {
		t.Errorf("a link to the folder: %s, want %s", b, a)
	}
}

func TestExecutableIsAbsolute(t *testing.T) {
	exe, err := Executable()
	if err != nil || !filepath.IsAbs(exe) {
		t.Fatalf("%q, %v", exe, err)
	}
	if _, err := os.Stat(exe); err != nil {
		t.Error(err)
	}
}

func TestCommands(t *testing.T) {
	for _, c := range Commands() {
		if c == "" || strings.ContainsAny(c, ` "`) {
			t.Errorf("command %q would need quoting in an installer", c)
		}
	}
	if err := Do(t.Context(), "format-disk", Program{Name: "SwarmbidTest"}, t.TempDir()); !errors.Is(err, ErrUnsupported) {
		t.Errorf("unknown command: %v", err)
	}
	if err := Do(t.Context(), CommandQuitRunning, Program{Name: "SwarmbidTest"}, t.TempDir()); err != nil {
		t.Errorf("nothing runs, so that there is nothing to wait for: %v", err)
	}
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.Itoa(i)
	}
	return out
}
