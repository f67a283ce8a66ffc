package testnode

import (
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
)

// asm joins opcodes and what they push; a []byte is pushed with its length.
func asm(parts ...any) []byte {
	var code []byte
	for _, p := range parts {
		switch x := p.(type) {
		case vm.OpCode:
			code = append(code, byte(x))
		case int:
			code = append(code, byte(vm.PUSH1), byte(x))
		case []byte:
			code = append(append(code, byte(vm.PUSH1)+byte(len(x))-1), x...)
		}
	}
	return code
}

// lab is a chain with one contract at a fixed address that has 1 TRX.
type lab struct {
	n     *Node
	w     *world
	at    common.Address
	owner common.Address
}

func newLab(t *testing.T) *lab {
	t.Helper()
	n, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	return &lab{n, n.world.copy(), common.Address{0xcc}, n.Faucet()}
}

// run executes code at the contract's address; the world keeps its effects.
func (l *lab) run(code []byte) outcome {
	l.w.state.SetCode(l.at, code, tracing.CodeChangeUnspecified)
	l.w.activate(l.at, 0)
	l.w.addTRX(l.at, 1_000_000)
	l.w.state.Finalise(false)
	return l.n.run(l.w, l.owner, &core.TriggerSmartContract{ContractAddress: tron(l.at)}, [32]byte{1}, 10_000_000)
}

// TestEnergyTable computes prices by hand from java-tron's EnergyCost. A push
// costs 3, memory 3 a word and a 512th of the square of the words.
func TestEnergyTable(t *testing.T) {
	full := slices.Repeat([]byte{0xff}, 20)
	for name, c := range map[string]struct {
		code []byte
		want uint64
	}{
		"add":                              {asm(1, 2, vm.ADD), 9},
		"mul":                              {asm(1, 2, vm.MUL), 11},
		"addmod":                           {asm(1, 2, 3, vm.ADDMOD), 17},
		"push0":                            {asm(vm.PUSH0), 2},
		"jump":                             {asm(3, vm.JUMP, vm.JUMPDEST), 3 + 8 + 1},
		"jump if":                          {asm(1, 5, vm.JUMPI, vm.JUMPDEST), 6 + 10 + 1},
		"chain id":                         {asm(vm.CHAINID), 2},
		"own balance":                      {asm(vm.SELFBALANCE), 5},
		"balance":                          {asm(full, vm.BALANCE), 3 + 20},
		"size of code":                     {asm(full, vm.EXTCODESIZE), 3 + 20},
		"hash of code":                     {asm(full, vm.EXTCODEHASH), 3 + 400},
		"copy of code":                     {asm(32, 0, 0, full, vm.EXTCODECOPY), 12 + 20 + 3 + 3},
		"load":                             {asm(1, vm.SLOAD), 3 + 50},
		"store in an empty slot":           {asm(7, 1, vm.SSTORE), 6 + 20_000},
		"store twice":                      {asm(7, 1, vm.SSTORE, 8, 1, vm.SSTORE), 12 + 20_000 + 5_000},
		"clear":                            {asm(7, 1, vm.SSTORE, 0, 1, vm.SSTORE), 12 + 20_000 + 5_000},
		"store nothing in an empty slot":   {asm(0, 1, vm.SSTORE), 6 + 5_000},
		"power of a one-byte exponent":     {asm(200, 3, vm.EXP), 6 + 10 + 10},
		"power of a two-byte exponent":     {asm([]byte{1, 0}, 3, vm.EXP), 6 + 10 + 20},
		"power of zero":                    {asm(0, 3, vm.EXP), 6 + 10},
		"write to memory":                  {asm(7, 0, vm.MSTORE), 6 + 1 + 3},
		"write a byte to memory":           {asm(7, 0, vm.MSTORE8), 6 + 1 + 3},
		"read from memory":                 {asm(64, vm.MLOAD), 3 + 1 + 9},
		"write far into memory":            {asm(7, []byte{1, 0, 0}, vm.MSTORE), 6 + 1 + 3*2049 + 2049*2049/512},
		"copy call data":                   {asm(33, 0, 0, vm.CALLDATACOPY), 9 + 6 + 6},
		"copy own code":                    {asm(1, 0, 0, vm.CODECOPY), 9 + 3 + 3},
		"hash":                             {asm(33, 0, vm.KECCAK256), 6 + 30 + 12 + 6},
		"log without topics":               {asm(0, 0, vm.LOG0), 6 + 375},
		"log of 32 bytes with two topics":  {asm(1, 2, 32, 0, vm.LOG2), 12 + 375*3 + 8*32 + 3},
		"call nobody":                      {asm(0, 0, 0, 0, 0, full, 0, vm.CALL), 21 + 40},
		"call with value, new account":     {asm(0, 0, 0, 0, 1, full, 0, vm.CALL), 21 + 40 + 9_000 + 25_000},
		"call with input and output":       {asm(32, 64, 33, 0, 0, full, 0, vm.CALL), 21 + 40 + 9},
		"delegate":                         {asm(0, 0, 0, 0, full, 0, vm.DELEGATECALL), 18 + 40},
		"recover a signer":                 {asm(32, 0, 128, 0, 1, []byte{255, 255}, vm.STATICCALL), 18 + 40 + 12 + 3_000},
		"sha256 of 32 bytes":               {asm(32, 0, 32, 0, 2, []byte{255, 255}, vm.STATICCALL), 18 + 40 + 3 + 60 + 12},
		"identity of 64 bytes":             {asm(0, 0, 64, 0, 4, []byte{255, 255}, vm.STATICCALL), 18 + 40 + 6 + 15 + 6},
		"create an empty contract":         {asm(0, 0, 0, vm.CREATE), 9 + 32_000},
		"stop":                             {asm(vm.STOP), 0},
		"return of nothing":                {asm(0, 0, vm.RETURN), 6},
		"the same by the salted way":       {asm(0, 0, 0, 0, vm.CREATE2), 12 + 32_000},
		"create a contract of 32 × byte 0": {asm(asm(32, 0, vm.RETURN), 0, vm.MSTORE, 5, 27, 0, vm.CREATE), 3 + 3 + 4 + 9 + 32_000 + 6 + 3 + 200*32},
	} {
		if o := newLab(t).run(c.code); o.energy != c.want || o.err != nil {
			t.Errorf("%s: %d energy, want %d (%v)", name, o.energy, c.want, o.err)
		}
	}
}

// TestRecursionEnds has a contract call itself until something stops it.
func TestRecursionEnds(t *testing.T) {
	l := newLab(t)
	o := l.run(asm(0, 0, 0, 0, 0, l.at.Bytes(), vm.GAS, vm.CALL))
	if o.result != core.Transaction_Result_SUCCESS && o.result != core.Transaction_Result_OUT_OF_ENERGY {
		t.Errorf("ended %v, %v", o.result, o.err)
	}
}

func TestValueMovesAndActivates(t *testing.T) {
	l, to := newLab(t), common.Address{0xdd}
	o := l.run(asm(0, 0, 0, 0, 250, to.Bytes(), 0, vm.CALL))
	if o.err != nil || l.w.trx(to) != 250 || l.w.trx(l.at) != 1_000_000-250 || !l.w.active(to) {
		t.Errorf("%v: %d sun there, %d left, active %v", o.err, l.w.trx(to), l.w.trx(l.at), l.w.active(to))
	}
}

// TestInnerRevertTakesItsLogsBack calls a contract that logs and reverts, and
// logs itself before and after.
func TestInnerRevertTakesItsLogsBack(t *testing.T) {
	l, inner := newLab(t), common.Address{0xee}
	l.w.state.SetCode(inner, asm(9, 0, 0, vm.LOG1, 0, 0, vm.REVERT), tracing.CodeChangeUnspecified)
	o := l.run(asm(1, 0, 0, vm.LOG1, 0, 0, 0, 0, 0, inner.Bytes(), []byte{255, 255}, vm.CALL, vm.POP, 2, 0, 0, vm.LOG1))
	var topics []byte
	for _, g := range o.logs {
		topics = append(topics, g.Topics[0][31])
	}
	if o.err != nil || !slices.Equal(topics, []byte{1, 2}) {
		t.Errorf("logs %v, %v", topics, o.err)
	}
}

func TestHowRunsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		code []byte
		want core.Transaction_ResultContractResult
	}{
		"well":                {asm(vm.STOP), core.Transaction_Result_SUCCESS},
		"revert":              {asm(0, 0, vm.REVERT), core.Transaction_Result_REVERT},
		"invalid":             {asm(vm.INVALID), core.Transaction_Result_ILLEGAL_OPERATION},
		"nowhere":             {asm(200, vm.JUMP), core.Transaction_Result_BAD_JUMP_DESTINATION},
		"pop of nothing":      {asm(vm.POP), core.Transaction_Result_STACK_TOO_SMALL},
		"for ever":            {asm(vm.JUMPDEST, 0, vm.JUMP), core.Transaction_Result_OUT_OF_ENERGY},
		"for ever growing":    {asm(vm.JUMPDEST, 0, 0, vm.JUMP), core.Transaction_Result_STACK_TOO_LARGE},
		"too much memory":     {asm(1, slices.Repeat([]byte{0xff}, 8), vm.MSTORE), core.Transaction_Result_OUT_OF_MEMORY},
		"a lot of memory":     {asm(1, []byte{4, 0, 0, 0}, vm.MSTORE), core.Transaction_Result_OUT_OF_ENERGY},
		"write in a view":     {asm(0, 0, 0, 0, common.Address{0xcc}.Bytes(), vm.GAS, vm.STATICCALL), core.Transaction_Result_SUCCESS},
		"an endless contract": {asm(slices.Repeat([]byte{0xff}, 4), vm.JUMPDEST, vm.DUP1, 0, vm.MSTORE, 5, vm.JUMP), core.Transaction_Result_OUT_OF_ENERGY},
	} {
		if o := newLab(t).run(c.code); o.result != c.want {
			t.Errorf("%s: %v (%v), want %v", name, o.result, o.err, c.want)
		}
	}
}
