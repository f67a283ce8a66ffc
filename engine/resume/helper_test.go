package resume

import (
	"crypto/sha1"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

func hashOf(i int) swarm.InfoHash { return sha1.Sum(fmt.Appendf(nil, "torrent %d", i)) }

// sample returns a record with every field set.
func sample(i int) *Torrent {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	return &Torrent{
		InfoHash: hashOf(i), Name: "näme", SavePath: "/save/here", Magnet: "magnet:?xt=urn:btih:x", Label: "label",
		SourceURL: "http://source/", Trackers: [][]string{{"udp://a", "udp://b"}, {"http://c"}},
		WebSeeds: []string{"http://w/"}, Peers: []string{"1.2.3.4:5"}, Added: at, Done: at.Add(time.Hour),
		LastActive: at.Add(2 * time.Hour), State: Forced, Queue: i + 1,
		Priorities: []swarm.Priority{swarm.Skip, swarm.Normal, swarm.High}, Selected: []int{1, 2},
		Renamed: map[int]string{1: "a/b"}, Sequential: true, FirstLast: true,
		Limits:     swarm.Limits{Down: 1, Up: 2, Slots: 3, Peers: 4},
		Downloaded: 5, Uploaded: 6, Wasted: 7, HashFails: 8, Active: time.Minute, Seeding: time.Second,
		GoalRatio: 1500, GoalTime: -1,
	}
}

func open(tb testing.TB, dir string) *Store {
	tb.Helper()
	s, err := Open(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// must fails the test on an error.
func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// all loads everything and fails on a problem.
func all(t *testing.T, s *Store) []Loaded {
	t.Helper()
	loaded, problems, err := s.LoadAll()
	must(t, err)
	for _, p := range problems {
		t.Error(p)
	}
	return loaded
}

func journal(t *testing.T, s *Store, i, pieces int) *Journal {
	t.Helper()
	j, err := s.Journal(hashOf(i), pieces)
	must(t, err)
	t.Cleanup(func() { j.Close() })
	return j
}

func fileOf(s *Store, i int, ext string) string {
	return filepath.Join(s.Dir(), hashOf(i).String()+ext)
}

// listed returns the pieces of a bitfield.
func listed(b []byte) (out []int) {
	for i := range 8 * len(b) {
		if bit(b, i) {
			out = append(out, i)
		}
	}
	return out
}

func flip(tb testing.TB, path string, at int) {
	tb.Helper()
	b, err := os.ReadFile(path)
	must(tb, err)
	b[(at%len(b)+len(b))%len(b)] ^= 0x11
	must(tb, os.WriteFile(path, b, 0o600))
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 99)) }
