package sim

import (
	"fmt"
	"io"
	"math"
	"time"
)

// Setting is a kind of swarm in which strategies are set beside each other.
type Setting struct {
	Name   string
	Payers bool // some pay; else all barter
	View   int  // connections that a newcomer makes
}

// Settings are those of the bar on strategic clients: with payers and without, with
// many connections and with few.
func Settings() []Setting {
	return []Setting{{"barter", false, 30}, {"barter, 15 connections", false, 15}, {"payers", true, 30}, {"payers, 15 connections", true, 15}}
}

// Study is how the strategies fared in several swarms of one setting.
type Study struct {
	// Speed is by an honest client that sells nothing either: who sells its uplink
	// has money for it and less payload, and is not the measure of who does not.
	Speed    [strategies]float64
	Error    [strategies]float64 // standard error of Speed
	Rate     float64             // of the honest, in bytes per second
	Unearned float64             // see Group, of the honest
	Liar     float64             // what a lying provider earns by an honest one
}

// Run holds n swarms of c in this setting, the first with c's seed.
func (e Setting) Run(c Config, n int, d time.Duration) Study {
	if c.View, c.MaxLinks, c.Mix = e.View, e.View*8/3, BarterMix(); e.Payers {
		c.Mix = DefaultMix()
	}
	var out Study
	var sum, squares [strategies]float64
	honest, liar := 0.0, 0.0
	for range n {
		s := New(c)
		s.Run(d)
		r := s.Report()
		base := 1.0
		if e.Payers {
			base = r.Groups[Abstainer].Speed
		}
		for k, g := range r.Groups {
			v := g.Speed / max(base, 1e-9)
			sum[k], squares[k] = sum[k]+v, squares[k]+v*v
		}
		out.Rate += r.Groups[Honest].Rate / float64(n)
		out.Unearned += r.Groups[Honest].Unearned / float64(n)
		honest, liar = honest+r.Groups[Honest].Profit, liar+r.Groups[Liar].Profit
		c.Seed++
	}
	for k := range sum {
		m := sum[k] / float64(n)
		out.Speed[k], out.Error[k] = m, math.Sqrt(max(0, squares[k]/float64(n)-m*m)/max(1, float64(n-1)))
	}
	if honest > 0 {
		out.Liar = liar / honest
	}
	return out
}

// Strategic prints how clients fare that barter otherwise than honestly, in n swarms
// of each setting. Unearned is the part of an honest client's payload for which it
// gave nothing: so much a client gets as often as it has more connections.
func Strategic(w io.Writer, n, peers int, d time.Duration) error {
	t := newSheet(w)
	t.print("\n%d swarms of %d, %v; speed by the honest that sell nothing\t", n, peers, d)
	shown := []Strategy{FreeRider, LargeView, Tyrant, Crowd, Honest}
	for _, k := range shown {
		t.print("%v\t", k)
	}
	t.print("honest, KiB/s\tunearned\tliar earns\t\n")
	for _, e := range Settings() {
		c := DefaultConfig()
		c.Peers, c.Seeds = peers, peers/50
		r := e.Run(c, n, d)
		t.print("%s\t", e.Name)
		for _, k := range shown {
			if r.Speed[k] == 0 {
				t.print("–\t")
				continue
			}
			t.print("%.2f ± %.2f\t", r.Speed[k], r.Error[k])
		}
		liar := "–"
		if e.Payers {
			liar = fmt.Sprintf("× %.2f", r.Liar)
		}
		t.print("%.0f\t%.2f\t%s\t\n", r.Rate/1024, r.Unearned, liar)
	}
	return t.end()
}
