package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

// TestMain lets the test binary be a session that can be killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("SWARMBID_TEST_SESSION"); dir != "" {
		childSession(dir)
		return
	}
	os.Exit(m.Run())
}

// childSession runs a session, says where it listens and reports its first torrent
// until it is killed or its standard input ends.
func childSession(dir string) {
	cfg := childConfig(dir)
	e, err := New(cfg)
	if err != nil {
		fmt.Fprintln(os.Stdout, "error", err)
		os.Exit(1)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		in := bufio.NewScanner(os.Stdin)
		for in.Scan() {
			verb, arg, _ := strings.Cut(in.Text(), " ")
			var err error
			switch verb {
			case "add":
				_, err = e.Add(ctx, swarm.Add{Source: swarm.Source{File: arg}})
			case "peer":
				if s := e.Snapshot(); len(s.Torrents) > 0 {
					err = e.AddPeer(ctx, s.Torrents[0].InfoHash, arg)
				}
			}
			if err != nil && !errors.Is(err, ErrKnown) {
				fmt.Fprintln(os.Stdout, "error", err)
			}
		}
		cancel()
	}()
	go func() {
		for range e.Changed() {
			s := e.Snapshot()
			for _, t := range s.Torrents {
				fmt.Fprintln(os.Stdout, "row", t.State, t.Completed, t.Size, t.Downloaded, t.Wasted, s.Totals.Downloaded)
			}
		}
	}()
	if err := e.Run(ctx); err != nil {
		fmt.Fprintln(os.Stdout, "error", err)
		os.Exit(1)
	}
}

func childConfig(dir string) Config {
	c := DefaultConfig()
	c.DataDir, c.DownloadDir, c.Version = dir+"/data", dir+"/files", "0.1.0"
	c.Listen = localhost()
	c.DHT, c.PEX, c.LSD, c.PortMap, c.IPv6 = false, false, false, false, false
	return c
}

// child is such a session in a process of its own.
type child struct {
	t    *testing.T
	cmd  *exec.Cmd
	in   *bufio.Writer
	rows chan childRow
}

type childRow struct {
	state                                    string
	completed, size, downloaded, wasted, run int64
}

func spawn(t *testing.T, dir string) *child {
	t.Helper()
	c := &child{t: t, rows: make(chan childRow, 1000)}
	c.cmd = exec.Command(os.Args[0])
	c.cmd.Env = append(os.Environ(), "SWARMBID_TEST_SESSION="+dir)
	in, err1 := c.cmd.StdinPipe()
	out, err2 := c.cmd.StdoutPipe()
	c.cmd.Stderr = os.Stderr
	if err := errors.Join(err1, err2, c.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	c.in = bufio.NewWriter(in)
	go func() {
		defer close(c.rows)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var r childRow
			s := strings.ReplaceAll(lines.Text(), "queued seed", "queued-seed")
			if n, _ := fmt.Sscanf(s, "row %s %d %d %d %d %d", &r.state, &r.completed, &r.size, &r.downloaded, &r.wasted, &r.run); n == 6 {
				c.rows <- r
			} else if strings.HasPrefix(s, "error") {
				t.Error(s)
			}
		}
	}()
	return c
}

func (c *child) say(words ...string) {
	c.t.Helper()
	if _, err := fmt.Fprintln(c.in, strings.Join(words, " ")); err != nil {
		c.t.Fatal(err)
	}
	if err := c.in.Flush(); err != nil {
		c.t.Fatal(err)
	}
}

// until reads rows until one pleases ok; it returns the last one seen and whether
// it did.
func (c *child) until(ctx context.Context, ok func(childRow) bool) (last childRow, found bool) {
	for {
		select {
		case r, open := <-c.rows:
			if !open {
				return last, false
			}
			last = r
			if ok(r) {
				return r, true
			}
		case <-ctx.Done():
			return last, false
		}
	}
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
	for range c.rows { // until the reader has ended
	}
}

// TestKilledTwentyTimes kills a downloading session at random moments. It must
// complete, byte for byte, and never lose more than the pieces in flight: what was
// shown as verified a second before the kill is there at once after the start.
func TestKilledTwentyTimes(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 3
	}
	p := payload(t, 48<<20)
	cfg := testConfig(t, t.TempDir())
	cfg.UpLimit = 6 << 20
	a := run(t, cfg)
	a.seed(p)
	dir := t.TempDir()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	var got int64 // payload of all runs
	safe := int64(0)
	for n := range kills + 1 {
		c := spawn(t, dir)
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		c.say("add", p.File)
		first, ok := c.until(ctx, func(r childRow) bool { return r.size > 0 && r.state != "queued" && r.state != "checking" })
		if !ok {
			t.Fatalf("run %d: did not come up, last row %+v", n, first)
		}
		if first.completed < safe {
			t.Fatalf("run %d: %d bytes were verified before the kill, now %d", n, safe, first.completed)
		}
		c.say("peer", a.addr())
		if n == kills {
			last, ok := c.until(ctx, func(r childRow) bool { return r.state == "seeding" })
			if !ok {
				t.Fatalf("never completed: %+v", last)
			}
			got += last.run
			cancel()
			c.kill()
			break
		}
		until := time.Now().Add(time.Duration(500+r.IntN(1500)) * time.Millisecond)
		var prev childRow
		last, _ := c.until(ctx, func(r childRow) bool {
			if time.Now().After(until) || r.state == "seeding" {
				return true
			}
			prev = r
			return false
		})
		c.kill()
		cancel()
		safe, got = prev.completed, got+last.run
	}
	if err := p.Compare(filepath.Join(dir, "files"), true); err != nil {
		t.Fatal(err)
	}
	// A piece in flight may be fetched again each time, and up to a second's worth
	// of rows was not seen; a lost bitfield would cost many times that.
	if lost := got - p.Size; lost > int64(kills)*4<<20 {
		t.Errorf("%d MiB were downloaded for %d MiB", got>>20, p.Size>>20)
	}
	t.Logf("%d kills: %.1f MiB downloaded for %.1f MiB", kills, float64(got)/(1<<20), float64(p.Size)/(1<<20))
}

func TestRestart(t *testing.T) {
	p, q := payload(t, 4<<20), mixed(t)
	cfg := testConfig(t, t.TempDir())
	a := run(t, cfg)
	ctx := t.Context()
	a.seed(p)
	a.add(swarm.Add{Source: swarm.Source{File: q.File}, Stopped: true, Label: "later", Top: true})
	err := errors.Join(
		a.SetPriority(ctx, q.InfoHash, swarm.Skip, 2), a.SetOrder(ctx, q.InfoHash, true, true),
		a.SetLimits(ctx, swarm.Limits{Down: 1000, Up: 2000}, q.InfoHash),
		a.SetTrackers(ctx, q.InfoHash, [][]string{{"http://127.0.0.1:1/announce"}}),
	)
	if err != nil {
		t.Fatal(err)
	}
	before := a.wait(q.InfoHash, "labelled", func(r *swarm.Torrent) bool { return r.Label == "later" && r.UpLimit == 2000 })
	if err := a.stop(); err != nil {
		t.Fatal(err)
	}
	b := run(t, cfg)
	after := b.wait(q.InfoHash, "back", func(r *swarm.Torrent) bool { return r.State == swarm.Stopped })
	before.Added, after.Added = before.Added.Round(0), after.Added.Round(0)
	if !before.Added.Equal(after.Added) {
		t.Errorf("added %v, then %v", before.Added, after.Added)
	}
	before.Added = after.Added
	if before != after {
		t.Errorf("before the restart %+v\nafter it %+v", before, after)
	}
	d, err := b.Details(ctx, q.InfoHash, swarm.PartFiles|swarm.PartTrackers)
	if err != nil || d.Files[2].Priority != swarm.Skip || len(d.Trackers) != 4 {
		t.Errorf("details %+v, %v", d, err)
	}
	r := b.wait(p.InfoHash, "seeding", func(r *swarm.Torrent) bool { return r.State == swarm.Seeding || r.State == swarm.Checking })
	if r.State == swarm.Checking {
		t.Error("verified data is checked again after a clean stop")
	}
}

// TestKept damages one torrent's records and data; nothing happens to the other.
func TestKept(t *testing.T) {
	p, q := payload(t, 2<<20), mixed(t)
	cfg := testConfig(t, t.TempDir())
	a := run(t, cfg)
	a.seed(p)
	a.seed(q)
	if err := a.stop(); err != nil {
		t.Fatal(err)
	}
	records, err := filepath.Glob(filepath.Join(cfg.DataDir, "session", p.InfoHash.String()+".*"))
	if err != nil || len(records) < 3 {
		t.Fatalf("records %v, %v", records, err)
	}
	for _, f := range records {
		if strings.HasSuffix(f, ".torrent") {
			continue
		}
		if err := os.WriteFile(f, []byte("damaged"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b := run(t, cfg)
	b.wait(q.InfoHash, "the other one seeds", seeding)
	b.wait(p.InfoHash, "the damaged one is there", func(*swarm.Torrent) bool { return true })
}
