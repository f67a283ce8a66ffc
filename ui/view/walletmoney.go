package view

import (
	"time"

	"swarmbid/wallet/btt"
)

// Pay is the user's leave to earn and spend. The zero value moves nothing.
type Pay struct {
	On         bool
	PeerCap    btt.Amount // never promise more to one address; 0 = nothing is promised
	AutoRedeem bool       // vouchers may be redeemed unasked
	RedeemFee  int        // percent of a redemption that its fee may be
	TRXWorth   btt.Amount // what a TRX is worth, as the user said; 0 = unknown

	Direct bool       // peers pay and are paid by plain transfers, too
	Floor  btt.Amount // the least debt that is paid by one
	Line   btt.Amount // what is lent to each peer that pays so
}

// Direct is how plain transfers to and from peers stand. The zero value is that nothing is
// known of them.
type Direct struct {
	Fee     btt.Sun    // of a transfer, at most; 0 = not known
	Least   btt.Amount // what a debt must come to; 0 = not known
	Have    btt.Amount // BTT of the spending account, that debts are paid from
	TRX     btt.Sun    // that it has for fees
	Account string     // the spending account
	Waiting string     // name of the error that a transfer waits for; "" = none
	Why     string     // name of the error of the last look; "" = none
	Peers   []PeerDebt // the greatest debt first
}

// DebtState is how far the payment of a debt came. The zero value is that none is decided.
type DebtState uint8

// The states.
const (
	DebtOpen      DebtState = iota
	DebtQueued              // announced
	DebtInTx                // in a transaction
	DebtPaid                // final; the peer has not said that it counts it
	DebtForbidden           // by the user
)

// PeerDebt is what a peer and we owe each other.
type PeerDebt struct {
	Peer        string
	Owed, Owing btt.Amount // by us, to us
	State       DebtState
	Amount      btt.Amount // of the transfer, unless DebtOpen
	At          time.Time  // DebtQueued: not before; DebtForbidden: until
	Ask         bool       // DebtQueued: sent only when the user says so
}

// Net is what we owe more than is owed to us.
func (d *PeerDebt) Net() btt.Amount { return d.Owed - d.Owing }

// EscrowPhase is how far our deposit is. The zero value is that there never was one.
type EscrowPhase uint8

// The phases.
const (
	EscrowNone      EscrowPhase = iota
	EscrowApproved              // the contract may take what is to be deposited
	EscrowFunded                // peers trust what is free
	EscrowToppingUp             // likewise, and the contract may take more
	EscrowExiting               // all or a part is leaving
	EscrowExited                // it has left
)

// Escrow is our deposit. The zero value is that of a network without a contract.
type Escrow struct {
	Contract string // "" = the network has none
	Phase    EscrowPhase
	Free     btt.Amount
	Leaving  btt.Amount
	Ready    time.Time  // from when what is leaving can be had
	Approved btt.Amount // what the contract may take into the deposit
	Account  string     // the spending account: it owns the deposit
	TRX      btt.Sun    // that it has for fees
	Seen     time.Time  // of all this; zero = never
	Why      string     // name of the error of the last look; "" = none
	Under    []OrderKind
}

// Busy reports whether an order of that kind is under way.
func (e *Escrow) Busy(k OrderKind) bool {
	for _, x := range e.Under {
		if x == k {
			return true
		}
	}
	return false
}

// OrderKind is something that can be done with deposit and vouchers: the ledger's
// word for it.
type OrderKind string

// The kinds.
const (
	OrderApprove OrderKind = "approve"
	OrderDeposit OrderKind = "deposit"
	OrderExit    OrderKind = "exit-start"
	OrderCancel  OrderKind = "exit-cancel"
	OrderFinish  OrderKind = "exit-finish"
	OrderRedeem  OrderKind = "redeem"
	OrderFuel    OrderKind = "fuel" // TRX for the spending account
	OrderFund    OrderKind = "fund" // BTT for it, for transfers to peers
)

// MoneyOrder is one of them. Amount is millionths of BTT, of TRX for OrderFuel.
type MoneyOrder struct {
	Kind     OrderKind
	Amount   btt.Amount
	Withdraw bool // of OrderRedeem: to the wallet, else into our deposit
	// Account is a former spending account, of OrderRedeem and OrderFuel; "" = the
	// present one.
	Account string
}

// OrderQuote is what an order costs now.
type OrderQuote struct {
	WalletQuote
	Later  btt.Sun // estimate for the step that follows: of a deposit, after the approval
	Redeem Redeem  // of OrderRedeem
}

// VoucherState is how far a received voucher came on its way to money. The zero value
// is held.
type VoucherState uint8

// The states.
const (
	VoucherHeld VoucherState = iota
	VoucherQueued
	VoucherInTx
	VoucherRedeemed
	VoucherBounced
	VoucherDust
)

// Voucher is what one peer has promised us in all.
type Voucher struct {
	Payer    string
	State    VoucherState
	Promised btt.Amount
	Paid     btt.Amount // of it, by the contract
	Rest     btt.Amount // that bounced last
	Has      btt.Amount // what the payer's deposit can pay, while Looked
	Looked   bool
	Leaving  time.Time // from when the payer can be gone; zero = it stays
	Former   bool      // it is made out to a former spending account
}

// Open is what is promised and not paid.
func (v *Voucher) Open() btt.Amount { return max(0, v.Promised-v.Paid) }

// Redeem is what redeeming would be. The zero value is that there is nothing.
type Redeem struct {
	Vouchers int
	Amount   btt.Amount
	Fee      btt.Sun    // at most
	Cost     btt.Amount // the same in BTT; 0 = unknown
	Worth    bool       // the fee is within what the user allows
	Limit    int        // which is this, in percent
	Leaving  time.Time  // from when the first of its payers can be gone
}

// NextRedeem is what will be redeemed, or is on its way. Nil is nothing.
type NextRedeem struct {
	At       time.Time // not before
	Vouchers int
	Amount   btt.Amount
	Fee      btt.Sun // at most
	Withdraw bool
	Auto     bool   // unasked
	Sent     bool   // in a transaction
	Waiting  string // name of the error that it waits for; "" = none
}

// Flow is what was earned and spent.
type Flow struct{ Earned, Spent btt.Amount }

// DayFlow is the flow of a day.
type DayFlow struct {
	Day time.Time
	Flow
}

// ShareFlow is the flow of a torrent, a peer or a day, by name.
type ShareFlow struct {
	Key string // infohash in hexadecimal, or address; "" = none
	Flow
}

// Turnover is what the books say about earning and spending.
type Turnover struct {
	Today, Week Flow // Week is the last seven days, today among them
	Days        []DayFlow
	Torrents    []ShareFlow // of those days, the greatest first
	Peers       []ShareFlow
}
