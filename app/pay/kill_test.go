package pay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/lab"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
)

// childEnv makes the test binary a station: role, folder and payload, by line.
const childEnv = "SWARMBID_PAY_CHILD"

const (
	killSize  = 64 << 20 // of the file
	killPrice = 1_000_003
	killLimit = 6 << 20 // of the seller, bytes per second, for killRounds
	// killRounds is how often one is killed; SWARMBID_PAY_KILLS changes it.
	killRounds = 12
)

func rounds() int {
	if n, err := strconv.Atoi(os.Getenv("SWARMBID_PAY_KILLS")); err == nil && n > 0 {
		return n
	}
	return killRounds
}

// TestChildStation is no test of its own: TestKill runs it in processes that it kills.
func TestChildStation(t *testing.T) {
	role, dir, ok := strings.Cut(os.Getenv(childEnv), "\n")
	if !ok {
		return
	}
	if err := childStation(t.Context(), role, dir); err != nil {
		t.Fatal(err)
	}
}

func childStation(ctx context.Context, role, dir string) error {
	p, err := lab.OneFile(filepath.Join(dir, "payload", role), killSize).Make()
	if err != nil {
		return err
	}
	change := asks(killPrice, int64(killLimit*killRounds/max(rounds(), killRounds)))
	if role == "buyer" {
		change = bids(2 * killPrice)
	}
	x, err := open(ctx, setup{name: role, dir: dir, caps: plenty(), change: change})
	if err != nil {
		return err
	}
	defer func() { _ = x.close() }()
	if role == "seed" {
		if x.row(p).InfoHash != p.InfoHash {
			err = x.seed(ctx, p)
		}
		if err == nil {
			next := filepath.Join(dir, "addr.next")
			err = errors.Join(os.WriteFile(next, []byte(x.addr()), 0o600), os.Rename(next, filepath.Join(dir, "addr")))
		}
		if err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	}
	return x.follow(ctx, p, dir)
}

// follow loads from wherever the seller is now, and says when it has everything.
func (x *station) follow(ctx context.Context, p *lab.Payload, dir string) error {
	if x.row(p).InfoHash != p.InfoHash {
		if err := x.load(ctx, p, "127.0.0.1:9"); err != nil {
			return err
		}
	}
	at := ""
	return lab.Until(ctx, func() (bool, error) {
		if b, err := os.ReadFile(filepath.Join(dir, "addr")); err == nil && string(b) != at {
			at = string(b)
			if err := x.AddPeer(ctx, p.InfoHash, at); err != nil {
				return false, err
			}
		}
		if row := x.row(p); row.Complete() {
			if err := os.WriteFile(filepath.Join(dir, "done"), nil, 0o600); err != nil {
				return false, err
			}
		}
		return false, nil
	})
}

// child is a station in a process of its own.
type child struct {
	*exec.Cmd
	out bytes.Buffer
}

func startStation(t *testing.T, role, dir string) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(os.Args[0], "-test.run=^TestChildStation$", "-test.timeout=40m")}
	c.Env = append(os.Environ(), childEnv+"="+role+"\n"+dir)
	c.Stdout, c.Stderr = &c.out, &c.out
	must(t, c.Start())
	return c
}

func (c *child) kill() {
	_ = c.Process.Kill()
	_ = c.Wait()
}

// TestKill kills either of two processes at random moments of a paid transfer. It goes
// on, what was verified is paid once, and the books are in order.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	t.Parallel()
	seed := rand.Uint64()
	t.Log("seed", seed)
	rnd := rand.New(rand.NewPCG(seed, 5))
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "payload", "seed"), 0o755))
	must(t, os.MkdirAll(filepath.Join(dir, "payload", "buyer"), 0o755))
	all := map[string]*child{"seed": startStation(t, "seed", dir), "buyer": startStation(t, "buyer", dir)}
	t.Cleanup(func() {
		for role, c := range all {
			c.kill()
			if t.Failed() {
				t.Logf("%s:\n%s", role, lab.Tail(c.out.String(), 20))
			}
		}
	})
	done := func() bool { _, err := os.Stat(filepath.Join(dir, "done")); return err == nil }
	kills := 0
	for kills < rounds() && !done() {
		pause := time.NewTimer(time.Duration(1000+rnd.IntN(2500)) * time.Millisecond)
		<-pause.C
		role := []string{"seed", "buyer"}[rnd.IntN(2)]
		all[role].kill()
		all[role] = startStation(t, role, dir)
		kills++
	}
	for !done() && all["buyer"].ProcessState == nil { // at the rate of so many rounds
		until(t, "progress", progress(t, dir))
	}
	var a, b ledger.Lane
	until(t, "paid", func() bool {
		a, b = killedLane(t, dir, "buyer"), killedLane(t, dir, "seed")
		return a.Cumulative >= a.Due && a.Cumulative == b.Cumulative && a.Cumulative > 0 // one piece may be prepaid
	})
	for _, c := range all {
		c.kill()
	}
	whole, err := btt.Rate(killPrice).Cost(killSize)
	must(t, err)
	t.Logf("%d kills: %v paid for %d of %d bytes, which would cost %v; the seller counts %d bytes, lost %v", kills,
		a.Cumulative, a.Bytes, killSize, whole, b.Bytes, b.Lost)
	if a.Bytes > killSize || a.Cumulative > a.Due+whole/16 || a.Due > whole+btt.Amount(64*(kills+1)) {
		t.Errorf("paid twice: %d bytes, %v", a.Bytes, a.Cumulative)
	}
	for _, role := range []string{"buyer", "seed"} {
		l, err := ledger.Open(t.Context(), filepath.Join(dir, role, "ledger.db"))
		must(t, err)
		if err := l.Audit(t.Context()); err != nil {
			t.Errorf("%s: %v", role, err)
		}
		must(t, l.Close())
	}
	least := whole / 4
	if rounds() > killRounds {
		least = whole / 50 // at a slower rate most is loaded before a new bid stands, and so for nothing
	}
	if a.Cumulative < least {
		t.Errorf("only %v of %v were paid", a.Cumulative, whole)
	}
	p, err := lab.OneFile(filepath.Join(dir, "payload", "seed"), killSize).Make()
	must(t, err)
	must(t, p.Compare(filepath.Join(dir, "buyer", "files"), true))
}

// progress returns whether more was verified than when it was made, or all.
func progress(t *testing.T, dir string) func() bool {
	before := killedLane(t, dir, "buyer").Bytes
	return func() bool {
		_, err := os.Stat(filepath.Join(dir, "done"))
		return err == nil || killedLane(t, dir, "buyer").Bytes > before
	}
}

// killedLane reads a process's side of the lane from beside it.
func killedLane(t *testing.T, dir, role string) ledger.Lane {
	t.Helper()
	l, err := ledger.Open(t.Context(), filepath.Join(dir, role, "ledger.db"))
	must(t, err)
	defer l.Close()
	x, err := l.Lane(t.Context(), ledger.LaneKey{
		Chain: testChain, Escrow: testEscrow, Payer: newPen("buyer").at, Payee: newPen("seed").at, Paid: role == "seed",
	})
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", role, err))
	}
	return x
}
