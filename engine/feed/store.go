package feed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"swarmbid/engine/swarm"
)

// Bounds of the state.
const (
	maxFeeds   = 200
	maxFilters = 500
	maxHistory = 20000
	maxLoads   = 500
	maxFile    = 64 << 20
)

// channel is a feed as it is kept.
type channel struct {
	ID       string           `json:"id"`
	URL      string           `json:"url"`
	Name     string           `json:"name"`
	Title    string           `json:"title"`
	ETag     string           `json:"etag"`
	Modified string           `json:"modified"`
	Fetched  time.Time        `json:"fetched"`
	Error    string           `json:"error"`
	Items    []swarm.FeedItem `json:"items"`

	busy bool // a worker fetches it
}

// state is what survives a restart.
type state struct {
	Version int                  `json:"version"`
	Next    int                  `json:"next"` // number of the next ID
	Feeds   []*channel           `json:"feeds"`
	Filters []swarm.FeedFilter   `json:"filters"`
	History map[string]time.Time `json:"history"` // what was added, and when
	Loads   []swarm.FeedLoad     `json:"loads"`   // the same to be read, newest first
}

const stateVersion = 1

// load reads the file; without one the state is empty. One that cannot be read is
// put aside and the one before it is used.
func load(path string) (*state, error) {
	s, err := read(path)
	if err == nil {
		return s, nil
	}
	empty := &state{Version: stateVersion, History: map[string]time.Time{}}
	if errors.Is(err, fs.ErrNotExist) {
		if s, err := read(path + ".bak"); err == nil {
			return s, nil
		}
		return empty, nil
	}
	if rerr := os.Rename(path, path+".bad"); rerr != nil {
		return nil, errors.Join(err, rerr)
	}
	if s, berr := read(path + ".bak"); berr == nil {
		return s, nil
	}
	return empty, nil
}

func read(path string) (*state, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read from
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	s := &state{}
	if err := json.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("feed: read %s: %w", path, err)
	}
	if s.Version != stateVersion {
		return nil, fmt.Errorf("feed: %s is of version %d", path, s.Version)
	}
	if s.History == nil {
		s.History = map[string]time.Time{}
	}
	s.Feeds = slices.DeleteFunc(s.Feeds, func(c *channel) bool { return c == nil || c.ID == "" })
	return s, nil
}

// save replaces the file at once and keeps the one before it as .bak.
func (s *state) save(path string) error {
	s.forget()
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("feed: save: %w", err)
	}
	f, err := os.OpenFile(path+".tmp", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("feed: save: %w", err)
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return fmt.Errorf("feed: save: %w", err)
	}
	if err := os.Rename(path, path+".bak"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("feed: keep a backup: %w", err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return fmt.Errorf("feed: save: %w", err)
	}
	if runtime.GOOS == "windows" { // which makes renames durable by itself
		return nil
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("feed: save: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// forget drops the oldest part of a history that has grown too long.
func (s *state) forget() {
	if len(s.History) <= maxHistory {
		return
	}
	times := make([]time.Time, 0, len(s.History))
	for _, t := range s.History {
		times = append(times, t)
	}
	slices.SortFunc(times, time.Time.Compare)
	limit := times[len(times)-maxHistory*9/10]
	for k, t := range s.History {
		if t.Before(limit) && !strings.HasPrefix(k, pausePrefix) {
			delete(s.History, k)
		}
	}
}

// keys are what the history knows an item by: its key within its feed, and its
// source, which another feed may have, too.
func keys(x *swarm.FeedItem) []string {
	src := x.Source.Magnet + x.Source.URL
	if src == "" {
		src = x.Feed + " " + x.Key
	}
	return []string{"item " + x.Feed + " " + x.Key, "source " + src}
}

// loaded puts what was added before what was added earlier.
func (s *state) loaded(l swarm.FeedLoad) {
	s.Loads = slices.Insert(s.Loads, 0, l)
	s.Loads = s.Loads[:min(len(s.Loads), maxLoads)]
}

func (s *state) added(x *swarm.FeedItem) bool {
	return slices.ContainsFunc(keys(x), func(k string) bool { _, ok := s.History[k]; return ok })
}

func (s *state) note(x *swarm.FeedItem, now time.Time) {
	for _, k := range keys(x) {
		s.History[k] = now
	}
}

// episode is what the history knows the episode of a filter by; "" = the filter does
// not care.
func episode(f *swarm.FeedFilter, x *swarm.FeedItem) string {
	e, ok := EpisodeOf(x.Title)
	if !f.Smart || !ok {
		return ""
	}
	return "episode " + f.Name + " " + e.String()
}

// merge puts fetched items before the older ones of a channel and returns how many
// are new.
func (c *channel) merge(items []swarm.FeedItem) (fresh int) {
	old := map[string]*swarm.FeedItem{}
	for i := range c.Items {
		old[c.Items[i].Key] = &c.Items[i]
	}
	out := make([]swarm.FeedItem, 0, len(items))
	for _, x := range items {
		x.Feed, x.Fresh = c.ID, true
		if was := old[x.Key]; was != nil {
			x.Fresh = was.Fresh
			delete(old, x.Key)
		} else {
			fresh++
		}
		out = append(out, x)
	}
	for i := range c.Items {
		if x := c.Items[i]; old[x.Key] != nil && len(out) < maxItems {
			out = append(out, x)
		}
	}
	c.Items = out
	return fresh
}
