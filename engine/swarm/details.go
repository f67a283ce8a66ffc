package swarm

import (
	"net/netip"
	"slices"
	"time"
)

// Details is what the tabs show of one torrent. Parts that were not asked for
// are nil. It is immutable once returned.
type Details struct {
	InfoHash InfoHash
	At       time.Time
	Files    []File
	Peers    []Peer
	Trackers []Tracker
	Pieces   *Pieces
	WebSeeds []string
	Market   *Market
}

// Part selects what Details holds.
type Part uint8

// The parts, to be combined with |.
const (
	PartFiles Part = 1 << iota
	PartPeers
	PartTrackers
	PartPieces
	PartMarket
)

// Priority is how much a file is wanted.
type Priority int8

// The priorities of a file. The zero value is Normal.
const (
	Skip   Priority = -2
	Low    Priority = -1
	Normal Priority = 0
	High   Priority = 1
)

// File is one file of a torrent, in metainfo order.
type File struct {
	Index      int
	Path       string // below SavePath, with slashes; what the user sees
	Size       int64
	Completed  int64 // verified bytes
	Priority   Priority
	FirstPiece int
	Pieces     int  // number of pieces it touches
	Pad        bool // BEP 47: never shown, never written
}

// Peer is one connected peer.
type Peer struct {
	Key      PeerKey
	Addr     netip.AddrPort
	Client   string // from the extended handshake or the peer id
	PeerID   PeerID
	Flags    PeerFlags
	Progress float64 // 0..1 of all pieces

	Relevance float64 // 0..1 of the pieces that we lack; 0 when we lack none
	Theirs    int64   // bytes per second it gets from everybody, by the pieces it announces
	Host      string  // name of Addr; filled by the window, for the engine asks nobody

	Down, Up             int64 // payload rates
	Downloaded, Uploaded int64 // payload of this connection
	MaxDown, MaxUp       int64 // the highest payload rates of this connection
	RequestsOut          int   // blocks we asked for and wait for
	RequestsIn           int   // blocks it asked for and waits for
	HashFails            int   // failed pieces it had a part in
	Since                time.Time
	AskedAt              time.Time // since when we have waited for its next block; zero = we asked for none
	LastBlock            time.Time // payload last moved in either direction
	Slot                 Slot      // why it is unchoked
	Granted              int64     // upload rate granted to it; 0 = none or no limit
}

// Slot says why we serve a peer. The zero value means that it is choked.
type Slot uint8

// The reasons to serve a peer.
const (
	NoSlot     Slot = iota // choked
	Regular                // tit for tat while leeching, longest owed while seeding
	Optimistic             // its turn (BEP 3)
	Paid                   // it bid for the rate
)

// String returns the slot in English lower case, for logs and tests.
func (s Slot) String() string {
	names := [...]string{"choked", "regular", "optimistic", "paid"}
	if int(s) < len(names) {
		return names[s]
	}
	return "unknown"
}

// PeerFlags are the facts behind the letters of the Flags column.
type PeerFlags uint32

// The flags.
const (
	Interesting   PeerFlags = 1 << iota // we want something it has
	Interested                          // it wants something we have
	ChokingUs                           // it chokes us
	Choked                              // we choke it
	Incoming                            // it connected to us
	Encrypted                           // the whole stream is RC4
	EncryptedHead                       // only the handshake was obfuscated
	UTP                                 // the connection is uTP, else TCP
	FromTracker                         // found through a tracker
	FromDHT                             // found through the DHT
	FromPEX                             // found through peer exchange
	FromLSD                             // found on the local network
	FromUser                            // given by hand, by a magnet link or a resume file
	Holepunched                         // reached with the help of a relay (BEP 55)
	Snubbed                             // promised blocks and sent none for a minute
	Seed                                // has every piece
	PaysUs                              // served for money
	WePay                               // serves us for money
)

// Has reports whether every flag of g is set in f.
func (f PeerFlags) Has(g PeerFlags) bool { return f&g == g }

// TrackerStatus is what a tracker row says.
type TrackerStatus uint8

// The states of a tracker. The zero value is TrackerIdle.
const (
	TrackerIdle       TrackerStatus = iota // not contacted yet, or the torrent is stopped
	TrackerUpdating                        // an announce is on the way
	TrackerWorking                         // the last announce succeeded
	TrackerFailed                          // the last announce failed; Tracker.Message says why
	TrackerDisabled                        // switched off by a setting, or of an unknown scheme
	TrackerNotNeeded                       // a better one of its tier answers (BEP 12)
	TrackerSourcePeer                      // not a tracker: the DHT, PEX or LSD row
)

// Tracker is one row of the Trackers tab.
type Tracker struct {
	URL          string // or «[DHT]», «[Local Peer Discovery]», «[Peer Exchange]»
	Tier         int    // 0-based; -1 for the rows that are no trackers
	Status       TrackerStatus
	Message      string // failure or warning of the tracker, cut to a sane length
	Seeds, Peers int    // of the last announce or scrape; -1 = unknown
	Downloads    int    // completed count by scrape; -1 = unknown
	NextAnnounce time.Time
	LastAnnounce time.Time
	PeersGot     int // addresses in the last answer
}

// Pieces is the map of the Pieces tab.
type Pieces struct {
	Length int64        // bytes of every piece but the last
	State  []PieceState // one entry a piece
	Avail  []uint16     // how many connected peers have it
}

// Copies is the number of distributed copies: the whole copies plus the share of
// pieces of which there is one more.
func Copies(avail []uint16) float64 {
	if len(avail) == 0 {
		return 0
	}
	least := slices.Min(avail)
	more := 0
	for _, n := range avail {
		if n > least {
			more++
		}
	}
	return float64(least) + float64(more)/float64(len(avail))
}

// PieceState is the state of one piece.
type PieceState uint8

// The states of a piece. The zero value is PieceMissing.
const (
	PieceMissing  PieceState = iota
	PiecePartial             // some blocks are here
	PieceChecking            // being hashed
	PieceHave                // verified
	PieceSkipped             // missing and belongs to no wanted file
)
