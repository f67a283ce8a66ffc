package broker

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// noLimit is the limit of a stream that is not charged.
const noLimit = math.MaxInt64

// stepIf is step for a lane that there may be.
func (c *core) stepIf(ctx context.Context, now time.Time, r *relation, e lane.Event) error {
	if r == nil {
		return nil
	}
	return c.step(ctx, now, r, e)
}

// step lets an event happen in a lane and carries out what follows, in its order.
// The first effect that fails is the last: what comes after it must not be done.
func (c *core) step(ctx context.Context, now time.Time, r *relation, e lane.Event) error {
	if _, tick := e.(lane.Tick); !tick {
		r.used = now
	}
	var out []lane.Effect
	for _, e := range append(c.before(now, r, e), e) {
		var more []lane.Effect
		if r.paid {
			r.payee, more = r.payee.Step(now, e)
		} else {
			r.payer, more = r.payer.Step(now, e)
		}
		out = append(out, more...)
	}
	return c.all(ctx, now, r, out)
}

// all carries out effects of a lane.
func (c *core) all(ctx context.Context, now time.Time, r *relation, out []lane.Effect) error {
	for _, e := range out {
		if err := c.do(ctx, now, r, e); err != nil {
			return err
		}
	}
	for _, q := range r.payer.Conns {
		c.post(now, bidding.PeerKey(q.Conn))
	}
	for _, q := range r.payee.Conns {
		c.post(now, bidding.PeerKey(q.Conn))
	}
	return nil
}

// before is what a machine has to know first: what the caps leave, and what the
// other direction owes.
func (c *core) before(now time.Time, r *relation, e lane.Event) []lane.Event {
	var first []lane.Event
	if !r.paid {
		first = append(first, lane.Allowed{Amount: c.left(r, e), Least: c.terms.Least})
	}
	if r.key.Direct() {
		first = append(first, lane.Against{Amount: c.against(r)})
	}
	if !r.paid && r.net != nil {
		first = append(first, r.net.net.Nets(now, r.net.sell.payee))
	}
	return first
}

// left is what may be promised, or owed, on account of an event: by the caps of the
// torrent it is about, or of that which has most left.
func (c *core) left(r *relation, e lane.Event) btt.Amount {
	most := btt.Amount(0)
	about, known := connOf(e)
	for _, q := range r.payer.Conns {
		if !known || q.Conn == about {
			most = max(most, c.leftFor(r, bidding.TorrentKey(q.Torrent)))
		}
	}
	if p := c.conns[bidding.PeerKey(about)]; known && p != nil {
		most = max(most, c.leftFor(r, p.Torrent))
	}
	return most
}

// leftFor is what may be promised or owed in a lane for a torrent.
func (c *core) leftFor(r *relation, t bidding.TorrentKey) btt.Amount {
	if !r.key.Direct() {
		return c.spending.left(t, r.payer.Book.Cumulative+r.payer.Book.Off)
	}
	return max(0, min(c.spending.left(t, r.payer.Book.Due), c.terms.Purse-c.spending.debts))
}

// connOf returns the connection an event is about.
func connOf(e lane.Event) (lane.Conn, bool) {
	switch e := e.(type) {
	case lane.Heard:
		return e.Conn, true
	case lane.Verified:
		return e.Conn, true
	case lane.Offer:
		return e.Conn, true
	case lane.Claim:
		return e.Conn, true
	}
	return 0, false
}

// do carries out one effect.
func (c *core) do(ctx context.Context, now time.Time, r *relation, e lane.Effect) error {
	switch e := e.(type) {
	case lane.Record:
		return c.recordPair(ctx, now, r, e)
	case lane.Sign:
		r.sig = voucher.Signature{}
		d, err := e.Voucher.Digest(voucher.NewDomain(uint64(r.key.Chain), r.key.Escrow))
		if err != nil {
			return fmt.Errorf("sign a promise: %w", err)
		}
		if sig, err := c.signer.Sign(d); err == nil { // a locked wallet signs later: the machine asks again
			r.sig = sig
		}
	case lane.Send:
		p := c.conns[bidding.PeerKey(e.Conn)]
		if pay, ok := e.Message.(lane.Pay); ok {
			if r.sig == (voucher.Signature{}) {
				return nil
			}
			pay.Signature = r.sig
			e.Message = pay
		}
		if stop, ok := e.Message.(lane.Stop); ok && p != nil && p.sell != nil && p.sell != r {
			return c.place(ctx, now, p.sell, lane.Place{Conn: e.Conn, Message: stop}) // it ends the sale too
		}
		if p != nil {
			c.send(p, toWire(e.Message))
		}
	case lane.Place:
		return c.place(ctx, now, r, e)
	case lane.Limit:
		c.sender.Limit(bidding.PeerKey(e.Conn), e.Pos)
	case lane.Settle:
		if n := len(r.payer.Conns); n > 0 {
			c.tell(FactSettle{bidding.PeerKey(r.payer.Conns[n-1].Conn), r.key.Payee, e.Amount})
		}
	case lane.Ask:
		return c.settle(ctx, now, r.net, func(p lane.Pair) (lane.Pair, lane.Outcome) { return p.Ask(now, e.Conn) })
	case lane.Check:
		c.tell(FactCheck{bidding.PeerKey(e.Conn), r.key.Payer, e.Tx, e.Amount, e.Off})
	case lane.Tell:
		c.tell(FactLane{r.other(), e.Fact, e.Amount, e.Bytes})
	}
	return nil
}

// other is the account at the other end.
func (r *relation) other() voucher.Address {
	if r.paid {
		return r.key.Payer
	}
	return r.key.Payee
}

// place puts a message between the blocks and tells the machine where.
func (c *core) place(ctx context.Context, now time.Time, r *relation, e lane.Place) error {
	p := c.conns[bidding.PeerKey(e.Conn)]
	if p == nil || p.gone {
		return nil
	}
	var placed lane.Placed
	ok := c.sender.Send(p.Key, func(pos int64) []byte {
		placed = lane.Placed{Conn: e.Conn, Message: e.At(pos), Pos: pos}
		return encode(toWire(placed.Message))
	})
	if !ok {
		return nil // Gone will be said
	}
	if q, is := placed.Message.(lane.Quote); is {
		s := c.board.get(p.Key)
		s.Quote = bidding.Quote{Price: q.Price, Rate: q.Rate, At: now}
		c.board.set(p.Key, s)
	}
	err := c.step(ctx, now, r, placed)
	if _, is := placed.Message.(lane.Stop); is {
		err = errors.Join(err, c.stepIf(ctx, now, p.buy, placed))
	}
	return err
}

// record makes books durable, with the transfers that go with them, all or nothing.
func (c *core) record(ctx context.Context, now time.Time, all []recorded) error {
	err := c.ledger.Update(ctx, func(tx *ledger.Tx) error {
		for _, x := range all {
			if err := x.write(ctx, tx, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, x := range all {
		c.spending.owe(x)
		if x.Moved == 0 {
			continue
		}
		if !x.paid {
			c.spending.add(bidding.TorrentKey(x.Torrent), x.Moved)
		}
		c.tell(FactMoved{x.other(), bidding.TorrentKey(x.Torrent), x.Moved, !x.paid})
	}
	return nil
}

// write writes one of them. A promise is named by the sum it brings the lane to, and so
// is a debt.
func (x recorded) write(ctx context.Context, tx *ledger.Tx, now time.Time) error {
	l := rowAt(now, x.key, x.paid, x.Book)
	if err := tx.PutLane(ctx, l); err != nil {
		return err
	}
	if x.Tx != ([32]byte{}) {
		amount := x.Moved - x.Off
		if !x.paid {
			amount = x.Sent
		}
		if err := tx.Settle(ctx, x.key.Chain, x.Tx, amount, now); err != nil {
			return err
		}
	}
	if x.Moved == 0 {
		return tx.Record(ctx, x.extra(now)...)
	}
	other := x.other().String()
	t := ledger.Transfer{
		At: now, Kind: "promise-given", Phase: ledger.Posted, Debit: ledger.Leeching, Credit: ledger.Payable(other),
		Amount: x.Moved, Torrent: name(x.Torrent), Note: "to " + other,
	}
	sum := x.Book.Cumulative
	switch {
	case x.paid:
		t.Kind, t.Debit, t.Credit, t.Note = "promise-received", ledger.Receivable(other), ledger.Seeding, "from "+other
	case x.key.Direct():
		t.Kind, sum = "owed", x.Book.Due
	}
	t.ID = transferID(x.key, t.Kind, sum)
	return tx.Record(ctx, append(x.extra(now), t)...)
}

// transferID names the promise that brought a lane to sum, for ever.
func transferID(k lane.Key, kind string, sum btt.Amount) ledger.ID {
	return ledger.NewID(kind, fmt.Appendf(nil, "%d", k.Chain), k.Escrow[:], k.Payer[:], k.Payee[:], fmt.Appendf(nil, "%d", sum))
}

// accounts lets an event happen in all lanes in which an account pays us.
func (c *core) accounts(ctx context.Context, now time.Time, payer voucher.Address, e lane.Event) error {
	for k, r := range c.lanes {
		if r.paid && k.Payer == payer && !k.Direct() {
			if err := c.step(ctx, now, r, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// redeemed writes down what was settled in the lanes of a pair, also in those that
// are not at hand.
func (c *core) redeemed(ctx context.Context, now time.Time, who pair, total btt.Amount) error {
	paid := who.payee == c.cfg.Account
	rows, err := c.ledger.Lanes(ctx, paid)
	if err != nil {
		return err
	}
	for _, l := range rows {
		k := lane.Key{Chain: l.Chain, Escrow: l.Escrow, Payer: l.Payer, Payee: l.Payee}
		if k.Payer != who.payer || k.Payee != who.payee || k.Direct() {
			continue
		}
		r, err := c.relation(ctx, k, paid)
		if err == nil {
			err = c.step(ctx, now, r, lane.Redeemed{Total: total})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// send says something to a peer.
func (c *core) send(p *conn, m wire.Message) {
	if !p.over && !p.gone {
		c.sender.Send(p.Key, func(int64) []byte { return encode(m) })
	}
}

// encode writes a message of ours, whose fields are in range.
func encode(m wire.Message) []byte {
	b, err := wire.Encode(m)
	if err != nil {
		panic(fmt.Sprintf("broker: encode our own %T: %v", m, err)) //nolint:forbidigo // amounts of a lane are never negative
	}
	return b
}

// tell gives news to whoever reads it.
func (c *core) tell(f Fact) {
	select {
	case c.facts <- f:
	default:
	}
}
