package peerwire

import (
	"encoding/binary"
	"fmt"
)

// ID is the message id of a frame.
type ID uint8

// The messages of BEP 3 and BEP 5.
const (
	Choke ID = iota
	Unchoke
	Interested
	NotInterested
	Have
	Bitfield
	Request
	Piece
	Cancel
	Port
)

// The messages of BEP 6.
const (
	Suggest ID = 13 + iota
	HaveAll
	HaveNone
	Reject
	AllowedFast
)

// The messages of BEP 10 and BEP 52.
const (
	Extended    ID = 20
	HashRequest ID = 21
	Hashes      ID = 22
	HashReject  ID = 23
)

const (
	// MaxFrame is the longest frame that is accepted, in bytes after the length
	// prefix. The library takes no longer one; it holds a bitfield of half a
	// million pieces or four blocks.
	MaxFrame = 64 << 10
	// MaxBlock is the longest block a peer may ask for, in bytes. BEP 3 names
	// 16 KiB as usual and lets clients hang up above 128 KiB.
	MaxBlock = 128 << 10
	// MaxPieces bounds a piece index while the number of pieces is not known.
	MaxPieces = 1 << 24
)

// String returns the name the BEPs use, for reasons and logs.
func (id ID) String() string {
	if s := specOf(id); s.name != "" {
		return s.name
	}
	return fmt.Sprintf("message %d", uint8(id))
}

// spec is what is fixed about one kind of message.
type spec struct {
	name     string
	min, max int  // length of the body
	fast     bool // needs the fast extension
}

// specOf returns the fixed facts about id; an unknown id has no name.
func specOf(id ID) spec {
	const none = MaxFrame - 1
	switch id {
	case Choke:
		return spec{"choke", 0, 0, false}
	case Unchoke:
		return spec{"unchoke", 0, 0, false}
	case Interested:
		return spec{"interested", 0, 0, false}
	case NotInterested:
		return spec{"not interested", 0, 0, false}
	case Have:
		return spec{"have", 4, 4, false}
	case Bitfield:
		return spec{"bitfield", 1, none, false}
	case Request:
		return spec{"request", 12, 12, false}
	case Piece:
		return spec{"piece", 9, none, false}
	case Cancel:
		return spec{"cancel", 12, 12, false}
	case Port:
		return spec{"port", 2, 2, false}
	case Suggest:
		return spec{"suggest piece", 4, 4, true}
	case HaveAll:
		return spec{"have all", 0, 0, true}
	case HaveNone:
		return spec{"have none", 0, 0, true}
	case Reject:
		return spec{"reject request", 12, 12, true}
	case AllowedFast:
		return spec{"allowed fast", 4, 4, true}
	case Extended:
		return spec{"extended", 1, none, false}
	case HashRequest:
		return spec{"hash request", 48, 48, false}
	case Hashes:
		return spec{"hashes", 48, none, false}
	case HashReject:
		return spec{"hash reject", 48, 48, false}
	}
	return spec{}
}

// Head is the fixed start of a frame. The zero value is a keep-alive.
type Head struct {
	Length uint32 // bytes after the length prefix, id included; 0 = keep-alive
	ID     ID     // meaningful unless Length is 0
}

// Peek reads the head of the frame at the start of b. ok is false while b is too
// short to tell.
func Peek(b []byte) (h Head, ok bool) {
	if len(b) < 4 {
		return Head{}, false
	}
	n := binary.BigEndian.Uint32(b)
	if n == 0 {
		return Head{}, true
	}
	if len(b) < 5 {
		return Head{}, false
	}
	return Head{Length: n, ID: ID(b[4])}, true
}

// KeepAlive reports whether the frame has no message.
func (h Head) KeepAlive() bool { return h.Length == 0 }

// Size is the number of bytes of the whole frame, prefix included.
func (h Head) Size() int { return 4 + int(h.Length) }

// Body returns the bytes after the id of the frame at the start of b, or nil
// while the frame is incomplete or has none.
func (h Head) Body(b []byte) []byte {
	if h.Length < 2 || len(b) < h.Size() {
		return nil
	}
	return b[5:h.Size()]
}

// Block names a range of a piece, as request, cancel, reject and piece do.
type Block struct {
	Index  uint32 // piece
	Begin  uint32 // offset within the piece, bytes
	Length uint32 // bytes
}

// String returns the block as «piece+begin/length».
func (b Block) String() string { return fmt.Sprintf("%d+%d/%d", b.Index, b.Begin, b.Length) }

// End is the offset after the last byte, within the piece. It does not overflow.
func (b Block) End() uint64 { return uint64(b.Begin) + uint64(b.Length) }

// ParseBlock reads the body of request, cancel or reject. ok is false unless it
// has 12 bytes.
func ParseBlock(body []byte) (b Block, ok bool) {
	if len(body) != 12 {
		return Block{}, false
	}
	return Block{
		Index:  binary.BigEndian.Uint32(body),
		Begin:  binary.BigEndian.Uint32(body[4:]),
		Length: binary.BigEndian.Uint32(body[8:]),
	}, true
}

// ParsePiece reads the body of piece: which block it is, and its bytes. ok is
// false when there is no byte of data.
func ParsePiece(body []byte) (b Block, data []byte, ok bool) {
	if len(body) < 9 {
		return Block{}, nil, false
	}
	return Block{
		Index:  binary.BigEndian.Uint32(body),
		Begin:  binary.BigEndian.Uint32(body[4:]),
		Length: uint32(len(body) - 8),
	}, body[8:], true
}

// ParseIndex reads the body of have, suggest piece or allowed fast. ok is false
// unless it has 4 bytes.
func ParseIndex(body []byte) (index uint32, ok bool) {
	if len(body) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(body), true
}

// AppendKeepAlive appends a keep-alive.
func AppendKeepAlive(dst []byte) []byte { return append(dst, 0, 0, 0, 0) }

// AppendEmpty appends a message without a body: choke, unchoke, interested, not
// interested, have all, have none.
func AppendEmpty(dst []byte, id ID) []byte { return append(dst, 0, 0, 0, 1, byte(id)) }

// AppendIndex appends have, suggest piece or allowed fast.
func AppendIndex(dst []byte, id ID, index uint32) []byte {
	dst = append(dst, 0, 0, 0, 5, byte(id))
	return binary.BigEndian.AppendUint32(dst, index)
}

// AppendBlock appends request, cancel or reject.
func AppendBlock(dst []byte, id ID, b Block) []byte {
	dst = append(dst, 0, 0, 0, 13, byte(id))
	dst = binary.BigEndian.AppendUint32(dst, b.Index)
	dst = binary.BigEndian.AppendUint32(dst, b.Begin)
	return binary.BigEndian.AppendUint32(dst, b.Length)
}

// PieceHead is the number of bytes of a piece frame before its data.
const PieceHead = 13

// AppendPieceHead appends the start of a piece frame; b.Length bytes of data
// have to follow.
func AppendPieceHead(dst []byte, b Block) []byte {
	dst = binary.BigEndian.AppendUint32(dst, 9+b.Length)
	dst = append(dst, byte(Piece))
	dst = binary.BigEndian.AppendUint32(dst, b.Index)
	return binary.BigEndian.AppendUint32(dst, b.Begin)
}

// AppendBitfield appends a bitfield whose bits are given as the wire has them.
func AppendBitfield(dst, bits []byte) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(1+len(bits)))
	return append(append(dst, byte(Bitfield)), bits...)
}

// AppendPort appends the DHT port message of BEP 5.
func AppendPort(dst []byte, port uint16) []byte {
	dst = append(dst, 0, 0, 0, 3, byte(Port))
	return binary.BigEndian.AppendUint16(dst, port)
}

// AppendExtended appends a BEP 10 message with the id the receiver chose; id 0 is
// the extended handshake.
func AppendExtended(dst []byte, id uint8, payload []byte) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(2+len(payload)))
	return append(append(dst, byte(Extended), id), payload...)
}
