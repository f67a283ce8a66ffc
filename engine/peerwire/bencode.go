package peerwire

import (
	"bytes"
	"strconv"
)

// maxDepth bounds the nesting of a bencoded value. Real messages need three
// levels.
const maxDepth = 16

// valueLen returns the length of the bencoded value at the start of b, or 0 if
// there is no well-formed one.
func valueLen(b []byte, depth int) int {
	if len(b) == 0 || depth > maxDepth {
		return 0
	}
	switch c := b[0]; {
	case c == 'i':
		if _, n := readInt(b); n > 0 {
			return n
		}
	case c == 'l' || c == 'd':
		return nestLen(b, depth)
	case c >= '0' && c <= '9':
		if _, n := readString(b); n > 0 {
			return n
		}
	}
	return 0
}

// nestLen is valueLen of a list or a dictionary.
func nestLen(b []byte, depth int) int {
	i := 1
	for i < len(b) && b[i] != 'e' {
		if b[0] == 'd' {
			_, n := readString(b[i:])
			if n == 0 {
				return 0
			}
			i += n
		}
		n := valueLen(b[i:], depth+1)
		if n == 0 {
			return 0
		}
		i += n
	}
	if i >= len(b) {
		return 0
	}
	return i + 1
}

// readInt reads «i…e» and returns the number and the bytes used, 0 for none.
func readInt(b []byte) (v int64, n int) {
	if len(b) < 3 || b[0] != 'i' {
		return 0, 0
	}
	end := bytes.IndexByte(b[:min(len(b), 22)], 'e')
	if end < 2 || b[1] == '+' {
		return 0, 0
	}
	v, err := strconv.ParseInt(string(b[1:end]), 10, 64)
	if err != nil {
		return 0, 0
	}
	return v, end + 1
}

// readString reads «length:bytes» and returns the bytes and those used, 0 for
// none.
func readString(b []byte) (s []byte, n int) {
	colon := bytes.IndexByte(b[:min(len(b), 8)], ':')
	if colon < 1 {
		return nil, 0
	}
	size := 0
	for _, c := range b[:colon] {
		if c < '0' || c > '9' {
			return nil, 0
		}
		size = size*10 + int(c-'0')
	}
	if size > len(b)-colon-1 {
		return nil, 0
	}
	n = colon + 1 + size
	return b[colon+1 : n], n
}

// eachKey calls f for each entry of the dictionary at the start of b and returns
// the length of the dictionary, 0 if it is malformed. f returns false to stop
// with 0.
func eachKey(b []byte, f func(key, val []byte) bool) int {
	if len(b) < 2 || b[0] != 'd' {
		return 0
	}
	i := 1
	for i < len(b) && b[i] != 'e' {
		key, n := readString(b[i:])
		if n == 0 {
			return 0
		}
		i += n
		n = valueLen(b[i:], 1)
		if n == 0 || !f(key, b[i:i+n]) {
			return 0
		}
		i += n
	}
	if i >= len(b) {
		return 0
	}
	return i + 1
}
