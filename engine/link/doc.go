// Package link puts itself between the BitTorrent library and the network: every
// peer connection is a Link, a net.Conn on which the library speaks plaintext.
//
// Peer to library: the handshake is decrypted (MSE, by us), each frame is checked
// by peerwire before the library sees it, and request frames are taken out into a
// queue. Package upload releases them one by one; then the library reads the
// request as if it had just arrived, or the block is read from storage and
// written here. Library to peer: its choke, unchoke and allowed fast are dropped,
// since whom to serve is not its decision; ours are written instead. Everything
// else passes in the library's own buffer.
//
// Uploads are paced by gating requests and never by delaying writes, so that an
// upload limit cannot hold up our own requests. Downloads are paced by waiting
// before the next read.
//
// # Positions
//
// Payments count the bytes of blocks that were put into the stream before a
// message. What is owed is taken, and the blocks after it are chosen, under one
// lock, so that a message that is owed later stands behind these blocks and before
// all others, however long they take to leave: its position is known when it is
// handed over, and nobody waits for the network. What the peer may be sent on
// credit is a position too, beyond which nothing is released.
//
// # Choking
//
// A peer is unchoked while upload grants it, the library would serve it and the
// torrent is not paused. Choking stops the release of requests, lets what is
// released drain for at most a second, sends choke, then refuses each queued
// request: by reject (BEP 6) or, without the fast extension, silently, as BEP 3
// has it. An unchoked peer is refused only what is over the queue's bound.
//
// # Goroutines and locks
//
// Reading happens on the library's reading goroutine and writing on its writing
// one. A Link adds one goroutine, from the end of the handshake to Close, for
// what we have to say ourselves, and a second one while it serves blocks itself. Link.wmu is held around writes to the network,
// Link.mu around the state; wmu is taken first. The functions of Config are
// called from these goroutines, some with Link.mu or the library's lock held:
// they must return at once and call neither the library nor this package.
package link
