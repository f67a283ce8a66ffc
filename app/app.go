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
	"swarmbid/engine/feed"
	"swarmbid/engine/swarm"
	"swarmbid/ui"
	"swarmbid/ui/desktop"
)

// errRunning is returned when another process has the data folder.
var errRunning = errors.New("Swarmbid runs already with this data folder") //nolint:staticcheck // begins with a name

// bookLines is how many lines the window's log keeps.
const bookLines = 2000

// App is the program with every part opened. Tests open and run it as main does.
type App struct {
	paths    settings.Paths
	lock     *flock.Flock
	claim    *desktop.Instance
	crash    *desktop.CrashFile
	logFile  *os.File
	log      *slog.Logger
	book     *ui.LogBook
	settings *settings.Store
	engine   *engine.Engine
	purse    *purse
	payments *payments
	feeds    *feed.Reader
	found    chan swarm.FeedAdded // by filters of feeds, to be told

	// atEnd is done when everything is closed; nil = nothing.
	atEnd func(context.Context) error
}

// start is main without the command line.
func start(ctx context.Context, o options) (err error) {
	p, err := program()
	if err != nil {
		return err
	}
	paths, err := locate(o)
	if err != nil {
		return err
	}
	if o.desktop != "" {
		return desktop.Do(ctx, o.desktop, p, paths.Root)
	}
	claim, err := desktop.Acquire(ctx, p.Name, paths.Root, message(o))
	if errors.Is(err, desktop.ErrHandedOff) {
		return nil
	}
	if err != nil {
		return err
	}
	if !o.headless {
		if err := checkGL(claim, systemLanguage()); err != nil {
			if errors.Is(err, desktop.ErrHandedOff) {
				return nil // goes on as another process
			}
			return errors.Join(err, claim.Close())
		}
	}
	var atEnd func(context.Context) error
	defer func() {
		if atEnd != nil && err == nil {
			err = atEnd(context.WithoutCancel(ctx))
		}
	}()
	defer func() { err = errors.Join(err, claim.Close()) }()
	a, err := open(o)
	if err != nil {
		return err
	}
	a.claim = claim
	defer func() { err = errors.Join(err, a.close()) }()
	if o.headless {
		return a.runHeadless(ctx, absolute(message(o).Dir, o.open))
	}
	err = a.runWindow(ctx, o)
	atEnd = a.atEnd
	return err
}

// locate finds the data folder, that of the original for the copy that draws by
// software.
func locate(o options) (settings.Paths, error) {
	exe, err := desktop.Executable()
	if err != nil {
		return settings.Paths{}, err
	}
	return settings.Locate(settings.Places{Data: o.data, Executable: filepath.Dir(exe)})
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
	if a.paths, err = locate(o); err != nil {
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
	if a.crash, err = desktop.OpenCrashFile(a.paths.Crash); err != nil {
		return nil, err
	}
	if err = a.openLog(); err != nil {
		return nil, err
	}
	if a.crash.Report != "" {
		a.log.Warn("the program crashed in its last run; please report it", "report", a.crash.Kept)
	}
	if err = a.openSettings(); err != nil {
		return nil, err
	}
	a.purse = newPurse(a.paths, a.settings, a.log)
	a.payments = newPayments(a.settings, a.log)
	cfg := engineConfig(a.settings.Get(), a.paths, a.log)
	cfg.Settings, cfg.Broker = a.payments.apply(cfg.Settings), &a.payments.counter
	if a.engine, err = engine.New(cfg); err != nil {
		return nil, err
	}
	a.purse.engine = a.engine
	a.payments.join(a.engine, a.purse)
	if err = a.openFeeds(); err != nil {
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
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	a.purse.start = func(run func(context.Context) error) { g.Go(func() error { return run(ctx) }) }
	g.Go(func() error { return a.engine.Run(ctx) })
	g.Go(func() error { return a.payments.restore(ctx) })
	g.Go(func() error { return a.claim.Run(ctx) })
	g.Go(func() error { return a.obey(ctx, cancel) })
	g.Go(func() error { return a.runPrograms(ctx) })
	g.Go(func() error { return a.feeds.Run(ctx) })
	g.Go(func() error { return notices(ctx, a.engine, a.found, a.log, nil) })
	g.Go(func() error {
		a.add(ctx, add)
		return nil
	})
	return g.Wait()
}

// add adds what a command line names.
func (a *App) add(ctx context.Context, args []string) {
	for _, arg := range args {
		if _, err := a.engine.Add(ctx, swarm.Add{Source: sourceOf(arg)}); err != nil && !errors.Is(err, engine.ErrKnown) {
			a.log.Error("not added", "source", arg, "err", err)
		}
	}
}

// obey carries out what later starts hand to a program without a window.
func (a *App) obey(ctx context.Context, quit func()) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-a.claim.Messages():
			if m.Quit {
				quit()
				return nil
			}
			a.add(ctx, absolute(m.Dir, m.Args))
		}
	}
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
	if a.crash != nil {
		err = errors.Join(err, a.crash.Close())
	}
	if a.logFile != nil {
		err = errors.Join(err, a.logFile.Close())
	}
	if a.lock != nil {
		err = errors.Join(err, a.lock.Unlock())
	}
	return err
}
