package tracker

import (
	"math/rand/v2"
	"time"
)

const (
	// defaultInterval is used when a tracker names none.
	defaultInterval = 30 * time.Minute
	// minInterval and maxInterval clamp what a tracker asks for.
	minInterval = time.Minute
	maxInterval = 24 * time.Hour
	// firstBackOff and maxBackOff bound the pause after a failure.
	firstBackOff = time.Minute
	maxBackOff   = 30 * time.Minute
	// retryAfterFailure is how soon the user may ask again when nothing answered.
	retryAfterFailure = 15 * time.Second
)

// pause is the time from an answer to the next announce.
func pause(a answer) time.Duration {
	d := a.interval
	if d == 0 {
		d = defaultInterval
	}
	return min(max(d, a.minInterval, minInterval), maxInterval)
}

// patience is the least time between an answer and an announce that the user asks
// for: the tracker's «min interval», 60 s at least.
func patience(a answer) time.Duration {
	return max(min(a.minInterval, pause(a)), minInterval)
}

// backOff is the pause after the n-th failure in a row, n from 1: it doubles from
// firstBackOff to maxBackOff.
func backOff(n int) time.Duration {
	d := firstBackOff
	for ; n > 1 && d < maxBackOff; n-- {
		d *= 2
	}
	return min(d, maxBackOff)
}

// jitter lengthens d by up to a quarter, so that the torrents of a dead tracker do
// not come back together.
func jitter(d time.Duration) time.Duration { return d + rand.N(d/4+1) }

// dueHeap orders torrents by the time of their next round (container/heap). Each
// torrent knows its place; -1 = not in the heap.
type dueHeap []*torrent

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].due.Before(h[j].due) }

func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push is for container/heap.
func (h *dueHeap) Push(x any) {
	t := x.(*torrent) // nothing else is pushed
	t.place = len(*h)
	*h = append(*h, t)
}

// Pop is for container/heap.
func (h *dueHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.place = -1
	return t
}
