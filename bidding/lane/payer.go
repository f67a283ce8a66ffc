package lane

import (
	"math"
	"slices"
	"time"

	"swarmbid/wallet/btt"
)

// Payer is the machine of one lane at the end that is served. Its zero value is
// not usable; see [NewPayer]. It is a value like [Payee].
//
// It promises what it has verified, not what it is asked for; with a prepaid
// quote, one piece more.
type Payer struct {
	Key   Key
	Book  Book
	Conns []PayerConn // in the order in which they were opened
	Tally Tally

	Allowed btt.Amount // what may be promised from now on, by the user's caps
	against btt.Amount // direct: what the peer owes us
	least   btt.Amount // direct: what is worth a transfer
	acked   btt.Amount // the best promise that the peer says it holds
	paid    time.Time  // of the last promise
	rate    time.Time  // when the promises made so far are within the rate of the wire
	pending btt.Amount // direct: a transfer that was asked for
	nets    Nets       // voucher: what may be set off, and what is about to be
	hoping  time.Time  // since when a debt waits to be set off; zero if none does
	brisk   time.Time  // until when none does
	asked   time.Time  // last, to set off

	ahead   btt.Amount // paid beyond what was due when the book was read
	proof   int64      // bytes verified since then that were free
	starved bool       // what was paid ahead did not come: nothing is bid until a piece is verified

	// Proposed is what the payee was last asked to set off against what it owes us, and
	// has not answered (direct): until it does nothing else may be set off against it.
	Proposed btt.Amount
}

// PayerConn is one connection of the payee.
type PayerConn struct {
	Conn    Conn
	Torrent Torrent
	Piece   int64 // length of a piece, bytes
	Phase   Phase
	Bid     Bid   // the last one sent
	Quote   Quote // the one in force
	Bytes   int64 // verified and charged
	need    Need  // Stalled: what was asked for
	since   time.Time
	Nets    bool // both ends set off on it
}

// NewPayer returns the machine of a lane whose book is b, with no connection.
func NewPayer(k Key, b Book) Payer {
	return Payer{Key: k, Book: b, Tally: Tally{Base: b.Due}, ahead: max(b.paid()-b.Due, 0)}
}

// Good reports whether we deal with this payee now.
func (p Payer) Good(now time.Time) bool { return !now.Before(p.Book.Until) }

// Step lets e happen at now.
func (p Payer) Step(now time.Time, e Event) (Payer, []Effect) {
	p.Conns, p.Tally.Runs = slices.Clone(p.Conns), slices.Clone(p.Tally.Runs)
	m := payer{p, now, nil, nil}
	m.on(e)
	m.Tally.forget(maxRuns)
	if m.ask != nil {
		m.out = append(m.out, *m.ask) // after the record of what is due
	}
	return m.Payer, m.out
}

// payer is a step in progress.
type payer struct {
	Payer
	now time.Time
	out []Effect
	ask *Ask // to be the last effect; nil = none
}

func (m *payer) on(e Event) {
	switch e := e.(type) {
	case Allowed:
		m.Allowed, m.least = min(max(e.Amount, 0), maxSum), max(e.Least, 1)
	case SetOff:
		if m.Key.Direct() {
			m.setOff(e.Amount)
		} else {
			m.netOff(min(max(e.Amount, 0), maxSum))
		}
	case Redeemed:
		m.Book.Redeemed = min(max(m.Book.Redeemed, e.Total), m.Book.Cumulative)
		m.record(0, Torrent{})
	case Against:
		m.against = min(max(e.Amount, 0), maxSum)
	case Nets:
		m.nets = Nets{min(max(e.Owed, 0), maxSum), min(max(e.Open, 0), maxSum)}
	case Tick:
		for i := range m.Conns {
			m.pay(&m.Conns[i], false)
			m.starve(&m.Conns[i])
		}
	case Opened:
		if e.Piece > 0 && m.find(e.Conn) == nil && len(m.Conns) < maxConns {
			m.Conns = append(m.Conns, PayerConn{Conn: e.Conn, Torrent: e.Torrent, Piece: e.Piece, Phase: Authed, Nets: e.Nets})
		}
	case Down:
		m.with(e.Conn, func(c *PayerConn) { m.Tally.cut(c.Conn) })
		m.Conns = slices.DeleteFunc(m.Conns, func(c PayerConn) bool { return c.Conn == e.Conn })
	case Offer:
		m.with(e.Conn, func(c *PayerConn) { m.offer(c, e.Bid) })
	case Verified:
		m.verified(e)
	case Corrupt:
		m.with(e.Conn, m.corrupt)
	case Choked:
		m.with(e.Conn, func(c *PayerConn) { m.end(c, e.Pos, Authed) })
	case Placed: // by the lane in the other direction
		if _, ok := e.Message.(Stop); ok {
			m.with(e.Conn, func(c *PayerConn) { c.Bid = Bid{} }) // a stop takes back the bid of who says it
		}
	case Heard:
		m.with(e.Conn, func(c *PayerConn) { m.heard(c, e) })
	case Transferred:
		m.transferred(e)
	case Claim:
		m.with(e.Conn, func(c *PayerConn) { m.claim(c, e) })
	}
}

func (m *payer) find(id Conn) *PayerConn {
	i := slices.IndexFunc(m.Conns, func(c PayerConn) bool { return c.Conn == id })
	if i < 0 {
		return nil
	}
	return &m.Conns[i]
}

func (m *payer) with(id Conn, f func(*PayerConn)) {
	if c := m.find(id); c != nil {
		f(c)
	}
}

// offer sends a bid, if it says anything new and this payee is dealt with.
func (m *payer) offer(c *PayerConn, b Bid) {
	if b.Price < 0 || b.Demand < 0 || b.Most < 0 || b == c.Bid || b.Price > 0 && (m.starved || !m.Good(m.now)) {
		return
	}
	if b.Price > 0 && (c.Phase == Closed || c.Phase == Defaulted) {
		c.Phase = Authed
	}
	c.Bid = b
	m.out = append(m.out, Send{c.Conn, b})
}

func (m *payer) heard(c *PayerConn, e Heard) {
	switch msg := e.Message.(type) {
	case Quote:
		m.quoted(c, msg, e.Pos)
	case Ack:
		if msg.Cumulative > m.Book.Cumulative && !m.agreed(msg.Cumulative-m.Book.Cumulative) {
			m.overclaim(c, msg.Cumulative)
			return
		}
		m.Proposed = 0
		if m.acked = max(m.acked, msg.Cumulative); m.Key.Direct() {
			m.out = append(m.out, Tell{Fact: FactHeld, Conn: c.Conn, Amount: msg.Cumulative})
		}
		if c.Phase == Stalled {
			c.Phase = Active
		}
	case Need:
		if c.Phase.counting() {
			c.Phase, c.need, c.since = Stalled, msg, m.now
			m.pay(c, true)
		}
	case Stop:
		if m.end(c, e.Pos, Authed); msg.Reason != ReasonDone && msg.Reason != ReasonPrice {
			c.Phase, c.Bid = Closed, Bid{} // the next offer is news again
		}
	default: // what only a requester says
	}
}

// quoted takes a price or refuses it.
func (m *payer) quoted(c *PayerConn, q Quote, pos int64) {
	m.Tally.end(c.Conn, pos)
	switch {
	case q.Held > m.Book.Cumulative && !m.agreed(q.Held-m.Book.Cumulative):
		m.overclaim(c, q.Held)
		return
	case q.Price > c.Bid.Price || q.Price < 0:
		m.refuse(c)
		return
	case q.Prepay > c.Piece || m.Allowed < m.margin(c, q.Price) || m.Key.Direct() && (q.Prepay > 0 || m.short(q)):
		m.refuse(c)
		return
	}
	c.Quote, c.Phase = q, Quoted
	m.Tally.begin(c.Conn, q.Price, pos)
	m.acked = q.Held
	said := len(m.out)
	m.pay(c, true) // what was due before, and what is to be prepaid
	if q.Held < m.Book.Cumulative && len(m.out) == said && !m.Key.Direct() {
		m.say(c) // the payee lost it, or it was lost on its way
	}
	if q.Prepay > 0 {
		c.Phase = Prepay
	}
}

// margin is what has to be left to go on at a price: two pieces may be on their way.
func (m *payer) margin(c *PayerConn, price btt.Rate) btt.Amount { return cost(price, 2*c.Piece) }

// refuse does not accept the quote that came: nothing after it is charged.
func (m *payer) refuse(c *PayerConn) {
	c.Phase, c.Bid = Closed, Bid{}
	m.out = append(m.out, Send{c.Conn, Stop{ReasonPrice}}, Tell{Fact: FactRefused, Conn: c.Conn})
}

// overclaim ends it with a payee that says it holds more than we ever promised.
func (m *payer) overclaim(c *PayerConn, sum btt.Amount) {
	m.out = append(m.out, Tell{Fact: FactOverclaim, Conn: c.Conn, Amount: sum})
	m.leave(c, ReasonProtocol)
}

// corrupt ends it with a payee whose data was wrong.
func (m *payer) corrupt(c *PayerConn) {
	m.out = append(m.out, Tell{Fact: FactBadData, Conn: c.Conn})
	m.leave(c, ReasonData)
}

// leave bids nothing to this payee for a while.
func (m *payer) leave(c *PayerConn, why Reason) {
	m.Book.Strikes = min(m.Book.Strikes+1, 64)
	m.Book.Until = m.now.Add(backOff(m.Book.Strikes))
	m.record(0, c.Torrent)
	m.Tally.cut(c.Conn)
	c.Phase, c.Bid = Defaulted, Bid{}
	m.out = append(m.out, Send{c.Conn, Stop{why}})
}

// end ends the quote in force at pos.
func (m *payer) end(c *PayerConn, pos int64, next Phase) {
	m.Tally.end(c.Conn, pos)
	if c.Phase.counting() {
		c.Phase = next
	}
}

// cut ends the run of a connection of which nothing more will come: the blocks
// that it has are still counted when their piece is verified.
func (t *Tally) cut(conn Conn) { t.end(conn, open-1) }

// verified counts what a verified piece has from this payee.
func (m *payer) verified(e Verified) {
	n := m.Tally.verify(e)
	m.proof, m.starved = min(m.proof+max(e.Bytes-n, 0), math.MaxInt64/4), false
	if n == 0 {
		return // free
	}
	owed := m.owe()
	m.Book.Bytes += n
	c := m.find(e.Conn)
	if c == nil {
		if len(m.Conns) == 0 {
			m.record(owed, e.Torrent)
			return
		}
		c = &m.Conns[0]
	}
	if c.Conn == e.Conn {
		c.Bytes += n
	}
	if c.Phase == Quoted || c.Phase == Prepay {
		c.Phase = Active
	}
	if about := e.Torrent; !m.pay(c, false) {
		if about == (Torrent{}) {
			about = c.Torrent
		}
		m.record(owed, about)
	}
	if c.Phase.counting() && m.Allowed < m.margin(c, c.Quote.Price) {
		c.Phase, c.Bid = Closed, Bid{}
		m.out = append(m.out, Tell{Fact: FactLimit, Conn: c.Conn}, Send{c.Conn, Stop{ReasonLimit}})
	}
}

// starve looks at a need under a quote to be paid ahead that we did not meet. What we
// paid ahead and lost when we ended without notice is given up, as far as the payee has
// served it: without that neither would go on. A payee that delivers nothing gets a piece
// by it and no second one. If that is not enough the quote is ended: silence is a default.
func (m *payer) starve(c *PayerConn) {
	since := m.now.Sub(c.since)
	if c.Phase != Stalled || c.Quote.Prepay == 0 || since < c.need.Grace/5 || m.target(c) > m.Book.Cumulative || m.acked < m.Book.Cumulative {
		return
	}
	gap := min(m.ahead, c.need.Cumulative-plus(m.Book.Due-m.Book.Off, m.prepaid(c)))
	switch {
	case gap > 0 && m.proof+m.Book.Bytes-m.Book.Repay >= c.Piece:
		m.ahead, m.proof, m.Book.Repay = 0, 0, m.Book.Bytes
		m.Book.Lost, m.Tally.Base = plus(m.Book.Lost, gap), plus(m.Tally.Base, gap)
		if m.Book.Due = m.Tally.Due(); !m.pay(c, true) {
			m.record(0, c.Torrent)
		}
	case since >= c.need.Grace/5*3: // a second or two are left for the tick and the way
		m.starved = true
		c.Phase, c.Bid = Closed, Bid{}
		m.out = append(m.out, Send{c.Conn, Stop{ReasonDone}})
	}
}

// prepaid is what is to be promised ahead.
func (m *payer) prepaid(c *PayerConn) btt.Amount {
	if !c.Phase.counting() || c.Quote.Prepay == 0 {
		return 0
	}
	return cost(c.Quote.Price, c.Quote.Prepay) + Slack
}

// target is what we are ready to have promised in all.
func (m *payer) target(c *PayerConn) btt.Amount {
	return min(plus(m.Book.Due-m.Book.Off-m.open(), m.prepaid(c)), plus(m.Book.Cumulative, m.Allowed))
}

// pay promises what is due and reports whether it did. Unless it is urgent it
// keeps to the cadence.
func (m *payer) pay(c *PayerConn, urgent bool) bool {
	if c.Phase < Authed || c.Phase == Defaulted {
		return false
	}
	if m.Key.Direct() {
		if owed := m.owe(); owed > 0 {
			m.record(owed, c.Torrent)
		}
		m.settle()
		return false
	}
	target, since := m.target(c), m.now.Sub(m.paid)
	if target <= m.Book.Cumulative {
		if m.Book.Due <= m.Book.paid() {
			m.hoping = time.Time{}
		}
		if m.acked < m.Book.Cumulative && since >= Retry {
			m.say(c)
		}
		return false
	}
	keep := m.hope(c, target-m.Book.Cumulative)
	if target -= keep; target <= m.Book.Cumulative {
		return false
	}
	half := m.Tally.Unpaid(m.Book.paid()+m.open()+keep) >= Window(c.Piece)/2
	if !urgent && !half && c.Quote.Prepay == 0 && (since < Cadence || target-m.Book.Cumulative < c.Quote.Increment && since < Retry) {
		return false
	}
	if m.rate.Sub(m.now) > Burst {
		return false // the peer would end the extension; the next tick pays
	}
	moved := target - m.Book.Cumulative
	m.Allowed -= moved
	m.Book.Cumulative = target
	m.record(moved, c.Torrent)
	m.say(c)
	return true
}

// say signs the promise that is recorded and sends it.
func (m *payer) say(c *PayerConn) {
	m.paid = m.now
	if m.rate.Before(m.now) {
		m.rate = m.now
	}
	if m.rate = m.rate.Add(Spacing); c.Quote.Prepay > 0 {
		m.rate = m.rate.Add(Spacing) // each is answered by an ack, and asked for by a need
	}
	m.out = append(m.out, Sign{m.Key.voucher(m.Book.Cumulative)},
		Send{c.Conn, Pay{Cumulative: m.Book.Cumulative, Verified: m.Book.Bytes}})
}

func (m *payer) record(moved btt.Amount, about Torrent) {
	if !m.Key.Direct() {
		m.Book.Due = m.Tally.Due()
	}
	m.out = append(m.out, Record{Book: m.Book, Moved: moved, Torrent: about})
}
