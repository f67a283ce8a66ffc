package swarm

import (
	"encoding/hex"
	"fmt"
	"time"
)

// BlockSize is the number of bytes of one request, by convention of every
// deployed client (BEP 3, «request»).
const BlockSize = 16 << 10

// InfoHash identifies a torrent: the SHA-1 of its info dictionary (BEP 3), or
// the first 20 bytes of the SHA-256 for a v2-only torrent (BEP 52).
type InfoHash [20]byte

// String returns h as 40 lower-case hexadecimal digits.
func (h InfoHash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether h names no torrent.
func (h InfoHash) IsZero() bool { return h == InfoHash{} }

// ParseInfoHash reads 40 hexadecimal digits.
func ParseInfoHash(s string) (InfoHash, error) {
	var h InfoHash
	if len(s) != 2*len(h) {
		return h, fmt.Errorf("swarm: infohash %q has %d characters, want 40", s, len(s))
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return InfoHash{}, fmt.Errorf("swarm: infohash %q: %w", s, err)
	}
	return h, nil
}

// PeerID is the 20-byte id of the handshake (BEP 3, BEP 20).
type PeerID [20]byte

// PeerKey identifies one live peer connection within a run of the program: it
// is a counter, never reused, 0 for none.
type PeerKey uint64

// Snapshot is the whole visible state of the session at one instant. It is
// immutable once published: readers share it without a lock.
type Snapshot struct {
	At       time.Time
	Torrents []Torrent // in queue order, then by time added
	Totals   Totals
}

// Totals is the session's part of a Snapshot.
type Totals struct {
	Down, Up             int64 // payload rates
	DownLimit, UpLimit   int64 // in force; 0 = unlimited
	Alt                  bool  // the alternative limits are on
	Mode                 Mode  // what the schedule allows
	Downloaded, Uploaded int64 // payload of this run
	Peers                int   // connected
	DHTNodes             int   // good nodes; 0 also when the DHT is off
	DHT                  bool
	ListenPort           int  // 0 until bound
	Reachable            bool // an incoming connection has arrived in this run
	FreeSpace            int64

	// Overhead are the protocol's own bytes and, by estimate, those of headers; Local is
	// what passes to and from peers of the local network, overhead included.
	OverDown, OverUp   int64    // rates
	LocalDown, LocalUp int64    // rates
	Overhead           [2]int64 // down and up of this run
	Local              [2]int64

	Network    string // the subnet of this machine; "" = it is in none
	NetLimited bool   // the limits are those of Network

	CapUsed, CapLimit int64     // of the period, bytes; a limit of 0 is none
	Capped            bool      // it is used up and nothing runs
	CapResumes        time.Time // when something may run again; zero unless Capped
	Net               NetState

	FilterRanges, FilterBad int   // intervals and unreadable lines of the address filter
	Refused                 int64 // addresses it refused in this run, each time counted
	FilterFault             bool  // its file cannot be read
}

// NetState is how the session reaches others. The zero value is NetOpen.
type NetState uint8

// The states.
const (
	NetOpen         NetState = iota
	NetProxyOnly             // everything goes through the proxy, nobody can connect to us
	NetProxyFails            // the proxy was not reached
	NetProxyRefuses          // it wants another user name or password
	NetGone                  // the chosen network is not there: nothing is exchanged
)
