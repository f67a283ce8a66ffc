package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmbid/engine/swarm"
)

// The reasons why a command is refused.
var (
	// ErrURL means that an address is neither http nor https.
	ErrURL = errors.New("feed: not an http or https address")
	// ErrKnown means that the feed is there already.
	ErrKnown = errors.New("feed: there already")
	// ErrUnknown means that there is no such feed.
	ErrUnknown = errors.New("feed: no such feed")
	// ErrTooMany means that there is room for no more feeds or filters.
	ErrTooMany = errors.New("feed: too many feeds or filters")
	// ErrStopped means that Run has ended.
	ErrStopped = errors.New("feed: not running")
)

const (
	workers  = 2
	maxJobs  = 64
	maxTries = 5 // to add one item, in one run
	tick     = time.Second
)

// Config is what a Reader is made with. Path, Add and Every are required.
type Config struct {
	Path  string               // of the file that survives
	Every func() time.Duration // between two fetches of a feed; called often
	Agent string               // User-Agent
	HTTP  http.RoundTripper    // carries the requests; nil = http.DefaultTransport
	Log   *slog.Logger         // nil = none
	// Add adds a torrent; one that is there already is no error. It may wait.
	Add func(ctx context.Context, a swarm.Add) error
	// Tell is called when a filter has added something; it must not wait. nil = none.
	Tell func(swarm.FeedAdded)
}

// View is what a Reader has. It is immutable.
type View struct {
	Feeds   []swarm.Feed
	Filters []swarm.FeedFilter
	Loads   []swarm.FeedLoad // what was added, newest first
}

// Reader follows feeds. Make it with New and run it with Run; other methods may be
// called from any goroutine while it runs.
type Reader struct {
	cfg      Config
	commands chan func()
	jobs     chan func(context.Context)
	done     chan struct{}
	view     atomic.Pointer[View]
	changed  chan struct{}

	s      *state
	adding map[string]bool // keys of items a worker adds
	tries  map[string]int
}

// New reads the file. Nothing is fetched before Run.
func New(cfg Config) (*Reader, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s, err := load(cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("feed: read %s: %w", cfg.Path, err)
	}
	r := &Reader{
		cfg: cfg, s: s, commands: make(chan func(), maxJobs), jobs: make(chan func(context.Context), maxJobs), done: make(chan struct{}),
		changed: make(chan struct{}, 1), adding: map[string]bool{}, tries: map[string]int{},
	}
	r.publish()
	return r, nil
}

// View returns what there is; never nil.
func (r *Reader) View() *View { return r.view.Load() }

// Changed is signalled when View has something new. It has one receiver.
func (r *Reader) Changed() <-chan struct{} { return r.changed }

// Run fetches and adds until ctx ends.
func (r *Reader) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for range workers {
		g.Go(func() error {
			for {
				select {
				case <-ctx.Done():
					return nil
				case j := <-r.jobs:
					j(ctx)
				}
			}
		})
	}
	g.Go(func() error {
		defer close(r.done)
		t := time.NewTicker(tick)
		defer t.Stop()
		for {
			r.due(time.Now())
			select {
			case <-ctx.Done():
				return nil
			case f := <-r.commands:
				f()
			case <-t.C:
			}
		}
	})
	return g.Wait()
}

// do runs f on the loop and waits for it.
func (r *Reader) do(ctx context.Context, f func() error) error {
	result := make(chan error, 1)
	select {
	case r.commands <- func() { result <- f() }:
	case <-r.done:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-result:
		return err
	case <-r.done:
		return ErrStopped
	}
}

// post runs f on the loop without waiting for it.
func (r *Reader) post(f func()) {
	select {
	case r.commands <- f:
	case <-r.done:
	}
}

// change runs f on the loop, and keeps and shows what it changed.
func (r *Reader) change(ctx context.Context, f func() error) error {
	return r.do(ctx, func() error {
		if err := f(); err != nil {
			return err
		}
		r.publish()
		return r.s.save(r.cfg.Path)
	})
}

func (r *Reader) publish() {
	v := &View{Filters: slices.Clone(r.s.Filters), Loads: slices.Clone(r.s.Loads), Feeds: make([]swarm.Feed, len(r.s.Feeds))}
	for i, c := range r.s.Feeds {
		f := swarm.Feed{ID: c.ID, URL: c.URL, Name: c.Name, Title: c.Title, Fetched: c.Fetched, Error: c.Error, Items: slices.Clone(c.Items)}
		for k := range f.Items {
			f.Items[k].Added = r.s.added(&f.Items[k])
			if f.Items[k].Fresh {
				f.Fresh++
			}
		}
		v.Feeds[i] = f
	}
	r.view.Store(v)
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// due hands every feed whose time has come to a worker.
func (r *Reader) due(now time.Time) {
	every := max(r.cfg.Every(), time.Second)
	for _, c := range r.s.Feeds {
		if !c.busy && now.Sub(c.Fetched) >= every {
			r.fetch(c)
		}
	}
}

// fetch has a worker fetch a feed; when all have too much to do the next tick tries
// again.
func (r *Reader) fetch(c *channel) {
	id, address, etag, modified := c.ID, c.URL, c.ETag, c.Modified
	job := func(ctx context.Context) {
		g, err := fetch(ctx, r.cfg.HTTP, r.cfg.Agent, address, etag, modified)
		var title string
		var items []swarm.FeedItem
		if err == nil && g.body != nil {
			title, items, err = Parse(g.body, g.base)
		}
		if ctx.Err() != nil {
			return
		}
		r.post(func() { r.fetched(id, address, g, title, items, err) })
	}
	select {
	case r.jobs <- job:
		c.busy = true
	default:
	}
}

// fetched takes the answer over, if the feed is still there and the same.
func (r *Reader) fetched(id, address string, g *got, title string, items []swarm.FeedItem, err error) {
	c := r.find(id)
	if c == nil {
		return
	}
	c.busy = false
	if c.URL != address {
		return
	}
	c.Fetched, c.Error = time.Now().UTC(), ""
	switch {
	case err != nil:
		c.Error = oneLine(err.Error())
		r.cfg.Log.Warn("feed", "feed", c.URL, "err", err)
	case g.body != nil:
		c.ETag, c.Modified = g.etag, g.modified
		if title != "" {
			c.Title = title
		}
		if n := c.merge(items); n > 0 {
			r.cfg.Log.Info("feed", "feed", c.URL, "new", n)
		}
	}
	r.publish()
	if err := r.s.save(r.cfg.Path); err != nil {
		r.cfg.Log.Error("feeds are not kept", "err", err)
	}
	r.match(c)
}

// match adds what filters find in a feed.
func (r *Reader) match(c *channel) {
	for i := range c.Items {
		x := c.Items[i]
		if r.adding[keys(&x)[1]] || r.s.added(&x) || r.tries[keys(&x)[1]] >= maxTries {
			continue
		}
		for _, f := range r.s.Filters {
			ep := episode(&f, &x)
			if _, had := r.s.History[ep]; !Finds(&f, &x) || ep != "" && (had || r.adding[ep]) {
				continue
			}
			if f.PauseHours != 0 && r.adding[pauseKey(&f)] || !pauseOver(&f, r.s.History[pauseKey(&f)], time.Now()) {
				continue
			}
			r.add(c, x, &f, ep)
			break
		}
	}
}

// add has a worker add an item.
func (r *Reader) add(c *channel, x swarm.FeedItem, f *swarm.FeedFilter, ep string) {
	key, pause := keys(&x)[1], pauseKey(f)
	load := swarm.FeedLoad{Title: x.Title, Feed: c.label(), Filter: f.Name}
	a := swarm.Add{Source: x.Source, SavePath: f.SaveIn, Label: f.Label, Stopped: f.Stopped}
	told := swarm.FeedAdded{Feed: c.label(), Title: x.Title}
	job := func(ctx context.Context) {
		err := r.cfg.Add(ctx, a)
		if ctx.Err() != nil {
			return
		}
		r.post(func() {
			delete(r.adding, key)
			delete(r.adding, ep)
			delete(r.adding, pause)
			if err != nil {
				r.tries[key]++
				r.cfg.Log.Warn("an item of a feed is not added", "item", told.Title, "err", err)
				return
			}
			now := time.Now().UTC()
			r.s.note(&x, now)
			r.s.History[pause] = now
			if ep != "" {
				r.s.History[ep] = now
			}
			load.At = now
			r.s.loaded(load)
			if err := r.s.save(r.cfg.Path); err != nil {
				r.cfg.Log.Error("feeds are not kept", "err", err)
			}
			if r.cfg.Tell != nil {
				r.cfg.Tell(told)
			}
			r.publish()
		})
	}
	select {
	case r.jobs <- job:
		r.adding[key], r.adding[pause] = true, true
		if ep != "" {
			r.adding[ep] = true
		}
	default: // the next fetch tries again
	}
}

func (c *channel) label() string {
	f := swarm.Feed{Name: c.Name, Title: c.Title, URL: c.URL}
	return f.Label()
}

func (r *Reader) find(id string) *channel {
	if i := slices.IndexFunc(r.s.Feeds, func(c *channel) bool { return c.ID == id }); i >= 0 {
		return r.s.Feeds[i]
	}
	return nil
}

// address checks and cleans the address of a feed.
func address(s string) (string, error) {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "feed://"); ok {
		s = "http://" + rest
	}
	u, err := url.Parse(s)
	if err != nil || len(s) > maxLink || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%w: %.80q", ErrURL, s)
	}
	return u.String(), nil
}

// Follow adds a feed; name is what the user calls it, "" = as it calls itself.
func (r *Reader) Follow(ctx context.Context, feedURL, name string) (id string, err error) {
	u, err := address(feedURL)
	if err != nil {
		return "", err
	}
	err = r.change(ctx, func() error {
		if slices.ContainsFunc(r.s.Feeds, func(c *channel) bool { return c.URL == u }) {
			return fmt.Errorf("%w: %s", ErrKnown, u)
		}
		if len(r.s.Feeds) >= maxFeeds {
			return ErrTooMany
		}
		r.s.Next++
		id = strconv.Itoa(r.s.Next)
		r.s.Feeds = append(r.s.Feeds, &channel{ID: id, URL: u, Name: oneLine(name)})
		return nil
	})
	return id, err
}

// Edit changes the address and the name of a feed.
func (r *Reader) Edit(ctx context.Context, id, feedURL, name string) error {
	u, err := address(feedURL)
	if err != nil {
		return err
	}
	return r.change(ctx, func() error {
		c := r.find(id)
		if c == nil {
			return ErrUnknown
		}
		if c.URL != u {
			c.URL, c.ETag, c.Modified, c.Fetched, c.busy = u, "", "", time.Time{}, false
		}
		c.Name = oneLine(name)
		return nil
	})
}

// Drop forgets feeds. What was added of them stays, and is not added again if they
// come back.
func (r *Reader) Drop(ctx context.Context, ids ...string) error {
	return r.change(ctx, func() error {
		r.s.Feeds = slices.DeleteFunc(r.s.Feeds, func(c *channel) bool { return slices.Contains(ids, c.ID) })
		return nil
	})
}

// Refresh fetches feeds now; none named means all.
func (r *Reader) Refresh(ctx context.Context, ids ...string) error {
	return r.do(ctx, func() error {
		for _, c := range r.s.Feeds {
			if !c.busy && (len(ids) == 0 || slices.Contains(ids, c.ID)) {
				r.fetch(c)
			}
		}
		return nil
	})
}

// Seen notes that the user has looked at the items of feeds.
func (r *Reader) Seen(ctx context.Context, ids ...string) error {
	return r.change(ctx, func() error {
		for _, c := range r.s.Feeds {
			for i := range c.Items {
				c.Items[i].Fresh = c.Items[i].Fresh && !slices.Contains(ids, c.ID)
			}
		}
		return nil
	})
}

// Taken notes that the user has added an item, so that no filter does again.
func (r *Reader) Taken(ctx context.Context, id, key string) error {
	return r.change(ctx, func() error {
		c := r.find(id)
		if c == nil {
			return ErrUnknown
		}
		for i := range c.Items {
			if c.Items[i].Key == key {
				c.Items[i].Fresh = false
				now := time.Now().UTC()
				r.s.note(&c.Items[i], now)
				r.s.loaded(swarm.FeedLoad{At: now, Title: c.Items[i].Title, Feed: c.label()})
			}
		}
		return nil
	})
}

// SetFilters replaces the filters and looks with them at what is there.
func (r *Reader) SetFilters(ctx context.Context, fs []swarm.FeedFilter) error {
	if len(fs) > maxFilters {
		return ErrTooMany
	}
	for i := range fs {
		if err := Check(&fs[i]); err != nil {
			return err
		}
	}
	return r.change(ctx, func() error {
		r.s.Filters = slices.Clone(fs)
		for _, c := range r.s.Feeds {
			r.match(c)
		}
		return nil
	})
}
