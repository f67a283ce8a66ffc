package broker

import (
	"context"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/wallet/ledger"
)

// netting is what two lanes in opposite directions have in common.
type netting struct {
	net       lane.Net
	buy, sell *relation
}

// pair puts the three machines together, and put takes them apart.
func (n *netting) pair() lane.Pair {
	return lane.Pair{Net: n.net, Pay: n.buy.payer, Paid: n.sell.payee}
}

func (n *netting) put(p lane.Pair) { n.net, n.buy.payer, n.sell.payee = p.Net, p.Pay, p.Paid }

// join makes the lanes of a connection on which both ends set off a pair, which goes on
// where it was.
func (c *core) join(ctx context.Context, now time.Time, p *conn) error {
	n := c.nets[p.buy.key]
	if n == nil {
		b, err := c.ledger.Netting(ctx, netKey(p.buy.key))
		if err != nil {
			return err
		}
		n = &netting{net: lane.NewNet(p.buy.key, lane.NetBook{Total: b.Total, Offered: b.Offered, Number: b.Number})}
		c.nets[p.buy.key] = n
	}
	n.buy, n.sell = p.buy, p.sell
	p.buy.net, p.sell.net = n, n
	return c.settle(ctx, now, n, func(pair lane.Pair) (lane.Pair, lane.Outcome) { return pair.Opened(now, lane.Conn(p.Key)) })
}

// netKey is the pair of the lane in which we pay, as the ledger has it.
func netKey(k lane.Key) ledger.NetKey {
	return ledger.NetKey{Chain: k.Chain, Escrow: k.Escrow, Own: k.Payer, Other: k.Payee}
}

// forget drops what a lane that is dropped was part of.
func (c *core) forget(r *relation) {
	if delete(c.lanes, r.key); r.net != nil {
		delete(c.nets, r.net.net.Pay)
	}
}

// netted hears what a peer says about setting off.
func (c *core) netted(ctx context.Context, now time.Time, p *conn, m lane.Netted) error {
	if p.buy == nil || p.buy.net == nil || !p.hand.Nets() {
		return c.end(ctx, now, p, wire.ErrTurn)
	}
	return c.settle(ctx, now, p.buy.net, func(pair lane.Pair) (lane.Pair, lane.Outcome) {
		return pair.Hear(now, lane.Conn(p.Key), m)
	})
}

// settle lets both lanes of a pair take a step together, which have to know first what
// each has to know before its own.
func (c *core) settle(ctx context.Context, now time.Time, n *netting, step func(lane.Pair) (lane.Pair, lane.Outcome)) error {
	for _, e := range c.before(now, n.buy, lane.SetOff{}) {
		n.buy.payer, _ = n.buy.payer.Step(now, e) // it only takes note
	}
	p, out := step(n.pair())
	n.put(p)
	for _, e := range out.Net {
		if r, ok := e.(lane.RecordNet); ok {
			if err := c.recordNet(ctx, now, n, r); err != nil {
				return err
			}
			continue
		}
		if err := c.do(ctx, now, n.buy, e); err != nil {
			return err
		}
	}
	if err := c.all(ctx, now, n.buy, out.Pay); err != nil {
		return err
	}
	return c.all(ctx, now, n.sell, out.Paid)
}

// recordNet makes a set-off durable: the number, both lanes, and the books.
func (c *core) recordNet(ctx context.Context, now time.Time, n *netting, e lane.RecordNet) error {
	k := n.net.Pay
	row := ledger.Netting{
		NetKey: netKey(k), Peer: k.Payee.String(),
		Total: e.Book.Total, Offered: e.Book.Offered, Number: e.Book.Number, Changed: now,
	}
	err := c.ledger.Update(ctx, func(tx *ledger.Tx) error {
		if _, err := tx.SetOff(ctx, row, name(e.Pay.Torrent), name(e.Paid.Torrent)); err != nil || e.Moved == 0 {
			return err
		}
		for _, l := range []ledger.Lane{rowAt(now, k, false, e.Pay.Book), rowAt(now, k.Back(), true, e.Paid.Book)} {
			if err := tx.PutLane(ctx, l); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || e.Moved == 0 {
		return err
	}
	c.spending.add(bidding.TorrentKey(e.Pay.Torrent), e.Moved)
	c.tell(FactMoved{k.Payee, bidding.TorrentKey(e.Pay.Torrent), e.Moved, true})
	c.tell(FactMoved{k.Payee, bidding.TorrentKey(e.Paid.Torrent), e.Moved, false})
	return nil
}
