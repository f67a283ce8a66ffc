package sample

import (
	"errors"
	"reflect"
	"testing"

	"swarmbid/engine/swarm"
	"swarmbid/ui"
)

var _ ui.Engine = (*Engine)(nil)

func TestSameEveryTime(t *testing.T) {
	a, b := New(50), New(50)
	a.Tick(true)
	b.Tick(true)
	if !reflect.DeepEqual(a.Snapshot(), b.Snapshot()) || len(a.Snapshot().Torrents) != 50 {
		t.Error("two engines of the same size differ")
	}
}

func TestSnapshotsAreImmutable(t *testing.T) {
	e := New(0)
	before := e.Snapshot()
	down := before.Torrents[0].Down
	e.Tick(true)
	if err := e.Stop(t.Context(), before.Torrents[0].InfoHash); err != nil {
		t.Fatal(err)
	}
	if before.Torrents[0].Down != down || e.Snapshot().Torrents[0].State != swarm.Stopped {
		t.Error("an old snapshot changed, or a new one did not")
	}
}

func TestQueue(t *testing.T) {
	e := New(0)
	s := e.Snapshot()
	third, last := s.Torrents[2].InfoHash, s.Torrents[len(s.Torrents)-1].InfoHash
	for _, c := range []struct {
		move swarm.QueueMove
		want int
	}{{swarm.QueueUp, 2}, {swarm.QueueUp, 1}, {swarm.QueueUp, 1}, {swarm.QueueDown, 2}, {swarm.QueueTop, 1}, {swarm.QueueBottom, 11}} {
		if err := e.MoveInQueue(t.Context(), c.move, third); err != nil {
			t.Fatal(err)
		}
		s := e.Snapshot()
		for i := range s.Torrents {
			if s.Torrents[i].InfoHash == third && s.Torrents[i].Queue != c.want {
				t.Errorf("move %d: place %d, want %d", c.move, s.Torrents[i].Queue, c.want)
			}
		}
	}
	if err := e.Remove(t.Context(), true, last, third); err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context(), third); !errors.Is(err, ErrUnknown) {
		t.Errorf("%v", err)
	}
}

func TestAdd(t *testing.T) {
	e := New(0)
	src := swarm.Source{File: "x.torrent"}
	ih, err := e.Add(t.Context(), swarm.Add{Source: src, SavePath: "/d", Top: true, Stopped: true})
	if err != nil {
		t.Fatal(err)
	}
	if x := e.Snapshot().Torrents[0]; x.InfoHash != ih || x.Queue != 1 || x.State != swarm.Stopped || x.Wanted == 0 {
		t.Errorf("%+v", x)
	}
	if _, err := e.Add(t.Context(), swarm.Add{Source: src}); !errors.Is(err, ErrKnown) {
		t.Errorf("%v", err)
	}
	if _, err := e.Preview(t.Context(), swarm.Source{File: "broken"}); !errors.Is(err, ErrSource) {
		t.Errorf("%v", err)
	}
	d, err := e.Details(t.Context(), ih, swarm.PartFiles)
	if err != nil || len(d.Files) != 8 || d.Peers != nil {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestSettings(t *testing.T) {
	s := NewSettings("de", "dark")
	p := s.Prefs()
	p.Port = 1
	if err := s.SavePrefs(p); !errors.Is(err, ErrPort) || s.Prefs().Port != 6881 {
		t.Errorf("%v", err)
	}
}
