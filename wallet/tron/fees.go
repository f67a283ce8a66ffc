package tron

import (
	"context"
	"fmt"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
)

// prices are the governance parameters that fees follow from.
type prices struct {
	energy     btt.Sun // per unit
	bandwidth  btt.Sun // per byte
	netInstead btt.Sun // in place of bandwidth for a transfer that activates an account
	activation btt.Sun // for the activation itself
}

// What a transfer of BTT uses at most, measured: to an address that holds none yet.
const (
	TransferEnergy = 28_205
	TransferBytes  = 345
)

// Transfer is what a transfer of BTT costs at most.
func (p Prices) Transfer() btt.Sun {
	return TransferEnergy*p.Energy + TransferBytes*p.Bandwidth
}

// Prices are what the chain charges for calls of contracts now.
type Prices struct {
	Energy    btt.Sun // a unit
	Bandwidth btt.Sun // a byte
}

// Prices asks the first node that answers. They are for estimates before a quote.
func (c *Chain) Prices(ctx context.Context) (p Prices, err error) {
	err = c.ask(ctx, func(n *node) error {
		x, err := n.prices(ctx)
		p = Prices{x.energy, x.bandwidth}
		return err
	})
	return p, err
}

// prices reads the parameters. Absent or absurd ones are ErrAnswer: a fee is
// never guessed.
func (n *node) prices(ctx context.Context) (prices, error) {
	return ask(ctx, n, "read the chain's parameters", func(ctx context.Context) (prices, error) {
		x, err := n.full.Client.GetChainParameters(ctx, &api.EmptyMessage{})
		if err != nil {
			return prices{}, err
		}
		var p prices
		for key, f := range map[string]struct {
			into *btt.Sun
			most btt.Sun
		}{
			"getEnergyFee":                           {&p.energy, 100_000},
			"getTransactionFee":                      {&p.bandwidth, 100_000},
			"getCreateAccountFee":                    {&p.netInstead, 100 * btt.TRX},
			"getCreateNewAccountFeeInSystemContract": {&p.activation, 100 * btt.TRX},
		} {
			v, ok := parameter(x, key)
			if !ok || v <= 0 || btt.Sun(v) > f.most {
				return prices{}, fmt.Errorf("%w: %s is %d", ErrAnswer, key, v)
			}
			*f.into = btt.Sun(v)
		}
		return p, nil
	})
}

func parameter(x *core.ChainParameters, key string) (int64, bool) {
	for _, kv := range x.GetChainParameter() {
		if kv.GetKey() == key {
			return kv.GetValue(), true
		}
	}
	return 0, false
}

// means is what an account may use without burning TRX.
type means struct {
	bandwidth int64 // free bytes, or staked ones, whichever suffices alone
	energy    int64 // staked
}

// means reads the account's resources as they stand now.
func (n *node) means(ctx context.Context, a voucher.Address) (means, error) {
	return ask(ctx, n, "read resources of "+a.String(), func(ctx context.Context) (means, error) {
		x, err := n.full.Client.GetAccountResource(ctx, &core.Account{Address: a.Bytes21()})
		if err != nil {
			return means{}, err
		}
		for _, v := range []int64{x.FreeNetLimit, x.FreeNetUsed, x.NetLimit, x.NetUsed, x.EnergyLimit, x.EnergyUsed} {
			if v < 0 || v > maxResource {
				return means{}, fmt.Errorf("%w: resource %d", ErrAnswer, v)
			}
		}
		return means{
			bandwidth: max(0, x.FreeNetLimit-x.FreeNetUsed, x.NetLimit-x.NetUsed), energy: max(0, x.EnergyLimit-x.EnergyUsed),
		}, nil
	})
}

// maxResource is more bandwidth or energy than the whole chain has.
const maxResource = 1 << 50
