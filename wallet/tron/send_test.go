package tron

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

func TestRestartGivesUpWhatWasNotSigned(t *testing.T) {
	r := setup(t, nil)
	q, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, TRX, 5))
	r.must(err)
	_, err = r.chain.begin(t.Context(), q, r.node.Now()) // and the process dies
	r.must(err)
	if b, err := r.book.Balance(t.Context(), ledger.TRX); err != nil || b.Out != btt.Amount(q.Total()) {
		t.Errorf("reserved %+v, %v; want %v", b, err, q.Total())
	}
	again, err := Open(t.Context(), r.chain.cfg)
	r.must(err)
	defer again.Close()
	if tx := r.tx(); tx.State != outbox.Void || !errors.Is(tx.Err(), ErrAbandoned) || tx.TxID != ([32]byte{}) {
		t.Errorf("after the restart %+v", tx)
	}
	r.ledgerIs(TRX, 0)
	e := (<-again.Events()).(Progress)
	if e.Tx.State != outbox.Void {
		t.Errorf("told %+v", e)
	}
}

func TestManySendersAtOnce(t *testing.T) {
	r := setup(t, nil)
	var mu sync.Mutex
	var sent, refusedForMoney int
	var all sync.WaitGroup
	me := &lockedKey{key: r.me}
	for n := range 8 { // 15 TRX and a fee each, of 100
		all.Go(func() {
			i := Transfer(ledger.ID{byte(n + 1), 1}, r.me.at, r.you.at, TRX, 15_000_000)
			q, err := r.chain.Quote(t.Context(), i)
			if err == nil {
				var v Review
				if v, err = r.chain.Prepare(t.Context(), q); err == nil {
					err = r.chain.Send(t.Context(), v, me)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				sent++
			case errors.Is(err, ErrNotEnoughTRX):
				refusedForMoney++
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if sent != 6 || refusedForMoney != 2 {
		t.Errorf("%d sent, %d refused", sent, refusedForMoney)
	}
	r.run()
	r.until("all broadcast", func() bool {
		txs, err := r.chain.Transactions(t.Context(), 0)
		r.must(err)
		return !slices.ContainsFunc(txs, func(x Tx) bool { return x.State != outbox.Broadcast && x.State != outbox.Void })
	})
	r.node.SealSolid()
	r.until("all carried out", func() bool {
		txs, err := r.chain.Transactions(t.Context(), 0)
		r.must(err)
		return !slices.ContainsFunc(txs, func(x Tx) bool { return x.State.Live() })
	})
	h, err := r.chain.nodes[0].holdings(t.Context(), r.chain.cfg.Network, r.you.at, true)
	if err != nil || h.amount[TRX] != 90_000_000 {
		t.Errorf("arrived: %d, %v", h.amount[TRX], err)
	}
}

// lockedKey is a key that several may use.
type lockedKey struct {
	mu sync.Mutex
	*key
}

// Sign implements Signer.
func (k *lockedKey) Sign(ctx context.Context, a voucher.Address, d [32]byte) (voucher.Signature, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.key.Sign(ctx, a, d)
}

// TestFeeAboveTheReservation is a chain whose prices rose between quote and block.
func TestFeeAboveTheReservation(t *testing.T) {
	r := setup(t, nil)
	r.run()
	r.agreed()
	q, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, TRX, 5))
	r.must(err)
	q.MaxFee = 400_000 // of 1.1 TRX
	v, err := r.chain.Prepare(t.Context(), q)
	r.must(err)
	r.must(r.chain.Send(t.Context(), v, r.me))
	r.reaches(outbox.Broadcast)
	r.node.SealSolid()
	if tx := r.ends(outbox.SolidOK); tx.Fee != 1_100_000 {
		t.Errorf("burnt %v", tx.Fee)
	}
	r.ledgerIs(TRX, start-5-1_100_000)
	if b, err := r.book.Balance(t.Context(), ledger.TronFee); err != nil || b.Posted != 1_100_000 {
		t.Errorf("fees %+v, %v", b, err)
	}
}

// TestAvailableIsLessWhatIsPromised looks at a transfer and a call on their way.
func TestAvailableIsLessWhatIsPromised(t *testing.T) {
	r := setup(t, nil)
	r.giveBTT(r.me.at, 10*btt.One)
	r.node.SealSolid()
	r.must(r.send(Transfer(r.id(), r.me.at, r.you.at, BTT, 2*btt.One)))
	word, _ := btt.One.Word()
	data := append(selector("095ea7b3"), append(make([]byte, 12), r.you.at[:]...)...) // approve
	call := Call(r.id(), r.me.at, r.chain.cfg.Network.BTT, append(data, word[:]...), "deposit", Booking{ledger.Deposit, ledger.Onchain, 3 * btt.One})
	r.must(r.send(call))
	h, err := r.chain.available(t.Context(), r.chain.nodes[0], r.me.at)
	r.must(err)
	all, err := r.chain.Transactions(t.Context(), 0)
	r.must(err)
	want := start - btt.Amount(all[0].Fee) - btt.Amount(all[1].Fee)
	if h.amount[BTT] != 5*btt.One || h.amount[TRX] != want {
		t.Errorf("available %d BTT and %d sun, want %d and %d", h.amount[BTT], h.amount[TRX], 5*btt.One, want)
	}
	if _, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, BTT, 6*btt.One)); !errors.Is(err, ErrNotEnough) {
		t.Errorf("what is promised was quoted again: %v", err)
	}
}

// TestAwayForLong leaves a signed transaction alone until after its expiry: it
// is neither sent then, nor lost.
func TestAwayForLong(t *testing.T) {
	r := setup(t, nil)
	r.must(r.send(Transfer(r.id(), r.me.at, r.you.at, TRX, 5)))
	r.node.Advance(time.Hour)
	r.node.SealSolid()
	r.node.Inject(testnode.Fault{Method: "BroadcastTransaction", Lie: func(_, _ proto.Message) { t.Error("sent after its expiry") }})
	r.run()
	if tx := r.ends(outbox.Expired); !errors.Is(tx.Err(), ErrExpired) {
		t.Errorf("ended %+v", tx)
	}
	r.agreed()
	r.ledgerIs(TRX, start)
}

// TestCancelledCallerDoesNotTearASendApart cancels while the signer works.
func TestCancelledCallerDoesNotTearASendApart(t *testing.T) {
	r := setup(t, nil)
	q, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, TRX, 5))
	r.must(err)
	v, err := r.chain.Prepare(t.Context(), q)
	r.must(err)
	ctx, cancel := context.WithCancel(t.Context())
	r.must(r.chain.Send(ctx, v, signerFunc(func(c context.Context, a voucher.Address, d [32]byte) (voucher.Signature, error) {
		cancel()
		return r.me.Sign(c, a, d)
	})))
	if tx := r.tx(); tx.State != outbox.Signed {
		t.Errorf("left %v", tx.State)
	}
}

type signerFunc func(context.Context, voucher.Address, [32]byte) (voucher.Signature, error)

func (f signerFunc) Sign(ctx context.Context, a voucher.Address, d [32]byte) (voucher.Signature, error) {
	return f(ctx, a, d)
}

// keys collects the provider's key of each request.
type keys struct {
	mu  sync.Mutex
	all []string
}

// intercept notes the key and answers an empty block.
func (k *keys) intercept(ctx context.Context, _ any, _ *grpc.UnaryServerInfo, _ grpc.UnaryHandler) (any, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = append(k.all, md.Get("TRON-PRO-API-KEY")...)
	return &api.BlockExtention{}, nil
}

func TestProvidersKeyIsSentToBothServices(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := new(keys)
	s := grpc.NewServer(grpc.UnaryInterceptor(k.intercept))
	api.RegisterWalletServer(s, api.UnimplementedWalletServer{})
	api.RegisterWalletSolidityServer(s, api.UnimplementedWalletSolidityServer{})
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	defer func() { s.Stop(); <-done }()
	for _, e := range []Endpoint{{Full: l.Addr().String()}, {Full: l.Addr().String(), Solid: l.Addr().String()}} {
		n, err := dial(e, "secret", time.Second)
		if err != nil {
			t.Fatal(err)
		}
		for _, solid := range []bool{true, false} {
			if _, err := n.head(t.Context(), solid); !errors.Is(err, ErrAnswer) {
				t.Errorf("an empty block: %v", err)
			}
		}
		n.close()
	}
	if !slices.Equal(k.all, []string{"secret", "secret", "secret", "secret"}) {
		t.Errorf("keys %q", k.all)
	}
}

func TestTLSIsDemanded(t *testing.T) {
	_, host := testnode.Start(t, testnode.Config{})
	n, err := dial(Endpoint{Full: host, TLS: true}, "", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	if _, err := n.head(t.Context(), false); err == nil {
		t.Error("a plaintext server was accepted where TLS was asked for")
	}
}
