package main

import (
	"context"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmbid/app/hook"
	"swarmbid/engine/swarm"
)

// programsEvery is how often the session is looked at for the user's programs.
const programsEvery = time.Second

// runPrograms starts the programs of the preferences when something happens to a
// torrent, until ctx ends.
func (a *App) runPrograms(ctx context.Context) error {
	r := hook.NewRunner(a.log)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.Run(ctx) })
	g.Go(func() error {
		w := hook.NewWatch(time.Now())
		tick := time.NewTicker(programsEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				for _, c := range w.Look(a.engine.Snapshot()) {
					a.runProgram(ctx, r, &c)
				}
			}
		}
	})
	return g.Wait()
}

// runProgram starts the program of one change, if there is one.
func (a *App) runProgram(ctx context.Context, r *hook.Runner, c *hook.Change) {
	p := a.settings.Get().Programs
	line := p.OnState
	if c.Finished {
		line = p.OnFinish
	}
	if line == "" {
		return
	}
	cmd, err := hook.Parse(line, runtime.GOOS)
	if err == nil {
		err = r.Start(cmd.Args(a.factOf(ctx, c)))
	}
	if err != nil {
		a.log.Error("the program of the preferences is not started", "torrent", c.Torrent.Name, "err", err)
	}
}

// factOf is what a command line may say of a change.
func (a *App) factOf(ctx context.Context, c *hook.Change) *hook.Fact {
	t := &c.Torrent
	f := &hook.Fact{
		Dir: t.SavePath, Name: t.Name, Label: t.Label, Tracker: t.Tracker, InfoHash: t.InfoHash.String(),
		State: t.State.String(), Before: c.Before.String(), Message: t.Error,
	}
	d, err := a.engine.Details(ctx, t.InfoHash, swarm.PartFiles)
	if err != nil { // it was removed meanwhile
		return f
	}
	n, last := 0, ""
	for _, x := range d.Files {
		if !x.Pad {
			n, last = n+1, filepath.FromSlash(x.Path)
		}
	}
	switch {
	case n == 1:
		f.File, f.Dir = filepath.Base(last), filepath.Join(t.SavePath, filepath.Dir(last))
	case n > 1:
		f.Multi, f.Dir = true, filepath.Join(t.SavePath, t.Name)
	}
	return f
}
