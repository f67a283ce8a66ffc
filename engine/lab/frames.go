package lab

import (
	"encoding/binary"
	"strconv"
)

// The message ids of BEP 3, 5, 6, 10 and 52. They and the builders below are
// written from the BEPs and share nothing with engine/peerwire, so that one
// checks the other.
const (
	MsgChoke         = 0
	MsgUnchoke       = 1
	MsgInterested    = 2
	MsgNotInterested = 3
	MsgHave          = 4
	MsgBitfield      = 5
	MsgRequest       = 6
	MsgPiece         = 7
	MsgCancel        = 8
	MsgPort          = 9
	MsgSuggest       = 13
	MsgHaveAll       = 14
	MsgHaveNone      = 15
	MsgReject        = 16
	MsgAllowedFast   = 17
	MsgExtended      = 20
	MsgHashRequest   = 21
	MsgHashes        = 22
	MsgHashReject    = 23
)

// Block is the size of the blocks that everybody asks for.
const Block = 16 << 10

// Msg is a frame: length, id and the parts of its body.
func Msg(id byte, body ...[]byte) []byte {
	b := []byte{0, 0, 0, 0, id}
	for _, p := range body {
		b = append(b, p...)
	}
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

// Words are 32-bit numbers in network order.
func Words(n ...uint32) []byte {
	var b []byte
	for _, v := range n {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}

// Header is a length that promises a body which need not follow, and an id.
func Header(length uint32, id byte) []byte { return append(Words(length), id) }

// Ext is an extended message (BEP 10).
func Ext(id byte, payload string) []byte { return Msg(MsgExtended, []byte{id}, []byte(payload)) }

// The ids that ExtHandshake offers.
const (
	OurPEX       = 1
	OurMetadata  = 2
	OurHolepunch = 3
)

// ExtHandshake is an extended handshake that offers ut_pex, ut_metadata and
// ut_holepunch. size is the metadata_size; 0 = not said.
func ExtHandshake(size int) []byte {
	s := ""
	if size > 0 {
		s = "13:metadata_sizei" + strconv.Itoa(size) + "e"
	}
	return Ext(0, "d1:md12:ut_holepunchi3e11:ut_metadatai2e6:ut_pexi1ee"+s+"4:reqqi500e1:v8:lab peere")
}

// Reserved are the eight bytes of the handshake that tell extensions.
func Reserved(extended, fast, dht bool) (b [8]byte) {
	if extended {
		b[5] |= 0x10
	}
	if fast {
		b[7] |= 0x04
	}
	if dht {
		b[7] |= 0x01
	}
	return b
}
