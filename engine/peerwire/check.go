package peerwire

import (
	"encoding/binary"
	"math/bits"
)

// Shape is what is known of a torrent's pieces. The zero value is: nothing.
type Shape struct {
	Pieces int // number of pieces; 0 = unknown
	// PieceLength returns the bytes of piece i that exist, for i < Pieces. In
	// hybrid and v2 torrents (BEP 52) that is less than PieceSize where a file
	// ends inside the piece.
	PieceLength func(i uint32) uint32
	// PieceSize is the nominal size of a piece in bytes. Peers may ask for up to
	// that much of a piece if Padded is set; what does not exist reads as zeros.
	PieceSize uint32
	Padded    bool
	// MetadataSize is the length of the info dictionary; 0 = unknown.
	MetadataSize int
}

// Known reports whether the number of pieces is known.
func (s *Shape) Known() bool { return s.Pieces > 0 && s.PieceLength != nil }

// Checker holds what the frames of one connection are judged by. The zero value
// accepts what is right for any torrent, without extensions. It is not safe for
// use by several goroutines.
type Checker struct {
	Shape    Shape
	Fast     bool // both handshakes announced BEP 6
	Extended bool // both handshakes announced BEP 10
	Asked    bool // we have sent a request on this connection
	// Ours maps the extended ids that we offered; Check judges the payload of
	// those it knows.
	Ours ExtensionIDs
}

// ExtensionIDs are the numbers one side chose for the extensions whose payload is
// checked. 0 = not offered.
type ExtensionIDs struct{ Metadata, Pex, Holepunch uint8 }

// CheckHead judges a frame by its first five bytes, so that a hopeless one is
// never buffered.
func (c *Checker) CheckHead(h Head) error {
	if h.KeepAlive() {
		return nil
	}
	if h.Length > MaxFrame {
		return fault(h.ID, ErrTooLong, "bytes", int64(h.Length), MaxFrame)
	}
	s := specOf(h.ID)
	if s.name == "" {
		return fault(h.ID, ErrUnknown, "", 0, 0)
	}
	if n := int(h.Length) - 1; n < s.min || n > s.max {
		return fault(h.ID, ErrLength, "bytes", int64(n), int64(min(s.max, max(s.min, n))))
	}
	if s.fast && !c.Fast {
		return fault(h.ID, ErrNotFast, "", 0, 0)
	}
	if h.ID == Extended && !c.Extended {
		return fault(h.ID, ErrNotExtended, "", 0, 0)
	}
	return nil
}

// Check judges a whole frame that CheckHead let pass. The error is nil or a
// *FrameError.
func (c *Checker) Check(id ID, body []byte) error {
	switch id {
	case Have, Suggest, AllowedFast:
		i, _ := ParseIndex(body)
		return c.checkIndex(id, i)
	case Bitfield:
		return c.checkBitfield(body)
	case Request, Cancel:
		b, _ := ParseBlock(body)
		return c.checkAsked(id, b)
	case Reject:
		b, _ := ParseBlock(body)
		if !c.Asked {
			return fault(id, ErrUnasked, "", 0, 0)
		}
		return c.checkAsked(id, b)
	case Piece:
		return c.CheckPiece(body)
	case Extended:
		return c.checkExtended(body)
	case HashRequest, HashReject, Hashes:
		return checkHashes(id, body)
	default:
	}
	return nil
}

// CheckPiece judges a piece frame by the first 8 bytes of its body; the rest may
// still be on the way if length, the length of the body, is right.
func (c *Checker) CheckPiece(body []byte) error {
	b, _, _ := ParsePiece(body)
	if !c.Asked {
		return fault(Piece, ErrUnasked, "index", int64(b.Index), 0)
	}
	if err := c.checkIndex(Piece, b.Index); err != nil {
		return err
	}
	if !c.Shape.Known() {
		return nil
	}
	if n := c.Shape.PieceLength(b.Index); b.End() > uint64(n) {
		return fault(Piece, ErrRange, "end", int64(b.End()), int64(n))
	}
	return nil
}

func (c *Checker) checkIndex(id ID, i uint32) error {
	limit := uint32(MaxPieces)
	if c.Shape.Known() {
		limit = uint32(c.Shape.Pieces)
	}
	if i >= limit {
		return fault(id, ErrIndex, "index", int64(i), int64(limit)-1)
	}
	return nil
}

// checkAsked judges a range that a peer asks for, takes back or refuses.
func (c *Checker) checkAsked(id ID, b Block) error {
	if err := c.checkIndex(id, b.Index); err != nil {
		return err
	}
	if b.Length == 0 || b.Length > MaxBlock {
		return fault(id, ErrRange, "length", int64(b.Length), MaxBlock)
	}
	if !c.Shape.Known() {
		return nil
	}
	limit := c.Shape.PieceLength(b.Index)
	if c.Shape.Padded {
		limit = max(limit, c.Shape.PieceSize)
	}
	if b.End() > uint64(limit) {
		return fault(id, ErrRange, "end", int64(b.End()), int64(limit))
	}
	return nil
}

func (c *Checker) checkBitfield(body []byte) error {
	if !c.Shape.Known() {
		return nil
	}
	want := (c.Shape.Pieces + 7) / 8
	if len(body) != want {
		return fault(Bitfield, ErrBitfield, "bytes", int64(len(body)), int64(want))
	}
	if spare := want*8 - c.Shape.Pieces; body[want-1]&(1<<spare-1) != 0 {
		return fault(Bitfield, ErrSpareBits, "", 0, 0)
	}
	return nil
}

// CountBits returns the number of pieces that a bitfield says the peer has.
func CountBits(body []byte) int {
	n := 0
	for len(body) >= 8 {
		n += bits.OnesCount64(binary.LittleEndian.Uint64(body))
		body = body[8:]
	}
	for _, b := range body {
		n += bits.OnesCount8(b)
	}
	return n
}

// maxHashes is the most hashes of one BEP 52 request; the library takes no more.
const maxHashes = 8192

func checkHashes(id ID, body []byte) error {
	index := binary.BigEndian.Uint32(body[36:])
	length := binary.BigEndian.Uint32(body[40:])
	if length > maxHashes || uint64(index)+uint64(length) > 1<<32-1 {
		return fault(id, ErrHashes, "hashes", int64(length), maxHashes)
	}
	if id == Hashes && (len(body)-48)%32 != 0 {
		return fault(id, ErrHashes, "bytes", int64(len(body)), 0)
	}
	return nil
}
