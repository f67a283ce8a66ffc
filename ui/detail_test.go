package ui_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
)

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
	s.mustDialog("Remove Tracker") // asks first
	s.key(fyne.KeyReturn)
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
	if len(s.Opened) != 1 || len(s.Desk.Revealed) != 1 || s.Desk.Revealed[0] != s.Opened[0] || !strings.HasPrefix(s.Opened[0], "/home/user/Downloads/Sintel") {
		t.Errorf("opened %q, shown in its folder %q", s.Opened, s.Desk.Revealed)
	}
}
