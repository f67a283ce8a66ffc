// Package lsd finds peers on the local network by multicast (BEP 14), over IPv4 and
// IPv6, on every network interface.
//
// A Discovery announces each torrent once in five minutes, as BEP 14 asks, many to a
// packet and at most one packet a second. Torrents of which the metainfo says private
// (BEP 27) must not be given to it.
//
// Run is the one goroutine that announces; while it runs, one reader for each address
// family hands what arrives to Config.OnPeer. There are no others.
//
// The library's own implementation is not used: in v1.62.0 a packet with a malformed
// infohash ends the program, a packet for one torrent adds its sender to every other,
// and it announces every ten seconds.
package lsd
