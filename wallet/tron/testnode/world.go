package testnode

import (
	"fmt"
	"maps"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/state"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"github.com/holiman/uint256"
)

// world is the chain's state at one moment. A world that is part of a block is
// never changed again: transactions are applied to a copy.
type world struct {
	state     *state.StateDB // TRX balances, code, storage
	accounts  map[common.Address]account
	contracts map[common.Address]*core.SmartContract
}

// account is what an address has beside the EVM's state. An address without
// one is not activated.
type account struct {
	kind    core.AccountType
	created int64 // ms
	bttold  int64 // units of 1e-6
	netUsed int64 // bytes of free bandwidth in use at netSlot
	netSlot int64 // slot of three seconds
}

func newWorld() (*world, error) {
	st, err := state.New(types.EmptyRootHash, state.NewDatabaseForTesting())
	if err != nil {
		return nil, fmt.Errorf("create the EVM's state: %w", err)
	}
	return &world{state: st, accounts: map[common.Address]account{}, contracts: map[common.Address]*core.SmartContract{}}, nil
}

func (w *world) copy() *world {
	return &world{state: w.state.Copy(), accounts: maps.Clone(w.accounts), contracts: maps.Clone(w.contracts)}
}

func (w *world) active(a common.Address) bool {
	_, ok := w.accounts[a]
	return ok
}

// activate makes the account exist.
func (w *world) activate(a common.Address, now int64) {
	if !w.active(a) {
		w.accounts[a] = account{created: now}
	}
}

func (w *world) trx(a common.Address) int64 { return int64(w.state.GetBalance(a).Uint64()) }

func (w *world) addTRX(a common.Address, sun int64) {
	w.state.AddBalance(a, uint256.NewInt(uint64(sun)), tracing.BalanceChangeUnspecified)
}

// subTRX reports whether the account had the amount; if not, nothing changes.
func (w *world) subTRX(a common.Address, sun int64) bool {
	if sun < 0 || w.trx(a) < sun {
		return false
	}
	w.state.SubBalance(a, uint256.NewInt(uint64(sun)), tracing.BalanceChangeUnspecified)
	return true
}

// netUsage is the free bandwidth in use at slot now: it decays linearly over
// 24 hours (java-tron, ResourceProcessor.increase).
func (a account) netUsage(now int64) int64 {
	gone := now - a.netSlot
	if gone >= slotsPerDay {
		return 0
	}
	return (a.netUsed*(slotsPerDay-gone) + slotsPerDay/2) / slotsPerDay
}

// tron is the 21-byte form of an address.
func tron(a common.Address) []byte { return append([]byte{0x41}, a[:]...) }

// evmAddress is the 20-byte form; false if b is no TRON address.
func evmAddress(b []byte) (common.Address, bool) {
	if len(b) != 21 || b[0] != 0x41 {
		return common.Address{}, false
	}
	return common.BytesToAddress(b[1:]), true
}
