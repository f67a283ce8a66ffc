// Package feed follows RSS 2.0, RSS 1.0 and Atom feeds: it fetches them, shows what
// is in them and adds what the user's filters find.
//
// The formats are read with encoding/xml: of a feed only titles, links, enclosures
// and dates are of use, which is less code than a library that knows everything, and
// this way the size, the number of items and the kinds of links are bounded here.
//
// Parse and the matching of filters are pure. A Reader has one goroutine that owns
// the feeds and two workers that wait for servers; its state is one file, replaced
// atomically after each change.
//
// Invariants, each held by a test of the same name:
//
//   - NotTwice: what a filter or the user has added, no filter adds again, also after
//     a restart.
//   - Bounded: no server can make a fetch larger, longer or further redirected than
//     the limits.
//   - OnlyTorrents: nothing but magnet links and http addresses leaves Parse.
package feed
