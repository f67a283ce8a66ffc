package link

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// flood makes the peer send blocks as fast as they are taken, until it is closed.
func flood(peer, engine *wire) {
	ask(peer, engine)
	peer.conn.SetWriteDeadline(time.Time{})
	engine.conn.SetWriteDeadline(time.Time{})
	go func() {
		for {
			if _, err := peer.conn.Write(pieceOf(0, 0, 16384)); err != nil {
				return
			}
		}
	}()
	engine.in = nil
	engine.conn.SetReadDeadline(time.Time{})
	go func() {
		p := make([]byte, 128<<10)
		for {
			if _, err := engine.conn.Read(p); err != nil {
				return
			}
		}
	}()
}

// ask makes the library ask for the block that is then sent without end.
func ask(peer, engine *wire) {
	go engine.send(blk(peerwire.Request, 0, 0)) // a pipe holds nothing
	peer.expect(blk(peerwire.Request, 0, 0))
	synctest.Wait()
}

// received runs for d of virtual time and returns the payload of each link in it.
func received(links []*Link, d time.Duration) []int64 {
	before := make([]int64, len(links))
	for i, l := range links {
		before[i] = l.Stats().PayloadIn
	}
	<-time.After(d)
	for i, l := range links {
		before[i] = l.Stats().PayloadIn - before[i]
	}
	return before
}

func within(t *testing.T, what string, got, want int64, part float64) {
	t.Helper()
	if d := float64(got)/float64(want) - 1; d > part || d < -part {
		t.Errorf("%s: %d bytes, want %d: off by %.2f %%", what, got, want, 100*d)
	}
}

func sum(all []int64) (n int64) {
	for _, v := range all {
		n += v
	}
	return n
}

func TestDownloadLimit(t *testing.T) {
	for _, c := range []struct {
		links int
		limit int64
	}{{1, 100 << 10}, {1, 20 << 20}, {10, 300 << 10}, {40, 4 << 20}} {
		synctest.Test(t, func(t *testing.T) {
			p := newPipes(t, Config{})
			p.SetDownLimit(c.limit)
			var links []*Link
			for range c.links {
				peer, engine, l := p.pair(true)
				flood(peer, engine)
				links = append(links, l)
			}
			received(links, 2*time.Second)
			got := received(links, 20*time.Second)
			within(t, "all", sum(got), 20*c.limit, 0.02)
			for _, n := range got {
				within(t, "one of them", n, 20*c.limit/int64(c.links), 0.08)
			}
		})
	}
}

func TestDownloadLimitOfATorrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t, Config{})
		p.SetDownLimit(1 << 20)
		p.SetTorrentDownLimit(testHash, 100<<10)
		p.SetTorrentDownLimit(swarm.InfoHash{1}, 1) // somebody else's
		peer, engine, l := p.pair(true)
		flood(peer, engine)
		received([]*Link{l}, time.Second)
		within(t, "its own limit", sum(received([]*Link{l}, 10*time.Second)), 10*100<<10, 0.02)
		p.SetTorrentDownLimit(testHash, 0)
		within(t, "the session's", sum(received([]*Link{l}, 10*time.Second)), 10<<20, 0.02)
	})
}

func TestALimitHoldsUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t, Config{})
		p.SetDownLimit(1 << 10) // one block takes 16 s
		busy, busyEngine, busyLink := p.pair(true)
		flood(busy, busyEngine)
		idle, idleEngine, _ := p.pair(true)
		idleEngine.pump()
		<-time.After(time.Minute)

		start := time.Now()
		idle.send(empty(peerwire.Interested))
		idleEngine.expect(empty(peerwire.Interested))
		if d := time.Since(start); d > time.Millisecond {
			t.Errorf("the message of an idle peer took %v", d)
		}
		// The reader of the busy link waits for its turn, and still takes what is
		// injected: an upload does not wait for a download.
		busyLink.mu.Lock()
		waiting := busyLink.waiting
		busyLink.inject(blk(peerwire.Request, 0, 0))
		busyLink.mu.Unlock()
		synctest.Wait()
		busyLink.mu.Lock()
		left := len(busyLink.injected)
		busyLink.mu.Unlock()
		if !waiting || left != 0 {
			t.Errorf("waiting %v, %d bytes not taken", waiting, left)
		}
		before := busyLink.Stats().PayloadIn
		p.SetDownLimit(100 << 10) // ends the wait of 16 s at once
		<-time.After(time.Second)
		within(t, "after the limit was raised", busyLink.Stats().PayloadIn-before, 100<<10, 0.3)
		busyLink.Close()
	})
}

func TestTheLibrarysDeadlineEndsAWaitForTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t, Config{})
		p.SetDownLimit(1)
		peer, engine, l := p.pair(true)
		ask(peer, engine)
		go peer.conn.Write(pieceOf(0, 0, 16384))
		b := make([]byte, 128<<10)
		if _, err := l.Read(b); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		l.SetReadDeadline(start.Add(150 * time.Second))
		if _, err := l.Read(b); !isTimeout(err) || time.Since(start) != 150*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestPacerForgetsAnIdleTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, f := newPacer(), new(flow)
		waited := func() time.Duration {
			start := time.Now()
			<-p.reserve(start, f, 1, 500).done
			return time.Since(start)
		}
		p.setRate(1000)
		if d := waited(); d != 500*time.Millisecond-paceSlack {
			t.Errorf("the first waits %v", d)
		}
		<-time.After(time.Hour)
		if d := waited(); d != 500*time.Millisecond-paceSlack {
			t.Errorf("an idle hour was saved up: %v", d)
		}
		p.spend(time.Now(), 250)
		if d := waited(); d != 750*time.Millisecond {
			t.Errorf("beside what nobody waits for: %v", d)
		}
		held := p.reserve(time.Now(), f, 1, 1<<40)
		next := p.reserve(time.Now(), f, 1, 1)
		p.setRate(0)
		if !held.over() || !next.over() || !p.reserve(time.Now(), f, 1, 1<<40).over() {
			t.Error("no limit, but a wait")
		}
	})
}

// TestPacerServesByWeight: of flows that always wait each has its part, whatever the
// size of its turns; one that comes late has no arrears, and one that leaves none to
// give.
func TestPacerServesByWeight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer()
		p.setRate(1 << 20)
		weights, sizes := []int64{1, 2, 4}, []int64{5000, 16384, 9000}
		flows, got, stop := make([]flow, 3), make([]atomic.Int64, 3), make([]atomic.Bool, 3)
		run := func(i int) {
			stop[i].Store(false)
			for range 2 { // two links of one torrent
				go func() {
					for !stop[i].Load() {
						<-p.reserve(time.Now(), &flows[i], weights[i], sizes[i]).done
						got[i].Add(sizes[i])
					}
				}()
			}
		}
		measure := func(d time.Duration) (n [3]int64) {
			for i := range got {
				n[i] = -got[i].Load()
			}
			<-time.After(d)
			for i := range got {
				n[i] += got[i].Load()
			}
			return n
		}
		for i := range flows {
			run(i)
		}
		for i, n := range measure(70 * time.Second) {
			within(t, "its part of seven", n, 10<<20*weights[i], 0.01)
		}
		stop[2].Store(true)
		measure(time.Second)
		for i, n := range measure(30 * time.Second) {
			if i == 2 && n != 0 {
				t.Errorf("%d bytes for who has left", n)
			} else if i < 2 {
				within(t, "its part of three", n, 10<<20*weights[i], 0.01)
			}
		}
		run(2)
		n := measure(7 * time.Second)
		within(t, "come back, without arrears", n[2], 4<<20, 0.03)
		for i := range stop {
			stop[i].Store(true)
		}
		measure(time.Second)
	})
}
