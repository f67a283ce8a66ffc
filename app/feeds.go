package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"swarmbid/engine"
	"swarmbid/engine/feed"
	"swarmbid/engine/swarm"
	"swarmbid/ui"
)

// feedsOf are the feeds as the window wants them.
type feedsOf struct{ *feed.Reader }

var _ ui.Feeds = feedsOf{}

// View implements ui.Feeds.
func (f feedsOf) View() ([]swarm.Feed, []swarm.FeedFilter) {
	v := f.Reader.View()
	return v.Feeds, v.Filters
}

// Loads implements ui.Feeds.
func (f feedsOf) Loads() []swarm.FeedLoad { return f.Reader.View().Loads }

// Check implements ui.Feeds.
func (f feedsOf) Check(x *swarm.FeedFilter) error { return feed.Check(x) }

// openFeeds reads the feeds that the user follows. What their filters find goes to
// the engine and is told as its own facts are.
func (a *App) openFeeds() (err error) {
	a.found = make(chan swarm.FeedAdded, maxFound)
	a.feeds, err = feed.New(feed.Config{
		Path:  filepath.Join(a.paths.Root, "feeds.json"),
		Every: func() time.Duration { return time.Duration(a.settings.Get().Feeds.UpdateMinutes) * time.Minute },
		Agent: "Swarmbid/" + version,
		HTTP:  a.engine.Transport(),
		Log:   a.log.With("part", "feed"),
		Add: func(ctx context.Context, add swarm.Add) error {
			_, err := a.engine.Add(ctx, add)
			if errors.Is(err, engine.ErrKnown) {
				return nil
			}
			return err
		},
		Tell: func(f swarm.FeedAdded) {
			select {
			case a.found <- f:
			default: // the list of the feed says so, too
			}
		},
	})
	return err
}

// maxFound is how many finds may wait to be told.
const maxFound = 64
