package lab_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

// TestServe drives the library in another process by the lab's own protocol.
func TestServe(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	p := mustMake(t, small(t.TempDir()))
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	self := lab.Program{Name: "served", Start: func(ctx context.Context, o lab.Options) (lab.Client, error) {
		return lab.StartRemote(ctx, lab.Remote{Name: "served", Path: exe, Env: []string{serveEnv + "=1"}}, o)
	}}
	seed := run(t, self, lab.Options{})
	leech := run(t, self, lab.Options{Transport: lab.UTP, Encryption: lab.Require})
	if seed.PID() == leech.PID() || seed.PID() == os.Getpid() || seed.Addr() == leech.Addr() {
		t.Fatalf("%d at %v and %d at %v", seed.PID(), seed.Addr(), leech.PID(), leech.Addr())
	}
	if _, err := leech.Progress(ctx, p.InfoHash); !errors.Is(err, lab.ErrUnknownTorrent) {
		t.Errorf("progress of nothing: %v", err)
	}
	if err := leech.Add(ctx, p.File+".not", ""); err == nil || errors.Is(err, lab.ErrUnknownTorrent) {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := lab.Seed(ctx, seed, p, p.Dir); err != nil {
		t.Fatal(err)
	}
	if err := leech.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := leech.Progress(ctx, p.InfoHash); err == nil {
		t.Error("a closed program answers")
	}
	leech = run(t, self, lab.Options{Encryption: lab.Require})
	dir := t.TempDir()
	if err := leech.AddMagnet(ctx, p.Magnet(nil, seed.Addr()), dir); err != nil {
		t.Fatal(err)
	}
	if err := leech.SetLimits(ctx, 1<<20, 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := lab.Complete(ctx, leech, p.InfoHash); err != nil {
		t.Fatal(err)
	}
	if g, err := seed.Progress(ctx, p.InfoHash); err != nil || g.Uploaded < p.Size || !g.Complete {
		t.Errorf("the seed says %+v, %v", g, err)
	}
	if peers, err := seed.Peers(ctx, p.InfoHash); err != nil || len(peers) > 1 {
		t.Errorf("peers %+v, %v", peers, err)
	}
	if err := p.Compare(dir, true); err != nil {
		t.Error(err)
	}
}
