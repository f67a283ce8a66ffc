package tron

import (
	"slices"

	"swarmbid/wallet/voucher"
)

// Concern is a reason to look twice at a recipient. The zero value is none.
type Concern uint8

// The concerns, the gravest first.
const (
	// Contract: money sent to a contract is lost, unless it is a call.
	Contract Concern = iota + 1
	// Own: the recipient is one of our own addresses.
	Own
	// LookAlike: the address resembles a known one, as those do which are planted
	// in a history to be copied from there.
	LookAlike
	// NotActivated: the account does not exist yet; TRX and BTTOLD cost 1.1 TRX more
	// to send there, BTT cannot be moved on from it before it has TRX.
	NotActivated
	// FirstUse: nothing was ever sent there from this wallet.
	FirstUse
	// Unchecked: no node could be asked about it.
	Unchecked
)

// Finding is one concern about a recipient.
type Finding struct {
	Concern Concern
	Like    voucher.Address // the known address that it resembles, for LookAlike
}

// Known is what this wallet knows without asking anybody.
type Known struct {
	Own       []voucher.Address // our addresses
	Contracts []voucher.Address // BTT, the escrow
	Used      []voucher.Address // recipients of the past
}

// OnChain is what a node says about an address. The zero value is nothing asked.
type OnChain struct {
	Asked    bool
	Active   bool
	Contract bool
}

// likeChars is how many characters at each end people compare.
const likeChars = 4

// CheckRecipient returns what speaks against sending to an address, the gravest
// first. It is a pure function of its arguments.
func CheckRecipient(to voucher.Address, k Known, c OnChain) []Finding {
	var all []Finding
	add := func(is bool, f Finding) {
		if is {
			all = append(all, f)
		}
	}
	add(c.Contract || slices.Contains(k.Contracts, to), Finding{Concern: Contract})
	add(slices.Contains(k.Own, to), Finding{Concern: Own})
	for _, group := range [][]voucher.Address{k.Own, k.Contracts, k.Used} {
		for _, like := range group {
			add(resembles(to, like) && !slices.Contains(k.Used, to) && !slices.Contains(k.Own, to), Finding{LookAlike, like})
		}
	}
	add(c.Asked && !c.Active, Finding{Concern: NotActivated})
	add(!slices.Contains(k.Used, to) && !slices.Contains(k.Own, to), Finding{Concern: FirstUse})
	add(!c.Asked, Finding{Concern: Unchecked})
	return all
}

// resembles reports whether two different addresses begin and end alike.
func resembles(a, b voucher.Address) bool {
	if a == b {
		return false
	}
	s, t := a.String(), b.String()
	return s[:likeChars] == t[:likeChars] && s[len(s)-likeChars:] == t[len(t)-likeChars:]
}
