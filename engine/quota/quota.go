package quota

import (
	"errors"
	"fmt"
	"time"

	"swarmbid/engine/swarm"
)

// MaxDays is the longest period, in days.
const MaxDays = 31

// ErrPolicy is wrapped by the error of Validate.
var ErrPolicy = errors.New("quota out of range")

// Policy is what the user may set. The zero value limits nothing.
type Policy struct {
	On    bool
	Count swarm.Direction
	Limit int64 // bytes in a period, 1 or more
	Days  int   // of a period, 1 to MaxDays
}

// Validate reports the first value that is out of range.
func (p Policy) Validate() error {
	switch {
	case p.Count > swarm.Uploads:
		return fmt.Errorf("%w: direction %d", ErrPolicy, p.Count)
	case !p.On:
		return nil
	case p.Limit < 1:
		return fmt.Errorf("%w: %d bytes", ErrPolicy, p.Limit)
	case p.Days < 1 || p.Days > MaxDays:
		return fmt.Errorf("%w: %d days, want 1 to %d", ErrPolicy, p.Days, MaxDays)
	}
	return nil
}

// State is where a period stands. The zero value is that of a policy that is off.
type State struct {
	Used    int64     // bytes of the period that count
	Limit   int64     // 0 = there is none
	Reached bool      // nothing more may pass
	Resumes time.Time // when it may again; zero unless Reached
}

// date names the day of a time.
func date(t time.Time) string { return t.Format(time.DateOnly) }

// Add counts traffic of now. It returns days, which it may change, oldest first.
func Add(days []swarm.Day, now time.Time, down, up int64) []swarm.Day {
	today := date(now)
	if n := len(days); n == 0 || days[n-1].Date < today {
		if down == 0 && up == 0 {
			return days
		}
		days = append(days, swarm.Day{Date: today})
	}
	d := &days[len(days)-1] // also where the clock was set back: nothing is lost or counted twice
	d.Down, d.Up = d.Down+down, d.Up+up
	if more := len(days) - MaxDays; more > 0 {
		days = append(days[:0], days[more:]...)
	}
	return days
}

// Decide says where the period of now stands.
func (p Policy) Decide(now time.Time, days []swarm.Day) State {
	if !p.On {
		return State{}
	}
	s := State{Used: p.used(now, days), Limit: p.Limit}
	if s.Used < p.Limit {
		return s
	}
	s.Reached = true
	for n := 1; n <= MaxDays; n++ {
		s.Resumes = time.Date(now.Year(), now.Month(), now.Day()+n, 0, 0, 0, 0, now.Location())
		if p.used(s.Resumes, days) < p.Limit {
			break
		}
	}
	return s
}

// used is what counts of the period that ends with the day of now. A day in the future,
// which only a clock that was set back can make, counts too.
func (p Policy) used(now time.Time, days []swarm.Day) (n int64) {
	first := date(now.AddDate(0, 0, 1-p.Days))
	for _, d := range days {
		if d.Date < first {
			continue
		}
		if p.Count != swarm.Uploads {
			n += d.Down
		}
		if p.Count != swarm.Downloads {
			n += d.Up
		}
	}
	return n
}
