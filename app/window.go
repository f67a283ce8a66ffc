package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"strings"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/lang"
	"golang.org/x/sync/errgroup"

	"swarmbid/app/hook"
	"swarmbid/engine"
	"swarmbid/engine/feed"
	"swarmbid/engine/metafile"
	"swarmbid/engine/route"
	"swarmbid/engine/swarm"
	"swarmbid/engine/tracker"
	"swarmbid/ui"
	"swarmbid/ui/desktop"
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
	if p.AltOn {
		p.AltDownLimit, p.AltUpLimit = down, up
	} else {
		p.DownLimit, p.UpLimit = down, up
	}
	return e.w.SavePrefs(p)
}

// windowParams joins the window with the parts.
func (a *App) windowParams(fa fyne.App, desk ui.Desktop) ui.Params {
	ws := &windowSettings{store: a.settings, engine: a.engine, payments: a.payments, log: a.log, startup: startup{desk.Associations, setAutostart}}
	return ui.Params{
		App: fa, Engine: engineOf{a.engine, ws}, Settings: ws, Wallet: a.purse, Feeds: feedsOf{a.feeds}, Log: a.log, Book: a.book, Version: version,
		Open: desktop.Open, Free: engine.FreeSpace, ErrName: errName, Lookup: a.lookup, Networks: desktop.Networks, Desktop: desk, SystemLanguage: systemLanguage(),
	}
}

// systemLanguage is the code of the language of the desktop, as "de".
func systemLanguage() string {
	l := string(lang.SystemLocale())
	return strings.ToLower(l[:min(2, len(l))])
}

// runWindow runs the program until the window is closed or ctx ends.
func (a *App) runWindow(ctx context.Context, o options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fa := fyneapp.NewWithID(appID)
	var g errgroup.Group
	a.purse.start = func(run func(context.Context) error) { g.Go(func() error { return run(ctx) }) }
	var u *ui.UI
	tray := newTray(fa, func() { u.Raise() })
	desk, err := a.desktopOf(tray)
	if err != nil {
		return err
	}
	u = ui.New(a.windowParams(fa, desk))
	a.payments.notify = func(fault string) { fyne.Do(func() { u.PayStarts(fault) }) }
	tray.Prepare()
	g.Go(func() error {
		err := a.engine.Run(ctx)
		if err != nil {
			cancel()
		}
		return err
	})
	g.Go(func() error { return a.payments.restore(ctx) })
	g.Go(func() error { return tray.Run(ctx) })
	g.Go(func() error { return a.claim.Run(ctx) })
	g.Go(func() error { return followStarts(ctx, a.claim, u, cancel) })
	g.Go(func() error { return a.stayAwake(ctx) })
	g.Go(func() error { return a.runPrograms(ctx) })
	g.Go(func() error { return a.feeds.Run(ctx) })
	g.Go(func() error { return desktop.FollowMinimised(ctx, u.Window(), u.Minimised) })
	g.Go(func() error {
		return notices(ctx, a.engine, a.found, a.log, func(ev swarm.Event) { fyne.Do(func() { u.Announce(ev) }) })
	})
	g.Go(func() error { return u.Follow(ctx) })
	g.Go(func() error {
		<-ctx.Done()
		fyne.Do(fa.Quit)
		return nil
	})
	u.Start(o.minimized && a.crash.Report == "")
	if a.crash.Report != "" {
		u.ShowCrash(a.crash.Report, a.crash.Kept)
	}
	if add := message(o); len(add.Args) > 0 {
		u.AddFromArgs(absolute(add.Dir, add.Args))
	}
	fa.Run()
	u.SaveState()
	cancel()
	return g.Wait()
}

// errNoLookup: name servers would learn of the peers beside the proxy.
var errNoLookup = errors.New("names are not looked up while everything goes through the proxy")

// lookup asks the resolver of the system for the name of an address.
func (a *App) lookup(ctx context.Context, addr netip.Addr) (string, error) {
	if p := a.settings.Get().Connection.Proxy; p.Kind != "" && p.Only {
		return "", errNoLookup
	}
	names, err := net.DefaultResolver.LookupAddr(ctx, addr.String())
	if err != nil || len(names) == 0 {
		return "", err
	}
	return names[0], nil
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
		{route.ErrProxyAuth, "route.ErrProxyAuth"},
		{route.ErrTarget, "route.ErrTarget"},
		{route.ErrProxy, "route.ErrProxy"},
		{route.ErrUnbound, "route.ErrUnbound"},
		{route.ErrProxyConfig, "route.ErrProxyConfig"},
		{engine.ErrFilter, "engine.ErrFilter"},
		{engine.ErrFetch, "engine.ErrFetch"},
		{engine.ErrListen, "engine.ErrListen"},
		{engine.ErrInside, "engine.ErrInside"},
		{engine.ErrName, "engine.ErrName"},
		{engine.ErrConfig, "engine.ErrConfig"},
		{feed.ErrURL, "feed.ErrURL"},
		{feed.ErrKnown, "feed.ErrKnown"},
		{feed.ErrEpisodes, "feed.ErrEpisodes"},
		{feed.ErrQuality, "feed.ErrQuality"},
		{feed.ErrUnknown, "feed.ErrUnknown"},
		{feed.ErrTooMany, "feed.ErrTooMany"},
		{hook.ErrQuote, "hook.ErrQuote"},
		{hook.ErrEmpty, "hook.ErrEmpty"},
		{hook.ErrPlaceholder, "hook.ErrPlaceholder"},
		{hook.ErrBatch, "hook.ErrBatch"},
		{metafile.ErrNothing, "metafile.ErrNothing"},
		{metafile.ErrChanged, "metafile.ErrChanged"},
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
		{fs.ErrNotExist, "fs.ErrNotExist"},
		{fs.ErrPermission, "fs.ErrPermission"},
		{fs.ErrExist, "fs.ErrExist"},
	}
}

var _ ui.Engine = engineOf{}
