// Package disk keeps the files of a torrent: it reads and writes at offsets of
// the torrent, knows which pieces are verified, and makes that knowledge durable
// in the right order: data first, then the claim that it is good.
//
// It implements the library's storage interface instead of using the library's
// file storage, because that one maps files into memory (a file truncated or a
// drive pulled underneath kills the process), writes pad files to the disk,
// leaves finished files read-only and cannot say which fault stopped a write.
//
// Invariants, each held by a test of the same name:
//
//   - Ahead: a piece is recorded as verified only after its data was synced.
//   - Begun: a piece whose writing began is recorded before its first byte, so
//     that after a crash only such pieces are checked again.
//   - Fault: a failing disk never makes a verified piece unverified.
//   - Aside: nothing makes a file nobody wants, and what its neighbours' pieces bring
//     for it is neither lost nor stale when it is wanted.
//   - Pad: pad files (BEP 47) read as zeros and never reach the disk.
package disk
