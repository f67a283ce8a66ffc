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
func processor(t *testing.T) time.Duration {
	t.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// TestTwelvePayees pays twelve payees for a MiB a second each, which is 100 Mbit/s, in
// pieces of 256 KiB, for a minute: what recording, signing and saying takes of a
// processor is at most a hundredth. The least of three runs counts: what else the
// machine does makes each dearer.
func TestTwelvePayees(t *testing.T) {
	least := 1.0
	for range 3 {
		if least = min(least, payTwelve(t)); least <= 0.01 {
			return
		}
	}
	t.Errorf("%.2f %% of a processor", 100*least)
}

// payTwelve returns the part of a processor that it took.
func payTwelve(t *testing.T) (share float64) {
	t.Helper()
	const payees, seconds, pieces = 12, 60, 4
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
			for n := range int64(pieces) {
				d.happen(k+1, lane.Verified{Conn: lane.Conn(k + 1), Pos: (s*pieces + n) * testPiece, Bytes: testPiece})
			}
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
	t.Logf("%d promises in %d s take %.2f %% of a processor", promises, seconds, 100*share)
	if promises < payees*(seconds-1) {
		t.Errorf("%d promises", promises)
	}
	return share
}
