package tron

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// childEnv marks a process that is started to be killed: host and ledger file.
const childEnv = "SWARMBID_TRON_CHILD"

func TestMain(m *testing.M) {
	if v := os.Getenv(childEnv); v != "" {
		host, file, _ := strings.Cut(v, " ")
		fmt.Fprintln(os.Stderr, child(host, file))
		os.Exit(3)
	}
	os.Exit(m.Run())
}

// intentOf is the n-th payment of the victim. Each has a recipient of its own,
// so the chain shows what arrived of it. Every fifth runs out of energy.
func intentOf(n int) (i Intent, fails bool) {
	to := voucher.Address{0: 0xaa}
	binary.BigEndian.PutUint32(to[10:], uint32(n))
	var id ledger.ID
	binary.BigEndian.PutUint32(id[:], uint32(n+1))
	if n%5 == 3 {
		return Transfer(id, newKey("me").at, to, BTT, btt.One), true
	}
	return Transfer(id, newKey("me").at, to, TRX, 1000), false
}

// child pays one intent after the other and says where it is. It goes on at each
// place when it is told to, or dies there.
func child(host, file string) error {
	ctx := context.Background()
	book, err := ledger.Open(ctx, file)
	if err != nil {
		return err
	}
	me := newKey("me")
	cfg := Config{Network: Testnode(host), Ledger: book, Watch: []voucher.Address{me.at}, Every: time.Millisecond}
	clock, err := dial(cfg.Network.Endpoints[0], "", time.Second)
	if err != nil {
		return err
	}
	cfg.Now = func() time.Time { // the chain's time is not the computer's
		b, _ := clock.head(ctx, false)
		return time.UnixMilli(b.time)
	}
	c, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	in := bufio.NewReader(os.Stdin)
	c.pauseAt = func(place string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(place) //nolint:forbidigo // the pipe to the parent
		_, _ = in.ReadString('\n')
	}
	failed := make(chan error, 2)
	go func() { failed <- c.Run(ctx) }()
	go func() { failed <- c.payForever(ctx, me) }()
	return <-failed
}

func (c *Chain) payForever(ctx context.Context, me *key) error {
	for {
		rows, err := c.rows(ctx, false, 0)
		if err != nil {
			return err
		}
		if len(rows) > 0 && rows[0].tx.State.Live() {
			<-c.Events() // it has moved on
			continue
		}
		i, fails := intentOf(len(rows))
		if err := c.pay(ctx, i, fails, me); err != nil && !errors.Is(err, ErrOffline) && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
}

func (c *Chain) pay(ctx context.Context, i Intent, fails bool, me *key) error {
	q, err := c.Quote(ctx, i)
	if err != nil {
		return err
	}
	if fails {
		q.FeeLimit = 100_000
	}
	v, err := c.Prepare(ctx, q)
	if err != nil {
		return err
	}
	return c.Send(ctx, v, me)
}

// victim is a running child.
type victim struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	places chan string
}

func startVictim(t *testing.T, host, file string) *victim {
	t.Helper()
	v := &victim{cmd: exec.CommandContext(t.Context(), os.Args[0]), places: make(chan string)}
	v.cmd.Env = append(os.Environ(), childEnv+"="+host+" "+file)
	v.cmd.Stderr = os.Stderr
	var err error
	if v.in, err = v.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := v.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(v.places)
		for s := bufio.NewScanner(out); s.Scan(); {
			v.places <- s.Text()
		}
	}()
	return v
}

// live lets the child pass n places, sealing blocks meanwhile, and kills it at
// the next. It returns where that was.
func (v *victim) live(t *testing.T, node *testnode.Node, n int, every time.Duration) string {
	t.Helper()
	tick := time.NewTicker(every)
	defer tick.Stop()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	for {
		select {
		case place, ok := <-v.places:
			if !ok {
				t.Fatalf("the child ended by itself: %v", v.cmd.Wait())
			}
			if n--; n >= 0 {
				if _, err := io.WriteString(v.in, "\n"); err != nil {
					t.Fatal(err)
				}
				continue
			}
			v.kill(t)
			return place
		case <-tick.C:
			node.Seal(1)
		case <-deadline.C:
			v.kill(t)
			t.Fatal("the child makes no progress")
		}
	}
}

func (v *victim) kill(t *testing.T) {
	t.Helper()
	if err := v.cmd.Process.Kill(); err != nil { // SIGKILL
		t.Fatal(err)
	}
	for range v.places { // let the reader see the end
	}
	_ = v.cmd.Wait()
}

// TestOneLive kills a paying wallet 200 times at every place of the outbox. Of
// no intent do two transactions arrive, none is lost, and at the end books and
// chain agree.
func TestOneLive(t *testing.T) {
	const kills = 200
	seed := rand.Uint64()
	t.Log("seed", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	me := newKey("me")
	node, host := testnode.Start(t, testnode.Config{
		Params: testnode.Params{SolidDepth: 3}, Accounts: map[[20]byte]int64{me.at: 1_000_000_000_000},
	})
	r := &rig{T: t, node: node, me: me}
	r.giveBTT(me.at, 1000*btt.One)
	node.SealSolid()
	file := filepath.Join(t.TempDir(), "ledger.db")
	died := map[string]int{}
	for range kills {
		if rng.IntN(8) == 0 {
			node.Lose(1 + rng.IntN(3))
		}
		if rng.IntN(8) == 0 {
			node.Reorg(2, rng.IntN(2) == 0)
		}
		if rng.IntN(6) == 0 {
			node.Advance(2 * lifetime)
		}
		every := time.Duration(1+rng.IntN(12)) * time.Millisecond
		died[startVictim(t, host, file).live(t, node, rng.IntN(14), every)]++
	}
	t.Log("died at", died)
	for _, place := range []string{
		"built", "before signed", "signed", "sent", "before broadcast", "broadcast", "before in-block", "in-block", "before solid-ok", "solid-ok",
	} {
		if died[place] == 0 {
			t.Errorf("never killed at %q (of %v)", place, slices.Sorted(maps.Keys(died)))
		}
	}
	settle(t, node, host, file)
}

// settle lets a last process finish everything and compares chain and books.
func settle(t *testing.T, node *testnode.Node, host, file string) {
	t.Helper()
	book, err := ledger.Open(t.Context(), file) // audits
	if err != nil {
		t.Fatal(err)
	}
	me := newKey("me")
	r := &rig{T: t, node: node, book: book, me: me, stop: func() {}}
	r.chain, err = Open(t.Context(), Config{
		Network: Testnode(host), Ledger: book, Watch: []voucher.Address{me.at}, Every: time.Millisecond, Now: node.Now,
	})
	r.must(err)
	r.run()
	var all []Tx
	r.until("everything ended", func() bool {
		node.Seal(1)
		all, err = r.chain.Transactions(t.Context(), 0)
		r.must(err)
		return !slices.ContainsFunc(all, func(x Tx) bool { return x.State.Live() })
	})
	node.Seal(60) // whatever could still enter a block
	ends := map[outbox.State]int{}
	for _, x := range all {
		ends[x.State]++
		h, err := r.chain.nodes[0].holdings(t.Context(), r.chain.cfg.Network, x.Intent.To, true)
		r.must(err)
		want := btt.Amount(0)
		if x.State == outbox.SolidOK {
			want = x.Intent.Amount
		}
		if got := h.amount[x.Intent.Asset]; got != want {
			t.Errorf("intent %s ended %v: %d arrived, want %d", x.Intent.ID, x.State, got, want)
		}
	}
	t.Logf("%d intents ended %v", len(all), ends)
	for _, s := range []outbox.State{outbox.SolidOK, outbox.SolidFailed, outbox.Expired, outbox.Void} {
		if ends[s] == 0 {
			t.Errorf("no intent ended %v", s)
		}
	}
	s := r.agreed()
	r.stop()
	r.ledgerIs(TRX, s.Accounts[0].Holding[TRX].Solid)
	r.ledgerIs(BTT, s.Accounts[0].Holding[BTT].Solid)
	r.must(book.Audit(t.Context()))
	r.chain.Close()
	r.must(book.Close())
}
