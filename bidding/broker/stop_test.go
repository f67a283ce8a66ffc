package broker

import (
	"testing"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/wallet/btt"
)

// both is a connection on which each end serves the other under a quote.
func both(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t, t.TempDir(), "a", bothConfig("a"))
	d.meet(1, "b", 1)
	if err := d.accounts(t.Context(), d.now, accountOf("b"), lane.Funded{Free: btt.One * 1000}); err != nil {
		t.Fatal(err)
	}
	if err := d.offer(t.Context(), d.now, 1, offered{bid: lane.Bid{Price: 1000}, most: 100 * btt.One}); err != nil {
		t.Fatal(err)
	}
	d.hear(1, wire.Bid{Price: 9, Most: 100})
	if err := d.grant(t.Context(), d.now, bidding.Grant{Key: 1, Slot: bidding.Paid, Price: 8, Rate: 77, Requote: true}); err != nil {
		t.Fatal(err)
	}
	d.hear(1, wire.Quote{Price: 900, Rate: 5, Number: 1, Window: 4 << 20, Increment: 1})
	if sells, buys := d.phases(); !inForce(sells) || !inForce(buys) {
		t.Fatalf("selling %v, buying %v; said %+v", sells, buys, d.said[1])
	}
	return d
}

// inForce reports whether a quote is.
func inForce(p lane.Phase) bool {
	return p == lane.Quoted || p == lane.Active || p == lane.Stalled || p == lane.Prepay
}

// phases are those of the sale and of the purchase on connection 1.
func (d *desk) phases() (sells, buys lane.Phase) {
	for _, q := range d.conns[1].sell.payee.Conns {
		sells = q.Phase
	}
	for _, q := range d.conns[1].buy.payer.Conns {
		buys = q.Phase
	}
	return sells, buys
}

// TestStopEndsBothTrades: a stop, whoever says it and on account of which trade, ends
// the quotes of both directions and takes back the bid of who says it; an end that
// still wants to buy says its bid again.
func TestStopEndsBothTrades(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(d *desk)
		stops   int  // that we say
		echo    bool // the peer's, that ends our purchase, is yet to come
	}{
		"theirs":                   {func(d *desk) { d.hear(1, wire.Stop{}) }, 1, false},
		"theirs, a bad promise":    {func(d *desk) { d.hear(1, wire.Stop{Reason: wire.Reason(lane.ReasonVoucher)}) }, 1, false},
		"ours, outbid":             {func(d *desk) { d.regular() }, 1, true},
		"ours, the price":          {func(d *desk) { d.hear(1, wire.Quote{Price: 1001, Number: 2, Window: 4 << 20}) }, 1, false},
		"ours, after wrong pieces": {func(d *desk) { d.happen(1, lane.Corrupt{Conn: 1}) }, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := both(t)
			n := len(d.said[1])
			c.happens(d)
			if c.echo {
				d.hear(1, wire.Stop{})
			}
			stops := 0
			for _, m := range d.said[1][n:] {
				if _, ok := m.(wire.Stop); ok {
					stops++
				}
			}
			sells, buys := d.phases()
			if stops != c.stops || inForce(sells) || inForce(buys) || d.Standing(1).Quote != (bidding.Quote{}) {
				t.Errorf("%d stops; selling %v, buying %v, quote %+v", stops, sells, buys, d.Standing(1).Quote)
			}
			if last, ok := d.conns[1].lastBid(); !ok || last.Price != 0 {
				t.Errorf("our bid is believed to be %+v", last)
			}
			d.now = d.now.Add(2 * bidEvery)
			if err := d.tick(t.Context(), d.now); err != nil {
				t.Fatal(err)
			}
			again, ok := d.last(1).(wire.Bid)
			if wants := d.conns[1].buy.payer.Good(d.now); ok != wants || ok && again.Price != 1000 {
				t.Errorf("then said %+v", d.last(1))
			}
		})
	}
}

// regular is the decision to serve the peer for nothing.
func (d *desk) regular() {
	d.t.Helper()
	if err := d.grant(d.t.Context(), d.now, bidding.Grant{Key: 1, Slot: bidding.Regular}); err != nil {
		d.t.Fatal(err)
	}
}
