package ui_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"swarmbid/ui"
	"swarmbid/ui/sample"
	"swarmbid/ui/widgets"
)

// witness tells of every layout that is kept.
type witness struct {
	*sample.Settings
	kept chan ui.State
}

func (w witness) SaveState(st ui.State) error {
	w.kept <- st
	return nil
}

// TestLayoutIsKeptWhileOpen: a change of the layout is kept once, without the
// window being closed, and what does not change is not written again.
func TestLayoutIsKeptWhileOpen(t *testing.T) {
	s := newStage(t, "en", "light")
	set := witness{sample.NewSettings("en", "light"), make(chan ui.State, 100)}
	eng := pausing{s.Engine, make(chan struct{}, 1)}
	u := ui.New(ui.Params{App: fyne.CurrentApp(), Engine: eng, Settings: set})
	defer u.Window().Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- u.Follow(ctx) }()
	frame := func() {
		s.Engine.Tick(true)
		<-eng.taken
	}
	kept := func() (st ui.State) {
		t.Helper()
		for end := time.After(20 * time.Second); ; frame() {
			select {
			case st = <-set.kept:
				return st
			case <-end:
				t.Fatal("the layout is not kept")
			default:
			}
		}
	}
	shows := func(st ui.State, id string) bool {
		return slices.ContainsFunc(st.Tables["torrents"].Columns, func(c widgets.ColumnLayout) bool { return c.ID == id && !c.Hidden })
	}
	if shows(kept(), "hash") {
		t.Fatal("the sample shows the hash already")
	}
	fyne.DoAndWait(func() { u.List().ShowColumn("hash", true) })
	if st := kept(); !shows(st, "hash") {
		t.Errorf("kept %+v", st.Tables["torrents"])
	}
	for range 5 {
		frame()
	}
	if n := len(set.kept); n != 0 {
		t.Errorf("the same layout was kept %d times more", n)
	}
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}
