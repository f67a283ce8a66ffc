package quota

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zones

	"swarmbid/engine/swarm"
)

func at(s string) time.Time {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err) //nolint:forbidigo // a programmer's mistake: the zones are in the binary
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		panic(err) //nolint:forbidigo // a programmer's mistake: a wrong literal
	}
	return t
}

// TestOnce: what is added is what is there, whatever the clock does, and the days are
// in order.
func TestOnce(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		now := at("2026-03-20 12:00")
		var days []swarm.Day
		var down, up int64
		for range 40 {
			now = now.Add(time.Duration(r.Int64N(int64(30*time.Hour))) - 8*time.Hour)
			if now.After(at("2026-04-15 00:00")) {
				break // before days are forgotten
			}
			d, u := r.Int64N(1000), r.Int64N(1000)
			days, down, up = Add(days, now, d, u), down+d, up+u
		}
		for _, d := range days {
			down, up = down-d.Down, up-d.Up
		}
		ordered := slices.IsSortedFunc(days, func(a, b swarm.Day) int {
			if a.Date < b.Date {
				return -1
			}
			return 1
		})
		if down != 0 || up != 0 || !ordered {
			t.Fatalf("seed %d: %d and %d are missing; %v", seed, down, up, days)
		}
	}
	if days := Add(nil, at("2026-01-01 00:00"), 0, 0); days != nil {
		t.Errorf("a day without traffic: %v", days)
	}
}

// TestResumes: at the time that is named there is room, and a minute before there is
// none, over changes of daylight saving time too.
func TestResumes(t *testing.T) {
	reached := 0
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 2))
		p := Policy{On: true, Count: swarm.Direction(r.IntN(3)), Limit: 1 + r.Int64N(5000), Days: 1 + r.IntN(MaxDays)}
		now := at([]string{"2026-03-28 20:00", "2026-10-24 20:00", "2026-07-01 10:00"}[r.IntN(3)])
		var days []swarm.Day
		for n := 40; n >= 0; n -= 1 + r.IntN(4) {
			days = Add(days, now.AddDate(0, 0, -n), r.Int64N(900), r.Int64N(900))
		}
		s := p.Decide(now, days)
		if s.Reached != (s.Used >= p.Limit) || s.Reached == s.Resumes.IsZero() || s.Limit != p.Limit {
			t.Fatalf("seed %d: %+v", seed, s)
		}
		if !s.Reached {
			continue
		}
		reached++
		if before, then := p.Decide(s.Resumes.Add(-time.Minute), days), p.Decide(s.Resumes, days); !before.Reached || then.Reached {
			t.Fatalf("seed %d: %+v until %v: before %+v, then %+v", seed, p, s.Resumes, before, then)
		}
		if !s.Resumes.After(now) || s.Resumes.Hour() != 0 || s.Resumes.Minute() != 0 {
			t.Fatalf("seed %d: resumes at %v", seed, s.Resumes)
		}
	}
	if reached < 300 {
		t.Errorf("only %d were reached", reached)
	}
}

// TestBounded: a year of traffic leaves the last days.
func TestBounded(t *testing.T) {
	var days []swarm.Day
	now := at("2026-01-01 12:00")
	for n := range 365 {
		days = Add(days, now.AddDate(0, 0, n), 1, 2)
	}
	if len(days) != MaxDays || days[0].Date != "2026-12-01" || days[30].Date != "2026-12-31" {
		t.Errorf("%d days, from %+v", len(days), days[0])
	}
}

func TestWhatCounts(t *testing.T) {
	now := at("2026-05-10 12:00")
	days := []swarm.Day{{Date: "2026-05-01", Down: 1000, Up: 1000}, {Date: "2026-05-08", Down: 10, Up: 300}, {Date: "2026-05-10", Down: 5, Up: 40}}
	for _, c := range []struct {
		count swarm.Direction
		days  int
		want  int64
	}{{swarm.Both, 1, 45}, {swarm.Both, 3, 355}, {swarm.Downloads, 3, 15}, {swarm.Uploads, 3, 340}, {swarm.Both, 10, 2355}, {swarm.Both, 9, 355}} {
		p := Policy{On: true, Count: c.count, Days: c.days, Limit: 1 << 40}
		if s := p.Decide(now, days); s.Used != c.want || s.Reached {
			t.Errorf("%+v: %+v", c, s)
		}
	}
	if s := (Policy{Limit: 1, Days: 3}).Decide(now, days); s != (State{}) {
		t.Errorf("off: %+v", s)
	}
}

func TestValidate(t *testing.T) {
	good := Policy{On: true, Limit: 1, Days: MaxDays}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, p := range map[string]Policy{
		"no bytes": {On: true, Days: 1}, "no days": {On: true, Limit: 1}, "too many": {On: true, Limit: 1, Days: MaxDays + 1},
		"direction": {Count: 3},
	} {
		if err := p.Validate(); !errors.Is(err, ErrPolicy) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (Policy{Limit: -1}).Validate(); err != nil {
		t.Errorf("what is off: %v", err)
	}
}
