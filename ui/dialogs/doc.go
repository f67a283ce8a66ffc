// Package dialogs holds what opens above the window: add a torrent, remove,
// properties, preferences, questions and messages. All stand in one frame of our
// own, because Fyne's dialogs obey neither Escape nor Enter: here Escape cancels,
// Enter does the default, the first field has the focus and Tab goes on.
//
// A dialog knows no engine: it is shown values and calls back with the user's
// decision, on Fyne's main goroutine.
package dialogs
