package wallet

import (
	"context"
	"errors"
	"fmt"

	"swarmbid/wallet/voucher"
)

// Address is an account on TRON; see [voucher.ParseAddress] for its errors.
type Address = voucher.Address

// ParseAddress reads an address as users type it: checksum, prefix and length are
// checked. Errors: voucher.ErrAddress, voucher.ErrChecksum, voucher.ErrPrefix.
func ParseAddress(s string) (Address, error) { return voucher.ParseAddress(s) }

// LooksLike reports whether two different addresses begin with the same four
// characters and end with the same three, which is what people compare: thieves
// send next to nothing from such an address and hope that it is copied from the
// history.
func LooksLike(a, b Address) bool {
	s, t := a.String(), b.String()
	return a != b && s[:4] == t[:4] && s[31:] == t[31:]
}

// Account is an account of the wallet.
type Account struct {
	Path    Path    `json:"path"`
	Address Address `json:"address"`
}

// ErrTooMany is returned where more than 100 accounts in a row are said to be in
// use: nobody has that many, so whoever says so is wrong.
var ErrTooMany = errors.New("wallet: too many accounts in use")

// gap is how many unused accounts in a row end the search, maxFound how many used
// ones.
const (
	gap      = 5
	maxFound = 100
)

// Discover returns the accounts of words that are in use, asking used for one
// after the other, at the paths i'/0/0 (TronLink's accounts) and 0'/0/i (other
// wallets). It ends each search after five unused ones in a row. It returns the
// first error of used, or ErrTooMany.
func Discover(ctx context.Context, m Mnemonic, passphrase []byte, used func(context.Context, Address) (bool, error)) ([]Account, error) {
	seed := m.Seed(passphrase)
	defer seed.Zero()
	var found []Account
	search := func(from uint32, path func(uint32) Path) error {
		for i, unused := from, 0; unused < gap; i++ {
			if i == maxFound {
				return ErrTooMany
			}
			a, err := path(i).address(seed.Bytes())
			if err != nil {
				return err
			}
			ok, err := used(ctx, a)
			if err != nil {
				return fmt.Errorf("look for account %s: %w", path(i), err)
			}
			unused++
			if ok {
				unused = 0
				found = append(found, Account{path(i), a})
			}
		}
		return nil
	}
	if err := search(0, func(i uint32) Path { return Path{Account: i} }); err != nil {
		return nil, err
	}
	if err := search(1, func(i uint32) Path { return Path{Index: i} }); err != nil { // 0'/0/0 begins both
		return nil, err
	}
	return found, nil
}

// Preview returns the address of the savings account that words and a passphrase
// would give. Shown before a wallet is made, it lets the user recognise a
// passphrase that was typed differently than before.
func Preview(m Mnemonic, passphrase []byte) (Address, error) {
	seed := m.Seed(passphrase)
	defer seed.Zero()
	return Path{}.address(seed.Bytes())
}
