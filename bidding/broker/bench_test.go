package broker

import (
	"testing"
	"time"

	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// BenchmarkPay is what a provider does for one promise: decode, verify, record on
// the disk, acknowledge.
func BenchmarkPay(b *testing.B) {
	e, err := newEnd(b.Context(), "b", b.TempDir(), payeeConfig("b"))
	if err != nil {
		b.Fatal(err)
	}
	defer e.books.Close()
	c, err := newCore(b.Context(), e.Broker, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	k := lane.Key{Chain: testWay.Chain, Escrow: testWay.Escrow, Payer: accountOf("a"), Payee: accountOf("b")}
	r, err := c.relation(b.Context(), k, true)
	if err != nil {
		b.Fatal(err)
	}
	p := &conn{Peer: Peer{Key: 1, Piece: 1 << 20}, sell: r, hand: lane.Handshake{Phase: lane.Authed}}
	c.conns[1] = p
	now := time.Now()
	if err := c.step(b.Context(), now, r, lane.Opened{Conn: 1, Piece: 1 << 20}); err != nil {
		b.Fatal(err)
	}
	domain := voucher.NewDomain(uint64(k.Chain), k.Escrow)
	var payloads [][]byte
	for i := range b.N {
		v := voucher.Voucher{Payer: k.Payer, Payee: k.Payee, Cumulative: btt.Amount(i + 1)}
		d, err := v.Digest(domain)
		if err != nil {
			b.Fatal(err)
		}
		s, err := voucher.Sign(d, keyOf("a"))
		if err != nil {
			b.Fatal(err)
		}
		payloads = append(payloads, encode(wire.Pay{Cumulative: v.Cumulative, Signature: s}))
	}
	b.ResetTimer()
	for i, payload := range payloads {
		now = now.Add(time.Second)
		if err := c.arrived(b.Context(), now, p, arrived{payload: payload}); err != nil {
			b.Fatal(err)
		}
		if r.payee.Book.Cumulative != btt.Amount(i+1) {
			b.Fatal("not taken")
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "vouchers/s")
}
