package tron

import (
	"bytes"
	"context"

	"swarmbid/wallet/btt"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
)

// Bounds of a search for the transactions behind a top-up: beyond them it is
// booked as one sum.
const (
	maxScan  = 40   // blocks, two minutes
	maxTxs   = 5000 // transactions looked at in a block
	maxParts = 100  // transfers found in all
)

// explain looks into the blocks since the last reconciliation of the address for what the
// address received. Nothing depends on it but the detail of the history: the
// caller takes it only if it adds up to the difference.
func (c *Chain) explain(ctx context.Context, v view, r reading, asset Asset) []part {
	from := c.scanned[r.address] + 1
	if from == 1 || r.height-from >= maxScan {
		return nil
	}
	var parts []part
	for num := from; num <= r.height && len(parts) < maxParts; num++ {
		found, err := c.arrivals(ctx, v, r, asset, num)
		if err != nil {
			return nil
		}
		parts = append(parts, found...)
	}
	return parts[:min(len(parts), maxParts)]
}

// arrivals are the transfers of asset to the address in one solid block.
func (c *Chain) arrivals(ctx context.Context, v view, r reading, asset Asset, num int64) ([]part, error) {
	if asset == BTT {
		return ask(ctx, v.node, "read receipts of a block", func(ctx context.Context) ([]part, error) {
			list, err := v.solidity().GetTransactionInfoByBlockNum(ctx, &api.NumberMessage{Num: num})
			if err != nil {
				return nil, err
			}
			return c.tokenArrivals(list, r, num), nil
		})
	}
	return ask(ctx, v.node, "read a block", func(ctx context.Context) ([]part, error) {
		b, err := v.solidity().GetBlockByNum2(ctx, &api.NumberMessage{Num: num})
		if err != nil {
			return nil, err
		}
		var parts []part
		for _, x := range b.GetTransactions()[:min(len(b.GetTransactions()), maxTxs)] {
			if p, ok := arrival(x, r, asset, num); ok {
				parts = append(parts, p)
			}
		}
		return parts, nil
	})
}

func (c *Chain) tokenArrivals(list *api.TransactionInfoList, r reading, num int64) []part {
	var parts []part
	infos := list.GetTransactionInfo()
	for _, i := range infos[:min(len(infos), maxTxs)] {
		if len(i.GetId()) != 32 || i.GetResult() != core.TransactionInfo_SUCESS { //nolint:misspell // the protocol's spelling
			continue
		}
		for _, t := range tokenTransfers(i.Log, c.cfg.Network.BTT) {
			if t.to == r.address && t.amount > 0 && len(parts) < maxParts {
				parts = append(parts, part{t.amount, num, t.from, [32]byte(i.Id)})
			}
		}
	}
	return parts
}

// arrival reads a TRX or BTTOLD transfer to the address.
func arrival(x *api.TransactionExtention, r reading, asset Asset, num int64) (part, bool) {
	contracts := x.GetTransaction().GetRawData().GetContract()
	if len(x.GetTxid()) != 32 || len(contracts) != 1 {
		return part{}, false
	}
	p := part{block: num, txid: [32]byte(x.Txid)}
	var from, to []byte
	switch contracts[0].GetType() {
	case core.Transaction_Contract_TransferContract:
		var m core.TransferContract
		if asset != TRX || contracts[0].GetParameter().UnmarshalTo(&m) != nil {
			return part{}, false
		}
		from, to, p.amount = m.OwnerAddress, m.ToAddress, btt.Amount(m.Amount)
	case core.Transaction_Contract_TransferAssetContract:
		var m core.TransferAssetContract
		if asset != BTTOLD || contracts[0].GetParameter().UnmarshalTo(&m) != nil || string(m.AssetName) != oldToken {
			return part{}, false
		}
		from, to, p.amount = m.OwnerAddress, m.ToAddress, btt.Amount(m.Amount)
	default:
		return part{}, false
	}
	var ok bool
	p.from, ok = address21(from)
	return p, ok && bytes.Equal(to, r.address.Bytes21()) && p.amount > 0
}
