package ui_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"swarmbid/assets"
	"swarmbid/engine/swarm"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/sample"
)

// makeTorrent fills the dialog and presses Enter, without letting the work begin.
func (s *stage) makeTorrent(path string) {
	s.t.Helper()
	s.pick("File", "Create New Torrent…")
	s.mustDialog("Create Torrent")
	s.write(path)
	s.w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
}

func TestCreateTorrent(t *testing.T) {
	s := newStage(t, "en", "light")
	s.makeTorrent("/data/holiday")
	s.mustDialog("Create Torrent") // how far it is
	s.settle()
	s.mustDialog("Create Torrent")
	if calls := s.Engine.Calls(); !slices.Contains(calls, "create 0") {
		t.Errorf("calls %v", calls)
	}
	s.key(fyne.KeyEscape)
	if s.dialog() != nil {
		t.Error("a dialog is left")
	}
	// What cannot be made is explained.
	s.makeTorrent("/data/empty")
	s.settle()
	s.mustDialog("Create Torrent")
	s.key(fyne.KeyEscape)
	if n := len(s.Engine.Calls()); n != 1 {
		t.Errorf("%d commands", n)
	}
}

// TestCancelCreate: closing the dialog ends the work, and nothing is reported as
// made.
func TestCancelCreate(t *testing.T) {
	s := newStage(t, "en", "light")
	s.makeTorrent("/data/holiday")
	s.mustDialog("Create Torrent")
	s.w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	s.settle()
	if s.dialog() != nil || len(s.Engine.Calls()) != 0 {
		t.Errorf("dialog %v, calls %v", s.dialog(), s.Engine.Calls())
	}
	if _, err := s.Engine.Create(ended(), swarm.Create{Path: "/x"}, func(int64, int64) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("the sample goes on: %v", err)
	}
	if _, err := s.Engine.Create(t.Context(), swarm.Create{Path: "/empty"}, func(int64, int64) {}); !errors.Is(err, sample.ErrNothing) {
		t.Errorf("the sample makes something of nothing: %v", err)
	}
}

func ended() context.Context {
	ctx, end := context.WithCancel(context.Background())
	end()
	return ctx
}

// TestSetupGuide: it is shown to a new user once, speaks the language chosen in its
// first step from the second on, and keeps what was chosen.
func TestSetupGuide(t *testing.T) {
	s := newStage(t, "en", "light")
	s.key(fyne.KeyEscape)
	if s.dialog() != nil {
		t.Fatal("the guide is shown to somebody who has seen it")
	}
	p := s.Settings.Values
	p.GuideDone = false
	s.Settings.Values = p
	s.UI.ReadPrefs()
	s.UI.Show()
	s.mustDialog("Setup Guide: 1 of 3")
	if sel, ok := s.w.Canvas().Focused().(interface{ SetSelectedIndex(int) }); ok {
		sel.SetSelectedIndex(2)
	} else {
		t.Fatal("the languages have not the focus")
	}
	s.key(fyne.KeyReturn)
	s.mustDialog("Einrichtung: 2 von 3")
	s.write("/data/new")
	s.key(fyne.KeyReturn)
	s.mustDialog("Einrichtung: 3 von 3")
	s.write("50001")
	s.key(fyne.KeyReturn)
	if s.dialog() != nil {
		t.Error("the guide goes on")
	}
	if v := s.Settings.Values; v.Language != "de" || v.DownloadDir != "/data/new" || v.Port != 50001 || !v.GuideDone {
		t.Errorf("%+v", v)
	}
	s.UI.Show()
	if s.dialog() != nil {
		t.Error("the guide is shown twice")
	}
	s.pick("Optionen", "Einrichtung…")
	s.mustDialog("Einrichtung: 1 von 3")
	s.key(fyne.KeyEscape)
	if v := s.Settings.Values; v.Port != 50001 {
		t.Errorf("skipping changed %+v", v)
	}
}

// TestSkippedGuide: who skips it has seen it, and a port that the program refuses is
// explained.
func TestSkippedGuide(t *testing.T) {
	s := newStage(t, "en", "light")
	s.Settings.Values.GuideDone = false
	s.UI.ReadPrefs()
	s.UI.Raise()
	s.mustDialog("Setup Guide: 1 of 3")
	s.key(fyne.KeyEscape)
	if !s.Settings.Values.GuideDone {
		t.Error("it will be shown again")
	}
	s.run("guide")
	s.key(fyne.KeyReturn)
	s.key(fyne.KeyReturn)
	s.write("1") // the sample refuses it
	s.key(fyne.KeyReturn)
	if f := s.dialog(); f == nil || strings.HasPrefix(f.Title, "Setup Guide:") {
		t.Error("a refused port is not explained")
	}
	if s.Settings.Values.Port == 1 {
		t.Error("and was kept")
	}
}

// TestPropertiesReachTheEngine: options and limits that were changed are set, once.
func TestPropertiesReachTheEngine(t *testing.T) {
	s := newStage(t, "en", "light")
	ih := s.torrent("Sintel").InfoHash
	if err := s.Engine.SetOptions(t.Context(), ih, swarm.Options{GoalRatio: 2000, GoalTime: -1}); err != nil {
		t.Fatal(err)
	}
	s.choose("Sintel")
	s.run("properties")
	s.mustDialog("Properties")
	s.write("77")
	s.key(fyne.KeyReturn)
	l, err := s.Engine.Limits(t.Context(), ih)
	if err != nil || l.Down != 77<<10 {
		t.Errorf("%+v, %v", l, err)
	}
	if o, err := s.Engine.Options(t.Context(), ih); err != nil || o.GoalRatio != 2000 {
		t.Errorf("%+v, %v", o, err)
	}
	n := 0
	for _, c := range s.Engine.Calls() {
		if strings.HasPrefix(c, "options") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("options set %d times although they were not edited", n)
	}
}

// TestAboutLeadsToLicences: the list names every module of the program.
func TestAboutLeadsToLicences(t *testing.T) {
	s := newStage(t, "en", "light")
	s.pick("Help", "About…")
	f := s.mustDialog("About")
	var licences fyne.Tappable
	texts := map[string]bool{}
	for _, o := range test.LaidOutObjects(f) {
		if b, ok := o.(*dialogs.Button); ok && b.Text == "Licences…" {
			licences = b
		}
	}
	if licences == nil {
		t.Fatal("no way to the licences")
	}
	licences.Tapped(nil)
	for _, o := range test.LaidOutObjects(s.mustDialog("Licences")) {
		if l, ok := o.(*widget.Label); ok {
			texts[l.Text] = true
		}
	}
	for _, l := range assets.Licences() {
		if !texts[l.Module] || !texts[l.Version] || !texts[l.Licence] {
			t.Errorf("%s is not shown", l.Module)
		}
	}
	s.key(fyne.KeyEscape)
	if s.dialog() != nil {
		t.Error("a dialog is left")
	}
}
