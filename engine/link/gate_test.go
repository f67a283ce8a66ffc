package link

import (
	"net"
	"testing"
	"time"

	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// both are the two kinds of peers: with the fast extension and without.
func both() map[string]bool { return map[string]bool{"fast": true, "not fast": false} }

func TestFactsOfALink(t *testing.T) {
	r := newRig(t, Config{})
	if len(r.All()) != 0 {
		t.Fatal("links before any connection")
	}
	_, _, l := r.pair(true)
	all := r.All()
	if len(all) != 1 || all[0] != l || l.Key() == 0 || l.InfoHash() != testHash || !l.Incoming() ||
		l.PeerID() != handshakeOf(true, "-PE0001-").PeerID || l.Network() != "tcp4" || l.Encryption() != Plain ||
		!l.Addr().Addr().IsLoopback() || time.Since(l.Opened()) > time.Minute || !l.Fast() {
		t.Errorf("%v %+v", all, l)
	}
	if a, ok := l.RemoteAddr().(*net.TCPAddr); !ok || a.AddrPort() != l.Addr() {
		t.Errorf("%T %v", l.RemoteAddr(), l.RemoteAddr())
	}
	if s := l.Stats(); s.Unchoked || !s.ChokingUs || s.Interested || s.PayloadIn+s.PayloadOut != 0 {
		t.Errorf("%+v", s)
	}
	l.Close()
	if len(r.All()) != 0 {
		t.Error("a closed link is listed")
	}
}

func TestChokedRequestsAreRefusedAsBEP6Says(t *testing.T) {
	for name, fast := range both() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{})
			peer, engine, l := r.pair(fast)
			engine.send(empty(peerwire.Unchoke)) // the library would, upload would not
			peer.send(blk(peerwire.Request, 1, 0), empty(peerwire.Interested))
			engine.expect(empty(peerwire.Interested)) // and no request before it
			s := l.Stats()
			if fast {
				peer.expect(blk(peerwire.Reject, 1, 0))
				if s.Rejects != 1 {
					t.Errorf("%+v", s)
				}
			} else if s.Ignored != 1 || s.Rejects != 0 {
				t.Errorf("%+v", s)
			}
			if !s.Interested || s.Unchoked || !s.EngineUnchoked {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestRequestsWaitForTheirRelease(t *testing.T) {
	r := newRig(t, Config{})
	peer, engine, l := r.pair(true)
	unchoke(peer, engine, l)
	peer.send(blk(peerwire.Request, 1, 0), blk(peerwire.Request, 1, 16384), empty(peerwire.Interested))
	engine.expect(empty(peerwire.Interested))
	<-r.Ready()
	if s := l.Stats(); s.QueuedRequests != 2 || s.ReleasedBytes != 0 {
		t.Fatalf("%+v", s)
	}
	release1(t, l)
	engine.expect(blk(peerwire.Request, 1, 0)) // although the library was blocked in Read
	if n, _ := l.Next(16 << 10); n != 0 {
		t.Errorf("the window of one block leaves room for %d bytes", n)
	}
	if n, _ := l.Next(16<<10 + 1); n != 16<<10 {
		t.Errorf("a larger window leaves room for %d bytes", n)
	}
	engine.send(pieceOf(1, 0, 16384))
	peer.expect(pieceOf(1, 0, 16384))
	release1(t, l)
	engine.expect(blk(peerwire.Request, 1, 16384))
	until(t, "accounted", func() bool { return l.Stats().PayloadOut == 16384 })
	if s := l.Stats(); s.QueuedRequests != 0 || s.ReleasedBytes != 16384 || s.LastOut.IsZero() {
		t.Errorf("%+v", s)
	}
}

func TestTheLibrarysChokesDoNotReachThePeer(t *testing.T) {
	r := newRig(t, Config{})
	peer, engine, l := r.pair(true)
	engine.send(empty(peerwire.Unchoke), empty(peerwire.Choke), peerwire.AppendIndex(nil, peerwire.AllowedFast, 3),
		empty(peerwire.Unchoke), peerwire.AppendIndex(nil, peerwire.Have, 5))
	peer.expect(peerwire.AppendIndex(nil, peerwire.Have, 5))
	l.SetUnchoked(true)
	peer.expect(empty(peerwire.Unchoke))
	engine.send(empty(peerwire.Choke)) // pause: effective choke is ours or the library's
	peer.expect(empty(peerwire.Choke))
	engine.send(empty(peerwire.Unchoke))
	peer.expect(empty(peerwire.Unchoke))
	r.SetPaused(testHash, true)
	peer.expect(empty(peerwire.Choke))
	r.SetPaused(testHash, false)
	peer.expect(empty(peerwire.Unchoke))
	if s := l.Stats(); s.Chokes != 2 || s.Unchokes != 3 {
		t.Errorf("%+v", s)
	}
}

func TestAChokeDrainsThenRefuses(t *testing.T) {
	for name, fast := range both() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{})
			peer, engine, l := r.pair(fast)
			unchoke(peer, engine, l)
			peer.send(blk(peerwire.Request, 0, 0), blk(peerwire.Request, 0, 16384), blk(peerwire.Request, 0, 32768))
			release1(t, l)
			engine.expect(blk(peerwire.Request, 0, 0))
			until(t, "all queued", func() bool { return l.Stats().QueuedRequests == 2 })
			l.SetUnchoked(false)
			if n, _ := l.Next(1 << 20); n != 0 {
				t.Error("a draining link offers a request")
			}
			engine.send(pieceOf(0, 0, 16384))
			peer.expect(pieceOf(0, 0, 16384), empty(peerwire.Choke))
			if fast {
				peer.expect(blk(peerwire.Reject, 0, 16384), blk(peerwire.Reject, 0, 32768))
			}
			engine.send(peerwire.AppendIndex(nil, peerwire.Have, 1))
			peer.expect(peerwire.AppendIndex(nil, peerwire.Have, 1)) // and nothing in between
		})
	}
}

func TestAChokeDoesNotWaitForever(t *testing.T) {
	for name, fast := range both() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{})
			peer, engine, l := r.pair(fast)
			unchoke(peer, engine, l)
			peer.send(blk(peerwire.Request, 0, 0))
			release1(t, l)
			engine.expect(blk(peerwire.Request, 0, 0))
			start := time.Now()
			l.SetUnchoked(false)
			peer.expect(empty(peerwire.Choke))
			if d := time.Since(start); d < drainTime/2 || d > 2*drainTime {
				t.Errorf("choked after %v", d)
			}
			engine.expect(blk(peerwire.Cancel, 0, 0))
			if fast {
				engine.send(blk(peerwire.Reject, 0, 0)) // the library's answer to the cancel
				peer.expect(blk(peerwire.Reject, 0, 0))
			} else {
				engine.send(pieceOf(0, 0, 16384)) // was on its way
			}
			engine.send(peerwire.AppendIndex(nil, peerwire.Have, 1))
			peer.expect(peerwire.AppendIndex(nil, peerwire.Have, 1)) // no block after the choke
			if _, returned := l.Next(1); returned != 16384 {
				t.Errorf("%d bytes given back to the limit", returned)
			}
			if s := l.Stats(); s.ReleasedBytes != 0 || s.PayloadOut != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestAGrantEndsADrain(t *testing.T) {
	r := newRig(t, Config{})
	peer, engine, l := r.pair(true)
	unchoke(peer, engine, l)
	peer.send(blk(peerwire.Request, 0, 0), blk(peerwire.Request, 0, 16384))
	release1(t, l)
	l.SetUnchoked(false)
	l.SetUnchoked(true)
	release1(t, l)
	engine.expect(blk(peerwire.Request, 0, 0), blk(peerwire.Request, 0, 16384))
	engine.send(pieceOf(0, 0, 16384), pieceOf(0, 16384, 16384))
	peer.expect(pieceOf(0, 0, 16384), pieceOf(0, 16384, 16384))
	if s := l.Stats(); s.Chokes != 0 || !s.Unchoked {
		t.Errorf("%+v", s)
	}
}

func TestCancel(t *testing.T) {
	for name, fast := range both() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{})
			peer, engine, l := r.pair(fast)
			unchoke(peer, engine, l)
			peer.send(blk(peerwire.Request, 0, 0), blk(peerwire.Request, 0, 16384))
			release1(t, l)
			engine.expect(blk(peerwire.Request, 0, 0))
			peer.send(blk(peerwire.Cancel, 0, 16384), blk(peerwire.Cancel, 0, 0), blk(peerwire.Cancel, 7, 0))
			engine.expect(blk(peerwire.Cancel, 0, 0)) // the queued one is answered here
			if fast {
				peer.expect(blk(peerwire.Reject, 0, 16384))
				engine.send(blk(peerwire.Reject, 0, 0))
				peer.expect(blk(peerwire.Reject, 0, 0))
			}
			until(t, "all gone", func() bool { s := l.Stats(); return s.QueuedRequests == 0 && s.ReleasedBytes == 0 })
			if _, returned := l.Next(1); returned != 16384 {
				t.Errorf("%d bytes given back to the limit", returned)
			}
		})
	}
}

func TestARequestMadeTwiceIsAnsweredOnce(t *testing.T) {
	r := newRig(t, Config{})
	peer, engine, l := r.pair(true)
	unchoke(peer, engine, l)
	peer.send(blk(peerwire.Request, 0, 0), blk(peerwire.Request, 0, 0))
	release1(t, l)
	peer.send(blk(peerwire.Request, 0, 0), empty(peerwire.Interested))
	engine.expect(blk(peerwire.Request, 0, 0), empty(peerwire.Interested))
	if s := l.Stats(); s.QueuedRequests != 0 {
		t.Errorf("%+v", s)
	}
}

func TestTheQueueIsBounded(t *testing.T) {
	for name, fast := range both() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{})
			peer, engine, l := r.pair(fast)
			unchoke(peer, engine, l)
			var frames []byte
			for i := range uint32(maxQueue + 10) {
				frames = peerwire.AppendBlock(frames, peerwire.Request, peerwire.Block{Begin: i, Length: 1})
			}
			peer.send(frames, empty(peerwire.Interested))
			engine.expect(empty(peerwire.Interested))
			if s := l.Stats(); s.QueuedRequests != maxQueue || s.Rejects+s.Ignored != 10 {
				t.Errorf("%+v", s)
			}
			for range maxReleased {
				l.Release()
			}
			if n, _ := l.Next(1 << 20); n != 0 {
				t.Error("tiny blocks make the released list longer than its bound")
			}
		})
	}
}

// TestBlocksThatRunIntoPadding is BEP 52 against libtorrent, which asks for whole
// blocks where a file ends inside one.
func TestBlocksThatRunIntoPadding(t *testing.T) {
	shape := testShape()
	shape.Padded = true
	shape.PieceLength = func(uint32) uint32 { return 20_000 }
	r := newRig(t, Config{Shape: func(swarm.InfoHash) (Shape, bool) { return shape, true }})
	peer, engine, l := r.pair(true)
	unchoke(peer, engine, l)
	peer.send(blk(peerwire.Request, 0, 16384), blk(peerwire.Request, 0, 32768))
	release1(t, l)
	short := peerwire.Block{Begin: 16384, Length: 20_000 - 16384}
	engine.expect(peerwire.AppendBlock(nil, peerwire.Request, short))
	engine.send(pieceOf(0, 16384, 20_000-16384))
	want := append(pieceOf(0, 16384, 16384)[:peerwire.PieceHead+20_000-16384], make([]byte, 32768-20_000)...)
	peer.expect(want)
	release1(t, l) // all padding: the library is not asked
	peer.expect(append(pieceOf(0, 32768, 16384)[:peerwire.PieceHead], make([]byte, 16384)...))
	peer.send(blk(peerwire.Request, 1, 16384))
	release1(t, l)
	short.Index = 1
	engine.expect(peerwire.AppendBlock(nil, peerwire.Request, short))
	peer.send(blk(peerwire.Cancel, 1, 16384))
	engine.expect(peerwire.AppendBlock(nil, peerwire.Cancel, short))
	engine.send(peerwire.AppendBlock(nil, peerwire.Reject, short))
	peer.expect(blk(peerwire.Reject, 1, 16384))
	until(t, "accounted", func() bool { return l.Stats().PayloadOut == 2*16384 })
}

func TestExtendedIdsThatThePeerNeverOffered(t *testing.T) {
	r := newRig(t, Config{})
	peer, engine, l := r.pair(true)
	engine.send(peerwire.AppendExtended(nil, 0, []byte("d1:md11:ut_metadatai1e6:ut_pexi2eee")))
	id, _, _ := peer.next()
	if id != peerwire.Extended {
		t.Fatal(id)
	}
	hello := peerwire.AppendExtended(nil, 0, []byte("d1:md6:ut_pexi7ee1:v6:Testere"))
	peer.send(hello)
	engine.expect(hello)
	engine.send(peerwire.AppendExtended(nil, 9, []byte("never offered")), peerwire.AppendExtended(nil, 7, []byte("de")))
	peer.expect(peerwire.AppendExtended(nil, 7, []byte("de")))
	pex := peerwire.AppendExtended(nil, 2, []byte("d5:added0:e"))
	peer.send(peerwire.AppendExtended(nil, 55, []byte("never offered")), pex, pex, empty(peerwire.Interested))
	engine.expect(pex, empty(peerwire.Interested)) // the second one is too early for the library
	if l.Client() != "Tester" {
		t.Errorf("client %q", l.Client())
	}
}

func TestPiecesThePeerHas(t *testing.T) {
	for name, c := range map[string]struct {
		first []byte
		has   int
		all   bool
	}{
		"bitfield":  {peerwire.AppendBitfield(nil, []byte{0x83}), 3, false},
		"have all":  {empty(peerwire.HaveAll), 8, true},
		"have none": {empty(peerwire.HaveNone), 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{})
			peer, engine, l := r.pair(true)
			peer.send(c.first)
			engine.expect(c.first)
			if s := l.Stats(); s.Has != c.has || s.HasAll != c.all {
				t.Errorf("%d %v", s.Has, s.HasAll)
			}
			// A second announcement does not reach the library.
			have := peerwire.AppendIndex(nil, peerwire.Have, 3)
			peer.send(empty(peerwire.HaveNone), c.first, empty(peerwire.HaveAll), have, empty(peerwire.Unchoke))
			engine.expect(have, empty(peerwire.Unchoke))
			if s := l.Stats(); s.Has != min(8, c.has+1) || s.HasAll != c.all || s.ChokingUs {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestFramesInSmallPieces(t *testing.T) {
	r := newRig(t, Config{})
	peer, engine, l := r.pair(true)
	unchoke(peer, engine, l)
	frames := append(blk(peerwire.Request, 3, 0), peerwire.AppendIndex(nil, peerwire.Have, 2)...)
	for i := range frames {
		peer.send(frames[i : i+1])
	}
	engine.expect(peerwire.AppendIndex(nil, peerwire.Have, 2))
	release1(t, l)
	engine.expect(blk(peerwire.Request, 3, 0))
	out := append(empty(peerwire.Choke), pieceOf(3, 0, 16384)...)
	out = append(empty(peerwire.Unchoke), out...)
	out = append(out, peerwire.AppendIndex(nil, peerwire.Have, 1)...)
	for i := 0; i < len(out); i += 7 {
		engine.send(out[i:min(i+7, len(out))])
	}
	// The library's choke is passed on; the block was released before it.
	peer.expect(empty(peerwire.Choke), pieceOf(3, 0, 16384), peerwire.AppendIndex(nil, peerwire.Have, 1))
}

func TestReadDeadlinesOfTheLibraryHold(t *testing.T) {
	r := newRig(t, Config{})
	_, engine, l := r.bare(true)
	b := make([]byte, 10)
	l.SetReadDeadline(time.Now().Add(30 * time.Millisecond))
	start := time.Now()
	if _, err := l.Read(b); !isTimeout(err) || time.Since(start) < 20*time.Millisecond {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	l.SetReadDeadline(time.Now().Add(time.Hour))
	done := make(chan error, 1)
	go func() { _, err := l.Read(b); done <- err }()
	until(t, "reading", func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.reading })
	l.mu.Lock()
	l.wakeReader() // for nothing
	l.mu.Unlock()
	l.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if err := <-done; !isTimeout(err) {
		t.Errorf("an earlier deadline during a read: %v", err)
	}
	l.SetDeadline(time.Time{})
	engine.conn.Close()
	if _, err := l.Read(b); err == nil {
		t.Error("read after Close")
	}
	if _, err := l.Write([]byte{0, 0, 0, 0}); err == nil {
		t.Error("write after Close")
	}
}

// TestTheSameBlockAgain: as soon as the peer has a block it may ask for it once
// more, whatever our book-keeping has not done yet.
func TestTheSameBlockAgain(t *testing.T) {
	r := newRig(t, Config{})
	peer, engine, l := r.pair(true)
	unchoke(peer, engine, l)
	for range 200 {
		peer.send(blk(peerwire.Request, 0, 0))
		release1(t, l)
		engine.expect(blk(peerwire.Request, 0, 0))
		engine.send(pieceOf(0, 0, 16384))
		peer.expect(pieceOf(0, 0, 16384))
	}
}
