package link

import (
	"slices"
	"time"

	"swarmbid/engine/peerwire"
)

// queue holds the requests of one peer that are not released, oldest first.
type queue struct {
	items []peerwire.Block
	head  int
}

func (q *queue) len() int { return len(q.items) - q.head }

func (q *queue) first() peerwire.Block { return q.items[q.head] }

func (q *queue) push(b peerwire.Block) {
	if q.head > 0 && len(q.items) == cap(q.items) {
		q.items = append(q.items[:0], q.items[q.head:]...)
		q.head = 0
	}
	q.items = append(q.items, b)
}

func (q *queue) pop() peerwire.Block {
	b := q.items[q.head]
	if q.head++; q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	}
	return b
}

func (q *queue) has(b peerwire.Block) bool { return slices.Contains(q.items[q.head:], b) }

// remove takes b out and reports whether it was there.
func (q *queue) remove(b peerwire.Block) bool {
	i := slices.Index(q.items[q.head:], b)
	if i < 0 {
		return false
	}
	q.items = slices.Delete(q.items, q.head+i, q.head+i+1)
	return true
}

// clear empties the queue; the slice is good until the next push.
func (q *queue) clear() []peerwire.Block {
	all := q.items[q.head:]
	q.items, q.head = q.items[:0], 0
	return all
}

// requested takes in a request. mu is held.
func (l *Link) requested(b peerwire.Block) error {
	switch {
	case !l.checker.Shape.Known(), !l.unchoked, l.queue.len() >= maxQueue:
		l.refuse(b)
		return l.guard.spend(time.Now(), 1)
	case l.queue.has(b) || l.findReleased(b) >= 0:
		// Asked again before the answer. The library would hang up.
		return l.guard.spend(time.Now(), 1)
	}
	if l.queue.push(b); l.queue.len() == 1 {
		l.links.wake()
	}
	return nil
}

// refuse answers a request that will not be served. mu is held.
func (l *Link) refuse(b peerwire.Block) {
	if !l.fast {
		l.counts.Ignored++
		return
	}
	l.counts.Rejects++
	l.owe(peerwire.AppendBlock(l.owed, peerwire.Reject, b))
}

// cancelled takes a request back. pass says that the library has to hear of it.
// mu is held.
func (l *Link) cancelled(b peerwire.Block) (pass bool) {
	if l.queue.remove(b) {
		l.refuse(b)
		return false
	}
	for i, r := range l.toServe {
		if r.asked() == b {
			l.toServe = slices.Delete(l.toServe, i, i+1)
			l.forget(l.findReleased(b))
			l.refuse(b)
			return false
		}
	}
	i := l.findReleased(b)
	if i < 0 || l.released[i].cancelled || l.released[i].direct {
		return false
	}
	r := l.released[i]
	if !l.fast {
		l.forget(i) // the library forgets it without a word
	} else {
		l.released[i].cancelled = true // the library rejects it, or the block is on its way
	}
	if r.want != r.Length {
		l.inject(peerwire.AppendBlock(l.injected, peerwire.Cancel, r.Block))
		return false
	}
	return true
}

// asked is the request as the peer made it.
func (r release) asked() peerwire.Block {
	return peerwire.Block{Index: r.Index, Begin: r.Begin, Length: r.want}
}

// findReleased returns where the peer's request b is among the released, or -1.
func (l *Link) findReleased(b peerwire.Block) int {
	return slices.IndexFunc(l.released, func(r release) bool { return r.asked() == b })
}

// take removes a released request that is about to be answered: from then on the
// peer may ask for the block again. settle has to follow.
func (l *Link) take(i int) release {
	r := l.released[i]
	l.released[i] = l.released[len(l.released)-1]
	l.released = l.released[:len(l.released)-1]
	l.taken += int64(r.want)
	return r
}

// settle books the answer of a taken request. returned says that no block was
// sent. mu is held.
func (l *Link) settle(r release, returned bool) {
	l.relBytes -= int(r.want)
	l.taken -= int64(r.want)
	if returned {
		l.returned += int64(r.want)
	}
	if l.draining && l.relBytes == 0 {
		l.chokeNow()
	}
	if l.queue.len() > 0 {
		l.links.wake()
	}
}

// forget takes and settles a released request that gets no block. i may be -1.
func (l *Link) forget(i int) {
	if i >= 0 {
		l.settle(l.take(i), true)
	}
}

// Next returns the size in bytes of the request that Release would hand on, 0 if
// there is none or window bytes are released already; and the bytes released
// before for which nothing was sent after all, which are told once. It is for
// upload.
func (l *Link) Next(window int) (size int, returned int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	returned = l.returned
	l.returned = 0
	if !l.unchoked || l.draining || l.closed || l.queue.len() == 0 ||
		l.relBytes >= window || len(l.released) >= maxReleased || !l.creditFor(l.queue.first()) {
		return 0, returned
	}
	return int(l.queue.first().Length), returned
}

// Release hands the oldest queued request on to be answered and returns its size
// in bytes, 0 if there was none. Call Push after the last of several. It is for
// upload.
func (l *Link) Release() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.unchoked || l.closed || l.queue.len() == 0 || !l.creditFor(l.queue.first()) {
		return 0
	}
	b := l.queue.pop()
	r := release{Block: b, want: b.Length}
	length := l.checker.Shape.PieceLength(b.Index)
	if b.End() > uint64(length) {
		// A block of a hybrid or v2 torrent that runs into padding. The library
		// would hang up: it is asked for what exists, the rest is zeros.
		r.Length = uint32(max(0, int64(length)-int64(b.Begin)))
	}
	r.direct = r.Length == 0 || l.serveFunc() != nil
	l.released = append(l.released, r)
	l.relBytes += int(r.want)
	if r.direct {
		l.toServe = append(l.toServe, r)
	} else {
		l.injected = peerwire.AppendBlock(l.injected, peerwire.Request, r.Block)
	}
	return int(b.Length)
}

// Push makes the library, or our own writer, look at what was released. It is for
// upload.
func (l *Link) Push() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.injected) > 0 {
		l.wakeReader()
	}
	if len(l.toServe) > 0 {
		l.startServer()
	}
}

// inject makes frames, which is l.injected with something appended, the next that
// the library reads. mu is held.
func (l *Link) inject(frames []byte) {
	l.injected = frames
	l.wakeReader()
}
