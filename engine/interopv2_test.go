package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

// TestInteropV2 exchanges hybrid and v2-only torrents (BEP 52) with libtorrent.
// It asks for whole blocks where a file ends inside a piece.
func TestInteropV2(t *testing.T) {
	needsPrograms(t)
	for _, only := range []bool{false, true} {
		r := lab.Recipe{Dir: t.TempDir(), Name: "v2 ü", Seed: 3, PieceLen: 64 << 10, Files: []lab.PayloadFile{
			{Path: "a.bin", Size: 3<<20 + 5}, {Path: "b/c.bin", Size: 100}, {Path: "b/d é.bin", Size: 1<<20 + 16385}, {Path: "e", Size: 65537},
		}}
		p, err := r.MakeV2(t.Context(), t.TempDir(), only)
		if err != nil {
			t.Fatal(err)
		}
		for _, oursSeeds := range []bool{false, true} {
			t.Run(fmt.Sprintf("v2 only %t, ours seeds %t", only, oursSeeds), func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
				defer cancel()
				seed, leech := begin(t, lab.StartLibtorrent, lab.Options{}), begin(t, startOurs, lab.Options{})
				if oursSeeds {
					seed, leech = leech, seed
				}
				if err := lab.Seed(ctx, seed, p, p.Dir); err != nil {
					t.Fatal(err)
				}
				dir := t.TempDir()
				if err := leech.Add(ctx, p.File, dir); err != nil {
					t.Fatal(err)
				}
				if err := ready(ctx, leech, p); err != nil {
					t.Fatal(err)
				}
				if err := leech.AddPeer(ctx, p.InfoHash, seed.Addr()); err != nil {
					t.Fatal(err)
				}
				if err := lab.Complete(ctx, leech, p.InfoHash); err != nil {
					t.Fatal(err)
				}
				if err := p.Compare(dir, true); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
