package peerwire

import (
	"errors"
	"fmt"
)

// The faults of a frame. A FrameError wraps one of them.
var (
	// ErrProtocol: the handshake does not begin with the protocol's name.
	ErrProtocol = errors.New("not a BitTorrent handshake")
	// ErrTooLong: the frame is longer than MaxFrame.
	ErrTooLong = errors.New("frame too long")
	// ErrLength: the message has a fixed or least length and this is another one.
	ErrLength = errors.New("wrong length")
	// ErrUnknown: no BEP we know defines the id.
	ErrUnknown = errors.New("unknown message")
	// ErrNotFast: a message of BEP 6 without the fast extension on both sides.
	ErrNotFast = errors.New("fast extension not negotiated")
	// ErrNotExtended: a message of BEP 10 without its bit in both handshakes.
	ErrNotExtended = errors.New("extension protocol not negotiated")
	// ErrIndex: there is no such piece.
	ErrIndex = errors.New("piece index out of range")
	// ErrRange: the block is empty, too long or ends after its piece.
	ErrRange = errors.New("block out of range")
	// ErrBitfield: the bitfield has not one bit for each piece.
	ErrBitfield = errors.New("bitfield has the wrong size")
	// ErrSpareBits: bits after the last piece are set.
	ErrSpareBits = errors.New("bitfield has spare bits set")
	// ErrUnasked: data or a refusal for which nothing was asked.
	ErrUnasked = errors.New("answer without a request")
	// ErrBencode: the payload is not the bencoded dictionary it has to be.
	ErrBencode = errors.New("bad bencoding")
	// ErrExtended: a value of the extended handshake is out of range.
	ErrExtended = errors.New("bad extended handshake")
	// ErrMetadata: a ut_metadata message (BEP 9) with an impossible piece or size.
	ErrMetadata = errors.New("bad ut_metadata message")
	// ErrPex: a ut_pex message (BEP 11) with broken or too many addresses.
	ErrPex = errors.New("bad ut_pex message")
	// ErrHolepunch: a ut_holepunch message (BEP 55) of the wrong form.
	ErrHolepunch = errors.New("bad ut_holepunch message")
	// ErrHashes: a BEP 52 hash message whose numbers do not fit together.
	ErrHashes = errors.New("bad hash message")
)

// FrameError says which message was at fault and how. It wraps one of the Err
// values of this package.
type FrameError struct {
	ID   ID
	Err  error
	Got  int64  // the number at fault
	Want int64  // its bound, 0 = none to tell
	What string // what Got counts, "" = no numbers to tell
}

// Error returns for instance «request: piece index out of range (index 7, limit 4)».
func (e *FrameError) Error() string {
	switch {
	case e.What == "":
		return fmt.Sprintf("%v: %v", e.ID, e.Err)
	case e.Want == 0:
		return fmt.Sprintf("%v: %v (%s %d)", e.ID, e.Err, e.What, e.Got)
	}
	return fmt.Sprintf("%v: %v (%s %d, limit %d)", e.ID, e.Err, e.What, e.Got, e.Want)
}

// Unwrap returns the fault.
func (e *FrameError) Unwrap() error { return e.Err }

func fault(id ID, err error, what string, got, want int64) error {
	return &FrameError{ID: id, Err: err, What: what, Got: got, Want: want}
}
