package view

import (
	"slices"
	"strings"

	"swarmbid/engine/swarm"
)

// Filter is one entry of the sidebar. The zero value shows every torrent.
type Filter struct {
	Kind  Kind
	Value string // the label or the host of the tracker; "" = those without one
}

// Kind is a category of the sidebar.
type Kind uint8

// The categories.
const (
	All Kind = iota
	Downloading
	Seeding
	Completed
	Active
	Inactive
	Failed
	ByLabel
	ByTracker
	GroupLabels   // the headline above the labels; shows every torrent
	GroupTrackers // the headline above the trackers; shows every torrent
	WalletPage    // the wallet in place of the list
	GroupFeeds    // the headline above the feeds; shows the items of all
	ByFeed        // the items of one feed in place of the list
)

// Match reports whether a torrent belongs to the category.
func (f Filter) Match(t *swarm.Torrent) bool {
	switch f.Kind {
	case Downloading:
		return !t.Complete()
	case Seeding:
		return t.State == swarm.Seeding || t.State == swarm.QueuedSeed
	case Completed:
		return t.Complete()
	case Active:
		return t.Down > 0 || t.Up > 0
	case Inactive:
		return t.Down == 0 && t.Up == 0
	case Failed:
		return t.State == swarm.Errored
	case ByLabel:
		return t.Label == f.Value
	case ByTracker:
		return t.Tracker == f.Value
	case All, GroupLabels, GroupTrackers, WalletPage, GroupFeeds, ByFeed:
	}
	return true
}

// Entry is one row of the sidebar.
type Entry struct {
	Filter Filter
	Title  string
	Icon   string
	Tone   Tone
	Count  int
	Depth  int
	Fold   Fold
}

// Sidebar counts the torrents of every category. closed names the headlines
// whose entries are folded away.
func Sidebar(f *Format, s *swarm.Snapshot, closed []Kind) []*Entry {
	rows := []*Entry{
		{Filter: Filter{Kind: All}, Title: f.T("side.all"), Icon: "all", Tone: Dim},
		{Filter: Filter{Kind: Downloading}, Title: f.T("side.downloading"), Icon: "down", Tone: Arriving},
		{Filter: Filter{Kind: Seeding}, Title: f.T("side.seeding"), Icon: "up", Tone: Giving},
		{Filter: Filter{Kind: Completed}, Title: f.T("side.completed"), Icon: "done", Tone: Giving},
		{Filter: Filter{Kind: Active}, Title: f.T("side.active"), Icon: "active", Tone: Arriving},
		{Filter: Filter{Kind: Inactive}, Title: f.T("side.inactive"), Icon: "inactive", Tone: Dim},
		{Filter: Filter{Kind: Failed}, Title: f.T("side.failed"), Icon: "error", Tone: Broken},
	}
	labels, trackers := map[string]int{}, map[string]int{}
	for i := range s.Torrents {
		t := &s.Torrents[i]
		for _, r := range rows {
			if r.Filter.Match(t) {
				r.Count++
			}
		}
		labels[t.Label]++
		trackers[t.Tracker]++
	}
	rows = append(rows, group(f, Filter{Kind: GroupLabels}, "side.labels", "side.noLabel", "label", ByLabel, labels, closed)...)
	return append(rows, group(f, Filter{Kind: GroupTrackers}, "side.trackers", "side.noTracker", "tracker", ByTracker, trackers, closed)...)
}

// group lists the values of a category below a headline, those without a value
// first.
func group(f *Format, head Filter, title, none, icon string, kind Kind, counts map[string]int, closed []Kind) []*Entry {
	h := &Entry{Filter: head, Title: f.T(title), Icon: icon, Tone: Dim, Count: -1, Fold: Open}
	if slices.Contains(closed, head.Kind) {
		h.Fold = Closed
		return []*Entry{h}
	}
	names := make([]string, 0, len(counts))
	for n := range counts {
		if n != "" {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, compareText)
	rows := []*Entry{h, {Filter: Filter{Kind: kind}, Title: f.T(none), Tone: Dim, Count: counts[""], Depth: 1}}
	for _, n := range names {
		rows = append(rows, &Entry{Filter: Filter{kind, n}, Title: n, Count: counts[n], Depth: 1})
	}
	return rows
}

// EntryColumns describes the sidebar as a table without a header.
func EntryColumns() []Column[Entry] {
	return []Column[Entry]{
		{
			ID: "title", Width: 100, Fill: true,
			Text: func(b []byte, _ *Format, e *Entry) []byte { return append(b, e.Title...) },
			Mark: func(e *Entry, c *Cell) {
				c.Icon, c.Tone, c.Indent, c.Fold, c.Bold = e.Icon, e.Tone, e.Depth, e.Fold, e.Fold != NoFold
			},
		},
		{
			ID: "count", Width: 50, Align: Right,
			Text: func(b []byte, f *Format, e *Entry) []byte {
				if e.Count < 0 {
					return b
				}
				return f.AppendInt(b, int64(e.Count))
			},
			Mark: func(_ *Entry, c *Cell) { c.Ink = Dim },
		},
	}
}

// Labels returns the labels in use, sorted.
func Labels(s *swarm.Snapshot) []string {
	seen := map[string]bool{}
	var out []string
	for i := range s.Torrents {
		if l := strings.TrimSpace(s.Torrents[i].Label); l != "" && !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	slices.SortFunc(out, compareText)
	return out
}
