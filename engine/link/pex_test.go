package link

import (
	"testing"

	"swarmbid/engine/peerwire"
)

// TestPexOff: neither side sees the other's peers while exchange is off for the
// torrent, and both do when it is on again.
func TestPexOff(t *testing.T) {
	r := newRig(t, Config{})
	peer, engine, l := r.pair(true)
	ours := peerwire.AppendExtended(nil, 0, []byte("d1:md11:ut_metadatai1e6:ut_pexi2eee"))
	engine.send(ours)
	peer.expect(ours)
	theirs := peerwire.AppendExtended(nil, 0, []byte("d1:md6:ut_pexi7eee"))
	peer.send(theirs)
	engine.expect(theirs)
	in, out := peerwire.AppendExtended(nil, 2, []byte("d5:added0:e")), peerwire.AppendExtended(nil, 7, []byte("d5:added0:e"))

	r.SetPex(l.InfoHash(), false)
	engine.send(out, empty(peerwire.Interested))
	peer.expect(empty(peerwire.Interested))
	peer.send(in, empty(peerwire.Interested))
	engine.expect(empty(peerwire.Interested))

	r.SetPex(l.InfoHash(), true)
	engine.send(out)
	peer.expect(out)
	peer.send(in)
	engine.expect(in) // not too early: none of the dropped ones counted
}
