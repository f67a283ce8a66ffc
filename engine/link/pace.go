package link

import (
	"container/heap"
	"sync"
	"sync/atomic"
	"time"
)

// pacer hands out turns: each is over when so many bytes are paid for. A reader waits
// for its own turn, and one that received no payload never waits.
//
// Turns are served one after the other, by start-time fair queueing (Goyal, Vin and
// Cheng, 1996): of those that wait, the one of the flow that has had least for its
// weight comes first, and what a flow does not use goes to the others. Within a flow
// they are served in the order in which they came.
type pacer struct {
	rate atomic.Int64 // bytes per second; 0 = no limit

	mu     sync.Mutex
	next   time.Time // when all that was served is paid
	clock  float64   // bytes per weight: the start of the turn served last
	end    float64   // the latest end of a turn that was served
	queue  turns
	count  int64 // of turns ever
	served *turn // nil = none
	due    alarm
}

// flow is what the turns of one torrent have in common at one pacer; pacer.mu guards
// it. The zero value has had nothing.
type flow struct {
	end float64 // bytes per weight: of its last turn
}

// turn is a wait at a pacer.
type turn struct {
	start  float64 // bytes per weight
	end    float64
	number int64
	bytes  int64
	done   chan struct{} // closed when it is over
}

// over reports whether the bytes are paid for. A turn that is nil never had to wait.
func (t *turn) over() bool {
	if t == nil {
		return true
	}
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

// turns is a heap, the next to be served first.
type turns []*turn

func (q turns) Len() int { return len(q) }

func (q turns) Less(i, j int) bool {
	if q[i].start != q[j].start {
		return q[i].start < q[j].start
	}
	return q[i].number < q[j].number
}

func (q turns) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

func (q *turns) Push(x any) {
	if t, ok := x.(*turn); ok {
		*q = append(*q, t)
	}
}

func (q *turns) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return t
}

// paceSlack is how far a pacer may lag behind: late wake-ups within it cost no
// throughput.
const paceSlack = 100 * time.Millisecond

func newPacer() *pacer { return &pacer{} }

func (p *pacer) limit() int64 { return p.rate.Load() }

// setRate sets the bytes per second and ends every wait.
func (p *pacer) setRate(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rate.Swap(max(0, n)) == max(0, n) {
		return
	}
	p.next = time.Time{}
	p.due.stop()
	if p.served != nil {
		close(p.served.done)
		p.served = nil
	}
	for _, t := range p.queue {
		close(t.done)
	}
	clear(p.queue)
	p.queue = p.queue[:0]
}

// reserve books n bytes of a flow of so much weight and returns the turn to wait for,
// nil for none.
func (p *pacer) reserve(now time.Time, f *flow, weight, n int64) *turn {
	if p.rate.Load() == 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rate.Load() == 0 {
		return nil
	}
	p.count++
	t := &turn{start: max(p.clock, f.end), number: p.count, bytes: n, done: make(chan struct{})}
	t.end = t.start + float64(n)/float64(max(1, weight))
	f.end = t.end
	heap.Push(&p.queue, t)
	p.serve(now)
	return t
}

// spend books n bytes that nobody waits for.
func (p *pacer) spend(now time.Time, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rate.Load() > 0 {
		p.pay(now, n)
	}
}

// pay moves the time by which everything is paid for. mu is held.
func (p *pacer) pay(now time.Time, n int64) {
	if oldest := now.Add(-paceSlack); p.next.Before(oldest) {
		p.next = oldest
	}
	p.next = p.next.Add(time.Duration(float64(n) / float64(p.rate.Load()) * float64(time.Second)))
}

// serve ends the turns that are paid for and begins the next. mu is held.
func (p *pacer) serve(now time.Time) {
	for {
		if p.served == nil {
			if len(p.queue) == 0 {
				p.clock = p.end // who comes next has no arrears
				return
			}
			t, _ := heap.Pop(&p.queue).(*turn)
			p.served, p.clock, p.end = t, t.start, max(p.end, t.end)
			p.pay(now, t.bytes)
		}
		if p.next.After(now) {
			p.due.after(p.next.Sub(now), p.wake)
			return
		}
		close(p.served.done)
		p.served = nil
	}
}

// wake goes on when the turn that is served is paid for.
func (p *pacer) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rate.Load() > 0 {
		p.serve(time.Now())
	}
}
