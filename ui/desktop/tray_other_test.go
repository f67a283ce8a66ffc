//go:build !windows

package desktop

import (
	"context"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// noticeApp keeps what it is told to notify.
type noticeApp struct {
	fyne.App
	mu   sync.Mutex
	seen []*fyne.Notification
	more chan struct{}
}

func (a *noticeApp) SendNotification(n *fyne.Notification) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen = append(a.seen, n)
	a.more <- struct{}{}
}

func TestVerbatimOnTheDesktop(t *testing.T) {
	a := &noticeApp{App: test.NewTempApp(t), more: make(chan struct{}, 10)}
	tray := NewTray(TrayConfig{App: a})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- tray.Run(ctx) }()
	tray.ShowToast("Finished <it>", `<b>$(calc)</b> & "x"`)
	select {
	case <-a.more:
	case <-time.After(10 * time.Second):
		t.Fatal("no notification")
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	// The title is no markup in the specification, the body is.
	if n := a.seen[0]; n.Title != "Finished <it>" || n.Content != `&lt;b&gt;$(calc)&lt;/b&gt; &amp; "x"` {
		t.Errorf("notified %q, %q", n.Title, n.Content)
	}
}

func TestFyneMenu(t *testing.T) {
	chosen := false
	m := fyneMenu([]MenuItem{{Text: "Show", Do: func() { chosen = true }}, {}, {Text: "Pause", Checked: true, Disabled: true}, {Text: "Quit", Quit: true}})
	if len(m.Items) != 4 || !m.Items[1].IsSeparator || !m.Items[2].Checked || !m.Items[2].Disabled || !m.Items[3].IsQuit {
		t.Fatalf("%+v", m.Items)
	}
	if m.Items[0].Action(); !chosen {
		t.Error("an item does nothing")
	}
}

func TestRaise(t *testing.T) {
	w := test.NewTempWindow(t, nil)
	w.Hide()
	Raise(w)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := FollowMinimised(ctx, w, func() { t.Error("minimised") }); err != nil {
		t.Error(err)
	}
}
