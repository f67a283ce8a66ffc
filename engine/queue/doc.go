// Package queue decides which torrents may run: so many downloads, so many
// torrents in all, forced ones always, slow ones not counted, and a seed that
// reached its goal no more.
//
// It is pure: the same items give the same answer.
//
// Invariants, each held by a test of the same name:
//
//   - Forced: a forced torrent runs.
//   - Limit: of the counted torrents no more run than the policy allows.
//   - Order: a download never waits for one that is behind it in the queue,
//     unless that one is forced or slow and running already.
//   - Goal: a complete torrent that reached its goal does not run, unless its goal
//     ends something else.
//   - Hours: what the schedule does not allow does not run, unless forced.
//   - Idle: as long as something wants to run, a free place is taken.
package queue
