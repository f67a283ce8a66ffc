package hook

import (
	"context"
	"errors"
	"log/slog"
	"os/exec"
)

// ErrTooMany means that too many programs run or wait already.
var ErrTooMany = errors.New("hook: too many programs run")

// Bounds of a Runner.
const (
	maxRunning = 8
	maxWaiting = 256
)

// Runner starts programs. Make it with NewRunner and run it with Run.
type Runner struct {
	log   *slog.Logger
	queue chan []string
	ended chan struct{}
}

// NewRunner returns a Runner that says in the log what it started and what became
// of it.
func NewRunner(log *slog.Logger) *Runner {
	return &Runner{log: log, queue: make(chan []string, maxWaiting), ended: make(chan struct{}, maxRunning)}
}

// Start has a program started, without waiting for it. It may be called from any
// goroutine and returns ErrTooMany when none can be taken any more.
func (r *Runner) Start(args []string) error {
	select {
	case r.queue <- args:
		return nil
	default:
		return ErrTooMany
	}
}

// Run starts what is asked for until ctx ends. Programs that still run then go on.
func (r *Runner) Run(ctx context.Context) error {
	running := 0
	for {
		queue := r.queue
		if running == maxRunning {
			queue = nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.ended:
			running--
		case args := <-queue:
			if r.start(args) {
				running++
			}
		}
	}
}

// start begins one program and reports whether it runs.
func (r *Runner) start(args []string) bool {
	cmd := exec.Command(args[0], args[1:]...) //nolint:gosec,noctx // the user's own program; it may outlive us
	if err := cmd.Start(); err != nil {
		r.log.Error("the program of the preferences cannot be started", "program", args[0], "err", err)
		return false
	}
	r.log.Info("started the program of the preferences", "args", args)
	go func() { // ends with the program
		if err := cmd.Wait(); err != nil {
			r.log.Warn("the program of the preferences has failed", "program", args[0], "err", err)
		}
		r.ended <- struct{}{}
	}()
	return true
}
