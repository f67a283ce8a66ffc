package lane

import (
	"testing"

	"swarmbid/wallet/btt"
)

// accidents is what happens to two honest ends.
func accidents(often float64) tricks {
	return tricks{crash: often, drop: 2 * often, reprice: 0.003, jump: often / 10, cut: often}
}

// TestNettingSame: with prices that change all the time, both ends of both lanes come to
// the same sums, and what is promised and set off is what was verified.
func TestNettingSame(t *testing.T) {
	vouchers, netted, promised, off := 0, 0, btt.Amount(0), btt.Amount(0)
	for seed := range seeds(t) {
		w := newDuplex(t, seed, tricks{reprice: 0.01}).run(1500)
		w.finish()
		w.settle()
		for _, s := range w.ends {
			o, sum := w.other(s), btt.Amount(0)
			for _, r := range o.truth {
				sum += cost(r.Price, r.Bytes)
			}
			if s.partialN == 0 && (s.pair.Pay.Tally.Due() != sum || o.pair.Paid.Tally.Due() != sum) {
				t.Fatalf("seed %d: %s: due %v and %v, by definition %v: %v", seed, s.name, s.pair.Pay.Tally.Due(), o.pair.Paid.Tally.Due(), sum, w)
			}
			if s.pair.Pay.Book.paid() != s.pair.Pay.Tally.Due() || o.pair.Paid.Book.paid() != s.pair.Pay.Book.paid() || s.net.Total != o.net.Total {
				t.Fatalf("seed %d: %s: due %v, paid %v, received %v: %v", seed, s.name, s.pair.Pay.Tally.Due(), s.pair.Pay.Book.paid(), o.pair.Paid.Book.paid(), w)
			}
			vouchers, netted, promised, off = vouchers+s.vouchers, netted+s.netted, promised+s.pair.Pay.Book.Cumulative, off+s.pair.Pay.Book.Off
			if s.facts[FactOverclaim]+s.facts[FactDefaulted]+s.facts[FactWrittenOff] > 0 {
				t.Fatalf("seed %d: %v", seed, w)
			}
		}
	}
	t.Logf("%d vouchers for %v, set off %v in %d records", vouchers, promised, off, netted)
	if off == 0 || promised > off {
		t.Errorf("promised %v, set off %v", promised, off)
	}
}

// TestNettingHonest: two honest ends with accidents, a crash between any two effects
// among them, go on; in the end nothing is left unpaid, and both have set off the same.
// Nobody is taken for a cheat.
func TestNettingHonest(t *testing.T) {
	crashes, off := 0, btt.Amount(0)
	for seed := range seeds(t) {
		c := accidents([]float64{0.0003, 0.0015}[seed%2])
		c.oneway = seed%5 == 0
		w := newDuplex(t, seed, c).run(2500)
		w.settle()
		for _, s := range w.ends {
			o, p := w.other(s), s.pair.Pay.Book
			if o.pair.Paid.Book.Cumulative != p.Cumulative || o.pair.Paid.Book.Off != p.Off || p.paid() < p.Due {
				t.Fatalf("seed %d: %s: due %v, paid %v, received %v: %v", seed, s.name, p.Due, p.paid(), o.pair.Paid.Book.paid(), w)
			}
			if s.facts[FactOverclaim]+s.facts[FactForged]+s.facts[FactDefaulted] > 0 {
				t.Fatalf("seed %d: %v", seed, w)
			}
			if c.oneway && p.Off > 0 {
				t.Fatalf("seed %d: set off against nothing: %v", seed, w)
			}
			crashes, off = crashes+s.crashes, off+p.Off
		}
	}
	if off == 0 || crashes == 0 {
		t.Errorf("set off %v in %d crashes", off, crashes)
	}
	t.Logf("%d crashes, set off %v", crashes, off)
}

// TestNettingRestart: either end dies in any state of a proposal; after a new connection
// both have the same total, which is between what it was and what was proposed.
func TestNettingRestart(t *testing.T) {
	open := 0
	for seed := range seeds(t) {
		w := newDuplex(t, seed, tricks{reprice: 0.002, drop: 0.002})
		for i := range w.ends {
			w.ends[i].share = 8
		}
		var before [2]NetBook
		want := 1 + w.r.IntN(12) // records of what is set off
		for turns := 0; w.dying == nil && turns < 4000; turns++ {
			w.observe = func(w *duplex, s *station, _ bool, e Effect) {
				if _, ok := e.(RecordNet); ok {
					if want--; want == 0 {
						w.dying = s // after the record, before all else
					}
				}
			}
			w.turn()
		}
		before = [2]NetBook{w.ends[0].net, w.ends[1].net}
		least, most := max(before[0].Total, before[1].Total), max(before[0].Offered, before[1].Offered)
		if least < most {
			open++
		}
		if seed%3 == 0 && w.dying != nil {
			w.dying = w.other(w.dying) // the other one dies too, with what it was told
			w.restart(w.dying)
		}
		w.drop = 0
		w.settle() // without new payload: what is due was paid, or is set off
		for i, s := range w.ends {
			if s.net.Total != w.other(s).net.Total || s.net.Total < least || s.net.Total > most && i == 0 && s.net.Number == before[0].Number {
				t.Fatalf("seed %d: before %+v: %v", seed, before, w)
			}
			if p := s.pair.Pay.Book; p.paid() < p.Due || w.other(s).pair.Paid.Book.paid() != p.paid() {
				t.Fatalf("seed %d: %s: due %v, paid %v: %v", seed, s.name, p.Due, p.paid(), w)
			}
		}
	}
	if open == 0 {
		t.Error("no end died while a proposal was open")
	}
	t.Logf("%d of %d died while a proposal was open", open, seeds(t))
}

// loss is what an end gave and got nothing for, in bytes at its price: what it served
// and was not paid for, and what it paid and was not served for.
func (w *duplex) loss(s *station) int64 {
	worth := btt.Amount(0)
	for _, r := range s.truth {
		worth += cost(r.Price, r.Bytes)
	}
	price := btt.Rate(duplexBid)
	if w.reprice == 0 {
		price = s.price
	}
	unpaid := max(worth-s.pair.Paid.Book.paid(), 0)
	return buys(price, unpaid+max(s.pair.Pay.Book.paid()-s.pair.Pay.Tally.Due(), 0))
}

// TestNettingLoss is the table of what each can lose to the other where both directions
// are set off: what is given for nothing, in either direction and together, is within
// the bound of one direction.
func TestNettingLoss(t *testing.T) {
	rough := tricks{crash: 0.001, drop: 0.004, reprice: 0.003, jump: 0.0002}
	var last []Netted
	for _, c := range []struct {
		name  string
		trick func(*tricks)
		net   func(w *duplex, s *station, m Netted) []Netted
		fact  Fact // that is noticed
	}{
		{name: "honest"},
		{name: "never pays", trick: func(c *tricks) { c.mute, c.jump = true, 0.002 }},
		{name: "never answers", net: func(*duplex, *station, Netted) []Netted { return nil }},
		{name: "answers late", net: func(_ *duplex, s *station, m Netted) []Netted { s.late = append(s.late, m); return nil }},
		{name: "answers late and never pays", trick: func(c *tricks) { c.mute, c.jump = true, 0.002 }, net: func(_ *duplex, s *station, m Netted) []Netted {
			s.late = append(s.late, m)
			return nil
		}},
		{name: "beyond what was proposed", fact: FactOverclaim, net: func(_ *duplex, _ *station, m Netted) []Netted {
			m.Total, m.Proposed = m.Total+1000, m.Proposed+1000
			return []Netted{m}
		}},
		{name: "less than before", fact: FactOverclaim, net: func(_ *duplex, s *station, m Netted) []Netted {
			if s.netted > 3 {
				m.Total = 0
			}
			return []Netted{m}
		}},
		{name: "half of it", net: func(_ *duplex, _ *station, m Netted) []Netted {
			m.Total /= 2
			return []Netted{m}
		}},
		{name: "sets off and claims again", trick: func(c *tricks) {
			c.mute = true
			c.need = func(n Need) Need { n.Cumulative *= 2; return n }
		}},
		{name: "forgets what is set off", fact: FactOverclaim, trick: func(c *tricks) { c.forget, c.crash = true, 0.004 }},
		{name: "forgets and never pays", trick: func(c *tricks) { c.forget, c.mute, c.crash = true, true, 0.004 }},
		{name: "says old messages again", net: func(w *duplex, _ *station, m Netted) []Netted {
			last = append(last, m)
			return []Netted{last[w.r.IntN(len(last))], m}
		}},
		{name: "proposes more under the same number", net: func(w *duplex, _ *station, m Netted) []Netted {
			n := m
			n.Proposed += btt.Amount(w.r.IntN(1 << 24))
			return []Netted{m, n, n}
		}},
		{name: "anything", net: func(w *duplex, _ *station, m Netted) []Netted {
			for range w.r.IntN(3) {
				m.Number += int64(w.r.IntN(3)) - 1
				m.Total += btt.Amount(w.r.IntN(1<<21) - 1<<20)
				m.Proposed = m.Total + btt.Amount(w.r.IntN(1<<22))
			}
			return []Netted{m, {m.Number + 1, m.Total, m.Proposed}}
		}},
		{name: "agrees to all, then does not know it", trick: func(c *tricks) { c.gross, c.drop = 0.5, 0.01 }, net: func(_ *duplex, _ *station, m Netted) []Netted {
			return []Netted{{m.Number, m.Proposed, m.Proposed}}
		}},
		{name: "takes the promise, then the set-off", trick: func(c *tricks) { c.gross, c.drop, c.mute, c.jump = 0.5, 0.01, true, 0.002 }, net: func(_ *duplex, s *station, m Netted) []Netted {
			s.late = append(s.late, m)
			return nil
		}},
		{name: "wishes without end", net: func(w *duplex, s *station, m Netted) []Netted {
			m.Proposed = maxSum
			return []Netted{m, m, m}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			worst, noticed, off, lent := int64(0), 0, btt.Amount(0), btt.Amount(0)
			for seed := range seeds(t) {
				rules := rough
				if last = nil; seed%4 < 2 {
					rules.reprice = 0
				}
				if c.trick != nil {
					c.trick(&rules)
				}
				rules.net = c.net
				w := newDuplex(t, seed, rules).run(1000)
				s := w.ends[0]
				loss, bound := w.loss(s), Window(testPiece)+testPiece+int64(s.crashes)*Flush+(w.ends[1].verified+testPiece)/Regrow+int64(len(s.truth))
				if loss > bound {
					t.Fatalf("seed %d: lost %d bytes, bound %d: %v", seed, loss, bound, w)
				}
				if s.facts[c.fact] > 0 {
					noticed++
				}
				worst, off, lent = max(worst, loss), off+s.pair.Pay.Book.Off, max(lent, s.loan)
			}
			if c.fact != 0 && noticed == 0 {
				t.Errorf("%v was never noticed", c.fact)
			}
			t.Logf("worst loss %.2f MiB, set off %v, paid ahead at most %v, noticed in %d of %d", float64(worst)/(1<<20), off, lent, noticed, seeds(t))
		})
	}
}
