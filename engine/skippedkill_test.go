package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
)

// alternating is a torrent of many small files of which every second one is unwanted,
// so that nearly every piece reaches into one.
func alternating(t *testing.T) *lab.Payload {
	t.Helper()
	const piece = 64 << 10
	r := lab.Recipe{Dir: t.TempDir(), Name: "bag", Seed: 5, PieceLen: piece}
	for i := range 60 {
		dir := "wanted"
		if i%2 == 1 {
			dir = "other"
		}
		r.Files = append(r.Files, lab.PayloadFile{Path: dir + "/" + string(rune('a'+i%26)) + string(rune('a'+i/26)), Size: int64(100_000 + 7_777*(i%13))})
	}
	p, err := r.Make()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestKilledWithUnwantedFiles kills a session that keeps what arrives for unwanted
// files in the part file: nothing verified is lost, no unwanted file is made, and when
// they are wanted after all every byte is where it belongs.
func TestKilledWithUnwantedFiles(t *testing.T) {
	t.Parallel()
	const kills = 8
	ctx, cancel := context.WithTimeout(t.Context(), 120*time.Second)
	defer cancel()
	p := alternating(t)
	seed, err := startOurs(ctx, lab.Options{Dir: t.TempDir(), Up: 350 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer seed.Close()
	if err := lab.Seed(ctx, seed, p, p.Dir); err != nil {
		t.Fatal(err)
	}
	dir, save := t.TempDir(), t.TempDir()
	other := func() []os.DirEntry { list, _ := os.ReadDir(filepath.Join(save, p.Name, "other")); return list }
	var safe int64
	for n := range kills {
		c, err := startChildWithout(ctx, lab.Options{Dir: dir}, "other/")
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			if err := c.Add(ctx, p.File, save); err != nil {
				t.Fatal(err)
			}
		}
		begun := int64(-1)
		err = lab.Until(ctx, func() (bool, error) {
			g, err := c.Progress(ctx, p.InfoHash)
			if err != nil || g.State != "downloading" && !g.Complete {
				return false, err
			}
			if begun < 0 {
				if begun = g.Done; begun < safe {
					t.Errorf("life %d: %d verified bytes are no longer so", n, safe-begun)
				}
				return false, c.AddPeer(ctx, p.InfoHash, seed.Addr())
			}
			safe = g.Done
			return g.Done >= begun+128<<10 || g.Complete, nil
		})
		if err != nil {
			t.Fatalf("life %d: %v\n%s", n, err, lab.Tail(c.Log(), 20))
		}
		if err := c.Close(); err != nil { // kill -9
			t.Fatal(err)
		}
		if list := other(); len(list) > 0 {
			t.Fatalf("life %d: %d unwanted files were made", n, len(list))
		}
	}
	t.Logf("%d kills, %d bytes verified", kills, safe)
	wantAll(ctx, t, p, dir, seed)
	if err := p.Compare(save, true); err != nil {
		t.Error(err)
	}
	if parts, _ := filepath.Glob(filepath.Join(save, ".*.parts")); len(parts) > 0 {
		t.Errorf("%v is left", parts)
	}
}

// wantAll goes on in this process: the wanted files complete, then the others.
func wantAll(ctx context.Context, t *testing.T, p *lab.Payload, dir string, seed lab.Client) {
	t.Helper()
	if err := seed.SetLimits(ctx, 0, 0); err != nil {
		t.Fatal(err)
	}
	c, err := startOurs(ctx, lab.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	complete := func(what string, all bool) {
		err := lab.Until(ctx, func() (bool, error) {
			for _, r := range c.(*ours).Snapshot().Torrents {
				if r.State == swarm.Errored {
					t.Fatalf("%s: %s", what, r.Error)
				}
				if r.State == swarm.Seeding && r.Completed == r.Wanted && (r.Wanted == r.Size) == all {
					return true, nil
				}
			}
			return false, c.AddPeer(ctx, p.InfoHash, seed.Addr())
		})
		if err != nil {
			t.Fatalf("%s: %v\n%s", what, err, lab.Tail(c.Log(), 20))
		}
	}
	complete("the wanted files", false)
	if err := c.(*ours).SetPriority(ctx, p.InfoHash, swarm.Normal); err != nil {
		t.Fatal(err)
	}
	complete("all files", true)
}
