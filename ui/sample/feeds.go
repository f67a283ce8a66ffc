package sample

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"swarmbid/engine/swarm"
)

// ErrFeed refuses an address that is none of the web.
var ErrFeed = errors.New("sample: not an address of a feed")

// ErrEpisodes refuses the episodes «x».
var ErrEpisodes = errors.New("sample: no episodes")

// Feeds are sample feeds; what is done to them is kept in memory.
type Feeds struct {
	mu      sync.Mutex
	feeds   []swarm.Feed
	filters []swarm.FeedFilter
	changed chan struct{}
	Calls   []string
}

// NewFeeds returns two feeds, of which one cannot be read, and a filter.
func NewFeeds() *Feeds {
	f := &Feeds{changed: make(chan struct{}, 1)}
	item := func(key, title string, size int64, hours int, fresh, added bool) swarm.FeedItem {
		return swarm.FeedItem{Key: key, Feed: "1", Title: title, Source: swarm.Source{URL: "https://films.example.org/" + key + ".torrent"}, Size: size, At: Start().Add(-time.Duration(hours) * time.Hour), Fresh: fresh, Added: added}
	}
	f.feeds = []swarm.Feed{
		{ID: "1", URL: "https://films.example.org/rss.xml", Title: "Free films", Fetched: Start(), Fresh: 2, Items: []swarm.FeedItem{
			item("c", "Cosmos without Borders S02E04 1080p", 2_100_000_000, 2, true, false),
			item("s", "Spring (2019) 4K HDR", 5_300_000_000, 7, true, false),
			item("b", "Cosmos without Borders S02E03 1080p", 2_050_000_000, 30, false, true),
			{Key: "n", Feed: "1", Title: "News: the archive moves", At: Start().Add(-50 * time.Hour)},
		}},
		{ID: "2", URL: "https://old.example.net/feed", Name: "Old archive", Error: "feed: not fetched: old.example.net answered 503 Service Unavailable"},
	}
	f.filters = []swarm.FeedFilter{
		{Name: "Cosmos", On: true, Match: "cosmos*1080p*", Not: "trailer", Feed: "1", SaveIn: "/data/series", Label: "Series", Episodes: "2x1-", Smart: true, Quality: "1080p, 2160p", PauseHours: 24},
		{Name: "Linux", Match: "ubuntu*|debian*"},
	}
	return f
}

// View implements ui.Feeds.
func (f *Feeds) View() ([]swarm.Feed, []swarm.FeedFilter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.feeds), slices.Clone(f.filters)
}

// Loads implements ui.Feeds.
func (f *Feeds) Loads() []swarm.FeedLoad {
	return []swarm.FeedLoad{
		{At: Start().Add(-30 * time.Hour), Title: "Cosmos without Borders S02E03 1080p", Feed: "Free films", Filter: "Cosmos"},
		{At: Start().Add(-200 * time.Hour), Title: "Sintel (2010) 720p BluRay", Feed: "Free films"},
	}
}

// Changed implements ui.Feeds.
func (f *Feeds) Changed() <-chan struct{} { return f.changed }

func (f *Feeds) call(what string, do func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Calls = append(f.Calls, what)
	select {
	case f.changed <- struct{}{}:
	default:
	}
	return do()
}

// Follow implements ui.Feeds.
func (f *Feeds) Follow(_ context.Context, url, name string) (id string, err error) {
	err = f.call("follow "+url, func() error {
		if !strings.HasPrefix(url, "http") {
			return ErrFeed
		}
		id = strconv.Itoa(len(f.feeds) + 1)
		f.feeds = append(f.feeds, swarm.Feed{ID: id, URL: url, Name: name})
		return nil
	})
	return id, err
}

// Edit implements ui.Feeds.
func (f *Feeds) Edit(_ context.Context, id, url, name string) error {
	return f.call("edit "+id, func() error {
		for i := range f.feeds {
			if f.feeds[i].ID == id {
				f.feeds[i].URL, f.feeds[i].Name = url, name
			}
		}
		return nil
	})
}

// Drop implements ui.Feeds.
func (f *Feeds) Drop(_ context.Context, ids ...string) error {
	return f.call("drop "+strings.Join(ids, " "), func() error {
		f.feeds = slices.DeleteFunc(f.feeds, func(x swarm.Feed) bool { return slices.Contains(ids, x.ID) })
		return nil
	})
}

// Refresh implements ui.Feeds.
func (f *Feeds) Refresh(_ context.Context, ids ...string) error {
	return f.call("refresh "+strings.Join(ids, " "), func() error { return nil })
}

// Seen implements ui.Feeds.
func (f *Feeds) Seen(_ context.Context, ids ...string) error {
	return f.call("seen "+strings.Join(ids, " "), func() error {
		for i := range f.feeds {
			if slices.Contains(ids, f.feeds[i].ID) {
				f.feeds[i].Fresh = 0
			}
		}
		return nil
	})
}

// Taken implements ui.Feeds.
func (f *Feeds) Taken(_ context.Context, id, key string) error {
	return f.call("taken "+id+" "+key, func() error { return nil })
}

// Check implements ui.Feeds.
func (f *Feeds) Check(x *swarm.FeedFilter) error {
	if x.Episodes == "x" {
		return ErrEpisodes
	}
	return nil
}

// SetFilters implements ui.Feeds.
func (f *Feeds) SetFilters(_ context.Context, fs []swarm.FeedFilter) error {
	return f.call("filters "+strconv.Itoa(len(fs)), func() error {
		f.filters = slices.Clone(fs)
		return nil
	})
}
