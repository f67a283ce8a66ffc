package ui_test

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"swarmbid/ui/view"
)

// did reports whether the feeds were asked to do something.
func (s *stage) did(call string) bool { return slices.Contains(s.Feeds.Calls, call) }

// TestFeedsInTheSidebar: a feed with its new items is an entry, and its items stand
// in place of the list, narrowed by the search box.
func TestFeedsInTheSidebar(t *testing.T) {
	s := newStage(t, "en", "light")
	one := view.Filter{Kind: view.ByFeed, Value: "1"}
	side := s.UI.Side()
	var c view.Cell
	found := false
	for i := range side.Model().Len() {
		if side.Model().Key(i) == one {
			side.Model().Cell(i, 1, &c)
			found = true
		}
	}
	if !found || c.Text != "2" {
		t.Fatalf("in the sidebar %v, %q new", found, c.Text)
	}
	s.run("feeds")
	if got := s.UI.FeedRows(); got == nil || got.Len() != 4 || s.UI.List().Visible() && s.UI.FeedUnder().Visible() {
		t.Fatal("the items are not shown")
	}
	s.UI.Search("cosmos 1080p")
	s.settle()
	if got := s.UI.FeedRows().Len(); got != 2 {
		t.Errorf("%d found", got)
	}
	s.UI.Search("")
	side.Select(view.Filter{Kind: view.ByFeed, Value: "2"})
	s.settle()
	if got := s.UI.FeedRows().Len(); got != 0 || !strings.Contains(s.UI.FeedWords(), "503") {
		t.Errorf("%d items, %q", got, s.UI.FeedWords())
	}
	side.Select(view.Filter{})
	s.settle()
	if s.UI.FeedRows() != nil {
		t.Error("the list does not come back")
	}
}

// TestFeedItemIsAdded: Enter adds an item as a pasted link, and the feed knows.
func TestFeedItemIsAdded(t *testing.T) {
	s := newStage(t, "en", "light")
	s.run("feeds")
	s.UI.FeedTable().Select(view.FeedKey{Feed: "1", Key: "s"})
	s.UI.FeedTable().OnActivate(0)
	s.settle()
	s.mustDialog("Add Torrent")
	s.key(fyne.KeyEscape)
	if !s.did("taken 1 s") {
		t.Errorf("%q", s.Feeds.Calls)
	}
	s.UI.FeedTable().Select(view.FeedKey{Feed: "1", Key: "n"}) // leads nowhere
	s.UI.FeedTable().OnActivate(0)
	s.settle()
	if s.dialog() != nil || s.did("taken 1 n") {
		t.Error("an item without a torrent is added")
	}
}

// TestFeedCommands: adding, editing and removing a feed, its menu, and the keys of
// torrents, which do nothing while the list is hidden.
func TestFeedCommands(t *testing.T) {
	s := newStage(t, "en", "light")
	s.run("add-feed")
	s.mustDialog("Add RSS Feed")
	s.write("https://x.example.org/rss")
	s.key(fyne.KeyReturn)
	s.settle()
	if !s.did("follow https://x.example.org/rss") {
		t.Fatalf("%q", s.Feeds.Calls)
	}
	if k, ok := s.UI.Side().Cursor(); !ok || k != (view.Filter{Kind: view.ByFeed, Value: "3"}) {
		t.Errorf("the sidebar is at %+v", k)
	}
	for _, it := range s.UI.FeedMenu() {
		switch it.Label {
		case "Update Feed", "Mark All as Seen":
			it.Action()
			s.settle()
		case "Edit Feed…":
			it.Action()
			s.mustDialog("Edit RSS Feed")
			s.key(fyne.KeyReturn)
		case "Remove Feed…":
			it.Action()
			s.mustDialog("Remove Feed")
			s.key(fyne.KeyReturn)
		}
	}
	s.settle()
	for _, want := range []string{"refresh 3", "seen 3", "edit 3", "drop 3"} {
		if !s.did(want) {
			t.Errorf("not done: %s; %q", want, s.Feeds.Calls)
		}
	}
	s.choose("Sintel")
	s.run("feeds")
	if tools := s.UI.Tools(); tools["remove"] || tools["stop"] {
		t.Error("torrents that are not seen can be removed")
	}
	s.run("add-feed")
	s.write("ftp://x")
	s.key(fyne.KeyReturn)
	s.settle()
	s.mustDialog("Feeds") // says why not
}

// TestFilters: the filters reach the feeds as the dialog leaves them.
func TestFilters(t *testing.T) {
	s := newStage(t, "en", "light")
	_, before := s.Feeds.View()
	s.run("feed-filters")
	s.mustDialog("RSS Downloader")
	s.key(fyne.KeyReturn)
	s.settle()
	if _, fs := s.Feeds.View(); s.dialog() != nil || !s.did("filters 2") || !slices.Equal(fs, before) {
		t.Errorf("%+v", fs)
	}
}
