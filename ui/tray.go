package ui

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
	"swarmbid/ui/desktop"
)

// showTray gives the tray what is true now.
func (u *UI) showTray() {
	tray := u.p.Desktop.Tray
	if tray == nil {
		return
	}
	tray.SetTip(u.tip(u.frame.snap))
	items := u.trayMenu()
	if now := describe(items); now != u.tray { // a new menu closes an open one
		u.tray = now
		tray.SetMenu(u.trayItems(items))
	}
}

// tip is the tooltip: the rates and what runs.
func (u *UI) tip(s *swarm.Snapshot) string {
	down, up := 0, 0
	for i := range s.Torrents {
		switch s.Torrents[i].State {
		case swarm.Downloading, swarm.Metadata:
			down++
		case swarm.Seeding:
			up++
		default:
		}
	}
	l := u.loc
	return fmt.Sprintf("%s\n↓ %s  ↑ %s\n%s", u.p.Name, l.Rate(s.Totals.Down), l.Rate(s.Totals.Up), l.T("tray.counts", l.N("tray.downloading", down), l.N("tray.seeding", up)))
}

// trayMenu is the menu of the tray.
func (u *UI) trayMenu() []*fyne.MenuItem {
	t := &u.frame.snap.Totals
	sep := fyne.NewMenuItemSeparator
	toggle := u.item("tray.hide", func() {
		u.win.Hide()
		u.hidden = true
	})
	if u.hidden {
		toggle = u.item("tray.show", u.Raise)
	}
	inWindow := func(f func()) func() {
		return func() {
			u.Raise()
			f()
		}
	}
	quit := u.item("menu.quit", u.quit)
	quit.IsQuit = true
	return []*fyne.MenuItem{
		toggle, sep(),
		u.item("menu.add", inWindow(u.addFiles)), u.item("menu.addURL", inWindow(u.addURL)), sep(),
		enabled(u.item("tray.pauseAll", func() { u.onAll("do.pause", u.p.Engine.Pause, running) }), len(u.those(running)) > 0),
		enabled(u.item("tray.resumeAll", func() { u.onAll("do.start", u.p.Engine.Start, paused) }), len(u.those(paused)) > 0), sep(),
		submenu(u.loc.T("limit.down"), u.limitItems("limit.down", t.DownLimit, func(n int64) { u.setSessionLimits(n, u.frame.snap.Totals.UpLimit) })...),
		submenu(u.loc.T("limit.up"), u.limitItems("limit.up", t.UpLimit, func(n int64) { u.setSessionLimits(u.frame.snap.Totals.DownLimit, n) })...), sep(),
		u.item("menu.prefs", inWindow(u.showPrefs)), sep(),
		quit,
	}
}

// running is a torrent that pausing all pauses.
func running(s swarm.State) bool {
	switch s {
	case swarm.Queued, swarm.QueuedSeed, swarm.Metadata, swarm.Downloading, swarm.Seeding:
		return true
	default:
		return false
	}
}

// paused is one that resuming all starts; what was stopped stays so.
func paused(s swarm.State) bool { return s == swarm.Paused }

// those returns the torrents in certain states.
func (u *UI) those(are func(swarm.State) bool) (ihs []swarm.InfoHash) {
	for i := range u.frame.snap.Torrents {
		if t := &u.frame.snap.Torrents[i]; are(t.State) {
			ihs = append(ihs, t.InfoHash)
		}
	}
	return ihs
}

// onAll runs a command of the engine on all torrents in certain states.
func (u *UI) onAll(what string, f func(ctx context.Context, ihs ...swarm.InfoHash) error, are func(swarm.State) bool) {
	if ihs := u.those(are); len(ihs) > 0 {
		u.do(what, func(ctx context.Context) error { return f(ctx, ihs...) }, nil)
	}
}

// trayItems makes a menu of the window one of the tray. What opens a dialog brings
// the window to the front.
func (u *UI) trayItems(items []*fyne.MenuItem) (out []desktop.MenuItem) {
	for _, it := range items {
		if it.IsSeparator {
			out = append(out, desktop.MenuItem{})
			continue
		}
		to := desktop.MenuItem{Text: it.Label, Checked: it.Checked, Disabled: it.Disabled, Quit: it.IsQuit}
		if it.ChildMenu != nil {
			to.Items = u.trayItems(it.ChildMenu.Items)
		} else if act := it.Action; act != nil {
			to.Do = func() {
				fyne.Do(func() {
					act()
					if u.hidden && u.busy() {
						u.Raise()
					}
				})
			}
		}
		out = append(out, to)
	}
	return out
}

// describe tells two menus apart.
func describe(items []*fyne.MenuItem) string {
	var b strings.Builder
	for _, it := range items {
		fmt.Fprintf(&b, "%q %t %t\n", it.Label, it.Checked, it.Disabled)
		if it.ChildMenu != nil {
			b.WriteString(describe(it.ChildMenu.Items))
		}
	}
	return b.String()
}

// Announce tells the user of what happened, in a toast, if that is wanted.
func (u *UI) Announce(ev swarm.Event) {
	tray := u.p.Desktop.Tray
	if tray == nil {
		return
	}
	p := u.p.Settings.Prefs()
	switch ev := ev.(type) {
	case swarm.TorrentAdded:
		if p.NotifyAdded {
			tray.ShowToast(u.loc.T("toast.added"), ev.Name)
		}
	case swarm.TorrentDone:
		if p.NotifyDone {
			tray.ShowToast(u.loc.T("toast.done"), ev.Name)
		}
	case swarm.TorrentFailed:
		if p.NotifyFailed {
			tray.ShowToast(u.loc.T("toast.failed", ev.Name), ev.Reason)
		}
	case swarm.FeedAdded:
		if p.NotifyFeed {
			tray.ShowToast(u.loc.T("toast.feed", ev.Feed), ev.Title)
		}
	}
}
