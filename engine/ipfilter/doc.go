// Package ipfilter reads lists of addresses that a user wants nothing to do with, and
// finds an address in them.
//
// A List is immutable: sorted intervals that do not touch, found by bisection. Read
// knows the lines of ipfilter.dat (eMule, µTorrent), of PeerGuardian (.p2p), single
// addresses, intervals and CIDR, also compressed by gzip. A line that says none of
// these is counted and left out.
package ipfilter
