package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmbid/app/pay"
	"swarmbid/bidding/broker"
	"swarmbid/engine/lab"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/till"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

// key is an account of the demo, always unlocked.
type key struct {
	secret [32]byte
	at     voucher.Address
}

func newKey() (*key, error) {
	k := &key{}
	if _, err := rand.Read(k.secret[:]); err != nil {
		return nil, err
	}
	var err error
	k.at, err = voucher.AddressOf(k.secret[:])
	return k, err
}

// Sign implements broker.Signer and till.Signer.
func (k *key) Sign(d voucher.Digest) (voucher.Signature, error) {
	return voucher.Sign(d, k.secret[:])
}

// Unlocked implements till.Signer.
func (k *key) Unlocked() bool { return true }

// Sign implements tron.Signer.
func (h hand) Sign(_ context.Context, _ voucher.Address, digest [32]byte) (voucher.Signature, error) {
	return h.key.Sign(digest)
}

// hand is a key as the chain wants it.
type hand struct{ *key }

// teller is the money of one client: accounts, books, the way to the chain, and the
// counter at which its engine pays and is paid.
type teller struct {
	pay.Counter
	bank              *bank
	savings, spending *key
	book              *ledger.Ledger
	chain             *tron.Chain
	till              *till.Till
}

// newTeller opens the books of a client in dir. It works below g until ctx ends, and
// must then be closed.
func (w *world) newTeller(ctx context.Context, dir string, g *errgroup.Group) (_ *teller, err error) {
	t := &teller{bank: w.bank}
	if t.savings, err = newKey(); err != nil {
		return nil, err
	}
	if t.spending, err = newKey(); err != nil {
		return nil, err
	}
	if t.book, err = ledger.Open(ctx, filepath.Join(dir, "ledger.db")); err != nil {
		return nil, err
	}
	w.tellers = append(w.tellers, t)
	t.chain, err = tron.Open(ctx, tron.Config{
		Network: w.bank.net, Ledger: t.book, Watch: []voucher.Address{t.savings.at, t.spending.at}, Every: blockEvery, Timeout: 10 * time.Second, Now: w.bank.node.Now,
	})
	if err != nil {
		return nil, err
	}
	t.till, err = till.New(ctx, till.Config{
		Ledger: t.book, Chain: t.chain, Savings: t.savings.at, Spending: t.spending.at, Every: time.Second, Now: w.bank.node.Now,
		Settled: t.Redeemed, Funded: t.Funded,
	})
	if err != nil {
		return nil, err
	}
	ready := make(chan struct{})
	for _, f := range []func(context.Context) error{t.chain.Run, t.till.Run, func(ctx context.Context) error { return t.sit(ctx, w, func() { close(ready) }) }} {
		g.Go(func() error {
			if err := f(ctx); !errors.Is(err, context.Canceled) {
				return err
			}
			return nil
		})
	}
	select {
	case <-ready:
		return t, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// sit keeps the counter open.
func (t *teller) sit(ctx context.Context, w *world, ready func()) error {
	return t.Run(ctx, pay.Config{
		Ledger: t.book, Signer: t.spending, Account: t.spending.at, Chain: int64(w.bank.net.ChainID()), Escrow: w.bank.net.Escrow, //nolint:gosec // 32 bits
		Funds: t.till.Funds, Own: func() btt.Amount { return t.till.Snapshot().Account.Free },
		Caps: func() broker.Caps {
			return broker.Caps{Torrent: 100 * btt.One, Day: 100 * btt.One, Peer: 100 * btt.One}
		},
		Log: slog.New(slog.DiscardHandler),
	}, ready)
}

// deposit puts amount from the savings into the escrow, as the wallet's page does.
func (t *teller) deposit(ctx context.Context, amount btt.Amount) error {
	if err := errors.Join(t.bank.endow(t.savings.at, amount), t.bank.endow(t.spending.at, 0)); err != nil {
		return err
	}
	for _, kind := range []string{till.KindApprove, till.KindDeposit} {
		if err := t.order(ctx, till.Order{Kind: kind, Amount: amount}, t.savings); err != nil {
			return err
		}
	}
	return t.until(ctx, "the deposit", func(s *till.Snapshot) bool { return s.Account.Free == amount })
}

// order carries out an order to its end. What cannot be done yet, because the chain
// has not seen what came before, is tried again.
func (t *teller) order(ctx context.Context, o till.Order, by *key) error {
	var last error
	err := lab.Until(ctx, func() (bool, error) {
		last = t.send(ctx, o, by)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", o.Kind, errors.Join(err, last))
	}
	return t.until(ctx, o.Kind, func(s *till.Snapshot) bool { return len(s.Under) == 0 })
}

func (t *teller) send(ctx context.Context, o till.Order, by *key) error {
	i, err := t.till.Intent(ctx, o)
	if err != nil {
		return err
	}
	q, err := t.chain.Quote(ctx, i)
	if err != nil {
		return err
	}
	r, err := t.chain.Prepare(ctx, q)
	if err != nil {
		return err
	}
	return t.till.Send(ctx, r, hand{by})
}

// until waits for something that the till sees.
func (t *teller) until(ctx context.Context, what string, is func(*till.Snapshot) bool) error {
	var looked time.Time
	err := lab.Until(ctx, func() (bool, error) {
		if time.Since(looked) > time.Second {
			looked = time.Now()
			t.till.Look()
		}
		return is(t.till.Snapshot()), nil
	})
	if err != nil {
		return fmt.Errorf("wait for %s: %w", what, errors.Join(err, t.till.Snapshot().Err))
	}
	return nil
}

// lane is this client's side of what payer owes payee.
func (t *teller) lane(ctx context.Context, payer, payee *teller) (ledger.Lane, error) {
	return t.book.Lane(ctx, ledger.LaneKey{
		Chain: int64(t.bank.net.ChainID()), Escrow: t.bank.net.Escrow, Payer: payer.spending.at, Payee: payee.spending.at, Paid: t == payee, //nolint:gosec // 32 bits
	})
}

// close ends a teller whose work has ended.
func (t *teller) close() error {
	if t.chain != nil {
		t.chain.Close()
	}
	return t.book.Close()
}
