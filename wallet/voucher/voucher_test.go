package voucher

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"swarmbid/wallet/btt"
)

// oracleCase is what ../testdata/oracle.cjs wrote.
type oracleCase struct {
	Micro                                  btt.Amount `json:"micro,string"`
	Chain                                  uint64
	Escrow, Key, Signer, Digest, Signature string
	Value                                  struct{ Payer, Payee, Infohash, Nonces, Me, Peer string }
}

func oracle(tb testing.TB) (o struct{ Vouchers, Sessions []oracleCase }) {
	tb.Helper()
	b, err := os.ReadFile("testdata/tronweb.json")
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(b, &o); err != nil {
		tb.Fatal(err)
	}
	if len(o.Vouchers) < 30 || len(o.Sessions) < 6 {
		tb.Fatalf("%d vouchers, %d sessions", len(o.Vouchers), len(o.Sessions))
	}
	return o
}

func address(tb testing.TB, s string) Address {
	tb.Helper()
	a, err := ParseAddress(s)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestOracle(t *testing.T) {
	check := func(c oracleCase, d Digest) {
		t.Helper()
		if got := hex.EncodeToString(d[:]); got != c.Digest {
			t.Errorf("digest %s, want %s", got, c.Digest)
		}
		sig, err := Sign(d, unhex(t, c.Key))
		if err != nil || sig.String() != c.Signature {
			t.Errorf("signature %v, %v; want %s", sig, err, c.Signature)
		}
		if err := Verify(d, sig, address(t, c.Signer)); err != nil {
			t.Error(err)
		}
		if a, err := AddressOf(unhex(t, c.Key)); err != nil || a.String() != c.Signer {
			t.Errorf("address %v, %v; want %s", a, err, c.Signer)
		}
	}
	o := oracle(t)
	for _, c := range o.Vouchers {
		v := Voucher{address(t, c.Value.Payer), address(t, c.Value.Payee), c.Micro}
		d, err := v.Digest(NewDomain(c.Chain, address(t, c.Escrow)))
		if err != nil {
			t.Fatal(err)
		}
		check(c, d)
	}
	for _, c := range o.Sessions {
		s := Session{
			[32]byte(unhex(t, c.Value.Infohash)), [32]byte(unhex(t, c.Value.Nonces)),
			address(t, c.Value.Me), address(t, c.Value.Peer),
		}
		check(c, s.Digest(NewDomain(c.Chain, address(t, c.Escrow))))
	}
}

// sample returns a signed voucher.
func sample(tb testing.TB) (d Digest, sig Signature, by Address) {
	tb.Helper()
	c := oracle(tb).Vouchers[3]
	return Digest(unhex(tb, c.Digest)), Signature(unhex(tb, c.Signature)), address(tb, c.Signer)
}

func TestOneSignature(t *testing.T) {
	d, sig, by := sample(t)
	order := secp256k1.S256().N
	change := func(f func(*Signature)) Signature { s := sig; f(&s); return s }
	for name, s := range map[string]Signature{
		"zero":           {},
		"v 0":            change(func(s *Signature) { s[64] -= 27 }),
		"v compressed":   change(func(s *Signature) { s[64] += 4 }),
		"v of the other": change(func(s *Signature) { s[64] ^= 27 ^ 28 }),
		"high s": change(func(s *Signature) {
			new(big.Int).Sub(order, new(big.Int).SetBytes(sig[32:64])).FillBytes(s[32:64])
			s[64] ^= 27 ^ 28
		}),
		"s = 0":         change(func(s *Signature) { clear(s[32:64]) }),
		"s = order":     change(func(s *Signature) { order.FillBytes(s[32:64]) }),
		"r = 0":         change(func(s *Signature) { clear(s[:32]) }),
		"r = order":     change(func(s *Signature) { order.FillBytes(s[:32]) }),
		"r of no point": change(func(s *Signature) { clear(s[:32]); s[31] = 5 }),
	} {
		if err := Verify(d, s, by); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v, want ErrSignature", name, err)
		}
	}
	for i := range 64 {
		if Verify(d, change(func(s *Signature) { s[i] ^= 1 }), by) == nil {
			t.Errorf("a bit of byte %d flipped: accepted", i)
		}
	}
	if err := Verify(d, sig, by); err != nil {
		t.Errorf("the signature itself: %v", err)
	}
}

// TestBinding changes one thing at a time: the digest is another each time.
func TestBinding(t *testing.T) {
	a, b := Address{1}, Address{2}
	seen := map[Digest]string{}
	add := func(what string, d Digest) {
		t.Helper()
		if other, ok := seen[d]; ok {
			t.Errorf("%s has the digest of %s", what, other)
		}
		seen[d] = what
	}
	for what, v := range map[string]struct {
		Voucher
		chain  uint64
		escrow Address
	}{
		"base":     {Voucher{a, b, 1}, 1, Address{9}},
		"amount":   {Voucher{a, b, 2}, 1, Address{9}},
		"payer":    {Voucher{b, b, 1}, 1, Address{9}},
		"payee":    {Voucher{a, a, 1}, 1, Address{9}},
		"swapped":  {Voucher{b, a, 1}, 1, Address{9}},
		"chain":    {Voucher{a, b, 1}, 2, Address{9}},
		"contract": {Voucher{a, b, 1}, 1, Address{8}},
	} {
		d, err := v.Digest(NewDomain(v.chain, v.escrow))
		if err != nil {
			t.Fatal(err)
		}
		add(what, d)
	}
	for what, s := range map[string]Session{
		"session":  {Me: a, Peer: b},
		"infohash": {InfoHash: [32]byte{1}, Me: a, Peer: b},
		"nonces":   {Nonces: [32]byte{1}, Me: a, Peer: b},
		"mirrored": {Me: b, Peer: a},
	} {
		add(what, s.Digest(NewDomain(1, Address{9})))
	}
	if NewDomain(1<<32|7, a) != NewDomain(7, a) {
		t.Error("more than 32 bits of the chain id count")
	}
	if _, err := (Voucher{a, b, -1}).Digest(Domain{}); !errors.Is(err, btt.ErrNegative) {
		t.Errorf("negative: %v", err)
	}
	if Nonces([16]byte{1}, [16]byte{2}) == Nonces([16]byte{2}, [16]byte{1}) {
		t.Error("the order of the nonces does not count")
	}
	if got := Nonces([16]byte{}, [16]byte{}); hex.EncodeToString(got[:4]) != "66687aad" { // SHA-256 of 32 zeros
		t.Errorf("Nonces = %x", got)
	}
}

func TestDeterministic(t *testing.T) {
	d, sig, _ := sample(t)
	key := unhex(t, oracle(t).Vouchers[3].Key)
	for range 3 {
		if s, err := Sign(d, key); err != nil || s != sig {
			t.Errorf("%v, %v", s, err)
		}
	}
}

func TestKey(t *testing.T) {
	order := secp256k1.S256().N.Bytes()
	for name, key := range map[string][]byte{
		"nil": nil, "zero": make([]byte, 32), "31 bytes": order[1:], "33 bytes": append([]byte{0}, order...), "order": order,
	} {
		if _, err := Sign(Digest{}, key); !errors.Is(err, ErrKey) {
			t.Errorf("%s: Sign: %v", name, err)
		}
		if _, err := AddressOf(key); !errors.Is(err, ErrKey) {
			t.Errorf("%s: AddressOf: %v", name, err)
		}
	}
}

func TestAddress(t *testing.T) {
	const good = "TAFjULxiVgT4qWk6UZwjqwZXTSaGaqnVp4" // the token BTT
	a := address(t, good)
	if a.String() != good || hex.EncodeToString(a.Bytes21()) != "41032017411f4663b317fe77c257d28d5cd1b26e3d" {
		t.Errorf("%v, %x", a, a.Bytes21())
	}
	for s, want := range map[string]error{
		"":                                     ErrAddress,
		"T":                                    ErrAddress,
		" " + good:                             ErrAddress,
		good + " ":                             ErrAddress,
		good[:33]:                              ErrChecksum,
		good + good:                            ErrAddress,
		"TAFjULxiVgT4qWk6UZwjqwZXTSaGaqnVp0":   ErrAddress, // 0 is no digit of Base58
		"TAFjULxiVgT4qWk6UZwjqwZXTSaGaqnVp5":   ErrChecksum,
		"tAFjULxiVgT4qWk6UZwjqwZXTSaGaqnVp4":   ErrChecksum,
		"TFAjULxiVgT4qWk6UZwjqwZXTSaGaqnVp4":   ErrChecksum,
		"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa":   ErrPrefix, // Bitcoin
		"0x032017411f4663b317fe77c257d28d5cd1": ErrAddress,
		strings.Repeat("1", 35):                ErrAddress,
		strings.Repeat("z", 1<<20):             ErrAddress,
	} {
		if _, err := ParseAddress(s); !errors.Is(err, want) {
			t.Errorf("%.40q: %v, want %v", s, err, want)
		}
	}
	if _, err := ParseAddress(strings.Repeat("z", 1<<20)); len(err.Error()) > 200 {
		t.Error("the error repeats all that was given")
	}
}

func TestAddressJSON(t *testing.T) {
	in := map[string]Address{"a": {1}}
	b, err := json.Marshal(in)
	if err != nil || string(b) != `{"a":"TA4VgFW3ZuMegiesf8N2VSwUM5dMHPvHeK"}` {
		t.Errorf("%s, %v", b, err)
	}
	var out map[string]Address
	if err := json.Unmarshal(b, &out); err != nil || out["a"] != in["a"] {
		t.Errorf("%v, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"a":"T"}`), &out); !errors.Is(err, ErrAddress) {
		t.Error(err)
	}
}

// FuzzAddress: what is accepted is written the same.
func FuzzAddress(f *testing.F) {
	f.Add("TAFjULxiVgT4qWk6UZwjqwZXTSaGaqnVp4")
	f.Add("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := ParseAddress(s); err == nil && a.String() != s {
			t.Fatalf("%q is written %q", s, a)
		}
	})
}

// FuzzRecover: what is accepted is accepted in one form only.
func FuzzRecover(f *testing.F) {
	d, sig, _ := sample(f)
	f.Add(d[:], sig[:])
	f.Fuzz(func(t *testing.T, d, s []byte) {
		if len(d) != 32 || len(s) != 65 {
			return
		}
		a, err := Recover(Digest(d), Signature(s))
		if err != nil {
			return
		}
		new(big.Int).Sub(secp256k1.S256().N, new(big.Int).SetBytes(s[32:64])).FillBytes(s[32:64])
		s[64] ^= 27 ^ 28
		if err := Verify(Digest(d), Signature(s), a); err == nil {
			t.Fatal("two signatures of one voucher")
		}
	})
}

func BenchmarkDigest(b *testing.B) {
	d := NewDomain(1, Address{9})
	for b.Loop() {
		_, _ = Voucher{Address{1}, Address{2}, 3}.Digest(d)
	}
}

func BenchmarkSign(b *testing.B) {
	d, _, _ := sample(b)
	key := unhex(b, oracle(b).Vouchers[3].Key)
	for b.Loop() {
		_, _ = Sign(d, key)
	}
}

func BenchmarkVerify(b *testing.B) {
	d, sig, by := sample(b)
	for b.Loop() {
		if err := Verify(d, sig, by); err != nil {
			b.Fatal(err)
		}
	}
}
