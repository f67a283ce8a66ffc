package testnode

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/fbsobreira/gotron-sdk/pkg/address"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
)

// TestNodeBuiltOfEveryKind has the node build what the SDK asks for, and sends it.
func TestNodeBuiltOfEveryKind(t *testing.T) {
	r := setup(t)
	_, err := r.n.GiveBTTOLD(r.alice.at, 50)
	r.must(err)
	_, err = r.n.GiveBTT(r.alice.at, big.NewInt(50))
	r.must(err)
	_, err = r.n.GiveTRX(r.bob.at, 50)
	r.must(err)
	r.n.Seal(1)
	btt := address.Address(tron(r.n.BTT())).String()
	for name, build := range map[string]func() (*api.TransactionExtention, error){
		"TRX": func() (*api.TransactionExtention, error) {
			return r.c.TransferCtx(t.Context(), r.alice.base58(), r.bob.base58(), 5)
		},
		"TRC-10": func() (*api.TransactionExtention, error) {
			return r.c.TransferAssetCtx(t.Context(), r.alice.base58(), r.bob.base58(), BTTOLD, 5)
		},
		"TRC-20": func() (*api.TransactionExtention, error) {
			return r.c.TRC20SendCtx(t.Context(), r.alice.base58(), r.bob.base58(), btt, big.NewInt(5), 50_000_000)
		},
		"deployment": func() (*api.TransactionExtention, error) {
			return r.c.DeployContractCtx(t.Context(), r.alice.base58(), "x", &core.SmartContract_ABI{}, "600a600c600039600a6000f300", 50_000_000, 100, 1000)
		},
	} {
		x, err := build()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if id := txID(x.Transaction); !slices.Equal(x.Txid, id[:]) {
			t.Errorf("%s: id %x, bytes %x", name, x.Txid, id)
		}
		r.alice.sign(x.Transaction)
		_, err = r.c.BroadcastCtx(t.Context(), x.Transaction)
		r.must(err)
		r.n.Seal(1)
		info, err := r.c.GetTransactionInfoByIDCtx(t.Context(), hex.EncodeToString(x.Txid))
		if err != nil || info.Result != core.TransactionInfo_SUCESS { //nolint:misspell // the protocol's spelling
			t.Errorf("%s: %v, %v", name, info, err)
		}
		tx, err := r.c.GetTransactionByIDCtx(t.Context(), hex.EncodeToString(x.Txid))
		if err != nil || txID(tx) != [32]byte(x.Txid) {
			t.Errorf("%s: read back %v, %v", name, tx, err)
		}
	}
}

func TestEstimateIsWhatIsUsed(t *testing.T) {
	r := setup(t)
	_, err := r.n.GiveBTT(r.alice.at, big.NewInt(50))
	r.must(err)
	r.n.SealSolid()
	q := &core.TriggerSmartContract{OwnerAddress: tron(r.alice.at), ContractAddress: tron(r.n.BTT()), Data: transferData(r.bob.at, 5)}
	head, err := r.c.Client.EstimateEnergy(t.Context(), q)
	r.must(err)
	solid, err := r.solid.EstimateEnergy(t.Context(), q)
	r.must(err)
	info := r.call(r.alice, r.n.BTT(), q.Data, 50_000_000)
	if used := info.Receipt.EnergyUsageTotal; head.EnergyRequired != used || solid.EnergyRequired != used {
		t.Errorf("estimated %d and %d, used %d", head.EnergyRequired, solid.EnergyRequired, used)
	}
	if r.bttOf(r.bob) != "5" {
		t.Error("an estimate has moved tokens")
	}
}

func TestConstantCalls(t *testing.T) {
	r := setup(t)
	ask := func(at []byte, data []byte) *api.TransactionExtention {
		x, err := r.c.Client.TriggerConstantContract(t.Context(), &core.TriggerSmartContract{OwnerAddress: tron(r.alice.at), ContractAddress: at, Data: data})
		r.must(err)
		return x
	}
	if x := ask(tron(r.bob.at), nil); x.Result.Code != api.Return_CONTRACT_VALIDATE_ERROR || len(x.ConstantResult) != 0 {
		t.Errorf("no contract: %v", x)
	}
	if x := ask([]byte("short"), nil); x.Result.Code != api.Return_CONTRACT_VALIDATE_ERROR {
		t.Errorf("no address: %v", x)
	}
	x := ask(tron(r.n.BTT()), transferData(r.bob.at, 5)) // alice has none
	if x.Transaction.Ret[0].Ret != core.Transaction_Result_FAILED || string(x.Result.Message) != "REVERT opcode executed" || x.EnergyUsed == 0 {
		t.Errorf("revert: %v", x)
	}
	bad := r.deploy(r.alice, []byte{0xfe})
	if x := ask(tron(bad), nil); x.Transaction.Ret[0].Ret != core.Transaction_Result_FAILED || len(x.Result.Message) == 0 {
		t.Errorf("invalid opcode: %v", x)
	}
	log := r.deploy(r.alice, []byte{0x60, 7, 0x60, 0, 0x60, 0, 0xa1}) // LOG1 with topic 7
	if x := ask(tron(log), nil); len(x.Logs) != 1 || x.Logs[0].Topics[0][31] != 7 {
		t.Errorf("logs: %v", x.Logs)
	}
}

func TestWhatIsNotThereIsEmpty(t *testing.T) {
	r := setup(t)
	head, _ := r.n.Height()
	for _, num := range []int64{-1, head + 1, 1 << 40} {
		b, err := r.c.Client.GetBlockByNum2(t.Context(), &api.NumberMessage{Num: num})
		if err != nil || b.BlockHeader != nil {
			t.Errorf("block %d: %v, %v", num, b, err)
		}
		s, err := r.solid.GetBlockByNum2(t.Context(), &api.NumberMessage{Num: num})
		if err != nil || s.BlockHeader != nil {
			t.Errorf("solid block %d: %v, %v", num, s, err)
		}
		l, err := r.c.Client.GetTransactionInfoByBlockNum(t.Context(), &api.NumberMessage{Num: num})
		if err != nil || len(l.TransactionInfo) != 0 {
			t.Errorf("receipts of %d: %v, %v", num, l, err)
		}
	}
	for _, id := range [][]byte{nil, {1}, make([]byte, 32)} {
		q := &api.BytesMessage{Value: id}
		a, err1 := r.c.Client.GetTransactionById(t.Context(), q)
		b, err2 := r.c.Client.GetTransactionInfoById(t.Context(), q)
		c, err3 := r.solid.GetTransactionById(t.Context(), q)
		d, err4 := r.solid.GetTransactionInfoById(t.Context(), q)
		if err := errors.Join(err1, err2, err3, err4); err != nil || a.RawData != nil || b.Id != nil || c.RawData != nil || d.Id != nil {
			t.Errorf("transaction %x: %v %v %v %v, %v", id, a, b, c, d, err)
		}
	}
	for _, a := range [][]byte{nil, {0x41}, make([]byte, 21), tron(r.bob.at)} {
		acc, err := r.c.Client.GetAccount(t.Context(), &core.Account{Address: a})
		if err != nil || acc.Address != nil {
			t.Errorf("account %x: %v, %v", a, acc, err)
		}
		res, err := r.c.Client.GetAccountResource(t.Context(), &core.Account{Address: a})
		if err != nil || res.FreeNetLimit != 0 {
			t.Errorf("resources of %x: %v, %v", a, res, err)
		}
		con, err := r.c.Client.GetContract(t.Context(), &api.BytesMessage{Value: a})
		if err != nil || con.Bytecode != nil {
			t.Errorf("contract %x: %v, %v", a, con, err)
		}
	}
}

func TestFactsAboutTheChain(t *testing.T) {
	r := setup(t)
	con, err := r.c.Client.GetContract(t.Context(), &api.BytesMessage{Value: tron(r.n.BTT())})
	if err != nil || con.Name != "BitTorrent" || len(con.Bytecode) == 0 {
		t.Errorf("contract %v, %v", con, err)
	}
	for _, get := range []func(context.Context, *api.BytesMessage) (*core.AssetIssueContract, error){
		func(ctx context.Context, q *api.BytesMessage) (*core.AssetIssueContract, error) {
			return r.c.Client.GetAssetIssueById(ctx, q)
		},
		func(ctx context.Context, q *api.BytesMessage) (*core.AssetIssueContract, error) {
			return r.solid.GetAssetIssueById(ctx, q)
		},
	} {
		old, err := get(t.Context(), &api.BytesMessage{Value: []byte(BTTOLD)})
		if err != nil || old.Precision != 6 || old.Id != BTTOLD {
			t.Errorf("token %v, %v", old, err)
		}
		if other, err := get(t.Context(), &api.BytesMessage{Value: []byte("1")}); err != nil || other.Id != "" {
			t.Errorf("other token %v, %v", other, err)
		}
	}
	name, err := r.c.TRC20GetNameCtx(t.Context(), address.Address(tron(r.n.BTT())).String())
	if err != nil || name != "BitTorrent" {
		t.Errorf("name %q, %v", name, err)
	}
	r.n.Seal(25)
	info, err := r.c.GetNodeInfoCtx(t.Context())
	if err != nil || info.Block != "Num:25" || info.SolidityBlock != "Num:6" {
		t.Errorf("node info %v, %v", info, err)
	}
	p, err := r.c.GetBandwidthPricesCtx(t.Context())
	if err != nil || p.Prices != "0:1000" {
		t.Errorf("prices %v, %v", p, err)
	}
}

// TestBlocksAreAChain checks parents, ids and the root over the transactions.
func TestBlocksAreAChain(t *testing.T) {
	r := setup(t)
	for n := range 5 {
		for i := range n {
			_, err := r.n.GiveTRX(r.bob.at, int64(i+1))
			r.must(err)
		}
		r.n.Seal(1)
	}
	parent := r.n.GenesisID()
	for num := int64(1); num <= 5; num++ {
		b, err := r.c.GetBlockByNumCtx(t.Context(), num)
		r.must(err)
		raw := b.BlockHeader.RawData
		if !slices.Equal(raw.ParentHash, parent[:]) || raw.Number != num || blockID(raw) != [32]byte(b.Blockid) {
			t.Errorf("block %d: parent %x after %x", num, raw.ParentHash, parent)
		}
		parent = [32]byte(b.Blockid)
		var leaves [][32]byte
		for _, x := range b.Transactions {
			leaves = append(leaves, sha256.Sum256(mustMarshal(x.Transaction)))
		}
		pair := func(a, b [32]byte) [32]byte { return sha256.Sum256(append(a[:], b[:]...)) }
		var want [32]byte
		switch len(leaves) {
		case 0:
		case 1:
			want = leaves[0]
		case 2:
			want = pair(leaves[0], leaves[1])
		case 3:
			want = pair(pair(leaves[0], leaves[1]), leaves[2])
		case 4:
			want = pair(pair(leaves[0], leaves[1]), pair(leaves[2], leaves[3]))
		}
		if !slices.Equal(raw.TxTrieRoot, want[:]) {
			t.Errorf("block %d: root %x, want %x", num, raw.TxTrieRoot, want)
		}
	}
}

func TestPoorAccounts(t *testing.T) {
	r := setup(t)
	_, err := r.n.GiveTRX(r.bob.at, 1_000)
	r.must(err)
	_, err = r.n.GiveBTTOLD(r.bob.at, 100)
	r.must(err)
	r.n.Seal(1)
	asset := func(to []byte) *core.TransferAssetContract {
		return &core.TransferAssetContract{AssetName: []byte(BTTOLD), OwnerAddress: tron(r.bob.at), ToAddress: to, Amount: 1}
	}
	for { // free bandwidth suffices for two
		tx, _ := r.tx(r.bob, assetKind, asset(tron(r.alice.at)), func(raw *core.TransactionRaw) { raw.Timestamp += int64(len(r.n.txs)) })
		if ret := r.send(tx); !ret.Result {
			if ret.Code != api.Return_BANDWITH_ERROR { //nolint:misspell // the protocol's spelling
				t.Errorf("without bandwidth: %v", ret)
			}
			break
		}
	}
	for name, edit := range map[string]func(*core.TransactionRaw){"activation": nil, "memo": func(raw *core.TransactionRaw) { raw.Data = []byte("x") }} {
		r.n.Advance(25 * time.Hour)
		r.n.Seal(1)
		to := newUser("nobody").at
		if name == "memo" {
			to = r.alice.at
		}
		tx, _ := r.tx(r.bob, assetKind, asset(tron(to)), edit)
		if ret := r.send(tx); ret.Code != api.Return_BANDWITH_ERROR { //nolint:misspell // the protocol's spelling
			t.Errorf("%s: %v", name, ret)
		}
	}
}

// TestManyAtOnce is for the race detector.
func TestManyAtOnce(t *testing.T) {
	r := setup(t)
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for i := range 20 {
				switch n % 4 {
				case 0:
					r.n.Seal(1)
				case 1:
					if _, err := r.n.GiveTRX(r.bob.at, int64(i+1)); err != nil {
						t.Error(err)
					}
				case 2:
					if _, err := r.c.GetNowBlockCtx(t.Context()); err != nil {
						t.Error(err)
					}
				case 3:
					r.n.Reorg(2, true)
				}
			}
		})
	}
	all.Wait()
	r.n.Seal(1)
	if got := r.balance(r.bob.at); got != 2*20*21/2 {
		t.Errorf("bob has %d", got)
	}
}

// TestRunSealsInTime uses a virtual clock.
func TestRunSealsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := func() time.Time { return time.Now().AddDate(40, 0, 0) } // the bubble begins in 2000
		n, err := New(Config{Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		first, _ := n.Height()
		ctx, stop := context.WithTimeout(t.Context(), time.Minute+time.Second)
		defer stop()
		if err := n.Run(ctx, 3*time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if now, _ := n.Height(); now-first != 20 {
			t.Errorf("%d blocks in a minute", now-first)
		}
		if d := clock().Sub(n.Now()); d < 0 || d > 6*time.Second {
			t.Errorf("the head is %v old", d)
		}
	})
}

func TestAdvanceWithARealClock(t *testing.T) {
	n, err := New(Config{Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	n.Advance(time.Hour)
	for range 3 {
		n.Seal(1)
		if d := time.Until(n.Now()); d < 59*time.Minute || d > 61*time.Minute {
			t.Errorf("the head is %v ahead", d)
		}
	}
	key := sha256.Sum256([]byte(faucetPhrase))
	if k, err := crypto.ToECDSA(key[:]); err != nil || crypto.PubkeyToAddress(k.PublicKey) != n.Faucet() {
		t.Errorf("the faucet's key is not the public one: %v", err)
	}
}

func TestDeploymentsThatAreRefused(t *testing.T) {
	r := setup(t)
	for name, edit := range map[string]func(*core.SmartContract){
		"for another":        func(c *core.SmartContract) { c.OriginAddress = tron(r.bob.at) },
		"a long name":        func(c *core.SmartContract) { c.Name = "123456789012345678901234567890123" },
		"percent below none": func(c *core.SmartContract) { c.ConsumeUserResourcePercent = -1 },
		"percent above all":  func(c *core.SmartContract) { c.ConsumeUserResourcePercent = 101 },
		"no energy limit":    func(c *core.SmartContract) { c.OriginEnergyLimit = 0 },
	} {
		c := &core.SmartContract{OriginAddress: tron(r.alice.at), Bytecode: []byte{0}, OriginEnergyLimit: 1}
		edit(c)
		tx, _ := r.tx(r.alice, core.Transaction_Contract_CreateSmartContract, &core.CreateSmartContract{OwnerAddress: tron(r.alice.at), NewContract: c}, nil)
		if ret := r.send(tx); ret.Code != api.Return_CONTRACT_VALIDATE_ERROR {
			t.Errorf("%s: %v", name, ret)
		}
	}
}

func TestGetBlock(t *testing.T) {
	r := setup(t)
	info := r.payTRX(r.alice, r.n.Faucet(), 5)
	r.n.Seal(3)
	want, err := r.c.GetBlockByNumCtx(t.Context(), info.BlockNumber)
	r.must(err)
	ask := func(text string, detail bool) *api.BlockExtention {
		b, err := r.c.Client.GetBlock(t.Context(), &api.BlockReq{IdOrNum: text, Detail: detail})
		r.must(err)
		return b
	}
	for _, text := range []string{"1", hex.EncodeToString(want.Blockid)} {
		if b := ask(text, true); !slices.Equal(b.Blockid, want.Blockid) || len(b.Transactions) != 1 {
			t.Errorf("%s: %v", text, b)
		}
		if b := ask(text, false); !slices.Equal(b.Blockid, want.Blockid) || len(b.Transactions) != 0 {
			t.Errorf("%s without transactions: %v", text, b)
		}
	}
	if b := ask("", false); b.BlockHeader.RawData.Number != 4 {
		t.Errorf("newest: %v", b)
	}
	if b, err := r.solid.GetBlock(t.Context(), &api.BlockReq{}); err != nil || b.BlockHeader.RawData.Number != 0 {
		t.Errorf("newest solid: %v, %v", b, err)
	}
	want.Blockid[20]++
	for _, text := range []string{"99", "-1", hex.EncodeToString(want.Blockid)} {
		if b := ask(text, true); b.BlockHeader != nil {
			t.Errorf("%s: %v", text, b)
		}
	}
	for _, text := range []string{"x", "0x1", hex.EncodeToString(want.Blockid)[:62] + "zz"} {
		if b, err := r.c.Client.GetBlock(t.Context(), &api.BlockReq{IdOrNum: text}); err == nil {
			t.Errorf("%s: %v", text, b)
		}
	}
}
