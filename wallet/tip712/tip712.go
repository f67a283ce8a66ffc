package tip712

import "golang.org/x/crypto/sha3"

// Word is a field encoded in 32 bytes, or a hash.
type Word [32]byte

// Domain says for whom a signature is meant.
// Zero fields are part of it like any other.
type Domain struct {
	Name, Version     string
	ChainID           uint64
	VerifyingContract [20]byte // without the prefix 0x41
}

// Separator returns the hash of d.
func (d Domain) Separator() Word {
	return Struct(TypeHash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
		Keccak256([]byte(d.Name)), Keccak256([]byte(d.Version)), Uint64(d.ChainID), Address(d.VerifyingContract))
}

// TypeHash returns the hash of a type, written such as
// "Mail(address from,string text)", with the types it contains appended in
// alphabetical order.
func TypeHash(encoded string) Word { return Keccak256([]byte(encoded)) }

// Struct returns the hash of a struct: of its TypeHash and its fields, a string,
// bytes, array or struct being represented by its own hash.
func Struct(typeHash Word, fields ...Word) Word {
	data := make([]byte, 0, 32*(1+len(fields)))
	data = append(data, typeHash[:]...)
	for _, f := range fields {
		data = append(data, f[:]...)
	}
	return Keccak256(data)
}

// Digest returns what is signed: the hash of a domain separator and a struct.
func Digest(separator, message Word) Word {
	return Keccak256([]byte{0x19, 0x01}, separator[:], message[:])
}

// Uint64 encodes v as an unsigned integer of any width.
func Uint64(v uint64) (w Word) {
	for i := range 8 {
		w[31-i] = byte(v >> (8 * i))
	}
	return w
}

// Address encodes an address, given without the prefix 0x41.
func Address(a [20]byte) (w Word) {
	copy(w[12:], a[:])
	return w
}

// Keccak256 hashes the concatenation of parts, as TRON's virtual machine does.
func Keccak256(parts ...[]byte) (w Word) {
	h := sha3.NewLegacyKeccak256()
	for _, p := range parts {
		h.Write(p)
	}
	h.Sum(w[:0])
	return w
}
