package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"swarmbid/engine/swarm"
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

func TestTip(t *testing.T) {
	s := &swarm.Snapshot{Totals: swarm.Totals{Down: 2048, Up: 1 << 20}}
	if got := tip(s); !strings.Contains(got, "↓ 2 KiB/s") || !strings.Contains(got, "↑ 1024 KiB/s") {
		t.Errorf("got %q", got)
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
