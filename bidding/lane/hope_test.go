package lane

import (
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

// buyer is a payer that owes, on a connection where both ends set off.
type buyer struct {
	Payer
	now  time.Time
	pos  int64
	pays []btt.Amount
	asks int
}

func newBuyer() *buyer {
	b := &buyer{Payer: NewPayer(testKey(), Book{}), now: epoch}
	for _, e := range []Event{
		Allowed{Amount: maxSum},
		Opened{Conn: 1, Torrent: Torrent{1}, Piece: 64 << 10, Nets: true},
		Offer{1, Bid{Price: 1 << 20, Most: maxSum}},
		Heard{1, Quote{Price: 1 << 20, Number: 1, Increment: 1}, 0},
	} {
		b.do(e)
	}
	return b
}

func (b *buyer) do(e Event) {
	var out []Effect
	b.Payer, out = b.Step(b.now, e)
	for i, e := range out {
		switch e := e.(type) {
		case Send:
			if p, ok := e.Message.(Pay); ok {
				b.pays = append(b.pays, p.Cumulative)
			}
		case Ask:
			if b.asks++; i != len(out)-1 {
				panic("something follows what is asked for") //nolint:forbidigo // a test
			}
		}
	}
}

// loads lets n bytes, which cost as many µBTT, be verified.
func (b *buyer) loads(n int64) {
	b.do(Verified{Conn: 1, Pos: b.pos, Bytes: n})
	b.pos += n
}

// TestPatience: a debt against which the peer owes as much waits to be set off, not
// longer than Patience; if that was in vain, nothing waits for a while.
func TestPatience(t *testing.T) {
	b := newBuyer()
	b.do(Nets{Owed: 300})
	b.loads(1000) // more than what waits is promised at once
	if len(b.pays) != 1 || b.pays[0] != 700 || b.asks != 1 {
		t.Fatalf("promised %v, asked %d times", b.pays, b.asks)
	}
	waited := time.Duration(0)
	for ; len(b.pays) == 1 && waited < time.Minute; waited += 100 * time.Millisecond {
		b.now = b.now.Add(100 * time.Millisecond)
		b.do(Tick{})
	}
	if b.pays[1] != 1000 || waited < Patience || waited > Patience+Cadence || b.asks < 2 || b.asks > 3 {
		t.Errorf("promised %v after %v, asked %d times", b.pays, waited, b.asks)
	}
	asks := b.asks
	for end := b.now.Add(Brisk - 2*Cadence); b.now.Before(end); {
		b.now = b.now.Add(Cadence)
		b.do(Heard{1, Ack{b.Book.Cumulative}, b.pos})
		if b.loads(10); b.pays[len(b.pays)-1] != btt.Amount(b.pos) || b.asks != asks {
			t.Fatalf("after it was in vain: promised %v of %d, asked %d times", b.pays, b.pos, b.asks)
		}
	}
	b.now = b.now.Add(3 * Cadence)
	if b.loads(100); b.asks != asks+1 {
		t.Errorf("later: asked %d times", b.asks)
	}
}

// TestNettingCadence: where the peer owes nothing, setting off delays no promise; where it
// owes all, none is made as long as something is set off.
func TestNettingCadence(t *testing.T) {
	b := newBuyer()
	for range 100 {
		b.now = b.now.Add(100 * time.Millisecond)
		b.do(Nets{})
		b.loads(64 << 10)
		b.do(Heard{1, Ack{b.Book.Cumulative}, b.pos})
	}
	if len(b.pays) != 10 || b.asks != 0 {
		t.Errorf("one direction: %d promises and %d questions in 10 s", len(b.pays), b.asks)
	}
	b = newBuyer()
	for range 100 {
		b.now = b.now.Add(100 * time.Millisecond)
		b.do(Nets{Owed: maxSum})
		if b.loads(64 << 10); b.asks%2 == 1 {
			b.do(SetOff{Amount: b.Book.Due - b.Book.Off})
		}
	}
	if len(b.pays) != 0 || b.asks < 9 || b.asks > 11 {
		t.Errorf("both directions: %d promises and %d questions in 10 s", len(b.pays), b.asks)
	}
	for range 1000 { // a window each 10 ms: not more often than the wire allows
		b.now = b.now.Add(10 * time.Millisecond)
		b.do(Nets{Owed: maxSum})
		b.loads(LeastWindow)
		b.do(SetOff{Amount: b.Book.Due - b.Book.Off})
	}
	if len(b.pays) != 0 || b.asks > 11+100 || b.asks < 80 {
		t.Errorf("fast: %d promises and %d questions in 20 s", len(b.pays), b.asks)
	}
}

// TestNeedEndsHope: who is asked for a promise makes it at once, but for what is proposed.
func TestNeedEndsHope(t *testing.T) {
	b := newBuyer()
	b.do(Nets{Owed: 1000})
	b.loads(1000)
	if len(b.pays) != 0 {
		t.Fatalf("promised %v", b.pays)
	}
	b.do(Nets{Owed: 1000, Open: 400})
	b.do(Heard{1, Need{1000, Grace}, b.pos})
	if len(b.pays) != 1 || b.pays[0] != 600 {
		t.Errorf("promised %v, want all but what is proposed", b.pays)
	}
	b.do(Nets{Owed: 1000})
	b.do(SetOff{}) // the answer: nothing
	if len(b.pays) != 2 || b.pays[1] != 1000 {
		t.Errorf("promised %v, want the rest", b.pays)
	}
}

// netPair is a pair whose proposer owes and is owed so much, on connection 1.
func netPair(owes, owed int64) Pair {
	k := testKey()
	if !(Net{Pay: k}).proposes() {
		k = k.Back()
	}
	p := newPair(k, NetBook{}, Book{}, Book{})
	for _, e := range []Event{
		Allowed{Amount: maxSum},
		Opened{Conn: 1, Torrent: Torrent{1}, Piece: testPiece, Nets: true},
		Offer{1, Bid{Price: 1 << 20, Most: maxSum}},
		Heard{1, Quote{Price: 1 << 20, Number: 1, Increment: 1}, 0},
		Nets{Owed: maxSum},
		Verified{Conn: 1, Pos: 0, Bytes: owes},
	} {
		p.Pay, _ = p.Pay.Step(epoch, e)
	}
	for _, e := range []Event{
		Funded{maxSum},
		Opened{Conn: 1, Torrent: Torrent{2}, Piece: testPiece, Nets: true},
		Heard{Conn: 1, Message: Bid{Price: 1 << 20}},
		Granted{1, 1 << 20, 1},
		Placed{1, Quote{Price: 1 << 20, Number: 1}, 0},
		Served{1, owed},
	} {
		p.Paid, _ = p.Paid.Step(epoch, e)
	}
	return p
}

// TestLoan: what is proposed is held back, but not longer than Hold; an answer after it was
// promised is a loan, which is taken off the window of the other.
func TestLoan(t *testing.T) {
	const sum = 1 << 20
	p, out := netPair(sum, sum).Ask(epoch, 1)
	if len(out.Net) != 2 || p.Net.Book != (NetBook{Offered: sum, Number: 1}) {
		t.Fatalf("%+v %+v", p.Net, out)
	}
	pay := func(after time.Duration) btt.Amount {
		p.Pay, _ = p.Pay.Step(epoch.Add(after), p.Net.Nets(epoch.Add(after), p.Paid))
		p.Pay, _ = p.Pay.Step(epoch.Add(after), Tick{})
		return p.Pay.Book.Cumulative
	}
	if sum := pay(Hold - 1); sum != 0 {
		t.Fatalf("promised %v while the answer is awaited", sum)
	}
	for after := Hold; p.Pay.Book.Cumulative == 0 && after < Hold+Patience+time.Second; after += time.Second {
		pay(after)
	}
	if p.Pay.Book.Cumulative != sum || Hold+Patience > Grace {
		t.Fatalf("promised %v", p.Pay.Book.Cumulative)
	}
	before := p.Paid.credit()
	p, _ = p.Hear(epoch.Add(10*time.Second), 1, Netted{1, sum, sum})
	if p.Net.Book.Total != sum || p.Paid.Exposure() != 0 || p.Pay.Book.paid() != 2*sum || p.Paid.credit() != before-sum {
		t.Errorf("set off %v, paid %v, unpaid %d, window from %d to %d", p.Net.Book.Total, p.Pay.Book.paid(), p.Paid.Exposure(), before, p.Paid.credit())
	}
	q, _ := netPair(sum, sum).Ask(epoch, 1) // in time it is none
	q, _ = q.Hear(epoch.Add(time.Second), 1, Netted{1, sum, sum})
	if q.Pay.Book.paid() != sum || q.Paid.credit() != before || q.Paid.Exposure() != 0 {
		t.Errorf("paid %v, window from %d to %d", q.Pay.Book.paid(), before, q.Paid.credit())
	}
}

// TestNettingBounds: neither end sets off more than it owes by what it verified, is owed by
// what it served, or the user allows.
func TestNettingBounds(t *testing.T) {
	const a, b = 1 << 20, 1 << 19
	for _, c := range []struct {
		owes, owed int64
		allowed    btt.Amount
		want       btt.Amount
	}{{a, b, maxSum, b}, {b, a, maxSum, b}, {a, a, 1000, 1000}, {a, 0, maxSum, 0}, {0, a, maxSum, 0}, {a, a, 0, 0}} {
		p := netPair(c.owes, c.owed)
		p.Pay, _ = p.Pay.Step(epoch, Allowed{Amount: c.allowed})
		if next, _ := p.Ask(epoch, 1); next.Net.open() != c.want {
			t.Errorf("%+v: proposes %v", c, next.Net.open())
		}
		p.Net.Pay = p.Net.Pay.Back() // now it answers
		next, out := p.Hear(epoch, 1, Netted{1, 0, maxSum})
		if next.Net.Book.Total != c.want || next.Pay.Book.Off != c.want || next.Paid.Book.Off != c.want {
			t.Errorf("%+v: agrees to %v", c, next.Net.Book.Total)
		}
		if c.want > 0 {
			r := out.Net[0].(RecordNet)
			if r.Moved != c.want || r.Pay.Torrent != (Torrent{1}) || r.Paid.Torrent != (Torrent{2}) {
				t.Errorf("%+v: records %+v", c, r)
			}
		}
	}
}

// TestOneProposal: as long as one is open there is no other; it is said again when it
// may have been lost.
func TestOneProposal(t *testing.T) {
	p, _ := netPair(1<<20, 1<<20).Ask(epoch, 1)
	p.Pay, _ = p.Pay.Step(epoch, Verified{Conn: 1, Pos: 1 << 20, Bytes: 1 << 20})
	p.Paid, _ = p.Paid.Step(epoch, Served{1, 2 << 20})
	want := p.Net.Book
	if q, out := p.Ask(epoch.Add(time.Second), 1); q.Net.Book != want || len(out.Net) != 0 {
		t.Errorf("another one: %+v, %+v", q.Net.Book, out.Net)
	}
	if _, out := p.Tick(epoch.Add(Retry - 1)); len(out.Net) != 0 {
		t.Errorf("said again early: %+v", out.Net)
	}
	said := Effect(Send{1, Netted{1, 0, 1 << 20}})
	if q, out := p.Tick(epoch.Add(Retry)); q.Net.Book != want || len(out.Net) != 1 || out.Net[0] != said {
		t.Errorf("not said again: %+v", out.Net)
	}
	said = Send{2, Netted{1, 0, 1 << 20}}
	if _, out := p.Opened(epoch.Add(1), 2); len(out.Net) != 1 || out.Net[0] != said {
		t.Errorf("on a new connection: %+v", out.Net)
	}
}

// TestSetOffCounts: what is set off is not needed any more, and not covered by the deposit.
func TestSetOffCounts(t *testing.T) {
	for _, off := range []btt.Amount{0, 3 << 20} {
		p := netPair(0, 0).Paid
		p.Book.Off = off
		p.Tally.Base = off
		p, _ = p.Step(epoch, Funded{Crowd * (8 << 20)})
		if got := p.ceiling(); got != 8<<20+off {
			t.Errorf("set off %v: trusted for %v", off, got)
		}
		p, out := p.Step(epoch, Served{1, LeastWindow})
		need, ok := out[len(out)-1].(Send)
		if !ok || need.Message != (Need{LeastWindow, Grace}) || p.Conns[0].Phase != Stalled {
			t.Errorf("set off %v: %+v", off, out)
		}
	}
}
