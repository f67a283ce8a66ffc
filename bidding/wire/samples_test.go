package wire

import (
	"strings"
	"time"
)

func pattern(n int, from byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = from + byte(i)
	}
	return b
}

// samples has at least one message of every type, with every field set, and the
// bounds of the fields.
func samples() []Message {
	nonce, account := [16]byte(pattern(16, 0x10)), [20]byte(pattern(20, 0x40))
	escrow, signature, hash := [20]byte(pattern(20, 0xa0)), [65]byte(pattern(65, 0x80)), [32]byte(pattern(32, 0x60))
	const most = 1<<63 - 1
	return []Message{
		Hello{Version: 1, Nonce: nonce, Account: account, Roles: Requester | Provider, Instruments: []Instrument{
			{Kind: Voucher, Chain: 728126428, Escrow: escrow}, {Kind: Direct, Chain: 728126428},
		}},
		Hello{Version: 1, Nonce: nonce, Account: account, Roles: Provider},
		Auth{Signature: signature},
		Bid{Price: 3_906_250, Demand: 4 << 20, Most: 500_000_000},
		Bid{},
		Bid{Price: most, Demand: most, Most: most},
		Quote{
			Price: 2_500_000, Rate: 1 << 20, Number: 3, Window: 4 << 20, Prepay: 1 << 18, Increment: 1000,
			Served: 7_340_032, Held: 17_500_000,
		},
		Pay{Cumulative: 17_500_001, Signature: signature, Verified: 7_340_033},
		Ack{Cumulative: 17_500_001},
		Need{Cumulative: 20_000_000, Grace: 5 * time.Second},
		Stop{Reason: Done},
		Stop{Reason: Price},
		Stop{Reason: BadVoucher},
		Stop{Reason: Insolvent},
		Stop{Reason: Limit},
		Stop{Reason: BadData},
		Stop{Reason: Protocol},
		Settled{Tx: hash, Amount: 2_000_000_000},
		Settled{Tx: hash, Amount: 2_000_000_000, Off: 1_500_000_000},
		Err{Code: CodeType, Text: "type 12"},
		Err{Code: CodeKey, Text: strings.Repeat("µ", MaxText/2)},
		Reserve{Price: 1_000_000},
		Reserve{Price: 1_000_000, Challenge: &Challenge{Piece: 41, Begin: 16384, Nonce: nonce}},
		Proof{Piece: 41, Begin: 16384, Hash: hash},
		Hello{Version: 1, Nonce: nonce, Account: account, Roles: Requester | Provider, Features: NetsDues},
		Netted{Proposed: 2_500_000},
		Netted{Number: 1, Proposed: 2_500_000},
		Netted{Number: 8, Total: 17_500_000, Proposed: 17_500_000},
		Netted{Number: most, Total: most, Proposed: most},
	}
}

// malformed has every class of faults: what a payload may be wrong in.
func malformed() []struct {
	name, payload string
	err           error
} {
	fit := strings.Repeat("x", MaxPayload-len("d1:ci1e1:ti5e1:z2036:e"))
	return []struct {
		name, payload string
		err           error
	}{
		{"a byte too long", "d1:ci1e1:ti5e1:z2037:" + strings.Repeat("x", 2037) + "e", ErrLong},
		{"as long as can be, cut off", "d1:ci1e1:ti5e1:z2036:" + fit, ErrSyntax},
		{"empty", "", ErrSyntax},
		{"no dictionary: integer", "i0e", ErrSyntax},
		{"no dictionary: list", "l1:ti0ee", ErrSyntax},
		{"no bencode", "hello", ErrSyntax},
		{"end missing", "d1:ci1e1:ti5e", ErrSyntax},
		{"bytes after the end", "d1:ci1e1:ti5ee0:", ErrSyntax},
		{"keys out of order", "d1:ti5e1:ci1ee", ErrSyntax},
		{"key twice", "d1:ci1e1:ci1e1:ti5ee", ErrSyntax},
		{"key that is no string", "di1ei1e1:ti5ee", ErrSyntax},
		{"negative integer", "d1:ci-1e1:ti5ee", ErrSyntax},
		{"negative zero", "d1:ci-0e1:ti5ee", ErrSyntax},
		{"leading zero", "d1:ci01e1:ti5ee", ErrSyntax},
		{"plus sign", "d1:ci+1e1:ti5ee", ErrSyntax},
		{"no digits", "d1:cie1:ti5ee", ErrSyntax},
		{"64 bits", "d1:ci9223372036854775808e1:ti5ee", ErrSyntax},
		{"integer without end", "d1:ci1", ErrSyntax},
		{"length with leading zero", "d01:ci1e1:ti5ee", ErrSyntax},
		{"string longer than the rest", "d1:ci1e1:ti5e1:z99:xe", ErrSyntax},
		{"length of 63 bits", "d1:ci1e1:ti5e1:z9223372036854775807:xe", ErrSyntax},
		{"nested too deep", "d1:ci1e1:ti5e1:zlllllllleeeeeeeee", ErrSyntax},
		{"type missing", "d1:ci1ee", ErrKey},
		{"type that is a string", "d1:ci1e1:t1:5e", ErrKey},
		{"type unknown", "d1:ti12ee", ErrType},
		{"key missing", "d1:ti5ee", ErrKey},
		{"string for an integer", "d1:c1:11:ti5ee", ErrKey},
		{"integer for a string", "d1:si1e1:ti1ee", ErrKey},
		{"signature of 64 bytes", "d1:s64:" + strings.Repeat("s", 64) + "1:ti1ee", ErrKey},
		{"nonce of 15 bytes", "d1:a20:aaaaaaaaaaaaaaaaaaaa1:ile1:n15:nnnnnnnnnnnnnnn1:ri1e1:ti0e1:vi1ee", ErrKey},
		{"version 0", "d1:a20:aaaaaaaaaaaaaaaaaaaa1:ile1:n16:nnnnnnnnnnnnnnnn1:ri1e1:ti0e1:vi0ee", ErrKey},
		{"instruments that are no list", "d1:a20:aaaaaaaaaaaaaaaaaaaa1:ide1:n16:nnnnnnnnnnnnnnnn1:ri1e1:ti0e1:vi1ee", ErrKey},
		{"nine instruments", "d1:a20:aaaaaaaaaaaaaaaaaaaa1:il" + strings.Repeat("d1:k1:xe", 9) + "e1:n16:nnnnnnnnnnnnnnnn1:ri1e1:ti0e1:vi1ee", ErrKey},
		{"instrument without a kind", "d1:a20:aaaaaaaaaaaaaaaaaaaa1:ildee1:n16:nnnnnnnnnnnnnnnn1:ri1e1:ti0e1:vi1ee", ErrKey},
		{"instrument without an escrow", "d1:a20:aaaaaaaaaaaaaaaaaaaa1:ild1:ci1e1:k7:voucheree1:n16:nnnnnnnnnnnnnnnn1:ri1e1:ti0e1:vi1ee", ErrKey},
		{"quote number 0", "d1:ci0e1:di0e1:gi0e1:ki0e1:pi0e1:qi0e1:ti3e1:wi0e1:yi0ee", ErrKey},
		{"grace of more than ten minutes", "d1:ci0e1:di600001e1:ti6ee", ErrKey},
		{"reason of more than a byte", "d1:ri256e1:ti7ee", ErrKey},
		{"text of 121 bytes", "d1:m121:" + strings.Repeat("m", 121) + "1:ri1e1:ti9ee", ErrKey},
		{"text that is not UTF-8", "d1:m2:\xff\xfe1:ri1e1:ti9ee", ErrKey},
		{"challenge without a nonce", "d1:bi0e1:ii0e1:pi0e1:ti10ee", ErrKey},
		{"challenge without a piece", "d1:bi0e1:n16:nnnnnnnnnnnnnnnn1:pi0e1:ti10ee", ErrKey},
		{"proposed below what is set off", "d1:ki1e1:ni2e1:pi1e1:ti13ee", ErrKey},
		{"proposal without a total", "d1:ki1e1:pi1e1:ti13ee", ErrKey},
		{"features that are a string", "d1:a20:aaaaaaaaaaaaaaaaaaaa1:f1:11:ile1:n16:nnnnnnnnnnnnnnnn1:ri1e1:ti0e1:vi1ee", ErrKey},
		{"piece of more than 32 bits", "d1:bi0e1:h32:hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh1:ii4294967296e1:ti11ee", ErrKey},
	}
}
