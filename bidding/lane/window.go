package lane

import (
	"math"

	"swarmbid/wallet/btt"
)

// credit is how many bytes the payer may have received and not promised: W, less
// what it once left unpaid and has not made good.
func (p *Payee) credit() int64 {
	piece := int64(0)
	for i := range p.Conns {
		piece = max(piece, p.Conns[i].Piece)
	}
	return max(Window(piece)-(p.Book.Repay+Regrow-1)/Regrow, 0)
}

// ceiling is how much may be charged in all as far as the payer's deposit is
// trusted: what it has settled or what was set off, plus X, if the deposit is worth that much to each
// of a crowd.
func (p *Payee) ceiling() btt.Amount {
	if p.Key.Direct() {
		return maxSum
	}
	return plus(plus(p.Book.Redeemed, p.Book.Off), min(plus(Trust, p.Book.Redeemed), p.deposit/Crowd))
}

// room is how many more bytes may be served at a price, to all connections of the
// address together, and whether it is the deposit that bounds them.
func (p *Payee) room(price btt.Rate) (bytes int64, insolvent bool) {
	due := p.Tally.Due()
	ahead := buys(price, p.Book.paid()-due)
	window := p.credit() - p.Exposure() + ahead
	if p.Key.Direct() {
		window = max(window, buys(price, p.Book.Cumulative+p.deposit-due)) + buys(price, p.against)
	}
	deposit := buys(price, p.ceiling()-due-p.Book.Lost) // what is in doubt may yet be promised
	return max(min(window, deposit), 0), deposit < Block && deposit < window
}

// after draws the conclusions of what happened: who stalls, who goes on, how far
// each may be served, and whether it is time for a record.
func (m *payee) after() {
	m.Tally.fold(m.Book.paid())
	if m.Key.Direct() {
		m.Tally.compact(maxRuns / 2)
	}
	if m.Book.Bytes-m.flushed >= Flush {
		m.record(0, Torrent{}, [32]byte{})
	}
	counting := int64(0)
	for i := range m.Conns {
		if m.Conns[i].Phase.counting() && m.Tally.current(m.Conns[i].Conn) != nil {
			counting++
		}
	}
	for i := range m.Conns {
		m.window(&m.Conns[i], counting)
	}
}

// window applies the window to one of so many connections that are charged.
func (m *payee) window(c *PayeeConn, counting int64) {
	limit := int64(math.MaxInt64)
	if r := m.Tally.current(c.Conn); r != nil && c.Phase.counting() {
		room, insolvent := m.room(r.Price)
		room /= counting
		switch enough := room >= Block; {
		case insolvent && !enough:
			m.out = append(m.out, Tell{Fact: FactInsolvent, Conn: c.Conn})
			m.stop(c, ReasonInsolvent, Closed)
		case enough && (c.Phase == Stalled || c.Phase == Prepay):
			c.Phase = Active
		case !enough && (c.Phase == Quoted || c.Phase == Active):
			c.Phase, c.by = Stalled, m.now.Add(Grace)
			m.out = append(m.out, Send{c.Conn, Need{m.needed(c), Grace}})
		case !enough && c.Conn == m.ask && c.Quote.Prepay > 0:
			m.out = append(m.out, Send{c.Conn, Need{m.needed(c), max(c.by.Sub(m.now), 0)}})
		}
		limit = c.Sent + room
	}
	if limit != c.limit {
		c.limit = limit
		m.out = append(m.out, Limit{c.Conn, limit})
	}
}

// needed is the promise with which service would go on.
func (m *payee) needed(c *PayeeConn) btt.Amount {
	return max(plus(m.Tally.Due(), cost(c.Quote.Price, c.Quote.Prepay))-m.Book.Off, 0)
}

// tick ends graces: who has not paid is asked to pay first, who does not do that
// either is in default. Where payment is by transfers the debt stays, nothing more is
// lent, and the payer is served for free until it has paid.
func (m *payee) tick() {
	for i := range m.Conns {
		c := &m.Conns[i]
		late := (c.Phase == Stalled || c.Phase == Prepay) && !m.now.Before(c.by)
		switch {
		case !late:
		case m.Key.Direct():
			m.stop(c, ReasonInsolvent, Closed)
		case c.Phase == Prepay || c.Quote.Prepay > 0:
			m.fail(ReasonInsolvent)
			return
		default:
			m.writeOff()
			m.quote(c, c.Quote.Price, c.Quote.Rate)
			if c.Quote.Prepay == 0 { // trust is left, but the window was not paid
				q := &c.Quote
				q.Prepay = c.Piece
				m.out[len(m.out)-1] = Place{c.Conn, *q, c.Sent, true}
			}
			c.Phase, c.by = Prepay, m.now.Add(Grace)
			m.record(0, Torrent{}, [32]byte{})
		}
	}
}
