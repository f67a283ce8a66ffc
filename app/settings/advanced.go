package settings

import "errors"

// Advanced is what few people change.
type Advanced struct {
	Allocate bool `json:"allocate"`    // wanted files take their room at once
	PartFile bool `json:"partFile"`    // what arrives for files nobody wants goes to one file, not to theirs
	Sparse   bool `json:"sparseFiles"` // on Windows new files take only the room of what is written

	Farewell      bool `json:"gracefulShutdown"`  // at the end trackers are told that we stop
	SeedlessFirst bool `json:"seedlessFirst"`     // seeds of torrents that nobody else seeds take their places first
	BegunFirst    bool `json:"begunFirst"`        // pieces that have begun are finished before others begin
	ConnectSpeed  int  `json:"connectSpeed"`      // connections begun in a second, 1 or more
	HalfOpen      int  `json:"halfOpen"`          // connections that are being made at the same time, 1 or more
	SameAddress   bool `json:"allowSameAddress"`  // several connections of an address in a torrent
	DropInactive  bool `json:"dropInactive"`      // peers without traffic make way where no more may connect
	DropAfter     int  `json:"dropAfterSeconds"`  // how long without, 30 or more
	ShowEvery     int  `json:"showEveryMillisec"` // how often the window shows new figures, 500 or more
}

// DefaultAdvanced returns what a new user gets.
func DefaultAdvanced() Advanced {
	return Advanced{PartFile: true, Farewell: true, DropInactive: true, DropAfter: 300, ShowEvery: 1000, ConnectSpeed: 10, HalfOpen: 100, SameAddress: true}
}

// Validate reports every value that is out of range.
func (a *Advanced) Validate() error {
	return errors.Join(
		check(a.ConnectSpeed >= 1 && a.ConnectSpeed <= 1000, "%d connections begun in a second", a.ConnectSpeed),
		check(a.HalfOpen >= 1 && a.HalfOpen <= 10000, "%d connections being made", a.HalfOpen),
		check(a.DropAfter >= 30 && a.DropAfter <= 86400, "peers dropped after %d seconds", a.DropAfter),
		check(a.ShowEvery >= 500 && a.ShowEvery <= 60000, "figures shown every %d ms", a.ShowEvery))
}
