package btt

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// Word is an amount as contracts count it: base units of 10⁻¹⁸ BTT in an
// unsigned 256-bit integer, big-endian, as it stands in call data and typed
// data. The zero value is no money.
type Word [32]byte

// basePerMicro is the number of base units in a µBTT.
const basePerMicro = 1_000_000_000_000

// Word returns a in base units, or ErrNegative. Every other Amount fits, and
// comes back from FromWord without a rest.
func (a Amount) Word() (Word, error) {
	var w Word
	if a < 0 {
		return w, ErrNegative
	}
	hi, lo := bits.Mul64(uint64(a), basePerMicro)
	binary.BigEndian.PutUint64(w[16:], hi)
	binary.BigEndian.PutUint64(w[24:], lo)
	return w, nil
}

// FromWord splits base units into whole µBTT and the rest, which is below 10¹²
// base units and has no Amount. It returns ErrOverflow where the whole part
// exceeds MaxAmount; nothing on the chain bounds what a contract may answer.
func FromWord(w Word) (whole Amount, rest uint64, err error) {
	top := binary.BigEndian.Uint64(w[:]) | binary.BigEndian.Uint64(w[8:])
	hi, lo := binary.BigEndian.Uint64(w[16:]), binary.BigEndian.Uint64(w[24:])
	if top != 0 || hi >= basePerMicro {
		return 0, 0, ErrOverflow
	}
	q, rest := bits.Div64(hi, lo, basePerMicro)
	if q > math.MaxInt64 {
		return 0, 0, ErrOverflow
	}
	return Amount(q), rest, nil
}
