package btt

import (
	"fmt"
	"math"
	"math/bits"
)

// Rate is a price of service in µBTT per MiB of payload; a price per byte would
// round to nothing. The zero value is free of charge.
type Rate int64

// String returns r with its unit, for logs and errors.
func (r Rate) String() string { return fmt.Sprintf("%d µBTT/MiB", int64(r)) }

// Cost returns the price of n bytes, ⌈n·r ÷ 2²⁰⌉ µBTT: the only place of the
// program where money is rounded. Both ends of a lane compute it on their
// *cumulative* bytes under one quote, never block by block, so that roundings do
// not add up and both come to the same sum.
//
// It returns ErrNegative for a negative operand and ErrOverflow where the price
// exceeds MaxAmount.
func (r Rate) Cost(n int64) (Amount, error) {
	if r < 0 || n < 0 {
		return 0, ErrNegative
	}
	hi, lo := bits.Mul64(uint64(r), uint64(n))
	lo, carry := bits.Add64(lo, 1<<20-1, 0)
	hi += carry
	if hi>>19 != 0 {
		return 0, ErrOverflow
	}
	return Amount(hi<<44 | lo>>20), nil
}

// Bytes returns how many bytes a buys: the largest n with Cost(n) ≤ a. Where
// service is free, and where n would exceed an int64, it is math.MaxInt64.
func (r Rate) Bytes(a Amount) (int64, error) {
	if r < 0 || a < 0 {
		return 0, ErrNegative
	}
	hi, lo := uint64(a)>>44, uint64(a)<<20
	if hi >= uint64(r) {
		return math.MaxInt64, nil
	}
	n, _ := bits.Div64(hi, lo, uint64(r))
	return int64(min(n, math.MaxInt64)), nil
}

// PerGiB returns the price of a GiB, the unit in which prices are shown.
func (r Rate) PerGiB() (Amount, error) { return r.Cost(1 << 30) }

// RatePerGiB returns the highest Rate at which a GiB costs at most a. Shown
// prices are multiples of 1,024 µBTT, far below what anybody types.
func RatePerGiB(a Amount) (Rate, error) {
	if a < 0 {
		return 0, ErrNegative
	}
	return Rate(a / 1024), nil
}
