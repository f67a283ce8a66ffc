package btt

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

var (
	// ErrOverflow is returned where a result leaves the range of its type.
	ErrOverflow = errors.New("btt: amount out of range")
	// ErrNegative is returned where an operand must not be negative and is.
	ErrNegative = errors.New("btt: negative amount")
)

// Amount is a sum of BTT in µBTT, 10⁻⁶ BTT. The zero value is no money; a
// negative value is a debt.
type Amount int64

// One is one BTT. MaxAmount is the largest Amount, about 9.2·10¹² BTT.
const (
	One       Amount = 1_000_000
	MaxAmount Amount = math.MaxInt64
)

// Add returns a + b, or ErrOverflow.
func (a Amount) Add(b Amount) (Amount, error) {
	sum := a + b
	if (a < 0) == (b < 0) && (sum < 0) != (a < 0) {
		return 0, ErrOverflow
	}
	return sum, nil
}

// Sub returns a - b, or ErrOverflow.
func (a Amount) Sub(b Amount) (Amount, error) {
	diff := a - b
	if (a < 0) != (b < 0) && (diff < 0) != (a < 0) {
		return 0, ErrOverflow
	}
	return diff, nil
}

// String returns a with six decimals and the unit, for logs and errors. What the
// user reads is written by [Amount.Format].
func (a Amount) String() string { return plain(int64(a)) + " BTT" }

// FromOld converts units of BTTOLD, the TRC-10 token 1002000 with six decimals,
// at the fixed ratio of the redenomination of December 2021: 1 BTTOLD is 1,000
// BTT.
func FromOld(units int64) (Amount, error) {
	if units < 0 {
		return 0, ErrNegative
	}
	hi, lo := bits.Mul64(uint64(units), 1000)
	if hi != 0 || lo > math.MaxInt64 {
		return 0, ErrOverflow
	}
	return Amount(lo), nil
}

// Sun is a sum of TRX in its smallest unit, 10⁻⁶ TRX. The chain counts it in an
// int64 too.
type Sun int64

// TRX is one TRX.
const TRX Sun = 1_000_000

// String returns s with six decimals and the unit, for logs and errors.
func (s Sun) String() string { return plain(int64(s)) + " TRX" }

// plain writes v millionths with all six decimals.
func plain(v int64) string {
	sign, u := "", uint64(v)
	if v < 0 {
		sign, u = "-", -u
	}
	return fmt.Sprintf("%s%d.%06d", sign, u/1e6, u%1e6)
}
