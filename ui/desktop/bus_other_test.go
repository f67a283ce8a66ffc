//go:build !windows

package desktop

import (
	"bufio"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/godbus/dbus/v5"
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
	tray.Prepare()
	tray.SetMenu([]MenuItem{{Text: "Another"}})
	if err := tray.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if n := a.asked.Load(); n != 0 {
		t.Errorf("the systray was asked for %d times", n)
	}
}

// panel is the watcher of a desktop with or without a host for icons.
type panel struct{ host atomic.Bool }

// Get implements org.freedesktop.DBus.Properties.
func (p *panel) Get(string, string) (dbus.Variant, *dbus.Error) {
	return dbus.MakeVariant(p.host.Load()), nil
}

// privateBus starts a message bus for one test and returns its address.
func privateBus(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "dbus-daemon", "--session", "--nofork", "--print-address", "--address=unix:dir="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("no message bus on this machine: %v", err)
	}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(address)
}

// TestHosted: the icon is seen only if somebody says that icons are shown.
func TestHosted(t *testing.T) {
	address := privateBus(t)
	conns := [2]*dbus.Conn{}
	for i := range conns {
		c, err := dbus.Connect(address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns[i] = c
	}
	if hostedOn(t.Context(), conns[0]) {
		t.Error("an empty bus shows icons")
	}
	p := &panel{}
	if err := conns[1].Export(p, watcherPath, "org.freedesktop.DBus.Properties"); err != nil {
		t.Fatal(err)
	}
	if r, err := conns[1].RequestName(watcher, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(r, err)
	}
	for _, host := range []bool{false, true} {
		if p.host.Store(host); hostedOn(t.Context(), conns[0]) != host {
			t.Errorf("host %v: the opposite", host)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if hostedOn(ctx, conns[0]) {
		t.Error("after the end of ctx it is shown")
	}
}

// TestTrayIsAskedForBeforeTheLoop: Fyne starts the systray with its main loop, so
// Prepare asks for icon and menu by itself, without one.
func TestTrayIsAskedForBeforeTheLoop(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", privateBus(t))
	if !hasBus() {
		t.Fatal("no connection to a bus that is there")
	}
	defer func() {
		if conn, err := dbus.SessionBus(); err == nil {
			_ = conn.Close() // other tests have their own
		}
	}()
	a := &trayApp{App: test.NewTempApp(t)}
	NewTray(TrayConfig{App: a, Icon: []byte("png"), Menu: []MenuItem{{Text: "Exit", Quit: true}}}).Prepare()
	if n := a.asked.Load(); n != 2 {
		t.Errorf("asked %d times, want icon and menu", n)
	}
}
