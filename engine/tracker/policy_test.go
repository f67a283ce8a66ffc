package tracker

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

// TestNoUDP: a UDP tracker that is switched off hears nothing, not even a farewell,
// says so, and is asked again at once when it is switched on.
func TestNoUDP(t *testing.T) {
	w := &world{}
	f := w.add("u.example", &fake{}, "192.0.2.1")
	bubble(t, w, testConfig(), func(l lab) {
		tiers := [][]string{{"udp://u.example:80"}}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(l.a.Add(l.t.Context(), hash(1), tiers, leeching))
		after(time.Minute)
		if got := f.events(); !slices.Equal(got, []string{"started"}) {
			t.Fatalf("heard %q", got)
		}
		must(l.a.SetPolicy(l.t.Context(), Policy{NoUDP: true}))
		must(l.a.Add(l.t.Context(), hash(2), tiers, leeching))
		after(3 * time.Hour)
		if _, err := l.a.Update(l.t.Context(), hash(2)); err != nil {
			t.Error(err)
		}
		must(l.a.Remove(l.t.Context(), hash(1)))
		after(time.Hour)
		if got := f.events(); len(got) != 1 {
			t.Errorf("heard %q while switched off", got)
		}
		rows, err := l.a.Status(l.t.Context(), hash(2))
		if err != nil || len(rows) != 1 || rows[0].Status != swarm.TrackerDisabled || !strings.Contains(rows[0].Message, "switched off") {
			t.Errorf("%+v, %v", rows, err)
		}
		must(l.a.SetPolicy(l.t.Context(), Policy{}))
		after(time.Minute)
		if got := f.events(); !slices.Equal(got, []string{"started", "started"}) {
			t.Errorf("heard %q", got)
		}
	})
}

// TestPolicyEndsPauses: a tracker that was dead is asked again when the policy is
// set, for a proxy or a network may have been mended.
func TestPolicyEndsPauses(t *testing.T) {
	w := &world{}
	f := w.add("t.example", &fake{}, "192.0.2.1")
	f.answer = func(hit) reply { return reply{silent: true} }
	bubble(t, w, testConfig(), func(l lab) {
		if err := l.a.Add(l.t.Context(), hash(1), [][]string{{"udp://t.example:80"}}, leeching); err != nil {
			t.Fatal(err)
		}
		after(20 * time.Minute) // several failures
		f.mu.Lock()
		f.answer = nil
		f.mu.Unlock()
		before := len(f.all())
		if err := l.a.SetPolicy(l.t.Context(), Policy{}); err != nil {
			t.Fatal(err)
		}
		after(time.Second)
		if len(f.all()) == before {
			t.Error("not asked again")
		}
	})
}

// TestScrapePolicy: after an announce a scrape tells how often the torrent was
// downloaded; not more often than every half hour, and not at all without the policy.
func TestScrapePolicy(t *testing.T) {
	for _, on := range []bool{false, true} {
		w := &world{}
		f := w.add("t.example", &fake{}, "192.0.2.1")
		f.answer = func(hit) reply { return reply{interval: 600, seeds: 5, leeches: 6} }
		bubble(t, w, testConfig(), func(l lab) {
			if err := l.a.SetPolicy(l.t.Context(), Policy{Scrape: on}); err != nil {
				t.Fatal(err)
			}
			if err := l.a.Add(l.t.Context(), hash(1), [][]string{{"udp://t.example:80"}}, leeching); err != nil {
				t.Fatal(err)
			}
			after(time.Hour + time.Minute)
			scrapes := 0
			for _, h := range f.all() {
				if h.scrape {
					scrapes++
				}
			}
			rows, err := l.a.Status(l.t.Context(), hash(1))
			want, downloads := 0, -1
			if on {
				want, downloads = 3, 77
			}
			if err != nil || scrapes != want || rows[0].Downloads != downloads {
				t.Errorf("on %v: %d scrapes, want %d, downloads %d, %v", on, scrapes, want, rows[0].Downloads, err)
			}
		})
	}
}

// TestAddressTold: HTTP trackers get what the user named, UDP trackers an IPv4
// address or nothing.
func TestAddressTold(t *testing.T) {
	for ip, want := range map[string]string{"": "0.0.0.0", "203.0.113.9": "203.0.113.9", "2001:db8::9": "0.0.0.0", "home.example": "0.0.0.0"} {
		w := &world{}
		f := w.add("t.example", &fake{}, "192.0.2.1")
		bubble(t, w, testConfig(), func(l lab) {
			if err := l.a.SetPolicy(l.t.Context(), Policy{IP: ip}); err != nil {
				t.Fatal(err)
			}
			if err := l.a.Add(l.t.Context(), hash(1), [][]string{{"udp://t.example:80"}}, leeching); err != nil {
				t.Fatal(err)
			}
			after(time.Minute)
			if h := f.all(); len(h) == 0 || h[0].ip.String() != want {
				t.Errorf("%q: UDP was told %+v", ip, h)
			}
		})
		var got []string
		srv := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
			got = r.URL.Query()["ip"]
			_, _ = w.Write([]byte(goodBody))
		})
		r := testRequest()
		r.ip = ip
		if _, err := testClient(t, nil).announce(t.Context(), mustTarget(t, srv.URL+"/announce"), ipv4, r); err != nil {
			t.Fatal(err)
		}
		if ip == "" && got != nil || ip != "" && !slices.Equal(got, []string{ip}) {
			t.Errorf("%q: HTTP was told %q", ip, got)
		}
	}
}
