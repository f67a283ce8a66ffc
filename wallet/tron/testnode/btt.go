package testnode

import (
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"github.com/holiman/uint256"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// testBTT is contracts/TestBTT.sol as compiled by wallet/escrow/contracts/build.js.
//
//go:embed contracts/TestBTT.json
var testBTT []byte

// bttAddress is where every test chain has its BTT: the last 20 bytes of keccak256("swarmbid test BTT").
func bttAddress() common.Address {
	return common.BytesToAddress(crypto.Keccak256([]byte("swarmbid test BTT"))[12:])
}

// installBTT runs the token's constructor in the genesis state; holder gets the supply.
func (n *Node) installBTT(holder common.Address) error {
	var c struct{ Init string }
	if err := json.Unmarshal(testBTT, &c); err != nil {
		return fmt.Errorf("read the compiled TestBTT: %w", err)
	}
	code, err := hex.DecodeString(c.Init)
	if err != nil {
		return fmt.Errorf("read the compiled TestBTT: %w", err)
	}
	n.btt = bttAddress()
	code = append(code, common.LeftPadBytes(holder[:], 32)...)
	n.world.state.SetCode(n.btt, code, tracing.CodeChangeUnspecified)
	m := &meter{w: n.world, limit: maxConstant}
	m.evm = n.machine(n.world, &logState{StateDB: n.world.state, marks: map[int]int{}}, m, holder)
	ret, _, err := m.evm.Call(holder, n.btt, nil, 1<<34, new(uint256.Int))
	if err != nil {
		return fmt.Errorf("run TestBTT's constructor: %w", err)
	}
	n.world.state.SetCode(n.btt, ret, tracing.CodeChangeUnspecified)
	n.world.accounts[n.btt] = account{kind: core.AccountType_Contract, created: genesisTime}
	n.world.contracts[n.btt] = &core.SmartContract{
		OriginAddress: tron(holder), ContractAddress: tron(n.btt), Bytecode: code, Name: "BitTorrent", ConsumeUserResourcePercent: 100,
	}
	return nil
}

// GiveTRX sends sun from the faucet and returns the transaction's id. It is in
// the pool until the next block.
func (n *Node) GiveTRX(to [20]byte, sun int64) ([32]byte, error) {
	return n.give(core.Transaction_Contract_TransferContract, 0,
		&core.TransferContract{OwnerAddress: tron(n.Faucet()), ToAddress: tron(to), Amount: sun})
}

// GiveBTTOLD sends units of 1e-6 of the TRC-10 token from the faucet.
func (n *Node) GiveBTTOLD(to [20]byte, units int64) ([32]byte, error) {
	return n.give(core.Transaction_Contract_TransferAssetContract, 0,
		&core.TransferAssetContract{AssetName: []byte(BTTOLD), OwnerAddress: tron(n.Faucet()), ToAddress: tron(to), Amount: units})
}

// GiveBTT sends units of 1e-18 of the TRC-20 token from the faucet.
func (n *Node) GiveBTT(to [20]byte, units *big.Int) ([32]byte, error) {
	data := append(crypto.Keccak256([]byte("transfer(address,uint256)"))[:4:4], common.LeftPadBytes(to[:], 32)...)
	data = append(data, common.LeftPadBytes(units.Bytes(), 32)...)
	return n.give(core.Transaction_Contract_TriggerSmartContract, 100_000_000,
		&core.TriggerSmartContract{OwnerAddress: tron(n.Faucet()), ContractAddress: tron(n.btt), Data: data})
}

// give sends from the faucet.
func (n *Node) give(kind core.Transaction_Contract_ContractType, feeLimit int64, msg proto.Message) ([32]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.submit(crypto.FromECDSA(n.faucet), kind, feeLimit, msg)
}

// build makes an unsigned transaction as the node's Create… methods do.
func (n *Node) build(kind core.Transaction_Contract_ContractType, msg proto.Message) (*core.Transaction, [32]byte, error) {
	p, err := anypb.New(msg)
	if err != nil {
		return nil, [32]byte{}, fmt.Errorf("build a transaction: %w", err)
	}
	now, ref := n.head().time(), n.blocks[n.solidNum()] // java-tron's default reference is solid
	tx := &core.Transaction{RawData: &core.TransactionRaw{
		RefBlockBytes: ref.id[6:8], RefBlockHash: ref.id[8:16], Timestamp: now, Expiration: now + 60_000,
		Contract: []*core.Transaction_Contract{{Type: kind, Parameter: p}},
	}}
	return tx, txID(tx), nil
}
