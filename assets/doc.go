// Package assets carries the files that are shipped inside the program: icons
// drawn for it, its mark and the words of its languages. It imports nothing of
// this module and decides nothing.
package assets
