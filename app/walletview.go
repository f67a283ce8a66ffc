package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"swarmbid/app/settings"
	"swarmbid/ui/view"
	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/till"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

// Snapshot implements ui.Wallet.
func (p *purse) Snapshot(ctx context.Context) *view.Wallet {
	p.using.RLock()
	defer p.using.RUnlock()
	p.mu.Lock()
	keys, d, fault, opened, cache, lockAt, payErr := p.keys, p.desk, p.fault, p.opened, p.cache, p.lockAt, p.payErr
	p.mu.Unlock()
	s := p.settings.Get().Wallet
	w := &view.Wallet{}
	if d != nil && keys != nil && fault == nil {
		version, of := p.version.Load(), d.chain.Snapshot()
		if cache.view == nil || cache.of != of || cache.version != version {
			v, err := p.look(ctx, d, of, keys.Info())
			if err != nil {
				fault = err
			} else {
				cache = cached{of, version, v}
				p.mu.Lock()
				p.cache = cache
				p.mu.Unlock()
			}
		}
		if cache.view != nil {
			c := *cache.view
			w = &c
		}
	}
	w.PayFault = nameOr(payErr)
	w.Network, w.Options, w.Pay = s.Network, walletOptions(s), payOf(p.settings.Get())
	if keys != nil {
		w.Address = keys.Info().Savings.Address.String()
	}
	switch {
	case !opened:
		w.Phase = view.WalletAsleep
	case fault != nil:
		w.Phase, w.Fault = view.WalletFailed, nameOr(fault)
	case keys == nil:
		w.Phase = view.WalletNone
	case keys.Unlocked():
		w.Phase, w.LockAt = view.WalletUnlocked, lockAt
	default:
		w.Phase = view.WalletLocked
	}
	return w
}

func walletOptions(s settings.Wallet) view.WalletOptions {
	return view.WalletOptions{Network: s.Network, LockMinutes: s.LockMinutes, TestNode: s.TestNode, Escrow: s.Escrow}
}

// nameOr names an error for the window's words, or is its text.
func nameOr(err error) string {
	if err == nil {
		return ""
	}
	return cmp.Or(errName(err), err.Error())
}

// shownTxs is how many lines of each kind the history shows.
const shownTxs = 500

// look reads the books for what the page shows.
func (p *purse) look(ctx context.Context, d *desk, s *tron.Snapshot, info wallet.Info) (*view.Wallet, error) {
	w := &view.Wallet{
		Trust: trustOf(s), Why: nameOr(s.Err), At: s.At, Block: s.Solid, Stopped: nameOr(d.over()), Address: info.Savings.Address.String(), BackedUp: info.BackedUp,
	}
	for _, c := range view.Coins() {
		state, err := coinState(ctx, d.book, s, c)
		if err != nil {
			return nil, err
		}
		w.Coins = append(w.Coins, state)
	}
	w.Payers = payers(info, s)
	sent, err := d.chain.Transactions(ctx, shownTxs)
	if err != nil {
		return nil, err
	}
	known := &tron.Known{Own: addresses(info), Contracts: []voucher.Address{d.chain.Network().BTT, d.chain.Network().Escrow}}
	for _, t := range sent {
		w.Txs = append(w.Txs, sentTx(t))
		if t.TxID != ([32]byte{}) && t.Intent.Asset != "" {
			known.Used = append(known.Used, t.Intent.To)
		}
	}
	p.known.Store(known)
	for _, kind := range []string{"top-up", "elsewhere"} {
		page, _, err := d.book.History(ctx, ledger.Page{Kind: kind, Limit: shownTxs})
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			w.Txs = append(w.Txs, bookedTx(e.Transfer))
		}
	}
	if err := p.lookAtMoney(ctx, d, s, info, w); err != nil {
		return nil, err
	}
	slices.SortStableFunc(w.Txs, func(a, b view.WalletTx) int { return b.At.Compare(a.At) })
	return w, nil
}

func trustOf(s *tron.Snapshot) view.WalletTrust {
	switch s.Trust {
	case tron.Offline:
		return view.TrustOffline
	case tron.OneNode:
		return view.TrustOneNode
	case tron.Agreed:
		return view.TrustAgreed
	case tron.Disputed:
		return view.TrustDisputed
	case tron.Unknown:
	}
	return view.TrustUnknown
}

// booksFor are the ledger's accounts of a coin.
func booksFor(c view.Coin) ledger.Account {
	return map[view.Coin]ledger.Account{view.BTT: ledger.Onchain, view.BTTOLD: ledger.Old, view.TRX: ledger.TRX}[c]
}

// coinState is the balance of a coin: what the chain said last, or before it
// said anything what is in the books.
func coinState(ctx context.Context, book *ledger.Ledger, s *tron.Snapshot, c view.Coin) (view.CoinState, error) {
	b, err := book.Balance(ctx, booksFor(c))
	if err != nil {
		return view.CoinState{}, err
	}
	out := view.CoinState{Coin: c, Chain: b.Posted, In: b.In, Out: b.Out}
	if c == view.BTT {
		escrow, err := book.Balance(ctx, ledger.Deposit)
		if err != nil {
			return out, err
		}
		out.Escrow = escrow.Posted
	}
	if !s.At.IsZero() {
		var coming btt.Amount
		out.Chain = 0
		for _, a := range s.Accounts {
			h := a.Holding[tron.Asset(c)]
			out.Chain += h.Solid
			coming += max(0, h.Latest-h.Solid)
		}
		out.In = max(out.In, coming)
	}
	for _, a := range s.Claimed {
		out.HasClaim = true
		out.Claimed += a.Holding[tron.Asset(c)].Latest
	}
	return out, nil
}

// payers are the accounts that hold something, and the main one.
func payers(info wallet.Info, s *tron.Snapshot) (out []view.Payer) {
	for i, a := range info.Accounts() {
		p := view.Payer{Address: a.Address.String(), Have: map[view.Coin]btt.Amount{}, Role: view.PayerRole(min(i, int(view.Former)))}
		something := i == 0
		for _, h := range s.Accounts {
			if h.Address != a.Address {
				continue
			}
			for asset, v := range h.Holding {
				p.Have[view.Coin(asset)] = v.Solid
				something = something || v.Solid > 0
			}
		}
		if something {
			out = append(out, p)
		}
	}
	return out
}

// sentTx is one of our own transactions as the history shows it.
func sentTx(t tron.Tx) view.WalletTx {
	out := view.WalletTx{
		ID: t.Intent.ID.String(), At: t.Created, Kind: view.TxOut, Coin: view.Coin(t.Intent.Asset), Amount: t.Intent.Amount, Peer: t.Intent.To.String(),
		Fee: t.Fee, Block: t.Block, Fault: nameOr(t.Err()), Reason: t.Reason, Expires: t.Expires, State: stateOf(t),
	}
	if t.Intent.Asset == "" {
		out.Kind = view.TxCall
	}
	if till.IsKind(t.Intent.Kind) {
		out.Order = view.OrderKind(t.Intent.Kind)
	}
	if t.TxID != ([32]byte{}) {
		out.TxID = hex.EncodeToString(t.TxID[:])
	}
	return out
}

func stateOf(t tron.Tx) view.TxState {
	if t.Refused && t.State.Live() {
		return view.TxRefused
	}
	return map[string]view.TxState{
		"built": view.TxBuilt, "signed": view.TxSigned, "broadcast": view.TxSent, "in-block": view.TxInBlock, "solid-ok": view.TxFinal,
		"solid-failed": view.TxFailed, "expired": view.TxExpired, "void": view.TxVoid,
	}[t.State.String()]
}

// bookedTx is what came or went without us, as it was booked. Its note is
// "txid from address" or "by block n".
func bookedTx(t ledger.Transfer) view.WalletTx {
	out := view.WalletTx{ID: t.ID.String(), At: t.At, Amount: t.Amount}
	own := t.Debit
	if t.Kind == "elsewhere" {
		out.Kind, own = view.TxElsewhere, t.Credit
	}
	for _, c := range view.Coins() {
		if booksFor(c) == own {
			out.Coin = c
		}
	}
	if id, from, ok := strings.Cut(t.Note, " from "); ok {
		out.TxID, out.Peer = id, from
		return out
	}
	if _, err := fmt.Sscanf(t.Note, "by block %d", &out.Block); err != nil {
		out.Reason = t.Note
	}
	return out
}
