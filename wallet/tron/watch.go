package tron

import (
	"context"
	"errors"
	"fmt"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// reading is what the endpoints say about one address.
type reading struct {
	address voucher.Address
	solid   holdings // the same at every endpoint
	latest  holdings // of the first endpoint
	height  int64    // a solid block at which every endpoint showed it
}

// refresh reads the balances, books what came or went without us, and publishes.
// Where the endpoints do not agree, the balances agreed on before stay.
func (c *Chain) refresh(ctx context.Context, views []view, missing error, live []*row) error {
	var all []reading
	for _, a := range c.watched() {
		r, err := c.read(ctx, views, a)
		if err != nil {
			c.publish(func(s *Snapshot) {
				s.Err, s.Head, s.Solid = err, views[0].top.num, views[0].solid.num
				switch {
				case errors.Is(err, ErrDisagree):
					s.Trust = Disputed
				case !errors.Is(err, ErrStaleNode): // a node that lags is no reason to doubt
					s.Trust = Unknown
				}
			})
			return err
		}
		all = append(all, r)
	}
	if len(views) < len(c.nodes) {
		c.publish(func(s *Snapshot) {
			s.Trust, s.Err, s.Head, s.Solid, s.Claimed = OneNode, missing, views[0].top.num, views[0].solid.num, accountsOf(all)
		})
		return nil
	}
	for _, r := range all {
		if busy(live, r.address) {
			continue // its end will say what it moved
		}
		if err := c.reconcile(ctx, views[0], r); err != nil {
			return err
		}
		c.scanned[r.address] = r.height
	}
	c.publish(func(s *Snapshot) {
		s.Trust, s.Err, s.Head, s.Solid, s.At = Agreed, nil, views[0].top.num, views[0].solid.num, c.cfg.Now()
		s.Accounts, s.Claimed = accountsOf(all), nil
	})
	return nil
}

func accountsOf(all []reading) []Account {
	var out []Account
	for _, r := range all {
		out = append(out, r.account())
	}
	return out
}

func (r reading) account() Account {
	a := Account{Address: r.address, Active: r.latest.active, Holding: map[Asset]Holding{}}
	for _, k := range Assets() {
		a.Holding[k] = Holding{Solid: r.solid.amount[k], Latest: r.latest.amount[k]}
	}
	b := a.Holding[BTT]
	b.Rest = r.solid.rest
	a.Holding[BTT] = b
	return a
}

// busy reports whether a live transaction may change the address's balances.
func busy(live []*row, a voucher.Address) bool {
	for _, r := range live {
		if r.sent.From == a || r.sent.To == a {
			return true
		}
	}
	return false
}

// attempts is how often a reading is repeated that a new block has overtaken.
const attempts = 3

// read asks every endpoint for one address. Equal answers at different heights
// agree; different ones are a contradiction only at the same height.
func (c *Chain) read(ctx context.Context, views []view, a voucher.Address) (r reading, err error) {
	r.address = a
	for n, v := range views {
		h, height, err := c.solidHoldings(ctx, v, a)
		if err != nil {
			return r, err
		}
		if n == 0 {
			r.solid, r.height = h, height
			continue
		}
		if !h.same(r.solid) && height != r.height {
			return r, fmt.Errorf("balances of %s: %w: %s is at block %d, %s at %d", a, ErrStaleNode, views[0].host, r.height, v.host, height)
		}
		if !h.same(r.solid) {
			return r, fmt.Errorf("balances of %s at %s, block %d, and %s, block %d: %w", a, views[0].host, r.height, v.host, height, ErrDisagree)
		}
		r.height = min(r.height, height)
	}
	if r.latest, err = views[0].holdings(ctx, c.cfg.Network, a, false); err != nil {
		return r, err
	}
	return r, c.notVanished(ctx, r)
}

// notVanished refuses the answer for an account that does not exist where one
// did: on TRON none ever ceases to.
func (c *Chain) notVanished(ctx context.Context, r reading) error {
	if r.solid.active && r.latest.active {
		return nil
	}
	gone := r.solid.active // and not at the head
	for _, asset := range []Asset{TRX, BTTOLD} {
		o, err := c.cfg.Ledger.Observed(ctx, c.cfg.Network.Genesis, r.address.String(), string(asset))
		if err != nil {
			return fmt.Errorf("%w: %w", errLedger, err)
		}
		gone = gone || o.Amount > 0 && !r.solid.active
	}
	if gone {
		return fmt.Errorf("balances of %s: %w: the account has vanished", r.address, ErrAnswer)
	}
	return nil
}

func (h holdings) same(o holdings) bool {
	return h.active == o.active && h.rest == o.rest && h.amount[TRX] == o.amount[TRX] && h.amount[BTT] == o.amount[BTT] && h.amount[BTTOLD] == o.amount[BTTOLD]
}

// solidHoldings reads balances between two looks at the solid height, so that
// they are those of one block.
func (c *Chain) solidHoldings(ctx context.Context, v view, a voucher.Address) (holdings, int64, error) {
	for range attempts {
		before, err := v.head(ctx, true)
		if err != nil {
			return holdings{}, 0, err
		}
		h, err := v.holdings(ctx, c.cfg.Network, a, true)
		if err != nil {
			return h, 0, err
		}
		after, err := v.head(ctx, true)
		if err != nil {
			return h, 0, err
		}
		if after.id == before.id {
			return h, before.num, nil
		}
	}
	return holdings{}, 0, fmt.Errorf("balances of %s at %s: %w: overtaken by new blocks", a, v.host, ErrStaleNode)
}

// reconcile books the difference between an address's balances and those the
// books agree with. Each asset is one write that also moves the observation, so
// nothing is booked twice.
func (c *Chain) reconcile(ctx context.Context, v view, r reading) error {
	for _, asset := range Assets() {
		before, err := c.cfg.Ledger.Observed(ctx, c.cfg.Network.Genesis, r.address.String(), string(asset))
		if err != nil {
			return fmt.Errorf("%w: %w", errLedger, err)
		}
		by := r.solid.amount[asset] - before.Amount
		if by == 0 && before.Height >= 0 || r.height < before.Height {
			continue
		}
		switch err := c.book(ctx, v, r, asset, before, by); {
		case err == nil || errors.Is(err, ledger.ErrStale):
		case errors.Is(err, ledger.ErrLimit) || errors.Is(err, ledger.ErrClosed): // the account's owner said so; it is tried again
			return err
		default:
			return fmt.Errorf("%w: %w", errLedger, err)
		}
	}
	return nil
}

func (c *Chain) book(ctx context.Context, v view, r reading, asset Asset, before ledger.Observed, by btt.Amount) error {
	now := before
	now.Height, now.Amount = r.height, r.solid.amount[asset]
	parts := []part{{amount: by, block: r.height}}
	if by > 0 && before.Height >= 0 {
		if found := c.explain(ctx, v, r, asset); sumOf(found) == by {
			parts = found
		}
	}
	at := c.cfg.Now()
	err := c.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error {
		if err := tx.Observe(ctx, before, now); err != nil {
			return err
		}
		for n, p := range parts {
			if err := tx.Record(ctx, p.transfer(before, now, n, asset, at)...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range parts {
		switch {
		case p.amount > 0:
			c.tell(Received{r.address, asset, p.amount, p.from, p.txid, p.block})
		case p.amount < 0:
			c.tell(Left{r.address, asset, -p.amount, p.block})
		}
	}
	return nil
}

// part is a piece of a difference: what one transaction brought, or all of it
// where the transactions were not found.
type part struct {
	amount btt.Amount
	block  int64
	from   voucher.Address
	txid   ledger.ID
}

func sumOf(parts []part) (sum btt.Amount) {
	for _, p := range parts {
		sum += p.amount
	}
	return sum
}

// transfer is the booking of a part: none for nothing. Its ID names the step of
// the observation, which happens once.
func (p part) transfer(before, now ledger.Observed, n int, asset Asset, at time.Time) []ledger.Transfer {
	if p.amount == 0 {
		return nil
	}
	own, world := asset.accounts()
	t := ledger.Transfer{
		ID: ledger.NewID("chain difference", now.Chain[:], []byte(now.Owner), []byte(asset), fmt.Append(nil, before.Height, now.Height, n)),
		At: at, Kind: "top-up", Phase: ledger.Posted, Debit: own, Credit: world, Amount: p.amount, Note: fmt.Sprintf("by block %d", p.block),
	}
	if p.txid != (ledger.ID{}) {
		t.Note = fmt.Sprintf("%s from %s", p.txid, p.from)
	}
	if p.amount < 0 {
		t.Kind, t.Debit, t.Credit, t.Amount = "elsewhere", world, own, -p.amount
	}
	return []ledger.Transfer{t}
}
