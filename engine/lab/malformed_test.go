package lab_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

// TestMalformed shows that the list can be sent, that its names are unique, and
// that a mature client survives it, drops what is marked fatal and serves a good
// peer all the while.
func TestMalformed(t *testing.T) {
	needsPrograms(t)
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
	defer cancel()
	p := mustMake(t, lab.OneFile(t.TempDir(), 5<<20+1234))
	seed := run(t, program(t, "libtorrent"), lab.Options{Up: 1 << 20})
	if err := lab.Seed(ctx, seed, p, p.Dir); err != nil {
		t.Fatal(err)
	}
	good, err := lab.Leech(ctx, seed.Addr(), lab.LeecherConfig{Hello: lab.Hello{Reserved: lab.Reserved(true, true, false)}, Shape: p.Shape()})
	if err != nil {
		t.Fatal(err)
	}
	defer good.Close()
	list := lab.Malformed(p.Shape())
	names := map[string]bool{}
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	var mu sync.Mutex
	kept := []string{}
	for _, m := range list {
		if names[m.Name] {
			t.Errorf("two of the name %q", m.Name)
		}
		names[m.Name] = true
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			within, stop := context.WithTimeout(ctx, 20*time.Second)
			defer stop()
			closed, err := m.Attack(within, seed.Addr(), p.Shape(), time.Second/2)
			if err != nil {
				t.Errorf("%s: %v", m.Name, err)
			}
			if m.Fatal && !closed {
				mu.Lock()
				kept = append(kept, m.Name)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(list) < 200 || len(kept) > 0 {
		t.Errorf("%d entries; fatal ones that libtorrent forgives: %q", len(list), kept)
	}
	before := good.Counts()
	if err := lab.Until(ctx, func() (bool, error) { return good.Counts().Blocks > before.Blocks, nil }); err != nil || before.Blocks == 0 {
		t.Errorf("the good peer is no longer served: %v, %+v", err, good.Counts())
	}
	if _, err := seed.Progress(ctx, p.InfoHash); err != nil {
		t.Errorf("libtorrent did not survive: %v", err)
	}
}
