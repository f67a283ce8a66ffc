package settings

import (
	"errors"
	"strings"

	"swarmbid/engine/schedule"
)

// Schedule is what the hours of the week allow.
type Schedule struct {
	On        bool   `json:"on"`
	Table     string `json:"table"`     // 168 digits from Monday 0:00: 0 full, 1 limited, 2 off, 3 seeding only; "" = all 0
	DownLimit int64  `json:"downLimit"` // while limited; 0 = none
	UpLimit   int64  `json:"upLimit"`
	NoDHT     bool   `json:"noDht"` // no DHT while off
}

// Programs are started when something happens to a torrent; see package app/hook
// for what stands in them.
type Programs struct {
	OnFinish string `json:"onFinish"` // command line; "" = none
	OnState  string `json:"onState"`
}

// Notify says of what the user is told while the window is not in front.
type Notify struct {
	Added  bool `json:"added"`
	Done   bool `json:"done"`
	Failed bool `json:"failed"`
	Feed   bool `json:"feed"` // a filter has found something in a feed
}

// Feeds are RSS feeds; which ones is kept with them.
type Feeds struct {
	UpdateMinutes int `json:"updateMinutes"` // between two updates, 1 or more
}

// Validate reports every value that is out of range.
func (f *Feeds) Validate() error {
	return check(f.UpdateMinutes >= 1 && f.UpdateMinutes <= 7*24*60, "feeds are updated every %d minutes", f.UpdateMinutes)
}

// maxCommand bounds a command line, in bytes.
const maxCommand = 4096

// Validate reports every value that is out of range.
func (s *Schedule) Validate() error {
	_, err := schedule.Parse(s.Table)
	return errors.Join(
		check(err == nil, "the table of the schedule"),
		check(min(s.DownLimit, s.UpLimit) >= 0, "a rate limit of the schedule is negative"))
}

// Validate reports every value that is out of range.
func (p *Programs) Validate() error {
	return errors.Join(
		check(max(len(p.OnFinish), len(p.OnState)) <= maxCommand, "a command line of over %d bytes", maxCommand),
		check(!strings.ContainsAny(p.OnFinish+p.OnState, "\x00\r\n"), "a command line of more than one line"))
}
