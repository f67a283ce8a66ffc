package voucher

import (
	"encoding/hex"
	"errors"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"swarmbid/wallet/tip712"
)

var (
	// ErrKey is returned for 32 bytes that are no private key of secp256k1.
	ErrKey = errors.New("voucher: not a private key")
	// ErrSignature is returned for a signature that is malformed, is not in the one
	// form, or was made by another account.
	ErrSignature = errors.New("voucher: bad signature")
)

// Signature is an ECDSA signature over secp256k1: r, s, v, with s in the lower
// half of the order and v 27 or 28.
type Signature [65]byte

// String returns the signature in hexadecimal.
func (s Signature) String() string { return hex.EncodeToString(s[:]) }

// Sign signs a digest with a private key of 32 bytes, which stays the caller's to
// clear. It returns ErrKey for a key that is zero or not below the order.
func Sign(d Digest, key []byte) (sig Signature, err error) {
	k, err := parseKey(key)
	if err != nil {
		return sig, err
	}
	defer k.Zero()
	c := ecdsa.SignCompact(k, d[:], false) // v, r, s; low s; deterministic
	copy(sig[:], c[1:])
	sig[64] = c[0]
	return sig, nil
}

// Recover returns the account that signed a digest, or ErrSignature.
func Recover(d Digest, sig Signature) (Address, error) {
	var s secp256k1.ModNScalar
	if s.SetByteSlice(sig[32:64]) || s.IsOverHalfOrder() || sig[64] != 27 && sig[64] != 28 {
		return Address{}, ErrSignature
	}
	c := append([]byte{sig[64]}, sig[:64]...)
	pub, _, err := ecdsa.RecoverCompact(c, d[:])
	if err != nil {
		return Address{}, ErrSignature
	}
	return addressOf(pub), nil
}

// Verify returns nil if by signed the digest, else ErrSignature. It recovers the
// signer even where the public key is known: a verification that leaves v out
// accepts vouchers that the contract refuses.
func Verify(d Digest, sig Signature, by Address) error {
	a, err := Recover(d, sig)
	if err == nil && a != by {
		err = ErrSignature
	}
	return err
}

// AddressOf returns the account of a private key, or ErrKey.
func AddressOf(key []byte) (Address, error) {
	k, err := parseKey(key)
	if err != nil {
		return Address{}, err
	}
	defer k.Zero()
	return addressOf(k.PubKey()), nil
}

func addressOf(pub *secp256k1.PublicKey) Address {
	h := tip712.Keccak256(pub.SerializeUncompressed()[1:])
	return Address(h[12:])
}

func parseKey(key []byte) (*secp256k1.PrivateKey, error) {
	k := new(secp256k1.PrivateKey)
	if len(key) != 32 || k.Key.SetByteSlice(key) || k.Key.IsZero() {
		k.Zero()
		return nil, ErrKey
	}
	return k, nil
}
