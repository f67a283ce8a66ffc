package broker

import (
	"context"
	"errors"
	"time"

	"swarmbid/bidding/lane"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// ours is a transfer of ours that is final, theirs one to us.
type (
	ours struct {
		to     voucher.Address
		tx     [32]byte
		amount btt.Amount
	}
	theirs struct {
		fact   FactCheck
		amount btt.Amount
	}
)

// maxMoves is how many transfers wait to be counted. What does not fit is said again by
// who paid.
const maxMoves = 256

// Transferred says that a transfer of ours to a peer's account is final. It is counted
// once, and each time named to the peer if it is here; a FactLane of lane.FactHeld says
// that the peer has counted it.
func (b *Broker) Transferred(to voucher.Address, tx [32]byte, amount btt.Amount) {
	b.move(ours{to, tx, amount})
}

// Final answers a FactCheck: the transfer is final and paid us amount. It is counted
// once, and the peer is told what is held each time.
func (b *Broker) Final(f FactCheck, amount btt.Amount) { b.move(theirs{f, amount}) }

func (b *Broker) move(m any) {
	b.inbox.latest(func() {
		if len(b.inbox.moves) < maxMoves {
			b.inbox.moves = append(b.inbox.moves, m)
		}
	})
}

// SetTerms changes what is lent and owed from now on.
func (b *Broker) SetTerms(t Terms) error {
	cfg := Config{Terms: t}
	if err := cfg.Validate(); err != nil {
		return err
	}
	b.inbox.latest(func() { b.inbox.terms = &t })
	return nil
}

// setTerms applies them.
func (c *core) setTerms(ctx context.Context, now time.Time, t Terms) error {
	c.terms = t
	for k, r := range c.lanes {
		if r.paid && k.Direct() {
			if err := c.step(ctx, now, r, lane.Funded{Free: t.Line}); err != nil {
				return err
			}
		}
	}
	return nil
}

// direct is the lane between us and another account in which payment is by transfers;
// nil if that is no way of ours.
func (c *core) direct(ctx context.Context, other voucher.Address, paid bool) (*relation, error) {
	for _, w := range c.cfg.Ways {
		if w.Escrow != (voucher.Address{}) {
			continue
		}
		k := lane.Key{Chain: w.Chain, Payer: c.cfg.Account, Payee: other}
		if paid {
			k.Payer, k.Payee = other, c.cfg.Account
		}
		if _, err := c.relation(ctx, k.Back(), !paid); err != nil { // what it owes counts too
			return nil, err
		}
		return c.relation(ctx, k, paid)
	}
	return nil, nil
}

// once lets an event count a transaction, unless it was counted before.
func (c *core) once(ctx context.Context, now time.Time, r *relation, e lane.Event) error {
	payer, payee := r.payer, r.payee
	err := c.step(ctx, now, r, e)
	if errors.Is(err, ledger.ErrSettled) {
		r.payer, r.payee = payer, payee
		return nil
	}
	return err
}

// moved counts a transfer.
func (c *core) moved(ctx context.Context, now time.Time, m any) error {
	switch m := m.(type) {
	case ours:
		r, err := c.direct(ctx, m.to, false)
		if r == nil || err != nil {
			return err
		}
		if err := c.once(ctx, now, r, lane.Transferred{Tx: m.tx, Amount: m.amount}); err != nil {
			return err
		}
		if n := len(r.payer.Conns); n > 0 {
			return c.step(ctx, now, r, lane.Claim{Conn: r.payer.Conns[n-1].Conn, Tx: m.tx, Amount: m.amount})
		}
	case theirs:
		r, err := c.direct(ctx, m.fact.From, true)
		if r == nil || err != nil {
			return err
		}
		off := min(m.fact.Off, c.lanes[r.key.Back()].payer.Open())
		if err := c.once(ctx, now, r, lane.Final{Tx: m.fact.Tx, Amount: m.amount, Off: off}); err != nil {
			return err
		}
		return c.step(ctx, now, r, lane.Held{Conn: lane.Conn(m.fact.Peer)})
	}
	return nil
}

// against is what the lane in the other direction owes.
func (c *core) against(r *relation) btt.Amount {
	back := c.lanes[r.key.Back()]
	switch {
	case back == nil:
		return 0
	case back.paid:
		return max(back.payee.Tally.Due()-back.payee.Book.Cumulative, 0)
	}
	return max(back.payer.Book.Due-back.payer.Book.Cumulative, 0)
}

// recorded is what is to be written of one lane.
type recorded struct {
	*relation
	lane.Record
}

// recordPair makes a book durable, and with it that of the other direction, with which
// a part of it was set off.
func (c *core) recordPair(ctx context.Context, now time.Time, r *relation, e lane.Record) error {
	all := []recorded{{r, e}}
	var rest []lane.Effect
	var then func()
	back := c.lanes[r.key.Back()]
	if e.Off > 0 && back != nil {
		payer, payee := back.payer, back.payee
		var out []lane.Effect
		if back.paid {
			payee, out = payee.Step(now, lane.SetOff{Amount: e.Off})
		} else {
			payer, out = payer.Step(now, lane.SetOff{Amount: e.Off})
		}
		then = func() { back.payer, back.payee = payer, payee }
		for _, f := range out {
			if x, ok := f.(lane.Record); ok {
				all = append(all, recorded{back, x})
				continue
			}
			rest = append(rest, f)
		}
	}
	if err := c.record(ctx, now, all); err != nil {
		return err
	}
	if then != nil {
		then()
	}
	for _, f := range rest {
		if err := c.do(ctx, now, back, f); err != nil {
			return err
		}
	}
	return nil
}

// extra are the transfers of a record that are about the chain: what came by a
// transaction is no longer owed to us, and what was set off neither to us nor by us.
// What a transaction of ours paid, the outbox has booked.
func (x recorded) extra(now time.Time) (out []ledger.Transfer) {
	other := x.other().String()
	add := func(kind string, debit, credit ledger.Account, amount btt.Amount, note string) {
		if amount > 0 {
			out = append(out, ledger.Transfer{
				ID: transferID(x.key, kind, x.Book.Cumulative), At: now, Kind: kind, Phase: ledger.Posted, Debit: debit, Credit: credit, Amount: amount, Note: note,
			})
		}
	}
	if x.paid && x.Tx != ([32]byte{}) {
		add("transfer-received", ledger.World, ledger.Receivable(other), x.Moved-x.Off, ledger.ID(x.Tx).String())
	}
	add("set-off", ledger.Payable(other), ledger.Receivable(other), x.Off, "with "+other)
	return out
}
