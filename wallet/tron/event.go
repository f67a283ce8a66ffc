package tron

import (
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/voucher"
)

// Event is a fact that was booked or saved before it is told: [Received],
// [Left] or [Progress].
type Event interface{ event() }

// Received says that an address got something from outside.
type Received struct {
	Address voucher.Address
	Asset   Asset
	Amount  btt.Amount      // millionths
	From    voucher.Address // zero if it could not be found out
	TxID    ledger.ID       // zero if it could not be found out
	Block   int64           // at the latest
}

// Left says that something left an address which this wallet did not send:
// another wallet with the same words did.
type Left struct {
	Address voucher.Address
	Asset   Asset
	Amount  btt.Amount // millionths, positive
	Block   int64      // at the latest
}

// Progress says that a transaction of this wallet has moved on.
type Progress struct{ Tx Tx }

func (Received) event() {}
func (Left) event()     {}
func (Progress) event() {}

// Tx is a transaction of this wallet as the window shows it.
type Tx struct {
	Intent  Intent
	State   outbox.State
	TxID    [32]byte // zero until signed
	Block   int64    // zero if in none
	Fee     btt.Sun  // burnt, once solid; before that the most that may be
	Refused bool     // the nodes refused it; it is dead when it has expired
	Reason  string   // the node's words
	Expires time.Time
	Created time.Time
	Changed time.Time
}

// Err is nil while all is well, and else ErrRejected, ErrReverted,
// ErrOutOfEnergy, ErrExpired or ErrAbandoned.
func (t Tx) Err() error {
	switch t.State {
	case outbox.SolidFailed:
		if outOfEnergy(t.Reason) {
			return ErrOutOfEnergy
		}
		return ErrReverted
	case outbox.Expired:
		if t.Refused {
			return ErrRejected
		}
		return ErrExpired
	case outbox.Void:
		return ErrAbandoned
	default:
		if t.Refused {
			return ErrRejected
		}
		return nil
	}
}
