package ui_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wish is one line of the checklist. It is met by what the walk finds in a place of
// the window; nobody ticks it by hand.
type wish struct {
	what    string
	place   string // of the walk
	pattern string // a regular expression, case aside; "" = the words of what
	not     string // why it is not wanted; "" = it is
}

// chapter is the wishes of one part of the window.
type chapter struct {
	title  string
	wishes []wish
}

// list makes wishes of one place: each line is what is wanted and, after «: », the
// pattern that finds it.
func list(place, lines string) (out []wish) {
	for line := range strings.Lines(lines) {
		if line = strings.TrimSpace(line); line != "" {
			what, pattern, _ := strings.Cut(line, " :: ")
			out = append(out, wish{what: what, place: place, pattern: pattern})
		}
	}
	return out
}

// notWanted makes lines that are left out on purpose.
func notWanted(lines ...string) (out []wish) {
	for i := 0; i < len(lines); i += 2 {
		out = append(out, wish{what: lines[i], not: lines[i+1]})
	}
	return out
}

// TestChecklist walks the window and compares what it finds with docs/checklist.md.
func TestChecklist(t *testing.T) {
	path := filepath.Join("..", "docs", "checklist.md")
	got := checklist(t, walk(t, "en"))
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	a, b := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			t.Fatalf("%s is not what the window has; first in line %d. Renew it with go test -tags nosqlite,ci ./ui -run TestChecklist -update", path, i+1)
		}
	}
}

// checklist writes the list from what was found.
func checklist(t testing.TB, found map[string][]string) string {
	var b strings.Builder
	met, open, left := 0, 0, 0
	for _, c := range chapters() {
		fmt.Fprintf(&b, "\n## %s\n\n", c.title)
		for _, w := range c.wishes {
			if w.not != "" {
				left++
				fmt.Fprintf(&b, "- ✖ %s — not wanted: %s\n", w.what, w.not)
				continue
			}
			pattern := w.pattern
			if pattern == "" {
				pattern = "^" + strings.TrimSpace(w.what[strings.LastIndex(w.what, ":")+1:])
			}
			if got := probe(found, w.place, pattern); got != "" {
				met++
				fmt.Fprintf(&b, "- ✔ %s", w.what)
				if got != w.what {
					fmt.Fprintf(&b, " · «%s»", strings.ReplaceAll(got, "\n", " "))
				}
				b.WriteString("\n")
			} else {
				open++
				fmt.Fprintf(&b, "- ✖ %s\n", w.what)
			}
		}
	}
	if met < 100 {
		t.Errorf("only %d lines are met: the walk does not find its way", met)
	}
	head := fmt.Sprintf("# Checklist of the window\n\nWhat a user of µTorrent Classic looks for, and whether this window has it. Written by `TestChecklist`, which opens every\n"+
		"menu, tab, dialog and page of the window and reads what is there; the words in «» are those it found. %d lines are met, %d are\nnot, %d are not wanted.\n", met, open, left)
	return head + b.String()
}

// TestProbesAreStrict: a line is met by its own place alone.
func TestProbesAreStrict(t *testing.T) {
	found := map[string][]string{"menu File": {"Exit"}, "menu torrent": {"Queue ▸ Move to Top"}}
	for _, c := range []struct{ place, pattern, want string }{
		{"menu File", "^exit$", "Exit"}, {"menu Help", "exit", ""}, {"menu File", "quit", ""}, {"menu torrent", "▸ move to top", "Queue ▸ Move to Top"},
	} {
		if got := probe(found, c.place, c.pattern); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.pattern, c.place, got, c.want)
		}
	}
}
