package view

import (
	"cmp"
	"slices"
	"strings"

	"swarmbid/engine/swarm"
)

// FeedRow is one item of a feed in the list.
type FeedRow struct {
	swarm.FeedItem
	Name string // of its feed
}

// FeedKey names a FeedRow.
type FeedKey struct{ Feed, Key string }

// ID returns what names the row.
func (r *FeedRow) ID() FeedKey { return FeedKey{r.Feed, r.Key} }

// HasSource reports whether the item leads to a torrent.
func (r *FeedRow) HasSource() bool { return r.Source.Magnet != "" || r.Source.URL != "" }

// WithFeeds adds the feeds to the sidebar, above the trackers, with how many items
// are new.
func WithFeeds(f *Format, rows []*Entry, feeds []swarm.Feed, closed []Kind) []*Entry {
	h := &Entry{Filter: Filter{Kind: GroupFeeds}, Title: f.T("side.feeds"), Icon: "feed", Tone: Dim, Count: -1, Fold: Open}
	group := []*Entry{h}
	if slices.Contains(closed, GroupFeeds) {
		h.Fold, feeds = Closed, nil
	}
	for i := range feeds {
		e := &Entry{Filter: Filter{ByFeed, feeds[i].ID}, Title: feeds[i].Label(), Count: feeds[i].Fresh, Depth: 1}
		if feeds[i].Error != "" {
			e.Icon, e.Tone = "error", Broken
		}
		group = append(group, e)
	}
	at := slices.IndexFunc(rows, func(e *Entry) bool { return e.Filter.Kind == GroupTrackers })
	if at < 0 {
		at = len(rows)
	}
	return slices.Insert(rows, at, group...)
}

// FeedItems builds the list of the items of one feed, or of all if the filter is the
// headline above them. each word of want must occur in the title.
func FeedItems(f *Format, feeds []swarm.Feed, which Filter, want string, order Order, show []string) *List[FeedRow] {
	var items []*FeedRow
	words := strings.Fields(strings.ToLower(want))
	for i := range feeds {
		if which.Kind == ByFeed && which.Value != feeds[i].ID {
			continue
		}
		for _, x := range feeds[i].Items {
			if hasWords(x.Title, words) {
				items = append(items, &FeedRow{x, feeds[i].Label()})
			}
		}
	}
	cols := FeedColumns()
	Sort(items, cols, order)
	return Build(f, cols, show, items)
}

// FeedColumns describes the list of items.
func FeedColumns() []Column[FeedRow] {
	return []Column[FeedRow]{
		{
			ID: "title", Title: "feed.title", Width: 420, Text: func(b []byte, _ *Format, r *FeedRow) []byte { return append(b, r.Title...) },
			Mark: func(r *FeedRow, c *Cell) {
				c.Bold = r.Fresh
				switch {
				case r.Added:
					c.Icon, c.Tone = "done", Giving
				case !r.HasSource():
					c.Ink = Dim
				}
			},
			Compare: func(a, b *FeedRow) int { return compareText(a.Title, b.Title) },
		},
		{
			ID: "state", Title: "feed.state", Width: 90, Text: func(b []byte, f *Format, r *FeedRow) []byte {
				switch {
				case r.Added:
					return append(b, f.T("feed.added")...)
				case !r.HasSource():
					return append(b, f.T("feed.noTorrent")...)
				case r.Fresh:
					return append(b, f.T("feed.fresh")...)
				}
				return b
			},
			Compare: func(a, b *FeedRow) int { return cmp.Compare(rank(a), rank(b)) },
		},
		{
			ID: "size", Title: "col.size", Width: 76, Align: Right, Text: func(b []byte, f *Format, r *FeedRow) []byte {
				if r.Size <= 0 {
					return b
				}
				return f.AppendBytes(b, r.Size)
			},
			Compare: func(a, b *FeedRow) int { return cmp.Compare(a.Size, b.Size) },
		},
		{
			ID: "at", Title: "feed.at", Width: 130, Text: func(b []byte, f *Format, r *FeedRow) []byte { return f.AppendTime(b, r.At) },
			Compare: func(a, b *FeedRow) int { return a.At.Compare(b.At) },
		},
		{
			ID: "feed", Title: "feed.feed", Width: 140, Text: func(b []byte, _ *Format, r *FeedRow) []byte { return append(b, r.Name...) },
			Compare: func(a, b *FeedRow) int { return compareText(a.Name, b.Name) },
		},
	}
}

// hasWords reports whether a text holds every word; the words are lower case.
func hasWords(s string, words []string) bool {
	s = strings.ToLower(s)
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(s, w) })
}

// rank orders new items before known and added ones.
func rank(r *FeedRow) int {
	switch {
	case r.Added:
		return 2
	case r.Fresh:
		return 0
	}
	return 1
}
