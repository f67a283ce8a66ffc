package testnode

import (
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"
)

func TestDirectCalls(t *testing.T) {
	r := setup(t)
	_, err := r.n.GiveBTT(r.alice.at, big.NewInt(100))
	r.must(err)
	key := crypto.FromECDSA(r.alice.key)
	got, err := r.n.Call(key, r.n.BTT(), transferData(r.bob.at, 40))
	if err != nil || !got.OK || got.Result != "SUCCESS" || got.Fee < got.Energy*100 || len(got.Logs) != 1 || got.Logs[0].Address != r.n.BTT() {
		t.Errorf("transfer: %+v, %v", got, err)
	}
	got, err = r.n.Call(key, r.n.BTT(), transferData(r.bob.at, 400))
	if err != nil || got.OK || got.Result != "REVERT" || len(got.Logs) != 0 {
		t.Errorf("overdraft: %+v, %v", got, err)
	}
	balanceOf := append(crypto.Keccak256([]byte("balanceOf(address)"))[:4:4], make([]byte, 12)...)
	ret, err := r.n.View(r.n.BTT(), append(balanceOf, r.bob.at[:]...))
	if err != nil || new(big.Int).SetBytes(ret).Int64() != 40 {
		t.Errorf("view: %x, %v", ret, err)
	}
	if _, err := r.n.View(r.n.BTT(), []byte{1, 2, 3, 4}); err == nil {
		t.Error("a view of no method succeeded")
	}
	if _, err := r.n.Call(crypto.FromECDSA(r.bob.key), r.n.BTT(), nil); !errors.Is(err, ErrRejected) {
		t.Errorf("from an account that does not exist: %v", err)
	}
	if _, err := r.n.Call(make([]byte, 32), r.n.BTT(), nil); err == nil {
		t.Error("the zero key signed")
	}
	runtime := []byte{0x60, 7, 0x60, 0, 0x52, 0x60, 32, 0x60, 0, 0xf3} // returns 7
	init := append([]byte{0x60, byte(len(runtime)), 0x60, 12, 0x60, 0, 0x39, 0x60, byte(len(runtime)), 0x60, 0, 0xf3}, runtime...)
	got, err = r.n.Deploy(init)
	r.must(err)
	ret, err = r.n.View(got.Contract, nil)
	if err != nil || !slices.Equal(ret, append(make([]byte, 31), 7)) {
		t.Errorf("deployed at %x returns %x, %v", got.Contract, ret, err)
	}
}
