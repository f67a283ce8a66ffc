package wallet

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
	"time"

	"swarmbid/wallet/keystore"
)

func sampleSealed(attachments map[string][]byte) *sealed {
	return &sealed{
		Mnemonic{Japanese, keystore.NewSecret(bytes.Repeat([]byte{7}, 16))},
		keystore.NewSecret(bytes.Repeat([]byte{9}, seedLen)), attachments,
	}
}

func TestSealedPart(t *testing.T) {
	for _, attachments := range []map[string][]byte{
		{}, {"": {}}, {"vouchers": []byte("abc"), "a": bytes.Repeat([]byte("x"), 100_000)},
	} {
		in := sampleSealed(attachments)
		b, err := in.encode()
		if err != nil {
			t.Fatal(err)
		}
		out, err := decodeSealed(b.Bytes())
		if err != nil || out.mnemonic.lang != Japanese || !bytes.Equal(out.seed.Bytes(), in.seed.Bytes()) ||
			!bytes.Equal(out.mnemonic.entropy.Bytes(), in.mnemonic.entropy.Bytes()) || !reflect.DeepEqual(out.attachments, attachments) {
			t.Errorf("%v, %v", out, err)
		}
		short := b.Bytes()
		for n := range min(len(short), 100) {
			if _, err := decodeSealed(short[:n]); !errors.Is(err, ErrContent) {
				t.Errorf("first %d bytes: %v", n, err)
			}
		}
		if _, err := decodeSealed(append(bytes.Clone(short), 0)); !errors.Is(err, ErrContent) {
			t.Errorf("a byte too many: %v", err)
		}
		out.zero()
		if out.seed.Bytes() != nil || out.mnemonic.Len() != 0 {
			t.Error("secrets after zero")
		}
	}
	b, err := sampleSealed(nil).encode()
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range map[int]byte{0: 2, 1: byte(languages), 2: 17, 83: 1} {
		c := bytes.Clone(b.Bytes())
		c[i] = v
		if _, err := decodeSealed(c); !errors.Is(err, ErrContent) {
			t.Errorf("byte %d is %d: %v", i, v, err)
		}
	}
	for _, a := range []map[string][]byte{{"big": make([]byte, 1<<24)}, {string(make([]byte, 256)): nil}} {
		if _, err := sampleSealed(a).encode(); !errors.Is(err, ErrContent) {
			t.Errorf("too large: %v", err)
		}
	}
}

func FuzzSealedPart(f *testing.F) {
	for _, a := range []map[string][]byte{nil, {"a": {1}, "b": {2, 3}}} {
		b, err := sampleSealed(a).encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decodeSealed(b)
		if err != nil {
			return
		}
		if back, err := s.encode(); err != nil || !bytes.Equal(back.Bytes(), b) {
			t.Fatalf("encoded again %x, %v", back.Bytes(), err)
		}
	})
}

// TestPublicPart: the form of files of version 1, for ever.
func TestPublicPart(t *testing.T) {
	const text = `{"version":1,"created":"2026-01-02T03:04:05Z","backedUp":true,` +
		`"savings":{"path":"m/44'/195'/0'/0/0","address":"TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH"},` +
		`"spending":{"path":"m/44'/195'/1'/0/0","address":"TLrpNTBuCpGMrB9TyVwgEhNVRhtWEQPHh4"},` +
		`"others":[{"path":"m/44'/195'/0'/0/1","address":"TSeJkUh4Qv67VNFwY8LaAxERygNdy6NQZK"}]}`
	info, err := decodeInfo([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if !info.BackedUp || !info.Created.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) || len(info.Accounts()) != 3 || info.Accounts()[1].Path != (Path{1, 0}) {
		t.Errorf("%+v", info)
	}
	if b, err := info.encode(); err != nil || string(b) != text {
		t.Errorf("%s, %v", b, err)
	}
	for _, bad := range []string{
		"", "{}", "null", text + " ", text[:50], text[:len(text)-1] + `,"more":1}`,
		`{"version":2` + text[12:], `{"version":1,"created":"2026-01-02T03:04:05+01:00"` + text[45:],
	} {
		if _, err := decodeInfo([]byte(bad)); !errors.Is(err, ErrContent) {
			t.Errorf("%.60s: %v", bad, err)
		}
	}
}
