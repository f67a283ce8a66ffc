package peerwire

import (
	"bytes"
	"testing"
)

// FuzzFrames feeds a stream of frames to a Checker as link does. What it accepts
// has to be what the Parse functions read.
func FuzzFrames(f *testing.F) {
	f.Add(append(raw(Bitfield, 0xff, 0xff, 0xf0), block(Request, 1, 0, 16384)...), true, true)
	f.Add(append(piece(3, 0, 100), ext(1, "d8:msg_typei0e5:piecei-1ee")...), true, false)
	f.Add(ext(0, "d1:md6:ut_pexi1eee"), false, true)
	f.Add(ext(2, "d5:added6:abcdefe"), true, true)
	f.Add(hashes(HashRequest, 1<<32-1, 2, 0), true, true)
	f.Add(ext(3, "\x00\x01"), true, true)
	f.Fuzz(func(t *testing.T, stream []byte, shape, fast bool) {
		c := &Checker{Fast: fast, Extended: true, Asked: true, Ours: ExtensionIDs{Metadata: 1, Pex: 2, Holepunch: 3}}
		if shape {
			c = known(*c)
		}
		for {
			h, ok := Peek(stream)
			if !ok || c.CheckHead(h) != nil || len(stream) < h.Size() {
				return
			}
			body := h.Body(stream)
			if !h.KeepAlive() && c.Check(h.ID, body) == nil {
				accepted(t, c, h.ID, body)
			}
			stream = stream[h.Size():]
		}
	})
}

// accepted holds what link and the library rely on after a check.
func accepted(t *testing.T, c *Checker, id ID, body []byte) {
	t.Helper()
	switch id {
	case Request, Cancel, Reject:
		b, ok := ParseBlock(body)
		if !ok || b.Length == 0 || b.Length > MaxBlock || b.Index >= MaxPieces {
			t.Fatalf("%v %v", id, b)
		}
		if c.Shape.Known() && (int(b.Index) >= c.Shape.Pieces || b.End() > 64<<10) {
			t.Fatalf("%v %v", id, b)
		}
	case Piece:
		b, data, ok := ParsePiece(body)
		if !ok || len(data) == 0 || (c.Shape.Known() && b.End() > uint64(c.Shape.PieceLength(b.Index))) {
			t.Fatalf("%v", b)
		}
	case Extended:
		if body[0] == 0 {
			if _, err := ParseExtHandshake(body[1:]); err != nil {
				t.Fatal(err)
			}
		}
	default:
	}
}

// FuzzExtended reads payloads as every kind of extended message there is.
func FuzzExtended(f *testing.F) {
	f.Add([]byte("d1:md11:ut_metadatai1ee1:v3:abce"))
	f.Add([]byte(data("0", "40000", 20)))
	f.Add([]byte("d5:added6:abcdef7:added.f1:x8:dropped60:e"))
	f.Add([]byte("llllllllllllllllllllllllllllllll"))
	f.Fuzz(func(t *testing.T, p []byte) {
		h, err := ParseExtHandshake(p)
		if err == nil && (len(h.Client) > maxClient || len(h.Extensions) > MaxExtensions || h.MetadataSize < 0) {
			t.Fatalf("%+v", h)
		}
		if m, err := ParseMetadata(p); err == nil && !bytes.HasSuffix(p, m.Data) {
			t.Fatalf("%+v", m)
		}
		c := known(Checker{})
		for id := range uint8(4) {
			_ = c.checkExtended(append([]byte{id}, p...))
		}
	})
}
