// Package lab puts other BitTorrent programs, trackers and bad peers on loopback,
// for tests, benchmarks and the demo. Nothing here is part of the client.
//
// Client drives one program: aria2, Transmission, libtorrent, qBittorrent, and the
// plain anacrolix library. Each runs as a child process with a profile of its own
// under Options.Dir, listens on 127.0.0.1 (and [::1] on request), uses neither DHT
// nor local discovery nor port mapping, and is killed with its process group when
// its context ends or Close is called. What a Client reports is what the program
// itself says through its remote control or its log, so a test can compare our
// view of a connection with that of the other end.
//
// Payload makes torrents whose every byte follows from a seed, and compares trees.
// Tracker is an HTTP and UDP tracker that keeps what it was told. Raw speaks the
// peer protocol frame by frame, Leecher asks for blocks without end and counts,
// Malformed lists frames that no client may be hurt by.
package lab
