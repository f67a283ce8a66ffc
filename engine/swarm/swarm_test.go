package swarm

import (
	"testing"
	"time"
)

func TestParseInfoHash(t *testing.T) {
	const s = "0123456789abcdef0123456789ABCDEF01234567"
	h, err := ParseInfoHash(s)
	if err != nil || h.String() != "0123456789abcdef0123456789abcdef01234567" || h.IsZero() {
		t.Fatalf("%v, %v", h, err)
	}
	for _, bad := range []string{"", s[1:], s + "0", "g" + s[1:]} {
		if h, err := ParseInfoHash(bad); err == nil || !h.IsZero() {
			t.Errorf("%q is read as %v", bad, h)
		}
	}
}

func TestCopies(t *testing.T) {
	for want, avail := range map[float64][]uint16{0: nil, 2: {2, 2}, 1.5: {1, 3}, 0.75: {0, 1, 1, 9}} {
		if got := Copies(avail); got != want {
			t.Errorf("%v has %v copies, want %v", avail, got, want)
		}
	}
}

func TestTorrentFigures(t *testing.T) {
	r := Torrent{Size: 100, Wanted: 80, Completed: 60, Down: 10, Downloaded: 50, Uploaded: 75}
	if eta, ok := r.ETA(); !ok || eta != 2*time.Second {
		t.Errorf("ETA %v, %v", eta, ok)
	}
	if r.Remaining() != 20 || r.Complete() || r.Ratio() != 1500 {
		t.Errorf("remaining %d, complete %v, ratio %d", r.Remaining(), r.Complete(), r.Ratio())
	}
	r.Completed, r.Downloaded = 80, 0
	if _, ok := r.ETA(); ok || !r.Complete() || r.Ratio() != 937 {
		t.Errorf("complete: %v, ratio %d", r.Complete(), r.Ratio())
	}
	if (&Torrent{}).Complete() {
		t.Error("a torrent without metadata is complete")
	}
}

func TestNames(t *testing.T) {
	for s := Stopped; s <= Moving; s++ {
		if s.String() == "unknown" {
			t.Errorf("state %d has no name", s)
		}
	}
	if (Moving+1).String() != "unknown" || Paid.String() != "paid" || (Paid+1).String() != "unknown" {
		t.Error("a value out of range has a name")
	}
}
