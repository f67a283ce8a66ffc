package wire

import (
	"bytes"
	"fmt"
	"strconv"
)

// value is a bencoded value: one of the four kinds of BEP 3.
type value struct {
	kind byte // 'i', 's', 'l' or 'd'
	n    int64
	s    []byte
	list []value // the values of a list, or of a dictionary in the order of keys
	keys [][]byte
}

// maxDepth bounds how deep values may be nested. Known keys need 3.
const maxDepth = 8

// parser reads canonical bencode.
type parser struct {
	rest  []byte
	depth int
}

// parse reads b as one value, to its end.
func parse(b []byte) (value, error) {
	p := parser{rest: b}
	v, err := p.value()
	if err == nil && len(p.rest) > 0 {
		err = fmt.Errorf("%w: %d bytes after the end", ErrSyntax, len(p.rest))
	}
	return v, err
}

func (p *parser) value() (value, error) {
	if len(p.rest) == 0 {
		return value{}, fmt.Errorf("%w: it ends too early", ErrSyntax)
	}
	switch c := p.rest[0]; {
	case c == 'i':
		p.rest = p.rest[1:]
		n, err := p.number('e')
		return value{kind: 'i', n: n}, err
	case c >= '0' && c <= '9':
		s, err := p.text()
		return value{kind: 's', s: s}, err
	case c == 'l' || c == 'd':
		return p.nested(c)
	default:
		return value{}, fmt.Errorf("%w: byte %#02x", ErrSyntax, c)
	}
}

// number reads decimal digits up to end.
func (p *parser) number(end byte) (int64, error) {
	digits, rest, ok := bytes.Cut(p.rest, []byte{end})
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if !ok || err != nil || strconv.FormatInt(n, 10) != string(digits) || n < 0 {
		return 0, fmt.Errorf("%w: %.24q is no integer from 0 to 2⁶³-1", ErrSyntax, digits)
	}
	p.rest = rest
	return n, nil
}

func (p *parser) text() ([]byte, error) {
	n, err := p.number(':')
	if err != nil {
		return nil, err
	}
	if n > int64(len(p.rest)) {
		return nil, fmt.Errorf("%w: a string of %d bytes where %d are left", ErrSyntax, n, len(p.rest))
	}
	s := p.rest[:n]
	p.rest = p.rest[n:]
	return s, nil
}

// nested reads a list or a dictionary, kind c.
func (p *parser) nested(c byte) (value, error) {
	v := value{kind: c}
	if p.depth++; p.depth > maxDepth {
		return v, fmt.Errorf("%w: nested more than %d deep", ErrSyntax, maxDepth)
	}
	p.rest = p.rest[1:]
	for len(p.rest) > 0 && p.rest[0] != 'e' {
		if c == 'd' {
			key, err := p.text()
			if err != nil {
				return v, err
			}
			if n := len(v.keys); n > 0 && bytes.Compare(v.keys[n-1], key) >= 0 {
				return v, fmt.Errorf("%w: key %.24q after %.24q", ErrSyntax, key, v.keys[n-1])
			}
			v.keys = append(v.keys, key)
		}
		inner, err := p.value()
		if err != nil {
			return v, err
		}
		v.list = append(v.list, inner)
	}
	if len(p.rest) == 0 {
		return v, fmt.Errorf("%w: it ends too early", ErrSyntax)
	}
	p.rest = p.rest[1:]
	p.depth--
	return v, nil
}

// get returns the value of key in a dictionary.
func (v value) get(key string) (value, bool) {
	for i, k := range v.keys {
		if string(k) == key {
			return v.list[i], true
		}
	}
	return value{}, false
}

func appendNumber(b []byte, n int64) []byte {
	return append(strconv.AppendInt(append(b, 'i'), n, 10), 'e')
}

func appendText[T []byte | string](b []byte, s T) []byte {
	return append(append(strconv.AppendInt(b, int64(len(s)), 10), ':'), s...)
}
