// Package peerwire reads, checks and writes the messages of the peer wire
// protocol as values: BEP 3 (base), BEP 5 (port), BEP 6 (fast), BEP 9
// (metadata), BEP 10 (extensions), BEP 11 (peer exchange), BEP 52 (hashes) and
// BEP 55 (holepunch).
//
// A frame is a 4-byte big-endian length, a 1-byte id and a body; a frame of
// length 0 is a keep-alive. Peek finds the frame at the start of a buffer, a
// Checker says whether a peer may send it, the Parse functions take it apart and
// the Append functions write one. Bodies alias the buffer that was read.
//
// The package is pure and never panics, whatever bytes it is given. Nothing on
// the path of a well-formed block, request or have allocates.
package peerwire
