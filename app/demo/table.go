package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"swarmbid/engine/swarm"
)

// watch prints the table once a second until everybody has everything.
func (w *world) watch(ctx context.Context) error {
	began := time.Now()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	given := map[string]int64{} // by client name, as the seed saw it last
	for {
		left, err := w.look(ctx, began)
		if err != nil {
			return err
		}
		if err := w.given(ctx, given); err != nil {
			return err
		}
		w.print(ctx, began)
		if left == 0 {
			w.summary(began, given)
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%d leechers were not done in time: %w", left, ctx.Err())
		}
	}
}

// look asks everybody how far they are and returns how many are not done.
func (w *world) look(ctx context.Context, _ time.Time) (left int, err error) {
	for i := range w.leeches {
		l := &w.leeches[i]
		if !l.finished.IsZero() {
			continue
		}
		_, complete, err := l.progress(ctx)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", l.name, err)
		}
		if complete {
			l.finished = time.Now()
			continue
		}
		left++
	}
	return left, nil
}

// given adds what the seed has sent to each client.
func (w *world) given(ctx context.Context, into map[string]int64) error {
	d, err := w.seed.Details(ctx, w.payload.InfoHash, swarm.PartPeers)
	if err != nil {
		return err
	}
	for _, p := range d.Peers {
		into[w.nameOf(&p)] = max(into[w.nameOf(&p)], p.Uploaded)
	}
	return nil
}

func (w *world) nameOf(p *swarm.Peer) string {
	for i := range w.leeches {
		if w.leeches[i].is(p) {
			return w.leeches[i].name
		}
	}
	return p.Client
}

func (w *world) print(ctx context.Context, began time.Time) {
	t := rowOf(w.seed)
	var b strings.Builder
	fmt.Fprintf(&b, "%4.0f s  seed sends %5d KiB/s |", time.Since(began).Seconds(), t.Up>>10)
	for i := range w.leeches {
		l := &w.leeches[i]
		done, _, err := l.progress(ctx)
		if err != nil {
			continue // watch reports it at the next look
		}
		fmt.Fprintf(&b, "  %s %3.0f %%", l.name, 100*float64(done)/float64(w.payload.Size))
	}
	fmt.Fprintln(w.out, b.String())
}

func (w *world) summary(began time.Time, given map[string]int64) {
	fmt.Fprintf(w.out, "\n%-14s %10s %16s\n", "", "done after", "MiB of the seed")
	for i := range w.leeches {
		l := &w.leeches[i]
		fmt.Fprintf(w.out, "%-14s %8.1f s %16.1f\n", l.name, l.finished.Sub(began).Seconds(), float64(given[l.name])/(1<<20))
	}
	t := rowOf(w.seed)
	fmt.Fprintf(w.out, "%-14s %10s %16.1f\n\n", "sent in all", "", float64(t.Uploaded)/(1<<20))
}
