package wire

import (
	"crypto/sha256"
	"fmt"
	"time"

	"swarmbid/wallet/btt"
)

// Name is the name of the extension in the handshake of BEP 10. Version is the
// version of the messages, the key v of Hello.
const (
	Name    = "btt_bid"
	Version = 1
)

// Message is one message: a value of one of the types below, never a pointer.
type Message interface {
	// Type returns the number of the message, the key t.
	Type() Type
}

// Type is the number of a message.
type Type uint8

// The messages, with who sends them.
const (
	TypeHello   Type = iota // both
	TypeAuth                // both
	TypeBid                 // requester
	TypeQuote               // provider
	TypePay                 // requester
	TypeAck                 // provider
	TypeNeed                // provider
	TypeStop                // both
	TypeSettled             // payer, direct mode
	TypeErr                 // both
	TypeReserve             // provider
	TypeProof               // any
	typeNone                // never given: the vectors have it as one that is not known
	TypeNetted              // both, if both have NetsDues
	types                   // after the last
)

// String returns the name of the message in lower case, for logs and tests.
func (t Type) String() string {
	names := [types]string{
		"hello", "auth", "bid", "quote", "pay", "ack", "need", "stop", "settled", "err", "reserve", "proof", "type 12", "netted",
	}
	if t < types {
		return names[t]
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// Lengths of byte strings.
const (
	NonceSize     = 16
	AccountSize   = 20 // a TRON address without its 0x41
	SignatureSize = 65 // r ‖ s ‖ v
	HashSize      = 32
)

// Roles is what an end is ready to be.
type Roles uint8

// The roles, to be combined with |.
const (
	Requester Roles = 1 << iota
	Provider
)

// Features is what an end can do beyond the messages of version 1.
type Features uint8

// NetsDues is to set off what is due in both directions, with Netted. It is the only
// feature.
const NetsDues Features = 1

// Kind is a way to pay. Kinds that are not listed here do not survive Decode.
type Kind string

// The ways to pay.
const (
	Voucher Kind = "voucher" // signed promises against a deposit
	Direct  Kind = "direct"  // transfers between the two wallets
)

// Instrument is one way to pay that an end offers.
type Instrument struct {
	Kind   Kind
	Chain  int64             // chain id of the signing domain (TIP-712)
	Escrow [AccountSize]byte // the contract; all zero for Direct
}

// MaxInstruments bounds the list of a Hello.
const MaxInstruments = 8

// Hello opens the extension. Both ends send it first.
type Hello struct {
	Version     int64 // at least 1; both speak the lower of the two
	Nonce       [NonceSize]byte
	Account     [AccountSize]byte
	Instruments []Instrument // in order of preference; nil = none
	Roles       Roles
	Features    Features // 0 = none; then the message is as it was without them
}

// Auth proves that the end owns the account of its Hello: the signature of
// the voucher.Session of this connection.
type Auth struct {
	Signature [SignatureSize]byte
}

// Bid is the highest offer of a requester. It replaces the one before; a price of
// 0 withdraws it.
type Bid struct {
	Price  btt.Rate   // the most it pays
	Demand int64      // bytes per second it can take; 0 = any
	Most   btt.Amount // the most it pays in all on this connection; 0 = nothing
}

// Quote is the price of what is delivered from the requester's next request on.
type Quote struct {
	Price     btt.Rate   // not above the bid
	Rate      int64      // granted, in bytes per second
	Number    int64      // counts up by one with each quote of the connection, from 1
	Window    int64      // payload bytes that may be unpaid
	Prepay    int64      // payload bytes to be paid before they are sent; 0 = pay afterwards
	Increment btt.Amount // the least that a Pay may add, but for the last
	Served    int64      // payload bytes served and charged so far: the first that it applies to
	Held      btt.Amount // the best cumulative promise that the provider holds
}

// Pay is a voucher: a promise of Cumulative in all.
type Pay struct {
	Cumulative btt.Amount
	Signature  [SignatureSize]byte
	Verified   int64 // payload bytes that it counts as delivered and verified
}

// Ack says that a Pay, or one above it, is kept.
type Ack struct {
	Cumulative btt.Amount
}

// Need says that service stops unless Cumulative is promised within Grace.
type Need struct {
	Cumulative btt.Amount
	Grace      time.Duration // whole milliseconds, at most MaxGrace
}

// MaxGrace is the longest grace of a Need.
const MaxGrace = 10 * time.Minute

// Stop ends the quote in force.
type Stop struct {
	Reason Reason
}

// Reason says why a quote ends. Values that are not listed are for later versions.
type Reason uint8

// The reasons.
const (
	Done       Reason = iota // nothing more is wanted, or to be had
	Price                    // the price is not accepted
	BadVoucher               // a voucher does not verify
	Insolvent                // the deposit does not cover the promises
	Limit                    // a cap of the user is reached
	BadData                  // delivered blocks did not verify
	Protocol                 // a message out of turn
)

// Settled says that the sender has paid Amount on the chain (Direct).
type Settled struct {
	Tx     [HashSize]byte
	Amount btt.Amount
	Off    btt.Amount // what the sender proposes to set off against what the receiver owes it
}

// Netted is about what is due in both directions and not promised, to be set off against
// each other. Proposed is not below Total.
type Netted struct {
	Number   int64      // of the proposal, counting up from 1; in an answer, of what it answers; 0 before the first
	Total    btt.Amount // set off in all between the two accounts
	Proposed btt.Amount // to be set off in all
}

// Err says that a message was not understood or not allowed.
type Err struct {
	Code Code
	Text string // for a log, UTF-8, at most MaxText bytes
}

// MaxText is the longest text of an Err, in bytes.
const MaxText = 120

// Reserve tells the least price of a torrent and may ask for a source proof.
type Reserve struct {
	Price     btt.Rate
	Challenge *Challenge // nil = no proof is asked for
}

// Challenge asks for the hash of a block, to see whether somebody else has it.
type Challenge struct {
	Piece, Begin uint32 // the block of 16 KiB at Begin, or what the piece has of it
	Nonce        [NonceSize]byte
}

// Proof answers a Challenge, see [ProofHash].
type Proof struct {
	Piece, Begin uint32
	Hash         [HashSize]byte
}

// Type implements Message.
func (Hello) Type() Type { return TypeHello }

// Type implements Message.
func (Auth) Type() Type { return TypeAuth }

// Type implements Message.
func (Bid) Type() Type { return TypeBid }

// Type implements Message.
func (Quote) Type() Type { return TypeQuote }

// Type implements Message.
func (Pay) Type() Type { return TypePay }

// Type implements Message.
func (Ack) Type() Type { return TypeAck }

// Type implements Message.
func (Need) Type() Type { return TypeNeed }

// Type implements Message.
func (Stop) Type() Type { return TypeStop }

// Type implements Message.
func (Settled) Type() Type { return TypeSettled }

// Type implements Message.
func (Err) Type() Type { return TypeErr }

// Type implements Message.
func (Reserve) Type() Type { return TypeReserve }

// Type implements Message.
func (Proof) Type() Type { return TypeProof }

// Type implements Message.
func (Netted) Type() Type { return TypeNetted }

// ProofHash returns the hash that answers a challenge with that nonce for block.
func ProofHash(nonce [NonceSize]byte, block []byte) [HashSize]byte {
	h := sha256.New()
	h.Write(nonce[:])
	h.Write(block)
	return [HashSize]byte(h.Sum(nil))
}
