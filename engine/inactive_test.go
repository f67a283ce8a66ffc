package engine

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
)

func TestInactive(t *testing.T) {
	now := time.Unix(10_000, 0)
	ago := func(seconds ...int) (out []time.Time) {
		for _, s := range seconds {
			at := now.Add(-time.Duration(s) * time.Second)
			if s < 0 {
				at = time.Time{}
			}
			out = append(out, at)
		}
		return out
	}
	for _, c := range []struct {
		last []time.Time
		n    int
		want []int
	}{
		{ago(1, 2, 3), 2, nil},
		{ago(59, 60, 61), 9, []int{2, 1}},
		{ago(100, 300, 200), 1, []int{1}},
		{ago(-1, 300), 2, []int{1}},
		{nil, 1, nil},
	} {
		if got := inactive(c.last, now, time.Minute, c.n); !slices.Equal(got, c.want) {
			t.Errorf("of %v: %v, want %v", c.last, got, c.want)
		}
	}
}

// TestInactivePeersMakeWay: where a torrent has as many connections as it may, the one
// without traffic goes and the one that loads stays; with room, or with the setting
// off, none goes.
func TestInactivePeersMakeWay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		most int
		drop time.Duration
		left int
	}{"full": {2, time.Second, 1}, "room": {3, time.Second, 2}, "off": {2, 0, 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := payload(t, 64<<20)
			cfg := testConfig(t, t.TempDir())
			cfg.MaxPeersPerTorrent, cfg.DropInactive, cfg.UpLimit, cfg.SubnetSlots = c.most, c.drop, 512<<10, 0
			a, b := run(t, cfg), run(t, testConfig(t, t.TempDir()))
			a.seed(p)
			b.add(swarm.Add{Source: swarm.Source{File: p.File}})
			connect(t, p.InfoHash, b, a)
			a.wait(p.InfoHash, "one loads", func(r *swarm.Torrent) bool { return r.Peers == 1 && r.Up > 0 })
			idle, err := lab.Dial(t.Context(), mustAddr(a.addr()), lab.Hello{InfoHash: p.InfoHash, PeerID: [20]byte(bytes.Repeat([]byte("i"), 20)), Reserved: lab.Reserved(true, true, false)})
			if err != nil {
				t.Fatal(err)
			}
			defer idle.Close()
			a.wait(p.InfoHash, "both are there", func(r *swarm.Torrent) bool { return r.Peers == 2 })
			began := time.Now()
			r := a.wait(p.InfoHash, "settled", func(r *swarm.Torrent) bool { return r.Peers == 1 || time.Since(began) > 7*time.Second })
			if r.Peers != c.left || r.Up == 0 {
				t.Errorf("%d peers are left, want %d; %d B/s", r.Peers, c.left, r.Up)
			}
		})
	}
}
