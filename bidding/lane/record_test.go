package lane

import (
	"testing"
	"time"
)

// TestRemembered: whatever is verified under a price is recorded in the same step, with
// a promise or without one, so that a payer that dies forgets nothing that it owes.
func TestRemembered(t *testing.T) {
	p, now := NewPayer(testKey(), Book{}), epoch
	var out []Effect
	do := func(e Event) { p, out = p.Step(now, e) }
	do(Allowed{Amount: maxSum})
	do(Opened{Conn: 1, Torrent: Torrent{}, Piece: 64 << 10})
	do(Offer{1, Bid{Price: 100, Most: maxSum}})
	do(Heard{1, Quote{Price: 100, Number: 1, Increment: 1}, 0})
	for i := range int64(100) {
		now = now.Add(100 * time.Millisecond)
		do(Verified{Conn: 1, Pos: i * 64 << 10, Bytes: 64 << 10})
		recorded := int64(-1)
		for _, e := range out {
			if r, ok := e.(Record); ok {
				recorded = r.Book.Bytes
			}
		}
		if want := (i + 1) * 64 << 10; recorded != want {
			t.Fatalf("after piece %d: %d of %d bytes are recorded", i, recorded, want)
		}
	}
}
