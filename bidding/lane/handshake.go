package lane

import (
	"slices"

	"swarmbid/wallet/voucher"
)

// Way is a way to pay. The zero Escrow is that of transfers between the wallets.
type Way struct {
	Chain  int64
	Escrow voucher.Address
}

// Greeting is what an end says first: who it is and what it takes.
type Greeting struct {
	Nonce   [16]byte
	Account voucher.Address
	Ways    []Way // in order of preference; empty = payments are off
	Pays    bool  // it may be a requester
	Serves  bool  // it may be a provider
	Nets    bool  // it sets off what is due in both directions
}

func (Greeting) message() {}

// Handshake is the beginning of a connection, until both accounts are proved: its
// phases are Idle, Hello, Authed and Closed. It is a value like [Payee]. Set
// InfoHash, Dialler and Mine, with a nonce that was never used.
type Handshake struct {
	InfoHash [32]byte // see voucher.Session
	Dialler  bool     // we opened the connection
	Mine     Greeting

	Phase  Phase
	Theirs Greeting // from Hello on, once greeted
	Way    Way      // the one in common
	met    bool     // their greeting has come and there is a way
}

// Prove asks for the signature of our side of the session, to be sent as Auth.
type Prove struct {
	Way     Way
	Session voucher.Session
}

func (Prove) effect() {}

// Open says hello. With no way to pay there is nothing to say.
func (h Handshake) Open() (Handshake, []Effect) {
	if h.Phase != Idle || len(h.Mine.Ways) == 0 {
		h.Phase = Closed
		return h, nil
	}
	h.Phase = Hello
	return h, []Effect{Send{Message: h.Mine}}
}

// Step takes a message of the peer. Those of lanes, and any after the handshake,
// are out of turn and end it.
func (h Handshake) Step(msg Message) (Handshake, []Effect) {
	if h.Phase != Hello {
		h.Phase = Closed
		return h, nil
	}
	switch msg := msg.(type) {
	case Greeting:
		return h.greeted(msg)
	case Auth:
		return h.authed(msg)
	case Stop:
		h.Phase = Closed
		return h, nil
	default:
		return h.refuse()
	}
}

// refuse ends it with a peer that is not what it says.
func (h Handshake) refuse() (Handshake, []Effect) {
	h.Phase = Closed
	return h, []Effect{Send{Message: Stop{ReasonProtocol}}}
}

func (h Handshake) greeted(g Greeting) (Handshake, []Effect) {
	if h.met {
		return h.refuse()
	}
	first, second := h.Mine.Ways, g.Ways
	if !h.Dialler {
		first, second = second, first
	}
	i := slices.IndexFunc(first, func(w Way) bool { return slices.Contains(second, w) })
	if i < 0 || g.Account == h.Mine.Account || g.Nonce == h.Mine.Nonce { // nothing in common, or ourselves
		h.Phase = Closed
		return h, nil
	}
	h.met, h.Theirs, h.Way = true, g, first[i]
	return h, []Effect{Prove{h.Way, h.session(h.Mine.Account, g.Account)}}
}

func (h Handshake) authed(a Auth) (Handshake, []Effect) {
	if !h.met {
		return h.refuse()
	}
	d := h.session(h.Theirs.Account, h.Mine.Account).Digest(voucher.NewDomain(uint64(h.Way.Chain), h.Way.Escrow))
	if voucher.Verify(d, a.Signature, h.Theirs.Account) != nil {
		return h.refuse()
	}
	h.Phase = Authed
	return h, nil
}

// session is the statement of me to peer on this connection.
func (h Handshake) session(me, peer voucher.Address) voucher.Session {
	dialler, listener := h.Mine.Nonce, h.Theirs.Nonce
	if !h.Dialler {
		dialler, listener = listener, dialler
	}
	return voucher.Session{InfoHash: h.InfoHash, Nonces: voucher.Nonces(dialler, listener), Me: me, Peer: peer}
}

// Lanes returns the lane in which we pay and the one in which we are paid; a zero
// key where the roles do not allow it. It is for Authed.
func (h Handshake) Lanes() (pay, paid Key) {
	mine, theirs := h.Mine, h.Theirs
	if mine.Pays && theirs.Serves {
		pay = Key{h.Way.Chain, h.Way.Escrow, mine.Account, theirs.Account}
	}
	if mine.Serves && theirs.Pays {
		paid = Key{h.Way.Chain, h.Way.Escrow, theirs.Account, mine.Account}
	}
	return pay, paid
}

// Nets reports whether what is due in both directions is set off on this connection:
// both ends say so, both pay and serve, and payment is by vouchers. It is for Authed.
func (h Handshake) Nets() bool {
	pay, paid := h.Lanes()
	return h.Mine.Nets && h.Theirs.Nets && pay != (Key{}) && paid != (Key{}) && !pay.Direct()
}
