package ui_test

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

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
	if len(menus) != 11 {
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
		{"arch", "High", "limits 1", func(x *swarm.Torrent) bool { return x.Share == swarm.High && x.DownLimit == 250<<10 }},
		{"arch", "Low", "limits 1", func(x *swarm.Torrent) bool { return x.Share == swarm.Low && x.DownLimit == 250<<10 }},
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
	s.w.Canvas().Unfocus()
	s.w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyDown})
	if s.w.Canvas().Focused() != s.UI.List().Focusable() || s.UI.List().CursorRow() != 0 {
		t.Error("a key without a focus is lost")
	}
	s.key(fyne.KeyF10)
	if s.w.Canvas().Overlays().Top() == nil {
		t.Error("F10 does not open the menu")
	}
	s.key(fyne.KeyEscape)
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
