package dialogs

import (
	"path/filepath"
	"reflect"
	"runtime"
	"testing"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
)

// rooted makes an absolute path of this system.
func rooted(p string) string {
	if runtime.GOOS == "windows" {
		return filepath.FromSlash("C:" + p)
	}
	return p
}

func TestCreate(t *testing.T) {
	h := newHost(t)
	h.PickFolder = func(_ string, done func(string)) { done(rooted("/data/holiday")) }
	var got *swarm.Create
	f := h.Create("", func(c swarm.Create) { got = &c })
	m := f.maker
	h.PickFolder("", m.path.SetText)
	if m.out.Text != rooted("/data/holiday")+".torrent" {
		t.Errorf("the proposal is %q", m.out.Text)
	}
	m.path.SetText(rooted("/data/other"))
	if m.out.Text != rooted("/data/other")+".torrent" {
		t.Errorf("the proposal does not follow: %q", m.out.Text)
	}
	m.out.SetText(rooted("/tmp/mine"))
	m.path.SetText(rooted("/data/holiday"))
	m.trackers.SetText("http://a/announce\nudp://b:80/announce\n\nhttps://c/announce")
	m.seeds.SetText("http://seed/")
	m.comment.SetText(" of the sea ")
	m.source.SetText("home")
	m.piece.SetSelectedIndex(3)
	m.private.SetChecked(true)
	m.start.SetChecked(false)
	h.Canvas.Focus(m.comment)
	press(h, fyne.KeyReturn)
	want := swarm.Create{
		Path: rooted("/data/holiday"), Out: rooted("/tmp/mine") + ".torrent", PieceLength: 64 << 10, Private: true, Comment: "of the sea", Source: "home",
		Trackers: [][]string{{"http://a/announce", "udp://b:80/announce"}, {"https://c/announce"}}, WebSeeds: []string{"http://seed/"},
	}
	if got == nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("%+v\nwant %+v; it says %q", got, want, m.wrong.Text)
	}
}

func TestCreateRefuses(t *testing.T) {
	h := newHost(t)
	for name, spoil := range map[string]func(c *creator) *Entry{
		"nothing":         func(c *creator) *Entry { c.path.SetText(""); return c.path },
		"relative":        func(c *creator) *Entry { c.path.SetText("x/y"); return c.path },
		"no place":        func(c *creator) *Entry { c.out.SetText(""); return c.out },
		"tracker":         func(c *creator) *Entry { c.trackers.SetText("ftp://a/x"); return c.trackers },
		"web seed":        func(c *creator) *Entry { c.seeds.SetText("udp://a/x"); return c.seeds },
		"private, no one": func(c *creator) *Entry { c.private.SetChecked(true); return c.trackers },
	} {
		done := false
		f := h.Create(rooted("/data/holiday"), func(swarm.Create) { done = true })
		e := spoil(f.maker)
		h.Canvas.Focus(f.maker.comment)
		press(h, fyne.KeyReturn)
		if done || f.Closed() || f.maker.wrong.Text == "" || h.Canvas.Focused() != e {
			t.Errorf("%s: taken %v, says %q", name, done, f.maker.wrong.Text)
		}
		f.Close()
	}
}

// TestProgress: closing cancels once, and what comes after the end is nothing.
func TestProgress(t *testing.T) {
	h := newHost(t)
	cancelled := 0
	p := h.Progress("Making", rooted("/data/x"), func() { cancelled++ })
	p.Set(1<<20, 4<<20)
	if p.bar.Value != 0.25 || p.line.Text == "" || p.bar.TextFormatter() == "" {
		t.Errorf("%v %q", p.bar.Value, p.line.Text)
	}
	p.Set(1, 0)
	press(h, fyne.KeyEscape)
	p.Set(4<<20, 4<<20)
	if cancelled != 1 || p.End() || p.bar.Value != 0.25 || h.Canvas.Overlays().Top() != nil {
		t.Errorf("cancelled %d times, then at %v", cancelled, p.bar.Value)
	}
	p = h.Progress("Making", "x", func() { cancelled++ })
	if !p.End() || p.End() || cancelled != 1 {
		t.Errorf("the end cancelled: %d", cancelled)
	}
}

func TestGuide(t *testing.T) {
	h := newHost(t)
	var prefs Prefs
	var next GuideStep
	open := func(step GuideStep, p Prefs) *Frame {
		next = 99
		return h.Guide(GuideParams{Step: step, Prefs: p, Done: func(p Prefs, n GuideStep) { prefs, next = p, n }})
	}
	f := open(GuideLanguage, Prefs{Language: "de", Port: 7})
	f.guide.focus.(*Select).SetSelectedIndex(1)
	press(h, fyne.KeyReturn)
	if prefs.Language != "en" || prefs.Port != 7 || next != GuideFolder {
		t.Errorf("%+v, then %d", prefs, next)
	}
	f = open(GuideFolder, Prefs{DownloadDir: rooted("/data")})
	e := h.Canvas.Focused().(*Entry)
	e.SetText("downloads")
	press(h, fyne.KeyReturn)
	if next != 99 || f.guide.wrong.Text == "" {
		t.Errorf("a relative folder was taken, then %d", next)
	}
	e.SetText(rooted("/data/new") + string(filepath.Separator))
	press(h, fyne.KeyReturn)
	if prefs.DownloadDir != rooted("/data/new") || next != GuidePort {
		t.Errorf("%+v, then %d", prefs, next)
	}
	f = open(GuidePort, Prefs{Port: 6881, UPnP: true})
	if !GuidePort.Last() || GuideFolder.Last() {
		t.Error("which is the last step?")
	}
	e = h.Canvas.Focused().(*Entry)
	for _, bad := range []string{"x", "65536", "-1"} {
		e.SetText(bad)
		press(h, fyne.KeyReturn)
		if next != 99 {
			t.Errorf("port %s was taken", bad)
		}
	}
	e.SetText("50000")
	press(h, fyne.KeyReturn)
	if prefs.Port != 50000 || !prefs.UPnP || prefs.NATPMP || next != GuidePort+1 || !f.Closed() {
		t.Errorf("%+v, then %d", prefs, next)
	}
	f = open(GuideFolder, Prefs{DownloadDir: rooted("/data")})
	press(h, fyne.KeyEscape)
	if next != 99 || !f.Closed() {
		t.Errorf("skipping goes on with %d", next)
	}
}
