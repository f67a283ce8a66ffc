package desktop

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
)

// minimisedPoll is how often FollowMinimised looks; Fyne says nothing.
const minimisedPoll = 250 * time.Millisecond

// NoticesMinimised is whether FollowMinimised ever calls.
const NoticesMinimised = true

// HasDefaults is whether OpenDefaults has a page to show.
const HasDefaults = true

// Raise shows a window and brings it to the front, out of being minimised, too. It
// is called on Fyne's main goroutine.
func Raise(w fyne.Window) {
	w.Show()
	const restore, show = 9, 5
	h := handle(w)
	if h == 0 {
		return
	}
	how := uintptr(show)
	if isIconic(h) {
		how = restore
	}
	_, _, _ = user32("ShowWindow").Call(h, how)
	_, _, _ = user32("SetForegroundWindow").Call(h)
}

// FollowMinimised calls f on Fyne's main goroutine each time the window has become
// minimised, until ctx ends.
func FollowMinimised(ctx context.Context, w fyne.Window, f func()) error {
	tick := time.NewTicker(minimisedPoll)
	defer tick.Stop()
	var h uintptr
	was := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if h == 0 {
			got := make(chan uintptr, 1)
			fyne.Do(func() { got <- handle(w) })
			select {
			case h = <-got:
			case <-ctx.Done():
				return nil
			}
			continue
		}
		is := isIconic(h)
		if is && !was {
			fyne.Do(f)
		}
		was = is
	}
}

// handle returns the system's name of a window, 0 before it was first shown.
func handle(w fyne.Window) (h uintptr) {
	n, ok := w.(driver.NativeWindow)
	if !ok {
		return 0
	}
	n.RunNative(func(c any) {
		if c, ok := c.(driver.WindowsWindowContext); ok {
			h = c.HWND
		}
	})
	return h
}

func isIconic(h uintptr) bool {
	r, _, _ := user32("IsIconic").Call(h)
	return r != 0
}
