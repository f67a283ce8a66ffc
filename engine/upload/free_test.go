package upload

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestOverheadCounts: with the switch on, all that leaves is within the limit, headers
// by estimate; without it payload alone.
func TestOverheadCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 1 << 20
		s := newStage(t, Config{Limit: limit})
		for range 3 {
			s.join(hashA, &fake{pipeline: 32, fast: true})
		}
		s.grant(1, 1, 1)
		s.got(2 * time.Second)
		all := func() int64 {
			a := s.links.Traffic()
			<-time.After(20 * time.Second)
			b := s.links.Traffic()
			return b.Out + b.OverOut - a.Out - a.OverOut
		}
		_, payload := s.got(20 * time.Second)
		within(t, "payload alone", payload, 20*limit, 0.01)
		s.up.SetCountOverhead(true)
		s.got(2 * time.Second)
		within(t, "all bytes", all(), 20*limit, 0.01)
		_, payload = s.got(20 * time.Second)
		if part := float64(payload) / (20 * limit); part > 0.98 || part < 0.95 {
			t.Errorf("payload is %.2f %% of the limit", 100*part)
		}
		s.up.SetCountOverhead(false)
		s.got(time.Second)
		_, payload = s.got(20 * time.Second)
		within(t, "payload alone again", payload, 20*limit, 0.01)
	})
}

// TestFreePeers: peers that the session's limit does not hold for have what they ask
// for, as far as their torrent's limit allows, and leave the limit to the others.
func TestFreePeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 200 << 10
		s := newStage(t, Config{Limit: limit})
		s.join(hashA, &fake{pipeline: 32, fast: true, addr: "192.168.1.7:6881"})
		s.join(hashB, &fake{pipeline: 32, fast: true})
		s.links.SetFree(true, false)
		s.up.FreeChanged()
		s.up.SetTorrentLimit(hashA, 3<<20)
		s.grant(1, 1)
		s.got(2 * time.Second)
		each, _ := s.got(20 * time.Second)
		within(t, "the free one, by its torrent's limit", each[0], 20*3<<20, 0.02)
		within(t, "the other", each[1], 20*limit, 0.02)
		s.links.SetFree(false, false)
		s.up.FreeChanged()
		s.got(2 * time.Second)
		each, _ = s.got(20 * time.Second)
		within(t, "no longer free", each[0], 10*limit, 0.02)
		within(t, "beside it", each[1], 10*limit, 0.02)
	})
}
