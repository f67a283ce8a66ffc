package tron

import (
	"context"
	"crypto/sha256"
	"errors"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// key is an account of a test and its own Signer.
type key struct {
	secret [32]byte
	at     voucher.Address
	signed [][32]byte
	refuse error
}

func newKey(name string) *key {
	k := &key{secret: sha256.Sum256([]byte(name))}
	k.at, _ = voucher.AddressOf(k.secret[:])
	return k
}

// Sign implements Signer.
func (k *key) Sign(_ context.Context, account voucher.Address, digest [32]byte) (voucher.Signature, error) {
	if k.refuse != nil {
		return voucher.Signature{}, k.refuse
	}
	if account != k.at {
		return voucher.Signature{}, errors.New("not my account")
	}
	k.signed = append(k.signed, digest)
	return voucher.Sign(digest, k.secret[:])
}

// rig is a test chain, a wallet on it, and somebody else.
type rig struct {
	*testing.T
	node    *testnode.Node
	book    *ledger.Ledger
	chain   *Chain
	me, you *key
	stop    func()
	events  []Event
	n       byte
}

// setup starts a chain on which me has 100 TRX. edit may change the configuration.
func setup(t *testing.T, edit func(*Config)) *rig {
	t.Helper()
	r := &rig{T: t, me: newKey("me"), you: newKey("you"), stop: func() {}}
	node, host := testnode.Start(t, testnode.Config{Accounts: map[[20]byte]int64{r.me.at: 100_000_000}})
	r.node = node
	node.SealSolid()
	book, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	r.must(err)
	r.book = book
	t.Cleanup(func() { book.Close() })
	cfg := Config{Network: Testnode(host), Ledger: book, Watch: []voucher.Address{r.me.at}, Every: 2 * time.Millisecond, Now: node.Now, Timeout: 2 * time.Second}
	if edit != nil {
		edit(&cfg)
	}
	r.chain, err = Open(t.Context(), cfg)
	r.must(err)
	t.Cleanup(func() {
		r.stop()
		r.chain.Close()
		if err := book.Audit(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

// run starts Run until the test ends or stop is called.
func (r *rig) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.chain.Run(ctx) }()
	r.stop = func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			r.Error("Run ended with", err)
		}
		r.stop = func() {}
	}
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// until seals blocks until the condition holds.
func (r *rig) until(what string, is func() bool) {
	r.Helper()
	deadline := time.NewTimer(15 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-deadline.C:
			r.Fatalf("never came true: %s; snapshot %+v", what, *r.chain.Snapshot())
		case e := <-r.chain.Events():
			r.events = append(r.events, e)
		case <-tick.C:
		}
	}
}

// agreed waits for a reading of the present solid block.
func (r *rig) agreed() *Snapshot {
	r.Helper()
	_, solid := r.node.Height()
	r.until("balances agreed", func() bool {
		s := r.chain.Snapshot()
		return s.Trust == Agreed && s.Solid >= solid && len(s.Accounts) > 0
	})
	return r.chain.Snapshot()
}

func (r *rig) holding(a Asset) Holding {
	r.Helper()
	return r.agreed().Accounts[0].Holding[a]
}

// ledgerIs compares what the books say of the wallet's asset.
func (r *rig) ledgerIs(asset Asset, want btt.Amount) {
	r.Helper()
	own, _ := asset.accounts()
	b, err := r.book.Balance(r.Context(), own)
	r.must(err)
	if b.Posted != want || b.In != 0 || b.Out != 0 {
		r.Errorf("books say %d %s (pending %d in, %d out), want %d", b.Posted, asset, b.In, b.Out, want)
	}
}

func (r *rig) giveBTT(to voucher.Address, amount btt.Amount) {
	r.Helper()
	_, err := r.node.GiveBTT(to, new(big.Int).Mul(big.NewInt(int64(amount)), big.NewInt(1e12)))
	r.must(err)
}

// id is a fresh intent.
func (r *rig) id() ledger.ID {
	r.n++
	return ledger.ID{r.n}
}

// send takes an intent from quote to outbox.
func (r *rig) send(i Intent) error {
	r.Helper()
	q, err := r.chain.Quote(r.Context(), i)
	if err != nil {
		return err
	}
	v, err := r.chain.Prepare(r.Context(), q)
	if err != nil {
		return err
	}
	return r.chain.Send(r.Context(), v, r.me)
}

// tx is the newest of the wallet's transactions.
func (r *rig) tx() Tx {
	r.Helper()
	all, err := r.chain.Transactions(r.Context(), 1)
	r.must(err)
	if len(all) == 0 {
		r.Fatal("no transaction")
	}
	return all[0]
}

// ends waits for the newest transaction to come to its end.
func (r *rig) ends(want outbox.State) Tx {
	r.Helper()
	r.until("transaction "+want.String(), func() bool { return !r.tx().State.Live() })
	if got := r.tx(); got.State != want {
		r.Fatalf("ended as %v (%s), want %v", got.State, got.Reason, want)
	}
	return r.tx()
}

// reaches waits for a state.
func (r *rig) reaches(want outbox.State) Tx {
	r.Helper()
	r.until("transaction "+want.String(), func() bool { return r.tx().State == want })
	return r.tx()
}

// count counts events of a type.
func count[E Event](r *rig) (n int) {
	for {
		select {
		case e := <-r.chain.Events():
			r.events = append(r.events, e)
			continue
		default:
		}
		break
	}
	for _, e := range r.events {
		if _, ok := e.(E); ok {
			n++
		}
	}
	return n
}
