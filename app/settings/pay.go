package settings

import (
	"errors"

	"swarmbid/wallet/btt"
)

// Pay is the user's leave to move money for bandwidth: it makes what Market only
// negotiates be paid and earned. A file of before there were payments has none of
// it, which is off.
type Pay struct {
	// On is the switch "Earn and spend BTT". It does nothing without a wallet.
	On bool `json:"on"`
	// PeerCap is the most that is ever promised to one address, µBTT; 0 = nothing is.
	// What a torrent and a day may cost are Market.MaxTorrent and Market.MaxDay.
	PeerCap btt.Amount `json:"maxPerPeer"`
	// Direct lets peers pay and be paid by plain transfers of BTT, after the fact.
	Direct bool `json:"transfers"`
	// Floor is the least debt that is paid by a transfer, µBTT; it is never less than
	// twenty times the fee.
	Floor btt.Amount `json:"transferFloor"`
	// Line is what is lent to each peer that pays by transfers, µBTT.
	Line btt.Amount `json:"lend"`
	// AutoRedeem lets the program redeem promises by itself, when RedeemFee allows it
	// or their payer leaves its deposit.
	AutoRedeem bool `json:"autoRedeem"`
	// RedeemFee is how much of a redemption its fee may be, in percent, 1 to 100: more
	// is not worth it yet, and AutoRedeem waits.
	RedeemFee int `json:"redeemFeePercent"`
}

// DefaultPay returns what a new user gets: off, and nothing is redeemed unasked.
func DefaultPay() Pay { return Pay{PeerCap: 2000 * btt.One, RedeemFee: 5, Line: 2000 * btt.One} }

// Validate reports every value that is out of range.
func (p *Pay) Validate() error {
	return errors.Join(
		check(p.PeerCap >= 0 && p.PeerCap <= maxMoney, "the most for one peer"),
		check(p.Floor >= 0 && p.Floor <= maxMoney && p.Line >= 0 && p.Line <= maxMoney, "a transfer's floor, or what is lent"),
		check(p.RedeemFee >= 1 && p.RedeemFee <= 100, "a fee of %d %% of a redemption", p.RedeemFee))
}
