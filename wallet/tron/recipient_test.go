package tron

import (
	"slices"
	"testing"

	"swarmbid/wallet/voucher"
)

func TestCheckRecipient(t *testing.T) {
	own, known, fresh, contract := voucher.Address{1}, voucher.Address{2}, voucher.Address{3}, voucher.Address{4}
	k := Known{Own: []voucher.Address{own}, Contracts: []voucher.Address{contract}, Used: []voucher.Address{known}}
	asked := OnChain{Asked: true, Active: true}
	for _, c := range []struct {
		name string
		to   voucher.Address
		on   OnChain
		want []Concern
	}{
		{"known", known, asked, nil},
		{"own", own, asked, []Concern{Own}},
		{"first use", fresh, asked, []Concern{FirstUse}},
		{"token or escrow", contract, asked, []Concern{Contract, FirstUse}},
		{"contract says the node", fresh, OnChain{Asked: true, Active: true, Contract: true}, []Concern{Contract, FirstUse}},
		{"not activated", fresh, OnChain{Asked: true}, []Concern{NotActivated, FirstUse}},
		{"known, since vanished", known, OnChain{Asked: true}, []Concern{NotActivated}},
		{"nobody asked", known, OnChain{}, []Concern{Unchecked}},
		{"nobody asked, first use", fresh, OnChain{}, []Concern{FirstUse, Unchecked}},
	} {
		var got []Concern
		for _, f := range CheckRecipient(c.to, k, c.on) {
			got = append(got, f.Concern)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestLookAlike makes the twins that address poisoning plants: same beginning,
// same end.
func TestLookAlike(t *testing.T) {
	known := mustAddress("TAFjULxiVgT4qWk6UZwjqwZXTSaGaqnVp4")
	twin := mustAddress("TAFjULxiVgT4qWk6UZwjqwYvQumtnVnVp4") // found by trial of 2²⁵ addresses
	if resembles(known, known) || !resembles(twin, known) {
		t.Errorf("%s like %s: %v", twin, known, resembles(twin, known))
	}
	for name, k := range map[string]Known{
		"of a recipient": {Used: []voucher.Address{known}}, "of our own": {Own: []voucher.Address{known}}, "of a contract": {Contracts: []voucher.Address{known}},
	} {
		got := CheckRecipient(twin, k, OnChain{Asked: true, Active: true})
		if len(got) != 2 || got[0] != (Finding{LookAlike, known}) || got[1].Concern != FirstUse {
			t.Errorf("twin %s: %v", name, got)
		}
	}
	if got := CheckRecipient(twin, Known{Used: []voucher.Address{known, twin}}, OnChain{Asked: true, Active: true}); len(got) != 0 {
		t.Errorf("a twin that was used before: %v", got)
	}
}
