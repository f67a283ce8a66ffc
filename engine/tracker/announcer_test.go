package tracker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"swarmbid/engine/swarm"
)

func wantEvents(t *testing.T, f *fake, want string) {
	t.Helper()
	if got := strings.Join(f.events(), " "); got != want {
		t.Errorf("events %q, want %q", got, want)
	}
}

func mustAdd(t *testing.T, a *Announcer, ih swarm.InfoHash, tiers ...[]string) {
	t.Helper()
	if err := a.Add(t.Context(), ih, tiers, leeching); err != nil {
		t.Fatal(err)
	}
}

func row(t *testing.T, a *Announcer, ih swarm.InfoHash, url string) swarm.Tracker {
	t.Helper()
	rows, err := a.Status(t.Context(), ih)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.URL == url {
			return r
		}
	}
	t.Fatalf("no row %s in %+v", url, rows)
	return swarm.Tracker{}
}

// TestLifeOfATorrent holds the exact sequence of events, times and figures that a
// tracker sees from Add to the end of Run.
func TestLifeOfATorrent(t *testing.T) {
	var w world
	f := w.add("t.example", &fake{answer: func(h hit) reply {
		return reply{interval: 900, seeds: 3, leeches: 4, peers: "\x01\x02\x03\x04\x1a\xe1"}
	}}, "192.0.2.1")
	var got peersGot
	cfg := testConfig()
	cfg.OnPeers = got.on
	const url = "udp://t.example:80/announce?p=1"
	bubble(t, &w, cfg, func(l lab) {
		t, a := l.t, l.a
		n := Totals{Left: 1000}
		begin := time.Now()
		if err := a.Add(t.Context(), hash(1), [][]string{{url}}, func() Totals { return n }); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		wantEvents(t, f, "started")
		r := row(t, a, hash(1), url)
		if r.Status != swarm.TrackerWorking || r.Seeds != 3 || r.Peers != 4 || r.Downloads != -1 || r.PeersGot != 1 ||
			!r.LastAnnounce.Equal(begin) || !r.NextAnnounce.Equal(begin.Add(15*time.Minute)) {
			t.Errorf("row %+v", r)
		}
		n = Totals{Uploaded: 500, Downloaded: 600, Left: 400, Want: 30}
		after(15*time.Minute - time.Second)
		wantEvents(t, f, "started")
		after(time.Second)
		wantEvents(t, f, "started -")
		n = Totals{Uploaded: 700, Downloaded: 1000, Left: 0, Want: -1}
		after(time.Minute)
		if err := a.Completed(t.Context(), hash(1)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		after(15 * time.Minute)
		wantEvents(t, f, "started - completed -")
		n.Uploaded, n.Want = 900, 0
	})
	wantEvents(t, f, "started - completed - stopped")
	hits := f.all()
	for i, want := range []hit{
		{left: 1000, want: 200},
		{up: 500, down: 600, left: 400, want: 30},
		{up: 700, down: 1000},
		{up: 700, down: 1000},
		{up: 900, down: 1000},
	} {
		h := hits[i]
		if h.up != want.up || h.down != want.down || h.left != want.left || h.want != want.want ||
			h.port != 6881 || h.key != hits[0].key || string(h.peerID[:8]) != "-SB0001-" || h.uri != "/announce?p=1" || h.ih != hash(1) {
			t.Errorf("announce %d: %+v", i, h)
		}
	}
	if all := got.all(); len(all) != 4 || all[0] != "1.2.3.4:6881 "+url {
		t.Errorf("peers %q: one per answer but for the farewell", all)
	}
}

func TestUpdateHasPatience(t *testing.T) {
	var w world
	up := true
	f := w.add("t.example", &fake{answer: func(h hit) reply { return reply{silent: !up} }}, "192.0.2.1")
	bubble(t, &w, testConfig(), func(l lab) {
		t, a := l.t, l.a
		if _, err := a.Update(t.Context(), hash(1)); !errors.Is(err, ErrUnknown) {
			t.Errorf("unknown torrent: %v", err)
		}
		begin := time.Now()
		mustAdd(t, a, hash(1), []string{"udp://t.example:80"})
		synctest.Wait()
		from, err := a.Update(t.Context(), hash(1))
		if !errors.Is(err, ErrTooSoon) || !from.Equal(begin.Add(time.Minute)) {
			t.Errorf("at once: %v, %v", from, err)
		}
		after(time.Minute)
		if _, err := a.Update(t.Context(), hash(1)); err != nil {
			t.Errorf("after a minute: %v", err)
		}
		synctest.Wait()
		wantEvents(t, f, "started -")

		f.mu.Lock()
		up = false
		f.mu.Unlock()
		after(time.Minute)
		if _, err := a.Update(t.Context(), hash(1)); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if r := row(t, a, hash(1), "udp://t.example:80"); r.Status != swarm.TrackerUpdating {
			t.Errorf("while it is silent: %+v", r)
		}
		if _, err := a.Update(t.Context(), hash(1)); err != nil {
			t.Errorf("while one is under way: %v", err)
		}
		after(30 * time.Second)
		if r := row(t, a, hash(1), "udp://t.example:80"); r.Status != swarm.TrackerFailed || r.Message != errSilent.Error() {
			t.Errorf("after 30 s of silence: %+v", r)
		}
		if _, err := a.Update(t.Context(), hash(1)); !errors.Is(err, ErrTooSoon) {
			t.Errorf("right after a failure: %v", err)
		}
		f.mu.Lock()
		up = true
		f.mu.Unlock()
		after(retryAfterFailure)
		if _, err := a.Update(t.Context(), hash(1)); err != nil { // the pause of a minute does not count
			t.Errorf("15 s after a failure: %v", err)
		}
		synctest.Wait()
		if r := row(t, a, hash(1), "udp://t.example:80"); r.Status != swarm.TrackerWorking {
			t.Errorf("after an update by hand: %+v", r)
		}
	})
}

// TestBackOff holds the pauses after failures: 1, 2, 4 … 30 minutes, a quarter longer
// at most, and back to the interval after an answer.
func TestBackOff(t *testing.T) {
	var w world
	fail := "overloaded"
	f := w.add("t.example", &fake{answer: func(h hit) reply { return reply{fail: fail} }}, "192.0.2.1")
	bubble(t, &w, testConfig(), func(l lab) {
		t, a := l.t, l.a
		mustAdd(t, a, hash(1), []string{"udp://t.example:80"})
		after(3 * time.Hour)
		r := row(t, a, hash(1), "udp://t.example:80")
		if r.Status != swarm.TrackerFailed || r.Message != "overloaded" || r.NextAnnounce.Before(time.Now()) {
			t.Errorf("row %+v", r)
		}
		f.mu.Lock()
		fail = ""
		f.mu.Unlock()
		after(40 * time.Minute)
		if r := row(t, a, hash(1), "udp://t.example:80"); r.Status != swarm.TrackerWorking {
			t.Errorf("row %+v", r)
		}
	})
	// Each refusal on a used connection id is asked again with a new one at once.
	var at []time.Time
	for _, h := range f.all() {
		if n := len(at); n == 0 || h.at.After(at[n-1]) {
			at = append(at, h.at)
		}
	}
	for i, minutes := range []int{1, 2, 4, 8, 16, 30, 30} {
		want := time.Duration(minutes) * time.Minute
		if got := at[i+1].Sub(at[i]); got < want || got > want*5/4 {
			t.Errorf("pause %d is %v, want %v to %v", i, got, want, want*5/4)
		}
	}
	for _, h := range f.all()[:len(f.all())-1] {
		if h.event != "started" {
			t.Errorf("event %q before an answer, want started", h.event)
		}
	}
}

// TestTiers follows BEP 12 through failure and return of the first tier.
func TestTiers(t *testing.T) {
	var w world
	var down sync.Map
	mk := func(name string, ip string) *fake {
		return w.add(name, &fake{answer: func(hit) reply {
			if _, yes := down.Load(name); yes {
				return reply{fail: "down"}
			}
			return reply{interval: 600}
		}}, ip)
	}
	x, y, z := mk("x", "192.0.2.1"), mk("y", "192.0.2.2"), mk("z", "192.0.2.3")
	tiers := [][]string{{"udp://x:80"}, {"udp://y:80"}, {"udp://z:80"}}
	bubble(t, &w, testConfig(), func(l lab) {
		t, a := l.t, l.a
		down.Store("x", true)
		mustAdd(t, a, hash(1), tiers...)
		synctest.Wait()
		wantEvents(t, x, "started")
		wantEvents(t, y, "started")
		wantEvents(t, z, "")
		for url, want := range map[string]swarm.TrackerStatus{
			"udp://x:80": swarm.TrackerFailed, "udp://y:80": swarm.TrackerWorking, "udp://z:80": swarm.TrackerNotNeeded,
		} {
			if r := row(t, a, hash(1), url); r.Status != want {
				t.Errorf("%s: %+v, want status %d", url, r, want)
			}
		}
		down.Delete("x")
		after(10 * time.Minute) // the round begins with the first tier again
		wantEvents(t, x, "started started")
		wantEvents(t, y, "started")
	})
	wantEvents(t, x, "started started stopped")
	wantEvents(t, y, "started stopped")
	wantEvents(t, z, "")
}

// TestPromote: within a tier the one that answers is asked first from then on.
func TestPromote(t *testing.T) {
	var w world
	var mu sync.Mutex
	var order []string
	urls := []string{}
	for i := range 8 {
		name := fmt.Sprintf("t%d", i)
		w.add(name, &fake{answer: func(h hit) reply {
			if h.event == "connect" {
				return reply{}
			}
			mu.Lock()
			defer mu.Unlock()
			order = append(order, name)
			if name != "t5" {
				return reply{fail: "no"}
			}
			return reply{interval: 3600}
		}}, fmt.Sprintf("192.0.2.%d", i+1))
		urls = append(urls, "udp://"+name+":80")
	}
	bubble(t, &w, testConfig(), func(l lab) {
		t, a := l.t, l.a
		mustAdd(t, a, hash(1), urls)
		synctest.Wait()
		if i := slices.Index(order, "t5"); i < 0 || i != len(order)-1 {
			t.Errorf("asked %v: want a round that ends with t5", order)
		}
		mu.Lock()
		order = nil
		mu.Unlock()
		after(time.Hour)
		if len(order) != 1 || order[0] != "t5" {
			t.Errorf("second round asked %v, want t5 only", order)
		}
		rows, err := a.Status(t.Context(), hash(1))
		if err != nil || rows[0].URL != "udp://t5:80" {
			t.Errorf("first row %+v, %v", rows[0], err)
		}
	})
}

func TestBothFamilies(t *testing.T) {
	var w world
	f := w.add("t.example", &fake{}, "192.0.2.1", "2001:db8::1")
	bubble(t, &w, testConfig(), func(l lab) {
		t, a := l.t, l.a
		mustAdd(t, a, hash(1), []string{"udp://t.example:80"})
		after(31 * time.Minute)
	})
	var seq []string
	for _, h := range f.all() {
		seq = append(seq, h.over+":"+h.event)
		if h.key != f.all()[0].key {
			t.Error("the key differs between families")
		}
	}
	if got := strings.Join(seq, " "); got != "udp4:started udp6:started udp4: udp6: udp4:stopped udp6:stopped" {
		t.Error(got)
	}
}

// TestBrokenFamily: a family without a way is no failure, is left out for an hour and
// is not told stopped, for it never heard started.
func TestBrokenFamily(t *testing.T) {
	var w world
	f := w.add("t.example", &fake{answer: func(hit) reply { return reply{interval: 600} }}, "192.0.2.1")
	w.add("t.example", nil, "2001:db8::1")
	bubble(t, &w, testConfig(), func(l lab) {
		t, a := l.t, l.a
		mustAdd(t, a, hash(1), []string{"udp://t.example:80"})
		synctest.Wait()
		if r := row(t, a, hash(1), "udp://t.example:80"); r.Status != swarm.TrackerWorking {
			t.Errorf("row %+v", r)
		}
		after(59 * time.Minute)
	})
	wantEvents(t, f, "started - - - - - stopped")
	if n := w.dialled("[2001:db8::1]:80"); n != 1 {
		t.Errorf("the dead family was dialled %d times, want 1", n)
	}
}

func TestFamilySwitchedOff(t *testing.T) {
	var w world
	f := w.add("t.example", &fake{}, "192.0.2.1", "2001:db8::1")
	w.add("six.example", &fake{}, "2001:db8::2")
	cfg := testConfig()
	cfg.NoIPv6 = true
	bubble(t, &w, cfg, func(l lab) {
		t, a := l.t, l.a
		mustAdd(t, a, hash(1), []string{"udp://t.example:80"})
		mustAdd(t, a, hash(2), []string{"udp://six.example:80"})
		synctest.Wait()
		if r := row(t, a, hash(2), "udp://six.example:80"); r.Status != swarm.TrackerFailed || !strings.Contains(r.Message, "family") {
			t.Errorf("row %+v", r)
		}
	})
	wantEvents(t, f, "started stopped")
}

// TestRemoveThenAdd: the tracker hears stopped before the new started, also when it is
// slow and the removal happened during an announce.
func TestRemoveThenAdd(t *testing.T) {
	for _, delay := range []time.Duration{0, 5 * time.Second} {
		var w world
		f := w.add("t.example", &fake{delay: delay}, "192.0.2.1")
		bubble(t, &w, testConfig(), func(l lab) {
			t, a := l.t, l.a
			mustAdd(t, a, hash(1), []string{"udp://t.example:80"})
			synctest.Wait()
			if err := a.Remove(t.Context(), hash(1)); err != nil {
				t.Fatal(err)
			}
			mustAdd(t, a, hash(1), []string{"udp://t.example:80"})
			after(time.Minute)
			wantEvents(t, f, "started stopped started")
			if err := a.Remove(t.Context(), hash(1)); err != nil {
				t.Fatal(err)
			}
			if err := a.Remove(t.Context(), hash(1)); !errors.Is(err, ErrUnknown) {
				t.Errorf("a second removal: %v", err)
			}
			after(time.Minute)
		})
		wantEvents(t, f, "started stopped started stopped")
	}
}

func TestSetTiers(t *testing.T) {
	var w world
	x := w.add("x", &fake{}, "192.0.2.1")
	y := w.add("y", &fake{}, "192.0.2.2")
	slow := w.add("slow", &fake{answer: func(hit) reply { return reply{silent: true} }}, "192.0.2.3")
	bubble(t, &w, testConfig(), func(l lab) {
		t, a := l.t, l.a
		set := func(tiers ...[]string) {
			if err := a.SetTiers(t.Context(), hash(1), tiers); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		mustAdd(t, a, hash(1), []string{"udp://x:80"})
		synctest.Wait()
		set([]string{"udp://x:80"}, []string{"udp://y:80", "wss://z/"}) // x stays: nothing to do
		wantEvents(t, x, "started")
		wantEvents(t, y, "")
		if r := row(t, a, hash(1), "wss://z/"); r.Status != swarm.TrackerDisabled || !strings.Contains(r.Message, "wss") || r.Tier != 1 {
			t.Errorf("row %+v", r)
		}
		set([]string{"udp://y:80"}) // x goes
		wantEvents(t, x, "started stopped")
		wantEvents(t, y, "started")
		set([]string{"udp://slow:80"})
		set([]string{"udp://x:80"}) // while slow is being asked
		after(time.Minute)
		wantEvents(t, x, "started stopped started")
		wantEvents(t, slow, "")
		set()
		after(time.Hour)
		wantEvents(t, x, "started stopped started stopped")
	})
}

// TestManyTorrents: first announces are spread, a host sees PerHost at once at most,
// and a tracker that is dead costs a few requests and not the pool.
func TestManyTorrents(t *testing.T) {
	const torrents = 2000
	var w world
	f := w.add("t.example", &fake{delay: 100 * time.Millisecond}, "192.0.2.1")
	dead := w.add("dead.example", &fake{answer: func(hit) reply { return reply{silent: true} }}, "192.0.2.2")
	cfg := testConfig()
	bubble(t, &w, cfg, func(l lab) {
		t, a := l.t, l.a
		for i := range torrents {
			mustAdd(t, a, hash(i), []string{"udp://dead.example:80"}, []string{"udp://t.example:80"})
		}
		synctest.Wait()
		if n := w.dialled("192.0.2.2:80"); n > cfg.withDefaults().PerHost {
			t.Errorf("%d sockets to one host at once", n)
		}
		after(5 * time.Minute)
		if n := len(f.all()); n != torrents {
			t.Errorf("%d announces after 5 minutes, want %d", n, torrents)
		}
		if f.top > 8 {
			t.Errorf("%d announces at once, want 8", f.top)
		}
		if n := w.dialled("192.0.2.2:80"); n > 60 {
			t.Errorf("a dead host was tried %d times for %d torrents", n, torrents)
		}
		figures, err := a.Changed(t.Context())
		if err != nil || len(figures) != torrents || figures[0].Host != "t.example" {
			t.Errorf("%d figures, %v", len(figures), err)
		}
		if figures, err = a.Changed(t.Context()); err != nil || len(figures) != 0 {
			t.Errorf("%d figures of no change, %v", len(figures), err)
		}
		f.delay = 0
	})
	wantEvents(t, dead, "")
	stopped := 0
	for _, h := range f.all() {
		if h.event == "stopped" {
			stopped++
		}
	}
	if stopped != torrents {
		t.Errorf("%d of %d torrents told stopped", stopped, torrents)
	}
}

// TestDeadHostIsKnown: a torrent that comes when a host is known to be dead goes to its
// next tracker at once, and the user's wish overrides that.
func TestDeadHostIsKnown(t *testing.T) {
	var w world
	w.add("dead.example", &fake{answer: func(hit) reply { return reply{silent: true} }}, "192.0.2.2")
	f := w.add("t.example", &fake{}, "192.0.2.1")
	bubble(t, &w, testConfig(), func(l lab) {
		t, a := l.t, l.a
		mustAdd(t, a, hash(1), []string{"udp://dead.example:80"})
		after(31 * time.Second)
		mustAdd(t, a, hash(2), []string{"udp://dead.example:80"}, []string{"udp://t.example:80"})
		synctest.Wait()
		wantEvents(t, f, "started")
		if n := w.dialled("192.0.2.2:80"); n != 1 {
			t.Errorf("the dead host was tried %d times, want 1", n)
		}
		if r := row(t, a, hash(2), "udp://dead.example:80"); r.Status != swarm.TrackerFailed || r.Message != errSilent.Error() {
			t.Errorf("row %+v", r)
		}
		if _, err := a.Update(t.Context(), hash(1)); !errors.Is(err, ErrTooSoon) {
			t.Error(err)
		}
		after(retryAfterFailure)
		if _, err := a.Update(t.Context(), hash(1)); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if n := w.dialled("192.0.2.2:80"); n != 2 {
			t.Errorf("by hand: tried %d times, want 2", n)
		}
	})
}

// TestSetTiersWhileWaiting: a torrent that waits for a place at a host goes on without it
// when that tracker is taken away.
func TestSetTiersWhileWaiting(t *testing.T) {
	var w world
	x := w.add("x", &fake{answer: func(h hit) reply { return reply{fail: "no", silent: h.ih == hash(1)} }}, "192.0.2.1")
	y := w.add("y", &fake{answer: func(hit) reply { return reply{interval: 600} }}, "192.0.2.2")
	cfg := testConfig()
	cfg.PerHost = 1
	bubble(t, &w, cfg, func(l lab) {
		t, a := l.t, l.a
		mustAdd(t, a, hash(2), []string{"udp://x:80"}, []string{"udp://y:80"})
		after(590 * time.Second)
		mustAdd(t, a, hash(1), []string{"udp://x:80"}) // keeps the place for 30 s
		after(15 * time.Second)
		wantEvents(t, y, "started") // the second round waits at x
		if err := a.SetTiers(t.Context(), hash(2), [][]string{{"udp://y:80"}}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		wantEvents(t, y, "started -")
		after(time.Hour)
	})
	if len(y.events()) < 7 {
		t.Errorf("y heard %v", y.events())
	}
	if e := x.events(); slices.Contains(e, "stopped") {
		t.Errorf("x, which never answered, heard %v", e)
	}
}

func TestStartIsSpread(t *testing.T) {
	var w world
	f := w.add("t.example", &fake{}, "192.0.2.1")
	cfg := testConfig()
	cfg.StartRate = 10
	bubble(t, &w, cfg, func(l lab) {
		t, a := l.t, l.a
		for i := range 120 {
			mustAdd(t, a, hash(i), []string{"udp://t.example:80"})
		}
		synctest.Wait()
		if n := len(f.all()); n != startBurst {
			t.Errorf("%d at once, want %d", n, startBurst)
		}
		after(5 * time.Second)
		if n := len(f.all()); n != startBurst+50 {
			t.Errorf("%d after 5 s, want %d", n, startBurst+50)
		}
		after(5 * time.Second)
		if n := len(f.all()); n != 120 {
			t.Errorf("%d after 10 s, want all", n)
		}
	})
}

// TestShutdownIsBounded: a tracker that fell silent does not hold up the end, and one
// whose first announce is under way is told too.
func TestShutdownIsBounded(t *testing.T) {
	var w world
	silent := false
	f := w.add("t.example", &fake{answer: func(hit) reply { return reply{silent: silent} }}, "192.0.2.1")
	g := w.add("u.example", &fake{answer: func(h hit) reply { return reply{silent: h.event == "started"} }}, "192.0.2.2")
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Dial, cfg.Lookup = w.dial, w.lookup
		a, stop := start(t, cfg)
		for i := range 100 {
			mustAdd(t, a, hash(i), []string{"udp://t.example:80"})
		}
		mustAdd(t, a, hash(1000), []string{"udp://u.example:80"})
		after(time.Minute / 2)
		f.mu.Lock()
		silent = true
		f.mu.Unlock()
		begin := time.Now()
		stop()
		if d := time.Since(begin); d != 2500*time.Millisecond {
			t.Errorf("Run ended after %v, want 2.5 s", d)
		}
		if err := a.Remove(t.Context(), hash(1)); !errors.Is(err, ErrClosed) {
			t.Errorf("a command after Run: %v", err)
		}
	})
	if e := g.events(); e[len(e)-1] != "stopped" {
		t.Errorf("a started under way was not followed by stopped: %v", e)
	}
}

// TestNoFarewell: whoever does not want to wait at the end does not, and nobody is
// told; what was removed before is told of all the same.
func TestNoFarewell(t *testing.T) {
	var w world
	f, g := w.add("t.example", &fake{}, "192.0.2.1"), w.add("u.example", &fake{}, "192.0.2.2")
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Dial, cfg.Lookup = w.dial, w.lookup
		a, stop := start(t, cfg)
		mustAdd(t, a, hash(1), []string{"udp://t.example:80"})
		mustAdd(t, a, hash(2), []string{"udp://u.example:80"})
		after(time.Minute / 2)
		if err := a.Remove(t.Context(), hash(2)); err != nil {
			t.Fatal(err)
		}
		after(time.Minute / 2)
		a.SetFarewell(false)
		begin := time.Now()
		stop()
		if d := time.Since(begin); d != 0 {
			t.Errorf("Run ended after %v", d)
		}
	})
	wantEvents(t, f, "started")
	wantEvents(t, g, "started stopped")
}

func TestScrape(t *testing.T) {
	var w world
	f := w.add("t.example", &fake{answer: func(hit) reply { return reply{seeds: 7, leeches: 9} }}, "192.0.2.1")
	bubble(t, &w, testConfig(), func(l lab) {
		t, a := l.t, l.a
		mustAdd(t, a, hash(1), []string{"udp://t.example:80"})
		synctest.Wait()
		if err := a.Scrape(t.Context(), hash(1)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if r := row(t, a, hash(1), "udp://t.example:80"); r.Downloads != 77 || r.Seeds != 7 || r.Peers != 9 {
			t.Errorf("row %+v", r)
		}
		if err := a.Scrape(t.Context(), hash(1)); !errors.Is(err, ErrTooSoon) {
			t.Errorf("again: %v", err)
		}
		after(time.Minute)
		if err := a.Scrape(t.Context(), hash(1)); err != nil {
			t.Error(err)
		}
		synctest.Wait()
	})
	wantEvents(t, f, "started scrape scrape stopped")
}

func TestCompletedBeforeAnyAnswer(t *testing.T) {
	var w world
	silent := true
	f := w.add("t.example", &fake{answer: func(hit) reply { return reply{silent: silent} }}, "192.0.2.1")
	bubble(t, &w, testConfig(), func(l lab) {
		t, a := l.t, l.a
		mustAdd(t, a, hash(1), []string{"udp://t.example:80"})
		synctest.Wait()
		for range 2 {
			if err := a.Completed(t.Context(), hash(1)); err != nil {
				t.Fatal(err)
			}
		}
		after(time.Minute)
		f.mu.Lock()
		silent = false
		f.mu.Unlock()
		after(5 * time.Minute)
		wantEvents(t, f, "started completed")
	})
}

func TestCommandsEndWithTheirContext(t *testing.T) {
	a, err := New(testConfig())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Add(ctx, hash(1), nil, leeching); !errors.Is(err, context.Canceled) {
		t.Errorf("before Run: %v", err)
	}
	if err := a.Add(ctx, hash(1), nil, nil); err == nil {
		t.Error("a torrent without totals was taken")
	}
}

func TestConfigValidate(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no id":         func(c *Config) { c.PeerID = nil },
		"no port":       func(c *Config) { c.Port = nil },
		"no agent":      func(c *Config) { c.UserAgent = "" },
		"no family":     func(c *Config) { c.NoIPv4, c.NoIPv6 = true, true },
		"negative":      func(c *Config) { c.PerHost = -1 },
		"negative time": func(c *Config) { c.Timeout = -1 },
	} {
		c := testConfig()
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
