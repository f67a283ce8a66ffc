package till

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/tron"
)

// Policy is what the user allows. The zero value does nothing unasked.
type Policy struct {
	Auto     bool       // redeem unasked, when it is worth it
	Fee      int        // percent of a redemption that its fee may be
	PerTRX   btt.Amount // what a TRX is worth; 0 = unknown, then nothing is done unasked
	Withdraw bool       // to the wallet, else into our deposit
}

// Holding is a voucher as Decide sees it.
type Holding struct {
	Open    btt.Amount // promised and not paid
	Reach   btt.Amount // of it, what the payer's deposit can pay now; negative = unknown
	Known   bool       // the pair has settled before, which is cheaper
	Leaving time.Time  // from when the payer can be gone; zero = it stays
	Rested  bool       // not to be redeemed unasked now: the user or a failure said so
}

// Plan is what redeeming would be. The zero value is that there is nothing to redeem.
type Plan struct {
	Take    []int      // of the holdings, at most escrow.MaxBatch
	Dust    []int      // those that would cost more than they are worth
	Amount  btt.Amount // that Take would pay
	Fee     btt.Sun    // that it would cost, at most
	Cost    btt.Amount // the same in BTT; 0 = unknown
	Worth   bool       // the fee is within the user's part
	Leaving time.Time  // the first of Take to be gone; zero = all stay
	Auto    bool       // it may be done unasked
}

// Decide says what to redeem, of everything (asked) or unasked. It is pure.
func Decide(p Policy, price tron.Prices, all []Holding, asked bool) Plan {
	var plan Plan
	var order []int
	for i, h := range all {
		cost := p.worth(feeOf(price, []Holding{h}, p.Withdraw) - feeOf(price, nil, p.Withdraw))
		switch {
		case h.Open <= 0:
		case p.PerTRX > 0 && cost >= h.Open:
			plan.Dust = append(plan.Dust, i)
		case h.pays() > 0 && (asked || !h.Rested):
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(all[b].pays(), all[a].pays()) })
	plan.take(p, price, all, order)
	if !plan.Worth && !asked {
		plan.take(p, price, all, urgent(p, price, all, order))
	}
	gain := plan.Cost > 0 && plan.Cost < plan.Amount
	plan.Auto = p.Auto && gain && (plan.Worth || !plan.Leaving.IsZero())
	return plan
}

// urgent are the holdings of payers that are leaving, and those that are worth their
// part of the fee beside them.
func urgent(p Policy, price tron.Prices, all []Holding, order []int) (out []int) {
	leaving := false
	for _, i := range order {
		h := all[i]
		more := p.worth(feeOf(price, []Holding{h}, p.Withdraw) - feeOf(price, nil, p.Withdraw))
		if leaves := !h.Leaving.IsZero(); leaves || within(more, h.pays(), p.Fee) {
			leaving = leaving || leaves
			out = append(out, i)
		}
	}
	if !leaving {
		return order
	}
	return out
}

// take makes the plan one of the first holdings of an order.
func (l *Plan) take(p Policy, price tron.Prices, all []Holding, order []int) {
	l.Take = order[:min(len(order), escrow.MaxBatch)]
	l.Amount, l.Leaving = 0, time.Time{}
	var taken []Holding
	for _, i := range l.Take {
		h := all[i]
		taken = append(taken, h)
		sum, err := l.Amount.Add(h.pays())
		if err != nil {
			sum = btt.MaxAmount
		}
		l.Amount = sum
		if !h.Leaving.IsZero() && (l.Leaving.IsZero() || h.Leaving.Before(l.Leaving)) {
			l.Leaving = h.Leaving
		}
	}
	l.Fee, l.Cost, l.Worth = 0, 0, false
	if len(taken) > 0 {
		l.Fee = feeOf(price, taken, p.Withdraw)
		l.Cost, l.Worth = p.Judge(l.Fee, l.Amount)
	}
}

// pays is what redeeming it would pay now.
func (h Holding) pays() btt.Amount {
	if h.Reach >= 0 {
		return min(h.Open, h.Reach)
	}
	return h.Open
}

// feeOf is what redeeming holdings in one transaction costs, at most.
func feeOf(price tron.Prices, all []Holding, withdraw bool) btt.Sun {
	known := 0
	for _, h := range all {
		if h.Known {
			known++
		}
	}
	energy, bytes := escrow.RedeemEnergy(known, len(all)-known, withdraw), escrow.RedeemBytes(len(all))
	return btt.Sun(energy)*price.Energy + btt.Sun(bytes)*price.Bandwidth
}

// worth is a fee in BTT, rounded up; 0 if that is unknown.
func (p Policy) worth(fee btt.Sun) btt.Amount {
	if p.PerTRX <= 0 || fee <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(fee), uint64(p.PerTRX))
	lo, carry := bits.Add64(lo, uint64(btt.TRX)-1, 0)
	hi += carry
	if hi >= uint64(btt.TRX) {
		return btt.MaxAmount
	}
	q, _ := bits.Div64(hi, lo, uint64(btt.TRX))
	return btt.Amount(min(q, math.MaxInt64))
}

// Judge says what a fee is in BTT, 0 if that is unknown, and whether it is within the
// user's part of amount.
func (p Policy) Judge(fee btt.Sun, amount btt.Amount) (cost btt.Amount, worth bool) {
	cost = p.worth(fee)
	return cost, cost > 0 && within(cost, amount, p.Fee)
}

// within reports whether part is at most percent of whole.
func within(part, whole btt.Amount, percent int) bool {
	if part < 0 || whole <= 0 || percent <= 0 {
		return false
	}
	ah, al := bits.Mul64(uint64(part), 100)
	bh, bl := bits.Mul64(uint64(whole), uint64(percent))
	return ah < bh || ah == bh && al <= bl
}
