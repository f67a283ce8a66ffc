package sim

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"swarmbid/bidding"
)

// entry is a rule of the tables.
type entry struct {
	name  string
	rule  Rule
	alone Rule // for markets: without a free tier
	slots int  // in markets
}

func entries() []entry {
	return []entry{
		{"byte rate, displaced bids (ours)", bidding.Allocate, Auction, 0},
		{"white paper, 4 slots", Slots, Slots, 4},
		{"white paper, 8 slots", Slots, Slots, 8},
		{"proportional share", Proportional, Proportional, 0},
	}
}

// Lies is how a rule stands against lies in many markets.
type Lies struct {
	Welfare float64 // mean part of the best
	Shading Gains
	Three   Gains // three names
	Eight   Gains // eight names
}

// Gains is what lying gained.
type Gains struct {
	Draws float64 // part of the markets in which somebody gained more than a hundredth
	Most  float64 // the largest gain of one bidder, as a part of what all gain together
}

func (g *Gains) add(gain float64, of int) {
	g.Most = max(g.Most, gain)
	if gain > 0.01 {
		g.Draws += 1 / float64(of)
	}
}

// Measure draws markets of 12 bidders and lies in each.
func Measure(rule Rule, markets, slots int) Lies {
	var l Lies
	for seed := range uint64(markets) {
		m := NewMarket(seed, 12, slots)
		l.Welfare += m.Welfare(rule) / float64(markets)
		l.Shading.add(m.Shading(rule, seed), markets)
		l.Three.add(m.Identities(rule, 3, seed), markets)
		l.Eight.add(m.Identities(rule, 8, seed), markets)
	}
	return l
}

// Table prints how the rules compare: in many markets, at one seed, in a swarm.
func Table(w io.Writer, markets int, peers int, d time.Duration) error {
	t := newSheet(w)
	t.print("One provider, 12 bidders, %d markets\tof the best\tshading gains\tthe most\t3 names gain\tthe most\t8 names gain\tthe most\t\n", markets)
	for _, e := range entries() {
		l := Measure(e.alone, markets, e.slots)
		t.print("%s\t%.3f\t%s%s%s\n", e.name, l.Welfare, l.Shading, l.Three, l.Eight)
	}
	c := DefaultCrush()
	t.print("\nA seed, %d payers want all of it, %d others\tfree, mean\tfree, least\tlongest wait\tgap, rounds\tJain\t\t\t\n", c.Payers, c.Free)
	for _, e := range entries() {
		c := c
		if e.slots > 0 {
			c.Policy.Slots = e.slots
		}
		r := c.Run(e.rule)
		t.print("%s\t%.3f\t%.3f\t%v\t%.2f\t%.3f\t\t\t\n", e.name, r.Mean, r.Worst, r.Wait, float64(r.Gap)/float64(c.Policy.Uplink*10), r.Jain)
	}
	if err := t.end(); err != nil {
		return err
	}
	return swarms(w, peers, d)
}

// String returns two cells of the table.
func (g Gains) String() string { return fmt.Sprintf("%.0f %%\t%.1f %%\t", 100*g.Draws, 100*g.Most) }

// swarms prints, for each rule, the speed of each strategy, what bidders pay for a
// MiB and what providers earn for a MiB of uplink beyond its cost, in BTT.
func swarms(w io.Writer, peers int, d time.Duration) error {
	t := newSheet(w)
	t.print("\nA swarm of %d, %v; speed by the honest\t", peers, d)
	for k := range strategies {
		t.print("%v\t", Strategy(k))
	}
	t.print("seeds' uplink\tstarved\tpayer pays\tshader pays\thonest earns\tliar earns\t\n")
	for _, e := range entries() {
		c := DefaultConfig()
		c.Rule, c.Peers, c.Seeds = e.rule, peers, peers/50
		if e.slots > 0 {
			c.Policy.Slots, c.Policy.TorrentSlots = e.slots, e.slots
		}
		s := New(c)
		s.Run(d)
		r := s.Report()
		t.print("%s\t", e.name)
		for _, g := range r.Groups {
			t.print("%.2f\t", g.Speed)
		}
		t.print("%.2f\t%v\t%.2f\t%.2f\t%.3f\t%.3f\t\n", r.Used, r.Groups[Honest].Starved,
			r.Groups[Payer].Price/1e6, r.Groups[Shader].Price/1e6, r.Groups[Honest].Profit/1e6, r.Groups[Liar].Profit/1e6)
	}
	return t.end()
}

// sheet writes columns and keeps the first error.
type sheet struct {
	w   *tabwriter.Writer
	err error
}

func newSheet(w io.Writer) *sheet {
	return &sheet{w: tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)}
}

func (s *sheet) print(format string, args ...any) {
	if _, err := fmt.Fprintf(s.w, format, args...); s.err == nil {
		s.err = err
	}
}

func (s *sheet) end() error {
	if err := s.w.Flush(); s.err == nil {
		s.err = err
	}
	return s.err
}
