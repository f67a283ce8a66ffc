package bidding

import (
	"cmp"
	"math"
	"slices"
	"time"

	"swarmbid/wallet/btt"
)

// Sighting is what is known of one provider of a swarm.
type Sighting struct {
	Free  int64    // bytes per second that it serves us for nothing
	Price btt.Rate // of its last quote, or its reserve price before the first
	Rate  int64    // bytes per second that it would serve for that; 0 = it sells nothing
}

// Estimate is what a bid would buy. The zero value is that nothing is known.
type Estimate struct {
	FreeRate int64         // bytes per second without bidding
	PaidRate int64         // with it
	FreeTime time.Duration // to the end without bidding; 0 = never
	PaidTime time.Duration // with it; 0 = never
	Cost     btt.Amount
}

// Faster returns how many times faster the download would be, in hundredths: 310
// is 3.1 times. It is 0 where there is no rate to compare with.
func (e Estimate) Faster() int64 {
	if e.FreeRate <= 0 {
		return 0
	}
	return product(e.PaidRate, 100).over(e.FreeRate)
}

// Achieved returns what a bid has bought, in the terms of the estimate before it:
// bytes in took for cost, where free bytes per second were to be had for nothing.
func Achieved(bytes int64, took time.Duration, cost btt.Amount, free int64) Estimate {
	e := Estimate{FreeRate: free, FreeTime: lasts(bytes, free), PaidTime: took, Cost: cost}
	if ms := took.Milliseconds(); ms > 0 {
		e.PaidRate = product(bytes, 1000).over(ms)
	}
	return e
}

// Estimates returns what bidding price to all of seen would buy for the remaining
// bytes of a download that can take limit bytes per second, 0 = any. The cheapest
// are bought first, and only as much as is missing.
func Estimates(price btt.Rate, remaining, limit int64, seen []Sighting) (Estimate, error) {
	if limit <= 0 {
		limit = maxUplink
	}
	var e Estimate
	for _, s := range seen {
		e.FreeRate += s.Free
	}
	e.FreeRate = min(e.FreeRate, limit)
	e.PaidRate = e.FreeRate
	offers := slices.Clone(seen)
	slices.SortFunc(offers, func(a, b Sighting) int {
		return cmp.Or(cmp.Compare(a.Price, b.Price), cmp.Compare(b.Rate, a.Rate), cmp.Compare(a.Free, b.Free))
	})
	var worth wide // what is paid in a second
	for _, s := range offers {
		if more := min(s.Rate-s.Free, limit-e.PaidRate); s.Price <= price && more > 0 {
			e.PaidRate += more
			worth = worth.plus(product(min(s.Rate, s.Free+more), int64(s.Price)))
		}
	}
	e.FreeTime, e.PaidTime = lasts(remaining, e.FreeRate), lasts(remaining, e.PaidRate)
	if e.PaidRate == 0 {
		return e, nil
	}
	var err error
	e.Cost, err = btt.Rate(worth.over(e.PaidRate)).Cost(remaining)
	return e, err
}

// lasts returns how long bytes take at rate; what takes longer than can be said
// takes for ever.
func lasts(bytes, rate int64) time.Duration {
	if rate <= 0 || bytes/rate >= int64(math.MaxInt64/time.Second) {
		return 0
	}
	return time.Duration(bytes/rate)*time.Second + time.Duration(bytes%rate*1000/rate)*time.Millisecond
}
