package widgets

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"

	"swarmbid/ui/view"
)

func auction() *view.Auction {
	return &view.Auction{
		Title: "a title", Tone: view.Giving, Free: 0.2, Reserve: 0.25, YLabels: []string{"0", "1", "2"}, XLabels: [2]string{"left", "right"},
		Legend: []view.AuctionKey{{Mark: view.MarkPays, Text: "pays"}, {Mark: view.MarkReserve, Text: "reserve"}},
		Bars: []view.AuctionBar{
			{Row: view.MarketKey{Peer: 1}, Label: "one", Width: 0.5, Bid: 0.8, Price: 0.4},
			{Row: view.MarketKey{Peer: 2}, Label: "two", Width: 0.1, Bid: 0.6, Price: 0.6},
			{Kind: view.Elsewhere, Width: 0.1, Label: "elsewhere"},
			{Row: view.MarketKey{Peer: 3}, Kind: view.ForFree, Right: true, Width: 0.2, Label: "three"},
			{Row: view.MarketKey{Peer: 4}, Kind: view.Waiting, Bid: 0.5, Label: "four"},
		},
	}
}

// TestAuctionBars: the picture has each bar where and as high as it is said.
func TestAuctionBars(t *testing.T) {
	a := NewAuction()
	window(t, a, 600, 250)
	a.SetChart(auction())
	_, size := a.plot(a.Size())
	w, h := int(size.Width), 100
	m := a.draw(w, h)
	p := colorsOf()
	link := a.link(size.Width)
	x := func(part float32) int { return int(part * link) }
	for _, c := range []struct {
		name string
		x, y int
		want any
	}{
		{"above the bid", x(0.25), 15, p.paper},
		{"between price and bid", x(0.25), 40, p.bar[view.Giving]},
		{"the line of the price", x(0.25), 60, p.tone[view.Giving]},
		{"below the price", x(0.25), 90, mix(p.bar[view.Giving], p.tone[view.Giving], 110)},
		{"the free share", x(0.9), 10, p.trough},
		{"who pays nothing", x(0.9), 90, p.bar[view.Resting]},
		{"what is idle", x(0.75), 90, p.paper},
		{"the edge of a bid that waits", int(link + 8), 70, p.dim},
		{"the inside of a bid that waits", int(link+8) + 2, 70, p.paper},
	} {
		if got := at(m, c.x, c.y); got != c.want {
			t.Errorf("%s at %d,%d: %v, want %v", c.name, c.x, c.y, got, c.want)
		}
	}
	dashes := 0
	for i := range x(0.6) {
		if at(m, i, 75) == p.tone[view.Working] {
			dashes++
		}
	}
	if dashes < x(0.6)/3 || dashes > x(0.6)*2/3 {
		t.Errorf("%d of %d pixels of the reserve price", dashes, x(0.6))
	}
	a.SetChart(nil)
	if m := a.draw(w, h); at(m, w/2, h-1) != p.paper || a.Title() != "" {
		t.Error("nothing is drawn as something")
	}
	a.draw(1, 1)
}

func TestAuctionTap(t *testing.T) {
	a := NewAuction()
	window(t, a, 600, 250)
	a.SetChart(auction())
	pos, size := a.plot(a.Size())
	tap := func(x float32) { a.Tapped(&fyne.PointEvent{Position: fyne.NewPos(pos.X+x, 60)}) }
	tap(5) // nobody listens
	var got []string
	a.OnTap = func(k view.MarketKey) { got = append(got, fmt.Sprint(k.Peer)) }
	link := a.link(size.Width)
	for _, part := range []float32{0.1, 0.55, 0.65, 0.75, 0.95} { // the third is elsewhere, the fourth idle
		tap(part * link)
	}
	tap(link + 9)
	tap(-20)
	if s := strings.Join(got, " "); s != "1 2 3 4" {
		t.Errorf("tapped %s", s)
	}
}

// TestAuctionTexts: what has no room is left out, never drawn over a neighbour.
func TestAuctionTexts(t *testing.T) {
	a := NewAuction()
	w := window(t, a, 700, 250)
	a.SetChart(auction())
	if a.legend[1].Hidden || a.names[0].Hidden || a.names[0].Text != "one" || a.yText[2].Text != "2" || a.xText[1].Text != "right" {
		t.Error("there is room and a text is missing")
	}
	w.Resize(fyne.NewSize(200, 120))
	a.Resize(fyne.NewSize(120, 90))
	c := auction()
	c.Title = strings.Repeat("long ", 40)
	c.Note = "note"
	a.SetChart(c)
	if !a.legend[1].Hidden || !strings.HasSuffix(a.Title(), "…") || !a.names[1].Hidden {
		t.Errorf("there is no room for %q", a.Title())
	}
	if a.note.Text != "note" {
		t.Errorf("note %q", a.note.Text)
	}
	w.Canvas().Capture()
}

// TestAuctionSpans: bars never cross, whatever they are said to be, and stay on
// the plot.
func TestAuctionSpans(t *testing.T) {
	a := NewAuction()
	rapid.Check(t, func(t *rapid.T) {
		var c view.Auction
		for range rapid.IntRange(0, 30).Draw(t, "bars") {
			c.Bars = append(c.Bars, view.AuctionBar{
				Kind: view.BarKind(rapid.IntRange(0, 3).Draw(t, "kind")), Right: rapid.Bool().Draw(t, "right"), Width: rapid.Float64Range(0, 0.5).Draw(t, "width"),
			})
		}
		a.chart = c
		w := float32(rapid.IntRange(20, 900).Draw(t, "w"))
		var left, right float32 = 0, a.link(w)
		for i, s := range a.spans(w) {
			switch {
			case c.Bars[i].Kind == view.Waiting:
				if s.left < a.link(w) {
					t.Fatalf("bar %d of a bid that waits is on the link", i)
				}
				continue
			case c.Bars[i].Right:
				if s.right > right {
					t.Fatalf("bar %d crosses the one at its right", i)
				}
				right = s.left
			default:
				if s.left < left {
					t.Fatalf("bar %d crosses the one at its left", i)
				}
				left = s.right
			}
			if s.right < s.left {
				t.Fatalf("bar %d is inside out", i)
			}
		}
		if left > right+0.01 {
			t.Fatalf("both sides meet at %v and %v", left, right)
		}
	})
}
