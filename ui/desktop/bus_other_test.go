//go:build !windows

package desktop

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// trayApp counts how often it is asked for an icon in the notification area.
type trayApp struct {
	fyne.App
	asked atomic.Int32
}

func (a *trayApp) SetSystemTrayMenu(*fyne.Menu)        { a.asked.Add(1) }
func (a *trayApp) SetSystemTrayIcon(fyne.Resource)     { a.asked.Add(1) }
func (a *trayApp) SetSystemTrayWindow(fyne.Window)     { a.asked.Add(1) }
func (*trayApp) SendNotification(n *fyne.Notification) {}

// TestNoTrayWithoutABus: the systray must not be started where it would end the
// program with a fault.
func TestNoTrayWithoutABus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "nobody"))
	if hasBus() {
		t.Skip("another test has a connection to the session bus")
	}
	a := &trayApp{App: test.NewTempApp(t)}
	tray := NewTray(TrayConfig{App: a, Icon: []byte("png"), Menu: []MenuItem{{Text: "Exit", Quit: true}}})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := tray.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if n := a.asked.Load(); n != 0 {
		t.Errorf("the systray was asked for %d times", n)
	}
}
