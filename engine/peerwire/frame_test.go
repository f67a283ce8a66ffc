package peerwire

import (
	"bytes"
	"errors"
	"testing"

	"swarmbid/engine/swarm"
)

func TestAppendedFramesAreReadBack(t *testing.T) {
	b := Block{Index: 7, Begin: 0x4000, Length: 0x4000}
	for _, id := range []ID{Request, Cancel, Reject} {
		frame := AppendBlock([]byte("x"), id, b)[1:]
		h, ok := Peek(frame)
		got, good := ParseBlock(h.Body(frame))
		if !ok || h.ID != id || h.Size() != len(frame) || !good || got != b {
			t.Errorf("%v: head %+v block %v", id, h, got)
		}
	}
	for _, id := range []ID{Have, Suggest, AllowedFast} {
		frame := AppendIndex(nil, id, 99)
		h, _ := Peek(frame)
		if i, ok := ParseIndex(h.Body(frame)); h.ID != id || !ok || i != 99 {
			t.Errorf("%v: head %+v index %d", id, h, i)
		}
	}
	for _, id := range []ID{Choke, Unchoke, Interested, NotInterested, HaveAll, HaveNone} {
		frame := AppendEmpty(nil, id)
		if h, ok := Peek(frame); !ok || h.ID != id || h.Size() != len(frame) || h.Body(frame) != nil {
			t.Errorf("%v: head %+v", id, h)
		}
	}
	frame := append(AppendPieceHead(nil, Block{Index: 1, Begin: 2, Length: 3}), "abc"...)
	h, _ := Peek(frame)
	if got, data, ok := ParsePiece(h.Body(frame)); !ok || got != (Block{1, 2, 3}) || string(data) != "abc" {
		t.Errorf("piece: %v %q", got, data)
	}
	frame = AppendExtended(nil, 5, []byte("de"))
	if h, _ := Peek(frame); h.ID != Extended || string(h.Body(frame)) != "\x05de" {
		t.Errorf("extended: %+v %q", h, h.Body(frame))
	}
	frame = AppendBitfield(nil, []byte{0xf0})
	if h, _ := Peek(frame); h.ID != Bitfield || CountBits(h.Body(frame)) != 4 {
		t.Errorf("bitfield: %+v", h)
	}
	if h, _ := Peek(AppendPort(nil, 6881)); h.ID != Port || h.Length != 3 {
		t.Errorf("port: %+v", h)
	}
	if h, ok := Peek(AppendKeepAlive(nil)); !ok || !h.KeepAlive() || h.Size() != 4 {
		t.Errorf("keep-alive: %+v", h)
	}
}

func TestPeekWaitsForTheId(t *testing.T) {
	frame := AppendIndex(nil, Have, 1)
	for n := range 5 {
		if _, ok := Peek(frame[:n]); ok {
			t.Errorf("%d bytes are enough", n)
		}
	}
	h, ok := Peek(frame[:5])
	if !ok || h.Body(frame[:8]) != nil {
		t.Errorf("ok %v, body of an incomplete frame %v", ok, h.Body(frame[:8]))
	}
}

func TestHandshakeIsReadBack(t *testing.T) {
	want := Handshake{InfoHash: swarm.InfoHash{1, 2}, PeerID: swarm.PeerID{'-', 'S', 'B'}}
	want.SetFast()
	want.SetExtended()
	wire := AppendHandshake(nil, want)
	got, err := ParseHandshake(wire)
	if err != nil || got != want || !got.Fast() || !got.Extended() || len(wire) != HandshakeSize {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := ParseHandshake(wire[:67]); !errors.Is(err, ErrLength) {
		t.Errorf("short: %v", err)
	}
	wire[3] = 'x'
	if _, err := ParseHandshake(wire); !errors.Is(err, ErrProtocol) {
		t.Errorf("other protocol: %v", err)
	}
	if got := (Handshake{}); got.Fast() || got.Extended() {
		t.Error("the zero handshake announces something")
	}
}

func TestCountBits(t *testing.T) {
	for n := range 40 {
		if got := CountBits(bytes.Repeat([]byte{0x81}, n)); got != 2*n {
			t.Errorf("%d bytes: %d", n, got)
		}
	}
}

// TestHotPathDoesNotAllocate holds the promise of the package comment.
func TestHotPathDoesNotAllocate(t *testing.T) {
	c := known(Checker{Asked: true})
	piece := append(AppendPieceHead(nil, Block{Length: 16 << 10}), make([]byte, 16<<10)...)
	request := AppendBlock(nil, Request, Block{Index: 1, Length: 16 << 10})
	have := AppendIndex(nil, Have, 2)
	out := make([]byte, 0, 64)
	allocs := testing.AllocsPerRun(100, func() {
		for _, frame := range [][]byte{piece, request, have} {
			h, _ := Peek(frame)
			if c.CheckHead(h) != nil || c.Check(h.ID, h.Body(frame)) != nil {
				t.Fatal("a good frame is refused")
			}
		}
		out = AppendBlock(out[:0], Request, Block{Index: 1})
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
