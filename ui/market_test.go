package ui_test

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
)

// sentence returns the last column of a row of the Market tab.
func (s *stage) sentence(row int) string {
	m := s.UI.Trades().Model()
	var c view.Cell
	m.Cell(row, m.Column("why"), &c)
	return c.Text
}

func (s *stage) trade(name string) swarm.Bandwidth {
	s.t.Helper()
	b, err := s.Engine.Bandwidth(s.t.Context(), s.torrent(name).InfoHash)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// moneyShown returns which of the money columns the list shows.
func (s *stage) moneyShown() (n int) {
	for _, c := range s.UI.List().Columns() {
		if (c.ID == "earning" || c.ID == "spending") && !c.Hidden {
			n++
		}
	}
	return n
}

// TestMarketIsOff: nothing is pretended; the tab says so, offers the switch, and
// shows who is served all the same.
func TestMarketIsOff(t *testing.T) {
	s := newStage(t, "en", "light")
	s.choose("Sintel")
	s.run("tab-market")
	if got := s.UI.MarketNotice(); got != "Nobody bids here: the market is off" {
		t.Errorf("notice %q", got)
	}
	if s.UI.Trades().Model().Len() == 0 || !strings.HasPrefix(s.sentence(0), "Served") {
		t.Error("who is served is not shown while the market is off")
	}
	if s.moneyShown() != 0 {
		t.Error("money columns are shown")
	}
	s.run("market-preferences")
	s.mustDialog("Preferences")
	s.key(fyne.KeyEscape)
	s.Settings.Values.Market = true
	s.run("preferences")
	s.key(fyne.KeyReturn)
	if got := s.UI.MarketNotice(); !strings.Contains(got, "need the wallet") {
		t.Errorf("notice %q", got)
	}
}

// TestMoneyColumnsFollowTheMarket: they come and go with it, and what the user
// then chooses stays.
func TestMoneyColumnsFollowTheMarket(t *testing.T) {
	s := newStage(t, "en", "light")
	turn := func(on bool) {
		s.Settings.Values.Market = on
		s.run("preferences")
		s.key(fyne.KeyReturn)
	}
	turn(true)
	if s.moneyShown() != 2 {
		t.Fatalf("%d money columns when it is on", s.moneyShown())
	}
	s.pick("columns", "Spending")
	turn(true)
	if s.moneyShown() != 1 {
		t.Error("a hidden column comes back")
	}
	turn(false)
	if s.moneyShown() != 0 {
		t.Error("they stay when it is off")
	}
}

func TestMarketTab(t *testing.T) {
	s := newStage(t, "en", "light")
	s.Engine.OpenMarket()
	s.Settings.Values.Market = true
	s.choose("ubuntu")
	s.run("tab-market")
	selling, buying := s.UI.Charts()
	if !selling.Visible() || buying.Visible() || s.UI.MarketNotice() != "" {
		t.Errorf("selling %v, buying %v, notice %q", selling.Visible(), buying.Visible(), s.UI.MarketNotice())
	}
	if !strings.HasPrefix(selling.Title(), "Uplink 8.") || s.sentence(0) != "Its bid won: it gets all that it can take." {
		t.Errorf("%q, %q", selling.Title(), s.sentence(0))
	}
	selling.OnTap(s.UI.Trades().Model().Key(2))
	s.settle()
	if got := s.UI.Trades().Selection(); len(got) != 1 || got[0] != s.UI.Trades().Model().Key(2) {
		t.Errorf("tapping a bar selects %v", got)
	}
	if got := selling.Title(); got != "198.51.100.48: Its bid won what higher bids have left." {
		t.Errorf("title %q", got)
	}
	s.pick("market", "Copy Addresses")
	if got := fyne.CurrentApp().Clipboard().Content(); got != "198.51.100.48:50212" {
		t.Errorf("copied %q", got)
	}
	s.choose("debian")
	if s.UI.Trades().SelectedCount() != 0 || !buying.Visible() || !strings.HasPrefix(buying.Title(), "About 3.1 × faster for about 120 BTT") {
		t.Errorf("%d selected, %q", s.UI.Trades().SelectedCount(), buying.Title())
	}
	if s.sentence(0) != "Your bid won: it serves you at this price." {
		t.Errorf("%q", s.sentence(0))
	}
	s.choose("Project")
	if got := s.UI.MarketNotice(); !strings.HasPrefix(got, "This torrent is private") || selling.Visible() {
		t.Errorf("notice %q", got)
	}
	s.choose("Fedora")
	if got := s.UI.MarketNotice(); got != "Nobody bids here at the moment" {
		t.Errorf("notice %q", got)
	}
}

func TestBandwidthMenu(t *testing.T) {
	s := newStage(t, "en", "light")
	s.Engine.OpenMarket()
	s.choose("debian", "Sintel")
	if it := item(s.UI.AllMenus()["torrent"], "Reserve Price…"); it == nil || !it.Disabled {
		t.Error("the price of two torrents is one")
	}
	s.pick("torrent", "Eco: ¼ of the highest bid")
	if s.trade("debian").Mode != swarm.BidEco || s.trade("Sintel").Mode != swarm.BidEco || s.trade("arch").Mode != swarm.BidAsSession {
		t.Error("the mode is not that of the two")
	}
	s.choose("Sintel")
	s.pick("torrent", "Reserve Price…")
	s.mustDialog("Bandwidth")
	s.write("0.5")
	s.key(fyne.KeyReturn)
	if got := s.trade("Sintel"); got != (swarm.Bandwidth{OwnReserve: true, Reserve: 488, Mode: swarm.BidEco}) {
		t.Errorf("%+v", got)
	}
	s.pick("market", "Caps on Bids…")
	s.write("2")
	s.key(fyne.KeyReturn)
	if got := s.trade("Sintel"); got.MaxPrice != 1953 || got.Reserve != 488 {
		t.Errorf("%+v", got)
	}
	if it := item(s.UI.AllMenus()["torrent"], "Eco: ¼ of the highest bid"); !it.Checked {
		t.Error("the mode is not ticked")
	}
	s.pick("torrent", "Limits…")
	s.mustDialog("Properties")
	s.key(fyne.KeyEscape)
	if item(s.UI.AllMenus()["torrent"], "Allow Bids although Private") != nil {
		t.Error("a public torrent is offered what is for private ones")
	}
}

// TestPrivateIsAsked: bids for a private torrent need a yes to a warning.
func TestPrivateIsAsked(t *testing.T) {
	s := newStage(t, "en", "light")
	s.Engine.OpenMarket()
	s.choose("Project")
	const label = "Allow Bids although Private"
	s.pick("torrent", label)
	s.mustDialog(label)
	s.key(fyne.KeyEscape)
	if s.trade("Project").AllowPrivate {
		t.Fatal("Escape allows it")
	}
	s.pick("torrent", label)
	s.key(fyne.KeyReturn)
	if !s.trade("Project").AllowPrivate || !item(s.UI.AllMenus()["torrent"], label).Checked {
		t.Fatal("it is not allowed")
	}
	s.pick("torrent", label)
	if s.dialog() != nil || s.trade("Project").AllowPrivate {
		t.Error("taking it back asks, or does not work")
	}
	if calls := s.Engine.Calls(); !slices.Contains(calls, "bandwidth 1") {
		t.Errorf("%v", calls)
	}
}
