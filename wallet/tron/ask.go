package tron

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/voucher"
)

// ErrUnknownTx means that no solid transaction of that id is known. It may become so.
var ErrUnknownTx = errors.New("tron: transaction not known as solid")

// Recipient asks the first node that answers about an address, for
// [CheckRecipient]. Without a node it returns the zero value and ErrOffline.
func (c *Chain) Recipient(ctx context.Context, a voucher.Address) (on OnChain, err error) {
	err = c.ask(ctx, func(n *node) error {
		h, err := n.account(ctx, a, false)
		if err == nil {
			on = OnChain{Asked: true, Active: h.active, Contract: h.contract}
		}
		return err
	})
	return on, err
}

// Used reports whether an address is in use: it exists on the chain, or holds
// BTT without existing. Restoring a wallet asks it for one account after the other.
func (c *Chain) Used(ctx context.Context, a voucher.Address) (used bool, err error) {
	err = c.ask(ctx, func(n *node) error {
		h, err := n.holdings(ctx, c.cfg.Network, a, false)
		used = h.active || h.amount[BTT] > 0 || h.rest > 0
		return err
	})
	return used, err
}

// everyone asks every configured endpoint the same and returns the answer if it
// is the same. One that does not answer is an error: this is for decisions that
// give something away.
func everyone[A any](ctx context.Context, c *Chain, same func(a, b A) bool, ask func(*node) (A, error)) (answer A, err error) {
	for i, n := range c.nodes {
		if err := n.checkChain(ctx, c.cfg.Network.Genesis); err != nil {
			return answer, err
		}
		a, err := ask(n)
		if err != nil {
			return answer, err
		}
		if i > 0 && !same(answer, a) {
			return answer, fmt.Errorf("%s and %s: %w", c.nodes[0].host, n.host, ErrDisagree)
		}
		answer = a
	}
	return answer, nil
}

// View runs a constant call on the solid state of every endpoint and returns
// what all of them return, such as escrow.StateOf's answer. An endpoint that
// lags a block behind can make it ErrDisagree for some seconds.
func (c *Chain) View(ctx context.Context, contract voucher.Address, data []byte) ([]byte, error) {
	return everyone(ctx, c, bytes.Equal, func(n *node) ([]byte, error) {
		ret, _, err := n.constant(ctx, voucher.Address{}, contract, data, true)
		return ret, err
	})
}

// Payment returns how much BTT the solid, successful transaction id moved from
// one address to another, in whole µBTT; every endpoint must say the same. Who
// credits it must credit an id only once.
//
// It returns ErrUnknownTx while it is not solid, and nothing with nil for one
// that moved nothing between the two.
func (c *Chain) Payment(ctx context.Context, id [32]byte, from, to voucher.Address) (btt.Amount, error) {
	same := func(a, b btt.Amount) bool { return a == b }
	return everyone(ctx, c, same, func(n *node) (sum btt.Amount, err error) {
		f, err := n.fateOf(ctx, id, true)
		if err != nil {
			return 0, err
		}
		if !f.found {
			return 0, fmt.Errorf("transaction %x at %s: %w", id, n.host, ErrUnknownTx)
		}
		if !f.ok {
			return 0, nil
		}
		for _, t := range tokenTransfers(f.logs, c.cfg.Network.BTT) {
			if t.from == from && t.to == to {
				if sum, err = sum.Add(t.amount); err != nil {
					return 0, fmt.Errorf("transaction %x: %w", id, err)
				}
			}
		}
		return sum, nil
	})
}

// EscrowEvents returns what the escrow logged in the solid transaction id, the
// same at every endpoint; ErrUnknownTx while it is not solid.
func (c *Chain) EscrowEvents(ctx context.Context, id [32]byte) ([]escrow.Event, error) {
	same := func(a, b []escrow.Event) bool {
		if len(a) != len(b) {
			return false
		}
		for i := range a {
			if a[i] != b[i] {
				return false
			}
		}
		return true
	}
	return everyone(ctx, c, same, func(n *node) ([]escrow.Event, error) {
		f, err := n.fateOf(ctx, id, true)
		if err == nil && !f.found {
			err = fmt.Errorf("transaction %x at %s: %w", id, n.host, ErrUnknownTx)
		}
		return escrow.Events(c.cfg.Network.Escrow, escrowLogs(f.logs)), err
	})
}

// escrowLogs leaves out logs that are malformed.
func escrowLogs(logs []*core.TransactionInfo_Log) []escrow.Log {
	var out []escrow.Log
	for _, l := range logs[:min(len(logs), maxLogs)] {
		x := escrow.Log{Data: l.GetData()}
		ok := len(l.GetAddress()) == len(x.Address)
		copy(x.Address[:], l.GetAddress())
		for _, t := range l.GetTopics() {
			if len(t) != 32 {
				ok = false
				break
			}
			x.Topics = append(x.Topics, [32]byte(t))
		}
		if ok {
			out = append(out, x)
		}
	}
	return out
}

// ErrEscrow means that the profile names no escrow, or that the contract there
// is not the one this program knows.
var ErrEscrow = errors.New("tron: not our escrow contract")

// CheckEscrow compares the escrow's code at every endpoint with the version that
// this program was made with. Nothing is deposited before it returns nil.
func (c *Chain) CheckEscrow(ctx context.Context) error {
	net := c.cfg.Network
	if net.Escrow == (voucher.Address{}) {
		return fmt.Errorf("%s has no escrow: %w", net.Name, ErrEscrow)
	}
	_, err := everyone(ctx, c, func(a, b bool) bool { return a == b }, func(n *node) (bool, error) {
		return ask(ctx, n, "read the escrow's code", func(ctx context.Context) (bool, error) {
			x, err := n.full.Client.GetContract(ctx, &api.BytesMessage{Value: net.Escrow.Bytes21()})
			if err == nil && !escrow.IsOurs(x.GetBytecode(), net.BTT) {
				err = ErrEscrow
			}
			return true, err
		})
	})
	return err
}
