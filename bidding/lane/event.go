package lane

import (
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// Message is what is said on the wire about money. The types have the fields of
// those of package wire, so that one converts into the other.
type Message interface{ message() }

// The messages; docs/bep-btt-bid.md says what they mean.
type (
	// Auth proves the account of the sender.
	Auth struct{ Signature [65]byte }
	// Bid is the highest offer of a requester; a Price of 0 withdraws it.
	Bid struct {
		Price  btt.Rate
		Demand int64      // bytes per second
		Most   btt.Amount // in all on the connection
	}
	// Quote is the price from its place in the stream on.
	Quote struct {
		Price     btt.Rate
		Rate      int64 // bytes per second
		Number    int64
		Window    int64 // bytes
		Prepay    int64 // bytes
		Increment btt.Amount
		Served    int64 // bytes
		Held      btt.Amount
	}
	// Pay is a promise of Cumulative in all.
	Pay struct {
		Cumulative btt.Amount
		Signature  [65]byte
		Verified   int64 // bytes
	}
	// Ack says that a promise is kept.
	Ack struct{ Cumulative btt.Amount }
	// Need asks for a promise within Grace.
	Need struct {
		Cumulative btt.Amount
		Grace      time.Duration
	}
	// Stop ends the quotes in force in both directions, and takes back the bid of
	// who says it.
	Stop struct{ Reason Reason }
	// Settled names a transfer on the chain, and what its payer proposes to set off
	// with it.
	Settled struct {
		Tx     [32]byte
		Amount btt.Amount
		Off    btt.Amount
	}
	// Netted is about what is set off between the two directions: proposed by the end
	// with the smaller account under a Number that counts up, and answered by the other
	// under the same. Proposed is not below Total; in an answer that is above it, it
	// is what the sender wishes to be proposed.
	Netted struct {
		Number   int64
		Total    btt.Amount // set off in all
		Proposed btt.Amount // to be set off in all
	}
)

// Reason says why a quote ends; the numbers are those of the wire.
type Reason uint8

// The reasons.
const (
	ReasonDone Reason = iota
	ReasonPrice
	ReasonVoucher
	ReasonInsolvent
	ReasonLimit
	ReasonData
	ReasonProtocol
)

func (Auth) message()    {}
func (Bid) message()     {}
func (Quote) message()   {}
func (Pay) message()     {}
func (Ack) message()     {}
func (Need) message()    {}
func (Stop) message()    {}
func (Settled) message() {}
func (Netted) message()  {}

// Event is something that happened. Positions are payload bytes of one direction
// of a connection since it was made, paid and free.
type Event interface{ event() }

// The events that both machines know.
type (
	// Opened says that both accounts are proved on a new connection.
	Opened struct {
		Conn    Conn
		Torrent Torrent
		Piece   int64 // length of its pieces, bytes
		Nets    bool  // both ends set off on it
	}
	// Heard is a message of the peer that arrived when Pos bytes of its payload had.
	Heard struct {
		Conn    Conn
		Message Message
		Pos     int64
	}
	// Choked says that the provider choked: payload from Pos on is not charged.
	Choked struct {
		Conn Conn
		Pos  int64
	}
	// Down says that the connection is gone.
	Down struct{ Conn Conn }
	// Tick lets time pass; it comes about once a second.
	Tick struct{}
	// Redeemed says what of the promises was settled on the chain, in all.
	Redeemed struct{ Total btt.Amount }
	// SetOff says that Amount of this direction is settled against as much of the
	// other: by a transfer there (direct), or because both ends said so (voucher). It is
	// recorded together with that. Ahead is the part of it that we did not owe at that
	// moment (voucher, payee).
	SetOff struct{ Amount, Ahead btt.Amount }
	// Against is what the other direction owes, to be set off (direct).
	Against struct{ Amount btt.Amount }
)

// The events of a payee.
type (
	// Granted is the allocator's decision to serve at a price; 0 ends the quote.
	Granted struct {
		Conn  Conn
		Price btt.Rate
		Rate  int64 // bytes per second
	}
	// Placed answers Place: where in the stream the message was put. A Stop that
	// either direction says ends both, so both machines are told.
	Placed struct {
		Conn    Conn
		Message Message
		Pos     int64
	}
	// Served says that Pos bytes have been put into the stream.
	Served struct {
		Conn Conn
		Pos  int64
	}
	// Funded says what the payer's deposit has free, 0 if it is leaving; of a lane
	// without deposits, what the user lends this address.
	Funded struct{ Free btt.Amount }
	// Final answers Check: the transaction is final and pays Amount to us. Off is what
	// its payer proposed to set off, at most what Payer.Open says of the other lane.
	Final struct {
		Tx          [32]byte
		Amount, Off btt.Amount
	}
	// Held asks for an Ack on Conn (direct).
	Held struct{ Conn Conn }
)

// The events of a payer.
type (
	// Offer is what auto-bid is ready to pay; a Price of 0 withdraws it.
	Offer struct {
		Conn Conn
		Bid  Bid
	}
	// Verified says that Bytes, which arrived from Pos on without a gap, belong to
	// pieces whose hash is right. No byte is said to be so twice.
	Verified struct {
		Conn       Conn
		Pos, Bytes int64
		Torrent    Torrent // zero = that of the connection
	}
	// Corrupt says that a piece was wrong by this connection's fault.
	Corrupt struct{ Conn Conn }
	// Allowed is what the user's caps leave to be promised from now on, and the
	// Least that is worth a transfer on the chain (direct).
	Allowed struct{ Amount, Least btt.Amount }
	// Nets is what the peer owes us, by what we served, and what of it is proposed to
	// be set off and not yet answered (voucher).
	Nets struct{ Owed, Open btt.Amount }
	// Transferred says that a transfer to the payee is final; it is to be said once.
	Transferred struct {
		Tx     [32]byte
		Amount btt.Amount
	}
	// Claim has such a transfer named to the payee; it may be said again.
	Claim struct {
		Conn   Conn
		Tx     [32]byte
		Amount btt.Amount
	}
)

func (Opened) event()      {}
func (Heard) event()       {}
func (Choked) event()      {}
func (Down) event()        {}
func (Tick) event()        {}
func (Against) event()     {}
func (SetOff) event()      {}
func (Granted) event()     {}
func (Placed) event()      {}
func (Served) event()      {}
func (Funded) event()      {}
func (Redeemed) event()    {}
func (Final) event()       {}
func (Offer) event()       {}
func (Verified) event()    {}
func (Corrupt) event()     {}
func (Allowed) event()     {}
func (Transferred) event() {}
func (Claim) event()       {}
func (Held) event()        {}
func (Nets) event()        {}

// digest returns what is signed for a promise of sum in lane k.
func (k Key) digest(sum btt.Amount) (voucher.Digest, error) {
	return k.voucher(sum).Digest(voucher.NewDomain(uint64(k.Chain), k.Escrow))
}

func (k Key) voucher(sum btt.Amount) voucher.Voucher {
	return voucher.Voucher{Payer: k.Payer, Payee: k.Payee, Cumulative: sum}
}
