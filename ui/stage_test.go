package ui_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"swarmbid/engine/swarm"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/sample"
	"swarmbid/ui/view"
)

// stage is a window over the sample engine with what a test does to it.
type stage struct {
	*sample.Stage
	t testing.TB
	w fyne.Window
}

func newStage(t testing.TB, lang, theme string) *stage {
	t.Helper()
	a := test.NewTempApp(t)
	size := fyne.NewSize(1000, 640)
	s := &stage{Stage: sample.NewStage(a, 0, lang, theme, size), t: t}
	s.w = s.UI.Window()
	t.Cleanup(s.w.Close)
	s.w.Resize(size)
	s.UI.Show()
	s.settle()
	return s
}

// newMarketStage is a window with room for the charts.
func newMarketStage(t testing.TB, lang, theme string) *stage {
	t.Helper()
	a := test.NewTempApp(t)
	size := fyne.NewSize(1100, 680)
	s := &stage{Stage: sample.NewMarketStage(a, lang, theme, size), t: t}
	s.w = s.UI.Window()
	t.Cleanup(s.w.Close)
	s.w.Resize(size)
	s.UI.Show()
	s.settle()
	return s
}

// newWalletStage is a window with a wallet.
func newWalletStage(t testing.TB, p view.WalletPhase, lang, theme string) *stage {
	t.Helper()
	a := test.NewTempApp(t)
	size := fyne.NewSize(1000, 640)
	s := &stage{Stage: sample.NewWalletStage(a, sample.NewWallet(p), lang, theme, size), t: t}
	s.w = s.UI.Window()
	t.Cleanup(s.w.Close)
	s.w.Resize(size)
	s.UI.Show()
	s.settle()
	return s
}

func (s *stage) settle() { s.UI.Settle(s.t.Context()) }

// torrent returns the first torrent whose name begins with prefix.
func (s *stage) torrent(prefix string) *swarm.Torrent {
	s.t.Helper()
	snap := s.Engine.Snapshot()
	for i := range snap.Torrents {
		if strings.HasPrefix(snap.Torrents[i].Name, prefix) {
			return &snap.Torrents[i]
		}
	}
	s.t.Fatalf("no torrent %q", prefix)
	return nil
}

func (s *stage) choose(prefixes ...string) {
	s.t.Helper()
	var ihs []swarm.InfoHash
	for _, p := range prefixes {
		ihs = append(ihs, s.torrent(p).InfoHash)
	}
	s.UI.Select(ihs...)
	s.settle()
}

func (s *stage) run(command string) {
	s.t.Helper()
	if !s.UI.Run(command) {
		s.t.Fatalf("no command %q", command)
	}
	s.settle()
}

// dialog returns the open dialog, nil if there is none.
func (s *stage) dialog() *dialogs.Frame {
	f, _ := s.w.Canvas().Overlays().Top().(*dialogs.Frame)
	return f
}

func (s *stage) mustDialog(title string) *dialogs.Frame {
	s.t.Helper()
	f := s.dialog()
	if f == nil {
		s.t.Fatalf("no dialog is open, want %q", title)
	}
	if !strings.HasPrefix(f.Title, title) {
		s.t.Fatalf("the dialog is %q, want %q", f.Title, title)
	}
	return f
}

// key types a key where the focus is.
func (s *stage) key(k fyne.KeyName) {
	s.t.Helper()
	e := &fyne.KeyEvent{Name: k}
	if o := s.w.Canvas().Focused(); o != nil {
		o.TypedKey(e)
	} else if f := s.dialog(); f != nil {
		f.Key(e)
	}
	s.settle()
}

// write replaces the text where the focus is.
func (s *stage) write(text string) {
	s.t.Helper()
	o := s.w.Canvas().Focused()
	if o == nil {
		s.t.Fatal("nothing has the focus")
	}
	if e, ok := o.(interface{ SetText(string) }); ok {
		e.SetText("")
	}
	for _, r := range text {
		o.TypedRune(r)
	}
}

// item finds a menu item by its words, below submenus too.
func item(items []*fyne.MenuItem, label string) *fyne.MenuItem {
	for _, it := range items {
		if it.Label == label {
			return it
		}
		if it.ChildMenu != nil {
			if x := item(it.ChildMenu.Items, label); x != nil {
				return x
			}
		}
	}
	return nil
}

// pick runs an item of a menu.
func (s *stage) pick(menu, label string) {
	s.t.Helper()
	it := item(s.UI.AllMenus()[menu], label)
	if it == nil || it.Disabled || it.Action == nil {
		s.t.Fatalf("menu %s: %q cannot be chosen", menu, label)
	}
	it.Action()
	s.settle()
}
