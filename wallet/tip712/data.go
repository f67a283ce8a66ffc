package tip712

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

var (
	// ErrType is returned for types that are unknown, malformed or contain
	// themselves.
	ErrType = errors.New("tip712: bad type")
	// ErrValue is returned for a value that does not fit its type.
	ErrValue = errors.New("tip712: bad value")
)

// Field is a member of a struct type.
type Field struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Data is typed data as wallets exchange it in JSON (eth_signTypedData_v4).
//
// Values: a bool for bool; a decimal or 0x-hexadecimal string, or any number
// whose text is one (a json.Number), for integers and trcToken; 0x-hexadecimal
// for bytes, bytesN and addresses, the latter with or without the prefix byte
// 41; a string; []any for arrays; map[string]any for structs.
type Data struct {
	Types       map[string][]Field `json:"types"` // without EIP712Domain, which follows from Domain
	PrimaryType string             `json:"primaryType"`
	Domain      map[string]any     `json:"domain"` // name, version, chainId, verifyingContract, salt: those that are not nil
	Message     map[string]any     `json:"message"`
}

// maxTypes bounds the types of one Data, and so the depth of a value.
const maxTypes = 64

// Digest returns what is signed, or ErrType or ErrValue, wrapped.
func (d Data) Digest() (Word, error) {
	separator, err := d.separator()
	if err != nil {
		return Word{}, fmt.Errorf("hash domain: %w", err)
	}
	data, err := d.encode()
	if err != nil {
		return Word{}, fmt.Errorf("hash message: %w", err)
	}
	return Digest(separator, Keccak256(data)), nil
}

// encode returns the type hash and the encoded fields of the message.
func (d Data) encode() ([]byte, error) {
	if _, ok := d.Types["EIP712Domain"]; ok || len(d.Types) > maxTypes {
		return nil, ErrType
	}
	return encoder(d.Types).fields(d.PrimaryType, d.Message)
}

func (d Data) separator() (Word, error) {
	var fields []Field
	given := 0
	for _, f := range []Field{
		{"name", "string"}, {"version", "string"}, {"chainId", "uint256"}, {"verifyingContract", "address"}, {"salt", "bytes32"},
	} {
		if d.Domain[f.Name] != nil {
			fields = append(fields, f)
			given++
		}
	}
	for _, v := range d.Domain {
		if v != nil {
			given--
		}
	}
	if given != 0 {
		return Word{}, fmt.Errorf("%w: unknown field of the domain", ErrType)
	}
	data, err := encoder{"EIP712Domain": fields}.fields("EIP712Domain", d.Domain)
	return Keccak256(data), err
}

// encoder encodes values of its struct types.
type encoder map[string][]Field

// typeHash returns the hash of a struct type and of all that it contains.
func (e encoder) typeHash(name string) (Word, error) {
	contains := map[string]bool{}
	if err := e.collect(name, nil, contains); err != nil {
		return Word{}, err
	}
	delete(contains, name)
	names := []string{name}
	for n := range contains {
		names = append(names, n)
	}
	slices.Sort(names[1:])
	var b strings.Builder
	for _, n := range names {
		b.WriteString(n + "(")
		for i, f := range e[n] {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(f.Type + " " + f.Name)
		}
		b.WriteByte(')')
	}
	return TypeHash(b.String()), nil
}

// collect adds name and the struct types below it to found. path are those that
// contain name.
func (e encoder) collect(name string, path []string, found map[string]bool) error {
	if slices.Contains(path, name) {
		return fmt.Errorf("%w: %s contains itself", ErrType, name)
	}
	found[name] = true
	seen := map[string]bool{}
	for _, f := range e[name] {
		if seen[f.Name] {
			return fmt.Errorf("%w: two fields %s in %s", ErrType, f.Name, name)
		}
		seen[f.Name] = true
		base, _, _ := strings.Cut(f.Type, "[")
		if _, ok := e[base]; ok && !found[base] || slices.Contains(path, base) || base == name {
			if err := e.collect(base, append(path, name), found); err != nil {
				return err
			}
		}
	}
	return nil
}

// fields returns the type hash and the encoded fields of a struct.
func (e encoder) fields(name string, v map[string]any) ([]byte, error) {
	if _, ok := e[name]; !ok {
		return nil, fmt.Errorf("%w: %q", ErrType, name)
	}
	hash, err := e.typeHash(name)
	if err != nil {
		return nil, err
	}
	data := hash[:]
	for _, f := range e[name] {
		w, err := e.word(f.Type, v[f.Name])
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", name, f.Name, err)
		}
		data = append(data, w[:]...)
	}
	return data, nil
}

// word encodes any value: structs and arrays by their hash.
func (e encoder) word(typ string, v any) (Word, error) {
	if inner, size, ok := cutArray(typ); ok {
		items, ok := v.([]any)
		if !ok || size != "" && size != strconv.Itoa(len(items)) {
			return Word{}, fmt.Errorf("%w: not %s", ErrValue, typ)
		}
		var data []byte
		for i, item := range items {
			w, err := e.word(inner, item)
			if err != nil {
				return Word{}, fmt.Errorf("[%d]: %w", i, err)
			}
			data = append(data, w[:]...)
		}
		return Keccak256(data), nil
	}
	if _, ok := e[typ]; ok {
		m, ok := v.(map[string]any)
		if !ok {
			return Word{}, fmt.Errorf("%w: not %s", ErrValue, typ)
		}
		data, err := e.fields(typ, m)
		return Keccak256(data), err
	}
	w, err := atom(typ, v)
	if err != nil {
		return Word{}, fmt.Errorf("%w: %.40v as %q", err, v, typ)
	}
	return w, nil
}

// cutArray splits "T[3]" into T and 3, and "T[]" into T and nothing.
func cutArray(typ string) (inner, size string, ok bool) {
	i := strings.LastIndexByte(typ, '[')
	if i < 0 || !strings.HasSuffix(typ, "]") {
		return "", "", false
	}
	return typ[:i], typ[i+1 : len(typ)-1], true
}

// atom encodes a value of a type that contains no other.
func atom(typ string, v any) (w Word, err error) {
	text, isText := v.(string)
	switch typ {
	case "bool":
		b, ok := v.(bool)
		if b {
			w[31] = 1
		}
		return w, valid(ok)
	case "string":
		return Keccak256([]byte(text)), valid(isText)
	case "bytes":
		b, ok := fromHex(text)
		return Keccak256(b), valid(ok)
	case "address":
		b, ok := fromHex(text)
		if len(b) == 21 && b[0] == 0x41 {
			b = b[1:]
		}
		copy(w[12:], b)
		return w, valid(ok && len(b) == 20)
	case "trcToken":
		typ = "uint256"
	}
	if s, ok := strings.CutPrefix(typ, "bytes"); ok {
		n, ok := width(s, 1, 32)
		if !ok {
			return w, ErrType
		}
		b, ok := fromHex(text)
		copy(w[:], b)
		return w, valid(ok && len(b) == n)
	}
	size, unsigned := strings.CutPrefix(typ, "uint")
	size, signed := strings.CutPrefix(size, "int")
	n, ok := width(size, 8, 256)
	if unsigned == signed || !ok {
		return w, ErrType
	}
	if signed {
		n--
	}
	return integer(v, n, signed)
}

// integer encodes v, of at most the given number of bits beside the sign.
func integer(v any, bits int, signed bool) (w Word, err error) {
	text := fmt.Sprint(v)
	if len(text) > 80 {
		return w, ErrValue
	}
	i, ok := new(big.Int).SetString(text, 10)
	if !ok && strings.HasPrefix(text, "0x") {
		i, ok = new(big.Int).SetString(text[2:], 16)
	}
	switch {
	case !ok, i.Sign() < 0 && !signed:
		return w, ErrValue
	case i.Sign() < 0: // two's complement: -1 is all ones
		if new(big.Int).Not(i).BitLen() > bits {
			return w, ErrValue
		}
		i.Add(i, new(big.Int).Lsh(big.NewInt(1), 256))
	case i.BitLen() > bits:
		return w, ErrValue
	}
	i.FillBytes(w[:])
	return w, nil
}

// width reads the number after a type's name: a multiple of step up to limit,
// written plainly.
func width(s string, step, limit int) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0 && n <= limit && n%step == 0 && strconv.Itoa(n) == s
}

func fromHex(s string) ([]byte, bool) {
	s, prefixed := strings.CutPrefix(s, "0x")
	b, err := hex.DecodeString(s)
	return b, prefixed && err == nil
}

func valid(ok bool) error {
	if !ok {
		return ErrValue
	}
	return nil
}
