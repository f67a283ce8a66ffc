package wire

import "errors"

// The faults of a payload. Decode and Encode wrap them with what was found.
var (
	// ErrLong is returned for a payload of more than MaxPayload bytes.
	ErrLong = errors.New("wire: message too long")
	// ErrSyntax is returned for a payload that is no dictionary in canonical bencode.
	ErrSyntax = errors.New("wire: not canonical bencode")
	// ErrType is returned for a message whose type is not known. It is no fault of
	// the sender, which may be newer; it is told so and the extension goes on.
	ErrType = errors.New("wire: unknown message")
	// ErrKey is returned for a known key that is missing, of another kind, or out
	// of range.
	ErrKey = errors.New("wire: key missing or out of range")
	// ErrFlood is for the caller of Limiter: the peer sends more than is allowed.
	ErrFlood = errors.New("wire: too many messages")
	// ErrTurn is for the caller: a message that may not come now.
	ErrTurn = errors.New("wire: message out of turn")
)

// Code is what an Err says of the message that it answers. Values that are not
// listed are for later versions.
type Code uint8

// The codes.
const (
	CodeType   Code = iota + 1 // ErrType: not understood; the extension goes on
	CodeSyntax                 // ErrSyntax; this and all below end the extension
	CodeKey                    // ErrKey
	CodeLong                   // ErrLong
	CodeFlood                  // ErrFlood
	CodeTurn                   // ErrTurn
)

// CodeOf returns the code to answer err with, or 0 if err is none of this package,
// and whether the extension ends with it. The connection goes on in any case, as
// with an ordinary peer.
func CodeOf(err error) (c Code, ends bool) {
	for i, e := range []error{ErrType, ErrSyntax, ErrKey, ErrLong, ErrFlood, ErrTurn} {
		if errors.Is(err, e) {
			c = CodeType + Code(i)
			return c, c != CodeType
		}
	}
	return 0, false
}
