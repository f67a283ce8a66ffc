//go:build !windows

package desktop

import (
	"context"

	"fyne.io/fyne/v2"
)

// NoticesMinimised is whether FollowMinimised ever calls.
const NoticesMinimised = false

// HasDefaults is whether OpenDefaults has a page to show.
const HasDefaults = false

// Raise shows a window and brings it to the front, out of being minimised, too. It
// is called on Fyne's main goroutine.
func Raise(w fyne.Window) {
	w.Show()
	w.RequestFocus()
}

// FollowMinimised waits for ctx: here nobody says that a window was minimised.
func FollowMinimised(ctx context.Context, _ fyne.Window, _ func()) error {
	<-ctx.Done()
	return nil
}
