package engine

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"swarmbid/engine/queue"
	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
)

// TestGoalActions: a seed that has given back what it took stops, goes on slowly or
// leaves the list, as the torrent or else the session says; its files stay.
func TestGoalActions(t *testing.T) {
	t.Parallel()
	p := payload(t, 1<<20)
	for name, c := range map[string]struct {
		session, own swarm.GoalAction
		want         swarm.GoalAction
	}{
		"stop":         {swarm.GoalAsSession, swarm.GoalAsSession, swarm.GoalStop},
		"limit by own": {swarm.GoalStop, swarm.GoalLimit, swarm.GoalLimit},
		"remove":       {swarm.GoalRemove, swarm.GoalAsSession, swarm.GoalRemove},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := testConfig(t, t.TempDir())
			cfg.GoalAction, cfg.GoalRate = c.session, 20<<10
			a, b := run(t, cfg), run(t, testConfig(t, t.TempDir()))
			a.seed(p)
			// A torrent that is there from the start has a ratio by its size.
			if err := a.SetOptions(t.Context(), p.InfoHash, swarm.Options{GoalRatio: 900, GoalTime: -1, GoalAction: c.own}); err != nil {
				t.Fatal(err)
			}
			b.add(swarm.Add{Source: swarm.Source{File: p.File}})
			connect(t, p.InfoHash, b, a)
			b.wait(p.InfoHash, "downloaded", seeding)
			deadline := time.After(30 * time.Second)
			for {
				var ev swarm.Event
				select {
				case ev = <-a.Events():
				case <-deadline:
					t.Fatal("the goal was never reached")
				}
				if g, ok := ev.(swarm.GoalReached); ok {
					if g.Action != c.want || g.InfoHash != p.InfoHash {
						t.Errorf("%+v", g)
					}
					break
				}
			}
			switch c.want {
			case swarm.GoalStop:
				a.wait(p.InfoHash, "finished", func(r *swarm.Torrent) bool { return r.State == swarm.Finished && r.Peers+r.Seeds == 0 })
				if err := a.ForceStart(t.Context(), p.InfoHash); err != nil {
					t.Fatal(err)
				}
				a.wait(p.InfoHash, "forced", seeding)
			case swarm.GoalLimit:
				a.wait(p.InfoHash, "goes on", seeding)
				var up int64
				if err := a.do(t.Context(), func() error { up = a.upLimit(a.torrents[p.InfoHash]); return nil }); err != nil || up != 20<<10 {
					t.Errorf("goes on with %d, %v", up, err)
				}
			case swarm.GoalRemove:
				for len(a.Snapshot().Torrents) > 0 {
					select {
					case <-a.Changed():
					case <-deadline:
						t.Fatal("it is still in the list")
					}
				}
				if _, err := os.Stat(filepath.Join(p.Dir, p.Name)); err != nil {
					t.Errorf("its file: %v", err)
				}
			case swarm.GoalAsSession:
			}
		})
	}
}

func TestUpLimitAtTheGoal(t *testing.T) {
	for _, c := range []struct {
		own, goal int64
		reached   bool
		want      int64
	}{{0, 100, false, 0}, {0, 100, true, 100}, {50, 100, true, 50}, {500, 100, true, 100}, {500, 100, false, 500}} {
		e := &Engine{set: Settings{GoalAction: swarm.GoalLimit, GoalRate: c.goal}}
		m := newManaged(resume.Torrent{Limits: swarm.Limits{Up: c.own}})
		m.reached = c.reached
		if got := e.upLimit(m); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
	e := &Engine{}
	if a := e.goalAction(newManaged(resume.Torrent{})); a != swarm.GoalStop {
		t.Errorf("a new user's torrents %v at their goal", a)
	}
	s := DefaultSettings()
	s.GoalAction = swarm.GoalLimit
	if err := s.Validate(); !errors.Is(err, ErrConfig) {
		t.Errorf("limited to nothing: %v", err)
	}
	s.GoalAction, s.Queue = swarm.GoalStop, queue.Policy{}
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
}
