package swarm

import "time"

// Source says where a torrent comes from. Exactly one field is set.
type Source struct {
	Metainfo []byte // contents of a .torrent file
	File     string // path of a .torrent file
	Magnet   string // magnet: link (BEP 9), may carry x.pe and so= (BEP 53)
	URL      string // http or https address of a .torrent file
}

// Preview is what the add dialog shows before the user decides.
type Preview struct {
	InfoHash  InfoHash
	Name      string
	Size      int64  // 0 = not known yet (magnet)
	Files     []File // nil = not known yet (magnet)
	Private   bool
	Comment   string
	Trackers  [][]string
	Known     bool   // the session has it already
	Metainfo  []byte // of a fetched URL or file, so that Add need not read it twice
	SourceURL string
	Selected  []int // file indexes by so= (BEP 53); nil = all
}

// Add tells how to add a torrent.
type Add struct {
	Source     Source
	SavePath   string // "" = the default folder
	Name       string // shown and used on disk; "" = by the metainfo
	Label      string
	Priorities []Priority // by file index; nil = all Normal (or the choice of so=)
	Stopped    bool       // do not start
	Top        bool       // first place of the queue
	SkipCheck  bool       // trust the data that is there; only when the caller made it
	Sequential bool
	FirstLast  bool
	Force      bool
}

// Limits are the settings of one torrent. The zero value sets none.
type Limits struct {
	Down, Up int64 // bytes per second; 0 = none of its own
	Slots    int   // upload slots; 0 = the session's default
	Peers    int   // most connections; 0 = the session's default
	// Share is its weight among the torrents that share the session's limits: Low 1,
	// Normal 2, High 4. Never Skip.
	Share Priority
}

// GoalAction is what becomes of a torrent that has reached its seeding goal.
type GoalAction uint8

// The actions. The zero value is what the session does.
const (
	GoalAsSession GoalAction = iota
	GoalStop                 // it no longer seeds
	GoalLimit                // it seeds on at the session's rate for that
	GoalRemove               // it leaves the list; its files stay
)

// Options are what else the user set for one torrent. The zero value leaves
// everything to the session.
type Options struct {
	GoalRatio  int64         // thousandths; 0 = the session's, negative = none
	GoalTime   time.Duration // of seeding; 0 = the session's, negative = none
	GoalAction GoalAction
	NoDHT      bool     // not announced to the DHT
	NoPEX      bool     // no peer exchange
	NoLSD      bool     // not announced on the local network
	WebSeeds   []string // http and https addresses (BEP 19)
}

// Create says what to make a torrent of.
type Create struct {
	Path        string     // a file, or a folder with everything below it
	PieceLength int64      // a power of two from 16 KiB to 16 MiB; 0 = chosen by the size
	Private     bool       // BEP 27
	Trackers    [][]string // tiers (BEP 12)
	WebSeeds    []string   // BEP 19
	Comment     string
	Source      string // a tracker's mark; makes the infohash differ
	Out         string // where the .torrent file goes; one that is there is replaced
	Seed        bool   // add it to the session and start it
}

// Created is what became of a Create.
type Created struct {
	InfoHash    InfoHash
	Out         string
	Size        int64
	Pieces      int
	PieceLength int64
}

// QueueMove says where to move torrents in the queue.
type QueueMove uint8

// The moves.
const (
	QueueUp QueueMove = iota + 1
	QueueDown
	QueueTop
	QueueBottom
)

// Event is a fact that the user may be told. The concrete types are below;
// there is one reader (app).
type Event interface{ event() }

// The facts.
type (
	// TorrentAdded follows every successful Add, also from a watch folder.
	TorrentAdded struct {
		InfoHash InfoHash
		Name     string
	}
	// TorrentDone is sent once, when the last wanted piece is verified.
	TorrentDone struct {
		InfoHash InfoHash
		Name     string
		Took     time.Duration
	}
	// GoalReached is sent once, when a seed has reached its goal; what Action says
	// is done by then.
	GoalReached struct {
		InfoHash InfoHash
		Name     string
		Action   GoalAction
	}
	// MoveFailed is sent when the data of a complete torrent could not be moved to
	// the folder for complete ones.
	MoveFailed struct {
		InfoHash InfoHash
		Name     string
		Dir      string
		Reason   string
	}
	// TorrentFailed is sent when a torrent goes to Errored.
	TorrentFailed struct {
		InfoHash InfoHash
		Name     string
		Fault    Fault
		Reason   string
	}
	// PeerDropped is sent when the engine closed a connection for a fault of the peer.
	PeerDropped struct {
		InfoHash InfoHash
		Addr     string
		Client   string
		Reason   string
	}
	// PortTaken is sent when the chosen port could not be opened and another one
	// was taken.
	PortTaken struct {
		Wanted, Got int
		Reason      string
	}
	// FeedAdded is sent when a filter has found something in a feed and it was added.
	FeedAdded struct {
		Feed, Title string
	}
	// WatchFailed is sent when a file of the watch folder could not be added.
	WatchFailed struct {
		File   string
		Reason string
	}
)

func (TorrentAdded) event()  {}
func (TorrentDone) event()   {}
func (GoalReached) event()   {}
func (MoveFailed) event()    {}
func (TorrentFailed) event() {}
func (PeerDropped) event()   {}
func (FeedAdded) event()     {}
func (WatchFailed) event()   {}
func (PortTaken) event()     {}
