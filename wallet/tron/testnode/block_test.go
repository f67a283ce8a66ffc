package testnode

import (
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
)

func TestSolidIsNineteenBehind(t *testing.T) {
	r := setup(t)
	info := r.payTRX(r.alice, r.n.Faucet(), 1)
	ask := func() int64 {
		x, err := r.solid.GetTransactionInfoById(t.Context(), &api.BytesMessage{Value: info.Id})
		r.must(err)
		return x.BlockNumber
	}
	r.n.Seal(18)
	if n := ask(); n != 0 {
		t.Errorf("solid after 18 blocks: %d", n)
	}
	acc, err := r.solid.GetAccount(t.Context(), &core.Account{Address: tron(r.alice.at)})
	r.must(err)
	if acc.Balance != 1_000_000_000 {
		t.Errorf("the solid view shows what is not solid: %d", acc.Balance)
	}
	r.n.Seal(1)
	if n := ask(); n != info.BlockNumber {
		t.Errorf("not solid after 19 blocks: %d", n)
	}
	b, err := r.solid.GetNowBlock2(t.Context(), &api.EmptyMessage{})
	r.must(err)
	if b.BlockHeader.RawData.Number != info.BlockNumber {
		t.Errorf("solid head %d, block %d", b.BlockHeader.RawData.Number, info.BlockNumber)
	}
	list, err := r.solid.GetTransactionInfoByBlockNum(t.Context(), &api.NumberMessage{Num: info.BlockNumber})
	r.must(err)
	if len(list.TransactionInfo) != 1 || !slices.Equal(list.TransactionInfo[0].Id, info.Id) {
		t.Errorf("receipts of the block: %v", list)
	}
}

func TestReorg(t *testing.T) {
	for _, keep := range []bool{false, true} {
		r := setup(t)
		info := r.payTRX(r.alice, r.n.Faucet(), 5)
		old, err := r.c.GetBlockByNumCtx(t.Context(), info.BlockNumber)
		r.must(err)
		r.n.Seal(2)
		if n := r.n.Reorg(3, keep); n != 3 {
			t.Fatalf("replaced %d blocks", n)
		}
		now, err := r.c.GetBlockByNumCtx(t.Context(), info.BlockNumber)
		r.must(err)
		if slices.Equal(old.Blockid, now.Blockid) || len(now.Transactions) != 0 {
			t.Error("the block is still there")
		}
		if _, err := r.c.GetTransactionInfoByIDCtx(t.Context(), hex.EncodeToString(info.Id)); err == nil {
			t.Error("the receipt is still there")
		}
		r.n.Seal(1)
		_, err = r.c.GetTransactionInfoByIDCtx(t.Context(), hex.EncodeToString(info.Id))
		if keep != (err == nil) {
			t.Errorf("keep %v: after the next block %v", keep, err)
		}
		want := int64(1_000_000_000)
		if keep {
			want -= 5
		}
		if got := r.balance(r.alice.at); got != want {
			t.Errorf("keep %v: balance %d, want %d", keep, got, want)
		}
		r.n.SealSolid()
		head, solid := r.n.Height()
		if n := r.n.Reorg(100, true); int64(n) != head-solid {
			t.Errorf("replaced %d blocks, %d were not solid", n, head-solid)
		}
	}
}

func TestHoldThenExpire(t *testing.T) {
	r := setup(t)
	r.n.Hold(true)
	tx, id := r.tx(r.alice, trxKind, &core.TransferContract{OwnerAddress: tron(r.alice.at), ToAddress: tron(r.n.Faucet()), Amount: 5}, nil)
	if ret := r.send(tx); !ret.Result {
		t.Fatal(ret)
	}
	r.n.Seal(3)
	if got := r.balance(r.alice.at); got != 1_000_000_000-5 {
		t.Errorf("pool not applied: %d", got)
	}
	r.n.Advance(time.Minute)
	r.n.Hold(false)
	r.n.Seal(1)
	if got := r.balance(r.alice.at); got != 1_000_000_000 {
		t.Errorf("expired transaction still counts: %d", got)
	}
	if _, err := r.c.GetTransactionInfoByIDCtx(t.Context(), hex.EncodeToString(id[:])); err == nil {
		t.Error("an expired transaction entered a block")
	}
	if ret := r.send(tx); ret.Code != api.Return_TRANSACTION_EXPIRATION_ERROR {
		t.Errorf("sent again: %v", ret)
	}
}

func TestLose(t *testing.T) {
	r := setup(t)
	r.n.Lose(1)
	tx, _ := r.tx(r.alice, trxKind, &core.TransferContract{OwnerAddress: tron(r.alice.at), ToAddress: tron(r.n.Faucet()), Amount: 5}, nil)
	if ret := r.send(tx); !ret.Result {
		t.Fatal(ret)
	}
	r.n.Seal(1)
	if got := r.balance(r.alice.at); got != 1_000_000_000 {
		t.Errorf("a lost broadcast counts: %d", got)
	}
	if ret := r.send(tx); !ret.Result {
		t.Errorf("the same bytes again: %v", ret)
	}
}
