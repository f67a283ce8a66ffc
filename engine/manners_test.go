package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

// leeching is a raw peer of a test, with or without the fast extension.
func leeching(t *testing.T, c lab.Client, p *lab.Payload, fast bool, first int64) *lab.Leecher {
	t.Helper()
	l, err := lab.Leech(t.Context(), c.Addr(), lab.LeecherConfig{
		Hello: lab.Hello{Reserved: lab.Reserved(true, fast, false)}, Shape: p.Shape(), First: first,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// TestChokeAsThePeerSeesIt pauses a seeding session and starts it again, twice.
// Each peer is told by a choke and an unchoke on the connection it has; a fast one
// gets a block or a reject for each open request (BEP 6), another one nothing after
// the choke; libtorrent, a third one, says the same of itself.
func TestChokeAsThePeerSeesIt(t *testing.T) {
	needsPrograms(t)
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	p, err := lab.OneFile(t.TempDir(), 64<<20).Make()
	if err != nil {
		t.Fatal(err)
	}
	mine := begin(t, startOurs, lab.Options{Up: 3 << 20})
	other := begin(t, lab.StartLibtorrent, lab.Options{})
	if err := lab.Seed(ctx, mine, p, p.Dir); err != nil {
		t.Fatal(err)
	}
	if err := other.Add(ctx, p.File, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if err := other.AddPeer(ctx, p.InfoHash, mine.Addr()); err != nil {
		t.Fatal(err)
	}
	peers := map[string]*lab.Leecher{"fast": leeching(t, mine, p, true, 0), "plain": leeching(t, mine, p, false, 2000)}
	until := func(what string, ok func(lab.Counts) bool, chokes bool) {
		t.Helper()
		for name, l := range peers {
			if err := lab.Until(ctx, func() (bool, error) { return ok(l.Counts()), nil }); err != nil {
				t.Fatalf("%s peer, %s: %v, %+v", name, what, err, l.Counts())
			}
		}
		err := lab.Until(ctx, func() (bool, error) {
			v, err := other.Peers(ctx, p.InfoHash)
			return len(v) == 1 && v[0].ChokesUs == chokes, err
		})
		if err != nil {
			t.Fatalf("libtorrent, %s: %v", what, err)
		}
	}
	session := mine.(*ours)
	for n := 1; n <= 2; n++ {
		blocks := peers["fast"].Counts().Blocks
		until("unchoked and served", func(c lab.Counts) bool { return c.Unchokes == n && !c.Choked && c.Blocks > blocks+5 }, false)
		if err := session.Pause(ctx, p.InfoHash); err != nil {
			t.Fatal(err)
		}
		until("choked, every request answered or forgotten", func(c lab.Counts) bool { return c.Chokes == n && c.Choked && c.Open == 0 }, true)
		if err := session.Start(ctx, p.InfoHash); err != nil {
			t.Fatal(err)
		}
	}
	until("served again", func(c lab.Counts) bool { return c.Unchokes == 3 }, false)
	for name, l := range peers {
		c := l.Counts()
		if c.Unrequested != 0 || c.Closed || c.Err != nil || name == "plain" && c.AfterChoke+c.Rejects != 0 || name == "fast" && c.Rejects == 0 {
			t.Errorf("%s peer: %+v", name, c)
		}
	}
	if n := strings.Count(other.Log(), "peer_connect_alert"); n != 1 {
		t.Errorf("libtorrent connected %d times", n)
	}
}

// TestSlots has six interested peers at a session with four slots. At no time are
// more unchoked than these and the optimistic one, the others wait with their
// connections open, and get nothing.
func TestSlots(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	p, err := lab.OneFile(t.TempDir(), 32<<20).Make()
	if err != nil {
		t.Fatal(err)
	}
	const limit = 2 << 20
	mine := begin(t, startOurs, lab.Options{Up: limit})
	if err := lab.Seed(ctx, mine, p, p.Dir); err != nil {
		t.Fatal(err)
	}
	var peers []*lab.Leecher
	for i := range 8 {
		peers = append(peers, leeching(t, mine, p, i%2 == 0, int64(250*i)))
	}
	open := func() (n int) {
		for _, l := range peers {
			if !l.Counts().Choked {
				n++
			}
		}
		return n
	}
	if err := lab.Until(ctx, func() (bool, error) { return open() == 5, nil }); err != nil {
		t.Fatalf("%d of 8 are unchoked: %v", open(), err)
	}
	// Twelve seconds hold a rechoke (BEP 3: every ten).
	watch, stop := context.WithTimeout(ctx, 12*time.Second)
	defer stop()
	var most int
	_ = lab.Until(watch, func() (bool, error) {
		most = max(most, open())
		return most > 5, nil
	})
	if most > 5 {
		t.Errorf("%d of 8 were unchoked at once", most)
	}
	var sum int64
	for i, l := range peers {
		c := l.Counts()
		if c.Closed || c.Err != nil || c.Unrequested != 0 || c.Unchokes == 0 && c.Blocks > 0 {
			t.Errorf("peer %d: %+v", i, c)
		}
		s := l.Series()
		for sec := 2; sec < min(12, len(s)); sec++ {
			sum += s[sec]
		}
	}
	if rate := sum / 10; rate < limit*95/100 || rate > limit*102/100 {
		t.Errorf("%d bytes a second to eight peers under a limit of %d", rate, limit)
	}
}
