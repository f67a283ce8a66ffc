package bidding

import (
	"math"
	"math/bits"
	"sort"

	"swarmbid/wallet/btt"
)

// displaced is the demand that finds no room, the highest bid first, as running
// sums: what it would take, and what it would pay for that. It begins with
// order[rest]. A winner's price is the average that the first of it offers, as
// much of it as the winner's rate displaces.
type displaced struct {
	*auction
	rate  []int64 // rate[k-rest] is the unfilled want of order[rest:k]
	value []wide  // likewise, each byte per second times the bid for it
}

func (a *auction) displaced() displaced {
	d := displaced{auction: a, rate: make([]int64, 1, len(a.order)-a.rest+1)}
	d.value = make([]wide, 1, cap(d.rate))
	for k := a.rest; k < len(a.order); k++ {
		open := a.want[k] - a.got[k]
		d.rate = append(d.rate, d.rate[k-a.rest]+open)
		d.value = append(d.value, d.value[k-a.rest].plus(product(open, int64(a.bid(k)))))
	}
	return d
}

// of returns the price of the winner order[k]: the average bid of what it
// displaces, each part of that counting for the reserve price of k's torrent at
// least, as idle capacity does. It is rounded down, so it is not above the bid.
func (d displaced) of(k int) btt.Rate {
	rate, from := d.got[k], d.rest
	var value wide
	if k >= d.rest { // among its equals, of which it does not displace itself
		equals := d.rate[d.end-d.rest] - (d.want[k] - d.got[k])
		n := min(rate, equals)
		value, rate, from = product(n, int64(d.bid(k))), rate-n, d.end
	}
	value = value.plus(d.first(rate, from, d.peers[d.order[k]].Reserve))
	return btt.Rate(value.over(d.got[k]))
}

// first returns what the first bytes per second of the unfilled demand from
// order[from] on would pay, at reserve where that is more.
func (d displaced) first(rate int64, from int, reserve btt.Rate) wide {
	tail := d.order[from:]
	above := sort.Search(len(tail), func(n int) bool { return d.bid(from+n) < reserve })
	at := from - d.rest // place of from in the sums
	n := min(rate, d.rate[at+above]-d.rate[at])
	k := sort.Search(above, func(k int) bool { return d.rate[at+k+1]-d.rate[at] > n })
	value := d.value[at+k].minus(d.value[at])
	if part := n - (d.rate[at+k] - d.rate[at]); part > 0 {
		value = value.plus(product(part, int64(d.bid(from+k))))
	}
	return value.plus(product(rate-n, int64(reserve)))
}

// wide is a number of 128 bits: a rate times a price, or a sum of such.
type wide struct{ hi, lo uint64 }

// product returns a·b; neither is negative.
func product(a, b int64) wide {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return wide{hi, lo}
}

func (w wide) plus(v wide) wide {
	lo, carry := bits.Add64(w.lo, v.lo, 0)
	return wide{w.hi + v.hi + carry, lo}
}

func (w wide) minus(v wide) wide {
	lo, borrow := bits.Sub64(w.lo, v.lo, 0)
	return wide{w.hi - v.hi - borrow, lo}
}

// over returns ⌊w ÷ n⌋ for a positive n, or the largest int64 where that is less.
func (w wide) over(n int64) int64 {
	if w.hi >= uint64(n) {
		return math.MaxInt64
	}
	q, _ := bits.Div64(w.hi, w.lo, uint64(n))
	return int64(min(q, math.MaxInt64))
}
