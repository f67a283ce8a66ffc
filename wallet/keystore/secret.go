package keystore

import (
	"fmt"
	"log/slog"
)

// Secret holds bytes that must not be seen. Printing it in any way, as JSON or to
// a log shows "[secret]". The zero value is empty.
//
// The bytes lie behind two pointers because fmt does not call the methods of
// values in unexported fields: of a Secret inside a struct it prints the field,
// and with a verb that does not fit a pointer, what that points to. It follows
// no second one.
//
// Copies of a Secret share their bytes, so [Secret.Zero] clears them all. That is
// the best there is: the garbage collector does not move memory, but stacks are
// copied when they grow, and libraries make copies of what they are given.
type Secret struct{ p **[]byte }

const redacted = "[secret]"

// NewSecret takes b over: the caller must not use it afterwards.
func NewSecret(b []byte) Secret {
	p := &b
	return Secret{&p}
}

// Bytes returns the bytes themselves, not a copy; empty after Zero.
func (s Secret) Bytes() []byte {
	if s.p == nil {
		return nil
	}
	return **s.p
}

// Zero overwrites the bytes and forgets them.
func (s Secret) Zero() {
	if s.p != nil {
		clear(**s.p)
		**s.p = nil
	}
}

// Format implements fmt.Formatter for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// String implements fmt.Stringer.
func (Secret) String() string { return redacted }

// MarshalText implements encoding.TextMarshaler, and so the keys and values of
// JSON, XML and YAML.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
