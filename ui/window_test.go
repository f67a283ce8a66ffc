package ui_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/storage"

	"swarmbid/engine/swarm"
	"swarmbid/ui"
	"swarmbid/ui/sample"
	"swarmbid/ui/view"
)

func TestEveryMenuItemDoesSomething(t *testing.T) {
	s := newStage(t, "de", "light")
	for _, tab := range []string{"tab-peers", "tab-trackers", "tab-files"} {
		s.choose("debian")
		s.run(tab)
	}
	s.UI.Files().SelectAll()
	var walk func(path string, items []*fyne.MenuItem)
	walk = func(path string, items []*fyne.MenuItem) {
		for _, it := range items {
			switch {
			case it.IsSeparator:
			case it.Label == "" || strings.Contains(it.Label, "menu.") || strings.Contains(it.Label, "limit."):
				t.Errorf("%s: an item has no words: %q", path, it.Label)
			case it.ChildMenu != nil:
				if len(it.ChildMenu.Items) == 0 {
					t.Errorf("%s: %s is empty", path, it.Label)
				}
				walk(path+" > "+it.Label, it.ChildMenu.Items)
			case it.Action == nil:
				t.Errorf("%s: %s does nothing", path, it.Label)
			}
		}
	}
	menus := s.UI.AllMenus()
	for name, items := range menus {
		walk(name, items)
	}
	if len(menus) != 10 {
		t.Errorf("%d menus", len(menus))
	}
}

func TestCommandsReachTheEngine(t *testing.T) {
	s := newStage(t, "en", "light")
	for _, c := range []struct {
		name, label, call string
		check             func(t *swarm.Torrent) bool
	}{
		{"debian", "Stop", "stop 1", func(x *swarm.Torrent) bool { return x.State == swarm.Stopped }},
		{"debian", "Start", "start 1", func(x *swarm.Torrent) bool { return x.State == swarm.Downloading }},
		{"debian", "Pause", "pause 1", func(x *swarm.Torrent) bool { return x.State == swarm.Paused }},
		{"Wikipedia", "Force Start", "force 1", func(x *swarm.Torrent) bool { return x.Forced && x.State == swarm.Downloading }},
		{"ubuntu", "Force Re-Check", "recheck 1", func(x *swarm.Torrent) bool { return x.State == swarm.Checking }},
		{"arch", "Update Tracker", "announce 1", func(*swarm.Torrent) bool { return true }},
		{"arch", "Films", "label 1", func(x *swarm.Torrent) bool { return x.Label == "Films" }},
		{"arch", "Remove Label", "label 1", func(x *swarm.Torrent) bool { return x.Label == "" }},
		{"Wikipedia", "Move to Top", "queue 1", func(x *swarm.Torrent) bool { return x.Queue == 1 }},
		{"Wikipedia", "Move Down Queue", "queue 1", func(x *swarm.Torrent) bool { return x.Queue == 2 }},
		{"Wikipedia", "Download in Order", "order 1", func(x *swarm.Torrent) bool { return x.Seq && !x.EndsFst }},
		{"Wikipedia", "First and Last Pieces First", "order 1", func(x *swarm.Torrent) bool { return x.Seq && x.EndsFst }},
		{"arch", "250.0 KiB/s", "limits 1", func(x *swarm.Torrent) bool { return x.DownLimit == 250<<10 && x.UpLimit == 0 }},
	} {
		s.choose(c.name)
		s.pick("torrent", c.label)
		calls := s.Engine.Calls()
		if got := calls[len(calls)-1]; got != c.call || !c.check(s.torrent(c.name)) {
			t.Errorf("%s on %s: %q, %+v", c.label, c.name, got, s.torrent(c.name))
		}
	}
}

func TestCommandsOnMany(t *testing.T) {
	s := newStage(t, "en", "light")
	s.choose("debian", "arch", "ubuntu")
	s.run("stop")
	for name, want := range map[string]swarm.State{"debian": swarm.Stopped, "arch": swarm.Stopped, "ubuntu": swarm.Finished, "Sintel": swarm.Downloading} {
		if got := s.torrent(name).State; got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if got := s.UI.Status()[0]; got != "20 torrents, 3 selected" {
		t.Errorf("status %q", got)
	}
}

func TestToolbarFollowsSelection(t *testing.T) {
	s := newStage(t, "en", "light")
	for _, c := range []struct{ name, want string }{
		{"", "map[pause:false queue:false remove:false start:false stop:false]"},
		{"debian", "map[pause:true queue:true remove:true start:false stop:true]"},
		{"Creative", "map[pause:false queue:true remove:true start:true stop:false]"},
		{"ubuntu", "map[pause:true queue:false remove:true start:false stop:true]"},
		{"Big Buck", "map[pause:false queue:true remove:true start:true stop:true]"},
	} {
		if c.name == "" {
			s.UI.Select()
			s.settle()
		} else {
			s.choose(c.name)
		}
		if got := fmt.Sprint(s.UI.Tools()); got != c.want {
			t.Errorf("%q: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestRemove(t *testing.T) {
	s := newStage(t, "en", "light")
	s.choose("debian", "arch")
	s.run("remove")
	s.mustDialog("Remove Torrent")
	s.key(fyne.KeyEscape)
	if n := len(s.Engine.Snapshot().Torrents); n != 20 || s.dialog() != nil {
		t.Fatalf("Escape left %d torrents", n)
	}
	s.run("remove")
	s.key(fyne.KeyReturn)
	if n := len(s.Engine.Snapshot().Torrents); n != 18 {
		t.Errorf("%d torrents after Enter", n)
	}
	if c := s.Engine.Calls(); c[len(c)-1] != "remove 2" {
		t.Errorf("%v", c)
	}
	// Enter alone never deletes files: it presses Cancel.
	s.choose("Sintel")
	s.run("remove-data")
	s.key(fyne.KeyReturn)
	if n := len(s.Engine.Snapshot().Torrents); n != 18 || s.dialog() != nil {
		t.Errorf("%d torrents, dialog %v", n, s.dialog())
	}
	s.Settings.Values.ConfirmRemove = false
	s = newStageWith(t, s.Settings)
	s.choose("ubuntu")
	s.run("remove")
	if len(s.Engine.Snapshot().Torrents) != 19 {
		t.Error("asked although the user does not want to be")
	}
	s.choose("Sintel")
	s.run("remove-data")
	s.mustDialog("Remove Torrent") // files are never deleted unasked
}

// newStageWith opens the window with settings that are there already.
func newStageWith(t *testing.T, set *sample.Settings) *stage {
	t.Helper()
	s := newStage(t, set.Values.Language, set.Values.Theme)
	*s.Settings = *set

	s.UI = ui.New(ui.Params{App: fyne.CurrentApp(), Engine: s.Engine, Settings: s.Settings, Picker: sample.Picker{}})
	s.w = s.UI.Window()
	t.Cleanup(s.w.Close)
	s.w.Resize(fyne.NewSize(1000, 640))
	s.settle()
	return s
}

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

// TestTabsBeginAnew: what was scrolled and selected belongs to one torrent.
func TestTabsBeginAnew(t *testing.T) {
	s := newStage(t, "en", "light")
	s.choose("Sintel")
	s.run("tab-trackers")
	s.UI.Trackers().Select("[DHT]")
	s.settle()
	if s.UI.Trackers().SelectedCount() != 1 {
		t.Fatal("a tick takes the selection away")
	}
	s.choose("debian")
	if s.UI.Trackers().SelectedCount() != 0 {
		t.Error("the row of another torrent is selected")
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

func TestSearchAndSidebar(t *testing.T) {
	s := newStage(t, "en", "light")
	names := func() string {
		m := s.UI.List().Model()
		var out []string
		var c view.Cell
		for i := range m.Len() {
			m.Cell(i, m.Column("name"), &c)
			out = append(out, strings.Fields(c.Text)[0])
		}
		return strings.Join(out, " ")
	}
	s.UI.Search("iso linux")
	s.settle()
	if got := names(); got != "debian-13.2.0-amd64-DVD-1.iso archlinux-2026.11.01-x86_64.iso ubuntu-26.04.1-desktop-amd64.iso kali-linux-2026.3-installer-amd64.iso" {
		t.Errorf("found %s", got)
	}
	if got := s.UI.Status()[0]; got != "4 of 20 torrents" {
		t.Errorf("status %q", got)
	}
	s.UI.SearchBox().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	s.UI.Side().Select(view.Filter{Kind: view.ByLabel, Value: "Books"})
	s.settle()
	if got := names(); got != "stanford-encyclopedia-of-philosophy-2026 Русская Project" {
		t.Errorf("label shows %s", got)
	}
	// What a filter hides is not commanded.
	s.UI.Side().Select(view.Filter{})
	s.choose("debian", "Project")
	s.UI.Side().Select(view.Filter{Kind: view.Completed})
	s.settle()
	s.run("recheck")
	if s.torrent("debian").State == swarm.Checking || s.torrent("Project").State != swarm.Checking {
		t.Error("a command reached a hidden torrent, or not the shown one")
	}
}

func TestSidebarFolds(t *testing.T) {
	s := newStage(t, "en", "light")
	before := s.UI.Side().Model().Len()
	s.UI.Side().OnFold(7, false) // Labels
	s.settle()
	s.UI.Side().OnFold(0, false) // All has nothing to fold
	s.settle()
	folded := s.UI.Side().Model().Len()
	s.UI.SaveState()
	if folded != before-8 || len(s.Settings.State().Closed) != 1 {
		t.Errorf("%d rows, %d before, %v", folded, before, s.Settings.State().Closed)
	}
	s.UI.Side().OnFold(7, true)
	s.settle()
	if s.UI.Side().Model().Len() != before {
		t.Error("it does not unfold")
	}
}

func TestTabs(t *testing.T) {
	s := newStage(t, "en", "light")
	s.choose("Sintel")
	s.run("tab-peers")
	peers := s.UI.Peers().Model().Len()
	if peers < 5 {
		t.Fatalf("%d peers", peers)
	}
	s.UI.Peers().Select(s.UI.Peers().Model().Key(0), s.UI.Peers().Model().Key(1))
	s.pick("peers", "Copy Addresses")
	if got := fyne.CurrentApp().Clipboard().Content(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "203.0.113.7:") {
		t.Errorf("copied %q", got)
	}
	s.pick("peers", "Ban")
	if got := s.UI.Peers().Model().Len(); got != peers-2 {
		t.Errorf("%d peers after two were banned of %d", got, peers)
	}
	s.run("tab-trackers")
	tr := s.UI.Trackers()
	tr.Select("http://old-tracker.example.net/announce", "[DHT]")
	s.settle()
	s.pick("trackers", "Remove Tracker")
	if got := tr.Model().Len(); got != 5 {
		t.Errorf("%d rows of trackers", got)
	}
	s.run("add-tracker")
	s.write("ftp://x")
	s.key(fyne.KeyReturn)
	s.mustDialog("Add Tracker") // refused
	s.write("udp://new.example:80")
	s.key(fyne.KeyReturn)
	if s.dialog() != nil || tr.Model().Len() != 6 {
		t.Errorf("%d rows of trackers after one was added", tr.Model().Len())
	}
}

func TestFiles(t *testing.T) {
	s := newStage(t, "en", "light")
	s.choose("Sintel")
	s.run("tab-files")
	f := s.UI.Files()
	if f.Model().Len() != 8 {
		t.Fatalf("%d rows", f.Model().Len())
	}
	wanted := s.torrent("Sintel").Wanted
	s.UI.TickFile(1) // Extras holds a skipped file: ticking wants all of it
	s.settle()
	if got := s.torrent("Sintel").Wanted; got <= wanted {
		t.Errorf("%d bytes wanted, %d before", got, wanted)
	}
	s.UI.TickFile(1)
	s.settle()
	if got := s.torrent("Sintel").Wanted; got >= wanted {
		t.Error("ticking a wanted folder does not skip it")
	}
	f.Select(f.Model().Key(6))
	s.pick("files", "High")
	s.pick("files", "Copy Names")
	if got := fyne.CurrentApp().Clipboard().Content(); !strings.HasPrefix(got, "Sintel") {
		t.Errorf("copied %q", got)
	}
	f.OnFold(0, false)
	s.settle()
	if f.Model().Len() != 1 {
		t.Errorf("%d rows below a folded folder", f.Model().Len()-1)
	}
	f.OnFold(0, true)
	s.settle()
	s.pick("files", "Open Containing Folder")
	f.OnActivate(f.CursorRow())
	s.settle()
	if got := strings.Join(s.Opened, " "); !strings.HasPrefix(got, "/home/user/Downloads /home/user/Downloads/Sintel") {
		t.Errorf("opened %q", got)
	}
}

func TestDialogsOfTorrent(t *testing.T) {
	s := newStage(t, "en", "light")
	s.choose("Sintel")
	s.run("rename")
	s.write("a/b")
	s.key(fyne.KeyReturn)
	s.mustDialog("Rename")
	s.write("Sintel remastered")
	s.key(fyne.KeyReturn)
	x := s.torrent("Sintel remastered")
	s.run("move")
	s.write("/data")
	s.key(fyne.KeyReturn)
	s.run("new-label")
	s.key(fyne.KeyReturn)
	s.mustDialog("New Label") // empty
	s.write(" Animation ")
	s.key(fyne.KeyReturn)
	s.run("add-peer")
	s.write("192.0.2.9")
	s.key(fyne.KeyReturn)
	s.mustDialog("Add Peer")
	s.write("192.0.2.9:6881")
	s.key(fyne.KeyReturn)
	now := s.torrent("Sintel remastered")
	if now.SavePath != "/data" || now.Label != "Animation" || now.Peers != x.Peers+1 {
		t.Errorf("%+v", now)
	}
	s.run("limit-down")
	s.write("lots")
	s.key(fyne.KeyReturn)
	s.mustDialog("Download Limit")
	s.write("512")
	s.key(fyne.KeyReturn)
	if got := s.Engine.Snapshot().Totals.DownLimit; got != 512<<10 || s.Settings.Values.DownLimit != got {
		t.Errorf("limit %d, kept %d", got, s.Settings.Values.DownLimit)
	}
	if got := s.UI.Status()[3]; !strings.Contains(got, "[512.0 KiB/s]") {
		t.Errorf("status %q", got)
	}
	s.run("properties")
	s.mustDialog("Properties of Sintel remastered")
	s.write("100")
	s.key(fyne.KeyReturn)
	if l, err := s.Engine.Limits(t.Context(), x.InfoHash); err != nil || l != (swarm.Limits{Down: 100 << 10}) {
		t.Errorf("%+v %v", l, err)
	}
}

func TestFailuresAreShown(t *testing.T) {
	s := newStage(t, "en", "light")
	s.choose("Sintel")
	x := s.torrent("Sintel")
	s.run("add-peer")
	s.write("host:name") // ParseAddrPort of the engine refuses it
	s.key(fyne.KeyReturn)
	s.mustDialog("Add Peer")
	s.key(fyne.KeyReturn)
	if err := s.Engine.Remove(t.Context(), false, x.InfoHash); err != nil {
		t.Fatal(err)
	}
	s.run("start") // it went away while it was selected
	s.mustDialog("Start")
	s.key(fyne.KeyEscape)
	if s.dialog() != nil {
		t.Error("the message stays")
	}
}

func TestPreferences(t *testing.T) {
	s := newStage(t, "en", "light")
	s.run("preferences")
	s.mustDialog("Preferences")
	s.key(fyne.KeyEscape)
	if s.dialog() != nil {
		t.Fatal("Escape does not close")
	}
	s.Settings.Values.Language, s.Settings.Values.Theme = "de", "dark"
	s.run("preferences")
	s.key(fyne.KeyReturn) // OK with what the settings say now
	if s.dialog() != nil || s.UI.Words().Lang() != "de" {
		t.Fatalf("the window speaks %s", s.UI.Words().Lang())
	}
	if got := s.UI.List().Columns()[2].Title; got != "Größe" {
		t.Errorf("title %q", got)
	}
	if s.w.Canvas().Focused() != s.UI.List().Focusable() {
		t.Error("the keyboard is lost after the window was made anew")
	}
	s.Settings.Values.Port = 1 // refused by the sample
	s.run("preferences")
	s.key(fyne.KeyReturn)
	if s.dialog() == nil {
		t.Error("a refused setting closes the dialog")
	}
}

func TestLayoutIsKept(t *testing.T) {
	s := newStage(t, "en", "light")
	s.choose("Sintel")
	s.run("tab-peers")
	s.UI.List().ShowColumn("ratio", false)
	s.UI.List().ShowColumn("hash", true)
	s.UI.List().SetOrder(view.Order{Column: "size", Desc: true})
	s.pick("Options", "Show Toolbar")
	s.pick("Options", "Show Status Bar")
	s.UI.SaveState()
	again := newStageWith(t, s.Settings)
	shown := strings.Join(again.UI.List().Shown(), " ")
	if strings.Contains(shown, "ratio") || !strings.Contains(shown, "hash") || again.UI.List().Order().Column != "size" {
		t.Errorf("%s, %+v", shown, again.UI.List().Order())
	}
	st := again.Settings.State()
	if !st.HideToolbar || !st.HideStatus || st.HideSide || st.Tab != "peers" || st.Width != 1000 {
		t.Errorf("%+v", st)
	}
	m := again.UI.List().Model()
	var c view.Cell
	m.Cell(0, m.Column("hash"), &c)
	if len(c.Text) != 40 {
		t.Errorf("the shown column holds %q", c.Text)
	}
	if it := item(again.UI.AllMenus()["Options"], "Show Toolbar"); it.Checked {
		t.Error("the menu says that the toolbar shows")
	}
}

func TestShortcuts(t *testing.T) {
	s := newStage(t, "en", "light")
	ctrl := func(k fyne.KeyName) fyne.Shortcut {
		return &desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierControl}
	}
	for k, title := range map[fyne.KeyName]string{fyne.KeyO: "Add Torrent", fyne.KeyU: "Add Torrent from URL", fyne.KeyComma: "Preferences"} {
		if !s.UI.Shortcut(ctrl(k)) {
			t.Errorf("Ctrl+%s is no key of the window", k)
		}
		s.settle()
		s.mustDialog(title)
		s.UI.Shortcut(ctrl(fyne.KeyComma)) // must not open a second one
		s.settle()
		s.key(fyne.KeyEscape)
		if s.dialog() != nil {
			t.Fatalf("%s opened twice or stays", title)
		}
	}
	s.UI.Shortcut(ctrl(fyne.KeyF))
	if s.w.Canvas().Focused() != s.UI.SearchBox() {
		t.Error("Ctrl+F does not go to the search box")
	}
	if s.UI.Shortcut(ctrl(fyne.KeyW)) || s.UI.Shortcut(&fyne.ShortcutPaste{}) {
		t.Error("a key that is not the window's was taken")
	}
	s.choose("debian")
	s.UI.List().OnShortcut(&fyne.ShortcutCopy{})
	s.settle()
	if got := fyne.CurrentApp().Clipboard().Content(); !strings.HasPrefix(got, "magnet:?xt=urn:btih:") {
		t.Errorf("Ctrl+C copied %q", got)
	}
}

// pausing tells the test of every snapshot that Follow takes.
type pausing struct {
	ui.Engine
	taken chan struct{}
}

func (p pausing) Snapshot() *swarm.Snapshot {
	s := p.Engine.Snapshot()
	select {
	case p.taken <- struct{}{}:
	default:
	}
	return s
}

func TestFollow(t *testing.T) {
	s := newStage(t, "en", "light")
	eng := pausing{s.Engine, make(chan struct{}, 100)}
	u := ui.New(ui.Params{App: fyne.CurrentApp(), Engine: eng, Settings: s.Settings})
	defer u.Window().Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	for len(eng.taken) > 0 {
		<-eng.taken
	}
	go func() { done <- u.Follow(ctx) }()
	<-eng.taken // woken by the first publish
	s.Engine.Tick(true)
	<-eng.taken
	if _, err := s.Engine.Add(ctx, swarm.Add{Source: swarm.Source{File: "new.torrent"}}); err != nil {
		t.Fatal(err)
	}
	<-eng.taken
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if n := u.List().Model().Len(); n < 20 { // the last frame may have met the end
		t.Errorf("%d torrents shown", n)
	}
	if !strings.HasPrefix(u.Window().Title(), "D: ") {
		t.Errorf("title %q", u.Window().Title())
	}
}

// slogOf makes a logger of a book.
func slogOf(b *ui.LogBook) *slog.Logger { return slog.New(b) }

func TestLogBook(t *testing.T) {
	b := ui.NewLogBook(3)
	log := slogOf(b).With("torrent", "x").WithGroup("peer")
	log.Debug("not for people")
	for i := range 5 {
		log.Warn("dropped", "n", i, "why", "evil\nname\x00")
	}
	lines := b.Lines()
	if len(lines) != 3 || lines[2].N != 5 || lines[2].Tone != view.Working {
		t.Fatalf("%+v", lines)
	}
	if got := lines[2].Text; got != "dropped  torrent=x  peer.n=4  peer.why=evil name " {
		t.Errorf("%q", got)
	}
	log.Error(strings.Repeat("x", 5000))
	if n := len(b.Lines()[2].Text); n > 510 {
		t.Errorf("a line of %d bytes", n)
	}
}
