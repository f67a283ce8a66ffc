// Package desktop is the operating system around the window: one running program
// that later starts hand their files to, file and link associations, start at
// login, the tray with its tooltip and toasts, no sleep while downloading,
// shutdown when done, the probe of OpenGL, the crash file and the console.
//
// Invariants, each held by a test of the same name:
//
//   - OneProgram: of any number of simultaneous starts with one data folder one
//     becomes the program, and every other's message arrives there once.
//   - OnlyOurs: what Associate wrote, Dissociate takes away; what other programs or
//     the user wrote before or since stays.
//   - Verbatim: a name from outside reaches toast, tooltip and menu as text. It is
//     no part of a script, a command line or markup.
//
// Functions that a system has no answer for return ErrUnsupported. Files ending in
// _windows.go are for Windows, those ending in _other.go for the freedesktop.org
// systems.
package desktop
