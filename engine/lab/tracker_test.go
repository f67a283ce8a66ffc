package lab_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

// TestTrackerBringsThemTogether has two programs that know nothing but a tracker,
// once for each of its sockets.
func TestTrackerBringsThemTogether(t *testing.T) {
	needsPrograms(t)
	for _, c := range []struct {
		name string
		url  func(*lab.Tracker) string
		six  bool
	}{
		{"http", (*lab.Tracker).HTTP, false},
		{"udp", (*lab.Tracker).UDP, false},
		{"http over IPv6", (*lab.Tracker).HTTP6, true},
		{"udp over IPv6", (*lab.Tracker).UDP6, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			defer cancel()
			tr, err := lab.StartTracker(lab.TrackerConfig{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { tr.Close() })
			p := mustMake(t, lab.OneFile(t.TempDir(), 2<<20+1, c.url(tr)))
			o := lab.Options{IPv6: c.six}
			seed, leech := run(t, program(t, "libtorrent"), o), run(t, program(t, "libtorrent"), o)
			if err := lab.Seed(ctx, seed, p, p.Dir); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := leech.AddMagnet(ctx, p.Magnet([]string{c.url(tr)}), dir); err != nil {
				t.Fatal(err)
			}
			if err := lab.Complete(ctx, leech, p.InfoHash); err != nil {
				t.Fatalf("%v\n%v", err, tr)
			}
			a, err := tr.WaitAnnounce(ctx, func(a lab.Announce) bool { return a.Event == "completed" })
			if err != nil || a.Left != 0 || a.Downloaded < p.Size || a.InfoHash != p.InfoHash || a.From.Is6() != c.six || a.Port != leech.Addr().Port() {
				t.Errorf("%v; announces:\n%v", err, tr)
			}
			if err := p.Compare(dir, true); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTrackerAnswersAsTold(t *testing.T) {
	tr, err := lab.StartTracker(lab.TrackerConfig{Answer: func(a lab.Announce, out *lab.Answer) {
		switch a.Event {
		case "started":
			out.Failure = "go away"
		case "completed":
			out.Drop = true
		case "":
			out.Warning, out.Interval, out.MinInterval = "hm", time.Minute, 7*time.Second
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	get := func(query string) (string, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tr.HTTP()+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Close = true
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		b := make([]byte, 1000)
		n, _ := resp.Body.Read(b)
		return string(b[:n]), nil
	}
	const who = "?info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=5&left=3&uploaded=1&downloaded=2&numwant=9&key=k"
	if got, err := get(who + "&event=started"); err != nil || got != "d14:failure reason7:go awaye" {
		t.Errorf("failure: %q, %v", got, err)
	}
	if got, err := get(who + "&event=completed"); err == nil {
		t.Errorf("an answer where none was to be: %q", got)
	}
	want := "d8:completei0e10:incompletei1e8:intervali60e12:min intervali7e5:peers0:15:warning message2:hme"
	if got, err := get(who); err != nil || got != want {
		t.Errorf("got %q, %v\nwant %q", got, err, want)
	}
	all := tr.Announces([20]byte([]byte("aaaaaaaaaaaaaaaaaaaa")))
	if len(all) != 3 {
		t.Fatalf("%d announces", len(all))
	}
	a := all[2]
	if a.Left != 3 || a.Uploaded != 1 || a.Downloaded != 2 || a.NumWant != 9 || a.Key != "k" || a.Port != 5 || !a.From.IsLoopback() {
		t.Errorf("booked as %+v", a)
	}
	if i := slices.IndexFunc(all, func(a lab.Announce) bool { return a.Event == "started" }); i != 0 {
		t.Errorf("started is announce %d", i)
	}
}
