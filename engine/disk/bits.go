package disk

import "math/bits"

// Bits is a set of piece numbers of a fixed range. It is not safe for concurrent
// use. The zero value is the empty set of an empty range.
type Bits struct {
	n int
	w []uint64
}

// NewBits returns the empty set over n pieces.
func NewBits(n int) Bits { return Bits{n, make([]uint64, (n+63)/64)} }

// FullBits returns the set of all n pieces.
func FullBits(n int) Bits {
	b := NewBits(n)
	for i := range n {
		b.Set(i)
	}
	return b
}

// BitsFromBytes reads a bitfield as BEP 3 lays it out: piece 0 is the high bit of
// the first byte. Missing bytes count as zero, spare bits are ignored.
func BitsFromBytes(p []byte, n int) Bits {
	b := NewBits(n)
	for i := range min(n, 8*len(p)) {
		if p[i/8]&(0x80>>(i%8)) != 0 {
			b.Set(i)
		}
	}
	return b
}

// Bytes returns the set as a bitfield of BEP 3.
func (b Bits) Bytes() []byte {
	p := make([]byte, (b.n+7)/8)
	for i := range b.n {
		if b.Has(i) {
			p[i/8] |= 0x80 >> (i % 8)
		}
	}
	return p
}

// Len is the size of the range.
func (b Bits) Len() int { return b.n }

// Has reports whether piece i is in the set.
func (b Bits) Has(i int) bool { return i >= 0 && i < b.n && b.w[i/64]&(1<<(i%64)) != 0 }

// Set adds piece i, which must be in the range.
func (b Bits) Set(i int) { b.w[i/64] |= 1 << (i % 64) }

// Clear removes piece i, which must be in the range.
func (b Bits) Clear(i int) { b.w[i/64] &^= 1 << (i % 64) }

// Count is the number of pieces in the set.
func (b Bits) Count() int {
	n := 0
	for _, w := range b.w {
		n += bits.OnesCount64(w)
	}
	return n
}

// List returns the pieces in the set, ascending.
func (b Bits) List() []int {
	out := make([]int, 0, b.Count())
	for i := range b.n {
		if b.Has(i) {
			out = append(out, i)
		}
	}
	return out
}

// Clone returns an independent copy.
func (b Bits) Clone() Bits { return Bits{b.n, append([]uint64(nil), b.w...)} }
