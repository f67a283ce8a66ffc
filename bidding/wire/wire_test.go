package wire

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

// TestRoundTrip: what Encode writes, Decode reads back unchanged.
func TestRoundTrip(t *testing.T) {
	for _, m := range samples() {
		b, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > MaxPayload {
			t.Errorf("%v has %d bytes", m.Type(), len(b))
		}
		if got, err := Decode(b); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%+v is written %q and read %+v, %v", m, b, got, err)
		}
	}
}

// TestEncode refuses what a peer would refuse.
func TestEncode(t *testing.T) {
	for _, m := range []Message{
		Hello{},
		Hello{Version: 1, Instruments: make([]Instrument, 1)},
		Hello{Version: 1, Instruments: make([]Instrument, 9)},
		Bid{Price: -1},
		Bid{Demand: -1},
		Bid{Most: -1},
		Quote{},
		Quote{Number: 1, Held: -1},
		Pay{Verified: -1},
		Ack{Cumulative: -1},
		Need{Grace: -time.Second},
		Need{Grace: MaxGrace + time.Second},
		Err{Text: strings.Repeat("x", MaxText+1)},
		Err{Text: "\xff"},
		Reserve{Price: -1},
		Netted{Number: -1},
		Netted{Number: 1, Total: 2, Proposed: 1},
		Netted{Number: 1, Total: -1},
	} {
		if b, err := Encode(m); !errors.Is(err, ErrKey) || b != nil {
			t.Errorf("%+v: %q, %v", m, b, err)
		}
	}
	if _, err := Encode(nil); !errors.Is(err, ErrType) {
		t.Errorf("nil: %v", err)
	}
}

// TestHelloFits: the largest Hello is shorter than MaxPayload.
func TestHelloFits(t *testing.T) {
	h := Hello{Version: 1<<63 - 1, Roles: 3}
	for range MaxInstruments {
		h.Instruments = append(h.Instruments, Instrument{Kind: Voucher, Chain: 1<<63 - 1})
	}
	if b, err := Encode(h); err != nil || len(b) > MaxPayload {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

// TestOwnMemory: a message does not change with the buffer that it was read from.
func TestOwnMemory(t *testing.T) {
	for _, m := range samples() {
		b, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(b)
		for i := range b {
			b[i] = 0
		}
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%+v became %+v", m, got)
		}
	}
}

// canonical checks one payload: if Decode takes it, Encode writes a payload that
// is read as the same message and is no longer, and is the same but for unknown
// keys.
func canonical(t *testing.T, b []byte) {
	t.Helper()
	m, err := Decode(b)
	if err != nil {
		if code, _ := CodeOf(err); code == 0 || m != nil {
			t.Fatalf("%q: %v, %v", b, m, err)
		}
		return
	}
	c, err := Encode(m)
	if err != nil || len(c) > len(b) {
		t.Fatalf("%q: encoded %q, %v", b, c, err)
	}
	if again, err := Decode(c); err != nil || !reflect.DeepEqual(again, m) {
		t.Fatalf("%q: %+v, after encoding %+v, %v", b, m, again, err)
	}
	if len(c) == len(b) && m.Type() != TypeHello && string(c) != string(b) {
		t.Fatalf("%q is also %q", b, c)
	}
}

// TestCanonical changes valid payloads at random.
func TestCanonical(t *testing.T) {
	var all [][]byte
	for _, m := range samples() {
		b, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	for seed := range uint64(200_000) {
		r := rand.New(rand.NewPCG(seed, 3))
		b := append([]byte(nil), all[r.IntN(len(all))]...)
		for range 1 + r.IntN(3) {
			i := r.IntN(len(b))
			switch r.IntN(3) {
			case 0:
				b[i] = "0123456789:deilnprstvwxy"[r.IntN(24)]
			case 1:
				b = append(b[:i], b[i+1:]...)
			default:
				b = append(b[:i], append([]byte{"0123456789:deil"[r.IntN(15)]}, b[i:]...)...)
			}
		}
		canonical(t, b)
	}
}

func FuzzDecode(f *testing.F) {
	for _, m := range samples() {
		b, err := Encode(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, m := range malformed() {
		f.Add([]byte(m.payload))
	}
	f.Fuzz(canonical)
}

// TestLimits: a hostile payload costs little. The worst are many small values.
func TestLimits(t *testing.T) {
	for _, payload := range []string{
		"d1:z" + "l" + strings.Repeat("i0e", 650) + "ee",
		"d1:z" + "l" + strings.Repeat("le", 1000) + "ee",
		strings.Repeat("d1:a", 500),
		strings.Repeat("l", MaxPayload),
		strings.Repeat("9", MaxPayload),
		"i" + strings.Repeat("9", MaxPayload-1),
	} {
		b := []byte(payload)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Decode(b); err == nil {
			t.Errorf("%.20q passes", payload)
		}
		runtime.ReadMemStats(&after)
		n := after.TotalAlloc - before.TotalAlloc
		if n > 300*MaxPayload {
			t.Errorf("%.20q: %d bytes allocated for %d", payload, n, len(b))
		}
	}
}

func TestCodeOf(t *testing.T) {
	for want, err := range []error{errors.New("other"), ErrType, ErrSyntax, ErrKey, ErrLong, ErrFlood, ErrTurn} {
		if c, ends := CodeOf(fmt.Errorf("read: %w", err)); int(c) != want || ends != (want > 1) {
			t.Errorf("%v: code %d, ends %v", err, c, ends)
		}
	}
}

// TestLimiter holds the limiter against a list of all arrivals.
func TestLimiter(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 4))
		var l Limiter
		var passed []int64 // seconds
		now := time.Unix(1_700_000_000, 0)
		refused := 0
		for range 3000 {
			switch r.IntN(100) {
			case 0:
				now = now.Add(time.Duration(r.IntN(30)) * time.Second)
			case 1:
				now = now.Add(-time.Duration(r.IntN(3)) * time.Second)
			default:
				now = now.Add(time.Duration(r.IntN(80)) * time.Millisecond)
			}
			clock := now.Unix()
			if n := len(passed); n > 0 {
				clock = max(clock, passed[n-1])
			}
			recent := 0
			for _, s := range passed {
				if s > clock-10 {
					recent++
				}
			}
			next, ok := l.Take(now)
			if ok != (recent < 200) {
				t.Fatalf("seed %d: %d in the last 10 s, passed %v", seed, recent, ok)
			}
			if l = next; ok {
				passed = append(passed, clock)
			} else {
				refused++
			}
		}
		if refused == 0 {
			t.Errorf("seed %d: nothing was refused", seed)
		}
	}
}

// TestSteady: 20 a second pass for ever, 21 do not.
func TestSteady(t *testing.T) {
	for rate, want := range map[int]bool{20: true, 21: false} {
		var l Limiter
		ok := true
		for i := range rate * 60 {
			var now bool
			l, now = l.Take(time.Unix(100+int64(i/rate), 0))
			ok = ok && now
		}
		if ok != want {
			t.Errorf("%d a second: %v", rate, ok)
		}
	}
}

// TestQuoteKeys guards against two keys of one message being swapped.
func TestQuoteKeys(t *testing.T) {
	b := "d1:ci1e1:di2e1:gi3e1:ki4e1:pi5e1:qi6e1:ti3e1:wi7e1:yi8ee"
	want := Quote{Held: 1, Rate: 2, Increment: 3, Number: 4, Price: btt.Rate(5), Prepay: 6, Window: 7, Served: 8}
	if got, err := Decode([]byte(b)); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

func BenchmarkDecode(b *testing.B) {
	q, err := Encode(samples()[6])
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(q); err != nil {
			b.Fatal(err)
		}
	}
}
