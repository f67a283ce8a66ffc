package engine

import (
	"fmt"
	"testing"
	"time"

	"swarmbid/engine/metafile"
	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
)

// crowd is an engine of n torrents that do not run; every third is complete.
func crowd(tb testing.TB, n int) *Engine {
	tb.Helper()
	cfg := DefaultConfig()
	cfg.DataDir, cfg.DownloadDir = tb.TempDir(), tb.TempDir()
	e, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		m := newManaged(resume.Torrent{InfoHash: swarm.InfoHash{byte(i), byte(i >> 8), 1}, Name: fmt.Sprintf("torrent %d", i), State: resume.Stopped})
		m.meta = &metafile.Metafile{Size: 1 << 30, Pieces: 1024}
		m.view.wanted, m.view.complete = 1<<30, i%3 == 0
		e.torrents[m.ih()] = m
		e.order = append(e.order, m)
	}
	e.renumber()
	return e
}

// TestSnapshotIsInOrder: downloads by their place in the queue, then everything
// complete in the order in which it was added.
func TestSnapshotIsInOrder(t *testing.T) {
	e := crowd(t, 9)
	e.publish(time.Now())
	var got []string
	for _, r := range e.Snapshot().Torrents {
		got = append(got, fmt.Sprintf("%s#%d", r.Name[len("torrent "):], r.Queue))
	}
	if want := "[1#2 2#3 4#5 5#6 7#8 8#9 0#0 3#0 6#0]"; fmt.Sprint(got) != want {
		t.Errorf("the list is %v, want %s", got, want)
	}
}

// BenchmarkSnapshot10000 is what a snapshot of 10,000 torrents costs a second.
func BenchmarkSnapshot10000(b *testing.B) {
	e, now := crowd(b, 10_000), time.Now()
	b.ReportAllocs()
	for b.Loop() {
		e.schedule(now)
		e.publish(now)
	}
}
