package view

import (
	"encoding/hex"

	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// Bars is what a chart of pairs of bars draws: what came above a line, what went
// below it. Heights are parts of the half that is theirs, 0..1. The zero value draws
// nothing.
type Bars struct {
	Up, Down []float64 // of the same length, oldest first
	Split    float64   // height of the upper half, 0..1
	YLabels  [3]string // at the upper edge, the line, and the lower edge
	XLabels  []string  // from the left, evenly spaced
	UpLabel  string    // of the legend
	DnLabel  string
	Note     string // in the middle; "" = none
}

// DayBars draws what was earned and spent on each day.
func DayBars(f *Format, w *Turnover) Bars {
	b := Bars{UpLabel: f.T("pay.earned"), DnLabel: f.T("pay.spent"), Split: 0.5}
	var up, down btt.Amount
	for _, d := range w.Days {
		up, down = max(up, d.Earned), max(down, d.Spent)
	}
	if up == 0 && down == 0 {
		b.Note = f.T("pay.noDays")
		return b
	}
	top, bottom := 2*niceAmount(max(up, 1)), 2*niceAmount(max(down, 1))
	switch {
	case down == 0:
		b.Split, bottom = 1, 1
	case up == 0:
		b.Split, top = 0, 1
	default: // one scale for both, so that they can be compared
		whole := float64(top) + float64(bottom)
		b.Split = min(0.8, max(0.2, float64(top)/whole))
	}
	for _, d := range w.Days {
		b.Up = append(b.Up, part(d.Earned, top))
		b.Down = append(b.Down, part(d.Spent, bottom))
	}
	b.YLabels = [3]string{"", "0", ""}
	if up > 0 {
		b.YLabels[0] = "+" + f.Digits(top)
	}
	if down > 0 {
		b.YLabels[2] = "-" + f.Digits(bottom)
	}
	for i := range 4 {
		if n := len(w.Days) - 1; n > 0 {
			b.XLabels = append(b.XLabels, f.day(w.Days[n*i/3]))
		}
	}
	return b
}

func part(a, whole btt.Amount) float64 {
	if a <= 0 || whole <= 0 {
		return 0
	}
	return min(1, float64(a)/float64(whole))
}

// day writes a day without its time.
func (f *Format) day(d DayFlow) string {
	t := d.Day
	if f.lang == "de" {
		return t.Format("2.1.")
	}
	return t.Format("Jan 2")
}

// Shares lists who earned and cost most in the days of the chart. name names a
// torrent; one that is gone keeps the beginning of its infohash.
func (f *Format) Shares(w *Turnover, name func(swarm.InfoHash) string) []FactGroup {
	group := func(key string, all []ShareFlow, word func(string) string) FactGroup {
		g := FactGroup{Title: f.T(key)}
		for _, s := range all {
			if len(g.Facts) < 4 {
				g.Facts = append(g.Facts, Fact{Label: word(s.Key), Value: f.flowWords(s.Flow), Span: FactColumns})
			}
		}
		if len(g.Facts) == 0 {
			g.Facts = []Fact{{Label: f.T("pay.nobody"), Span: FactColumns}}
		}
		return g
	}
	torrent := func(key string) string {
		var ih swarm.InfoHash
		if b, err := hex.DecodeString(key); err == nil && len(b) == len(ih) {
			copy(ih[:], b)
			if n := name(ih); n != "" {
				return clip(n, 26)
			}
		}
		return clip(key, 10)
	}
	return []FactGroup{
		{f.T("pay.sofar"), []Fact{{Label: f.T("pay.today"), Value: f.flowWords(w.Today), Span: FactColumns}, {Label: f.T("pay.week"), Value: f.flowWords(w.Week), Span: FactColumns}}},
		group("pay.byTorrent", w.Torrents, torrent),
		group("pay.byPeer", w.Peers, func(key string) string { return clip(key, 12) }),
	}
}

// clip shortens a text to n characters.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
