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
	switch t.byte() % 9 {
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
	}
	return Stop{Reason(t.byte())}
}

func (t *tape) event(sign func(btt.Amount) [65]byte) Event {
	c := Conn(t.byte() % 3)
	switch t.byte() % 23 {
	case 0:
		return Opened{c, Torrent{}, t.number()}
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
	case 20:
		return SetOff{btt.Amount(t.number())}
	case 14, 15:
		return Served{c, t.number()}
	case 16, 17:
		return Verified{Conn: c, Pos: t.number(), Bytes: t.number()}
	}
	return Heard{c, t.message(sign), t.number()}
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
