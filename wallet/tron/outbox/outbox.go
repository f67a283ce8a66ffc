package outbox

import (
	"errors"
	"fmt"
	"slices"

	"swarmbid/wallet/btt"
)

// State is how far an intent has come.
type State uint8

// The states. The zero value is no state.
const (
	// Built is decided and reserved, not signed. A restart gives it up: the
	// signature, if there was one, died with the process and was never sent.
	Built State = iota + 1
	// Signed has its bytes and id on the disk. It may or may not have been sent.
	Signed
	// Broadcast was accepted by a node.
	Broadcast
	// InBlock is in a block that is not solid yet.
	InBlock
	// SolidOK was carried out and stays so.
	SolidOK
	// SolidFailed is in a solid block, failed, and cost its fee.
	SolidFailed
	// Expired can no longer enter a block and is in none.
	Expired
	// Void was given up before it was signed.
	Void
)

// States returns all states in the order of a life.
func States() []State {
	return []State{Built, Signed, Broadcast, InBlock, SolidOK, SolidFailed, Expired, Void}
}

// String returns the word for the state that is stored.
func (s State) String() string {
	words := [...]string{"", "built", "signed", "broadcast", "in-block", "solid-ok", "solid-failed", "expired", "void"}
	if int(s) < len(words) {
		return words[s]
	}
	return fmt.Sprintf("state %d", uint8(s))
}

// ErrState is returned for a word that is no state's.
var ErrState = errors.New("outbox: no such state")

// ParseState is the inverse of String.
func ParseState(word string) (State, error) {
	i := slices.IndexFunc(States(), func(s State) bool { return s.String() == word })
	if i < 0 {
		return 0, fmt.Errorf("%w: %q", ErrState, word)
	}
	return States()[i], nil
}

// Live reports whether the intent has not come to its end.
func (s State) Live() bool { return s >= Built && s <= InBlock }

// Tx is what is known about an intent. The zero value is nothing; an intent
// begins as Tx{State: Built}.
type Tx struct {
	State   State
	ID      [32]byte // sha256 of raw_data, zero until Signed
	Expires int64    // ms, the chain's clock; zero until Signed
	Block   int64    // the block it is in, zero if in none
	Fee     btt.Sun  // burnt, known when solid
	Refused bool     // a node has refused it; it may still enter a block elsewhere until it expires
	Reason  string   // the node's words for a refusal or failure
}

// Kind says what happened.
type Kind uint8

// What can happen. The zero value is nothing.
const (
	// Sign brings the signature: ID and Expires.
	Sign Kind = iota + 1
	// Abandon gives up what is not signed: the user, or a restart.
	Abandon
	// Tick says that time has passed: what may be lost is sent again.
	Tick
	// Accepted says that a node took the bytes, or had them already.
	Accepted
	// Refuse says that a node refuses the bytes, for Reason.
	Refuse
	// Seen says that it is in block Block, not solid.
	Seen
	// Unseen says that it is in no block of a node that is up to date.
	Unseen
	// Solid says that it is in solid block Block with Fee, carried out if OK,
	// else failed for Reason.
	Solid
	// Passed says that a solid block is later than Now, which every endpoint
	// agrees on, and that none of them knows the transaction.
	Passed
)

// Kinds returns everything that can happen.
func Kinds() []Kind {
	return []Kind{Sign, Abandon, Tick, Accepted, Refuse, Seen, Unseen, Solid, Passed}
}

// Event is something that happened; which fields count depends on Kind.
type Event struct {
	Kind    Kind
	ID      [32]byte
	Expires int64 // ms
	Block   int64
	Fee     btt.Sun
	OK      bool
	Reason  string
	Now     int64 // ms, time of the newest solid block
}

// Effect is something to do.
type Effect uint8

// The effects. The caller carries them out in the order returned and stops at
// the first that fails; the event can then be repeated.
const (
	// Save writes Tx to the disk. Book and Release that follow are part of the
	// same write: all or none.
	Save Effect = iota + 1
	// Book turns the reservation into transfers: amount and fee if SolidOK, the
	// fee alone if SolidFailed.
	Book
	// Release gives the reservation back.
	Release
	// Send hands the saved bytes to the endpoints.
	Send
	// Tell informs the user.
	Tell
)

// Step says what follows from e. An event that means nothing in the state, such
// as a late answer, changes nothing and has no effects.
func Step(tx Tx, e Event) (Tx, []Effect) {
	if !tx.State.Live() {
		return tx, nil
	}
	if tx.State == Built {
		return unsigned(tx, e)
	}
	switch e.Kind {
	case Tick:
		if tx.State == InBlock || tx.Refused {
			return tx, nil
		}
		return tx, []Effect{Send}
	case Accepted:
		if tx.State != Signed {
			return tx, nil
		}
		tx.State, tx.Refused, tx.Reason = Broadcast, false, ""
		return tx, []Effect{Save, Tell}
	case Refuse:
		return refused(tx, e)
	case Seen:
		if tx.State == InBlock && tx.Block == e.Block {
			return tx, nil
		}
		tx.State, tx.Block, tx.Refused, tx.Reason = InBlock, e.Block, false, ""
		return tx, []Effect{Save, Tell}
	case Unseen:
		if tx.State != InBlock { // it has not arrived yet
			return tx, nil
		}
		tx.State, tx.Block = Broadcast, 0 // its block was replaced
		return tx, []Effect{Save, Send}
	case Solid:
		return solid(tx, e)
	case Passed:
		if e.Now <= tx.Expires {
			return tx, nil
		}
		tx.State, tx.Block = Expired, 0
		return tx, []Effect{Save, Release, Tell}
	default: // Sign: it is signed already; Abandon: too late
		return tx, nil
	}
}

// unsigned is Step in state Built.
func unsigned(tx Tx, e Event) (Tx, []Effect) {
	switch e.Kind {
	case Sign:
		tx.State, tx.ID, tx.Expires = Signed, e.ID, e.Expires
		return tx, []Effect{Save, Send}
	case Abandon:
		tx.State, tx.Reason = Void, e.Reason
		return tx, []Effect{Save, Release, Tell}
	default:
		return tx, nil
	}
}

// refused keeps the transaction alive: a node that refuses it is not every node.
func refused(tx Tx, e Event) (Tx, []Effect) {
	if tx.State != Signed || tx.Refused { // once accepted, a later refusal says nothing new
		return tx, nil
	}
	tx.Refused, tx.Reason = true, e.Reason
	return tx, []Effect{Save, Tell}
}

func solid(tx Tx, e Event) (Tx, []Effect) {
	tx.State, tx.Reason = SolidFailed, e.Reason
	if e.OK {
		tx.State, tx.Reason = SolidOK, ""
	}
	tx.Block, tx.Fee, tx.Refused = e.Block, e.Fee, false
	return tx, []Effect{Save, Book, Tell}
}
