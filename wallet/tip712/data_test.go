package tip712

import (
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

// cases are tronweb's own, see testdata/NOTICE.
func cases(tb testing.TB) (all []struct {
	Data
	Value   map[string]any `json:"data"`
	Name    string
	Encoded string
	Want    string `json:"digest"`
},
) {
	tb.Helper()
	f, err := os.Open("testdata/eip712.json.gz")
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	d := json.NewDecoder(z)
	d.UseNumber()
	if err := d.Decode(&all); err != nil {
		tb.Fatal(err)
	}
	for i := range all {
		all[i].Message = all[i].Value
	}
	return all
}

func TestTronweb(t *testing.T) {
	all := cases(t)
	if len(all) != 1025 {
		t.Fatalf("%d cases, want 1,025", len(all))
	}
	for _, c := range all {
		data, err := c.encode()
		if got := "0x" + hex.EncodeToString(data); err != nil || got != c.Encoded {
			t.Errorf("%s: encoded %s, %v; want %s", c.Name, got, err, c.Encoded)
		}
		w, err := c.Digest()
		if got := "0x" + hex.EncodeToString(w[:]); err != nil || got != c.Want {
			t.Errorf("%s: digest %s, %v; want %s", c.Name, got, err, c.Want)
		}
	}
}

// trcToken is the case of tronweb's test/utils/typedData.test.ts.
const trcToken = `{
"types": {
	"FromPerson": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}, {"name": "trcTokenId", "type": "trcToken"}],
	"ToPerson": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}, {"name": "trcTokenArr", "type": "trcToken[]"}],
	"Mail": [{"name": "from", "type": "FromPerson"}, {"name": "to", "type": "ToPerson"}, {"name": "contents", "type": "string"},
		{"name": "tAddr", "type": "address[]"}, {"name": "trcTokenId", "type": "trcToken"}, {"name": "trcTokenArr", "type": "trcToken[]"}]
},
"primaryType": "Mail",
"domain": {"name": "TrcToken Test", "version": "1", "chainId": "0xd698d4192c56cb6be724a558448e2684802de4d6cd8690dc",
	"verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
"message": {
	"from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826", "trcTokenId": "1002000"},
	"to": {"name": "Bob", "wallet": "0x41bBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB", "trcTokenArr": ["1002000", 1002000]},
	"contents": "Hello, Bob!",
	"tAddr": ["0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB", "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"],
	"trcTokenId": "1002000", "trcTokenArr": ["1002000", "1002000"]}}`

func parse(tb testing.TB, text string) (d Data) {
	tb.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&d); err != nil {
		tb.Fatal(err)
	}
	return d
}

func TestTrcToken(t *testing.T) {
	w, err := parse(t, trcToken).Digest()
	if got := hex.EncodeToString(w[:]); err != nil || got != "15a2ddfbd93ad048b6c1391659543b5e0dd5799cde747e219cbb07c2c3badd09" {
		t.Errorf("%s, %v", got, err)
	}
}

// mail is the example of EIP-712 itself.
const mail = `{
"types": {
	"Person": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}],
	"Mail": [{"name": "from", "type": "Person"}, {"name": "to", "type": "Person"}, {"name": "contents", "type": "string"}]
},
"primaryType": "Mail",
"domain": {"name": "Ether Mail", "version": "1", "chainId": 1, "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
"message": {
	"from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
	"to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
	"contents": "Hello, Bob!"
}}`

func TestMail(t *testing.T) {
	d := parse(t, mail)
	check := func(what string, w Word, err error, want string) {
		t.Helper()
		if got := hex.EncodeToString(w[:]); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", what, got, err, want)
		}
	}
	w, err := encoder(d.Types).typeHash("Mail")
	check("type", w, err, "a0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2")
	check("type, written out", TypeHash("Mail(Person from,Person to,string contents)Person(string name,address wallet)"), nil,
		"a0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2")
	w, err = d.separator()
	check("domain", w, err, "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f")
	data, err := d.encode()
	check("message", Keccak256(data), err, "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e")
	w, err = d.Digest()
	check("digest", w, err, "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2")
}

// TestBinding: whatever is changed, the digest is another.
func TestBinding(t *testing.T) {
	seen := map[Word]string{}
	for _, change := range []string{
		``, `Hello→hello`, `"Cow"→"Cow "`, `"contents"→"content"`, `"Mail"→"Letter"`, `"Person"→"Human"`,
		`"chainId": 1→"chainId": 2`, `"chainId": 1, →`, `"version": "1"→"version": "2"`, `"Ether Mail"→"Other Mail"`, `ccccccC"}→ccccccD"}`,
		`"verifyingContract"→"salt": "0x` + strings.Repeat("00", 32) + `", "verifyingContract"`, `"version": "1", →`, `DD826→DD827`,
	} {
		old, next, _ := strings.Cut(change, "→")
		text := strings.ReplaceAll(mail, old, next)
		if old == "" {
			text = mail
		} else if text == mail {
			t.Fatalf("%s changes nothing", change)
		}
		w, err := parse(t, text).Digest()
		if err != nil {
			t.Errorf("%s: %v", change, err)
		}
		if other, ok := seen[w]; ok {
			t.Errorf("%q has the digest of %q", change, other)
		}
		seen[w] = change
	}
}

// TestAtoms: the encoding of single values, by the specification.
func TestAtoms(t *testing.T) {
	zeros, ones := strings.Repeat("00", 32), strings.Repeat("ff", 32)
	for _, tt := range []struct {
		typ   string
		value any
		want  string
	}{
		{"bool", true, zeros[:62] + "01"},
		{"bool", false, zeros},
		{"uint8", "255", zeros[:62] + "ff"},
		{"uint8", 255, zeros[:62] + "ff"},
		{"uint256", "0x" + ones, ones},
		{"trcToken", "1002000", zeros[:58] + "0f4a10"},
		{"int8", "-1", ones},
		{"int8", "-128", ones[:62] + "80"},
		{"int16", "-32768", ones[:60] + "8000"},
		{"int256", "-1", ones},
		{"int256", "-57896044618658097711785492504343953926634992332820282019728792003956564819968", "80" + zeros[2:]},
		{"int256", "57896044618658097711785492504343953926634992332820282019728792003956564819967", "7f" + ones[2:]},
		{"bytes1", "0xab", "ab" + zeros[2:]},
		{"bytes32", "0x" + ones, ones},
		{"address", "0x" + ones[:40], zeros[:24] + ones[:40]},
		{"address", "0x41" + ones[:40], zeros[:24] + ones[:40]},
		{"string", "", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"}, // of nothing
		{"bytes", "0x", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"},
		{"string", "ñ", "c4bb2c5c1a7462e8128492814960ecdba85a2df3c904843752940222ec273563"},
	} {
		w, err := atom(tt.typ, tt.value)
		if got := hex.EncodeToString(w[:]); err != nil || got != tt.want {
			t.Errorf("%v as %s: %s, %v; want %s", tt.value, tt.typ, got, err, tt.want)
		}
	}
	if Uint64(0x0102030405060708) != (Word{24: 1, 25: 2, 26: 3, 27: 4, 28: 5, 29: 6, 30: 7, 31: 8}) {
		t.Error("Uint64")
	}
	if Keccak256([]byte("ab"), nil, []byte("c")) != Keccak256([]byte("abc")) {
		t.Error("Keccak256 of parts")
	}
}

// TestFixed: the fixed form gives what the general form gives.
func TestFixed(t *testing.T) {
	general, err := parse(t, `{"types": {"V": [{"name": "a", "type": "address"}, {"name": "n", "type": "uint64"}]}, "primaryType": "V",
		"domain": {"name": "x", "version": "1", "chainId": 728126428, "verifyingContract": "0x0102030405060708090a0b0c0d0e0f1011121314"},
		"message": {"a": "0x0102030405060708090a0b0c0d0e0f1011121314", "n": "18446744073709551615"}}`).Digest()
	a := [20]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}
	fixed := Digest(Domain{"x", "1", 728126428, a}.Separator(), Struct(TypeHash("V(address a,uint64 n)"), Address(a), Uint64(1<<64-1)))
	if err != nil || fixed != general {
		t.Errorf("%x, %x, %v", fixed, general, err)
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		typ, value string
		want       error
	}{
		{"uint8", `255`, nil},
		{"uint8", `"0xff"`, nil},
		{"uint8", `256`, ErrValue},
		{"uint8", `-1`, ErrValue},
		{"uint8", `1.5`, ErrValue},
		{"uint8", `true`, ErrValue},
		{"uint8", `null`, ErrValue},
		{"uint8", `"` + strings.Repeat("0", 81) + `"`, ErrValue},
		{"int8", `127`, nil},
		{"int8", `-128`, nil},
		{"int8", `128`, ErrValue},
		{"int8", `-129`, ErrValue},
		{"uint256", `"0x1` + strings.Repeat("0", 64) + `"`, ErrValue},
		{"uint", `1`, ErrType},
		{"uint7", `1`, ErrType},
		{"uint08", `1`, ErrType},
		{"uint264", `1`, ErrType},
		{"uintint8", `1`, ErrType},
		{"int0", `1`, ErrType},
		{"bytes0", `"0x"`, ErrType},
		{"bytes33", `"0x"`, ErrType},
		{"bytes2", `"0x0102"`, nil},
		{"bytes2", `"0x01"`, ErrValue},
		{"bytes2", `"0102"`, ErrValue},
		{"bytes", `"0x0"`, ErrValue},
		{"bytes", `7`, ErrValue},
		{"bool", `"true"`, ErrValue},
		{"string", `1`, ErrValue},
		{"address", `"0x0102030405060708090a0b0c0d0e0f1011121314"`, nil},
		{"address", `"0x410102030405060708090a0b0c0d0e0f1011121314"`, nil},
		{"address", `"0x420102030405060708090a0b0c0d0e0f1011121314"`, ErrValue},
		{"address", `"0x01"`, ErrValue},
		{"bool[2]", `[true, false]`, nil},
		{"bool[2]", `[true]`, ErrValue},
		{"bool[x]", `[true]`, ErrValue},
		{"bool[]", `true`, ErrValue},
		{"bool[]", `[1]`, ErrValue},
		{"bool]", `true`, ErrType},
		{"other", `1`, ErrType},
		{"", `1`, ErrType},
		{"S", `{}`, ErrType},       // contains itself
		{"R", `{}`, ErrType},       // through another
		{"D", `{"x": 1}`, ErrType}, // a name twice
		{"E", `{}`, nil},
		{"E", `[]`, ErrValue},
	} {
		d := parse(t, `{"types": {"T": [{"name": "v", "type": "`+tt.typ+`"}], "S": [{"name": "s", "type": "S[]"}], "E": [],
			"R": [{"name": "q", "type": "Q"}], "Q": [{"name": "r", "type": "R"}],
			"D": [{"name": "x", "type": "uint8"}, {"name": "x", "type": "uint8"}]},
			"primaryType": "T", "message": {"v": `+tt.value+`}}`)
		if _, err := d.Digest(); !errors.Is(err, tt.want) {
			t.Errorf("%s as %s: %v, want %v", tt.value, tt.typ, err, tt.want)
		}
	}
	for what, d := range map[string]Data{
		"no such type":       {PrimaryType: "T"},
		"unknown in domain":  {Types: map[string][]Field{"T": nil}, PrimaryType: "T", Domain: map[string]any{"colour": "red"}},
		"domain type given":  {Types: map[string][]Field{"T": nil, "EIP712Domain": nil}, PrimaryType: "T"},
		"more types than 64": {Types: many(65), PrimaryType: "T"},
	} {
		if _, err := d.Digest(); !errors.Is(err, ErrType) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// many returns n types, each of which contains the next twice.
func many(n int) map[string][]Field {
	types := map[string][]Field{"T": {{"a", "Ta"}, {"b", "Ta"}}}
	for name := "T"; len(types) < n; name += "a" {
		types[name] = []Field{{"a", name + "a"}, {"b", name + "a"}}
		types[name+"a"] = nil
	}
	return types
}

func FuzzData(f *testing.F) {
	f.Add(trcToken)
	f.Add(`{"types": {"T": [{"name": "v", "type": "int8[2][]"}]}, "primaryType": "T", "message": {"v": [[1, -1]]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var d Data
		if json.Unmarshal([]byte(text), &d) != nil {
			return
		}
		a, err := d.Digest()
		if err != nil && !errors.Is(err, ErrType) && !errors.Is(err, ErrValue) {
			t.Fatal(err)
		}
		if b, _ := d.Digest(); a != b {
			t.Fatal("not a function")
		}
	})
}
