package testnode

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/fbsobreira/gotron-sdk/pkg/address"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestFaultCountsAndGoes(t *testing.T) {
	r := setup(t)
	now := func() error {
		_, err := r.c.GetNowBlockCtx(t.Context())
		return err
	}
	r.n.Inject(Fault{Method: "GetNowBlock2", Times: 2, Err: status.Error(codes.Unavailable, "down")})
	for range 2 {
		if err := now(); status.Code(err) != codes.Unavailable {
			t.Errorf("got %v", err)
		}
	}
	if err := now(); err != nil {
		t.Errorf("third time: %v", err)
	}
	remove := r.n.Inject(Fault{Service: "Wallet", Err: status.Error(codes.Internal, "broken")})
	if err := now(); status.Code(err) != codes.Internal {
		t.Errorf("got %v", err)
	}
	if _, err := r.solid.GetNowBlock2(t.Context(), &api.EmptyMessage{}); err != nil {
		t.Errorf("the other service fails too: %v", err)
	}
	remove()
	if err := now(); err != nil {
		t.Errorf("removed: %v", err)
	}
}

func TestDelayEndsWithTheCaller(t *testing.T) {
	r := setup(t)
	r.n.Inject(Fault{Delay: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := r.c.GetNowBlockCtx(ctx); status.Code(err) != codes.DeadlineExceeded && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestLies(t *testing.T) {
	r := setup(t)
	btt := address.Address(tron(r.n.BTT())).String()
	with := func(f Fault, check func()) {
		t.Helper()
		remove := r.n.Inject(f)
		check()
		remove()
	}
	with(Fault{Lie: WrongChain}, func() {
		b, err := r.c.GetBlockByNumCtx(t.Context(), 0)
		r.must(err)
		if id := r.n.GenesisID(); slices.Equal(b.Blockid, id[:]) {
			t.Error("the genesis id is true")
		}
	})
	for _, lie := range []Fault{{Lie: EmptyResult}, {Lie: Reverted}} {
		with(lie, func() { // the SDK's trap this lie is for: no error, zero
			if v, err := r.c.TRC20ContractBalanceCtx(t.Context(), address.Address(tron(r.n.Faucet())).String(), btt); err != nil || v.Sign() != 0 {
				t.Errorf("got %v, %v", v, err)
			}
		})
	}
	with(Fault{Lie: Recipient(r.bob.at)}, func() {
		x, err := r.c.TransferCtx(t.Context(), r.alice.base58(), btt, 5)
		r.must(err)
		var c core.TransferContract
		r.must(x.Transaction.RawData.Contract[0].Parameter.UnmarshalTo(&c))
		if id := txID(x.Transaction); !slices.Equal(c.ToAddress, tron(r.bob.at)) || !slices.Equal(x.Txid, id[:]) {
			t.Error("the recipient is the one asked for")
		}
	})
	with(Fault{Lie: Missing}, func() {
		if b, err := r.c.GetNowBlockCtx(t.Context()); err != nil || b.BlockHeader != nil {
			t.Errorf("got %v, %v", b, err)
		}
	})
	with(Fault{Lie: Huge}, func() {
		acc, err := r.c.Client.GetAccount(t.Context(), &core.Account{Address: tron(r.alice.at)})
		r.must(err)
		if acc.Balance != math.MaxInt64 {
			t.Errorf("balance %d", acc.Balance)
		}
	})
	r.payTRX(r.alice, r.bob.at, 1)
	with(Fault{Lie: Endless}, func() {
		b, err := r.c.GetNowBlockCtx(t.Context())
		r.must(err)
		if len(b.Transactions) != 5000 {
			t.Errorf("%d transactions", len(b.Transactions))
		}
	})
	if b, err := r.c.GetNowBlockCtx(t.Context()); err != nil || len(b.Transactions) != 1 {
		t.Errorf("a lie has changed the chain: %v, %v", b, err)
	}
}
