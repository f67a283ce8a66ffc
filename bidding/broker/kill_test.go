package broker

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"swarmbid/bidding/lane"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
)

// What a child process is told.
const (
	roleEnv = "BROKER_TEST_ROLE" // payer or payee
	addrEnv = "BROKER_TEST_ADDR" // what it dials
	dirEnv  = "BROKER_TEST_DIR"  // where its ledger is
	restEnv = "BROKER_TEST_REST" // set: it serves no blocks
	netsEnv = "BROKER_TEST_NETS" // set: both load from each other, and set off
)

// child is one of the two programs: it trades over every connection that it gets,
// until its standard input ends.
func child(role string) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cfg, offer, price := payerConfig(role), testPrice, btt.Rate(0)
	if role == "payee" {
		cfg, offer, price = payeeConfig(role), 0, testPrice
	}
	if os.Getenv(netsEnv) != "" {
		cfg, offer, price = netsConfig(role), testPrice, testPrice
	}
	e, err := newEnd(ctx, role, os.Getenv(dirEnv), cfg)
	if err != nil {
		fmt.Fprintln(os.Stderr, role, err)
		return 3
	}
	e.pace = 6 // 48 MB/s: what is lost with a process is what it had not yet recorded
	if os.Getenv(netsEnv) != "" {
		e.pace = 2 // a proposal and its answer are to have the time
	}
	e.idle = os.Getenv(restEnv) != ""
	go func() {
		if err := e.Run(ctx); err != nil {
			fmt.Fprintln(os.Stderr, role, err)
			os.Exit(4)
		}
	}()
	go e.market(ctx, offer, price)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for {
		conn, err := net.Dial("tcp", os.Getenv(addrEnv))
		if err != nil {
			return 0 // the parent has ended
		}
		narrow(conn)
		e.serve(conn, role == "payer")
	}
}

// ether is what lies between the two: it joins their connections and counts what
// passes.
type ether struct {
	ends   map[string]net.Listener
	passed atomic.Int64 // payload, from payee to payer
	back   atomic.Int64 // and the other way
	nets   bool         // what the programs are told
	wg     sync.WaitGroup
	mu     sync.Mutex
	live   []net.Conn
	closed bool
}

func newEther(t *testing.T) *ether {
	x := &ether{ends: map[string]net.Listener{}}
	for _, role := range []string{"payer", "payee"} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		x.ends[role] = ln
	}
	x.wg.Go(x.run)
	t.Cleanup(func() {
		x.mu.Lock()
		x.closed = true
		for _, c := range x.live {
			_ = c.Close()
		}
		x.mu.Unlock()
		for _, ln := range x.ends {
			_ = ln.Close()
		}
		x.wg.Wait()
	})
	return x
}

func (x *ether) run() {
	for {
		a, err := x.ends["payer"].Accept()
		if err != nil {
			return
		}
		b, err := x.ends["payee"].Accept()
		if err != nil {
			_ = a.Close()
			return
		}
		narrow(a)
		narrow(b)
		x.mu.Lock()
		if x.live = []net.Conn{a, b}; x.closed {
			_ = a.Close()
			_ = b.Close()
		}
		x.mu.Unlock()
		var pair sync.WaitGroup
		pair.Go(func() { x.carry(a, b, &x.back) })
		pair.Go(func() { x.carry(b, a, &x.passed) })
		pair.Wait()
	}
}

// carry copies frames until one of the two is gone, and then lets the other go.
func (x *ether) carry(from, to net.Conn, count *atomic.Int64) {
	defer from.Close()
	defer to.Close()
	in := bufio.NewReaderSize(from, 16<<10)
	for {
		var head [5]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		body := make([]byte, 5+binary.BigEndian.Uint32(head[:4]))
		copy(body, head[:])
		if _, err := io.ReadFull(in, body[5:]); err != nil {
			return
		}
		if head[4] == 'b' {
			count.Add(int64(len(body) - 5))
		}
		if _, err := to.Write(body); err != nil {
			return
		}
	}
}

// program is a running child.
type program struct {
	cmd   *exec.Cmd
	stdin io.Closer
}

func (x *ether) launch(t *testing.T, role, dir string, rest bool) *program {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"="+role, addrEnv+"="+x.ends[role].Addr().String(), dirEnv+"="+dir)
	if rest {
		cmd.Env = append(cmd.Env, restEnv+"=yes")
	}
	if x.nets {
		cmd.Env = append(cmd.Env, netsEnv+"=yes")
	}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &program{cmd, in}
}

func (p *program) kill() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() }

func (p *program) end(t *testing.T) {
	t.Helper()
	_ = p.stdin.Close()
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("a program ended with %v", err)
	}
}

// sides reads both rows of the lane; opening a ledger audits it.
func sides(t *testing.T, dir string) (out, in ledger.Lane) {
	t.Helper()
	read := func(role string, paid bool) ledger.Lane {
		e, err := newEnd(t.Context(), role, dir, Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer e.books.Close()
		return e.row(t, "payer", "payee", paid)
	}
	return read("payer", false), read("payee", true)
}

// TestKill: either process is killed, 300 times, while one buys from the other. They
// go on; nothing is paid that was not verified; the loss is within its bound; the
// books are in order.
func TestKill(t *testing.T) {
	kills := 300
	if testing.Short() {
		kills = 12
	}
	dir, x, r := t.TempDir(), newEther(t), rand.New(rand.NewPCG(11, 12))
	roles := []string{"payer", "payee"}
	running, dead := map[string]*program{}, map[string]int{}
	for _, role := range roles {
		running[role] = x.launch(t, role, dir, false)
	}
	pass := func(what string, n int64) {
		t.Helper()
		end := x.passed.Load() + n
		until(t, what, func() bool { return x.passed.Load() >= end })
	}
	began := time.Now()
	for i := range kills {
		pass(fmt.Sprintf("payload after %d kills (%v)", i, dead), 6<<20+r.Int64N(6<<20))
		role := roles[r.IntN(2)]
		running[role].kill()
		dead[role]++
		running[role] = x.launch(t, role, dir, false)
	}
	took := time.Since(began)
	pass("payload after the last kill", 1<<20)
	_, in := sides(t, dir)
	pass("more payload after the last kill", 8<<20)
	for _, role := range roles {
		running[role].end(t)
	}
	if _, after := sides(t, dir); after.Cumulative <= in.Cumulative {
		t.Errorf("after the last kill nothing was paid: %v", after.Cumulative)
	}
	for _, role := range roles { // once more without blocks: all is said
		running[role] = x.launch(t, role, dir, true)
	}
	var out ledger.Lane
	until(t, "the last promise", func() bool {
		out, in = sides(t, dir)
		return in.Cumulative == out.Cumulative && out.Cumulative >= out.Due
	})
	for _, role := range roles {
		running[role].end(t)
	}
	out, in = sides(t, dir)
	passed := x.passed.Load()
	exact, _ := testPrice.Cost(out.Bytes + testPiece)
	if out.Bytes > passed || out.Cumulative > exact+btt.Amount(kills)+lane.Slack {
		t.Errorf("paid %v for %d of %d bytes", out.Cumulative, out.Bytes, passed)
	}
	paid, _ := testPrice.Bytes(in.Cumulative)
	loss, bound := passed-paid, lane.Window(testPiece)+int64(dead["payee"])*lane.Flush+paid/lane.Regrow
	if loss > bound || in.Strikes > 0 {
		t.Errorf("the payee lost %d bytes, bound %d; %+v", loss, bound, in)
	}
	t.Logf("%d kills (%v) in %v: %d MiB passed, %d MiB verified and paid, %d KiB lost, bound %d KiB",
		kills, dead, took.Round(time.Second), passed>>20, paid>>20, loss>>10, bound>>10)
}
