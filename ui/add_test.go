package ui_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"swarmbid/engine/swarm"
	"swarmbid/ui"
	"swarmbid/ui/sample"
)

func TestAddByArguments(t *testing.T) {
	s := newStage(t, "en", "light")
	s.UI.AddFromArgs([]string{"/tmp/one.torrent", "magnet:?xt=urn:btih:0123456789012345678901234567890123456789", "notes.txt"})
	s.settle()
	s.mustDialog("Add Torrent")
	s.write("/data/films")
	s.key(fyne.KeyReturn)
	x := s.torrent("Open Film")
	if x.SavePath != "/data/films" || x.State != swarm.Downloading || x.Wanted >= x.Size {
		t.Errorf("added %+v", x)
	}
	s.mustDialog("Add Torrent") // the magnet link comes next
	s.key(fyne.KeyEscape)
	if n := len(s.Engine.Snapshot().Torrents); n != 21 || s.dialog() != nil {
		t.Errorf("%d torrents", n)
	}
	s.UI.AddFromArgs([]string{"/tmp/two.torrent"})
	s.settle()
	if got := s.w.Canvas().Focused(); got == nil {
		t.Error("nothing in the dialog has the focus")
	}
	s.key(fyne.KeyReturn)
	if got := s.Settings.State().Recent; len(got) != 0 {
		t.Errorf("the list of folders is kept before the window closes: %v", got)
	}
	s.UI.SaveState()
	if got := fmt.Sprint(s.Settings.State().Recent); got != "[/home/user/Downloads /data/films]" {
		t.Errorf("folders chosen last: %s", got)
	}
}

// TestAddOfAKnownTorrent: its trackers are added to the one in the list.
func TestAddOfAKnownTorrent(t *testing.T) {
	s := newStage(t, "en", "light")
	for range 2 {
		s.UI.AddFromArgs([]string{"/tmp/one.torrent"})
		s.settle()
		s.key(fyne.KeyReturn)
	}
	if n := len(s.Engine.Snapshot().Torrents); n != 21 || s.dialog() != nil {
		t.Fatalf("%d torrents", n)
	}
	s.choose("Open Film")
	s.run("tab-trackers")
	m := s.UI.Trackers().Model()
	if m.Len() != 1 || m.Key(0) != "udp://tracker.example.org:6969/announce" {
		t.Errorf("%d trackers", m.Len())
	}
}

// TestFreeSpaceOfAFolderToCome: the drive of a folder that is not there yet is
// that of the first folder above it.
func TestFreeSpaceOfAFolderToCome(t *testing.T) {
	s := newStage(t, "en", "light")
	var asked []string
	u := ui.New(ui.Params{App: fyne.CurrentApp(), Engine: s.Engine, Settings: s.Settings, Free: func(dir string) (int64, error) {
		asked = append(asked, dir)
		if dir != "/home" {
			return 0, os.ErrNotExist
		}
		return 9 << 30, nil
	}})
	defer u.Window().Close()
	u.AddFromArgs([]string{"/tmp/one.torrent"})
	u.Settle(t.Context())
	if got := strings.Join(asked, " "); got != "/home/user/Downloads /home/user /home" {
		t.Errorf("asked %s", got)
	}
	found := false
	for _, o := range test.LaidOutObjects(u.Window().Canvas().Overlays().Top()) {
		if l, ok := o.(*widget.Label); ok && strings.HasPrefix(l.Text, "9.00 GiB free") {
			found = true
		}
	}
	if !found {
		t.Error("the dialog does not say what is free")
	}
}

func TestAddWithoutAsking(t *testing.T) {
	set := sample.NewSettings("en", "light")
	set.Values.AskOnAdd, set.Values.AddStopped = false, true
	s := newStageWith(t, set)
	s.UI.AddFromArgs([]string{"/tmp/a.torrent", "/tmp/b.torrent"})
	s.settle()
	if s.dialog() != nil || len(s.Engine.Snapshot().Torrents) != 22 {
		t.Fatalf("%d torrents", len(s.Engine.Snapshot().Torrents))
	}
	if x := s.torrent("Open Film"); x.State != swarm.Stopped || x.SavePath != "/home/user/Downloads" {
		t.Errorf("%+v", x)
	}
}

func TestAddOfABrokenFile(t *testing.T) {
	s := newStage(t, "en", "light")
	s.UI.AddFromArgs([]string{"/tmp/broken.torrent", "/tmp/good.torrent"})
	s.settle()
	// The message about the first stands over the dialog of the second.
	titles := []string{}
	for s.dialog() != nil {
		titles = append(titles, s.dialog().Title)
		s.key(fyne.KeyEscape)
	}
	if len(titles) != 2 {
		t.Errorf("dialogs %q", titles)
	}
}

func TestPasteAnywhere(t *testing.T) {
	s := newStage(t, "en", "light")
	clip := fyne.CurrentApp().Clipboard()
	clip.SetContent("hello")
	s.UI.Paste()
	if s.dialog() != nil || s.UI.Status()[0] != "There is no torrent link on the clipboard" {
		t.Errorf("status %q", s.UI.Status()[0])
	}
	clip.SetContent("  MAGNET:?xt=urn:btih:0123456789012345678901234567890123456789\n")
	s.UI.Paste()
	s.settle()
	s.mustDialog("Add Torrent")
	s.UI.Paste() // a second one must not open over it
	s.settle()
	s.key(fyne.KeyReturn)
	if s.torrent("").State == 0 && len(s.Engine.Snapshot().Torrents) != 21 {
		t.Error("nothing was added")
	}
	// In the search box a link is a torrent, a word is a word.
	box := s.UI.SearchBox().(fyne.Shortcutable)
	clip.SetContent("https://example.org/search.torrent")
	box.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip})
	s.settle()
	s.mustDialog("Add Torrent")
	s.key(fyne.KeyEscape)
	clip.SetContent("linux")
	box.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip})
	s.settle()
	if got := s.UI.List().Model().Len(); got != 5 || s.dialog() != nil {
		t.Errorf("%d rows found", got)
	}
	s.UI.Search("")
	clip.SetContent("https://example.org/x.torrent")
	s.run("add-url")
	s.mustDialog("Add Torrent from URL")
	s.key(fyne.KeyReturn) // the address on the clipboard is there already
	s.mustDialog("Add Torrent")
	s.key(fyne.KeyEscape)
	clip.SetContent("")
	s.run("add-url")
	s.write("nonsense")
	s.key(fyne.KeyReturn)
	s.mustDialog("Add Torrent from URL") // the message, not the entry
	s.key(fyne.KeyReturn)
	if s.dialog() != nil {
		t.Error("the message stays")
	}
}

func TestSourceOf(t *testing.T) {
	for in, want := range map[string]swarm.Source{
		"magnet:?xt=x":                             {Magnet: "magnet:?xt=x"},
		" https://a.example/t ":                    {URL: "https://a.example/t"},
		"file:///tmp/a%20b.torrent":                {File: "/tmp/a b.torrent"},
		"file:///C:/a.torrent":                     {File: "C:/a.torrent"},
		"/tmp/X.TORRENT":                           {File: "/tmp/X.TORRENT"},
		"0123456789ABCDEF0123456789abcdef01234567": {Magnet: "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567"},
		"abcdefghijklmnopqrstuvwxyz234567":         {Magnet: "magnet:?xt=urn:btih:ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"},
	} {
		got, ok := ui.SourceOf(in)
		if !ok || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: %+v %v, want %+v", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "hello", "http://", "notes.txt", "0123", "a\nb.torrent", "ftp://x/y"} {
		if got, ok := ui.SourceOf(in); ok {
			t.Errorf("%q taken for %+v", in, got)
		}
	}
}

func TestDrop(t *testing.T) {
	s := newStage(t, "en", "light")
	dir := filepath.Join(t.TempDir(), "folder [with] *stars*")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"a.torrent", "b.torrent", "c.txt"} {
		if err := os.WriteFile(filepath.Join(dir, n), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.UI.Drop(storage.NewFileURI(dir), storage.NewFileURI("/tmp/x.torrent"), storage.NewFileURI("/tmp/readme.md"))
	s.settle()
	n := 0
	for ; s.dialog() != nil && n < 9; n++ {
		s.key(fyne.KeyEscape)
	}
	if n != 3 {
		t.Errorf("%d dialogs for three torrents", n)
	}
}
