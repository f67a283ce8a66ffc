//go:build !windows

package desktop

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEndpointIsPrivate(t *testing.T) {
	private, open := t.TempDir(), t.TempDir()
	if err := errors.Join(os.Chmod(private, 0o700), os.Chmod(open, 0o755)); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	for name, c := range map[string]struct{ runtime, in string }{
		"private runtime folder": {private, private},
		"open runtime folder":    {open, data},
		"none":                   {"", data},
		"relative":               {"run", data},
		"too long":               {filepath.Join(private, strings.Repeat("x", maxSocket)), data},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("XDG_RUNTIME_DIR", c.runtime)
			e, err := newEndpoint(testName, data)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Dir(e.socket) != c.in || filepath.Dir(e.lock) != c.in {
				t.Errorf("meets at %s, want it in %s", e.socket, c.in)
			}
			l, err := e.listen()
			if err != nil {
				t.Fatal(err)
			}
			defer l.close()
			for _, f := range []string{e.socket, e.lock} {
				if st, err := os.Stat(f); err != nil || st.Mode().Perm()&0o077 != 0 {
					t.Errorf("%s: %v, %v: others may use it", f, st.Mode(), err)
				}
			}
		})
	}
}

func TestLongDataFolder(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "")
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 40))
	i := acquire(t, dir)
	if _, err := Acquire(t.Context(), testName, dir, Message{Args: []string{"x"}}); !errors.Is(err, ErrHandedOff) {
		t.Fatal(err)
	}
	next(t, i)
}
