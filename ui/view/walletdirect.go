package view

import "strings"

// shownDebts is how many peers' debts are listed.
const shownDebts = 6

// payWays names the ways in which is paid.
func (l *Locale) payWays(w *Wallet) string {
	deposit, direct := w.Escrow.Contract != "", w.Pay.Direct
	switch {
	case deposit && direct:
		return l.T("direct.ways.both")
	case deposit:
		return l.T("direct.ways.deposit")
	case direct:
		return l.T("direct.ways.direct")
	}
	return l.T("direct.ways.none")
}

// DirectFacts are the ways to pay, and what plain transfers are bound by.
func (f *Format) DirectFacts(w *Wallet) []FactGroup {
	d := &w.Direct
	g := FactGroup{Title: f.T("direct.head"), Facts: []Fact{{Label: f.T("direct.ways"), Value: f.payWays(w), Span: FactColumns}}}
	if w.Pay.Direct {
		least := f.T("direct.unknown")
		if d.Least > 0 {
			least = f.Amount(d.Least, BTT)
		}
		g.Facts = append(g.Facts,
			Fact{Label: f.T("direct.worth"), Value: least}, Fact{Label: f.T("direct.fee"), Value: f.Sun(d.Fee)}, Fact{Label: f.T("direct.line"), Value: f.Amount(w.Pay.Line, BTT)},
			Fact{Label: f.T("direct.have"), Value: f.Amount(d.Have, BTT)}, Fact{Label: f.T("direct.fuel"), Value: f.Sun(d.TRX)})
	}
	groups := []FactGroup{g}
	if len(d.Peers) == 0 {
		return groups
	}
	owed := FactGroup{Title: f.T("direct.owed")}
	for i := range d.Peers[:min(len(d.Peers), shownDebts)] {
		p := &d.Peers[i]
		owed.Facts = append(owed.Facts, Fact{Label: shortAddress(p.Peer), Value: f.debtWords(p, d), Span: FactColumns})
	}
	if more := len(d.Peers) - shownDebts; more > 0 {
		owed.Facts = append(owed.Facts, Fact{Label: "…", Value: f.T("direct.more", more), Span: FactColumns})
	}
	return append(groups, owed)
}

// shortAddress is enough of an address to know it again.
func shortAddress(a string) string {
	if len(a) < 14 {
		return a
	}
	return a[:6] + "…" + a[len(a)-6:]
}

// debtWords say what a peer and we owe each other, and what comes of it.
func (f *Format) debtWords(p *PeerDebt, d *Direct) string {
	var parts []string
	if p.Owed > 0 {
		parts = append(parts, f.T("direct.you", f.Amount(p.Owed, BTT)))
	}
	if p.Owing > 0 {
		parts = append(parts, f.T("direct.they", f.Amount(p.Owing, BTT)))
	}
	switch {
	case p.State == DebtQueued && p.Ask:
		parts = append(parts, f.T("direct.ask", f.Amount(p.Amount, BTT)))
	case p.State == DebtQueued:
		parts = append(parts, f.T("direct.queued", f.Amount(p.Amount, BTT), f.Time(p.At)))
	case p.State == DebtInTx:
		parts = append(parts, f.T("direct.sent", f.Amount(p.Amount, BTT)))
	case p.State == DebtPaid:
		parts = append(parts, f.T("direct.paid", f.Amount(p.Amount, BTT)))
	case p.State == DebtForbidden && f.Now.Before(p.At):
		parts = append(parts, f.T("direct.forbidden", f.Date(p.At)))
	case p.Net() > 0 && d.Least > 0 && p.Net() < d.Least:
		parts = append(parts, f.T("direct.notYet"))
	case p.Net() > 0 && d.Least > 0 && d.Have < p.Net():
		parts = append(parts, f.T("direct.short"))
	}
	return strings.Join(parts, " · ")
}

// QueuedDebt is the first transfer that is announced; nil = none is.
func QueuedDebt(w *Wallet) *PeerDebt {
	for i := range w.Direct.Peers {
		if p := &w.Direct.Peers[i]; p.State == DebtQueued {
			return p
		}
	}
	return nil
}

// PayoutWords announce a transfer to a peer with its fee; "" is none.
func (f *Format) PayoutWords(w *Wallet) (string, Tone) {
	p := QueuedDebt(w)
	if p == nil {
		return "", Plain
	}
	s := f.T("direct.next", f.Time(p.At), f.Amount(p.Amount, BTT), p.Peer, f.Sun(w.Direct.Fee))
	if p.Ask {
		s = f.T("direct.nextAsk", f.Amount(p.Amount, BTT), p.Peer, f.Sun(w.Direct.Fee))
	}
	if n := w.Direct.Waiting; n != "" {
		why := n
		if a, ok := f.Explain(n); ok {
			why = a.What
		}
		s += " " + f.T("redeem.waits", why)
	}
	return s, Working
}

// PayFault says in a sentence why payments do not start, and what to do.
func (l *Locale) PayFault(fault string) string {
	why := fault
	if a, ok := l.Explain(fault); ok {
		why = strings.TrimSpace(a.What + " " + a.Do)
	}
	return l.T("pay.failed", why)
}

// directNotice is PayNotice where only plain transfers are left to pay with.
func (l *Locale) directNotice(p *Pay, t *Terms, w *Wallet) string {
	d, spends := &w.Direct, t.BidMode != "off" && t.BidMode != ""
	switch {
	case spends && p.TRXWorth == 0:
		return l.T("direct.noRate")
	case spends && d.Least > 0 && d.Have < d.Least:
		return l.T("direct.noBTT", l.Amount(d.Have, BTT), l.Amount(d.Least, BTT))
	case spends && d.Fee > 0 && d.TRX < d.Fee:
		return l.T("direct.noTRX", l.Sun(d.TRX), l.Sun(d.Fee))
	case d.Least > 0 && p.Line < d.Least:
		return l.T("direct.shortLine", l.Amount(p.Line, BTT), l.Amount(d.Least, BTT))
	}
	return ""
}
