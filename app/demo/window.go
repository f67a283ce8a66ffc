package main

import (
	"context"
	"fmt"
	"image/png"
	"os"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/test"

	"swarmbid/ui"
)

// pictureAfter is when the picture is taken, counted from the time the prices of
// the second act are settled: late enough for the window to show them.
const pictureAfter = 3 * time.Second

// prefs are the window's settings for as long as the demo lasts.
type prefs struct {
	state ui.State
	prefs ui.Prefs
}

// State implements ui.Settings.
func (p *prefs) State() ui.State { return p.state }

// SaveState implements ui.Settings.
func (p *prefs) SaveState(s ui.State) error { p.state = s; return nil }

// Prefs implements ui.Settings.
func (p *prefs) Prefs() ui.Prefs { return p.prefs }

// DefaultPrefs implements ui.Settings.
func (p *prefs) DefaultPrefs() ui.Prefs { return p.prefs }

// SavePrefs implements ui.Settings.
func (p *prefs) SavePrefs(v ui.Prefs) error { p.prefs = v; return nil }

func (w *world) params(a fyne.App) ui.Params {
	return ui.Params{
		App: a, Engine: w.seed, Version: "demo",
		Settings: &prefs{
			state: ui.State{Tab: "peers"},
			prefs: ui.Prefs{Language: os.Getenv("SWARMBID_LANG"), DownloadDir: w.payload.Dir, ConfirmRemove: true},
		},
	}
}

// show runs the real window until the demo is over or the user closes it.
func (w *world) show(ctx context.Context) {
	a := fyneapp.NewWithID("org.swarmbid.demo")
	u := ui.New(w.params(a))
	u.Show()
	u.Select(w.payload.InfoHash)
	follow, stop := context.WithCancel(ctx)
	w.engines.Go(func() error { return u.Follow(follow) })
	w.engines.Go(func() error {
		w.showMarket(ctx, u)
		<-ctx.Done()
		fyne.Do(a.Quit)
		return nil
	})
	a.Run()
	stop()
}

// draw renders the window without a display and saves its picture.
func (w *world) draw(ctx context.Context, path string) error {
	a := test.NewApp()
	defer a.Quit()
	u := ui.New(w.params(a))
	u.Show()
	u.Select(w.payload.InfoHash)
	u.Window().Resize(fyne.NewSize(1180, 720))
	follow, stop := context.WithCancel(ctx)
	defer stop()
	w.engines.Go(func() error { return u.Follow(follow) })
	w.showMarket(ctx, u)
	select {
	case <-time.After(pictureAfter):
	case <-ctx.Done():
	}
	var err error
	fyne.DoAndWait(func() { err = save(u.Window(), path) })
	if err == nil {
		fmt.Fprintf(w.out, "No display: the window's picture is in %s\n", path)
	}
	return err
}

// showMarket waits for the second act and turns the window to it.
func (w *world) showMarket(ctx context.Context, u *ui.UI) {
	select {
	case ih := <-w.scene:
		fyne.Do(func() {
			u.Select(ih)
			u.Run("tab-market")
		})
	case <-ctx.Done():
	}
}

func save(win fyne.Window, path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = png.Encode(f, win.Canvas().Capture())
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
