package broker

import (
	"fmt"
	"time"

	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// toWire returns what lane wants to be said as it is said on the wire.
func toWire(m lane.Message) wire.Message {
	switch m := m.(type) {
	case lane.Greeting:
		return hello(m)
	case lane.Auth:
		return wire.Auth(m)
	case lane.Bid:
		return wire.Bid(m)
	case lane.Quote:
		return wire.Quote(m)
	case lane.Pay:
		return wire.Pay(m)
	case lane.Ack:
		return wire.Ack(m)
	case lane.Need:
		return wire.Need(m)
	case lane.Stop:
		return wire.Stop{Reason: wire.Reason(m.Reason)}
	case lane.Settled:
		return wire.Settled(m)
	case lane.Netted:
		return wire.Netted(m)
	}
	panic(fmt.Sprintf("broker: no message %T on the wire", m)) //nolint:forbidigo // the list of types is closed
}

// fromWire is the way back; nil for what is not about money.
func fromWire(m wire.Message) lane.Message {
	switch m := m.(type) {
	case wire.Hello:
		return greeting(m)
	case wire.Auth:
		return lane.Auth(m)
	case wire.Bid:
		return lane.Bid(m)
	case wire.Quote:
		return lane.Quote(m)
	case wire.Pay:
		return lane.Pay(m)
	case wire.Ack:
		return lane.Ack(m)
	case wire.Need:
		return lane.Need(m)
	case wire.Stop:
		return lane.Stop{Reason: lane.Reason(m.Reason)}
	case wire.Settled:
		return lane.Settled(m)
	case wire.Netted:
		return lane.Netted(m)
	}
	return nil
}

func hello(g lane.Greeting) wire.Hello {
	h := wire.Hello{Version: wire.Version, Nonce: g.Nonce, Account: g.Account}
	for _, w := range g.Ways {
		i := wire.Instrument{Kind: wire.Voucher, Chain: w.Chain, Escrow: w.Escrow}
		if w.Escrow == (voucher.Address{}) {
			i.Kind = wire.Direct
		}
		h.Instruments = append(h.Instruments, i)
	}
	if g.Pays {
		h.Roles |= wire.Requester
	}
	if g.Serves {
		h.Roles |= wire.Provider
	}
	if g.Nets {
		h.Features |= wire.NetsDues
	}
	return h
}

func greeting(h wire.Hello) lane.Greeting {
	g := lane.Greeting{
		Nonce: h.Nonce, Account: h.Account, Pays: h.Roles&wire.Requester != 0, Serves: h.Roles&wire.Provider != 0,
		Nets: h.Features&wire.NetsDues != 0,
	}
	for _, i := range h.Instruments {
		if (i.Kind == wire.Direct) == (i.Escrow == [wire.AccountSize]byte{}) {
			g.Ways = append(g.Ways, lane.Way{Chain: i.Chain, Escrow: i.Escrow})
		}
	}
	return g
}

// rowAt is row for a moment.
func rowAt(now time.Time, k lane.Key, paid bool, b lane.Book) ledger.Lane {
	l := row(k, paid, b)
	l.Changed = now
	return l
}

// row returns a book as the ledger keeps it, and book the way back. What is set off is
// kept with the pair.
func row(k lane.Key, paid bool, b lane.Book) ledger.Lane {
	return ledger.Lane{
		LaneKey:    rowKey(k, paid),
		Cumulative: b.Cumulative, Signature: b.Signature, Due: b.Due, Bytes: b.Bytes, Unpaid: b.Unpaid, Repay: b.Repay,
		Lost: b.Lost, Strikes: b.Strikes, Until: b.Until, Redeemed: b.Redeemed,
	}
}

func rowKey(k lane.Key, paid bool) ledger.LaneKey {
	return ledger.LaneKey{Chain: k.Chain, Escrow: k.Escrow, Payer: k.Payer, Payee: k.Payee, Paid: paid}
}

func book(l ledger.Lane, off btt.Amount) lane.Book {
	return lane.Book{
		Cumulative: l.Cumulative, Signature: l.Signature, Due: l.Due, Bytes: l.Bytes, Unpaid: l.Unpaid, Repay: l.Repay,
		Lost: l.Lost, Strikes: l.Strikes, Until: l.Until, Redeemed: l.Redeemed, Off: off,
	}
}
