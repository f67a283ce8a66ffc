package main

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// blockEvery is how often the demo's chain makes a block. By its own clock three
// seconds pass between two, so that what is final in a minute there is so in five
// seconds here.
const blockEvery = 250 * time.Millisecond

// bank is the chain of the demo, with the escrow on it.
type bank struct {
	node *testnode.Node
	net  tron.Network
}

// openBank starts a chain that lives as long as ctx, below g.
func openBank(ctx context.Context, g *errgroup.Group) (*bank, error) {
	node, err := testnode.New(testnode.Config{})
	if err != nil {
		return nil, err
	}
	code, err := escrow.InitCode(node.BTT())
	if err != nil {
		return nil, err
	}
	made, err := node.Deploy(code)
	if err != nil {
		return nil, fmt.Errorf("put the escrow on the chain: %w", err)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	work := func(f func() error) {
		g.Go(func() error {
			if err := f(); !errors.Is(err, context.Canceled) {
				return err
			}
			return nil
		})
	}
	work(func() error { return node.Serve(ctx, l) })
	work(func() error { return node.Run(ctx, blockEvery) })
	b := &bank{node: node, net: tron.Testnode(l.Addr().String())}
	b.net.Escrow = made.Contract
	return b, nil
}

// endow gives an account what fees and deposits take.
func (b *bank) endow(a voucher.Address, amount btt.Amount) error {
	if _, err := b.node.GiveTRX(a, 500_000_000); err != nil {
		return err
	}
	if amount == 0 {
		return nil
	}
	_, err := b.node.GiveBTT(a, new(big.Int).Mul(big.NewInt(int64(amount)), big.NewInt(1e12)))
	return err
}

// paid is what the escrow has paid of the promises of payer to payee.
func (b *bank) paid(payer, payee voucher.Address) (btt.Amount, error) {
	ret, err := b.node.View(b.net.Escrow, escrow.Paid(payer, payee))
	if err != nil {
		return 0, err
	}
	return escrow.ParsePaid(ret)
}

// free is what the deposit of an account has free.
func (b *bank) free(a voucher.Address) (btt.Amount, error) {
	ret, err := b.node.View(b.net.Escrow, escrow.StateOf(a))
	if err != nil {
		return 0, err
	}
	s, err := escrow.ParseState(ret)
	return s.Free, err
}
