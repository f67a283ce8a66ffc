package engine

import "time"

// rateWindow is over how long a shown rate is averaged.
const rateWindow = 5 * time.Second

// rate turns a counter that is read about once a second into bytes per second,
// averaged over rateWindow. The zero value is ready.
type rate struct {
	at   [6]time.Time
	n    [6]int64
	next int
	full bool
}

// sample notes that the counter stands at n now and returns the rate. A counter
// that went down (another connection, a restart) starts anew.
func (r *rate) sample(now time.Time, n int64) int64 {
	last := (r.next + len(r.n) - 1) % len(r.n)
	if (r.full || r.next > 0) && n < r.n[last] {
		*r = rate{}
	}
	r.at[r.next], r.n[r.next] = now, n
	oldest := 0
	if r.full {
		oldest = (r.next + 1) % len(r.n)
	}
	for now.Sub(r.at[oldest]) > rateWindow && oldest != r.next {
		oldest = (oldest + 1) % len(r.n)
	}
	span, moved := now.Sub(r.at[oldest]), n-r.n[oldest]
	r.next++
	if r.next == len(r.n) {
		r.next, r.full = 0, true
	}
	if span < time.Millisecond {
		return 0
	}
	return int64(float64(moved) / span.Seconds())
}
