package swarm

import "net/netip"

// PortTest is what can be known, without asking anybody on the internet, of whether
// peers reach us. The zero value is that of a session without a network.
type PortTest struct {
	Port      int            // we listen at; 0 = at none
	Answers   bool           // a connection made from here to that port was taken
	Forward   Forward        // what the router said
	Method    string         // by which it was asked: «UPnP» or «NAT-PMP»
	External  netip.AddrPort // where the internet reaches us; invalid = the router did not say
	Reachable bool           // somebody has connected to us in this run
}

// Forward is what is known of the router's part. The zero value is that it is not
// asked.
type Forward uint8

// What a router may have said.
const (
	NotAsked Forward = iota
	Asking
	Forwarded
	NoRouter // none answers
	RouterRefused
)
