package ui_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"swarmbid/ui"
	"swarmbid/ui/view"
)

// hostsShown are the names in the Peers tab, as far as there are any.
func (s *stage) hostsShown() (out []string) {
	s.t.Helper()
	m := s.UI.Peers().Model()
	col := m.Column("host")
	for i := range m.Len() {
		if col < 0 {
			break // it is not shown
		}
		var c view.Cell
		if m.Cell(i, col, &c); c.Text != "" {
			out = append(out, c.Text)
		}
	}
	return out
}

// TestResolve: no name is asked for until the user wants it; then every peer has
// its own, a column shows it, and the wish is kept with the layout.
func TestResolve(t *testing.T) {
	s := newStage(t, "en", "light")
	s.choose("Sintel")
	s.run("tab-peers")
	if slices.Contains(s.UI.Peers().Shown(), "host") {
		t.Error("the column is there unasked")
	}
	s.pick("peers", "Resolve IPs")
	for range 6 { // batches
		s.settle()
	}
	n := s.UI.Peers().Model().Len()
	got := s.hostsShown()
	if len(got) != n || n < 3 {
		t.Fatalf("%d of %d peers have names: %q", len(got), n, got)
	}
	for _, name := range got {
		if !strings.HasPrefix(name, "peer-") || strings.HasSuffix(name, ".") {
			t.Errorf("name %q", name)
		}
	}
	s.UI.SaveState()
	if !s.Settings.Layout.Resolve {
		t.Error("it will be forgotten")
	}
	s.pick("peers", "Resolve IPs")
	if got := s.hostsShown(); len(got) != 0 || slices.Contains(s.UI.Peers().Shown(), "host") {
		t.Errorf("still there: %q", got)
	}
}

// TestHostBook: one job at a time, each address once, and what fails has no name.
func TestHostBook(t *testing.T) {
	asked := map[string]int{}
	lookup := func(_ context.Context, a netip.Addr) (string, error) {
		asked[a.String()]++
		if asked[a.String()] > 1 {
			t.Errorf("%v was asked for twice", a)
		}
		if a.As4()[3]%2 == 0 {
			return "", errors.New("no such host")
		}
		return "a\tname\u202e.example.", nil
	}
	names := ui.ResolveAll(t, lookup, 70)
	if len(asked) != 70 {
		t.Errorf("%d addresses were asked for", len(asked))
	}
	for a, name := range names {
		if want := map[byte]string{0: "", 1: "aname.example"}[a.As4()[3]%2]; name != want {
			t.Errorf("%v is %q", a, name)
		}
	}
}
