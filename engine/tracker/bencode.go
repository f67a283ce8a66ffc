package tracker

import (
	"bytes"
	"errors"
	"strconv"
)

// maxDepth bounds the nesting of a bencoded answer; a scrape needs 3.
const maxDepth = 16

var errBencode = errors.New("malformed bencode")

// value is one bencoded value, still encoded. It aliases the answer it came from.
type value []byte

// split cuts the first bencoded value off b. It checks the framing only and
// allocates nothing, whatever b claims about lengths.
func split(b []byte) (v value, rest []byte, err error) {
	depth := 0
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c == 'd' || c == 'l':
			if depth++; depth > maxDepth {
				return nil, nil, errBencode
			}
			i++
		case c == 'e' && depth > 0:
			depth--
			i++
		case c == 'i':
			n := bytes.IndexByte(b[i:], 'e')
			if n < 2 || n > 21 {
				return nil, nil, errBencode
			}
			i += n + 1
		case c >= '0' && c <= '9':
			s, ok := stringAt(b[i:])
			if !ok {
				return nil, nil, errBencode
			}
			i += s.end
		default:
			return nil, nil, errBencode
		}
		if depth == 0 {
			return value(b[:i]), b[i:], nil
		}
	}
	return nil, nil, errBencode
}

type span struct{ start, end int }

// stringAt measures the byte string b begins with.
func stringAt(b []byte) (s span, ok bool) {
	colon := bytes.IndexByte(b[:min(len(b), 10)], ':')
	if colon < 1 {
		return span{}, false
	}
	n, err := strconv.ParseUint(string(b[:colon]), 10, 32)
	if err != nil || n > uint64(len(b)-colon-1) {
		return span{}, false
	}
	return span{colon + 1, colon + 1 + int(n)}, true
}

// text returns the bytes of a string value; nil for any other kind.
func (v value) text() []byte {
	if len(v) == 0 || v[0] < '0' || v[0] > '9' {
		return nil
	}
	s, ok := stringAt(v)
	if !ok {
		return nil
	}
	return v[s.start:s.end]
}

// number returns an integer value, also one that a tracker wrote as a string.
func (v value) number() (n int64, ok bool) {
	s := v.text()
	if len(v) > 2 && v[0] == 'i' {
		s = v[1 : len(v)-1]
	}
	n, err := strconv.ParseInt(string(s), 10, 64)
	return n, err == nil
}

// dict calls f for each entry of a dictionary, in the order sent.
func (v value) dict(f func(key string, v value)) error {
	if len(v) < 2 || v[0] != 'd' {
		return errBencode
	}
	for b := []byte(v[1:]); b[0] != 'e'; {
		k, rest, err := split(b)
		if err != nil || k.text() == nil {
			return errBencode
		}
		item, rest, err := split(rest)
		if err != nil {
			return err
		}
		f(string(k.text()), item)
		b = rest
	}
	return nil
}

// list calls f for each item of a list until f returns false.
func (v value) list(f func(v value) bool) error {
	if len(v) < 2 || v[0] != 'l' {
		return errBencode
	}
	for b := []byte(v[1:]); b[0] != 'e'; {
		item, rest, err := split(b)
		if err != nil {
			return err
		}
		if !f(item) {
			return nil
		}
		b = rest
	}
	return nil
}
