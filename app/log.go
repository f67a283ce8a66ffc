package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"swarmbid/engine"
	"swarmbid/engine/swarm"
)

// maxLog is the size at which the log file of an earlier run is put aside, in
// bytes; one earlier file is kept.
const maxLog = 4 << 20

// openLog opens log/swarmbid.log and joins it with the window's log. A folder that
// cannot be written to costs the file, not the program.
func (a *App) openLog() error {
	a.log = slog.New(a.book)
	if err := os.MkdirAll(a.paths.Log, 0o700); err != nil {
		return fmt.Errorf("create the log folder: %w", err)
	}
	name := filepath.Join(a.paths.Log, "swarmbid.log")
	if st, err := os.Stat(name); err == nil && st.Size() > maxLog {
		if err := os.Rename(name, name+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("put the log aside: %w", err)
		}
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	a.logFile = f
	a.log = slog.New(fanOut{a.book, slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelInfo})})
	return nil
}

// fanOut hands every record to two handlers.
type fanOut struct{ a, b slog.Handler }

// Enabled implements slog.Handler.
func (f fanOut) Enabled(ctx context.Context, l slog.Level) bool {
	return f.a.Enabled(ctx, l) || f.b.Enabled(ctx, l)
}

// Handle implements slog.Handler.
func (f fanOut) Handle(ctx context.Context, r slog.Record) error {
	var err error
	for _, h := range []slog.Handler{f.a, f.b} {
		if h.Enabled(ctx, r.Level) {
			err = errors.Join(err, h.Handle(ctx, r.Clone()))
		}
	}
	return err
}

// WithAttrs implements slog.Handler.
func (f fanOut) WithAttrs(as []slog.Attr) slog.Handler {
	return fanOut{f.a.WithAttrs(as), f.b.WithAttrs(as)}
}

// WithGroup implements slog.Handler.
func (f fanOut) WithGroup(name string) slog.Handler {
	return fanOut{f.a.WithGroup(name), f.b.WithGroup(name)}
}

// notices writes the facts of engine and feeds into the log until ctx ends.
func notices(ctx context.Context, e *engine.Engine, found <-chan swarm.FeedAdded, log *slog.Logger, announce func(swarm.Event)) error {
	for {
		var ev swarm.Event
		select {
		case <-ctx.Done():
			return nil
		case ev = <-e.Events():
		case ev = <-found:
		}
		level, line := words(ev)
		log.Log(ctx, level, line)
		if announce != nil {
			announce(ev)
		}
	}
}

// words is how a fact reads in the log.
func words(ev swarm.Event) (slog.Level, string) {
	switch ev := ev.(type) {
	case swarm.TorrentAdded:
		return slog.LevelInfo, "Added " + ev.Name
	case swarm.TorrentDone:
		return slog.LevelInfo, "Finished " + ev.Name
	case swarm.GoalReached:
		return slog.LevelInfo, map[swarm.GoalAction]string{
			swarm.GoalStop: "Seeding goal reached, stopped ", swarm.GoalLimit: "Seeding goal reached, uploads slowly ", swarm.GoalRemove: "Seeding goal reached, removed from the list ",
		}[ev.Action] + ev.Name
	case swarm.MoveFailed:
		return slog.LevelError, "Not moved to " + ev.Dir + ": " + ev.Name + ": " + ev.Reason
	case swarm.TorrentFailed:
		return slog.LevelError, "Stopped " + ev.Name + ": " + ev.Reason
	case swarm.PeerDropped:
		return slog.LevelInfo, "Dropped peer " + ev.Addr + " " + ev.Client + ": " + ev.Reason
	case swarm.PortTaken:
		return slog.LevelWarn, fmt.Sprintf("Port %d is taken, listening on %d instead: %s", ev.Wanted, ev.Got, ev.Reason)
	case swarm.FeedAdded:
		return slog.LevelInfo, "Added " + ev.Title + " of the feed " + ev.Feed
	case swarm.WatchFailed:
		return slog.LevelWarn, "Not added " + ev.File + ": " + ev.Reason
	}
	return slog.LevelInfo, fmt.Sprintf("%T", ev)
}
