package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

func snapshot() *swarm.Snapshot {
	a := tor(1, "part 10", 1<<30, 50, swarm.Downloading)
	a.Down, a.Up, a.Label, a.Tracker, a.Seeds, a.SwarmSeeds = 1<<20, 0, "Linux", "one.example", 3, 40
	b := tor(2, "Part 9", 2<<30, 0, swarm.Queued)
	b.Label = "films"
	c := tor(3, "Ärger", 1<<20, 100, swarm.Seeding)
	c.Up, c.Queue, c.Tracker, c.Forced, c.Uploaded, c.Downloaded = 512<<10, 0, "two.example", true, 3<<20, 1<<20
	d := tor(4, "zebra", 1<<40, 77, swarm.Errored)
	d.Fault, d.Error = swarm.DiskFull, "no space left on device"
	e := tor(5, "magnet", 0, 0, swarm.Metadata)
	f := tor(6, "part 10", 3<<30, 100, swarm.Finished)
	f.Queue, f.Done = 0, at().Add(-time.Minute)
	return &swarm.Snapshot{At: at(), Torrents: []swarm.Torrent{a, b, c, d, e, f}}
}

func allColumns() (ids []string) {
	for _, c := range TorrentColumns() {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestTorrentCells(t *testing.T) {
	l := Torrents(german(t), snapshot(), Query{Show: allColumns()})
	for _, c := range []struct {
		row      int
		id, want string
	}{
		{0, "queue", "1"},
		{0, "name", "part 10"},
		{0, "size", "1,00 GiB"},
		{0, "done", "50,0 %"},
		{0, "status", "Lädt"},
		{0, "seeds", "3 (40)"},
		{0, "peers", "0"},
		{0, "down", "1,0 MiB/s"},
		{0, "up", ""},
		{0, "eta", "8m 32s"},
		{0, "label", "Linux"},
		{0, "remaining", "512,0 MiB"},
		{0, "tracker", "one.example"},
		{1, "eta", ""},
		{2, "queue", "*"},
		{2, "status", "[F] Verteilt"},
		{2, "ratio", "3,000"},
		{2, "up", "512,0 KiB/s"},
		{3, "status", "Fehler: Laufwerk voll"},
		{4, "size", ""},
		{4, "done", "0,0 %"},
		{4, "status", "Sucht Dateien"},
		{5, "done.at", "20.11.2026 14:04"},
		{5, "hash", hash(6).String()},
		{0, "added", "20.11.2026 13:05"},
	} {
		if got := texts(l, c.id)[c.row]; got != c.want {
			t.Errorf("row %d, column %s: %q, want %q", c.row, c.id, got, c.want)
		}
	}
}

func TestStateHasIconAndWords(t *testing.T) {
	f := english(t)
	seen := map[string]bool{}
	for s := swarm.Stopped; s <= swarm.Moving; s++ {
		x := tor(1, "x", 100, 10, s)
		icon, _ := Look(&x)
		words := f.State(&x)
		if icon == "" || strings.Contains(words, "state.") || seen[words] {
			t.Errorf("%v: icon %q, words %q", s, icon, words)
		}
		seen[words] = true
	}
}

func TestMarks(t *testing.T) {
	l := Torrents(english(t), snapshot(), Query{Show: allColumns()})
	var c Cell
	l.Cell(3, l.Column("status"), &c)
	if c.Ink != Broken {
		t.Error("an error is not written in its colour")
	}
	l.Cell(0, l.Column("done"), &c)
	if c.Fraction != 0.5 || c.Tone != Arriving {
		t.Errorf("bar %+v", c)
	}
	stalled := snapshot()
	stalled.Torrents[0].Down = 0
	Torrents(english(t), stalled, Query{Show: allColumns()}).Cell(0, l.Column("eta"), &c)
	if c.Text != "" || c.Icon != "infinity" {
		t.Errorf("a download that stands still ends %+v", c)
	}
}

func TestSortOnValues(t *testing.T) {
	for _, c := range []struct {
		o    Order
		want string
	}{
		{Order{}, "1 2 3 4 5 6"},
		{Order{Column: "queue"}, "1 2 4 5 3 6"},
		{Order{Column: "name"}, "5 2 1 6 4 3"}, // digits by value, no case, ties as they came
		{Order{Column: "name", Desc: true}, "3 4 1 6 2 5"},
		{Order{Column: "size"}, "5 3 1 2 6 4"}, // not by text, where 1 MiB comes after 1 GiB
		{Order{Column: "eta"}, "1 2 3 4 5 6"},
		{Order{Column: "done", Desc: true}, "3 6 4 1 2 5"},
		{Order{Column: "no such column"}, "1 2 3 4 5 6"},
	} {
		l := Torrents(english(t), snapshot(), Query{Order: c.o, Show: []string{"name"}})
		var got []string
		for i := range l.Len() {
			got = append(got, fmt.Sprint(l.Item(i).InfoHash[0]))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%+v: %s, want %s", c.o, s, c.want)
		}
	}
}

// TestSortIsStable: rows with equal values stay where they are while other
// values change.
func TestSortIsStable(t *testing.T) {
	s := snapshot()
	order := func() (out []swarm.InfoHash) {
		l := Torrents(english(t), s, Query{Order: Order{Column: "label", Desc: true}, Show: []string{"name"}})
		for i := range l.Len() {
			out = append(out, l.Item(i).InfoHash)
		}
		return out
	}
	before := order()
	for i := range s.Torrents {
		s.Torrents[i].Down += int64(1000 * (7 - i))
	}
	if after := order(); !slices.Equal(before, after) {
		t.Errorf("rows jumped: %v, before %v", after, before)
	}
}

func TestEveryColumnSorts(t *testing.T) {
	for _, c := range TorrentColumns() {
		s := snapshot()
		l := Torrents(english(t), s, Query{Order: Order{Column: c.ID}, Show: []string{c.ID}})
		for i := 1; i < l.Len(); i++ {
			if c.Compare(l.Item(i-1), l.Item(i)) > 0 {
				t.Errorf("column %s: row %d is out of order", c.ID, i)
			}
		}
	}
}

func TestFilterAndSearch(t *testing.T) {
	for _, c := range []struct {
		name string
		q    Query
		want int
	}{
		{"all", Query{}, 6},
		{"downloading", Query{Filter: Filter{Kind: Downloading}}, 4},
		{"seeding", Query{Filter: Filter{Kind: Seeding}}, 1},
		{"completed", Query{Filter: Filter{Kind: Completed}}, 2},
		{"active", Query{Filter: Filter{Kind: Active}}, 2},
		{"inactive", Query{Filter: Filter{Kind: Inactive}}, 4},
		{"failed", Query{Filter: Filter{Kind: Failed}}, 1},
		{"a label", Query{Filter: Filter{ByLabel, "films"}}, 1},
		{"no label", Query{Filter: Filter{Kind: ByLabel}}, 4},
		{"a tracker", Query{Filter: Filter{ByTracker, "one.example"}}, 1},
		{"a headline", Query{Filter: Filter{Kind: GroupLabels}}, 6},
		{"a word", Query{Search: "PART"}, 3},
		{"all words", Query{Search: "10 part"}, 2},
		{"an umlaut", Query{Search: "ärg"}, 1},
		{"the label", Query{Search: "linux"}, 1},
		{"a hash", Query{Search: hash(4).String()}, 1},
		{"nothing", Query{Search: "part nothing"}, 0},
		{"both", Query{Filter: Filter{Kind: Completed}, Search: "part"}, 1},
	} {
		if got := Torrents(english(t), snapshot(), c.q).Len(); got != c.want {
			t.Errorf("%s: %d rows, want %d", c.name, got, c.want)
		}
	}
}

func TestSidebarCounts(t *testing.T) {
	rows := Sidebar(english(t), snapshot(), nil)
	var got []string
	for _, e := range rows {
		got = append(got, fmt.Sprintf("%s:%d", e.Title, e.Count))
	}
	want := "All:6 Downloading:4 Seeding:1 Completed:2 Active:2 Inactive:4 Error:1 Labels:-1 No Label:4 films:1 Linux:1 Trackers:-1 No Tracker:4 one.example:1 two.example:1"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("%s\nwant %s", s, want)
	}
	for _, e := range rows {
		if e.Count >= 0 && Torrents(english(t), snapshot(), Query{Filter: e.Filter}).Len() != e.Count {
			t.Errorf("%s counts %d and shows another number", e.Title, e.Count)
		}
	}
	if n := len(Sidebar(english(t), snapshot(), []Kind{GroupLabels, GroupTrackers})); n != 9 {
		t.Errorf("%d rows with both groups folded", n)
	}
	if l := Labels(snapshot()); strings.Join(l, " ") != "films Linux" {
		t.Errorf("labels %v", l)
	}
}

func TestListLacksHiddenColumns(t *testing.T) {
	l := Torrents(english(t), snapshot(), Query{Show: []string{"size", "name"}})
	if l.Column("name") < 0 || l.Column("size") < 0 || l.Column("ratio") >= 0 {
		t.Error("other columns than asked for")
	}
	var none *List[swarm.Torrent]
	if none.Len() != 0 || none.Column("name") != -1 {
		t.Error("a nil list is not empty")
	}
}

func TestCompareText(t *testing.T) {
	sorted := []string{"", "1", "2", "10", "010x", "a1", "a02", "A3", "a10b", "a10c", "B", "ß", "я"}
	for i := range sorted {
		for k := range sorted {
			if c := compareText(sorted[i], sorted[k]); (c < 0) != (i < k) || (c == 0) != (i == k) {
				t.Errorf("%q against %q: %d", sorted[i], sorted[k], c)
			}
		}
	}
}

// BenchmarkList10000 is what the list of 10,000 torrents costs a second: sorting
// all and writing the forty rows that are seen.
func BenchmarkList10000(b *testing.B) {
	f, s := english(b), &swarm.Snapshot{At: at()}
	for i := range 10_000 {
		t := snapshot().Torrents[i%6]
		t.InfoHash, t.Name = swarm.InfoHash{byte(i), byte(i >> 8)}, fmt.Sprintf("torrent %d of the list", i*7919%10_000)
		s.Torrents = append(s.Torrents, t)
	}
	var show []string
	for _, c := range TorrentColumns() {
		if !c.Hidden {
			show = append(show, c.ID)
		}
	}
	for _, order := range []string{"queue", "name", "down"} {
		b.Run(order, func(b *testing.B) {
			b.ReportAllocs()
			var c Cell
			for b.Loop() {
				l := Torrents(f, s, Query{Order: Order{Column: order}, Show: show})
				for i := range 40 * len(l.cols) {
					l.Cell(i/len(l.cols), i%len(l.cols), &c)
				}
			}
		})
	}
}

func TestTrackerStatusColumn(t *testing.T) {
	f := english(t)
	for _, c := range []struct {
		t    swarm.Torrent
		want string
		ink  Tone
	}{
		{swarm.Torrent{}, "", Plain},
		{swarm.Torrent{TrackerStatus: swarm.TrackerWorking}, "Working", Plain},
		{swarm.Torrent{TrackerStatus: swarm.TrackerFailed, TrackerMessage: "no route"}, "no route", Broken},
	} {
		s := &swarm.Snapshot{Torrents: []swarm.Torrent{c.t}}
		l := Torrents(f, s, Query{Show: []string{"tracker.status"}})
		var cell Cell
		l.Cell(0, 0, &cell)
		if !strings.HasSuffix(cell.Text, c.want) || cell.Ink != c.ink || (c.want == "") != (cell.Text == "") {
			t.Errorf("%+v", cell)
		}
	}
}
