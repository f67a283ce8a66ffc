package main

import (
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"swarmbid/engine/swarm"
	"swarmbid/ui"
	"swarmbid/ui/desktop"
	"swarmbid/ui/view"
)

func TestAbsolute(t *testing.T) {
	dir := t.TempDir()
	abs := filepath.Join(dir, "x.torrent")
	in := []string{"a b.torrent", abs, "magnet:?xt=urn:btih:x", "https://example.org/a.torrent"}
	want := []string{filepath.Join(dir, "a b.torrent"), abs, in[2], in[3]}
	if got := absolute(dir, in); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStayAwakeWhileDownloading(t *testing.T) {
	s := &swarm.Snapshot{Torrents: []swarm.Torrent{{State: swarm.Seeding}, {State: swarm.Stopped}}}
	if downloading(s) {
		t.Error("nothing downloads")
	}
	s.Torrents = append(s.Torrents, swarm.Torrent{State: swarm.Downloading})
	if !downloading(s) {
		t.Error("one downloads")
	}
}

func TestDesktopOptions(t *testing.T) {
	var out strings.Builder
	o, err := parse([]string{"-minimized", "-desktop", "register", "--", "-not-an-option.torrent"}, &out)
	if err != nil || !o.minimized || o.desktop != "register" || !slices.Equal(o.open, []string{"-not-an-option.torrent"}) {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := parse([]string{"-nonsense"}, &out); err == nil || !strings.Contains(out.String(), "-desktop") {
		t.Errorf("%v: %s", err, out.String())
	}
}

// TestStartup: the desktop is asked, and changed only when the user wants something
// else than is so.
func TestStartup(t *testing.T) {
	is, set := false, 0
	var failed error
	s := startup{
		get: func() (desktop.Associations, error) { return desktop.Associations{Autostart: is}, failed },
		set: func(on bool) error { is, set = on, set+1; return failed },
	}
	log := slog.New(slog.DiscardHandler)
	for i, on := range []bool{false, true, true, false} {
		if err := s.write(ui.Prefs{Autostart: on}); err != nil || is != on || s.read(ui.Prefs{}, log).Autostart != on {
			t.Errorf("step %d: %v, want %v: %v", i, is, on, err)
		}
	}
	if set != 2 {
		t.Errorf("changed %d times, want 2", set)
	}
	failed = errors.New("no registry")
	if err := s.write(ui.Prefs{Autostart: true}); !errors.Is(err, failed) {
		t.Errorf("a failure is lost: %v", err)
	}
	if none := (startup{}); none.write(ui.Prefs{Autostart: true}) != nil || none.read(ui.Prefs{}, log).Autostart {
		t.Error("without a desktop something starts")
	}
}

// TestShutdownWaitsForTheEnd: the computer is shut down after the program has
// ended, not while it has files open.
func TestShutdownWaitsForTheEnd(t *testing.T) {
	a := &App{}
	for _, d := range []view.Deed{view.Nothing, view.Quit} {
		if err := a.power(t.Context(), d); err != nil || a.atEnd != nil {
			t.Errorf("%v: %v", d, err)
		}
	}
	if err := a.power(t.Context(), view.Shutdown); err != nil || a.atEnd == nil {
		t.Errorf("nothing waits for the end: %v", err)
	}
}
