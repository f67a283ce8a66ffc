package voucher

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/mr-tron/base58"
)

var (
	// ErrAddress is returned for text that is no TRON address at all.
	ErrAddress = errors.New("voucher: not a TRON address")
	// ErrChecksum is returned for text in the form of an address in which a
	// character is wrong.
	ErrChecksum = errors.New("voucher: mistyped address")
	// ErrPrefix is returned for a valid address of another network, such as Bitcoin.
	ErrPrefix = errors.New("voucher: address of another network")
)

// Address is an account or contract on TRON, without the prefix byte 0x41. The
// zero value is nobody's.
type Address [20]byte

// prefix is the first byte of every address of TRON; it makes them begin with T.
const prefix = 0x41

// Bytes21 returns a with its prefix, as transactions carry it.
func (a Address) Bytes21() []byte { return append([]byte{prefix}, a[:]...) }

// String returns a as users know it: Base58Check, 34 characters.
func (a Address) String() string {
	b := a.Bytes21()
	return base58.Encode(append(b, checksum(b)...))
}

// MarshalText implements encoding.TextMarshaler: in JSON an address is what String
// writes.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler with [ParseAddress].
func (a *Address) UnmarshalText(b []byte) (err error) {
	*a, err = ParseAddress(string(b))
	return err
}

// ParseAddress reads an address in Base58Check. Its errors are ErrAddress,
// ErrChecksum and ErrPrefix, wrapped with the text.
func ParseAddress(s string) (Address, error) {
	a, err := parseAddress(s)
	if err != nil {
		return Address{}, fmt.Errorf("parse address %.64q: %w", s, err)
	}
	return a, nil
}

func parseAddress(s string) (Address, error) {
	if len(s) < 25 || len(s) > 35 { // shorter ones cannot carry 25 bytes, longer ones would be slow
		return Address{}, ErrAddress
	}
	b, err := base58.Decode(s)
	if err != nil || len(b) != 25 {
		return Address{}, ErrAddress
	}
	if string(b[21:]) != string(checksum(b[:21])) {
		return Address{}, ErrChecksum
	}
	if b[0] != prefix {
		return Address{}, ErrPrefix
	}
	return Address(b[1:21]), nil
}

// checksum returns the first four bytes of the double SHA-256 of b.
func checksum(b []byte) []byte {
	h := sha256.Sum256(b)
	h = sha256.Sum256(h[:])
	return h[:4]
}
