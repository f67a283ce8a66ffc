package payout

import (
	"context"
	"crypto/sha256"
	"errors"
	"math/big"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// key is an account of a test. It implements Signer.
type key struct {
	secret [32]byte
	at     voucher.Address
	locked atomic.Bool
}

func newKey(name string) *key {
	k := &key{secret: sha256.Sum256([]byte("payout " + name))}
	k.at, _ = voucher.AddressOf(k.secret[:])
	return k
}

// Unlocked implements Signer.
func (k *key) Unlocked() bool { return !k.locked.Load() }

// Sign implements Signer.
func (k *key) Sign(d voucher.Digest) (voucher.Signature, error) {
	if k.locked.Load() {
		return voucher.Signature{}, wallet.ErrLocked
	}
	return voucher.Sign(d, k.secret[:])
}

// said is a transfer that Counted was told of.
type said struct {
	to     voucher.Address
	tx     [32]byte
	amount btt.Amount
}

// rig is a test chain without a contract, our spending account and what pays its debts.
type rig struct {
	*testing.T
	node      *testnode.Node
	net       tron.Network
	file      string
	me, peer  *key
	policy    Policy
	announced []ledger.Payout
	said      []said
	pause     func(string)

	book  *ledger.Ledger
	chain *tron.Chain
	pay   *Payouts
	stop  func()
}

// have is what the spending account begins with.
const have = 100_000 * btt.One

func setup(t *testing.T) *rig {
	t.Helper()
	r := &rig{
		T: t, me: newKey("me"), peer: newKey("peer"), file: filepath.Join(t.TempDir(), "ledger.db"), stop: func() {},
		policy: Policy{On: true, PerTRX: btt.One, Floor: 50 * btt.One},
	}
	node, host := testnode.Start(t, testnode.Config{Accounts: map[[20]byte]int64{r.me.at: 500_000_000}})
	r.node, r.net = node, tron.Testnode(host)
	_, err := node.GiveBTT(r.me.at, new(big.Int).Mul(big.NewInt(int64(have)), big.NewInt(1e12)))
	r.must(err)
	node.SealSolid()
	r.start()
	t.Cleanup(r.end)
	r.until("the balance is known", func() bool { return r.pay.Snapshot().Have == have })
	return r
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// start opens books, chain and payouts.
func (r *rig) start() {
	r.Helper()
	var err error
	r.book, err = ledger.Open(r.Context(), r.file)
	r.must(err)
	r.chain, err = tron.Open(r.Context(), tron.Config{
		Network: r.net, Ledger: r.book, Watch: []voucher.Address{r.me.at}, Every: 2 * time.Millisecond, Now: r.node.Now, Timeout: 5 * time.Second,
	})
	r.must(err)
	r.pay, err = New(Config{
		Ledger: r.book, Chain: r.chain, Account: r.me.at, Signer: r.me, Now: r.node.Now, Every: 2 * time.Millisecond,
		Policy:    func() Policy { return r.policy },
		Announced: func(p ledger.Payout) { r.announced = append(r.announced, p) },
		Counted: func(to voucher.Address, tx [32]byte, amount btt.Amount) {
			r.said = append(r.said, said{to, tx, amount})
			r.count(to, tx, amount)
		},
	})
	r.must(err)
	r.pay.pause = r.pause
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	chain := r.chain
	go func() { done <- chain.Run(ctx) }()
	r.stop = func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			r.Error("the chain's Run ended with", err)
		}
		r.stop = func() {}
	}
}

// count does what the broker does about a final transfer: the lane has it, once.
func (r *rig) count(to voucher.Address, tx [32]byte, amount btt.Amount) {
	r.Helper()
	if done, err := r.book.Settled(r.Context(), int64(r.net.ChainID()), tx); err != nil || done {
		return
	}
	err := r.book.Update(r.Context(), func(x *ledger.Tx) error {
		l, err := r.book.Lane(r.Context(), r.lane(to, false))
		if err != nil {
			return err
		}
		if l.Cumulative += amount; l.Cumulative > l.Due {
			r.Errorf("paid %v of %v", l.Cumulative, l.Due)
		}
		return errors.Join(x.Settle(r.Context(), l.Chain, tx, amount, r.node.Now()), x.PutLane(r.Context(), l))
	})
	if err != nil {
		r.Error(err)
	}
}

func (r *rig) lane(peer voucher.Address, paid bool) ledger.LaneKey {
	k := ledger.LaneKey{Chain: int64(r.net.ChainID()), Payer: r.me.at, Payee: peer, Paid: paid}
	if paid {
		k.Payer, k.Payee = k.Payee, k.Payer
	}
	return k
}

// owe makes what we owe a peer (or it owes us) so much more.
func (r *rig) owe(peer voucher.Address, paid bool, more btt.Amount) {
	r.Helper()
	l, err := r.book.Lane(r.Context(), r.lane(peer, paid))
	r.must(err)
	l.Due += more
	r.must(r.book.Update(r.Context(), func(tx *ledger.Tx) error {
		if paid {
			return tx.PutLane(r.Context(), l)
		}
		return errors.Join(tx.PutLane(r.Context(), l), tx.Record(r.Context(), ledger.Transfer{
			ID: ledger.NewID("owed", peer[:], []byte(l.Due.String())), At: r.node.Now(), Kind: "owed", Phase: ledger.Posted,
			Debit: ledger.Leeching, Credit: ledger.Payable(peer.String()), Amount: more,
		}))
	}))
}

// end closes what start opened; the books must be in order.
func (r *rig) end() {
	r.stop()
	r.chain.Close()
	if err := r.book.Audit(context.Background()); err != nil {
		r.Error(err)
	}
	if err := r.book.Close(); err != nil {
		r.Error(err)
	}
}

// restart is a process that dies and one that begins.
func (r *rig) restart() {
	r.Helper()
	r.end()
	r.start()
}

// until steps until the condition holds.
func (r *rig) until(what string, is func() bool) {
	r.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		r.must(r.pay.step(r.Context()))
		if is() {
			return
		}
		if time.Now().After(deadline) {
			r.Fatalf("never came true: %s; %+v", what, *r.pay.Snapshot())
		}
	}
}

// last is the newest payout to the peer.
func (r *rig) last() ledger.Payout {
	r.Helper()
	all, err := r.book.Payouts(r.Context(), int64(r.net.ChainID()), r.me.at)
	r.must(err)
	for _, p := range all {
		if p.Payee == r.peer.at {
			return p
		}
	}
	return ledger.Payout{}
}

func (r *rig) is(s ledger.PayoutState) func() bool { return func() bool { return r.last().State == s } }

// holds is what the chain says the peer has.
func (r *rig) holds(a voucher.Address) btt.Amount {
	r.Helper()
	out, err := r.node.View(r.node.BTT(), append([]byte{0x70, 0xa0, 0x82, 0x31, 11: 0, 15: 0}, a[:]...))
	r.must(err)
	return btt.Amount(new(big.Int).Div(new(big.Int).SetBytes(out), big.NewInt(1e12)).Int64())
}

// pass lets time pass on the chain.
func (r *rig) pass(d time.Duration) {
	r.node.Advance(d)
	r.node.SealSolid()
}
