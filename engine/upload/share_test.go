package upload

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

// stage is an Upload over pipes, with scripted libraries and fake leechers.
type stage struct {
	tb     testing.TB
	links  *link.Links
	up     *Upload
	accept chan net.Conn
	wrap   link.Listener
	fakes  []*fake
	joined []*link.Link // as fakes
}

type named struct {
	net.Conn
	addr net.Addr
}

func (n named) RemoteAddr() net.Addr { return n.addr }
func (n named) LocalAddr() net.Addr  { return n.addr }

func (s *stage) Accept() (net.Conn, error) {
	c, ok := <-s.accept
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (s *stage) Addr() net.Addr { return nil }

func newStage(tb testing.TB, cfg Config) *stage {
	tb.Helper()
	s := &stage{tb: tb, accept: make(chan net.Conn, 1)}
	s.links = link.New(link.Config{Shape: func(swarm.InfoHash) (link.Shape, bool) {
		return link.Shape{Pieces: 100, PieceSize: 1 << 20, PieceLength: func(uint32) uint32 { return 1 << 20 }}, true
	}})
	s.up = New(cfg, s.links)
	s.wrap = s.links.Listener(s)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { s.up.Run(ctx) })
	tb.Cleanup(func() {
		s.links.Close()
		cancel()
		wg.Wait()
	})
	return s
}

// join adds a fake leecher of a torrent.
func (s *stage) join(ih swarm.InfoHash, f *fake) {
	s.tb.Helper()
	a, b := net.Pipe()
	if f.addr == "" {
		f.addr = "127.0.0.1:6881"
	}
	addr := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(f.addr))
	s.accept <- named{b, addr}
	f.pieces, f.pieceLen = 100, 1<<20
	s.fakes = append(s.fakes, startFake(s.tb, named{a, addr}, ih, f))
	nc, err := s.wrap.Accept()
	if err != nil {
		s.tb.Fatal(err)
	}
	go library(nc, testBlock)
	synctest.Wait()
	s.joined = append(s.joined, nc.(*link.Link))
}

// grant gives each fake the weight at its place.
func (s *stage) grant(weights ...int64) {
	var g []Grant
	for i, w := range weights {
		g = append(g, Grant{Key: s.joined[i].Key(), Rate: w, Slot: swarm.Regular})
	}
	s.up.Apply(g)
}

// got is what each fake received in d of virtual time.
func (s *stage) got(d time.Duration) (each []int64, all int64) {
	each = make([]int64, len(s.fakes))
	for i, f := range s.fakes {
		each[i] = -f.got.Load()
	}
	<-time.After(d)
	for i, f := range s.fakes {
		each[i] += f.got.Load()
		all += each[i]
	}
	return each, all
}

func within(t *testing.T, what string, got, want int64, part float64) {
	t.Helper()
	if d := float64(got)/float64(want) - 1; d > part || d < -part {
		t.Errorf("%s: %d bytes, want %d: off by %.2f %%", what, got, want, 100*d)
	}
}

var hashA, hashB = swarm.InfoHash{1}, swarm.InfoHash{2}

// TestLimitIsKeptAndUsed: within 2 % over 10 s, also the first 10 s, with one
// interested peer or ten.
func TestLimitIsKeptAndUsed(t *testing.T) {
	for _, peers := range []int{1, 10} {
		for _, limit := range []int64{100 << 10, 1 << 20, 8 << 20} {
			for _, direct := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					cfg := Config{Limit: limit}
					if direct {
						cfg.Serve = func(_ swarm.InfoHash, _, _ uint32, buf []byte) error { copy(buf, testBlock); return nil }
					}
					s := newStage(t, cfg)
					weights := make([]int64, peers)
					for i := range peers {
						s.join(hashA, &fake{pipeline: 16, fast: i%2 == 0})
						weights[i] = 1
					}
					s.grant(weights...)
					for range 2 {
						_, all := s.got(10 * time.Second)
						within(t, "all", all, 10*limit, 0.02)
					}
				})
			}
		}
	}
}

// TestSharesFollowTheGrants is the bar of design/market.md on a virtual clock,
// with grants that change and peers that are short of requests.
func TestSharesFollowTheGrants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 4 << 20
		s := newStage(t, Config{Limit: limit})
		for i := range 4 {
			s.join(hashA, &fake{pipeline: []int{4, 8, 16, 250}[i], fast: i%2 == 0})
		}
		weights := []int64{60, 30, 10, 0}
		for range 4 {
			s.grant(weights...)
			s.got(2 * time.Second)
			each, all := s.got(30 * time.Second)
			within(t, "all", all, 30*limit, 0.01)
			for i, w := range weights {
				if w == 0 {
					if each[i] != 0 || s.joined[i].Stats().Unchoked {
						t.Errorf("a choked peer got %d bytes", each[i])
					}
					continue
				}
				within(t, "share", each[i], 30*limit*w/100, 0.02)
			}
			weights = append(weights[3:], weights[:3]...)
		}
		for i, f := range s.fakes {
			chokes := int64(1)
			if i == 3 {
				chokes = 0 // it began choked
			}
			if f.unasked.Load() != 0 || (!f.fast && f.late.Load() != 0) || f.chokes.Load() != chokes {
				t.Errorf("peer %d: %d unasked blocks, %d after a choke, %d chokes, %d unchokes", i,
					f.unasked.Load(), f.late.Load(), f.chokes.Load(), f.unchokes.Load())
			}
			if (f.fast && chokes > 0) != (f.rejects.Load() > 0) {
				t.Errorf("peer %d: %d rejects after a choke", i, f.rejects.Load())
			}
		}
	})
}

// TestASlowStarterGetsItsShare has a peer ask for nothing in the first three seconds
// of its grant: within ten seconds it has its share of all ten, and so do the others.
func TestASlowStarterGetsItsShare(t *testing.T) {
	for _, weights := range [][]int64{{60, 30, 10}, {30, 60, 10}, {10, 60, 30}} {
		synctest.Test(t, func(t *testing.T) {
			const limit = 4 << 20
			s := newStage(t, Config{Limit: limit})
			for i := range 3 {
				s.join(hashA, &fake{pipeline: 64, fast: true, rest: time.Duration(1-min(1, i)) * 3 * time.Second})
			}
			s.grant(weights...)
			first, _ := s.got(2900 * time.Millisecond)
			if first[0] != 0 {
				t.Fatalf("%d bytes for a peer that asked for nothing", first[0])
			}
			each, all := s.got(7100 * time.Millisecond)
			within(t, "all", all, 71*limit/10, 0.01)
			for i, w := range weights {
				within(t, "share", first[i]+each[i], 10*limit*w/100, 0.03)
			}
		})
	}
}

// TestUnusedSharesFlowOn: a peer that asks for nothing leaves its share to the
// others in the same moment.
func TestUnusedSharesFlowOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 1 << 20
		s := newStage(t, Config{Limit: limit})
		s.join(hashA, &fake{pipeline: 0})
		s.join(hashA, &fake{pipeline: 16})
		s.join(hashB, &fake{pipeline: 16})
		s.grant(1000, 1, 3)
		s.got(time.Second)
		each, all := s.got(10 * time.Second)
		within(t, "all", all, 10*limit, 0.01)
		within(t, "a quarter", each[1], 10*limit/4, 0.02)

		s.up.SetTorrentLimit(hashB, 100<<10)
		s.got(time.Second)
		each, all = s.got(10 * time.Second)
		within(t, "all with a torrent's limit", all, 10*limit, 0.01)
		within(t, "the limited torrent", each[2], 10*100<<10, 0.02)

		s.up.SetLimit(0)
		s.joined[1].Close() // or it would be served without end in no time
		s.got(time.Second)
		each, _ = s.got(10 * time.Second)
		within(t, "its own limit without the session's", each[2], 10*100<<10, 0.02)
		s.up.SetTorrentLimit(hashB, 1<<20)
		each, _ = s.got(10 * time.Second)
		within(t, "a new limit", each[2], 10<<20, 0.02)
	})
}

// TestRandomGrants: whatever is granted and taken away in whatever order, the
// limit is kept and used and nobody sees a block it did not ask for.
func TestRandomGrants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 2 << 20
		s := newStage(t, Config{Limit: limit})
		for i := range 6 {
			s.join(hashA, &fake{pipeline: 32, fast: i%2 == 0})
		}
		seed := uint64(1)
		var all int64
		for range 200 {
			seed = seed*6364136223846793005 + 1442695040888963407
			weights := make([]int64, 6)
			for i := range weights {
				weights[i] = int64(seed>>(8*i)) & 3
			}
			weights[seed>>60%6] = 1
			s.grant(weights...)
			_, n := s.got(600 * time.Millisecond)
			all += n
		}
		within(t, "all", all, 120*limit, 0.02)
		for i, f := range s.fakes {
			if f.unasked.Load() != 0 || (!f.fast && f.late.Load() != 0) {
				t.Errorf("peer %d: %d unasked blocks, %d after a choke", i, f.unasked.Load(), f.late.Load())
			}
		}
		if n := len(s.links.All()); n != 6 {
			t.Errorf("%d links left", n)
		}
	})
}

// TestRealSharesAndLimit is the same on loopback, with library clients as seed
// and peers and with the clock of the wall.
func TestRealSharesAndLimit(t *testing.T) {
	const limit = 2 << 20
	dir := t.TempDir()
	mi := payload(t, dir, 64<<20, 1<<20)
	seed := newHouse(t, dir, link.Config{}, Config{Limit: limit})
	seed.add(t, mi)
	weights := []int64{60, 30, 10, 0}
	var grants []Grant
	var links []*link.Link
	for i, w := range weights {
		policy := []link.Policy{link.Off, link.Prefer, link.Require, link.Prefer}[i]
		h := newHouse(t, t.TempDir(), link.Config{Encryption: policy}, Config{})
		pt := h.add(t, mi)
		pt.DownloadAll()
		pt.AddPeers(peerAt(seed.addr))
		until(t, "connected and interested", func() bool {
			all := seed.links.All()
			return len(all) == i+1 && !slices.ContainsFunc(all, func(l *link.Link) bool { return !l.Stats().Interested })
		})
		for _, l := range seed.links.All() {
			if !slices.Contains(links, l) {
				links = append(links, l)
				grants = append(grants, Grant{Key: l.Key(), Rate: w})
			}
		}
	}
	seed.up.Apply(grants)
	measure := func(d time.Duration) (each []int64, all int64, took time.Duration) {
		start := time.Now()
		for _, l := range links {
			each = append(each, -l.Stats().PayloadOut)
		}
		<-time.After(d)
		for i, l := range links {
			each[i] += l.Stats().PayloadOut
			all += each[i]
		}
		return each, all, time.Since(start)
	}
	measure(500 * time.Millisecond)
	each, all, took := measure(3 * time.Second)
	want := float64(limit) * took.Seconds()
	// The clock of the wall on a machine that does other things too: below the
	// limit there is some room, above there is none. The virtual clock has none.
	if part := float64(all) / want; part < 0.6 || part > 1.02 {
		t.Errorf("%.1f %% of the limit", 100*part)
	}
	for i, w := range weights[:3] {
		within(t, "share", each[i], all*w/100, 0.1) // 10 % are 38 blocks
	}
	if s := links[3].Stats(); each[3] != 0 || s.PayloadOut != 0 || s.Unchoked {
		t.Errorf("the choked peer: %+v", s)
	}
	seed.up.Apply(grants[:1])
	until(t, "the others are choked", func() bool { return links[1].Stats().Chokes == 1 && links[2].Stats().Chokes == 1 })
	until(t, "and drained", func() bool { return links[1].Stats().ReleasedBytes+links[2].Stats().ReleasedBytes == 0 })
	each, all, took = measure(time.Second)
	if part := float64(all) / (limit * took.Seconds()); part < 0.6 || part > 1.03 {
		t.Errorf("one peer: %.1f %% of the limit", 100*part)
	}
	if each[1]+each[2] != 0 || links[1].Stats().Rejects == 0 {
		t.Errorf("%d bytes after a choke, %d rejects", each[1]+each[2], links[1].Stats().Rejects)
	}
	if n := len(seed.links.All()); n != 4 {
		t.Errorf("%d links left", n)
	}
}
