// Package swarm names the things of a BitTorrent session: torrents, peers,
// pieces, trackers, files. It is the vocabulary that engine and ui share. It
// holds values only: no goroutine, no lock, no I/O and no import of this module.
//
// Terms follow BEP 3 and its extensions. A piece is the unit that has a hash in
// the metainfo; a block is the 16 KiB unit of a request. A torrent is complete
// when every wanted piece is verified. Sizes are bytes, rates are bytes per
// second, times are wall-clock; the zero time means «never» or «unknown».
package swarm
