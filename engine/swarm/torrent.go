package swarm

import "time"

// State is what a torrent does now, as the Status column says it.
type State uint8

// The states of a torrent. The zero value is Stopped.
const (
	Stopped     State = iota // not active; nothing is exchanged
	Queued                   // wants to download, waits for a place in the queue
	QueuedSeed               // wants to seed, waits for a place in the queue
	Checking                 // its data is being hashed
	Metadata                 // a magnet link whose info dictionary is not known yet
	Downloading              // active and incomplete
	Seeding                  // active and complete
	Paused                   // active but exchanging no data
	Finished                 // stopped and complete
	Errored                  // stopped by a fault; Torrent.Error says which
	Moving                   // its data is being moved
)

// String returns the state in English lower case, for logs and tests; the window
// has words of its own.
func (s State) String() string {
	names := [...]string{
		"stopped", "queued", "queued seed", "checking", "metadata", "downloading",
		"seeding", "paused", "finished", "error", "moving",
	}
	if int(s) < len(names) {
		return names[s]
	}
	return "unknown"
}

// Torrent is one row of a Snapshot.
type Torrent struct {
	InfoHash InfoHash
	Name     string
	State    State
	Forced   bool   // runs whatever the queue says
	Error    string // reason of Errored, for people; else ""
	Fault    Fault  // kind of Error; NoFault unless Errored
	Queue    int    // 1-based place among the downloads; 0 = not queued (complete)
	Private  bool   // BEP 27

	Size       int64   // bytes of all files; 0 while the metadata is unknown
	Wanted     int64   // bytes of the chosen files
	Completed  int64   // verified bytes of the chosen files
	Checked    float64 // 0..1 while Checking or Moving
	Downloaded int64   // payload received, all runs
	Uploaded   int64   // payload sent, all runs
	Wasted     int64   // received and thrown away: duplicate blocks and failed pieces, all runs
	HashFails  int     // pieces that failed their hash, all runs

	Down, Up           int64    // payload rates, mean of the last seconds
	Earning, Spending  int64    // µBTT per hour at the prices and rates of now
	DownLimit, UpLimit int64    // 0 = none of its own
	Share              Priority // its weight among the torrents that share the session's limits

	Seeds, Peers           int     // connected: complete ones, incomplete ones
	SwarmSeeds, SwarmPeers int     // best figure of any tracker's scrape or announce; -1 = unknown
	Availability           float64 // distributed copies: whole copies plus the share of pieces above that

	Label          string
	SavePath       string        // directory that holds Name
	Tracker        string        // host of the tracker that answered last; "" = none
	TrackerStatus  TrackerStatus // of that tracker, else of the first; TrackerIdle without any
	TrackerMessage string        // that goes with it, cut to a sane length
	SourceURL      string        // where the .torrent came from; "" = a file or magnet
	Comment        string
	CreatedBy      string
	Created        time.Time // by the metainfo
	Added          time.Time
	Done           time.Time // when it became complete
	LastActive     time.Time // payload last moved

	Active  time.Duration // time spent active, all runs
	Seeded  time.Duration // time spent seeding, all runs
	Seq     bool          // pieces are asked for in order
	EndsFst bool          // first and last pieces of each file come first
}

// Remaining is the number of wanted bytes still missing.
func (t *Torrent) Remaining() int64 { return max(0, t.Wanted-t.Completed) }

// Complete reports whether every wanted byte is verified. A torrent without
// metadata is not complete.
func (t *Torrent) Complete() bool { return t.Size > 0 && t.Completed >= t.Wanted }

// ETA estimates the time to completion at the present rate. ok is false when
// nothing is missing or nothing arrives.
func (t *Torrent) ETA() (d time.Duration, ok bool) {
	if t.Remaining() == 0 || t.Down <= 0 {
		return 0, false
	}
	const week = 7 * 24 * time.Hour
	s := t.Remaining() / t.Down
	if s > int64((100*week)/time.Second) {
		return 0, false
	}
	return time.Duration(s) * time.Second, true
}

// Ratio is uploaded over downloaded, in thousandths; a torrent that was not
// downloaded here counts its size instead.
func (t *Torrent) Ratio() int64 {
	base := t.Downloaded
	if base == 0 {
		base = t.Completed
	}
	if base == 0 {
		return 0
	}
	return int64(float64(t.Uploaded) / float64(base) * 1000)
}

// Fault is the kind of trouble that stopped a torrent. The window has a
// sentence and an advice for each.
type Fault uint8

// The kinds of fault.
const (
	NoFault     Fault = iota
	DiskFull          // no room for a write
	MissingData       // folder, drive or file is not there
	ReadOnly          // a write was refused
	IOFault           // any other error of the disk
	BadMetadata       // the info dictionary cannot be used
)
