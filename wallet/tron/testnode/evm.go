package testnode

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/state"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"github.com/holiman/uint256"
	"google.golang.org/protobuf/proto"
)

// logState keeps the logs of one run itself, so that the state, which is copied
// for every transaction, does not gather those of the whole chain.
type logState struct {
	*state.StateDB
	logs  []*types.Log
	marks map[int]int // snapshot → length of logs
}

// AddLog notes a log.
func (s *logState) AddLog(l *types.Log) { s.logs = append(s.logs, l) }

// Snapshot marks the state and the logs.
func (s *logState) Snapshot() int {
	id := s.StateDB.Snapshot()
	s.marks[id] = len(s.logs)
	return id
}

// RevertToSnapshot forgets what came after the mark.
func (s *logState) RevertToSnapshot(id int) {
	s.StateDB.RevertToSnapshot(id)
	s.logs = s.logs[:s.marks[id]]
}

// outcome is what a run of the EVM left behind.
type outcome struct {
	at     common.Address
	ret    []byte
	err    error // of the EVM; nil means success
	energy uint64
	logs   []*types.Log
	result core.Transaction_ResultContractResult
}

// errEnergy is java-tron's text for a run that used more than was allowed.
var errEnergy = errors.New("Not enough energy") //nolint:staticcheck // in the node's words

// ContractAddress is where a transaction of owner deploys its contract: the
// last 20 bytes of keccak256(txid ‖ 21-byte owner) (java-tron, generateContractAddress).
func ContractAddress(txid [32]byte, owner [20]byte) [20]byte {
	return common.BytesToAddress(crypto.Keccak256(txid[:], tron(owner))[12:])
}

// run carries msg out on w, which is spoiled if it fails.
func (n *Node) run(w *world, owner common.Address, msg proto.Message, id [32]byte, limit uint64) outcome {
	m := &meter{w: w, limit: limit}
	db := &logState{StateDB: w.state, marks: map[int]int{}}
	m.evm = n.machine(w, db, m, owner)
	gas := min(20*limit+100_000, 1<<34) // go-ethereum's dearest opcode costs 20 times TRON's; the meter decides
	var o outcome
	switch x := msg.(type) {
	case *core.CreateSmartContract:
		o.at = ContractAddress(id, owner)
		n.deploy(w, m, &o, owner, gas, x.NewContract)
	case *core.TriggerSmartContract:
		o.at, _ = evmAddress(x.ContractAddress)
		o.ret, _, o.err = m.evm.Call(owner, o.at, x.Data, gas, uint256.NewInt(uint64(x.CallValue)))
	}
	o.energy, o.logs = m.used, db.logs
	o.result = judge(m, &o)
	return o
}

// deploy runs the init code at the contract's own address and leaves the code it returns.
func (n *Node) deploy(w *world, m *meter, o *outcome, owner common.Address, gas uint64, c *core.SmartContract) {
	w.state.CreateAccount(o.at)
	w.state.CreateContract(o.at)
	w.state.SetCode(o.at, c.GetBytecode(), tracing.CodeChangeUnspecified)
	o.ret, _, o.err = m.evm.Call(owner, o.at, nil, gas, uint256.NewInt(uint64(c.GetCallValue())))
	if o.err != nil {
		return
	}
	m.spend(200 * uint64(len(o.ret)))
	w.state.SetCode(o.at, o.ret, tracing.CodeChangeUnspecified)
	made := proto.CloneOf(c)
	made.ContractAddress = tron(o.at)
	w.contracts[o.at] = made
	w.accounts[o.at] = account{kind: core.AccountType_Contract, created: n.head().time()}
}

// judge words the end of a run as java-tron's receipt does.
func judge(m *meter, o *outcome) core.Transaction_ResultContractResult {
	var opcode *vm.ErrInvalidOpCode
	var small *vm.ErrStackUnderflow
	var large *vm.ErrStackOverflow
	switch {
	case m.exceeded() || errors.Is(o.err, vm.ErrOutOfGas) || errors.Is(o.err, vm.ErrCodeStoreOutOfGas):
		o.err = errEnergy
		return core.Transaction_Result_OUT_OF_ENERGY
	case o.err == nil:
		return core.Transaction_Result_SUCCESS
	case errors.Is(o.err, vm.ErrExecutionReverted):
		return core.Transaction_Result_REVERT
	case errors.Is(o.err, vm.ErrGasUintOverflow):
		return core.Transaction_Result_OUT_OF_MEMORY
	case errors.Is(o.err, vm.ErrInvalidJump):
		return core.Transaction_Result_BAD_JUMP_DESTINATION
	case errors.As(o.err, &opcode):
		return core.Transaction_Result_ILLEGAL_OPERATION
	case errors.As(o.err, &small):
		return core.Transaction_Result_STACK_TOO_SMALL
	case errors.As(o.err, &large):
		return core.Transaction_Result_STACK_TOO_LARGE
	case errors.Is(o.err, vm.ErrInsufficientBalance):
		return core.Transaction_Result_TRANSFER_FAILED
	default:
		return core.Transaction_Result_UNKNOWN
	}
}

// machine is an EVM of Istanbul's rules with PUSH0 and BASEFEE, in the next block.
func (n *Node) machine(w *world, db vm.StateDB, m *meter, origin common.Address) *vm.EVM {
	zero := new(big.Int)
	id := n.blocks[0].id
	rules := &params.ChainConfig{
		ChainID:        new(big.Int).SetUint64(uint64(binary.BigEndian.Uint32(id[28:]))),
		HomesteadBlock: zero, EIP150Block: zero, EIP155Block: zero, EIP158Block: zero, ByzantiumBlock: zero,
		ConstantinopleBlock: zero, PetersburgBlock: zero, IstanbulBlock: zero,
	}
	next := n.nextTime()
	block := vm.BlockContext{
		CanTransfer: func(db vm.StateDB, a common.Address, v *uint256.Int) bool { return db.GetBalance(a).Cmp(v) >= 0 },
		Transfer: func(db vm.StateDB, from, to common.Address, v *uint256.Int) {
			if !v.IsZero() {
				w.activate(to, next)
				db.SubBalance(from, v, tracing.BalanceChangeTransfer)
				db.AddBalance(to, v, tracing.BalanceChangeTransfer)
			}
		},
		GetHash: func(i uint64) common.Hash {
			if i < uint64(len(n.blocks)) {
				return n.blocks[i].id
			}
			return common.Hash{}
		},
		BlockNumber: big.NewInt(int64(len(n.blocks))), Time: uint64(next / 1000), Difficulty: zero, BaseFee: zero, GasLimit: math.MaxUint64,
	}
	e := vm.NewEVM(block, db, rules, vm.Config{Tracer: m.hooks(), NoBaseFee: true, ExtraEips: []int{3855, 3198}})
	e.SetTxContext(vm.TxContext{Origin: origin, GasPrice: new(uint256.Int)})
	return e
}

// execute runs a contract's transaction, charges its energy and writes the
// receipt. A run that fails is part of the chain and costs its energy: all of
// the limit, unless it reverted.
func (j *job) execute(msg proto.Message) *reject {
	p := j.n.params
	if j.raw.FeeLimit < 0 || j.raw.FeeLimit > p.MaxFeeLimit {
		return invalid("feeLimit must be >= 0 and <= %d", p.MaxFeeLimit)
	}
	value := int64(0)
	switch x := msg.(type) {
	case *core.TriggerSmartContract:
		a, _ := evmAddress(x.ContractAddress)
		if j.w.contracts[a] == nil {
			return invalid("No contract or not a valid smart contract")
		}
		if x.CallTokenValue != 0 || x.TokenId != 0 {
			return invalid("the test chain has no TRC-10 call value")
		}
		value = x.CallValue
	case *core.CreateSmartContract:
		if r := checkDeployment(x.NewContract, j.owner); r != nil {
			return r
		}
		value = x.NewContract.GetCallValue()
	}
	left := j.w.trx(j.owner) - value
	if value < 0 || left < 0 {
		return invalid("balance is not sufficient for the call value")
	}
	limit := uint64(min(j.raw.FeeLimit, left) / p.EnergyFee)
	trial := j.w.copy()
	o := j.n.run(trial, j.owner, msg, j.id, limit)
	switch o.result {
	case core.Transaction_Result_SUCCESS:
		j.w = trial
	case core.Transaction_Result_REVERT:
		o.energy, o.logs = min(o.energy, limit), nil
	default:
		o.energy, o.logs = limit, nil
	}
	j.receipt(&o)
	return nil
}

// checkDeployment is what java-tron wants of a new contract.
func checkDeployment(c *core.SmartContract, owner common.Address) *reject {
	o, ok := evmAddress(c.GetOriginAddress())
	switch {
	case !ok || o != owner:
		return invalid("OwnerAddress is not equals OriginAddress")
	case len(c.Name) > 32:
		return invalid("contractName's length cannot be greater than 32")
	case c.ConsumeUserResourcePercent < 0 || c.ConsumeUserResourcePercent > 100:
		return invalid("percent must be >= 0 and <= 100")
	case c.OriginEnergyLimit <= 0:
		return invalid("The originEnergyLimit must be > 0")
	default:
		return nil
	}
}

func (j *job) receipt(o *outcome) {
	fee := int64(o.energy) * j.n.params.EnergyFee
	j.burn(fee) // cannot fail: the limit was bounded by the balance
	i := j.info
	i.ContractAddress = tron(o.at)
	i.ContractResult = [][]byte{o.ret}
	i.Receipt.EnergyFee, i.Receipt.EnergyUsageTotal, i.Receipt.Result = fee, int64(o.energy), o.result
	if o.err != nil {
		i.Result, i.ResMessage = core.TransactionInfo_FAILED, []byte(o.err.Error())
		if o.result == core.Transaction_Result_REVERT {
			i.ResMessage = []byte("REVERT opcode executed")
		}
	}
	for _, l := range o.logs {
		x := &core.TransactionInfo_Log{Address: l.Address[:], Data: l.Data}
		for _, t := range l.Topics {
			x.Topics = append(x.Topics, t.Bytes())
		}
		i.Log = append(i.Log, x)
	}
}
