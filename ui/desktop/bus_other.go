//go:build !windows

package desktop

import (
	"context"

	"github.com/godbus/dbus/v5"
)

// hasBus reports whether there is a session bus, which the icon of the systray is
// shown through. Without one the systray starts, and takes the program down with it
// when it ends, before anything is saved (fyne.io/systray v1.12.2 closes a connection
// it has not got). The connection is the one the systray will use.
func hasBus() bool {
	conn, err := dbus.SessionBus()
	return err == nil && conn.Connected()
}

// hosted reports whether a panel shows the icons of the session: the watcher of the
// StatusNotifierItem specification says so.
func hosted(ctx context.Context) bool {
	conn, err := dbus.SessionBus()
	return err == nil && conn.Connected() && hostedOn(ctx, conn)
}

const (
	watcher     = "org.kde.StatusNotifierWatcher"
	watcherPath = dbus.ObjectPath("/StatusNotifierWatcher")
)

func hostedOn(ctx context.Context, conn *dbus.Conn) bool {
	var shown dbus.Variant
	call := conn.Object(watcher, watcherPath).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, watcher, "IsStatusNotifierHostRegistered")
	if call.Store(&shown) != nil {
		return false
	}
	is, ok := shown.Value().(bool)
	return ok && is
}
