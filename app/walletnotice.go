package main

import (
	"fmt"

	"swarmbid/ui/view"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/payout"
	"swarmbid/wallet/till"
	"swarmbid/wallet/voucher"
)

// Notices implements ui.Wallet.
func (p *purse) Notices() []view.MoneyNotice {
	p.mu.Lock()
	d := p.desk
	p.mu.Unlock()
	if d == nil || d.tillNow() == nil {
		return nil
	}
	return append(tillNotices(d.tillNow().Snapshot()), payoutNotices(d.debtsNow().Snapshot())...)
}

// tillNotices are what will be redeemed unasked, and payers that leave while they owe
// something. What is on its way is told no more.
func tillNotices(s *till.Snapshot) (out []view.MoneyNotice) {
	if n := s.Next; n != nil && n.Auto && !n.Sent {
		out = append(out, view.MoneyNotice{
			ID: "redeem " + n.Batch.String(), Kind: view.NoticeRedeem,
			Redeem: view.NextRedeem{At: n.At, Vouchers: n.Vouchers, Amount: n.Amount, Fee: n.Fee, Withdraw: n.Withdraw, Auto: true, Waiting: nameOr(n.Waiting)},
		})
	}
	for _, c := range s.Claims {
		if at := c.Leaving(); !at.IsZero() && c.Open() > 0 && c.State != ledger.InTx {
			payer := voucher.Address(c.LaneKey.Payer).String()
			out = append(out, view.MoneyNotice{ID: fmt.Sprintf("leaves %s %s %d", payer, voucher.Address(c.Payee), at.Unix()), Kind: view.NoticeLeaves, Peer: payer, Amount: c.Open(), At: at})
		}
	}
	return out
}

// payoutNotices are the transfers that will be made unasked.
func payoutNotices(s *payout.Snapshot) (out []view.MoneyNotice) {
	for _, d := range s.Debts {
		if x := d.Last; x.State == ledger.PayoutQueued && !x.Ask {
			out = append(out, view.MoneyNotice{ID: "pay " + x.ID.String(), Kind: view.NoticePayout, Peer: d.Peer.String(), Amount: x.Amount, At: x.Due})
		}
	}
	return out
}
