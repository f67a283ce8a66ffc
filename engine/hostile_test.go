package engine_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

// TestMalformed sends everything of lab.Malformed from real sockets to a session
// that seeds and to one that has nothing but a magnet link. The session lives, drops
// those it has to drop, says why, and goes on serving or asking a good peer.
func TestMalformed(t *testing.T) {
	t.Parallel()
	p, err := lab.OneFile(t.TempDir(), 5<<20+1234).Make()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("seeding", func(t *testing.T) {
		mine := begin(t, startOurs, lab.Options{Up: 2 << 20})
		if err := lab.Seed(t.Context(), mine, p, p.Dir); err != nil {
			t.Fatal(err)
		}
		good := leeching(t, mine, p, true, 0)
		attack(t, mine, p.Shape(), true)
		before := good.Counts()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		err := lab.Until(ctx, func() (bool, error) { return good.Counts().Blocks > before.Blocks, nil })
		if c := good.Counts(); err != nil || before.Blocks == 0 || c.Unrequested > 0 {
			t.Errorf("the good peer is no longer served: %v, %+v", err, c)
		}
		var reasons []string
		mine.(*ours).reasons.Range(func(reason, _ any) bool {
			reasons = append(reasons, reason.(string))
			return true
		})
		if slices.Contains(reasons, "") || len(reasons) < 10 {
			t.Errorf("%d reasons for drops: %q", len(reasons), reasons)
		}
	})
	t.Run("without metadata", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		mine, dir := begin(t, startOurs, lab.Options{}), t.TempDir()
		if err := mine.AddMagnet(ctx, p.Magnet(nil), dir); err != nil {
			t.Fatal(err)
		}
		attack(t, mine, p.Shape(), false)
		seed := begin(t, startOurs, lab.Options{})
		if err := lab.Seed(ctx, seed, p, p.Dir); err != nil {
			t.Fatal(err)
		}
		if err := mine.AddPeer(ctx, p.InfoHash, seed.Addr()); err != nil {
			t.Fatal(err)
		}
		if err := lab.Complete(ctx, mine, p.InfoHash); err != nil {
			t.Fatal(err)
		}
		if err := p.Compare(dir, true); err != nil {
			t.Error(err)
		}
	})
}

// attack sends the whole list, eight at a time. strict demands that the fatal ones
// be dropped: without metadata no index is out of range.
func attack(t *testing.T, c lab.Client, s lab.Shape, strict bool) {
	t.Helper()
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for _, m := range lab.Malformed(s) {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			closed, err := m.Attack(ctx, c.Addr(), s, time.Second)
			if err != nil {
				t.Errorf("%s: %v", m.Name, err)
			}
			if strict && m.Fatal && !closed {
				t.Errorf("%s: the peer is kept", m.Name)
			}
		})
	}
	wg.Wait()
}
