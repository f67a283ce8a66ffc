package lab

import (
	"fmt"
	"strings"
)

func badFast(s Shape) []Malice {
	none := Words(uint32(s.Pieces))
	list := []Malice{
		fatal("have all: with body", Msg(MsgHaveAll, []byte{1})),
		fatal("have none: with body", Msg(MsgHaveNone, []byte{1})),
		mild("have all: then have none", Msg(MsgHaveAll), Msg(MsgHaveNone)),
		mild("have all: then a bitfield", Msg(MsgHaveAll), Msg(MsgBitfield, make([]byte, (s.Pieces+7)/8))),
		fatal("reject: 8 bytes", Msg(MsgReject, Words(0, 0))),
		mild("reject: never requested", Msg(MsgReject, Words(0, 0, Block))),
		mild("reject: index that is none", Msg(MsgReject, none, Words(0, Block))),
		mild("reject: everything 2^32-1", Msg(MsgReject, Words(0xffffffff, 0xffffffff, 0xffffffff))),
	}
	for _, id := range []byte{MsgSuggest, MsgAllowedFast} {
		name := map[byte]string{MsgSuggest: "suggest", MsgAllowedFast: "allowed fast"}[id]
		list = append(list,
			fatal(name+": without index", Msg(id)),
			fatal(name+": 8 bytes", Msg(id, Words(0, 0))),
			mild(name+": index that is none", Msg(id, none)),
			mild(name+": index 2^32-1", Msg(id, Words(0xffffffff))))
	}
	return list
}

func badExtended() []Malice {
	list := []Malice{
		fatal("extended: without id", Msg(MsgExtended)),
		mild("extended: id never offered", Ext(99, "d1:ai1ee")),
		mild("extended: id 255 with 100 KiB", Ext(255, strings.Repeat("x", 100<<10))),
	}
	for _, h := range []struct{ name, body string }{
		{"empty", ""},
		{"no bencode", "hello, world"},
		{"cut short", "d1:md11:ut_metadatai2e"},
		{"a list", "l1:ae"},
		{"a number", "i5e"},
		{"garbage behind", "d1:mdee" + strings.Repeat("z", 64)},
		{"string longer than the message", "d1:v999999999:xe"},
		{"string length beyond 64 bits", "d1:v99999999999999999999999:xe"},
		{"negative string length", "d1:v-5:xe"},
		{"number without end", "d4:reqqi" + strings.Repeat("9", 4000)},
		{"number beyond 64 bits", "d4:reqqi99999999999999999999999999e1:v1:xe"},
		{"number with a leading zero", "d4:reqqi007ee"},
		{"number is minus zero", "d4:reqqi-0ee"},
		{"keys out of order", "d1:v1:x1:mdee"},
		{"the same key twice", "d1:mde1:mdee"},
		{"key that is no string", "di1ei2ee"},
		{"nested 50,000 deep", "d1:m" + strings.Repeat("l", 50_000) + strings.Repeat("e", 50_000) + "e"},
		{"dictionaries nested without end", strings.Repeat("d1:m", 50_000)},
		{"m is a list", "d1:mlee"},
		{"m is a number", "d1:mi1ee"},
		{"m holds strings", "d1:md11:ut_metadata1:2ee"},
		{"id -1", "d1:md11:ut_metadatai-1eee"},
		{"id 256", "d1:md11:ut_metadatai256eee"},
		{"id 2^40", "d1:md11:ut_metadatai1099511627776eee"},
		{"the same id for two", "d1:md11:ut_metadatai2e6:ut_pexi2eee"},
		{"ten thousand extensions", "d1:md" + numbered(10_000) + "ee"},
		{"metadata_size 0", "d13:metadata_sizei0ee"},
		{"metadata_size -1", "d13:metadata_sizei-1ee"},
		{"metadata_size 2^31", "d13:metadata_sizei2147483648ee"},
		{"metadata_size 2^63-1", "d13:metadata_sizei9223372036854775807ee"},
		{"metadata_size a string", "d13:metadata_size3:abce"},
		{"reqq -1", "d4:reqqi-1ee"},
		{"reqq 0", "d4:reqqi0ee"},
		{"p 70000", "d1:pi70000ee"},
		{"p -1", "d1:pi-1ee"},
		{"v of 200 KiB", "d1:v204800:" + strings.Repeat("v", 204800) + "e"},
		{"v not UTF-8", "d1:v4:\xff\xfe\x00\ae"},
		{"v a list", "d1:vlee"},
		{"yourip of 3 bytes", "d6:yourip3:abce"},
		{"ipv6 of 4 bytes", "d4:ipv64:abcde"},
	} {
		list = append(list, mild("extended handshake: "+h.name, Ext(0, h.body)))
	}
	return list
}

// numbered is n sorted keys with ids.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "8:x_%06di%de", i, i%255+1)
	}
	return b.String()
}

// to makes an entry that is sent to an extension of the other end.
func to(ext, name string, deadly bool, payload string) Malice {
	return Malice{Name: ext + ": " + name, Fatal: deadly, Bytes: func(ids map[string]byte) []byte {
		return Ext(ids[ext], payload)
	}}
}

func badMetadata(s Shape) []Malice {
	pieces := (s.Metadata + Block - 1) / Block
	list := []Malice{}
	for _, m := range []struct{ name, body string }{
		{"empty", ""},
		{"no bencode", "\x00\x01\x02"},
		{"without msg_type", "d5:piecei0ee"},
		{"without piece", "d8:msg_typei0ee"},
		{"msg_type -1", "d8:msg_typei-1e5:piecei0ee"},
		{"msg_type 3", "d8:msg_typei3e5:piecei0ee"},
		{"msg_type 256", "d8:msg_typei256e5:piecei0ee"},
		{"msg_type a string", "d8:msg_type1:05:piecei0ee"},
		{"piece a string", "d8:msg_typei0e5:piece1:0e"},
		{"request of piece -1", "d8:msg_typei0e5:piecei-1ee"},
		{"request of piece -2^63", "d8:msg_typei0e5:piecei-9223372036854775808ee"},
		{"request of the first piece that is none", fmt.Sprintf("d8:msg_typei0e5:piecei%dee", pieces)},
		{"request of piece 2^31", "d8:msg_typei0e5:piecei2147483648ee"},
		{"request of piece 2^49, times 16 KiB wraps", "d8:msg_typei0e5:piecei562949953421312ee"},
		{"request of piece 2^63-1", "d8:msg_typei0e5:piecei9223372036854775807ee"},
		{"request with data behind", "d8:msg_typei0e5:piecei0ee" + strings.Repeat("x", Block)},
		{"data never asked for", "d8:msg_typei1e5:piecei0e10:total_sizei16384ee" + strings.Repeat("x", Block)},
		{"data of piece -1", "d8:msg_typei1e5:piecei-1e10:total_sizei16384ee" + strings.Repeat("x", Block)},
		{"data of piece 2^40", "d8:msg_typei1e5:piecei1099511627776e10:total_sizei16384ee" + strings.Repeat("x", Block)},
		{"data without data", "d8:msg_typei1e5:piecei0e10:total_sizei16384ee"},
		{"data with total_size -1", "d8:msg_typei1e5:piecei0e10:total_sizei-1ee" + strings.Repeat("x", Block)},
		{"data with total_size 2^40", "d8:msg_typei1e5:piecei0e10:total_sizei1099511627776ee" + strings.Repeat("x", Block)},
		{"data of 100 KiB", "d8:msg_typei1e5:piecei0e10:total_sizei16384ee" + strings.Repeat("x", 100<<10)},
		{"reject of piece -1", "d8:msg_typei2e5:piecei-1ee"},
		{"reject never asked for", "d8:msg_typei2e5:piecei0ee"},
		{"nested 50,000 deep", strings.Repeat("l", 50_000)},
	} {
		list = append(list, to("ut_metadata", m.name, false, m.body))
	}
	return list
}

func badPeerExchange() []Malice {
	list := []Malice{}
	for _, m := range []struct{ name, body string }{
		{"empty", ""},
		{"no bencode", "nonsense"},
		{"a list", "le"},
		{"added of 7 bytes", "d5:added7:abcdefge"},
		{"added a number", "d5:addedi6ee"},
		{"fewer flags than peers", "d5:added12:abcdefghijkl7:added.f1:\x00e"},
		{"more flags than peers", "d5:added6:abcdef7:added.f9:\x00\x00\x00\x00\x00\x00\x00\x00\x00e"},
		{"added6 of 6 bytes", "d6:added66:abcdefe"},
		{"dropped of 5 bytes", "d7:dropped5:abcdee"},
		{"ten thousand peers", "d5:added60000:" + strings.Repeat("\x7f\x00\x00\x01\x00\x01", 10_000) + "e"},
		{"peers of port 0", "d5:added6:\x7f\x00\x00\x01\x00\x00e"},
	} {
		list = append(list, to("ut_pex", m.name, false, m.body))
	}
	for _, m := range []struct{ name, body string }{
		{"empty", ""},
		{"of an unknown kind", "\x09\x00\x7f\x00\x00\x01\x1a\xe1"},
		{"address of an unknown family", "\x00\x07\x7f\x00\x00\x01\x1a\xe1"},
		{"cut short", "\x01\x00\x7f"},
		{"rendezvous with loopback port 0", "\x00\x00\x7f\x00\x00\x01\x00\x00"},
		{"connect to the sender itself", "\x01\x00\x7f\x00\x00\x01\x00\x01"},
		{"error without its code", "\x02\x00\x7f\x00\x00\x01\x1a\xe1"},
	} {
		list = append(list, to("ut_holepunch", m.name, false, m.body))
	}
	return list
}

// floods are correct frames, too many of them. Each is sent in bursts.
func floods(s Shape) []Malice {
	flood := func(name string, n int, frames ...[]byte) Malice {
		m := fixed("flood: "+name, false, frames)
		m.Repeat = n
		return m
	}
	burst := func(n int, frame []byte) []byte { return []byte(strings.Repeat(string(frame), n)) }
	request := func(i int) []byte { return Msg(MsgRequest, Words(uint32(i%s.Pieces), 0, Block)) }
	var many []byte
	for i := range 5000 {
		many = append(many, request(i)...)
	}
	meta := Malice{Name: "flood: 5,000 metadata requests", Repeat: 50, Bytes: func(ids map[string]byte) []byte {
		return burst(100, Ext(ids["ut_metadata"], "d8:msg_typei0e5:piecei0ee"))
	}}
	return []Malice{
		flood("200,000 keep-alives", 100, burst(2000, Words(0))),
		flood("100,000 haves of one piece", 100, burst(1000, Msg(MsgHave, Words(0)))),
		flood("20,000 changes of interest", 100, burst(100, append(Msg(MsgInterested), Msg(MsgNotInterested)...))),
		flood("20,000 chokes and unchokes", 100, burst(100, append(Msg(MsgChoke), Msg(MsgUnchoke)...))),
		flood("5,000 requests while choked", 1, Msg(MsgInterested), many),
		flood("50,000 cancels", 100, burst(500, Msg(MsgCancel, Words(0, 0, Block)))),
		flood("5,000 extended handshakes", 50, burst(100, ExtHandshake(s.Metadata))),
		flood("20,000 unknown messages", 100, burst(200, Msg(99, make([]byte, 50)))),
		flood("10,000 suggestions", 100, burst(100, Msg(MsgSuggest, Words(0)))),
		flood("20 MiB of blocks never asked for", 20, burst(64, Msg(MsgPiece, Words(0, 0), make([]byte, Block)))),
		meta,
	}
}
