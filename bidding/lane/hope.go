package lane

import (
	"time"

	"swarmbid/wallet/btt"
)

// Ask wants the two directions to be set off against each other before what is due is
// promised, on Conn.
type Ask struct{ Conn Conn }

func (Ask) effect() {}

// netting is a connection on which both ends set off, nil if there is none.
func (m *payer) netting() *PayerConn {
	for i := range m.Conns {
		if m.Conns[i].Nets {
			return &m.Conns[i]
		}
	}
	return nil
}

// open is what is proposed to be set off, the answer being on its way.
func (m *payer) open() btt.Amount {
	if m.netting() == nil {
		return 0
	}
	return m.nets.Open
}

// hope is the part of due that is not promised now, because the peer owes us as much
// and it will be set off: asked for here, it takes one question and an answer. What
// waits in vain, or was asked for meanwhile, is promised, and for a while nothing waits.
func (m *payer) hope(c *PayerConn, due btt.Amount) btt.Amount {
	on := m.netting()
	keep := min(due, m.nets.Owed-m.nets.Open)
	switch {
	case on == nil || keep <= 0 || c.Quote.Prepay > 0 && c.Phase.counting() || m.now.Before(m.brisk):
		return 0
	case c.Phase == Stalled:
		m.hoping, m.brisk = time.Time{}, m.now.Add(Rush)
		return 0
	case !m.hoping.IsZero() && m.now.Sub(m.hoping) >= Patience:
		m.hoping, m.brisk = time.Time{}, m.now.Add(Brisk)
		return 0
	case m.hoping.IsZero():
		m.hoping = m.now
	}
	wait := Cadence
	if m.Tally.Unpaid(m.Book.paid()+m.nets.Open) >= Window(c.Piece)/4 {
		wait = askAgain
	}
	if m.now.Sub(m.asked) < wait || m.rate.Sub(m.now) > Burst {
		return keep
	}
	m.asked = m.now
	if m.rate.Before(m.now) {
		m.rate = m.now
	}
	m.rate = m.rate.Add(Spacing)
	if c.Nets {
		on = c
	}
	m.ask = &Ask{on.Conn}
	return keep
}

// netOff takes off as paid. Who waits for a promise gets the rest of it now.
func (m *payer) netOff(off btt.Amount) {
	if off > 0 {
		about := m.debtor()
		m.Book.Off = plus(m.Book.Off, off)
		m.Allowed = max(m.Allowed-off, 0)
		m.hoping = time.Time{}
		m.record(0, about)
	}
	for i := range m.Conns {
		if c := &m.Conns[i]; c.Phase == Stalled {
			if m.pay(c, true); off > 0 {
				c.Phase = Active
			}
		}
	}
}

// debtor is the torrent for which most is owed, or the first that there is.
func (m *payer) debtor() (t Torrent) {
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
