package lane

import (
	"encoding/binary"
	"math"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

// tape turns bytes into events.
type tape struct{ b []byte }

func (t *tape) byte() byte {
	if len(t.b) == 0 {
		return 0
	}
	c := t.b[0]
	t.b = t.b[1:]
	return c
}

// number returns a small number, a large one, or one at the edge.
func (t *tape) number() int64 {
	switch c := t.byte(); {
	case c < 100:
		return int64(c) * Block
	case c < 200:
		return int64(c)
	case c < 210:
		return math.MaxInt64 - int64(c)
	case c < 215:
		return -int64(c)
	}
	var w [8]byte
	for i := range w {
		w[i] = t.byte()
	}
	return int64(binary.LittleEndian.Uint64(w[:]) >> 1)
}

func (t *tape) message(sign func(btt.Amount) [65]byte) Message {
	switch t.byte() % 10 {
	case 0:
		return Bid{btt.Rate(t.number()), t.number(), btt.Amount(t.number())}
	case 1:
		return Quote{
			Price: btt.Rate(t.number()), Number: t.number(), Window: t.number(), Prepay: t.number(),
			Increment: btt.Amount(t.number()), Served: t.number(), Held: btt.Amount(t.number()),
		}
	case 2:
		p := Pay{Cumulative: btt.Amount(t.number())}
		if t.byte()%4 > 0 && p.Cumulative >= 0 {
			p.Signature = sign(p.Cumulative)
		}
		return p
	case 3:
		return Ack{btt.Amount(t.number())}
	case 4:
		return Need{btt.Amount(t.number()), Grace}
	case 5:
		return Settled{Amount: btt.Amount(t.number()), Off: btt.Amount(t.number())}
	case 6:
		return Auth{}
	case 7:
		return Greeting{}
	case 8:
		return t.netted()
	}
	return Stop{Reason(t.byte())}
}

func (t *tape) event(sign func(btt.Amount) [65]byte) Event {
	c := Conn(t.byte() % 3)
	switch t.byte() % 24 {
	case 0:
		return Opened{Conn: c, Torrent: Torrent{}, Piece: t.number()}
	case 1:
		return Choked{c, t.number()}
	case 2:
		return Down{c}
	case 3:
		return Tick{}
	case 4:
		return Against{btt.Amount(t.number())}
	case 5:
		return Granted{c, btt.Rate(t.number()), t.number()}
	case 6:
		return Placed{c, t.message(sign), t.number()}
	case 7:
		return Funded{btt.Amount(t.number())}
	case 8:
		return Redeemed{btt.Amount(t.number())}
	case 9:
		return Final{[32]byte{}, btt.Amount(t.number()), btt.Amount(t.number())}
	case 10:
		return Offer{c, Bid{btt.Rate(t.number()), t.number(), btt.Amount(t.number())}}
	case 11:
		return Corrupt{c}
	case 12:
		return Allowed{btt.Amount(t.number()), btt.Amount(t.number())}
	case 13:
		return Transferred{[32]byte{}, btt.Amount(t.number())}
	case 21:
		return Claim{c, [32]byte{}, btt.Amount(t.number())}
	case 22:
		return Held{c}
	case 23:
		return Nets{btt.Amount(t.number()), btt.Amount(t.number())}
	case 20:
		return SetOff{btt.Amount(t.number()), btt.Amount(t.number())}
	case 14, 15:
		return Served{c, t.number()}
	case 16, 17:
		return Verified{Conn: c, Pos: t.number(), Bytes: t.number()}
	}
	return Heard{c, t.message(sign), t.number()}
}

func (t *tape) netted() Netted {
	return Netted{t.number(), btt.Amount(t.number()), btt.Amount(t.number())}
}

// FuzzPair lets anything happen to a pair: nothing panics, what is set off is the same in
// both lanes, never falls, and is never more than both lanes had due, or was proposed.
func FuzzPair(f *testing.F) {
	f.Add([]byte("\x01\x00\x40\x01\x01\x07\xff\x01\x12\x00\x60\x01\x05\x60\x01\x06\x01\x01\x0e\x50\x01\x10\x01\x40\xf0\x01\x64\x64\xf8"), false)
	f.Add([]byte("pack my box with five dozen liquor jugs, then set off what you owe me for them"), true)
	f.Fuzz(func(t *testing.T, b []byte, proposes bool) {
		k := testKey()
		if (Net{Pay: k}).proposes() != proposes {
			k = k.Back()
		}
		w := &world{t: t}
		sign := func(a btt.Amount) [65]byte { return w.sign("payer", k, a) }
		in, now := tape{b[:min(len(b), 4096)]}, epoch
		p := newPair(k, NetBook{}, Book{}, Book{})
		for len(in.b) > 0 {
			now = now.Add(time.Duration(in.byte()) * 100 * time.Millisecond)
			before, most := p.Net.Book, max(p.Pay.owes(), 0)
			var out Outcome
			switch c := in.byte(); {
			case c < 64:
				p, out = p.Hear(now, Conn(c%3), in.netted())
			case c < 72:
				p, out = p.Ask(now, Conn(c%3))
			case c < 76:
				p, out = p.Opened(now, Conn(c%3))
			case c < 80:
				p, out = p.Tick(now)
			case c < 168:
				p.Pay, _ = p.Pay.Step(now, p.Net.Nets(now, p.Paid))
				p.Pay, _ = p.Pay.Step(now, alone(in.event(sign)))
			default:
				p.Paid, _ = p.Paid.Step(now, alone(in.event(sign)))
			}
			n := p.Net.Book
			off := n.Total - before.Total
			if off < 0 || n.Offered < n.Total || n.Number < before.Number || p.Pay.Book.Off != n.Total || p.Paid.Book.Off != n.Total {
				t.Fatalf("%+v after %+v, lanes %v and %v", n, before, p.Pay.Book.Off, p.Paid.Book.Off)
			}
			if proposes && off > before.Offered-before.Total || !proposes && off > most {
				t.Fatalf("set off %v of %+v, due %v", off, before, most)
			}
			if n != before && (len(out.Net) == 0 || out.Net[0].(RecordNet).Book != n) {
				t.Fatalf("%+v after %+v is not recorded first: %+v", n, before, out.Net)
			}
			if p.Paid.Book.Repay < 0 || p.Paid.Book.Lost < 0 || p.Paid.Tally.Base < 0 || p.Paid.credit() < 0 || p.Pay.Allowed < 0 || p.Pay.Book.Off < 0 {
				t.Fatalf("%+v", p)
			}
		}
	})
}

// alone is an event that a lane is told apart from its pair.
func alone(e Event) Event {
	if _, ok := e.(SetOff); ok {
		return Tick{}
	}
	return e
}

// FuzzLane lets anything happen in any order: nothing panics, no figure is
// negative, and what is promised neither falls nor passes what was allowed or
// verified.
func FuzzLane(f *testing.F) {
	f.Add([]byte("\x01\x00\x40\x01\x07\xff\x01\x12\x00\x60\x01\x05\x60\x01\x06\x01\x01\x0e\x50\x01\x10\x01\x40"), false)
	f.Add([]byte("the quick brown fox jumps over the lazy dog, 0123456789, and back again it went"), true)
	f.Fuzz(func(t *testing.T, b []byte, direct bool) {
		k := testKey()
		if direct {
			k.Escrow = [20]byte{}
		}
		w := &world{t: t}
		sign := func(a btt.Amount) [65]byte { return w.sign("payer", k, a) }
		in := tape{b[:min(len(b), 4096)]}
		p, q, now := NewPayee(k, Book{}), NewPayer(k, Book{}), epoch
		for len(in.b) > 0 {
			now = now.Add(time.Duration(in.byte()) * 100 * time.Millisecond)
			e := in.event(sign)
			held, promised, allowed, verified := p.Book.Cumulative, q.Book.Cumulative, q.Allowed, q.Book.Bytes
			var out []Effect
			p, out = p.Step(now, e)
			for i := 0; i < len(out) && i < 100; i++ {
				if place, ok := out[i].(Place); ok {
					var more []Effect
					p, more = p.Step(now, Placed{place.Conn, place.At(place.sent), place.sent})
					out = append(out, more...)
				}
			}
			q, _ = q.Step(now, e)
			if _, ok := e.(Allowed); ok {
				allowed = q.Allowed
			}
			moved := q.Book.Cumulative - promised
			if !direct && moved > max(allowed, 0) || moved < 0 || p.Book.Cumulative < held {
				t.Fatalf("%+v: promised %v more, allowed %v; held %v after %v", e, moved, allowed, p.Book.Cumulative, held)
			}
			if q.Book.Bytes < verified || p.Exposure() < 0 || p.Tally.Due() < 0 || q.Tally.Due() < 0 || p.Book.Repay < 0 || p.Book.Lost < 0 ||
				q.Allowed < 0 || p.Tally.Base < 0 || p.credit() < 0 || len(p.Tally.Runs) > 2*maxRuns || len(q.Tally.Runs) > 2*maxRuns {
				t.Fatalf("%+v: %+v %+v", e, p, q)
			}
			if p.Tally.Base > p.Book.Cumulative && len(p.Tally.Runs) > 0 && p.Book.Cumulative > p.Tally.Due() {
				t.Fatalf("%+v: base %v, held %v, due %v", e, p.Tally.Base, p.Book.Cumulative, p.Tally.Due())
			}
		}
	})
}
