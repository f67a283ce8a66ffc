package dialogs

import (
	"testing"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
)

func openFilters(t *testing.T, h *Host) (d *filters, saved *[]swarm.FeedFilter) {
	t.Helper()
	saved = new([]swarm.FeedFilter)
	f := h.FeedFilters(FiltersParams{
		Feeds: []swarm.Feed{{ID: "7", Title: "One"}, {ID: "9", Title: "Two"}},
		Filters: []swarm.FeedFilter{
			{Name: "a", On: true, Match: "a*", Not: "n", Feed: "9", SaveIn: "/s", Label: "l", Episodes: "1x2", Smart: true, Stopped: true, Quality: "HDTV", PauseHours: 48}, {Name: "b", PauseHours: 5},
		},
		Check: func(f *swarm.FeedFilter) string {
			if f.Episodes == "bad" {
				return "the episodes are bad"
			}
			return ""
		},
		Save: func(fs []swarm.FeedFilter) { *saved = fs },
	})
	t.Cleanup(f.Close)
	return f.filters, saved
}

// TestFiltersAreKept: what is not touched comes back as it was, from every field.
func TestFiltersAreKept(t *testing.T) {
	h := newHost(t)
	d, saved := openFilters(t, h)
	want := d.p.Filters
	a, b := want[0], want[1]
	d.list.Select(1)
	d.list.OnSelect()
	press(h, fyne.KeyReturn)
	if got := *saved; len(got) != 2 || got[0] != a || got[1] != b {
		t.Errorf("%+v", got)
	}
}

func TestFiltersAreEdited(t *testing.T) {
	h := newHost(t)
	d, saved := openFilters(t, h)
	d.add()
	if h.Canvas.Focused() != d.name || !d.on.Checked || d.match.Text != "" {
		t.Fatal("a new filter does not begin empty, with its name")
	}
	d.name.SetText("Mine")
	d.match.SetText("m*")
	d.episodes.SetText("bad")
	d.feed.SetSelectedIndex(1)
	d.list.Select(0)
	d.list.OnSelect()
	if d.match.Text != "a*" || d.feed.SelectedIndex() != 2 {
		t.Errorf("the first one shows %q of feed %d", d.match.Text, d.feed.SelectedIndex())
	}
	d.label.SetText(" other ")
	press(h, fyne.KeyReturn)
	if *saved != nil || d.now != 2 || d.wrong.Text != "the episodes are bad" {
		t.Fatalf("saved %v, at %d, %q", *saved, d.now, d.wrong.Text)
	}
	d.episodes.SetText("1x1")
	h.Canvas.Focus(d.name)
	press(h, fyne.KeyReturn)
	got := *saved
	if len(got) != 3 || got[2].Name != "Mine" || got[2].Feed != "7" || got[2].Episodes != "1x1" || got[0].Label != "other" {
		t.Errorf("%+v", got)
	}
}

// TestQualityAndPauseAreEdited: the least interval is chosen from words; one that only
// a file can say stays as it is.
func TestQualityAndPauseAreEdited(t *testing.T) {
	h := newHost(t)
	d, saved := openFilters(t, h)
	if d.pause.Selected != "2 days" || d.quality.Text != "HDTV" {
		t.Errorf("%q, %q", d.pause.Selected, d.quality.Text)
	}
	d.pause.SetSelectedIndex(1)
	d.quality.SetText(" 720p ")
	d.list.Select(1)
	d.list.OnSelect()
	if d.pause.SelectedIndex() != -1 || d.quality.Text != "" {
		t.Errorf("%d, %q", d.pause.SelectedIndex(), d.quality.Text)
	}
	press(h, fyne.KeyReturn)
	got := *saved
	if len(got) != 2 || got[0].PauseHours != -1 || got[0].Quality != "720p" || got[1].PauseHours != 5 {
		t.Errorf("%+v", got)
	}
	if len(pauseWords(h.Locale)) != len(pauses()) {
		t.Error("a pause without words")
	}
}

// TestHistoryOfFeeds: what was added is shown in place of the fields, and the fields
// again.
func TestHistoryOfFeeds(t *testing.T) {
	h := newHost(t)
	f := h.FeedFilters(FiltersParams{
		Filters: []swarm.FeedFilter{{Name: "a"}},
		Loads:   []swarm.FeedLoad{{Title: "Cosmos", Filter: "a"}, {Title: "By me"}},
		Check:   func(*swarm.FeedFilter) string { return "" }, Save: func([]swarm.FeedFilter) {},
	})
	defer f.Close()
	d := f.filters
	var c view.Cell
	rows := loadRows{d}
	rows.Cell(1, 1, &c)
	if rows.Len() != 2 || c.Text != "by hand" {
		t.Errorf("%d rows, %q", rows.Len(), c.Text)
	}
	if rows.Cell(0, 0, &c); c.Text != "Cosmos" {
		t.Errorf("%q", c.Text)
	}
	if d.loads.Visible() || !d.fields.Visible() {
		t.Fatal("the history is shown at first")
	}
	if d.turn(); !d.loads.Visible() || d.fields.Visible() {
		t.Error("the history is not shown")
	}
	if d.turn(); d.loads.Visible() || !d.fields.Visible() {
		t.Error("the fields do not come back")
	}
	d.turn()
	if d.show(0); d.loads.Visible() {
		t.Error("a chosen filter is not shown")
	}
}

func TestFiltersAreRemoved(t *testing.T) {
	h := newHost(t)
	d, saved := openFilters(t, h)
	d.remove()
	if d.now != 0 || d.name.Text != "b" {
		t.Errorf("after the first one %d, %q", d.now, d.name.Text)
	}
	d.remove()
	d.remove() // nothing is left
	if d.now != -1 || d.fields.Visible() {
		t.Error("fields of no filter")
	}
	press(h, fyne.KeyReturn)
	if got := *saved; got == nil || len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestFeedDialog(t *testing.T) {
	h := newHost(t)
	var got [2]string
	f := h.Feed("Feed", "", "name", func(address, name string) { got = [2]string{address, name} })
	press(h, fyne.KeyReturn)
	if f.Closed() {
		t.Error("a feed without an address")
	}
	retype(h, "http://x")
	press(h, fyne.KeyReturn)
	if !f.Closed() || got != [2]string{"http://x", "name"} {
		t.Errorf("%q", got)
	}
}
