package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmbid/app/settings"
	"swarmbid/ui/view"
	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/till"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

// listener hears what the chain says about promises. *broker.Broker is one.
type listener interface {
	// Redeemed says what was settled of the promises of payer to payee, in all.
	Redeemed(payer, payee voucher.Address, total btt.Amount)
	// Funded says what the deposit of a payer has free, 0 while it is leaving.
	Funded(payer voucher.Address, free btt.Amount)
	// Transferred says that a transfer of ours to an account is final.
	Transferred(to voucher.Address, tx [32]byte, amount btt.Amount)
}

// hear makes l hear what the chain says about promises from now on, and tells it
// every total that is settled already, so that a broker may begin at any time. Nil
// ends it. Its methods are called from any goroutine and must not block.
func (p *purse) hear(ctx context.Context, l listener) error {
	if l == nil {
		p.hears.Store(nil)
		return nil
	}
	p.hears.Store(&l)
	p.mu.Lock()
	d := p.desk
	p.mu.Unlock()
	if d == nil || d.tillNow() == nil {
		return nil // it will be told what the till finds
	}
	all, err := d.tillNow().Settlements(ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		l.Redeemed(s.Payer, s.Payee, s.Total)
	}
	return nil
}

// funds asks what the deposit of a payer has free: for a broker that has met it.
func (p *purse) funds(ctx context.Context, payer voucher.Address) (btt.Amount, error) {
	d, free, err := p.use(ctx)
	if err != nil {
		return 0, err
	}
	defer free()
	if d.tillNow() == nil {
		return 0, errNoWallet
	}
	return d.tillNow().Funds(ctx, payer)
}

// openTill makes the till of a wallet, once; run minds it.
func (d *desk) openTill(ctx context.Context, p *purse, keys *wallet.Wallet) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	info := keys.Info()
	if d.till != nil || info.WatchOnly {
		return nil
	}
	t, err := till.New(ctx, till.Config{
		Ledger: d.book, Chain: d.chain, Savings: info.Savings.Address, Spending: info.Spending.Address, Former: formers(info), Signer: keys, Now: d.now, Every: d.every,
		Policy: func() till.Policy { return policyOf(p.settings.Get()) },
		Announced: func(n till.Next) {
			d.log.Info("vouchers will be redeemed unasked; the wallet's page can forbid it", "vouchers", n.Vouchers, "amount", n.Amount, "fee", n.Fee, "at", n.At.Format(time.DateTime))
		},
		Settled: func(payer, payee voucher.Address, total btt.Amount) {
			if l := p.hears.Load(); l != nil {
				(*l).Redeemed(payer, payee, total)
			}
		},
		Funded: func(payer voucher.Address, free btt.Amount) {
			if l := p.hears.Load(); l != nil {
				(*l).Funded(payer, free)
			}
		},
	})
	if err != nil {
		return err
	}
	if d.debts, err = d.newDebts(p, keys); err != nil {
		return err
	}
	d.till = t
	d.tills <- t
	return nil
}

// tillNow is the till, nil before there is a wallet.
func (d *desk) tillNow() *till.Till {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.till
}

// tend runs the till once there is one.
func (d *desk) tend(ctx context.Context) {
	select {
	case <-ctx.Done():
	case t := <-d.tills:
		var g errgroup.Group
		g.Go(func() error { return t.Run(ctx) })
		g.Go(func() error { return d.debtsNow().Run(ctx) })
		if err := g.Wait(); err != nil {
			d.stop(err)
		}
	}
}

// stop notes what ended the work on the chain; torrents go on.
func (d *desk) stop(err error) {
	d.mu.Lock()
	d.stopped = err
	d.mu.Unlock()
	d.log.Error("nothing is sent or booked any more", "err", err)
	d.tell()
}

// policyOf is what the user allows to be done unasked.
func policyOf(s settings.Settings) till.Policy {
	return till.Policy{Auto: s.Pay.On && s.Pay.AutoRedeem, Fee: s.Pay.RedeemFee, PerTRX: s.Wallet.TRXWorth}
}

func payOf(s settings.Settings) view.Pay {
	return view.Pay{
		On: s.Pay.On, PeerCap: s.Pay.PeerCap, AutoRedeem: s.Pay.AutoRedeem, RedeemFee: s.Pay.RedeemFee, TRXWorth: s.Wallet.TRXWorth,
		Direct: s.Pay.Direct, Floor: s.Pay.Floor, Line: s.Pay.Line,
	}
}

// SetPay implements dialogs.Wallet.
func (p *purse) SetPay(_ context.Context, y view.Pay) error {
	if err := p.settings.Update(func(s *settings.Settings) error {
		s.Pay = settings.Pay{
			On: y.On, PeerCap: y.PeerCap, AutoRedeem: y.AutoRedeem, RedeemFee: y.RedeemFee, Direct: y.Direct, Floor: y.Floor, Line: y.Line,
		}
		s.Wallet.TRXWorth = y.TRXWorth
		return nil
	}); err != nil {
		return fmt.Errorf("keep the payments' settings: %w", err)
	}
	p.Refresh()
	p.tell()
	return nil
}

// lookAtMoney reads what the page shows of deposit, vouchers, and what was earned.
func (p *purse) lookAtMoney(ctx context.Context, d *desk, s *tron.Snapshot, info wallet.Info, w *view.Wallet) error {
	t := d.tillNow()
	if t == nil {
		return nil
	}
	now := t.Snapshot()
	w.Escrow = escrowOf(now)
	w.Escrow.Account = info.Spending.Address.String()
	for _, a := range s.Accounts {
		if a.Address == info.Spending.Address {
			w.Escrow.TRX = btt.Sun(a.Holding[tron.TRX].Solid)
		}
	}
	for i := range now.Claims {
		v := voucherOf(&now.Claims[i])
		v.Former = now.Claims[i].Payee != info.Spending.Address
		w.Vouchers = append(w.Vouchers, v)
	}
	policy := policyOf(p.settings.Get())
	w.Redeem, w.Direct = redeemOf(now.Plan, policy), directOf(d.debtsNow().Snapshot(), info)
	w.Rotation = rotationOf(now, d.clock(), w.Payers)
	for _, f := range now.Former {
		w.Former = append(w.Former, view.FormerAccount{Account: f.Account.String(), Open: f.Open, Redeem: redeemOf(f.Plan, policy)})
	}
	if n := now.Next; n != nil {
		w.Next = &view.NextRedeem{At: n.At, Vouchers: n.Vouchers, Amount: n.Amount, Fee: n.Fee, Withdraw: n.Withdraw, Auto: n.Auto, Sent: n.Sent, Waiting: nameOr(n.Waiting)}
	}
	var err error
	w.Turnover, err = turnover(ctx, d.book, d.clock(), time.Local)
	return err
}

// clock is the computer's, or that of a test chain.
func (d *desk) clock() time.Time {
	if d.now != nil {
		return d.now()
	}
	return time.Now()
}

func escrowOf(s *till.Snapshot) view.Escrow {
	e := view.Escrow{
		Free: s.Account.Free, Leaving: s.Account.Exiting, Approved: s.Account.Allowance, Seen: s.Account.Seen, Why: nameOr(s.Err),
		Phase: map[escrow.Phase]view.EscrowPhase{
			escrow.None: view.EscrowNone, escrow.Approved: view.EscrowApproved, escrow.Funded: view.EscrowFunded,
			escrow.ToppingUp: view.EscrowToppingUp, escrow.Exiting: view.EscrowExiting, escrow.Exited: view.EscrowExited,
		}[s.Phase],
	}
	if s.Escrow != (voucher.Address{}) {
		e.Contract = s.Escrow.String()
	}
	if s.Account.Exiting > 0 {
		e.Ready = s.Account.Ready
	}
	for _, k := range s.Under {
		e.Under = append(e.Under, view.OrderKind(k))
	}
	return e
}

func voucherOf(c *till.Claim) view.Voucher {
	return view.Voucher{
		Payer: voucher.Address(c.LaneKey.Payer).String(), Promised: c.Cumulative, Paid: c.Settled, Rest: c.Rest,
		Has: c.Payer.Free + c.Payer.Exiting, Looked: !c.Payer.Seen.IsZero(), Leaving: c.Leaving(),
		State: map[ledger.ClaimState]view.VoucherState{
			ledger.Held: view.VoucherHeld, ledger.Queued: view.VoucherQueued, ledger.InTx: view.VoucherInTx,
			ledger.Redeemed: view.VoucherRedeemed, ledger.Bounced: view.VoucherBounced, ledger.Dust: view.VoucherDust,
		}[c.State],
	}
}

func redeemOf(l till.Plan, p till.Policy) view.Redeem {
	return view.Redeem{Vouchers: len(l.Take), Amount: l.Amount, Fee: l.Fee, Cost: l.Cost, Worth: l.Worth, Limit: p.Fee, Leaving: l.Leaving}
}

// orderOf is an order as the till wants it.
func orderOf(o view.MoneyOrder) (till.Order, error) {
	out := till.Order{Kind: string(o.Kind), Amount: o.Amount, Withdraw: o.Withdraw}
	if o.Account == "" {
		return out, nil
	}
	var err error
	out.Account, err = wallet.ParseAddress(o.Account)
	return out, err
}

// planOf is what redeeming for the account of an order would be.
func planOf(s *till.Snapshot, o till.Order) till.Plan {
	for _, f := range s.Former {
		if f.Account == o.Account {
			return f.Plan
		}
	}
	return s.Plan
}

// ordering opens what an order needs. A deposit is money that the words alone can
// bring back, as a withdrawal is.
func (p *purse) ordering(ctx context.Context, o view.MoneyOrder) (d *desk, t *till.Till, free func(), err error) {
	keys, err := p.wallet()
	if err != nil {
		return nil, nil, nil, err
	}
	if o.Kind == view.OrderApprove || o.Kind == view.OrderDeposit || o.Kind == view.OrderFund {
		if err := mayWithdraw(keys.Info(), view.BTT, o.Amount); err != nil {
			return nil, nil, nil, err
		}
	}
	if d, free, err = p.use(ctx); err != nil {
		return nil, nil, nil, err
	}
	if t = d.tillNow(); t == nil {
		free()
		return nil, nil, nil, errNoWallet
	}
	return d, t, free, nil
}

// QuoteOrder implements dialogs.Wallet. A fee is never guessed, but for the second
// step of a deposit: the chain can only try it after the first.
func (p *purse) QuoteOrder(ctx context.Context, o view.MoneyOrder) (out view.OrderQuote, err error) {
	d, t, free, err := p.ordering(ctx, o)
	if err != nil {
		return out, err
	}
	defer free()
	order, err := orderOf(o)
	if err != nil {
		return out, err
	}
	i, err := t.Intent(ctx, order)
	if err != nil {
		return out, err
	}
	q, err := d.chain.Quote(ctx, i)
	out.WalletQuote = p.shown(q, view.Payment{Coin: view.BTT})
	out.Findings = nil
	if err != nil {
		return out, err
	}
	switch o.Kind {
	case view.OrderApprove:
		out.Later = btt.Sun(escrow.EnergyDeposit) * q.EnergyPrice
	case view.OrderRedeem:
		policy := policyOf(p.settings.Get())
		policy.Withdraw = o.Withdraw
		out.Redeem = redeemOf(till.Plan{}, policy)
		plan := planOf(t.Snapshot(), order)
		out.Redeem.Vouchers, out.Redeem.Amount, out.Redeem.Fee, out.Redeem.Leaving = len(plan.Take), plan.Amount, q.Fee, plan.Leaving
		out.Redeem.Cost, out.Redeem.Worth = policy.Judge(q.Fee, plan.Amount)
	case view.OrderDeposit, view.OrderExit, view.OrderCancel, view.OrderFinish, view.OrderFuel, view.OrderFund:
	}
	return out, covered(o, q)
}

// covered returns tron.ErrNotEnough for an approval of more than there is: the token
// would take it, and the deposit fail.
func covered(o view.MoneyOrder, q tron.Quote) error {
	if o.Kind == view.OrderApprove && q.Have[tron.BTT] < o.Amount {
		return tron.ErrNotEnough
	}
	return nil
}

// PrepareOrder implements dialogs.Wallet.
func (p *purse) PrepareOrder(ctx context.Context, o view.MoneyOrder) (out view.WalletReview, err error) {
	d, t, free, err := p.ordering(ctx, o)
	if err != nil {
		return out, err
	}
	defer free()
	order, err := orderOf(o)
	if err != nil {
		return out, err
	}
	i, err := t.Intent(ctx, order)
	if err != nil {
		return out, err
	}
	q, err := d.chain.Quote(ctx, i)
	if err == nil {
		err = covered(o, q)
	}
	if err != nil {
		return out, err
	}
	r, err := d.chain.Prepare(ctx, q)
	if err != nil {
		return out, err
	}
	p.mu.Lock()
	p.review = &r
	p.mu.Unlock()
	out = p.reviewed(d, r)
	out.Order, out.Findings = o, nil
	if o.Kind == view.OrderRedeem {
		out.Order.Amount = planOf(t.Snapshot(), order).Amount
	}
	return out, nil
}

// ForbidRedeem implements ui.Wallet.
func (p *purse) ForbidRedeem(ctx context.Context) error {
	return p.queued(ctx, (*till.Till).Forbid)
}

// HurryRedeem implements ui.Wallet.
func (p *purse) HurryRedeem(ctx context.Context) error { return p.queued(ctx, (*till.Till).Hurry) }

func (p *purse) queued(ctx context.Context, f func(*till.Till, context.Context) error) error {
	d, free, err := p.use(ctx)
	if err != nil {
		return err
	}
	defer free()
	t := d.tillNow()
	if t == nil {
		return errNoWallet
	}
	defer p.tell()
	err = f(t, ctx)
	if errors.Is(err, till.ErrOrder) { // it is on its way, or taken back by now
		return nil
	}
	return err
}

// shownDays and shownShares bound what the chart of turnover shows.
const (
	shownDays   = 30
	shownShares = 20
)

// turnover reads what was earned and spent.
func turnover(ctx context.Context, book *ledger.Ledger, now time.Time, zone *time.Location) (out view.Turnover, err error) {
	y, m, day := now.In(zone).Date()
	today := time.Date(y, m, day, 0, 0, 0, 0, zone)
	all := ledger.Period{From: time.Date(y, m, day-shownDays+1, 0, 0, 0, 0, zone), To: today.AddDate(0, 0, 1)}
	days, err := book.FlowByDay(ctx, all, zone)
	if err != nil {
		return out, err
	}
	for i, d := range days {
		f := view.Flow(d.Flow)
		out.Days = append(out.Days, view.DayFlow{Day: d.Day, Flow: f})
		if len(days)-i <= 7 {
			out.Week.Earned += f.Earned
			out.Week.Spent += f.Spent
		}
		out.Today = f // the last one
	}
	torrents, err := book.FlowByTorrent(ctx, all, shownShares)
	if err != nil {
		return out, err
	}
	peers, err := book.FlowByPeer(ctx, all, shownShares)
	if err != nil {
		return out, err
	}
	for _, s := range torrents {
		out.Torrents = append(out.Torrents, view.ShareFlow{Key: s.Key, Flow: view.Flow(s.Flow)})
	}
	for _, s := range peers {
		out.Peers = append(out.Peers, view.ShareFlow{Key: s.Key, Flow: view.Flow(s.Flow)})
	}
	return out, nil
}
