package keystore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
)

// weak is the cheapest derivation that is allowed.
var weak = Params{Passes: 2, MemoryKiB: MinMemoryKiB, Threads: 1}

func sealed(tb testing.TB, public, secret string) []byte {
	tb.Helper()
	b, err := Seal([]byte("password"), []byte(public), []byte(secret), weak)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// resum makes the checksum of a changed file right, as an attacker would.
func resum(b []byte) []byte {
	sum := sha256.Sum256(b[:len(b)-32])
	return append(b[:len(b)-32:len(b)-32], sum[:]...)
}

func TestVectors(t *testing.T) {
	b, err := os.ReadFile("testdata/v1.json") // made by testdata/v1.py
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Passes, MemoryKiB                             uint32
		Threads                                       uint8
		Password, Salt, Nonce, Public, Secret, Sealed string
		File                                          string
	}
	if err := json.Unmarshal(b, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 4 {
		t.Fatalf("%d vectors", len(vectors))
	}
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, v := range vectors {
		password, public, secret := unhex(v.Password), unhex(v.Public), unhex(v.Secret)
		p := Params{v.Passes, v.MemoryKiB, v.Threads}
		file, err := seal(bytes.NewReader(unhex(v.Salt+v.Nonce)), password, public, secret, p)
		if err != nil || hex.EncodeToString(file) != v.File {
			t.Errorf("sealed %x, %v; want %s", file, err, v.File)
		}
		got, err := Open(unhex(v.File), password)
		if err != nil || !bytes.Equal(got.Bytes(), secret) {
			t.Errorf("opened %x, %v; want %x", got.Bytes(), err, secret)
		}
		if got, err := Public(unhex(v.File)); err != nil || !bytes.Equal(got, public) {
			t.Errorf("public %x, %v", got, err)
		}
	}
}

func TestFresh(t *testing.T) {
	a, b := sealed(t, "p", "s"), sealed(t, "p", "s")
	if bytes.Equal(a[20:36], b[20:36]) || bytes.Equal(a[36:60], b[36:60]) {
		t.Error("salt or nonce used twice")
	}
}

func TestDistinct(t *testing.T) {
	good := sealed(t, "public", "secret")
	change := func(i int, v byte) []byte { b := bytes.Clone(good); b[i] = v; return b }
	for name, tt := range map[string]struct {
		file     []byte
		password string
		want     error
	}{
		"right":                     {good, "password", nil},
		"wrong password":            {good, "Password", ErrPassword},
		"no password":               {good, "", ErrPassword},
		"empty":                     {nil, "password", ErrFormat},
		"other file":                {[]byte("%PDF-1.7 and so on, longer than the header of a wallet file is, to be sure of it"), "password", ErrFormat},
		"copied as text":            {bytes.ReplaceAll(good, []byte("\r\n"), []byte("\n")), "password", ErrFormat},
		"later version":             {change(8, 2), "password", ErrVersion},
		"later version, short":      {change(8, 2)[:70], "password", ErrVersion},
		"version 0":                 {resum(change(8, 0)), "password", ErrDamaged},
		"reserved byte":             {resum(change(10, 1)), "password", ErrDamaged},
		"byte after the end":        {append(bytes.Clone(good), 0), "password", ErrDamaged},
		"huge public part":          {change(63, 0xff), "password", ErrDamaged},
		"huge sealed part":          {change(67, 0xff), "password", ErrDamaged},
		"sealed part without a tag": {resum(change(64, 3)), "password", ErrDamaged},
		"forged public part":        {resum(change(68, 'P')), "password", ErrPassword},
		"forged salt":               {resum(change(20, good[20]^1)), "password", ErrPassword},
		"forged tag":                {resum(change(len(good)-33, good[len(good)-33]^1)), "password", ErrPassword},
	} {
		s, err := Open(tt.file, []byte(tt.password))
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if err != nil && s.Bytes() != nil {
			t.Errorf("%s: secret in spite of the error", name)
		}
	}
	for n := 1; n < len(good); n++ {
		if _, err := Open(good[:n], []byte("password")); !errors.Is(err, ErrTruncated) {
			t.Errorf("first %d bytes: %v, want ErrTruncated", n, err)
		}
	}
	for i := range good {
		for bit := range 8 {
			b := change(i, good[i]^1<<bit)
			if _, err := Public(b); err == nil || errors.Is(err, ErrPassword) {
				t.Errorf("bit %d of byte %d flipped: %v", bit, i, err)
			}
		}
	}
}

// TestHostile: a planted file asks for 100 GiB, or for hours.
func TestHostile(t *testing.T) {
	good := sealed(t, "", "secret")
	for name, p := range map[string]Params{
		"100 GiB":      {3, 100 << 20, 4},
		"4 TiB":        {3, 1<<32 - 1, 4},
		"hours":        {1<<32 - 1, 19 << 10, 1},
		"255 threads":  {3, 256 << 10, 255},
		"no threads":   {3, 256 << 10, 0},
		"no memory":    {3, 0, 4},
		"weak memory":  {3, MinMemoryKiB - 1, 4},
		"single pass":  {1, 256 << 10, 4},
		"all are zero": {},
	} {
		b := bytes.Clone(good)
		b[9] = p.Threads
		binary.LittleEndian.PutUint32(b[12:], p.Passes)
		binary.LittleEndian.PutUint32(b[16:], p.MemoryKiB)
		b = resum(b)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Open(b, []byte("password"))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrParams) {
			t.Errorf("%s: %v, want ErrParams", name, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 64<<10 {
			t.Errorf("%s: %d bytes allocated", name, n)
		}
		if _, err := Seal(nil, nil, nil, p); !errors.Is(err, ErrParams) {
			t.Errorf("%s: sealed, %v", name, err)
		}
	}
	if err := DefaultParams().Validate(); err != nil {
		t.Error(err)
	}
	if _, err := Seal(nil, make([]byte, maxPart+1), nil, weak); !errors.Is(err, ErrFormat) {
		t.Errorf("public part too long: %v", err)
	}
	if _, err := seal(strings.NewReader("few"), nil, nil, nil, weak); err == nil {
		t.Error("sealed without random numbers")
	}
}

// FuzzParse: nothing makes it panic, and what it takes apart is the whole file.
func FuzzParse(f *testing.F) {
	f.Add(sealed(f, "public", "secret"))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > head+sha256.Size {
			b = resum(b)
		}
		if p, err := parse(b); err == nil && len(p.data)+len(p.sealed)+sha256.Size != len(b) {
			t.Fatalf("%d + %d bytes of %d", len(p.data), len(p.sealed), len(b))
		}
	})
}

// BenchmarkOpen measures what the user waits for.
func BenchmarkOpen(b *testing.B) {
	file, err := Seal([]byte("password"), nil, []byte("secret"), DefaultParams())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Open(file, []byte("password")); err != nil {
			b.Fatal(err)
		}
	}
}
