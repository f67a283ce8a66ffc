// Package tracker announces torrents to their trackers: HTTP and HTTPS (BEP 3,
// 7, 23, 31), UDP (BEP 15, 41), tiers (BEP 12) and scrapes (BEP 48, 15).
//
// An Announcer has one owner, the goroutine of Run, which holds every torrent, a
// heap of due times and the queues. It never waits for the network or for the
// caller: requests are carried out by a fixed pool of Config.Parallel workers,
// started by Run and gone when it returns. That pool is the only place of the
// package with a go statement; there is no goroutine and no timer per torrent.
//
// Rules it keeps:
//   - One round at a time per torrent. A round asks the trackers tier by tier, the
//     one that answered last first, and ends with the first answer (BEP 12).
//   - Each tracker hears started before anything else, completed once, and
//     stopped only if it heard started. A tracker with addresses of both families
//     is told over both, with the same key.
//   - A tracker that fails is left alone for 1 to 30 minutes, doubling. A host that
//     does not answer fails for all torrents at once, and at most Config.PerHost
//     requests are under way to one host, so that a dead tracker of a thousand
//     torrents does not take the pool.
//   - What a tracker sends is bounded in size, depth, time and number of addresses.
//   - uploaded, downloaded and left are read from the caller right before sending;
//     the address parameter of BEP 3 is never sent.
//   - URLs carry passkeys: the log and every error name the host only.
package tracker
