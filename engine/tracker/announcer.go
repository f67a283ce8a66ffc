package tracker

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// The errors of the commands.
var (
	// ErrUnknown: the torrent was not added, or was removed.
	ErrUnknown = errors.New("tracker: no such torrent")
	// ErrTooSoon: the tracker asked for more time between announces.
	ErrTooSoon = errors.New("tracker: too soon to ask again")
	// ErrClosed: Run has ended or is about to.
	ErrClosed = errors.New("tracker: announcer is closed")
)

// Announcer tells trackers about torrents and asks them for peers. Create it with
// New and start Run once; commands wait until Run takes them, which it does at once.
// All methods are safe for concurrent use.
type Announcer struct {
	cfg    Config
	client *client
	cmds   chan func(*state)
	closed chan struct{} // closed when no command is taken any more
	hasty  atomic.Bool   // nobody is told at the end of Run
	policy atomic.Pointer[Policy]
}

// New returns an Announcer, or the error of cfg.Validate.
func New(cfg Config) (*Announcer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	a := &Announcer{
		cfg:    cfg.withDefaults(),
		cmds:   make(chan func(*state)),
		closed: make(chan struct{}),
	}
	a.client = newClient(&a.cfg)
	a.policy.Store(&Policy{})
	return a, nil
}

// Run announces until ctx ends. It then breaks off what is under way, tells every
// tracker that heard started that we stopped, for Config.StopTimeout in all,
// unless SetFarewell was against it, and returns nil. It may be called once.
func (a *Announcer) Run(ctx context.Context) error {
	stopCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	jobs := make(chan job)
	results := make(chan result)
	var pool sync.WaitGroup
	for range a.cfg.Parallel {
		pool.Go(func() {
			for j := range jobs {
				if j.kind == stopJob {
					results <- a.do(stopCtx, j)
				} else {
					results <- a.do(ctx, j)
				}
			}
		})
	}
	s := newState(&a.cfg)
	a.loop(ctx, s, jobs, results)
	close(a.closed)
	s.close(time.Now())
	if !a.hasty.Load() {
		a.finish(s, jobs, results)
	}
	cancel()
	close(jobs)
	for ; s.flying > 0; s.flying-- {
		<-results
	}
	pool.Wait()
	a.client.close()
	return nil
}

// SetFarewell says whether trackers are told at the end of Run that we stop; at first
// they are. A torrent that is removed or stopped before is told of in any case.
func (a *Announcer) SetFarewell(on bool) { a.hasty.Store(!on) }

// loop owns s until ctx ends.
func (a *Announcer) loop(ctx context.Context, s *state, jobs chan<- job, results <-chan result) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		now := time.Now()
		s.beginDue(now)
		if d, ok := s.nextDue(now); ok {
			timer.Reset(d)
		} else {
			timer.Stop()
		}
		var out chan<- job
		j, ok := s.head(now)
		if ok {
			out = jobs
		}
		select {
		case out <- j:
			s.taken(j)
		case r := <-results:
			s.handle(r, time.Now())
		case f := <-a.cmds:
			f(s)
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

// finish carries out the stop jobs of a closed s and collects what is under way,
// until all is done or the time is over.
func (a *Announcer) finish(s *state, jobs chan<- job, results <-chan result) {
	over := time.NewTimer(a.cfg.StopTimeout)
	defer over.Stop()
	for {
		j, ok := s.head(time.Now())
		if !ok && s.flying == 0 {
			return
		}
		var out chan<- job
		if ok {
			out = jobs
		}
		select {
		case out <- j:
			s.taken(j)
		case r := <-results:
			s.handle(r, time.Now())
		case <-over.C:
			a.cfg.Log.Debug("trackers not told that we stop", "left", s.bye.left+s.flying)
			return
		}
	}
}

// command runs f on the owner's goroutine and waits for it.
func (a *Announcer) command(ctx context.Context, f func(*state)) error {
	done := make(chan struct{})
	select {
	case <-a.closed:
		return ErrClosed
	default:
	}
	select {
	case a.cmds <- func(s *state) { defer close(done); f(s) }:
		<-done
		return nil
	case <-a.closed:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
