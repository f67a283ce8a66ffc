package view

import (
	"slices"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

func sampleFeeds() []swarm.Feed {
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	src := swarm.Source{URL: "http://x"}
	return []swarm.Feed{
		{ID: "1", Title: "One", Fresh: 1, Items: []swarm.FeedItem{
			{Key: "a", Feed: "1", Title: "Beta film", Source: src, At: at, Size: 10, Fresh: true},
			{Key: "b", Feed: "1", Title: "alpha FILM", Source: src, At: at.Add(-time.Hour), Size: 20, Added: true},
			{Key: "c", Feed: "1", Title: "news", At: at.Add(-2 * time.Hour)},
		}},
		{ID: "2", URL: "http://two", Error: "gone", Items: []swarm.FeedItem{{Key: "a", Feed: "2", Title: "film two", Source: src}}},
	}
}

// TestFeedItems: one feed or all of them, narrowed by words, in the order of any
// column.
func TestFeedItems(t *testing.T) {
	f, feeds := &Format{Locale: &Locale{}}, sampleFeeds()
	titles := func(which Filter, want string, o Order) (out []string) {
		l := FeedItems(f, feeds, which, want, o, []string{"title"})
		for i := range l.Len() {
			out = append(out, l.Item(i).Key)
		}
		return out
	}
	all, one := Filter{Kind: GroupFeeds}, Filter{Kind: ByFeed, Value: "1"}
	for _, c := range []struct {
		which Filter
		words string
		order Order
		want  []string
	}{
		{all, "", Order{}, []string{"a", "b", "c", "a"}},
		{one, "", Order{Column: "title"}, []string{"b", "a", "c"}},
		{one, "FILM al", Order{}, []string{"b"}},
		{one, "", Order{Column: "size", Desc: true}, []string{"b", "a", "c"}},
		{one, "", Order{Column: "at"}, []string{"c", "b", "a"}},
		{one, "", Order{Column: "state"}, []string{"a", "c", "b"}},
		{all, "film", Order{Column: "feed", Desc: true}, []string{"a", "b", "a"}},
		{Filter{Kind: ByFeed, Value: "7"}, "", Order{}, nil},
	} {
		got := titles(c.which, c.words, c.order)
		if c.order.Column == "feed" {
			slices.Sort(got)
			c.want = []string{"a", "a", "b"}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v %q by %q: %q, want %q", c.which, c.words, c.order.Column, got, c.want)
		}
	}
	l := FeedItems(f, feeds, one, "", Order{}, []string{"title", "state"})
	var c Cell
	for i, want := range []Cell{{Text: "Beta film", Bold: true}, {Text: "alpha FILM", Icon: "done", Tone: Giving}, {Text: "news", Ink: Dim}} {
		if l.Cell(i, l.Column("title"), &c); c != want {
			t.Errorf("%+v, want %+v", c, want)
		}
	}
}

// TestFeedsStandAboveTrackers: in the sidebar, folded or not, with faults marked.
func TestFeedsStandAboveTrackers(t *testing.T) {
	f, feeds := &Format{Locale: &Locale{}}, sampleFeeds()
	rows := []*Entry{{Filter: Filter{Kind: All}}, {Filter: Filter{Kind: GroupTrackers}}}
	got := WithFeeds(f, slices.Clone(rows), feeds, nil)
	if len(got) != 5 || got[1].Filter.Kind != GroupFeeds || got[2].Count != 1 || got[2].Title != "One" || got[3].Icon != "error" || got[3].Title != "http://two" || got[4].Filter.Kind != GroupTrackers {
		t.Errorf("%+v", got)
	}
	if got := WithFeeds(f, slices.Clone(rows), feeds, []Kind{GroupFeeds}); len(got) != 3 || got[1].Fold != Closed {
		t.Errorf("folded: %d rows", len(got))
	}
	if got := WithFeeds(f, rows[:1], nil, nil); len(got) != 2 {
		t.Errorf("without trackers: %d rows", len(got))
	}
	if !(Filter{Kind: ByFeed}).Match(&swarm.Torrent{}) {
		t.Error("a feed narrows the list of torrents below it")
	}
}
