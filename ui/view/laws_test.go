package view

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"swarmbid/engine/swarm"
)

// anyTorrent draws a torrent with values that make ties likely.
func anyTorrent(i int) *rapid.Generator[swarm.Torrent] {
	return rapid.Custom(func(t *rapid.T) swarm.Torrent {
		size := rapid.SampledFrom([]int64{0, 1, 1 << 20, 5 << 30}).Draw(t, "size")
		x := swarm.Torrent{
			InfoHash: swarm.InfoHash{byte(i), byte(i >> 8), 1}, Name: rapid.SampledFrom([]string{"a", "A", "a10", "a9", "ä", ""}).Draw(t, "name"),
			State: swarm.State(rapid.IntRange(0, int(swarm.Moving)).Draw(t, "state")), Size: size, Wanted: size,
			Down: rapid.SampledFrom([]int64{0, 0, 1, 1000, 1 << 20}).Draw(t, "down"), Up: rapid.SampledFrom([]int64{0, 5, 1 << 30}).Draw(t, "up"),
			Label: rapid.SampledFrom([]string{"", "x", "Y"}).Draw(t, "label"), Tracker: rapid.SampledFrom([]string{"", "one", "two"}).Draw(t, "tracker"),
			Queue: rapid.IntRange(0, 3).Draw(t, "queue"), SwarmSeeds: rapid.IntRange(-1, 2).Draw(t, "seeds"), SwarmPeers: rapid.IntRange(-1, 2).Draw(t, "peers"),
			Added: at().Add(time.Duration(rapid.IntRange(-2, 0).Draw(t, "added")) * time.Hour), Uploaded: rapid.Int64Range(0, 3).Draw(t, "uploaded"),
		}
		if size > 0 {
			x.Completed = rapid.SampledFrom([]int64{0, size / 2, size}).Draw(t, "completed")
		}
		return x
	})
}

func anySnapshot(t *rapid.T) *swarm.Snapshot {
	s := &swarm.Snapshot{At: at()}
	for i := range rapid.IntRange(0, 25).Draw(t, "torrents") {
		s.Torrents = append(s.Torrents, anyTorrent(i).Draw(t, "torrent"))
	}
	return s
}

// TestSortAgainstTwin: sorting by any column and direction gives the order that
// the simplest stable sort gives.
func TestSortAgainstTwin(t *testing.T) {
	f, cols := english(t), TorrentColumns()
	rapid.Check(t, func(t *rapid.T) {
		s := anySnapshot(t)
		c := rapid.SampledFrom(cols).Draw(t, "column")
		desc := rapid.Bool().Draw(t, "desc")
		l := Torrents(f, s, Query{Order: Order{c.ID, desc}, Show: []string{c.ID}})
		var twin []*swarm.Torrent
		for i := range s.Torrents { // insertion behind everything that is not greater
			x := &s.Torrents[i]
			at := len(twin)
			for at > 0 {
				d := c.Compare(twin[at-1], x)
				if desc {
					d = -d
				}
				if d <= 0 {
					break
				}
				at--
			}
			twin = slices.Insert(twin, at, x)
		}
		for i := range twin {
			if l.Item(i) != twin[i] {
				t.Fatalf("row %d by %s, desc %v, is another", i, c.ID, desc)
			}
		}
	})
}

// TestCategoriesPartition: what is not downloading is complete, what is not
// active is inactive, and labels and trackers count every torrent once.
func TestCategoriesPartition(t *testing.T) {
	f := english(t)
	rapid.Check(t, func(t *rapid.T) {
		s := anySnapshot(t)
		count := map[Kind]int{}
		for _, e := range Sidebar(f, s, nil) {
			if e.Count > 0 {
				count[e.Filter.Kind] += e.Count
			}
		}
		n := len(s.Torrents)
		if count[All] != n || count[Downloading]+count[Completed] != n || count[Active]+count[Inactive] != n || count[ByLabel] != n || count[ByTracker] != n {
			t.Fatalf("%d torrents, counted %v", n, count)
		}
	})
}

// TestCompareTextIsAnOrder: antisymmetric and transitive, and only equal texts
// are equal.
func TestCompareTextIsAnOrder(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("aAbB019 ä.я")), 0, 6, -1)
	sign := func(n int) int {
		switch {
		case n < 0:
			return -1
		case n > 0:
			return 1
		}
		return 0
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := text.Draw(t, "a"), text.Draw(t, "b"), text.Draw(t, "c")
		if k := strings.Compare(string(appendKey(nil, a)), string(appendKey(nil, b))); k != 0 && k != sign(compareText(a, b)) {
			t.Fatalf("the keys of %q and %q say %d, the order %d", a, b, k, compareText(a, b))
		} else if k == 0 && strings.TrimLeft(strings.ToLower(a), "0") != strings.TrimLeft(strings.ToLower(b), "0") && !strings.Contains(a+b, "0") {
			t.Fatalf("%q and %q have one key", a, b)
		}
		if sign(compareText(a, b)) != -sign(compareText(b, a)) || (compareText(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q", a, b)
		}
		if compareText(a, b) <= 0 && compareText(b, c) <= 0 && compareText(a, c) > 0 {
			t.Fatalf("%q ≤ %q ≤ %q", a, b, c)
		}
	})
}

// TestBytesAreTrue: what is written is at most 0.5 % off or a twentieth of the
// unit, and short enough for its column.
func TestBytesAreTrue(t *testing.T) {
	en, de := locale(t, "en"), locale(t, "de")
	unit := map[string]float64{"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "PiB": 1 << 50, "EiB": 1 << 60}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, math.MaxInt64).Draw(t, "n") >> rapid.IntRange(0, 62).Draw(t, "shift")
		s := en.Bytes(n)
		num, u, _ := strings.Cut(s, " ")
		v, err := strconv.ParseFloat(num, 64)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if d := math.Abs(v*unit[u] - float64(n)); d > 0.051*unit[u] || len(s) > 11 {
			t.Fatalf("%d is written %q", n, s)
		}
		if strings.Replace(de.Bytes(n), ",", ".", 1) != s {
			t.Fatalf("%q in German", de.Bytes(n))
		}
	})
}

func TestIntIsTrue(t *testing.T) {
	l := locale(t, "de")
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "n")
		s := l.Int(n)
		if strings.ReplaceAll(s, ".", "") != fmt.Sprint(n) {
			t.Fatalf("%d is written %s", n, s)
		}
		for i, part := range strings.Split(strings.TrimPrefix(s, "-"), ".") {
			if i > 0 && len(part) != 3 {
				t.Fatalf("%d is written %s", n, s)
			}
		}
	})
}

// TestDurationsGrow: a longer time never reads as a shorter one, and a reading
// is at most one of its smaller units off.
func TestDurationsGrow(t *testing.T) {
	l := locale(t, "en")
	value := map[byte]int64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800, 'y': 365 * 86400}
	read := func(t *rapid.T, s string) (sum int64) {
		for _, part := range strings.Fields(s) {
			n, err := strconv.ParseInt(part[:len(part)-1], 10, 64)
			if err != nil {
				t.Fatalf("%q", s)
			}
			sum += n * value[part[len(part)-1]]
		}
		return sum
	}
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(0, 1e9).Draw(t, "a")
		b := a + rapid.Int64Range(0, 1e6).Draw(t, "more")
		x, y := read(t, l.Duration(time.Duration(a)*time.Second)), read(t, l.Duration(time.Duration(b)*time.Second))
		if x > a || y > b || x > y {
			t.Fatalf("%d s reads as %d s, %d s as %d s", a, x, b, y)
		}
	})
}

// anyFiles draws files whose paths form a tree.
func anyFiles(t *rapid.T) (out []swarm.File) {
	seen := map[string]bool{}
	for i := range rapid.IntRange(0, 20).Draw(t, "files") {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{"d", "e", "f"}), 0, 3).Draw(t, "dirs")
		path := strings.Join(append(append([]string{"T"}, parts...), fmt.Sprintf("file %d", i)), "/")
		if seen[path] {
			continue
		}
		seen[path] = true
		f := swarm.File{
			Index: i, Path: path, Size: rapid.Int64Range(0, 100).Draw(t, "size"), Priority: rapid.SampledFrom([]swarm.Priority{swarm.Skip, swarm.Low, swarm.Normal, swarm.High}).Draw(t, "priority"),
			Pad: rapid.IntRange(0, 5).Draw(t, "pad") == 0,
		}
		f.Completed = f.Size / 2
		out = append(out, f)
	}
	return out
}

// TestTreeSumsUp: a folder is the sum of the files below it, every file stands
// in the tree once, and folding hides exactly what is below.
func TestTreeSumsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := anyFiles(t)
		o := Order{rapid.SampledFrom([]string{"", "name", "size", "done", "priority"}).Draw(t, "column"), rapid.Bool().Draw(t, "desc")}
		rows := FileTree(files, nil, o)
		seen := map[int]int{}
		for i, r := range rows {
			if !r.Folder {
				seen[r.Files[0]]++
				continue
			}
			var size int64
			on, off := 0, 0
			for _, f := range files {
				if f.Pad || !strings.HasPrefix(f.Path, r.Path+"/") {
					continue
				}
				size += f.Size
				if f.Priority == swarm.Skip {
					off++
				} else {
					on++
				}
			}
			want := TickPart
			if off == 0 {
				want = TickOn
			} else if on == 0 {
				want = TickOff
			}
			if r.Size != size || len(r.Files) != on+off || r.Ticked != want {
				t.Fatalf("folder %s: %+v, %d bytes in %d files", r.Path, r, size, on+off)
			}
			below := 0
			for _, x := range rows[i+1:] {
				if x.Depth <= r.Depth {
					break
				}
				below++
			}
			if folded := FileTree(files, map[string]bool{r.Path: true}, o); len(folded) != len(rows)-below {
				t.Fatalf("folding %s leaves %d rows of %d, with %d below it", r.Path, len(folded), len(rows), below)
			}
		}
		for _, f := range files {
			if want := map[bool]int{true: 0, false: 1}[f.Pad]; seen[f.Index] != want {
				t.Fatalf("file %s stands %d times", f.Path, seen[f.Index])
			}
		}
	})
}

// TestMergeTiersKeepsAll: nothing is lost, nothing comes twice, and what was
// there stays where it was.
func TestMergeTiersKeepsAll(t *testing.T) {
	tiers := rapid.SliceOfN(rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 1, 3, rapid.ID[string]), 0, 3)
	rapid.Check(t, func(t *rapid.T) {
		more := tiers.Draw(t, "more")
		merged := MergeTiers([][]string{{"a", "x"}, {"y"}}, more)
		if fmt.Sprint(merged[:2]) != "[[a x] [y]]" {
			t.Fatalf("%v", merged)
		}
		n := map[string]int{}
		for _, tier := range merged {
			for _, u := range tier {
				n[u]++
			}
		}
		for _, u := range slices.Concat(append(more, []string{"a", "x", "y"})...) {
			if n[u] != 1 {
				t.Fatalf("%s stands %d times in %v", u, n[u], merged)
			}
		}
	})
}
