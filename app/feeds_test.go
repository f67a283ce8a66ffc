package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sync/errgroup"

	"swarmbid/app/settings"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
)

// TestFeedsAdd: what a filter finds in a feed of a web server is fetched, added and
// told once; a torrent that is there already counts as added.
func TestFeedsAdd(t *testing.T) {
	p, err := lab.OneFile(t.TempDir(), 1<<20).Make()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(p.File)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/x.torrent" || r.URL.Path == "/again.torrent" {
			_, _ = w.Write(file)
			return
		}
		fmt.Fprint(w, `<rss><channel><title>T</title><item><title>wanted</title><guid>1</guid><enclosure url="/x.torrent" type="application/x-bittorrent"/></item>
			<item><title>wanted again</title><guid>2</guid><link>/again.torrent</link></item></channel></rss>`)
	}))
	t.Cleanup(srv.Close)
	st, _, err := settings.Open(filepath.Join(t.TempDir(), "settings.json"), settings.Default(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	a := &App{settings: st, engine: loopback(t), log: slog.New(slog.NewTextHandler(t.Output(), nil)), paths: settings.Paths{Root: t.TempDir()}}
	if err := a.openFeeds(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var g errgroup.Group
	g.Go(func() error { return a.engine.Run(ctx) })
	g.Go(func() error { return a.feeds.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
	f := feedsOf{a.feeds}
	if err := f.SetFilters(ctx, []swarm.FeedFilter{{Name: "f", On: true, Match: "wanted", Label: "fed", Stopped: true}}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Follow(ctx, srv.URL, ""); err != nil {
		t.Fatal(err)
	}
	until(t, "both items count as added", func() bool {
		feeds, _ := f.View()
		return len(feeds) == 1 && len(feeds[0].Items) == 2 && feeds[0].Items[0].Added && feeds[0].Items[1].Added
	})
	ts := a.engine.Snapshot().Torrents
	if len(ts) != 1 || ts[0].InfoHash != p.InfoHash || ts[0].Label != "fed" || ts[0].State != swarm.Stopped {
		t.Errorf("%+v", ts)
	}
	if got := <-a.found; got.Feed != "T" {
		t.Errorf("told %+v", got)
	}
	if _, err := os.Stat(filepath.Join(a.paths.Root, "feeds.json")); err != nil {
		t.Error(err)
	}
	if err := f.Check(&swarm.FeedFilter{Episodes: "x"}); errName(err) != "feed.ErrEpisodes" {
		t.Error(err)
	}
}
