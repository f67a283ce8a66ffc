package ui_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
)

// paths returns where the files of a torrent are.
func (s *stage) paths(ih swarm.InfoHash) (out []string) {
	s.t.Helper()
	d, err := s.Engine.Details(s.t.Context(), ih, swarm.PartFiles)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range d.Files {
		out = append(out, f.Path)
	}
	return out
}

// set puts text where the focus is.
func (s *stage) set(text string) {
	s.t.Helper()
	e, ok := s.w.Canvas().Focused().(interface{ SetText(string) })
	if !ok {
		s.t.Fatal("no entry has the focus")
	}
	e.SetText(text)
}

// TestRenameInFilesTab: a file gets another name in its folder, a folder takes its
// files along, the topmost folder is the torrent's name.
func TestRenameInFilesTab(t *testing.T) {
	s := newStage(t, "en", "light")
	ih := s.torrent("Sintel").InfoHash
	s.choose("Sintel")
	s.run("tab-files")
	before := s.paths(ih)
	i := slices.IndexFunc(before, func(p string) bool { return strings.Count(p, "/") >= 2 })
	if i < 0 {
		t.Fatalf("the sample has no folder in a folder: %q", before)
	}
	file := before[i]
	s.UI.Files().Select(file)
	s.settle()
	s.pick("files", "Rename…")
	s.mustDialog("Rename File")
	s.set("../x")
	s.key(fyne.KeyReturn)
	s.mustDialog("Rename File") // refused
	s.set("new name.bin")
	s.key(fyne.KeyReturn)
	dir := file[:strings.LastIndex(file, "/")]
	if got := s.paths(ih)[i]; got != dir+"/new name.bin" || s.dialog() != nil {
		t.Errorf("the file is %q", got)
	}
	s.UI.Files().Select(dir)
	s.settle()
	s.pick("files", "Rename…")
	s.set("other")
	s.key(fyne.KeyReturn)
	up := dir[:strings.LastIndex(dir, "/")]
	for k, p := range s.paths(ih) {
		old := before[k]
		if k == i {
			old = dir + "/new name.bin"
		}
		want := old
		if rest, ok := strings.CutPrefix(old, dir+"/"); ok {
			want = up + "/other/" + rest
		}
		if p != want {
			t.Errorf("%q is %q, want %q", before[k], p, want)
		}
	}
	top := strings.SplitN(before[0], "/", 2)[0]
	s.UI.Files().Select(top)
	s.settle()
	s.pick("files", "Rename…")
	s.set("The film")
	s.key(fyne.KeyReturn)
	if s.torrent("The film").InfoHash != ih {
		t.Error("the torrent has not the name of its folder")
	}
}

// TestOpenAsksTheEngine: a file is opened where it lies now, whatever its name.
func TestOpenAsksTheEngine(t *testing.T) {
	s := newStage(t, "en", "light")
	x := s.torrent("Sintel")
	s.choose("Sintel")
	s.run("tab-files")
	p := s.paths(x.InfoHash)[0]
	s.UI.Files().Select(p)
	s.settle()
	s.UI.Files().ScrollTo(0)
	s.pick("files", "Open")
	if len(s.Opened) != 1 || !strings.HasPrefix(s.Opened[0], filepath.FromSlash(x.SavePath)) {
		t.Errorf("opened %q", s.Opened)
	}
}

// TestRemoveAnd: the copies of .torrent files go first, then the torrents, after a
// question in either case.
func TestRemoveAnd(t *testing.T) {
	for label, want := range map[string]string{"Delete .torrent": "remove 1", "Delete .torrent + Data": "remove with data 1"} {
		s := newStage(t, "en", "light")
		s.choose("Sintel")
		s.pick("torrent", label)
		f := s.mustDialog("Remove")
		if len(s.Engine.Calls()) != 0 {
			t.Errorf("%s: done unasked: %v", label, s.Engine.Calls())
		}
		s.w.Canvas().Unfocus()
		f.Key(&fyne.KeyEvent{Name: fyne.KeyReturn})
		s.settle()
		if got := s.Engine.Calls(); !slices.Equal(got, []string{"delete copies 1", want}) {
			t.Errorf("%s: %v", label, got)
		}
	}
}

func TestAdvancedMenu(t *testing.T) {
	s := newStage(t, "en", "light")
	s.choose("Sintel", "Tears")
	s.pick("torrent", "Clear Peer List")
	s.pick("torrent", "Reset Bans")
	s.choose("Sintel")
	s.pick("torrent", "Data Is Elsewhere…")
	s.mustDialog("Data Is Elsewhere")
	s.set("/other/place")
	s.key(fyne.KeyReturn)
	if got := s.Engine.Calls(); !slices.Equal(got, []string{"clear peers 2", "lift bans 0", "relocate 1"}) {
		t.Errorf("%v", got)
	}
	if x := s.torrent("Sintel"); x.SavePath != "/other/place" || x.State != swarm.Checking {
		t.Errorf("%s %v", x.SavePath, x.State)
	}
}
