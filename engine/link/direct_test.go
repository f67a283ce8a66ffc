package link

import (
	"bytes"
	"testing"

	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// TestDirect serves a peer that the library chokes: by SetDirect it is unchoked and
// gets its blocks from Config.Serve, and not a peer beside it. When that ends it is
// choked, and when the library chokes meanwhile nothing happens to it.
func TestDirect(t *testing.T) {
	for name, fast := range both() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{Serve: func(_ swarm.InfoHash, _, _ uint32, buf []byte) error {
				copy(buf, bytes.Repeat([]byte{0xab}, len(buf)))
				return nil
			}})
			peer, engine, l := r.pair(fast)
			l.SetUnchoked(true)
			l.SetDirect(true)
			if !fast {
				// Without the fast extension the library's choke would be the last
				// word on what it was asked: nothing changes.
				if l.Stats().Unchoked {
					t.Error("unchoked")
				}
				return
			}
			peer.expect(empty(peerwire.Unchoke))
			engine.send(empty(peerwire.Choke)) // of the library
			peer.send(blk(peerwire.Request, 1, 0))
			until(t, "queued", func() bool { return l.Stats().QueuedRequests == 1 })
			l.Release()
			l.Push()
			peer.expect(pieceOf(1, 0, 16384))
			until(t, "booked", func() bool { s := l.Stats(); return s.DirectOut == 16384 && s.PayloadOut == 16384 })
			l.SetDirect(false)
			peer.expect(empty(peerwire.Choke))
			if s := l.Stats(); s.Unchoked || s.ReleasedBytes != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}
