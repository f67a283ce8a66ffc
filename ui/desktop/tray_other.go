//go:build !windows

package desktop

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	fynedesktop "fyne.io/fyne/v2/driver/desktop"
	"fyne.io/systray"
)

// traySystem is what this system needs to know between two changes.
type traySystem struct {
	shown []MenuItem
	icon  fynedesktop.App // nil = this desktop shows none
}

// Prepare asks Fyne for the icon. It is called on the main goroutine before Fyne's
// main loop, which starts the systray when it begins and ends it when it ends: one
// that is asked for later is never started, and ended with a fault.
func (t *Tray) Prepare() {
	app, ok := t.cfg.App.(fynedesktop.App)
	if !ok || !hasBus() {
		return
	}
	t.system.icon = app
	if len(t.cfg.Icon) > 0 {
		app.SetSystemTrayIcon(fyne.NewStaticResource("tray.png", t.cfg.Icon))
	}
	t.mu.Lock()
	t.system.shown = t.menu
	t.mu.Unlock()
	app.SetSystemTrayMenu(fyneMenu(t.system.shown))
	systray.SetOnTapped(func() { call(t.cfg.Click) })
}

// Run shows the tray until ctx ends. Fyne's systray speaks the StatusNotifierItem
// protocol; a desktop without a host for it shows no icon, but toasts.
func (t *Tray) Run(ctx context.Context) error {
	wake := make(chan struct{}, 1)
	t.begin(func() {
		select {
		case wake <- struct{}{}:
		default:
		}
	})
	defer t.begin(nil)
	for {
		t.show()
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		}
	}
}

func (t *Tray) show() {
	tip, menu, toasts := t.take()
	if app := t.system.icon; app != nil && !sameItems(menu, t.system.shown) {
		t.system.shown = menu
		fyne.Do(func() { app.SetSystemTrayMenu(fyneMenu(menu)) })
	}
	if t.system.icon != nil {
		systray.SetTooltip(tip)
	}
	for _, n := range toasts {
		t.cfg.App.SendNotification(fyne.NewNotification(n.title, markupText(n.text)))
	}
}

// Available is whether a panel shows such icons: the watcher of StatusNotifierItem
// says so on the session bus. One that starts with the session is waited for.
func (t *Tray) Available(ctx context.Context, patience time.Duration) bool {
	return waitFor(ctx, patience, hosted)
}

// sameItems reports whether two slices are one.
func sameItems(a, b []MenuItem) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

func fyneMenu(items []MenuItem) *fyne.Menu {
	m := fyne.NewMenu("")
	for _, it := range items {
		if it.Text == "" {
			m.Items = append(m.Items, fyne.NewMenuItemSeparator())
			continue
		}
		f := fyne.NewMenuItem(it.Text, it.Do)
		if len(it.Items) > 0 {
			f.ChildMenu = fyneMenu(it.Items)
		}
		f.Checked, f.Disabled, f.IsQuit = it.Checked, it.Disabled, it.Quit
		m.Items = append(m.Items, f)
	}
	return m
}

// markupText keeps a notification server from taking text for markup (Desktop
// Notifications 1.2).
func markupText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
