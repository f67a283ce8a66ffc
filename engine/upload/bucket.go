package upload

import "time"

// bucket is a token bucket that may go into debt by one block: whatever is sent
// is taken, and nothing more is sent until the debt is paid. The zero value has
// no limit.
type bucket struct {
	rate   int64   // bytes per second; 0 = no limit
	tokens float64 // bytes
	at     time.Time
}

const (
	// burstTime is how much of the rate a bucket holds: late wake-ups within it
	// cost no throughput.
	burstTime = 100 * time.Millisecond
	// leastBurst is the least a bucket holds, in bytes.
	leastBurst = 8 << 10
)

// setRate changes the limit and begins with an empty bucket.
func (b *bucket) setRate(rate int64, now time.Time) {
	if rate == b.rate {
		return
	}
	*b = bucket{rate: rate, at: now}
}

// fill adds what time has earned.
func (b *bucket) fill(now time.Time) {
	if b.rate == 0 {
		return
	}
	most := max(leastBurst, float64(b.rate)*burstTime.Seconds())
	b.tokens = min(most, b.tokens+float64(b.rate)*now.Sub(b.at).Seconds())
	b.at = now
}

// open reports whether something may be sent.
func (b *bucket) open() bool { return b.rate == 0 || b.tokens > 0 }

// take books n sent bytes; a negative n gives them back.
func (b *bucket) take(n int64) {
	if b.rate > 0 {
		b.tokens -= float64(n)
	}
}

// wait is how long until open.
func (b *bucket) wait() time.Duration {
	if b.open() {
		return 0
	}
	return time.Duration((1 - b.tokens) / float64(b.rate) * float64(time.Second))
}
