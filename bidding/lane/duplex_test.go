package lane

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// tricks is what the second end of a duplex does against the rules, and what happens to
// both. The zero value is two honest ends and no accidents.
type tricks struct {
	mute    bool                                             // never sends a promise
	net     func(w *duplex, s *station, m Netted) []Netted   // sends others about setting off
	need    func(n Need) Need                                // asks for more
	forget  bool                                             // forgets with each crash what was set off
	gross   float64                                          // how often a connection is without setting off
	crash   float64                                          // how often each end crashes, per step
	drop    float64                                          // how often the connection is lost
	jump    float64                                          // how often hours pass
	reprice float64                                          // how often a price changes
	cut     float64                                          // how often a crash falls between two effects
	oneway  bool                                             // the second end loads nothing
	observe func(w *duplex, s *station, paid bool, e Effect) // sees every effect
}

// station is one end of a duplex: both lanes, what of them is on the disk, and what is
// on its way to it.
type station struct {
	name     string
	pair     Pair
	pay      Book // on the disk, as all three
	paid     Book
	net      NetBook
	in       []item
	late     []Netted // messages that it keeps back (a trick)
	sent     int64
	limit    int64
	price    btt.Rate
	share    int // of 8 turns in which it serves
	partial  []item
	partialN int64
	sig      [65]byte
	verified int64 // ground truth: bytes it verified
	truth    []Run // ground truth: bytes it charged, by quote
	vouchers int
	netted   int
	crashes  int
	loan     btt.Amount // ground truth: promised and set off beyond what it verified, at most
	facts    map[Fact]int
}

// duplex is two ends that load from each other, on a virtual clock.
type duplex struct {
	t   testing.TB
	r   *rand.Rand
	now time.Time
	tricks
	ends  [2]*station
	conn  Conn
	nets  bool // on the connection
	live  bool
	dying *station // a crash fell between two effects of it
}

const duplexBid = 2_000_003

func newDuplex(t testing.TB, seed uint64, c tricks) *duplex {
	w := &duplex{t: t, r: rand.New(rand.NewPCG(seed, 9)), now: epoch, tricks: c}
	names := [2]string{"payer", "payee"}
	if seed%2 == 1 { // the other one proposes
		names = [2]string{"payee", "payer"}
	}
	for i, name := range names {
		w.ends[i] = &station{name: name, price: 1_000_001, share: 1 + w.r.IntN(8), facts: map[Fact]int{}}
	}
	for i, s := range w.ends {
		s.pair = newPair(Key{Chain: 0x2b6653dc, Escrow: voucher.Address{9}, Payer: addressOf(s.name), Payee: addressOf(w.ends[1-i].name)}, s.net, s.pay, s.paid)
	}
	return w
}

// newPair reads a pair from the disk, where what is set off is kept once.
func newPair(k Key, n NetBook, pay, paid Book) Pair {
	pay.Off, paid.Off = n.Total, n.Total
	return Pair{NewNet(k, n), NewPayer(k, pay), NewPayee(k.Back(), paid)}
}

func (w *duplex) other(s *station) *station {
	if s == w.ends[0] {
		return w.ends[1]
	}
	return w.ends[0]
}

func (w *duplex) liar(s *station) bool { return s == w.ends[1] }

// step lets something happen in one lane of an end.
func (w *duplex) step(s *station, paid bool, e Event) {
	if w.dying != nil {
		return
	}
	var out []Effect
	if paid {
		before := s.pair.Paid.Book.Bytes
		s.pair.Paid, out = s.pair.Paid.Step(w.now, e)
		if n := s.pair.Paid.Book.Bytes - before; n > 0 {
			s.truth[len(s.truth)-1].Bytes += n
		}
	} else {
		w.before(s)
		s.pair.Pay, out = s.pair.Pay.Step(w.now, e)
	}
	w.all(s, paid, out)
}

// before says what the payer has to know first.
func (w *duplex) before(s *station) {
	for _, e := range []Event{Allowed{Amount: maxSum}, s.pair.Net.Nets(w.now, s.pair.Paid)} {
		s.pair.Pay, _ = s.pair.Pay.Step(w.now, e)
	}
}

// settled lets both lanes of an end take a step together.
func (w *duplex) settled(s *station, f func(Pair) (Pair, Outcome)) {
	if w.dying != nil {
		return
	}
	w.before(s)
	var out Outcome
	s.pair, out = f(s.pair)
	w.all(s, false, out.Net)
	w.all(s, false, out.Pay)
	w.all(s, true, out.Paid)
}

func (w *duplex) all(s *station, paid bool, out []Effect) {
	for _, e := range out {
		if w.dying == nil && w.cut > 0 && w.r.Float64() < w.cut {
			w.dying = s
		}
		if w.dying != nil {
			return
		}
		w.do(s, paid, e)
	}
	w.check(s)
}

func (w *duplex) do(s *station, paid bool, e Effect) {
	if w.observe != nil {
		w.observe(w, s, paid, e)
	}
	switch e := e.(type) {
	case Record:
		if paid {
			s.paid = e.Book
		} else {
			s.pay = e.Book
		}
	case RecordNet:
		w.recorded(s, e)
	case Sign:
		d, err := s.pair.Net.Pay.digest(e.Voucher.Cumulative)
		if err == nil {
			s.sig, err = voucher.Sign(d, keyOf(s.name))
		}
		if err != nil {
			w.t.Fatal(err)
		}
	case Send:
		w.send(s, e)
	case Place:
		w.place(s, e)
	case Limit:
		s.limit = e.Pos
	case Ask:
		w.settled(s, func(p Pair) (Pair, Outcome) { return p.Ask(w.now, e.Conn) })
	case Tell:
		s.facts[e.Fact]++
	}
}

// recorded holds a record of what is set off against the one before.
func (w *duplex) recorded(s *station, e RecordNet) {
	if e.Book.Total < s.net.Total || e.Book.Number < s.net.Number || e.Book.Offered < e.Book.Total || e.Moved != e.Book.Total-s.net.Total ||
		e.Book.Number == s.net.Number && e.Book.Total > s.net.Offered {
		w.t.Fatalf("%s: records %+v after %+v", s.name, e, s.net)
	}
	if s.net = e.Book; e.Moved == 0 {
		return
	}
	if e.Pay.Book.Off != e.Book.Total || e.Paid.Book.Off != e.Book.Total || e.Pay.Moved != 0 || e.Paid.Moved != 0 {
		w.t.Fatalf("%s: records %+v", s.name, e)
	}
	s.pay, s.paid = e.Pay.Book, e.Paid.Book
	s.netted++
}

func (w *duplex) send(s *station, e Send) {
	switch m := e.Message.(type) {
	case Pay:
		if s.vouchers++; w.mute && w.liar(s) {
			return
		}
		m.Signature = s.sig
		e.Message = m
	case Stop: // it ends the sale too
		w.place(s, Place{Conn: e.Conn, Message: m})
		return
	case Need:
		if w.need != nil && w.liar(s) {
			e.Message = w.need(m)
		}
	case Netted:
		if m.Number != s.net.Number && s.pair.Net.proposes() || m.Total != s.net.Total {
			w.t.Fatalf("%s says %+v, has %+v on the disk", s.name, m, s.net)
		}
		if w.net != nil && w.liar(s) {
			for _, m := range w.net(w, s, m) {
				w.put(s, m)
			}
			return
		}
	}
	w.put(s, e.Message)
}

// put puts a message into the stream of an end.
func (w *duplex) put(s *station, m Message) {
	to := w.other(s)
	to.in = append(to.in, item{msg: m, pos: s.sent})
}

func (w *duplex) place(s *station, e Place) {
	placed := Placed{e.Conn, e.At(s.sent), s.sent}
	if q, ok := placed.Message.(Quote); ok {
		s.truth = append(s.truth, Run{Price: q.Price})
	}
	w.put(s, placed.Message)
	w.step(s, true, placed)
	if _, ok := placed.Message.(Stop); ok {
		w.step(s, false, placed)
	}
}

// check holds what is true at every moment, whatever the other end does.
func (w *duplex) check(s *station) {
	w.t.Helper()
	p := &s.pair.Pay
	due := p.Tally.Due()
	if due > cost(duplexBid, s.verified)+btt.Amount(w.conn)*64 {
		w.t.Fatalf("%s: due %v for %d verified bytes", s.name, due, s.verified)
	}
	ahead := p.Book.paid() - due
	if s.loan = max(s.loan, ahead); p.Book.Cumulative > due+cost(duplexBid, testPiece)+Slack {
		w.t.Fatalf("%s: promised %v, due %v", s.name, p.Book.Cumulative, due)
	}
	if p.Book.Off != s.pair.Net.Book.Total || s.pair.Paid.Book.Off != p.Book.Off {
		w.t.Fatalf("%s: set off %v, lanes %v and %v", s.name, s.pair.Net.Book.Total, p.Book.Off, s.pair.Paid.Book.Off)
	}
	if n := s.pair.Paid.Exposure(); n > Window(testPiece)+Block { // bytes of several prices are rounded up
		w.t.Fatalf("%s: %d bytes unpaid", s.name, n)
	}
	if a, b := w.ends[0].net, w.ends[1].net; w.net == nil && !w.forget {
		if !w.ends[0].pair.Net.proposes() {
			a, b = b, a
		}
		if a.Total > b.Total || b.Total > a.Offered || b.Number > a.Number {
			w.t.Fatalf("one has %+v, the other %+v", a, b)
		}
	}
}

func (w *duplex) connect() {
	w.conn++
	w.live, w.nets = true, w.r.Float64() >= w.gross
	for _, s := range w.ends {
		s.in, s.late, s.sent, s.limit = nil, nil, 0, math.MaxInt64
	}
	for _, s := range w.ends {
		opened := Opened{Conn: w.conn, Torrent: Torrent{1}, Piece: testPiece, Nets: w.nets}
		w.step(s, true, Funded{maxSum})
		w.step(s, true, opened)
		w.step(s, false, opened)
		if w.nets {
			w.settled(s, func(p Pair) (Pair, Outcome) { return p.Opened(w.now, w.conn) })
		}
		w.offer(s)
	}
}

func (w *duplex) offer(s *station) {
	if !w.oneway || !w.liar(s) {
		w.step(s, false, Offer{w.conn, Bid{Price: duplexBid, Most: maxSum}})
	}
}

func (w *duplex) lost() {
	w.live = false
	for _, s := range w.ends {
		w.step(s, true, Down{w.conn})
		w.step(s, false, Down{w.conn})
		s.in = nil
	}
}

func (w *duplex) restart(s *station) {
	w.dying = nil
	s.crashes++
	if w.forget && w.liar(s) {
		s.net = NetBook{}
	}
	s.pair = newPair(s.pair.Net.Pay, s.net, s.pay, s.paid)
	s.partial, s.partialN = nil, 0
	o := w.other(s)
	w.step(o, true, Down{w.conn})
	w.step(o, false, Down{w.conn})
	w.live, w.dying = false, nil
}

// turn lets one thing happen.
func (w *duplex) turn() {
	w.now = w.now.Add(20 * time.Millisecond)
	switch x := w.r.Float64(); {
	case w.dying != nil:
		w.restart(w.dying)
	case x < 2*w.crash:
		w.restart(w.ends[w.r.IntN(2)])
	case !w.live:
		w.connect()
	case x < 2*w.crash+w.drop:
		w.lost()
	case w.r.Float64() < w.jump:
		w.now = w.now.Add(time.Duration(w.r.IntN(10*3600)) * time.Second)
		w.lost()
	default:
		for _, s := range w.ends {
			w.work(s)
		}
	}
}

func (w *duplex) work(s *station) {
	if !w.live || w.dying != nil {
		return
	}
	switch c := s.pair.Paid.Conns; {
	case len(c) == 0:
	case c[0].Phase == Authed && c[0].Bid.Price > 0:
		w.step(s, true, Granted{w.conn, s.price, 1 << 20})
	case w.r.Float64() < w.reprice:
		s.price = btt.Rate(1 + w.r.IntN(duplexBid))
		w.step(s, true, Granted{w.conn, s.price, 1 << 20})
	}
	if w.r.IntN(40) == 0 {
		w.tick(s)
		w.offer(s)
		for _, m := range s.late {
			w.put(s, m)
		}
		s.late = nil
	}
	o := w.other(s)
	if n := min(int64(testChunk), s.limit-s.sent); n > 0 && w.r.IntN(8) < s.share && len(o.in) < 64 {
		o.in = append(o.in, item{conn: w.conn, pos: s.sent, n: n})
		s.sent += n
		w.step(s, true, Served{w.conn, s.sent})
	}
	for range w.r.IntN(5) {
		w.arrive(s)
	}
}

func (w *duplex) tick(s *station) {
	w.step(s, true, Tick{})
	w.step(s, false, Tick{})
	w.settled(s, func(p Pair) (Pair, Outcome) { return p.Tick(w.now) })
}

// arrive takes the next thing out of the stream to an end.
func (w *duplex) arrive(s *station) {
	if len(s.in) == 0 || !w.live || w.dying != nil {
		return
	}
	it := s.in[0]
	s.in = s.in[1:]
	if it.msg != nil {
		w.heard(s, it)
		return
	}
	s.partial = append(s.partial, it)
	if s.partialN += it.n; s.partialN < testPiece {
		return
	}
	blocks := s.partial
	s.partial, s.partialN = nil, 0
	for i := 0; i < len(blocks) && w.dying == nil; {
		span := Verified{Conn: blocks[i].conn, Pos: blocks[i].pos, Bytes: 0}
		for ; i < len(blocks) && blocks[i].conn == span.Conn && blocks[i].pos == span.Pos+span.Bytes; i++ {
			span.Bytes += blocks[i].n
		}
		s.verified += span.Bytes
		w.step(s, false, span)
	}
}

func (w *duplex) heard(s *station, it item) {
	e := Heard{w.conn, it.msg, it.pos}
	switch m := it.msg.(type) {
	case Netted:
		if w.nets {
			w.settled(s, func(p Pair) (Pair, Outcome) { return p.Hear(w.now, w.conn, m) })
		}
	case Bid, Pay:
		w.step(s, true, e)
	case Stop:
		w.step(s, true, e)
		w.step(s, false, e)
	default:
		w.step(s, false, e)
	}
}

// settle lets everything arrive, without new payload and accidents.
func (w *duplex) settle() {
	w.cut, w.gross = 0, 0
	if w.dying != nil {
		w.restart(w.dying)
	}
	for range 200 {
		if !w.live {
			w.connect()
		}
		w.now = w.now.Add(time.Second / 4)
		for _, s := range w.ends {
			w.tick(s)
			w.offer(s)
		}
		for len(w.ends[0].in)+len(w.ends[1].in) > 0 {
			w.arrive(w.ends[0])
			w.arrive(w.ends[1])
		}
	}
}

// finish serves on until both are at the end of a piece, as far as they serve.
func (w *duplex) finish() {
	for range 2000 {
		done := true
		for _, s := range w.ends {
			o := w.other(s)
			if o.partialN > 0 && s.limit-s.sent >= Block && len(o.in) == 0 {
				o.in = append(o.in, item{conn: w.conn, pos: s.sent, n: Block})
				s.sent += Block
				w.step(s, true, Served{w.conn, s.sent})
			}
			done = done && o.partialN == 0 && len(o.in) == 0
			w.arrive(o)
		}
		if done {
			return
		}
		w.now = w.now.Add(20 * time.Millisecond)
		w.tick(w.ends[0])
		w.tick(w.ends[1])
	}
}

func (w *duplex) run(turns int) *duplex {
	for range turns {
		w.turn()
	}
	return w
}

func (w *duplex) String() string {
	text := ""
	for _, s := range w.ends {
		text += fmt.Sprintf("\n%s: verified %d, due %v, promised %v, set off %v in %d of %+v, held %v of %v, vouchers %d, crashes %d, facts %v",
			s.name, s.verified, s.pair.Pay.Book.Due, s.pair.Pay.Book.Cumulative, s.pair.Pay.Book.Off, s.netted, s.net,
			s.pair.Paid.Book.Cumulative, s.pair.Paid.Tally.Due(), s.vouchers, s.crashes, s.facts)
	}
	return text
}
