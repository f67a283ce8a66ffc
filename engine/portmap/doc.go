// Package portmap asks the router for a port, over UPnP (WANIPConnection 1 and 2,
// WANPPPConnection 1, found by SSDP) or NAT-PMP (RFC 6886), so that peers on the
// internet can connect to us over TCP and UDP.
//
// A Mapper has one goroutine, that of Run. It asks for both protocols at the same
// external port, renews the lease at half its time, starts over with another way when
// the router stops answering, and gives the port back at the end. The external port
// may differ from ours: it is the one to tell trackers and the DHT.
//
// UPnP is github.com/huin/goupnp and NAT-PMP github.com/jackpal/go-nat-pmp. What comes
// from the network is bounded here, where the libraries do not: descriptions and
// answers in size, and every address to the host that announced itself, which must be
// on the local network.
package portmap
