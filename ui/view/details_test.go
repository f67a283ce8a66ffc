package view

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

func TestFlags(t *testing.T) {
	for _, c := range []struct {
		p    swarm.Peer
		want string
	}{
		{swarm.Peer{Flags: swarm.Interesting | swarm.Choked}, "D"},
		{swarm.Peer{Flags: swarm.Interesting | swarm.ChokingUs | swarm.Choked}, "d"},
		{swarm.Peer{Flags: swarm.Interested | swarm.ChokingUs}, "U"},
		{swarm.Peer{Flags: swarm.Interested | swarm.ChokingUs | swarm.Choked}, "u"},
		{swarm.Peer{Flags: 0}, "K?"},
		{swarm.Peer{Flags: swarm.ChokingUs | swarm.Choked, Slot: swarm.Optimistic}, "O"},
		{swarm.Peer{Flags: swarm.ChokingUs | swarm.Choked | swarm.Snubbed | swarm.Incoming | swarm.FromPEX | swarm.FromDHT | swarm.FromLSD | swarm.Holepunched}, "SIXHLh"},
		{swarm.Peer{Flags: swarm.ChokingUs | swarm.Choked | swarm.Encrypted | swarm.EncryptedHead | swarm.UTP}, "EP"},
		{swarm.Peer{Flags: swarm.ChokingUs | swarm.Choked | swarm.EncryptedHead | swarm.WePay | swarm.PaysUs}, "e$¢"},
		{swarm.Peer{Flags: swarm.ChokingUs | swarm.Choked | swarm.PaysUs}, "$"},
		{swarm.Peer{Flags: swarm.ChokingUs | swarm.Choked | swarm.WePay}, "¢"},
	} {
		if got := Flags(&c.p); got != c.want {
			t.Errorf("%b: %q, want %q", c.p.Flags, got, c.want)
		}
	}
	for _, x := range FlagsLegend(locale(t, "en")) {
		if x[0] == "$" && x[1] != "it pays us" || x[0] == "¢" && x[1] != "we pay it" {
			t.Errorf("%s is explained as %q", x[0], x[1])
		}
	}
	letters := map[string]bool{}
	for _, x := range FlagsLegend(locale(t, "de")) {
		letters[x[0]] = true
		if strings.HasPrefix(x[1], "flag.") {
			t.Errorf("%s has no meaning", x[0])
		}
	}
	for _, r := range "DdUuK?OSIXHLhEeP$¢" {
		if !letters[string(r)] {
			t.Errorf("the legend lacks %c", r)
		}
	}
}

func TestPeers(t *testing.T) {
	ps := []swarm.Peer{
		{Key: 1, Addr: netip.MustParseAddrPort("10.0.0.20:6881"), Client: "b", Progress: 0.5, Down: 2048, RequestsOut: 4, RequestsIn: 1, LastBlock: at().Add(-90 * time.Second)},
		{Key: 2, Addr: netip.MustParseAddrPort("10.0.0.3:1"), Client: "A", Progress: 1, Flags: swarm.Seed, HashFails: 2},
		{Key: 3, Addr: netip.MustParseAddrPort("[2001:db8::1]:9"), Uploaded: 1 << 20, Since: at().Add(-time.Hour)},
	}
	var ids []string
	for _, c := range PeerColumns() {
		ids = append(ids, c.ID)
	}
	l := Peers(english(t), ps, Order{Column: "ip"}, ids)
	if got := strings.Join(texts(l, "ip"), " "); got != "10.0.0.3 10.0.0.20 2001:db8::1" {
		t.Errorf("addresses are not sorted by value: %s", got)
	}
	for id, want := range map[string]string{"port": "6881", "client": "b", "done": "50.0 %", "down": "2.0 KiB/s", "reqs": "4 | 1", "inactive": "1m 30s", "uploaded": "", "hashfails": ""} {
		if got := texts(l, id)[1]; got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	for _, c := range PeerColumns() {
		Peers(english(t), ps, Order{Column: c.ID, Desc: true}, ids) // every comparison holds for empty values
	}
}

func TestTrackers(t *testing.T) {
	ts := []swarm.Tracker{
		{URL: "[DHT]", Tier: -1, Status: swarm.TrackerSourcePeer, Seeds: -1, Peers: -1, Downloads: -1},
		{URL: "udp://a", Tier: 0, Status: swarm.TrackerWorking, Seeds: 1200, Peers: 3, Downloads: -1, NextAnnounce: at().Add(70 * time.Second)},
		{URL: "http://b", Tier: 0, Status: swarm.TrackerFailed, Message: "connection refused"},
		{URL: "http://c", Tier: 2, Status: swarm.TrackerNotNeeded, NextAnnounce: at().Add(-time.Second)},
	}
	l := Trackers(english(t), ts, Order{}, []string{"tier", "url", "status", "next", "seeds"})
	for id, want := range map[string]string{
		"tier": "|1|1|3", "status": "Working|Working|Not working: connection refused|Not needed", "next": "|1m 10s||", "seeds": "|1,200|0|0",
	} {
		if got := strings.Join(texts(l, id), "|"); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	if got := fmt.Sprint(Tiers(ts)); got != "[[udp://a http://b] [http://c]]" {
		t.Errorf("tiers %s", got)
	}
	merged := MergeTiers([][]string{{"a", "b"}}, [][]string{{"b", "c"}, {"a"}, {"c", "d"}})
	if got := fmt.Sprint(merged); got != "[[a b] [c] [d]]" {
		t.Errorf("merged %s", got)
	}
	for s := swarm.TrackerIdle; s <= swarm.TrackerSourcePeer; s++ {
		if w := german(t).TrackerStatus(&swarm.Tracker{Status: s}); w == "" || strings.Contains(w, "tracker.") {
			t.Errorf("status %d: %q", s, w)
		}
	}
}

func files() []swarm.File {
	return []swarm.File{
		{Index: 0, Path: "T/b/two.txt", Size: 200, Completed: 200, FirstPiece: 3, Pieces: 1},
		{Index: 1, Path: "T/.pad/1", Size: 50, Pad: true},
		{Index: 2, Path: "T/b/one.txt", Size: 100, Priority: swarm.Skip, FirstPiece: 2, Pieces: 2},
		{Index: 3, Path: "T/a 10", Size: 1000, Completed: 500, Priority: swarm.High, FirstPiece: 4, Pieces: 9},
		{Index: 4, Path: "T/A 9", Size: 10, FirstPiece: 13, Pieces: 1},
	}
}

func names(rows []*FileNode) string {
	var out []string
	for _, r := range rows {
		out = append(out, strings.Repeat(">", r.Depth)+r.Name)
	}
	return strings.Join(out, " ")
}

func TestFileTree(t *testing.T) {
	rows := FileTree(files(), nil, Order{})
	if got := names(rows); got != "T >b >>two.txt >>one.txt >a 10 >A 9" {
		t.Errorf("tree %s", got)
	}
	top, b := rows[0], rows[1]
	if top.Size != 1310 || top.Completed != 700 || !top.Mixed || top.Ticked != TickPart || top.First != 2 || len(top.Files) != 4 {
		t.Errorf("sums of the top folder: %+v", top)
	}
	if b.Ticked != TickPart || fmt.Sprint(b.Files) != "[0 2]" || b.Path != "T/b" {
		t.Errorf("sums of a folder: %+v", b)
	}
	if got := names(FileTree(files(), map[string]bool{"T/b": true}, Order{Column: "name"})); got != "T >b >A 9 >a 10" {
		t.Errorf("folded and sorted: %s", got)
	}
	if got := names(FileTree(files(), nil, Order{Column: "size", Desc: true})); got != "T >b >>two.txt >>one.txt >a 10 >A 9" {
		t.Errorf("by size: %s", got)
	}
	f := english(t)
	l := Files(f, rows, []string{"name", "size", "done", "priority"})
	if got := strings.Join(texts(l, "priority"), "|"); got != "mixed|mixed|Normal|Skip|High|Normal" {
		t.Errorf("priorities %s", got)
	}
	var c Cell
	l.Cell(3, l.Column("name"), &c)
	if c.Tick != TickOff || c.Ink != Dim || c.Icon != "file" {
		t.Errorf("a skipped file shows as %+v", c)
	}
	l.Cell(1, l.Column("name"), &c)
	if c.Fold != Open || c.Icon != "folder" {
		t.Errorf("a folder shows as %+v", c)
	}
}

func TestFileTreeOfNothing(t *testing.T) {
	if rows := FileTree(nil, nil, Order{Column: "size"}); len(rows) != 0 {
		t.Errorf("%d rows", len(rows))
	}
	one := FileTree([]swarm.File{{Path: "single.iso", Size: 0}}, nil, Order{})
	l := Files(english(t), one, []string{"name", "done"})
	if len(one) != 1 || one[0].Folder || texts(l, "done")[0] != "100.0 %" {
		t.Error("an empty file alone is not complete")
	}
}

func TestGeneral(t *testing.T) {
	s := snapshot()
	s.Torrents[3].SavePath = `D:\films`
	for i := range s.Torrents {
		p := &swarm.Pieces{Length: 1 << 20, State: []swarm.PieceState{swarm.PieceHave, swarm.PieceMissing}, Avail: []uint16{1, 0}}
		for _, g := range General(german(t), &s.Torrents[i], p) {
			for _, f := range g.Facts {
				if strings.Contains(f.Label, "general.") || strings.Contains(f.Value, "%!") {
					t.Errorf("%q: %q", f.Label, f.Value)
				}
			}
		}
	}
	find := func(gs []FactGroup, label string) string {
		for _, g := range gs {
			for _, f := range g.Facts {
				if f.Label == label {
					return f.Value
				}
			}
		}
		return "no such fact"
	}
	gs := General(english(t), &s.Torrents[3], nil)
	if got := find(gs, "Save As:"); got != `D:\films\zebra` {
		t.Errorf("path %q", got)
	}
	if got := find(gs, "Status:"); !strings.HasPrefix(got, "Error: disk full. The data is kept.") {
		t.Errorf("no advice: %q", got)
	}
	if General(english(t), nil, nil) != nil {
		t.Error("facts about no torrent")
	}
	a, b := General(english(t), &s.Torrents[0], nil), General(english(t), &s.Torrents[1], nil)
	if !a[0].SameLabels(&b[0]) || a[0].SameLabels(&a[1]) {
		t.Error("SameLabels does not tell groups apart")
	}
}

func TestFaultsHaveAdvice(t *testing.T) {
	for _, f := range []*Format{english(t), german(t)} {
		for k := swarm.NoFault + 1; k <= swarm.BadMetadata; k++ {
			x := swarm.Torrent{State: swarm.Errored, Fault: k, Error: "raw"}
			a := f.Fault(&x)
			if a.What == "" || a.Do == "" || strings.Contains(a.What+a.Do+f.FaultShort(&x), "fault.") {
				t.Errorf("fault %d: %+v", k, a)
			}
		}
	}
}

func TestExplain(t *testing.T) {
	l := locale(t, "en")
	for _, name := range []string{"engine.ErrKnown", "engine.ErrUnknown", "engine.ErrListen", "metafile.ErrMagnet", "metafile.ErrPieces", "tracker.ErrTooSoon"} {
		a, ok := l.Explain(name)
		if !ok || strings.Contains(a.What+a.Do, "error.") {
			t.Errorf("%s: %+v, %v", name, a, ok)
		}
	}
	if _, ok := l.Explain("ErrNew"); ok {
		t.Error("an error nobody knows was explained")
	}
}

func TestPieces(t *testing.T) {
	p := &swarm.Pieces{
		Length: 1 << 20, State: []swarm.PieceState{swarm.PieceHave, swarm.PiecePartial, swarm.PieceMissing, swarm.PieceSkipped, swarm.PieceChecking},
		Avail: []uint16{0, 4, 0, 2, 1},
	}
	m := PieceMarks(p)
	if m[0] != (Mark{Arriving, 255}) || m[2] != (Mark{}) || m[1].Tone != Giving || m[4].Tone != Working {
		t.Errorf("marks %v", m)
	}
	a := AvailMarks(p)
	if a[2].Tone != Broken || a[0].Tone == Broken || a[1].Weight <= a[3].Weight {
		t.Errorf("availability %v: a piece nobody has must stand out, one we have not", a)
	}
	if PieceMarks(nil) != nil || AvailMarks(nil) != nil || PiecesLine(locale(t, "en"), nil) != "" {
		t.Error("something is drawn of nothing")
	}
	if s := PiecesLine(locale(t, "en"), &swarm.Details{Pieces: p}); s != "5 pieces of 1.0 MiB, 1 here, 1 in progress" {
		t.Error(s)
	}
}

func TestHistory(t *testing.T) {
	var h History
	for i := range 700 {
		h.Add(Rates{int64(i) << 10, 100, int64(i)})
	}
	l := locale(t, "en")
	c := h.Curve(l, Minutes5, Limits{Down: 5})
	if len(c.Down) != 300 || c.Down[299] != 699<<10 || c.Down[0] != 400<<10 || c.DownLimit != 5 {
		t.Errorf("%d samples, %v … %v", len(c.Down), c.Down[0], c.Down[len(c.Down)-1])
	}
	hour := h.Curve(l, Hour1, Limits{})
	if len(hour.Down) != 58 || hour.Down[0] != 5632 || hour.Over[0] != 5 || c.Over[299] != 699 { // the mean of the first twelve
		t.Errorf("%d samples of twelve seconds, first %d", len(hour.Down), hour.Down[0])
	}
	if c.Top < 699<<10 || c.YLabels[0] != "0" || len(c.YLabels) != 5 || c.XLabels[0] != "-5m" || c.XLabels[5] != "now" {
		t.Errorf("axes %d %v %v", c.Top, c.YLabels, c.XLabels)
	}
	if empty := (&History{}).Curve(l, Day1, Limits{}); len(empty.Down) != 0 || empty.Top <= 0 || empty.XLabels[0] != "-1d" {
		t.Errorf("empty %+v", empty)
	}
}

// TestHistoryFollowsTheClock: however often rates are noted, a sample is a second.
func TestHistoryFollowsTheClock(t *testing.T) {
	for name, c := range map[string]struct {
		every time.Duration
		notes int
		want  int
	}{"twice a second": {500 * time.Millisecond, 100, 50}, "each second": {time.Second, 50, 50}, "late": {1040 * time.Millisecond, 50, 52}, "seldom": {5 * time.Second, 10, 46}} {
		var h History
		for i := range c.notes {
			h.Note(at().Add(time.Duration(i)*c.every), Rates{Down: 10, Up: 20})
		}
		if got := h.Curve(locale(t, "en"), Minutes5, Limits{}); len(got.Down) < c.want-1 || len(got.Down) > c.want+1 || got.Down[0] != 10 {
			t.Errorf("%s: %d samples, want %d", name, len(got.Down), c.want)
		}
	}
	var h History
	h.Note(at(), Rates{Down: 10, Up: 20})
	h.Note(at().Add(200*time.Second), Rates{Down: 30, Up: 40})
	if got := h.Curve(locale(t, "en"), Minutes5, Limits{}); len(got.Down) != 201 || got.Down[1] != 0 || got.Down[110] != 0 || got.Down[111] != 30 || got.Down[200] != 30 {
		t.Errorf("after a sleep: %d samples, %v", len(got.Down), got.Down)
	}
	h.Note(at().Add(-time.Hour), Rates{Down: 1, Up: 1}) // the clock was put back
	h.Note(at().Add(-time.Hour+time.Second), Rates{Down: 1, Up: 1})
	if got := h.Curve(locale(t, "en"), Minutes5, Limits{}); len(got.Down) != 203 {
		t.Errorf("after the clock went back: %d samples", len(got.Down))
	}
}

func TestNiceStep(t *testing.T) {
	for n := int64(1024); n < 1<<40; n = n*3 + 7 {
		s := niceStep(n)
		if s*4 < n || s*4 > n*12 {
			t.Errorf("a step of %d for %d", s, n)
		}
	}
}

func TestStatistics(t *testing.T) {
	s := snapshot()
	s.Totals.Downloaded = 5 << 20
	var all []string
	for _, g := range Statistics(english(t), s) {
		for _, f := range g.Facts {
			all = append(all, f.Label+" "+f.Value)
		}
	}
	got := strings.Join(all, "|")
	for _, want := range []string{"Downloaded: 5.0 MiB", "Torrents: 6", "Completed: 2", "Active: 2", "Ratio: 3.000"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
}

func TestLog(t *testing.T) {
	l := Log(english(t), []LogLine{{N: 1, At: at(), Text: "one"}, {N: 2, At: at().Add(time.Second), Tone: Broken, Text: "two"}}, []string{"at", "text"})
	if got := strings.Join(append(texts(l, "at"), texts(l, "text")...), "|"); got != "2026-11-20 14:05:00|2026-11-20 14:05:01|one|two" {
		t.Error(got)
	}
}
