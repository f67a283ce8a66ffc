package swarm

import "time"

// Feed is an RSS or Atom feed as the window shows it. It is immutable once
// published.
type Feed struct {
	ID      string // of this program; never reused
	URL     string
	Name    string // what the user calls it; "" = Title
	Title   string // by the feed; "" = not read yet
	Fetched time.Time
	Error   string // why the last attempt failed; "" = it did not
	Fresh   int    // items nobody has looked at
	Items   []FeedItem
}

// Label is what the feed is called in lists.
func (f *Feed) Label() string {
	switch {
	case f.Name != "":
		return f.Name
	case f.Title != "":
		return f.Title
	}
	return f.URL
}

// FeedItem is one item of a feed.
type FeedItem struct {
	Key    string // by the feed; unique within it
	Feed   string // ID of its feed
	Title  string
	Source Source // magnet link or address of a .torrent file; zero = there is none
	Size   int64  // 0 = unknown
	At     time.Time
	Added  bool // it was added, by hand or by a filter
	Fresh  bool // nobody has looked at it
}

// FeedFilter adds what it finds in feeds. The zero value finds nothing.
type FeedFilter struct {
	Name     string `json:"name"`
	On       bool   `json:"on"`
	Match    string `json:"match"` // with * and ?, alternatives with |; "" finds nothing
	Not      string `json:"not"`   // what Match finds and this does too is left out
	Feed     string `json:"feed"`  // ID; "" = every feed
	SaveIn   string `json:"saveIn"`
	Label    string `json:"label"`
	Episodes string `json:"episodes"` // as 1x12-14, 2x3- or 2x3; "" = all
	Smart    bool   `json:"smart"`    // each episode once
	Quality  string `json:"quality"`  // one of these, with commas, as the title names it; "" = any
	// PauseHours must pass after one find before the next; 0 = none, -1 = for ever.
	PauseHours int  `json:"pauseHours"`
	Stopped    bool `json:"stopped"`
}

// FeedLoad is an item that was added: by a filter, or by the user if Filter is "".
type FeedLoad struct {
	At     time.Time `json:"at"`
	Title  string    `json:"title"`
	Feed   string    `json:"feed"` // as the feed was called
	Filter string    `json:"filter"`
}
