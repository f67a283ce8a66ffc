package link

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// patience bounds every wait of these tests.
const patience = 10 * time.Second

// wire is one end of a connection, taken apart into frames.
type wire struct {
	tb   testing.TB
	conn net.Conn
	buf  []byte
	in   chan []byte // what a goroutine read, for the library always reads; nil = read here
}

// pump starts reading all the time.
func (w *wire) pump() {
	w.in = make(chan []byte, 64)
	w.conn.SetReadDeadline(time.Time{})
	go func() {
		defer close(w.in)
		for {
			p := make([]byte, 128<<10)
			n, err := w.conn.Read(p)
			if n > 0 {
				w.in <- p[:n]
			}
			if err != nil {
				return
			}
		}
	}()
}

// more reads once.
func (w *wire) more() error {
	if w.in == nil {
		w.conn.SetReadDeadline(time.Now().Add(patience))
		p := make([]byte, 32<<10)
		n, err := w.conn.Read(p)
		w.buf = append(w.buf, p[:n]...)
		if n > 0 {
			return nil
		}
		return err
	}
	select {
	case p, ok := <-w.in:
		if !ok {
			return io.EOF
		}
		w.buf = append(w.buf, p...)
		return nil
	case <-time.After(patience):
		return os.ErrDeadlineExceeded
	}
}

func (w *wire) send(frames ...[]byte) {
	w.tb.Helper()
	w.conn.SetWriteDeadline(time.Now().Add(patience))
	if _, err := w.conn.Write(bytes.Join(frames, nil)); err != nil {
		w.tb.Fatalf("send: %v", err)
	}
}

// next returns the next frame, id and body.
func (w *wire) next() (id peerwire.ID, body []byte, err error) {
	for {
		if h, ok := peerwire.Peek(w.buf); ok && len(w.buf) >= h.Size() {
			if h.KeepAlive() {
				w.buf = w.buf[4:]
				continue
			}
			body := bytes.Clone(h.Body(w.buf))
			w.buf = w.buf[h.Size():]
			return h.ID, body, nil
		}
		if err := w.more(); err != nil {
			return 0, nil, err
		}
	}
}

// expect reads frames that have to come next, exactly.
func (w *wire) expect(frames ...[]byte) {
	w.tb.Helper()
	for _, frame := range frames {
		id, body, err := w.next()
		if err != nil {
			w.tb.Fatalf("waiting for %v: %v", peerwire.ID(frame[4]), err)
		}
		h, _ := peerwire.Peek(frame)
		if id != h.ID || !bytes.Equal(body, h.Body(frame)) {
			w.tb.Fatalf("got %v %.20x, want %v %.20x", id, body, h.ID, h.Body(frame))
		}
	}
}

func (w *wire) welcome() peerwire.Handshake {
	w.tb.Helper()
	b := make([]byte, peerwire.HandshakeSize)
	w.conn.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.ReadFull(w.conn, b); err != nil {
		w.tb.Fatalf("handshake: %v", err)
	}
	h, err := peerwire.ParseHandshake(b)
	if err != nil {
		w.tb.Fatal(err)
	}
	return h
}

// rig is a Links with one listener and the drops it reported.
type rig struct {
	*Links
	tb     testing.TB
	listen net.Listener
	wrap   Listener
	drops  chan Drop
}

var testHash = swarm.InfoHash{9: 9}

// testShape is a torrent of 8 pieces of 64 KiB.
func testShape() Shape {
	return Shape{Pieces: 8, PieceSize: 64 << 10, MetadataSize: 20_000, PieceLength: func(uint32) uint32 { return 64 << 10 }}
}

func newRig(tb testing.TB, cfg Config) *rig {
	tb.Helper()
	r := &rig{tb: tb, drops: make(chan Drop, 16)}
	if cfg.Shape == nil {
		cfg.Shape = func(swarm.InfoHash) (Shape, bool) { return testShape(), true }
	}
	if cfg.InfoHashes == nil {
		cfg.InfoHashes = func(yield func(swarm.InfoHash) bool) { yield(testHash) }
	}
	cfg.OnDrop = func(d Drop) {
		select {
		case r.drops <- d:
		default:
		}
	}
	r.Links = New(cfg)
	var err error
	if r.listen, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
		tb.Fatal(err)
	}
	r.wrap = r.Listener(r.listen)
	tb.Cleanup(func() {
		r.listen.Close()
		r.Close()
	})
	return r
}

// handshakeOf is a handshake that announces what is asked for.
func handshakeOf(fast bool, id string) peerwire.Handshake {
	h := peerwire.Handshake{InfoHash: testHash}
	copy(h.PeerID[:], id)
	h.SetExtended()
	if fast {
		h.SetFast()
	}
	return h
}

func handshakeBytes(fast bool) []byte {
	return peerwire.AppendHandshake(nil, handshakeOf(fast, "-PE0001-"))
}

// pair connects a scripted peer to a scripted library, both past the handshake.
func (r *rig) pair(fast bool) (peer, engine *wire, l *Link) {
	r.tb.Helper()
	c, err := net.Dial("tcp4", r.listen.Addr().String())
	if err != nil {
		r.tb.Fatal(err)
	}
	r.tb.Cleanup(func() { c.Close() })
	peer, engine, l = r.join(c, fast)
	engine.pump()
	return peer, engine, l
}

// bare is pair without anything that reads for the library.
func (r *rig) bare(fast bool) (peer, engine *wire, l *Link) {
	r.tb.Helper()
	c, err := net.Dial("tcp4", r.listen.Addr().String())
	if err != nil {
		r.tb.Fatal(err)
	}
	r.tb.Cleanup(func() { c.Close() })
	return r.join(c, fast)
}

func (r *rig) join(c net.Conn, fast bool) (peer, engine *wire, l *Link) {
	r.tb.Helper()
	peer = &wire{tb: r.tb, conn: c}
	peer.send(peerwire.AppendHandshake(nil, handshakeOf(fast, "-PE0001-")))
	nc, err := r.wrap.Accept()
	if err != nil {
		r.tb.Fatal(err)
	}
	engine = &wire{tb: r.tb, conn: nc}
	engine.welcome()
	engine.send(peerwire.AppendHandshake(nil, handshakeOf(true, "-SB0001-")))
	peer.welcome()
	l = nc.(*Link)
	<-l.up
	return peer, engine, l
}

// unchoke brings the link to serve the peer.
func unchoke(peer, engine *wire, l *Link) {
	engine.send(empty(peerwire.Unchoke))
	l.SetUnchoked(true)
	peer.expect(empty(peerwire.Unchoke))
}

func empty(id peerwire.ID) []byte { return peerwire.AppendEmpty(nil, id) }

func blk(id peerwire.ID, index, begin uint32) []byte {
	return peerwire.AppendBlock(nil, id, peerwire.Block{Index: index, Begin: begin, Length: 16 << 10})
}

func pieceOf(index, begin uint32, n int) []byte {
	b := peerwire.AppendPieceHead(nil, peerwire.Block{Index: index, Begin: begin, Length: uint32(n)})
	return append(b, bytes.Repeat([]byte{0xab}, n)...)
}

// until waits for a condition that has no event of its own.
func until(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	late := time.After(patience)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			tb.Fatalf("timeout: %s", what)
		}
	}
}

// release releases one request, as upload does.
func release1(tb testing.TB, l *Link) {
	tb.Helper()
	until(tb, "a request to release", func() bool { n, _ := l.Next(1 << 20); return n > 0 })
	if l.Release() == 0 {
		tb.Fatal("nothing released")
	}
	l.Push()
}

// dropped waits for a drop and returns it.
func (r *rig) dropped(want error) Drop {
	r.tb.Helper()
	select {
	case d := <-r.drops:
		if !errors.Is(d.Err, want) || d.Reason == "" {
			r.tb.Fatalf("dropped for %v (%q), want %v", d.Err, d.Reason, want)
		}
		return d
	case <-time.After(patience):
		r.tb.Fatalf("no drop, want %v", want)
		return Drop{}
	}
}

// readAll keeps reading one end in the background until it fails.
func (w *wire) readAll(wg *sync.WaitGroup) {
	wg.Go(func() {
		for {
			if _, _, err := w.next(); err != nil {
				return
			}
		}
	})
}

func repeat(frame []byte, n int) []byte { return []byte(strings.Repeat(string(frame), n)) }
