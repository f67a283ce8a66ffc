package main

import (
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"swarmbid/engine/swarm"
)

// TestActTwo plays the act in which money moves: three clients of ours and aria2, the
// seed, a chain and its escrow. market fails unless every µBTT reconciles.
func TestActTwo(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute and needs aria2")
	}
	dir := t.TempDir()
	running, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var out strings.Builder
	w := &world{out: io.MultiWriter(&out, os.Stderr), stop: stop, engines: &errgroup.Group{}, running: running, scene: make(chan swarm.InfoHash, 1)}
	defer func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	}()
	src := filepath.Join(dir, "seed")
	if err := os.MkdirAll(src, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := w.openSeed(running, dir, src, options{limit: 4096}); err != nil {
		t.Fatal(err)
	}
	if err := w.market(t.Context(), running, dir); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "Every µBTT is where it should be: 4 ledgers") {
		t.Error("no verdict")
	}
	t.Logf("the greatest deviation from the prediction is %.1f %%", 100*w.off)
	if w.off > 3*marketOff { // on a machine that does other things meanwhile
		t.Errorf("measured and predicted differ by %.1f %%", 100*w.off)
	}
}

// TestPredict: alone each would take size/limit; together the highest bid waits for
// nobody but the free share, and the sum of what is sent is the limit.
func TestPredict(t *testing.T) {
	got := predict([]float64{100, 100, 100}, 10)
	// 80 % and 2 × 10 % until the third is done, then 80 % and 20 %, then all.
	want := []float64{30, 12.5 + (100-12.5)/8, 12.5}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 0.05 {
			t.Errorf("%d is done after %.2f, want %.2f", i, got[i], want[i])
		}
	}
}
