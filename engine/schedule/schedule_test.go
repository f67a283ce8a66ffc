package schedule

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zones

	"swarmbid/engine/swarm"
)

func berlin(t *testing.T) *time.Location {
	t.Helper()
	l, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func random(r *rand.Rand) (t Table) {
	for d := range t {
		for h := range t[d] {
			t[d][h] = swarm.Mode(r.IntN(4))
		}
	}
	return t
}

// TestWallClock walks through two years in steps of 20 minutes, over four changes
// of daylight saving time, and compares with what a calendar says.
func TestWallClock(t *testing.T) {
	const seed = 11
	table, zone := random(rand.New(rand.NewPCG(seed, 1))), berlin(t)
	names := map[string]int{"Mon": 0, "Tue": 1, "Wed": 2, "Thu": 3, "Fri": 4, "Sat": 5, "Sun": 6}
	offsets := map[string]bool{}
	for at := time.Date(2026, 1, 1, 0, 0, 0, 0, zone); at.Year() < 2028; at = at.Add(20 * time.Minute) {
		day, hour, _ := strings.Cut(at.Format("Mon 15 MST"), " ")
		hour, name, _ := strings.Cut(hour, " ")
		offsets[name] = true
		h := int(hour[0]-'0')*10 + int(hour[1]-'0')
		if got, want := table.At(at), table[names[day]][h]; got != want {
			t.Fatalf("seed %d: %s is %v, want %v", seed, at, got, want)
		}
	}
	if len(offsets) != 2 {
		t.Errorf("the walk saw the offsets %v, want summer and winter", offsets)
	}
}

// TestChangeOfDaylightSaving: the hour that is skipped has no effect, the one that
// is there twice counts both times, and the hours after it are where they were.
func TestChangeOfDaylightSaving(t *testing.T) {
	var table Table
	table[6][2] = swarm.ModeOff // Sundays from 2 to 3
	zone := berlin(t)
	off := func(from time.Time) (minutes int) {
		for m := range 24 * 60 {
			if table.At(from.Add(time.Duration(m)*time.Minute)) == swarm.ModeOff {
				minutes++
			}
		}
		return minutes
	}
	for _, c := range []struct {
		day  string
		want int
	}{{"2026-03-22", 60}, {"2026-03-29", 0}, {"2026-10-25", 120}, {"2026-11-01", 60}} {
		day, err := time.ParseInLocation(time.DateOnly, c.day, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := off(day); got != c.want {
			t.Errorf("%s: off for %d minutes, want %d", c.day, got, c.want)
		}
	}
}

func TestOffIsFull(t *testing.T) {
	p := Policy{}
	for d := range p.Table {
		for h := range p.Table[d] {
			p.Table[d][h] = swarm.ModeOff
		}
	}
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	if got := p.At(now); got != swarm.ModeFull {
		t.Errorf("a schedule that is off says %v", got)
	}
	if p.On = true; p.At(now) != swarm.ModeOff {
		t.Error("a schedule that is on is not followed")
	}
}

func TestRoundTrip(t *testing.T) {
	for seed := range uint64(200) {
		want := random(rand.New(rand.NewPCG(seed, 2)))
		got, err := Parse(want.String())
		if err != nil || got != want {
			t.Fatalf("seed %d: %v, %v", seed, got, err)
		}
	}
	if got, err := Parse(""); err != nil || got != (Table{}) {
		t.Errorf("nothing is %v, %v", got, err)
	}
	for _, bad := range []string{"0", strings.Repeat("0", 169), strings.Repeat("0", 167) + "4", strings.Repeat("/", 168)} {
		if _, err := Parse(bad); !errors.Is(err, ErrTable) {
			t.Errorf("%.10q… is read: %v", bad, err)
		}
	}
}

func TestStricter(t *testing.T) {
	for _, c := range [][3]int64{{0, 0, 0}, {5, 0, 5}, {0, 7, 7}, {5, 7, 5}, {7, 5, 5}, {-1, 3, 3}, {-1, -1, 0}} {
		if got := Stricter(c[0], c[1]); got != c[2] {
			t.Errorf("%d and %d make %d, want %d", c[0], c[1], got, c[2])
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(strings.Repeat("0123", 42))
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		table, err := Parse(s)
		if err != nil || s == "" {
			return
		}
		if table.String() != s {
			t.Errorf("%q became %q", s, table)
		}
	})
}
