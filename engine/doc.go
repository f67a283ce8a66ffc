// Package engine is the BitTorrent session: commands in, snapshots out. It is the
// only user of the torrent library, which moves blocks and verifies pieces here
// and decides nothing: connections come through engine/link, uploads are granted
// by bidding.Allocate and carried out by engine/upload, trackers are told by
// engine/tracker, files are kept by engine/disk and what must survive by
// engine/resume.
//
// One goroutine, the loop of Run, owns all state of the session. Other goroutines
// reach it through commands (do), which run on the loop, and read what it last
// published through Snapshot. The market (files market*.go) is part of it: bids come
// in, the allocator's prices go out as quotes, and the money is moved by whoever
// implements Payments. Work that takes long (moving data, fetching an
// address, syncing files) runs beside it and comes back as a command.
//
// A torrent that is stopped, queued or finished is not in the library at all: it
// costs its resume record and a row of the snapshot.
//
// Invariants, each held by a test of the same name:
//
//   - Stopped: a stopped torrent has no connection and announces nothing.
//   - Kept: no fault of one torrent, of its files or of its resume record touches
//     another one.
//   - Private: a private torrent (BEP 27) is never given to the DHT, PEX or LSD.
//   - NothingIsOfferedUnasked: without the market, and of a private torrent without
//     the user's leave, no peer sees anything of the market (btt_bid).
//   - Restart: what a command changed and returned for is there after kill -9.
package engine
