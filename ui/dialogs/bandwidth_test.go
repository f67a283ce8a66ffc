package dialogs

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
)

// retype replaces the text of the field that has the focus.
func retype(h *Host, s string) {
	e := h.Canvas.Focused().(*Entry)
	e.SetText("")
	test.Type(e, s)
}

func TestBandwidthReserve(t *testing.T) {
	h := newHost(t)
	var got []swarm.Bandwidth
	open := func(now swarm.Bandwidth, private, caps bool) *Frame {
		return h.Bandwidth(BandwidthParams{Name: "t", Private: private, Now: now, Caps: caps, Done: func(b swarm.Bandwidth) { got = append(got, b) }})
	}
	// Who types a price wants one of his own.
	open(swarm.Bandwidth{}, false, false)
	retype(h, "1.2")
	press(h, fyne.KeyReturn)
	if len(got) != 1 || got[0] != (swarm.Bandwidth{OwnReserve: true, Reserve: 1171}) {
		t.Fatalf("%+v", got)
	}
	// Looking changes nothing, also where the text is rounder than the price.
	now := swarm.Bandwidth{OwnReserve: true, ByRarity: true, Reserve: 123_457, Mode: swarm.BidFast, MaxPrice: 98_765, MaxTotal: 1_234_567_891, AllowPrivate: true}
	open(now, true, true)
	press(h, fyne.KeyReturn)
	if len(got) != 1 {
		t.Fatalf("looking made %+v of it", got[1])
	}
	f := open(now, true, true)
	retype(h, "2,5") // not English
	press(h, fyne.KeyReturn)
	if f.Closed() || len(got) != 1 {
		t.Fatal("a price that cannot be read is taken")
	}
	retype(h, "-1")
	press(h, fyne.KeyReturn)
	if f.Closed() {
		t.Fatal("a negative price is taken")
	}
	retype(h, "2.5")
	press(h, fyne.KeyReturn)
	now.MaxPrice = 2441
	if len(got) != 2 || got[1] != now {
		t.Fatalf("%+v", got)
	}
	open(now, false, true)
	press(h, fyne.KeyEscape)
	if len(got) != 2 {
		t.Error("Escape saves")
	}
}

func TestBandwidthChoices(t *testing.T) {
	h := newHost(t)
	k := &keys{}
	for _, now := range []swarm.Bandwidth{{}, {OwnReserve: true}, {OwnReserve: true, ByRarity: true}, {Mode: swarm.BidEco, AllowPrivate: true}, {Mode: swarm.BidPaper}} {
		for _, private := range []bool{true, false} {
			tr := newTrade(h.Locale, k, BandwidthParams{Private: private, Now: now})
			if b, bad := tr.read(now); b != now || bad != nil {
				t.Errorf("%+v is read as %+v", now, b)
			}
		}
	}
	tr := newTrade(h.Locale, k, BandwidthParams{Private: true})
	tr.reserve.SetSelectedIndex(2)
	tr.price.SetText("3")
	tr.mode.SetSelectedIndex(3)
	tr.total.SetText("40")
	tr.private.SetChecked(true)
	if b, bad := tr.read(swarm.Bandwidth{}); bad != nil || b != (swarm.Bandwidth{OwnReserve: true, ByRarity: true, Reserve: 2929, Mode: swarm.BidBalanced, MaxTotal: 40_000_000, AllowPrivate: true}) {
		t.Errorf("%+v", b)
	}
	for _, e := range []*Entry{tr.price, tr.most, tr.total} {
		old := e.Text
		for _, s := range []string{"x", "-2", "99999999999999999999", "1,000"} {
			e.SetText(s)
			if _, bad := tr.read(swarm.Bandwidth{}); bad != e {
				t.Errorf("%q is taken", s)
			}
		}
		e.SetText(old)
	}
	tr.total.SetText("")
	if b, bad := tr.read(swarm.Bandwidth{}); bad != nil || b.MaxTotal != 0 {
		t.Error("an empty field is not 0")
	}
}

// TestMarketPrefs: amounts come back as they were typed, and a bad one is shown on
// its page.
func TestMarketPrefs(t *testing.T) {
	h := newHost(t)
	var got []Prefs
	now := values()
	now.BidMaxDay, now.Reserve = 7_654_321, 500_000
	open := func() *Frame {
		return h.Preferences(PrefsParams{Now: now, First: "market.pref.title", Save: func(p Prefs) error {
			got = append(got, p)
			return nil
		}})
	}
	f := open()
	if !f.prefs.bodies[pageNo("market.pref.title")].Visible() || f.prefs.bodies[0].Visible() {
		t.Fatal("the page of the market is not shown")
	}
	press(h, fyne.KeyReturn)
	if len(got) != 1 || got[0] != now {
		t.Fatalf("%+v", got)
	}
	f = open()
	f.prefs.search.SetText("highest bid")
	e := find[*Entry](f.prefs.found)
	e.SetText("a lot")
	press(h, fyne.KeyReturn)
	if f.Closed() || !strings.HasPrefix(f.prefs.wrong.Text, "Highest bid") || h.Canvas.Focused() != e || !f.prefs.bodies[pageNo("market.pref.title")].Visible() {
		t.Fatalf("%q", f.prefs.wrong.Text)
	}
	retype(h, "1.234567")
	press(h, fyne.KeyReturn)
	now.BidMaxPrice = 1_234_567
	if len(got) != 2 || got[1] != now {
		t.Errorf("%+v", got)
	}
}

// find returns the first T below an object.
func find[T fyne.CanvasObject](root fyne.CanvasObject) (found T) {
	for _, o := range test.LaidOutObjects(root) {
		if x, ok := o.(T); ok {
			return x
		}
	}
	return found
}

func TestConfirm(t *testing.T) {
	h := newHost(t)
	n := 0
	ask := func() { h.Confirm("title", view.Advice{What: "it may harm", Do: "sure?"}, "Allow", func() { n++ }) }
	ask()
	press(h, fyne.KeyEscape)
	ask()
	press(h, fyne.KeyReturn)
	if n != 1 {
		t.Errorf("done %d times", n)
	}
}
