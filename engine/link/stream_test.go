package link

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// told notes what a link says of its stream.
type told struct {
	mu             sync.Mutex
	placed, choked []int64
}

func (n *told) config() Config {
	return Config{
		OnPlaced: func(_ swarm.PeerKey, pos int64) { n.add(&n.placed, pos) },
		OnChoked: func(_ swarm.PeerKey, pos int64) { n.add(&n.choked, pos) },
	}
}

func (n *told) add(to *[]int64, pos int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	*to = append(*to, pos)
}

func (n *told) last(of *[]int64) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(*of) == 0 {
		return -1
	}
	return (*of)[len(*of)-1]
}

const sayID = 7

// position is a message that holds its own position.
func position(pos int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(pos)) }

// stands fails the test unless a message that arrived stands where it says.
func stands(body []byte, pos int64) error {
	if len(body) != 9 || body[0] != sayID {
		return fmt.Errorf("message %x", body)
	}
	if got := int64(binary.BigEndian.Uint64(body[1:])); got != pos {
		return fmt.Errorf("it says %d and stands at %d", got, pos)
	}
	return nil
}

// offer has the library send its extended handshake.
func offer(peer, engine *wire) {
	frame := peerwire.AppendExtended(nil, 0, []byte("d1:md7:btt_bidi9eee"))
	engine.send(frame)
	peer.expect(frame)
}

func TestAMessageStandsWhereItSays(t *testing.T) {
	for name, direct := range map[string]bool{"library": false, "direct": true} {
		t.Run(name, func(t *testing.T) {
			n := &told{}
			cfg := n.config()
			cfg.Serve = func(_ swarm.InfoHash, _, _ uint32, buf []byte) error {
				copy(buf, bytes.Repeat([]byte{0xab}, len(buf)))
				return nil
			}
			r := newRig(t, cfg)
			peer, engine, l := r.pair(true)
			l.SetDirect(direct)
			unchoke(peer, engine, l)
			if !l.Say(sayID, position) {
				t.Fatal("not said")
			}
			offer(peer, engine) // what was said before it stands behind it
			id, body, err := peer.next()
			if err != nil || id != peerwire.Extended {
				t.Fatalf("%v, %v", id, err)
			}
			if err := stands(body, 0); err != nil {
				t.Error(err)
			}
			serve := func(begin uint32) {
				peer.send(blk(peerwire.Request, 1, begin))
				release1(t, l)
				if !direct {
					engine.expect(blk(peerwire.Request, 1, begin))
					engine.send(pieceOf(1, begin, 16384))
				}
				peer.expect(pieceOf(1, begin, 16384))
			}
			serve(0)
			serve(16384)
			if l.Placed() != 32768 || n.last(&n.placed) != 32768 {
				t.Errorf("placed %d, told %d", l.Placed(), n.last(&n.placed))
			}
			l.Say(sayID, position)
			if _, body, err = peer.next(); err != nil || stands(body, 32768) != nil {
				t.Errorf("%v, %v", stands(body, 32768), err)
			}
			l.SetUnchoked(false)
			peer.expect(empty(peerwire.Choke))
			if n.last(&n.choked) != 32768 {
				t.Errorf("choked at %d", n.last(&n.choked))
			}
			l.Close()
			if l.Say(sayID, func(int64) []byte { t.Error("called"); return nil }) {
				t.Error("a closed link speaks")
			}
		})
	}
}

// TestPositionsWhileBlocksLeave speaks from other goroutines while blocks leave by
// both ways, with chokes in between: every message and every choke stands where it
// says.
func TestPositionsWhileBlocksLeave(t *testing.T) {
	seed := rand.Uint64()
	t.Log("seed", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	n := &told{}
	cfg := n.config()
	cfg.Serve = func(swarm.InfoHash, uint32, uint32, []byte) error { return nil }
	r := newRig(t, cfg)
	peer, engine, l := r.pair(true)
	unchoke(peer, engine, l)
	offer(peer, engine)
	say := make(chan struct{}, 64)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range say {
				l.Say(sayID, position)
			}
		})
	}
	wg.Go(func() { // the library; each hundredth block is followed by its choke
		for i := 1; ; i++ {
			id, body, err := engine.next()
			if err != nil {
				return
			}
			if b, _ := peerwire.ParseBlock(body); id == peerwire.Request {
				frames := pieceOf(b.Index, b.Begin, int(b.Length))
				if i%100 == 0 {
					frames = append(append(frames, empty(peerwire.Choke)...), empty(peerwire.Unchoke)...)
				}
				engine.send(frames)
			}
		}
	})
	x := &follower{t: t, peer: peer}
	direct := false
	for i := range 600 {
		if rnd.IntN(16) == 0 {
			direct = !direct
			l.SetDirect(direct)
		}
		until(t, "unchoked", func() bool { return l.Stats().Unchoked })
		peer.send(blk(peerwire.Request, uint32(i)%8, uint32(rnd.IntN(4))*16384))
		until(t, "queued", func() bool { size, _ := l.Next(1 << 20); return size > 0 })
		l.Release()
		for range 3 {
			say <- struct{}{}
		}
		l.Push()
		x.untilAnswered()
	}
	close(say)
	engine.conn.Close()
	wg.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	t.Logf("%d bytes, %d messages, %d chokes", x.pos, x.messages, len(x.chokes))
	if len(x.chokes) == 0 || x.messages < 1000 || !slices.Equal(n.choked[:len(x.chokes)], x.chokes) {
		t.Errorf("chokes stand at %v, told %v; %d messages", x.chokes, n.choked, x.messages)
	}
}

// follower counts along in what a peer is sent.
type follower struct {
	t        *testing.T
	peer     *wire
	pos      int64
	chokes   []int64
	messages int
}

// untilAnswered reads up to the end of a request.
func (x *follower) untilAnswered() {
	x.t.Helper()
	for {
		id, body, err := x.peer.next()
		if err != nil {
			x.t.Fatal(err)
		}
		switch id {
		case peerwire.Piece:
			x.pos += int64(len(body) - 8)
			return
		case peerwire.Reject:
			return
		case peerwire.Choke:
			x.chokes = append(x.chokes, x.pos)
		case peerwire.Extended:
			x.messages++
			if err := stands(body, x.pos); err != nil {
				x.t.Fatal(err)
			}
		default:
		}
	}
}

func TestCreditBoundsWhatIsReleased(t *testing.T) {
	r := newRig(t, Config{})
	peer, engine, l := r.pair(true)
	unchoke(peer, engine, l)
	l.SetCredit(32<<10 + 100)
	for i := range uint32(4) {
		peer.send(blk(peerwire.Request, 1, i*16384))
	}
	until(t, "queued", func() bool { return l.Stats().QueuedRequests == 4 })
	release1(t, l)
	engine.expect(blk(peerwire.Request, 1, 0))
	release1(t, l)
	engine.expect(blk(peerwire.Request, 1, 16384))
	stuck := func(when string) {
		t.Helper()
		if size, _ := l.Next(1 << 20); size != 0 || l.Release() != 0 {
			t.Errorf("%s more is released than there is credit for", when)
		}
	}
	stuck("while two blocks are on their way")
	engine.send(pieceOf(1, 0, 16384), pieceOf(1, 16384, 16384))
	peer.expect(pieceOf(1, 0, 16384), pieceOf(1, 16384, 16384))
	until(t, "sent", func() bool { return l.Stats().ReleasedBytes == 0 })
	stuck("after they arrived")
	for len(r.Ready()) > 0 {
		<-r.Ready()
	}
	l.SetCredit(48 << 10)
	<-r.Ready() // upload is to look
	release1(t, l)
	engine.expect(blk(peerwire.Request, 1, 32768))
	stuck("with credit for one block")
	l.SetCredit(NoCredit)
	release1(t, l)
	engine.expect(blk(peerwire.Request, 1, 49152))
}
