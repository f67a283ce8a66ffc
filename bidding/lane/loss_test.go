package lane

import (
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// seeds is how many random worlds a case is played in.
func seeds(t *testing.T) uint64 {
	if testing.Short() {
		return 30
	}
	return 300
}

// loss is what the payee served and was not promised, in bytes: at one price
// exactly, else as many bytes of the highest price as the money would buy.
func (w *world) loss() int64 {
	worth := btt.Amount(0)
	for _, r := range w.truth {
		worth += cost(r.Price, r.Bytes)
	}
	price := btt.Rate(2_000_003)
	if w.reprice == 0 {
		price = w.price
	}
	return buys(price, max(worth-w.payee.Book.Cumulative, 0))
}

// TestLoss is the table of what each can lose to the other, over random worlds
// with crashes and lost connections.
func TestLoss(t *testing.T) {
	other := testKey()
	other.Chain++
	elsewhere := testKey()
	elsewhere.Escrow = voucher.Address{8}
	rough := cheats{crash: [2]float64{0.002, 0.002}, drop: 0.004, reprice: 0.003}
	for _, c := range []struct {
		name  string
		cheat func(*cheats)
		fact  Fact                     // that is noticed
		more  func(*testing.T, *world) // what else is to hold
	}{
		{name: "honest"},
		{name: "never pays", cheat: func(c *cheats) { c.mute, c.jump = true, 0.002 }, fact: FactWrittenOff},
		{name: "refuses the price after delivery", cheat: func(c *cheats) { c.mute, c.refuse = true, true }, fact: FactWrittenOff},
		{name: "stale voucher", cheat: func(c *cheats) {
			c.pay = func(w *world, p Pay) Pay {
				if w.last.Cumulative == 0 {
					w.last = p
				}
				return w.last
			}
		}, fact: FactWrittenOff},
		{name: "forged voucher", cheat: func(c *cheats) {
			c.pay = func(_ *world, p Pay) Pay { p.Signature[7] ^= 1; return p }
		}, fact: FactForged},
		{name: "promises more than it signed", cheat: func(c *cheats) {
			c.pay = func(_ *world, p Pay) Pay { p.Cumulative *= 2; return p }
		}, fact: FactForged},
		{name: "stolen voucher", cheat: func(c *cheats) {
			c.pay = func(w *world, p Pay) Pay { p.Signature = w.sign("thief", testKey(), p.Cumulative); return p }
		}, fact: FactForged},
		{name: "wrong chain", cheat: func(c *cheats) {
			c.pay = func(w *world, p Pay) Pay { p.Signature = w.sign("payer", other, p.Cumulative); return p }
		}, fact: FactForged},
		{name: "wrong contract", cheat: func(c *cheats) {
			c.pay = func(w *world, p Pay) Pay { p.Signature = w.sign("payer", elsewhere, p.Cumulative); return p }
		}, fact: FactForged},
		{name: "overspends", cheat: func(c *cheats) { c.deposit = 200 * btt.One }, fact: FactInsolvent, more: func(t *testing.T, w *world) {
			if due := w.payee.Tally.Due(); due > 200*btt.One/Crowd+cost(2_000_003, int64(w.crashes[0])*Flush) {
				t.Errorf("served for %v against a deposit of 200", due)
			}
		}},
		{name: "garbage", cheat: func(c *cheats) { c.garbage = true }, more: func(t *testing.T, w *world) {
			if sum := w.payer.Book.Cumulative; sum > cost(2_000_003, testPiece)+Slack {
				t.Errorf("paid %v for garbage", sum)
			}
		}},
		{name: "garbage, blamed", cheat: func(c *cheats) { c.garbage, c.blame = true, true }, fact: FactBadData, more: func(t *testing.T, w *world) {
			if sum := w.payer.Book.Cumulative; sum != 0 {
				t.Errorf("paid %v for garbage", sum)
			}
		}},
		{name: "claims to hold more", cheat: func(c *cheats) {
			c.quote = func(w *world, q Quote) Quote {
				if w.crashes[0] > 0 {
					q.Held += 1000
				}
				return q
			}
			c.crash[0] = 0.01
		}, fact: FactOverclaim},
		{name: "asks for more after a restart", cheat: func(c *cheats) {
			c.need = func(_ *world, n Need) Need { n.Cumulative += 1000 * btt.One; return n }
			c.quote = func(_ *world, q Quote) Quote { q.Served += 64 << 20; return q }
		}},
		{name: "quotes above the bid", cheat: func(c *cheats) {
			c.quote = func(_ *world, q Quote) Quote { q.Price = 2_000_004; return q }
		}, fact: FactRefused, more: func(t *testing.T, w *world) {
			if w.payer.Book.Cumulative != 0 {
				t.Errorf("paid %v", w.payer.Book.Cumulative)
			}
		}},
		{name: "wants two pieces ahead", cheat: func(c *cheats) {
			c.quote = func(_ *world, q Quote) Quote { q.Prepay = 2 * testPiece; return q }
		}, fact: FactRefused, more: func(t *testing.T, w *world) {
			if w.payer.Book.Cumulative != 0 {
				t.Errorf("paid %v", w.payer.Book.Cumulative)
			}
		}},
		{name: "prepay without end", cheat: func(c *cheats) {
			c.garbage = true
			c.quote = func(_ *world, q Quote) Quote { q.Prepay = testPiece; return q }
		}, more: func(t *testing.T, w *world) {
			if sum := w.payer.Book.Cumulative; sum > cost(2_000_003, testPiece)+Slack {
				t.Errorf("prepaid %v", sum)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rules := rough
			if c.cheat != nil {
				c.cheat(&rules)
			}
			var worst, least, noticed int64 = 0, 1 << 62, 0
			for seed := range seeds(t) {
				rules := rules
				if seed%2 == 0 {
					rules.reprice = 0
				}
				w := newWorld(t, seed, rules).run(1000)
				loss := w.loss()
				if bound := Window(testPiece) + int64(w.crashes[0])*Flush + (w.verified+testPiece+Slack)/Regrow + int64(len(w.truth)); loss > bound {
					t.Fatalf("seed %d: the payee lost %d bytes, bound %d: %v", seed, loss, bound, w)
				}
				if c.more != nil {
					c.more(t, w)
				}
				if w.facts[c.fact] > 0 {
					noticed++
				}
				if t.Failed() {
					t.Fatalf("seed %d: %v", seed, w)
				}
				worst, least = max(worst, loss), min(least, w.verified)
			}
			if c.fact != 0 && noticed == 0 {
				t.Errorf("%v was never noticed", c.fact)
			}
			t.Logf("worst loss of the payee %.2f MiB, least delivered %d MiB, noticed in %d of %d", float64(worst)/(1<<20), least>>20, noticed, seeds(t))
		})
	}
}

// TestAChokeIsHeardOfLate: what was counted beyond a choke is taken back, and a
// quote that stands behind it stays in force.
func TestAChokeIsHeardOfLate(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	p := NewPayee(Key{Chain: 1, Escrow: voucher.Address{9}, Payer: addressOf("a"), Payee: addressOf("b")}, Book{})
	var out []Effect
	step := func(e Event) {
		p, out = p.Step(now, e)
		for _, f := range out {
			if x, ok := f.(Place); ok {
				pos := p.Conns[0].Sent
				p, _ = p.Step(now, Placed{1, x.At(pos), pos})
			}
		}
	}
	for _, e := range []Event{
		Opened{Conn: 1, Torrent: Torrent{}, Piece: 1 << 20},
		Funded{1000 * btt.One},
		Heard{1, Bid{Price: 1000, Most: btt.One}, 0},
		Granted{1, 1000, 0},
		Served{1, 3 << 20},
		Choked{1, 1 << 20},
	} {
		step(e)
	}
	c := p.Conns[0]
	if c.Phase != Authed || c.Charged != 1<<20 || p.Book.Bytes != 1<<20 || p.Tally.Due() != 1000 || c.Sent != 3<<20 {
		t.Errorf("phase %v, charged %d of %d, due %v", c.Phase, c.Charged, c.Sent, p.Tally.Due())
	}
	step(Granted{1, 500, 0})
	step(Choked{1, 2 << 20}) // it stands before the quote
	step(Served{1, 4 << 20})
	if c = p.Conns[0]; c.Phase != Active || c.Charged != 2<<20 || p.Tally.Due() != 1500 {
		t.Errorf("phase %v, charged %d, due %v", c.Phase, c.Charged, p.Tally.Due())
	}
}
