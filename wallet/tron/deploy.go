package tron

import (
	"context"
	"fmt"
	"time"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// Deployment puts a contract on a chain, once and by hand. It is no part of the
// wallet: it has no outbox, and a process that dies leaves its transaction to
// itself for at most a minute and a half.
type Deployment struct {
	Network  Network
	APIKey   string
	From     voucher.Address // pays
	Name     string          // at most 32 bytes
	Code     []byte          // init code with the constructor's arguments
	FeeLimit btt.Sun         // most that may burn for energy, about 20,000 sun for each byte of code
	Every    time.Duration   // between looks at the chain, 3 s if zero
}

// originEnergy is what the contract's owner would add for its callers: the chain
// wants a number, callers pay all.
const originEnergy = 1

// Deploy signs and sends the deployment and returns the contract's address once
// the transaction is solid. Errors: those of nodes, ErrSigner, ErrRejected,
// ErrReverted, ErrOutOfEnergy, ErrExpired.
func Deploy(ctx context.Context, d Deployment, s Signer) (voucher.Address, error) {
	a, err := d.deploy(ctx, s)
	if err != nil {
		return voucher.Address{}, fmt.Errorf("deploy %s: %w", d.Name, err)
	}
	return a, nil
}

func (d Deployment) deploy(ctx context.Context, s Signer) (a voucher.Address, err error) {
	if err := d.Network.Validate(); err != nil {
		return a, err
	}
	n, err := dial(d.Network.Endpoints[0], d.APIKey, 5*time.Second)
	if err != nil {
		return a, err
	}
	defer n.close()
	if err := n.checkChain(ctx, d.Network.Genesis); err != nil {
		return a, err
	}
	ref, err := n.head(ctx, true)
	if err != nil {
		return a, err
	}
	top, err := n.head(ctx, false)
	if err != nil {
		return a, err
	}
	expires := top.time + lifetime.Milliseconds()
	raw, err := d.build(ref, top.time, expires)
	if err != nil {
		return a, err
	}
	id := hashOf(raw)
	sig, err := s.Sign(ctx, d.From, id)
	if err != nil {
		return a, err
	}
	if err := voucher.Verify(id, sig, d.From); err != nil {
		return a, fmt.Errorf("%w: %w", ErrSigner, err)
	}
	switch v, words, err := n.broadcast(ctx, raw, sig[:]); {
	case err != nil:
		return a, err
	case v != accepted:
		return a, fmt.Errorf("%w: %s", ErrRejected, words)
	}
	return d.settled(ctx, n, id, expires)
}

func (d Deployment) build(ref block, made, expires int64) ([]byte, error) {
	p, err := anypb.New(&core.CreateSmartContract{OwnerAddress: d.From.Bytes21(), NewContract: &core.SmartContract{
		OriginAddress: d.From.Bytes21(), Name: d.Name, Bytecode: d.Code, ConsumeUserResourcePercent: 100, OriginEnergyLimit: originEnergy,
	}})
	if err != nil {
		return nil, err
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(&core.TransactionRaw{
		RefBlockBytes: ref.id[6:8], RefBlockHash: ref.id[8:16], Timestamp: made, Expiration: expires, FeeLimit: int64(d.FeeLimit),
		Contract: []*core.Transaction_Contract{{Type: core.Transaction_Contract_CreateSmartContract, Parameter: p}},
	})
}

// settled waits until the transaction is solid or can no longer become so.
func (d Deployment) settled(ctx context.Context, n *node, id [32]byte, expires int64) (a voucher.Address, err error) {
	every := d.Every
	if every == 0 {
		every = 3 * time.Second
	}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		now, err := n.head(ctx, true)
		if err != nil {
			return a, err
		}
		f, err := n.fateOf(ctx, id, true)
		switch {
		case err != nil:
			return a, err
		case f.found && f.ok:
			return d.address(ctx, n, id)
		case f.found && outOfEnergy(f.reason):
			return a, fmt.Errorf("%w: %s", ErrOutOfEnergy, f.reason)
		case f.found:
			return a, fmt.Errorf("%w: %s", ErrReverted, f.reason)
		case now.time > expires:
			return a, ErrExpired
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return a, ctx.Err()
		}
	}
}

// address reads where the contract is.
func (d Deployment) address(ctx context.Context, n *node, id [32]byte) (voucher.Address, error) {
	return ask(ctx, n, "read the contract's address", func(ctx context.Context) (voucher.Address, error) {
		x, err := n.solidity().GetTransactionInfoById(ctx, &api.BytesMessage{Value: id[:]})
		if err != nil {
			return voucher.Address{}, err
		}
		a, ok := address21(x.GetContractAddress())
		if !ok || !bytesAre(x.GetId(), id) {
			return a, fmt.Errorf("%w: contract address %x", ErrAnswer, x.GetContractAddress())
		}
		return a, nil
	})
}
