package testnode

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/protobuf/proto"
)

// ErrRejected means that the chain does not take a transaction.
var ErrRejected = errors.New("testnode: transaction rejected")

// Receipt is what became of a transaction sent with [Node.Call] or [Node.Deploy].
type Receipt struct {
	TxID     [32]byte
	Contract [20]byte // called or deployed
	OK       bool
	Result   string // java-tron's word, such as SUCCESS or REVERT
	Energy   int64  // units
	Fee      int64  // sun
	Return   []byte
	Logs     []Log
}

// Log is an event of a contract.
type Log struct {
	Address [20]byte
	Topics  [][32]byte
	Data    []byte
}

// Deploy puts a contract on the chain at the faucet's expense and seals a block.
// code is its init code with the constructor's arguments.
func (n *Node) Deploy(code []byte) (Receipt, error) {
	owner := tron(n.Faucet())
	return n.direct(crypto.FromECDSA(n.faucet), core.Transaction_Contract_CreateSmartContract, &core.CreateSmartContract{
		OwnerAddress: owner, NewContract: &core.SmartContract{OriginAddress: owner, Bytecode: code, ConsumeUserResourcePercent: 100, OriginEnergyLimit: 1},
	})
}

// Call signs a call with a private key of 32 bytes, as a wallet would, and seals
// a block. That the call fails is in the receipt; the error says that the chain
// did not take it.
func (n *Node) Call(key []byte, at [20]byte, data []byte) (Receipt, error) {
	k, err := crypto.ToECDSA(key)
	if err != nil {
		return Receipt{}, fmt.Errorf("call: %w", err)
	}
	return n.direct(key, core.Transaction_Contract_TriggerSmartContract, &core.TriggerSmartContract{
		OwnerAddress: tron(crypto.PubkeyToAddress(k.PublicKey)), ContractAddress: tron(at), Data: data,
	})
}

// View runs a call without a transaction, as nobody, and returns what it returns.
func (n *Node) View(at [20]byte, data []byte) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	o := n.run(n.world.copy(), [20]byte{}, &core.TriggerSmartContract{ContractAddress: tron(at), Data: data}, [32]byte{}, maxConstant)
	if o.err != nil {
		return nil, fmt.Errorf("view: %w", o.err)
	}
	return o.ret, nil
}

// direct signs, pools and seals.
func (n *Node) direct(key []byte, kind core.Transaction_Contract_ContractType, msg proto.Message) (Receipt, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	id, err := n.submit(key, kind, n.params.MaxFeeLimit, msg)
	if err != nil {
		return Receipt{}, err
	}
	n.seal()
	return receiptOf(n.txs[id].info), nil
}

// submit signs a transaction with key and hands it to the pool. Time that
// Advance has added passes first, or the transaction would be too old at once.
func (n *Node) submit(key []byte, kind core.Transaction_Contract_ContractType, feeLimit int64, msg proto.Message) (id [32]byte, err error) {
	k, err := crypto.ToECDSA(key)
	if err != nil {
		return id, fmt.Errorf("sign: %w", err)
	}
	if n.clock == nil && n.skip > 0 {
		n.seal()
	}
	tx, _, err := n.build(kind, msg)
	if err != nil {
		return id, err
	}
	// A counter in the timestamp keeps equal transactions of one block apart.
	tx.RawData.Timestamp, tx.RawData.FeeLimit = int64(len(n.txs)), feeLimit
	id = txID(tx)
	sig, err := crypto.Sign(id[:], k)
	if err != nil {
		return id, fmt.Errorf("sign: %w", err)
	}
	tx.Signature = [][]byte{sig}
	if r := n.accept(tx); r != nil {
		return id, fmt.Errorf("%w: %v: %s", ErrRejected, r.code, r.msg)
	}
	return id, nil
}

func receiptOf(i *core.TransactionInfo) Receipt {
	r := Receipt{
		TxID: [32]byte(i.Id), OK: i.Receipt.Result == core.Transaction_Result_SUCCESS, Result: i.Receipt.Result.String(),
		Energy: i.Receipt.EnergyUsageTotal, Fee: i.Fee, Return: i.ContractResult[0],
	}
	r.Contract, _ = evmAddress(i.ContractAddress)
	for _, l := range i.Log {
		x := Log{Address: [20]byte(l.Address), Data: l.Data}
		for _, t := range l.Topics {
			x.Topics = append(x.Topics, [32]byte(t))
		}
		r.Logs = append(r.Logs, x)
	}
	return r
}
