package sample

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
)

// Addresses of the sample beside those of payments.
const (
	SpendingAddress = "TLrpNTBuCpGMrB9TyVwgEhNVRhtWEQPHh4"
	EscrowAddress   = "TQTMroFk6iQxaVfqXYtebHvUmXfpGJuPkg"
)

// fillMoney puts the sample on a test network with a deposit, vouchers and a month of
// trade.
func fillMoney(s *view.Wallet, now time.Time) {
	s.Network, s.Options.Network, s.Options.Escrow = "nile", "nile", EscrowAddress
	s.Pay = view.Pay{On: true, PeerCap: 2000 * btt.One, AutoRedeem: true, RedeemFee: 5, TRXWorth: 60_000 * btt.One}
	s.Escrow = view.Escrow{
		Contract: EscrowAddress, Phase: view.EscrowFunded, Free: 20_000 * btt.One, Account: SpendingAddress, TRX: 41_300_000, Seen: now,
	}
	s.Rotation = view.Rotation{Step: view.RotateLeave, Deposit: 20_000 * btt.One, Open: 5_790_000 * btt.One, Fee: 6_350_000}
	s.Vouchers = []view.Voucher{
		{Payer: FriendAddress, Promised: 6_400_000 * btt.One, Paid: 1_900_000 * btt.One, Has: 9_000_000 * btt.One, Looked: true},
		{Payer: "TSeJkUh4Qv67VNFwY8LaAxERygNdy6NQZK", Promised: 1_250_000 * btt.One, Has: 400_000 * btt.One, Looked: true, Leaving: now.Add(5 * 24 * time.Hour)},
		{Payer: "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH", State: view.VoucherBounced, Promised: 90_000 * btt.One, Paid: 50_000 * btt.One, Rest: 40_000 * btt.One, Looked: true},
		{Payer: TwinAddress, State: view.VoucherDust, Promised: 1_800 * btt.One, Has: 5_000 * btt.One, Looked: true},
		{Payer: "TDiNSdbVeVZJUK2r8G6b9w93Jc3QJCMtGk", State: view.VoucherRedeemed, Promised: 310_000 * btt.One, Paid: 310_000 * btt.One},
	}
	s.Redeem = view.Redeem{Vouchers: 2, Amount: 4_900_000 * btt.One, Fee: 8_860_000, Cost: 531_600 * btt.One, Limit: 5, Leaving: now.Add(5 * 24 * time.Hour)}
	for i := range 30 {
		d := view.DayFlow{Day: now.AddDate(0, 0, i-29).Truncate(24 * time.Hour)}
		if i > 6 {
			d.Earned = btt.Amount(i*i%17) * 9_000 * btt.One
			d.Spent = btt.Amount(i*7%11) * 4_000 * btt.One
		}
		s.Turnover.Days = append(s.Turnover.Days, d)
	}
	n := len(s.Turnover.Days)
	s.Turnover.Today = s.Turnover.Days[n-1].Flow
	for _, d := range s.Turnover.Days[n-7:] {
		s.Turnover.Week.Earned, s.Turnover.Week.Spent = s.Turnover.Week.Earned+d.Earned, s.Turnover.Week.Spent+d.Spent
	}
	for i, f := range []view.Flow{{Earned: 812_000 * btt.One}, {Spent: 401_000 * btt.One, Earned: 12_500 * btt.One}, {Earned: 77_000 * btt.One}} {
		ih := hash(2 + i)
		s.Turnover.Torrents = append(s.Turnover.Torrents, view.ShareFlow{Key: hex.EncodeToString(ih[:]), Flow: f})
		s.Turnover.Peers = append(s.Turnover.Peers, view.ShareFlow{Key: s.Vouchers[i].Payer, Flow: f})
	}
}

// SetPay implements dialogs.Wallet.
func (w *Wallet) SetPay(_ context.Context, p view.Pay) error {
	if err := w.call("SetPay"); err != nil {
		return err
	}
	w.Edit(func(s *view.Wallet) { s.Pay = p })
	return nil
}

// QuoteOrder implements dialogs.Wallet.
func (w *Wallet) QuoteOrder(_ context.Context, o view.MoneyOrder) (q view.OrderQuote, err error) {
	if err := w.call("QuoteOrder"); err != nil {
		return q, err
	}
	q.WalletQuote = view.WalletQuote{Amount: o.Amount, Energy: 22_278, Price: 100, EnergyFee: 2_227_800, Bytes: 346, Fee: 2_227_800, MaxFee: 4_630_000}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch o.Kind {
	case view.OrderApprove:
		q.Later = 4_200_000
		if o.Amount > 1_250_000_123_450 {
			return q, NameError("tron.ErrNotEnough")
		}
	case view.OrderExit:
		if o.Amount > w.state.Escrow.Free {
			return q, NameError("till.ErrOrder")
		}
	case view.OrderRedeem:
		q.Fee, q.MaxFee, q.Energy, q.EnergyFee, q.Bytes, q.Bandwidth = 8_660_000, 12_400_000, 79_600, 7_960_000, 700, 700_000
		q.Redeem = w.state.Redeem
		q.Redeem.Fee = q.Fee
	case view.OrderDeposit, view.OrderCancel, view.OrderFinish, view.OrderFuel, view.OrderFund:
	}
	return q, nil
}

// PrepareOrder implements dialogs.Wallet.
func (w *Wallet) PrepareOrder(ctx context.Context, o view.MoneyOrder) (r view.WalletReview, err error) {
	if err := w.call("PrepareOrder"); err != nil {
		return r, err
	}
	q, err := w.QuoteOrder(ctx, o)
	if err != nil {
		return r, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Ordered = o
	w.reviews["1"] = view.Payment{Amount: o.Amount, Coin: view.BTT, To: string(o.Kind)}
	if o.Kind == view.OrderRedeem {
		o.Amount = q.Redeem.Amount
	}
	return view.WalletReview{
		ID: "1", TxID: strings.Repeat("5a71", 16), Network: w.state.Network, From: SpendingAddress, To: EscrowAddress, Contract: EscrowAddress, FeeLimit: 3_150_000,
		Fee: q.Fee, MaxFee: q.MaxFee, Expires: Start().Add(90 * time.Second), Order: o,
	}, nil
}

// ForbidRedeem implements ui.Wallet.
func (w *Wallet) ForbidRedeem(context.Context) error {
	w.Edit(func(s *view.Wallet) { s.Next = nil })
	return w.call("ForbidRedeem")
}

// HurryRedeem implements ui.Wallet.
func (w *Wallet) HurryRedeem(context.Context) error {
	w.Edit(func(s *view.Wallet) {
		if s.Next != nil {
			n := *s.Next
			n.Sent = true
			s.Next = &n
		}
	})
	return w.call("HurryRedeem")
}

// ForbidPayout implements ui.Wallet.
func (w *Wallet) ForbidPayout(_ context.Context, peer string) error {
	w.setDebt(peer, func(d *view.PeerDebt) { d.State, d.At = view.DebtForbidden, Start().AddDate(0, 0, 30) })
	return w.call("ForbidPayout")
}

// HurryPayout implements ui.Wallet.
func (w *Wallet) HurryPayout(_ context.Context, peer string) error {
	w.setDebt(peer, func(d *view.PeerDebt) { d.State = view.DebtInTx })
	return w.call("HurryPayout")
}

func (w *Wallet) setDebt(peer string, f func(d *view.PeerDebt)) {
	w.Edit(func(s *view.Wallet) {
		all := append([]view.PeerDebt(nil), s.Direct.Peers...)
		for i := range all {
			if all[i].Peer == peer {
				f(&all[i])
			}
		}
		s.Direct.Peers = all
	})
}

// fillDirect puts the sample on the main network, where peers are paid by transfers.
func fillDirect(s *view.Wallet, now time.Time) {
	fillMoney(s, now)
	s.Network, s.Options.Network, s.Options.Escrow, s.Escrow, s.Vouchers, s.Redeem = "mainnet", "mainnet", "", view.Escrow{}, nil, view.Redeem{}
	s.Pay.Direct, s.Pay.Line, s.Pay.Floor = true, 5_000_000*btt.One, 1_000_000*btt.One
	s.Direct = view.Direct{
		Fee: 3_165_500, Least: 3_798_600 * btt.One, Have: 12_000_000 * btt.One, TRX: 41_300_000, Account: SpendingAddress,
		Peers: []view.PeerDebt{
			{Peer: FriendAddress, Owed: 4_900_000 * btt.One, Owing: 700_000 * btt.One, State: view.DebtQueued, Amount: 4_200_000 * btt.One, At: now.Add(50 * time.Minute)},
			{Peer: "TSeJkUh4Qv67VNFwY8LaAxERygNdy6NQZK", Owed: 310_000 * btt.One},
			{Peer: TwinAddress, Owing: 1_250_000 * btt.One},
		},
	}
}

// Report implements ui.Wallet.
func (w *Wallet) Report(context.Context, swarm.InfoHash) (view.SpeedReport, error) {
	if err := w.call("Report"); err != nil {
		return view.SpeedReport{}, err
	}
	return PaidReport(), nil
}

// PaidReport is a report of a download that was paid for.
func PaidReport() view.SpeedReport {
	return view.SpeedReport{
		Measured: true, Spent: 38_400 * btt.One, Peers: 7, Began: Start().Add(-40 * time.Minute), Ended: Start(), Buying: 31 * time.Minute,
		Bytes: 11 << 30, Paid: 9 << 30, Free: 3 << 30, Estimate: swarm.Estimate{FreeRate: 1_700_000, PaidRate: 6_100_000, Cost: 41_000_000_000}, EstimateBytes: 12 << 30,
	}
}

// moneyScenes are the tabs of the wallet page and their dialogs.
func moneyScenes() []WalletScene {
	with := func(edit func(*view.Wallet), do ...string) func(s *Stage) {
		return func(s *Stage) {
			s.Wallet.Edit(func(w *view.Wallet) {
				fillMoney(w, Start())
				w.BackedUp = true
				if edit != nil {
					edit(w)
				}
			})
			s.UI.Settle(context.Background())
			for _, c := range do {
				s.Do(c)
			}
		}
	}
	next := func(w *view.Wallet) {
		w.Redeem = view.Redeem{}
		w.Next = &view.NextRedeem{At: Start().Add(50 * time.Minute), Vouchers: 2, Amount: 4_900_000 * btt.One, Fee: 8_860_000, Auto: true}
	}
	exiting := func(w *view.Wallet) {
		w.Escrow.Phase, w.Escrow.Free, w.Escrow.Leaving, w.Escrow.Ready = view.EscrowExiting, 0, 20_000*btt.One, Start().Add(5*24*time.Hour)
	}
	approved := func(w *view.Wallet) {
		w.Escrow.Phase, w.Escrow.Free, w.Escrow.Approved = view.EscrowApproved, 0, 5_000*btt.One
	}
	return append(moneyNotices(), []WalletScene{
		scene("trade", false, view.WalletUnlocked, with(nil, "wallet-tab-trade")),
		scene("trade-direct", false, view.WalletUnlocked, with(func(w *view.Wallet) { fillDirect(w, Start()) }, "wallet-tab-trade")),
		scene("trade-failed", false, view.WalletUnlocked, with(func(w *view.Wallet) { w.PayFault = "ledger.ErrFull" }, "wallet-tab-trade")),
		scene("fund", true, view.WalletUnlocked, func(s *Stage) {
			with(func(w *view.Wallet) { fillDirect(w, Start()) }, "wallet-fund")(s)
			s.Type("5000000")
		}),
		scene("trade-off", false, view.WalletLocked, func(s *Stage) { s.Do("wallet-tab-trade") }),
		scene("deposit", false, view.WalletUnlocked, with(nil, "wallet-tab-deposit")),
		scene("deposit-mainnet", false, view.WalletLocked, func(s *Stage) { s.Do("wallet-tab-deposit") }),
		scene("deposit-exiting", false, view.WalletUnlocked, with(exiting, "wallet-tab-deposit")),
		scene("deposit-approved", false, view.WalletUnlocked, with(approved, "wallet-tab-deposit")),
		scene("vouchers", false, view.WalletUnlocked, with(nil, "wallet-tab-vouchers")),
		scene("vouchers-next", false, view.WalletUnlocked, with(next, "wallet-tab-vouchers")),
		scene("days", false, view.WalletUnlocked, with(nil, "wallet-tab-days")),
		scene("pay", true, view.WalletUnlocked, with(nil, "wallet-pay")),
		scene("approve", true, view.WalletUnlocked, func(s *Stage) {
			with(nil, "wallet-approve")(s)
			s.Type("5000")
		}),
		scene("exit", true, view.WalletUnlocked, with(nil, "wallet-exit-start")),
		scene("redeem", true, view.WalletUnlocked, with(nil, "wallet-redeem")),
		scene("rotate", true, view.WalletUnlocked, with(nil, "wallet-rotate")),
		scene("rotate-wait", true, view.WalletUnlocked, with(func(w *view.Wallet) {
			w.Rotation = view.Rotation{Step: view.RotateWait, Deposit: 20_000 * btt.One, Ready: Start().Add(5 * 24 * time.Hour), Fee: 3_550_000}
		}, "wallet-rotate")),
		scene("vouchers-former", false, view.WalletUnlocked, with(func(w *view.Wallet) {
			w.Vouchers[1].Former, w.Vouchers[1].Leaving = true, time.Time{}
			w.Former = []view.FormerAccount{{Account: FriendAddress, Open: 1_250_000 * btt.One, Redeem: view.Redeem{Vouchers: 1, Amount: 400_000 * btt.One, Fee: 6_350_000, Cost: 381_000 * btt.One, Limit: 5}}}
		}, "wallet-tab-vouchers")),
		scene("redeem-review", true, view.WalletUnlocked, func(s *Stage) {
			with(nil, "wallet-redeem")(s)
			s.Enter()
		}),
		scene("report", true, view.WalletUnlocked, func(s *Stage) {
			s.UI.Select(hash(2))
			s.Do("speed-report")
		}),
	}...)
}

// moneyNotices are what the window says of money by itself.
func moneyNotices() []WalletScene {
	return []WalletScene{
		scene("notice", true, view.WalletUnlocked, func(s *Stage) {
			s.Wallet.Notify(view.MoneyNotice{ID: "1", Kind: view.NoticeRedeem, Redeem: view.NextRedeem{At: Start().Add(50 * time.Minute), Vouchers: 2, Amount: 4_900_000 * btt.One, Fee: 8_860_000, Auto: true}})
		}),
		scene("notice-leaves", true, view.WalletUnlocked, func(s *Stage) {
			s.Wallet.Notify(view.MoneyNotice{ID: "2", Kind: view.NoticeLeaves, Peer: FriendAddress, Amount: 5 * btt.One, At: Start().Add(5 * 24 * time.Hour)})
		}),
	}
}
