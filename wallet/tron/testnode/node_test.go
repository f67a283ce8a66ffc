package testnode

import (
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/fbsobreira/gotron-sdk/pkg/address"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
)

const (
	trxKind   = core.Transaction_Contract_TransferContract
	assetKind = core.Transaction_Contract_TransferAssetContract
	callKind  = core.Transaction_Contract_TriggerSmartContract
)

func TestActivationCosts(t *testing.T) {
	r := setup(t)
	if _, err := r.c.GetAccountCtx(t.Context(), r.bob.base58()); err == nil {
		t.Error("an account nobody has paid exists")
	}
	info := r.payTRX(r.alice, r.bob.at, 5_000_000)
	if info.Fee != 1_100_000 || info.Receipt.NetFee != 100_000 {
		t.Errorf("fee %d, of it net %d", info.Fee, info.Receipt.NetFee)
	}
	if got := r.balance(r.bob.at); got != 5_000_000 {
		t.Errorf("bob has %d", got)
	}
	if got := r.balance(r.alice.at); got != 1_000_000_000-5_000_000-1_100_000 {
		t.Errorf("alice has %d", got)
	}
	if info = r.payTRX(r.alice, r.bob.at, 1); info.Fee != 0 {
		t.Errorf("the second payment cost %d", info.Fee)
	}
}

func TestReceivingTRC20DoesNotActivate(t *testing.T) {
	r := setup(t)
	_, err := r.n.GiveBTT(r.bob.at, big.NewInt(7))
	r.must(err)
	r.n.Seal(1)
	if got := r.bttOf(r.bob); got != "7" {
		t.Errorf("bob has %s units of BTT", got)
	}
	if _, err := r.c.GetAccountCtx(t.Context(), r.bob.base58()); err == nil {
		t.Error("receiving a TRC-20 token has activated the account")
	}
	tx, _ := r.tx(r.bob, callKind, &core.TriggerSmartContract{OwnerAddress: tron(r.bob.at), ContractAddress: tron(r.n.BTT()), Data: transferData(r.alice.at, 7)}, nil)
	if ret := r.send(tx); ret.Result || ret.Code != api.Return_CONTRACT_VALIDATE_ERROR {
		t.Errorf("an account that does not exist has sent: %v", ret)
	}
}

func TestBandwidthIsFreeThenBurntThenRecovers(t *testing.T) {
	r := setup(t)
	r.payTRX(r.alice, r.bob.at, 1)
	var used int64
	for {
		info := r.payTRX(r.alice, r.bob.at, 1)
		if info.Receipt.NetUsage == 0 {
			size := info.Receipt.NetFee / 1000
			if used+size <= 600 || info.Fee != info.Receipt.NetFee {
				t.Errorf("burnt %d for %d bytes with %d of 600 used", info.Fee, size, used)
			}
			break
		}
		used += info.Receipt.NetUsage
	}
	res, err := r.c.GetAccountResourceCtx(t.Context(), r.alice.base58())
	r.must(err)
	if res.FreeNetUsed != used || res.FreeNetLimit != 600 {
		t.Errorf("resource says %d of %d used, receipts %d", res.FreeNetUsed, res.FreeNetLimit, used)
	}
	r.n.Advance(12 * time.Hour)
	r.n.Seal(1)
	res, err = r.c.GetAccountResourceCtx(t.Context(), r.alice.base58())
	r.must(err)
	if d := res.FreeNetUsed - used/2; d < -1 || d > 1 {
		t.Errorf("after half a day %d of %d are used", res.FreeNetUsed, used)
	}
	r.n.Advance(12 * time.Hour)
	r.n.Seal(1)
	if info := r.payTRX(r.alice, r.bob.at, 1); info.Receipt.NetUsage == 0 {
		t.Error("a day later bandwidth is still short")
	}
}

func TestRejections(t *testing.T) {
	r := setup(t)
	pay := &core.TransferContract{OwnerAddress: tron(r.alice.at), ToAddress: tron(r.n.Faucet()), Amount: 1}
	asset := func(id string, n int64) *core.TransferAssetContract {
		return &core.TransferAssetContract{AssetName: []byte(id), OwnerAddress: tron(r.alice.at), ToAddress: tron(r.n.Faucet()), Amount: n}
	}
	for _, c := range []struct {
		name string
		code api.ReturnResponseCode
		make func() *core.Transaction
	}{
		{"wrong signer", api.Return_SIGERROR, func() *core.Transaction {
			tx, _ := r.tx(r.bob, trxKind, pay, nil)
			return tx
		}},
		{"no signature", api.Return_SIGERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, trxKind, pay, nil)
			tx.Signature = nil
			return tx
		}},
		{"two signatures", api.Return_SIGERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, trxKind, pay, nil)
			tx.Signature = append(tx.Signature, tx.Signature[0])
			return tx
		}},
		{"unknown permission", api.Return_SIGERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, trxKind, pay, func(raw *core.TransactionRaw) { raw.Contract[0].PermissionId = 3 })
			return tx
		}},
		{"other chain's block", api.Return_TAPOS_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, trxKind, pay, func(raw *core.TransactionRaw) { raw.RefBlockHash = make([]byte, 8) })
			return tx
		}},
		{"no block", api.Return_TAPOS_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, trxKind, pay, func(raw *core.TransactionRaw) { raw.RefBlockBytes = nil })
			return tx
		}},
		{"expired", api.Return_TRANSACTION_EXPIRATION_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, trxKind, pay, func(raw *core.TransactionRaw) { raw.Expiration = raw.Timestamp })
			return tx
		}},
		{"expires in 25 hours", api.Return_TRANSACTION_EXPIRATION_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, trxKind, pay, func(raw *core.TransactionRaw) { raw.Expiration += 25 * 3600_000 })
			return tx
		}},
		{"type and contract differ", api.Return_CONTRACT_VALIDATE_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, assetKind, pay, nil)
			return tx
		}},
		{"no contract", api.Return_CONTRACT_VALIDATE_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, trxKind, pay, func(raw *core.TransactionRaw) { raw.Contract = nil })
			return tx
		}},
		{"more TRX than there is", api.Return_CONTRACT_VALIDATE_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, trxKind, &core.TransferContract{OwnerAddress: pay.OwnerAddress, ToAddress: pay.ToAddress, Amount: 1_000_000_001}, nil)
			return tx
		}},
		{"to oneself", api.Return_CONTRACT_VALIDATE_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, trxKind, &core.TransferContract{OwnerAddress: pay.OwnerAddress, ToAddress: pay.OwnerAddress, Amount: 1}, nil)
			return tx
		}},
		{"nothing", api.Return_CONTRACT_VALIDATE_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, trxKind, &core.TransferContract{OwnerAddress: pay.OwnerAddress, ToAddress: pay.ToAddress}, nil)
			return tx
		}},
		{"TRX to the token's contract", api.Return_CONTRACT_VALIDATE_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, trxKind, &core.TransferContract{OwnerAddress: pay.OwnerAddress, ToAddress: tron(r.n.BTT()), Amount: 1}, nil)
			return tx
		}},
		{"TRC-10 nobody has", api.Return_CONTRACT_VALIDATE_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, assetKind, asset(BTTOLD, 1), nil)
			return tx
		}},
		{"TRC-10 that does not exist", api.Return_CONTRACT_VALIDATE_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, assetKind, asset("1002001", 1), nil)
			return tx
		}},
		{"call of no contract", api.Return_CONTRACT_VALIDATE_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, callKind, &core.TriggerSmartContract{OwnerAddress: pay.OwnerAddress, ContractAddress: tron(r.bob.at)}, nil)
			return tx
		}},
		{"fee limit over 15,000 TRX", api.Return_CONTRACT_VALIDATE_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, callKind, &core.TriggerSmartContract{OwnerAddress: pay.OwnerAddress, ContractAddress: tron(r.n.BTT())},
				func(raw *core.TransactionRaw) { raw.FeeLimit = 15_000_000_001 })
			return tx
		}},
		{"too big", api.Return_TOO_BIG_TRANSACTION_ERROR, func() *core.Transaction {
			tx, _ := r.tx(r.alice, trxKind, pay, func(raw *core.TransactionRaw) { raw.Data = make([]byte, maxTxSize) })
			return tx
		}},
	} {
		before := r.balance(r.alice.at)
		if ret := r.send(c.make()); ret.Result || ret.Code != c.code || len(ret.Message) == 0 {
			t.Errorf("%s: %v", c.name, ret)
		}
		r.n.Seal(1)
		if after := r.balance(r.alice.at); after != before {
			t.Errorf("%s: a rejected transaction changed the balance by %d", c.name, after-before)
		}
	}
}

func TestDuplicateIsRejectedInPoolAndBlock(t *testing.T) {
	r := setup(t)
	tx, _ := r.tx(r.alice, trxKind, &core.TransferContract{OwnerAddress: tron(r.alice.at), ToAddress: tron(r.n.Faucet()), Amount: 1}, nil)
	if ret := r.send(tx); !ret.Result {
		t.Fatal(ret)
	}
	for range 2 {
		if ret := r.send(tx); ret.Code != api.Return_DUP_TRANSACTION_ERROR {
			t.Errorf("second time: %v", ret)
		}
		r.n.Seal(1)
	}
}

func TestTRC10(t *testing.T) {
	r := setup(t)
	_, err := r.n.GiveBTTOLD(r.alice.at, 9_000_000)
	r.must(err)
	r.n.Seal(1)
	info := r.mined(r.alice, assetKind, &core.TransferAssetContract{
		AssetName: []byte(BTTOLD), OwnerAddress: tron(r.alice.at), ToAddress: tron(r.bob.at), Amount: 2_500_000,
	}, nil)
	if info.Fee != 1_100_000 {
		t.Errorf("activating by TRC-10 cost %d", info.Fee)
	}
	for u, want := range map[*user]int64{r.alice: 6_500_000, r.bob: 2_500_000} {
		acc, err := r.c.GetAccountCtx(t.Context(), u.base58())
		r.must(err)
		if acc.AssetV2[BTTOLD] != want {
			t.Errorf("%s has %d, want %d", u.base58(), acc.AssetV2[BTTOLD], want)
		}
	}
}

// TestTokenEnergy holds the test token near the real one: 13,205 units to a
// holder and 28,205 to a new one (reference, measured with BTT.sol).
func TestTokenEnergy(t *testing.T) {
	r := setup(t)
	_, err := r.n.GiveBTT(r.alice.at, big.NewInt(100))
	r.must(err)
	r.n.Seal(1)
	fresh := r.call(r.alice, r.n.BTT(), transferData(r.bob.at, 10), 100_000_000)
	known := r.call(r.alice, r.n.BTT(), transferData(r.bob.at, 10), 100_000_000)
	t.Logf("energy to a new holder %d, to a holder %d", fresh.Receipt.EnergyUsageTotal, known.Receipt.EnergyUsageTotal)
	if d := fresh.Receipt.EnergyUsageTotal - known.Receipt.EnergyUsageTotal; d != 15_000 {
		t.Errorf("a new holder costs %d more", d)
	}
	if e := known.Receipt.EnergyUsageTotal; e < 12_500 || e > 13_500 {
		t.Errorf("a transfer costs %d", e)
	}
	if known.Receipt.Result != core.Transaction_Result_SUCCESS || known.Receipt.EnergyFee != known.Receipt.EnergyUsageTotal*100 {
		t.Errorf("receipt %v", known.Receipt)
	}
	if len(known.Log) != 1 || !slices.Equal(known.Log[0].Topics[0], crypto.Keccak256([]byte("Transfer(address,address,uint256)"))) {
		t.Errorf("log %v", known.Log)
	}
	if got := r.bttOf(r.bob); got != "20" {
		t.Errorf("bob has %s", got)
	}
}

func TestRevertCostsWhatWasUsed(t *testing.T) {
	r := setup(t)
	info := r.call(r.alice, r.n.BTT(), transferData(r.bob.at, 1), 100_000_000)
	if info.Result != core.TransactionInfo_FAILED || info.Receipt.Result != core.Transaction_Result_REVERT || len(info.Log) != 0 {
		t.Errorf("overdraft: %v", info)
	}
	if info.Fee == 0 || info.Fee > 1_000_000 {
		t.Errorf("a revert cost %d sun", info.Fee)
	}
}

func TestFeeLimitTooLowBurnsAllOfIt(t *testing.T) {
	r := setup(t)
	_, err := r.n.GiveBTT(r.alice.at, big.NewInt(100))
	r.must(err)
	r.n.Seal(1)
	info := r.call(r.alice, r.n.BTT(), transferData(r.bob.at, 10), 200_000)
	if info.Receipt.Result != core.Transaction_Result_OUT_OF_ENERGY || info.Receipt.EnergyFee != 200_000 {
		t.Errorf("receipt %v", info.Receipt)
	}
	if r.bttOf(r.alice) != "100" || r.bttOf(r.bob) != "0" {
		t.Error("a failed transfer has moved tokens")
	}
}

// deploy puts runtime code on the chain with init code that returns it.
func (r *rig) deploy(u *user, runtime []byte) common.Address {
	r.Helper()
	init := append([]byte{0x60, byte(len(runtime)), 0x60, 12, 0x60, 0, 0x39, 0x60, byte(len(runtime)), 0x60, 0, 0xf3}, runtime...)
	info := r.mined(u, core.Transaction_Contract_CreateSmartContract, &core.CreateSmartContract{
		OwnerAddress: tron(u.at), NewContract: &core.SmartContract{OriginAddress: tron(u.at), Bytecode: init, ConsumeUserResourcePercent: 100, OriginEnergyLimit: 1},
	}, nil)
	if info.Receipt.Result != core.Transaction_Result_SUCCESS {
		r.Fatalf("deploy: %v %s", info.Receipt, info.ResMessage)
	}
	want := ContractAddress([32]byte(info.Id), u.at)
	if !slices.Equal(info.ContractAddress, tron(want)) {
		r.Errorf("deployed at %x, want %x", info.ContractAddress, want)
	}
	return want
}

func TestEndlessLoopAndBadOpcodeEnd(t *testing.T) {
	r := setup(t)
	loop := r.deploy(r.alice, []byte{0x5b, 0x60, 0, 0x56}) // JUMPDEST PUSH1 0 JUMP
	info := r.call(r.alice, loop, nil, 100_000_000)
	if info.Receipt.Result != core.Transaction_Result_OUT_OF_ENERGY || info.Receipt.EnergyUsageTotal != 1_000_000 {
		t.Errorf("loop: %v", info.Receipt)
	}
	bad := r.deploy(r.alice, []byte{0xfe})
	if info = r.call(r.alice, bad, nil, 1_000_000); info.Receipt.Result != core.Transaction_Result_ILLEGAL_OPERATION || info.Receipt.EnergyUsageTotal != 10_000 {
		t.Errorf("invalid opcode: %v", info.Receipt)
	}
	jump := r.deploy(r.alice, []byte{0x60, 9, 0x56})
	if info = r.call(r.alice, jump, nil, 1_000_000); info.Receipt.Result != core.Transaction_Result_BAD_JUMP_DESTINATION {
		t.Errorf("bad jump: %v", info.Receipt)
	}
	pop := r.deploy(r.alice, []byte{0x50})
	if info = r.call(r.alice, pop, nil, 1_000_000); info.Receipt.Result != core.Transaction_Result_STACK_TOO_SMALL {
		t.Errorf("pop of nothing: %v", info.Receipt)
	}
}

func TestContractSeesChainIDAndTime(t *testing.T) {
	r := setup(t)
	show := func(op byte) uint64 {
		at := r.deploy(r.alice, []byte{op, 0x60, 0, 0x52, 0x60, 32, 0x60, 0, 0xf3}) // op, MSTORE 0, RETURN 32
		x, err := r.c.TriggerConstantContractWithDataCtx(t.Context(), r.alice.base58(), address.Address(tron(at)).String(), nil)
		r.must(err)
		return new(big.Int).SetBytes(x.ConstantResult[0]).Uint64()
	}
	if got := show(0x46); got != r.n.ChainID() {
		t.Errorf("CHAINID %d, node says %d", got, r.n.ChainID())
	}
	if got := show(0x42); got != uint64(r.n.Now().Unix())+3 {
		t.Errorf("TIMESTAMP %d at %d", got, r.n.Now().Unix())
	}
}

func TestMemoCostsExtra(t *testing.T) {
	r := setup(t)
	info := r.mined(r.alice, trxKind, &core.TransferContract{OwnerAddress: tron(r.alice.at), ToAddress: tron(r.n.Faucet()), Amount: 5},
		func(raw *core.TransactionRaw) { raw.Data = []byte("hello") })
	if info.Fee != 1_000_000 {
		t.Errorf("a memo cost %d", info.Fee)
	}
}

func TestGenesisDependsOnNameAlone(t *testing.T) {
	mk := func(c Config) *Node {
		n, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	a, b, c := mk(Config{}), mk(Config{Accounts: map[[20]byte]int64{{1}: 5}, Clock: time.Now}), mk(Config{Name: "other"})
	if a.GenesisID() != b.GenesisID() || a.GenesisID() == c.GenesisID() || a.ChainID() == c.ChainID() {
		t.Errorf("genesis ids %x %x %x", a.GenesisID(), b.GenesisID(), c.GenesisID())
	}
	if d := time.Since(b.Now()); d > 10*time.Second {
		t.Errorf("with a real clock the head is %v old", d)
	}
}

func TestChainParameters(t *testing.T) {
	r := setup(t)
	p, err := r.c.Client.GetChainParameters(t.Context(), &api.EmptyMessage{})
	r.must(err)
	got := map[string]int64{}
	for _, kv := range p.ChainParameter {
		got[kv.Key] = kv.Value
	}
	if got["getEnergyFee"] != 100 || got["getTransactionFee"] != 1000 || got["getCreateNewAccountFeeInSystemContract"] != 1_000_000 {
		t.Errorf("parameters %v", got)
	}
	e, err := r.c.GetEnergyPricesCtx(t.Context())
	r.must(err)
	if !strings.HasSuffix(e.Prices, ":100") {
		t.Errorf("prices %q", e.Prices)
	}
}

func TestNodeBuiltTransactions(t *testing.T) {
	r := setup(t)
	x, err := r.c.TransferCtx(t.Context(), r.alice.base58(), r.bob.base58(), 5)
	r.must(err)
	r.alice.sign(x.Transaction)
	_, err = r.c.BroadcastCtx(t.Context(), x.Transaction)
	r.must(err)
	r.n.Seal(1)
	if got := r.balance(r.bob.at); got != 5 {
		t.Errorf("bob has %d", got)
	}
	if _, err := r.c.BroadcastCtx(t.Context(), x.Transaction); err == nil || errors.Is(err, t.Context().Err()) {
		t.Errorf("duplicate: %v", err)
	}
}
