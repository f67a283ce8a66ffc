package testnode

import (
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/holiman/uint256"
)

// meter counts TRON's energy while go-ethereum runs. Most opcodes cost the same
// in both; the others follow java-tron's EnergyCost: SLOAD 50, SSTORE 20,000 or
// 5,000, calls 40, BALANCE and EXTCODESIZE 20, EXTCODEHASH 400, EXP 10 + 10 a
// byte, no base price for copies, 1 for MLOAD and MSTORE, no refunds, no
// intrinsic price, 200 per byte of deployed code.
type meter struct {
	w     *world
	limit uint64
	used  uint64
	evm   *vm.EVM
}

func (m *meter) hooks() *tracing.Hooks {
	return &tracing.Hooks{
		OnOpcode: func(_ uint64, op byte, _, cost uint64, scope tracing.OpContext, _ []byte, _ int, err error) {
			if err == nil { // a failing opcode is judged by its error
				m.spend(m.price(vm.OpCode(op), cost, scope))
			}
		},
		OnGasChange: func(before, after uint64, why tracing.GasChangeReason) {
			if why == tracing.GasChangeCallPrecompiledContract || why == tracing.GasChangeCallCodeStorage {
				m.spend(before - after)
			}
		},
	}
}

// spend counts and stops a run that has used too much: go-ethereum looks at
// every jump, and the gas it is given bounds the rest.
func (m *meter) spend(energy uint64) {
	if m.used += energy; m.used > m.limit {
		m.evm.Cancel()
	}
}

func (m *meter) exceeded() bool { return m.used > m.limit }

// price is the energy of one opcode; gas is what go-ethereum charges for it.
func (m *meter) price(op vm.OpCode, gas uint64, scope tracing.OpContext) uint64 {
	stack := scope.StackData()
	at := func(i int) *uint256.Int { return &stack[len(stack)-1-i] }
	switch op {
	case vm.SLOAD:
		return 50
	case vm.SSTORE:
		if m.w.state.GetState(scope.Address(), at(0).Bytes32()) == (common.Hash{}) && !at(1).IsZero() {
			return 20_000
		}
		return 5_000
	case vm.BALANCE, vm.EXTCODESIZE:
		return 20
	case vm.EXTCODEHASH:
		return 400
	case vm.EXTCODECOPY:
		return gas - 700 + 20
	case vm.EXP:
		return 10 + 10*uint64((at(1).BitLen()+7)/8)
	case vm.CALL, vm.CALLCODE:
		return m.callPrice(scope, 3, at)
	case vm.DELEGATECALL, vm.STATICCALL:
		return 40 + memoryPrice(scope, at, 2)
	case vm.MLOAD, vm.MSTORE, vm.MSTORE8:
		return gas - 2
	case vm.CALLDATACOPY, vm.CODECOPY, vm.RETURNDATACOPY:
		return gas - 3
	default:
		return gas
	}
}

func (m *meter) callPrice(scope tracing.OpContext, memory int, at func(int) *uint256.Int) uint64 {
	energy := 40 + memoryPrice(scope, at, memory)
	if !at(2).IsZero() {
		energy += 9_000
		if !m.w.active(at(1).Bytes20()) {
			energy += 25_000
		}
	}
	return energy
}

// memoryPrice is what a call pays to make its input and output fit; the stack
// holds offset and size of both from index first on.
func memoryPrice(scope tracing.OpContext, at func(int) *uint256.Int, first int) uint64 {
	end := uint64(0)
	for _, i := range []int{first, first + 2} {
		if size := at(i + 1); !size.IsZero() {
			end = max(end, at(i).Uint64()+size.Uint64())
		}
	}
	have, want := uint64(len(scope.MemoryData()))/32, (end+31)/32
	if want <= have {
		return 0
	}
	price := func(words uint64) uint64 { return 3*words + words*words/512 }
	return price(want) - price(have)
}
