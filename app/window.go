package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/lang"
	"golang.org/x/sync/errgroup"

	"swarmbid/engine"
	"swarmbid/engine/metafile"
	"swarmbid/engine/tracker"
	"swarmbid/ui"
	"swarmbid/wallet"
)

// appID names the program to the desktop. FyneApp.toml has the same.
const appID = "org.swarmbid.client"

// engineOf is the engine as the window wants it, with the rate limits that the
// user sets in the status bar kept in the settings.
type engineOf struct {
	*engine.Engine
	w *windowSettings
}

// SetRateLimits implements ui.Engine.
func (e engineOf) SetRateLimits(ctx context.Context, down, up int64) error {
	if err := e.Engine.SetRateLimits(ctx, down, up); err != nil {
		return err
	}
	p := e.w.Prefs()
	p.DownLimit, p.UpLimit = down, up
	return e.w.SavePrefs(p)
}

// windowParams joins the window with the parts.
func (a *App) windowParams(fa fyne.App) ui.Params {
	ws := &windowSettings{store: a.settings, engine: a.engine, log: a.log}
	return ui.Params{
		App: fa, Engine: engineOf{a.engine, ws}, Settings: ws, Wallet: a.purse, Log: a.log, Book: a.book, Version: version,
		Open: openInDesktop, Free: engine.FreeSpace, ErrName: errName,
		SystemLanguage: strings.ToLower(string(lang.SystemLocale())[:min(2, len(lang.SystemLocale()))]),
	}
}

// runWindow runs the program until the window is closed or ctx ends.
func (a *App) runWindow(ctx context.Context, add []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fa := fyneapp.NewWithID(appID)
	var g errgroup.Group
	a.purse.start = func(run func(context.Context) error) { g.Go(func() error { return run(ctx) }) }
	u := ui.New(a.windowParams(fa))
	g.Go(func() error {
		err := a.engine.Run(ctx)
		if err != nil {
			cancel()
		}
		return err
	})
	g.Go(func() error { return notices(ctx, a.engine, a.log) })
	g.Go(func() error { return u.Follow(ctx) })
	g.Go(func() error {
		<-ctx.Done()
		fyne.Do(fa.Quit)
		return nil
	})
	u.Show()
	if len(add) > 0 {
		u.AddFromArgs(absolute(add))
	}
	fa.Run()
	u.SaveState()
	cancel()
	return g.Wait()
}

// absolute makes paths of the command line independent of the working directory.
func absolute(args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		out[i] = arg
		if sourceOf(arg).File != "" {
			if p, err := filepath.Abs(arg); err == nil {
				out[i] = p
			}
		}
	}
	return out
}

// openInDesktop opens a file or folder with the program the user has for it.
func openInDesktop(path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	name, args := "xdg-open", []string{path}
	switch runtime.GOOS {
	case "windows":
		name = "explorer"
	case "darwin":
		name = "open"
	}
	cmd := exec.Command(name, args...) //nolint:gosec,noctx // the path exists and is one argument; the program outlives us
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}

// errName names the sentinel that err wraps, for the window's words.
func errName(err error) string {
	for _, s := range append(sentinels(), walletSentinels()...) {
		if errors.Is(err, s.err) {
			return s.name
		}
	}
	if _, ok := errors.AsType[*wallet.WordError](err); ok {
		return "wallet.ErrWord"
	}
	return ""
}

type sentinel struct {
	err  error
	name string
}

// sentinels are the errors that reach the window, narrow ones first.
func sentinels() []sentinel {
	return []sentinel{
		{engine.ErrStopped, "engine.ErrStopped"},
		{engine.ErrUnknown, "engine.ErrUnknown"},
		{engine.ErrKnown, "engine.ErrKnown"},
		{engine.ErrNoMetadata, "engine.ErrNoMetadata"},
		{engine.ErrBusy, "engine.ErrBusy"},
		{engine.ErrPeerAddress, "engine.ErrPeerAddress"},
		{engine.ErrFetch, "engine.ErrFetch"},
		{engine.ErrListen, "engine.ErrListen"},
		{engine.ErrConfig, "engine.ErrConfig"},
		{tracker.ErrTooSoon, "tracker.ErrTooSoon"},
		{tracker.ErrUnknown, "tracker.ErrUnknown"},
		{tracker.ErrClosed, "tracker.ErrClosed"},
		{metafile.ErrMagnet, "metafile.ErrMagnet"},
		{metafile.ErrUnsupported, "metafile.ErrUnsupported"},
		{metafile.ErrHybrid, "metafile.ErrHybrid"},
		{metafile.ErrTooLarge, "metafile.ErrTooLarge"},
		{metafile.ErrNoTorrent, "metafile.ErrNoTorrent"},
		{metafile.ErrBencode, "metafile.ErrBencode"},
		{metafile.ErrName, "metafile.ErrName"},
		{metafile.ErrPieceLength, "metafile.ErrPieceLength"},
		{metafile.ErrPieces, "metafile.ErrPieces"},
		{metafile.ErrSize, "metafile.ErrSize"},
		{metafile.ErrFiles, "metafile.ErrFiles"},
		{metafile.ErrDuplicates, "metafile.ErrDuplicates"},
		{metafile.ErrPiecesRoot, "metafile.ErrPiecesRoot"},
		{metafile.ErrPieceLayers, "metafile.ErrPieceLayers"},
		{metafile.ErrInfoHash, "metafile.ErrInfoHash"},
	}
}

var _ ui.Engine = engineOf{}
