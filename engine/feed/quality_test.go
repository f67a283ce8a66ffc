package feed

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

func TestQualitiesOfTitles(t *testing.T) {
	for title, want := range map[string]string{
		"Cosmos.S01E02.720p.HDTV.x264":      "HDTV 720p",
		"Cosmos S01E02 HR.PDTV":             "PDTV HR.PDTV",
		"Cosmos (2014) [WEB-DL 1080p]":      "WEB-DL 1080p",
		"Cosmos WEBRip":                     "WEBRip",
		"Cosmos WEB Rip 4K":                 "WEBRip WEB-DL 2160p",
		"Cosmos DVD-Rip":                    "DVDRip",
		"Cosmos dvdscr":                     "DVDScr",
		"Cosmos Blu-ray 1080i":              "BluRay 1080i",
		"Spider's Web of HDTVs, 11080p":     "WEB-DL",
		"The Broadcast":                     "",
		"SatRip SVCD DSR DVBRip TVRip 480p": "TVRip SVCD DSRip DVBRip SatRip 480p",
	} {
		if got := strings.Join(qualitiesOf(title), " "); got != want {
			t.Errorf("%s: %q, want %q", title, got, want)
		}
	}
}

// TestEachQualityIsFound: a title that names a quality has it, and a filter for it
// finds that title and not one without.
func TestEachQualityIsFound(t *testing.T) {
	for _, q := range Qualities() {
		f := swarm.FeedFilter{On: true, Match: "cosmos", Quality: strings.ToUpper(q)}
		x := swarm.FeedItem{Title: "Cosmos." + q + ".x264", Source: swarm.Source{URL: "http://x"}}
		if err := Check(&f); err != nil || !Finds(&f, &x) {
			t.Errorf("%s is not found: %v", q, err)
		}
		x.Title = "Cosmos"
		if Finds(&f, &x) {
			t.Errorf("%s is found where none is named", q)
		}
	}
	f := swarm.FeedFilter{Quality: "HDTV, 999p"}
	if err := Check(&f); !errors.Is(err, ErrQuality) || !strings.Contains(err.Error(), "999p") || fitsQuality(f.Quality, "HDTV") {
		t.Errorf("an unknown one: %v", err)
	}
	if !fitsQuality(" , ", "x") || !fitsQuality("HDTV, 720p", "x 720p") || fitsQuality("HDTV, 720p", "x 1080p") {
		t.Error("a list is one of its parts, an empty one everything")
	}
	for _, h := range []int{-2, maxPause + 1} {
		if Check(&swarm.FeedFilter{PauseHours: h}) == nil {
			t.Errorf("a pause of %d hours is taken", h)
		}
	}
}

func TestPauseOver(t *testing.T) {
	now := time.Unix(1e9, 0)
	for _, c := range []struct {
		hours int
		ago   time.Duration
		want  bool
	}{{0, 0, true}, {-1, 1e6 * time.Hour, false}, {12, 12*time.Hour - 1, false}, {12, 12 * time.Hour, true}, {720, 719 * time.Hour, false}} {
		if got := pauseOver(&swarm.FeedFilter{PauseHours: c.hours}, now.Add(-c.ago), now); got != c.want {
			t.Errorf("%d hours, %v ago: %v", c.hours, c.ago, got)
		}
	}
	if !pauseOver(&swarm.FeedFilter{PauseHours: -1}, time.Time{}, now) {
		t.Error("a filter that never found waits")
	}
}

// TestPauseBetweenFinds: a filter with a least interval takes one item and not the next,
// also after a restart, until the interval is over; one without takes both. What was
// taken can be read, the newest first.
func TestPauseBetweenFinds(t *testing.T) {
	s := newServer(t)
	s.body = feedOf("Cosmos a 720p", "Cosmos b 720p", "Other a", "Other b")
	path := filepath.Join(t.TempDir(), "feeds.json")
	r := start(t, path)
	filters := []swarm.FeedFilter{
		{Name: "slow", On: true, Match: "cosmos", Quality: "720p", PauseHours: 24},
		{Name: "fast", On: true, Match: "other"},
		{Name: "never", On: true, Match: "cosmos", Quality: "1080p"},
	}
	if err := r.SetFilters(t.Context(), filters); err != nil {
		t.Fatal(err)
	}
	id, err := r.Follow(t.Context(), s.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	loads := func(v *View) string {
		var out []string
		for _, l := range v.Loads {
			out = append(out, l.Filter+":"+l.Title)
		}
		slices.Sort(out)
		return strings.Join(out, ", ")
	}
	want := "fast:Other a, fast:Other b, slow:Cosmos a 720p"
	r.until("three are added", func(v *View) bool { return len(v.Loads) == 3 })
	if err := r.SetFilters(t.Context(), filters); err != nil { // looks again
		t.Fatal(err)
	}
	if got := loads(r.View()); got != want || r.View().Loads[0].Feed != "Test" || r.View().Loads[2].At.After(r.View().Loads[0].At) {
		t.Errorf("added %s, want %s; %+v", got, want, r.View().Loads)
	}
	r.stop()

	r = start(t, path)
	if got := loads(r.View()); got != want {
		t.Errorf("after a restart %s", got)
	}
	if err := r.Refresh(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := r.SetFilters(t.Context(), filters); err != nil {
		t.Fatal(err)
	}
	if got := loads(r.View()); got != want {
		t.Errorf("too early: %s", got)
	}
	if err := r.do(t.Context(), func() error { // as if it had been yesterday
		r.s.History["filter slow"] = time.Now().Add(-24 * time.Hour)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := r.SetFilters(t.Context(), filters); err != nil {
		t.Fatal(err)
	}
	r.until("the next one", func(v *View) bool { return len(v.Loads) == 4 && v.Loads[0].Title == "Cosmos b 720p" })
	if err := r.Taken(t.Context(), id, "Other a"); err != nil {
		t.Fatal(err)
	}
	if l := r.View().Loads[0]; l.Filter != "" || l.Title != "Other a" {
		t.Errorf("taken by hand: %+v", l)
	}
}

// TestLoadsAreBounded: the list of what was added ends, and a pause outlives a history
// that is cut.
func TestLoadsAreBounded(t *testing.T) {
	s := &state{History: map[string]time.Time{"filter old": time.Unix(1, 0)}}
	for i := range maxLoads + 10 {
		s.loaded(swarm.FeedLoad{Title: fmt.Sprint(i)})
	}
	if len(s.Loads) != maxLoads || s.Loads[0].Title != fmt.Sprint(maxLoads+9) {
		t.Errorf("%d, first %s", len(s.Loads), s.Loads[0].Title)
	}
	for i := range maxHistory + 1 {
		s.History[fmt.Sprint("item ", i)] = time.Unix(int64(10+i), 0)
	}
	s.forget()
	if _, ok := s.History["filter old"]; !ok || len(s.History) > maxHistory {
		t.Errorf("%d are left, the pause %v", len(s.History), ok)
	}
}

// FuzzQualities: whatever a title says, each quality is named once, and a filter that
// asks for it finds the title.
func FuzzQualities(f *testing.F) {
	f.Add("Cosmos.S01E02.HR.HDTV.720p web-dl")
	f.Fuzz(func(t *testing.T, title string) {
		names := qualitiesOf(title)
		for i, n := range names {
			if slices.Contains(names[:i], n) || !fitsQuality(n, title) {
				t.Errorf("%q: %q", title, names)
			}
		}
	})
}
