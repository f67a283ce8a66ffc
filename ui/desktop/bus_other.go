//go:build !windows

package desktop

import "github.com/godbus/dbus/v5"

// hasBus reports whether there is a session bus, which the icon of the systray is
// shown through. Without one the systray starts, and takes the program down with it
// when it ends, before anything is saved (fyne.io/systray v1.12.2 closes a connection
// it has not got). The connection is the one the systray will use.
func hasBus() bool {
	conn, err := dbus.SessionBus()
	return err == nil && conn.Connected()
}
