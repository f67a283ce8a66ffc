// Package widgets holds the parts the window is made of and that Fyne lacks or
// draws too airily: a virtual table, a menu bar, a tab bar, buttons with an icon,
// groups of facts, a piece bar, a speed graph, a status bar, and the theme. They
// are dumb: they show what they are given and call back; they know neither the
// session nor any word of the user's language. Everything here belongs to Fyne's
// main goroutine.
package widgets
