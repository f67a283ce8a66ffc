package broker

import (
	"testing"

	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// on returns a tamper that changes the messages of one type.
func on[M wire.Message](change func(M) wire.Message) func([]byte) []byte {
	return func(b []byte) []byte {
		m, err := wire.Decode(b)
		if err != nil {
			return b
		}
		if was, ok := m.(M); ok {
			if m = change(was); m == nil {
				return nil
			}
			return encode(m)
		}
		return b
	}
}

// signBy returns the signature of a promise of a to b, made as told.
func signBy(t *testing.T, key []byte, d voucher.Domain, sum btt.Amount) voucher.Signature {
	t.Helper()
	digest, err := voucher.Voucher{Payer: accountOf("a"), Payee: accountOf("b"), Cumulative: sum}.Digest(d)
	if err != nil {
		t.Fatal(err)
	}
	s, err := voucher.Sign(digest, key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCheats plays each cheat over real sockets, with real signatures and ledgers.
// What the other loses is within its bound, and it ends in the free tier.
func TestCheats(t *testing.T) {
	here := voucher.NewDomain(testChain, testWay.Escrow)
	pays := func(f func(*testing.T, *wire.Pay)) func(*testing.T, *end, *end) {
		return func(t *testing.T, a, _ *end) {
			a.tamper = on(func(p wire.Pay) wire.Message { f(t, &p); return p })
		}
	}
	for name, c := range map[string]struct {
		cheat func(t *testing.T, a, b *end)
		ends  func(a, b *end) bool // it is over
		paid  bool                 // something is
	}{
		"never pays": {func(_ *testing.T, a, _ *end) {
			a.tamper = on(func(wire.Pay) wire.Message { return nil })
		}, func(_, b *end) bool { return b.Standing(1).Phase == lane.Defaulted }, false},
		"forged":                       {pays(func(_ *testing.T, p *wire.Pay) { p.Signature[9] ^= 4 }), defaulted, false},
		"promises more than it signed": {pays(func(_ *testing.T, p *wire.Pay) { p.Cumulative++ }), defaulted, false},
		"stolen": {pays(func(t *testing.T, p *wire.Pay) {
			p.Signature = signBy(t, keyOf("thief"), here, p.Cumulative)
		}), defaulted, false},
		"wrong chain": {pays(func(t *testing.T, p *wire.Pay) {
			p.Signature = signBy(t, keyOf("a"), voucher.NewDomain(testChain+1, testWay.Escrow), p.Cumulative)
		}), defaulted, false},
		"wrong contract": {pays(func(t *testing.T, p *wire.Pay) {
			p.Signature = signBy(t, keyOf("a"), voucher.NewDomain(testChain, voucher.Address{8}), p.Cumulative)
		}), defaulted, false},
		"stale": {func(_ *testing.T, a, _ *end) {
			var first *wire.Pay
			a.tamper = on(func(p wire.Pay) wire.Message {
				if first == nil {
					first = &p
				}
				return *first
			})
		}, func(_, b *end) bool { return b.Standing(1).Phase == lane.Defaulted }, true},
		"overspends": {func(_ *testing.T, _, b *end) { b.deposit = 40 * btt.One }, func(a, b *end) bool {
			_, _, n := a.figures()
			return !b.Standing(1).Good && n > 0
		}, true},
		"garbage": {func(_ *testing.T, a, _ *end) { a.corrupt, a.blame = true, true }, func(a, _ *end) bool {
			return a.Standing(1).Buying == lane.Defaulted
		}, false},
		"over-claim": {func(_ *testing.T, _, b *end) {
			b.tamper = on(func(q wire.Quote) wire.Message { q.Held += 1000; return q })
		}, func(a, _ *end) bool { return a.Standing(1).Buying == lane.Defaulted }, false},
		"price above the bid": {func(_ *testing.T, _, b *end) {
			b.tamper = on(func(q wire.Quote) wire.Message { q.Price = testPrice + 1; return q })
		}, func(a, _ *end) bool { return a.Standing(1).Buying == lane.Closed }, false},
		"address swap": {func(_ *testing.T, _, b *end) {
			b.tamper = on(func(h wire.Hello) wire.Message { h.Account = accountOf("thief"); return h })
		}, ended, false},
		"replayed nonce": {func(t *testing.T, _, b *end) {
			old := wire.Auth{Signature: signBy(t, keyOf("b"), here, 1)}
			b.tamper = on(func(wire.Auth) wire.Message { return old })
		}, ended, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			a := start(t, "a", dir, payerConfig("a"), testPrice, 0)
			b := start(t, "b", dir, payeeConfig("b"), 0, testPrice)
			c.cheat(t, a, b)
			join(t, a, b)
			until(t, "the end of it", func() bool { return c.ends(a, b) })
			in, out := b.row(t, "a", "b", true), a.row(t, "a", "b", false)
			passed, _, _ := b.figures()
			_, _, verified := a.figures()
			worth, _ := testPrice.Bytes(in.Cumulative)
			if loss := passed - worth; loss > lane.Window(testPiece)+worth/lane.Regrow+testPiece {
				t.Errorf("the payee lost %d bytes", loss)
			}
			most, _ := testPrice.Cost(verified + testPiece)
			if out.Cumulative > most+lane.Slack {
				t.Errorf("promised %v for %d verified bytes", out.Cumulative, verified)
			}
			if (in.Cumulative > 0) != c.paid {
				t.Errorf("paid %v", in.Cumulative)
			}
		})
	}
}

// defaulted: the payee does not serve it for money any more.
func defaulted(_, b *end) bool { return b.Standing(1).Phase == lane.Defaulted }

// ended: the payer treats it as an ordinary peer.
func ended(a, _ *end) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.over > 0 && a.payload == 0
}
