package link

import (
	"sync"
	"sync/atomic"
	"time"
)

// pacer hands out moments at which so many bytes are paid for. Each reader waits
// for its own moment, so readers take turns in the order in which they received,
// and one that received no payload never waits.
type pacer struct {
	rate atomic.Int64 // bytes per second; 0 = no limit

	mu      sync.Mutex
	next    time.Time     // when all that was reserved is paid
	changed chan struct{} // closed when the rate changes
}

// paceSlack is how far a pacer may lag behind: late wake-ups within it cost no
// throughput.
const paceSlack = 100 * time.Millisecond

func newPacer() *pacer { return &pacer{changed: make(chan struct{})} }

func (p *pacer) limit() int64 { return p.rate.Load() }

// setRate sets the bytes per second and ends every wait.
func (p *pacer) setRate(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rate.Swap(max(0, n)) == max(0, n) {
		return
	}
	p.next = time.Time{}
	close(p.changed)
	p.changed = make(chan struct{})
}

// reserve books n bytes and returns when they are paid; the zero time is at once.
// changed tells when the answer no longer holds.
func (p *pacer) reserve(now time.Time, n int64) (at time.Time, changed <-chan struct{}) {
	if p.rate.Load() == 0 {
		return time.Time{}, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	rate := p.rate.Load()
	if rate == 0 {
		return time.Time{}, nil
	}
	if oldest := now.Add(-paceSlack); p.next.Before(oldest) {
		p.next = oldest
	}
	p.next = p.next.Add(time.Duration(float64(n) / float64(rate) * float64(time.Second)))
	return p.next, p.changed
}
