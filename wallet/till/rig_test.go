package till

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
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// key is an account of a test. It implements Signer and tron.Signer.
type key struct {
	secret [32]byte
	at     voucher.Address
	locked atomic.Bool
}

func newKey(name string) *key {
	k := &key{secret: sha256.Sum256([]byte("till " + name))}
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

// hand is a key as the chain wants it.
type hand struct{ *key }

// Sign implements tron.Signer.
func (h hand) Sign(_ context.Context, account voucher.Address, digest [32]byte) (voucher.Signature, error) {
	if account != h.at {
		return voucher.Signature{}, tron.ErrSigner
	}
	return h.key.Sign(digest)
}

// rig is a test chain with the escrow on it, our wallet and its till.
type rig struct {
	*testing.T
	node              *testnode.Node
	net               tron.Network
	file              string
	savings, spending *key
	former            []*key
	policy            Policy
	announced         int
	told              map[[2]voucher.Address]btt.Amount // by Settled
	funds             map[voucher.Address]btt.Amount    // by Funded

	book  *ledger.Ledger
	chain *tron.Chain
	till  *Till
	stop  func()
}

// setup makes a wallet with TRX and BTT in both accounts.
func setup(t *testing.T) *rig {
	t.Helper()
	r := &rig{
		T: t, savings: newKey("savings"), spending: newKey("spending"), file: filepath.Join(t.TempDir(), "ledger.db"),
		told: map[[2]voucher.Address]btt.Amount{}, funds: map[voucher.Address]btt.Amount{}, stop: func() {},
	}
	node, host := testnode.Start(t, testnode.Config{Accounts: map[[20]byte]int64{r.savings.at: 500_000_000, r.spending.at: 500_000_000}})
	r.node = node
	code, err := escrow.InitCode(node.BTT())
	r.must(err)
	made, err := node.Deploy(code)
	r.must(err)
	r.net = tron.Testnode(host)
	r.net.Escrow = made.Contract
	r.giveBTT(r.savings.at, 1000*btt.One)
	node.SealSolid()
	r.start()
	t.Cleanup(r.end)
	return r
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rig) giveBTT(to voucher.Address, amount btt.Amount) {
	r.Helper()
	_, err := r.node.GiveBTT(to, new(big.Int).Mul(big.NewInt(int64(amount)), big.NewInt(1e12)))
	r.must(err)
}

// start opens books, chain and till.
func (r *rig) start() {
	r.Helper()
	var err error
	r.book, err = ledger.Open(r.Context(), r.file)
	r.must(err)
	ours, former := []voucher.Address{r.savings.at, r.spending.at}, []voucher.Address(nil)
	for _, k := range r.former {
		ours, former = append(ours, k.at), append(former, k.at)
	}
	r.chain, err = tron.Open(r.Context(), tron.Config{
		Network: r.net, Ledger: r.book, Watch: ours, Every: 2 * time.Millisecond, Now: r.node.Now, Timeout: 5 * time.Second,
	})
	r.must(err)
	r.till, err = New(r.Context(), Config{
		Ledger: r.book, Chain: r.chain, Savings: r.savings.at, Spending: r.spending.at, Former: former, Signer: r.spending, Now: r.node.Now, Every: 2 * time.Millisecond,
		Policy:    func() Policy { return r.policy },
		Announced: func(Next) { r.announced++ },
		Settled:   func(payer, payee voucher.Address, total btt.Amount) { r.told[[2]voucher.Address{payer, payee}] = total },
		Funded:    func(payer voucher.Address, free btt.Amount) { r.funds[payer] = free },
	})
	r.must(err)
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
func (r *rig) until(what string, is func(s *Snapshot) bool) *Snapshot {
	r.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		if err := r.till.step(r.Context(), true); err != nil {
			r.Fatal(err)
		}
		if s := r.till.Snapshot(); is(s) {
			return s
		}
		if time.Now().After(deadline) {
			r.Fatalf("never came true: %s; %+v", what, *r.till.Snapshot())
		}
	}
}

// order carries an order out up to the outbox.
func (r *rig) order(o Order) error {
	r.Helper()
	review, err := r.review(o)
	if err != nil {
		return err
	}
	pen := r.spending
	for _, k := range append([]*key{r.savings}, r.former...) {
		if review.Quote.Intent.From == k.at {
			pen = k
		}
	}
	return r.till.Send(r.Context(), review, hand{pen})
}

func (r *rig) review(o Order) (tron.Review, error) {
	r.Helper()
	i, err := r.till.Intent(r.Context(), o)
	if err != nil {
		return tron.Review{}, err
	}
	q, err := r.chain.Quote(r.Context(), i)
	if err != nil {
		return tron.Review{}, err
	}
	return r.chain.Prepare(r.Context(), q)
}

// done carries an order out to its good end.
func (r *rig) done(o Order) *Snapshot {
	r.Helper()
	r.must(r.order(o))
	return r.through()
}

// through seals blocks until nothing is under way.
func (r *rig) through() *Snapshot {
	r.Helper()
	return r.until("nothing under way", func(s *Snapshot) bool {
		r.seal()
		for _, c := range s.Claims {
			if c.State == ledger.InTx {
				return false
			}
		}
		return len(s.Under) == 0
	})
}

// seal makes blocks once the node has what was sent: each takes time, and what was
// signed expires.
func (r *rig) seal() {
	r.Helper()
	txs, err := r.chain.Transactions(r.Context(), 0)
	r.must(err)
	for _, x := range txs {
		if x.State == outbox.Built || x.State == outbox.Signed {
			return
		}
	}
	r.node.SealSolid()
}

// deposit is somebody else's deposit.
func (r *rig) deposit(k *key, amount btt.Amount) {
	r.Helper()
	_, err := r.node.GiveTRX(k.at, 200_000_000)
	r.must(err)
	r.giveBTT(k.at, amount)
	r.node.SealSolid()
	data, err := escrow.Approve(r.net.Escrow, amount)
	r.must(err)
	r.call(k, r.net.BTT, data)
	data, err = escrow.Deposit(k.at, amount)
	r.must(err)
	r.call(k, r.net.Escrow, data)
}

func (r *rig) call(k *key, at voucher.Address, data []byte) {
	r.Helper()
	got, err := r.node.Call(k.secret[:], at, data)
	if err != nil || !got.OK {
		r.Fatalf("call: %+v, %v", got, err)
	}
	r.node.SealSolid()
}

// claim is a signed promise.
func (r *rig) claim(from *key, to voucher.Address, sum btt.Amount) escrow.Claim {
	r.Helper()
	v := voucher.Voucher{Payer: from.at, Payee: to, Cumulative: sum}
	d, err := v.Digest(voucher.NewDomain(r.net.ChainID(), r.net.Escrow))
	r.must(err)
	sig, err := voucher.Sign(d, from.secret[:])
	r.must(err)
	return escrow.Claim{Voucher: v, Signature: sig}
}

// promise receives a promise as the broker does: lane and income in one.
func (r *rig) promise(from *key, sum btt.Amount) {
	r.Helper()
	c := r.claim(from, r.spending.at, sum)
	k := ledger.LaneKey{Chain: int64(r.net.ChainID()), Escrow: r.net.Escrow, Payer: from.at, Payee: r.spending.at, Paid: true}
	l, err := r.book.Lane(r.Context(), k)
	r.must(err)
	more := sum - l.Cumulative
	l.Cumulative, l.Signature, l.Due, l.Changed = sum, c.Signature, sum, r.node.Now()
	r.must(r.book.Update(r.Context(), func(tx *ledger.Tx) error {
		if err := tx.PutLane(r.Context(), l); err != nil {
			return err
		}
		return tx.Record(r.Context(), ledger.Transfer{
			ID: ledger.NewID("test promise", from.at[:], []byte(sum.String())), At: r.node.Now(), Kind: "promise-received", Phase: ledger.Posted,
			Debit: ledger.Receivable(from.at.String()), Credit: ledger.Seeding, Amount: more,
		})
	}))
}

// state is the claim on a payer.
func (r *rig) state(k *key) Claim {
	r.Helper()
	for _, c := range r.till.Snapshot().Claims {
		if c.LaneKey.Payer == k.at {
			return c
		}
	}
	r.Fatalf("no claim on %s", k.at)
	return Claim{}
}

// booksAre compares balances.
func (r *rig) booksAre(want map[ledger.Account]btt.Amount) {
	r.Helper()
	for a, v := range want {
		b, err := r.book.Balance(r.Context(), a)
		r.must(err)
		if b.Posted != v || b.In != 0 || b.Out != 0 {
			r.Errorf("%s has %v (pending %v, %v), want %v", a, b.Posted, b.In, b.Out, v)
		}
	}
	r.must(r.book.Audit(r.Context()))
}

// holds compares an account of the escrow with the chain.
func (r *rig) holds(a voucher.Address, free, exiting btt.Amount) {
	r.Helper()
	s, err := r.till.stateOf(r.Context(), a)
	if err != nil || s.Free != free || s.Exiting != exiting {
		r.Errorf("%s holds %v and %v leaving, %v; want %v and %v", a, s.Free, s.Exiting, err, free, exiting)
	}
}

// redeems counts our redemptions on the chain.
func (r *rig) redeems() (n int) {
	r.Helper()
	txs, err := r.chain.Transactions(r.Context(), 0)
	r.must(err)
	for _, x := range txs {
		if x.Intent.Kind == KindRedeem && x.TxID != ([32]byte{}) {
			n++
		}
	}
	return n
}
