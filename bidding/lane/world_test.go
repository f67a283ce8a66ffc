package lane

import (
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// testPiece is the length of a piece, testChunk what is served at once.
const (
	testPiece = 1 << 20
	testChunk = 4 * Block
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func keyOf(name string) []byte {
	h := sha256.Sum256([]byte(name))
	return h[:]
}

func addressOf(name string) voucher.Address {
	a, err := voucher.AddressOf(keyOf(name))
	if err != nil {
		panic(err) //nolint:forbidigo // the hash of a name is a key
	}
	return a
}

func testKey() Key {
	return Key{Chain: 0x2b6653dc, Escrow: voucher.Address{9}, Payer: addressOf("payer"), Payee: addressOf("payee")}
}

// cheats is what an end does against the rules. The zero value is honest.
type cheats struct {
	mute      bool                                       // payer: never sends a promise
	pay       func(w *world, p Pay) Pay                  // payer: sends another promise
	garbage   bool                                       // payee: its data is wrong
	quote     func(w *world, q Quote) Quote              // payee: sends another quote
	need      func(w *world, n Need) Need                // payee: asks for more
	refuse    bool                                       // payer: refuses every price after it was served at it
	blame     bool                                       // payer acts on garbage
	crash     [2]float64                                 // how often payee and payer crash, per step
	drop      float64                                    // how often the connection is lost, per step
	jump      float64                                    // how often hours pass
	reprice   float64                                    // how often the price changes
	deposit   btt.Amount                                 // the payer's; 0 = enough
	allow     btt.Amount                                 // the user's cap; 0 = enough
	interrupt float64                                    // how often a crash falls between two effects
	observe   func(w *world, payee bool, effects Effect) // sees every effect
}

// item is one thing in the stream from payee to payer: a message or payload.
type item struct {
	msg  Message
	conn Conn
	pos  int64 // of its first byte
	n    int64 // payload
}

// world is one payer and one payee with what lies between them, on a virtual clock.
type world struct {
	t   testing.TB
	r   *rand.Rand
	now time.Time
	cheats
	ticked time.Time
	price  btt.Rate

	payee           Payee
	payer           Payer
	payeeBook       Book // what is on the disk
	payerBook       Book
	down            []item
	up              []Message
	conn            Conn
	live            bool
	sent, limit     int64
	partial         []item // of the piece that is being loaded
	partialN        int64
	last            Pay // the last promise made
	lastSig         [65]byte
	dead            bool // a crash fell between two effects
	died            bool // of the payee
	crashes         [2]int
	served          int64 // ground truth: bytes charged by the payee
	truth           []Run // the same by quote
	verified        int64 // ground truth: bytes the payer verified, charged or not
	facts           map[Fact]int
	maxPrepaid      btt.Amount
	stalls, prepays int
}

func newWorld(t testing.TB, seed uint64, c cheats) *world {
	w := &world{
		t: t, r: rand.New(rand.NewPCG(seed, 1)), now: epoch, cheats: c, price: 1_000_001, facts: map[Fact]int{},
	}
	if w.deposit == 0 {
		w.deposit = maxSum
	}
	if w.allow == 0 {
		w.allow = maxSum
	}
	w.payee, w.payer = NewPayee(testKey(), Book{}), NewPayer(testKey(), Book{})
	return w
}

// toPayee and toPayer let something happen at one end and do what follows of it.
func (w *world) toPayee(e Event) {
	if w.dead {
		return
	}
	before := w.payee.Book.Bytes
	var out []Effect
	w.payee, out = w.payee.Step(w.now, e)
	if n := w.payee.Book.Bytes - before; n > 0 {
		w.served += n
		w.truth[len(w.truth)-1].Bytes += n
	}
	w.check()
	for _, e := range out {
		if w.dead || w.interrupted(true) {
			return
		}
		if w.observe != nil {
			w.observe(w, true, e)
		}
		switch e := e.(type) {
		case Record:
			w.payeeBook = e.Book
		case Send:
			w.say(e.Message)
		case Place:
			m := e.At(w.sent)
			if q, ok := m.(Quote); ok {
				w.truth = append(w.truth, Run{Price: q.Price})
			}
			w.say(m)
			w.toPayee(Placed{e.Conn, m, w.sent})
		case Limit:
			w.limit = e.Pos
		case Tell:
			w.facts[e.Fact]++
		}
	}
}

func (w *world) say(m Message) {
	switch q := m.(type) {
	case Quote:
		if w.quote != nil {
			m = w.quote(w, q)
		}
	case Need:
		w.stalls++
		if w.need != nil {
			m = w.need(w, q)
		}
	}
	w.down = append(w.down, item{msg: m, pos: w.sent})
}

func (w *world) toPayer(e Event) {
	if w.dead {
		return
	}
	var out []Effect
	w.payer, out = w.payer.Step(w.now, e)
	w.check()
	for _, e := range out {
		if w.dead || w.interrupted(false) {
			return
		}
		if w.observe != nil {
			w.observe(w, false, e)
		}
		switch e := e.(type) {
		case Record:
			if e.Book.Cumulative < w.payerBook.Cumulative {
				w.t.Fatalf("a promise was taken back: %v after %v", e.Book.Cumulative, w.payerBook.Cumulative)
			}
			w.allow -= e.Moved
			w.payerBook = e.Book
		case Sign:
			if e.Voucher.Cumulative != w.payerBook.Cumulative {
				w.t.Fatalf("signs %v, recorded %v", e.Voucher.Cumulative, w.payerBook.Cumulative)
			}
			w.lastSig = w.sign("payer", testKey(), e.Voucher.Cumulative)
		case Send:
			m := e.Message
			if p, ok := m.(Pay); ok {
				p.Signature = w.lastSig
				if w.mute {
					continue
				}
				if w.pay != nil {
					p = w.pay(w, p)
				}
				m = p
			}
			w.up = append(w.up, m)
		case Tell:
			w.facts[e.Fact]++
		}
	}
}

func (w *world) sign(by string, k Key, sum btt.Amount) [65]byte {
	d, err := k.digest(sum)
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := voucher.Sign(d, keyOf(by))
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// check holds what is true at every moment.
func (w *world) check() {
	w.t.Helper()
	p, q := &w.payee, &w.payer
	if p.Book.Cumulative > q.Book.Cumulative && w.pay == nil {
		w.t.Fatalf("held %v, promised %v", p.Book.Cumulative, q.Book.Cumulative)
	}
	prepaid := q.Book.Cumulative - q.Tally.Due()
	w.maxPrepaid = max(w.maxPrepaid, prepaid)
	if most := cost(2_000_003, testPiece) + Slack; prepaid > most {
		w.t.Fatalf("promised %v more than was verified", prepaid)
	}
	if most := cost(2_000_003, testPiece) + Slack; q.Book.Lost > most*btt.Amount(w.crashes[1]) || q.Book.Lost > most*btt.Amount(w.verified/testPiece) {
		w.t.Fatalf("lost %v by %d crashes, %d bytes verified", q.Book.Lost, w.crashes[1], w.verified)
	}
	if q.Tally.Due() > cost(2_000_003, w.verified)+q.Book.Lost+btt.Amount(w.conn)*64 {
		w.t.Fatalf("due %v for %d verified bytes", q.Tally.Due(), w.verified)
	}
}

func (w *world) connect() {
	w.conn++
	w.live, w.sent, w.limit, w.down, w.up = true, 0, math.MaxInt64, nil, nil
	w.toPayee(Funded{w.deposit})
	w.toPayee(Opened{Conn: w.conn, Torrent: Torrent{1}, Piece: testPiece})
	w.toPayer(Allowed{Amount: w.allow})
	w.toPayer(Opened{Conn: w.conn, Torrent: Torrent{1}, Piece: testPiece})
	w.toPayer(Offer{w.conn, Bid{Price: 2_000_003, Most: w.allow}})
}

func (w *world) lost() {
	w.live = false
	w.toPayee(Down{w.conn})
	w.toPayer(Down{w.conn})
	w.down = nil // what was on its way; what has come is kept
}

// interrupted lets an end die now and then.
func (w *world) interrupted(payee bool) bool {
	if w.interrupt > 0 && w.r.Float64() < w.interrupt {
		w.dead, w.died = true, payee
	}
	return w.dead
}

func (w *world) restart(payee bool) {
	w.dead = false
	if payee {
		w.crashes[0]++
		w.payee = NewPayee(testKey(), w.payeeBook)
		w.toPayer(Down{w.conn})
	} else {
		w.crashes[1]++
		w.payer = NewPayer(testKey(), w.payerBook)
		w.toPayee(Down{w.conn})
		w.partial, w.partialN = nil, 0
	}
	w.live, w.dead = false, false
}

// step lets one thing happen.
func (w *world) step() {
	w.now = w.now.Add(20 * time.Millisecond)
	switch x := w.r.Float64(); {
	case w.dead:
		w.restart(w.died)
	case x < w.crash[0]:
		w.restart(true)
	case x < w.crash[0]+w.crash[1]:
		w.restart(false)
	case !w.live:
		w.connect()
	case x < w.crash[0]+w.crash[1]+w.drop:
		w.lost()
	case w.r.Float64() < w.jump:
		w.now = w.now.Add(time.Duration(w.r.IntN(10*3600)) * time.Second)
		w.lost()
	default:
		w.work()
	}
}

func (w *world) work() {
	w.toPayer(Allowed{Amount: w.allow})
	switch c := w.payee.Conns; {
	case len(c) == 0:
	case c[0].Phase == Authed && c[0].Bid.Price > 0:
		w.toPayee(Granted{w.conn, w.price, 1 << 20})
	case w.r.Float64() < w.reprice:
		w.price = btt.Rate(1 + w.r.IntN(2_000_003))
		w.toPayee(Granted{w.conn, w.price, 1 << 20})
	}
	if w.refuse && w.r.IntN(30) == 0 {
		w.up = append(w.up, Stop{ReasonPrice}, Bid{Price: 2_000_003})
	}
	if w.now.Sub(w.ticked) >= time.Second {
		w.ticked = w.now
		w.toPayee(Tick{})
		w.toPayer(Tick{})
		w.toPayer(Offer{w.conn, Bid{Price: 2_000_003, Most: w.allow}})
	}
	if n := min(int64(testChunk), w.limit-w.sent); n > 0 && w.r.IntN(4) > 0 && len(w.down) < 64 && w.live {
		w.down = append(w.down, item{conn: w.conn, pos: w.sent, n: n})
		w.sent += n
		w.toPayee(Served{w.conn, w.sent})
	}
	for range w.r.IntN(4) {
		w.arrive()
	}
	for range w.r.IntN(3) {
		if len(w.up) > 0 && w.live {
			m := w.up[0]
			w.up = w.up[1:]
			w.toPayee(Heard{Conn: w.conn, Message: m})
		}
	}
}

// arrive takes the next thing out of the stream at the payer.
func (w *world) arrive() {
	if len(w.down) == 0 || !w.live {
		return
	}
	it := w.down[0]
	w.down = w.down[1:]
	if it.msg != nil {
		if q, ok := it.msg.(Quote); ok && q.Prepay > 0 {
			w.prepays++
		}
		w.toPayer(Heard{w.conn, it.msg, it.pos})
		return
	}
	w.partial = append(w.partial, it)
	if w.partialN += it.n; w.partialN < testPiece {
		return
	}
	blocks := w.partial
	w.partial, w.partialN = nil, 0
	if w.garbage {
		if w.blame {
			w.toPayer(Corrupt{w.conn})
		}
		return
	}
	for i := 0; i < len(blocks) && !w.dead; { // neighbours are said together
		span := Verified{Conn: blocks[i].conn, Pos: blocks[i].pos}
		for ; i < len(blocks) && blocks[i].conn == span.Conn && blocks[i].pos == span.Pos+span.Bytes; i++ {
			span.Bytes += blocks[i].n
		}
		w.verified += span.Bytes
		w.toPayer(span)
	}
}

// settle lets everything arrive, without new payload.
func (w *world) settle() {
	if w.interrupt = 0; w.dead {
		w.restart(w.died)
	}
	if !w.live {
		w.connect()
	}
	for range 200 {
		w.now = w.now.Add(time.Second / 4)
		w.toPayer(Allowed{Amount: w.allow})
		w.toPayer(Tick{})
		for len(w.down)+len(w.up) > 0 {
			w.arrive()
			if len(w.up) > 0 {
				m := w.up[0]
				w.up = w.up[1:]
				w.toPayee(Heard{Conn: w.conn, Message: m})
			}
		}
	}
}

func (w *world) run(steps int) *world {
	for range steps {
		w.step()
	}
	return w
}

func (w *world) String() string {
	return fmt.Sprintf("served %d, verified %d, held %v, due %v, facts %v, crashes %v, stalls %d, prepays %d",
		w.served, w.verified, w.payee.Book.Cumulative, w.payer.Book.Due, w.facts, w.crashes, w.stalls, w.prepays)
}
