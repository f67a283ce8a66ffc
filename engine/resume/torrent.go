package resume

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"swarmbid/engine/swarm"
)

// State is what the user wants of a torrent.
type State uint8

// The states. The zero value is Stopped.
const (
	Stopped State = iota
	Started       // runs when the queue lets it
	Paused        // keeps its place, exchanges no data
	Forced        // runs whatever the queue says
)

// Torrent is the record of one torrent: everything about it that survives a
// restart but its metainfo and its pieces. The zero value of a field means «not
// set», as in package swarm.
type Torrent struct {
	InfoHash  swarm.InfoHash `json:"-"`         // the name of the file
	Name      string         `json:",omitzero"` // chosen by the user; "" = by the metainfo
	SavePath  string         `json:",omitzero"` // absolute; "" only after damage
	Magnet    string         `json:",omitzero"` // while the metadata is not known
	Label     string         `json:",omitzero"`
	SourceURL string         `json:",omitzero"`

	Trackers [][]string `json:",omitempty"` // tiers as edited
	WebSeeds []string   `json:",omitempty"`
	Peers    []string   `json:",omitempty"` // host:port, to begin with

	Added      time.Time `json:",omitzero"`
	Done       time.Time `json:",omitzero"`
	LastActive time.Time `json:",omitzero"`

	State State `json:",omitzero"`
	Queue int   `json:",omitzero"` // 1-based place

	Priorities []swarm.Priority `json:",omitempty"` // by file index; nil = all Normal
	Selected   []int            `json:",omitempty"` // the choice of a magnet link (BEP 53) until the files are known
	Renamed    map[int]string   `json:",omitempty"` // by file index: path below SavePath, with slashes
	Sequential bool             `json:",omitzero"`
	FirstLast  bool             `json:",omitzero"`
	Limits     swarm.Limits     `json:",omitzero"`

	Market swarm.Bandwidth `json:",omitzero"`
	Alone  time.Time       `json:",omitzero"` // since when nobody else is known to have the whole torrent

	Downloaded int64         `json:",omitzero"` // payload bytes of all runs
	Uploaded   int64         `json:",omitzero"`
	Wasted     int64         `json:",omitzero"`
	HashFails  int           `json:",omitzero"`
	Active     time.Duration `json:",omitzero"`
	Seeding    time.Duration `json:",omitzero"`

	GoalRatio int64         `json:",omitzero"` // thousandths; 0 = the session's, negative = none
	GoalTime  time.Duration `json:",omitzero"` // of seeding; 0 = the session's, negative = none

	GoalAction swarm.GoalAction `json:",omitzero"`
	NoDHT      bool             `json:",omitzero"`
	NoPEX      bool             `json:",omitzero"`
	NoLSD      bool             `json:",omitzero"`

	Suffix string `json:",omitzero"` // of the names of files that are not complete; "" = none
	Copy   string `json:",omitzero"` // the copy of the .torrent file that was put aside for the user; absolute
	MoveTo string `json:",omitzero"` // the save path of a move under way; "" = none
}

func encodeRecord(t *Torrent) ([]byte, error) {
	body, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	if len(body) > maxRecord/2 {
		return nil, fmt.Errorf("%d bytes are over %d", len(body), maxRecord/2)
	}
	return seal(body), nil
}

func decodeRecord(ih swarm.InfoHash, body []byte) (Torrent, error) {
	var t Torrent
	if err := json.Unmarshal(body, &t); err != nil {
		return Torrent{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if t.State > Forced || t.Downloaded < 0 || t.Uploaded < 0 || t.Wasted < 0 || t.HashFails < 0 || t.Active < 0 || t.Seeding < 0 ||
		t.GoalAction > swarm.GoalRemove {
		return Torrent{}, fmt.Errorf("a value is out of its range: %w", ErrDamaged)
	}
	t.InfoHash = ih
	return t, nil
}

// Session is what concerns no single torrent.
type Session struct {
	Nodes      []string `json:",omitempty"` // of the DHT, host:port
	Downloaded int64    `json:",omitzero"`  // payload bytes of all torrents ever, removed ones too
	Uploaded   int64    `json:",omitzero"`

	Days []swarm.Day `json:",omitempty"` // the traffic of the last days, oldest first
}

// Session returns what was loaded or saved last; the caller may change it.
func (s *Store) Session() Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.session
	out.Nodes, out.Days = slices.Clone(out.Nodes), slices.Clone(out.Days)
	return out
}

// SaveSession keeps v. It returns nil when v survives a crash.
func (s *Store) SaveSession(v Session) error {
	body, err := json.Marshal(v)
	if err == nil {
		err = s.put(sessionFile, seal(body))
	}
	if err != nil {
		return fmt.Errorf("resume: save the session: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session = v
	s.session.Nodes, s.session.Days = slices.Clone(v.Nodes), slices.Clone(v.Days)
	return nil
}

func (s *Store) loadSession() error {
	body, err := s.getOrBackup(sessionFile)
	if err != nil || body == nil {
		return err
	}
	var v Session
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	s.session = v
	return nil
}
