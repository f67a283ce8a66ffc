package view

import (
	"os"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

// at is the time of every snapshot in these tests.
func at() time.Time { return time.Date(2026, 11, 20, 14, 5, 0, 0, time.UTC) }

// locale loads the shipped words of a language.
func locale(t testing.TB, lang string) *Locale {
	t.Helper()
	data, err := os.ReadFile("../../assets/tr/" + lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	l, err := ParseLocale(lang, data, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func english(t testing.TB) *Format { return &Format{locale(t, "en"), at()} }
func german(t testing.TB) *Format  { return &Format{locale(t, "de"), at()} }

// hash makes an infohash that begins with b.
func hash(b byte) swarm.InfoHash { return swarm.InfoHash{b, 0xab} }

// tor makes a torrent of a size and a share of it in percent.
func tor(b byte, name string, size, done int64, s swarm.State) swarm.Torrent {
	return swarm.Torrent{
		InfoHash: hash(b), Name: name, State: s, Size: size, Wanted: size, Completed: size * done / 100, SwarmSeeds: -1, SwarmPeers: -1, Queue: int(b),
		Added: at().Add(-time.Hour * time.Duration(b)),
	}
}

func texts[T any](l *List[T], id string) []string {
	var out []string
	col := l.Column(id)
	var c Cell
	for i := range l.Len() {
		l.Cell(i, col, &c)
		out = append(out, c.Text)
	}
	return out
}
