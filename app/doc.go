// Command app is Swarmbid: it opens every part in order, joins them, runs them,
// and closes them in reverse. Nothing can import it, so nothing can depend on the
// wiring.
package main
