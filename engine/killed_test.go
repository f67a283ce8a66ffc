package engine_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

// readBytes is how much a process has read by system calls so far, sockets left
// out: Go receives by read(2) as well, so the payload is taken off by the caller.
func readBytes(t *testing.T, pid int) int64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		var n int64
		if k, _ := fmt.Sscanf(line, "rchar: %d", &n); k == 1 {
			return n
		}
	}
	t.Fatalf("no rchar in %s", b)
	return 0
}

// TestKilledWhileLibtorrentSeeds kills our session twenty times (BEP 3's «resume»
// is nobody's standard, so libtorrent is the witness): after each start it has what
// it had verified, reads next to nothing of it again, and in the end libtorrent has
// sent hardly more than the torrent.
func TestKilledWhileLibtorrentSeeds(t *testing.T) {
	needsPrograms(t)
	t.Parallel()
	const (
		kills  = 20
		stride = 1 << 20 // downloaded in each life, at least; rows come once a second
		flight = 4 << 20 // bound of what one kill may cost
	)
	ctx, cancel := context.WithTimeout(t.Context(), 120*time.Second)
	defer cancel()
	p, err := lab.MixedFiles(t.TempDir()).Make()
	if err != nil {
		t.Fatal(err)
	}
	seed := begin(t, lab.StartLibtorrent, lab.Options{Up: 2 << 20})
	if err := lab.Seed(ctx, seed, p, p.Dir); err != nil {
		t.Fatal(err)
	}
	dir, save := t.TempDir(), t.TempDir()
	var safe, reread, lost int64
	for n := range kills + 1 {
		c, err := startChild(ctx, lab.Options{Dir: dir})
		if err != nil {
			t.Fatalf("life %d: %v", n, err)
		}
		if n == 0 {
			err = c.Add(ctx, p.File, save)
		}
		var g lab.Progress
		if err == nil {
			err = lab.Until(ctx, func() (bool, error) {
				g, err = c.Progress(ctx, p.InfoHash)
				return g.State == "downloading", err
			})
		}
		if err != nil {
			t.Fatalf("life %d does not begin to download: %v, %+v\n%s", n, err, g, lab.Tail(c.Log(), 20))
		}
		if g.Done < safe {
			lost += safe - g.Done
			t.Errorf("life %d: %d verified bytes are no longer so", n, safe-g.Done)
		}
		if n > 0 {
			reread += readBytes(t, c.PID()) // before the first peer
		}
		begun := g.Done
		if err := c.AddPeer(ctx, p.InfoHash, seed.Addr()); err != nil {
			t.Fatal(err)
		}
		if n == kills {
			if err := seed.SetLimits(ctx, 0, 0); err != nil {
				t.Fatal(err)
			}
			if err := lab.Complete(ctx, c, p.InfoHash); err != nil {
				t.Fatal(err)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			break
		}
		err = lab.Until(ctx, func() (bool, error) {
			g, err := c.Progress(ctx, p.InfoHash)
			safe = g.Done
			return g.Done >= begun+stride || g.Complete, err
		})
		if err != nil {
			t.Fatalf("life %d: %v", n, err)
		}
		if err := c.Close(); err != nil { // kill -9
			t.Fatal(err)
		}
	}
	if err := p.Compare(save, true); err != nil {
		t.Error(err)
	}
	g, err := seed.Progress(ctx, p.InfoHash)
	if err != nil {
		t.Fatal(err)
	}
	const mib = 1 << 20
	t.Logf("%d kills: libtorrent sent %.1f MiB for %.1f MiB; %.1f MiB were read at the starts", kills, float64(g.Uploaded)/mib, float64(p.Size)/mib, float64(reread)/mib)
	if g.Uploaded > p.Size+kills*flight || reread > kills*flight {
		t.Errorf("more than %d MiB a kill", flight/mib)
	}
}
