package tracker

import (
	"container/heap"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

func TestBackOffDoubles(t *testing.T) {
	for n, minutes := range map[int]int{1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 30, 7: 30, 1 << 30: 30} {
		if got := backOff(n); got != time.Duration(minutes)*time.Minute {
			t.Errorf("backOff(%d) = %v", n, got)
		}
	}
	for range 1000 {
		if d := jitter(time.Minute); d < time.Minute || d > 75*time.Second {
			t.Fatalf("jitter %v", d)
		}
	}
}

func TestPauseAndPatience(t *testing.T) {
	for _, tt := range []struct{ interval, least, pause, patience time.Duration }{
		{0, 0, defaultInterval, time.Minute},
		{time.Second, 0, time.Minute, time.Minute},
		{20 * time.Minute, 0, 20 * time.Minute, time.Minute},
		{20 * time.Minute, 10 * time.Minute, 20 * time.Minute, 10 * time.Minute},
		{20 * time.Minute, time.Hour, time.Hour, time.Hour},
		{maxInterval, maxInterval, maxInterval, maxInterval},
	} {
		a := answer{interval: tt.interval, minInterval: tt.least}
		if p, q := pause(a), patience(a); p != tt.pause || q != tt.patience {
			t.Errorf("interval %v, min %v: %v and %v, want %v and %v", tt.interval, tt.least, p, q, tt.pause, tt.patience)
		}
	}
}

func TestDueHeap(t *testing.T) {
	now := time.Unix(0, 0)
	s := newState(&Config{})
	var all []*torrent
	for i := range 200 {
		tt := &torrent{ih: hash(i), place: -1}
		all = append(all, tt)
		s.schedule(tt, now.Add(time.Duration(rand.IntN(1000))*time.Second))
	}
	for _, tt := range all {
		switch rand.IntN(3) {
		case 0:
			s.schedule(tt, time.Time{})
		case 1:
			s.schedule(tt, now.Add(time.Duration(rand.IntN(1000))*time.Second))
		}
	}
	last, n := now, 0
	for ; len(s.due) > 0; n++ {
		tt := heap.Pop(&s.due).(*torrent)
		if tt.due.Before(last) || tt.place != -1 {
			t.Fatalf("torrent at %v after %v, place %d", tt.due, last, tt.place)
		}
		last = tt.due
	}
	want := 0
	for _, tt := range all {
		if !tt.due.IsZero() {
			want++
		}
	}
	if n != want {
		t.Errorf("%d torrents in the heap, want %d", n, want)
	}
}

// tiersOf prints the trackers by tier; those of a tier in the order they are asked.
func tiersOf(tt *torrent) string {
	var out []string
	for _, tier := range tt.tiers {
		var names []string
		for _, tr := range tier {
			names = append(names, tr.to.host)
		}
		out = append(out, strings.Join(names, ","))
	}
	return strings.Join(out, " ")
}

func udpTiers(tiers ...string) [][]string {
	var out [][]string
	for _, names := range tiers {
		var urls []string
		for n := range strings.SplitSeq(names, ",") {
			urls = append(urls, "udp://"+n+":80")
		}
		out = append(out, urls)
	}
	return out
}

func TestTiersTable(t *testing.T) {
	now := time.Unix(1000, 0)
	for name, tt := range map[string]struct {
		tiers  []string
		fail   string // those that fail
		rounds int
		asked  string // in which order, a round between bars
	}{
		"one":                     {[]string{"a"}, "", 2, "a|a"},
		"first tier answers":      {[]string{"a", "b"}, "", 2, "a|a"},
		"second after all first":  {[]string{"a", "b", "c"}, "a", 1, "ab"},
		"a pause leaves it out":   {[]string{"a", "b", "c"}, "a", 2, "ab|b"},
		"all fail":                {[]string{"a", "b", "c"}, "abc", 2, "abc|"},
		"a later tier stays last": {[]string{"a", "b", "c"}, "ab", 3, "abc|c|c"},
	} {
		x := &torrent{place: -1}
		x.setTiers(udpTiers(tt.tiers...))
		var asked []string
		for range tt.rounds {
			x.round++
			s := ""
			for tr := x.next(now); tr != nil; tr = x.next(now) {
				tr.round = x.round
				s += tr.to.host
				if strings.Contains(tt.fail, tr.to.host) {
					tr.fail(now, errSilent, 0)
					continue
				}
				tr.succeed(now, noAnswer())
				x.promote(tr)
				break
			}
			asked = append(asked, s)
		}
		if got := strings.Join(asked, "|"); got != tt.asked {
			t.Errorf("%s: asked %s, want %s", name, got, tt.asked)
		}
	}
}

func TestSetTiersShufflesOnce(t *testing.T) {
	orders := make(map[string]bool)
	for range 100 {
		x := &torrent{}
		x.setTiers(udpTiers("a,b,c", "d"))
		if got := tiersOf(x); !strings.HasSuffix(got, " d") || len(got) != len("a,b,c d") {
			t.Fatal(got)
		}
		orders[tiersOf(x)] = true
		before := tiersOf(x)
		x.setTiers(udpTiers("c,b,a", "d"))
		if got := tiersOf(x); got != before {
			t.Fatalf("%s became %s", before, got)
		}
	}
	if len(orders) != 6 {
		t.Errorf("%d of 6 orders seen in 100 shuffles", len(orders))
	}
}

func TestSetTiersKeepsAndDrops(t *testing.T) {
	x := &torrent{}
	x.setTiers(udpTiers("a", "b", "a,c"))
	if got := tiersOf(x); got != "a b c" {
		t.Errorf("%s: a URL twice counts once", got)
	}
	b := x.tiers[1][0]
	b.told[0].started = true
	x.current = b
	gone := x.setTiers(udpTiers("d,b"))
	if got := tiersOf(x); got != "b,d" || x.tiers[0][0] != b || x.current != b {
		t.Errorf("%s: what stays keeps its state and goes first", got)
	}
	if len(gone) != 2 {
		t.Errorf("%d trackers gone, want 2", len(gone))
	}
	x.setTiers(nil)
	if x.current != nil || len(x.all()) != 0 || !x.retry().IsZero() {
		t.Errorf("after the last tracker went: %+v", x)
	}
	var many []string
	for i := range 3 * maxTrackers {
		many = append(many, fmt.Sprintf("udp://t%d:80", i))
	}
	x.setTiers([][]string{many, many, {""}})
	if n := len(x.all()); n != maxTrackers {
		t.Errorf("%d trackers kept, want %d", n, maxTrackers)
	}
}

// TestRetryIn holds BEP 31: the tracker's own pause, and never.
func TestRetryIn(t *testing.T) {
	now := time.Unix(1000, 0)
	x := &torrent{}
	x.setTiers(udpTiers("a"))
	tr := x.all()[0]
	tr.fail(now, &refusal{reason: "busy", retry: 2 * time.Hour}, 0)
	if d := tr.after.Sub(now); d < 2*time.Hour || d > 150*time.Minute {
		t.Errorf("pause of %v, want two hours", d)
	}
	tr.fail(now, fmt.Errorf("wrapped: %w", &refusal{reason: "go away", never: true}), 0)
	if tr.enabled() || x.next(now.Add(1000*time.Hour)) != nil || !x.retry().IsZero() {
		t.Error("a tracker that said never would be asked")
	}
	if st, words := x.status(tr); st != swarm.TrackerFailed || !strings.Contains(words, "go away") {
		t.Errorf("status %d %q", st, words)
	}
	if at := x.nextAnnounce(tr, swarm.TrackerFailed); !at.IsZero() {
		t.Errorf("next announce at %v", at)
	}
}

// TestHostRecord: silence doubles the pause once per period, an answer ends it, and a
// family is left out only where the other works.
func TestHostRecord(t *testing.T) {
	now := time.Unix(1000, 0)
	h := &host{}
	bad := &result{out: [families]outcome{{tried: true, err: errSilent}}}
	for i, minutes := range []int{1, 1, 2, 4} {
		if i >= 2 {
			now = h.dead
		}
		h.note(bad, errSilent, true, now)
		if d := h.dead.Sub(now); d != time.Duration(minutes)*time.Minute {
			t.Errorf("failure %d: dead for %v, want %d minutes", i, d, minutes)
		}
	}
	half := &result{out: [families]outcome{{tried: true}, {tried: true, err: errSilent}}}
	if err, silent := half.failure(); err != nil || silent {
		t.Errorf("one family works: %v, %v", err, silent)
	}
	h.note(half, nil, false, now)
	if h.fails != 0 || now.Before(h.dead) || !h.broken[0].IsZero() || h.broken[1] != now.Add(familyPause) {
		t.Errorf("after an answer over one family: %+v", h)
	}
	h.note(bad, errSilent, true, now)
	if h.dead != now.Add(time.Minute) || !h.broken[1].IsZero() {
		t.Errorf("silent again: %+v", h)
	}
	no := &refusal{reason: "no"}
	said := &result{out: [families]outcome{{tried: true, err: no}, {tried: true, err: errSilent}}}
	if err, silent := said.failure(); !errors.Is(err, error(no)) || silent {
		t.Errorf("a refusal over one family: %v, %v", err, silent)
	}
}

// TestFarewellTakesTurns: hosts take turns, and one that is silent leaves a quarter of the
// workers to others.
func TestFarewellTakesTurns(t *testing.T) {
	var f farewell
	mk := func(name string) job { return job{to: target{host: name, port: 1}} }
	for range 100 {
		f.add(mk("silent"))
	}
	f.add(mk("a"))
	f.add(mk("b"))
	seq := ""
	for j, ok := f.head(8); ok; j, ok = f.head(8) {
		f.taken()
		seq += j.to.host[:1]
	}
	if seq != "sabsssss" || f.left != 94 {
		t.Errorf("taken %q, %d left", seq, f.left)
	}
	f.add(mk("late"))
	if j, ok := f.head(8); !ok || j.to.host != "late" {
		t.Errorf("%v, %v: want the host that has a place", j.to.host, ok)
	}
	f.taken()
	f.over(mk("silent"))
	if j, ok := f.head(8); !ok || j.to.host != "silent" {
		t.Errorf("%v, %v: want the place that came free", j.to.host, ok)
	}
	f.over(mk("unknown"))
}

// TestEvents is the table of what a tracker hears next over a family.
func TestEvents(t *testing.T) {
	for _, tt := range []struct {
		kind jobKind
		told told
		done bool
		want event
	}{
		{announceJob, told{}, false, eventStarted},
		{announceJob, told{}, true, eventStarted},
		{announceJob, told{started: true}, false, eventNone},
		{announceJob, told{started: true}, true, eventCompleted},
		{announceJob, told{started: true, completed: true}, true, eventNone},
		{stopJob, told{started: true}, true, eventStopped},
	} {
		j := job{kind: tt.kind, done: tt.done, told: [families]told{tt.told}}
		if got := j.event(0); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt, got, tt.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                  "plain",
		" two\nlines\t ":         "two lines",
		"\x1b[31mred\x00":        "[31mred",
		"a\xff\xfeb":             "ab",
		"\u202etxt.exe":          "txt.exe",
		strings.Repeat("é", 200): strings.Repeat("é", maxMessage/2),
	} {
		if got := printable([]byte(in)); got != want {
			t.Errorf("printable(%q) = %q, want %q", in, got, want)
		}
	}
	if !slices.Equal([]string{eventNone.String(), eventCompleted.String(), eventStarted.String(), eventStopped.String()},
		[]string{"", "completed", "started", "stopped"}) {
		t.Error("the words of the events are not BEP 3's")
	}
}
