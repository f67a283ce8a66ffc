package wallet

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"swarmbid/wallet/keystore"
	"swarmbid/wallet/voucher"
)

// ErrDerive is returned for a key that does not exist in the tree, which BIP-32
// expects once in 2¹²⁷ keys.
var ErrDerive = errors.New("wallet: no such key in the tree")

// hardened marks the numbers of keys that cannot be derived from public keys.
const hardened = 1 << 31

// node is a private key of the tree with its chain code.
type node struct {
	key   secp256k1.ModNScalar
	chain [32]byte
}

// zero overwrites n.
func (n *node) zero() {
	n.key.Zero()
	clear(n.chain[:])
}

// root returns the root of the tree of a seed.
func root(seed []byte) (*node, error) {
	sum := hash512([]byte("Bitcoin seed"), seed)
	defer clear(sum)
	n := new(node)
	if n.key.SetByteSlice(sum[:32]) || n.key.IsZero() {
		return nil, ErrDerive
	}
	copy(n.chain[:], sum[32:])
	return n, nil
}

// child returns the i-th child of n.
func (n *node) child(i uint32) (*node, error) {
	data := make([]byte, 37)
	defer clear(data)
	if i >= hardened {
		n.key.PutBytesUnchecked(data[1:33])
	} else {
		k := secp256k1.PrivateKey{Key: n.key}
		copy(data, k.PubKey().SerializeCompressed())
		k.Zero()
	}
	binary.BigEndian.PutUint32(data[33:], i)
	sum := hash512(n.chain[:], data)
	defer clear(sum)
	c := new(node)
	if c.key.SetByteSlice(sum[:32]) {
		return nil, ErrDerive
	}
	if c.key.Add(&n.key); c.key.IsZero() {
		return nil, ErrDerive
	}
	copy(c.chain[:], sum[32:])
	return c, nil
}

func hash512(key, data []byte) []byte {
	h := hmac.New(sha512.New, key)
	h.Write(data)
	return h.Sum(nil)
}

// walk returns the descendant of a seed by the numbers of a path.
func walk(seed []byte, path ...uint32) (*node, error) {
	n, err := root(seed)
	for _, i := range path {
		if err != nil {
			break
		}
		parent := n
		n, err = parent.child(i)
		parent.zero()
	}
	return n, err
}

// Path names an account of the tree: m/44'/195'/Account'/0/Index, as TronLink
// and tronweb have it. The zero value is the first account of every wallet.
type Path struct{ Account, Index uint32 } // each below 2³¹

// String returns the path in the notation of BIP-32.
func (p Path) String() string { return fmt.Sprintf("m/44'/195'/%d'/0/%d", p.Account, p.Index) }

// MarshalText implements encoding.TextMarshaler.
func (p Path) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. It takes what String writes
// and nothing else.
func (p *Path) UnmarshalText(b []byte) error {
	var q Path
	if _, err := fmt.Sscanf(string(b), "m/44'/195'/%d'/0/%d", &q.Account, &q.Index); err != nil || q.String() != string(b) || q.Account >= hardened || q.Index >= hardened {
		return fmt.Errorf("wallet: %.40q is no path of an account", b)
	}
	*p = q
	return nil
}

// key returns the private key of an account, and its address.
func (p Path) key(seed []byte) (keystore.Secret, Address, error) {
	if p.Account >= hardened || p.Index >= hardened {
		return keystore.Secret{}, Address{}, ErrDerive
	}
	n, err := walk(seed, hardened|44, hardened|195, hardened|p.Account, 0, p.Index)
	if err != nil {
		return keystore.Secret{}, Address{}, fmt.Errorf("derive %s: %w", p, err)
	}
	defer n.zero()
	b := n.key.Bytes()
	defer clear(b[:])
	key := keystore.NewSecret(append([]byte(nil), b[:]...))
	a, err := voucher.AddressOf(key.Bytes())
	return key, a, err
}

// address returns the address of an account.
func (p Path) address(seed []byte) (Address, error) {
	key, a, err := p.key(seed)
	key.Zero()
	return a, err
}
