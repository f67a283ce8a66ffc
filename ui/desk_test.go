package ui_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"swarmbid/engine/swarm"
	"swarmbid/ui"
	"swarmbid/ui/desktop"
	"swarmbid/ui/sample"
	"swarmbid/ui/view"
)

// deskApp notes what becomes of the window and the program.
type deskApp struct {
	fyne.App
	win  *deskWindow
	quit int
}

func (a *deskApp) NewWindow(title string) fyne.Window {
	a.win = &deskWindow{Window: a.App.NewWindow(title)}
	return a.win
}

func (a *deskApp) Quit() { a.quit++ }

type deskWindow struct {
	fyne.Window
	shown bool
	close func()
}

func (w *deskWindow) Show()                      { w.shown = true; w.Window.Show() }
func (w *deskWindow) Hide()                      { w.shown = false; w.Window.Hide() }
func (w *deskWindow) SetCloseIntercept(f func()) { w.close = f }

// newDesk is a stage whose window and end are noted.
func newDesk(t *testing.T, lang string) (*stage, *deskApp) {
	t.Helper()
	a := &deskApp{App: test.NewTempApp(t)}
	size := fyne.NewSize(1000, 640)
	s := &stage{Stage: sample.NewStage(a, 0, lang, "light", size), t: t}
	s.w = s.UI.Window()
	t.Cleanup(s.w.Close)
	s.w.Resize(size)
	s.Settings.Values.ConfirmExit = false // see TestQuitAsks
	s.UI.EditPrefs(func(*ui.Prefs) {})
	s.UI.Show()
	s.settle()
	return s, a
}

// TestCloseToTray: the window goes to the tray only if that is wanted and there is
// one; else closing ends the program and minimising does nothing.
func TestCloseToTray(t *testing.T) {
	for _, c := range []struct {
		name                    string
		closing, minimising     bool
		gone, minimise          bool
		wantShown, wantEndOfAll bool
	}{
		{"not wanted", false, false, false, false, true, true},
		{"wanted", true, false, false, false, false, false},
		{"wanted, no tray", true, false, true, false, true, true},
		{"minimised, not wanted", true, false, false, true, true, false},
		{"minimised", false, true, false, true, false, false},
		{"minimised, no tray", false, true, true, true, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, a := newDesk(t, "en")
			s.Desk.Tray.Gone = c.gone
			s.UI.EditPrefs(func(p *ui.Prefs) { p.CloseToTray, p.MinimiseToTray = c.closing, c.minimising })
			if c.minimise {
				s.UI.Minimised()
			} else {
				a.win.close()
			}
			s.settle()
			if a.win.shown != c.wantShown || (a.quit > 0) != c.wantEndOfAll {
				t.Errorf("shown %v, ended %v", a.win.shown, a.quit > 0)
			}
			if c.wantEndOfAll {
				return
			}
			s.UI.Raise()
			if !a.win.shown {
				t.Error("it does not come back")
			}
		})
	}
}

// TestStartInTray: without a tray the window is shown after all.
func TestStartInTray(t *testing.T) {
	for _, gone := range []bool{false, true} {
		a := &deskApp{App: test.NewTempApp(t)}
		s := &stage{Stage: sample.NewStage(a, 0, "en", "light", fyne.NewSize(800, 500)), t: t}
		s.Desk.Tray.Gone = gone
		s.UI.Start(true)
		s.settle()
		if a.win.shown != gone {
			t.Errorf("tray gone %v: window shown %v", gone, a.win.shown)
		}
		s.UI.Window().Close()
	}
}

// trayItem finds an item of the tray's menu.
func (s *stage) trayItem(path ...string) *desktop.MenuItem {
	s.t.Helper()
	items := s.Desk.Tray.Menu
	for i, want := range path {
		found := false
		for k := range items {
			if items[k].Text != want {
				continue
			}
			if i == len(path)-1 {
				return &items[k]
			}
			items, found = items[k].Items, true
			break
		}
		if !found {
			break
		}
	}
	s.t.Fatalf("the tray has no %q", path)
	return nil
}

func TestTrayMenu(t *testing.T) {
	s, a := newDesk(t, "de")
	if tip := s.Desk.Tray.Tip; !strings.Contains(tip, "↓ ") || !strings.Contains(tip, "KB/s") && !strings.Contains(tip, "MB/s") && !strings.Contains(tip, "iB/s") || !strings.Contains(tip, "Downloads") {
		t.Errorf("tooltip %q", tip)
	}
	do := func(path ...string) {
		t.Helper()
		it := s.trayItem(path...)
		if it.Disabled || it.Do == nil {
			t.Fatalf("%q cannot be chosen", path)
		}
		it.Do()
		s.settle()
	}
	if it := s.trayItem("Alle fortsetzen"); !it.Disabled && len(s.states(swarm.Paused)) == 0 {
		t.Error("resumes what is not paused")
	}
	paused := len(s.states(swarm.Paused))
	do("Alle anhalten")
	if n := len(s.states(swarm.Downloading, swarm.Seeding, swarm.Queued, swarm.QueuedSeed, swarm.Metadata)); n != 0 || len(s.states(swarm.Paused)) <= paused {
		t.Errorf("%d run still", n)
	}
	stopped := len(s.states(swarm.Stopped))
	do("Alle fortsetzen")
	if len(s.states(swarm.Paused)) != 0 || len(s.states(swarm.Stopped)) != stopped {
		t.Errorf("%d paused, %d stopped, want 0 and %d", len(s.states(swarm.Paused)), len(s.states(swarm.Stopped)), stopped)
	}
	menus := s.Desk.Tray.Menus
	do("Download-Grenze", s.UI.Words().Rate(1<<20))
	if got := s.Engine.Snapshot().Totals.DownLimit; got != 1<<20 || !s.trayItem("Download-Grenze", s.UI.Words().Rate(1<<20)).Checked {
		t.Errorf("limit %d, or it is not ticked", got)
	}
	if s.Desk.Tray.Menus == menus {
		t.Error("the menu has not changed")
	}
	menus = s.Desk.Tray.Menus
	s.Play(3)
	if s.Desk.Tray.Menus != menus {
		t.Error("the menu is made anew for nothing")
	}
	do("Fenster verstecken")
	if s.Play(1); a.win.shown {
		t.Error("it is shown still")
	}
	do("Einstellungen…")
	if s.mustDialog("Einstellungen"); !a.win.shown {
		t.Error("a dialog in a window that nobody sees")
	}
	s.key(fyne.KeyEscape)
	if do("Beenden"); a.quit != 1 || !s.trayItem("Beenden").Quit {
		t.Error("the program does not end")
	}
}

// states returns the torrents in any of some states.
func (s *stage) states(of ...swarm.State) (out []string) {
	for _, t := range s.Engine.Snapshot().Torrents {
		for _, st := range of {
			if t.State == st {
				out = append(out, t.Name)
			}
		}
	}
	return out
}

// TestToastIsVerbatim: a name reaches the toast as it is.
func TestToastIsVerbatim(t *testing.T) {
	const name = "$(calc) `id` \"x\"\n<b>"
	s, _ := newDesk(t, "de")
	s.UI.Announce(swarm.TorrentDone{Name: name})
	s.UI.Announce(swarm.TorrentFailed{Name: name, Reason: "disk full"})
	if got := s.Desk.Tray.Toasts; len(got) != 2 || got[0] != [2]string{"Fertig", name} || got[1] != [2]string{"Gestoppt: " + name, "disk full"} {
		t.Errorf("%q", got)
	}
}

// TestNotifications: each event makes a toast only if the user wants it.
func TestNotifications(t *testing.T) {
	events := map[string]swarm.Event{
		"added": swarm.TorrentAdded{Name: "x"}, "done": swarm.TorrentDone{Name: "x"}, "failed": swarm.TorrentFailed{Name: "x", Reason: "y"}, "feed": swarm.FeedAdded{Feed: "f", Title: "x"},
	}
	s, _ := newDesk(t, "en")
	v := &s.Settings.Values
	for name, ev := range events {
		for _, on := range []bool{true, false} {
			v.NotifyAdded, v.NotifyDone, v.NotifyFailed, v.NotifyFeed = on && name == "added", on && name == "done", on && name == "failed", on && name == "feed"
			before := len(s.Desk.Tray.Toasts)
			s.UI.Announce(ev)
			if got := len(s.Desk.Tray.Toasts) - before; (got == 1) != on {
				t.Errorf("%s, wanted %v: %d toasts", name, on, got)
			}
		}
	}
}

func TestOpenFolderSelects(t *testing.T) {
	s, _ := newDesk(t, "en")
	s.choose("debian")
	x := s.torrent("debian")
	s.pick("torrent", "Open Containing Folder")
	if got := s.Desk.Revealed; len(got) != 1 || !strings.HasSuffix(got[0], x.Name) || len(s.Opened) != 0 {
		t.Errorf("selected %q, opened %q", got, s.Opened)
	}
	s.Desk.Lost = true
	s.pick("torrent", "Open Containing Folder")
	if len(s.Opened) != 1 || s.Opened[0] != x.SavePath {
		t.Errorf("nothing to select: opened %q, want %q", s.Opened, x.SavePath)
	}
}

// TestWhenDone: the countdown is seen and can be stopped; what is wanted is done
// once, and not if there is work again.
func TestWhenDone(t *testing.T) {
	s, a := newDesk(t, "en")
	wait := func(n int) {
		t.Helper()
		s.Play(n)
	}
	arm := func(label string) {
		t.Helper()
		s.Engine.Finish(false)
		s.Engine.Put(swarm.Downloading, s.torrent("debian").InfoHash, s.torrent("ubuntu").InfoHash)
		s.pick("Options", label)
		wait(1)
		if it := item(s.UI.AllMenus()["Options"], label); !it.Checked {
			t.Errorf("%q is not ticked", label)
		}
		s.Engine.Finish(strings.Contains(label, "everything"))
	}
	arm("Shut down when downloads complete")
	wait(2)
	n := s.mustDialog("Everything is done")
	if len(s.Desk.Tray.Toasts) != 1 {
		t.Errorf("%d toasts", len(s.Desk.Tray.Toasts))
	}
	if s.key(fyne.KeyEscape); !n.Closed() {
		t.Error("it cannot be stopped")
	}
	wait(100)
	if len(s.Desk.Power) != 0 || !item(s.UI.AllMenus()["Options"], "Disabled").Checked {
		t.Error("stopped, and done")
	}
	arm("Shut down when downloads complete")
	wait(30)
	s.Engine.Put(swarm.Downloading, s.torrent("debian").InfoHash)
	if wait(100); s.dialog() != nil || len(s.Desk.Power) != 0 {
		t.Error("there is work again, and it counts")
	}
	s.Engine.Finish(false)
	wait(100)
	if got := s.Desk.Power; len(got) != 1 || got[0] != view.Shutdown || a.quit != 1 {
		t.Errorf("done %v, program ended %d times", got, a.quit)
	}
}

func TestWhenDoneDeeds(t *testing.T) {
	for label, want := range map[string]view.Deed{
		"Exit when everything completes": view.Quit, "Hibernate when downloads complete": view.Hibernate, "Stand by when everything completes": view.Standby,
	} {
		s, a := newDesk(t, "en")
		s.pick("Options", label)
		s.Play(1)
		s.Engine.Finish(strings.Contains(label, "everything"))
		s.Play(int(view.CountdownTime/time.Second) + 3)
		if want == view.Quit {
			if a.quit != 1 || len(s.Desk.Power) != 0 {
				t.Errorf("%s: ended %d times, %v", label, a.quit, s.Desk.Power)
			}
		} else if got := s.Desk.Power; len(got) != 1 || got[0] != want || a.quit != 0 {
			t.Errorf("%s: %v, ended %d times", label, got, a.quit)
		}
	}
}

func TestCrashDialog(t *testing.T) {
	s, _ := newDesk(t, "de")
	s.UI.ShowCrash(sample.CrashReport, "/data/crash.txt.last")
	f := s.mustDialog("Der letzte Lauf")
	s.press(s.dialog(), "Kopieren")
	if got := fyne.CurrentApp().Clipboard().Content(); got != sample.CrashReport {
		t.Errorf("copied %q", got)
	}
	s.press(s.dialog(), "Ordner öffnen")
	s.settle()
	if got := s.Desk.Revealed; len(got) != 1 || got[0] != "/data/crash.txt.last" || f.Closed() {
		t.Errorf("selected %q", got)
	}
	if s.key(fyne.KeyEscape); !f.Closed() {
		t.Error("Escape does not close it")
	}
}

// shown returns every text of the open dialog.
func (s *stage) shown() string {
	var b strings.Builder
	for _, o := range test.LaidOutObjects(s.dialog()) {
		if t := textOf(o); t != "" {
			b.WriteString(t + "\n")
		}
		if t, ok := o.(*canvas.Text); ok {
			b.WriteString(t.Text + "\n")
		}
	}
	return b.String()
}

// TestAssociationsCanBeRepaired: the page says what opens with the program, before
// and after it was registered anew, and why that failed.
func TestAssociationsCanBeRepaired(t *testing.T) {
	s, _ := newDesk(t, "en")
	s.run("page-prefs.desk")
	f := s.mustDialog("Preferences")
	if got := s.shown(); !strings.Contains(got, "Magnet links open with another program") || !strings.Contains(got, "does not know Swarmbid") {
		t.Errorf("before:\n%s", got)
	}
	s.press(f, "Register")
	if got := s.shown(); !strings.Contains(got, "Magnet links open with Swarmbid.") || strings.Contains(got, "does not know Swarmbid") {
		t.Errorf("after:\n%s", got)
	}
	if s.press(f, "Default apps…"); s.Desk.Defaults != 1 {
		t.Errorf("the desktop's page was shown %d times", s.Desk.Defaults)
	}
	s.Desk.Err = errors.New("the registry is read-only")
	s.press(f, "Register")
	if got := s.shown(); !strings.Contains(got, "the registry is read-only") {
		t.Errorf("nobody hears of a failure:\n%s", got)
	}
}
