package view

import "time"

// Curve is what a Graph draws.
type Curve struct {
	Down, Up, Over     []int64  // oldest first, bytes per second; Over is overhead of both directions
	Points             int      // samples from edge to edge
	Top                int64    // rate at the upper edge; 0 = nothing to draw
	DownLimit, UpLimit int64    // 0 = none
	YLabels            []string // from the bottom up, evenly spaced
	XLabels            []string // from the left, evenly spaced
	DownLabel, UpLabel string
	OverLabel          string
}

// Span is how far back a curve goes.
type Span uint8

// The spans.
const (
	Minutes5 Span = iota
	Hour1
	Hours6
	Day1
)

// Spans lists every span, shortest first.
func Spans() []Span { return []Span{Minutes5, Hour1, Hours6, Day1} }

// points is the number of samples kept of each span.
const points = 300

// steady is how many seconds one note of rates may stand for.
const steady = 90

// every is how many seconds one sample of a span covers.
func (s Span) every() int { return [...]int{1, 12, 72, 288}[s] }

// length is how far back a span goes.
func (s Span) length() time.Duration { return time.Duration(s.every()*points) * time.Second }

// Label names a span.
func (s Span) Label(l *Locale) string {
	return l.T([...]string{"span.minutes5", "span.hour1", "span.hours6", "span.day1"}[s])
}

// History keeps the rates of the session for 24 hours, coarser the older: one
// ring a span. The zero value is empty.
type History struct {
	rings [4]ring
	noted time.Time // up to when there are samples
}

type ring struct {
	down, up, over []int64
	sum            Rates
	n              int // samples in sum
}

// Rates are those of one second, in bytes per second.
type Rates struct {
	Down, Up int64 // payload
	Over     int64 // overhead, both directions together
}

// Note records the rates at a time, for each second since the last that was noted;
// a time it knows already is left out. A gap longer than the longest span is as none.
func (h *History) Note(at time.Time, now Rates) {
	n := int((at.Sub(h.noted) + time.Second/2) / time.Second)
	if h.noted.IsZero() || n < 0 || n > int(Day1.length()/time.Second) {
		h.noted, n = at.Add(-time.Second), 1
	}
	h.noted = h.noted.Add(time.Duration(n) * time.Second)
	for i := range n {
		if i < n-steady { // the computer slept meanwhile
			h.Add(Rates{})
		} else {
			h.Add(now)
		}
	}
}

// Add records the rates of one second.
func (h *History) Add(now Rates) {
	for _, s := range Spans() {
		r := &h.rings[s]
		r.sum = Rates{r.sum.Down + now.Down, r.sum.Up + now.Up, r.sum.Over + now.Over}
		r.n++
		if r.n < s.every() {
			continue
		}
		n := int64(r.n)
		r.down, r.up, r.over = push(r.down, r.sum.Down/n), push(r.up, r.sum.Up/n), push(r.over, r.sum.Over/n)
		r.sum, r.n = Rates{}, 0
	}
}

func push(v []int64, x int64) []int64 {
	if len(v) == points {
		copy(v, v[1:])
		v = v[:points-1]
	}
	return append(v, x)
}

// Curve returns the samples of a span with the texts of its axes. The slices are
// the caller's.
func (h *History) Curve(l *Locale, s Span, t Limits) Curve {
	r := &h.rings[s]
	c := Curve{Points: points, DownLimit: t.Down, UpLimit: t.Up, Down: append([]int64(nil), r.down...), Up: append([]int64(nil), r.up...), Over: append([]int64(nil), r.over...)}
	most := int64(1024)
	for i := range c.Down {
		most = max(most, c.Down[i], c.Up[i], c.Over[i])
	}
	step := niceStep(most)
	c.Top = step * 4
	for i := range int64(5) {
		c.YLabels = append(c.YLabels, l.Rate(step*i))
	}
	c.YLabels[0] = "0"
	for i := range 6 {
		back := s.length() * time.Duration(5-i) / 5
		if back == 0 {
			c.XLabels = append(c.XLabels, l.T("speed.now"))
		} else {
			c.XLabels = append(c.XLabels, "-"+l.Duration(back))
		}
	}
	c.DownLabel, c.UpLabel, c.OverLabel = l.T("speed.down"), l.T("speed.up"), l.T("speed.overhead")
	return c
}

// Limits are the rates a curve shows as lines; 0 = none.
type Limits struct{ Down, Up int64 }

// niceStep is a quarter of the axis: 1, 2 or 5 times a power of ten of a binary
// unit, so that four of them hold most.
func niceStep(most int64) int64 {
	unit := int64(1)
	for unit*1024*4 <= most {
		unit *= 1024
	}
	for pow := unit; ; pow *= 10 {
		for _, m := range []int64{1, 2, 5} {
			if pow*m*4 >= most {
				return pow * m
			}
		}
	}
}
