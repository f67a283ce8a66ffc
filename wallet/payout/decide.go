package payout

import (
	"cmp"
	"slices"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/till"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

// Policy is what the user allows. The zero value pays nothing.
type Policy struct {
	On     bool
	Floor  btt.Amount // the least that is transferred
	PerTRX btt.Amount // what a TRX is worth; 0 = unknown, then nothing is paid unasked
}

// Share is the least part of its sum that a fee must not pass: a twentieth.
const Share = 20

// Least is what a debt must come to before it is paid: the user's floor, or twenty times
// the fee now; ok is false while the fee in BTT is not known.
func (p Policy) Least(price tron.Prices) (least btt.Amount, ok bool) {
	cost, _ := till.Policy{PerTRX: p.PerTRX}.Judge(price.Transfer(), 0)
	if cost <= 0 || price.Energy <= 0 {
		return 0, false
	}
	if cost > btt.MaxAmount/Share {
		return btt.MaxAmount, true
	}
	return max(p.Floor, cost*Share), true
}

// Debt is what we and another account owe each other.
type Debt struct {
	Peer  voucher.Address
	Owed  btt.Amount // by us
	Owing btt.Amount // to us
	Last  ledger.Payout
}

// Net is what we owe more than is owed to us; negative if it is the other way round.
func (d Debt) Net() btt.Amount { return d.Owed - d.Owing }

// Decide returns which debts are to be announced, the greatest first, for at most have
// BTT. It is pure.
func Decide(p Policy, price tron.Prices, have btt.Amount, all []Debt, now time.Time) (out []Debt) {
	least, ok := p.Least(price)
	if !p.On || !ok {
		return nil
	}
	for _, d := range all {
		if d.Net() >= least && !d.Last.Live() && !now.Before(d.Last.Due) {
			out = append(out, d)
		}
		if d.Last.State == ledger.PayoutQueued || d.Last.State == ledger.PayoutInTx {
			have -= d.Last.Amount
		}
	}
	slices.SortStableFunc(out, func(a, b Debt) int { return cmp.Compare(b.Net(), a.Net()) })
	return slices.DeleteFunc(out, func(d Debt) bool {
		if have < d.Net() {
			return true
		}
		have -= d.Net()
		return false
	})
}
