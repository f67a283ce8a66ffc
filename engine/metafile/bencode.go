package metafile

import (
	"bytes"
	"fmt"
	"math"
)

// Limits of the reader. maxDepth is also the depth the engine's library reads.
const (
	maxDepth  = 64
	maxValues = 8 << 20 // values in one file
)

// cursor walks over bencoded bytes that check has accepted. It reads each byte
// once, and never recurses deeper than maxDepth because check did not.
type cursor struct {
	b   []byte
	pos int
}

// checker accepts well-formed bencoding and nothing else.
type checker struct {
	cursor
	values    int
	unordered bool // a dictionary has its keys out of order (BEP 3 wants them sorted)
}

// check reads one value from the start of b and returns its bytes. What follows
// is no part of it: some sites append a line end or more. ordered reports
// whether all dictionaries have their keys in order.
func check(b []byte) (value []byte, ordered bool, err error) {
	c := checker{cursor: cursor{b: b}}
	if err := c.value(0); err != nil {
		return nil, false, err
	}
	return b[:c.pos:c.pos], !c.unordered, nil
}

func (c *checker) value(depth int) error {
	if c.values++; c.values > maxValues {
		return fmt.Errorf("more than %d values: %w", maxValues, ErrTooLarge)
	}
	if c.pos >= len(c.b) {
		return c.fault("the file ends early")
	}
	switch ch := c.b[c.pos]; {
	case ch == 'i':
		_, err := c.integer()
		return err
	case ch >= '0' && ch <= '9':
		_, err := c.text()
		return err
	case ch == 'l' || ch == 'd':
		if depth == maxDepth {
			return fmt.Errorf("nested deeper than %d at byte %d: %w", maxDepth, c.pos, ErrBencode)
		}
		c.pos++
		return c.items(depth+1, ch == 'd')
	default:
		return c.fault("no value starts")
	}
}

func (c *checker) items(depth int, dict bool) error {
	var last []byte
	for first := true; ; first = false {
		if c.pos >= len(c.b) {
			return c.fault("the file ends early")
		}
		if c.b[c.pos] == 'e' {
			c.pos++
			return nil
		}
		if dict {
			key, err := c.text()
			if err != nil {
				return err
			}
			switch order := bytes.Compare(last, key); {
			case first || order < 0:
			case order == 0:
				return fmt.Errorf("key %.40q twice: %w", key, ErrBencode)
			default:
				c.unordered = true
			}
			last = key
		}
		if err := c.value(depth); err != nil {
			return err
		}
	}
}

func (c *cursor) fault(what string) error {
	return fmt.Errorf("%s at byte %d: %w", what, c.pos, ErrBencode)
}

// integer reads i…e. Leading zeros and -0 are refused, as by the engine's library.
func (c *cursor) integer() (int64, error) {
	end := bytes.IndexByte(c.b[c.pos:min(len(c.b), c.pos+24)], 'e')
	if c.b[c.pos] != 'i' || end < 0 {
		return 0, c.fault("integer without an end")
	}
	digits := c.b[c.pos+1 : c.pos+end]
	n, ok := decimal(digits)
	if !ok {
		return 0, c.fault("bad integer")
	}
	c.pos += end + 1
	return n, nil
}

// text reads a byte string without copying it.
func (c *cursor) text() ([]byte, error) {
	colon := bytes.IndexByte(c.b[c.pos:min(len(c.b), c.pos+12)], ':')
	if colon < 0 {
		return nil, c.fault("string without a length")
	}
	n, ok := decimal(c.b[c.pos : c.pos+colon])
	start := c.pos + colon + 1
	if !ok || n < 0 || n > int64(len(c.b)-start) {
		return nil, c.fault("bad string length")
	}
	c.pos = start + int(n)
	return c.b[start:c.pos:c.pos], nil
}

// decimal reads a number in its shortest form.
func decimal(b []byte) (int64, bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 19 || b[0] == '0' && (len(b) > 1 || negative) {
		return 0, false
	}
	var n int64
	for _, ch := range b {
		if ch < '0' || ch > '9' || n > (math.MaxInt64-int64(ch-'0'))/10 {
			return 0, false
		}
		n = n*10 + int64(ch-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}

// kind is the first byte of the value at hand: 'i', 'l', 'd' or 's' for a string.
func (c *cursor) kind() byte {
	if ch := c.b[c.pos]; ch < '0' || ch > '9' {
		return ch
	}
	return 's'
}

// skip passes over one value and returns its bytes.
func (c *cursor) skip() []byte {
	start, open := c.pos, 0
	for {
		switch c.kind() {
		case 's':
			_, _ = c.text()
		case 'i':
			_, _ = c.integer()
		case 'e':
			open--
			c.pos++
		default:
			open++
			c.pos++
		}
		if open == 0 {
			return c.b[start:c.pos:c.pos]
		}
	}
}

// dict calls f with each key, the cursor at its value; f reads the value whole
// or not at all. A value that is no dictionary is passed over and gives false.
func (c *cursor) dict(f func(key string) error) (bool, error) {
	return c.each('d', func() error {
		key, err := c.text()
		if err != nil {
			return err
		}
		at := c.pos
		if err := f(string(key)); err != nil {
			return err
		}
		if c.pos == at {
			c.skip()
		}
		return nil
	})
}

// list calls f at each item, with the same bargain as dict.
func (c *cursor) list(f func() error) (bool, error) {
	return c.each('l', func() error {
		at := c.pos
		if err := f(); err != nil {
			return err
		}
		if c.pos == at {
			c.skip()
		}
		return nil
	})
}

func (c *cursor) each(kind byte, f func() error) (bool, error) {
	if c.kind() != kind {
		c.skip()
		return false, nil
	}
	for c.pos++; c.b[c.pos] != 'e'; {
		if err := f(); err != nil {
			return true, err
		}
	}
	c.pos++
	return true, nil
}

// number reads an integer; a value of another type is passed over and gives false.
func (c *cursor) number() (int64, bool) {
	if c.kind() != 'i' {
		c.skip()
		return 0, false
	}
	n, err := c.integer()
	return n, err == nil
}

// str reads a string; a value of another type is passed over and gives false.
func (c *cursor) str() (string, bool) {
	if c.kind() != 's' {
		c.skip()
		return "", false
	}
	b, err := c.text()
	return string(b), err == nil
}
