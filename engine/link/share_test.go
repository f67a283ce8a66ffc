package link

import (
	"testing"
	"testing/synctest"
	"time"

	"swarmbid/engine/swarm"
)

// TestTorrentsShareTheDownloadLimit: by their weights, whatever the number of links
// that each has; and again when a weight changes, or one has nothing more to load.
func TestTorrentsShareTheDownloadLimit(t *testing.T) {
	for name, number := range map[string][3]int{"one link each": {1, 1, 1}, "many for the light one": {9, 3, 1}, "many for the heavy one": {1, 2, 7}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { shareDownload(t, number) })
		})
	}
}

func shareDownload(t *testing.T, number [3]int) {
	const limit = 7 << 20
	p := newPipes(t, Config{})
	p.SetDownLimit(limit)
	var links [3][]*Link
	for i, n := range number {
		ih := swarm.InfoHash{byte(i + 1)}
		p.SetTorrentWeight(ih, []int{1, 2, 4}[i])
		for range n {
			peer, engine, l := p.pairOf(ih, "127.0.0.1:6881", true)
			flood(peer, engine)
			links[i] = append(links[i], l)
		}
	}
	check := func(what string, parts ...int64) {
		t.Helper()
		<-time.After(time.Second)
		before := [3]int64{}
		for i := range links {
			before[i] = payloadOf(links[i])
		}
		<-time.After(20 * time.Second)
		whole, all := sum(parts), int64(0)
		for i, part := range parts {
			n := payloadOf(links[i]) - before[i]
			if all += n; part > 0 {
				within(t, what, n, 20*limit*part/whole, 0.03)
			}
		}
		within(t, what+", all", all, 20*limit, 0.01)
	}
	check("low, normal, high", 1, 2, 4)
	p.SetTorrentWeight(swarm.InfoHash{1}, 4)
	p.SetTorrentWeight(swarm.InfoHash{3}, 0) // normal
	check("high, normal, normal", 2, 1, 1)
	for _, l := range links[0] {
		l.Close()
	}
	check("two that are normal", 0, 1, 1)
	p.mu.Lock()
	if len(p.torrents) != 3 { // the first for its weight
		t.Errorf("%d torrents", len(p.torrents))
	}
	p.mu.Unlock()
	p.SetTorrentWeight(swarm.InfoHash{1}, 0)
	p.mu.Lock()
	if len(p.torrents) != 2 {
		t.Errorf("%d torrents are kept", len(p.torrents))
	}
	p.mu.Unlock()
}

func payloadOf(links []*Link) (n int64) {
	for _, l := range links {
		n += l.Stats().PayloadIn
	}
	return n
}
