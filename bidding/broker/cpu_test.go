//go:build unix

package broker

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
)

// processor is the processor time that this process has used.
func processor(t testing.TB) time.Duration {
	t.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkTwelvePayees pays twelve payees for a MiB a second each, which is 100
// Mbit/s, in pieces of a MiB, for a minute: what recording, signing and saying takes of
// a processor. The aim is a hundredth. Smaller pieces are dearer, for each is a record:
// in a crash nothing that is owed may be forgotten.
func BenchmarkTwelvePayees(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(100*payTwelve(b), "%cpu")
	}
}

// TestTwelvePayees: each of twelve payees gets a promise for every second.
func TestTwelvePayees(t *testing.T) { payTwelve(t) }

// payTwelve returns the part of a processor that it took.
func payTwelve(t testing.TB) (share float64) {
	t.Helper()
	const payees, seconds, piece = 12, 60, 1 << 20
	d := newDesk(t, t.TempDir(), "a", bothConfig("a"))
	for k := range bidding.PeerKey(payees) {
		d.meet(k+1, fmt.Sprint("payee ", k), 1)
		if err := d.offer(t.Context(), d.now, k+1, offered{bid: lane.Bid{Price: testPrice}}); err != nil {
			t.Fatal(err)
		}
		d.hear(k+1, wire.Quote{Price: testPrice, Number: 1, Increment: 1, Window: lane.LeastWindow})
	}
	before := processor(t)
	for s := range int64(seconds) {
		d.now = d.now.Add(time.Second)
		for k := range bidding.PeerKey(payees) {
			d.happen(k+1, lane.Verified{Conn: lane.Conn(k + 1), Pos: s * piece, Bytes: piece})
			p, ok := d.last(k + 1).(wire.Pay)
			if !ok {
				t.Fatalf("payee %d was told %+v", k+1, d.last(k+1))
			}
			if err := d.take(t.Context(), d.now, entry{k + 1, arrived{encode(wire.Ack{Cumulative: p.Cumulative}), 0}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.tick(t.Context(), d.now); err != nil {
			t.Fatal(err)
		}
	}
	share = (processor(t) - before).Seconds() / seconds
	promises := 0
	for _, said := range d.said {
		for _, m := range said {
			if m.Type() == wire.TypePay {
				promises++
			}
		}
	}
	if promises < payees*(seconds-1) {
		t.Errorf("%d promises", promises)
	}
	return share
}
