package wire

import "time"

// What a Limiter lets pass.
const (
	limitSeconds  = 10
	limitMessages = 20 * limitSeconds
)

// Limiter counts the messages of one connection. It is a value; the zero value
// has seen none. Once it has refused, the extension is over for that connection.
type Limiter struct {
	now   int64 // second of the clock that count[now%limitSeconds] is for
	count [limitSeconds]uint16
}

// Take counts a message that arrives now, and reports whether it passes: whether
// with it there were at most 200 in this second of the clock and the nine before,
// which is 20 a second. A clock that goes back is taken to stand still.
func (l Limiter) Take(now time.Time) (Limiter, bool) {
	if sec := now.Unix(); sec > l.now {
		for s := max(l.now+1, sec-limitSeconds+1); s <= sec; s++ {
			l.count[s%limitSeconds] = 0
		}
		l.now = sec
	}
	sum := uint16(0)
	for _, n := range l.count {
		sum += n
	}
	if sum >= limitMessages {
		return l, false
	}
	l.count[l.now%limitSeconds]++
	return l, true
}
