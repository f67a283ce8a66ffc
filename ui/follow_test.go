package ui_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
	"swarmbid/ui"
	"swarmbid/ui/view"
)

// pausing tells the test of every snapshot that Follow takes.
type pausing struct {
	ui.Engine
	taken chan struct{}
}

func (p pausing) Snapshot() *swarm.Snapshot {
	s := p.Engine.Snapshot()
	select {
	case p.taken <- struct{}{}:
	default:
	}
	return s
}

func TestFollow(t *testing.T) {
	s := newStage(t, "en", "light")
	eng := pausing{s.Engine, make(chan struct{}, 100)}
	u := ui.New(ui.Params{App: fyne.CurrentApp(), Engine: eng, Settings: s.Settings})
	defer u.Window().Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	for len(eng.taken) > 0 {
		<-eng.taken
	}
	go func() { done <- u.Follow(ctx) }()
	<-eng.taken // woken by the first publish
	s.Engine.Tick(true)
	<-eng.taken
	if _, err := s.Engine.Add(ctx, swarm.Add{Source: swarm.Source{File: "new.torrent"}}); err != nil {
		t.Fatal(err)
	}
	<-eng.taken
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if n := u.List().Model().Len(); n < 20 { // the last frame may have met the end
		t.Errorf("%d torrents shown", n)
	}
	if !strings.HasPrefix(u.Window().Title(), "D: ") {
		t.Errorf("title %q", u.Window().Title())
	}
}

// slogOf makes a logger of a book.
func slogOf(b *ui.LogBook) *slog.Logger { return slog.New(b) }

func TestLogBook(t *testing.T) {
	b := ui.NewLogBook(3)
	log := slogOf(b).With("torrent", "x").WithGroup("peer")
	log.Debug("not for people")
	for i := range 5 {
		log.Warn("dropped", "n", i, "why", "evil\nname\x00")
	}
	lines := b.Lines()
	if len(lines) != 3 || lines[2].N != 5 || lines[2].Tone != view.Working {
		t.Fatalf("%+v", lines)
	}
	if got := lines[2].Text; got != "dropped  torrent=x  peer.n=4  peer.why=evil name " {
		t.Errorf("%q", got)
	}
	log.Error(strings.Repeat("x", 5000))
	if n := len(b.Lines()[2].Text); n > 510 {
		t.Errorf("a line of %d bytes", n)
	}
}
