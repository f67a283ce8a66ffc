package peerwire

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// known gives c a torrent of 20 pieces of 64 KiB whose last one is 1,000 bytes
// long.
func known(c Checker) *Checker {
	c.Shape = Shape{Pieces: 20, PieceSize: 64 << 10, MetadataSize: 40_000, PieceLength: func(i uint32) uint32 {
		if i == 19 {
			return 1000
		}
		return 64 << 10
	}}
	c.Ours = ExtensionIDs{Metadata: 1, Pex: 2, Holepunch: 3}
	return &c
}

func raw(id ID, body ...byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(1+len(body)))
	return append(append(b, byte(id)), body...)
}

func ext(id uint8, payload string) []byte { return AppendExtended(nil, id, []byte(payload)) }

func block(id ID, index, begin, length uint32) []byte {
	return AppendBlock(nil, id, Block{index, begin, length})
}

func piece(index, begin uint32, n int) []byte {
	b := AppendPieceHead(nil, Block{index, begin, uint32(n)})
	return append(b, make([]byte, n)...)
}

func hashes(id ID, index, length uint32, more int) []byte {
	body := make([]byte, 48+more)
	binary.BigEndian.PutUint32(body[36:], index)
	binary.BigEndian.PutUint32(body[40:], length)
	return raw(id, body...)
}

func data(piece, total string, n int) string {
	return "d8:msg_typei1e5:piecei" + piece + "e10:total_sizei" + total + "ee" + strings.Repeat("x", n)
}

// check runs a frame through c as link does.
func check(c *Checker, frame []byte) error {
	h, ok := Peek(frame)
	if !ok {
		return errors.New("no head")
	}
	if err := c.CheckHead(h); err != nil {
		return err
	}
	if h.KeepAlive() {
		return nil
	}
	return c.Check(h.ID, h.Body(frame))
}

// TestEveryMessage is the table of what is accepted and what is refused, with the
// reason, of a peer that speaks everything, for a torrent whose shape is known
// and from which we have asked blocks.
func TestEveryMessage(t *testing.T) {
	nested := strings.Repeat("l", 200) + strings.Repeat("e", 200)
	for name, c := range map[string]struct {
		frame []byte
		want  error
	}{
		"keep-alive":           {AppendKeepAlive(nil), nil},
		"too long":             {append(binary.BigEndian.AppendUint32(nil, MaxFrame+1), 20), ErrTooLong},
		"4 GiB":                {append(binary.BigEndian.AppendUint32(nil, 1<<32-1), 7), ErrTooLong},
		"unknown":              {raw(99), ErrUnknown},
		"unknown between BEPs": {raw(10), ErrUnknown},
		"choke":                {raw(Choke), nil},
		"choke with body":      {raw(Choke, 1), ErrLength},
		"unchoke with body":    {raw(Unchoke, 1, 2), ErrLength},
		"interested":           {raw(Interested), nil},
		"interested with body": {raw(Interested, 0), ErrLength},
		"uninterested, body":   {raw(NotInterested, 0), ErrLength},
		"have":                 {AppendIndex(nil, Have, 19), nil},
		"have, short":          {raw(Have, 0, 0, 0), ErrLength},
		"have, long":           {raw(Have, 0, 0, 0, 0, 0), ErrLength},
		"have, index":          {AppendIndex(nil, Have, 20), ErrIndex},
		"have, index max":      {AppendIndex(nil, Have, 1<<32-1), ErrIndex},
		"bitfield":             {raw(Bitfield, 0xff, 0xff, 0xf0), nil},
		"bitfield, short":      {raw(Bitfield, 0xff, 0xff), ErrBitfield},
		"bitfield, long":       {raw(Bitfield, 0xff, 0xff, 0xf0, 0), ErrBitfield},
		"bitfield, empty":      {raw(Bitfield), ErrLength},
		"bitfield, spare":      {raw(Bitfield, 0xff, 0xff, 0xf8), ErrSpareBits},
		"request":              {block(Request, 19, 0, 1000), nil},
		"request, short":       {raw(Request, make([]byte, 11)...), ErrLength},
		"request, long":        {raw(Request, make([]byte, 13)...), ErrLength},
		"request, index":       {block(Request, 20, 0, 16384), ErrIndex},
		"request, offset":      {block(Request, 0, 64<<10, 1), ErrRange},
		"request, end":         {block(Request, 19, 0, 1001), ErrRange},
		"request, wraps":       {block(Request, 0, 1<<32-1, 2), ErrRange},
		"request, nothing":     {block(Request, 0, 0, 0), ErrRange},
		"request, 128 KiB + 1": {block(Request, 0, 0, MaxBlock+1), ErrRange},
		"request, huge":        {block(Request, 0, 0, 1<<32-1), ErrRange},
		"piece":                {piece(0, 16384, 16384), nil},
		"piece, short":         {raw(Piece, make([]byte, 7)...), ErrLength},
		"piece, no data":       {raw(Piece, make([]byte, 8)...), ErrLength},
		"piece, index":         {piece(20, 0, 10), ErrIndex},
		"piece, end":           {piece(19, 0, 1001), ErrRange},
		"piece, wraps":         {piece(0, 1<<32-1, 16), ErrRange},
		"cancel":               {block(Cancel, 0, 0, 16384), nil},
		"cancel, short":        {raw(Cancel, make([]byte, 4)...), ErrLength},
		"cancel, index":        {block(Cancel, 77, 0, 16384), ErrIndex},
		"cancel, end":          {block(Cancel, 0, 60<<10, 16384), ErrRange},
		"port":                 {AppendPort(nil, 1), nil},
		"port, short":          {raw(Port, 1), ErrLength},
		"port, long":           {raw(Port, 1, 2, 3), ErrLength},
		"suggest":              {AppendIndex(nil, Suggest, 3), nil},
		"suggest, index":       {AppendIndex(nil, Suggest, 20), ErrIndex},
		"suggest, short":       {raw(Suggest, 1), ErrLength},
		"have all":             {raw(HaveAll), nil},
		"have all, body":       {raw(HaveAll, 1), ErrLength},
		"have none":            {raw(HaveNone), nil},
		"have none, body":      {raw(HaveNone, 1), ErrLength},
		"reject":               {block(Reject, 0, 0, 16384), nil},
		"reject, short":        {raw(Reject, 1), ErrLength},
		"reject, index":        {block(Reject, 1<<31, 0, 16384), ErrIndex},
		"reject, wraps":        {block(Reject, 0, 1<<32-16384, 16384), ErrRange},
		"allowed fast":         {AppendIndex(nil, AllowedFast, 0), nil},
		"allowed fast, index":  {AppendIndex(nil, AllowedFast, 1<<32-1), ErrIndex},
		"extended, no id":      {raw(Extended), ErrLength},
		"handshake":            {ext(0, "d1:md6:ut_pexi1ee4:reqqi500e1:v4:test13:metadata_sizei40000ee"), nil},
		"handshake, no dict":   {ext(0, "i1e"), ErrBencode},
		"handshake, empty":     {ext(0, ""), ErrBencode},
		"handshake, cut":       {ext(0, "d1:md6:ut_pexi1ee"), ErrBencode},
		"handshake, trailing":  {ext(0, "dee"), ErrBencode},
		"handshake, deep":      {ext(0, "d1:x"+nested+"e"), ErrBencode},
		"handshake, id 256":    {ext(0, "d1:md6:ut_pexi256eee"), ErrExtended},
		"handshake, id -1":     {ext(0, "d1:md6:ut_pexi-1eee"), ErrExtended},
		"handshake, m a list":  {ext(0, "d1:mlee"), ErrExtended},
		"handshake, size -1":   {ext(0, "d13:metadata_sizei-1ee"), ErrExtended},
		"handshake, size huge": {ext(0, "d13:metadata_sizei99999999999eee"), ErrExtended},
		"handshake, long int":  {ext(0, "d4:reqqi99999999999999999999999999ee"), ErrBencode},
		"handshake, string -1": {ext(0, "d-1:xe"), ErrBencode},
		"handshake, str huge":  {ext(0, "d9999999:xe"), ErrBencode},
		"unknown extension":    {ext(77, "anything"), nil},
		"metadata request":     {ext(1, "d8:msg_typei0e5:piecei2ee"), nil},
		"metadata, piece -1":   {ext(1, "d8:msg_typei0e5:piecei-1ee"), ErrMetadata},
		"metadata, piece 3":    {ext(1, "d8:msg_typei0e5:piecei3ee"), ErrMetadata},
		"metadata, no piece":   {ext(1, "d8:msg_typei0ee"), ErrMetadata},
		"metadata, garbage":    {ext(1, "x"), ErrBencode},
		"metadata, string":     {ext(1, "d8:msg_type1:0e"), ErrBencode},
		"metadata, kind 7":     {ext(1, "d8:msg_typei7e5:piecei-9ee"), nil}, // BEP 9: ignored
		"metadata data":        {ext(1, data("0", "40000", 16384)), nil},
		"metadata data, last":  {ext(1, data("2", "40000", 40000-32768)), nil},
		"metadata data, short": {ext(1, data("0", "40000", 16383)), ErrMetadata},
		"metadata data, long":  {ext(1, data("2", "40000", 16384)), ErrMetadata},
		"metadata data, total": {ext(1, data("0", "40001", 16384)), ErrMetadata},
		"metadata data, no":    {ext(1, data("0", "-5", 0)), ErrMetadata},
		"metadata data, past":  {ext(1, data("2", "100", 100)), ErrMetadata},
		"pex":                  {ext(2, "d5:added6:abcdef7:added.f1:x7:dropped0:e"), nil},
		"pex6":                 {ext(2, "d6:added618:abcdefabcdefabcdefe"), nil},
		"pex, odd":             {ext(2, "d5:added5:abcdee"), ErrPex},
		"pex6, odd":            {ext(2, "d6:added66:abcdefe"), ErrPex},
		"pex, flags":           {ext(2, "d7:added.f1:xe"), ErrPex},
		"pex, int":             {ext(2, "d5:addedi6ee"), ErrPex},
		"pex, many":            {ext(2, "d5:added6000:"+strings.Repeat("x", 6000)+"e"), ErrPex},
		"pex, garbage":         {ext(2, "d5:added"), ErrBencode},
		"holepunch":            {ext(3, "\x00\x00abcdpp\x00\x00\x00\x00"), nil},
		"holepunch, short":     {ext(3, "\x00\x00abcd"), ErrHolepunch},
		"holepunch, type":      {ext(3, "\x07\x00abcdpp\x00\x00\x00\x00"), ErrHolepunch},
		"holepunch, family":    {ext(3, "\x00\x01abcdpp\x00\x00\x00\x00"), ErrHolepunch},
		"holepunch, port 0":    {ext(3, "\x00\x00abcd\x00\x00\x00\x00\x00\x00"), ErrHolepunch},
		"hash request":         {hashes(HashRequest, 0, 512, 0), nil},
		"hash request, short":  {raw(HashRequest, 1), ErrLength},
		"hash request, many":   {hashes(HashRequest, 0, 1<<31, 0), ErrHashes},
		"hash request, wraps":  {hashes(HashRequest, 1<<32-1, 2, 0), ErrHashes},
		"hashes":               {hashes(Hashes, 0, 2, 64), nil},
		"hashes, odd":          {hashes(Hashes, 0, 2, 63), ErrHashes},
		"hash reject":          {hashes(HashReject, 0, 2, 0), nil},
		"hash reject, long":    {hashes(HashReject, 0, 2, 1), ErrLength},
	} {
		t.Run(name, func(t *testing.T) {
			err := check(known(Checker{Fast: true, Extended: true, Asked: true}), c.frame)
			if !errors.Is(err, c.want) || (c.want == nil && err != nil) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if fe := (*FrameError)(nil); err != nil && (!errors.As(err, &fe) || fe.Error() == "") {
				t.Errorf("%T %v does not name the frame", err, err)
			}
		})
	}
}

func TestBeforeTheMetadata(t *testing.T) {
	c := &Checker{Fast: true, Extended: true, Ours: ExtensionIDs{Metadata: 1}}
	for name, tc := range map[string]struct {
		frame []byte
		want  error
	}{
		"have":               {AppendIndex(nil, Have, 1000), nil},
		"have, absurd":       {AppendIndex(nil, Have, MaxPieces), ErrIndex},
		"bitfield":           {raw(Bitfield, 0xff), nil},
		"piece":              {piece(0, 0, 16384), ErrUnasked},
		"reject":             {block(Reject, 0, 0, 16384), ErrUnasked},
		"request":            {block(Request, 0, 0, 16384), nil},
		"metadata data":      {ext(1, data("0", "16777216", 16384)), nil},
		"metadata too large": {ext(1, data("0", "16777217", 16384)), ErrMetadata},
		"metadata piece":     {ext(1, "d8:msg_typei0e5:piecei1024ee"), ErrMetadata},
	} {
		if err := check(c, tc.frame); !errors.Is(err, tc.want) || (tc.want == nil && err != nil) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

func TestExtensionsHaveToBeNegotiated(t *testing.T) {
	c := known(Checker{Asked: true})
	for _, frame := range [][]byte{raw(HaveAll), raw(HaveNone), AppendIndex(nil, Suggest, 1), AppendIndex(nil, AllowedFast, 1), block(Reject, 0, 0, 1)} {
		if err := check(c, frame); !errors.Is(err, ErrNotFast) {
			t.Errorf("%v: %v", ID(frame[4]), err)
		}
	}
	if err := check(c, ext(0, "de")); !errors.Is(err, ErrNotExtended) {
		t.Errorf("extended: %v", err)
	}
}

func TestPaddedTorrentsTakeWholeBlocks(t *testing.T) {
	c := known(Checker{})
	c.Shape.Padded = true
	if err := check(c, block(Request, 19, 0, 16384)); err != nil {
		t.Errorf("a block that runs into padding: %v", err)
	}
	if err := check(c, block(Request, 19, 48<<10, 16385)); !errors.Is(err, ErrRange) {
		t.Errorf("a block that runs out of the padding: %v", err)
	}
}

func TestExtHandshakeIsRead(t *testing.T) {
	h, err := ParseExtHandshake([]byte("d1:ei0e1:md11:ut_metadatai3e6:ut_pexi0e12:ut_holepunchi9e5:otheri4ee13:metadata_sizei77e4:reqqi250e1:v7:te\x01st\xff!6:yourip4:abcde"))
	if err != nil {
		t.Fatal(err)
	}
	if h.Client != "te?st?!" || h.MetadataSize != 77 || h.Reqq != 250 || len(h.Extensions) != 4 {
		t.Errorf("%+v", h)
	}
	if ids := h.IDs(); ids != (ExtensionIDs{Metadata: 3, Holepunch: 9}) {
		t.Errorf("%+v", ids)
	}
	many := "d1:md"
	for i := range MaxExtensions + 1 {
		many += "3:" + string([]byte{'a' + byte(i/26), 'a' + byte(i%26), 'x'}) + "i1e"
	}
	if _, err := ParseExtHandshake([]byte(many + "ee")); !errors.Is(err, ErrExtended) {
		t.Errorf("too many names: %v", err)
	}
	if h, err := ParseExtHandshake([]byte("d1:v99:" + strings.Repeat("n", 99) + "e")); err != nil || len(h.Client) != maxClient {
		t.Errorf("long name: %d %v", len(h.Client), err)
	}
}

func TestReasonsAreReadable(t *testing.T) {
	err := check(known(Checker{}), block(Request, 25, 0, 16384))
	if got, want := err.Error(), "request: piece index out of range (index 25, limit 19)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := ID(99).String(); got != "message 99" {
		t.Errorf("%q", got)
	}
}
