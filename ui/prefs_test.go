package ui_test

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/sample"
)

// TestDoubleClick: each choice does what it says, by whether the torrent is
// complete.
func TestDoubleClick(t *testing.T) {
	s := newStage(t, "en", "light")
	set := s.Settings
	activate := func(name string) {
		s.choose(name)
		s.UI.List().OnActivate(0)
		s.settle()
	}
	apply := func(loads, seeds string) {
		set.Values.DoubleClick, set.Values.DoubleClickSeeding = loads, seeds
		s.run("preferences")
		s.key(fyne.KeyReturn)
		s.Opened = nil
	}
	apply("properties", "openFolder")
	activate("Sintel")
	s.mustDialog("Properties of Sintel")
	s.key(fyne.KeyEscape)
	activate("ubuntu")
	if n := len(s.Desk.Revealed); n != 1 || !strings.HasSuffix(s.Desk.Revealed[0], s.torrent("ubuntu").Name) {
		t.Errorf("shown in its folder: %q", s.Desk.Revealed)
	}
	apply("startStop", "open")
	activate("Sintel")
	if st := s.torrent("Sintel").State; st != swarm.Stopped {
		t.Errorf("Sintel is %v", st)
	}
	activate("Sintel")
	if st := s.torrent("Sintel").State; st == swarm.Stopped {
		t.Error("Sintel stays stopped")
	}
	activate("ubuntu")
	if len(s.Opened) != 1 || !strings.HasSuffix(s.Opened[0], s.torrent("ubuntu").Name) {
		t.Errorf("opened %q", s.Opened)
	}
}

// TestQuitAsks: with torrents that run the program asks before it ends, unless told
// not to.
func TestQuitAsks(t *testing.T) {
	s := newStage(t, "en", "light")
	set := s.Settings
	set.Layout.Recent = []string{"before"}
	s.run("quit")
	s.mustDialog("Quit")
	if got := set.Layout.Recent; len(got) != 1 {
		t.Errorf("the layout was kept before the answer: %q", got)
	}
	s.key(fyne.KeyEscape)
	if s.dialog() != nil {
		t.Fatal("the question stays")
	}
	s.run("quit")
	s.mustDialog("Quit")
	s.key(fyne.KeyReturn)
	if len(set.Layout.Recent) != 0 {
		t.Error("the program does not end: its layout was not kept")
	}
	off := sample.NewSettings("en", "light")
	off.Values.ConfirmExit = false
	s = newStageWith(t, off)
	set = s.Settings
	set.Layout.Recent = []string{"before"}
	s.run("quit")
	if s.dialog() != nil || len(set.Layout.Recent) != 0 {
		t.Error("it asks although it was told not to")
	}
}

func TestTrackersAreAskedFor(t *testing.T) {
	s := newStage(t, "en", "light")
	s.choose("Sintel")
	s.run("tab-trackers")
	count := func() (n int) {
		d, err := s.Engine.Details(t.Context(), s.torrent("Sintel").InfoHash, swarm.PartTrackers)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range d.Trackers {
			if x.Tier >= 0 {
				n++
			}
		}
		return n
	}
	before := count()
	tb := s.UI.Trackers()
	for i := range tb.Model().Len() {
		if strings.Contains(tb.Model().Key(i), "://") {
			tb.Select(tb.Model().Key(i))
			break
		}
	}
	s.run("remove-tracker")
	s.mustDialog("Remove Trackers")
	s.key(fyne.KeyEscape)
	if count() != before {
		t.Fatal("removed before the answer")
	}
	s.run("remove-tracker")
	s.key(fyne.KeyReturn)
	if got := count(); got != before-1 {
		t.Errorf("%d of %d trackers are left", got, before)
	}
}

// TestAlternativeLimits: the switch of the toolbar is kept, shown, and the limits
// set in the status bar are then the alternative ones.
func TestAlternativeLimits(t *testing.T) {
	s := newStage(t, "en", "light")
	set := s.Settings
	limit := func(kib string) {
		t.Helper()
		e, ok := s.w.Canvas().Focused().(*dialogs.Entry)
		if !ok {
			t.Fatal("no field has the keyboard")
		}
		e.SetText(kib)
	}
	s.run("alternative")
	if !set.Values.AltOn || !s.UI.AltTool().Accent() {
		t.Fatalf("on: %v, shown: %v", set.Values.AltOn, s.UI.AltTool().Accent())
	}
	s.run("limit-down")
	limit("77")
	s.key(fyne.KeyReturn)
	if set.Values.AltDownLimit != 77<<10 || set.Values.DownLimit != 0 {
		t.Errorf("alternative %d, usual %d", set.Values.AltDownLimit, set.Values.DownLimit)
	}
	s.run("alternative")
	s.run("limit-down")
	limit("88")
	s.key(fyne.KeyReturn)
	if set.Values.AltOn || set.Values.AltDownLimit != 77<<10 || set.Values.DownLimit != 88<<10 {
		t.Errorf("alternative %d, usual %d", set.Values.AltDownLimit, set.Values.DownLimit)
	}
}

func TestLimitsInStatusBar(t *testing.T) {
	s := newStage(t, "en", "light")
	set := s.Settings
	has := func() bool {
		return slices.ContainsFunc(s.UI.Status(), func(f string) bool { return strings.Contains(f, "[8.0 MiB/s]") })
	}
	if !has() {
		t.Fatalf("status %q", s.UI.Status())
	}
	set.Values.LimitsInStatus = false
	s.run("preferences")
	s.key(fyne.KeyReturn)
	if has() {
		t.Errorf("status %q", s.UI.Status())
	}
}

func TestStripes(t *testing.T) {
	s := newStage(t, "en", "light")
	set := s.Settings
	if s.UI.List().NoStripes {
		t.Fatal("no stripes at first")
	}
	set.Values.Stripes = false
	s.run("preferences")
	s.key(fyne.KeyReturn)
	if !s.UI.List().NoStripes || !s.UI.Peers().NoStripes {
		t.Error("the stripes stay")
	}
}
