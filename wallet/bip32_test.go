package wallet

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/mr-tron/base58"
	"golang.org/x/crypto/ripemd160" //nolint:staticcheck // BIP-32 identifies keys by it

	"swarmbid/wallet/voucher"
)

// serialize writes an extended key as BIP-32 does.
func serialize(prefix uint32, depth int, parent [4]byte, number uint32, chain [32]byte, key []byte) string {
	b := binary.BigEndian.AppendUint32(nil, prefix)
	b = append(b, byte(depth))
	b = append(b, parent[:]...)
	b = binary.BigEndian.AppendUint32(b, number)
	b = append(b, chain[:]...)
	b = append(b, key...)
	sum := sha256.Sum256(b)
	sum = sha256.Sum256(sum[:])
	return base58.Encode(append(b, sum[:4]...))
}

func xprv(n *node, depth int, parent [4]byte, number uint32) string {
	k := n.key.Bytes()
	return serialize(0x0488ade4, depth, parent, number, n.chain, append([]byte{0}, k[:]...))
}

func xpub(n *node, depth int, parent [4]byte, number uint32) string {
	return serialize(0x0488b21e, depth, parent, number, n.chain, public(n))
}

func public(n *node) []byte {
	return (&secp256k1.PrivateKey{Key: n.key}).PubKey().SerializeCompressed()
}

// TestOfficialBIP32 runs the vectors 1 to 4 of BIP-32. Vector 5 is about reading
// extended keys, which this package does not.
func TestOfficialBIP32(t *testing.T) {
	var vectors []struct{ Seed, Path, Xprv, Xpub string }
	readJSON(t, "testdata/bip32.json", &vectors)
	if len(vectors) != 17 {
		t.Fatalf("%d vectors", len(vectors))
	}
	for _, v := range vectors {
		seed, err := hex.DecodeString(v.Seed)
		if err != nil {
			t.Fatal(err)
		}
		var path []uint32
		var parent [4]byte
		number := uint32(0)
		for _, s := range strings.Split(v.Path, "/")[1:] {
			bare, hard := strings.CutSuffix(s, "'")
			i, err := strconv.ParseUint(bare, 10, 31)
			if err != nil {
				t.Fatal(err)
			}
			above, err := walk(seed, path...)
			if err != nil {
				t.Fatal(err)
			}
			hash := ripemd160.New()
			sum := sha256.Sum256(public(above))
			hash.Write(sum[:])
			copy(parent[:], hash.Sum(nil))
			number = uint32(i)
			if hard {
				number |= hardened
			}
			path = append(path, number)
		}
		n, err := walk(seed, path...)
		if err != nil {
			t.Fatal(err)
		}
		if got := xprv(n, len(path), parent, number); got != v.Xprv {
			t.Errorf("%s: %s, want %s", v.Path, got, v.Xprv)
		}
		if got := xpub(n, len(path), parent, number); got != v.Xpub {
			t.Errorf("%s: %s, want %s", v.Path, got, v.Xpub)
		}
		n.zero()
		if !n.key.IsZero() || n.chain != [32]byte{} {
			t.Error("a key after zero")
		}
	}
}

// TestOfficialTronweb compares addresses and keys with tronweb, passphrases in
// several alphabets and Unicode forms among them.
func TestOfficialTronweb(t *testing.T) {
	var vectors []struct{ Words, Passphrase, Path, Address, Key string }
	readJSON(t, "testdata/tronweb.json", &vectors)
	if len(vectors) != 3*7*6 {
		t.Fatalf("%d vectors", len(vectors))
	}
	for _, v := range vectors {
		m := mnemonic(t, v.Words)
		var p Path
		if err := p.UnmarshalText([]byte(v.Path)); err != nil {
			t.Fatal(err)
		}
		key, a, err := p.key(m.Seed([]byte(v.Passphrase)).Bytes())
		if err != nil || a.String() != v.Address || hex.EncodeToString(key.Bytes()) != v.Key {
			t.Errorf("%s with %q: %s, %v; want %s", v.Path, v.Passphrase, a, err, v.Address)
		}
		if p == (Path{}) {
			if a, err := Preview(m, []byte(v.Passphrase)); err != nil || a.String() != v.Address {
				t.Errorf("preview: %v, %v", a, err)
			}
		}
	}
}

func TestPath(t *testing.T) {
	p := Path{1, 2}
	b, err := json.Marshal(p)
	if err != nil || string(b) != `"m/44'/195'/1'/0/2"` {
		t.Errorf("%s, %v", b, err)
	}
	var q Path
	if err := json.Unmarshal(b, &q); err != nil || q != p {
		t.Errorf("%v, %v", q, err)
	}
	for _, s := range []string{
		"", "m", "m/44'/195'/1'/0", "m/44'/195'/1/0/2", "m/44'/60'/1'/0/2", "m/44'/195'/1'/1/2", "m/44'/195'/1'/0/2'",
		"m/44'/195'/1'/0/2 ", "m/44'/195'/01'/0/2", "m/44'/195'/-1'/0/2", "m/44'/195'/2147483648'/0/0", "m/44'/195'/0'/0/2147483648",
	} {
		if err := q.UnmarshalText([]byte(s)); err == nil {
			t.Errorf("%q is read as %v", s, q)
		}
	}
	for _, p := range []Path{{hardened, 0}, {0, hardened}} {
		if _, _, err := p.key(make([]byte, 64)); !errors.Is(err, ErrDerive) {
			t.Errorf("%v: %v", p, err)
		}
	}
}

func TestParseAddress(t *testing.T) {
	if _, err := ParseAddress("TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdh"); !errors.Is(err, voucher.ErrChecksum) {
		t.Error(err)
	}
	if a, err := ParseAddress("TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH"); err != nil || a.String() != "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH" {
		t.Error(a, err)
	}
}
