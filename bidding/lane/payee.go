package lane

import (
	"math"
	"slices"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// Payee is the machine of one lane at the end that serves. Its zero value is not
// usable; see [NewPayee]. It is a value: Step returns the next one and leaves the
// old one as it was.
type Payee struct {
	Key   Key
	Book  Book
	Conns []PayeeConn // in the order in which they were opened
	Tally Tally

	deposit btt.Amount // what the payer's deposit has free
	against btt.Amount // direct: what we owe it
	flushed int64      // Book.Bytes when it was last recorded
	fresh   bool       // nothing was served since the book was read
}

// PayeeConn is one connection of the payer.
type PayeeConn struct {
	Conn    Conn
	Torrent Torrent
	Piece   int64 // length of a piece, bytes
	Phase   Phase
	Bid     Bid   // zero if none
	Quote   Quote // the last one placed, or about to be
	Sent    int64 // position of the stream
	Charged int64 // bytes of it that were charged
	limit   int64 // as last told
	by      time.Time
}

// NewPayee returns the machine of a lane whose book is b, with no connection.
func NewPayee(k Key, b Book) Payee {
	p := Payee{Key: k, Book: b, fresh: true, flushed: b.Bytes, Tally: Tally{Base: b.Due}}
	if debt := b.Due - b.paid(); debt > 0 {
		if p.Tally.Base = b.paid(); k.Direct() {
			p.Tally.Runs = []Run{{Bytes: b.Unpaid, Charge: debt}} // it is carried until it is worth a transfer
		} else {
			p.doubt(b.Unpaid, debt)
		}
	}
	return p
}

// Good reports whether the payer may buy now: it is in no back-off, and its deposit
// is trusted for a block at the price that it bids.
func (p Payee) Good(now time.Time) bool {
	price := btt.Rate(0)
	for i := range p.Conns {
		price = max(price, p.Conns[i].Bid.Price)
	}
	left := p.ceiling() - p.Tally.Due() - p.Book.Lost
	if p.Key.Direct() {
		room, _ := p.room(price)
		return !now.Before(p.Book.Until) && room >= Block
	}
	return !now.Before(p.Book.Until) && left > 0 && left >= cost(price, Block)
}

// Exposure is what the payer has received and not promised, in bytes.
func (p Payee) Exposure() int64 { return p.Tally.Unpaid(p.Book.paid()) }

// Step lets e happen at now.
func (p Payee) Step(now time.Time, e Event) (Payee, []Effect) {
	p.Conns, p.Tally.Runs = slices.Clone(p.Conns), slices.Clone(p.Tally.Runs)
	m := payee{Payee: p, now: now}
	m.on(e)
	m.after()
	return m.Payee, m.out
}

// payee is a step in progress.
type payee struct {
	Payee
	now time.Time
	out []Effect
	ask Conn // that is told what it has yet to pay ahead
}

func (m *payee) on(e Event) {
	switch e := e.(type) {
	case Funded:
		m.deposit = min(max(e.Free, 0), maxSum)
	case Redeemed:
		m.Book.Redeemed = min(max(m.Book.Redeemed, e.Total), m.Book.Cumulative)
		m.record(0, Torrent{}, [32]byte{})
	case SetOff:
		if m.Key.Direct() {
			m.setOff(e.Amount)
		} else if e.Amount > 0 {
			m.netOff(min(e.Amount, maxSum), e.Ahead)
		}
	case Against:
		m.against = min(max(e.Amount, 0), maxSum)
	case Tick:
		m.tick()
	case Opened:
		if e.Piece > 0 && m.find(e.Conn) == nil && len(m.Conns) < maxConns {
			m.Conns = append(m.Conns, PayeeConn{Conn: e.Conn, Torrent: e.Torrent, Piece: e.Piece, Phase: Authed, limit: math.MaxInt64})
		}
	case Down:
		m.down(e.Conn)
	case Granted:
		m.with(e.Conn, func(c *PayeeConn) { m.granted(c, e) })
	case Placed:
		m.with(e.Conn, func(c *PayeeConn) { m.placed(c, e) })
	case Served:
		m.with(e.Conn, func(c *PayeeConn) { m.served(c, e.Pos) })
	case Choked:
		m.with(e.Conn, func(c *PayeeConn) { m.choked(c, e.Pos) })
	case Heard:
		m.with(e.Conn, func(c *PayeeConn) { m.heard(c, e.Message) })
	case Final:
		m.final(e)
	case Held:
		m.say(e.Conn)
	}
}

func (m *payee) find(id Conn) *PayeeConn {
	i := slices.IndexFunc(m.Conns, func(c PayeeConn) bool { return c.Conn == id })
	if i < 0 {
		return nil
	}
	return &m.Conns[i]
}

// with does f for a connection that is known; what is said of others comes too late.
func (m *payee) with(id Conn, f func(*PayeeConn)) {
	if c := m.find(id); c != nil {
		f(c)
	}
}

func (m *payee) heard(c *PayeeConn, msg Message) {
	switch msg := msg.(type) {
	case Bid:
		c.Bid = msg
		if c.Phase == Closed && msg.Price > 0 {
			c.Phase = Authed
		}
		if c.Phase.counting() && msg.Price < c.Quote.Price {
			m.stop(c, ReasonPrice, Authed)
		}
	case Pay:
		m.pay(c, msg)
	case Stop:
		m.stopped(c, msg.Reason)
	case Settled:
		if m.Key.Direct() {
			m.out = append(m.out, Check{c.Conn, msg.Tx, msg.Amount, msg.Off})
		}
	default: // what only a provider says
	}
}

// granted names a new price, or ends the one in force.
func (m *payee) granted(c *PayeeConn, e Granted) {
	switch {
	case e.Price <= 0 && c.Phase.counting():
		m.stop(c, ReasonDone, Authed)
	case e.Price <= 0 || c.Bid.Price <= 0 || c.Phase < Authed || c.Phase == Closed || !m.Good(m.now):
	case c.Phase == Stalled || len(m.Tally.Runs) >= maxRuns: // first what was served is to be paid
	default:
		if c.Phase == Defaulted {
			c.Phase = Authed // the back-off is over
		}
		m.quote(c, min(e.Price, c.Bid.Price), e.Rate)
	}
}

func (m *payee) quote(c *PayeeConn, price btt.Rate, rate int64) {
	q := Quote{
		Price: price, Rate: max(rate, 0), Number: c.Quote.Number + 1, Window: m.credit(), Increment: 1,
		Served: c.Charged, Held: m.Book.Cumulative,
	}
	switch {
	case m.Key.Direct():
		q.Window, _ = m.room(price)
	case m.credit() < c.Piece:
		q.Prepay = c.Piece
	}
	c.Quote = q
	m.out = append(m.out, Place{c.Conn, q, c.Sent, c.Phase.counting()})
}

// placed begins the run of a quote, or ends one with a stop, at its place.
func (m *payee) placed(c *PayeeConn, e Placed) {
	switch q := e.Message.(type) {
	case Quote:
		if q.Number != c.Quote.Number {
			return
		}
		m.served(c, e.Pos)
		c.Sent = max(c.Sent, e.Pos) // what was free is not counted
		m.Tally.begin(c.Conn, q.Price, c.Sent)
		c.Quote.Served = q.Served
		if c.Phase = Quoted; q.Prepay > 0 {
			c.Phase, c.by = Prepay, m.now.Add(Grace)
			m.ask = c.Conn
		}
	case Stop:
		m.served(c, e.Pos)
		m.Tally.end(c.Conn, e.Pos)
		if c.Phase.counting() { // said by the lane in the other direction
			c.Phase = Authed
		}
	default:
	}
}

// served counts what was put into the stream.
func (m *payee) served(c *PayeeConn, pos int64) {
	n := pos - c.Sent
	if n <= 0 {
		return
	}
	c.Sent = pos
	r := m.Tally.current(c.Conn)
	if r == nil {
		return
	}
	if c.Phase == Quoted {
		c.Phase = Active
	}
	m.fresh = false
	before := m.Exposure()
	r.count(n)
	m.regrow(n - (m.Exposure() - before)) // what is paid ahead
	c.Charged += n
	m.Book.Bytes += n
}

// choked ends what is charged at the place of our choke. What was counted beyond it
// before we heard of it was free; a quote that stands behind it is in force.
func (m *payee) choked(c *PayeeConn, pos int64) {
	m.served(c, pos)
	for i := range m.Tally.Runs {
		r := &m.Tally.Runs[i]
		if r.Conn != c.Conn || r.From > pos || r.To <= pos {
			continue
		}
		free := min(min(r.To, c.Sent)-pos, r.Bytes)
		r.To = pos
		r.Bytes -= free
		r.Charge = cost(r.Price, r.Bytes)
		c.Charged -= free
		m.Book.Bytes -= free
	}
	if c.Phase.counting() && m.Tally.current(c.Conn) == nil {
		c.Phase = Authed
	}
}

// stop ends the quote from our side. The run ends where the message is placed.
func (m *payee) stop(c *PayeeConn, why Reason, next Phase) {
	c.Phase = next
	m.out = append(m.out, Place{Conn: c.Conn, Message: Stop{why}})
}

// stopped answers the requester's stop by one at whose place both end the run. A
// price that is refused is not owed, but refusing after delivery costs trust.
func (m *payee) stopped(c *PayeeConn, why Reason) {
	c.Bid = Bid{}
	if !c.Phase.counting() {
		return
	}
	i := slices.IndexFunc(m.Tally.Runs, func(r Run) bool { return r.Conn == c.Conn && r.To == open })
	if i >= 0 && why == ReasonPrice && m.Tally.owed(m.Book.paid())[i] == m.Tally.Runs[i].Charge {
		m.lose(m.Tally.Runs[i].Bytes, 0)
		m.Tally.Runs = slices.Delete(m.Tally.Runs, i, i+1)
	}
	m.stop(c, ReasonDone, Closed)
}

// pay takes a promise if it is more than the one held and verifies.
func (m *payee) pay(c *PayeeConn, e Pay) {
	switch {
	case m.Key.Direct() || e.Cumulative > maxSum:
		m.stop(c, ReasonProtocol, Closed)
		return
	case e.Cumulative > m.Book.Cumulative:
		d, err := m.Key.digest(e.Cumulative)
		if err != nil || voucher.Verify(d, e.Signature, m.Key.Payer) != nil {
			m.out = append(m.out, Tell{Fact: FactForged, Conn: c.Conn, Amount: e.Cumulative})
			m.fail(ReasonVoucher)
			return
		}
		m.Book.Signature = e.Signature
		m.receive(c, e.Cumulative, [32]byte{}, 0)
	}
	m.out = append(m.out, Send{c.Conn, Ack{m.Book.Cumulative}})
	m.ask = c.Conn
}

// receive raises what is promised to sum, and trust with it; off of it was set off.
func (m *payee) receive(c *PayeeConn, sum btt.Amount, tx [32]byte, off btt.Amount) {
	moved, before := sum-m.Book.Cumulative, m.Exposure()
	m.Book.Cumulative = sum
	m.covered(before-m.Exposure(), 0)
	m.record(moved, c.Torrent, tx)
	m.out[len(m.out)-1] = Record{Book: m.Book, Moved: moved, Torrent: c.Torrent, Tx: tx, Off: off}
	m.trust(c)
}

// netOff takes off as the payment of so much. The part of it that we did not owe is
// a loan to the payer, who said that nothing is due while we paid what was: it is
// taken off its window until it has paid for more.
func (m *payee) netOff(off, ahead btt.Amount) {
	before, about := m.Exposure(), m.debtor()
	m.Book.Off = plus(m.Book.Off, off)
	freed := before - m.Exposure()
	m.covered(freed, freed-part(freed, off-min(max(ahead, 0), off), off))
	m.record(0, about, [32]byte{})
	for i := range m.Conns {
		m.trust(&m.Conns[i])
	}
}

// debtor is the torrent for which most is owed, or the first that there is.
func (m *payee) debtor() (t Torrent) {
	most := btt.Amount(-1)
	for i, owed := range m.Tally.owed(m.Book.paid()) {
		if c := m.find(m.Tally.Runs[i].Conn); c != nil && owed > most {
			t, most = c.Torrent, owed
		}
	}
	if most < 0 && len(m.Conns) > 0 {
		t = m.Conns[0].Torrent
	}
	return t
}

// covered draws the conclusions of a payment that took so many bytes off what is
// unpaid, lent of them on trust only.
func (m *payee) covered(freed, lent int64) {
	m.regrow(freed - lent)
	m.doubt(lent, 0)
	ahead := btt.Amount(0)
	for i := range m.Conns {
		if q := &m.Conns[i]; q.Phase.counting() && q.Quote.Prepay > 0 {
			ahead = max(ahead, cost(q.Quote.Price, q.Quote.Prepay)+Slack)
		}
	}
	m.surplus(m.Book.paid() - m.Tally.Due() - ahead)
	m.Tally.fold(m.Book.paid())
}

// trust names a price without prepayment again, once a connection may have one.
func (m *payee) trust(c *PayeeConn) {
	if c.Quote.Prepay > 0 && c.Phase.counting() && m.credit() >= 2*c.Piece {
		m.quote(c, c.Quote.Price, c.Quote.Rate)
	}
}

// regrow gives trust back for bytes that were paid for.
func (m *payee) regrow(bytes int64) {
	if bytes <= 0 {
		return
	}
	if m.Book.Repay = max(m.Book.Repay-bytes, 0); m.Book.Repay == 0 {
		m.Book.Strikes = 0
	}
}

// surplus takes what is promised beyond what is due and to be prepaid for what it
// is: the late payment of what was written off, or, if nothing was served since
// the book was read, that of bytes whose count a crash took from us.
func (m *payee) surplus(over btt.Amount) {
	if over <= 0 {
		return
	}
	if late := min(over, m.Book.Lost); late > 0 {
		m.Book.Repay -= part(m.Book.Repay, late, m.Book.Lost)
		m.Book.Lost -= late
		m.Tally.Base = plus(m.Tally.Base, late)
		over -= late
	}
	if m.fresh {
		m.Tally.Base = plus(m.Tally.Base, over)
	}
}

// record makes the book durable as it is now.
func (m *payee) record(moved btt.Amount, about Torrent, tx [32]byte) {
	m.Book.Due, m.Book.Unpaid = m.Tally.Due(), m.Exposure()
	m.flushed = m.Book.Bytes
	m.out = append(m.out, Record{Book: m.Book, Moved: moved, Torrent: about, Tx: tx})
}

// doubt takes bytes that may never be paid for off the payer's trust. If they are
// paid after all, they come back with it.
func (p *Payee) doubt(bytes int64, worth btt.Amount) {
	p.Book.Repay = min(p.Book.Repay, math.MaxInt64/4) + Regrow*min(max(bytes, 0), math.MaxInt64/(4*Regrow))
	p.Book.Lost = plus(p.Book.Lost, worth)
}

// lose is doubt that the user is told of.
func (m *payee) lose(bytes int64, worth btt.Amount) {
	if bytes > 0 {
		m.doubt(bytes, worth)
		m.out = append(m.out, Tell{Fact: FactWrittenOff, Bytes: bytes, Amount: worth})
	}
}

// writeOff gives up what is not promised.
func (m *payee) writeOff() {
	m.lose(m.Exposure(), m.Tally.Due()-m.Book.paid())
	m.Tally.Base = m.Book.paid()
	m.Tally.Runs = slices.DeleteFunc(m.Tally.Runs, func(r Run) bool { return r.To != open })
	for i := range m.Tally.Runs {
		r := &m.Tally.Runs[i]
		r.Bytes, r.Charge = 0, 0
		m.with(r.Conn, func(c *PayeeConn) { r.From = c.Sent })
	}
}

// fail sends the address to the free tier.
func (m *payee) fail(why Reason) {
	m.writeOff()
	m.Book.Strikes = min(m.Book.Strikes+1, 64)
	m.Book.Until = m.now.Add(backOff(m.Book.Strikes))
	m.record(0, Torrent{}, [32]byte{})
	for i := range m.Conns {
		c := &m.Conns[i]
		if c.Phase.counting() {
			m.stop(c, why, Defaulted)
		}
		c.Phase = Defaulted
	}
	m.out = append(m.out, Tell{Fact: FactDefaulted})
}

// down forgets a connection. What it was sent and has not promised is in doubt: the
// payer may not have it, or may still verify it.
func (m *payee) down(id Conn) {
	if m.find(id) == nil {
		return
	}
	m.Tally.fold(m.Book.paid())
	owed := m.Tally.owed(m.Book.paid())
	kept := m.Tally.Runs[:0:0]
	for i, r := range m.Tally.Runs {
		if r.Conn != id || m.Key.Direct() {
			if r.Conn == id && r.To == open {
				r.To = m.find(id).Sent
			}
			kept = append(kept, r)
			continue
		}
		m.doubt(r.unpaid(owed[i]), owed[i])
		m.Tally.Base = plus(m.Tally.Base, r.Charge-owed[i])
	}
	m.Tally.Runs = kept
	m.Conns = slices.DeleteFunc(m.Conns, func(c PayeeConn) bool { return c.Conn == id })
	m.record(0, Torrent{}, [32]byte{})
}
