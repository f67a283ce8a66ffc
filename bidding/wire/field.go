package wire

import (
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

// field is one key of a message, bound to where its value is kept.
type field struct {
	key   string
	write func(b []byte) ([]byte, error) // appends the value
	get   func(v value) error            // takes the value
}

// readFields takes the fields from a dictionary.
func readFields(dict value, fields []field) error {
	for _, f := range fields {
		v, ok := dict.get(f.key)
		if !ok {
			return fmt.Errorf("%w: no %s", ErrKey, f.key)
		}
		if err := f.get(v); err != nil {
			return fmt.Errorf("%s: %w", f.key, err)
		}
	}
	return nil
}

// appendFields appends a dictionary.
func appendFields(b []byte, fields []field) ([]byte, error) {
	b = append(b, 'd')
	for _, f := range fields {
		var err error
		if b, err = f.write(appendText(b, f.key)); err != nil {
			return nil, fmt.Errorf("%s: %w", f.key, err)
		}
	}
	return append(b, 'e'), nil
}

// insert puts f in its place among fields.
func insert(fields []field, f field) []field {
	for i := range fields {
		if f.key < fields[i].key {
			return append(fields[:i:i], append([]field{f}, fields[i:]...)...)
		}
	}
	return append(fields, f)
}

// integer is every type that is an integer on the wire.
type integer interface {
	~int64 | ~uint32 | ~uint8
}

// between is an integer from low to high.
func between[T integer](key string, at *T, low, high int64) field {
	check := func(n int64) error {
		if n < low || n > high {
			return fmt.Errorf("%w: %d is not in %d to %d", ErrKey, n, low, high)
		}
		return nil
	}
	return field{
		key:   key,
		write: func(b []byte) ([]byte, error) { return appendNumber(b, int64(*at)), check(int64(*at)) },
		get: func(v value) error {
			if v.kind != 'i' {
				return fmt.Errorf("%w: no integer", ErrKey)
			}
			*at = T(v.n)
			return check(v.n)
		},
	}
}

// number is an integer that is not negative.
func number[T ~int64](key string, at *T) field { return between(key, at, 0, math.MaxInt64) }

// text is a byte string of fixed length, kept in at.
func text(key string, at []byte) field {
	return field{
		key:   key,
		write: func(b []byte) ([]byte, error) { return appendText(b, at), nil },
		get: func(v value) error {
			if v.kind != 's' || len(v.s) != len(at) {
				return fmt.Errorf("%w: no string of %d bytes", ErrKey, len(at))
			}
			copy(at, v.s)
			return nil
		},
	}
}

// words is a text for people.
func words(key string, at *string) field {
	check := func(s string) error {
		if len(s) > MaxText || !utf8.ValidString(s) {
			return fmt.Errorf("%w: no text of at most %d bytes", ErrKey, MaxText)
		}
		return nil
	}
	return field{
		key:   key,
		write: func(b []byte) ([]byte, error) { return appendText(b, *at), check(*at) },
		get: func(v value) error {
			if v.kind != 's' {
				return fmt.Errorf("%w: no string", ErrKey)
			}
			*at = string(v.s)
			return check(*at)
		},
	}
}

// roles drops the bits that are not known.
func roles(at *Roles) field {
	n := int64(*at)
	f := number("r", &n)
	get := f.get
	f.get = func(v value) error {
		err := get(v)
		*at = Roles(n & int64(Requester|Provider))
		return err
	}
	return f
}

// features drops the bits that are not known.
func features(at *Features) field {
	n := int64(*at)
	f := number("f", &n)
	get := f.get
	f.get = func(v value) error {
		err := get(v)
		*at = Features(n & int64(NetsDues))
		return err
	}
	return f
}

// grace is a time in milliseconds.
func grace(at *time.Duration) field {
	ms := at.Milliseconds()
	f := between("d", &ms, 0, MaxGrace.Milliseconds())
	get := f.get
	f.get = func(v value) error {
		err := get(v)
		*at = time.Duration(ms) * time.Millisecond
		return err
	}
	return f
}

// instruments is the list of a Hello. Kinds that are not known are passed over.
func instruments(at *[]Instrument) field {
	return field{
		key: "i",
		write: func(b []byte) ([]byte, error) {
			if len(*at) > MaxInstruments {
				return nil, fmt.Errorf("%w: %d instruments", ErrKey, len(*at))
			}
			b = append(b, 'l')
			for _, x := range *at {
				var err error
				if b, err = appendFields(b, x.fields()); err != nil {
					return nil, err
				}
			}
			return append(b, 'e'), nil
		},
		get: func(v value) error {
			if v.kind != 'l' || len(v.list) > MaxInstruments {
				return fmt.Errorf("%w: no list of at most %d", ErrKey, MaxInstruments)
			}
			for _, one := range v.list {
				if k, ok := one.get("k"); !ok || k.kind != 's' {
					return fmt.Errorf("%w: instrument without a kind", ErrKey)
				} else if Kind(k.s) != Voucher && Kind(k.s) != Direct {
					continue
				}
				var x Instrument
				if err := readFields(one, x.fields()); err != nil {
					return err
				}
				*at = append(*at, x)
			}
			return nil
		},
	}
}

func (x *Instrument) fields() []field {
	return []field{number("c", &x.Chain), text("e", x.Escrow[:]), kind(&x.Kind)}
}

// kind is one of the known ways to pay.
func kind(at *Kind) field {
	check := func(k Kind) error {
		if k != Voucher && k != Direct {
			return fmt.Errorf("%w: kind %.24q", ErrKey, k)
		}
		return nil
	}
	return field{
		key:   "k",
		write: func(b []byte) ([]byte, error) { return appendText(b, string(*at)), check(*at) },
		get: func(v value) error {
			*at = Kind(v.s)
			return check(*at)
		},
	}
}
