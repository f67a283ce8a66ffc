package swarm

// Mode is what the hour of the week allows the session. The zero value is
// ModeFull.
type Mode uint8

// The modes. Torrents that were force started run in each but
// the last.
const (
	ModeFull    Mode = iota // everything
	ModeLimited             // everything, at rates of its own
	ModeOff                 // nothing
	ModeSeed                // complete torrents
	ModeCapped              // nothing, forced ones neither: the traffic of the period is used up
)

// String returns the mode in English lower case, for logs and tests.
func (m Mode) String() string { return word(m, "full", "limited", "off", "seeding only", "capped") }

// Direction says which traffic is meant. The zero value is Both.
type Direction uint8

// The directions.
const (
	Both Direction = iota
	Downloads
	Uploads
)

// Day is the traffic of one day, payload and overhead, without the local network's.
type Day struct {
	Date     string // as 2006-01-02, by the clock on the wall
	Down, Up int64  `json:",omitzero"` // bytes
}
