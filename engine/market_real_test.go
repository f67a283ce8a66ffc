package engine

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
)

// needsPrograms leaves a test out of `make unit`.
func needsPrograms(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs other BitTorrent programs")
	}
}

// others are the ordinary clients of the bars.
func others() []lab.Program {
	var out []lab.Program
	for _, p := range lab.Programs() {
		if p.Name == "libtorrent" || p.Name == "aria2" || p.Name == "transmission" {
			out = append(out, p)
		}
	}
	return out
}

// ordinary starts another program.
func ordinary(t *testing.T, p lab.Program, o lab.Options) lab.Client {
	t.Helper()
	o.Dir = t.TempDir()
	c, err := p.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("%s: close: %v", c.Name(), err)
		}
		if t.Failed() {
			t.Logf("%s:\n%s", c.Name(), lab.Tail(c.Log(), 20))
		}
	})
	return c
}

// meet has another program load p from s, or s from it.
func meet(t *testing.T, s *session, kind lab.Program, c lab.Client, p *lab.Payload) {
	t.Helper()
	if err := c.Add(t.Context(), p.File, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	until(t, c.Name()+" knows the torrent", func() bool {
		g, err := c.Progress(t.Context(), p.InfoHash)
		return err == nil && !strings.Contains(g.State, "check")
	})
	joinOther(t, s, kind, c, p)
}

// joinOther connects s and another program, again and again until they are.
func joinOther(t *testing.T, s *session, kind lab.Program, c lab.Client, p *lab.Payload) {
	t.Helper()
	var told time.Time
	until(t, c.Name()+" is connected", func() bool {
		for _, l := range s.links.All() {
			if strings.Contains(strings.ToLower(clientName(l)), kind.Name) {
				return true
			}
		}
		if time.Since(told) > 2*time.Second {
			told = time.Now()
			if kind.Dials {
				_ = c.AddPeer(t.Context(), p.InfoHash, mustAddr(s.addr()))
			} else {
				_ = s.AddPeer(t.Context(), p.InfoHash, c.Addr().String())
			}
		}
		return false
	})
}

// turns is an allocator for tests: it gives the peers shares of the uplink in
// turn, and notes what each was sent until each change.
type turns struct {
	e      *Engine
	shares []float64
	each   time.Duration
	settle time.Duration // after a new order, before a second counts
	limit  float64       // bytes per second

	mu    sync.Mutex
	order []swarm.PeerKey // who takes part, by place
	began time.Time
	looks []look
}

// look is what was sent to everybody until a moment, and who is given what after
// it, in the order of the peers.
type look struct {
	at    time.Time
	sent  []int64
	share []float64
}

func (x *turns) allocate(now time.Time, p bidding.Policy, peers []bidding.Peer) []bidding.Grant {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.order) == 0 {
		return bidding.Allocate(now, p, peers)
	}
	if x.began.IsZero() {
		x.began = now
	}
	l := look{at: now}
	phase := int(now.Sub(x.began) / x.each)
	sent := map[swarm.PeerKey]int64{}
	for _, k := range x.e.links.All() {
		sent[k.Key()] = k.Stats().PayloadOut
	}
	var grants []bidding.Grant
	for i, k := range x.order {
		// The second half goes the other way round, so that who follows whom differs.
		place := (i + phase) % len(x.order)
		if phase >= len(x.order) {
			place = (len(x.order)*8 - i + phase) % len(x.order)
		}
		share := x.shares[place]
		l.sent, l.share = append(l.sent, sent[k]), append(l.share, share)
		g := bidding.Grant{Key: bidding.PeerKey(k), Rate: int64(share * float64(p.Uplink))}
		if g.Rate > 0 {
			g.Slot = bidding.Regular
		}
		grants = append(grants, g)
	}
	x.looks = append(x.looks, l)
	return grants
}

// run holds rounds for at least the given time, and on until enough of it counts.
// check is called once a second.
func (x *turns) run(t *testing.T, order []swarm.PeerKey, least, enough time.Duration, check func()) {
	t.Helper()
	x.mu.Lock()
	x.order = order
	x.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 3*least)
	defer cancel()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		x.mu.Lock()
		whole, counts := x.measured()
		x.mu.Unlock()
		if whole >= least && counts.span >= enough.Seconds() {
			return
		}
		select {
		case <-tick.C:
			x.e.kickRechoke()
			check()
		case <-ctx.Done():
			t.Fatalf("of %v only %.1f s count; the uplink was used to %.2f, %.2f", whole, counts.span, median(counts.used), counts.used)
		}
	}
}

// tally is what was measured: what each was sent of all, what it was to get, both
// in the time that counts; and how far the uplink was used second by second.
type tally struct {
	sent, due []float64
	span      float64 // seconds
	used      []float64
	by        []map[float64][2]float64 // of each, by grant: what it was sent, and seconds
}

// measured adds up the looks. The seconds count in which the uplink was in full use
// and that are some seconds after a new order: Transmission begins with four
// requests after an unchoke and takes four seconds to ask for what it is granted,
// in which others get what it leaves. A machine that stands still for a second
// serves nobody, which says nothing of shares. mu is held.
func (x *turns) measured() (whole time.Duration, y tally) {
	if len(x.looks) < 2 {
		return 0, y
	}
	y.sent, y.due, y.by = make([]float64, len(x.order)), make([]float64, len(x.order)), make([]map[float64][2]float64, len(x.order))
	for i := range y.by {
		y.by[i] = map[float64][2]float64{}
	}
	changed := x.looks[0].at
	for n := 1; n < len(x.looks); n++ {
		a, b := &x.looks[n-1], &x.looks[n]
		span := b.at.Sub(a.at).Seconds()
		sum := 0.0
		for i := range a.sent {
			sum += float64(b.sent[i] - a.sent[i])
		}
		used := sum / span / x.limit
		y.used = append(y.used, used)
		if n > 1 && !slices.Equal(a.share, x.looks[n-2].share) {
			changed = a.at
		}
		if a.at.Sub(changed) < x.settle || used < 0.95 || used > 1.05 {
			continue
		}
		y.span += span
		for i := range a.sent {
			got := float64(b.sent[i]-a.sent[i]) / x.limit
			y.sent[i] += got
			y.due[i] += a.share[i] * span
			c := y.by[i][a.share[i]]
			y.by[i][a.share[i]] = [2]float64{c[0] + got, c[1] + span}
		}
	}
	return x.looks[len(x.looks)-1].at.Sub(x.looks[0].at), y
}

// verify holds what was measured against the grants: each share within 2 % of the
// limit, and all together at least 98 % of it.
func (x *turns) verify(t *testing.T, names []string) {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	whole, y := x.measured()
	for i, name := range names {
		got, due := 100*y.sent[i]/y.span, 100*y.due[i]/y.span
		t.Logf("%-20s %6.2f %% of the limit, granted %6.2f %%", name, got, due)
		if got-due > 2 || due-got > 2 {
			t.Errorf("%s got %.2f %% of the limit, was granted %.2f %%", name, got, due)
		}
		for _, share := range slices.Sorted(maps.Keys(y.by[i])) {
			c := y.by[i][share]
			got := 100 * c[0] / c[1]
			t.Logf("%-20s %6.2f %% while granted %3.0f %% (%.1f s)", name, got, 100*share, c[1])
			if off := got - 100*share; c[1] > 3 && (off > 2 || off < -2) {
				t.Errorf("%s got %.2f %% of the limit while it was granted %.0f %%", name, got, 100*share)
			}
		}
	}
	t.Logf("over %.1f of %.1f s; the uplink was used to %.2f %%", y.span, whole.Seconds(), 100*median(y.used))
	if median(y.used) < 0.98 {
		t.Errorf("the uplink was used to %.2f: %.2f", median(y.used), y.used)
	}
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}
