package pay

import (
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

	"swarmbid/bidding/lane"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
)

// childEnv makes the test binary a station: role, folder and infohash, by line.
const childEnv = "SWARMBID_PAY_CHILD"

const (
	killPrice = 1_000_003
	killMiB   = 4 // of the file, for each kill
	// killPause is the mean time between two kills. The seller is so slow that the file
	// outlasts them; then its limit is raised.
	killPause = 2250 * time.Millisecond
	killLast  = 8 << 20 // limit from then on, bytes per second
	// killRounds is how often one is killed; SWARMBID_PAY_KILLS changes it.
	killRounds = 12
)

func rounds() int {
	if n, err := strconv.Atoi(os.Getenv("SWARMBID_PAY_KILLS")); err == nil && n > 0 {
		return n
	}
	return killRounds
}

// killed is what the processes of a kill test share: files in one folder.
type killed struct{ dir string }

func (k killed) path(name string) string { return filepath.Join(k.dir, name) }

// say writes one of the files at once: who reads it never sees a part.
func (k killed) say(name, text string) error {
	next := k.path(fmt.Sprintf("%s.%d", name, os.Getpid()))
	return errors.Join(os.WriteFile(next, []byte(text), 0o600), os.Rename(next, k.path(name)))
}

// heard is what was said last, or nothing.
func (k killed) heard(name string) string {
	b, err := os.ReadFile(k.path(name))
	if err != nil {
		return ""
	}
	return string(b)
}

// number is heard as a number, or 0.
func (k killed) number(name string) int64 {
	n, err := strconv.ParseInt(k.heard(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// TestChildStation is no test of its own: TestKill runs it in processes that it kills.
func TestChildStation(t *testing.T) {
	said := strings.Split(os.Getenv(childEnv), "\n")
	if len(said) != 3 {
		return
	}
	if err := childStation(t.Context(), said[0], killed{said[1]}, said[2]); err != nil {
		t.Fatal(err)
	}
}

func childStation(ctx context.Context, role string, k killed, hash string) error {
	ih, err := swarm.ParseInfoHash(hash)
	if err != nil {
		return err
	}
	p := &lab.Payload{File: k.path("payload/payload.bin.torrent"), InfoHash: ih}
	change := asks(killPrice, k.number("limit"))
	if role == "buyer" {
		change = bids(2 * killPrice)
	}
	x, err := open(ctx, setup{name: role, dir: k.dir, caps: plenty(), change: change, told: true})
	if err != nil {
		return err
	}
	defer func() { _ = x.close() }()
	if role == "seed" {
		return x.sell(ctx, p, k)
	}
	return x.follow(ctx, p, k)
}

// sell seeds at the limit that is said, and says where.
func (x *station) sell(ctx context.Context, p *lab.Payload, k killed) error {
	if x.row(p).InfoHash != p.InfoHash {
		if err := x.seed(ctx, p); err != nil {
			return err
		}
	}
	if err := k.say("addr", x.addr()); err != nil {
		return err
	}
	limit := k.number("limit")
	return lab.Until(ctx, func() (bool, error) {
		next := k.number("limit")
		if next == limit {
			return false, nil
		}
		limit = next
		return false, x.SetRateLimits(ctx, 0, limit)
	})
}

// follow loads from wherever the seller is now, and says how much it has.
func (x *station) follow(ctx context.Context, p *lab.Payload, k killed) error {
	if x.row(p).InfoHash != p.InfoHash {
		if err := x.load(ctx, p, "127.0.0.1:9"); err != nil {
			return err
		}
	}
	at, have := "", int64(-1)
	return lab.Until(ctx, func() (bool, error) {
		if now := k.heard("addr"); now != at {
			at = now
			if err := x.AddPeer(ctx, p.InfoHash, at); err != nil {
				return false, err
			}
		}
		row := x.row(p)
		if row.Completed == have {
			return false, nil
		}
		have = row.Completed
		if err := k.say("have", strconv.FormatInt(have, 10)); err != nil || !row.Complete() {
			return false, err
		}
		return false, k.say("done", "yes")
	})
}

// child is a station in a process of its own.
type child struct{ *exec.Cmd }

func (k killed) start(t *testing.T, role string, ih swarm.InfoHash) *child {
	t.Helper()
	out, err := os.OpenFile(k.path(role+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	defer out.Close()
	c := &child{exec.Command(os.Args[0], "-test.run=^TestChildStation$", "-test.timeout=60m")}
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%s\n%s\n%s", childEnv, role, k.dir, ih))
	c.Stdout, c.Stderr = out, out
	must(t, c.Start())
	return c
}

func (c *child) kill() {
	_ = c.Process.Kill()
	_ = c.Wait()
}

// TestKill kills either of two processes at random moments of a paid transfer. It goes
// on to the end; what was verified is paid once; what the seller lost is within its
// bound; nobody defaults; the books are in order.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	t.Parallel()
	seed := rand.Uint64()
	t.Log("seed", seed)
	rnd := rand.New(rand.NewPCG(seed, 5))
	k := killed{t.TempDir()}
	must(t, os.MkdirAll(k.path("payload"), 0o755))
	p, err := lab.OneFile(k.path("payload"), int64(rounds())*killMiB<<20).Make()
	must(t, err)
	must(t, k.say("limit", strconv.FormatInt(int64(float64(killMiB<<20)/killPause.Seconds()), 10)))
	roles := []string{"seed", "buyer"}
	all, dead := map[string]*child{}, map[string]int64{}
	for _, role := range roles {
		all[role] = k.start(t, role, p.InfoHash)
	}
	t.Cleanup(func() {
		for role, c := range all {
			c.kill()
			if t.Failed() {
				t.Logf("%s:\n%s", role, lab.Tail(k.heard(role+".log"), 40))
			}
		}
	})
	for range rounds() {
		pause := time.NewTimer(killPause/2 + time.Duration(rnd.Int64N(int64(killPause))))
		<-pause.C
		role := roles[rnd.IntN(2)]
		all[role].kill()
		dead[role]++
		all[role] = k.start(t, role, p.InfoHash)
	}
	t.Logf("after %v kills: %d of %d bytes", dead, k.number("have"), p.Size)
	if k.heard("done") != "" {
		t.Error("it was at its end before the last kill")
	}
	must(t, k.say("limit", strconv.Itoa(killLast)))
	for have := k.number("have"); k.heard("done") == ""; have = k.number("have") {
		until(t, "progress", func() bool { return k.number("have") > have || k.heard("done") != "" })
	}
	var a, b ledger.Lane
	until(t, "paid", func() bool {
		a, b = k.lane(t, "buyer"), k.lane(t, "seed")
		return a.Cumulative >= a.Due && a.Cumulative == b.Cumulative
	})
	for _, c := range all {
		c.kill()
	}
	k.check(t, a, b, p, dead)
	for _, role := range roles {
		l, err := ledger.Open(t.Context(), k.path(role+"/ledger.db"))
		must(t, err)
		if err := l.Audit(t.Context()); err != nil {
			t.Errorf("%s: %v", role, err)
		}
		must(t, l.Close())
	}
	must(t, p.Compare(k.path("buyer/files"), true))
}

// check holds both sides of the lane against what each may lose.
func (k killed) check(t *testing.T, a, b ledger.Lane, p *lab.Payload, dead map[string]int64) {
	t.Helper()
	price := btt.Rate(killPrice)
	cost := func(n int64) btt.Amount {
		sum, err := price.Cost(n)
		must(t, err)
		return sum
	}
	paid, err := price.Bytes(b.Cumulative)
	must(t, err)
	// The seller's window, what its crashes made it forget, and the trust that was earned.
	loss, bound := b.Bytes-paid, lane.Window(p.PieceLen)+dead["seed"]*lane.Flush+paid/lane.Regrow
	t.Logf("%v kills: %v paid for %d of %d bytes, which would cost %v; its own crashes cost the buyer %v; the seller counts %d bytes, %d of them lost, bound %d (%d + %d × %d + %d)",
		dead, a.Cumulative, a.Bytes, p.Size, cost(p.Size), a.Lost, b.Bytes, loss, bound,
		lane.Window(p.PieceLen), dead["seed"], lane.Flush, paid/lane.Regrow)
	roundings := btt.Amount(64 * (dead["seed"] + dead["buyer"] + 1)) // of each quote
	switch {
	case a.Bytes > p.Size || a.Due > cost(a.Bytes)+a.Lost+roundings:
		t.Errorf("paid twice: %d bytes for %v", a.Bytes, a.Due)
	case a.Lost > (cost(p.PieceLen)+lane.Slack)*btt.Amount(dead["buyer"]):
		t.Errorf("the buyer's %d crashes cost it %v", dead["buyer"], a.Lost)
	case a.Cumulative > a.Due+cost(p.PieceLen)+lane.Slack:
		t.Errorf("%v promised, %v due, a piece costs %v", a.Cumulative, a.Due, cost(p.PieceLen))
	case a.Bytes < p.Size/2:
		t.Errorf("only %d of %d bytes were sold", a.Bytes, p.Size)
	}
	if loss > bound {
		t.Errorf("the seller lost %d bytes, bound %d", loss, bound)
	}
	if a.Strikes+b.Strikes > 0 || !a.Until.IsZero() || !b.Until.IsZero() {
		t.Errorf("honest ends are in back-off: %+v, %+v", a, b)
	}
}

// lane reads a process's side of the lane from beside it.
func (k killed) lane(t *testing.T, role string) ledger.Lane {
	t.Helper()
	l, err := ledger.Open(t.Context(), k.path(role+"/ledger.db"))
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
