package lane

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

// trader is one end of two lanes without a contract. Its books are those on its disk.
type trader struct {
	me, other    string
	pay          Payer
	earn         Payee
	payBook      Book
	earnBook     Book
	settled      map[[32]byte]bool
	in           []Message // of the other end, not yet heard
	sent, seen   int64     // bytes we sent, and those of the other that we verified
	tx           byte
	final        []Settled // transfers of ours that the other has not counted
	spent, asked btt.Amount
	held         btt.Amount // by the other end, as it said
}

func newTrader(me, other string) *trader {
	x := &trader{me: me, other: other, settled: map[[32]byte]bool{}}
	x.restart()
	return x
}

// restart reads the books again: all else is gone.
func (x *trader) restart() {
	out := Key{Chain: 1, Payer: addressOf(x.me), Payee: addressOf(x.other)}
	x.pay, x.earn, x.asked = NewPayer(out, x.payBook), NewPayee(out.Back(), x.earnBook), 0
}

// to lets something happen in the lane in which x pays, or in the other one.
func (x *trader) to(y *trader, paying bool, now time.Time, e Event) {
	before := x.spent
	var out []Effect
	if paying {
		x.pay, _ = x.pay.Step(now, Allowed{maxSum, 1000})
		x.pay, _ = x.pay.Step(now, Against{max(0, x.earn.Tally.Due()-x.earn.Book.Cumulative)})
		x.pay, out = x.pay.Step(now, e)
	} else {
		x.earn, _ = x.earn.Step(now, Funded{maxSum / 4})
		x.earn, _ = x.earn.Step(now, Against{max(0, x.pay.Book.Due-x.pay.Book.Cumulative)})
		x.earn, out = x.earn.Step(now, e)
	}
	for _, f := range out {
		switch f := f.(type) {
		case Record:
			if f.Tx != ([32]byte{}) && paying {
				x.spent += f.Sent
			}
			x.record(paying, now, f)
		case Send:
			y.in = append(y.in, f.Message)
		case Place:
			if paying {
				continue
			}
			m := f.At(x.sent)
			y.in = append(y.in, m)
			x.to(y, false, now, Placed{f.Conn, m, x.sent})
		case Settle:
			x.asked = f.Amount
		case Tell:
			if f.Fact == FactHeld {
				x.held = max(x.held, f.Amount)
				if n := len(x.final); n > 0 && x.held >= x.final[n-1].Off {
					x.final = nil
				}
			}
		case Check:
			if x.settled[f.Tx] {
				x.to(y, false, now, Held{f.Conn})
				continue
			}
			x.settled[f.Tx] = true
			x.to(y, false, now, Final{f.Tx, f.Amount, min(f.Off, x.pay.Open())})
			x.to(y, false, now, Held{f.Conn})
		}
	}
	if x.spent < before {
		panic("spent less") //nolint:forbidigo // a broken test
	}
}

// record writes a book, and with it that of the other lane if a part was set off.
func (x *trader) record(paying bool, now time.Time, f Record) {
	if paying {
		x.payBook = f.Book
	} else {
		x.earnBook = f.Book
	}
	if f.Off == 0 {
		return
	}
	var out []Effect
	if paying {
		x.earn, out = x.earn.Step(now, SetOff{Amount: f.Off})
	} else {
		x.pay, out = x.pay.Step(now, SetOff{Amount: f.Off})
	}
	for _, g := range out {
		if r, ok := g.(Record); ok {
			x.record(!paying, now, r)
		}
	}
}

// meet makes a connection at both ends.
func meet(a, b *trader, now time.Time, conn Conn) {
	a.in, b.in, a.sent, b.sent, a.seen, b.seen = nil, nil, 0, 0, 0, 0
	for _, x := range []*trader{a, b} {
		y := map[*trader]*trader{a: b, b: a}[x]
		for _, paying := range []bool{true, false} {
			if conn > 1 {
				x.to(y, paying, now, Down{conn - 1})
			}
			x.to(y, paying, now, Opened{Conn: conn, Torrent: Torrent{1}, Piece: testPiece})
		}
		x.to(y, true, now, Offer{conn, Bid{Price: 4_000_003}})
		x.again(y, now, conn)
	}
}

// hear lets x hear everything that was said to it.
func (x *trader) hear(y *trader, now time.Time, conn Conn) {
	for len(x.in) > 0 {
		m := x.in[0]
		x.in = x.in[1:]
		switch m.(type) {
		case Bid, Settled:
			x.to(y, false, now, Heard{conn, m, 0})
		case Stop:
			x.to(y, false, now, Heard{conn, m, y.sent})
			x.to(y, true, now, Heard{conn, m, y.sent})
		default:
			x.to(y, true, now, Heard{conn, m, y.sent})
		}
	}
}

// TestNetting lets two ends trade in both directions, with transfers that cross and lost
// connections, and for odd seeds with restarts, which take from a payee bytes that it
// has not recorded. Neither pays more than it owes. When all is said and verified what
// the one paid less what it was paid is the same at both ends, without restarts so is
// each lane, and nothing is open that a transfer would settle.
func TestNetting(t *testing.T) {
	for seed := range uint64(600) {
		restarts := seed%2 == 1
		r := rand.New(rand.NewPCG(seed, 9))
		a, b := newTrader("a", "b"), newTrader("b", "a")
		now, conn := epoch, Conn(1)
		meet(a, b, now, conn)
		for range 400 {
			now = now.Add(time.Duration(r.IntN(3000)) * time.Millisecond)
			x, y := a, b
			if r.IntN(2) == 0 {
				x, y = b, a
			}
			switch r.IntN(11) {
			case 0, 1:
				x.hear(y, now, conn)
			case 2, 3, 4:
				x.to(y, false, now, Granted{conn, btt.Rate(1 + r.IntN(4_000_000)), 1})
				y.hear(x, now, conn)
			case 5, 6, 7: // blocks, of which some are verified at once
				x.sent += int64(r.IntN(8)) * Block
				x.to(y, false, now, Served{conn, x.sent})
				if n := (x.sent - y.seen) / Block * Block; n > 0 && r.IntN(3) > 0 {
					y.to(x, true, now, Verified{Conn: conn, Pos: y.seen, Bytes: n})
					y.seen += n
				}
			case 8: // a transfer becomes final, is counted, and is named
				x.to(y, true, now, Tick{})
				x.transfer(y, now, conn)
			case 9: // the connection is lost, and all that was under way
				if restarts && r.IntN(2) == 0 {
					x.restart()
				}
				if restarts && r.IntN(2) == 0 {
					y.restart()
				}
				conn++
				meet(a, b, now, conn)
			case 10:
				x.again(y, now, conn)
			}
		}
		rest(a, b, now, &conn)
		if err := same(a, b, restarts); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// transfer carries out what the payer asked for, once the one before is held.
func (x *trader) transfer(y *trader, now time.Time, conn Conn) {
	x.asked = min(x.asked, x.pay.Book.Due-x.pay.Book.Cumulative)
	if x.asked <= 0 || len(x.final) > 0 {
		return
	}
	x.tx++
	s := Settled{Tx: [32]byte{x.me[0], x.tx}, Amount: x.asked}
	x.asked = 0
	x.to(y, true, now, Transferred{s.Tx, s.Amount})
	s.Off = x.held + s.Amount // what the other end must hold to have counted it
	x.final = append(x.final, s)
	x.to(y, true, now, Claim{conn, s.Tx, s.Amount})
}

// again names what was transferred until the other has counted it.
func (x *trader) again(y *trader, now time.Time, conn Conn) {
	if n := len(x.final); n > 0 {
		x.to(y, true, now, Claim{conn, x.final[n-1].Tx, x.final[n-1].Amount})
	}
}

// rest lets everything arrive and be verified, and debts be paid.
func rest(a, b *trader, now time.Time, conn *Conn) {
	for range 30 {
		now = now.Add(time.Hour)
		for _, p := range [][2]*trader{{a, b}, {b, a}} {
			x, y := p[0], p[1]
			if n := y.sent - x.seen; n > 0 {
				x.to(y, true, now, Verified{Conn: *conn, Pos: x.seen, Bytes: n})
				x.seen += n
			}
			x.to(y, true, now, Tick{})
			x.transfer(y, now, *conn)
			x.again(y, now, *conn)
			y.hear(x, now, *conn)
			x.hear(y, now, *conn)
		}
	}
}

// same compares the books of two ends.
func same(a, b *trader, restarts bool) error {
	if x, y := a.pay.Book.Cumulative-a.earn.Book.Cumulative, b.earn.Book.Cumulative-b.pay.Book.Cumulative; x != y {
		return fmt.Errorf("paid %v by the one, %v by the other", x, y)
	}
	for _, p := range [][2]*trader{{a, b}, {b, a}} {
		payer, payee := p[0].pay.Book, p[1].earn.Book
		if payer.Cumulative != payee.Cumulative && !restarts {
			return fmt.Errorf("%s counts %v, %s %v", p[0].me, payer.Cumulative, p[1].me, payee.Cumulative)
		}
		if payer.Cumulative > payer.Due {
			return fmt.Errorf("%s paid %v of %v", p[0].me, payer.Cumulative, payer.Due)
		}
		if open := payer.Due - payer.Cumulative - max(0, p[0].earn.Tally.Due()-p[0].earn.Book.Cumulative); open >= 1000 {
			return fmt.Errorf("%s owes %v", p[0].me, open)
		}
		if p[0].payBook.Cumulative != payer.Cumulative || p[1].earnBook.Cumulative != payee.Cumulative {
			return fmt.Errorf("%s to %s: not recorded", p[0].me, p[1].me)
		}
	}
	return nil
}

// carried is a payee that has served bytes worth 5 MiB at 1 BTT a MiB, lent line.
func carried(t *testing.T, line btt.Amount) (Payee, []Effect) {
	t.Helper()
	p := NewPayee(Key{Chain: 1, Payer: addressOf("b"), Payee: addressOf("a")}, Book{})
	var out []Effect
	for _, e := range []Event{
		Funded{line},
		Opened{Conn: 1, Torrent: Torrent{}, Piece: testPiece},
		Heard{Conn: 1, Message: Bid{Price: 1_000_000}},
		Granted{1, 1_000_000, 1},
		Placed{1, Quote{Price: 1_000_000, Number: 1}, 0},
		Served{1, 5 << 20},
	} {
		p, out = p.Step(epoch, e)
	}
	return p, out
}

// TestCarried: who has used up what is lent is served for free until it has paid; its
// debt stays, and costs it no back-off.
func TestCarried(t *testing.T) {
	p, out := carried(t, 5*btt.One)
	if p.Conns[0].Phase != Stalled || len(out) == 0 {
		t.Fatalf("%v, %+v", p.Conns[0].Phase, out)
	}
	if q, _ := carried(t, 6*btt.One); q.Conns[0].Phase != Active || !q.Good(epoch) {
		t.Errorf("with a longer line: %v", q.Conns[0].Phase)
	}
	p, out = p.Step(epoch.Add(Grace), Tick{})
	if p.Conns[0].Phase != Closed || !reflect.DeepEqual(out[0], Place{Conn: 1, Message: Stop{ReasonInsolvent}}) {
		t.Errorf("%v, %+v", p.Conns[0].Phase, out)
	}
	p, _ = p.Step(epoch, Placed{1, Stop{ReasonInsolvent}, 5 << 20})
	p, _ = p.Step(epoch, Heard{Conn: 1, Message: Bid{Price: 2_000_000}})
	if p.Good(epoch) || p.Book.Strikes != 0 || !p.Book.Until.IsZero() || p.Tally.Due() != 5*btt.One {
		t.Errorf("good %v, %+v, due %v", p.Good(epoch), p.Book, p.Tally.Due())
	}
	if q, out := p.Step(epoch, Granted{1, 1_000_000, 1}); len(out) != 0 || q.Conns[0].Phase == Quoted {
		t.Errorf("quoted again: %+v", out)
	}
	p = NewPayee(p.Key, Book{Due: p.Tally.Due(), Unpaid: 5 << 20}) // as after a restart
	for _, e := range []Event{Funded{5 * btt.One}, Opened{Conn: 2, Torrent: Torrent{}, Piece: testPiece}, Heard{Conn: 2, Message: Bid{Price: 1_000_000}}} {
		p, _ = p.Step(epoch, e)
	}
	if p.Good(epoch) {
		t.Error("a restart forgives")
	}
	p, _ = p.Step(epoch, Final{[32]byte{1}, 2 * btt.One, 0})
	if !p.Good(epoch) || p.Book.Cumulative != 2*btt.One {
		t.Errorf("after it has paid: good %v, %+v", p.Good(epoch), p.Book)
	}
	p, out = p.Step(epoch, Granted{2, 1_000_000, 1})
	if q := p.Conns[0].Quote; len(out) == 0 || q.Window != 2<<20 || q.Prepay != 0 {
		t.Errorf("quotes %+v", q)
	}
}

// TestShort: a price is refused if so little is lent that the debt never is worth a
// transfer.
func TestShort(t *testing.T) {
	for _, c := range []struct {
		window  int64
		due     btt.Amount
		refused bool
	}{{4 << 20, 0, true}, {5 << 20, 0, false}, {4 << 20, btt.One, false}} {
		p := NewPayer(Key{Chain: 1, Payer: addressOf("a"), Payee: addressOf("b")}, Book{Due: c.due})
		for _, e := range []Event{Opened{Conn: 1, Torrent: Torrent{}, Piece: testPiece}, Allowed{maxSum, 5 * btt.One}, Offer{1, Bid{Price: 1_000_000}}} {
			p, _ = p.Step(epoch, e)
		}
		p, _ = p.Step(epoch, Heard{Conn: 1, Message: Quote{Price: 1_000_000, Number: 1, Window: c.window}})
		if (p.Conns[0].Phase == Closed) != c.refused {
			t.Errorf("%d lent, %v owed: %v", c.window, c.due, p.Conns[0].Phase)
		}
	}
}

// TestOwed: a debt counts as spent when its bytes are verified, for their torrent, and
// a transfer counts nothing more.
func TestOwed(t *testing.T) {
	p := NewPayer(Key{Chain: 1, Payer: addressOf("a"), Payee: addressOf("b")}, Book{})
	for _, e := range []Event{Opened{Conn: 1, Torrent: Torrent{3}, Piece: testPiece}, Allowed{10 * btt.One, 1}, Offer{1, Bid{Price: 1_000_000}}, Heard{Conn: 1, Message: Quote{Price: 1_000_000, Number: 1, Window: 1 << 40}}} {
		p, _ = p.Step(epoch, e)
	}
	moved := func(out []Effect) (sum btt.Amount, about Torrent) {
		for _, e := range out {
			if r, ok := e.(Record); ok {
				sum, about = sum+r.Moved, r.Torrent
			}
		}
		return sum, about
	}
	p, out := p.Step(epoch, Verified{Conn: 1, Pos: 0, Bytes: 1 << 20})
	if sum, about := moved(out); sum != btt.One || about != (Torrent{3}) || p.Allowed != 9*btt.One || p.Book.Cumulative != 0 {
		t.Errorf("moved %v for %v, %v left", sum, about, p.Allowed)
	}
	p, _ = p.Step(epoch, Down{1})
	p, out = p.Step(epoch, Verified{Conn: 1, Pos: 1 << 20, Bytes: 1 << 20, Torrent: Torrent{4}})
	if sum, about := moved(out); sum != btt.One || about != (Torrent{4}) {
		t.Errorf("after it has gone: moved %v for %v", sum, about)
	}
	p, out = p.Step(epoch, Transferred{[32]byte{1}, 2 * btt.One})
	if sum, _ := moved(out); sum != 0 || p.Book.Cumulative != 2*btt.One {
		t.Errorf("a transfer moves %v; %+v", sum, p.Book)
	}
}

// TestCompact: however many prices there were, the runs are few and what is due stays.
func TestCompact(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var tally Tally
	pos := int64(0)
	for i := range 1000 {
		conn := Conn(1 + r.IntN(3))
		tally.begin(conn, btt.Rate(1+r.IntN(1_000_000)), pos)
		n := int64(r.IntN(1 << 20))
		tally.current(conn).count(n)
		pos += n
		due, bytes := tally.Due(), int64(0)
		for _, x := range tally.Runs {
			bytes += x.Bytes
		}
		tally.compact(maxRuns / 2)
		for _, x := range tally.Runs {
			bytes -= x.Bytes
		}
		if tally.Due() != due || bytes != 0 || len(tally.Runs) > maxRuns/2+1 {
			t.Fatalf("%d: due %v was %v, %d bytes gone, %d runs", i, tally.Due(), due, bytes, len(tally.Runs))
		}
	}
}
