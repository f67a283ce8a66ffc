package lane

import (
	"bytes"
	"time"

	"swarmbid/wallet/btt"
)

// NetBook is what of a [Net] outlives the program: one row of the ledger for each
// pair. The zero value is that of two that never set anything off.
type NetBook struct {
	Total   btt.Amount // set off in all, in either direction; never falls
	Offered btt.Amount // what Total may become by the answer to our last proposal; Total if it came
	Number  int64      // of the last proposal, made or answered; never falls
}

// Net is the machine that sets off what two owe each other and have not promised, where
// payment is by vouchers. Its zero value is not usable; see [NewNet]. It is a value.
//
// One end, the one with the smaller account, proposes a total, and the other answers
// with one that is between what it was and that. Each agrees to no more than it owes by
// its own verified count and is owed by its own served count, so that neither gives up
// more than it is released from, whatever the other says.
type Net struct {
	Pay  Key // the lane in which we pay; the other is the same with the two exchanged
	Book NetBook

	broken bool      // the numbers of the two do not fit together: nothing more is set off
	since  time.Time // when the open proposal was first said on the connections that there are
	said   time.Time // and last; for the other end, when a proposal was answered
}

// RecordNet makes Book durable in one transaction with both lanes and the three
// transfers of Moved: expense, income, and the one against the other. With Moved 0 the
// lanes are as they were.
type RecordNet struct {
	Book      NetBook
	Moved     btt.Amount
	Pay, Paid Record // Moved and Tx are zero in them
}

func (RecordNet) effect() {}

// Pair is both lanes between us and another account, with what is set off between them.
type Pair struct {
	Net  Net
	Pay  Payer
	Paid Payee
}

// Outcome is what a step of a pair makes to be done, in this order: that of the pair
// itself, of the lane in which we pay, and of the one in which we are paid.
type Outcome struct{ Net, Pay, Paid []Effect }

// NewNet returns the machine of the pair whose lane in which we pay is k.
func NewNet(k Key, b NetBook) Net { return Net{Pay: k, Book: b} }

// proposes reports whether it is us who propose.
func (n Net) proposes() bool { return bytes.Compare(n.Pay.Payer[:], n.Pay.Payee[:]) < 0 }

// open is what is proposed and not answered.
func (n Net) open() btt.Amount { return n.Book.Offered - n.Book.Total }

// Nets is what the payer has to know at now before it decides what to promise. What is
// proposed is held back until the answer comes, but not for longer than Hold: a
// promise and an answer for the same are then a loan, which the payee's lane counts.
func (n Net) Nets(now time.Time, paid Payee) Nets {
	if n.broken {
		return Nets{}
	}
	e := Nets{Owed: paid.owed()}
	if now.Sub(n.since) < Hold {
		e.Open = n.open()
	}
	return e
}

// owed is what the payer has received and not paid, by our count.
func (p Payee) owed() btt.Amount { return max(p.Tally.Due()-p.Book.paid(), 0) }

// owes is what we have verified and not paid, as far as the user allows it.
func (p Payer) owes() btt.Amount { return max(min(p.Book.Due-p.Book.paid(), p.Allowed), 0) }

// both is what can be set off now.
func (p Pair) both() btt.Amount {
	return min(p.Pay.owes(), p.Paid.owed(), maxSum-p.Net.Book.Total)
}

// Opened says that both ends set off on conn, a new connection: a proposal that may not
// have arrived is said again.
func (p Pair) Opened(now time.Time, conn Conn) (Pair, Outcome) {
	if p.Net.broken || p.Net.open() == 0 || !p.Net.proposes() {
		return p, Outcome{}
	}
	p.Net.since = now
	return p.again(now, conn)
}

// Tick lets time pass, about once a second.
func (p Pair) Tick(now time.Time) (Pair, Outcome) {
	on := (&payer{Payer: p.Pay}).netting()
	if on == nil || p.Net.broken || p.Net.open() == 0 || !p.Net.proposes() || now.Sub(p.Net.said) < Retry {
		return p, Outcome{}
	}
	return p.again(now, on.Conn)
}

// again says the open proposal.
func (p Pair) again(now time.Time, conn Conn) (Pair, Outcome) {
	p.Net.said = now
	return p, Outcome{Net: []Effect{p.Net.say(conn, p.Net.Book.Offered)}}
}

// say is a message of ours.
func (n Net) say(conn Conn, proposed btt.Amount) Send {
	return Send{conn, Netted{Number: n.Book.Number, Total: n.Book.Total, Proposed: proposed}}
}

// Ask carries out the effect of that name: it proposes, or wishes for a proposal.
func (p Pair) Ask(now time.Time, conn Conn) (Pair, Outcome) {
	sum := p.both()
	switch {
	case p.Net.broken || sum <= 0 || p.Net.open() > 0:
		return p, Outcome{}
	case !p.Net.proposes():
		return p, Outcome{Net: []Effect{p.Net.say(conn, p.Net.Book.Total+sum)}}
	}
	p.Net.Book.Number++
	p.Net.Book.Offered = p.Net.Book.Total + sum
	p.Net.since, p.Net.said = now, now
	return p, Outcome{Net: []Effect{RecordNet{Book: p.Net.Book}, p.Net.say(conn, p.Net.Book.Offered)}}
}

// Hear takes a message of the other end. Both lanes have to know what they need to
// know first, as before a step of their own.
func (p Pair) Hear(now time.Time, conn Conn, m Netted) (Pair, Outcome) {
	switch {
	case m.Number < 0 || m.Total < 0 || m.Proposed < m.Total || m.Proposed > maxSum:
		return p, Outcome{}
	case p.Net.proposes():
		return p.answered(now, conn, m)
	}
	return p.proposed(now, conn, m)
}

// proposed answers a proposal. One that was answered before is answered with what is set
// off by now, and nothing is set off for it again: the proposer may have promised it.
func (p Pair) proposed(now time.Time, conn Conn, m Netted) (Pair, Outcome) {
	n := &p.Net
	answer := func() Effect {
		return Send{conn, Netted{Number: m.Number, Total: n.Book.Total, Proposed: n.Book.Total}}
	}
	switch {
	case n.broken || m.Number <= n.Book.Number:
		return p, Outcome{Net: []Effect{answer()}}
	case m.Total > n.Book.Total: // we have forgotten it, or it lies
		return p.fall(conn, m.Total, answer())
	}
	sum := max(min(m.Proposed-n.Book.Total, p.both()), 0)
	n.Book = NetBook{Total: n.Book.Total + sum, Offered: n.Book.Total + sum, Number: m.Number}
	p, out := p.apply(now, sum, 0)
	out.Net = append(out.Net, answer())
	return p, out
}

// answered takes the answer to our open proposal, or a wish.
func (p Pair) answered(now time.Time, conn Conn, m Netted) (Pair, Outcome) {
	n := &p.Net
	off := m.Total - n.Book.Total
	switch {
	case n.broken || m.Number < n.Book.Number: // its answer to the last one is on its way
		return p, Outcome{}
	case m.Number > n.Book.Number || off < 0 || off > n.open(): // we have forgotten something, or it lies
		return p.fall(conn, m.Total)
	case n.open() > 0:
		n.Book.Total, n.Book.Offered = m.Total, m.Total
		return p.apply(now, off, max(off-max(p.Pay.Book.Due-p.Pay.Book.paid(), 0), 0))
	case m.Proposed > m.Total && now.Sub(n.said) >= Spacing:
		return p.Ask(now, conn)
	}
	return p, Outcome{}
}

// fall gives up setting off with a peer whose numbers are not ours. Each goes on from
// its own, and pays by voucher what is due from then on.
func (p Pair) fall(conn Conn, sum btt.Amount, more ...Effect) (Pair, Outcome) {
	p.Net.broken = true
	return p, Outcome{Net: append(more, Tell{Fact: FactOverclaim, Conn: conn, Amount: sum})}
}

// apply sets off in both lanes and makes it one record.
func (p Pair) apply(now time.Time, off, ahead btt.Amount) (Pair, Outcome) {
	record := RecordNet{Book: p.Net.Book, Moved: off}
	var out Outcome
	p.Pay, _ = p.Pay.Step(now, p.Net.Nets(now, p.Paid)) // nothing is open any more
	p.Pay, out.Pay = p.Pay.Step(now, SetOff{Amount: off})
	if off > 0 {
		p.Paid, out.Paid = p.Paid.Step(now, SetOff{Amount: off, Ahead: ahead})
		record.Pay, record.Paid = out.Pay[0].(Record), out.Paid[0].(Record) // each says first what it is now
		out.Pay, out.Paid = out.Pay[1:], out.Paid[1:]
	}
	out.Net = []Effect{record}
	return p, out
}
