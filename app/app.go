package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
	"golang.org/x/sync/errgroup"

	"swarmbid/app/settings"
	"swarmbid/engine"
	"swarmbid/engine/swarm"
	"swarmbid/ui"
)

// errRunning is returned when another process has the data folder.
var errRunning = errors.New("Swarmbid runs already with this data folder") //nolint:staticcheck // begins with a name

// bookLines is how many lines the window's log keeps.
const bookLines = 2000

// App is the program with every part opened. Tests open and run it as main does.
type App struct {
	paths    settings.Paths
	lock     *flock.Flock
	logFile  *os.File
	log      *slog.Logger
	book     *ui.LogBook
	settings *settings.Store
	engine   *engine.Engine
	purse    *purse
}

// start is main without the command line.
func start(ctx context.Context, o options) (err error) {
	a, err := open(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	if o.headless {
		return a.runHeadless(ctx, o.open)
	}
	return a.runWindow(ctx, o.open)
}

// open opens the parts in order: data folder, lock, log, settings, engine. What
// was opened is closed again if a later part fails.
func open(o options) (_ *App, err error) {
	a := &App{book: ui.NewLogBook(bookLines)}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if a.paths, err = settings.Locate(settings.Places{Data: o.data}); err != nil {
		return nil, err
	}
	if err = os.MkdirAll(a.paths.Root, 0o700); err != nil {
		return nil, fmt.Errorf("create the data folder: %w", err)
	}
	lock := flock.New(a.paths.Lock)
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if !got {
		return nil, fmt.Errorf("%w: %s", errRunning, a.paths.Root)
	}
	a.lock = lock
	if err = a.openLog(); err != nil {
		return nil, err
	}
	if err = a.openSettings(); err != nil {
		return nil, err
	}
	a.purse = newPurse(a.paths, a.settings, a.log)
	cfg := engineConfig(a.settings.Get(), a.paths, a.log)
	if a.engine, err = engine.New(cfg); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *App) openSettings() error {
	st, problem, err := settings.Open(a.paths.Settings, settings.Default(downloads()))
	if err != nil {
		return err
	}
	if problem != nil {
		a.log.Warn("settings", "problem", problem)
	}
	a.settings = st
	return nil
}

// downloads is where a new user's files go.
func downloads() string {
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		home = os.TempDir()
	}
	return filepath.Join(home, "Downloads")
}

// runHeadless runs the session until ctx ends.
func (a *App) runHeadless(ctx context.Context, add []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return a.engine.Run(ctx) })
	g.Go(func() error { return notices(ctx, a.engine, a.log) })
	g.Go(func() error {
		for _, arg := range add {
			if _, err := a.engine.Add(ctx, swarm.Add{Source: sourceOf(arg)}); err != nil && !errors.Is(err, engine.ErrKnown) {
				a.log.Error("not added", "source", arg, "err", err)
			}
		}
		return nil
	})
	return g.Wait()
}

// sourceOf tells files, addresses and magnet links apart.
func sourceOf(arg string) swarm.Source {
	lower := strings.ToLower(arg)
	switch {
	case strings.HasPrefix(lower, "magnet:"):
		return swarm.Source{Magnet: arg}
	case strings.HasPrefix(lower, "http://"), strings.HasPrefix(lower, "https://"):
		return swarm.Source{URL: arg}
	}
	return swarm.Source{File: arg}
}

// close closes what open opened, in reverse.
func (a *App) close() error {
	var err error
	if a.logFile != nil {
		err = errors.Join(err, a.logFile.Close())
	}
	if a.lock != nil {
		err = errors.Join(err, a.lock.Unlock())
	}
	return err
}
