// Package hook starts the user's programs when something happens to a torrent.
//
// A command line is split into words first, and only then are the facts put in
// place of %N and the like, each within its word. No shell reads the line. So the
// name of a torrent, which a stranger chose, can never become another word, another
// command or an option.
//
// Watch finds out what happened, purely, from one snapshot after another. A Runner
// starts programs and looks after them; they go on when the session ends.
//
// Invariants, each held by a test of the same name:
//
//   - HostileNames: whatever a fact holds, the program gets as many words as the
//     user wrote, and no word that begins with a fact begins with «-» or, but for
//     paths, with «/».
//   - Once: each change is reported once, and none at the start of the program.
package hook
