package engine

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/engine/lab"
	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

// receiver is one client of a measurement, with what it says it was sent.
type receiver struct {
	name string
	is   func(l *link.Link) bool // l is the seed's end of its connection
	got  func() (int64, error)
	pays bool
	key  swarm.PeerKey // at the seed; see find
}

// find waits until every receiver is interested and served, and learns its key.
func find(t *testing.T, s *session, who []receiver) {
	t.Helper()
	until(t, "everybody takes part", func() bool {
		n := 0
		for i := range who {
			for _, l := range s.links.All() {
				if st := l.Stats(); who[i].is(l) && st.Interested && st.PayloadOut > 0 {
					who[i].key = l.Key()
					n++
					break
				}
			}
		}
		return n == len(who)
	})
}

// shuffle is an allocator for tests: it deals shares of the uplink out anew every
// round. Before play is called it is the allocator of the program.
type shuffle struct {
	e      *Engine
	shares []float64
	each   time.Duration

	mu    sync.Mutex
	who   []receiver
	rand  *rand.Rand
	round time.Time // when the shares in force were dealt
	deals []deal
}

// deal is who has what share from a moment on, in the order of the receivers.
type deal struct {
	at    time.Time
	share []float64
}

func (x *shuffle) allocate(now time.Time, p bidding.Policy, peers []bidding.Peer) []bidding.Grant {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.who) == 0 {
		return bidding.Allocate(now, p, peers)
	}
	anew := now.Sub(x.round) >= x.each
	if anew {
		d := deal{now, make([]float64, len(x.shares))}
		for i, n := range x.rand.Perm(len(x.shares)) {
			d.share[i] = x.shares[n]
		}
		x.round, x.deals = now, append(x.deals, d)
	}
	var grants []bidding.Grant
	for i, w := range x.who {
		share := x.deals[len(x.deals)-1].share[i]
		g := bidding.Grant{Key: bidding.PeerKey(w.key), Rate: int64(share * float64(p.Uplink))}
		switch {
		case g.Rate == 0:
			g.Reason = bidding.Outranked
		case w.pays:
			g.Slot, g.Reason, g.Bid, g.Price, g.Requote = bidding.Paid, bidding.Bought, bidding.Won, 1000, anew
		default:
			g.Slot, g.Reason = bidding.Regular, bidding.Owed
		}
		grants = append(grants, g)
	}
	return grants
}

// play begins to deal.
func (x *shuffle) play(who []receiver, seed uint64) {
	x.mu.Lock()
	x.who, x.rand, x.round, x.deals = who, rand.New(rand.NewPCG(seed, 0)), time.Time{}, nil
	x.mu.Unlock()
	x.e.kickRechoke()
}

// dealt returns when shares were dealt.
func (x *shuffle) dealt() (at []time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, d := range x.deals {
		at = append(at, d.at)
	}
	return at
}

// shareAt returns the shares in force at t.
func (x *shuffle) shareAt(t time.Time) []float64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	var share []float64
	for _, d := range x.deals {
		if !d.at.After(t) {
			share = d.share
		}
	}
	return share
}

// reading is what a receiver had at a moment.
type reading struct {
	at  time.Time
	got int64
}

// readings are those of one receiver, in order.
type readings []reading

// at returns what it had at t, between the readings before and after.
func (r readings) at(t time.Time) float64 {
	n, _ := slices.BinarySearchFunc(r, t, func(r reading, t time.Time) int { return r.at.Compare(t) })
	n = min(max(n, 1), len(r)-1)
	a, b := r[n-1], r[n]
	return float64(a.got) + float64(b.got-a.got)*t.Sub(a.at).Seconds()/b.at.Sub(a.at).Seconds()
}

// idleClock finds how long the machine did not run this process: what a tick came
// late beyond what the upload's bucket forgives.
type idleClock struct {
	mu   sync.Mutex
	gaps []reading // got is in nanoseconds
}

func (c *idleClock) run(ctx context.Context) {
	const every, forgiven = 10 * time.Millisecond, 100 * time.Millisecond
	t := time.NewTicker(every)
	defer t.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		now := time.Now()
		if late := now.Sub(last) - every; late > forgiven {
			c.mu.Lock()
			c.gaps = append(c.gaps, reading{now, int64(late - forgiven)})
			c.mu.Unlock()
		}
		last = now
	}
}

// between returns the time that was lost between a and b.
func (c *idleClock) between(a, b time.Time) (d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.gaps {
		if g.at.After(a) && !g.at.After(b) {
			d += time.Duration(g.got)
		}
	}
	return d
}

// record reads every receiver four times a second for d, and calls check as often.
func record(t *testing.T, who []receiver, d time.Duration, check func()) []readings {
	t.Helper()
	out := make([]readings, len(who))
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(d); ; <-tick.C {
		for i, w := range who {
			before := time.Now()
			n, err := w.got()
			if err != nil {
				t.Fatalf("%s: %v", w.name, err)
			}
			out[i] = append(out[i], reading{before.Add(time.Since(before) / 2), n})
		}
		check()
		if time.Now().After(end) {
			return out
		}
	}
}

// window is what was measured between two moments.
type window struct {
	from, to time.Time
	got, due []float64 // of each receiver, as parts of what all were sent
	all      float64   // bytes
	lost     time.Duration
}

// between measures a window. What is due is counted by what was sent while a share
// was in force: a machine that stands still sends nothing, which says nothing of
// shares.
func (x *shuffle) between(a, b time.Time, r []readings, c *idleClock) window {
	w := window{from: a, to: b, got: make([]float64, len(r)), due: make([]float64, len(r)), lost: c.between(a, b)}
	sent := func(t time.Time) (n float64) {
		for i := range r {
			n += r[i].at(t)
		}
		return n
	}
	w.all = sent(b) - sent(a)
	marks := []time.Time{a}
	for _, at := range x.dealt() {
		if at.After(a) && at.Before(b) {
			marks = append(marks, at)
		}
	}
	marks = append(marks, b)
	for n := range marks[1:] {
		part := (sent(marks[n+1]) - sent(marks[n])) / w.all
		for i, share := range x.shareAt(marks[n]) {
			w.due[i] += share * part
		}
	}
	for i := range r {
		w.got[i] = (r[i].at(b) - r[i].at(a)) / w.all
	}
	return w
}

// off is the largest difference between what somebody got and what was due.
func (w *window) off() (most float64) {
	for i := range w.got {
		most = max(most, math.Abs(w.got[i]-w.due[i]))
	}
	return most
}

// used is the part of the limit that was sent, but for the time in which the
// machine did not run us.
func (w *window) used(limit float64) float64 {
	return w.all / limit / (w.to.Sub(w.from) - w.lost).Seconds()
}

// String tells what each got and what was due, in percent.
func (w *window) String() string {
	var s strings.Builder
	for i := range w.got {
		fmt.Fprintf(&s, "%6.2f of %5.2f %% ", 100*w.got[i], 100*w.due[i])
	}
	if w.lost > 0 {
		fmt.Fprintf(&s, "(the machine stood still for %.1f s)", w.lost.Seconds())
	}
	return s.String()
}

// carriedOut deals shares for so many rounds and measures every run of three of
// them: each receiver's share is within tolerance of its grant and all together use
// 98 % of the limit, on a machine that runs us. It is tried again, twice at most,
// where that did not.
func (x *shuffle) carriedOut(t *testing.T, s *session, who []receiver, rounds int, tolerance, limit float64) {
	t.Helper()
	const run = 3
	var clock idleClock
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	wg.Go(func() { clock.run(ctx) })
	defer wg.Wait()
	defer cancel()
	for try := 1; ; try++ {
		x.play(who, uint64(try))
		r := record(t, who, time.Duration(rounds)*(x.each+rechokeLeast)+time.Second, func() {
			stillThere(t, s, who)
			if x.each < rechokeEvery {
				x.e.kickRechoke()
			}
		})
		at, lost := x.dealt(), time.Duration(0)
		good := len(at) > rounds
		for n := 0; good && n+run <= rounds; n++ {
			w := x.between(at[n], at[n+run], r, &clock)
			good = w.off() <= tolerance && w.used(limit) >= 0.98
			lost += w.lost
			t.Logf("rounds %d to %d: %s; all together %.2f %% of the limit", n+1, n+run, w.String(), 100*w.used(limit))
		}
		switch {
		case good:
			return
		case lost < x.each/20 || try == 3:
			t.Fatal("the shares are not those that were granted, or the limit is not used")
		}
	}
}

// buyerOf is a paying session as a receiver.
func buyerOf(b *session, name string) receiver {
	return receiver{
		name: name, pays: true, is: func(l *link.Link) bool { return l.PeerID() == b.PeerID() },
		got: func() (n int64, err error) {
			for _, l := range b.links.All() {
				n += l.Stats().PayloadIn
			}
			return n, nil
		},
	}
}

// otherOf is another program as a receiver.
func otherOf(t *testing.T, c lab.Client, ih swarm.InfoHash) receiver {
	t.Helper()
	return receiver{
		name: c.Name(), is: func(l *link.Link) bool { return strings.Contains(strings.ToLower(clientName(l)), c.Name()) },
		got: func() (int64, error) {
			p, err := c.Progress(t.Context(), ih)
			return p.Downloaded, err
		},
	}
}

// stillThere fails the test if one of the connections is gone.
func stillThere(t *testing.T, s *session, who []receiver) {
	t.Helper()
	here := map[swarm.PeerKey]bool{}
	for _, l := range s.links.All() {
		here[l.Key()] = true
	}
	for _, w := range who {
		if !here[w.key] {
			t.Errorf("%s was lost", w.name)
		}
	}
	for {
		select {
		case ev := <-s.Events():
			if d, ok := ev.(swarm.PeerDropped); ok {
				t.Errorf("dropped: %+v", d)
			}
			continue
		default:
		}
		break
	}
}
