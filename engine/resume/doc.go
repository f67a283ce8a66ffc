// Package resume keeps what a session must not forget: the torrents, how the
// user wants them, their statistics and which of their pieces are good.
//
// One folder holds, for each torrent, three files named by its infohash:
//
//	<infohash>.torrent   the metainfo as it came; never changed
//	<infohash>.resume    the record: settings and statistics; .resume.bak is the one before
//	<infohash>.pieces    the journal: verified pieces, appended to while downloading
//
// and session.state (with .bak) for what concerns no single torrent. A file
// <infohash>.removed says that a removal was decided and must be finished.
//
// Invariants, each held by a test of the same name:
//
//   - Acknowledged: what Save, SaveMetainfo, Delete or Journal.Verified returned
//     nil for is there after the process is killed at any later instant.
//   - Whole: a file is never seen half written. Files are written beside the old
//     one, synced and renamed over it.
//   - Apart: a damaged file costs the torrent it belongs to a check of its data,
//     never the torrent, and no other torrent anything.
//   - Future: a file of a newer version is neither used nor overwritten.
//   - Claims: a piece that Verified did not report is never said to be good.
//
// A record is one line of header, «swarmbid resume <version> <length> <sha256>»,
// followed by that many bytes of JSON; the digest is of «<version>\n» and the
// JSON. The journal is binary, see journal.go. Every later version keeps to this
// line and to the journal's first 16 bytes and digest.
//
// A Store is used by one process at a time; the data folder's lock sees to that.
package resume
