package lab_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
)

// listen takes one connection and returns its Raw end.
func listen(t *testing.T, h lab.Hello) (netip.AddrPort, <-chan *lab.Raw) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan *lab.Raw, 1)
	go func() {
		defer close(got)
		defer l.Close()
		c, err := l.Accept()
		if err != nil {
			return
		}
		r, err := lab.Accept(t.Context(), c, h)
		if err != nil {
			t.Errorf("accept: %v", err)
			return
		}
		got <- r
	}()
	t.Cleanup(func() { l.Close() })
	return l.Addr().(*net.TCPAddr).AddrPort(), got
}

func TestRawFrames(t *testing.T) {
	for _, encrypt := range []bool{false, true} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		ih := swarm.InfoHash{1, 2, 3}
		addr, accepted := listen(t, lab.Hello{InfoHash: ih, Reserved: lab.Reserved(false, true, false)})
		a, err := lab.Dial(ctx, addr, lab.Hello{InfoHash: ih, Encrypt: encrypt, Reserved: lab.Reserved(true, false, true)})
		if err != nil {
			t.Fatal(err)
		}
		b := <-accepted
		defer b.Close()
		if b.Theirs.Encrypt != encrypt || b.Theirs.InfoHash != ih || b.Theirs.Reserved != lab.Reserved(true, false, true) || a.Theirs.Reserved != lab.Reserved(false, true, false) {
			t.Errorf("encrypt %t: handshakes %+v and %+v", encrypt, a.Theirs, b.Theirs)
		}
		short, stop := context.WithTimeout(ctx, 20*time.Millisecond)
		if err := a.Send(lab.Msg(lab.MsgPiece, lab.Words(7, 0), make([]byte, lab.Block))[:100]); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Next(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("half a frame is read as %v", err)
		}
		stop()
		err = a.Send(lab.Msg(lab.MsgPiece, lab.Words(7, 0), make([]byte, lab.Block))[100:], lab.Words(0), lab.Msg(lab.MsgHave, lab.Words(9)), lab.ExtHandshake(100))
		if err != nil {
			t.Fatal(err)
		}
		if f, err := b.Next(ctx); err != nil || f.ID != lab.MsgPiece || f.Index() != 7 || len(f.Body) != 8+lab.Block {
			t.Errorf("the rest of the frame: %d, %v", f.ID, err)
		}
		if f, err := b.Expect(ctx, lab.MsgHave); err != nil || f.Index() != 9 {
			t.Errorf("have: %+v, %v", f, err)
		}
		if ids, err := b.Extensions(ctx); err != nil || ids["ut_metadata"] != lab.OurMetadata || ids["ut_pex"] != lab.OurPEX {
			t.Errorf("extensions %v, %v", ids, err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		if err := b.Closed(ctx); err != nil {
			t.Errorf("close is not seen: %v", err)
		}
	}
}

// TestLeecherCounts plays a seed by hand.
func TestLeecherCounts(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	shape := lab.Shape{InfoHash: swarm.InfoHash{9}, Pieces: 2, PieceLen: 2 * lab.Block, Size: 3*lab.Block + 5}
	addr, accepted := listen(t, lab.Hello{InfoHash: shape.InfoHash, Reserved: lab.Reserved(false, true, false)})
	l, err := lab.Leech(ctx, addr, lab.LeecherConfig{Hello: lab.Hello{Reserved: lab.Reserved(false, true, false)}, Shape: shape, Pipeline: 10})
	if err != nil {
		t.Fatal(err)
	}
	seed := <-accepted
	until := func(what string, ok func(lab.Counts) bool) {
		t.Helper()
		if err := lab.Until(ctx, func() (bool, error) { return ok(l.Counts()), nil }); err != nil {
			t.Fatalf("%s: %v, %+v", what, err, l.Counts())
		}
	}
	if _, err := seed.Expect(ctx, lab.MsgInterested); err != nil {
		t.Fatal(err)
	}
	piece := func(i, begin uint32, n int) []byte {
		return lab.Msg(lab.MsgPiece, lab.Words(i, begin), make([]byte, n))
	}
	// It has piece 1 only: a whole block and one of five bytes.
	seed.Send(lab.Msg(lab.MsgBitfield, []byte{0x40}), lab.Msg(lab.MsgUnchoke))
	for _, want := range [][3]uint32{{1, 0, lab.Block}, {1, lab.Block, 5}} {
		f, err := seed.Expect(ctx, lab.MsgRequest)
		if err != nil || string(f.Body) != string(lab.Words(want[:]...)) {
			t.Fatalf("request %v, %v; want %v", f.Body, err, want)
		}
	}
	seed.Send(lab.Msg(lab.MsgChoke), piece(1, 0, lab.Block), lab.Msg(lab.MsgReject, lab.Words(1, lab.Block, 5)))
	until("a block after the choke, as BEP 6 allows", func(c lab.Counts) bool {
		return c.Chokes == 1 && c.AfterChoke == 1 && c.Rejects == 1 && c.Unrequested == 0 && c.Open == 0
	})
	seed.Send(piece(0, 0, lab.Block))
	until("a block it did not ask for", func(c lab.Counts) bool { return c.Unrequested == 1 && c.Blocks == 2 && c.Bytes == 2*lab.Block })
	seed.Send(lab.Msg(lab.MsgUnchoke))
	until("requests again", func(c lab.Counts) bool { return c.Unchokes == 2 && c.Open == 2 && !c.Choked })
	if got := l.Series(); len(got) == 0 {
		t.Error("no series")
	}
	seed.Close()
	<-l.Done()
	if c := l.Counts(); c.Err == nil {
		t.Errorf("end not seen: %+v", c)
	}
	l.Close()
}
