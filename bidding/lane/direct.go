package lane

import (
	"slices"

	"swarmbid/wallet/btt"
)

// What is special of lanes without a contract, where debts are carried until they are
// worth a transfer on the chain.
//
// A debt counts against the user's limits when it is made. It ends by a transfer, which
// the payer counts when the chain has made it final and names then, and by what is set
// off against the lane in the other direction: the payer of a transfer proposes how
// much, the payee sets off what it owes by its own count, and says by its ack what it
// holds in all. So both ends come to the same numbers, although the one counts what it
// sent and the other what it has verified.

// owe counts what was verified and returns by how much a debt grew with it: one is spent
// when it is made, a promise only when it is given. What the user does not allow now is
// owed as soon as that changes, as it would be promised then.
func (m *payer) owe() (owed btt.Amount) {
	due := m.Tally.Due()
	if !m.Key.Direct() {
		m.Book.Due = due
		return 0
	}
	owed = max(0, min(due-m.Book.Due, m.Allowed))
	m.Book.Due += owed
	m.Allowed -= owed
	return owed
}

// debt is what is owed and neither transferred nor set off.
func (m *payer) debt() btt.Amount { return m.Book.Due - m.Book.Cumulative }

// Open is what of the debt may be set off when the payee pays us: none while a transfer
// was asked for, which would then pay it twice, and not what was proposed already.
func (p Payer) Open() btt.Amount {
	if p.pending > 0 {
		return 0
	}
	return max(0, p.Book.Due-p.Book.Cumulative-p.Proposed)
}

// settle asks for a transfer once what is owed, less what is owed to us, is worth
// one.
func (m *payer) settle() {
	net := m.debt() - m.against
	switch {
	case net < max(m.least, 1):
		m.pending = 0 // what was asked for is not owed any more
		return
	case m.pending > 0:
		return
	}
	m.pending = net
	m.out = append(m.out, Settle{net})
}

// short reports whether a quote lends too little for the debt ever to be worth a
// transfer: the payee would wait for what never comes.
func (m *payer) short(q Quote) bool {
	return plus(max(m.debt()-m.against, 0), cost(q.Price, q.Window)) < m.least
}

// transferred counts a transfer that is final.
func (m *payer) transferred(e Transferred) {
	if !m.Key.Direct() || e.Amount <= 0 {
		return
	}
	m.pending = 0
	m.Book.Cumulative = plus(m.Book.Cumulative, e.Amount)
	m.out = append(m.out, Record{Book: m.Book, Tx: e.Tx, Sent: e.Amount})
}

// claim names a transfer to the payee and proposes what to set off.
func (m *payer) claim(c *PayerConn, e Claim) {
	if !m.Key.Direct() || e.Amount <= 0 {
		return
	}
	m.Proposed = max(0, min(m.against, m.debt()))
	m.out = append(m.out, Send{c.Conn, Settled{e.Tx, e.Amount, m.Proposed}})
}

// agreed takes it that the payee holds more than it was paid: it has set off so much,
// and what both directions owe by our own count, or was proposed, goes. A payee that
// says more gives it away. It is false where promises are signed.
func (m *payer) agreed(more btt.Amount) bool {
	if !m.Key.Direct() {
		return false
	}
	if off := min(more, m.debt(), max(m.against, m.Proposed)); off > 0 {
		m.Book.Cumulative += off
		m.against = max(0, m.against-off)
		m.out = append(m.out, Record{Book: m.Book, Off: off})
	}
	return true
}

// setOff ends so much of the debt, since a transfer to us settled it with its own.
func (m *payer) setOff(sum btt.Amount) {
	if off := min(sum, m.debt()); m.Key.Direct() && off > 0 {
		m.Book.Cumulative += off
		m.record(0, Torrent{})
	}
}

// setOff ends so much of what is owed to us, since our transfer settled it with its
// own.
func (m *payee) setOff(sum btt.Amount) {
	if m.Key.Direct() && sum > 0 {
		m.receive(&PayeeConn{}, plus(m.Book.Cumulative, sum), [32]byte{}, 0)
	}
}

// final counts a transfer on the chain, and with it as much as both directions owe of
// what the payer proposed to set off.
func (m *payee) final(e Final) {
	if !m.Key.Direct() || e.Amount <= 0 {
		return
	}
	sum := plus(m.Book.Cumulative, e.Amount)
	off := max(0, min(e.Off, m.against, m.Tally.Due()-sum))
	m.receive(&PayeeConn{}, plus(sum, off), e.Tx, off)
}

// say tells the payer what is held in all.
func (m *payee) say(conn Conn) {
	m.with(conn, func(c *PayeeConn) { m.out = append(m.out, Send{c.Conn, Ack{m.Book.Cumulative}}) })
}

// compact makes one run of those that have ended, but for the last of each connection:
// debts are carried for long, and each new price begins a run. Due stays as it is.
func (t *Tally) compact(most int) {
	if len(t.Runs) <= most {
		return
	}
	last := map[Conn]int{}
	for i := range t.Runs {
		last[t.Runs[i].Conn] = i
	}
	var old Run // Conn 0 is nobody's
	kept := t.Runs[:0:0]
	for i, r := range t.Runs {
		if r.To == open || last[r.Conn] == i && r.Conn != 0 {
			kept = append(kept, r)
			continue
		}
		old.Price, old.Bytes, old.Charge = max(old.Price, r.Price), old.Bytes+r.Bytes, plus(old.Charge, r.Charge)
	}
	if old.Charge > 0 {
		kept = slices.Insert(kept, 0, old)
	}
	t.Runs = kept
}
