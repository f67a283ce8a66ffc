package schedule

import (
	"errors"
	"fmt"
	"time"

	"swarmbid/engine/swarm"
)

// Days and Hours are the size of a Table.
const (
	Days  = 7
	Hours = 24
)

// ErrTable is wrapped by the error of Parse.
var ErrTable = errors.New("schedule is no table of 168 modes")

// Table is a mode for every hour of the week, Monday first. The zero value always
// allows everything.
type Table [Days][Hours]swarm.Mode

// Policy is what the user may set. The zero value allows everything.
type Policy struct {
	On       bool
	Table    Table
	Down, Up int64 // bytes per second while limited; 0 = no limit
	NoDHT    bool  // the DHT is off while everything is
}

// At returns the mode in force at a time, by the clock of its location.
func (t *Table) At(now time.Time) swarm.Mode {
	day := (int(now.Weekday()) + 6) % Days // time.Sunday is 0
	return t[day][now.Hour()]
}

// At returns the mode in force at a time.
func (p *Policy) At(now time.Time) swarm.Mode {
	if !p.On {
		return swarm.ModeFull
	}
	return p.Table.At(now)
}

// String writes the table as 168 digits, hour by hour from Monday 0:00: 0 full,
// 1 limited, 2 off, 3 seeding only.
func (t Table) String() string {
	b := make([]byte, 0, Days*Hours)
	for _, day := range t {
		for _, m := range day {
			b = append(b, '0'+byte(m))
		}
	}
	return string(b)
}

// Parse reads what String writes; "" is the zero Table.
func Parse(s string) (t Table, err error) {
	if s == "" {
		return t, nil
	}
	if len(s) != Days*Hours {
		return t, fmt.Errorf("%w: it has %d characters", ErrTable, len(s))
	}
	for i := range len(s) {
		m := swarm.Mode(s[i] - '0')
		if m > swarm.ModeSeed {
			return Table{}, fmt.Errorf("%w: %q at hour %d", ErrTable, s[i], i)
		}
		t[i/Hours][i%Hours] = m
	}
	return t, nil
}

// Stricter returns the lower of two limits, where 0 is none.
func Stricter(a, b int64) int64 {
	switch {
	case a <= 0:
		return max(b, 0)
	case b <= 0:
		return a
	}
	return min(a, b)
}
