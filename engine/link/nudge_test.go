package link

import (
	"testing"
	"time"

	"swarmbid/engine/peerwire"
)

// TestAnUnchokeWaitsAfterAChoke: clients built on the library stop asking when an
// unchoke comes right after the rejects.
func TestAnUnchokeWaitsAfterAChoke(t *testing.T) {
	for name, fast := range both() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{})
			peer, engine, l := r.pair(fast)
			unchoke(peer, engine, l)
			l.SetUnchoked(false)
			peer.expect(empty(peerwire.Choke))
			start := time.Now()
			l.SetUnchoked(true)
			peer.expect(empty(peerwire.Unchoke))
			if d := time.Since(start); fast != (d > restTime/2) {
				t.Errorf("unchoked after %v", d)
			}
		})
	}
}

// TestTheLibraryIsRemindedAfterRejects, once, unless it asked by itself.
func TestTheLibraryIsRemindedAfterRejects(t *testing.T) {
	r := newRig(t, Config{})
	peer, engine, _ := r.pair(true)
	ask := blk(peerwire.Request, 0, 0)
	suggest := peerwire.AppendIndex(nil, peerwire.Suggest, 0)
	reject := blk(peerwire.Reject, 0, 0)
	engine.send(empty(peerwire.Interested), ask)
	peer.expect(empty(peerwire.Interested), ask)
	peer.send(empty(peerwire.Choke), reject)
	engine.expect(empty(peerwire.Choke), reject)
	peer.send(empty(peerwire.Unchoke))
	engine.expect(empty(peerwire.Unchoke), suggest)
	engine.send(ask)
	peer.expect(ask)
	peer.send(reject)
	engine.expect(reject)
	engine.send(ask) // by itself: no reminder
	peer.expect(ask)
	late := time.After(2 * remindTime)
	select {
	case p := <-engine.in:
		t.Errorf("the library was shown %x", p)
	case <-late:
	}
}
