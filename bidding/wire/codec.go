package wire

import (
	"fmt"
	"math"
)

// MaxPayload is the longest payload, in bytes, without the frame's header.
const MaxPayload = 2 << 10

// Encode returns the payload of m. It returns ErrKey if a field is out of range.
func Encode(m Message) ([]byte, error) {
	var fields []field
	switch m := m.(type) {
	case Hello:
		fields = m.fields()
	case Auth:
		fields = m.fields()
	case Bid:
		fields = m.fields()
	case Quote:
		fields = m.fields()
	case Pay:
		fields = m.fields()
	case Ack:
		fields = m.fields()
	case Need:
		fields = m.fields()
	case Stop:
		fields = m.fields()
	case Settled:
		fields = m.fields()
	case Err:
		fields = m.fields()
	case Reserve:
		fields = m.fields()
	case Proof:
		fields = m.fields()
	case Netted:
		fields = m.fields()
	default:
		return nil, fmt.Errorf("encode %T: %w", m, ErrType)
	}
	t := int64(m.Type())
	b, err := appendFields(nil, insert(fields, number("t", &t)))
	if err != nil {
		return nil, fmt.Errorf("encode %v: %w", m.Type(), err)
	}
	return b, nil
}

// Decode reads a payload. The error is one of ErrLong, ErrSyntax, ErrType and
// ErrKey, with what was found. The message shares no memory with b.
func Decode(b []byte) (Message, error) {
	if len(b) > MaxPayload {
		return nil, fmt.Errorf("decode: %w: %d bytes", ErrLong, len(b))
	}
	v, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	if v.kind != 'd' {
		return nil, fmt.Errorf("decode: %w: no dictionary", ErrSyntax)
	}
	var t int64
	if err := readFields(v, []field{number("t", &t)}); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	if t >= int64(types) || t == int64(typeNone) {
		return nil, fmt.Errorf("decode: %w: type %d", ErrType, t)
	}
	m, err := decode(Type(t), v)
	if err != nil {
		return nil, fmt.Errorf("decode %v: %w", Type(t), err)
	}
	return m, nil
}

func decode(t Type, v value) (Message, error) {
	switch t {
	case TypeHello:
		return hello(v)
	case TypeAuth:
		return into[Auth](v)
	case TypeBid:
		return into[Bid](v)
	case TypeQuote:
		return into[Quote](v)
	case TypePay:
		return into[Pay](v)
	case TypeAck:
		return into[Ack](v)
	case TypeNeed:
		return into[Need](v)
	case TypeStop:
		return into[Stop](v)
	case TypeSettled:
		return settled(v)
	case TypeErr:
		return into[Err](v)
	case TypeReserve:
		return reserve(v)
	case TypeNetted:
		return netted(v)
	default:
		return into[Proof](v)
	}
}

// into reads the fields of an M.
func into[M Message, P interface {
	*M
	fields() []field
}](v value) (Message, error) {
	var m M
	err := readFields(v, P(&m).fields())
	return m, err
}

// settled is into for a message whose key o may be missing, which is 0.
func settled(v value) (Message, error) {
	var m Settled
	if _, ok := v.get("o"); ok {
		m.Off = 1 // so that it is read
	}
	err := readFields(v, m.fields())
	return m, err
}

// reserve is into for a message with optional keys: if any of the three of a
// challenge is there, all must be.
func reserve(v value) (Message, error) {
	var m Reserve
	for _, key := range []string{"b", "i", "n"} {
		if _, ok := v.get(key); ok {
			m.Challenge = new(Challenge)
		}
	}
	err := readFields(v, m.fields())
	return m, err
}

// hello is into with one key that may be missing.
func hello(v value) (Message, error) {
	var m Hello
	fields := m.fields()
	if _, ok := v.get("f"); ok {
		fields = insert(fields, features(&m.Features))
	}
	err := readFields(v, fields)
	return m, err
}

// netted is into, where one key bounds another.
func netted(v value) (Message, error) {
	var m Netted
	err := readFields(v, m.fields())
	if err == nil {
		err = m.check()
	}
	return m, err
}

func (m *Netted) check() error {
	if m.Proposed < m.Total {
		return fmt.Errorf("%w: %d is proposed, %d is set off", ErrKey, m.Proposed, m.Total)
	}
	return nil
}

// The keys of each message, in ascending order.

func (m *Hello) fields() []field {
	all := []field{
		text("a", m.Account[:]), instruments(&m.Instruments), text("n", m.Nonce[:]), roles(&m.Roles),
		between("v", &m.Version, 1, math.MaxInt64),
	}
	if m.Features != 0 {
		return insert(all, features(&m.Features))
	}
	return all
}

func (m *Auth) fields() []field { return []field{text("s", m.Signature[:])} }

func (m *Bid) fields() []field {
	return []field{number("d", &m.Demand), number("m", &m.Most), number("p", &m.Price)}
}

func (m *Quote) fields() []field {
	return []field{
		number("c", &m.Held), number("d", &m.Rate), number("g", &m.Increment), between("k", &m.Number, 1, math.MaxInt64),
		number("p", &m.Price), number("q", &m.Prepay), number("w", &m.Window), number("y", &m.Served),
	}
}

func (m *Pay) fields() []field {
	return []field{number("b", &m.Verified), number("c", &m.Cumulative), text("s", m.Signature[:])}
}

func (m *Ack) fields() []field { return []field{number("c", &m.Cumulative)} }

func (m *Need) fields() []field {
	return []field{number("c", &m.Cumulative), grace(&m.Grace)}
}

func (m *Stop) fields() []field { return []field{between("r", &m.Reason, 0, math.MaxUint8)} }

func (m *Settled) fields() []field {
	if m.Off != 0 {
		return []field{number("c", &m.Amount), number("o", &m.Off), text("x", m.Tx[:])}
	}
	return []field{number("c", &m.Amount), text("x", m.Tx[:])}
}

func (m *Err) fields() []field {
	return []field{words("m", &m.Text), between("r", &m.Code, 0, math.MaxUint8)}
}

func (m *Reserve) fields() []field {
	price := number("p", &m.Price)
	if c := m.Challenge; c != nil {
		return []field{
			between("b", &c.Begin, 0, math.MaxUint32), between("i", &c.Piece, 0, math.MaxUint32), text("n", c.Nonce[:]), price,
		}
	}
	return []field{price}
}

func (m *Proof) fields() []field {
	return []field{
		between("b", &m.Begin, 0, math.MaxUint32), text("h", m.Hash[:]), between("i", &m.Piece, 0, math.MaxUint32),
	}
}

func (m *Netted) fields() []field {
	proposed := number("p", &m.Proposed)
	write := proposed.write
	proposed.write = func(b []byte) ([]byte, error) {
		if err := m.check(); err != nil {
			return nil, err
		}
		return write(b)
	}
	return []field{number("k", &m.Number), number("n", &m.Total), proposed}
}
