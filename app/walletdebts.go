package main

import (
	"context"
	"errors"
	"time"

	"swarmbid/app/settings"
	"swarmbid/bidding/broker"
	"swarmbid/ui/view"
	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/payout"
	"swarmbid/wallet/voucher"
)

// newDebts makes what pays debts to peers over a desk. It pays from the spending account,
// which signs without asking while the wallet is unlocked.
func (d *desk) newDebts(p *purse, keys *wallet.Wallet) (*payout.Payouts, error) {
	return payout.New(payout.Config{
		Ledger: d.book, Chain: d.chain, Account: keys.Info().Spending.Address, Signer: keys, Now: d.now, Every: d.every, Notice: d.notice,
		Policy: func() payout.Policy { return payoutPolicy(p.settings.Get()) },
		Announced: func(x ledger.Payout) {
			d.log.Info("a peer will be paid by a transfer; the wallet's page can forbid it", "amount", x.Amount, "at", x.Due.Format(time.DateTime))
		},
		Counted: func(to voucher.Address, tx [32]byte, amount btt.Amount) {
			if l := p.hears.Load(); l != nil {
				(*l).Transferred(to, tx, amount)
			}
		},
	})
}

// debtsNow is what pays debts, nil before there is a wallet.
func (d *desk) debtsNow() *payout.Payouts {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.debts
}

// payoutPolicy is what the user allows to be transferred to peers.
func payoutPolicy(s settings.Settings) payout.Policy {
	return payout.Policy{On: wanted(&s) && s.Pay.Direct, Floor: s.Pay.Floor, PerTRX: s.Wallet.TRXWorth}
}

// termsOf is what may be owed and lent: nothing is owed that could not be paid now.
func termsOf(s settings.Settings, n *payout.Snapshot) broker.Terms {
	t := broker.Terms{Least: n.Least, Line: s.Pay.Line}
	if n.Least > 0 && n.Have >= n.Least && n.Fuel >= n.Fee {
		t.Purse = n.Have
	}
	return t
}

// directOf is how transfers to and from peers stand, for the page.
func directOf(s *payout.Snapshot, info wallet.Info) view.Direct {
	out := view.Direct{
		Fee: s.Fee, Least: s.Least, Have: s.Have, TRX: s.Fuel, Account: info.Spending.Address.String(), Waiting: nameOr(s.Waiting), Why: nameOr(s.Err),
	}
	for _, d := range s.Debts {
		x := view.PeerDebt{Peer: d.Peer.String(), Owed: d.Owed, Owing: d.Owing, Amount: d.Last.Amount, At: d.Last.Due, Ask: d.Last.Ask}
		switch d.Last.State {
		case ledger.PayoutQueued:
			x.State = view.DebtQueued
		case ledger.PayoutInTx:
			x.State = view.DebtInTx
		case ledger.PayoutPaid:
			x.State = view.DebtPaid
		case ledger.PayoutDropped:
			if d.Last.Why == payout.WhyForbidden {
				x.State = view.DebtForbidden
			}
		case ledger.PayoutTold:
		}
		if x.Owed != 0 || x.Owing != 0 || d.Last.Live() {
			out.Peers = append(out.Peers, x)
		}
	}
	return out
}

// ForbidPayout implements ui.Wallet.
func (p *purse) ForbidPayout(ctx context.Context, peer string) error {
	return p.payout(ctx, peer, (*payout.Payouts).Forbid)
}

// HurryPayout implements ui.Wallet.
func (p *purse) HurryPayout(ctx context.Context, peer string) error {
	return p.payout(ctx, peer, (*payout.Payouts).Hurry)
}

func (p *purse) payout(ctx context.Context, peer string, f func(*payout.Payouts, context.Context, voucher.Address) error) error {
	to, err := voucher.ParseAddress(peer)
	if err != nil {
		return err
	}
	d, free, err := p.use(ctx)
	if err != nil {
		return err
	}
	defer free()
	debts := d.debtsNow()
	if debts == nil {
		return errNoWallet
	}
	defer p.tell()
	err = f(debts, ctx, to)
	if errors.Is(err, payout.ErrOrder) { // it is on its way, or taken back by now
		return nil
	}
	return err
}
