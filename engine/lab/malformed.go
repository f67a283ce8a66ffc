package lab

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// Malice is something that a bad peer sends. Whatever it is, a client has to live
// on and serve its other peers.
type Malice struct {
	Name string
	// Fatal says that no mature client keeps the connection; libtorrent's behaviour
	// is the measure. The rest may be skipped or answered, a request with a reject
	// for example, or be a reason to drop the peer too.
	Fatal bool
	// Raw says that the bytes take the place of the handshake.
	Raw bool
	// Bytes makes what is sent once. ids are the other end's extension ids (BEP
	// 10); one that it does not offer is 0.
	Bytes func(ids map[string]byte) []byte
	// Repeat is how often; 0 = once. A flood ends early when the connection does.
	Repeat int
}

// Malformed lists what a bad peer may send for a torrent of this shape.
func Malformed(s Shape) []Malice {
	var all []Malice
	for _, part := range [][]Malice{badHandshakes(s), badFrames(s), badHaves(s), badRequests(s), badPieces(s), badFast(s), badExtended(), badMetadata(s), badPeerExchange(), floods(s)} {
		all = append(all, part...)
	}
	return all
}

// Attack connects, shakes hands with extensions and the fast extension, offers
// ours, and sends the bad bytes. It reports whether the other end closed the
// connection within wait.
func (m Malice) Attack(ctx context.Context, to netip.AddrPort, s Shape, wait time.Duration) (closed bool, err error) {
	r, err := m.connect(ctx, to, s)
	if err != nil {
		return false, err
	}
	defer closing(r)
	var ids map[string]byte
	if !m.Raw {
		if err := r.Send(ExtHandshake(s.Metadata)); err != nil {
			return false, err
		}
		if ids, err = r.Extensions(ctx); err != nil {
			return false, err
		}
	}
	b := m.Bytes(ids)
	for range max(1, m.Repeat) {
		if ctx.Err() != nil {
			return false, fmt.Errorf("lab: sending %s: %w", m.Name, ctx.Err())
		}
		if err := m.send(ctx, r, b); err != nil {
			return true, nil // the connection is gone, one of the right answers
		}
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return r.Closed(ctx) == nil, nil
}

// send writes b; it fails when the connection ends.
func (m Malice) send(ctx context.Context, r *Raw, b []byte) error {
	stop := interrupt(ctx, r.Conn.SetWriteDeadline)
	defer stop()
	return r.Send(b)
}

func (m Malice) connect(ctx context.Context, to netip.AddrPort, s Shape) (*Raw, error) {
	if !m.Raw {
		return Dial(ctx, to, Hello{InfoHash: s.InfoHash, Reserved: Reserved(true, true, false)})
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return nil, err
	}
	return newRaw(c), nil
}

// fatal and mild make entries out of names and bytes.
func fatal(name string, b ...[]byte) Malice { return fixed(name, true, b) }

func mild(name string, b ...[]byte) Malice { return fixed(name, false, b) }

func fixed(name string, deadly bool, b [][]byte) Malice {
	all := bytes.Join(b, nil)
	return Malice{Name: name, Fatal: deadly, Bytes: func(map[string]byte) []byte { return all }}
}

func badHandshakes(s Shape) []Malice {
	hello := func(change func(h *Hello)) []byte {
		h := Hello{InfoHash: s.InfoHash, Reserved: Reserved(true, true, true)}
		h.fill()
		change(&h)
		return h.bytes()
	}
	good := hello(func(*Hello) {})
	misspelt := bytes.Replace(good, []byte("BitTorrent"), []byte("BitTorment"), 1)
	list := []Malice{
		mild("handshake: protocol name misspelt", misspelt),
		mild("handshake: name of length 0", append([]byte{0}, good[1:]...)),
		mild("handshake: name of length 255", append([]byte{255}, good[1:]...)),
		mild("handshake: cut short", good[:40]),
		mild("handshake: cut before the peer id", good[:48]),
		fatal("handshake: unknown infohash", hello(func(h *Hello) { h.InfoHash[0] ^= 0xff })),
		mild("handshake: zero peer id", hello(func(h *Hello) { h.PeerID = [20]byte{} })),
		mild("handshake: every reserved bit set", hello(func(h *Hello) { h.Reserved = [8]byte{255, 255, 255, 255, 255, 255, 255, 255} })),
		fatal("handshake: twice", good, good),
		mild("handshake: an HTTP request", []byte("GET / HTTP/1.1\r\nHost: lab\r\n\r\n")),
		mild("handshake: MSE key without end", bytes.Repeat([]byte{0x5a}, 96)),
		fatal("handshake: MSE pad too long", bytes.Repeat([]byte{0x5a}, 96+4096)),
		fatal("handshake: 64 KiB of zeros", make([]byte, 64<<10)),
	}
	for i := range list {
		list[i].Raw = true
	}
	return list
}

func badFrames(s Shape) []Malice {
	list := []Malice{
		fatal("frame: length 4 GiB - 1", Header(0xffffffff, MsgPiece)),
		fatal("frame: length 2 GiB", Header(1<<31, MsgExtended)),
		fatal("frame: length 256 MiB of an unknown message", Header(256<<20, 77)),
		mild("frame: unknown message without body", Msg(77)),
		mild("frame: unknown message with body", Msg(200, make([]byte, 100))),
		mild("frame: half a frame, then nothing", Msg(MsgRequest, Words(0, 0, Block))[:9]),
		fatal("port: 1 byte", Msg(MsgPort, []byte{1})),
		fatal("port: 3 bytes", Msg(MsgPort, []byte{1, 2, 3})),
		mild("port: 0", Msg(MsgPort, []byte{0, 0})),
		fatal("v2: hash request without body", Msg(MsgHashRequest)),
		fatal("v2: hash request cut short", Msg(MsgHashRequest, make([]byte, 40))),
		mild("v2: hash request of an unknown file", Msg(MsgHashRequest, make([]byte, 32), Words(0, 0, 2, 0))),
		mild("v2: hash request of 4 G hashes", Msg(MsgHashRequest, make([]byte, 32), Words(0, 0, 0xffffffff, 0xffffffff))),
		fatal("v2: hashes without body", Msg(MsgHashes)),
		mild("v2: hashes never asked for", Msg(MsgHashes, make([]byte, 32), Words(0, 0, 2, 0), make([]byte, 64))),
		fatal("v2: hash reject cut short", Msg(MsgHashReject, make([]byte, 5))),
	}
	for id, name := range []string{"choke", "unchoke", "interested", "not interested"} {
		list = append(list,
			fatal(name+": 1 byte of body", Msg(byte(id), []byte{0})),
			fatal(name+": 4 bytes of body", Msg(byte(id), Words(uint32(s.Pieces)))))
	}
	return list
}

func badHaves(s Shape) []Malice {
	n := (s.Pieces + 7) / 8
	full := bytes.Repeat([]byte{0xff}, n)
	clean := bytes.Clone(full)
	if r := s.Pieces % 8; r != 0 {
		clean[n-1] = byte(0xff << (8 - r))
	}
	spare := bytes.Clone(clean)
	spare[n-1] |= 1
	list := []Malice{
		fatal("have: without index", Msg(MsgHave)),
		fatal("have: 3 bytes", Msg(MsgHave, make([]byte, 3))),
		fatal("have: 5 bytes", Msg(MsgHave, make([]byte, 5))),
		fatal("have: first index that is none", Msg(MsgHave, Words(uint32(s.Pieces)))),
		fatal("have: index 2^32-1", Msg(MsgHave, Words(0xffffffff))),
		fatal("bitfield: empty", Msg(MsgBitfield)),
		fatal("bitfield: a byte short", Msg(MsgBitfield, clean[:n-1])),
		fatal("bitfield: a byte long", Msg(MsgBitfield, clean, []byte{0})),
		fatal("bitfield: 512 KiB", Msg(MsgBitfield, make([]byte, 512<<10))),
		mild("bitfield: twice", Msg(MsgBitfield, clean), Msg(MsgBitfield, clean)),
		mild("bitfield: after a have", Msg(MsgHave, Words(0)), Msg(MsgBitfield, clean)),
	}
	if s.Pieces%8 != 0 {
		list = append(list, fatal("bitfield: spare bit set", Msg(MsgBitfield, spare)))
	}
	return list
}

func badRequests(s Shape) []Malice {
	last := uint32(s.Pieces - 1)
	lastLen := uint32(s.Size - int64(last)*s.PieceLen)
	piece := uint32(s.PieceLen)
	var list []Malice
	for _, m := range []struct {
		id   byte
		name string
	}{{MsgRequest, "request"}, {MsgCancel, "cancel"}} {
		list = append(list,
			fatal(m.name+": without body", Msg(m.id)),
			fatal(m.name+": 11 bytes", Msg(m.id, make([]byte, 11))),
			fatal(m.name+": 13 bytes", Msg(m.id, make([]byte, 13))))
		for _, c := range []struct {
			name string
			w    []uint32
		}{
			{"first index that is none", []uint32{uint32(s.Pieces), 0, Block}},
			{"index 2^32-1", []uint32{0xffffffff, 0, Block}},
			{"index 2^31", []uint32{1 << 31, 0, Block}},
			{"offset at the end", []uint32{0, piece, Block}},
			{"offset 2^32-1", []uint32{0, 0xffffffff, Block}},
			{"offset and length wrap", []uint32{0, 0xffffc000, Block}},
			{"length 0", []uint32{0, 0, 0}},
			{"length 2^31", []uint32{0, 0, 1 << 31}},
			{"length 2^32-1", []uint32{0, 0, 0xffffffff}},
			{"length 1 MiB", []uint32{0, 0, 1 << 20}},
			{"over the end of a piece", []uint32{0, piece - 1, Block}},
			{"over the end of the last", []uint32{last, lastLen - 1, 2}},
		} {
			list = append(list, mild(m.name+": "+c.name, Msg(m.id, Words(c.w...))))
		}
	}
	return append(list,
		mild("request: while choked", Msg(MsgInterested), Msg(MsgRequest, Words(0, 0, Block))),
		mild("request: twice the same", Msg(MsgRequest, Words(0, 0, Block)), Msg(MsgRequest, Words(0, 0, Block))),
		mild("cancel: never requested", Msg(MsgCancel, Words(0, 0, Block))))
}

func badPieces(s Shape) []Malice {
	return []Malice{
		mild("piece: without body", Msg(MsgPiece)),
		mild("piece: 4 bytes", Msg(MsgPiece, Words(0))),
		mild("piece: 7 bytes", Msg(MsgPiece, make([]byte, 7))),
		mild("piece: without data", Msg(MsgPiece, Words(0, 0))),
		mild("piece: never requested", Msg(MsgPiece, Words(0, 0), make([]byte, Block))),
		fatal("piece: index that is none", Msg(MsgPiece, Words(uint32(s.Pieces), 0), make([]byte, Block))),
		fatal("piece: index 2^32-1", Msg(MsgPiece, Words(0xffffffff, 0), make([]byte, Block))),
		fatal("piece: offset 2^32-1", Msg(MsgPiece, Words(0, 0xffffffff), make([]byte, Block))),
		fatal("piece: over the end", Msg(MsgPiece, Words(uint32(s.Pieces-1), uint32(s.PieceLen-1)), make([]byte, Block))),
		fatal("piece: 512 KiB", Msg(MsgPiece, Words(0, 0), make([]byte, 512<<10))),
		fatal("piece: 64 MiB promised", Header(64<<20, MsgPiece), Words(0, 0)),
	}
}
