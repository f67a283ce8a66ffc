package wire

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

var update = flag.Bool("update", false, "rewrite testdata/btt_bid.json")

// vectors is testdata/btt_bid.json, the vectors of docs/bep-btt-bid.md.
type vectors struct {
	Comment   []string        `json:"comment"`
	Messages  []messageVector `json:"messages"`
	Lenient   []lenientVector `json:"lenient"`
	Hashes    []hashVector    `json:"hashes"`
	Dialogue  []step          `json:"dialogue"`
	Malformed []badVector     `json:"malformed"`
}

// messageVector is a message and its only encoding.
type messageVector struct {
	Name    string         `json:"name"`
	Fields  map[string]any `json:"fields"` // numbers; texts; byte strings as "hex:…"; lists; dictionaries
	Payload string         `json:"payload"`
}

// lenientVector is a payload that is read as another, shorter one.
type lenientVector struct {
	Name    string `json:"name"`
	Payload string `json:"payload"`
	Same    string `json:"same"`
}

type hashVector struct {
	Name   string `json:"name"`
	First  string `json:"first"`
	Second string `json:"second"`
	Hash   string `json:"hash"`
}

// step is a message of the dialogue, or payload that is delivered.
type step struct {
	From    string     `json:"from"`
	Payload string     `json:"payload,omitempty"`
	Bytes   int64      `json:"bytes,omitempty"`   // payload delivered and verified
	Charged btt.Amount `json:"charged,omitempty"` // in all, after this step
	Comment string     `json:"comment"`
}

type badVector struct {
	Name    string `json:"name"`
	Payload string `json:"payload"`
	Code    Code   `json:"code"`
	Ends    bool   `json:"ends"`
}

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
		Err{Code: CodeType, Text: "type 12"},
		Err{Code: CodeKey, Text: strings.Repeat("µ", MaxText/2)},
		Reserve{Price: 1_000_000},
		Reserve{Price: 1_000_000, Challenge: &Challenge{Piece: 41, Begin: 16384, Nonce: nonce}},
		Proof{Piece: 41, Begin: 16384, Hash: hash},
	}
}

// fieldsOf writes out what the specification says of m, by hand and without the
// codec.
func fieldsOf(m Message) map[string]any {
	x := func(b []byte) string { return "hex:" + hex.EncodeToString(b) }
	switch m := m.(type) {
	case Hello:
		list := []any{}
		for _, i := range m.Instruments {
			list = append(list, map[string]any{"k": string(i.Kind), "c": i.Chain, "e": x(i.Escrow[:])})
		}
		return map[string]any{"t": 0, "v": m.Version, "n": x(m.Nonce[:]), "a": x(m.Account[:]), "i": list, "r": int(m.Roles)}
	case Auth:
		return map[string]any{"t": 1, "s": x(m.Signature[:])}
	case Bid:
		return map[string]any{"t": 2, "p": m.Price, "d": m.Demand, "m": m.Most}
	case Quote:
		return map[string]any{
			"t": 3, "p": m.Price, "d": m.Rate, "k": m.Number, "w": m.Window, "q": m.Prepay, "g": m.Increment, "y": m.Served, "c": m.Held,
		}
	case Pay:
		return map[string]any{"t": 4, "c": m.Cumulative, "s": x(m.Signature[:]), "b": m.Verified}
	case Ack:
		return map[string]any{"t": 5, "c": m.Cumulative}
	case Need:
		return map[string]any{"t": 6, "c": m.Cumulative, "d": m.Grace.Milliseconds()}
	case Stop:
		return map[string]any{"t": 7, "r": int(m.Reason)}
	case Settled:
		return map[string]any{"t": 8, "x": x(m.Tx[:]), "c": m.Amount}
	case Err:
		return map[string]any{"t": 9, "r": int(m.Code), "m": m.Text}
	case Reserve:
		f := map[string]any{"t": 10, "p": m.Price}
		if c := m.Challenge; c != nil {
			f["i"], f["b"], f["n"] = c.Piece, c.Begin, x(c.Nonce[:])
		}
		return f
	case Proof:
		return map[string]any{"t": 11, "i": m.Piece, "b": m.Begin, "h": x(m.Hash[:])}
	}
	return nil
}

// bencode writes decoded JSON, with "hex:…" for byte strings. It is the twin of
// the encoder.
func bencode(t *testing.T, v any) string {
	t.Helper()
	switch v := v.(type) {
	case json.Number:
		return "i" + v.String() + "e"
	case string:
		if h, ok := strings.CutPrefix(v, "hex:"); ok {
			b, err := hex.DecodeString(h)
			if err != nil {
				t.Fatal(err)
			}
			v = string(b)
		}
		return fmt.Sprintf("%d:%s", len(v), v)
	case []any:
		s := "l"
		for _, e := range v {
			s += bencode(t, e)
		}
		return s + "e"
	case map[string]any:
		var keys []string
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		s := "d"
		for _, k := range keys {
			s += bencode(t, k) + bencode(t, v[k])
		}
		return s + "e"
	}
	t.Fatalf("%T in the vectors", v)
	return ""
}

func encode(t *testing.T, m Message) string {
	t.Helper()
	b, err := Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
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
		{"piece of more than 32 bits", "d1:bi0e1:h32:hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh1:ii4294967296e1:ti11ee", ErrKey},
	}
}

// build computes the vectors from this package.
func build(t *testing.T) vectors {
	t.Helper()
	v := vectors{Comment: []string{
		"Vectors of btt_bid, draft 1 (docs/bep-btt-bid.md). Payloads in hexadecimal; amounts in µBTT, prices in µBTT per MiB.",
		"messages: a dictionary and its only encoding. lenient: read as the payload in same. hashes: SHA-256 of first and second.",
		"dialogue: in order; charged is the sum that is due after the step. malformed: the code of the err that answers.",
	}}
	for _, m := range samples() {
		v.Messages = append(v.Messages, messageVector{Name: m.Type().String(), Fields: fieldsOf(m), Payload: encode(t, m)})
	}
	hello := samples()[1]
	text, _ := hex.DecodeString(encode(t, hello))
	for _, l := range []struct{ name, payload string }{
		{"unknown keys", strings.Replace(strings.Replace(string(text), "1:r", "2:nbli1el0:d1:ai0eeee1:r", 1), "1:vi1e", "1:vi1e2:zz0:", 1)},
		{"unknown instrument", strings.Replace(string(text), "1:ile", "1:ild1:k9:lightning3:urli1eee", 1)},
		{"unknown roles", strings.Replace(string(text), "1:ri2e", "1:ri258e", 1)},
	} {
		v.Lenient = append(v.Lenient, lenientVector{l.name, hex.EncodeToString([]byte(l.payload)), encode(t, hello)})
	}
	a, b := [16]byte(pattern(16, 0)), [16]byte(pattern(16, 0x80))
	block := bytes.Repeat([]byte{0x5a}, 16<<10)
	sum, proof := Nonces(a, b), ProofHash(a, block)
	v.Hashes = []hashVector{
		{"nonces", hex.EncodeToString(a[:]), hex.EncodeToString(b[:]), hex.EncodeToString(sum[:])},
		{"proof", hex.EncodeToString(a[:]), hex.EncodeToString(block), hex.EncodeToString(proof[:])},
	}
	v.Dialogue = dialogue(t)
	for _, m := range malformed() {
		code, ends := CodeOf(m.err)
		v.Malformed = append(v.Malformed, badVector{m.name, hex.EncodeToString([]byte(m.payload)), code, ends})
	}
	return v
}

// dialogue is one session in which the price changes twice, with vouchers, a need
// and a stop. The charge is computed from the definition.
func dialogue(t *testing.T) []step {
	t.Helper()
	var steps []step
	say := func(from string, m Message, comment string) {
		steps = append(steps, step{From: from, Payload: encode(t, m), Comment: comment})
	}
	var before btt.Amount // charged under earlier quotes
	var price btt.Rate
	var under, total int64 // bytes under this quote, in all
	charged := func() btt.Amount {
		ceil := (int64(price)*under + 1<<20 - 1) >> 20
		return before + btt.Amount(ceil)
	}
	deliver := func(n int64, comment string) {
		under, total = under+n, total+n
		steps = append(steps, step{From: "provider", Bytes: n, Charged: charged(), Comment: comment})
	}
	number := int64(0)
	var held btt.Amount
	quote := func(p btt.Rate, comment string) {
		before, under, price = charged(), 0, p
		number++
		say("provider", Quote{
			Price: p, Rate: 1 << 20, Number: number, Window: 4 << 20, Increment: 1, Served: total, Held: held,
		}, comment)
	}
	pay := func(comment string) {
		held = charged()
		say("requester", Pay{Cumulative: held, Signature: [65]byte(pattern(65, byte(number))), Verified: total}, comment)
		say("provider", Ack{Cumulative: held}, "kept")
	}
	const dialled, answered = 0x10, 0x50
	say("requester", Hello{
		Version: 1, Nonce: [16]byte(pattern(16, dialled)), Account: [20]byte(pattern(20, 1)), Roles: Requester,
		Instruments: []Instrument{{Kind: Voucher, Chain: 1, Escrow: [20]byte(pattern(20, 0xa0))}},
	}, "the requester dialled")
	say("provider", Hello{
		Version: 1, Nonce: [16]byte(pattern(16, answered)), Account: [20]byte(pattern(20, 2)), Roles: Provider,
		Instruments: []Instrument{{Kind: Voucher, Chain: 1, Escrow: [20]byte(pattern(20, 0xa0))}},
	}, "an instrument in common")
	say("requester", Auth{Signature: [65]byte(pattern(65, 0x11))}, "signatures are samples: what is signed is in the specification")
	say("provider", Auth{Signature: [65]byte(pattern(65, 0x22))}, "")
	say("provider", Reserve{Price: 1_000_000}, "the least that this torrent takes")
	say("requester", Bid{Price: 3_000_001, Demand: 2 << 20, Most: 100_000_000}, "")
	quote(1_000_000, "a lone bidder pays the reserve; the requester's next request accepts")
	deliver(1<<20+1, "rounded up: one byte more than a MiB")
	deliver(100, "the rounding is on the sum of the quote, not on each block")
	pay("")
	quote(2_500_001, "first change: a rival has come; y is the first byte at this price")
	deliver(1<<19+7, "")
	say("provider", Need{Cumulative: charged(), Grace: 5 * time.Second}, "the window is nearly used up")
	pay("in time")
	quote(1_234_567, "second change: the rival has left")
	deliver(3<<20, "")
	pay("")
	say("requester", Bid{}, "it needs nothing more from here")
	say("requester", Stop{Reason: Done}, "")
	return steps
}

func read(t *testing.T) vectors {
	t.Helper()
	b, err := os.ReadFile("testdata/btt_bid.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestVectors: the published vectors are those of this package.
func TestVectors(t *testing.T) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetIndent("", "\t")
	e.SetEscapeHTML(false)
	if err := e.Encode(build(t)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/btt_bid.json", out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile("testdata/btt_bid.json"); err != nil || !bytes.Equal(b, out.Bytes()) {
		t.Errorf("testdata/btt_bid.json is not what -update writes: %v", err)
	}
}

// TestPublished holds the published vectors against the twin of the encoder and
// against Decode, as a second implementation would.
func TestPublished(t *testing.T) {
	v := read(t)
	seen := map[Type]bool{}
	for _, m := range v.Messages {
		b, err := hex.DecodeString(m.Payload)
		if err != nil {
			t.Fatal(err)
		}
		if want := bencode(t, m.Fields); want != string(b) {
			t.Errorf("%s: %q, by the twin %q", m.Name, b, want)
		}
		got, err := Decode(b)
		if err != nil || got.Type().String() != m.Name {
			t.Errorf("%s: %v, %v", m.Name, got, err)
			continue
		}
		seen[got.Type()] = true
	}
	if len(seen) != int(types) {
		t.Errorf("%d of %d types", len(seen), types)
	}
	for _, l := range v.Lenient {
		b, _ := hex.DecodeString(l.Payload)
		m, err := Decode(b)
		if err != nil || encode(t, m) != l.Same || l.Payload == l.Same {
			t.Errorf("%s: %v, %v", l.Name, m, err)
		}
	}
	quotes := map[btt.Rate]bool{}
	for _, s := range v.Dialogue {
		if s.Payload == "" {
			continue
		}
		b, _ := hex.DecodeString(s.Payload)
		m, err := Decode(b)
		if err != nil {
			t.Errorf("%s: %v", s.Comment, err)
		}
		if q, ok := m.(Quote); ok {
			quotes[q.Price] = true
		}
	}
	if len(quotes) != 3 {
		t.Errorf("%d prices in the dialogue", len(quotes))
	}
	codes := map[Code]bool{}
	for _, m := range v.Malformed {
		b, _ := hex.DecodeString(m.Payload)
		got, err := Decode(b)
		if code, ends := CodeOf(err); got != nil || code != m.Code || ends != m.Ends {
			t.Errorf("%s: %v, %v: code %d", m.Name, got, err, code)
		}
		codes[m.Code] = true
	}
	if len(codes) != 4 {
		t.Errorf("codes %v", codes)
	}
}

// TestDialogueCharge adds the charges of the dialogue up from the definition: for
// each quote, its price times its bytes, rounded up once.
func TestDialogueCharge(t *testing.T) {
	var sum btt.Amount
	var price btt.Rate
	var bytes, served int64
	for _, s := range read(t).Dialogue {
		if s.Bytes > 0 {
			bytes, served = bytes+s.Bytes, served+s.Bytes
			if due, err := price.Cost(bytes); err != nil || sum+due != s.Charged {
				t.Errorf("%s: %v, want %v", s.Comment, sum+due, s.Charged)
			}
			continue
		}
		b, _ := hex.DecodeString(s.Payload)
		m, err := Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if q, ok := m.(Quote); ok {
			due, err := price.Cost(bytes)
			if err != nil || q.Served != served {
				t.Errorf("%s: first byte %d, want %d", s.Comment, q.Served, served)
			}
			sum, price, bytes = sum+due, q.Price, 0
		}
	}
}

// TestMalformed: each class has its error.
func TestMalformed(t *testing.T) {
	for _, m := range malformed() {
		got, err := Decode([]byte(m.payload))
		if got != nil || !errors.Is(err, m.err) {
			t.Errorf("%s: %v, %v; want %v", m.name, got, err, m.err)
		}
	}
	if m, err := Decode([]byte("d1:ci1e1:ti5e1:z2026:" + strings.Repeat("x", 2026) + "e")); err != nil || m != (Ack{Cumulative: 1}) {
		t.Errorf("%d bytes: %v, %v", MaxPayload, m, err)
	}
}
