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

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

var update = flag.Bool("update", false, "rewrite testdata/btt_bid.json")

// vectors is testdata/btt_bid.json, the vectors of docs/bep-btt-bid.md.
type vectors struct {
	Comment   []string        `json:"comment"`
	Messages  []messageVector `json:"messages"`
	Lenient   []lenientVector `json:"lenient"`
	Hashes    []hashVector    `json:"hashes"`
	Session   session         `json:"session"`
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

// session is what the signatures of the dialogue are made with.
type session struct {
	InfoHash  string `json:"infohash"`
	Chain     int64  `json:"chain"`
	Escrow    string `json:"escrow"`
	Requester string `json:"requester_key"` // private keys, good for nothing else
	Provider  string `json:"provider_key"`
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
		f := map[string]any{"t": 0, "v": m.Version, "n": x(m.Nonce[:]), "a": x(m.Account[:]), "i": list, "r": int(m.Roles)}
		if m.Features != 0 {
			f["f"] = int(m.Features)
		}
		return f
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
		f := map[string]any{"t": 8, "x": x(m.Tx[:]), "c": m.Amount}
		if m.Off != 0 {
			f["o"] = m.Off
		}
		return f
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
	case Netted:
		return map[string]any{"t": 13, "k": m.Number, "n": m.Total, "p": m.Proposed}
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

// build computes the vectors from this package.
func build(t *testing.T) vectors {
	t.Helper()
	v := vectors{Comment: []string{
		"Vectors of btt_bid, draft 1 (docs/bep-btt-bid.md). Payloads in hexadecimal; amounts in µBTT, prices in µBTT per MiB.",
		"messages: a dictionary and its only encoding. lenient: read as the payload in same. hashes: SHA-256 of first and second.",
		"session, dialogue: what signatures are made with, and the messages in order; charged is the sum that is due after the step. malformed: the code of the err that answers.",
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
		{"unknown features", strings.Replace(string(text), "1:ile", "1:fi254e1:ile", 1)},
		{"no features", strings.Replace(string(text), "1:ile", "1:fi0e1:ile", 1)},
	} {
		v.Lenient = append(v.Lenient, lenientVector{l.name, hex.EncodeToString([]byte(l.payload)), encode(t, hello)})
	}
	a, b := [16]byte(pattern(16, 0)), [16]byte(pattern(16, 0x80))
	block := bytes.Repeat([]byte{0x5a}, 16<<10)
	sum, proof := voucher.Nonces(a, b), ProofHash(a, block)
	v.Hashes = []hashVector{
		{"nonces", hex.EncodeToString(a[:]), hex.EncodeToString(b[:]), hex.EncodeToString(sum[:])},
		{"proof", hex.EncodeToString(a[:]), hex.EncodeToString(block), hex.EncodeToString(proof[:])},
	}
	v.Session = session{
		InfoHash: hex.EncodeToString(pattern(20, 0xc0)), Chain: 0x2b6653dc, Escrow: hex.EncodeToString(pattern(20, 0xa0)),
		Requester: hex.EncodeToString(pattern(32, 1)), Provider: hex.EncodeToString(pattern(32, 0x41)),
	}
	v.Dialogue = dialogue(t, v.Session)
	for _, m := range malformed() {
		code, ends := CodeOf(m.err)
		v.Malformed = append(v.Malformed, badVector{m.name, hex.EncodeToString([]byte(m.payload)), code, ends})
	}
	return v
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
	if len(seen) != int(types)-1 || seen[typeNone] {
		t.Errorf("%d of %d types", len(seen), types-1)
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
