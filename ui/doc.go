// Package ui is the window: menus, toolbar, sidebar, list, tabs and status bar.
// It declares the interfaces it needs, Engine and Settings, and gets them from
// app.
//
// Widgets belong to Fyne's main goroutine. UI.Follow runs beside it: it takes
// snapshots, turns them into finished text by package view and hands them over
// in one fyne.Do; as long as that one has not run there is no second. What the
// user asks of the engine goes through a bounded queue that Follow works off,
// because a command may wait for the engine. Dialogs ask through the same queue.
package ui
