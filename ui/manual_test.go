package ui_test

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
	"swarmbid/ui/sample"
)

// menuItem finds an item of the bar by its words.
func (s *stage) menuItem(words string) *fyne.MenuItem {
	s.t.Helper()
	for _, m := range s.UI.AllBars() {
		for _, it := range m.Items {
			if it.Label == words {
				return it
			}
		}
	}
	s.t.Fatalf("no menu item %q", words)
	return nil
}

// TestManualIsOpened: the manual is in the menu, in the language of the window.
func TestManualIsOpened(t *testing.T) {
	for lang, want := range map[string][3]string{"en": {"Manual…", "Manual", "First steps"}, "de": {"Handbuch…", "Handbuch", "Erste Schritte"}} {
		s := newStage(t, lang, "light")
		s.menuItem(want[0]).Action()
		s.settle()
		d := s.mustDialog(want[1])
		if words := s.shown(); !strings.Contains(words, want[2]) {
			t.Errorf("%s: shown %q", lang, words)
		}
		s.key(fyne.KeyEscape)
		if !d.Closed() {
			t.Error("it stays")
		}
	}
}

// TestIconsOnTabs: they go and come back, and the choice is kept.
func TestIconsOnTabs(t *testing.T) {
	s := newStage(t, "en", "light")
	before := s.UI.TabIcons()
	if it := s.menuItem("Icons on Tabs"); !it.Checked || slices.Contains(before, "") {
		t.Fatalf("at first %v, %q", it.Checked, before)
	}
	s.menuItem("Icons on Tabs").Action()
	s.settle()
	if got := s.UI.TabIcons(); slices.ContainsFunc(got, func(i string) bool { return i != "" }) || s.menuItem("Icons on Tabs").Checked {
		t.Errorf("hidden: %q", got)
	}
	s.UI.SaveState()
	if !s.Settings.State().HideIcons {
		t.Error("it is not kept")
	}
	s.menuItem("Icons on Tabs").Action()
	s.settle()
	if got := s.UI.TabIcons(); !slices.Equal(got, before) {
		t.Errorf("back: %q", got)
	}
}

// TestAddToAFolder: the folder is asked for, and the torrent goes there whether the
// dialog is shown or not; the default folder stays what it is.
func TestAddToAFolder(t *testing.T) {
	for _, ask := range []bool{true, false} {
		set := sample.NewSettings("en", "light")
		set.Values.AskOnAdd = ask
		s := newStageWith(t, set)
		s.menuItem("Add Torrent to a Folder…").Action()
		s.settle()
		for ask && s.dialog() != nil {
			s.mustDialog("Add Torrent")
			s.key(fyne.KeyReturn)
			s.settle()
		}
		n := 0
		for _, x := range s.Engine.Snapshot().Torrents {
			if x.SavePath == "/data/films" && x.State == swarm.Downloading && strings.HasPrefix(x.Name, "Open Film") {
				n++
			}
		}
		if n == 0 || s.Settings.Values.DownloadDir != "/home/user/Downloads" {
			t.Errorf("asked %v: %d torrents in the folder", ask, n)
		}
	}
}
