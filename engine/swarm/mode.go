package swarm

// Mode is what the hour of the week allows the session. The zero value is
// ModeFull.
type Mode uint8

// The modes. Torrents that were force started run in each.
const (
	ModeFull    Mode = iota // everything
	ModeLimited             // everything, at rates of its own
	ModeOff                 // nothing
	ModeSeed                // complete torrents
)

// String returns the mode in English lower case, for logs and tests.
func (m Mode) String() string { return word(m, "full", "limited", "off", "seeding only") }
