package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

// server is a web server with one feed.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	body  string
	etag  string
	asks  int
	same  int // answers that nothing has changed
	reply func(w http.ResponseWriter, r *http.Request) bool
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asks++
		if s.reply != nil && s.reply(w, r) {
			return
		}
		if s.etag != "" && r.Header.Get("If-None-Match") == s.etag {
			s.same++
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", s.etag)
		fmt.Fprint(w, s.body)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// feedOf writes a feed with items of some titles.
func feedOf(titles ...string) string {
	var b strings.Builder
	b.WriteString("<rss><channel><title>Test</title>")
	for _, x := range titles {
		fmt.Fprintf(&b, "<item><title>%s</title><guid>%s</guid><link>http://x.example/%s.torrent</link></item>", x, x, strings.ReplaceAll(x, " ", "-"))
	}
	return b.String() + "</channel></rss>"
}

// reader is a running Reader with what it added.
type reader struct {
	*Reader
	t     *testing.T
	mu    sync.Mutex
	added []swarm.Add
	told  []swarm.FeedAdded
	fail  error
	stop  func()
}

func start(t *testing.T, path string) *reader {
	t.Helper()
	r := &reader{t: t}
	var err error
	r.Reader, err = New(Config{
		Path: path, Every: func() time.Duration { return time.Hour }, Agent: "test", Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Add: func(_ context.Context, a swarm.Add) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.fail == nil {
				r.added = append(r.added, a)
			}
			return r.fail
		},
		Tell: func(f swarm.FeedAdded) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.told = append(r.told, f)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(r.stop)
	return r
}

// until waits until a View pleases ok.
func (r *reader) until(what string, ok func(*View) bool) {
	r.t.Helper()
	deadline := time.After(30 * time.Second)
	for !ok(r.View()) {
		select {
		case <-r.Changed():
		case <-deadline:
			r.t.Fatalf("%s: never; %+v", what, r.View())
		}
	}
}

func (r *reader) links() (out []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.added {
		out = append(out, strings.TrimPrefix(a.Source.URL, "http://x.example/"))
	}
	slices.Sort(out)
	return out
}

// fetchNow fetches the only feed and waits for the answer.
func (r *reader) fetchNow() {
	r.t.Helper()
	was := r.View().Feeds[0].Fetched
	if err := r.Refresh(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	r.until("fetched", func(v *View) bool { return v.Feeds[0].Fetched.After(was) })
}

func (r *reader) follow(url string) {
	r.t.Helper()
	if _, err := r.Follow(r.t.Context(), url, ""); err != nil {
		r.t.Fatal(err)
	}
	r.until("fetched", func(v *View) bool { return !v.Feeds[0].Fetched.IsZero() })
}

func (r *reader) filters(fs ...swarm.FeedFilter) {
	r.t.Helper()
	if err := r.SetFilters(r.t.Context(), fs); err != nil {
		r.t.Fatal(err)
	}
}

func TestFollow(t *testing.T) {
	s := newServer(t)
	s.body = feedOf("a", "b")
	path := filepath.Join(t.TempDir(), "feeds.json")
	r := start(t, path)
	r.follow(s.URL)
	f := r.View().Feeds[0]
	if f.Title != "Test" || len(f.Items) != 2 || f.Fresh != 2 || f.Error != "" || f.Label() != "Test" {
		t.Fatalf("%+v", f)
	}
	for u, want := range map[string]error{s.URL: ErrKnown, "ftp://x": ErrURL, "": ErrURL, "x.example": ErrURL, "javascript:x": ErrURL} {
		if _, err := r.Follow(t.Context(), u, ""); !errors.Is(err, want) {
			t.Errorf("%q: %v", u, err)
		}
	}
	if err := r.Seen(t.Context(), f.ID); err != nil || r.View().Feeds[0].Fresh != 0 {
		t.Errorf("seen: %v, %d", err, r.View().Feeds[0].Fresh)
	}
	s.set(func() { s.body = feedOf("c", "b") })
	r.fetchNow()
	f = r.View().Feeds[0]
	if len(f.Items) != 3 || f.Items[0].Title != "c" || !f.Items[0].Fresh || f.Items[1].Fresh || f.Items[2].Title != "a" {
		t.Errorf("%+v", f.Items)
	}
	s.set(func() { s.body = "<html>" })
	r.fetchNow()
	if f := r.View().Feeds[0]; f.Error == "" || len(f.Items) != 3 {
		t.Errorf("a fault empties the feed: %+v", f)
	}
	if err := r.Edit(t.Context(), f.ID, "feed://x.invalid/", " My\nname "); err != nil {
		t.Fatal(err)
	}
	if f := r.View().Feeds[0]; f.URL != "http://x.invalid/" || f.Label() != "My name" {
		t.Errorf("%+v", f)
	}
	if err := errors.Join(r.Edit(t.Context(), "77", s.URL, ""), r.Taken(t.Context(), "77", "x")); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	r.stop()
	if _, err := r.Follow(t.Context(), s.URL, ""); !errors.Is(err, ErrStopped) {
		t.Errorf("after the end: %v", err)
	}
	r = start(t, path)
	if f := r.View().Feeds[0]; f.Name != "My name" || len(f.Items) != 3 {
		t.Errorf("after a restart %+v", f)
	}
	if err := r.Drop(t.Context(), f.ID); err != nil || len(r.View().Feeds) != 0 {
		t.Error(err)
	}
}

func TestUnchangedIsNotSent(t *testing.T) {
	s := newServer(t)
	s.body, s.etag = feedOf("a"), `"v1"`
	r := start(t, filepath.Join(t.TempDir(), "feeds.json"))
	r.follow(s.URL)
	r.fetchNow()
	s.set(func() {
		if s.same != 1 {
			t.Errorf("%d of %d answers were short", s.same, s.asks)
		}
		s.body, s.etag = feedOf("b", "a"), `"v2"`
	})
	r.fetchNow()
	if n := len(r.View().Feeds[0].Items); n != 2 {
		t.Errorf("%d items", n)
	}
}

// TestNotTwice: a filter adds an item once, through restarts, other feeds with the
// same link and the user's own doing.
func TestNotTwice(t *testing.T) {
	s := newServer(t)
	s.body = feedOf("show 1", "show 2", "film")
	path := filepath.Join(t.TempDir(), "feeds.json")
	r := start(t, path)
	r.follow(s.URL)
	if err := r.Taken(t.Context(), r.View().Feeds[0].ID, "show 2"); err != nil {
		t.Fatal(err)
	}
	all := func(v *View) (n int) {
		for _, x := range v.Feeds[0].Items {
			if x.Added {
				n++
			}
		}
		return n
	}
	r.filters(swarm.FeedFilter{Name: "s", On: true, Match: "show*", SaveIn: "/s", Label: "l", Stopped: true})
	r.until("added", func(v *View) bool { return all(v) == 2 })
	if got := r.links(); !slices.Equal(got, []string{"show-1.torrent"}) {
		t.Fatalf("added %q", got)
	}
	if a := r.added[0]; a.SavePath != "/s" || a.Label != "l" || !a.Stopped || len(r.told) != 1 || r.told[0] != (swarm.FeedAdded{Feed: "Test", Title: "show 1"}) {
		t.Errorf("%+v, told %+v", a, r.told)
	}
	r.fetchNow()
	r.stop()
	r = start(t, path)
	if got := r.View(); len(got.Filters) != 1 || all(got) != 2 {
		t.Fatalf("after a restart %+v", got)
	}
	s.set(func() { s.body = feedOf("show 3", "show 2", "show 1") })
	r.fetchNow()
	r.until("added", func(v *View) bool { return all(v) == 3 })
	if err := r.Drop(t.Context(), r.View().Feeds[0].ID); err != nil {
		t.Fatal(err)
	}
	r.follow(s.URL) // with another ID
	r.filters(swarm.FeedFilter{Name: "other", On: true, Match: "*show*"})
	r.fetchNow()
	if got := r.links(); !slices.Equal(got, []string{"show-3.torrent"}) {
		t.Errorf("added again: %q", got)
	}
}

func TestSmartEpisodes(t *testing.T) {
	s := newServer(t)
	s.body = feedOf("show S01E01 720p", "show S01E01 1080p", "show S01E02 720p", "show special")
	r := start(t, filepath.Join(t.TempDir(), "feeds.json"))
	r.filters(swarm.FeedFilter{Name: "s", On: true, Match: "show", Smart: true})
	r.follow(s.URL)
	r.until("added", func(*View) bool { return len(r.links()) == 3 })
	r.fetchNow()
	if got := r.links(); len(got) != 3 || slices.Contains(got, "show-S01E01-1080p.torrent") {
		t.Errorf("added %q", got)
	}
	if err := r.SetFilters(t.Context(), []swarm.FeedFilter{{Episodes: "x"}}); !errors.Is(err, ErrEpisodes) {
		t.Error(err)
	}
}

// TestFailedIsTriedAgain: what cannot be added is tried with the next fetches, but
// not for ever.
func TestFailedIsTriedAgain(t *testing.T) {
	s := newServer(t)
	s.body = feedOf("a")
	r := start(t, filepath.Join(t.TempDir(), "feeds.json"))
	r.fail = errors.New("no")
	r.filters(swarm.FeedFilter{Name: "s", On: true, Match: "a"})
	r.follow(s.URL)
	r.fetchNow()
	r.mu.Lock()
	r.fail = nil
	r.mu.Unlock()
	for len(r.links()) == 0 && r.t.Context().Err() == nil {
		r.fetchNow()
	}
	r.until("added", func(v *View) bool { return v.Feeds[0].Items[0].Added })
}

func TestBounded(t *testing.T) {
	s := newServer(t)
	for name, reply := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"too large": func(w http.ResponseWriter, _ *http.Request) bool {
			chunk := []byte(strings.Repeat("x", 1<<20))
			for range 6 {
				if _, err := w.Write(chunk); err != nil {
					break
				}
			}
			return true
		},
		"redirected for ever": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
			return true
		},
		"redirected elsewhere": func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
			return true
		},
		"refused": func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusForbidden)
			return true
		},
	} {
		s.set(func() { s.reply, s.asks = reply, 0 })
		if g, err := fetch(t.Context(), nil, "test", s.URL+"/", "", ""); !errors.Is(err, ErrFetch) {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
		s.set(func() {
			if s.asks > fetchRedirects+1 {
				t.Errorf("%s: asked %d times", name, s.asks)
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	s.set(func() {
		s.reply = func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }
	})
	if _, err := fetch(ctx, nil, "test", s.URL, "", ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a silent server: %v", err)
	}
	if short(strings.Repeat("x", 2000)) != "" {
		t.Error("a mark of any length is kept")
	}
}

func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "feeds.json")
	s, err := load(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"1", "2"} {
		s.Feeds = append(s.Feeds, &channel{ID: id, URL: "http://x.example"})
		if err := s.save(path); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, []byte(`{"version":1,"feeds":[`), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := load(path)
	if err != nil || len(got.Feeds) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := os.Stat(path + ".bad"); err != nil {
		t.Error(err)
	}
	if got, err := load(path); err != nil || len(got.Feeds) != 1 { // only the backup is left
		t.Errorf("%+v, %v", got, err)
	}
	for i := range maxHistory + 10 {
		s.History[fmt.Sprint(i)] = time.Unix(int64(i), 0)
	}
	s.forget()
	if _, old := s.History["0"]; old || len(s.History) > maxHistory {
		t.Errorf("%d in the history", len(s.History))
	}
}
