package engine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

// needsPrograms leaves a test out of `make unit`.
func needsPrograms(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs other BitTorrent programs")
	}
}

// others are the ordinary clients of the bars.
func others() []lab.Program {
	var out []lab.Program
	for _, p := range lab.Programs() {
		if p.Name == "libtorrent" || p.Name == "aria2" || p.Name == "transmission" {
			out = append(out, p)
		}
	}
	return out
}

// ordinary starts another program.
func ordinary(t *testing.T, p lab.Program, o lab.Options) lab.Client {
	t.Helper()
	o.Dir = t.TempDir()
	c, err := p.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("%s: close: %v", c.Name(), err)
		}
		if t.Failed() {
			t.Logf("%s:\n%s", c.Name(), lab.Tail(c.Log(), 20))
		}
	})
	return c
}

// meet has another program load p from s, or s from it.
func meet(t *testing.T, s *session, kind lab.Program, c lab.Client, p *lab.Payload) {
	t.Helper()
	if err := c.Add(t.Context(), p.File, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	until(t, c.Name()+" knows the torrent", func() bool {
		g, err := c.Progress(t.Context(), p.InfoHash)
		return err == nil && !strings.Contains(g.State, "check")
	})
	joinOther(t, s, kind, c, p)
}

// joinOther connects s and another program, again and again until they are.
func joinOther(t *testing.T, s *session, kind lab.Program, c lab.Client, p *lab.Payload) {
	t.Helper()
	var told time.Time
	until(t, c.Name()+" is connected", func() bool {
		for _, l := range s.links.All() {
			if strings.Contains(strings.ToLower(clientName(l)), kind.Name) {
				return true
			}
		}
		if time.Since(told) > 2*time.Second {
			told = time.Now()
			if kind.Dials {
				_ = c.AddPeer(t.Context(), p.InfoHash, mustAddr(s.addr()))
			} else {
				_ = s.AddPeer(t.Context(), p.InfoHash, c.Addr().String())
			}
		}
		return false
	})
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}
