package lane

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// quiet is a world in which nothing fails.
func quiet() cheats { return cheats{reprice: 0.01} }

// rough is one in which both ends die and the connection is lost.
func roughly(often float64) cheats {
	return cheats{crash: [2]float64{often, often}, drop: 2 * often, reprice: 0.003, jump: often / 10}
}

// TestOrder: what is sent was signed, what is signed was recorded, and a crash
// between any two effects loses nothing that was promised.
func TestOrder(t *testing.T) {
	for seed := range seeds(t) {
		var recorded [2]Book // payer, payee
		signed := btt.Amount(-1)
		rules := roughly(0.003)
		rules.interrupt = 0.01
		rules.observe = func(w *world, payee bool, e Effect) {
			switch e := e.(type) {
			case Record:
				if payee {
					recorded[1] = e.Book
				} else {
					recorded[0] = e.Book
				}
			case Sign:
				if signed = e.Voucher.Cumulative; signed != recorded[0].Cumulative {
					t.Fatalf("seed %d: signs %v, recorded %v", seed, signed, recorded[0].Cumulative)
				}
			case Send:
				switch m := e.Message.(type) {
				case Pay:
					if m.Cumulative != signed {
						t.Fatalf("seed %d: sends %v, signed %v", seed, m.Cumulative, signed)
					}
				case Ack:
					if m.Cumulative != recorded[1].Cumulative {
						t.Fatalf("seed %d: acknowledges %v, keeps %v", seed, m.Cumulative, recorded[1].Cumulative)
					}
				}
			}
		}
		w := newWorld(t, seed, rules).run(1000)
		if w.payeeBook.Cumulative > w.payerBook.Cumulative {
			t.Fatalf("seed %d: %v kept, %v recorded as given", seed, w.payeeBook.Cumulative, w.payerBook.Cumulative)
		}
	}
}

// TestSame: with prices that change all the time both ends come to the same sum,
// which is that of the definition.
func TestSame(t *testing.T) {
	for seed := range seeds(t) {
		w := newWorld(t, seed, quiet()).run(1500)
		for w.partialN > 0 || len(w.down) > 0 { // to the end of a piece
			w.arrive()
			if len(w.down) == 0 && w.partialN > 0 {
				w.down = append(w.down, item{conn: w.conn, pos: w.sent, n: Block})
				w.sent += Block
				w.toPayee(Served{w.conn, w.sent})
			}
		}
		w.settle()
		sum := btt.Amount(0)
		for _, r := range w.truth {
			sum += cost(r.Price, r.Bytes)
		}
		if d, e := w.payee.Tally.Due(), w.payer.Tally.Due(); d != e || d != sum || w.payee.Book.Cumulative != sum {
			t.Fatalf("seed %d: payee %v, payer %v, by definition %v, paid %v: %v", seed, d, e, sum, w.payee.Book.Cumulative, w)
		}
	}
}

// TestVerified: the world checks it at every step, also where each quote wants to
// be paid ahead; here garbage and a thief's claims are among it.
func TestVerified(t *testing.T) {
	for seed := range seeds(t) {
		rules := roughly(0.004)
		rules.quote = func(w *world, q Quote) Quote {
			q.Prepay = int64(w.r.IntN(testPiece + 1))
			q.Served += int64(w.r.IntN(1 << 24))
			return q
		}
		rules.need = func(w *world, n Need) Need { n.Cumulative *= 2; return n }
		rules.garbage = seed%3 == 0
		w := newWorld(t, seed, rules).run(800)
		if rules.garbage && w.payer.Book.Cumulative > cost(2_000_003, testPiece)+Slack {
			t.Fatalf("seed %d: %v", seed, w)
		}
	}
}

// TestWindow: several connections of one address share its window, and so do those
// after a restart.
func TestWindow(t *testing.T) {
	for seed := range seeds(t) {
		r := rand.New(rand.NewPCG(seed, 2))
		p := NewPayee(testKey(), Book{})
		book, total, crashes := Book{}, int64(0), int64(0)
		now, sent, limit := epoch, map[Conn]int64{}, map[Conn]int64{}
		var do func(e Event)
		do = func(e Event) {
			var out []Effect
			before := p.Book.Bytes
			p, out = p.Step(now, e)
			total += p.Book.Bytes - before
			for _, f := range out {
				switch f := f.(type) {
				case Record:
					book = f.Book
				case Limit:
					limit[f.Conn] = f.Pos
				case Place:
					do(Placed{f.Conn, f.At(sent[f.Conn]), sent[f.Conn]})
				}
			}
			if n := p.Exposure(); n > Window(testPiece) {
				t.Fatalf("seed %d: %d bytes unpaid", seed, n)
			}
		}
		id := Conn(0)
		for range 400 {
			now = now.Add(time.Duration(r.IntN(1000)) * time.Millisecond)
			switch x := r.IntN(20); {
			case x == 0:
				id++
				do(Funded{maxSum})
				do(Opened{Conn: id, Torrent: Torrent{}, Piece: testPiece})
				do(Heard{Conn: id, Message: Bid{Price: 5}})
				do(Granted{id, 5, 1})
			case x == 1 && r.IntN(10) == 0:
				p, crashes = NewPayee(testKey(), book), crashes+1
			case x == 2:
				do(Tick{})
			case x == 4: // every connection to its limit, before any is reported
				for _, c := range p.Conns {
					if p.charges(c.Conn) {
						sent[c.Conn] = max(sent[c.Conn], limit[c.Conn])
					}
				}
				for _, c := range p.Conns {
					do(Served{c.Conn, sent[c.Conn]})
				}
			case x == 3 && id > 0:
				do(Down{1 + Conn(r.Uint64N(uint64(id)))})
			case id > 0:
				c := 1 + Conn(r.Uint64N(uint64(id)))
				if n := min(Block*int64(1+r.IntN(40)), limit[c]-sent[c]); n > 0 && p.charges(c) {
					sent[c] += n
					do(Served{c, sent[c]})
				}
			}
		}
		if most := Window(testPiece) + crashes*Flush; total > most {
			t.Fatalf("seed %d: %d bytes for nothing, bound %d", seed, total, most)
		}
	}
}

// charges reports whether the payload of conn is charged.
func (p Payee) charges(conn Conn) bool { return p.Tally.current(conn) != nil }

// TestDeposit: whatever the deposit is and becomes, no more is served than it was
// trusted for.
func TestDeposit(t *testing.T) {
	for _, c := range []struct{ free, redeemed, want btt.Amount }{
		{0, 0, 0},
		{19, 0, 0},
		{200 * btt.One, 0, 10 * btt.One},
		{math.MaxInt64, 0, Trust},
		{100_000 * btt.One, 0, Trust},
		{1_000_000 * btt.One, 0, Trust},
		{1_000_000 * btt.One, 3000 * btt.One, 8000 * btt.One},
		{20_000 * btt.One, 3000 * btt.One, 4000 * btt.One},
	} {
		p := NewPayee(testKey(), Book{Cumulative: 3000 * btt.One, Due: 3000 * btt.One})
		p, _ = p.Step(epoch, Funded{c.free})
		p, _ = p.Step(epoch, Redeemed{c.redeemed})
		if got := p.ceiling(); got != c.want {
			t.Errorf("deposit %v, redeemed %v: trusted for %v, want %v", c.free, c.redeemed, got, c.want)
		}
	}
	for seed := range seeds(t) {
		w := newWorld(t, seed, cheats{drop: 0.002, deposit: btt.Amount(1+seed) * 20 * btt.One / 4}).run(600)
		if due, most := w.payee.Tally.Due(), w.deposit/Crowd; due > most {
			t.Fatalf("seed %d: served for %v, trusted for %v", seed, due, most)
		}
	}
}

// TestHonest: two honest ends with a few accidents go on to the end, and where
// there were none nothing is left unpaid.
func TestHonest(t *testing.T) {
	defaults, accidents := 0, 0
	for seed := range seeds(t) {
		w := newWorld(t, seed, roughly(0.0003)).run(4000)
		w.settle()
		defaults += w.facts[FactDefaulted]
		accidents += int(w.conn) - 1
		if w.payee.Book.Cumulative != w.payer.Book.Cumulative || w.payer.Book.Cumulative < w.payer.Book.Due {
			t.Fatalf("seed %d: held %v, promised %v, due %v: %v", seed, w.payee.Book.Cumulative, w.payer.Book.Cumulative, w.payer.Book.Due, w)
		}
		if w.payer.Book.Bytes < w.verified*9/10 {
			t.Fatalf("seed %d: only %d of %d bytes were sold: %v", seed, w.payer.Book.Bytes, w.verified, w)
		}
	}
	if defaults > 0 || accidents == 0 {
		t.Errorf("%d defaults in %d accidents", defaults, accidents)
	}
	t.Logf("%d accidents", accidents)
}

// TestKilled: a payer that is killed again and again, also with pieces that it paid
// ahead, loses the payee's trust and what it had not verified, but it never defaults;
// where it is let live it goes on at once and everything is paid.
func TestKilled(t *testing.T) {
	prepaid, lost := 0, 0
	for seed := range seeds(t) {
		rules := cheats{crash: [2]float64{0.001, 0.015}, drop: 0.002, reprice: 0.003}
		w := newWorld(t, seed, rules).run(1500)
		killed := w.verified
		w.crash, w.drop = [2]float64{}, 0
		w.run(1000)
		if w.facts[FactDefaulted] > 0 || !w.payee.Book.Until.IsZero() || !w.payer.Book.Until.IsZero() {
			t.Fatalf("seed %d: in back-off: %v", seed, w)
		}
		if n := w.verified - killed; n < 4*testPiece {
			t.Fatalf("seed %d: only %d bytes after the last kill: %v", seed, n, w)
		}
		w.settle()
		if w.payee.Book.Cumulative != w.payer.Book.Cumulative || w.payer.Book.Cumulative < w.payer.Book.Due {
			t.Fatalf("seed %d: held %v, promised %v, due %v: %v", seed, w.payee.Book.Cumulative, w.payer.Book.Cumulative, w.payer.Book.Due, w)
		}
		prepaid += w.prepays
		if w.payer.Book.Lost > 0 {
			lost++
		}
	}
	if prepaid == 0 || lost == 0 {
		t.Errorf("paid ahead %d times, lost something in %d worlds", prepaid, lost)
	}
	t.Logf("paid ahead %d times, lost something in %d worlds", prepaid, lost)
}

// TestRegrow: an address whose trust is gone gets it back by paying ahead, a byte for
// sixteen, and pays afterwards again when it has two pieces.
func TestRegrow(t *testing.T) {
	w := newWorld(t, 1, cheats{})
	w.payeeBook = Book{Repay: Regrow * LeastWindow}
	w.payee = NewPayee(testKey(), w.payeeBook)
	for w.prepays == 0 || w.payee.Conns[0].Quote.Prepay > 0 {
		if w.step(); w.served > 64*testPiece {
			t.Fatalf("still ahead, trust lacks %d: %v", w.payee.Book.Repay, w)
		}
		if most := (w.served + Regrow) / Regrow; w.payee.credit() > most+Slack {
			t.Fatalf("%d bytes of credit for %d that were served", w.payee.credit(), w.served)
		}
	}
	if least := Regrow * (2*testPiece - testPiece); w.served < int64(least) {
		t.Errorf("trusted again after %d bytes", w.served)
	}
}

// TestCaps: whatever the peer asks for, the user's cap holds, and it is used as far
// as whole pieces go.
func TestCaps(t *testing.T) {
	for seed := range seeds(t) {
		most := btt.Amount(seed+1) * btt.One / 2
		rules := roughly(0.001)
		rules.allow = most
		w := newWorld(t, seed, rules).run(800)
		if w.payer.Book.Cumulative > most || w.payerBook.Cumulative > most {
			t.Fatalf("seed %d: promised %v, allowed %v", seed, w.payer.Book.Cumulative, most)
		}
	}
}

// TestRising: what a record says was promised never falls, at either end.
func TestRising(t *testing.T) {
	for seed := range seeds(t) {
		var last [2]btt.Amount
		rules := roughly(0.005)
		rules.interrupt = 0.003
		rules.observe = func(w *world, payee bool, e Effect) {
			i := 0
			if payee {
				i = 1
			}
			if r, ok := e.(Record); ok && !w.dead {
				defer func() { last[i] = r.Book.Cumulative }()
				if r.Book.Cumulative < last[i] || r.Moved < 0 || r.Book.Cumulative-last[i] != r.Moved {
					t.Fatalf("seed %d: payee %v: from %v to %v, moved %v", seed, payee, last[i], r.Book.Cumulative, r.Moved)
				}
			}
		}
		// What was interrupted before its record is made again from the book on the disk.
		w := newWorld(t, seed, rules)
		for range 800 {
			last = [2]btt.Amount{w.payerBook.Cumulative, w.payeeBook.Cumulative}
			before := last
			w.step()
			if w.payerBook.Cumulative < before[0] || w.payeeBook.Cumulative < before[1] {
				t.Fatalf("seed %d: fell from %v", seed, before)
			}
		}
	}
}

func TestBackOff(t *testing.T) {
	hours := []int{1, 2, 4, 8, 16, 32, 64, 128, 168, 168, 168}
	p, now := NewPayee(testKey(), Book{}), epoch
	for i, n := range hours {
		w := time.Duration(n) * time.Hour
		if got := backOff(i + 1); got != w {
			t.Errorf("default %d: %v, want %v", i+1, got, w)
		}
		id := Conn(i + 1)
		p, _ = p.Step(now, Funded{maxSum})
		p, _ = p.Step(now, Opened{Conn: id, Torrent: Torrent{}, Piece: testPiece})
		p, _ = p.Step(now, Heard{Conn: id, Message: Bid{Price: 9}})
		p, _ = p.Step(now, Heard{Conn: id, Message: Pay{Cumulative: 1, Signature: [65]byte{1}}})
		if p.Good(now) || p.Good(now.Add(w-1)) || !p.Good(now.Add(w)) {
			t.Errorf("default %d: until %v", i+1, p.Book.Until.Sub(now))
		}
		q, out := p.Step(now.Add(w-1), Granted{id, 5, 1})
		if len(out) != 0 || q.Conns[len(q.Conns)-1].Phase != Defaulted {
			t.Errorf("default %d: sold to before the end: %v", i+1, out)
		}
		now = now.Add(w)
		if _, out = p.Step(now, Granted{id, 5, 1}); len(out) == 0 {
			t.Errorf("default %d: not sold to after the end", i+1)
		}
		p, _ = p.Step(now, Down{id})
	}
}

// TestCadence: pieces verified ten times a second are promised once a second, and
// at once when half of the window is unpaid, but not more often than the wire allows.
func TestCadence(t *testing.T) {
	p, now := NewPayer(testKey(), Book{}), epoch
	do := func(e Event) (pays int) {
		var out []Effect
		p, out = p.Step(now, e)
		for _, e := range out {
			if s, ok := e.(Send); ok {
				if _, ok := s.Message.(Pay); ok {
					pays++
				}
			}
		}
		return pays
	}
	do(Allowed{Amount: maxSum})
	do(Opened{Conn: 1, Torrent: Torrent{}, Piece: 64 << 10})
	do(Offer{1, Bid{Price: 100, Most: maxSum}})
	do(Heard{1, Quote{Price: 100, Number: 1, Increment: 1}, 0})
	pays, pos := 0, int64(0)
	for range 100 {
		now = now.Add(100 * time.Millisecond)
		pays += do(Verified{Conn: 1, Pos: pos, Bytes: 64 << 10})
		pos += 64 << 10
		do(Heard{1, Ack{p.Book.Cumulative}, pos})
	}
	if pays != 10 {
		t.Errorf("%d promises in 10 s", pays)
	}
	if n := do(Verified{Conn: 1, Pos: pos, Bytes: LeastWindow}); n != 1 {
		t.Errorf("%d promises for half of the window", n)
	}
	pays = 0
	for range 10_000 { // a window each millisecond
		now, pos = now.Add(time.Millisecond), pos+LeastWindow
		pays += do(Verified{Conn: 1, Pos: pos, Bytes: LeastWindow})
	}
	if most := 10 * int((10*time.Second+Burst)/time.Second); pays > most+1 || pays < most/2 {
		t.Errorf("%d promises in 10 s, however much is verified", pays)
	}
}

// TestRestart: in every phase, either end dies; after a new connection both hold
// the same promise and what was verified is paid.
func TestRestart(t *testing.T) {
	phases := map[string]int{}
	for seed := range seeds(t) {
		r := rand.New(rand.NewPCG(seed, 3))
		rules := cheats{drop: 0.004, reprice: 0.002}
		w := newWorld(t, seed, rules).run(r.IntN(600))
		if w.live {
			phases[fmt.Sprint("payee ", w.payee.Conns[0].Phase)]++
			phases[fmt.Sprint("payer ", w.payer.Conns[0].Phase)]++
		}
		payee := seed%2 == 0
		held, promised := w.payeeBook.Cumulative, w.payerBook.Cumulative
		w.restart(payee)
		w.drop = 0
		w.run(100)
		w.settle()
		if w.payee.Book.Cumulative < held || w.payee.Book.Cumulative < promised || w.payee.Book.Cumulative != w.payer.Book.Cumulative {
			t.Fatalf("seed %d: held %v, promised %v, now %v and %v: %v", seed, held, promised, w.payee.Book.Cumulative, w.payer.Book.Cumulative, w)
		}
	}
	for _, p := range []string{"payee authed", "payee quoted", "payee active", "payer authed", "payer quoted", "payer active"} {
		if phases[p] == 0 && !testing.Short() {
			t.Errorf("no restart in phase %s: %v", p, phases)
		}
	}
}

// TestFree: payload without a quote, after a choke, a stop or a refusal costs
// nothing at either end.
func TestFree(t *testing.T) {
	w := newWorld(t, 1, cheats{})
	free := func(why string) {
		t.Helper()
		w.settle()
		due, owed := w.payer.Tally.Due(), w.payee.Tally.Due()
		for range 3 * testPiece / Block {
			w.down = append(w.down, item{conn: w.conn, pos: w.sent, n: Block})
			w.sent += Block
			w.toPayee(Served{w.conn, w.sent})
			w.arrive()
		}
		w.settle()
		if w.payer.Tally.Due() != due || w.payee.Tally.Due() != owed {
			t.Errorf("%s: charged %v and %v", why, w.payer.Tally.Due()-due, w.payee.Tally.Due()-owed)
		}
	}
	w.command("connect", "")
	free("no bid")
	w.command("offer", "1000")
	free("no quote")
	for _, end := range []struct{ name, arg string }{{"choke", ""}, {"grant", "0"}, {"offer", "0"}} {
		w.command("offer", "1000")
		w.command("grant", "1000")
		w.command("flow", "")
		before := w.payee.Tally.Due()
		w.command("serve", "2M")
		if w.payee.Tally.Due() == before {
			t.Fatalf("%v: nothing was charged under the quote", end)
		}
		w.command("flow", "")
		w.command(end.name, end.arg)
		free(end.name)
	}
}

// TestValue: a step leaves the state it started from as it was.
func TestValue(t *testing.T) {
	for seed := range uint64(30) {
		w := newWorld(t, seed, roughly(0.002))
		for range 300 {
			w.step()
			payee, payer := w.payee, w.payer
			before := fmt.Sprintf("%+v %+v", payee, payer)
			for _, e := range []Event{
				Served{w.conn, w.sent + Block},
				Verified{Conn: w.conn, Pos: 0, Bytes: w.sent},
				Tick{},
				Down{w.conn},
				Choked{w.conn, w.sent},
				Granted{w.conn, 7, 1},
				Heard{w.conn, Stop{}, 0},
				Heard{w.conn, Quote{Price: 1, Number: 99}, 5},
			} {
				payee.Step(w.now.Add(time.Hour), e)
				payer.Step(w.now.Add(time.Hour), e)
			}
			if after := fmt.Sprintf("%+v %+v", payee, payer); after != before {
				t.Fatalf("seed %d: changed\n%s\nto\n%s", seed, before, after)
			}
		}
	}
}

func TestWorth(t *testing.T) {
	for _, c := range []struct {
		sum, fee btt.Amount
		permille int64
		want     bool
	}{
		{100, 5, 50, true},
		{100, 6, 50, false},
		{99, 5, 50, false},
		{0, 0, 50, false},
		{-1, -1, 50, false},
		{1, 0, 50, true},
		{math.MaxInt64, math.MaxInt64 / 100, 50, true},
		{math.MaxInt64, math.MaxInt64 / 10, 50, false},
	} {
		if got := Worth(c.sum, c.fee, c.permille); got != c.want {
			t.Errorf("Worth(%d, %d, %d) = %v", c.sum, c.fee, c.permille, got)
		}
	}
}

// TestUnpaid holds the tally against giving the debt back byte by byte, the dearest
// bytes first.
func TestUnpaid(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 2000 {
		var y Tally
		y.Base = btt.Amount(r.IntN(10))
		var bytes []btt.Amount
		for i := range 1 + r.IntN(4) {
			y.begin(Conn(i), btt.Rate(r.IntN(5))<<20, 0)
			y.Runs[i].count(int64(r.IntN(30)))
			for range y.Runs[i].Bytes {
				bytes = append(bytes, btt.Amount(y.Runs[i].Price>>20))
			}
		}
		slices.Sort(bytes)
		paid := y.Base + btt.Amount(r.IntN(200))
		want := int64(0)
		for debt := y.Due() - paid; debt > 0; want++ {
			last := len(bytes) - 1
			debt -= bytes[last]
			bytes = bytes[:last]
		}
		if got := y.Unpaid(paid); got != want {
			t.Fatalf("%+v, paid %d: %d bytes unpaid, want %d", y, paid, got, want)
		}
	}
}

func BenchmarkPayVerify(b *testing.B) {
	k := testKey()
	d, _ := k.digest(btt.Amount(b.N))
	sig, err := voucher.Sign(d, keyOf("payer"))
	if err != nil {
		b.Fatal(err)
	}
	p := NewPayee(k, Book{})
	p, _ = p.Step(epoch, Opened{Conn: 1, Torrent: Torrent{}, Piece: testPiece})
	b.ResetTimer()
	for range b.N {
		if q, _ := p.Step(epoch, Heard{Conn: 1, Message: Pay{Cumulative: btt.Amount(b.N), Signature: sig}}); q.Book.Cumulative == 0 {
			b.Fatal("not accepted")
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "vouchers/s")
}
