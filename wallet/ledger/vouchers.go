package ledger

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"swarmbid/wallet/btt"
)

// ErrVouchers means that a backup's vouchers cannot be read.
var ErrVouchers = errors.New("ledger: unreadable vouchers")

// Received is a promise that was received, as a backup has it.
type Received struct {
	LaneKey               // Paid is always true
	Cumulative btt.Amount // positive
	Redeemed   btt.Amount // of it
	Signature  [65]byte
}

// voucherJSON is a received promise as a backup has it.
type voucherJSON struct {
	Chain      int64      `json:"chain"`
	Escrow     string     `json:"escrow"` // in hexadecimal, as are the next two and the signature
	Payer      string     `json:"payer"`
	Payee      string     `json:"payee"`
	Cumulative btt.Amount `json:"cumulative,string"` // µBTT
	Redeemed   btt.Amount `json:"redeemed,string"`   // µBTT
	Signature  string     `json:"signature"`
}

// Vouchers returns the promises that were received and are not redeemed in full, as
// JSON: with it and the key of the payee they can be redeemed without this program.
// It belongs into every backup of the wallet. [ParseVouchers] reads it.
func (l *Ledger) Vouchers(ctx context.Context) ([]byte, error) {
	all := []voucherJSON{}
	err := l.each(ctx, func(scan func(...any) error) error {
		v := voucherJSON{}
		var escrow, payer, payee, signature []byte
		err := scan(&v.Chain, &escrow, &payer, &payee, &v.Cumulative, &v.Redeemed, &signature)
		v.Escrow, v.Payer, v.Payee, v.Signature = hex.EncodeToString(escrow), hex.EncodeToString(payer), hex.EncodeToString(payee), hex.EncodeToString(signature)
		all = append(all, v)
		return err
	}, `SELECT c.chain, c.escrow, c.payer, c.payee, l.cumulative, max(c.settled, l.redeemed), l.signature FROM claim c JOIN lane l USING (chain, escrow, payer, payee)
		WHERE l.direction = 'in' AND l.cumulative > max(c.settled, l.redeemed) ORDER BY l.cumulative - c.settled DESC, c.chain, c.escrow, c.payer, c.payee LIMIT ?`, maxLanes)
	if err != nil {
		return nil, fmt.Errorf("read the vouchers: %w", err)
	}
	return json.MarshalIndent(all, "", "\t")
}

// ParseVouchers reads what Vouchers wrote; signatures are the caller's to check. It
// returns ErrVouchers for anything else.
func ParseVouchers(b []byte) ([]Received, error) {
	var all []voucherJSON
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrVouchers, err)
	}
	if len(all) > maxLanes {
		return nil, fmt.Errorf("%w: more than %d", ErrVouchers, maxLanes)
	}
	out := make([]Received, len(all))
	for i, v := range all {
		r := &out[i]
		r.Chain, r.Paid, r.Cumulative, r.Redeemed = v.Chain, true, v.Cumulative, v.Redeemed
		ok := r.Chain >= 0 && r.Cumulative > 0 && r.Redeemed >= 0 && r.Redeemed <= r.Cumulative
		for _, f := range []struct {
			text string
			to   []byte
		}{{v.Escrow, r.Escrow[:]}, {v.Payer, r.Payer[:]}, {v.Payee, r.Payee[:]}, {v.Signature, r.Signature[:]}} {
			b, err := hex.DecodeString(f.text)
			ok = ok && err == nil && len(b) == len(f.to)
			copy(f.to, b)
		}
		if !ok || r.Escrow == ([20]byte{}) || r.Payer == r.Payee {
			return nil, fmt.Errorf("%w: number %d", ErrVouchers, i+1)
		}
	}
	return out, nil
}

// RestoreVouchers takes over promises of a backup, all or none: of each lane the
// greater one counts, so doing it twice, or with an old backup, does no harm. What
// they are worth is booked as coming from outside, being no income of today; name is
// how a payer's account is written. It returns how many were news.
func (l *Ledger) RestoreVouchers(ctx context.Context, all []Received, name func(payer [20]byte) string, at time.Time) (news int, err error) {
	type merged struct {
		lane Lane
		more btt.Amount
	}
	var write []merged
	for _, r := range all {
		have, err := l.Lane(ctx, r.LaneKey)
		if err != nil {
			return 0, err
		}
		if r.Cumulative <= have.Cumulative {
			continue
		}
		more := r.Cumulative - max(have.Cumulative, r.Redeemed)
		have.Cumulative, have.Signature, have.Changed = r.Cumulative, r.Signature, at
		have.Redeemed, have.Due = max(have.Redeemed, r.Redeemed), max(have.Due, r.Cumulative) // nothing is still to be served for it
		write = append(write, merged{have, more})
	}
	err = l.Update(ctx, func(tx *Tx) error {
		for _, m := range write {
			if err := tx.PutLane(ctx, m.lane); err != nil {
				return err
			}
			if m.more == 0 {
				continue
			}
			k := m.lane.LaneKey
			if err := tx.Record(ctx, Transfer{
				ID: NewID("restored", fmt.Appendf(nil, "%d", k.Chain), k.Escrow[:], k.Payer[:], k.Payee[:], fmt.Appendf(nil, "%d", m.lane.Cumulative)),
				At: at, Kind: "restored", Phase: Posted, Debit: Receivable(name(k.Payer)), Credit: World, Amount: m.more,
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("take over vouchers: %w", err)
	}
	return len(write), nil
}
