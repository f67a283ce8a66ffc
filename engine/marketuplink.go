package engine

import (
	"slices"
	"time"

	"swarmbid/engine/swarm"
)

// uplink finds out what there is to share where no limit says so: 95 % of the
// highest rate that was kept up over a round, of the last five minutes. Less than
// all, so that the queue that fills is ours and not the router's. The zero value
// knows nothing.
type uplink struct {
	rates [30]int64 // bytes per second of the last rounds in which requests waited
	known int       // rounds that count, of the last ones
	limit int64     // bytes per second; 0 = not known yet
	held  int       // rounds until more than the highest rate is tried again
	sent  int64     // payload of this run at the last round
	at    time.Time
}

const (
	uplinkShare = 95 // percent of the measured rate that are shared out
	keptUp      = 97 // percent of the limit; from there on it is the limit that holds us
	probeBy     = 10 // percent by which the limit grows then
	leastRounds = 3  // before anything is limited
)

// leastUplink is what is taken for a line at work, in bytes per second: less says
// nothing of its capacity.
const leastUplink = 2 * swarm.BlockSize

// round books that sent payload bytes had left by now in this run, and that
// requests waited or not, and returns the limit until the next round. While the
// limit is what holds us back the line may be faster, so it grows; when that
// fails, it stays for five minutes with what the line was seen to carry.
func (u *uplink) round(now time.Time, sent int64, waiting bool) int64 {
	span, n := now.Sub(u.at), max(0, sent-u.sent)
	first := u.at.IsZero()
	u.at, u.sent = now, sent
	u.held = max(0, u.held-1)
	if first || !waiting || span <= 0 {
		return u.limit
	}
	rate := int64(float64(n) / span.Seconds())
	if rate < leastUplink {
		return u.limit
	}
	copy(u.rates[1:], u.rates[:])
	u.rates[0] = rate
	u.known = min(u.known+1, len(u.rates))
	top := percent(slices.Max(u.rates[:u.known]), uplinkShare)
	switch {
	case u.limit == 0 && u.known < leastRounds:
	case u.limit == 0:
		u.limit = top
	case rate < percent(u.limit, keptUp):
		u.limit, u.held = top, len(u.rates)
	case u.held == 0:
		u.limit = percent(u.limit, 100+probeBy)
	default:
		u.limit = max(u.limit, top)
	}
	return u.limit
}

func percent(n, p int64) int64 { return n/100*p + n%100*p/100 }

// shareUplink is what the allocator shares out, in bytes per second: the user's
// limit, or while the market is on what was measured. 0 = unlimited.
func (e *Engine) shareUplink() int64 {
	if e.set.UpLimit > 0 || !e.trading() {
		return e.set.UpLimit
	}
	return e.market.uplink.limit
}

// measureUplink holds a round of the uplink's measurement when it is time.
func (e *Engine) measureUplink(now time.Time) {
	u := &e.market.uplink
	if !e.trading() || e.set.UpLimit > 0 || now.Sub(u.at) < rechokeEvery {
		return
	}
	waiting := false
	for _, l := range e.links.All() {
		if s := l.Stats(); s.Unchoked && s.QueuedRequests > 0 {
			waiting = true
			break
		}
	}
	if was := u.limit; u.round(now, e.totals.up, waiting) != was {
		e.upload.SetLimit(u.limit)
	}
}
