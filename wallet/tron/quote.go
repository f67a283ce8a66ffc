package tron

import (
	"context"
	"fmt"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"

	"google.golang.org/protobuf/encoding/protowire"
)

// Quote is what an intent would cost now. It is shown before anything is sent.
type Quote struct {
	Intent Intent
	// Bytes is the bandwidth; it costs Bandwidth sun, nothing if the account's
	// free bytes suffice.
	Bytes     int64
	Bandwidth btt.Sun
	// Energy is what the contract uses, of which Staked is free; the rest costs
	// EnergyPrice sun a unit. Zero for a transfer of TRX or BTTOLD.
	Energy, Staked int64
	EnergyPrice    btt.Sun
	EnergyFee      btt.Sun
	// Activation is burnt if the recipient's account does not exist yet.
	Activation btt.Sun
	// Fee is the sum expected, MaxFee what can be burnt at worst and is reserved,
	// FeeLimit the part of it that the chain enforces for energy.
	Fee, MaxFee, FeeLimit btt.Sun
	// Have is what the sender holds and has not promised elsewhere.
	Have map[Asset]btt.Amount
	// Recipient is what the chain says about the recipient.
	Recipient OnChain
}

// Total is the most that leaves the account in TRX.
func (q Quote) Total() btt.Sun {
	if q.Intent.Asset == TRX {
		return q.MaxFee + btt.Sun(q.Intent.Amount)
	}
	return q.MaxFee
}

// amountBytes is how much longer a greater amount can make a transaction.
const amountBytes = 9

// Max is the most of the asset that could be sent in place of the amount quoted:
// all of a token, and of TRX what the fee leaves. A call has none.
func (q Quote) Max() btt.Amount {
	have := q.Have[q.Intent.Asset]
	if q.Intent.Asset != TRX || q.Bytes == 0 {
		return have
	}
	fee := q.Fee
	if q.Bandwidth > 0 && q.Activation == 0 {
		fee += q.Bandwidth / btt.Sun(q.Bytes) * amountBytes
	}
	return max(0, have-btt.Amount(fee))
}

// Bytes that a transaction has beside raw_data: the signature's field, and what
// java-tron adds for the result.
const (
	sigBytes    = 67
	resultBytes = 64
)

// Quote asks what an intent would cost. Where the account cannot pay, or the
// transaction would fail, the quote comes with ErrNotActivated, ErrNotEnoughTRX,
// ErrNotEnough, ErrFee, ErrToContract or ErrWouldFail, and is complete as far as
// it could be computed.
func (c *Chain) Quote(ctx context.Context, i Intent) (Quote, error) {
	q := Quote{Intent: i, Have: map[Asset]btt.Amount{}}
	if err := i.Validate(); err != nil {
		return q, err
	}
	err := c.ask(ctx, func(n *node) error {
		q = Quote{Intent: i, Have: map[Asset]btt.Amount{}}
		return c.quote(ctx, n, &q)
	})
	if err != nil {
		return q, fmt.Errorf("quote %s: %w", i.Kind, err)
	}
	return q, nil
}

func (c *Chain) quote(ctx context.Context, n *node, q *Quote) error {
	i := q.Intent
	have, err := c.available(ctx, n, i.From)
	if err != nil {
		return err
	}
	q.Have = have.amount
	if !have.active {
		return ErrNotActivated
	}
	to, err := n.account(ctx, i.To, false)
	if err != nil {
		return err
	}
	q.Recipient = OnChain{Asked: true, Active: to.active, Contract: to.contract}
	p, err := n.prices(ctx)
	if err != nil {
		return err
	}
	m, err := n.means(ctx, i.From)
	if err != nil {
		return err
	}
	var enough error
	switch {
	case i.Asset != "" && (to.contract || i.To == c.cfg.Network.BTT):
		return ErrToContract
	case i.Asset != "" && have.amount[i.Asset] < i.Amount && i.Asset != TRX:
		enough = ErrNotEnough
	}
	if err := c.energy(ctx, n, q, p, m); err != nil && enough == nil {
		return err
	}
	if err := c.sum(q, p, m, btt.Sun(have.amount[TRX])); err != nil && enough == nil {
		return err
	}
	return enough
}

// energy tries the call and notes what it uses.
func (c *Chain) energy(ctx context.Context, n *node, q *Quote, p prices, m means) (err error) {
	at, data := q.Intent.To, q.Intent.Data
	switch q.Intent.Asset {
	case TRX, BTTOLD:
		return nil
	case BTT:
		word, err := q.Intent.Amount.Word()
		if err != nil {
			return err
		}
		at, data = c.cfg.Network.BTT, transferData(q.Intent.To, word)
	default:
	}
	if _, q.Energy, err = n.constant(ctx, q.Intent.From, at, data, false); err != nil {
		return err
	}
	q.Staked = min(q.Energy, m.energy)
	q.EnergyPrice = p.energy
	q.EnergyFee = btt.Sun(q.Energy-q.Staked) * p.energy
	return nil
}

// Margin of the fee limit over what the call used when it was tried: state may
// change before it runs, such as the recipient's balance becoming zero.
const (
	marginPart   = 4      // a quarter more
	marginEnergy = 15_000 // and a new storage slot in place of a used one
)

// sum adds the fee up and compares it with what is there.
func (c *Chain) sum(q *Quote, p prices, m means, trx btt.Sun) error {
	wanted := btt.Sun(0)
	if q.Energy > 0 {
		wanted = btt.Sun(q.Energy+q.Energy/marginPart+marginEnergy-q.Staked) * p.energy
	}
	raw, err := build(q.Intent, c.cfg.Network, terms{made: maxTime, expires: maxTime, feeLimit: wanted})
	if err != nil {
		return err
	}
	inner := protowire.SizeBytes(len(raw)) + protowire.SizeTag(1)
	q.Bytes = int64(inner + sigBytes + resultBytes)
	worst := btt.Sun(q.Bytes) * p.bandwidth
	activates := !q.Recipient.Active && (q.Intent.Asset == TRX || q.Intent.Asset == BTTOLD)
	switch {
	case activates:
		worst = p.netInstead
		q.Bandwidth, q.Activation = p.netInstead, p.activation
	case q.Bytes > m.bandwidth:
		q.Bandwidth = worst
	}
	q.Fee = q.Bandwidth + q.EnergyFee + q.Activation
	amount := btt.Sun(0)
	if q.Intent.Asset == TRX {
		amount = btt.Sun(q.Intent.Amount)
	}
	left := trx - amount - q.Fee // may be negative
	q.FeeLimit = min(wanted, q.EnergyFee+max(0, left))
	q.MaxFee = min(worst+q.FeeLimit+q.Activation, max(q.Fee, q.Fee+left))
	switch {
	case q.Fee > c.cfg.MaxFee:
		return ErrFee
	case left < 0:
		return ErrNotEnoughTRX
	}
	q.FeeLimit = min(q.FeeLimit, c.cfg.MaxFee)
	q.MaxFee = min(q.MaxFee, c.cfg.MaxFee)
	return nil
}

// available is what an address holds at the head less what the outbox has
// promised and the head may not show yet.
func (c *Chain) available(ctx context.Context, n *node, a voucher.Address) (holdings, error) {
	h, err := n.holdings(ctx, c.cfg.Network, a, false)
	if err != nil {
		return h, err
	}
	live, err := c.live(ctx)
	if err != nil {
		return h, err
	}
	for _, r := range live {
		if r.sent.From != a || r.inBlock() {
			continue
		}
		h.amount[TRX] -= btt.Amount(r.sent.MaxFee)
		if r.sent.Asset != "" {
			h.amount[r.sent.Asset] -= r.sent.Amount
			continue
		}
		for _, b := range r.sent.Bookings {
			if b.Credit == ledger.Onchain {
				h.amount[BTT] -= b.Amount
			}
		}
	}
	for k, v := range h.amount {
		h.amount[k] = max(0, v)
	}
	return h, nil
}
